package tfidf

import "math"

// row is what the common terms weigh in a document.
type row = [Dense]float32

// Corpus is documents as vectors of length one, numbered from 0. It never changes: Add and Without give another one that
// shares what it can.
type Corpus struct {
	model   *Model
	ends    []int
	terms   []uint32 // the rare ones of every document, rising
	weights []float32
	rows    []row     // the common ones
	rest    []float32 // how long the row of each document is
	gone    []bool    // documents taken away: like nothing, and nothing's
}

// Corpus weighs all documents of the builder, which must not be used any more.
func (b *Builder) Corpus(m *Model) *Corpus {
	empty := &Corpus{model: m}
	return empty.add(b, true)
}

// Add is the corpus with the documents of b behind its own. Only the newest corpus may be added to again: an older one
// shares its memory.
func (c *Corpus) Add(b *Builder) *Corpus {
	next := *c
	return next.add(b, false)
}

func (c *Corpus) add(b *Builder, inPlace bool) *Corpus {
	if inPlace { // the builder's own arrays, shortened by what is dropped: no second copy of a large set
		c.terms, c.weights = b.terms[:0], b.counts[:0]
		room := len(b.ends) + len(b.ends)/16 // for those that will be added
		c.ends, c.rest, c.rows = make([]int, 0, room), make([]float32, 0, room), make([]row, 0, room)
	}
	from := 0
	for _, end := range b.ends {
		var sum float64
		begin := len(c.terms)
		var common row
		for i := from; i < end; i++ {
			t, w := b.terms[i], b.counts[i]
			idf, slot := c.model.of(t)
			if slot == dropped {
				continue
			}
			w *= idf
			sum += float64(w) * float64(w)
			if slot >= 0 {
				common[slot] = w
				continue
			}
			c.terms, c.weights = append(c.terms, t), append(c.weights, w)
		}
		from = end
		c.ends = append(c.ends, len(c.terms))
		c.rest = append(c.rest, scale(c.weights[begin:], common[:], sum))
		c.rows = append(c.rows, common)
	}
	gone := make([]bool, len(c.ends))
	copy(gone, c.gone)
	c.gone = gone
	return c
}

// scale makes a vector one long and gives the length of its row.
func scale(weights, row []float32, sum float64) float32 {
	if sum == 0 {
		return 0
	}
	by := float32(1 / math.Sqrt(sum))
	for i := range weights {
		weights[i] *= by
	}
	var rest float64
	for i := range row {
		row[i] *= by
		rest += float64(row[i]) * float64(row[i])
	}
	return float32(math.Sqrt(rest))
}

// Without is the corpus without some documents. The others keep their numbers.
func (c *Corpus) Without(docs ...int) *Corpus {
	next := *c
	next.gone = append([]bool(nil), c.gone...)
	for _, d := range docs {
		next.gone[d] = true
	}
	return &next
}

// Len is how many documents were ever in it.
func (c *Corpus) Len() int { return len(c.ends) }

func (c *Corpus) span(doc int) (from, to int) {
	if doc > 0 {
		from = c.ends[doc-1]
	}
	return from, c.ends[doc]
}

// dot adds to a sum what the common terms of two documents give, always in the same order. A conversion around each
// product keeps a machine that could fuse the two operations from rounding otherwise than another.
func (c *Corpus) dot(sum float32, a, b int) float32 {
	x, y := &c.rows[a], &c.rows[b]
	var s0, s1, s2, s3 float32
	for i := 0; i+3 < Dense; i += 4 {
		s0 += float32(x[i] * y[i])
		s1 += float32(x[i+1] * y[i+1])
		s2 += float32(x[i+2] * y[i+2])
		s3 += float32(x[i+3] * y[i+3])
	}
	return sum + ((s0 + s1) + (s2 + s3))
}

// Cosine is how alike two documents are, 0 to 1.
func (c *Corpus) Cosine(a, b int) float32 {
	if c.gone[a] || c.gone[b] {
		return 0
	}
	var sum float32
	i, iEnd := c.span(a)
	j, jEnd := c.span(b)
	for i < iEnd && j < jEnd {
		switch {
		case c.terms[i] < c.terms[j]:
			i++
		case c.terms[i] > c.terms[j]:
			j++
		default:
			sum += float32(c.weights[i] * c.weights[j])
			i++
			j++
		}
	}
	return c.dot(sum, a, b)
}

// Profile is a sum of documents, one long.
type Profile struct {
	corpus *Corpus
	rare   []float32 // by term, up to the last of the profile
	row    row
	empty  bool
}

// Profile sums documents, each with its weight; weights below zero take away.
func (c *Corpus) Profile(docs []int, weights []float64) Profile {
	terms := uint32(0)
	for _, d := range docs {
		if from, to := c.span(d); to > from {
			terms = max(terms, c.terms[to-1]+1)
		}
	}
	p := Profile{corpus: c, rare: make([]float32, terms)}
	for n, d := range docs {
		w := float32(weights[n])
		from, to := c.span(d)
		for i := from; i < to; i++ {
			p.rare[c.terms[i]] += w * c.weights[i]
		}
		for i, x := range c.rows[d] {
			p.row[i] += w * x
		}
	}
	var sum float64
	for _, w := range p.rare {
		sum += float64(w) * float64(w)
	}
	for _, w := range p.row {
		sum += float64(w) * float64(w)
	}
	if p.empty = sum == 0; p.empty {
		return p
	}
	by := float32(1 / math.Sqrt(sum))
	for t := range p.rare {
		p.rare[t] *= by
	}
	for i := range p.row {
		p.row[i] *= by
	}
	return p
}

// Score is how alike a profile and a document are.
func (p Profile) Score(doc int) float32 {
	if p.empty || p.corpus.gone[doc] {
		return 0
	}
	var sum float32
	from, to := p.corpus.span(doc)
	for i := from; i < to; i++ {
		t := p.corpus.terms[i]
		if int(t) >= len(p.rare) {
			break
		}
		sum += float32(p.rare[t] * p.corpus.weights[i])
	}
	for i, w := range p.corpus.rows[doc] {
		sum += float32(w * p.row[i])
	}
	return sum
}
