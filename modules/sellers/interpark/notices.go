package interpark

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

// noticeItem is one opening of open-notice/notice-list, of its big cards, and of what the notice page carries for its start.
type noticeItem struct {
	NoticeID  page.Scalar `json:"noticeId"`
	Title     page.Scalar `json:"title"`
	OpenDate  page.Scalar `json:"openDateStr"`
	Later     page.Scalar `json:"isGeneralLater"`
	VenueName page.Scalar `json:"venueName"`
	Genre     page.Scalar `json:"goodsGenreStr"`
	Region    page.Scalar `json:"goodsRegionStr"`
	Poster    page.Scalar `json:"posterImageUrl"`
	OpenType  page.Scalar `json:"openTypeStr"`
	SeatType  page.Scalar `json:"goodsSeatTypeStr"`
	CreatedAt page.Scalar `json:"createdAt"`
	GoodsCode page.Scalar `json:"goodsCode"`
	// Members are the notices of a group: the same title in other cities.
	Members page.List[noticeItem] `json:"groupMembers"`
}

func (n noticeItem) notice() sellers.RawNotice {
	id := n.NoticeID.Digits()
	out := sellers.RawNotice{ID: id, URL: noticeURL(id), Title: string(n.Title), OpensText: string(n.OpenDate), OpenTypeText: string(n.OpenType),
		RegisteredText: string(n.CreatedAt), VenueText: string(n.VenueName), GenreText: string(n.Genre), RegionText: string(n.Region), PosterURL: string(n.Poster)}
	if n.Later.Yes() {
		out.OpensText = "추후공지" // the general sale is not dated yet; the date beside it is the presale's
		out.Presales = []sellers.RawPresale{{Name: string(n.OpenType), Text: string(n.OpenDate)}}
	}
	if n.SeatType != "" {
		out.Badges = []string{string(n.SeatType)}
	}
	leadTo(&out, n.GoodsCode)
	return out
}

// leadTo names the goods a notice announces, where the source does.
func leadTo(n *sellers.RawNotice, goods page.Scalar) {
	if code := goodsCode(string(goods)); code != "" {
		n.ProductCode, n.ProductURL = code, goodsURL(code)
	}
}

// addNotices adds items that name their notice, each id once.
func addNotices(r *sellers.Result, items []noticeItem) {
	for _, it := range items {
		n := it.notice()
		if n.ID != "" && n.Title != "" && !holds(r.Notices, func(o sellers.RawNotice) bool { return o.ID == n.ID }) {
			r.Notices = append(r.Notices, n)
		}
		addNotices(r, it.Members)
	}
}

// parseNoticeList reads the JSON of the notice list. An empty list is a page too: the last one.
func parseNoticeList(p *ticket.Page) (sellers.Result, error) {
	if flight := page.Flight(p.Body); len(flight) > 0 && !json.Valid(p.Body) {
		return parseUpcoming(p, flight)
	}
	var raw json.RawMessage
	if err := page.JSON(p, &raw); err != nil {
		return sellers.Result{}, err
	}
	if r, ok := parseStartData(raw); ok {
		return r, nil
	}
	var r sellers.Result
	found := false
	arrays(raw, 3, func(list []json.RawMessage) {
		found = true
		for _, one := range list {
			var it noticeItem
			if json.Unmarshal(one, &it) == nil {
				addNotices(&r, []noticeItem{it})
			}
		}
	})
	if !found {
		return sellers.Result{}, fmt.Errorf("%w: %s holds no list of notices", sellers.ErrNotOurs, p.URL)
	}
	return r, nil
}

// upcomingItem is one opening of nol.yanolja.com/ticket/display/upcoming.
type upcomingItem struct {
	ID    page.Scalar `json:"id"`
	Title page.Scalar `json:"title"`
	Dates []struct {
		At    page.Scalar `json:"ticket_open_date"`
		Type  page.Scalar `json:"ticket_open_type"` // 1 is the general sale
		Name  page.Scalar `json:"ticket_open_type_name"`
		Other page.Scalar `json:"ticket_other_open_name"`
	} `json:"ticket_dates"`
	TypeName  page.Scalar `json:"open_type_name"`
	GoodsCode page.Scalar `json:"goods_code"`
	Genre     page.Scalar `json:"goods_genre_name"`
	SubGenre  page.Scalar `json:"goods_sub_genre_name"`
	Region    page.Scalar `json:"goods_region_name"`
	Start     page.Scalar `json:"goods_start_date"`
	End       page.Scalar `json:"goods_end_date"`
	SeatType  page.Scalar `json:"goods_seat_type_name"`
	Venue     page.Scalar `json:"venue_name"`
	Poster    page.Scalar `json:"goods_poster_image_url"`
	OwnPoster page.Scalar `json:"open_notice_poster_image_url"`
	CreatedAt page.Scalar `json:"created_at"`
}

const generalSale = "1"

// notices gives one notice for each general sale; what opens beside it is a presale of the first. An item with nothing but
// presales is a notice whose general sale is not dated yet.
func (u upcomingItem) notices() []sellers.RawNotice {
	id := u.ID.Digits()
	if id == "" {
		return nil
	}
	base := sellers.RawNotice{ID: id, URL: noticeURL(id), Title: string(u.Title), OpenTypeText: string(u.TypeName), RegisteredText: string(u.CreatedAt),
		VenueText: string(u.Venue), GenreText: first(u.SubGenre, u.Genre), RegionText: string(u.Region), PosterURL: first(u.Poster, u.OwnPoster), OpensText: "추후공지"}
	if u.Start != "" {
		base.PeriodText = string(u.Start) + " ~ " + first(u.End, u.Start)
	}
	if u.SeatType != "" {
		base.Badges = []string{string(u.SeatType)}
	}
	leadTo(&base, u.GoodsCode)
	var out []sellers.RawNotice
	for _, d := range u.Dates {
		if d.Type != generalSale {
			base.Presales = append(base.Presales, sellers.RawPresale{Name: first(d.Other, d.Name), Text: string(d.At)})
			continue
		}
		n := base
		n.OpensText = string(d.At)
		if len(out) > 0 {
			n.ID = fmt.Sprintf("%s-%d", id, len(out)+1)
		}
		if d.Name != "" {
			n.OpenTypeText = first(d.Other, d.Name)
		}
		out = append(out, n)
	}
	if len(out) == 0 {
		return []sellers.RawNotice{base}
	}
	out[0].Presales = base.Presales
	for i := range out[1:] {
		out[i+1].Presales = nil
	}
	return out
}

// parseUpcoming reads the openings out of the data a React page is sent.
func parseUpcoming(p *ticket.Page, flight []byte) (sellers.Result, error) {
	var r sellers.Result
	seen := map[string]bool{}
	for _, begin := range []string{"ticket_dates", "id"} {
		page.Objects(flight, begin, func(raw json.RawMessage) {
			var u upcomingItem
			if json.Unmarshal(raw, &u) != nil || u.Dates == nil || seen[string(u.ID)] {
				return
			}
			seen[string(u.ID)] = true
			r.Notices = append(r.Notices, u.notices()...)
		})
	}
	if len(r.Notices) == 0 && !strings.Contains(string(flight), `"notices":`) {
		return sellers.Result{}, fmt.Errorf("%w: %s sends no notices", sellers.ErrNotOurs, p.URL)
	}
	return r, nil
}

// parseNoticePage reads a notice page: the data it carries for its start, the data it is sent, and the items it shows. Those
// items name no notice, so they are told apart by their poster, and they write their times as 내일 10:00 or 07.04(금) 18:00.
func parseNoticePage(p *ticket.Page) (sellers.Result, error) {
	doc, err := page.Document(p)
	if err != nil {
		return sellers.Result{}, err
	}
	if flight := page.Flight(page.Text(p)); len(flight) > 0 {
		return parseUpcoming(p, flight)
	}
	var r sellers.Result
	asOf := ""
	if data := page.NextData(doc); data != nil {
		r, _ = parseStartData(data)
		asOf = dayOf(data)
	}
	shownNotices(doc, asOf, &r)
	if len(r.Notices) == 0 {
		return sellers.Result{}, nothing(p, "notices")
	}
	return r, nil
}

// shownNotices adds what a page shows of openings beyond what it carries as data.
func shownNotices(doc *goquery.Document, asOf string, r *sellers.Result) {
	doc.Find(`[class*="NoticeItem_ticketItem"], [class*="TicketOpenItem_ticketOpenItem"], a[class*="BannerItem_card"]`).Each(func(_ int, a *goquery.Selection) {
		n := sellers.RawNotice{AsOfText: asOf, Title: shown(a, "_goodsName", "_ticketOpenTitle", "BannerItem_title"), OpensText: openText(a),
			VenueText: shown(a, "_placeName"), OpenTypeText: shown(a, "_openType")}
		a.Find("img").EachWithBreak(func(_ int, img *goquery.Selection) bool {
			src, _ := img.Attr("src")
			n.PosterURL = unwrapped(src)
			return strings.HasSuffix(n.PosterURL, ".svg") || n.PosterURL == ""
		})
		a.Find(`[class*="saleBadge"] span, [class*="seatBadge"]`).Each(func(_ int, b *goquery.Selection) {
			if w := page.Words(b); w != "" && !slices.Contains(n.Badges, w) {
				n.Badges = append(n.Badges, w)
			}
		})
		identify(a, &n)
		known := func(o sellers.RawNotice) bool {
			return o.ID == n.ID || n.PosterURL != "" && o.PosterURL == n.PosterURL && page.Squeeze(o.Title) == page.Squeeze(n.Title)
		}
		if n.ID != "" && n.Title != "" && !holds(r.Notices, known) {
			r.Notices = append(r.Notices, n)
		}
	})
}

// identify names a shown notice: by its link, by the goods its poster belongs to, or by the poster itself.
func identify(a *goquery.Selection, n *sellers.RawNotice) {
	href, _ := a.Attr("href")
	if _, id, ok := strings.Cut(href, "/contents/notice/detail/"); ok && page.Scalar(id).Digits() != "" {
		n.ID = id
	}
	if m := rePoster.FindStringSubmatch(n.PosterURL); m != nil {
		n.ProductCode, n.ProductURL = m[1], goodsURL(m[1])
		if n.ID == "" {
			n.ID = "goods-" + m[1]
		}
	}
	if name := n.PosterURL[strings.LastIndexByte(n.PosterURL, '/')+1:]; n.ID == "" && name != "" {
		stem, _, _ := strings.Cut(name, ".")
		n.ID = "poster-" + stem
	}
	n.URL = site + "/contents/notice"
	if page.Scalar(n.ID).Digits() != "" {
		n.URL = noticeURL(n.ID)
	}
}

// shown is the text of the first item whose class holds one of the names.
func shown(a *goquery.Selection, classes ...string) string {
	for _, c := range classes {
		if w := page.Words(a.Find(`[class*="` + c + `"]`).First()); w != "" {
			return w
		}
	}
	return ""
}

// openText is when a shown notice opens, without the buttons that stand in the same place.
func openText(a *goquery.Selection) string {
	at := a.Find(`[class*="_playDate"], [class*="_ticketOpenDate"], [class*="_openDate"]`).First().Clone()
	at.Find("div, button").Remove()
	return page.Words(at)
}
