package kopis

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

const (
	ahead  = 90 // days from today that are asked for
	window = 31 // the most days one question may span
)

// Start asks for every show on stage from today to ninety days ahead, in windows the API allows.
func (source) Start(now time.Time) []sellers.Request {
	var out []sellers.Request
	first := ticket.DateOf(now)
	for from := 0; from <= ahead; from += window {
		to := min(from+window-1, ahead)
		out = append(out, list(compact(first.AddDays(from)), compact(first.AddDays(to)), 1))
	}
	return out
}

func compact(d ticket.Date) string { return d.Time().Format("20060102") }

func list(from, to string, page int) sellers.Request {
	return sellers.Request{Kind: ticket.ListPage,
		URL: fmt.Sprintf("%s/pblprfr?stdate=%s&eddate=%s&cpage=%d&rows=%d", base, from, to, page, rows)}
}

func detail(code string) sellers.Request {
	return sellers.Request{Kind: ticket.DetailPage, Code: code, URL: base + "/pblprfr/" + url.PathEscape(code)}
}

func facility(code string) sellers.Request {
	return sellers.Request{Kind: ticket.FacilityPage, Code: code, URL: base + "/prfplc/" + url.PathEscape(code)}
}

// Follow asks for every show of a list, for the list's next page while a page is full, and for the facility of a show.
func (s source) Follow(p *ticket.Page) ([]sellers.Request, error) {
	if p.Kind == ticket.FacilityPage {
		return nil, nil
	}
	r, err := s.Parse(p)
	if err != nil {
		return nil, fmt.Errorf("follow %s: %w", p.URL, err)
	}
	var out []sellers.Request
	for _, show := range r.Shows {
		switch {
		case p.Kind == ticket.ListPage:
			out = append(out, detail(show.Code))
		case show.VenueCode != "":
			out = append(out, facility(show.VenueCode))
		}
	}
	if p.Kind == ticket.ListPage && len(r.Shows) >= rows {
		if next, ok := nextPage(p.URL); ok {
			out = append(out, next)
		}
	}
	return out, nil
}

func nextPage(raw string) (sellers.Request, bool) {
	u, err := url.Parse(raw)
	if err != nil {
		return sellers.Request{}, false
	}
	q := u.Query()
	n, err := strconv.Atoi(q.Get("cpage"))
	if err != nil || n < 1 || n >= 1000 || q.Get("stdate") == "" || q.Get("eddate") == "" {
		return sellers.Request{}, false
	}
	return list(q.Get("stdate"), q.Get("eddate"), n+1), true
}
