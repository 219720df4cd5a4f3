package ticketlink

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

// scalar is a JSON value that the site writes now as a number, now as a string.
type scalar string

func (s *scalar) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		*s = scalar(strings.TrimSpace(text))
		return nil
	}
	var n json.Number
	if json.Unmarshal(b, &n) == nil {
		*s = scalar(n.String())
	}
	return nil // null, true, an object: nothing we read
}

func digits(s scalar) string {
	if s == "" || len(s) > 12 || strings.Trim(string(s), "0123456789") != "" {
		return ""
	}
	return string(s)
}

type listItem struct {
	ProductID        scalar `json:"productId"`
	ProductName      scalar `json:"productName"`
	ProductImagePath scalar `json:"productImagePath"`
	HallName         scalar `json:"hallName"`
	LocationName     scalar `json:"locationName"`
	StartDate        scalar `json:"startDate"`
	EndDate          scalar `json:"endDate"`
	Category2Name    scalar `json:"category2Name"`
	Flags            []struct {
		Name scalar `json:"flagName"`
	} `json:"productFlagInfo"`
}

// parseList reads the JSON of mapi/productList/show. A list without products is a page too: the last one.
func parseList(p *ticket.Page) (sellers.Result, error) {
	var answer struct {
		Data *struct {
			Result *[]listItem `json:"result"`
		} `json:"data"`
	}
	if err := decode(p, &answer); err != nil {
		return sellers.Result{}, err
	}
	if answer.Data == nil || answer.Data.Result == nil {
		return sellers.Result{}, fmt.Errorf("%w: %s: no data.result in the product list", sellers.ErrNotOurs, p.URL)
	}
	var r sellers.Result
	for _, it := range *answer.Data.Result {
		code := digits(it.ProductID)
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
func epochDay(s scalar) string {
	ms, err := strconv.ParseInt(string(s), 10, 64)
	if err != nil || ms < 500_000_000_000 || ms > 9_000_000_000_000 {
		return ""
	}
	return time.UnixMilli(ms).In(ticket.Seoul).Format("2006.01.02")
}

type noticeItem struct {
	NoticeID  scalar `json:"noticeId"`
	Title     scalar `json:"title"`
	Opens     scalar `json:"ticketOpenDatetime"`
	Register  scalar `json:"registerDatetime"`
	ProductID scalar `json:"productId"`
	Image     scalar `json:"imagePath"`
	Category  scalar `json:"noticeCategoryCode"`
}

// parseNoticeList reads the JSON of help/getNoticeList, and of mapi/notice/list which holds the same.
func parseNoticeList(p *ticket.Page) (sellers.Result, error) {
	if looksLikeHTML(p.Body) {
		return parseNoticeListHTML(p)
	}
	var answer struct {
		Result *struct {
			Result *[]noticeItem `json:"result"`
		} `json:"result"`
		Data *struct {
			Notices *[]noticeItem `json:"notices"`
		} `json:"data"`
	}
	if err := decode(p, &answer); err != nil {
		return sellers.Result{}, err
	}
	var items []noticeItem
	switch {
	case answer.Result != nil && answer.Result.Result != nil:
		items = *answer.Result.Result
	case answer.Data != nil && answer.Data.Notices != nil:
		items = *answer.Data.Notices
	default:
		return sellers.Result{}, fmt.Errorf("%w: %s: no result.result in the notice list", sellers.ErrNotOurs, p.URL)
	}
	var r sellers.Result
	for _, it := range items {
		id := digits(it.NoticeID)
		if id == "" || it.Category != "" && it.Category != "TICKET_OPEN" {
			continue
		}
		n := sellers.RawNotice{
			ID: id, URL: noticeURL(id), Title: string(it.Title), OpensText: string(it.Opens), RegisteredText: string(it.Register),
			PosterURL: string(it.Image),
		}
		if code := digits(it.ProductID); code != "" && code != "0" {
			n.ProductCode, n.ProductURL = code, productURL(code)
		}
		r.Notices = append(r.Notices, n)
	}
	return r, nil
}

func decode(p *ticket.Page, into any) error {
	if err := json.Unmarshal(bytes.ToValidUTF8(p.Body, nil), into); err != nil {
		if looksLikeHTML(p.Body) {
			return fmt.Errorf("%w: %s answered with HTML where JSON was asked for", sellers.ErrNotOurs, p.URL)
		}
		return fmt.Errorf("%w: %s: not the JSON that was asked for: %w", sellers.ErrNotOurs, p.URL, err)
	}
	return nil
}

func looksLikeHTML(b []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n\ufeff"), []byte("<"))
}
