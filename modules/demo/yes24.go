package demo

import (
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"ticketmoa/modules/ticket"
)

// yes24Pages is ticket.yes24.com.
type yes24Pages struct {
	cat     *catalogue
	pages   *pages
	printer *printer // nil without a Korean font
}

func (y *yes24Pages) answer(u *url.URL, hours int) answer {
	code, perf := strings.CutPrefix(u.Path, "/Perf/")
	switch {
	case strings.HasPrefix(u.Path, stripPath):
		return y.picture(u)
	case perf:
		return y.detail(code, hours)
	case u.Path == "/Pages/Perf/Detail/Detail.aspx":
		return y.detail(u.Query().Get("IdPerf"), hours)
	case u.Path == "/New/Genre/Ajax/GenreList_Data.aspx":
		return y.list(u.Query())
	case u.Path == "/New/Notice/Ajax/axList.aspx":
		return y.noticeList(u.Query(), hours)
	case u.Path == "/New/Notice/Ajax/axRead.aspx":
		return y.notice(u.Query().Get("bId"), hours)
	}
	return y.pages.front(u)
}

func (y *yes24Pages) poster(s *show) string {
	return "//tkfile.yes24.com/upload2/PerfBlog/" + s.start.Time().Format("200601") + "/" + s.yes24 + ".jpg"
}

func (y *yes24Pages) period(s *show) string {
	if s.openRun {
		return dotted(s.start) + " ~ 오픈런"
	}
	return dotted(s.start) + " ~ " + dotted(s.end)
}

// listItem is one product of the fragment. The real one leaves < and > of titles as they are, so they pass unescaped.
type listItem struct {
	Code                  int // a number, as it stands in a script
	Poster, Period, Venue string

	Title     template.HTML
	TitleAttr template.HTMLAttr
}

func (y *yes24Pages) list(q url.Values) answer {
	var in []*show
	for _, s := range y.cat.shows {
		if s.yes24 != "" && y.cat.filings[s.sort].yes24Genre == q.Get("genre") {
			in = append(in, s)
		}
	}
	items := []listItem{}
	for _, s := range cut(in, number(q, "pCurPage", 1), min(number(q, "pPageSize", 20), 100)) {
		title := s.yes24Title()
		items = append(items, listItem{Code: yes24From + s.n, Poster: y.poster(s), Period: y.period(s), Venue: s.room.yes24Name(),
			Title: template.HTML(title), TitleAttr: template.HTMLAttr("title='" + title + "'")}) //nolint:gosec // our own titles
	}
	return y.pages.page(http.StatusOK, "yes24_list.html", object{"Total": len(in), "Items": items})
}

func (y *yes24Pages) detail(code string, hours int) answer {
	s := y.cat.at[yes24Site][code]
	if s == nil {
		return y.pages.page(http.StatusOK, "yes24_gone.html", nil)
	}
	running := ""
	switch {
	case s.minutes > 0 && s.pause > 0:
		running = fmt.Sprintf("%d분(인터미션 %d분)", s.minutes, s.pause)
	case s.minutes > 0:
		running = fmt.Sprintf("%d분(인터미션 없음)", s.minutes)
	}
	facts := object{
		"Code": code, "Title": s.yes24Title(), "Crumb": y.cat.filings[s.sort].yes24Crumb, "Exclusive": s.exclusive, "Period": y.period(s),
		"Venue": s.room.yes24Name(), "Hall": s.room.hall.name, "Address": s.room.hall.address, "Poster": "http:" + y.poster(s), "Age": s.age.yes24(),
		"Running": running, "Cast": s.cast, "Prices": s.pricesAt(hours), "Times": s.yes24Times(), "Synopsis": s.synopsis, "Event": y.event(s, hours),
	}
	if y.pictured(s) {
		facts["Strip"] = y.strip(s)
		for _, said := range []string{"Cast", "Prices", "Running", "Times", "Age"} {
			delete(facts, said)
		}
	}
	return y.pages.page(http.StatusOK, "yes24_detail.html", facts)
}

// event is the JSON-LD of a product.
func (y *yes24Pages) event(s *show, hours int) object {
	e := object{"@context": "https://schema.org", "@type": "Event", "name": s.yes24Title(), "startDate": string(s.start), "endDate": string(s.end),
		"location": object{"@type": "Place", "name": s.room.yes24Name(), "address": object{"@type": "PostalAddress", "streetAddress": s.room.hall.address,
			"addressLocality": s.room.hall.district(), "addressRegion": s.room.hall.province()}},
		"image": "http:" + y.poster(s)}
	offer := object{"@type": "Offer", "availability": "https://schema.org/InStock", "validFrom": s.opens.In(ticket.Seoul).Format("2006-01-02T15:04")}
	if prices := s.pricesAt(hours); len(prices) > 0 {
		offer["price"] = fmt.Sprint(int64(prices[len(prices)-1].Won))
		offer["priceCurrency"] = "KRW"
	}
	e["offers"] = offer
	return e
}

// noticeView is an opening as YES24's templates show it; its list leaves < and > of titles as they are.
type noticeView struct {
	openingView
	TitleHTML template.HTML
	Code      int
	Views     int
}

func (y *yes24Pages) view(n *notice, hours int) noticeView {
	s := n.show
	title := n.heading(s.yes24Title())
	v := noticeView{openingView: openingView{ID: n.id, Title: title, Opens: dotted(ticket.DateOf(n.opens)) + "(" + weekday(ticket.DateOf(n.opens)) + ") " + n.opens.In(ticket.Seoul).Format("15:04"),
		Registered: string(ticket.DateOf(n.registered)), Exclusive: s.exclusive, Venue: s.room.yes24Name(), Period: n.run(), Prices: priceLine(s.pricesAt(hours), " / "),
		Age: s.age.yes24(), Synopsis: s.synopsis}, TitleHTML: template.HTML(title), Code: yes24From + s.n, Views: 100 + s.n} //nolint:gosec // our own titles
	if s.minutes > 0 {
		v.Running = fmt.Sprintf("%d분", s.minutes)
	}
	if n.presale {
		day := ticket.DateOf(n.opens).AddDays(-1)
		v.Presale = dotted(day) + "(" + weekday(day) + ") 20:00"
	}
	if n.product {
		v.Product = s.yes24
	}
	return v
}

func (y *yes24Pages) noticeList(q url.Values, hours int) answer {
	all := y.cat.noticesOf(yes24Site, hours)
	var rows []noticeView
	for _, n := range cut(all, number(q, "page", 1), min(number(q, "size", 40), 100)) {
		rows = append(rows, y.view(n, hours))
	}
	return y.pages.page(http.StatusOK, "yes24_notices.html", object{"Rows": rows, "Total": len(all)})
}

func (y *yes24Pages) notice(id string, hours int) answer {
	for _, n := range y.cat.noticesOf(yes24Site, hours) {
		if n.id == id {
			return y.pages.page(http.StatusOK, "yes24_notice.html", y.view(n, hours))
		}
	}
	return y.pages.page(http.StatusOK, "yes24_gone.html", nil)
}
