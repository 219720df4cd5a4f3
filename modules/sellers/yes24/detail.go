package yes24

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

var (
	rePerfPath  = regexp.MustCompile(`(?i)(?:/Perf/|IdPerf=)(\d{1,10})`)
	reValidFrom = regexp.MustCompile(`"validFrom"\s*:\s*"([^"]{8,40})"`)
	reGone      = regexp.MustCompile(`errorImg_ticket|존재하지\s*않는\s*(?:상품|공연)|판매가\s*종료된\s*상품입니다`)
	reOurs      = regexp.MustCompile(`(?i)yes24|예스24`)
)

// smallShell is below what any real page of the site weighs; less than that without content is the frame of a script.
const smallShell = 4 << 10

func parseDetail(p *ticket.Page) (sellers.Result, error) {
	body := page.Text(p)
	doc, err := page.Document(p)
	if err != nil {
		return sellers.Result{}, err
	}
	title := page.Words(page.First(doc, "p.rn-big-title"))
	e, structured := page.FindEvent(doc)
	if title == "" && (!structured || !reOurs.Match(body)) {
		return sellers.Result{}, nothing(p, body, doc)
	}
	s := sellers.RawShow{Code: code(p, doc), Title: title}
	if s.Title == "" {
		s.Title = string(e.Name)
	}
	if s.Code == "" {
		return sellers.Result{}, fmt.Errorf("%w: %s does not say which product it is", sellers.ErrNotOurs, p.URL)
	}
	s.URL = detailURL(s.Code)
	fromDOM(doc, &s)
	fromJSON(e, &s)
	if m := reValidFrom.FindSubmatch(body); m != nil {
		s.OpensText = string(m[1])
	}
	return sellers.Result{Shows: []sellers.RawShow{s}}, nil
}

// nothing says why a page holds no product.
func nothing(p *ticket.Page, body []byte, doc *goquery.Document) error {
	switch {
	case reGone.Match(body):
		return fmt.Errorf("%w: %s", sellers.ErrGone, p.URL)
	case !reOurs.Match(body):
		return fmt.Errorf("%w: %s has no .rn-big-title", sellers.ErrNotOurs, p.URL)
	case doc.Find(".rn-location, .rn-02, .rn-product-imgbox").Length() > 0:
		return fmt.Errorf("%w: %s is a product page without a product", sellers.ErrGone, p.URL)
	case len(body) < smallShell && doc.Find("script").Length() > 0:
		return fmt.Errorf("%w: %s", sellers.ErrUnrendered, p.URL)
	}
	return fmt.Errorf("%w: %s has no .rn-big-title", sellers.ErrNotOurs, p.URL)
}

func code(p *ticket.Page, doc *goquery.Document) string {
	own, _ := page.First(doc, `meta[property="og:url"]`).Attr("content")
	action, _ := page.First(doc, "form#mainForm").Attr("action")
	for _, raw := range []string{"/Perf/" + p.Code, p.URL, own, action} {
		if m := rePerfPath.FindStringSubmatch(raw); m != nil {
			return m[1]
		}
	}
	return ""
}

func fromDOM(doc *goquery.Document, s *sellers.RawShow) {
	var genre []string
	doc.Find(".rn-location a").Each(func(_ int, a *goquery.Selection) { genre = append(genre, page.Words(a)) })
	s.GenreText = strings.Join(genre, " > ")
	doc.Find(".rn-labels .rn-label").Each(func(_ int, l *goquery.Selection) {
		if w := page.Words(l); w != "" {
			s.Badges = append(s.Badges, w)
		}
	})
	s.PeriodText = page.Words(page.First(doc, ".ps-date"))
	s.VenueText = page.Words(page.First(doc, ".ps-location"))
	s.AddressText = page.Words(page.First(doc, "#TheaterAddress"))
	doc.Find(".rn-product-area1 dl dt, .rn-product-area3 dl dt").Each(func(_ int, dt *goquery.Selection) {
		dd := dt.NextFiltered("dd")
		switch strings.Join(strings.Fields(dt.Text()), "") {
		case "등급":
			s.AgeText = page.Words(dd)
		case "관람시간":
			s.RunningText = page.Words(dd)
		case "공연시간안내":
			s.TimesText = page.Words(dd)
		case "출연":
			dd.Find("a.rn-product-peole, a.rn-product-people").Each(func(_ int, a *goquery.Selection) {
				if name := page.Words(a); name != "" {
					s.Cast = append(s.Cast, ticket.CastMember{Name: name})
				}
			})
		}
	})
	doc.Find("#divPrice .rn-product-price1 li").Each(func(_ int, li *goquery.Selection) {
		if w := page.Words(li); w != "" {
			s.Prices = append(s.Prices, sellers.RawPrice{Text: w})
		}
	})
	s.CompanyText = page.Cell(doc, "주최/기획")
	s.PosterURL, _ = page.First(doc, ".rn-product-imgbox img").Attr("src")
	s.Synopsis = page.Words(page.First(doc, "#divPerfContent"))
	s.Strips = page.Strips(doc.Selection, "#divPerfContent, #divPerfNotice, #divPerfPromotion")
}

// fromJSON fills what the page itself did not show.
func fromJSON(e page.Event, s *sellers.RawShow) {
	if s.PeriodText == "" {
		s.StartText, s.EndText = string(e.StartDate), string(e.EndDate)
	}
	if s.VenueText == "" {
		s.VenueText = string(e.Location.Name)
	}
	if s.PosterURL == "" {
		s.PosterURL = string(e.Image)
	}
}
