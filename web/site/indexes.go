package site

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/hangul"
	"ticketmoa/modules/normalize"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/problem"
)

// initials are the letters of the index of artists, in its order.
var initials = strings.Split("ㄱ,ㄴ,ㄷ,ㄹ,ㅁ,ㅂ,ㅅ,ㅇ,ㅈ,ㅊ,ㅋ,ㅌ,ㅍ,ㅎ,A–Z,기타", ",")

var doubled = strings.NewReplacer("ㄲ", "ㄱ", "ㄸ", "ㄷ", "ㅃ", "ㅂ", "ㅆ", "ㅅ", "ㅉ", "ㅈ")

// initialOf is the letter of the index a name stands under.
func initialOf(name string) string {
	first, _ := utf8.DecodeRuneInString(normalize.NameKey(name))
	letter := doubled.Replace(hangul.Choseong(string(first)))
	switch {
	case slices.Contains(initials, letter):
		return letter
	case first >= 'a' && first <= 'z':
		return "A–Z"
	}
	return "기타"
}

type artistsPage struct {
	Base
	Initial  string
	Initials []Link
	People   []Person
	Total    int
	Pager
}

func (h handlers) artists(c echo.Context) error {
	values := only(c.QueryParams(), "initial", "page")
	return h.show(c, "artists", values, func(_ context.Context, now time.Time) (made, error) { return h.fillArtists(values, now) })
}

func (h handlers) fillArtists(values url.Values, now time.Time) (made, error) {
	p := artistsPage{Base: h.base("아티스트"), Initial: values.Get("initial")}
	if p.Initial != "" && !slices.Contains(initials, p.Initial) {
		return made{}, problem.BadParameters([]problem.Field{{Pointer: "initial", Detail: "쓸 수 있는 값: " + strings.Join(initials, ", ")}})
	}
	p.Canonical = "/artists"
	p.Description = "공연에 출연하는 배우·가수·연주자를 가나다순으로 찾아보세요."
	filled := map[string]bool{}
	var shown []ticket.Artist
	for _, a := range h.Entities.Artists() {
		letter := initialOf(a.Name)
		filled[letter] = true
		if p.Initial == "" || letter == p.Initial {
			shown = append(shown, a)
		}
	}
	p.Initials = []Link{{Label: "전체", Link: "/artists", On: p.Initial == ""}}
	for _, letter := range initials {
		if filled[letter] || letter == p.Initial {
			p.Initials = append(p.Initials, Link{Label: letter, Link: "/artists?" + url.Values{"initial": {letter}}.Encode(), On: letter == p.Initial})
		}
	}
	q := url.Values{}
	if p.Initial != "" {
		q.Set("initial", p.Initial)
	}
	var from, to int
	p.Total = len(shown)
	p.Pager, from, to = pager(values, "/artists", q, len(shown), perIndex)
	for _, a := range shown[from:to] {
		one := Person{ID: a.ID, Name: a.Name, Current: h.Search.Current(a.ID, now)}
		one.Notes = append(one.Notes, a.Aliases...)
		for _, g := range a.Genres {
			one.Notes = append(one.Notes, GenreLabel(g))
		}
		p.People = append(p.People, one)
	}
	return made{data: p}, nil
}

// House is a venue as lists show one.
type House struct {
	ticket.Venue
	Current int
}

type houseGroup struct {
	Region string
	Houses []House
}

type venuesPage struct {
	Base
	Regions []Link
	Groups  []houseGroup
	Total   int
	Pager
}

func (h handlers) venues(c echo.Context) error {
	values := only(c.QueryParams(), "region", "page")
	return h.show(c, "venues", values, func(_ context.Context, now time.Time) (made, error) { return h.fillVenues(values, now) })
}

func (h handlers) fillVenues(values url.Values, now time.Time) (made, error) {
	p := venuesPage{Base: h.base("공연장")}
	region := ticket.Region(values.Get("region"))
	if region != "" && region != noRegion && !slices.Contains(ticket.Regions(), region) {
		return made{}, problem.BadParameters([]problem.Field{{Pointer: "region", Detail: "17개 시도의 짧은 이름(서울, 경기 …)이나 " + string(noRegion) + "을 쓰세요."}})
	}
	p.Canonical = "/venues"
	p.Description = "전국 공연장을 지역별로 찾아보세요."
	filled := map[ticket.Region]bool{}
	var shown []ticket.Venue
	for _, v := range h.Entities.Venues() {
		r := regionOf(v)
		filled[r] = true
		if region == "" || r == region {
			shown = append(shown, v)
		}
	}
	p.Regions = []Link{{Label: "전국", Link: "/venues", On: region == ""}}
	for _, r := range append(ticket.Regions(), noRegion) {
		if filled[r] || r == region {
			p.Regions = append(p.Regions, Link{Label: string(r), Link: "/venues?" + url.Values{"region": {string(r)}}.Encode(), On: r == region})
		}
	}
	q := url.Values{}
	if region != "" {
		q.Set("region", string(region))
	}
	var from, to int
	p.Total = len(shown)
	p.Pager, from, to = pager(values, "/venues", q, len(shown), perIndex)
	for _, v := range shown[from:to] {
		r := string(regionOf(v))
		if n := len(p.Groups); n == 0 || p.Groups[n-1].Region != r {
			p.Groups = append(p.Groups, houseGroup{Region: r})
		}
		last := &p.Groups[len(p.Groups)-1]
		last.Houses = append(last.Houses, House{v, h.Search.Current(v.ID, now)})
	}
	return made{data: p}, nil
}

// noRegion stands for venues nobody says where they are.
const noRegion ticket.Region = "지역 미상"

func regionOf(v ticket.Venue) ticket.Region {
	if v.Region == "" {
		return noRegion
	}
	return v.Region
}
