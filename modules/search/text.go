package search

import (
	"math"
	"slices"
	"strings"

	"ticketmoa/modules/search/gram"
)

// wanted is what a text asks for: every word, each in one of its readings.
type wanted struct {
	words []word
	whole []*gram.Term // the readings of all words as one, held against titles to rank; empty when there is none

	room struct { // of one word in one reading, as most texts are
		word [1]word
		term [1]*gram.Term
	}
}

// word is the readings of one word: the letters themselves, or what a half-typed syllable may become.
type word []*gram.Term

// mostWords is how many words of a text are looked up. Nobody asks for more, but to make us work.
const mostWords = 12

// literally wants the words as they are written; they are folded and not empty. A word that comes again is wanted once.
func literally(words []string) *wanted {
	if len(words) == 1 {
		w := &wanted{}
		w.room.term[0] = gram.Word(words[0])
		w.room.word[0] = w.room.term[:]
		w.words, w.whole = w.room.word[:], w.room.term[:]
		return w
	}
	w := &wanted{whole: []*gram.Term{gram.Word(strings.Join(words, ""))}}
	for _, s := range distinct(words) {
		w.words = append(w.words, word{gram.Word(s)})
	}
	return w
}

// distinct is the first words, each once, and none that another one holds.
func distinct(words []string) []string {
	var out []string
	for i, w := range words {
		within := func(o string) bool { return o != w && strings.HasPrefix(o, w) }
		if len(out) < mostWords && !slices.Contains(words[:i], w) && !slices.ContainsFunc(words, within) {
			out = append(out, w)
		}
	}
	return out
}

// The classes of relevance, best first. What does not wholly stand in the title has the class of elsewhere and one more for
// every level below the title that each word stands, but the first.
const (
	classEquals = iota // the words are a title
	classBegins        // a title begins with them
	classWithin        // a title holds them in a row
	classApart         // a title holds each of them
	classElsewhere
)

// levelWithin is how far below the title a word is that stands within a text; one that begins a name of a person or a place,
// or is a label, stands one level higher.
var levelWithin = [fields]uint8{inTitle: 0, inPeople: 2, inPlace: 4, inStory: 5}

// plus adds levels up to the most there can be.
func plus(a, b uint8) uint8 { return uint8(min(int(a)+int(b), 255)) }

// scratch is the memory of one query. Its sets are empty between uses: who fills one empties it, which is quick where few
// documents are in it.
type scratch struct {
	gram  gram.Scratch
	list  []uint32 // candidates
	docs  []uint32 // what a query found
	held  []uint32 // what of it holds one more word
	some  []uint32 // labels
	level []uint8  // by document: the best text a word stands in
	sum   []uint8  // by document: the levels of all words
	seen  bitset
	more  bitset
	begin bitset
	near  []uint32 // names that begin with a word
	far   []uint32 // and those that hold it elsewhere

	query   Query
	plan    plan
	cursor  []byte
	finding finding
	groups  []group
	filters [2]filter // of the two segments
	parts   [2]part
	classes [classElsewhere + math.MaxUint8][]uint32 // what was found, by how well it fits
	hits    []hit
	// These are overwritten, not emptied.
	all, set, other, labels bitset
}

// sized is an empty set for n documents.
func sized(b *bitset, n int) bitset {
	words := (n + 63) / 64
	if cap(*b) < words {
		*b = make(bitset, words)
	}
	*b = (*b)[:words]
	return *b
}

// cleared is sized for sets that are not emptied after use.
func cleared(b *bitset, n int) bitset {
	clear(sized(b, n))
	return *b
}

func levels(b *[]uint8, n int) []uint8 {
	if cap(*b) < n {
		*b = make([]uint8, n)
	}
	*b = (*b)[:n]
	return *b
}

// empty takes the documents of a list, and their neighbours, out of a set.
func (b bitset) empty(list []uint32) {
	if len(list) > len(b) {
		clear(b)
		return
	}
	for _, n := range list {
		b[n/64] = 0
	}
}

// most is about in how many texts of the segment the word stands at most.
func (w word) most(s *segment) int {
	n := 0
	for _, t := range w {
		n += t.Most(s.titled) + s.shared[inPeople].most(t) + s.shared[inPlace].most(t) + t.Most(s.told)
		if len(s.labels) > 0 {
			n += t.Most(s.labelled) * len(s.docs) / len(s.labels)
		}
	}
	return n
}

// least is at most in how many texts of the segment the rarest word stands.
func (w *wanted) least(s *segment) int {
	n := w.words[0].most(s)
	for _, word := range w.words[1:] {
		n = min(n, word.most(s))
	}
	return n
}

// look is find for documents that are few: their texts are read.
func (s *segment) look(w word, labelled bitset, n uint32) (level uint8, ok bool) {
	for f := range fields {
		best := gram.Absent
		for _, t := range w {
			if f != inStory || t.InProse() {
				best = max(best, s.fits(f, t, n))
			}
		}
		names := f == inPeople || f == inPlace
		switch {
		case names && best >= gram.Begins, f == inPlace && labelled != nil && labelled.has(n):
			return levelWithin[f] - 1, true
		case best > gram.Absent:
			return levelWithin[f], true
		}
	}
	return 0, false
}

// few is how much cheaper it is to read one document's texts than to go through one more candidate, about.
const few = 8

// match gives the documents that pass the gate and hold every word, rising, in sc.docs, and the levels of their words added
// up, by document. With enough, documents with a single word are left out as find does.
func (s *segment) match(w *wanted, g gate, enough int, sc *scratch) (docs []uint32, sum []uint8) {
	n := len(s.docs)
	seen, sum := sized(&sc.seen, n), levels(&sc.sum, n)
	lead, least := 0, -1
	if len(w.words) > 1 {
		enough = 0
		for i, word := range w.words {
			if m := word.most(s); least < 0 || m < least {
				lead, least = i, m
			}
		}
	}
	docs, _ = s.find(w.words[lead], g, enough, sc, seen, sum, sc.docs)
	found := docs // for emptying seen: docs gets shorter
	for i, word := range w.words {
		if i != lead && len(docs) > 0 {
			docs = s.hold(word, docs, sum, sc)
		}
	}
	sc.docs = found
	if len(docs)*few > len(seen) {
		docs = seen.among(docs)
	} else {
		slices.Sort(docs)
	}
	seen.empty(found)
	return docs, sum
}

// only is match for a single word: the documents in groups by level, each rising.
func (s *segment) only(w word, g gate, enough int, sc *scratch) (docs []uint32, groups []group) {
	seen := sized(&sc.seen, len(s.docs))
	docs, groups = s.find(w, g, enough, sc, seen, levels(&sc.sum, len(s.docs)), sc.docs)
	sc.docs = docs
	seen.empty(docs)
	return docs, groups
}

// hold keeps those of docs that hold one more word, and adds its level to theirs. The others leave sc.seen.
func (s *segment) hold(w word, docs []uint32, sum []uint8, sc *scratch) []uint32 {
	seen := sc.seen
	kept := docs[:0]
	if len(docs)*few < w.most(s) {
		labelled := s.bears(w, sc)
		for _, n := range docs {
			if l, ok := s.look(w, labelled, n); ok {
				sum[n] = plus(sum[n], l)
				kept = append(kept, n)
			} else {
				seen[n/64] &^= 1 << (n % 64)
			}
		}
		return kept
	}
	more, level := sized(&sc.more, len(s.docs)), levels(&sc.level, len(s.docs))
	list, _ := s.find(w, gate{set: seen}, 0, sc, more, level, sc.held)
	sc.held = list
	for _, n := range docs {
		if more.has(n) {
			sum[n] = plus(sum[n], level[n])
			kept = append(kept, n)
		} else {
			seen[n/64] &^= 1 << (n % 64)
		}
	}
	more.empty(list)
	return kept
}

// class is how well a document fits whose titles hold every word.
func (s *segment) class(w *wanted, n uint32) int {
	best := classApart
	for _, t := range w.whole {
		switch t.Fits(s.titles.of(n)) {
		case gram.Equals:
			return classEquals
		case gram.Begins:
			best = min(best, classBegins)
		case gram.Within:
			best = min(best, classWithin)
		}
	}
	return best
}

// any tells whether a document among live holds every word.
func (s *segment) any(w *wanted, live bitset, sc *scratch) bool {
	docs, _ := s.match(w, gate{set: live}, 1, sc)
	return len(docs) > 0
}
