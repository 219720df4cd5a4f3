package app

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// entities follows the links from shows to their artists and venues.
func (c *client) entities(t *testing.T) {
	l := c.get("/api/v1/performances?limit=100&genre=musical")
	var shows struct {
		Data []struct {
			ID    string
			Venue struct{ ID, Name *string }
			Cast  []struct {
				Name     string
				ArtistID *string `json:"artist_id"`
			}
		}
	}
	must(t, json.Unmarshal([]byte(l.body), &shows))
	followed, spellings := 0, map[string]map[string]bool{}
	for _, p := range shows.Data {
		if p.Venue.ID != nil {
			if spellings[*p.Venue.ID] == nil {
				spellings[*p.Venue.ID] = map[string]bool{}
			}
			spellings[*p.Venue.ID][*p.Venue.Name] = true
		}
		if len(p.Cast) == 0 || p.Cast[0].ArtistID == nil || p.Venue.ID == nil || followed >= 5 {
			continue
		}
		followed++
		page := c.get("/p/" + p.ID).body
		for _, path := range []string{"/artists/" + *p.Cast[0].ArtistID, "/venues/" + *p.Venue.ID} {
			api, html := c.get("/api/v1"+path), c.get(path)
			if api.status != http.StatusOK || html.status != http.StatusOK || !strings.Contains(page, `href="`+path+`"`) {
				t.Errorf("%s: %d and %d", path, api.status, html.status)
			}
			if !strings.Contains(api.body, `"id":"`+p.ID+`"`) && !strings.Contains(api.body, `"next_cursor":"`) || !strings.Contains(html.body, `href="/p/`) {
				t.Errorf("%s does not list %s", path, p.ID)
			}
		}
	}
	several := 0
	for _, names := range spellings {
		if len(names) > 1 {
			several++
		}
	}
	if followed < 3 || several == 0 {
		t.Errorf("followed %d shows; %d venues with more than one spelling", followed, several)
	}
	for _, index := range []string{"/artists", "/venues", "/artists?initial=%E3%84%B1", "/venues?region=%EC%84%9C%EC%9A%B8"} {
		if a := c.get(index); a.status != http.StatusOK || strings.Count(a.body, "<li>") == 0 {
			t.Errorf("%s: %d", index, a.status)
		}
	}
}
