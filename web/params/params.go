// Package params reads the query string that lists share, on pages and in the API.
package params

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"ticketmoa/modules/popular"
	"ticketmoa/modules/search"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/problem"
)

// Limits of a list.
const (
	DefaultLimit = 20
	MaxLimit     = 100
	maxText      = 100
)

// reader collects everything that is wrong, so that a client hears it all at once.
type reader struct {
	q      url.Values
	errors []problem.Field
}

func (r *reader) wrong(name, format string, args ...any) {
	r.errors = append(r.errors, problem.Field{Pointer: name, Detail: fmt.Sprintf(format, args...)})
}

// words splits repeated and comma-separated values.
func (r *reader) words(name string) []string {
	var out []string
	for _, v := range r.q[name] {
		for _, w := range strings.Split(v, ",") {
			if w = strings.TrimSpace(w); w != "" {
				out = append(out, w)
			}
		}
	}
	return out
}

func choices[T ~string](r *reader, name string, allowed func() []T) []T {
	var out []T
	for _, w := range r.words(name) {
		if !slices.Contains(allowed(), T(w)) {
			r.wrong(name, "%q은(는) 쓸 수 없습니다. 쓸 수 있는 값: %s", clip(w), join(allowed()))
			continue
		}
		out = append(out, T(w))
	}
	return out
}

func join[T ~string](all []T) string {
	parts := make([]string, len(all))
	for i, a := range all {
		parts[i] = string(a)
	}
	return strings.Join(parts, ", ")
}

func clip(s string) string {
	s = strings.ToValidUTF8(s, "�")
	if utf8.RuneCountInString(s) > 40 {
		return string([]rune(s)[:40]) + "…"
	}
	return s
}

func (r *reader) regions() []ticket.Region {
	var out []ticket.Region
	for _, w := range r.words("region") {
		got, ok := ticket.RegionsIn(w)
		if !ok {
			r.wrong("region", "%q은(는) 없는 지역입니다. 17개 시도의 짧은 이름(서울, 경기 …)이나 수도권, 경상, 전라, 충청을 쓰세요.", clip(w))
			continue
		}
		out = append(out, got...)
	}
	return out
}

func (r *reader) date(name string) ticket.Date {
	v := strings.TrimSpace(r.q.Get(name))
	if v == "" {
		return ""
	}
	d, err := ticket.ParseDate(v)
	if err != nil {
		r.wrong(name, "%q은(는) 날짜가 아닙니다. 2026-12-25처럼 쓰세요.", clip(v))
	}
	return d
}

func (r *reader) number(name string, lowest, highest int64) (int64, bool) {
	v := strings.TrimSpace(r.q.Get(name))
	if v == "" {
		return 0, false
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < lowest || n > highest {
		r.wrong(name, "%q은(는) %d 이상 %d 이하의 정수가 아닙니다.", clip(v), lowest, highest)
		return 0, false
	}
	return n, true
}

func (r *reader) text() string {
	v := strings.TrimSpace(r.q.Get("q"))
	if !utf8.ValidString(v) {
		r.wrong("q", "UTF-8이 아닙니다.")
		return ""
	}
	if utf8.RuneCountInString(v) > maxText {
		r.wrong("q", "검색어는 %d자까지입니다.", maxText)
		return ""
	}
	return v
}

// SearchNames are the parameters that Search reads. It returns a fresh slice.
func SearchNames() []string {
	return []string{"q", "genre", "region", "seller", "status", "from", "to", "cursor", "limit", "price_max", "age", "page", "exclusive", "sort", "updated_since"}
}

// Search reads the query of a list of performances.
func Search(q url.Values) (search.Query, error) {
	r := &reader{q: q}
	out := search.Query{
		Text: r.text(), Genres: choices(r, "genre", ticket.Genres), Regions: r.regions(),
		Sellers: choices(r, "seller", ticket.Sellers), Statuses: choices(r, "status", ticket.Statuses),
		From: r.date("from"), To: r.date("to"), Cursor: q.Get("cursor"), Limit: DefaultLimit,
	}
	if out.From != "" && out.To != "" && out.To < out.From {
		r.wrong("to", "끝 날짜가 시작 날짜보다 빠릅니다.")
	}
	if n, ok := r.number("limit", 1, MaxLimit); ok {
		out.Limit = int(n)
	}
	if n, ok := r.number("price_max", 0, 100_000_000); ok {
		won := ticket.Won(n)
		out.PriceMax = &won
	}
	if n, ok := r.number("age", 0, 150); ok {
		age := int(n)
		out.Age = &age
	}
	if n, ok := r.number("page", 1, 1_000_000); ok {
		out.Offset = int(n-1) * out.Limit
	}
	if v := q.Get("exclusive"); v != "" {
		b, err := strconv.ParseBool(v)
		if err != nil {
			r.wrong("exclusive", "true나 false를 쓰세요.")
		}
		out.Exclusive = &b
	}
	if sorts := choices(r, "sort", search.Sorts); len(sorts) > 0 {
		out.Sort = sorts[0]
	} else if out.Text != "" {
		out.Sort = search.ByRelevance
	} else {
		out.Sort = search.ByNewest
	}
	if v := q.Get("updated_since"); v != "" {
		t, err := time.Parse(time.RFC3339, v)
		if err != nil {
			r.wrong("updated_since", "2026-11-22T09:00:00+09:00처럼 RFC 3339로 쓰세요.")
		}
		out.UpdatedSince = t
	}
	if len(r.errors) > 0 {
		return out, problem.BadParameters(r.errors)
	}
	return out, nil
}

// Wanted tells whether something that is left out by default is asked for: with anything but nothing, false and 0.
func Wanted(q url.Values, name string) bool {
	v := q.Get(name)
	if v == "" {
		return false
	}
	yes, err := strconv.ParseBool(v)
	return err != nil || yes
}

// Suggest reads what is being typed. Without q it is an error: there is nothing to complete.
func Suggest(q url.Values, standard, highest int) (text string, limit int, err error) {
	r := &reader{q: q}
	text, limit = r.text(), standard
	if text == "" && len(r.errors) == 0 {
		r.wrong("q", "찾는 말의 앞부분을 쓰세요.")
	}
	if n, ok := r.number("limit", 1, int64(highest)); ok {
		limit = int(n)
	}
	if len(r.errors) > 0 {
		return "", 0, problem.BadParameters(r.errors)
	}
	return text, limit, nil
}

// Openings is the query of a list of ticket openings.
type Openings struct {
	From, To time.Time
	Seller   ticket.Seller
	Genre    ticket.Genre
	Regions  []ticket.Region
	Limit    int
	Offset   int
}

// OpeningNames are the parameters that ReadOpenings reads. It returns a fresh slice.
func OpeningNames() []string {
	return []string{"from", "to", "region", "seller", "genre", "limit", "cursor"}
}

// ReadOpenings reads it; without from, the list begins now.
func ReadOpenings(q url.Values, now time.Time) (Openings, error) {
	r := &reader{q: q}
	out := Openings{From: now, Regions: r.regions(), Limit: MaxLimit}
	if d := r.date("from"); d != "" {
		out.From = d.Time()
	}
	if d := r.date("to"); d != "" {
		out.To = d.AddDays(1).Time()
	}
	if s := choices(r, "seller", ticket.Sellers); len(s) > 0 {
		out.Seller = s[0]
	}
	if g := choices(r, "genre", ticket.Genres); len(g) > 0 {
		out.Genre = g[0]
	}
	if n, ok := r.number("limit", 1, MaxLimit); ok {
		out.Limit = int(n)
	}
	if c := q.Get("cursor"); c != "" {
		n, err := strconv.Atoi(c)
		if err != nil || n < 0 || n > 10_000_000 {
			r.wrong("cursor", "이 목록의 cursor가 아닙니다. cursor 없이 다시 시작하세요.")
		}
		out.Offset = n
	}
	if len(r.errors) > 0 {
		return out, problem.BadParameters(r.errors)
	}
	return out, nil
}

// PopularNames are the parameters that Popular reads. It returns a fresh slice.
func PopularNames() []string { return []string{"day", "age", "gender", "genre", "region", "limit"} }

// Popular reads the query of a ranking. Without day it is the latest there is.
func Popular(q url.Values) (popular.Query, error) {
	r := &reader{q: q}
	out := popular.Query{Day: r.date("day"), Age: one(r, "age", ticket.AgeBands()), Gender: one(r, "gender", []ticket.Gender{ticket.Female, ticket.Male}),
		Genre: one(r, "genre", ticket.Genres()), Regions: r.regions(), Limit: DefaultLimit}
	if n, ok := r.number("limit", 1, MaxLimit); ok {
		out.Limit = int(n)
	}
	if len(r.errors) > 0 {
		return out, problem.BadParameters(r.errors)
	}
	return out, nil
}

// one reads a parameter that takes a single value.
func one[T ~string](r *reader, name string, allowed []T) (none T) {
	all := choices(r, name, func() []T { return allowed })
	if len(all) > 1 {
		r.wrong(name, "하나만 쓸 수 있습니다. 쓸 수 있는 값: %s", join(allowed))
	}
	if len(all) != 1 {
		return none
	}
	return all[0]
}

// Limit reads limit alone.
func Limit(q url.Values, standard, highest int) (int, error) {
	r := &reader{q: q}
	n, ok := r.number("limit", 1, int64(highest))
	if len(r.errors) > 0 {
		return 0, problem.BadParameters(r.errors)
	}
	if !ok {
		return standard, nil
	}
	return int(n), nil
}
