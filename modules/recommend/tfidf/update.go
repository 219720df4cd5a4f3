package tfidf

import (
	"slices"
)

// Updated gives the lists of a corpus whose last documents, from first on, are new and of which some were taken away
// since l was made. The lists are those that Nearest gives for the same corpus. l stays as it is.
//
// The new documents are scored with all others, both ways, in one reading of the corpus; so are, one way, the documents
// in whose full lists a removed one left a place: only then can somebody stand in it who was not near enough before.
// changed are the documents whose list is not what it was, the new ones among them.
func (l *Lists) Updated(c *Corpus, r Rules, first int) (next *Lists, changed []int) {
	next = l.grown(c.Len())
	dirty := make([]bool, c.Len())
	var asked []int
	for d := range l.n {
		if c.gone[d] {
			dirty[d] = next.n[d] > 0
			next.n[d], next.gate[d] = 0, 0
			continue
		}
		if next.forget(c, d) {
			dirty[d] = true
			asked = append(asked, d)
		}
	}
	old := len(asked)
	for d := first; d < c.Len(); d++ {
		dirty[d] = true
		if !c.gone[d] {
			asked = append(asked, d)
		}
	}
	for from := 0; from < len(asked); from += batch {
		q := newQuestion(c, &r, next, asked[from:min(from+batch, len(asked))], max(0, old-from), asked)
		q.read(dirty)
	}
	for d, is := range dirty {
		if is {
			changed = append(changed, d)
		}
	}
	return next, changed
}

// batch is how many documents are scored in one reading: their sums should stay near the processor.
const batch = 512

// forget empties the list of a document in which one that is gone stands, and tells so.
func (l *Lists) forget(c *Corpus, d int) bool {
	if !slices.ContainsFunc(l.Of(d), func(h Hit) bool { return c.gone[h.Doc] }) {
		return false
	}
	l.n[d], l.gate[d] = 0, 0
	return true
}

// question is some documents asked about at once: an index of them alone.
type question struct {
	c     *Corpus
	r     *Rules
	lists *Lists
	docs  []int
	old   int    // the first so many only want their own lists filled
	asked []bool // by document: it is asked about, here or in another question
	begin []uint32
	terms []posting // of every term from begin on: the places in docs
	rest  []float32
	gate  []float32 // of the lists of docs
}

func newQuestion(c *Corpus, r *Rules, lists *Lists, docs []int, old int, all []int) *question {
	q := &question{c: c, r: r, lists: lists, docs: docs, old: min(old, len(docs)), asked: make([]bool, c.Len()), rest: make([]float32, len(docs)),
		gate: make([]float32, len(docs))}
	for _, d := range all {
		q.asked[d] = true
	}
	terms, n := uint32(0), 0
	for _, d := range docs {
		from, to := c.span(d)
		if n += to - from; to > from {
			terms = max(terms, c.terms[to-1]+1)
		}
	}
	q.begin, q.terms = make([]uint32, terms+2), make([]posting, n)
	each := func(fn func(place, i int)) {
		for n, d := range docs {
			from, to := c.span(d)
			for i := from; i < to; i++ {
				fn(n, i)
			}
		}
	}
	each(func(_, i int) { q.begin[c.terms[i]+2]++ })
	for t := 2; t < len(q.begin); t++ {
		q.begin[t] += q.begin[t-1]
	}
	each(func(place, i int) {
		at := &q.begin[c.terms[i]+1]
		q.terms[*at] = posting{uint32(place), c.weights[i]}
		*at++
	})
	for n, d := range docs {
		q.rest[n] = c.rest[d]
	}
	return q
}

// stretch is the list of a term that is asked about, and what the term weighs in the document at hand.
type stretch struct {
	from, to uint32
	weight   float32
}

// read scores every document of the corpus with those asked about. Which of its terms these have is found out before
// anything is added: asked in between, the processor would guess wrong every third time.
func (q *question) read(dirty []bool) {
	var sums [batch]float32
	var lists []stretch
	for d := range q.c.ends {
		if q.c.gone[d] {
			continue
		}
		from, to := q.c.span(d)
		if lists = lists[:0]; cap(lists) < to-from {
			lists = make([]stretch, 0, 2*(to-from))
		}
		lists = q.meet(lists[:to-from], q.c.terms[from:to], q.c.weights[from:to])
		for _, l := range lists {
			for _, p := range q.terms[l.from:l.to] {
				sums[p.doc%batch] += float32(l.weight * p.weight)
			}
		}
		q.settle(d, sums[:len(q.docs)], dirty)
	}
}

// meet overwrites lists, of which there are as many as terms, with those of the terms that are asked about.
func (q *question) meet(lists []stretch, terms []uint32, weights []float32) []stretch {
	n := 0
	for i, t := range terms {
		if int(t)+1 >= len(q.begin) {
			break
		}
		from, to := q.begin[t], q.begin[t+1]
		lists[n] = stretch{from, to, weights[i]}
		if from != to {
			n++
		}
	}
	return lists[:n]
}

// settle puts document d into the lists of those asked about, and the new ones of them into its own. Of two that are both
// asked about each finds the other by itself.
func (q *question) settle(d int, sums []float32, dirty []bool) {
	rest, gates, own, gate := q.rest[:len(sums)], q.gate[:len(sums)], q.c.rest[d], q.lists.gate[d]
	for n, s := range sums {
		if b := s + own*rest[n]; b <= gate && b <= gates[n] {
			continue
		}
		doc := q.docs[n]
		score := q.c.dot(s, d, doc)
		if q.r.allows(doc, d) {
			q.lists.push(q.r, doc, Hit{int32(d), score})
			gates[n] = q.lists.gate[doc]
		}
		if n >= q.old && !q.asked[d] && q.r.allows(d, doc) {
			q.lists.push(q.r, d, Hit{int32(doc), score})
			gate = q.lists.gate[d]
			if slices.ContainsFunc(q.lists.Of(d), func(h Hit) bool { return int(h.Doc) == doc }) {
				dirty[d] = true
			}
		}
	}
	clear(sums)
}
