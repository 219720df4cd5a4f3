package kopis

import (
	"bytes"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

const (
	ahead  = 90 // days from today that are asked for
	window = 31 // the most days one question may span
)

// Start asks for every show on stage from today to ninety days ahead, in windows the API allows, for yesterday's box
// office, and for the list of facilities.
func (source) Start(now time.Time) []sellers.Request {
	return append(windows(now, ""), boxOffice(ticket.DateOf(now).AddDays(-1)), facilities(1))
}

// StartSince asks for the shows whose record changed since the day before last, and for yesterday's box office.
func (source) StartSince(now, last time.Time) []sellers.Request {
	return append(windows(now, compact(ticket.DateOf(last).AddDays(-1))), boxOffice(ticket.DateOf(now).AddDays(-1)))
}

func windows(now time.Time, after string) []sellers.Request {
	var out []sellers.Request
	first := ticket.DateOf(now)
	for from := 0; from <= ahead; from += window {
		to := min(from+window-1, ahead)
		out = append(out, list(compact(first.AddDays(from)), compact(first.AddDays(to)), after, 1))
	}
	return out
}

func compact(d ticket.Date) string { return d.Time().Format("20060102") }

// list asks for the shows of some days; after, when given, for those whose record changed since that day.
func list(from, to, after string, page int) sellers.Request {
	r := sellers.Request{Kind: ticket.ListPage, URL: fmt.Sprintf("%s/pblprfr?stdate=%s&eddate=%s&cpage=%d&rows=%d", base, from, to, page, rows)}
	if after != "" {
		r.URL += "&afterdate=" + after
	}
	return r
}

func boxOffice(day ticket.Date) sellers.Request {
	return sellers.Request{Kind: ticket.ListPage, URL: fmt.Sprintf("%s/boxoffice?ststype=day&date=%s", base, compact(day))}
}

func facilities(page int) sellers.Request {
	return sellers.Request{Kind: ticket.FacilityPage, URL: fmt.Sprintf("%s/prfplc?cpage=%d&rows=%d", base, page, rows)}
}

func detail(code string) sellers.Request {
	return sellers.Request{Kind: ticket.DetailPage, Code: code, URL: base + "/pblprfr/" + url.PathEscape(code)}
}

func facility(code string) sellers.Request {
	return sellers.Request{Kind: ticket.FacilityPage, Code: code, URL: base + "/prfplc/" + url.PathEscape(code)}
}

// Follow asks for every show of a list, for the list's next page while a page is full, and for the facility of a show.
func (s source) Follow(p *ticket.Page) ([]sellers.Request, error) {
	r, err := s.Parse(p)
	if err != nil {
		return nil, fmt.Errorf("follow %s: %w", p.URL, err)
	}
	var out []sellers.Request
	for _, show := range r.Shows {
		switch {
		case strings.Contains(p.URL, "/boxoffice?"): // says less than the lists, so it marks nothing
			out = append(out, detail(show.Code).Known())
		case p.Kind == ticket.ListPage:
			out = append(out, detail(show.Code).ListedShow(show))
		case show.VenueCode != "":
			out = append(out, facility(show.VenueCode).Known())
		}
	}
	if max(len(r.Shows)+len(r.Facilities), bytes.Count(p.Body, []byte("<db>"))) >= rows { // a row without a name fills a page too
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
	switch {
	case err != nil || n < 1 || n >= 1000:
		return sellers.Request{}, false
	case strings.HasSuffix(u.Path, "/prfplc"):
		return facilities(n + 1), true
	case q.Get("stdate") == "" || q.Get("eddate") == "":
		return sellers.Request{}, false
	}
	return list(q.Get("stdate"), q.Get("eddate"), q.Get("afterdate"), n+1), true
}
