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

const pageSize = 20

// genres: concert, musical, play, classical and traditional and dance, exhibition and event, family.
var genres = []string{"15456", "15457", "15458", "15459", "15460", "999"}

// Start asks for the first page of every genre.
func (source) Start(time.Time) []sellers.Request {
	out := make([]sellers.Request, 0, len(genres))
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

// Follow asks for every product of a list, and for the list's next page until its total is reached or a page names none.
func (source) Follow(p *ticket.Page) ([]sellers.Request, error) {
	if p.Kind != ticket.ListPage {
		return nil, nil
	}
	r, err := parseList(p)
	if err != nil {
		return nil, fmt.Errorf("follow %s: %w", p.URL, err)
	}
	out := make([]sellers.Request, 0, len(r.Shows)+1)
	for _, s := range r.Shows {
		out = append(out, sellers.Request{Kind: ticket.DetailPage, Code: s.Code, URL: s.URL, Fallback: true, WaitFor: ".rn-big-title",
			Header: map[string]string{"Referer": site + "/"}})
	}
	genre, nth, ok := place(p.URL)
	total, known := totalOf(page.Text(p))
	if ok && len(r.Shows) > 0 && (!known || nth*pageSize < total) {
		out = append(out, list(genre, nth+1))
	}
	return out, nil
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
