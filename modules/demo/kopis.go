package demo

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
	"time"

	"ticketmoa/modules/ticket"
)

// kopisPages is the open API of KOPIS.
type kopisPages struct {
	cat   *catalogue
	pages *pages
}

const restful = "/openApi/restful/"

type xmlList struct {
	XMLName xml.Name `xml:"dbs"`
	Rows    []any    `xml:"db"`
}

type xmlError struct {
	Code    string `xml:"returncode"`
	Message string `xml:"errmsg"`
	At      string `xml:"responsetime"`
}

type xmlShow struct {
	Code     string      `xml:"mt20id"`
	Hall     string      `xml:"mt13id,omitempty"`
	Title    string      `xml:"prfnm"`
	From     string      `xml:"prfpdfrom"`
	To       string      `xml:"prfpdto"`
	Venue    string      `xml:"fcltynm"`
	Cast     string      `xml:"prfcast,omitempty"`
	Crew     string      `xml:"prfcrew,omitempty"`
	Running  string      `xml:"prfruntime,omitempty"`
	Age      string      `xml:"prfage,omitempty"`
	Prices   string      `xml:"pcseguidance,omitempty"`
	Poster   string      `xml:"poster"`
	Story    string      `xml:"sty,omitempty"`
	Area     string      `xml:"area"`
	Genre    string      `xml:"genrenm"`
	OpenRun  string      `xml:"openrun"`
	Visit    string      `xml:"visit,omitempty"`
	Child    string      `xml:"child,omitempty"`
	Festival string      `xml:"festival,omitempty"`
	Updated  string      `xml:"updatedate,omitempty"`
	State    string      `xml:"prfstate"`
	Facility string      `xml:"mt10id,omitempty"`
	Times    string      `xml:"dtguidance,omitempty"`
	Relates  *xmlRelates `xml:"relates"`
}

type xmlRelates struct {
	Relate []xmlRelate `xml:"relate"`
}

type xmlRelate struct {
	Name string `xml:"relatenm"`
	URL  string `xml:"relateurl"`
}

type xmlFacility struct {
	Name    string   `xml:"fcltynm"`
	Code    string   `xml:"mt10id"`
	Count   int      `xml:"mt13cnt"`
	Seats   int      `xml:"seatscale"`
	Phone   string   `xml:"telno"`
	Home    string   `xml:"relateurl"`
	Address string   `xml:"adres"` //nolint:misspell // as KOPIS spells it
	Lat     string   `xml:"la"`
	Lng     string   `xml:"lo"`
	Halls   xmlHalls `xml:"mt13s"`
}

type xmlHalls struct {
	Hall []xmlHall `xml:"mt13"`
}

type xmlHall struct {
	Name string `xml:"prfplcnm"`
	Code string `xml:"mt13id"`
}

func (k *kopisPages) answer(u *url.URL, hours int) answer {
	rest, ok := strings.CutPrefix(u.Path, restful)
	if !ok {
		return k.pages.front(u)
	}
	if u.Query().Get("service") != Key {
		return k.refuse("02", "SERVICE KEY IS NOT REGISTERED ERROR")
	}
	code, show := strings.CutPrefix(rest, "pblprfr/")
	switch {
	case rest == "pblprfr":
		return k.list(u.Query())
	case show:
		return k.detail(code, hours)
	case rest == "boxoffice":
		return k.boxOffice()
	case rest == "prfplc":
		return k.facilities(u.Query())
	}
	if code, ok = strings.CutPrefix(rest, "prfplc/"); ok {
		return k.facility(code)
	}
	return k.refuse("04", "HTTP ERROR")
}

// refuse is an error as the API gives it, with HTTP 200.
func (k *kopisPages) refuse(code, message string) answer {
	return asXML(xmlList{Rows: []any{xmlError{code, message, k.cat.now.In(ticket.Seoul).Format(time.DateTime)}}})
}

// list gives the shows that have a day within the days asked for: at most 31 of them, at most 100 rows.
func (k *kopisPages) list(q url.Values) answer {
	from, err := time.ParseInLocation("20060102", q.Get("stdate"), ticket.Seoul)
	to, err2 := time.ParseInLocation("20060102", q.Get("eddate"), ticket.Seoul)
	rows := number(q, "rows", 0)
	if err != nil || err2 != nil || to.Sub(from) >= 31*24*time.Hour || rows == 0 || rows > 100 {
		return k.refuse("10", "INVALID REQUEST PARAMETER ERROR")
	}
	var in []*show
	for _, s := range k.cat.shows {
		if s.kopis != "" && s.start <= ticket.DateOf(to) && s.end >= ticket.DateOf(from) {
			in = append(in, s)
		}
	}
	out := xmlList{}
	for _, s := range cut(in, number(q, "cpage", 1), rows) {
		out.Rows = append(out.Rows, k.head(s))
	}
	return asXML(out)
}

// head is what the list says of a show, and the beginning of what its own page says.
func (k *kopisPages) head(s *show) xmlShow {
	state := "공연예정"
	if s.start <= k.cat.today {
		state = "공연중"
	}
	return xmlShow{Code: s.kopis, Title: s.kopisTitle(), From: dotted(s.start), To: dotted(s.end), Venue: s.room.kopisName(),
		Poster: "http://www.kopis.or.kr/upload/pfmPoster/PF_" + s.kopis + "_demo.gif ", Area: s.room.hall.province(),
		Genre: k.cat.filings[s.sort].kopis, OpenRun: flag(s.openRun), State: state}
}

func flag(on bool) string {
	if on {
		return "Y"
	}
	return "N"
}

func (k *kopisPages) detail(code string, hours int) answer {
	s := k.cat.at[kopisSite][code]
	if s == nil {
		return asXML(xmlList{})
	}
	row := k.head(s)
	row.Hall, row.Facility, row.Crew, row.Age = s.room.hall.code+"-01", s.room.hall.code, " ", s.age.kopis()
	row.Visit, row.Child, row.Festival = flag(s.visit), flag(s.sort == family), "N"
	row.Prices, row.Story, row.Times, row.Cast, row.Running = " ", s.synopsis, s.kopisTimes(), " ", " "
	if len(s.prices) > 0 {
		row.Prices = priceLine(s.pricesAt(hours), ", ")
	}
	if s.minutes > 0 {
		row.Running = span(s.minutes)
	}
	if len(s.cast) > 0 {
		var names []string
		for _, m := range s.cast {
			names = append(names, m.Name)
		}
		row.Cast = strings.Join(names, ", ")
		if len(names) > 2 {
			row.Cast += " 등"
		}
	}
	row.Updated = k.cat.now.Add(time.Duration(hours) * time.Hour).In(ticket.Seoul).Format(time.DateTime)
	if links := relates(s); len(links) > 0 {
		row.Relates = &xmlRelates{links}
	}
	return asXML(xmlList{Rows: []any{row}})
}

// span is "2시간 45분".
func span(minutes int) string {
	h, m := minutes/60, minutes%60
	switch {
	case h == 0:
		return fmt.Sprintf("%d분", m)
	case m == 0:
		return fmt.Sprintf("%d시간", h)
	}
	return fmt.Sprintf("%d시간 %d분", h, m)
}

// relates are the sellers KOPIS names for a show, in the addresses it hands out; they end with a blank, as its own do.
func relates(s *show) []xmlRelate {
	var out []xmlRelate
	add := func(code, name, address string) {
		if code != "" {
			out = append(out, xmlRelate{name, address + code + " "})
		}
	}
	if strings.HasPrefix(s.interpark, "L") {
		add(s.interpark, "놀유니버스", "https://tickets.interpark.com/goods/")
	} else {
		add(s.interpark, "놀유니버스", "http://ticket.interpark.com/Ticket/Goods/GoodsInfo.asp?GoodsCode=")
	}
	add(s.yes24, "예스24", "http://ticket.yes24.com/Perf/")
	add(s.melon, "멜론티켓", "http://ticket.melon.com/performance/index.htm?prodId=")
	add(s.ticketlink, "NHN티켓링크", "http://www.ticketlink.co.kr/product/")
	if s.sort == play && s.n%5 == 0 {
		add(s.kopis[2:], "타임티켓", "https://timeticket.co.kr/product/")
	}
	return out
}

func (k *kopisPages) facility(code string) answer {
	for i, h := range k.cat.halls {
		if h.code != code {
			continue
		}
		f := xmlFacility{Name: h.kopisName(), Code: h.code, Count: len(h.rooms), Seats: h.seats, Phone: fmt.Sprintf("02-000-%04d", i+1), Home: " ",
			Address: h.address, Lat: h.lat, Lng: h.lng}
		for j, r := range h.rooms {
			name := r.name
			if name == "" {
				name = h.name
			}
			f.Halls.Hall = append(f.Halls.Hall, xmlHall{name, fmt.Sprintf("%s-%02d", h.code, j+1)})
		}
		return asXML(xmlList{Rows: []any{f}})
	}
	return asXML(xmlList{})
}

// boxOffice ranks the shows on stage, ten of them.
func (k *kopisPages) boxOffice() answer {
	out := xmlBoxes{}
	for _, s := range k.cat.shows {
		if s.kopis != "" && s.start <= k.cat.today && s.end >= k.cat.today && len(out.Rows) < 10 {
			out.Rows = append(out.Rows, xmlBox{Area: string(s.room.hall.region), Title: s.kopisTitle(), Period: dotted(s.start) + "~" + dotted(s.end), Genre: k.cat.filings[s.sort].kopis,
				Venue: s.room.kopisName(), Rank: len(out.Rows) + 1, Code: s.kopis, Poster: "/upload/pfmPoster/PF_" + s.kopis + "_demo.gif"})
		}
	}
	return asXML(out)
}

type xmlBoxes struct {
	XMLName xml.Name `xml:"boxofs"`
	Rows    []xmlBox `xml:"boxof"`
}

type xmlBox struct {
	Area   string `xml:"area"`
	Title  string `xml:"prfnm"`
	Period string `xml:"prfpd"`
	Genre  string `xml:"cate"`
	Venue  string `xml:"prfplcnm"`
	Rank   int    `xml:"rnum"`
	Poster string `xml:"poster"`
	Code   string `xml:"mt20id"`
}

// facilities lists the halls without their addresses.
func (k *kopisPages) facilities(q url.Values) answer {
	out := xmlList{}
	for _, h := range cut(k.cat.halls, number(q, "cpage", 1), min(number(q, "rows", 10), 100)) {
		out.Rows = append(out.Rows, xmlListedFacility{Name: h.kopisName(), Code: h.code, Count: len(h.rooms), Sido: string(h.region), Gugun: h.district()})
	}
	return asXML(out)
}

type xmlListedFacility struct {
	Name  string `xml:"fcltynm"`
	Code  string `xml:"mt10id"`
	Count int    `xml:"mt13cnt"`
	Sido  string `xml:"sidonm"`
	Gugun string `xml:"gugunnm"`
}
