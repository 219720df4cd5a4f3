package search

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"ticketmoa/modules/hangul"
	"ticketmoa/modules/ticket"
)

// ErrBadCursor means that a cursor was not made by this query.
var ErrBadCursor = errors.New("cursor does not belong to this query: start again without one")

// Sort is an order of results.
type Sort string

// The orders.
const (
	ByRelevance Sort = "relevance" // how well the words fit; newest without words
	ByPopular   Sort = "popular"
	ByOpening   Sort = "opening" // next ticket opening first
	ByClosing   Sort = "closing" // last day first
	ByPrice     Sort = "price"   // lowest price first
	ByNewest    Sort = "newest"  // first seen last
)

// Sorts lists every order. It returns a fresh slice.
func Sorts() []Sort { return []Sort{ByRelevance, ByPopular, ByOpening, ByClosing, ByPrice, ByNewest} }

// Query asks for performances; zero fields do not narrow.
type Query struct {
	Text         string
	Genres       []ticket.Genre
	Regions      []ticket.Region
	Sellers      []ticket.Seller
	Statuses     []ticket.Status // none: everything that has not ended, unless the dates ask for the past
	From, To     ticket.Date     // days the run overlaps
	PriceMax     *ticket.Won
	Age          *int // an age in years that may enter
	Exclusive    *bool
	Artist       string // id of an artist who performs
	Venue        string // id of the venue
	WithEnded    bool   // what has ended too, as long as Statuses does not say otherwise
	UpdatedSince time.Time
	Sort         Sort
	Limit        int
	Offset       int // for numbered pages
	Cursor       string
	Facets       bool
	Bodies       bool // Result.Bodies are wanted
}

// Result is one page of a query.
type Result struct {
	Items  []*ticket.Performance
	Bodies [][]byte // Items as Config.Encode writes them; nil without it. Shared: they must not be changed
	Total  int
	Next   string // cursor of the next page; "" at the end
	Facets map[string]map[string]int
}

// Fold brings text to what is compared: lower case, letters and digits only.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// hit is a match with its place in the order.
type hit struct {
	d     *doc
	score int
	key   string
}

// Search answers a query at the moment now.
func (x *Index) Search(q Query, now time.Time) (Result, error) {
	s := x.current.Load()
	match := q.matcher(now)
	var hits []hit
	for _, d := range q.among(s) {
		if score, ok := match(d); ok {
			hits = append(hits, hit{d: d, score: score, key: q.sortKey(d, score, now)})
		}
	}
	slices.SortFunc(hits, func(a, b hit) int { return cmp.Or(strings.Compare(a.key, b.key), strings.Compare(a.d.p.ID, b.d.p.ID)) })
	res := Result{Total: len(hits)}
	if q.Facets {
		res.Facets = x.facets(q, s, hits, now)
	}
	start, err := q.start(hits)
	if err != nil {
		return Result{}, err
	}
	end := len(hits)
	if q.Limit > 0 {
		end = min(start+q.Limit, len(hits))
	}
	for _, h := range hits[start:end] {
		res.Items = append(res.Items, h.d.p)
		if x.cfg.Encode != nil && q.Bodies {
			res.Bodies = append(res.Bodies, h.d.encoded(x.cfg.Encode, now))
		}
	}
	if end < len(hits) && end > start {
		last := hits[end-1]
		res.Next = cursor{Sort: q.Sort, Key: last.key, ID: last.d.p.ID}.encode()
	}
	return res, nil
}

type cursor struct {
	Sort Sort   `json:"s"`
	Key  string `json:"k"`
	ID   string `json:"i"`
}

func (c cursor) encode() string {
	b, _ := json.Marshal(c) // three strings always marshal
	return base64.RawURLEncoding.EncodeToString(b)
}

// start is where the page begins.
func (q Query) start(hits []hit) (int, error) {
	if q.Cursor == "" {
		return min(max(q.Offset, 0), len(hits)), nil
	}
	var c cursor
	b, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err != nil || json.Unmarshal(b, &c) != nil || c.ID == "" || c.Sort != q.Sort {
		return 0, ErrBadCursor
	}
	i, found := slices.BinarySearchFunc(hits, c, func(h hit, c cursor) int {
		return cmp.Or(strings.Compare(h.key, c.Key), strings.Compare(h.d.p.ID, c.ID))
	})
	if found {
		i++
	}
	return i, nil
}

// sortKey is a string that sorts as the order wants.
func (q Query) sortKey(d *doc, score int, now time.Time) string {
	p := d.p
	newest := fmt.Sprintf("%020d", 1<<62-p.FirstSeenAt.UnixMilli())
	switch q.Sort {
	case ByOpening:
		if t := nextOpening(p, now); !t.IsZero() {
			return t.UTC().Format("20060102150405")
		}
		return "9" + newest
	case ByClosing:
		if p.Period.OpenRun || p.Period.End == "" {
			return "9999-99-99"
		}
		return string(p.Period.End)
	case ByPrice:
		if low, _, ok := p.PriceRange(); ok {
			return fmt.Sprintf("%012d", low)
		}
		return "9"
	case ByNewest, ByPopular:
		return newest
	case ByRun:
		return runKey(p, now)
	}
	return fmt.Sprintf("%06d", 999999-score) + newest
}

func nextOpening(p *ticket.Performance, now time.Time) time.Time {
	var next time.Time
	consider := func(t *time.Time) {
		if t != nil && t.After(now) && (next.IsZero() || t.Before(next)) {
			next = *t
		}
	}
	for _, o := range p.Openings {
		consider(o.OpensAt)
	}
	for _, o := range p.Offers {
		consider(o.OpensAt)
	}
	return next
}

// matcher prepares the query once and judges one performance at a time.
func (q Query) matcher(now time.Time) func(*doc) (int, bool) {
	score := textMatcher(q.Text)
	today := ticket.DateOf(now)
	past := q.WithEnded || (q.To != "" && q.To < today) || (q.From != "" && q.From < today)
	return func(d *doc) (int, bool) {
		p := d.p
		status := p.StatusAt(now)
		if len(q.Statuses) > 0 {
			if !slices.Contains(q.Statuses, status) {
				return 0, false
			}
		} else if status == ticket.Ended && !past {
			return 0, false
		}
		if !q.narrow(p) {
			return 0, false
		}
		return score(d)
	}
}

func (q Query) narrow(p *ticket.Performance) bool {
	if len(q.Genres) > 0 && !slices.Contains(q.Genres, p.Genre) {
		return false
	}
	if len(q.Regions) > 0 && !slices.Contains(q.Regions, p.Place.Region) {
		return false
	}
	if len(q.Sellers) > 0 && !slices.ContainsFunc(p.Offers, func(o ticket.Offer) bool { return slices.Contains(q.Sellers, o.Seller) }) {
		return false
	}
	if q.From != "" || q.To != "" {
		window := ticket.Period{Start: cmp.Or(q.From, "0001-01-01"), End: cmp.Or(q.To, "9999-12-31")}
		if !p.Period.Overlaps(window) {
			return false
		}
	}
	if q.PriceMax != nil {
		if low, _, ok := p.PriceRange(); !ok || low > *q.PriceMax {
			return false
		}
	}
	if q.Age != nil && (p.MinAgeYears == nil || *p.MinAgeYears > *q.Age) {
		return false
	}
	if q.Exclusive != nil && p.Exclusive != *q.Exclusive {
		return false
	}
	return q.UpdatedSince.IsZero() || !p.ChangedAt.Before(q.UpdatedSince)
}

// textMatcher wants every word somewhere in the title, venue or cast; words without their spaces and initial consonants
// find a title too.
func textMatcher(text string) func(*doc) (int, bool) {
	whole := Fold(text)
	if whole == "" {
		if strings.TrimSpace(text) != "" {
			return func(*doc) (int, bool) { return 0, false }
		}
		return func(*doc) (int, bool) { return 0, true }
	}
	var words []string
	for _, w := range strings.Fields(text) {
		if f := Fold(w); f != "" {
			words = append(words, f)
		}
	}
	initials := whole == hangul.Choseong(whole) && strings.ContainsFunc(whole, func(r rune) bool { return r >= 'ㄱ' && r <= 'ㅎ' })
	return func(d *doc) (int, bool) {
		switch {
		case d.title == whole:
			return 1000, true
		case strings.HasPrefix(d.title, whole):
			return 900, true
		case strings.Contains(d.title, whole):
			return 800, true
		case initials:
			return 600, strings.Contains(d.choseon, whole)
		}
		score := 0
		for _, w := range words {
			switch {
			case strings.Contains(d.title, w):
				score += 100
			case strings.Contains(d.text, w):
				score += 40
			default:
				return 0, false
			}
		}
		return score / len(words), true
	}
}

// facets counts every value of a filter among what the other filters leave, so that another choice can be seen and made.
func (x *Index) facets(q Query, s *snapshot, hits []hit, now time.Time) map[string]map[string]int {
	out := map[string]map[string]int{}
	for _, f := range []struct {
		name   string
		chosen bool
		open   func(*Query)
		values func(*ticket.Performance) []string
	}{
		{"genre", len(q.Genres) > 0, func(q *Query) { q.Genres = nil }, func(p *ticket.Performance) []string { return []string{string(p.Genre)} }},
		{"region", len(q.Regions) > 0, func(q *Query) { q.Regions = nil }, func(p *ticket.Performance) []string { return []string{string(p.Place.Region)} }},
		{"status", len(q.Statuses) > 0, func(q *Query) { q.Statuses = nil }, func(p *ticket.Performance) []string { return []string{string(p.StatusAt(now))} }},
		{"seller", len(q.Sellers) > 0, func(q *Query) { q.Sellers = nil }, sellersOf},
	} {
		counts := map[string]int{}
		count := func(p *ticket.Performance) {
			for _, v := range f.values(p) {
				if v != "" {
					counts[v]++
				}
			}
		}
		if !f.chosen {
			for _, h := range hits {
				count(h.d.p)
			}
		} else {
			wider := q
			f.open(&wider)
			match := wider.matcher(now)
			for _, d := range q.among(s) {
				if _, ok := match(d); ok {
					count(d.p)
				}
			}
		}
		out[f.name] = counts
	}
	return out
}

// sellersOf lists each seller of a show once.
func sellersOf(p *ticket.Performance) []string {
	var out []string
	for _, o := range p.Offers {
		if !slices.Contains(out, string(o.Seller)) {
			out = append(out, string(o.Seller))
		}
	}
	return out
}
