package recommend

import (
	"math"
	"slices"
	"strings"
	"unicode"
)

// vector is a sparse document: term numbers rising, weights of length one.
type vector struct {
	terms   []int32
	weights []float32
}

// corpus holds the vectors of documents and, for every term, the documents it stands in.
type corpus struct {
	vectors  []vector
	postings [][]posting
}

type posting struct {
	doc    int32
	weight float32
}

// terms cuts text into what is compared: two-syllable slices of Hangul words, whole words of other letters and digits.
// Slices need no dictionary and meet across particles: 오페라의 and 오페라를 share 오페 and 페라.
func terms(text string) []string {
	var out []string
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		runes := []rune(word)
		if !slices.ContainsFunc(runes, func(r rune) bool { return r >= '가' && r <= '힣' }) || len(runes) == 1 {
			out = append(out, word)
			continue
		}
		for i := 0; i+1 < len(runes); i++ {
			out = append(out, string(runes[i:i+2]))
		}
	}
	return out
}

// newCorpus weighs documents given as term lists by sub-linear TF and smoothed IDF, and scales each to length one. A term
// that stands in only one document joins nothing and is left out. A document without terms has an empty vector, which is
// like nothing.
func newCorpus(docs [][]string) *corpus {
	df := map[string]int{}
	counts := make([]map[string]int, len(docs))
	for i, d := range docs {
		counts[i] = map[string]int{}
		for _, t := range d {
			counts[i][t]++
		}
		for t := range counts[i] {
			df[t]++
		}
	}
	var vocabulary []string
	for t, n := range df {
		if n > 1 {
			vocabulary = append(vocabulary, t)
		}
	}
	slices.Sort(vocabulary) // the same documents give the same numbers, to the last bit
	number := make(map[string]int32, len(vocabulary))
	for i, t := range vocabulary {
		number[t] = int32(i)
	}
	c := &corpus{vectors: make([]vector, len(docs)), postings: make([][]posting, len(vocabulary))}
	n := float64(len(docs))
	for i := range docs {
		c.vectors[i] = weigh(counts[i], number, df, n)
		for j, t := range c.vectors[i].terms {
			c.postings[t] = append(c.postings[t], posting{int32(i), c.vectors[i].weights[j]})
		}
	}
	return c
}

func weigh(counts map[string]int, number map[string]int32, df map[string]int, n float64) vector {
	var v vector
	weight := map[int32]float64{}
	for t, tf := range counts {
		id, ok := number[t]
		if !ok {
			continue
		}
		v.terms = append(v.terms, id)
		weight[id] = (1 + math.Log(float64(tf))) * (math.Log((1+n)/(1+float64(df[t]))) + 1)
	}
	slices.Sort(v.terms)
	var sum float64
	for _, id := range v.terms {
		sum += weight[id] * weight[id]
	}
	for _, id := range v.terms {
		v.weights = append(v.weights, float32(weight[id]/math.Sqrt(sum)))
	}
	return v
}

// scores adds the cosine of document i with every other into into, which must be as long as the corpus; the caller clears it.
func (c *corpus) scores(i int, into []float32) {
	v := c.vectors[i]
	for j, t := range v.terms {
		w := v.weights[j]
		for _, p := range c.postings[t] {
			into[p.doc] += w * p.weight
		}
	}
}
