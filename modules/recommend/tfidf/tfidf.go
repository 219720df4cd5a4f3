// Package tfidf finds, exactly and fast, the documents whose texts are most alike: TF-IDF vectors and their cosines.
//
// It guarantees: weights are those of scikit-learn's TfidfVectorizer (1+ln tf when counts are sub-linear, smooth idf, length
// one); a list of nearest documents is the exact one, whatever bounds saved the work; the score of two documents is the
// same to the last bit from whichever side and in whichever way it was computed; documents may be added and taken away
// without computing the rest again, and the lists are then those that the same weights give from nothing.
//
// It never reads anything, keeps no text, and a Corpus that was handed out never changes.
package tfidf

import (
	"math"
	"slices"
)

// Scheme is how documents are weighed.
type Scheme struct {
	MaxShare float64 // terms that stand in more than this share of the documents, and in more than 30, say nothing; 0 takes every term
	Linear   bool    // counts as they are, not 1+ln
}

// Dense is how many of the commonest terms are kept as rows. It changes no answer: with fewer the lists of postings are
// longer, with more bounds are wider and more rows must be multiplied.
const Dense = 24

// Model is what a set of documents says about terms. It stays as it is while documents come and go.
type Model struct {
	idf    []float32
	slot   []int8 // by term: the place in the row of a common one, or rare, or dropped
	unseen float32
}

const (
	rare    = -1
	dropped = -2
)

// newModel weighs terms that stand in df of n documents; those kept are never too common.
func newModel(s Scheme, df []int32, kept map[uint32]bool, n int) *Model {
	m := &Model{idf: make([]float32, len(df)), slot: make([]int8, len(df))}
	idf := func(df int32) float32 { return float32(math.Log((1+float64(n))/(1+float64(df))) + 1) }
	m.unseen = idf(0)
	most := int32(n)
	if s.MaxShare > 0 {
		most = max(30, int32(s.MaxShare*float64(n)))
	}
	var common []uint32
	for t, d := range df {
		m.idf[t], m.slot[t] = idf(d), rare
		switch {
		case d > most && !kept[uint32(t)]:
			m.slot[t] = dropped
		case int(d) > n/32:
			common = append(common, uint32(t))
		}
	}
	slices.SortFunc(common, func(a, b uint32) int {
		if df[a] != df[b] {
			return int(df[b] - df[a])
		}
		return int(a) - int(b)
	})
	for i, t := range common[:min(Dense, len(common))] {
		m.slot[t] = int8(i)
	}
	return m
}

func (m *Model) of(term uint32) (idf float32, slot int8) {
	if int(term) < len(m.idf) {
		return m.idf[term], m.slot[term]
	}
	return m.unseen, rare
}

// Builder counts the terms of documents, one document after the other.
type Builder struct {
	vocabulary *Vocabulary
	linear     bool
	ends       []int
	terms      []uint32
	counts     []float32 // sums over fields of weight × (1+ln count)
	df         []int32
	kept       map[uint32]bool

	weight  []float32 // by term, of the document begun
	count   []int32   // by term, of the field begun
	field   []uint32
	touched []uint32
}

// NewBuilder begins a set of documents whose terms v numbers.
func NewBuilder(v *Vocabulary, s Scheme) *Builder {
	return &Builder{vocabulary: v, linear: s.Linear, kept: map[uint32]bool{}}
}

// Term counts one term of the field begun.
func (b *Builder) Term(term string) { b.take(b.vocabulary.number(term)) }

// Value counts a term that says something however many documents have it, like a genre.
func (b *Builder) Value(term string) {
	t := b.vocabulary.number(term)
	b.kept[t] = true
	b.take(t)
}

func (b *Builder) take(t uint32) {
	for int(t) >= len(b.count) {
		b.count, b.weight, b.df = append(b.count, 0), append(b.weight, 0), append(b.df, 0)
	}
	if b.count[t] == 0 {
		b.field = append(b.field, t)
	}
	b.count[t]++
}

// EndField weighs the terms since the last end. The same term in several fields has the sum of what they give it.
func (b *Builder) EndField(weight float64) {
	for _, t := range b.field {
		n := float64(b.count[t])
		b.count[t] = 0
		if !b.linear && n > 1 {
			n = 1 + math.Log(n)
		}
		if b.weight[t] == 0 {
			b.touched = append(b.touched, t)
		}
		b.weight[t] += float32(weight * n)
	}
	b.field = b.field[:0]
}

// EndDocument begins the next document. One without terms is like nothing.
func (b *Builder) EndDocument() {
	slices.Sort(b.touched) // every document in one order, so that sums come out alike from both sides

	// Twice the room: append would add a quarter at a time, and copy all four times.
	if n := len(b.touched); len(b.terms)+n > cap(b.terms) {
		b.terms, b.counts = slices.Grow(b.terms, len(b.terms)+n), slices.Grow(b.counts, len(b.terms)+n)
	}
	for _, t := range b.touched {
		b.terms, b.counts = append(b.terms, t), append(b.counts, b.weight[t])
		b.weight[t] = 0
		b.df[t]++
	}
	b.touched = b.touched[:0]
	b.ends = append(b.ends, len(b.terms))
}

// Model is what the documents so far say about terms.
func (b *Builder) Model(s Scheme) *Model { return newModel(s, b.df, b.kept, len(b.ends)) }
