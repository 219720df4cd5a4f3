package search

import (
	"math/bits"
	"slices"
	"strings"
	"time"

	"ticketmoa/modules/search/gram"
	"ticketmoa/modules/ticket"
)

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
	Read   *Reading // how the words were read; nil when as they are written
}

// Fold brings text to what is compared: lower case, letters and digits only.
func Fold(s string) string { return gram.Plain(s) }

// hit is a match with its place in the order.
type hit struct {
	key key
	d   *doc
}

// plan is a query made ready once for all segments.
type plan struct {
	q     *Query
	now   time.Time
	text  *wanted // nil without words
	after *key    // results follow this place; nil from the beginning
	want  int     // so many of the first; 0 for all
}

// part is the answer of one segment.
type part struct {
	hits  []hit
	total int
}

// Search answers a query at the moment now. It is exact: what it counts and orders is what reading every document would.
func (x *Index) Search(q Query, now time.Time) (Result, error) {
	words := gram.Words(q.Text)
	if q.Sort == "" || q.Sort == ByRelevance && len(words) == 0 {
		q.Sort = ByNewest
		if len(words) > 0 {
			q.Sort = ByRelevance
		}
	}
	p := plan{q: &q, now: now}
	if q.Limit > 0 {
		p.want = max(q.Offset, 0) + q.Limit + 1 // one more tells whether there is a next page
	}
	var read *Reading
	if q.Cursor != "" {
		c, err := x.decodeCursor(q.Cursor, q)
		if err != nil {
			return Result{}, err
		}
		p.after, read = &c.Last, c.Read
		if q.Limit > 0 {
			p.want = q.Limit + 1
		}
	}
	snap := x.current.Load()
	sc := x.scratch.Get().(*scratch)
	defer x.scratch.Put(sc)
	res := Result{}
	if q.Facets {
		res.Facets = map[string]map[string]int{}
		for _, name := range facetNames {
			res.Facets[name] = map[string]int{}
		}
	}
	if len(words) == 0 && strings.TrimSpace(q.Text) != "" {
		return res, nil // nothing but marks
	}
	if len(words) > 0 {
		if p.text, res.Read = snap.understand(q.Text, words, read, sc); p.text == nil {
			return res, nil
		}
	}
	x.answer(snap, &p, sc, &res)
	return res, nil
}

// answer asks the segments and puts their answers together.
func (x *Index) answer(snap *snapshot, p *plan, sc *scratch, res *Result) {
	one := snap.base.run(p, snap.live, sc, res.Facets)
	hits := one.hits
	res.Total = one.total
	if snap.delta != nil {
		other := snap.delta.run(p, nil, sc, res.Facets)
		res.Total += other.total
		hits = merge(hits, other.hits)
	}
	start := 0
	if p.after == nil {
		start = min(max(p.q.Offset, 0), len(hits))
	}
	end := len(hits)
	if p.q.Limit > 0 {
		end = min(start+p.q.Limit, len(hits))
	}
	for _, h := range hits[start:end] {
		res.Items = append(res.Items, h.d.p)
		if x.cfg.Encode != nil && p.q.Bodies {
			res.Bodies = append(res.Bodies, h.d.encoded(x.cfg.Encode, p.now))
		}
	}
	if end < len(hits) && end > start {
		res.Next = x.encodeCursor(cursor{Query: p.q.fingerprint(), Last: hits[end-1].key, Read: res.Read})
	}
}

func merge(a, b []hit) []hit {
	if len(b) == 0 {
		return a
	}
	out := make([]hit, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].key.compare(b[0].key) <= 0 {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// run answers a plan from one segment; live is nil when every document is. It adds to facets unless that is nil.
func (s *segment) run(p *plan, live bitset, sc *scratch, facets map[string]map[string]int) part {
	c := s.at(p.now)
	f := s.filter(p.q, c, live, p.now)
	set, sum := s.narrowed(p, f, sc, facets != nil)
	if facets != nil {
		f.facets(set, sized(&sc.other, len(s.docs)), facets)
		for _, chosen := range f.chosen {
			set.and(chosen)
		}
	}
	out := part{total: set.count()}
	if out.total == 0 {
		return out
	}
	if p.q.Sort == ByRelevance {
		out.hits = s.relevant(p, c, set, sum, out.total)
	} else {
		out.hits = s.ordered(p, c, set, out.total)
	}
	return out
}

// narrowed is the documents that pass, in sc; with open, what facets are counted of has not been held against the filters
// of facets yet. With words, the levels of the words come with it.
func (s *segment) narrowed(p *plan, f *filter, sc *scratch, open bool) (bitset, []uint8) {
	keep := f.passes
	if open {
		keep = f.beside
	}
	if among, ok := p.q.among(s); ok {
		in := sized(&sc.set, len(s.docs))
		for _, n := range among {
			if keep(n) {
				in.set(n)
			}
		}
		if p.text == nil {
			return in, nil
		}
		return s.match(p.text, in.has, sc)
	}
	if p.text != nil {
		return s.match(p.text, keep, sc)
	}
	set := sized(&sc.seen, len(s.docs))
	f.all(set)
	if !open {
		for _, chosen := range f.chosen {
			set.and(chosen)
		}
	}
	if f.ranges {
		set.keep(f.inRange)
	}
	return set, nil
}

// relevant picks the first results of the order ByRelevance: class by class, and within one as documents are numbered.
func (s *segment) relevant(p *plan, c *clock, set bitset, sum []uint8, total int) []hit {
	var classes [][]uint32
	most := p.want
	if most == 0 || most > total {
		most = total
	}
	for i, w := range set {
		for ; w != 0; w &= w - 1 {
			n := uint32(i*64 + bits.TrailingZeros64(w))
			class := s.class(p.text, n, sum[n])
			if p.after != nil && s.key(ByRelevance, c, n, class).compare(*p.after) <= 0 {
				continue
			}
			for len(classes) <= class {
				classes = append(classes, nil)
			}
			if len(classes[class]) < most {
				classes[class] = append(classes[class], n)
			}
		}
	}
	var hits []hit
	for class, list := range classes {
		for _, n := range list {
			if len(hits) == most {
				return hits
			}
			hits = append(hits, hit{s.key(ByRelevance, c, n, class), s.docs[n]})
		}
	}
	return hits
}

// dense is how many documents of the order are gone through for one that is in the set, at most; a sparser set is sorted.
const dense = 64

// ordered picks the first results of any other order.
func (s *segment) ordered(p *plan, c *clock, set bitset, total int) []hit {
	most := p.want
	if most == 0 || most > total {
		most = total
	}
	sort := p.q.Sort
	if total*dense < len(s.docs) || p.want == 0 {
		hits := make([]hit, 0, total)
		set.each(func(n uint32) {
			if k := s.key(sort, c, n, 0); p.after == nil || k.compare(*p.after) > 0 {
				hits = append(hits, hit{k, s.docs[n]})
			}
		})
		slices.SortFunc(hits, func(a, b hit) int { return a.key.compare(b.key) })
		return hits[:min(len(hits), most)]
	}
	perm := s.perm(sort, c)
	at := func(i int) uint32 {
		if perm == nil {
			return uint32(i)
		}
		return perm[i]
	}
	start := 0
	if p.after != nil {
		start = firstAfter(len(s.docs), func(i int) bool { return s.key(sort, c, at(i), 0).compare(*p.after) > 0 })
	}
	var hits []hit
	for i := start; i < len(s.docs) && len(hits) < most; i++ {
		if n := at(i); set.has(n) {
			hits = append(hits, hit{s.key(sort, c, n, 0), s.docs[n]})
		}
	}
	return hits
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
