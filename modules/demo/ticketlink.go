package demo

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ticketmoa/modules/ticket"
)

// ticketlinkPages is www and mapi of Ticketlink.
type ticketlinkPages struct {
	cat   *catalogue
	pages *pages
}

func (t *ticketlinkPages) answer(u *url.URL, hours int) answer {
	q := u.Query()
	rest, product := strings.CutPrefix(u.Path, "/product/")
	switch {
	case product: // a product that does not exist is the same shell: its data never comes
		return t.pages.page(http.StatusOK, "ticketlink_product.html", rest)
	case u.Path == "/static/product.js":
		return answer{http.StatusOK, "text/javascript; charset=utf-8", t.pages.script}
	case u.Path == "/mapi/productList/show":
		return t.list(q)
	case u.Path == "/mapi/sports/schedules":
		return t.schedules(q.Get("teamId"))
	case strings.HasPrefix(u.Path, "/mapi/product/") && strings.HasSuffix(u.Path, "/datesByUtc"):
		return t.dates(strings.TrimSuffix(strings.TrimPrefix(u.Path, "/mapi/product/"), "/datesByUtc"))
	case strings.HasPrefix(u.Path, "/mapi/product/"):
		return t.product(strings.TrimPrefix(u.Path, "/mapi/product/"), hours)
	case u.Path == "/help/getNoticeList":
		return t.noticeList(q, hours)
	case strings.HasPrefix(u.Path, "/help/notice/"):
		return t.notice(strings.TrimPrefix(u.Path, "/help/notice/"), hours)
	}
	return t.pages.front(u)
}

const (
	productsAPage = 28
	noticesAPage  = 15
)

type object = map[string]any

func millis(d ticket.Date) int64 { return d.Time().UnixMilli() }

// list answers mapi/productList/show: level 1 is 10 for all shows and 11 for exhibitions, level 2 the sorts below 10.
func (t *ticketlinkPages) list(q url.Values) answer {
	var in []*show
	for _, s := range t.cat.shows {
		if s.ticketlink != "" && t.filed(s, q.Get("categoryId")) {
			in = append(in, s)
		}
	}
	result := []object{}
	for _, s := range cut(in, number(q, "page", 1), productsAPage) {
		flags := []object{}
		if s.exclusive && s.styles[0] >= 3 {
			flags = append(flags, object{"flagName": "단독판매"})
		}
		result = append(result, object{"productId": s.ticketlink, "productImagePath": t.poster(s), "productName": s.ticketlinkTitle(),
			"locationName": string(s.room.hall.region), "regionDomesticYn": "Y", "hallName": s.room.ticketlinkName(), "startDate": millis(s.start),
			"endDate": millis(s.end), "category2Name": t.cat.filings[s.sort].category2, "productFlagInfo": flags})
	}
	return asJSON(object{"success": true, "data": object{"result": result}})
}

func (t *ticketlinkPages) filed(s *show, category string) bool {
	own := t.cat.filings[s.sort].category
	switch category {
	case "10":
		return own != "11"
	case "84":
		return s.sort == play && s.room.hall.district() == "종로구"
	}
	return own == category
}

func (t *ticketlinkPages) poster(s *show) string {
	return "//image.toast.com/aaaaab/ticketlink/DEMO/" + cmp.Or(s.ticketlink, "notice") + ".jpg"
}

// product answers mapi/product/{id}, out of which the page's script builds what people see.
func (t *ticketlinkPages) product(code string, hours int) answer {
	s := t.cat.at[ticketlinkSite][code]
	if s == nil {
		return asJSON(object{"success": false, "result": object{"message": "상품 정보가 없습니다."}, "data": nil})
	}
	prices, cast, flags := [][2]string{}, [][2]string{}, []string{}
	for _, p := range s.pricesAt(hours) {
		prices = append(prices, [2]string{p.Grade, won(p.Won)})
	}
	for _, m := range s.cast {
		cast = append(cast, [2]string{m.Name, m.Role})
	}
	if s.exclusive {
		flags = append(flags, "단독판매")
	}
	return asJSON(object{"success": true, "data": object{"productId": code, "productName": s.ticketlinkTitle(), "productImagePath": t.poster(s),
		"hallName": s.room.ticketlinkName(), "runningTime": t.running(s), "period": t.period(s), "viewClass": s.age.ticketlink(),
		"prices": prices, "cast": cast, "flags": flags}})
}

func (t *ticketlinkPages) period(s *show) string {
	if s.openRun {
		return dotted(s.start) + " - 오픈런"
	}
	return dotted(s.start) + " - " + dotted(s.end)
}

func (t *ticketlinkPages) running(s *show) string {
	switch {
	case s.minutes == 0:
		return ""
	case s.pause > 0:
		return fmt.Sprintf("%d분 (인터미션: %d분)", s.minutes, s.pause)
	}
	return fmt.Sprintf("%d분", s.minutes)
}

func (n *notice) title() string {
	name := n.show.ticketlinkTitle()
	if n.round > 0 {
		name += fmt.Sprintf(" %d차", n.round)
	}
	return name + " 티켓오픈 안내"
}

func (t *ticketlinkPages) noticeList(q url.Values, hours int) answer {
	result := []object{}
	for _, n := range cut(t.cat.noticesAt(hours), number(q, "page", 1), noticesAPage) {
		var product any
		if n.product {
			product = n.show.ticketlink
		}
		result = append(result, object{"noticeId": n.id, "title": n.title(), "ticketOpenDatetime": n.opens.UnixMilli(),
			"noticeCategoryCode": "TICKET_OPEN", "productId": product})
	}
	return asJSON(object{"result": object{"result": result, "paging": object{"page": number(q, "page", 1)}}})
}

// noticePage is what the template of a notice shows.
type noticePage struct {
	Poster, Title, Venue, Product, Round, Opens, RoundRun, Presale, Period, Times, Prices, Running, Age, Synopsis, Cast string

	Views, OpensAt, Registered int64
}

func (t *ticketlinkPages) notice(id string, hours int) answer {
	all := t.cat.noticesAt(hours)
	i := slices.IndexFunc(all, func(n *notice) bool { return n.id == id })
	if i < 0 {
		return t.pages.page(http.StatusOK, "ticketlink_product.html", nil)
	}
	n := all[i]
	s := n.show
	page := noticePage{Poster: t.poster(s), Title: n.title(), Venue: s.room.ticketlinkName(), Period: spelled(s.start) + " ~ " + spelled(s.end), Times: s.noticeTimes(),
		Running: t.running(s), Age: s.age.ticketlink(), Synopsis: s.synopsis, Opens: instant(n.opens), OpensAt: n.opens.UnixMilli(),
		Registered: n.registered.UnixMilli(), Views: 100 + n.opens.Unix()%9000}
	if s.start == s.end {
		page.Period = spelled(s.start)
	}
	if n.product {
		page.Product = "https://www.ticketlink.co.kr/product/" + s.ticketlink
	}
	if n.round > 0 {
		page.Round = fmt.Sprintf("%d차 ", n.round)
		from := s.start.AddDays(21 * (n.round - 1))
		if to := min(from.AddDays(20), s.end); from <= to {
			page.RoundRun = spelled(from) + " ~ " + spelled(to)
		}
	}
	if n.presale {
		from := ticket.DateOf(n.opens).AddDays(-2)
		to := ticket.DateOf(n.opens).AddDays(-1)
		page.Presale = fmt.Sprintf("%s(%s) 20:00 ~ %s(%s) 23:59", dotted(from), weekday(from), to.Time().Format("01.02"), weekday(to))
	}
	page.Prices = priceLine(s.pricesAt(hours), " / ")
	var cast []string
	for _, m := range s.cast {
		cast = append(cast, strings.TrimSpace(m.Role+" "+m.Name))
	}
	page.Cast = strings.Join(cast, ", ")
	return t.pages.page(http.StatusOK, "ticketlink_notice.html", page)
}

// instant is "2026년 04월 01일(수) 14시".
func instant(at time.Time) string {
	return spelled(ticket.DateOf(at)) + fmt.Sprintf(" %d시", at.In(ticket.Seoul).Hour())
}

// priceLine writes prices in one line: "R석 99,000원, S석 77,000원".
func priceLine(prices []ticket.Price, between string) string {
	var out []string
	for _, p := range prices {
		if p.Won == 0 {
			out = append(out, p.Grade+"무료")
			continue
		}
		out = append(out, p.Grade+" "+won(p.Won)+"원")
	}
	return strings.Join(out, between)
}
