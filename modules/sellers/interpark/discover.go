package interpark

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

const (
	pageSize = 50 // asked for; the site gives what it likes, so a list is walked until a page names nothing
	lastPage = 400
)

// genres as the list route names them.
var genres = []string{"MUSICAL", "CONCERT", "DRAMA", "CLASSIC", "KIDS", "EXHIBIT"}

// teams are the baseball clubs whose tickets NOL sells, by the last part of their page's address.
var teams = []string{"bears", "heroes"}

// Start asks for the first page of the opening notices, of every genre, and for the clubs' pages.
func (source) Start(time.Time) []sellers.Request {
	out := []sellers.Request{noticeList(0)}
	for _, g := range genres {
		out = append(out, goodsList(g, 1))
	}
	for _, t := range teams {
		out = append(out, sellers.Request{Kind: ticket.ListPage, URL: nol + "/ticket/genre/sports/" + t})
	}
	return out
}

func noticeList(offset int) sellers.Request {
	return sellers.Request{Kind: ticket.NoticeListPage, Header: asks("/contents/notice"),
		URL: fmt.Sprintf("%s/contents/api/open-notice/notice-list?goodsGenre=ALL&goodsRegion=ALL&offset=%d&pageSize=%d&sorting=OPEN_ASC", site, offset, pageSize)}
}

func goodsList(genre string, nth int) sellers.Request {
	return sellers.Request{Kind: ticket.ListPage, Header: asks("/contents/genre"),
		URL: fmt.Sprintf("%s/contents/api/goods/genre?genre=%s&page=%d&pageSize=%d&sort=WEEKLY_RANKING", site, genre, nth, pageSize)}
}

func asks(from string) map[string]string {
	return map[string]string{"Accept": "application/json", "Referer": site + from, "Origin": site}
}

// summary asks for a goods item's data, and for its page in Chromium where the route answers with a shell.
func summary(code string) sellers.Request {
	return sellers.Request{Kind: ticket.DetailPage, Code: code, URL: front + "/v1/goods/" + code + "/summary?goodsCode=" + code,
		Header: asks("/goods/" + code), Fallback: true, FallbackURL: goodsURL(code), WaitFor: ".prdTitle"}
}

func priceTable(code string) sellers.Request {
	return sellers.Request{Kind: ticket.PricePage, Code: code, URL: front + "/v1/goods/" + code + "/prices/group", Header: asks("/goods/" + code)}
}

func place(code string) sellers.Request {
	return sellers.Request{Kind: ticket.FacilityPage, Code: code, URL: front + "/v1/Place/" + code, Header: asks("/")}
}

// Follow asks for what a list or notice names and for its next page until a page names nothing; and for the prices and
// the place of a goods item.
func (s source) Follow(p *ticket.Page) ([]sellers.Request, error) {
	if p.Kind == ticket.PricePage || p.Kind == ticket.FacilityPage {
		return nil, nil
	}
	r, err := s.Parse(p)
	if err != nil {
		return nil, fmt.Errorf("follow %s: %w", p.URL, err)
	}
	if p.Kind == ticket.DetailPage {
		return followGoods(p, r), nil
	}
	var out []sellers.Request
	for _, show := range r.Shows {
		if goodsCode(show.Code) != "" && show.Home == "" { // of a match the list says all there is
			out = append(out, summary(show.Code).ListedShow(show))
		}
	}
	for _, n := range r.Notices {
		if n.ProductCode != "" && goodsCode(n.ProductCode) != "" && p.Kind != ticket.ListPage {
			out = append(out, summary(n.ProductCode).Known())
		}
	}
	if next, ok := nextPage(p, len(r.Shows)+len(r.Notices)); ok {
		out = append(out, next)
	}
	return out, nil
}

// followGoods asks for the prices when the page itself has none, and for the place.
func followGoods(p *ticket.Page, r sellers.Result) []sellers.Request {
	var out []sellers.Request
	for _, show := range r.Shows {
		if len(show.Prices) == 0 && !page.IsHTML(p.Body) {
			out = append(out, priceTable(show.Code))
		}
		if show.VenueCode != "" {
			out = append(out, place(show.VenueCode).Known())
		}
	}
	return out
}

// nextPage is the request for what comes behind a list that named some things.
func nextPage(p *ticket.Page, named int) (sellers.Request, bool) {
	u, err := url.Parse(p.URL)
	if err != nil || named == 0 {
		return sellers.Request{}, false
	}
	q := u.Query()
	if offset, err := strconv.Atoi(q.Get("offset")); err == nil && p.Kind == ticket.NoticeListPage && offset >= 0 && offset < lastPage*pageSize {
		return noticeList(offset + named), true
	}
	if nth, err := strconv.Atoi(q.Get("page")); err == nil && q.Get("genre") != "" && nth >= 1 && nth < lastPage {
		return goodsList(q.Get("genre"), nth+1), true
	}
	return sellers.Request{}, false
}
