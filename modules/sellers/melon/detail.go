package melon

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/PuerkitoBio/goquery"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

var (
	// A product that is not there is answered with an alert, or with the frame of a product without its gate.
	reGone  = regexp.MustCompile(`상품이\s*존재하지\s*않습니다|gate_val\s*=\s*(?:""|'')`)
	rePlace = regexp.MustCompile(`[?&]placeId=(\d{1,12})(?:\D|$)`)
)

// parseProduct reads the page of a product, which the server renders but for the sale itself.
func parseProduct(p *ticket.Page) (sellers.Result, error) {
	doc, err := page.Document(p)
	if err != nil {
		return sellers.Result{}, err
	}
	box := page.First(doc, ".box_consert_txt")
	s := sellers.RawShow{Code: code(p, reProduct, page.Attr(doc, `meta[property="og:url"]`, "content"), "?prodId="+page.Attr(doc, "#prodIdNum", "value"))}
	s.Title, s.Badges = apart(box.Find("p.tit").First())
	if s.Title == "" {
		if reGone.Match(page.Text(p)) {
			return sellers.Result{}, fmt.Errorf("%w: %s", sellers.ErrGone, p.URL)
		}
		return sellers.Result{}, empty(doc, p, ".box_consert_txt with a title")
	}
	if s.Code == "" {
		return sellers.Result{}, fmt.Errorf("%w: %s does not say which product it is", sellers.ErrNotOurs, p.URL)
	}
	s.URL = productURL(s.Code)
	box.Find(".point span").Each(func(_ int, n *goquery.Selection) {
		if w := page.Words(n); w != "" && n.Children().Length() == 0 {
			s.Badges = append(s.Badges, w)
		}
	})
	facts(box, &s)
	place(doc, &s)
	s.Prices = prices(doc)
	s.TimesText = strings.Join(section(doc, ".box_concert_time"), " / ")
	s.Synopsis = strings.Join(section(doc, ".box_img_content"), "\n")
	if s.Synopsis == "" {
		s.Synopsis = strings.Join(page.Lines(box.Find(".tit_s").First()), "\n")
	}
	s.Strips = page.Strips(doc.Selection, ".box_img_content, .box_ticke_notice, .box_price_info")
	cast(doc, &s)
	sale(doc, &s)
	s.PosterURL = image(page.Attr(doc, ".box_consert_thumb img", "src"))
	if s.PosterURL == "" {
		s.PosterURL = image(page.Attr(doc, `meta[property="og:image"]`, "content"))
	}
	return sellers.Result{Shows: []sellers.RawShow{s}}, nil
}

// facts reads the pairs of label and value beside the poster.
func facts(box *goquery.Selection, s *sellers.RawShow) {
	box.Find("dt").Each(func(_ int, dt *goquery.Selection) {
		dd := dt.NextFiltered("dd")
		switch label := page.Squeeze(dt.Text()); {
		case strings.HasSuffix(label, "기간"): // 공연기간, 전시기간, 행사기간
			s.PeriodText = page.Words(dd)
		case label == "관람시간":
			s.RunningText = page.Words(dd)
		case label == "관람등급":
			s.AgeText = page.Words(dd)
		case label == "장르":
			s.GenreText = page.Words(dd)
		case label == "공연장", label == "장소", label == "전시장", label == "행사장":
			name := dd.Find(".place").First()
			if name.Length() == 0 {
				dd = dd.Clone()
				dd.Find(".ico_more").Remove()
				name = dd
			}
			s.VenueText = page.Words(name)
		}
	})
	if period := page.Words(box.Find("#periodInfo").First()); period != "" {
		s.PeriodText = period
	}
}

// place reads the tab about the venue: its code, and the address as the first line of it that is no number or link.
func place(doc *goquery.Document, s *sellers.RawShow) {
	box := page.First(doc, ".box_consert_profile_in")
	if m := rePlace.FindStringSubmatch(attr(box.Find(`a[href*="placeId"]`).First(), "href")); m != nil {
		s.VenueCode = m[1]
	}
	box.Find("ul.list_profile li").EachWithBreak(func(_ int, li *goquery.Selection) bool {
		if w := page.Words(li); strings.ContainsFunc(w, func(r rune) bool { return unicode.Is(unicode.Hangul, r) }) && li.Find("a").Length() == 0 {
			s.AddressText = w
		}
		return s.AddressText == ""
	})
}

func attr(s *goquery.Selection, name string) string {
	v, _ := s.Attr(name)
	return strings.TrimSpace(v)
}

// prices are those of the base price; lists under another heading are discounts.
func prices(doc *goquery.Document) (out []sellers.RawPrice) {
	doc.Find(".box_bace_price ul.list_seat").Each(func(_ int, ul *goquery.Selection) {
		if head := page.Squeeze(ul.PrevAllFiltered(".tit_sub_ss_float").First().Text()); head != "" && head != "기본가" {
			return
		}
		ul.ChildrenFiltered("li").Each(func(_ int, li *goquery.Selection) {
			if sum := page.Words(li.Find(".price").First()); sum != "" {
				out = append(out, sellers.RawPrice{Grade: page.Words(li.Find(".seat_name").First()), Text: sum})
			}
		})
	})
	return out
}

// section is the text of a part of the page without its heading.
func section(doc *goquery.Document, selector string) []string {
	box := page.First(doc, selector).Clone()
	box.Find(".tit_sub_float, .tit_sub_ss_float").Remove()
	return page.Lines(box)
}

func cast(doc *goquery.Document, s *sellers.RawShow) {
	s.CompanyText = page.Cell(doc, "주최/기획")
	doc.Find(".box_artist_checking ul.list_artist li").Each(func(_ int, li *goquery.Selection) {
		if name := page.Words(li.Find(".singer").First()); name != "" {
			s.Cast = append(s.Cast, ticket.CastMember{Name: name, Role: page.Words(li.Find(".part").First())})
		}
	})
}

// sale reads what the server hands to the script that draws the sale: its state, and the instant it counts down to. With a
// presale that instant may be the presale's, so then it is not taken for the opening.
func sale(doc *goquery.Document, s *sellers.RawShow) {
	field := func(name string) string { return page.Attr(doc, "#tciketProcessBox_"+name, "value") } // sic
	s.StateText = state(field("stateFlg"))
	if field("preSaleTypeCode") == "" && field("preSaleAutheTypeCode") == "" && field("preSaleCounterUse") != "Y" {
		s.OpensText = opening(field("counterDt"))
	}
}
