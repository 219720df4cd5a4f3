package yes24

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
	pageSize       = 20
	noticePageSize = 40
	// The board keeps its notices of all years, about a hundred a month; the newest four hundred hold every opening to come.
	maxNoticePages = 10
)

// genres: concert, musical, play, classical and traditional and dance, exhibition and event, family.
var genres = []string{"15456", "15457", "15458", "15459", "15460", "999"}

// Start asks for the first page of the opening notices and of every genre.
func (source) Start(time.Time) []sellers.Request {
	out := make([]sellers.Request, 0, len(genres)+1)
	out = append(out, noticeList(1))
	for _, g := range genres {
		out = append(out, list(g, 1))
	}
	return out
}

func list(genre string, page int) sellers.Request {
	return sellers.Request{
		Kind: ticket.ListPage,
		URL: fmt.Sprintf("%s/New/Genre/Ajax/GenreList_Data.aspx?genre=%s&sort=1&area=&genretype=1&pCurPage=%d&pPageSize=%d",
			site, genre, page, pageSize),
		Header: map[string]string{"X-Requested-With": "XMLHttpRequest", "Referer": site + "/New/Genre/GenreList.aspx?genretype=1&genre=" + genre},
	}
}

func detailURL(code string) string { return site + "/Perf/" + code }

// Follow asks for what a list names and for its next page: of products until their total is reached or a page names none,
// of notices until a page has no rows. A notice leads to its product.
func (source) Follow(p *ticket.Page) ([]sellers.Request, error) {
	switch p.Kind {
	case ticket.ListPage:
		return followList(p)
	case ticket.NoticeListPage:
		return followNotices(p)
	case ticket.NoticePage:
		r, err := parseNotice(p)
		if err != nil {
			return nil, fmt.Errorf("follow %s: %w", p.URL, err)
		}
		if c := r.Notices[0].ProductCode; c != "" {
			return []sellers.Request{detail(c).Known()}, nil
		}
	}
	return nil, nil
}

func followList(p *ticket.Page) ([]sellers.Request, error) {
	r, err := parseList(p)
	if err != nil {
		return nil, fmt.Errorf("follow %s: %w", p.URL, err)
	}
	out := make([]sellers.Request, 0, len(r.Shows)+1)
	for _, s := range r.Shows {
		out = append(out, detail(s.Code).ListedShow(s))
	}
	genre, nth, ok := place(p.URL)
	total, known := totalOf(page.Text(p))
	if ok && len(r.Shows) > 0 && (!known || nth*pageSize < total) {
		out = append(out, list(genre, nth+1))
	}
	return out, nil
}

func detail(code string) sellers.Request {
	return sellers.Request{Kind: ticket.DetailPage, Code: code, URL: detailURL(code), Fallback: true, WaitFor: ".rn-big-title",
		Header: map[string]string{"Referer": site + "/"}}
}

func followNotices(p *ticket.Page) ([]sellers.Request, error) {
	r, err := parseNoticeList(p)
	if err != nil {
		return nil, fmt.Errorf("follow %s: %w", p.URL, err)
	}
	out := make([]sellers.Request, 0, len(r.Notices)+1)
	for _, n := range r.Notices {
		out = append(out, noticeDetail(n.ID).ListedNotice(n))
	}
	text := page.Text(p)
	nth, ok := noticePlace(p.URL)
	total, known := totalOf(text)
	if ok && len(noticeRows(text)) > 0 && (!known || nth*noticePageSize < total) {
		out = append(out, noticeList(nth+1))
	}
	return out, nil
}

// noticeList asks for notices, the newest registered first. The address says which page it is, too: the site reads only
// the form, and a page is kept without the form it was asked with.
func noticeList(page int) sellers.Request {
	return form(ticket.NoticeListPage, "", fmt.Sprintf("%s/New/Notice/Ajax/axList.aspx?page=%d", site, page),
		fmt.Sprintf("page=%d&size=%d&genre=&province=&order=1&searchType=All&searchText=", page, noticePageSize))
}

func noticeDetail(id string) sellers.Request {
	return form(ticket.NoticePage, id, site+"/New/Notice/Ajax/axRead.aspx", "bId="+id+"&genre=&province=&order=1")
}

func form(kind ticket.PageKind, code, address, body string) sellers.Request {
	return sellers.Request{
		Kind: kind, Code: code, Method: "POST", URL: address, Body: []byte(body),
		Header: map[string]string{
			"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8", "X-Requested-With": "XMLHttpRequest",
			"Referer": site + "/New/Notice/NoticeMain.aspx",
		},
	}
}

// noticePlace is the page a list of notices was asked for by its address, when there may be one behind it.
func noticePlace(raw string) (page int, ok bool) {
	u, err := url.Parse(raw)
	if err != nil {
		return 0, false
	}
	page, err = strconv.Atoi(u.Query().Get("page"))
	return page, err == nil && page >= 1 && page < maxNoticePages
}

// place is the genre and page a list's address asks for.
func place(raw string) (genre string, page int, ok bool) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", 0, false
	}
	genre = u.Query().Get("genre")
	page, err = strconv.Atoi(u.Query().Get("pCurPage"))
	return genre, page, err == nil && genre != "" && page >= 1 && page < 1000
}
