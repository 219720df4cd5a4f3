package melon

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

const (
	session = "melon" // the lists answer only with the cookie of a visited page

	noticesPerPage = 10
	maxNoticePages = 100
)

// genres: concert, musical and play, classical, exhibition and event, fan club and fan meeting.
var genres = []string{"GENRE_CON", "GENRE_ART", "GENRE_CLA", "GENRE_EXH", "GENRE_FAN"}

// Start visits the page of concerts for its cookie; everything else follows from it.
func (source) Start(time.Time) []sellers.Request {
	return []sellers.Request{{Kind: ticket.ListPage, URL: genrePage("GENRE_CON"), Session: session, NoStore: true}}
}

func genrePage(genre string) string { return site + "/concert/index.htm?genreType=" + genre }

func productList(genre string) sellers.Request {
	return sellers.Request{
		Kind: ticket.ListPage,
		URL: site + "/performance/ajax/prodList.json?commCode=&sortType=HIT&perfGenreCode=" + genre +
			"_ALL&perfThemeCode=&filterCode=FILTER_ALL&v=1",
		Header:  map[string]string{"Accept": "application/json", "Referer": genrePage(genre), "X-Requested-With": "XMLHttpRequest"},
		Session: session,
	}
}

// noticeList asks for ten notices, the newest registered first. What the site calls pageIndex counts notices, not pages:
// its own pager asks for 1, 11, 21 and so on.
func noticeList(index int) sellers.Request {
	return sellers.Request{
		Kind:    ticket.NoticeListPage,
		URL:     fmt.Sprintf("%s/csoon/ajax/listTicketOpen.htm?orderType=0&pageIndex=%d&schGcode=GENRE_ALL&schText=&schDt=", site, index),
		Header:  map[string]string{"Referer": site + "/csoon/index.htm", "X-Requested-With": "XMLHttpRequest"},
		Session: session,
	}
}

func product(code string) sellers.Request {
	return sellers.Request{
		Kind: ticket.DetailPage, Code: code, URL: productURL(code), Session: session, Fallback: true, WaitFor: ".box_consert_txt",
		Header: map[string]string{"Referer": genrePage("GENRE_CON")},
	}
}

func noticeDetail(id string) sellers.Request {
	return sellers.Request{
		Kind: ticket.NoticePage, Code: id, URL: noticeURL(id), Session: session,
		Header: map[string]string{"Referer": site + "/csoon/index.htm"},
	}
}

// Follow asks for the lists once the cookie is there, for every product and notice a list names, for the notices behind a
// list's own until one names nothing or a thousand are asked for, and for the product of a notice.
func (s source) Follow(p *ticket.Page) ([]sellers.Request, error) {
	switch {
	case p.Kind == ticket.DetailPage:
		return nil, nil
	case p.Kind == ticket.ListPage && strings.HasPrefix(p.URL, site+"/concert/"):
		out := []sellers.Request{noticeList(1)}
		for _, g := range genres {
			out = append(out, productList(g))
		}
		return out, nil
	}
	r, err := s.Parse(p)
	if err != nil {
		return nil, fmt.Errorf("follow %s: %w", p.URL, err)
	}
	var out []sellers.Request
	for _, show := range r.Shows {
		out = append(out, product(show.Code).ListedShow(show))
	}
	for _, n := range r.Notices {
		if p.Kind == ticket.NoticeListPage {
			out = append(out, noticeDetail(n.ID).ListedNotice(n))
		} else if n.ProductCode != "" {
			out = append(out, product(n.ProductCode).Known())
		}
	}
	if next, ok := nextIndex(p.URL); ok && p.Kind == ticket.NoticeListPage && len(r.Notices) > 0 {
		out = append(out, noticeList(next))
	}
	return out, nil
}

// nextIndex is where the notices behind those of a list's own address begin.
func nextIndex(raw string) (int, bool) {
	u, err := url.Parse(raw)
	if err != nil {
		return 0, false
	}
	n, err := strconv.Atoi(u.Query().Get("pageIndex"))
	if err != nil || n < 1 || n > noticesPerPage*(maxNoticePages-1) {
		return 0, false
	}
	return n + noticesPerPage, true
}
