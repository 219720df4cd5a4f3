// Package interpark knows NOL Ticket, which was Interpark: which routes to ask (discover.go) and what they say: lists of
// goods (lists.go), one goods item as data (goods.go) or as the page people see (rendered.go), opening notices
// (notices.go), matches (sports.go), and the forms of earlier years that archives still hold (board.go, archive.go). It is
// pure; what a page does not say stays empty.
package interpark

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

const (
	site  = "https://tickets.interpark.com"
	front = "https://api-ticketfront.interpark.com"
	nol   = "https://nol.yanolja.com"

	version = 1
)

type source struct{}

// New gives the source.
func New() sellers.Source { return source{} }

// Info describes NOL Ticket.
func (source) Info() sellers.Info {
	return sellers.Info{
		Name:       "interpark",
		Title:      "NOL 티켓(인터파크)",
		Kind:       sellers.SellerKind,
		Seller:     ticket.Interpark,
		Version:    version,
		Hosts:      []string{"tickets.interpark.com", "api-ticketfront.interpark.com", "nol.yanolja.com"},
		StripHosts: []string{"ticketimage.interpark.com"},
		OfferHosts: []string{"interpark.com", "nol.yanolja.com"},
		Barred:     true,
		Notice: "tickets.interpark.com의 robots.txt는 이름이 적힌 검색 로봇만 허용하고 나머지를 모두 금지하며(2026-09 확인), 이용약관 제23조는 서면 동의 없는 자동 수집을 금지합니다. " +
			"NOL 유니버스의 서면 허락을 받은 뒤에만 켜고, 그 허락을 permission에 적으십시오.",
	}
}

// Parse reads one page. The form is told from the bytes, not from the address, so that archived pages are read too.
func (source) Parse(p *ticket.Page) (sellers.Result, error) {
	if len(bytes.TrimSpace(p.Body)) == 0 {
		return sellers.Result{}, fmt.Errorf("%w: %s is empty", sellers.ErrNotOurs, p.URL)
	}
	html := page.IsHTML(p.Body)
	switch p.Kind {
	case ticket.ListPage:
		if html {
			return parseListPage(p)
		}
		return parseList(p)
	case ticket.NoticeListPage:
		if html {
			return parseNoticePage(p)
		}
		return parseNoticeList(p)
	case ticket.NoticePage:
		return parseBoard(p)
	case ticket.DetailPage:
		if html {
			return parseRendered(p)
		}
		return parseSummary(p)
	case ticket.PricePage:
		return parsePrices(p)
	case ticket.FacilityPage:
		return parsePlace(p)
	}
	return sellers.Result{}, fmt.Errorf("%w: interpark has no pages of kind %q", sellers.ErrNotOurs, p.Kind)
}

var (
	// A code is eight digits (two of the year), or a letter and seven: never assume digits.
	reCode     = regexp.MustCompile(`^[A-Z]?\d{6,9}$`)
	reCodePath = regexp.MustCompile(`(?:/goods/|/bridge/|/products/|[Gg]oods[Cc]ode=)([A-Z]?\d{6,9})(?:[/?&#]|$)`)
	rePoster   = regexp.MustCompile(`/([A-Z]?\d{6,9})_p(?:_s)?\.(?:gif|jpe?g|png)`)
	reShell    = regexp.MustCompile(`(?i)interpark|인터파크|NOL\s*티켓|nol\.yanolja`)
)

func goodsCode(s string) string {
	if reCode.MatchString(s) {
		return s
	}
	return ""
}

// codeIn is the goods code an address leads to.
func codeIn(address string) string {
	if m := reCodePath.FindStringSubmatch(address); m != nil {
		return m[1]
	}
	return ""
}

func goodsURL(code string) string { return site + "/goods/" + code }

func noticeURL(id string) string { return site + "/contents/notice/detail/" + id }

// nothing says why a document holds none of what it should.
func nothing(p *ticket.Page, what string) error {
	if reShell.Match(page.Text(p)) {
		return fmt.Errorf("%w: %s has no %s", sellers.ErrUnrendered, p.URL, what)
	}
	return fmt.Errorf("%w: %s has no %s", sellers.ErrNotOurs, p.URL, what)
}

// most is more than any page holds.
const most = 2000

// holds tells whether a page's items so far hold one already, or as many as no honest page has.
func holds[T any](items []T, same func(T) bool) bool {
	return len(items) >= most || slices.ContainsFunc(items, same)
}
