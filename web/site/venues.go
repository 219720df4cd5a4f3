package site

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/search"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/moved"
)

type venuePage struct {
	Base
	V            ticket.Venue
	Kakao, Naver string // the maps
	Homepage     string
	Stage
	JSONLD map[string]any
}

func (h handlers) venue(c echo.Context) error {
	v, err := h.Entities.Venue(c.Param("id"))
	if err != nil {
		return err
	}
	if v.ID != c.Param("id") {
		return moved.To(c, "/venues/"+url.PathEscape(v.ID))
	}
	all, err := h.Search.Search(search.Query{Venue: v.ID, Sort: search.ByRun, WithEnded: true}, h.Now())
	if err != nil {
		return err
	}
	p := venuePage{Base: h.base(v.Name), V: v, Homepage: webAddress(v.Homepage)}
	p.Kakao, p.Naver = mapLinks(v)
	p.Canonical = "/venues/" + url.PathEscape(v.ID)
	p.Description = strings.TrimSpace(v.Name + " 공연 일정. " + v.Address)
	p.Stage = h.stage(c, p.Canonical, all.Items, nil)
	p.JSONLD = placeLD(v, p.Current)
	return c.Render(http.StatusOK, "venue", p)
}

var reBracketed = regexp.MustCompile(`\s*[(\[].*[)\]]\s*`)

// mapLinks are the addresses of the two maps people use: the very point where it is known, else a search for the name.
func mapLinks(v ticket.Venue) (kakao, naver string) {
	name := strings.TrimSpace(reBracketed.ReplaceAllString(v.Name, " "))
	if name == "" {
		name = v.Name
	}
	query := name
	if v.Region != "" && !strings.Contains(name, string(v.Region)) {
		query = string(v.Region) + " " + name
	}
	kakao = "https://map.kakao.com/link/search/" + url.PathEscape(query)
	if v.Lat != nil && v.Lng != nil {
		kakao = fmt.Sprintf("https://map.kakao.com/link/map/%s,%g,%g", url.PathEscape(strings.ReplaceAll(name, ",", " ")), *v.Lat, *v.Lng)
	}
	return kakao, "https://map.naver.com/p/search/" + url.PathEscape(query)
}

// webAddress is a homepage one can follow; "" for anything else.
func webAddress(s string) string {
	if s == "" || strings.ContainsAny(s, " \t") || !strings.Contains(s, ".") {
		return ""
	}
	if !strings.Contains(s, "://") {
		s = "http://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ""
	}
	return u.String()
}

// placeLD is a venue as search engines read one.
func placeLD(v ticket.Venue, current []Card) map[string]any {
	ld := map[string]any{"@context": "https://schema.org", "@type": "EventVenue", "name": v.Name}
	if len(v.Aliases) > 0 {
		ld["alternateName"] = v.Aliases
	}
	if v.Address != "" || v.Region != "" {
		ld["address"] = map[string]any{"@type": "PostalAddress", "addressCountry": "KR", "addressRegion": v.Region, "addressLocality": v.District, "streetAddress": v.Address}
	}
	if v.Lat != nil && v.Lng != nil {
		ld["geo"] = map[string]any{"@type": "GeoCoordinates", "latitude": *v.Lat, "longitude": *v.Lng}
	}
	if v.Seats > 0 {
		ld["maximumAttendeeCapacity"] = v.Seats
	}
	if v.Phone != "" {
		ld["telephone"] = v.Phone
	}
	if events := eventsLD(current); events != nil {
		ld["event"] = events
	}
	return ld
}
