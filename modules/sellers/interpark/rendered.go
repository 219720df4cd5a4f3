package interpark

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

// parseRendered reads a goods page as people see it, whole or only its main part.
func parseRendered(p *ticket.Page) (sellers.Result, error) {
	doc, err := page.Document(p)
	if err != nil {
		return sellers.Result{}, err
	}
	title := page.Words(page.First(doc, "h2.prdTitle"))
	if title == "" {
		return sellers.Result{}, nothing(p, "h2.prdTitle")
	}
	poster := page.Attr(doc, "img.posterBoxImage", "src")
	s := sellers.RawShow{Code: renderedCode(p, doc, poster), Title: title, PosterURL: poster}
	if s.Code == "" {
		return sellers.Result{}, fmt.Errorf("%w: %s does not say which goods it is", sellers.ErrNotOurs, p.URL)
	}
	s.URL = goodsURL(s.Code)
	s.GenreText = page.Words(page.First(doc, ".tagText span"))
	doc.Find(".tagList > .tagItem .tagButton").Each(func(_ int, b *goquery.Selection) { s.Badges = append(s.Badges, page.Words(b)) })
	doc.Find("ul.info > li.infoItem").Each(func(_ int, item *goquery.Selection) { infoItem(item, &s) })
	doc.Find(".castingList .castingItem").Each(func(_ int, c *goquery.Selection) {
		if name := page.Words(c.Find(".castingName").First()); name != "" {
			s.Cast = append(s.Cast, ticket.CastMember{Name: name, Role: page.Words(c.Find(".castingActor").First())})
		}
	})
	doc.Find(".prdContents .content").Each(func(_ int, c *goquery.Selection) {
		if strings.HasPrefix(page.Words(c.Find(".contentTitle").First()), "공연시간") {
			s.TimesText = strings.Join(page.Lines(c.Find(".contentDetailList").First()), " / ")
		}
	})
	s.Synopsis = synopsis(page.First(doc, ".content.description .contentDetail"))
	s.Strips = page.Strips(doc.Selection, ".content.description .contentDetail")
	return sellers.Result{Shows: []sellers.RawShow{s}}, nil
}

// renderedCode is the first of the places that name the goods: the request, its address, its own links, its poster.
func renderedCode(p *ticket.Page, doc *goquery.Document, poster string) string {
	own, _ := page.First(doc, ".tagList a.tagButton, .prdCastBtn").Attr("href")
	for _, raw := range []string{"/goods/" + p.Code, p.URL, page.Attr(doc, `meta[property="og:url"]`, "content"), own} {
		if c := codeIn(raw); c != "" {
			return c
		}
	}
	if m := rePoster.FindStringSubmatch("/" + poster); m != nil {
		return m[1]
	}
	return ""
}

func infoItem(item *goquery.Selection, s *sellers.RawShow) {
	desc := item.Find(".infoDesc").First()
	text := page.Words(desc.Find(".infoText").First())
	switch page.Squeeze(item.Find(".infoLabel").First().Text()) {
	case "장소":
		place := desc.Find(".infoBtn").First().Clone()
		place.Find("i").Remove()
		s.VenueText = page.Words(place)
		if s.VenueText == "" {
			s.VenueText = text
		}
	case "공연기간", "전시기간", "행사기간", "경기일", "기간":
		s.PeriodText = text
	case "공연시간", "관람시간":
		s.RunningText = text
	case "관람연령", "관람등급":
		s.AgeText = text
	case "가격":
		desc.Find("li.infoPriceItem").Each(func(_ int, li *goquery.Selection) {
			if price := page.Words(li.Find(".price").First()); price != "" {
				s.Prices = append(s.Prices, sellers.RawPrice{Grade: page.Words(li.Find(".name").First()), Text: price})
			}
		})
	}
}

var (
	reStory  = regexp.MustCompile(`^[\[［【<〈■◆●▶◈*\s]*(?:시놉시스|줄거리|작품\s*소개|공연\s*소개|작품\s*설명|공연\s*내용|전시\s*소개|행사\s*소개|SYNOPSIS|STORY)[\]］】>〉*\s:：]*$`)
	reNoMore = regexp.MustCompile(`^[\[［【<〈■◆●▶◈*※\-\s]*(?:캐스팅|출연진?|출연자|CAST|CREATIVE|제작진|할인|예매|공지|유의\s*사항|주의\s*사항|관람\s*안내|티켓|문의|기획사|주최|주관|환불|취소|이벤트|교통|오시는)`)
)

// synopsis is what stands below a heading that announces the story, up to the next heading; "" when there is none. Text
// without such a heading may be anything (notices, discounts) and is left.
func synopsis(s *goquery.Selection) string {
	var out []string
	inside := false
	for _, line := range page.Lines(s) {
		switch {
		case reStory.MatchString(line):
			inside = true
		case inside && reNoMore.MatchString(line):
			inside = false
		case inside:
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// fragment is a piece of HTML that came inside of JSON.
func fragment(text string) *goquery.Selection {
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(text))
	if err != nil {
		return &goquery.Selection{}
	}
	return doc.Selection
}

// lineOf writes the lines of a free text in one.
func lineOf(text string) string {
	return strings.Join(page.Lines(fragment(strings.ReplaceAll(text, "\n", "<br>"))), " / ")
}
