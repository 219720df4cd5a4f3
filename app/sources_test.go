package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/crawl"
)

// sources wants something of every source on the pages people see, each crawled over HTTP or through Chromium: offers and
// openings of the four sellers, matches with their teams, presales and discounts, halls with addresses.
func (c *client) sources(t *testing.T) {
	sellers := []string{"interpark", "yes24", "ticketlink", "melon"}
	missing := func() []string {
		var out []string
		for _, s := range sellers {
			if n := c.list("/api/v1/performances?limit=1&seller=" + s).Page.Total; n < 25 {
				out = append(out, fmt.Sprintf("%d shows at %s", n, s))
			}
			if n := c.list("/api/v1/openings?from=2015-01-01&seller=" + s).Page.Total; n < 5 {
				out = append(out, fmt.Sprintf("%d openings at %s", n, s))
			}
		}
		if !strings.Contains(c.get("/api/v1/performances?limit=100&seller=interpark").body, "조기예매") {
			out = append(out, "no discount at interpark")
		}
		if n := c.list("/api/v1/performances?limit=1&genre=sports").Page.Total; n != 21 {
			out = append(out, fmt.Sprintf("%d matches, want 21", n))
		}
		return out
	}
	for deadline := time.Now().Add(4 * time.Minute); len(missing()) > 0; time.Sleep(500 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after four minutes: %s", strings.Join(missing(), "; "))
		}
	}
	c.matches(t)
	discounts, confirmed := 0, map[string]bool{}
	for _, p := range c.everything("/api/v1/performances?sort=newest").Data {
		var full struct {
			Price  *struct{ Min, Max int } `json:"price"`
			Offers []struct {
				Seller string `json:"seller"`
				Prices []struct {
					Won   int     `json:"won"`
					Label *string `json:"label"`
				} `json:"prices"`
			} `json:"offers"`
		}
		decodeInto(t, c.get("/api/v1/performances/"+p.ID).body, &full)
		for _, o := range full.Offers {
			confirmed[o.Seller] = true
			for _, price := range o.Prices {
				if price.Label != nil && strings.Contains(*price.Label, "조기예매") {
					discounts++
					if full.Price == nil || full.Price.Min <= price.Won && full.Price.Min == price.Won {
						t.Errorf("%s: a discount of %d is taken for the lowest price", p.ID, price.Won)
					}
				}
			}
		}
	}
	if discounts == 0 {
		t.Error("no discount reached a show")
	}
	for _, s := range sellers {
		if !confirmed[s] {
			t.Errorf("no offer of %s", s)
		}
	}
}

// matches wants every fixture with its teams, its stadium's region, its opening and the presale before it.
func (c *client) matches(t *testing.T) {
	presales := 0
	for _, m := range c.list("/api/v1/performances?limit=100&genre=sports").Data {
		var full struct {
			Title   string `json:"title"`
			Fixture *struct{ Home, Away string }
			Venue   struct {
				Name   *string `json:"name"`
				Region *string `json:"region"`
			} `json:"venue"`
			Openings []struct {
				OpensAt  *time.Time `json:"opens_at"`
				Presales []struct {
					StartsAt *time.Time `json:"starts_at"`
				} `json:"presales"`
			} `json:"openings"`
		}
		decodeInto(t, c.get("/api/v1/performances/"+m.ID).body, &full)
		if full.Fixture == nil || full.Title != full.Fixture.Home+" vs "+full.Fixture.Away || full.Venue.Region == nil || len(full.Openings) != 1 || full.Openings[0].OpensAt == nil {
			t.Errorf("%+v", full)
			continue
		}
		for _, p := range full.Openings[0].Presales {
			if p.StartsAt == nil || !p.StartsAt.Before(*full.Openings[0].OpensAt) {
				t.Errorf("%s: presale %v, opening %v", full.Title, p.StartsAt, full.Openings[0].OpensAt)
			}
			presales++
		}
		if page := c.get("/p/" + url.PathEscape(m.ID)).body; !strings.Contains(page, full.Fixture.Home) || !strings.Contains(page, "선예매") {
			t.Errorf("the page of %s lacks its teams or its presale", full.Title)
		}
	}
	if presales != 21 {
		t.Errorf("%d presales, want one for each of 21 matches", presales)
	}
}

func decodeInto(t *testing.T, body string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), into); err != nil {
		t.Fatalf("%v: %.300s", err, body)
	}
}

// TestFruitlessCrawl: a crawl that was answered with nothing it could read has failed, a quiet one has not.
func TestFruitlessCrawl(t *testing.T) {
	t.Parallel()
	a := &App{sources: allSources()}
	for _, c := range []struct {
		name string
		p    crawl.Progress
		want string
	}{
		{"nothing changed", crawl.Progress{Asked: 3, Stored: 3, Unchanged: 40}, ""},
		{"nothing there", crawl.Progress{Asked: 3, Stored: 3}, ""},
		{"one page failed", crawl.Progress{Asked: 3, Stored: 2, Failed: 1}, ""},
		{"everything failed", crawl.Progress{Asked: 3, Failed: 3}, "3 × "},
		{"a wrong key", crawl.Progress{Asked: 5, Stored: 5, Unread: 5}, "sources.kopis.key"},
	} {
		c.p.Source = "kopis"
		err := a.fruitless(crawl.Report{Progress: c.p, Notes: []string{"3 × the source refused"}})
		if (err != nil) != (c.want != "") || err != nil && (!errors.Is(err, errFruitless) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
