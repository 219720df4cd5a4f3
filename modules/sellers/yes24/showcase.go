package yes24

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

var (
	reForeign = regexp.MustCompile(`(?i)^(?:https?:)?//([^/?#]*)`)
	reRun     = regexp.MustCompile(`^((?:19|20)\d{2}\.\d{1,2}\.\d{1,2}\s*~\s*(?:(?:19|20)\d{2}\.\d{1,2}\.\d{1,2}|오픈런))\s*(.*)$`)
)

// showcaseTitles are the classes that hold a title on the home and ranking pages.
const showcaseTitles = ".main-tit, .whot-tit, .rank-tit, .box-f1-tit2, .wlist-tit, .rlb-tit, .rank-list-tit"

// parseShowcase reads a page that shows products among other things, such as the home and ranking pages: every product it
// links to, once, with the first of each fact the page says of it. A product it only shows a picture of is handed on without
// a title, as a supplement. Comments and the placeholders of a template say nothing.
func parseShowcase(p *ticket.Page) (sellers.Result, error) {
	doc, err := page.Document(p)
	if err != nil {
		return sellers.Result{}, err
	}
	if doc.Find(".rn-big-title").Length() > 0 {
		return sellers.Result{}, fmt.Errorf("%w: %s is the page of a product, not a list", sellers.ErrNotOurs, p.URL)
	}
	var r sellers.Result
	at := map[string]int{}
	titled := map[string]bool{} // by an attribute, which gives the title whole
	rows := map[*html.Node]bool{}
	genre := said(page.Words(page.First(doc, ".rank-division a.on")))
	if genre == "전체" {
		genre = ""
	}
	doc.Find("a[href]").Each(func(_ int, a *goquery.Selection) {
		code := linked(a)
		if code == "" {
			return
		}
		i, known := at[code]
		if !known {
			i = len(r.Shows)
			at[code] = i
			r.Shows = append(r.Shows, sellers.RawShow{Code: code, URL: detailURL(code), GenreText: genre, Partial: true})
		}
		s := &r.Shows[i]
		attribute, _ := a.Attr("title")
		if t := said(plain(attribute)); t != "" && !titled[code] {
			s.Title, titled[code] = t, true
		}
		if row := rowOf(a); row.Length() == 0 {
			facts(a, s)
		} else if !rows[row.Get(0)] { // a row is about the product of its first link
			rows[row.Get(0)] = true
			facts(row, s)
		}
	})
	if len(r.Shows) == 0 || !reOurs.Match(page.Text(p)) {
		return sellers.Result{}, fmt.Errorf("%w: %s names no products and no total", sellers.ErrNotOurs, p.URL)
	}
	for i := range r.Shows {
		r.Shows[i].Supplement = r.Shows[i].Title == ""
	}
	return r, nil
}

// linked is the code of the product a link leads to on this site.
func linked(a *goquery.Selection) string {
	href, _ := a.Attr("href")
	href = strings.TrimSpace(href)
	if m := reForeign.FindStringSubmatch(href); m != nil && !strings.EqualFold(m[1], "ticket.yes24.com") {
		return ""
	}
	if m := rePerfPath.FindStringSubmatch(href); m != nil {
		return m[1]
	}
	return ""
}

// said is a text unless it is the placeholder of a template.
func said(s string) string {
	if strings.Contains(s, "${") {
		return ""
	}
	return s
}

// rowOf is the row of a ranking a link stands in a cell of; empty when it stands in none.
func rowOf(a *goquery.Selection) *goquery.Selection {
	return a.Closest("div.rank-list div").Parent().Filter("div:not(.rank-list)")
}

// facts fills what is still unknown of a product from what stands in its link, or in the row around it.
func facts(scope *goquery.Selection, s *sellers.RawShow) {
	if title := scope.Find(showcaseTitles).First(); s.Title == "" {
		s.Title = said(strings.Join(page.Lines(title), " "))
	}
	scope.Find("p").EachWithBreak(func(_ int, par *goquery.Selection) bool {
		if lines := page.Lines(par); s.PeriodText == "" && len(lines) > 0 {
			run(lines, s)
		}
		return s.PeriodText == ""
	})
	scope.Find(".rank-list-tag, .wlist-circle").Each(func(_ int, n *goquery.Selection) {
		if w := page.Words(n); strings.Contains(w, "단독") && len(s.Badges) == 0 {
			s.Badges = []string{w}
		}
	})
	if s.PosterURL == "" {
		s.PosterURL = poster(scope)
	}
}

// run reads the days of a product and the venue behind them, on the same line or the next.
func run(lines []string, s *sellers.RawShow) {
	m := reRun.FindStringSubmatch(lines[0])
	if m == nil {
		return
	}
	s.PeriodText, s.VenueText = m[1], said(m[2])
	if m[2] == "" && len(lines) > 1 {
		s.VenueText = said(lines[1])
	}
}

// poster is the picture of a product where the page links to the site's own, in full size.
func poster(scope *goquery.Selection) string {
	for _, n := range scope.Find("img, image").EachIter() {
		for _, name := range []string{"data-src", "src", "href"} {
			if v, _ := n.Attr(name); strings.Contains(v, "tkfile.yes24.com/") && strings.Contains(strings.ToLower(v), "/perfblog/") {
				return reDims.ReplaceAllString(strings.TrimSpace(v), "")
			}
		}
	}
	return ""
}
