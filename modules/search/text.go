package search

import (
	"math/bits"
	"strings"

	"ticketmoa/modules/search/gram"
)

// wanted is what a text asks for: every word, each in one of its readings.
type wanted struct {
	words []word
	whole []*gram.Term // the readings of all words as one, held against titles to rank; empty when there is none
}

// word is the readings of one word: the letters themselves, or what a half-typed syllable may become.
type word []*gram.Term

// literally wants the words as they are written; they are folded and not empty.
func literally(words []string) *wanted {
	w := &wanted{whole: []*gram.Term{gram.Word(strings.Join(words, ""))}}
	for _, s := range words {
		w.words = append(w.words, word{gram.Word(s)})
	}
	return w
}

// The classes of relevance, best first. What stands elsewhere than in the title has the class of elsewhere and one more for
// every step down from the title that each word stands.
const (
	classEquals = iota // the words are a title
	classBegins        // a title begins with them
	classWithin        // a title holds them in a row
	classApart         // a title holds each of them
	classElsewhere
)

// scratch is the memory of one query.
type scratch struct {
	gram   gram.Scratch
	list   []uint32
	level  []uint8 // by document: the best text a word stands in
	sum    []uint8 // by document: the levels of all words
	seen   bitset
	more   bitset
	set    bitset
	other  bitset
	among  bitset
	labels bitset
}

func sized(b *bitset, n int) bitset {
	words := (n + 63) / 64
	if cap(*b) < words {
		*b = make(bitset, words)
	}
	*b = (*b)[:words]
	clear(*b)
	return *b
}

func levels(b *[]uint8, n int) []uint8 {
	if cap(*b) < n {
		*b = make([]uint8, n)
	}
	*b = (*b)[:n]
	return *b
}

// most is at most in how many texts of the segment the word stands.
func (w word) most(s *segment) int {
	n := 0
	for _, t := range w {
		for f := range fields {
			n += t.Most(s.tables[f])
		}
		for _, l := range s.labels {
			if at, _ := t.Find(l.text); at >= 0 {
				n += len(s.docs) / len(s.labels)
			}
		}
	}
	return n
}

// find writes into seen, which is empty, the documents among keep that hold the word, and into level the best text it
// stands in. With enough, texts that say less are left out once so many documents are found.
func (s *segment) find(w word, keep bitset, enough int, sc *scratch, seen bitset, level []uint8) {
	for f := range fields {
		if f > 0 && enough > 0 && seen.count() >= enough {
			return
		}
		for _, t := range w {
			var exact bool
			sc.list, exact = t.Candidates(s.tables[f], len(s.docs), &sc.gram, sc.list[:0])
			texts := &s.texts[f]
			for _, n := range sc.list {
				bit := uint64(1) << (n % 64)
				if seen[n/64]&bit != 0 || keep[n/64]&bit == 0 {
					continue
				}
				if !exact {
					if at, _ := t.Find(texts.of(n)); at < 0 {
						continue
					}
				}
				seen[n/64] |= bit
				level[n] = uint8(f)
			}
		}
		if f == inPlace {
			s.findLabelled(s.bears(w, sc), keep, seen, level)
		}
	}
}

func (s *segment) findLabelled(labelled, keep, seen bitset, level []uint8) {
	for i, l := range labelled {
		fresh := l & keep[i] &^ seen[i]
		seen[i] |= fresh
		for ; fresh != 0; fresh &= fresh - 1 {
			level[i*64+bits.TrailingZeros64(fresh)] = inPlace
		}
	}
}

// look is find for documents that are few: their texts are read.
func (s *segment) look(w word, labelled bitset, n uint32) (level uint8, ok bool) {
	for f := range fields {
		for _, t := range w {
			if at, _ := t.Find(s.texts[f].of(n)); at >= 0 {
				return uint8(f), true
			}
		}
		if f == inPlace && labelled != nil && labelled.has(n) {
			return inPlace, true
		}
	}
	return 0, false
}

// few is how much cheaper it is to read one document's texts than to go through one more candidate, about.
const few = 8

// match gives the documents among keep that hold every word: a set that lies in sc.seen, and in sc.sum the levels of their
// words added up. With enough, it may leave out documents that hold a single word in a text that says less, once so many
// are found.
func (s *segment) match(w *wanted, keep bitset, enough int, sc *scratch) (bitset, []uint8) {
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
	s.find(w.words[lead], keep, enough, sc, seen, sum)
	for i, word := range w.words {
		if i == lead {
			continue
		}
		if left := seen.count(); left*few < word.most(s) {
			labelled := s.bears(word, sc)
			seen.keep(func(n uint32) bool {
				l, ok := s.look(word, labelled, n)
				sum[n] += l
				return ok
			})
			continue
		}
		more, level := sized(&sc.more, n), levels(&sc.level, n)
		s.find(word, seen, 0, sc, more, level)
		more.each(func(n uint32) { sum[n] += level[n] })
		seen.and(more)
	}
	return seen, sum
}

// class is how well a document fits whose titles hold every word.
func (s *segment) class(w *wanted, n uint32) int {
	best := classApart
	for _, t := range w.whole {
		switch t.Fits(s.texts[inTitle].of(n)) {
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
	seen, _ := s.match(w, s.living(live, sc), 1, sc)
	for _, word := range seen {
		if bits.OnesCount64(word) > 0 {
			return true
		}
	}
	return false
}

// living is every live document as a set, in sc.
func (s *segment) living(live bitset, sc *scratch) bitset {
	if live != nil {
		return live
	}
	all := sized(&sc.set, len(s.docs))
	all.fill(len(s.docs))
	return all
}
