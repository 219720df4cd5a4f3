package search

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
)

// Sort is an order of results.
type Sort string

// The orders. Equals stand in the order of their ids.
const (
	ByRelevance Sort = "relevance" // how well the words fit, the popular first among equals; newest without words
	ByPopular   Sort = "popular"   // most viewed first, then newest
	ByOpening   Sort = "opening"   // next ticket opening first, then newest
	ByClosing   Sort = "closing"   // last day first
	ByPrice     Sort = "price"     // lowest price first
	ByNewest    Sort = "newest"    // first seen last
)

// ByRun lists what has not ended first, the next to begin before others, then what has, the last to end first.
const ByRun Sort = "run"

// Sorts lists every order a client may ask for. It returns a fresh slice.
func Sorts() []Sort { return []Sort{ByRelevance, ByPopular, ByOpening, ByClosing, ByPrice, ByNewest} }

// key is a place in an order; cursors carry it, so it speaks of nothing that a new snapshot numbers otherwise.
type key struct {
	a, b, c int64
	id      string // of the performance
}

func (k key) compare(o key) int {
	return cmp.Or(cmp.Compare(k.a, o.a), cmp.Compare(k.b, o.b), cmp.Compare(k.c, o.c), strings.Compare(k.id, o.id))
}

// order is a permutation of a segment's documents, found when it is first asked for.
type order struct {
	once sync.Once
	perm []uint32
	rank []uint32 // of every document
}

const (
	byOpening = iota
	byClosing
	byPrice
	byNewest
	byRun
	numOrders
)

var orderNumber = map[Sort]int{ByOpening: byOpening, ByClosing: byClosing, ByPrice: byPrice, ByNewest: byNewest, ByRun: byRun}

// order is the documents in the order of sort; nil is the order of their numbers.
func (s *segment) order(sort Sort, c *clock) *order {
	number, ok := orderNumber[sort]
	if !ok {
		return nil
	}
	o := &s.orders[number]
	if number == byOpening || number == byRun { // these change with time
		o = &c.orders[number]
	}
	o.once.Do(func() {
		keys := make([]key, len(s.docs))
		o.perm, o.rank = make([]uint32, len(s.docs)), make([]uint32, len(s.docs))
		for i := range keys {
			keys[i], o.perm[i] = s.key(sort, c, uint32(i), 0), uint32(i)
		}
		slices.SortFunc(o.perm, func(a, b uint32) int { return keys[a].compare(keys[b]) })
		for rank, n := range o.perm {
			o.rank[n] = uint32(rank)
		}
	})
	return o
}

// key is the place of document n in an order; class is how well it fits the words, for ByRelevance.
func (s *segment) key(sort Sort, c *clock, n uint32, class int) key {
	d := &s.docs[n]
	newest := -d.p.FirstSeenAt.UnixMilli()
	k := key{a: newest, id: d.p.ID}
	switch sort {
	case ByRelevance:
		k.a, k.b, k.c = int64(class), -d.views, newest
	case ByPopular:
		k.a, k.b = -d.views, newest
	case ByOpening:
		k.a, k.b = math.MaxInt64, newest
		if t := nextOpening(d.p, c.from); !t.IsZero() { // the same as long as the clock holds
			k.a, k.b = t.UnixMilli(), 0
		}
	case ByClosing:
		k.a = math.MaxInt32
		if !d.p.Period.OpenRun && d.p.Period.End != "" {
			k.a = int64(s.runs[n].last)
		}
	case ByPrice:
		k.a = s.price[n]
	case ByRun:
		k.a, k.b = s.runKey(c, n)
	}
	return k
}

func (s *segment) runKey(c *clock, n uint32) (a, b int64) {
	switch {
	case !c.running.has(n):
		return 1, -int64(s.runs[n].last)
	case !s.runs[n].known():
		return 0, math.MaxInt32 // nobody knows when: behind what is dated
	}
	return 0, int64(s.runs[n].first)
}

// firstAfter is the first of n for which behind holds; it holds for all that follow.
func firstAfter(n int, behind func(int) bool) int {
	low, high := 0, n
	for low < high {
		mid := (low + high) / 2
		if behind(mid) {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return low
}
