package site

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/search"
	"ticketmoa/modules/ticket"
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
	id, values := c.Param("id"), only(c.QueryParams(), "page")
	return h.show(c, "venue", values, func(_ context.Context, now time.Time) (made, error) { return h.fillVenue(id, values, now) })
}

func (h handlers) fillVenue(id string, values url.Values, now time.Time) (made, error) {
	v, err := h.Entities.Venue(id)
	if err != nil {
		return made{}, err
	}
	if v.ID != id {
		return made{}, elsewhere("/venues/" + url.PathEscape(v.ID))
	}
	all, err := h.Search.Search(search.Query{Venue: v.ID, Sort: search.ByRun, WithEnded: true}, now)
	if err != nil {
		return made{}, err
	}
	p := venuePage{Base: h.base(v.Name), V: v, Homepage: webAddress(v.Homepage)}
	p.Kakao, p.Naver = mapLinks(v)
	p.Canonical = "/venues/" + url.PathEscape(v.ID)
	p.Description = strings.TrimSpace(v.Name + " 공연 일정. " + v.Address)
	p.Stage = stage(values, p.Canonical, all.Items, now, nil)
	p.JSONLD = placeLD(v, p.Current)
	return made{data: p}, nil
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
