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
	head  []int32
	nodes []node
	rest  []float32
}

// node is a document of a term's list here.
type node struct {
	next   int32
	asked  int32
	weight float32
}

func newQuestion(c *Corpus, r *Rules, lists *Lists, docs []int, old int, all []int) *question {
	q := &question{c: c, r: r, lists: lists, docs: docs, old: min(old, len(docs)), asked: make([]bool, c.Len()), rest: make([]float32, len(docs)),
		nodes: make([]node, 1)}
	for _, d := range all {
		q.asked[d] = true
	}
	terms := uint32(0)
	for _, d := range docs {
		from, to := c.span(d)
		if to > from {
			terms = max(terms, c.terms[to-1]+1)
		}
	}
	q.head = make([]int32, terms)
	for n, d := range docs {
		q.rest[n] = c.rest[d]
		from, to := c.span(d)
		for i := from; i < to; i++ {
			q.nodes = append(q.nodes, node{next: q.head[c.terms[i]], asked: int32(n), weight: c.weights[i]})
			q.head[c.terms[i]] = int32(len(q.nodes) - 1)
		}
	}
	return q
}

// read scores every document of the corpus with those asked about.
func (q *question) read(dirty []bool) {
	sums := make([]float32, len(q.docs))
	for d := range q.c.ends {
		if q.c.gone[d] {
			continue
		}
		from, to := q.c.span(d)
		for i := from; i < to; i++ {
			t := q.c.terms[i]
			if int(t) >= len(q.head) {
				break
			}
			w := q.c.weights[i]
			for at := q.head[t]; at != 0; {
				n := &q.nodes[at]
				sums[n.asked] += float32(w * n.weight)
				at = n.next
			}
		}
		q.settle(d, sums, dirty)
	}
}

// settle puts document d into the lists of those asked about, and the new ones of them into its own. Of two that are both
// asked about each finds the other by itself.
func (q *question) settle(d int, sums []float32, dirty []bool) {
	rest, own, gate := q.rest[:len(sums)], q.c.rest[d], q.lists.gate[d]
	for n, s := range sums {
		sums[n] = 0
		b := s + own*rest[n]
		doc := q.docs[n]
		if b <= gate && b <= q.lists.gate[doc] {
			continue
		}
		score := q.c.dot(s, d, doc)
		if q.r.allows(doc, d) {
			q.lists.push(q.r, doc, Hit{int32(d), score})
		}
		if n >= q.old && !q.asked[d] && q.r.allows(d, doc) {
			q.lists.push(q.r, d, Hit{int32(doc), score})
			gate = q.lists.gate[d]
			if slices.ContainsFunc(q.lists.Of(d), func(h Hit) bool { return int(h.Doc) == doc }) {
				dirty[d] = true
			}
		}
	}
}
