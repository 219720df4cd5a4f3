package interpark

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

// startData is what a page of tickets.interpark.com carries for its own start.
type startData struct {
	Props struct {
		PageProps struct {
			Banner     json.RawMessage `json:"banner"`
			TicketOpen []boardItem     `json:"ticketOpen"`
			Fallback   json.RawMessage `json:"fallback"`
		} `json:"pageProps"`
	} `json:"props"`
	Query struct {
		Genre []page.Scalar `json:"genreCode"`
	} `json:"query"`
}

// boardItem is an opening of the old board as a genre's page carried it.
type boardItem struct {
	No         page.Scalar `json:"no"`
	GoodsCode  page.Scalar `json:"goodsCode"`
	Title      page.Scalar `json:"title"`
	WriteDate  page.Scalar `json:"writeDate"`
	Genre      page.Scalar `json:"genreName"`
	Poster     page.Scalar `json:"postImage"`
	Seat       page.Scalar `json:"goodsSeatInfo"`
	Seat2      page.Scalar `json:"goodsSeatInfo2"`
	OpenDate   page.Scalar `json:"openDate"`
	OpenText   page.Scalar `json:"openText"`
	OtherTitle page.Scalar `json:"otherOpenTitle"`
	OtherDate  page.Scalar `json:"otherOpenDate"`
}

// soldAlone is the seat code that the pages show as 단독판매.
const soldAlone = "DM003"

// notices gives the opening, and a second one where the notice names another round beside it.
func (b boardItem) notices() []sellers.RawNotice {
	id := b.No.Digits()
	if id == "" || b.Title == "" {
		return nil
	}
	n := sellers.RawNotice{ID: id, URL: boardURL(id), Title: string(b.Title), OpensText: string(b.OpenDate), OpenTypeText: string(b.OpenText),
		RegisteredText: string(b.WriteDate), GenreText: string(b.Genre), PosterURL: string(b.Poster)}
	if b.Seat == soldAlone || b.Seat2 == soldAlone {
		n.Badges = []string{"단독판매"}
	}
	leadTo(&n, b.GoodsCode)
	switch {
	case b.OtherDate == "":
	case strings.Contains(string(b.OtherTitle), "차"):
		other := n
		other.ID, other.OpensText, other.OpenTypeText = id+"-2", string(b.OtherDate), string(b.OtherTitle)
		return []sellers.RawNotice{n, other}
	default:
		n.Presales = []sellers.RawPresale{{Name: string(b.OtherTitle), Text: string(b.OtherDate)}}
	}
	return []sellers.RawNotice{n}
}

// parseStartData reads the start data of a notice page or a genre's page; ok is false when raw is nothing like it.
func parseStartData(raw json.RawMessage) (r sellers.Result, ok bool) {
	var d startData
	if json.Unmarshal(raw, &d) != nil || len(d.Props.PageProps.Banner)+len(d.Props.PageProps.TicketOpen)+len(d.Props.PageProps.Fallback) == 0 {
		return r, false
	}
	genre := ""
	if len(d.Query.Genre) > 0 {
		genre = string(d.Query.Genre[0])
	}
	arrays(d.Props.PageProps.Banner, 2, func(list []json.RawMessage) { addStart(&r, list, genre) })
	for _, m := range page.Object(d.Props.PageProps.Fallback) {
		if strings.HasPrefix(m.Name, "/open-notice/") || strings.HasPrefix(m.Name, `@"/open-notice/`) {
			arrays(m.Value, 2, func(list []json.RawMessage) { addStart(&r, list, genre) })
		}
	}
	for _, b := range d.Props.PageProps.TicketOpen {
		r.Notices = append(r.Notices, b.notices()...)
	}
	return r, true
}

// addStart adds one list of start data: notices, or banners of goods. A banner that leads elsewhere than to goods sells no
// show (a tour package, an event).
func addStart(r *sellers.Result, list []json.RawMessage, genre string) {
	for _, one := range list {
		var n noticeItem
		if json.Unmarshal(one, &n) == nil && n.NoticeID != "" {
			addNotices(r, []noticeItem{n})
			continue
		}
		var g goodsItem
		if json.Unmarshal(one, &g) != nil || codeIn(string(g.Link)) == "" {
			continue
		}
		s := g.show(genre)
		if s.Code != "" && !holds(r.Shows, func(o sellers.RawShow) bool { return o.Code == s.Code }) {
			r.Shows = append(r.Shows, s)
		}
	}
}

// dayOf is the page's own date: when its ranking of search words was made.
func dayOf(raw json.RawMessage) string {
	var d startData
	if json.Unmarshal(raw, &d) != nil {
		return ""
	}
	for _, m := range page.Object(d.Props.PageProps.Fallback) {
		var hot struct {
			Date page.Scalar `json:"date"`
		}
		if strings.Contains(m.Name, "hot-keyword") && json.Unmarshal(m.Value, &hot) == nil {
			return string(hot.Date)
		}
	}
	return ""
}

// parseListPage reads a page of goods as people see it: a genre's page, the old list of a category, or the matches of a
// sport.
func parseListPage(p *ticket.Page) (sellers.Result, error) {
	doc, err := page.Document(p)
	if err != nil {
		return sellers.Result{}, err
	}
	if flight := page.Flight(page.Text(p)); len(flight) > 0 {
		return parseMatches(p, flight)
	}
	var r sellers.Result
	asOf := ""
	if data := page.NextData(doc); data != nil {
		r, _ = parseStartData(data)
		asOf = dayOf(data)
	}
	shownGoods(doc, &r)
	oldCategory(doc, &r)
	promoted(doc, &r)
	shownMatches(doc, &r)
	if len(r.Notices) == 0 {
		shownNotices(doc, asOf, &r)
	}
	if len(r.Shows) == 0 && len(r.Notices) == 0 {
		return sellers.Result{}, nothing(p, "goods")
	}
	return r, nil
}

// shownGoods adds the goods a genre's page shows beyond what it carries as data.
func shownGoods(doc *goquery.Document, r *sellers.Result) {
	doc.Find(`a[class*="BigBanner_link"], a[class*="TicketItem_ticketItem"]`).Each(func(_ int, a *goquery.Selection) {
		href, _ := a.Attr("href")
		src, _ := a.Find("img").First().Attr("src")
		poster := unwrapped(src)
		code := codeIn(href)
		if m := rePoster.FindStringSubmatch(poster); code == "" && m != nil && href == "" {
			code = m[1]
		}
		if class, _ := a.Attr("class"); code == "" || strings.Contains(class, "NoticeItem") || holds(r.Shows, func(o sellers.RawShow) bool { return o.Code == code }) {
			return
		}
		s := sellers.RawShow{Code: code, URL: goodsURL(code), Title: shown(a, "_goodsName"), VenueText: shown(a, "_placeName"), PeriodText: shown(a, "_playDate"), PosterURL: poster, Partial: true}
		if s.Title == "" { // a banner's alternative text is the whole title, what it prints may be a catchword
			s.Title, _ = a.Find("img").First().Attr("alt")
		}
		a.Find(`[class*="seatBadge"]`).Each(func(_ int, b *goquery.Selection) { s.Badges = append(s.Badges, page.Words(b)) })
		r.Shows = append(r.Shows, s)
	})
}

// oldCategory adds the rows of the list pages of before 2024.
func oldCategory(doc *goquery.Document, r *sellers.Result) {
	doc.Find(`td > a[href*="GoodsCode="]`).Each(func(_ int, a *goquery.Selection) {
		href, _ := a.Attr("href")
		code, row := codeIn(href), a.Closest("tr")
		title := page.Words(a.Find("b").First())
		if code == "" || title == "" || holds(r.Shows, func(o sellers.RawShow) bool { return o.Code == code }) {
			return
		}
		s := sellers.RawShow{Code: code, URL: goodsURL(code), Title: title, Partial: true}
		s.PosterURL, _ = row.Find("a.itemImage img").First().Attr("src")
		place := row.Find(`a[href*="PlaceGo"]`).First()
		s.VenueText = page.Words(place)
		if on, ok := place.Attr("href"); ok {
			_, rest, _ := strings.Cut(on, "('")
			venue, _, _ := strings.Cut(rest, "'")
			s.VenueCode = page.Scalar(venue).Digits()
		}
		row.ChildrenFiltered("td").Each(func(_ int, td *goquery.Selection) {
			if text := page.Squeeze(td.Text()); s.PeriodText == "" && strings.Contains(text, "~") && strings.Count(text, ".") >= 2 {
				s.PeriodText = text
			}
		})
		r.Shows = append(r.Shows, s)
	})
}

// promoted adds the box beside the list: a title, and below it the venue and the days.
func promoted(doc *goquery.Document, r *sellers.Result) {
	doc.Find(`a[href*="GoodsCode="] > strong`).Each(func(_ int, b *goquery.Selection) {
		href, _ := b.Parent().Attr("href")
		code, lines := codeIn(href), page.Lines(b.Parent().Parent())
		if code == "" || len(lines) != 3 || !strings.Contains(lines[2], "~") || holds(r.Shows, func(o sellers.RawShow) bool { return o.Code == code }) {
			return
		}
		r.Shows = append(r.Shows, sellers.RawShow{Code: code, URL: goodsURL(code), Title: lines[0], VenueText: lines[1], PeriodText: lines[2], Partial: true})
	})
}

// unwrapped is the image behind the site's own resizer.
func unwrapped(src string) string {
	u, err := url.Parse(src)
	if err != nil || !strings.Contains(u.Path, "/_next/image") {
		return src
	}
	return u.Query().Get("url")
}
