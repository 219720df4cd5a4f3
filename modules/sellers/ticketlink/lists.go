package ticketlink

import (
	"fmt"
	"strconv"
	"time"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

type listItem struct {
	ProductID        page.Scalar     `json:"productId"`
	ProductName      page.Scalar     `json:"productName"`
	ProductImagePath page.Scalar     `json:"productImagePath"`
	HallName         page.Scalar     `json:"hallName"`
	LocationName     page.Scalar     `json:"locationName"`
	StartDate        page.Scalar     `json:"startDate"`
	EndDate          page.Scalar     `json:"endDate"`
	Category2Name    page.Scalar     `json:"category2Name"`
	Flags            page.List[flag] `json:"productFlagInfo"`
}

type flag struct {
	Name page.Scalar `json:"flagName"`
}

// parseList reads the JSON of mapi/productList/show and of mapi/sports/schedules. A list without products is a page too: the last one.
func parseList(p *ticket.Page) (sellers.Result, error) {
	var answer struct {
		Data *struct {
			Result    page.List[listItem] `json:"result"`
			Schedules page.List[schedule] `json:"schedules"`
		} `json:"data"`
	}
	if err := page.JSON(p, &answer); err != nil {
		return sellers.Result{}, err
	}
	if answer.Data != nil && answer.Data.Schedules != nil {
		var r sellers.Result
		for _, one := range answer.Data.Schedules {
			one.add(&r, query(p.URL, "teamId"))
		}
		return r, nil
	}
	if answer.Data == nil || answer.Data.Result == nil {
		return sellers.Result{}, fmt.Errorf("%w: %s: no data.result in the product list", sellers.ErrNotOurs, p.URL)
	}
	var r sellers.Result
	for _, it := range answer.Data.Result {
		code := it.ProductID.Digits()
		if code == "" {
			continue
		}
		show := sellers.RawShow{
			Code: code, URL: productURL(code), Title: string(it.ProductName), GenreText: string(it.Category2Name),
			VenueText: string(it.HallName), RegionText: string(it.LocationName),
			StartText: epochDay(it.StartDate), EndText: epochDay(it.EndDate), PosterURL: string(it.ProductImagePath), Partial: true,
		}
		for _, f := range it.Flags {
			show.Badges = append(show.Badges, string(f.Name))
		}
		r.Shows = append(r.Shows, show)
	}
	return r, nil
}

// epochDay writes the midnight a list gives in milliseconds as the day it is in Seoul.
func epochDay(s page.Scalar) string {
	at, ok := epoch(s)
	if !ok {
		return ""
	}
	return at.Format("2006.01.02")
}

// epoch is an instant in milliseconds, in Seoul; ok is false for what is none of this age.
func epoch(s page.Scalar) (at time.Time, ok bool) {
	ms, err := strconv.ParseInt(string(s), 10, 64)
	if err != nil || ms < 500_000_000_000 || ms > 9_000_000_000_000 {
		return time.Time{}, false
	}
	return time.UnixMilli(ms).In(ticket.Seoul), true
}

type noticeItem struct {
	NoticeID  page.Scalar `json:"noticeId"`
	Title     page.Scalar `json:"title"`
	Opens     page.Scalar `json:"ticketOpenDatetime"`
	Register  page.Scalar `json:"registerDatetime"`
	ProductID page.Scalar `json:"productId"`
	Image     page.Scalar `json:"imagePath"`
	Category  page.Scalar `json:"noticeCategoryCode"`
}

// parseNoticeList reads the JSON of help/getNoticeList, and of mapi/notice/list which holds the same.
func parseNoticeList(p *ticket.Page) (sellers.Result, error) {
	if page.IsHTML(p.Body) {
		return parseNoticeListHTML(p)
	}
	var answer struct {
		Result *struct {
			Result page.List[noticeItem] `json:"result"`
		} `json:"result"`
		Data *struct {
			Notices page.List[noticeItem] `json:"notices"`
		} `json:"data"`
	}
	if err := page.JSON(p, &answer); err != nil {
		return sellers.Result{}, err
	}
	var items []noticeItem
	switch {
	case answer.Result != nil && answer.Result.Result != nil:
		items = answer.Result.Result
	case answer.Data != nil && answer.Data.Notices != nil:
		items = answer.Data.Notices
	default:
		return sellers.Result{}, fmt.Errorf("%w: %s: no result.result in the notice list", sellers.ErrNotOurs, p.URL)
	}
	var r sellers.Result
	for _, it := range items {
		id := it.NoticeID.Digits()
		if id == "" || it.Category != "" && it.Category != "TICKET_OPEN" {
			continue
		}
		n := sellers.RawNotice{
			ID: id, URL: noticeURL(id), Title: string(it.Title), OpensText: string(it.Opens), RegisteredText: string(it.Register),
			PosterURL: string(it.Image),
		}
		if code := it.ProductID.Digits(); code != "" && code != "0" {
			n.ProductCode, n.ProductURL = code, productURL(code)
		}
		r.Notices = append(r.Notices, n)
	}
	return r, nil
}
