package interpark

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

// match is one fixture on its way: a show, and the opening that announces it.
type match struct {
	code, home, away, venue, day, clock, opens, presale, image, url, state, asOf string
}

// add adds a match as a show and, where its sale is announced, as an opening that leads to the show.
func (m match) add(r *sellers.Result) {
	if m.code == "" || m.home == "" || m.away == "" || holds(r.Shows, func(o sellers.RawShow) bool { return o.Code == m.code }) {
		return
	}
	title := m.home + " vs " + m.away
	r.Shows = append(r.Shows, sellers.RawShow{Code: m.code, URL: m.url, Title: title, GenreText: "스포츠", VenueText: m.venue, PeriodText: m.day, TimesText: m.clock,
		OpensText: m.opens, StateText: m.state, PosterURL: m.image, Home: m.home, Away: m.away, AsOfText: m.asOf})
	if m.opens == "" && m.presale == "" {
		return
	}
	n := sellers.RawNotice{ID: "match-" + m.code, URL: m.url, Title: title, OpensText: m.opens, AsOfText: m.asOf, VenueText: m.venue, PeriodText: m.day,
		TimesText: m.clock, GenreText: "스포츠", ProductCode: m.code, ProductURL: m.url}
	if m.presale != "" {
		n.Presales = []sellers.RawPresale{{Name: "선예매", Text: m.presale}}
	}
	r.Notices = append(r.Notices, n)
}

// parseMatches reads the matches out of the data that a club's page on nol.yanolja.com is sent. A page of a club without
// matches to come is a page too.
func parseMatches(p *ticket.Page, flight []byte) (sellers.Result, error) {
	var r sellers.Result
	page.Objects(flight, "goodsCode", func(raw json.RawMessage) {
		var g struct {
			Code     page.Scalar `json:"goodsCode"`
			Place    page.Scalar `json:"placeName"`
			Opens    page.Scalar `json:"bookingOpenTime"`
			Image    page.Scalar `json:"posterImageUrl"`
			PreSales page.List[struct {
				Opens page.Scalar `json:"minBookingOpenTime"`
			}] `json:"preSales"`
			Sport *struct {
				Day   page.Scalar `json:"playDate"`
				Clock page.Scalar `json:"playTime"`
				Home  team        `json:"homeOrganization"`
				Away  team        `json:"awayOrganization"`
			} `json:"sport"`
		}
		if json.Unmarshal(raw, &g) != nil || g.Sport == nil {
			return
		}
		m := match{code: goodsCode(string(g.Code)), home: string(g.Sport.Home.Name), away: string(g.Sport.Away.Name), venue: string(g.Place), day: string(g.Sport.Day),
			clock: clock(string(g.Sport.Clock)), opens: string(g.Opens), image: string(g.Image)}
		m.url = goodsURL(m.code)
		if len(g.PreSales) > 0 {
			m.presale = string(g.PreSales[0].Opens)
		}
		m.add(&r)
	})
	if len(r.Shows) == 0 && !strings.Contains(p.URL, "/sports/") {
		return sellers.Result{}, fmt.Errorf("%w: %s sends no matches", sellers.ErrNotOurs, p.URL)
	}
	return r, nil
}

type team struct {
	Name page.Scalar `json:"name"`
}

// clock writes 1830 as 18:30.
func clock(s string) string {
	if len(s) == 4 && page.Scalar(s).Digits() != "" {
		return s[:2] + ":" + s[2:]
	}
	return s
}

var (
	reBooking = regexp.MustCompile(`CallWynsBooking\((?:'[^']*',){4}'([A-Z]?\d{6,9})','[^']*','(\d{8})'`)
	reTeam    = regexp.MustCompile(`TeamCode=([A-Z0-9]{3,8})`)
	reVersus  = regexp.MustCompile(`(?i)^(.+?)\s+vs\.?\s+(.+?)(?:\s*\(\d{1,2}\.\d{1,2}\))?$`)
	reWhen    = regexp.MustCompile(`^(\d{4}\.\d{2}\.\d{2})\s+(\d{1,2}:\d{2})$`)
	reSale    = regexp.MustCompile(`(선예매|일반)?\s*(\d{1,2}월\s*\d{1,2}일\s*\d{1,2}시(?:\s*\d{1,2}분)?)`)
)

// shownMatches adds the matches of ticket.interpark.com/Contents/Sports, which ended in 2025. A match whose sale has not
// begun has no goods code yet: it is named by its club and its day, as the site's own links do.
func shownMatches(doc *goquery.Document, r *sellers.Result) {
	doc.Find("li .matchContent").Each(func(_ int, c *goquery.Selection) {
		li := c.Closest("li")
		when := reWhen.FindStringSubmatch(page.Words(c.Find(".matchDate").First()))
		names := reVersus.FindStringSubmatch(page.Words(c.Find(".matchTeam").First()))
		if when == nil || names == nil {
			return
		}
		href, _ := c.Find(".matchTeam a").First().Attr("href")
		m := match{home: names[1], away: names[2], venue: page.Words(c.Find(".matchLocation").First()), day: when[1], clock: when[2], asOf: when[1]}
		m.finish(li.Find(".matchBtn").First(), href, strings.ReplaceAll(when[1], ".", ""))
		m.add(r)
	})
	href := ""
	if logo := page.Attr(doc, ".sportsDetailTop .logo img", "src"); logo != "" { // the club's picture bears its code
		href = "/Contents/Sports/GoodsInfo?TeamCode=" + strings.TrimSuffix(logo[strings.LastIndexByte(logo, '/')+1:], ".png")
	}
	home := page.Words(page.First(doc, "#divTeamName"))
	doc.Find(".timeScheduleList .timeSchedule").Each(func(_ int, t *goquery.Selection) {
		m := match{home: page.Words(t.Find(".team1 a").Last()), away: page.Words(t.Find(".team2 a").Last()), venue: page.Words(t.Find(".ground span").First()),
			day: drawn(t.Find(".scheduleDate").First()), clock: drawn(t.Find(".scheduleTime").First()), asOf: dayOfBooking(doc)}
		if names := reVersus.FindStringSubmatch(page.Words(t.Find(".textInfoBox").First())); names != nil {
			m.home, m.away = names[1], names[2]
		}
		if m.home == "" {
			m.home = home
		}
		day := strings.Trim(page.Squeeze(strings.NewReplacer(".", "", "(", "", ")", "").Replace(m.day)), "일월화수목금토")
		if len(day) == len("0827") && len(m.asOf) == len("20240820") { // the page's own year, so that next season's match is another
			day = m.asOf[:4] + day
		}
		m.finish(t.Find(".btns").First(), href, day)
		m.add(r)
	})
}

// finish reads a match's button: the goods code of a sale under way, or when it opens; and gives the match its code.
func (m *match) finish(button *goquery.Selection, href, day string) {
	html, _ := goquery.OuterHtml(button) // an empty selection gives ""
	if b := reBooking.FindStringSubmatch(strings.ReplaceAll(html, "&#39;", "'")); b != nil {
		m.code, m.url = b[1], goodsURL(b[1])
		m.day, m.asOf = b[2], ""
		return
	}
	for _, s := range reSale.FindAllStringSubmatch(page.Words(button), -1) {
		if s[1] == "선예매" {
			m.presale = s[2]
		} else if m.opens == "" {
			m.opens = s[2]
		}
	}
	if t := reTeam.FindStringSubmatch(href); t != nil && day != "" {
		m.code = t[1] + "-" + day
		m.url = "https://ticket.interpark.com" + href
	}
}

// drawn reads digits that a page draws as pictures, each with its digit as a class: num0 num8 dot num2 num3.
func drawn(s *goquery.Selection) string {
	var b strings.Builder
	s.Children().Each(func(_ int, d *goquery.Selection) {
		class, _ := d.Attr("class")
		for _, c := range strings.Fields(class) {
			switch {
			case c == "dot":
				b.WriteByte('.')
			case c == "colon":
				b.WriteByte(':')
			case c == "date":
				b.WriteString(page.Words(d))
			case len(c) == 4 && strings.HasPrefix(c, "num"):
				b.WriteByte(c[3])
			}
		}
	})
	return b.String()
}

// dayOfBooking is a day with its year that the page itself names: that of a sale under way.
func dayOfBooking(doc *goquery.Document) string {
	day := ""
	doc.Find(".timeSchedule .btns a").EachWithBreak(func(_ int, a *goquery.Selection) bool {
		on, _ := a.Attr("onclick")
		if m := reBooking.FindStringSubmatch(on); m != nil {
			day = m[2]
		}
		return day == ""
	})
	return day
}
