package melon

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/notice"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

var (
	reLanding = regexp.MustCompile(`bannerLanding\(\s*['"]TD['"]\s*,\s*['"](\d{1,12})['"]`)
	rePresale = regexp.MustCompile(`선예매|선오픈|사전예매|팬클럽|멤버십|멤버쉽|추첨|프리세일`)
	reDigit   = regexp.MustCompile(`\d`)
)

// parseNoticeList reads a fragment of the list of notices. One without notices is a page too: the one behind the last.
func parseNoticeList(p *ticket.Page) (sellers.Result, error) {
	doc, err := page.Document(p)
	if err != nil {
		return sellers.Result{}, err
	}
	var r sellers.Result
	seen := map[string]bool{}
	doc.Find("li").Each(func(_ int, li *goquery.Selection) {
		link := li.Find(`a.tit[href*="csoonId="]`).First()
		m := reNotice.FindStringSubmatch(attr(link, "href"))
		if m == nil || seen[m[1]] || li.Find("li").Length() > 0 {
			return
		}
		seen[m[1]] = true
		n := sellers.RawNotice{ID: m[1], URL: noticeURL(m[1])}
		n.Title, _ = apart(link)
		_, n.Badges = apart(li)
		n.OpensText = opening(page.Words(li.Find("span.date").First()))
		n.RegisteredText = registered(page.Words(li.Find(".txt_date").First()))
		n.PosterURL = image(attr(li.Find("img").First(), "src"))
		r.Notices = append(r.Notices, n)
	})
	if len(r.Notices) == 0 && !bytes.Contains(p.Body, []byte("list_ticket_cont")) {
		return sellers.Result{}, empty(doc, p, "list of notices")
	}
	return r, nil
}

func registered(s string) string {
	return reBlank.ReplaceAllString(strings.TrimPrefix(strings.TrimSpace(s), "등록일"), "")
}

// parseNotice reads the page of one notice.
func parseNotice(p *ticket.Page) (sellers.Result, error) {
	doc, err := page.Document(p)
	if err != nil {
		return sellers.Result{}, err
	}
	view := page.First(doc, ".section_ticketopen_view")
	head := view.Find("p.tit_consert").First()
	if head.Length() == 0 {
		head = view.Find(".tit").First()
	}
	n := sellers.RawNotice{ID: code(p, reNotice, page.Attr(doc, `meta[property="og:url"]`, "content"))}
	if n.Title, _ = apart(head); n.Title == "" {
		return sellers.Result{}, empty(doc, p, ".section_ticketopen_view with a title")
	}
	if n.ID == "" {
		return sellers.Result{}, fmt.Errorf("%w: %s does not say which notice it is", sellers.ErrNotOurs, p.URL)
	}
	n.URL = noticeURL(n.ID)
	_, n.Badges = apart(view)
	schedule(view, &n)
	view.Find(".txt_date").EachWithBreak(func(_ int, d *goquery.Selection) bool {
		if d.Closest(".box_ticketopen_schedule").Length() == 0 && d.Parent().Find(".tit_type").Length() == 0 {
			n.RegisteredText = registered(page.Words(d))
		}
		return n.RegisteredText == ""
	})
	n.PosterURL = image(attr(view.Find(".box_consert_thumb img").First(), "src"))
	notice.Read(body(view), &n)
	if n.ProductCode = landing(view); n.ProductCode != "" {
		n.ProductURL = productURL(n.ProductCode)
	}
	return sellers.Result{Notices: []sellers.RawNotice{n}}, nil
}

// schedule reads the openings of a notice, each a label and an instant: presales by their label, and the general sale.
// Several general openings that differ are handed on as contradicting.
func schedule(view *goquery.Selection, n *sellers.RawNotice) {
	var opens, labels []string
	add := func(label, at string) {
		switch {
		case at == "":
		case rePresale.MatchString(page.Squeeze(label)):
			n.Presales = append(n.Presales, sellers.RawPresale{Name: label, Text: at})
		case !slices.Contains(opens, at):
			opens, labels = append(opens, at), append(labels, label)
		}
	}
	types := view.Find("dt.tit_type")
	types.Each(func(_ int, dt *goquery.Selection) {
		add(strings.Trim(page.Words(dt), " :："), opening(page.Words(dt.NextFiltered(".txt_date"))))
	})
	if types.Length() == 0 {
		view.Find(".box_ticketopen_schedule .txt_date").Each(func(_ int, d *goquery.Selection) {
			if s := page.Words(d); reDigit.MatchString(s) {
				label := strings.TrimRight(s[:reDigit.FindStringIndex(s)[0]], " :：")
				add(label, opening(strings.TrimPrefix(s, label)))
			}
		})
	}
	n.OpensText = strings.Join(opens, ticket.Several)
	if len(labels) == 1 {
		n.OpenTypeText = labels[0]
	}
}

// body is the text of a notice: its parts in the order they stand in, or all of it when they have other names.
func body(view *goquery.Selection) []string {
	parts := view.Find(".box_concert_time, .box_concert_info, .box_agency")
	if parts.Length() == 0 {
		view = view.Clone()
		view.Find(".tit_consert, .txt_date, .tit_type").Remove()
		return page.Lines(view)
	}
	return page.Lines(parts)
}

// landing is the one product a notice leads to.
func landing(view *goquery.Selection) string {
	code := ""
	for _, n := range view.Find("a, button").EachIter() {
		for _, s := range []string{attr(n, "href"), attr(n, "onclick")} {
			m := reLanding.FindStringSubmatch(s)
			if m == nil && strings.Contains(s, "/performance/index.htm") {
				m = reProduct.FindStringSubmatch(s)
			}
			if m == nil {
				continue
			}
			if code != "" && code != m[1] {
				return ""
			}
			code = m[1]
		}
	}
	return code
}
