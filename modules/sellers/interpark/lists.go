package interpark

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

// goodsItem is one goods item of the genre list, the rankings and the banners of a genre's page.
type goodsItem struct {
	GoodsCode   page.Scalar        `json:"goodsCode"`
	GoodsName   page.Scalar        `json:"goodsName"`
	VenueName   page.Scalar        `json:"venueName"`
	PlaceName   page.Scalar        `json:"placeName"`
	PlaceCode   page.Scalar        `json:"placeCode"`
	RegionName  page.Scalar        `json:"regionName"`
	StartDate   page.Scalar        `json:"startDate"`
	EndDate     page.Scalar        `json:"endDate"`
	PlayStart   page.Scalar        `json:"playStartDate"`
	PlayEnd     page.Scalar        `json:"playEndDate"`
	ImageURL    page.Scalar        `json:"imageUrl"`
	PosterURL   page.Scalar        `json:"posterImageUrl"`
	AgeLimit    page.Scalar        `json:"ageLimit"`
	SubCategory page.Scalar        `json:"subCategoryName"`
	Link        page.Scalar        `json:"link"`
	Keywords    page.List[keyword] `json:"keywords"`
}

type keyword struct {
	Keyword page.Scalar `json:"keyword"`
}

func (g goodsItem) show(genre string) sellers.RawShow {
	code := goodsCode(string(g.GoodsCode))
	s := sellers.RawShow{
		Code: code, URL: goodsURL(code), Title: string(g.GoodsName), GenreText: genre, VenueText: first(g.VenueName, g.PlaceName), VenueCode: string(g.PlaceCode),
		RegionText: string(g.RegionName), StartText: first(g.PlayStart, g.StartDate), EndText: first(g.PlayEnd, g.EndDate),
		PosterURL: first(g.PosterURL, g.ImageURL), AgeText: string(g.AgeLimit), Partial: true,
	}
	if g.SubCategory != "" {
		s.GenreText = strings.TrimPrefix(genre+" > "+string(g.SubCategory), " > ")
	}
	for _, k := range g.Keywords {
		s.Badges = append(s.Badges, string(k.Keyword))
	}
	return s
}

func first(a, b page.Scalar) string {
	return string(cmp.Or(a, b))
}

// parseList reads the JSON of a list: goods of a genre, a ranking in groups, the entertainment items of nol.yanolja.com,
// the data of a club's page, or what a genre's page carries for its start. A list without items is a page too: the last one.
func parseList(p *ticket.Page) (sellers.Result, error) {
	if flight := page.Flight(p.Body); len(flight) > 0 && !json.Valid(p.Body) {
		return parseMatches(p, flight)
	}
	var raw json.RawMessage
	if err := page.JSON(p, &raw); err != nil {
		return sellers.Result{}, err
	}
	if r, ok := parseStartData(raw); ok {
		return r, nil
	}
	if r, items := entertainmentItems(raw); items >= 0 {
		if items > 0 && len(r.Shows) == 0 {
			return r, fmt.Errorf("%w: %s holds %d items and none is goods", sellers.ErrNotOurs, p.URL, items)
		}
		return r, nil
	}
	genre := genreOf(p.URL)
	var r sellers.Result
	found := false
	seen := map[string]bool{}
	arrays(raw, 4, func(list []json.RawMessage) {
		found = true
		for _, one := range list {
			var g goodsItem
			if json.Unmarshal(one, &g) != nil {
				continue
			}
			if s := g.show(genre); s.Code != "" && !seen[s.Code] {
				seen[s.Code] = true
				r.Shows = append(r.Shows, s)
			}
		}
	})
	if !found {
		return sellers.Result{}, fmt.Errorf("%w: %s holds no list of goods", sellers.ErrNotOurs, p.URL)
	}
	return r, nil
}

// arrays calls fn with the outermost arrays of a JSON value, in order: an answer is an array, or has it in list, data or a
// group of its own.
func arrays(raw json.RawMessage, depth int, fn func([]json.RawMessage)) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil && list != nil {
		fn(list)
		return
	}
	if depth == 0 {
		return
	}
	for _, m := range page.Object(raw) {
		arrays(m.Value, depth-1, fn)
	}
}

// genreOf is the genre a list's address asks for.
func genreOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	if g := u.Query().Get("genre"); g != "" {
		return g
	}
	if _, last, ok := strings.Cut(u.Path, "/contents/genre/"); ok {
		return last
	}
	return ""
}

// entertainmentItem is one item of nol.yanolja.com's list: goods, or a box of its own between them.
type entertainmentItem struct {
	Type page.Scalar `json:"type"`
	Data struct {
		ID        page.Scalar            `json:"id"`
		Title     page.Scalar            `json:"title"`
		DateInfo  page.Scalar            `json:"dateInfo"`
		Locations page.List[page.Scalar] `json:"locationDetails"`
		Thumbnail page.Scalar            `json:"thumbnail"`
		Action    struct {
			Web page.Scalar `json:"web"`
		} `json:"action"`
		Badges page.List[struct {
			Text page.Scalar `json:"text"`
		}] `json:"benefitBadges"`
	} `json:"data"`
	Meta struct {
		SubGenre   page.Scalar `json:"subGenreName"`
		RegionName page.Scalar `json:"regionName"`
		PlaceName  page.Scalar `json:"placeName"`
		SaleStatus page.Scalar `json:"saleStatus"`
	} `json:"serverLogMeta"`
}

// entertainmentItems reads multiple-filtered-entertainment-list of nol.yanolja.com, whose years have two digits.
// -1 is for what is no such list.
func entertainmentItems(raw json.RawMessage) (r sellers.Result, items int) {
	var answer struct {
		Items page.List[entertainmentItem] `json:"items"`
	}
	if json.Unmarshal(raw, &answer) != nil || answer.Items == nil {
		return r, -1
	}
	for _, it := range answer.Items {
		d := it.Data
		code := codeIn(string(d.Action.Web))
		if code == "" {
			code = goodsCode(string(d.ID))
		}
		if code == "" || it.Type != "" && it.Type != "PRODUCT_ITEM" {
			continue
		}
		s := sellers.RawShow{Code: code, URL: goodsURL(code), Title: string(d.Title), GenreText: string(it.Meta.SubGenre), PeriodText: string(d.DateInfo),
			VenueText: string(it.Meta.PlaceName), RegionText: string(it.Meta.RegionName), PosterURL: string(d.Thumbnail), StateText: string(it.Meta.SaleStatus), Partial: true}
		if s.VenueText == "" && len(d.Locations) > 0 {
			s.VenueText = string(d.Locations[len(d.Locations)-1])
		}
		for _, b := range d.Badges {
			s.Badges = append(s.Badges, string(b.Text))
		}
		r.Shows = append(r.Shows, s)
	}
	return r, len(answer.Items)
}
