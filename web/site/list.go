package site

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/search"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/params"
)

// Choice is one value of a filter.
type Choice struct {
	Value, Label string
	On           bool
	Count        int
}

type listPage struct {
	Base
	Cards     []Card
	Total     int
	Page      int
	Pages     int
	Prev      string
	Next      string
	From, To  ticket.Date
	Genres    []Choice
	Regions   []Choice
	Sellers   []Choice
	Statuses  []Choice
	Sorts     []Choice
	PriceMax  *ticket.Won
	Age       *int
	Exclusive bool
	Last      string // link to the last page, where this one lies behind it
	Narrowed  bool
	Named     []search.Suggestion // artists and venues of the name that was asked for
	Read      *search.Reading     // how the words were read; nil when as they stand
	Instead   []Link              // of an empty list: what would find something
}

// searched is what a list answers; first tells that it is the beginning of the answer.
type searched struct {
	text  string
	total int
	first bool
}

func (h handlers) list(c echo.Context) error {
	values := only(c.QueryParams(), params.SearchNames()...)
	p, err := h.page(c, "list", values, func(_ context.Context, now time.Time) (made, error) { return h.fillList(values, now) })
	if err != nil || p == nil {
		return err
	}
	if s := p.Note.(searched); s.first {
		h.Track.Search(c, "list", s.text, s.total)
	}
	return h.send(c, p)
}

func (h handlers) fillList(values url.Values, now time.Time) (made, error) {
	q, err := params.Search(values)
	if err != nil {
		return made{}, err
	}
	q.Facets = true
	res, err := h.Search.Search(q, now)
	if err != nil {
		return made{}, err
	}
	p := listPage{Base: h.base("공연 찾기"), Cards: cards(res.Items, now), Total: res.Total, From: q.From, To: q.To}
	p.Query, p.Page = q.Text, q.Offset/q.Limit+1
	p.Pages = (res.Total + q.Limit - 1) / q.Limit
	p.Prev, p.Next = pageLink(values, p.Page-1, p.Pages), pageLink(values, p.Page+1, p.Pages)
	p.Narrowed = len(q.Genres)+len(q.Regions)+len(q.Sellers)+len(q.Statuses) > 0 || q.From != "" || q.To != "" ||
		q.PriceMax != nil || q.Age != nil || q.Exclusive != nil
	p.PriceMax, p.Age, p.Exclusive = q.PriceMax, q.Age, q.Exclusive != nil && *q.Exclusive
	if p.Page > p.Pages && p.Pages > 0 {
		p.Last = pageLink(values, p.Pages, p.Pages)
	}
	if len(q.Genres) == 1 {
		p.Genre = q.Genres[0]
	}
	p.Genres = choose(ticket.Genres(), q.Genres, res.Facets["genre"], GenreLabel)
	p.Regions = choose(ticket.Regions(), q.Regions, res.Facets["region"], func(r ticket.Region) string { return string(r) })
	p.Sellers = choose(ticket.Sellers(), q.Sellers, res.Facets["seller"], SellerLabel)
	p.Statuses = choose(ticket.Statuses(), q.Statuses, res.Facets["status"], StatusLabel)
	p.Sorts = choose(sorts(q.Text != ""), []search.Sort{q.Sort}, nil, sortLabel)
	if q.Text != "" {
		p.Title = "“" + q.Text + "” 검색 결과"
	} else if p.Genre != "" {
		p.Title = GenreLabel(p.Genre)
	}
	p.Read = res.Read
	if p.Page == 1 && q.Text != "" {
		p.Named = h.Search.Named(q.Text, mostNamed, now)
	}
	if res.Total == 0 {
		if p.Instead, err = h.instead(q, values, now); err != nil {
			return made{}, err
		}
	}
	return made{data: p, note: searched{q.Text, res.Total, p.Page == 1 && q.Cursor == ""}}, nil
}

func choose[T ~string](all, on []T, counts map[string]int, label func(T) string) []Choice {
	var out []Choice
	for _, v := range all {
		out = append(out, Choice{Value: string(v), Label: label(v), On: slices.Contains(on, v), Count: counts[string(v)]})
	}
	return out
}

func pageLink(q url.Values, page, pages int) string {
	if page < 1 || page > pages {
		return ""
	}
	next := url.Values{}
	for k, v := range q {
		if k != "page" && k != "cursor" && strings.Join(v, "") != "" {
			next[k] = v
		}
	}
	if page > 1 {
		next.Set("page", itoa(page))
	}
	return "/search?" + next.Encode()
}

// mostNamed is how many artists and venues a list of shows leads to.
const mostNamed = 6

// sorts are the orders to choose from; only words can fit well or less well.
func sorts(words bool) []search.Sort {
	out := []search.Sort{search.ByNewest, search.ByPopular, search.ByOpening, search.ByClosing, search.ByPrice}
	if words {
		out = append([]search.Sort{search.ByRelevance}, out...)
	}
	return out
}

// instead are the lists near an empty one that hold something: what has ended, and the same words without other conditions.
func (h handlers) instead(q search.Query, values url.Values, now time.Time) ([]Link, error) {
	var out []Link
	try := func(other search.Query, label, link string) error {
		other.Limit, other.Offset, other.Cursor, other.Facets = 1, 0, "", false
		res, err := h.Search.Search(other, now)
		if err == nil && res.Total > 0 {
			out = append(out, Link{Label: fmt.Sprintf("%s %d건 보기", label, res.Total), Link: link})
		}
		return err
	}
	if len(q.Statuses) == 0 {
		ended := q
		ended.Statuses = []ticket.Status{ticket.Ended}
		if err := try(ended, "종료된 공연", pageLink(with(values, "status", string(ticket.Ended)), 1, 1)); err != nil {
			return nil, err
		}
	}
	if q.Text != "" && (len(q.Genres)+len(q.Regions)+len(q.Sellers)+len(q.Statuses) > 0 || q.From != "" || q.To != "" || q.PriceMax != nil || q.Age != nil || q.Exclusive != nil) {
		if err := try(search.Query{Text: q.Text, Sort: search.ByRelevance}, "다른 조건 없이", "/search?"+url.Values{"q": {q.Text}}.Encode()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// with is a query with one value of its own.
func with(q url.Values, name, value string) url.Values {
	out := maps.Clone(q)
	out.Set(name, value)
	return out
}
