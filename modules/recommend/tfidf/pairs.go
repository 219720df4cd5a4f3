package tfidf

import (
	"sort"
	"sync"
	"sync/atomic"
)

// posting is one document of a term's list.
type posting struct {
	doc    uint32
	weight float32
}

// index is the lists of all rare terms, one behind the other.
type index struct {
	begin    []uint32 // by term, and one more for the end
	postings []posting
}

func (c *Corpus) index() *index {
	terms := uint32(0)
	for _, t := range c.terms {
		terms = max(terms, t+1)
	}
	x := &index{begin: make([]uint32, terms+2)}
	for _, t := range c.terms {
		x.begin[t+2]++
	}
	for t := 2; t < len(x.begin); t++ {
		x.begin[t] += x.begin[t-1]
	}
	x.postings = make([]posting, len(c.terms)) // the lists fill from begin[t+1], which moves to where begin[t+1] belongs
	for d := range c.ends {
		from, to := c.span(d)
		if c.gone[d] {
			from = to
		}
		for i := from; i < to; i++ {
			at := &x.begin[c.terms[i]+1]
			x.postings[*at] = posting{uint32(d), c.weights[i]}
			*at++
		}
	}
	return x
}

// chunk is how many rows a worker takes at once: few enough that all end together.
const chunk = 32

// Nearest gives every document its k nearest, exactly. Each pair is scored once, for both. Where rules have parts, the
// documents must be sorted by part and day: then only those within the window of each other are met.
//
// The work is the pairs of postings of rare terms. The common terms, which have most of the postings, are left out of the
// sums; how much they can add at most is the product of the lengths of two rows (Cauchy and Schwarz), and only where that
// could bring a pair into a list are the rows multiplied.
func (c *Corpus) Nearest(k int, r Rules, workers int) *Lists {
	x := c.index()
	lists := make([]*Lists, max(workers, 1))
	var next atomic.Int64
	var wg sync.WaitGroup
	for w := range lists {
		lists[w] = newLists(c.Len(), k)
		wg.Go(func() {
			p := pass{c: c, x: x, r: &r, lists: lists[w], sums: make([]float32, c.Len())}
			for {
				from := int(next.Add(chunk)) - chunk
				if from >= c.Len() {
					return
				}
				for i := from; i < min(from+chunk, c.Len()); i++ {
					p.document(i)
				}
			}
		})
	}
	wg.Wait()
	for _, other := range lists[1:] {
		for d := range other.n {
			for _, h := range other.Of(d) {
				lists[0].push(&r, d, h)
			}
		}
	}
	return lists[0]
}

// pass is the work of one goroutine.
type pass struct {
	c     *Corpus
	x     *index
	r     *Rules
	lists *Lists
	sums  []float32
}

// document scores document i with those before it that may be near it.
func (p *pass) document(i int) {
	low, same := p.reach(i)
	if low >= i || p.c.gone[i] {
		return
	}
	sums := p.sums[low:i]
	from, to := p.c.span(i)
	for n := from; n < to; n++ {
		w, t := p.c.weights[n], p.c.terms[n]
		list := p.x.postings[p.x.begin[t]:p.x.begin[t+1]]
		list = list[:sort.Search(len(list), func(m int) bool { return int(list[m].doc) >= i })]
		if low > 0 {
			list = list[sort.Search(len(list), func(m int) bool { return int(list[m].doc) >= low }):]
		}
		for _, o := range list {
			sums[int(o.doc)-low] += float32(w * o.weight)
		}
	}
	own := p.c.rest[i]
	rest, gate := p.c.rest[low:i], p.lists.gate[low:i]
	rest, gate = rest[:len(sums)], gate[:len(sums)]
	before := same - low // up to here i may stand in their lists and they not in its
	for m := range before {
		s := sums[m]
		sums[m] = 0
		if s+own*rest[m] > gate[m] {
			p.pair(i, low+m, s)
		}
	}
	for m := before; m < len(sums); m++ {
		s := sums[m]
		sums[m] = 0
		if b := s + own*rest[m]; b > gate[m] || b > p.lists.gate[i] {
			p.pair(i, low+m, s)
		}
	}
}

// pair finishes the score of a pair that may matter.
func (p *pass) pair(i, j int, sum float32) {
	if p.c.gone[j] {
		return
	}
	s := p.c.dot(sum, i, j)
	if p.r.allows(i, j) {
		p.lists.push(p.r, i, Hit{int32(j), s})
	}
	if p.r.allows(j, i) {
		p.lists.push(p.r, j, Hit{int32(i), s})
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
