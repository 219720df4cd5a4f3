// Package melon knows ticket.melon.com: which pages to ask for (discover.go), and what its product lists and home banners
// (lists.go), the server-rendered pages of its products (detail.go) and its ticket-opening notices (notice.go) say. It is
// pure, and never asks for anything that stands behind the reservation: no gate, queue, seat or schedule.
package melon

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

const (
	site   = "https://ticket.melon.com"
	images = "https://cdnticket.melon.co.kr" // where the paths of its images lie

	version = 2
)

var (
	reProduct     = regexp.MustCompile(`[?&]prodId=(\d{1,12})(?:\D|$)`)
	reNotice      = regexp.MustCompile(`[?&]csoonId=(\d{1,12})(?:\D|$)`)
	reImageTail   = regexp.MustCompile(`/melon/(?:strip|resize|quality|thumbnail|optimize)\b.*$`)
	reUnknownTime = regexp.MustCompile(`([\sT)])\s*23:23(?::\d\d)?\s*$`)
	reStamp       = regexp.MustCompile(`^(\d{8})2323(?:\d\d)?$`)
	reBlank       = regexp.MustCompile(`^[\s:：-]+`)
)

type source struct{}

// New gives the source.
func New() sellers.Source { return source{} }

// Info describes Melon Ticket.
func (source) Info() sellers.Info {
	return sellers.Info{
		Name:       "melon",
		Title:      "멜론티켓",
		Kind:       sellers.SellerKind,
		Seller:     ticket.Melon,
		Version:    version,
		Hosts:      []string{"ticket.melon.com"},
		StripHosts: []string{"cdnticket.melon.co.kr"},
		OfferHosts: []string{"ticket.melon.com", "tkglobal.melon.com", "m.ticket.melon.com"},
		Barred:     true,
		Notice: "ticket.melon.com에는 robots.txt가 없고(404), 상위 사이트 www.melon.com의 robots.txt는 수집을 모두 금지합니다. " +
			"이용약관의 자동 수집 조항을 확인하고 사전에 허락을 받으십시오.",
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
	}
	return sellers.Result{}, fmt.Errorf("%w: melon has no pages of kind %q", sellers.ErrNotOurs, p.Kind)
}

func productURL(code string) string { return site + "/performance/index.htm?prodId=" + code }
func noticeURL(id string) string    { return site + "/csoon/detail.htm?csoonId=" + id }

// ours tells whether a document is a page or fragment of the site.
func ours(doc *goquery.Document) bool {
	title := page.Squeeze(page.First(doc, "title").Text())
	return strings.Contains(title, "멜론티켓") || doc.Find(`meta[property="og:site_name"][content="멜론티켓"]`).Length() > 0 ||
		doc.Find(`script[src*="ticket.melon.com"], link[href*="ticket.melon.com"], script[src*="cdnticket.melon.co.kr"], link[href*="cdnticket.melon.co.kr"]`).Length() > 0
}

// empty says why a page holds nothing of what was looked for.
func empty(doc *goquery.Document, p *ticket.Page, what string) error {
	if ours(doc) {
		return fmt.Errorf("%w: %s has no %s", sellers.ErrUnrendered, p.URL, what)
	}
	return fmt.Errorf("%w: %s has no %s", sellers.ErrNotOurs, p.URL, what)
}

// code is the first of several places that names what a page is about.
func code(p *ticket.Page, path *regexp.Regexp, places ...string) string {
	if c := page.Scalar(p.Code).Digits(); c != "" {
		return c
	}
	for _, raw := range append([]string{p.URL}, places...) {
		if m := path.FindStringSubmatch(raw); m != nil {
			return m[1]
		}
	}
	return ""
}

// image is the address of an image in full size: lists give its path only, pages the order to shrink it behind it.
func image(s string) string {
	s = reImageTail.ReplaceAllString(strings.TrimSpace(s), "")
	if strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") {
		return images + s
	}
	return s
}

// opening is an opening as the site writes it. 23:23 is its mark for a time not yet known, so only the day is handed on;
// "오픈일정 보기" and other words in place of a date are nothing.
func opening(s string) string {
	s = strings.TrimSpace(reBlank.ReplaceAllString(s, ""))
	if !strings.ContainsAny(s, "0123456789") {
		return ""
	}
	return strings.TrimRight(reUnknownTime.ReplaceAllString(reStamp.ReplaceAllString(s, "$1"), "$1"), " T")
}

// apart takes the badges out of a title: "단독판매" stands in an element of its own before or inside it.
func apart(s *goquery.Selection) (title string, badges []string) {
	s = s.Clone()
	icons := s.Find(`[class*="ico_list"]`)
	icons.Each(func(_ int, n *goquery.Selection) {
		if w := page.Words(n); w != "" {
			badges = append(badges, w)
		}
	})
	icons.Remove()
	return page.Words(s), badges
}
