package search

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"ticketmoa/modules/search/gram"
	"ticketmoa/modules/ticket"
)

// segment is an immutable set of documents, numbered by popularity, with everything that finds them: the postings of their
// texts, a bitset for every value of a filter, arrays of days and prices. What depends on the time of day lies in its clock.
type segment struct {
	docs   []doc
	byID   idTable
	offers idTable // the performances of offers by the ids of these
	labels []label

	titles, stories texts
	shared          [fields]*shared // the names of people and places
	titled, told    *gram.Table     // what titles and stories are looked up in
	labelled        *gram.Table     // the labels by their texts

	genre, region, seller column
	exclusive             bitset
	runs                  []run
	price                 []int64  // the lowest; unknownPrice when no price is known
	age                   []int16  // the lowest age that may enter; unknownAge when unknown
	changed               []uint32 // the second

	clock    atomic.Pointer[clock]
	ticks    sync.Mutex // who sets the clock
	orders   [numOrders]order
	entities func() *entities
	days     func() *days
	found    sync.Once // the names
	called   *names
}

// run is the first and last day of a show, as dayNumber gives them. An unknown one begins after every day and ends before.
type run struct{ first, last uint16 }

func (r run) known() bool { return r.first <= r.last }

const (
	unknownPrice = math.MaxInt64
	unknownAge   = math.MaxInt16
)

// column is a filter with few values. A document may have several.
type column struct {
	values []string
	sets   []bitset
	place  map[string]int
}

func newColumn[T ~string](values []T, n int) column {
	c := column{place: make(map[string]int, len(values))}
	for i, v := range values {
		c.place[string(v)] = i
		c.values = append(c.values, string(v))
		c.sets = append(c.sets, newBitset(n))
	}
	return c
}

func (c column) put(n uint32, value string) {
	if i, ok := c.place[value]; ok {
		c.sets[i].set(n)
	}
}

// sortByPopularity puts documents in the order in which they are numbered: the most viewed first, then the newest.
func sortByPopularity(entries []entry) {
	type place struct {
		views, seen int64
		at          int
	}
	places := make([]place, len(entries))
	for i, e := range entries {
		places[i] = place{e.views, e.p.FirstSeenAt.UnixMilli(), i}
	}
	slices.SortFunc(places, func(a, b place) int {
		if a.views != b.views {
			return cmp.Compare(b.views, a.views)
		}
		if a.seen != b.seen {
			return cmp.Compare(b.seen, a.seen)
		}
		return strings.Compare(entries[a.at].p.ID, entries[b.at].p.ID) // far away in memory: only when it must be
	})
	for i := range places { // every circle of those that take each other's place, in turn
		first, at := entries[i], i
		for places[at].at != i {
			next := places[at].at
			entries[at], places[at].at = entries[next], at
			at = next
		}
		entries[at], places[at].at = first, at
	}
}

// entry is document n with its texts.
func (s *segment) entry(n uint32) entry {
	d := &s.docs[n]
	e := entry{p: d.p, views: d.views, body: d.body.Load()}
	for f := range fields {
		e.texts[f] = s.text(f, n)
	}
	return e
}

// text is the text f of document n.
func (s *segment) text(f int, n uint32) string {
	switch f {
	case inTitle:
		return s.titles.of(n)
	case inStory:
		return s.stories.of(n)
	}
	return s.shared[f].of(n)
}

// fits is how well a term fits the text f of document n.
func (s *segment) fits(f int, t *gram.Term, n uint32) gram.Fit {
	if names := s.shared[f]; names != nil {
		return names.fits(t, n)
	}
	return t.Fits(s.text(f, n))
}

// table is what the titles or stories are looked up in.
func (s *segment) table(f int) *gram.Table {
	if f == inTitle {
		return s.titled
	}
	return s.told
}

// newSegment makes a segment. It sorts entries.
func newSegment(entries []entry) *segment {
	sortByPopularity(entries)
	n := len(entries)
	docs, offers := make([]doc, n), 0
	for i := range entries {
		e := &entries[i]
		docs[i].p, docs[i].views = e.p, e.views
		docs[i].body.Store(e.body)
		offers += len(e.p.Offers)
	}
	s := &segment{docs: docs,
		byID:   newIDs(n, n, func(n uint32, id string) bool { return docs[n].p.ID == id }),
		offers: newIDs(offers, n, func(n uint32, id string) bool { return docs[n].offers(id) }),
		genre:  newColumn(ticket.Genres(), n), region: newColumn(ticket.Regions(), n), seller: newColumn(ticket.Sellers(), n), exclusive: newBitset(n),
		runs: make([]run, n), price: make([]int64, n), age: make([]int16, n), changed: make([]uint32, n)}
	for i := range docs {
		s.put(uint32(i), docs[i].p)
	}
	s.titles = newTexts(n, func(i int) string { return entries[i].texts[inTitle] })
	s.stories = newTexts(n, func(i int) string { return entries[i].texts[inStory] })
	s.titled, s.told = s.titles.table(true), s.stories.table(false)
	s.shared[inPeople], s.shared[inPlace] = newShared(entries, inPeople), newShared(entries, inPlace)
	s.labels = s.findLabels()
	s.labelled = tableOf(s.labels)
	s.entities, s.days = sync.OnceValue(s.findEntities), sync.OnceValue(s.findDays)
	return s
}

func (s *segment) put(n uint32, p *ticket.Performance) {
	s.byID.put(p.ID, n)
	s.genre.put(n, string(p.Genre))
	s.region.put(n, string(p.Place.Region))
	for _, o := range p.Offers {
		s.offers.put(o.ID, n)
		s.seller.put(n, string(o.Seller))
	}
	if p.Exclusive {
		s.exclusive.set(n)
	}
	s.runs[n] = runOf(p.Period)
	s.price[n] = unknownPrice
	if low, _, ok := p.PriceRange(); ok {
		s.price[n] = int64(low)
	}
	s.age[n] = unknownAge
	if p.MinAgeYears != nil {
		s.age[n] = int16(min(max(*p.MinAgeYears, 0), unknownAge-1))
	}
	s.changed[n] = second(p.ChangedAt.UnixMilli())
}

func runOf(p ticket.Period) run {
	if !p.Known() {
		return run{noDay, 0}
	}
	return run{dayNumber(p.Start), dayNumber(p.LastDay())}
}

// noDay is after every day.
const noDay = math.MaxUint16

// dayNumber numbers days in their order: 372 a year, 31 a month, from 1950 on. Days before count as the first, days after
// 2125 and what is no date as the last but one.
func dayNumber(d ticket.Date) uint16 {
	if len(d) != len("2026-11-25") {
		return noDay - 1
	}
	digits := func(from, to int) int {
		n := 0
		for _, c := range []byte(d[from:to]) {
			n = n*10 + int(c-'0')
		}
		return n
	}
	n := (digits(0, 4)-1950)*372 + (digits(5, 7)-1)*31 + digits(8, 10)
	return uint16(min(max(n, 1), noDay-1))
}
