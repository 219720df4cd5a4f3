package site

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/popular"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/params"
)

// Popular knows the rankings.
type Popular interface {
	Top(ctx context.Context, q popular.Query) (popular.Answer, error)
	Days(ctx context.Context, limit int) ([]ticket.Date, error)
}

const (
	rankRows = 50
	homeRows = 6
	dayTabs  = 7
	fewTabs  = 3
)

// Move is how a rank changed against the day before.
type Move struct {
	Kind  string // "up", "down", "same", "new": for the style
	Sign  string // for the eye
	Words string // for the ear
}

// rankCard is a show with its rank.
type rankCard struct {
	Card
	Rank, Views int
	Move        *Move // nil when there is no day before to compare with
}

type rankList struct{ Rows []rankCard }

func move(r popular.Ranked, compared bool) *Move {
	switch {
	case !compared:
		return nil
	case r.Previous == 0:
		return &Move{"new", "NEW", "새로 들어옴"}
	case r.Previous == r.Rank:
		return &Move{"same", "–", "변동 없음"}
	case r.Previous > r.Rank:
		return &Move{"up", "▲" + itoa(r.Previous-r.Rank), itoa(r.Previous-r.Rank) + "계단 오름"}
	}
	return &Move{"down", "▼" + itoa(r.Rank-r.Previous), itoa(r.Rank-r.Previous) + "계단 내림"}
}

// ranked makes cards of an answer; shows that are no longer in the catalogue are left out, ranks stay.
func (h handlers) ranked(a popular.Answer, most int, now time.Time) (list rankList) {
	for _, r := range a.Rows {
		if len(list.Rows) == most {
			break
		}
		for _, p := range h.Search.Get(r.PerformanceID) {
			list.Rows = append(list.Rows, rankCard{Card: card(p, now), Rank: r.Rank, Views: r.Views, Move: move(r, a.Compared)})
		}
	}
	return list
}

// yesterday is the top of yesterday's ranking; none when there is no such ranking.
func (h handlers) yesterday(ctx context.Context, now time.Time) (rankList, error) {
	a, err := h.Popular.Top(ctx, popular.Query{Day: ticket.DateOf(now).AddDays(-1), Limit: 3 * homeRows})
	return h.ranked(a, homeRows, now), err
}

type rankPage struct {
	Base
	Day      ticket.Date
	Known    bool   // the day has a ranking
	Latest   string // link to the latest day that has one
	Days     []Link
	Earlier  string
	Later    string
	Ages     []Link
	Genders  []Link
	Genres   []Link
	Regions  []Link
	Sample   int
	Who      string // who is counted, in words
	Compared bool
	Narrowed bool // by age or gender
	Filtered bool // by anything but the day
	All      string
	List     rankList
}

// rankLink is the page with one parameter changed; "" takes it out.
func rankLink(q url.Values, name, value string) string {
	next := url.Values{}
	for _, k := range []string{"day", "age", "gender", "genre", "region"} {
		if v := q.Get(k); v != "" && k != name {
			next.Set(k, v)
		}
	}
	if value != "" {
		next.Set(name, value)
	}
	if len(next) == 0 {
		return "/rank"
	}
	return "/rank?" + next.Encode()
}

func rankTabs[T ~string](q url.Values, name, all string, values []T, label func(T) string) []Link {
	links := []Link{{Label: all, Link: rankLink(q, name, ""), On: q.Get(name) == ""}}
	for i, v := range values {
		l := Link{Label: label(v), Link: rankLink(q, name, string(v)), On: q.Get(name) == string(v)}
		if l.On && i >= fewTabs { // a phone shows the first few: the chosen one stands among them
			links = slices.Insert(links, 1, l)
			continue
		}
		links = append(links, l)
	}
	return links
}

func (h handlers) rank(c echo.Context) error {
	values := only(c.QueryParams(), params.PopularNames()...)
	return h.show(c, "rank", values, func(ctx context.Context, now time.Time) (made, error) { return h.fillRank(ctx, values, now) })
}

func (h handlers) fillRank(ctx context.Context, values url.Values, now time.Time) (made, error) {
	q, err := params.Popular(values)
	if err != nil {
		return made{}, err
	}
	q.Limit = rankRows
	a, err := h.Popular.Top(ctx, q)
	if err != nil {
		return made{}, err
	}
	days, err := h.Popular.Days(ctx, 90)
	if err != nil {
		return made{}, err
	}
	p := rankPage{Base: h.base("많이 본 공연 랭킹"), Day: a.Day, Sample: a.Sample, Compared: a.Compared, List: h.ranked(a, rankRows, now),
		Narrowed: q.Age != "" || q.Gender != "", All: rankLink(url.Values{"day": {values.Get("day")}}, "", "")}
	p.Filtered = p.Narrowed || q.Genre != "" || len(q.Regions) > 0
	p.Canonical = rankLink(values, "", "")
	p.Ages = rankTabs(values, "age", "전체", ticket.AgeBands(), AgeLabel)
	p.Genders = rankTabs(values, "gender", "전체", []ticket.Gender{ticket.Female, ticket.Male}, GenderLabel)
	p.Genres = rankTabs(values, "genre", "전체", ticket.Genres(), GenreLabel)
	p.Regions = rankTabs(values, "region", "전국", append([]string{"수도권"}, names(ticket.Regions())...), func(s string) string { return s })
	p.Who = who(q)
	p.chooseDays(values, days)
	return made{data: p}, nil
}

func names[T ~string](all []T) []string {
	out := make([]string, len(all))
	for i, v := range all {
		out[i] = string(v)
	}
	return out
}

// who says in words who is counted.
func who(q popular.Query) string {
	switch {
	case q.Age != "" && q.Gender != "":
		return AgeLabel(q.Age) + " " + GenderLabel(q.Gender) + " 회원"
	case q.Age != "":
		return AgeLabel(q.Age) + " 회원"
	case q.Gender != "":
		return GenderLabel(q.Gender) + " 회원"
	}
	return "모든 방문자"
}

// chooseDays fills in the days beside the one shown. days are those with a ranking, latest first.
func (p *rankPage) chooseDays(q url.Values, days []ticket.Date) {
	at, known := slices.BinarySearchFunc(days, p.Day, func(a, b ticket.Date) int { return strings.Compare(string(b), string(a)) })
	p.Known = known
	if len(days) == 0 {
		return
	}
	p.Latest = rankLink(q, "day", "")
	start := max(0, min(at-dayTabs/2, len(days)-dayTabs))
	for _, d := range days[start:min(start+dayTabs, len(days))] {
		t := d.Time()
		p.Days = append(p.Days, Link{Label: fmt.Sprintf("%d. %d.(%s)", t.Month(), t.Day(), weekdays[t.Weekday()]), Link: rankLink(q, "day", string(d)), On: d == p.Day})
	}
	before := at
	if known {
		before++
	}
	if before < len(days) {
		p.Earlier = rankLink(q, "day", string(days[before]))
	}
	if at > 0 {
		p.Later = rankLink(q, "day", string(days[at-1]))
	}
}
