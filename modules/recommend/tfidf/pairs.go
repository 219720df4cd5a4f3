package tfidf

import (
	"sort"
	"sync"
)

// blockLen is how many documents are met at once: few enough that their sums stay near the processor, many enough that
// most lists are worth beginning.
const blockLen = 1 << 15

// posting is one document of a term's list: its place in its block.
type posting struct {
	doc    uint32
	weight float32
}

// index is the lists of all rare terms, one behind the other, and of each term one for every block.
type index struct {
	blocks   int
	begin    []uint32 // by term and block, and one more for the end
	place    []uint32 // of every weight of the corpus: where its posting is
	postings []posting
}

func (c *Corpus) index() *index {
	terms := uint32(0)
	for _, t := range c.terms {
		terms = max(terms, t+1)
	}
	x := &index{blocks: (c.Len() + blockLen - 1) / blockLen, place: make([]uint32, len(c.terms)), postings: make([]posting, len(c.terms))}
	x.begin = make([]uint32, int(terms)*x.blocks+2)
	each := func(fn func(d, i, list int)) {
		for d := range c.ends {
			if from, to := c.span(d); !c.gone[d] {
				for i := from; i < to; i++ {
					fn(d, i, int(c.terms[i])*x.blocks+d/blockLen)
				}
			}
		}
	}
	each(func(_, _, list int) { x.begin[list+2]++ })
	for i := 2; i < len(x.begin); i++ {
		x.begin[i] += x.begin[i-1]
	}
	each(func(d, i, list int) { // the lists fill from begin[list+1], which moves to where it belongs
		at := &x.begin[list+1]
		x.postings[*at] = posting{uint32(d % blockLen), c.weights[i]}
		x.place[i] = *at
		*at++
	})
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
			p := &pass{c: c, x: x, r: &r, gate: make([]float32, c.Len()), own: make([]Hit, k)}
			for from, to := s.next(p); from < to; from, to = s.next(p) {
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
	sums  [blockLen]float32
	gate  []float32 // of the lists as they were when the chunk began
	own   []Hit     // what the document at hand found for itself
	n     int       // how many of own there are
	floor float32   // what a score must be above to enter own
	guess float32   // what the floor of the next document will come to, if all is well
	found []found
}

// document scores document i with those before it that may be near it. A list full of what is above the guess is right;
// any other is made again, without a guess.
func (p *pass) document(i int) {
	low, same := p.reach(i)
	if low >= i || p.c.gone[i] {
		return
	}
	before := len(p.found)
	if p.meet(i, low, same, p.guess); gateOf(p.own, p.n) < p.guess {
		p.found = p.found[:before]
		p.meet(i, low, same, 0)
	}
	if p.guess = (3*p.guess + cautious*p.floor) / 4; p.n < len(p.own) {
		p.guess = 0
	}
	p.gate[i] = gateOf(p.own, p.n) // for the rest of the chunk
	for _, h := range p.own[:p.n] {
		p.found = append(p.found, found{int32(i), h})
	}
}

// cautious is how much of the floors of the documents before is the guess of the next.
const cautious = 0.8

// meet scores document i with those from low on, block by block. From low to same it may stand in their lists, and they
// not in its. What is not above the floor stays out of its list.
func (p *pass) meet(i, low, same int, floor float32) {
	p.n, p.floor = 0, floor
	for first := low &^ (blockLen - 1); first < i; first += blockLen {
		from, to := max(low, first), min(first+blockLen, i)
		p.add(i, first, from)
		p.sift(i, first, from, min(max(same, from), to), to)
		clear(p.sums[from-first : to-first])
	}
}

// add sums, of every document of a block from low on and before i, what its rare terms give with those of i.
func (p *pass) add(i, first, low int) {
	x, sums := p.x, &p.sums
	block, last := first/blockLen, first+blockLen > i
	from, to := p.c.span(i)
	for n := from; n < to; n++ {
		at := int(p.c.terms[n])*x.blocks + block
		begin, end := x.begin[at], x.begin[at+1]
		if last {
			end = x.place[n]
		}
		if begin == end {
			continue
		}
		w, list := p.c.weights[n], x.postings[begin:end]
		if low > first {
			list = list[sort.Search(len(list), func(m int) bool { return int(list[m].doc) >= low-first }):]
		}
		for len(list) >= 4 { // four at a time: the loop itself costs as much as the sum
			a, b, c, d := list[0], list[1], list[2], list[3]
			sums[a.doc%blockLen] += float32(w * a.weight)
			sums[b.doc%blockLen] += float32(w * b.weight)
			sums[c.doc%blockLen] += float32(w * c.weight)
			sums[d.doc%blockLen] += float32(w * d.weight)
			list = list[4:]
		}
		for _, o := range list {
			sums[o.doc%blockLen] += float32(w * o.weight)
		}
	}
}

// sift looks through the sums of a block, of the documents from one to another, for pairs that may matter.
func (p *pass) sift(i, first, from, same, to int) {
	own := p.c.rest[i]
	sums, rest, gate := p.sums[from-first:same-first], p.c.rest[from:same], p.gate[from:same]
	rest, gate = rest[:len(sums)], gate[:len(sums)]
	for m, s := range sums {
		if s+own*rest[m] > gate[m] {
			p.pair(i, from+m, s)
		}
	}
	floor := p.floor
	sums, rest, gate = p.sums[same-first:to-first], p.c.rest[same:to], p.gate[same:to]
	rest, gate = rest[:len(sums)], gate[:len(sums)]
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
		p.floor = max(p.floor, gateOf(p.own, p.n))
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
