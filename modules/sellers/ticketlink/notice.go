package ticketlink

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/notice"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

var (
	// The plain page writes its two instants by script, in milliseconds; only a browser fills the elements.
	reOpenScript     = regexp.MustCompile(`function\s+setDate\s*\(\s*\)\s*\{\s*var\s+miliSeconds\s*=\s*(\d{12,13})\s*;`)
	reRegisterScript = regexp.MustCompile(`function\s+setNoticeRegisterDate\s*\(\s*\)\s*\{\s*var\s+miliSeconds\s*=\s*(\d{12,13})\s*;`)
)

// parseNotice reads the page of one notice, whole or only its dl.list_view.
func parseNotice(p *ticket.Page) (sellers.Result, error) {
	doc, err := page.Document(p)
	if err != nil {
		return sellers.Result{}, err
	}
	view := page.First(doc, "dl.list_view")
	title := view.Find("#noticeTitle").First()
	if title.Length() == 0 {
		title = view.Find("dd.title").First()
	}
	if view.Length() == 0 || page.Words(title) == "" {
		return sellers.Result{}, empty(doc, p, "dl.list_view with a title")
	}
	n := sellers.RawNotice{ID: code(p, doc, reNoticePath), Title: page.Words(title)}
	if n.ID == "" {
		return sellers.Result{}, fmt.Errorf("%w: %s does not say which notice it is", sellers.ErrNotOurs, p.URL)
	}
	n.URL = noticeURL(n.ID)
	n.OpensText = orScript(page.Words(view.Find("#ticketOpenDatetime").First()), reOpenScript, p.Body)
	n.RegisteredText = orScript(page.Words(view.Find("#registerDatetime").First()), reRegisterScript, p.Body)
	n.PosterURL, _ = view.Find("dd.thumb img").First().Attr("src")
	view.Find(".th_info > dt").Each(func(_ int, dt *goquery.Selection) {
		if page.Squeeze(dt.Text()) == "장소" {
			n.VenueText = page.Words(dt.NextFiltered("dd"))
		}
	})
	content := view.Find("dd.list_cont").First()
	notice.Read(page.Lines(content), &n)
	n.ProductURL, n.ProductCode = productLink(view, content)
	return sellers.Result{Notices: []sellers.RawNotice{n}}, nil
}

func orScript(text string, re *regexp.Regexp, body []byte) string {
	if text != "" {
		return text
	}
	if m := re.FindSubmatch(body); m != nil {
		return string(m[1])
	}
	return ""
}

// productLink is the button's address, or the one product the text leads to.
func productLink(view, content *goquery.Selection) (address, code string) {
	if href, ok := view.Find("a.btn_reserve").First().Attr("href"); ok {
		if m := reProductPath.FindStringSubmatch(strings.TrimSpace(href)); m != nil {
			return strings.TrimSpace(href), m[1]
		}
	}
	codes := map[string]bool{}
	look := func(s string) {
		if m := reProductPath.FindStringSubmatch(s); m != nil && strings.Contains(s, "ticketlink.co.kr") {
			codes[m[1]], code = true, m[1]
		}
	}
	content.Find("a").Each(func(_ int, a *goquery.Selection) {
		href, _ := a.Attr("href")
		look(strings.TrimSpace(href))
		look(strings.Trim(strings.TrimSpace(a.Text()), "()"))
	})
	if len(codes) != 1 {
		return "", ""
	}
	return productURL(code), code
}

// parseNoticeListHTML reads the list as the phone page shows it.
func parseNoticeListHTML(p *ticket.Page) (sellers.Result, error) {
	doc, err := page.Document(p)
	if err != nil {
		return sellers.Result{}, err
	}
	var r sellers.Result
	doc.Find(`#detail_content a.info_wrap, #nTableBody a`).Each(func(_ int, a *goquery.Selection) {
		href, _ := a.Attr("href")
		m := reNoticePath.FindStringSubmatch(href)
		label := page.Squeeze(a.Find(".label").First().Text())
		if m == nil || label != "" && label != "티켓오픈" {
			return
		}
		n := sellers.RawNotice{ID: m[1], URL: noticeURL(m[1]), Title: page.Words(a.Find(".tit").First())}
		if n.Title == "" {
			n.Title = page.Words(a)
			n.OpensText = strings.TrimSpace(strings.TrimPrefix(page.Words(a.Closest("tr").Find(".open_info").First()), "오픈 :"))
			n.OpensText = strings.TrimSpace(strings.TrimPrefix(n.OpensText, "오픈:"))
		}
		a.Find("dt").Each(func(_ int, dt *goquery.Selection) {
			if page.Squeeze(dt.Text()) == "오픈" {
				n.OpensText = page.Words(dt.NextFiltered("dd"))
			}
		})
		r.Notices = append(r.Notices, n)
	})
	if len(r.Notices) == 0 {
		return sellers.Result{}, empty(doc, p, "notices")
	}
	return r, nil
}
