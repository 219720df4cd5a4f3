package search

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"time"

	"ticketmoa/modules/ticket"
)

// The filters of which facets are counted.
const (
	genreFilter = iota
	regionFilter
	sellerFilter
	statusFilter
	facetFilters
)

var facetNames = [facetFilters]string{"genre", "region", "seller", "status"}

// filter is a query's conditions on one segment.
type filter struct {
	seg    *segment
	clock  *clock
	chosen [facetFilters]bitset // nil when the query does not choose

	exclusive *bool
	dates     bool
	from, to  uint16
	price     int64 // unknownPrice when there is no limit
	age       int16
	since     int64
	others    bool     // any of price, age, since
	ranges    bool     // others or dates
	must      []bitset // what a document must be in; the chosen ones too, unless the filter is open

	mustRoom [1 + facetFilters]bitset
}

// set makes f the query's conditions. An open one leaves out the filters of which facets are counted.
func (f *filter) set(s *segment, q *Query, c *clock, live bitset, now time.Time, open bool) {
	*f = filter{seg: s, clock: c, exclusive: q.Exclusive, price: unknownPrice, age: unknownAge, since: math.MinInt64}
	f.must = f.mustRoom[:0]
	f.chosen[genreFilter] = choose(&s.genre, q.Genres)
	f.chosen[regionFilter] = choose(&s.region, q.Regions)
	f.chosen[sellerFilter] = choose(&s.seller, q.Sellers)
	f.chosen[statusFilter] = choose(&c.status, q.Statuses)
	if len(q.Statuses) == 0 && !q.past(now) {
		f.chosen[statusFilter] = c.running
	}
	if q.From != "" || q.To != "" {
		f.dates, f.from, f.to = true, dayNumber(cmp.Or(q.From, "0001-01-01")), dayNumber(cmp.Or(q.To, "9999-12-31"))
	}
	if q.PriceMax != nil {
		f.price = int64(*q.PriceMax)
	}
	if q.Age != nil {
		f.age = int16(min(*q.Age, unknownAge-1))
	}
	if !q.UpdatedSince.IsZero() {
		f.since = q.UpdatedSince.UnixMilli()
		if q.UpdatedSince.After(time.UnixMilli(f.since)) {
			f.since++
		}
	}
	f.others = q.PriceMax != nil || q.Age != nil || !q.UpdatedSince.IsZero()
	f.ranges = f.dates || f.others
	if live != nil {
		f.must = append(f.must, live)
	}
	for _, chosen := range f.chosen {
		if chosen != nil && !open {
			f.must = append(f.must, chosen)
		}
	}
}

// past tells whether a query without statuses means what has ended too: its dates ask for it.
func (q *Query) past(now time.Time) bool {
	before := func(d ticket.Date) bool { return d != "" && d < ticket.DateOf(now) }
	return q.WithEnded || before(q.To) || before(q.From)
}

// choose is the documents with any of the values; nil without values.
func choose[T ~string](c *column, values []T) bitset {
	if len(values) == 0 {
		return nil
	}
	var out bitset
	shared := false
	for _, v := range values {
		i := slices.Index(c.values, string(v))
		if i < 0 {
			continue
		}
		switch {
		case out == nil:
			out, shared = c.sets[i], true
		case shared:
			out, shared = slices.Clone(out), false
			out.or(c.sets[i])
		default:
			out.or(c.sets[i])
		}
	}
	if out == nil && len(c.sets) > 0 { // values nobody has
		return make(bitset, len(c.sets[0]))
	}
	return out
}

// inRange holds a document against the conditions that are no sets.
func (f *filter) inRange(n uint32) bool {
	s := f.seg
	switch {
	case f.dates && (s.runs[n].first > f.to || s.runs[n].last < f.from):
		return false
	case f.price != unknownPrice && s.price[n] > f.price:
		return false
	case f.age != unknownAge && s.age[n] > f.age:
		return false
	case f.since == math.MinInt64:
		return true
	}
	if since := second(f.since); s.changed[n] != since {
		return s.changed[n] > since
	}
	return s.docs[n].p.ChangedAt.UnixMilli() >= f.since
}

// second is the second of an instant in milliseconds, or the nearest that can be told.
func second(ms int64) uint32 { return uint32(min(max(ms/1000, 0), math.MaxUint32)) }

// gate lets documents through one by one. The zero gate lets all through.
type gate struct {
	set bitset  // nil for every document
	f   *filter // nil for no filter
}

func (g gate) passes(n uint32) bool {
	if g.set != nil && !g.set.has(n) {
		return false
	}
	return g.f == nil || g.f.passes(n)
}

// one is the set of those that pass, where a gate is no more than that: nil for all.
func (g gate) one() (set bitset, simple bool) {
	switch {
	case g.f == nil:
		return g.set, true
	case g.set != nil || g.f.ranges || g.f.exclusive != nil || len(g.f.must) > 1:
		return nil, false
	case len(g.f.must) == 1:
		return g.f.must[0], true
	}
	return nil, true
}

// passes holds a document against everything but, while the filter is open, the filters of which facets are counted.
func (f *filter) passes(n uint32) bool {
	for _, set := range f.must {
		if !set.has(n) {
			return false
		}
	}
	if f.exclusive != nil && f.seg.exclusive.has(n) != *f.exclusive {
		return false
	}
	return !f.ranges || f.inRange(n)
}

// all writes every document that passes into set, which has the segment's size.
func (f *filter) all(set bitset) { f.stretch(set, 0) }

// first lists the first most documents from n on that pass. It looks little further than it must.
func (f *filter) first(n uint32, most int, out []uint32) []uint32 {
	var room [256]uint64
	words := (len(f.seg.docs) + 63) / 64
	size := 8
	for at := int(n / 64); at < words; at += size {
		size = min(2*size, len(room), words-at)
		set := bitset(room[:size])
		f.stretch(set, at)
		if at == int(n/64) {
			set[0] &= ^uint64(0) << (n % 64)
		}
		for i, w := range set {
			for ; w != 0; w &= w - 1 {
				if out = append(out, uint32((at+i)*64+bits.TrailingZeros64(w))); len(out) == most {
					return out
				}
			}
		}
	}
	return out
}

// stretch writes into set those of the documents from 64 times at on that pass, as many as it has room for.
func (f *filter) stretch(set bitset, at int) {
	part := func(b bitset) bitset { return b[at : at+len(set)] }
	if len(f.must) > 0 {
		copy(set, part(f.must[0]))
	} else {
		set.fill(min(len(f.seg.docs)-at*64, len(set)*64))
	}
	for i := 1; i < len(f.must); i++ {
		set.and(part(f.must[i]))
	}
	if f.exclusive != nil {
		not := uint64(0)
		if !*f.exclusive {
			not = ^not
		}
		for i, w := range part(f.seg.exclusive) {
			set[i] &= w ^ not
		}
	}
	if f.dates {
		f.withinDays(set, at)
	}
	if f.others {
		for i, w := range set {
			for ; w != 0; w &= w - 1 {
				if !f.inRange(uint32((at+i)*64 + bits.TrailingZeros64(w))) {
					set[i] &^= w & -w
				}
			}
		}
	}
}

// withinDays takes away what does not run on any of the days. set begins with document 64 times start.
func (f *filter) withinDays(set bitset, start int) {
	d := f.seg.days()
	begun, mayBegin := d.first.before(f.to + 1)
	over, mayBeOver := d.last.before(f.from)
	begun, mayBegin, over, mayBeOver = begun[start:], mayBegin[start:], over[start:], mayBeOver[start:]
	runs, from, to := f.seg.runs[start*64:], int64(f.from), int64(f.to)
	for i, w := range set {
		if w &= mayBegin[i] &^ over[i]; w == 0 {
			set[i] = 0
			continue
		}
		for left := w &^ (begun[i] &^ mayBeOver[i]); left != 0; left &= left - 1 {
			at := bits.TrailingZeros64(left)
			r := runs[i*64+at]
			outside := uint64((to-int64(r.first))|(int64(r.last)-from)) >> 63 // no branch: nobody can guess which way it goes
			w &^= outside << at
		}
		set[i] = w
	}
}

// facets counts every value of a filter among what the other filters leave of set, so that another choice can be seen and
// made. set has passed everything else.
func (f *filter) facets(set, scratch bitset, out map[string]map[string]int) {
	columns := [facetFilters]*column{&f.seg.genre, &f.seg.region, &f.seg.seller, &f.clock.status}
	for i, name := range facetNames {
		copy(scratch, set)
		for j, chosen := range f.chosen {
			if j != i {
				scratch.and(chosen)
			}
		}
		for v, values := range columns[i].sets {
			if n := scratch.common(values); n > 0 {
				out[name][columns[i].values[v]] += n
			}
		}
	}
}
