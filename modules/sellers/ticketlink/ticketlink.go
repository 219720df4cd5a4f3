// Package ticketlink knows www.ticketlink.co.kr: which pages to ask for (discover.go), and what its lists, rendered
// product pages (product.go), fixtures (sports.go) and ticket-opening notices (notice.go) say. It is pure and never repairs
// what a seller wrote.
package ticketlink

import (
	"fmt"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

const (
	site = "https://www.ticketlink.co.kr"
	api  = "https://mapi.ticketlink.co.kr"

	version = 3
)

type source struct{}

// New gives the source.
func New() sellers.Source { return source{} }

// Info describes Ticketlink.
func (source) Info() sellers.Info {
	return sellers.Info{
		Name:       "ticketlink",
		Title:      "티켓링크",
		Kind:       sellers.SellerKind,
		Seller:     ticket.Ticketlink,
		Version:    version,
		Hosts:      []string{"www.ticketlink.co.kr", "mapi.ticketlink.co.kr", "ticketlink.co.kr"},
		StripHosts: []string{"image.toast.com"},
		OfferHosts: []string{"ticketlink.co.kr"},
		Notice:     "robots.txt와 이용약관의 자동 수집 조항을 먼저 확인하십시오. 상품 페이지는 Chromium으로 열립니다.",
	}
}

// Parse reads one page.
func (source) Parse(p *ticket.Page) (sellers.Result, error) {
	switch p.Kind {
	case ticket.ListPage:
		return parseList(p)
	case ticket.NoticeListPage:
		return parseNoticeList(p)
	case ticket.NoticePage:
		return parseNotice(p)
	case ticket.DetailPage:
		return parseProduct(p)
	case ticket.DatesPage:
		return parseDates(p)
	}
	return sellers.Result{}, fmt.Errorf("%w: ticketlink has no pages of kind %q", sellers.ErrNotOurs, p.Kind)
}
