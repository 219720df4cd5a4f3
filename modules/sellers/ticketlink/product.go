package ticketlink

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
	reProductPath = regexp.MustCompile(`/product/(\d{1,12})(?:[/?#]|$)`)
	reDatesPath   = regexp.MustCompile(`/product/(\d{1,12})/datesByUtc`)
	reNoticePath  = regexp.MustCompile(`/help/notice/(\d{1,12})(?:[/?#]|$)`)
)

// shell tells whether a document is the site's frame without content.
func shell(doc *goquery.Document) bool {
	title := strings.TrimSpace(page.First(doc, "title").Text())
	return title == "티켓링크" || strings.HasSuffix(title, "|티켓링크") || doc.Find(`meta[property="og:title"][content*="티켓링크"]`).Length() > 0 ||
		doc.Find(`link[href*="ticketlink-cdn"], script[src*="ticketlink"]`).Length() > 0
}

func empty(doc *goquery.Document, p *ticket.Page, what string) error {
	if shell(doc) {
		return fmt.Errorf("%w: %s has no %s", sellers.ErrUnrendered, p.URL, what)
	}
	return fmt.Errorf("%w: %s has no %s", sellers.ErrNotOurs, p.URL, what)
}

// code is the first of the places that names the page: the request, its address, the page's own link to itself.
func code(p *ticket.Page, doc *goquery.Document, path *regexp.Regexp) string {
	if c := page.Scalar(p.Code).Digits(); c != "" {
		return c
	}
	for _, raw := range []string{p.URL, page.Attr(doc, `meta[property="og:url"]`, "content"), page.Attr(doc, `link[rel="canonical"]`, "href")} {
		if m := path.FindStringSubmatch(raw); m != nil {
			return m[1]
		}
	}
	return ""
}

// parseProduct reads a rendered product page, or the JSON-LD of one.
func parseProduct(p *ticket.Page) (sellers.Result, error) {
	doc, err := page.Document(p)
	if err != nil {
		return sellers.Result{}, err
	}
	title := page.Words(page.First(doc, "h1.product_title"))
	info := doc.Find(".product_info_list .product_info_item")
	show := sellers.RawShow{Code: code(p, doc, reProductPath)}
	if title == "" || info.Length() == 0 {
		if !shell(doc) || !structured(doc, &show) {
			return sellers.Result{}, empty(doc, p, "product_info_list")
		}
	} else {
		show.Title = title
		fields(doc, info, &show)
	}
	if show.Code == "" {
		return sellers.Result{}, fmt.Errorf("%w: %s does not say which product it is", sellers.ErrNotOurs, p.URL)
	}
	show.URL = productURL(show.Code)
	return sellers.Result{Shows: []sellers.RawShow{show}}, nil
}

func fields(doc *goquery.Document, info *goquery.Selection, show *sellers.RawShow) {
	info.Each(func(_ int, item *goquery.Selection) {
		desc := item.Find(".product_info_desc").First()
		text := page.Words(desc)
		switch page.Squeeze(item.Find(".product_info_title").First().Text()) {
		case "장소":
			show.VenueText = text
		case "기간":
			show.PeriodText = text
		case "관람시간":
			show.RunningText = text
		case "관람등급":
			show.AgeText = text
		case "가격":
			desc.Find(".product_info_subitem").Each(func(_ int, li *goquery.Selection) {
				show.Prices = append(show.Prices, splitPrice(li))
			})
		}
	})
	doc.Find(".product_casting_item").Each(func(_ int, c *goquery.Selection) {
		if name := page.Words(c.Find(".product_casting_name").First()); name != "" {
			show.Cast = append(show.Cast, ticket.CastMember{Name: name, Role: page.Words(c.Find(".product_casting_role").First())})
		}
	})
	doc.Find(".product_flag .flag_area *").Each(func(_ int, f *goquery.Selection) {
		if f.Children().Length() == 0 {
			if w := page.Words(f); w != "" {
				show.Badges = append(show.Badges, w)
			}
		}
	})
	show.CompanyText = page.Cell(doc, "주최/기획")
	show.PosterURL = page.Attr(doc, ".product_detail_img", "src")
	show.Strips = page.Strips(doc.Selection, ".product_editor, .product_templete")
}

// splitPrice joins a price whose grade, sum and unit stand in nodes of their own: "R석", "150,000", "원".
func splitPrice(li *goquery.Selection) sellers.RawPrice {
	sum := li.Find(".text_emphasis").First()
	if sum.Length() == 0 {
		return sellers.RawPrice{Text: page.Words(li)}
	}
	all, amount := page.Words(li), page.Words(sum)
	grade, unit, _ := strings.Cut(all, amount)
	return sellers.RawPrice{Grade: strings.TrimSpace(grade), Text: amount + strings.TrimSpace(unit)}
}

// structured reads the JSON-LD of an event into show; false when there is none.
func structured(doc *goquery.Document, show *sellers.RawShow) bool {
	e, ok := page.FindEvent(doc)
	if ok {
		show.Title = strings.TrimSpace(strings.TrimSuffix(string(e.Name), "|티켓링크"))
		show.StartText, show.EndText = dayPart(e.StartDate), dayPart(e.EndDate)
		show.VenueText, show.PosterURL = string(e.Location.Name), string(e.Image)
	}
	return ok
}

// dayPart is the day of "2026-04-17" or "2026-04-17T00:00:00+09:00". Another zone would need a conversion: then nothing.
func dayPart(s page.Scalar) string {
	day, rest, timed := strings.Cut(string(s), "T")
	if timed && strings.ContainsAny(rest, "Z+-") && !strings.HasSuffix(rest, "+09:00") {
		return ""
	}
	return day
}
