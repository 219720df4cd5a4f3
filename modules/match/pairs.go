package match

import (
	"maps"
	"slices"
	"strings"

	"ticketmoa/modules/ticket"
)

// Judged is a pair of listings that are the same show, or nearly.
type Judged struct {
	A, B     string  // keys, A before B
	Total    float64 // of the score
	Apart    bool    // something keeps them apart whatever the score
	Together bool    // they stand in one performance
	Link     bool    // one of the two names the other
	Decided  ticket.DecisionKind
}

// Pairs calls fn with every pair of listings whose score is worth a look, or that a link or a decision speaks of, in the
// order of keys, until fn returns false.
func (x *Index) Pairs(fn func(Judged) bool) {
	for _, key := range slices.Sorted(maps.Keys(x.shows)) {
		a := x.shows[key]
		if a.Role == Announces {
			continue
		}
		others := x.decided(key)
		for _, ed := range a.edges {
			others = append(others, ed.to)
		}
		slices.SortFunc(others, func(p, q *entry) int { return strings.Compare(p.Key, q.Key) })
		for _, b := range slices.Compact(others) {
			if b.Key < a.Key || b.Role == Announces {
				continue
			}
			w, apart := weigh(a, b)
			link := slices.Contains(a.Links, b.Key) || slices.Contains(b.Links, a.Key)
			if !fn(Judged{A: a.Key, B: b.Key, Total: float64(w.total()), Apart: apart != notApart, Together: a.at == b.at && a.at != "", Link: link,
				Decided: x.decisions.between(a.Key, b.Key)}) {
				return
			}
		}
	}
}

// Explain is the explained score of two shows of the index; ok is false when one of them is not there.
func (x *Index) Explain(a, b string) (s Score, ok bool) {
	p, q := x.shows[a], x.shows[b]
	if p == nil || q == nil {
		return s, false
	}
	return explain(p, q), true
}
