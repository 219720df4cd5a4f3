package yes24

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"ticketmoa/modules/sellers"
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

// event is the JSON-LD of a product page.
type event struct {
	Type      string `json:"@type"`
	Name      string `json:"name"`
	StartDate string `json:"startDate"`
	EndDate   string `json:"endDate"`
	Image     any    `json:"image"`
	Location  struct {
		Name string `json:"name"`
	} `json:"location"`
}

func parseDetail(p *ticket.Page) (sellers.Result, error) {
	body := decoded(p)
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(body))
	if err != nil {
		return sellers.Result{}, fmt.Errorf("%w: %s: %w", sellers.ErrNotOurs, p.URL, err)
	}
	title := words(doc.Find("p.rn-big-title").First())
	e, structured := jsonLD(doc)
	if title == "" && (!structured || !reOurs.Match(body)) {
		return sellers.Result{}, nothing(p, body, doc)
	}
	s := sellers.RawShow{Code: code(p, doc), Title: title}
	if s.Title == "" {
		s.Title = strings.TrimSpace(e.Name)
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
	own, _ := doc.Find(`meta[property="og:url"]`).First().Attr("content")
	action, _ := doc.Find("form#mainForm").First().Attr("action")
	for _, raw := range []string{"/Perf/" + p.Code, p.URL, own, action} {
		if m := rePerfPath.FindStringSubmatch(raw); m != nil {
			return m[1]
		}
	}
	return ""
}

func fromDOM(doc *goquery.Document, s *sellers.RawShow) {
	var genre []string
	doc.Find(".rn-location a").Each(func(_ int, a *goquery.Selection) { genre = append(genre, words(a)) })
	s.GenreText = strings.Join(genre, " > ")
	doc.Find(".rn-labels .rn-label").Each(func(_ int, l *goquery.Selection) {
		if w := words(l); w != "" {
			s.Badges = append(s.Badges, w)
		}
	})
	s.PeriodText = words(doc.Find(".ps-date").First())
	s.VenueText = words(doc.Find(".ps-location").First())
	s.AddressText = words(doc.Find("#TheaterAddress").First())
	doc.Find(".rn-product-area1 dl dt, .rn-product-area3 dl dt").Each(func(_ int, dt *goquery.Selection) {
		dd := dt.NextFiltered("dd")
		switch strings.Join(strings.Fields(dt.Text()), "") {
		case "등급":
			s.AgeText = words(dd)
		case "관람시간":
			s.RunningText = words(dd)
		case "공연시간안내":
			s.TimesText = words(dd)
		case "출연":
			dd.Find("a.rn-product-peole, a.rn-product-people").Each(func(_ int, a *goquery.Selection) {
				if name := words(a); name != "" {
					s.Cast = append(s.Cast, ticket.CastMember{Name: name})
				}
			})
		}
	})
	doc.Find("#divPrice .rn-product-price1 li").Each(func(_ int, li *goquery.Selection) {
		if w := words(li); w != "" {
			s.Prices = append(s.Prices, sellers.RawPrice{Text: w})
		}
	})
	s.PosterURL, _ = doc.Find(".rn-product-imgbox img").First().Attr("src")
	s.Synopsis = words(doc.Find("#divPerfContent").First())
}

// fromJSON fills what the page itself did not show.
func fromJSON(e event, s *sellers.RawShow) {
	if s.PeriodText == "" {
		s.StartText, s.EndText = e.StartDate, e.EndDate
	}
	if s.VenueText == "" {
		s.VenueText = e.Location.Name
	}
	if image, ok := e.Image.(string); ok && s.PosterURL == "" {
		s.PosterURL = image
	}
}

func jsonLD(doc *goquery.Document) (event, bool) {
	var e event
	found := false
	doc.Find(`script[type="application/ld+json"]`).EachWithBreak(func(_ int, n *goquery.Selection) bool {
		var one event
		if json.Unmarshal([]byte(n.Text()), &one) == nil && one.Type == "Event" && one.Name != "" {
			e, found = one, true
		}
		return !found
	})
	return e, found
}

// words is the text of a node with single blanks.
func words(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }
