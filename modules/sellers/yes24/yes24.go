// Package yes24 knows ticket.yes24.com: which lists to ask for (discover.go), and what their fragments (list.go), its home
// and ranking pages (showcase.go), the server-rendered pages of its products (detail.go) and its ticket-opening notices
// (notice.go) say. It is pure, and it reads a page in the encoding the page is in.
package yes24

import (
	"bytes"
	"fmt"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

const (
	site    = "https://ticket.yes24.com"
	version = 3
)

type source struct{}

// New gives the source.
func New() sellers.Source { return source{} }

// Info describes YES24 Ticket.
func (source) Info() sellers.Info {
	return sellers.Info{
		Name:       "yes24",
		Title:      "예스24 티켓",
		Kind:       sellers.SellerKind,
		Seller:     ticket.YES24,
		Version:    version,
		Hosts:      []string{"ticket.yes24.com"},
		StripHosts: []string{"tkfile.yes24.com"},
		OfferHosts: []string{"ticket.yes24.com", "m.ticket.yes24.com"},
		Barred:     true,
		Notice:     "ticket.yes24.com에는 robots.txt가 없고 www.yes24.com은 여러 수집기를 막습니다. 이용약관을 확인하고 허락을 받으십시오.",
	}
}

// Parse reads one page.
func (source) Parse(p *ticket.Page) (sellers.Result, error) {
	if len(bytes.TrimSpace(p.Body)) == 0 {
		return sellers.Result{}, fmt.Errorf("%w: %s is empty", sellers.ErrNotOurs, p.URL)
	}
	switch p.Kind {
	case ticket.ListPage:
		return parseList(p)
	case ticket.DetailPage:
		return parseDetail(p)
	case ticket.NoticeListPage:
		return parseNoticeList(p)
	case ticket.NoticePage:
		return parseNotice(p)
	}
	return sellers.Result{}, fmt.Errorf("%w: yes24 has no pages of kind %q", sellers.ErrNotOurs, p.Kind)
}
