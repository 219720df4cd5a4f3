package tfidf

import (
	"sort"
	"sync"
)

// posting is one document of a term's list.
type posting struct {
	doc    uint32
	weight float32
}

// index is the lists of all rare terms, one behind the other.
type index struct {
	begin    []uint32 // by term, and one more for the end
	place    []uint32 // of every weight of the corpus: where its posting is
	postings []posting
}

func (c *Corpus) index() *index {
	terms := uint32(0)
	for _, t := range c.terms {
		terms = max(terms, t+1)
	}
	x := &index{begin: make([]uint32, terms+2), place: make([]uint32, len(c.terms)), postings: make([]posting, len(c.terms))}
	for _, t := range c.terms {
		x.begin[t+2]++
	}
	for t := 2; t < len(x.begin); t++ {
		x.begin[t] += x.begin[t-1]
	}
	for d := range c.ends { // the lists fill from begin[t+1], which moves to where it belongs
		from, to := c.span(d)
		if c.gone[d] {
			from = to
		}
		for i := from; i < to; i++ {
			at := &x.begin[c.terms[i]+1]
			x.postings[*at] = posting{uint32(d), c.weights[i]}
			x.place[i] = *at
			*at++
		}
	}
	return x
}

// chunk is how many rows a worker takes at once: few enough that all end together, and that what the others found since
// is not missed for long.
const chunk = 32

// Nearest gives every document its k nearest, exactly. Each pair is scored once, for both. Where rules have parts, the
// documents must be sorted by part and day: then only those within the window of each other are met.
//
// The work is the pairs of postings of rare terms. The common terms, which have most of the postings, are left out of the
// sums; how much they can add at most is the product of the lengths of two rows (Cauchy and Schwarz), and only where that
// could bring a pair into a list are the rows multiplied.
func (c *Corpus) Nearest(k int, r Rules, workers int) *Lists {
	s := &shared{lists: newLists(c.Len(), k)}
	x := c.index()
	var wg sync.WaitGroup
	for range max(workers, 1) {
		wg.Go(func() {
			p := pass{c: c, x: x, r: &r, sums: make([]float32, c.Len()), gate: make([]float32, c.Len()), own: make([]Hit, k)}
			for from, to := s.next(&p); from < to; from, to = s.next(&p) {
				for i := from; i < to; i++ {
					p.document(i)
				}
			}
		})
	}
	wg.Wait()
	return s.lists
}

// shared is the answer that grows, and how far it is.
type shared struct {
	mu    sync.Mutex
	lists *Lists
	taken int
}

// found is a hit for the list of a document.
type found struct {
	doc int32
	Hit
}

// next takes what a worker found, tells it how good the lists are by now, and gives it more rows.
func (s *shared) next(p *pass) (from, to int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range p.found {
		s.lists.push(p.r, int(f.doc), f.Hit)
	}
	p.found = p.found[:0]
	from, to = s.taken, min(s.taken+chunk, p.c.Len())
	s.taken = to
	copy(p.gate[:to], s.lists.gate)
	return from, to
}

// pass is the work of one goroutine.
type pass struct {
	c     *Corpus
	x     *index
	r     *Rules
	sums  []float32
	gate  []float32 // of the lists as they were when the chunk began
	own   []Hit     // what the document at hand found for itself
	n     int       // how many of own there are
	floor float32   // the gate of own
	found []found
}

// document scores document i with those before it that may be near it.
func (p *pass) document(i int) {
	low, same := p.reach(i)
	if low >= i || p.c.gone[i] {
		return
	}
	sums := p.sums
	from, to := p.c.span(i)
	for n := from; n < to; n++ {
		w := p.c.weights[n]
		list := p.x.postings[p.x.begin[p.c.terms[n]]:p.x.place[n]]
		if low > 0 {
			list = list[sort.Search(len(list), func(m int) bool { return int(list[m].doc) >= low }):]
		}
		for len(list) >= 4 { // four at a time: the loop itself costs as much as the sum
			a, b, c, d := list[0], list[1], list[2], list[3]
			sums[a.doc] += float32(w * a.weight)
			sums[b.doc] += float32(w * b.weight)
			sums[c.doc] += float32(w * c.weight)
			sums[d.doc] += float32(w * d.weight)
			list = list[4:]
		}
		for _, o := range list {
			sums[o.doc] += float32(w * o.weight)
		}
	}
	p.n, p.floor = 0, 0
	p.sift(i, low, same)
	clear(sums[low:i])
	for _, h := range p.own[:p.n] {
		p.found = append(p.found, found{int32(i), h})
	}
}

// sift looks through the sums of document i with those from low on for pairs that may matter. From low to same i may
// stand in their lists, and they not in its.
func (p *pass) sift(i, low, same int) {
	own := p.c.rest[i]
	sums, rest, gate := p.sums[low:same], p.c.rest[low:same], p.gate[low:same]
	for m, s := range sums {
		if s+own*rest[m] > gate[m] {
			p.pair(i, low+m, s)
		}
	}
	floor := p.floor
	sums, rest, gate = p.sums[same:i], p.c.rest[same:i], p.gate[same:i]
	for m, s := range sums {
		if b := s + own*rest[m]; b > gate[m] || b > floor {
			p.pair(i, same+m, s)
			floor = p.floor
		}
	}
}

// pair finishes the score of a pair that may matter.
func (p *pass) pair(i, j int, sum float32) {
	s := p.c.dot(sum, i, j)
	if p.c.gone[j] {
		return
	}
	if s > p.floor && p.r.allows(i, j) {
		p.n = p.r.insert(p.own, p.n, Hit{int32(j), s})
		p.floor = gateOf(p.own, p.n)
	}
	if s > p.gate[j] && p.r.allows(j, i) {
		p.found = append(p.found, found{int32(j), Hit{int32(i), s}})
	}
}

// reach is the first document before i that i may be near, and the first from where nearness goes both ways.
func (p *pass) reach(i int) (low, same int) {
	r := p.r
	if r.Part == nil && r.Day == nil {
		return 0, 0
	}
	if r.Part != nil && r.Part[i] < 0 {
		return i, i
	}
	part := func(j int) int32 {
		if r.Part == nil {
			return 0
		}
		return r.Part[j]
	}
	from := func(day int32) int {
		return sort.Search(i, func(j int) bool {
			return part(j) > part(i) || part(j) == part(i) && (r.Day == nil || r.Day[j] >= day)
		})
	}
	if r.Day == nil {
		return from(0), from(0)
	}
	return from(r.Day[i] - r.Window), from(r.Day[i])
}
