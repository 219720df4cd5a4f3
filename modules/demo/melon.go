package demo

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ticketmoa/modules/ticket"
)

// melonPages is ticket.melon.com.
type melonPages struct {
	cat   *catalogue
	pages *pages
}

const melonNoticesAPage = 10

func (m *melonPages) answer(u *url.URL, hours int) answer {
	q := u.Query()
	switch u.Path {
	case "/concert/index.htm":
		return m.pages.page(http.StatusOK, "melon_concert.html", nil)
	case "/performance/ajax/prodList.json":
		return m.list(q, hours)
	case "/performance/index.htm":
		return m.detail(q.Get("prodId"), hours)
	case "/csoon/ajax/listTicketOpen.htm":
		return m.noticeList(q, hours)
	case "/csoon/detail.htm":
		return m.notice(q.Get("csoonId"), hours)
	}
	return m.pages.front(u)
}

func melonGenre(k sort) (code, name string) {
	switch k {
	case musical, play, family:
		return "GENRE_ART", map[sort]string{musical: "뮤지컬", play: "연극", family: "뮤지컬"}[k]
	case classical, dance, traditional:
		return "GENRE_CLA", map[sort]string{classical: "클래식", dance: "무용", traditional: "국악"}[k]
	case exhibition:
		return "GENRE_EXH", "전시"
	case concert, magic:
	}
	return "GENRE_CON", map[sort]string{concert: "콘서트", magic: "마술"}[k]
}

func (m *melonPages) period(s *show) string {
	if s.openRun {
		return dotted(s.start) + " - 오픈런"
	}
	return dotted(s.start) + " - " + dotted(s.end)
}

func (m *melonPages) state(s *show) string {
	if s.opens.After(m.cat.now) {
		return "SS0100"
	}
	return "SS0200"
}

func stamp(t time.Time) string { return t.In(ticket.Seoul).Format("20060102150405") }

// list answers a whole genre at once. Seats and sale types are JSON inside of strings.
func (m *melonPages) list(q url.Values, hours int) answer {
	data := []object{}
	for _, s := range m.cat.shows {
		if code, _ := melonGenre(s.sort); s.melon == "" || code+"_ALL" != q.Get("perfGenreCode") {
			continue
		}
		var seats []string
		for i, p := range s.pricesAt(hours) {
			seats = append(seats, fmt.Sprintf(`{"seatGradeNo":%d,"seatGradeName":%s,"basePrice":%d}`, i+1, quoted(p.Grade), p.Won))
		}
		data = append(data, object{"prodId": s.melon, "title": s.melonTitle(), "subTitle": "", "periodInfo": m.period(s), "placeName": s.room.ticketlinkName() + " ", "regionName": string(s.room.hall.region),
			"posterImg": "/resource/image/demo/" + s.melon + ".jpg", "summary": "<p>" + s.synopsis + "</p>", "stateFlg": m.state(s), "regDate": stamp(s.opens.AddDate(0, 0, -7)),
			"seatGradeJson": `{"data":{"list":[` + strings.Join(seats, ",") + `]}}`,
			"saleTypeJson":  `{"data":{"list":[{"pocCode":"SC0002","pocName":"web","saleTypeCodeList":[{"saleTypeCode":"ST0001","saleTypeName":"일반","reserveStartDt":"` + stamp(s.opens) + `","reserveEndDt":"` + stamp(s.end.Time()) + `"}]}]}}`})
	}
	return asJSON(object{"result": 0, "data": data})
}

func (m *melonPages) running(s *show) string {
	switch {
	case s.minutes == 0:
		return ""
	case s.pause > 0:
		return fmt.Sprintf("%d분 (인터미션 %d분)", s.minutes, s.pause)
	}
	return fmt.Sprintf("%d분", s.minutes)
}

func (m *melonPages) detail(code string, hours int) answer {
	s := m.cat.at[melonSite][code]
	if s == nil {
		return m.pages.page(http.StatusOK, "melon_gone.html", nil)
	}
	_, genre := melonGenre(s.sort)
	return m.pages.page(http.StatusOK, "melon_detail.html", object{"Code": code, "Title": s.melonTitle(), "Exclusive": s.exclusive, "Period": m.period(s), "Running": m.running(s), "Genre": genre,
		"Venue": s.room.ticketlinkName(), "Age": s.age.yes24(), "State": m.state(s), "Opens": stamp(s.opens), "Cast": s.cast, "Times": s.yes24Times(), "Prices": s.pricesAt(hours),
		"Synopsis": s.synopsis, "Place": strings.TrimPrefix(s.room.hall.code, "FC"), "Hall": s.room.hall.name, "Address": s.room.hall.address})
}

// openingView is what the templates of Melon's and YES24's notices show.
type openingView struct {
	ID, Title, Opens, OpensLong, Registered, Presale, Product, Period, Venue, Prices, Running, Age, Synopsis string
	Exclusive                                                                                                bool
}

func (m *melonPages) view(n *notice, hours int) openingView {
	s := n.show
	v := openingView{ID: n.id, Title: n.heading(s.melonTitle()), Opens: dotted(ticket.DateOf(n.opens)) + "(" + weekday(ticket.DateOf(n.opens)) + ") " + n.opens.In(ticket.Seoul).Format("15:04"),
		OpensLong: spelled(ticket.DateOf(n.opens)) + n.opens.In(ticket.Seoul).Format(" 15:04"), Registered: dotted(ticket.DateOf(n.registered)), Exclusive: s.exclusive, Venue: s.room.ticketlinkName(),
		Period: n.run(), Prices: priceLine(s.pricesAt(hours), " / "), Running: m.running(s), Age: s.age.yes24(), Synopsis: s.synopsis}
	if n.presale {
		day := ticket.DateOf(n.opens).AddDays(-1)
		v.Presale = spelled(day) + " 20:00"
	}
	if n.product {
		v.Product = s.melon
	}
	return v
}

// noticeList gives ten notices from the one that pageIndex counts to, the newest first.
func (m *melonPages) noticeList(q url.Values, hours int) answer {
	all := m.cat.noticesOf(melonSite, hours)
	from := max(0, min(number(q, "pageIndex", 1)-1, len(all)))
	var rows []openingView
	for _, n := range all[from:min(from+melonNoticesAPage, len(all))] {
		rows = append(rows, m.view(n, hours))
	}
	return m.pages.page(http.StatusOK, "melon_notices.html", rows)
}

func (m *melonPages) notice(id string, hours int) answer {
	for _, n := range m.cat.noticesOf(melonSite, hours) {
		if n.id == id {
			return m.pages.page(http.StatusOK, "melon_notice.html", m.view(n, hours))
		}
	}
	return m.pages.page(http.StatusOK, "melon_gone.html", nil)
}

// melonTitle is a title as Melon writes it.
func (s *show) melonTitle() string {
	name := s.phrase("<", ">")
	if s.label != "" {
		name = s.label + " 〈" + s.name + "〉"
		if s.styles[0]%2 == 0 {
			name = s.label + " <" + s.name + ">"
		}
	}
	if s.tour {
		name += " - " + s.city
	}
	return name
}

// heading is a notice's title around a show's.
func (n *notice) heading(title string) string {
	if n.round > 0 {
		title += " " + strconv.Itoa(n.round) + "차"
	}
	return title + " 티켓 오픈 안내"
}

// run is the run of a notice's show, spelled out.
func (n *notice) run() string {
	if n.show.start == n.show.end {
		return spelled(n.show.start)
	}
	return spelled(n.show.start) + " ~ " + spelled(n.show.end)
}
