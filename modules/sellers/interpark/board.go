package interpark

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/notice"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

// boardURL is a notice of the old board (TPNoticeView.asp), which ended in 2024.
func boardURL(no string) string {
	return "https://ticket.interpark.com/webzine/paper/TPNoticeView.asp?bbsno=34&no=" + no
}

var reGenreClass = regexp.MustCompile(`\bbg(Concert|Musical|Play|Classic|Exhibition|Exhibit|Sports|Kids|Family|Leisure)\b`)

// parseBoard reads a notice of the old board, whole or only its div.notice_detail; its bytes may be EUC-KR.
func parseBoard(p *ticket.Page) (sellers.Result, error) {
	doc, err := page.Document(p)
	if err != nil {
		return sellers.Result{}, err
	}
	view := page.First(doc, ".notice_detail")
	head := view.Find(".info h3").First().Clone()
	if view.Length() == 0 || page.Words(head) == "" {
		return sellers.Result{}, nothing(p, ".notice_detail with a title")
	}
	var n sellers.RawNotice
	head.Find("span").Each(func(_ int, b *goquery.Selection) {
		if w := page.Words(b); w != "" {
			n.Badges = append(n.Badges, w)
		}
	})
	head.Find("span").Remove()
	n.Title = page.Words(head)
	if n.ID = boardNo(p); n.ID == "" {
		return sellers.Result{}, fmt.Errorf("%w: %s does not say which notice it is", sellers.ErrNotOurs, p.URL)
	}
	n.URL = boardURL(n.ID)
	openings(view, &n)
	n.RegisteredText = page.Words(view.Find(".info .date span").First())
	n.PosterURL, _ = view.Find(".info .poster img").First().Attr("src")
	if class, _ := view.Find(".info .poster").First().Attr("class"); reGenreClass.MatchString(class) {
		n.GenreText = reGenreClass.FindStringSubmatch(class)[1]
	}
	if href, ok := view.Find("a.btn_book").First().Attr("href"); ok {
		if n.ProductCode = codeIn(href); n.ProductCode != "" {
			n.ProductURL = goodsURL(n.ProductCode)
		}
	}
	// The greeting names the round: "… 4차 티켓오픈 안내입니다."
	if m := reGreeting.FindStringSubmatch(page.Words(view.Find(".desc .comment").First())); m != nil {
		n.OpenTypeText = m[1]
	}
	notice.Read(append([]string{"공연정보"}, page.Lines(view.Find(".desc .introduce .data").First())...), &n)
	return sellers.Result{Notices: []sellers.RawNotice{n}}, nil
}

var reGreeting = regexp.MustCompile(`(\d{1,2}\s*차|마지막|추가)\s*티켓\s*오픈\s*안내`)

// openings reads the head of a notice: 티켓오픈일, and the presales beside it.
func openings(view *goquery.Selection, n *sellers.RawNotice) {
	view.Find(".info li").Each(func(_ int, li *goquery.Selection) {
		name := page.Words(li.Find("strong").First())
		text := strings.TrimSpace(strings.TrimPrefix(page.Words(li), name))
		switch {
		case text == "":
		case li.HasClass("open") && n.OpensText == "" && !strings.Contains(name, "선예매"), strings.HasPrefix(page.Squeeze(name), "티켓오픈일"):
			n.OpensText = text
		case strings.Contains(name, "예매"):
			n.Presales = append(n.Presales, sellers.RawPresale{Name: name, Text: text})
		}
	})
}

// boardNo is the number of a notice: the request's, or its address's.
func boardNo(p *ticket.Page) string {
	if c := page.Scalar(p.Code).Digits(); c != "" {
		return c
	}
	if u, err := url.Parse(p.URL); err == nil {
		return page.Scalar(u.Query().Get("no")).Digits()
	}
	return ""
}
