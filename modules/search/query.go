package search

import (
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
	Uncounted    bool // Result.Total need not be more than what is shown: by relevance or popularity, that is quicker unless Facets are wanted
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

// hit is a document that was found. Its place in the order is worked out where it is needed: ids lie far apart in memory.
type hit struct {
	part  *part
	n     uint32
	class int
}

func (h hit) key(sort Sort) key { return h.part.seg.key(sort, h.part.clock, h.n, h.class) }

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
	seg   *segment
	clock *clock
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
	sc := x.scratch.Get().(*scratch)
	defer x.done(sc)
	sc.query = q
	p := &sc.plan
	*p = plan{q: &sc.query, now: now}
	if q.Limit > 0 {
		p.want = max(q.Offset, 0) + q.Limit + 1 // one more tells whether there is a next page
	}
	var read *Reading
	if q.Cursor != "" {
		c, err := x.decodeCursor(q.Cursor, q)
		if err != nil {
			return Result{}, err
		}
		p.after, read = &c.last, c.read
		if q.Limit > 0 {
			p.want = q.Limit + 1
		}
	}
	snap := x.current.Load()
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
	switch {
	case len(words) == 0:
	case read != nil:
		p.text, res.Read = as(read), read
	case !hasLetters(words):
		p.text = literally(words)
	}
	if len(words) == 0 || p.text != nil {
		x.answer(snap, p, sc, &res)
	}
	if res.Total > 0 || len(words) == 0 || read != nil || p.text != nil && snap.any(p.text, sc) {
		return res, nil
	}
	if p.text, res.Read = snap.understand(q.Text, words, sc); p.text != nil {
		x.answer(snap, p, sc, &res)
	}
	return res, nil
}

// done gives a query's memory back, without what would keep a snapshot alive.
func (x *Index) done(sc *scratch) {
	sc.query, sc.plan, sc.filters, sc.parts = Query{}, plan{}, [2]filter{}, [2]part{}
	clear(sc.hits)
	x.scratch.Put(sc)
}

// answer asks the segments and puts their answers together.
func (x *Index) answer(snap *snapshot, p *plan, sc *scratch, res *Result) {
	sc.hits = sc.hits[:0]
	one := snap.base.run(p, snap.live, sc, 0, res.Facets)
	hits := one.hits
	res.Total = one.total
	if snap.delta != nil {
		other := snap.delta.run(p, nil, sc, 1, res.Facets)
		res.Total += other.total
		hits = merge(hits, other.hits, p.q.Sort)
	}
	start := 0
	if p.after == nil {
		start = min(max(p.q.Offset, 0), len(hits))
	}
	end := len(hits)
	if p.q.Limit > 0 {
		end = min(start+p.q.Limit, len(hits))
	}
	res.Items = make([]*ticket.Performance, 0, end-start)
	for _, h := range hits[start:end] {
		d := &h.part.seg.docs[h.n]
		res.Items = append(res.Items, d.p)
		if x.cfg.Encode != nil && p.q.Bodies {
			res.Bodies = append(res.Bodies, d.encoded(x.cfg.Encode, p.now))
		}
	}
	if end < len(hits) && end > start {
		res.Next = x.encodeCursor(cursor{p.q.fingerprint(), hits[end-1].key(p.q.Sort), res.Read}, &sc.cursor)
	}
}

// merge puts two lists in one order.
func merge(a, b []hit, sort Sort) []hit {
	if len(b) == 0 {
		return a
	}
	out := make([]hit, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].key(sort).compare(b[0].key(sort)) <= 0 {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// run answers a plan from one segment, number 0 or 1; live is nil when every document is. It adds to facets unless that is
// nil. The answer lies in sc.
func (s *segment) run(p *plan, live bitset, sc *scratch, number int, facets map[string]map[string]int) *part {
	c := s.at(p.now)
	f := &sc.filters[number]
	f.set(s, p.q, c, live, p.now, facets != nil)
	m := s.narrowed(p, f, sc)
	if facets != nil {
		set := cleared(&sc.set, len(s.docs))
		m.into(set)
		f.facets(set, cleared(&sc.other, len(s.docs)), facets)
		for _, chosen := range f.chosen {
			set.and(chosen)
		}
		clear(sc.other)
		m = matched{set: set, sum: m.sum}
	}
	out := &sc.parts[number]
	*out = part{seg: s, clock: c, total: m.count()}
	switch {
	case out.total == 0:
	case p.q.Sort == ByRelevance:
		s.relevant(p, m, sc, out)
	default:
		s.ordered(p, m, sc, out)
	}
	return out
}

// matched is the documents a segment found: few of them as a list, rising, many as a set.
type matched struct {
	docs []uint32
	set  bitset
	sum  []uint8 // with words: by document, the levels of the words added up

	groups []group // of docs, which rise within each alone; nil when they rise
}

func (m matched) count() int {
	if m.set != nil {
		return m.set.count()
	}
	return len(m.docs)
}

func (m matched) each(fn func(n uint32)) {
	if m.set != nil {
		m.set.each(fn)
		return
	}
	for _, n := range m.docs {
		fn(n)
	}
}

func (m matched) into(set bitset) {
	if m.set != nil {
		if &m.set[0] != &set[0] {
			copy(set, m.set)
		}
		return
	}
	for _, n := range m.docs {
		set.set(n)
	}
}

// narrowed is the documents that pass the filter and hold the words, in sc.
func (s *segment) narrowed(p *plan, f *filter, sc *scratch) matched {
	if len(s.docs) == 0 {
		return matched{}
	}
	g := gate{f: f}
	if among, ok := p.q.among(s); ok {
		docs := make([]uint32, 0, len(among))
		for _, n := range among {
			if f.passes(n) {
				docs = append(docs, n)
			}
		}
		if p.text == nil {
			return matched{docs: docs}
		}
		g = gate{set: newBitset(len(s.docs))}
		matched{docs: docs}.into(g.set)
	}
	if p.text == nil && p.q.Uncounted && !p.q.Facets && p.want > 0 && p.q.Sort == ByPopular {
		sc.docs = f.first(uint32(s.start(p, f.clock, nil)), p.want, sc.docs[:0])
		return matched{docs: sc.docs}
	}
	if p.text == nil {
		set := sized(&sc.all, len(s.docs))
		f.all(set)
		return matched{set: set}
	}
	if _, simple := g.one(); !simple && g.set == nil && p.text.least(s) > len(s.docs)/sieve {
		g = gate{set: sized(&sc.all, len(s.docs))}
		f.all(g.set)
	}
	enough := 0
	if p.q.Uncounted && !p.q.Facets && p.q.Sort == ByRelevance && p.after == nil {
		enough = p.want
	}
	if len(p.text.words) == 1 && p.q.Sort == ByRelevance && p.after == nil && !p.q.Facets {
		docs, groups := s.only(p.text.words[0], g, enough, sc)
		return matched{docs: docs, groups: groups}
	}
	docs, sum := s.match(p.text, g, enough, sc)
	return matched{docs: docs, sum: sum}
}

// sieve is the share of documents that must be candidates for the filter to be made a set first: then it is asked once.
const sieve = 32

// ordered picks the first results of any other order.
func (s *segment) ordered(p *plan, m matched, sc *scratch, out *part) {
	most := p.want
	if most == 0 || most > out.total {
		most = out.total
	}
	o := s.order(p.q.Sort, out.clock)
	picked := o.pick(m, s.start(p, out.clock, o), most, out.total)
	at := len(sc.hits)
	for _, n := range picked {
		sc.hits = append(sc.hits, hit{part: out, n: n})
	}
	out.hits = sc.hits[at:]
}

// start is the place in an order behind which the results lie.
func (s *segment) start(p *plan, c *clock, o *order) int {
	if p.after == nil {
		return 0
	}
	return firstAfter(len(s.docs), func(i int) bool {
		n := uint32(i)
		if o != nil {
			n = o.perm[i]
		}
		return s.key(p.q.Sort, c, n, 0).compare(*p.after) > 0
	})
}

// dense is how many documents of an order are gone through for one that was found, about; the ranks of fewer are sorted.
const dense = 32

// pick lists the first most of the documents found, of which there are so many, from the place start of the order on.
func (o *order) pick(m matched, start, most, total int) []uint32 {
	switch {
	case o == nil && m.set != nil:
		return m.set.from(uint32(start), most)
	case o == nil:
		i, _ := slices.BinarySearch(m.docs, uint32(start))
		return m.docs[i:min(len(m.docs), i+most)]
	case m.set != nil && total*dense >= len(o.perm):
		var out []uint32
		for i := start; i < len(o.perm) && len(out) < most; i++ {
			if n := o.perm[i]; m.set.has(n) {
				out = append(out, n)
			}
		}
		return out
	}
	var out []uint32
	m.each(func(n uint32) {
		if o.rank[n] >= uint32(start) {
			out = append(out, o.rank[n])
		}
	})
	slices.Sort(out)
	out = out[:min(len(out), most)]
	for i, rank := range out {
		out[i] = o.perm[rank]
	}
	return out
}
