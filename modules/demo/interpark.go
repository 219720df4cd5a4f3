package demo

import (
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ticketmoa/modules/ticket"
)

// interparkPages is tickets.interpark.com, its front and the clubs' pages of nol.yanolja.com.
type interparkPages struct {
	cat   *catalogue
	pages *pages
}

// nolPageSize is what the lists give, whatever is asked for.
const nolPageSize = 15

func (i *interparkPages) answer(u *url.URL, hours int) answer {
	q := u.Query()
	switch {
	case u.Path == "/contents/api/goods/genre":
		return i.list(q)
	case u.Path == "/contents/api/open-notice/notice-list":
		return i.notices(q, hours)
	case strings.HasPrefix(u.Path, "/v1/goods/"):
		return i.goods(strings.Split(strings.TrimPrefix(u.Path, "/v1/goods/"), "/"), hours)
	case strings.HasPrefix(u.Path, "/v1/Place/"):
		return i.place(strings.TrimPrefix(u.Path, "/v1/Place/"))
	case strings.HasPrefix(u.Path, "/goods/"):
		return i.rendered(strings.TrimPrefix(u.Path, "/goods/"), hours)
	case strings.HasPrefix(u.Path, "/contents/bridge/"), strings.EqualFold(u.Path, "/Ticket/Goods/GoodsInfo.asp"): // older addresses of the same
		code := strings.TrimPrefix(u.Path, "/contents/bridge/")
		if c := q.Get("GoodsCode"); c != "" {
			code = c
		}
		return i.rendered(code, hours)
	case strings.HasPrefix(u.Path, "/ticket/genre/sports/"):
		return i.club(strings.TrimPrefix(u.Path, "/ticket/genre/sports/"))
	}
	return i.pages.front(u)
}

// nolGenres are the site's genres by sort.
func nolGenre(k sort) (code, name string) {
	switch k {
	case musical:
		return "MUSICAL", "뮤지컬"
	case play:
		return "DRAMA", "연극"
	case concert:
		return "CONCERT", "콘서트"
	case family, magic:
		return "KIDS", "아동/가족"
	case exhibition:
		return "EXHIBIT", "전시/행사"
	case classical, dance, traditional:
	}
	return "CLASSIC", map[sort]string{classical: "클래식", dance: "무용", traditional: "국악"}[k]
}

func compactDay(d ticket.Date) string { return d.Time().Format("20060102") }

func (i *interparkPages) poster(s *show) string {
	return "//ticketimage.interpark.com/Play/image/large/" + s.interpark + "_p.gif"
}

func (i *interparkPages) list(q url.Values) answer {
	var in []*show
	for _, s := range i.cat.shows {
		if code, _ := nolGenre(s.sort); s.interpark != "" && code == q.Get("genre") {
			in = append(in, s)
		}
	}
	list := []object{}
	for _, s := range cut(in, number(q, "page", 1), nolPageSize) {
		_, name := nolGenre(s.sort)
		list = append(list, object{"goodsCode": s.interpark, "goodsName": s.nolTitle(), "venueName": s.room.yes24Name(), "regionName": string(s.room.hall.region),
			"startDate": compactDay(s.start), "endDate": compactDay(s.end), "imageUrl": i.poster(s), "subCategoryName": name})
	}
	return asJSON(object{"list": list, "totalElements": len(in), "totalPages": (len(in) + 49) / 50})
}

func (i *interparkPages) notices(q url.Values, hours int) answer {
	if q.Get("goodsGenre") == "" || q.Get("goodsRegion") == "" {
		return answer{http.StatusBadRequest, "application/json", []byte(`{"message":"Bad Request"}`)}
	}
	all := i.cat.noticesOf(interparkSite, hours)
	slices.SortStableFunc(all, func(a, b *notice) int { return a.opens.Compare(b.opens) })
	from, _ := strconv.Atoi(q.Get("offset")) // none is the beginning
	from = max(0, min(from, len(all)))
	out := []object{}
	for _, n := range all[from:min(from+nolPageSize, len(all))] {
		s := n.show
		_, genre := nolGenre(s.sort)
		item := object{"noticeId": n.id, "title": s.nolTitle() + " ", "openDateStr": n.opens.In(ticket.Seoul).Format("2006-01-02 15:04:05"), "isGeneralLater": false,
			"venueName": s.room.yes24Name(), "goodsGenreStr": genre, "goodsRegionStr": string(s.room.hall.region), "openTypeStr": "일반예매", "goodsSeatTypeStr": "",
			"posterImageUrl": "https:" + i.poster(s), "createdAt": n.registered.In(ticket.Seoul).Format("2006-01-02T15:04:05"), "goodsCode": "", "groupMembers": []object{}}
		if n.round > 0 {
			item["openTypeStr"] = fmt.Sprintf("%d차티켓오픈", n.round)
		}
		if s.exclusive {
			item["goodsSeatTypeStr"] = "단독판매"
		}
		if n.product {
			item["goodsCode"] = s.interpark
		}
		out = append(out, item)
	}
	return asJSON(out)
}

// shelled tells whether the front answers for these goods with the frame of the site, as it does now and then.
func (s *show) shelled() bool { return s.n%29 == 7 }

func (i *interparkPages) goods(path []string, hours int) answer {
	s := i.cat.at[interparkSite][path[0]]
	switch {
	case len(path) < 2:
		return answer{http.StatusNotFound, "application/json", []byte(`{"common":{"message":"not found"},"data":null}`)}
	case s == nil:
		return asJSON(object{"common": object{"message": "존재하지 않는 상품입니다."}, "data": nil})
	case path[1] == "summary" && s.shelled():
		return i.pages.page(http.StatusOK, "nol_shell.html", nil)
	case path[1] == "summary":
		return i.summary(s)
	case strings.Join(path[1:], "/") == "prices/group":
		return i.prices(s, hours)
	}
	return asJSON(object{"common": object{"message": "not found"}, "data": nil})
}

func (i *interparkPages) summary(s *show) answer {
	_, genre := nolGenre(s.sort)
	data := object{"goodsCode": s.interpark, "goodsName": s.nolTitle(), "genreName": genre, "genreSubName": "", "viewRateName": s.age.ticketlink(), "runningTime": s.minutes,
		"interMissionTime": s.pause, "playStartDate": compactDay(s.start), "playEndDate": compactDay(s.end), "playTime": s.yes24Times(),
		"ticketOpenDate": s.opens.In(ticket.Seoul).Format("200601021504"), "placeName": s.room.yes24Name(), "placeCode": s.room.hall.nolCode(),
		"goodsLargeImageUrl": i.poster(s), "goodsStatus": "Y", "displayTemplate": "<p>[시놉시스]</p><p>" + s.synopsis + "</p><p>[예매 안내]</p><p>시연용 시뮬레이션입니다.</p>"}
	if s.exclusive {
		data["specialSeatingName"] = "단독판매"
	}
	return asJSON(object{"common": object{"message": "success"}, "data": data})
}

// prices are by grade, and one show in five sells to early bookers for less. Their order is that of the grades.
func (i *interparkPages) prices(s *show, hours int) answer {
	var b strings.Builder
	b.WriteString(`{"common":{"message":"success"},"data":{`)
	for n, p := range s.pricesAt(hours) {
		if n > 0 {
			b.WriteByte(',')
		}
		name, _ := json.Marshal(p.Grade) // a string
		fmt.Fprintf(&b, `%s:{"기본가":[{"seatGradeName":%s,"salesPrice":%d,"priceGradeName":"일반"}]`, name, name, p.Won)
		if s.n%5 == 0 && p.Won > 20_000 {
			fmt.Fprintf(&b, `,"할인":[{"seatGradeName":%s,"salesPrice":%d,"priceGradeName":"조기예매 20%%"}]`, name, p.Won*8/10/100*100)
		}
		b.WriteByte('}')
	}
	b.WriteString(`}}`)
	return answer{http.StatusOK, "application/json;charset=UTF-8", []byte(b.String())}
}

func (i *interparkPages) place(code string) answer {
	for _, h := range i.cat.halls {
		if h.nolCode() == code {
			return asJSON(object{"common": object{"message": "success"}, "data": object{"placeCode": code, "placeName": h.name, "placeAddress": h.address, "latitude": h.lat, "longitude": h.lng}})
		}
	}
	return asJSON(object{"common": object{"message": "not found"}, "data": nil})
}

// rendered is the page of goods as people see it, where offers lead.
func (i *interparkPages) rendered(code string, hours int) answer {
	s := i.cat.at[interparkSite][code]
	if s == nil {
		return i.pages.page(http.StatusOK, "nol_shell.html", nil)
	}
	_, genre := nolGenre(s.sort)
	running := ""
	if s.minutes > 0 {
		running = fmt.Sprintf("%d분", s.minutes)
		if s.pause > 0 {
			running += fmt.Sprintf("(인터미션 %d분)", s.pause)
		}
	}
	period := dotted(s.start) + " ~" + dotted(s.end)
	if s.openRun {
		period = dotted(s.start) + " ~ 오픈런"
	}
	return i.pages.page(http.StatusOK, "nol_goods.html", object{"Code": code, "Title": s.nolTitle(), "Genre": genre, "Exclusive": s.exclusive, "Venue": s.room.yes24Name(),
		"Period": period, "Running": running, "Age": s.age.ticketlink(), "Prices": s.pricesAt(hours), "Cast": s.cast, "Times": s.yes24Times(), "Synopsis": s.synopsis})
}

// club sends a club's matches the way a React page is sent its data.
func (i *interparkPages) club(team string) answer {
	goods := []object{}
	for _, m := range i.cat.matches {
		if m.nol != team {
			continue
		}
		goods = append(goods, object{"goodsCode": m.code, "goodsName": fmt.Sprintf("%s vs %s (%d.%d)", m.home, m.away, m.at.Month(), m.at.Day()), "placeName": m.stadium,
			"playStartDate": m.at.Format("20060102"), "bookingOpenTime": m.opens.Format("200601021504"), "preSales": []object{{"minBookingOpenTime": m.presale.Format("200601021504")}},
			"sport": object{"playDate": m.at.Format("20060102"), "playTime": m.at.Format("1504"), "homeOrganization": object{"name": m.home}, "awayOrganization": object{"name": m.away}}})
	}
	var parts []string
	for _, g := range goods {
		// goodsCode stands first, as the site writes it; the rest in the order of names.
		rest, _ := json.Marshal(without(g, "goodsCode")) // plain values
		parts = append(parts, fmt.Sprintf(`{"goodsCode":%q,%s`, g["goodsCode"], strings.TrimPrefix(string(rest), "{")))
	}
	return i.pages.page(http.StatusOK, "nol_club.html", template.JS(quoted(`7:{"goods":[`+strings.Join(parts, ",")+`]}`))) //nolint:gosec // our own matches
}

func without(o object, name string) object {
	out := object{}
	for k, v := range o {
		if k != name {
			out[k] = v
		}
	}
	return out
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // a string
	return string(b)
}

// nolTitle is a title as NOL writes it: brackets of full width, the city behind a hyphen or before in brackets.
func (s *show) nolTitle() string {
	name := s.phrase("〈", "〉")
	if s.label != "" {
		name = s.label + " 〈" + s.name + "〉"
	}
	switch {
	case s.tour && s.styles[2] < 3:
		name += " - " + s.city
	case s.tour:
		name = "［" + s.city + "］ " + name
	}
	return name
}

// nolCode is the site's own code of a hall.
func (h *hall) nolCode() string { return "99" + strings.TrimPrefix(h.code, "FC9") + "0" }
