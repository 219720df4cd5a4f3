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
	docs   []*doc
	byID   map[string]uint32
	offers map[string]uint32 // id of an offer → its performance
	tables [fields]*gram.Table
	texts  [fields][]string

	genre, region, seller column
	exclusive             bitset
	start, end            []int32 // days, as dayNumber gives them; 0 when unknown
	price                 []int64 // the lowest; unknownPrice when no price is known
	age                   []int16 // the lowest age that may enter; unknownAge when unknown
	changed               []int64 // Unix milliseconds

	clock    atomic.Pointer[clock]
	ticks    sync.Mutex // who sets the clock
	orders   [numOrders]order
	entities func() *entities
	names    func() *names
}

const (
	unknownPrice = math.MaxInt64
	unknownAge   = math.MaxInt16
)

// column is a filter with few values. A document may have several.
type column struct {
	values []string
	sets   []bitset
}

func newColumn[T ~string](values []T, n int) column {
	c := column{}
	for _, v := range values {
		c.values = append(c.values, string(v))
		c.sets = append(c.sets, newBitset(n))
	}
	return c
}

func (c column) put(n uint32, value string) {
	if i := slices.Index(c.values, value); i >= 0 {
		c.sets[i].set(n)
	}
}

// byPopularity orders documents as they are numbered: the most viewed first, then the newest.
func byPopularity(a, b *doc) int {
	return cmp.Or(cmp.Compare(b.views, a.views), cmp.Compare(b.p.FirstSeenAt.UnixMilli(), a.p.FirstSeenAt.UnixMilli()), strings.Compare(a.p.ID, b.p.ID))
}

// newSegment makes a segment. It sorts docs.
func newSegment(docs []*doc) *segment {
	slices.SortFunc(docs, byPopularity)
	n := len(docs)
	s := &segment{docs: docs, byID: make(map[string]uint32, n), offers: make(map[string]uint32, n),
		genre: newColumn(ticket.Genres(), n), region: newColumn(ticket.Regions(), n), seller: newColumn(ticket.Sellers(), n), exclusive: newBitset(n),
		start: make([]int32, n), end: make([]int32, n), price: make([]int64, n), age: make([]int16, n), changed: make([]int64, n)}
	for i, d := range docs {
		s.put(uint32(i), d)
	}
	for f := range fields {
		b := gram.NewBuilder(f != inStory)
		s.texts[f] = make([]string, n)
		for i, d := range docs {
			s.texts[f][i] = d.texts[f]
			b.Add(d.texts[f])
		}
		s.tables[f] = b.Table()
	}
	s.entities = sync.OnceValue(s.findEntities)
	s.names = sync.OnceValue(s.findNames)
	return s
}

func (s *segment) put(n uint32, d *doc) {
	p := d.p
	s.byID[p.ID] = n
	s.genre.put(n, string(p.Genre))
	s.region.put(n, string(p.Place.Region))
	for _, o := range p.Offers {
		s.offers[o.ID] = n
		s.seller.put(n, string(o.Seller))
	}
	if p.Exclusive {
		s.exclusive.set(n)
	}
	if p.Period.Known() {
		s.start[n], s.end[n] = dayNumber(p.Period.Start), dayNumber(lastDay(p.Period))
	}
	s.price[n] = unknownPrice
	if low, _, ok := p.PriceRange(); ok {
		s.price[n] = int64(low)
	}
	s.age[n] = unknownAge
	if p.MinAgeYears != nil {
		s.age[n] = int16(min(max(*p.MinAgeYears, 0), unknownAge-1))
	}
	s.changed[n] = p.ChangedAt.UnixMilli()
}

// lastDay is the last day of a known period; an open run has none in sight.
func lastDay(p ticket.Period) ticket.Date {
	switch {
	case p.OpenRun && p.End == "":
		return "9999-12-31"
	case p.End == "":
		return p.Start
	}
	return p.End
}

// dayNumber is a number that grows with the day: 20261125. 0 for what is no date.
func dayNumber(d ticket.Date) int32 {
	if len(d) != len("2026-11-25") {
		return 0
	}
	n := int32(0)
	for i := range len(d) {
		if i == 4 || i == 7 {
			continue
		}
		n = n*10 + int32(d[i]-'0')
	}
	return n
}
