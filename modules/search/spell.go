package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"ticketmoa/modules/hangul"
	"ticketmoa/modules/search/gram"
)

const (
	// shortest is the fewest letters a word must have to be held against other spellings, and so many the longest.
	shortest = 2
	longest  = 30
	// mostRead is how many texts are read for one word, the popular first.
	mostRead = 4000
)

// spelling reads a word that does not stand beside the others as the nearest one that does: with one syllable or Latin
// letter written otherwise, left out or put in. Names are looked through, not synopses.
func (s *snapshot) spelling(words []string, sc *scratch) *Reading {
	best, cost := []string(nil), dear
	for i, w := range words {
		others := slices.Delete(slices.Clone(words), i, i+1)
		if len(words) > 1 && s.any(literally([]string{w}), sc) && i > 0 && best != nil {
			continue // the words that stand nowhere are the likelier slips
		}
		found, c := s.nearest(w, others, sc)
		if found == "" {
			continue
		}
		if !s.any(literally([]string{w}), sc) {
			c -= nowhere
		}
		if c < cost {
			best, cost = slices.Clone(words), c
			best[i] = found
		}
	}
	if best == nil {
		return nil
	}
	return &Reading{AsSpelling, strings.Join(best, " ")}
}

// dear is more than any slip costs; nowhere is what a slip is the likelier for when its word stands nowhere at all.
const (
	dear    = 1000
	nowhere = 100
)

// nearest is the name nearest to a word in the documents that hold the others; "" when none is near.
func (s *snapshot) nearest(w string, others []string, sc *scratch) (string, int) {
	slip := newSlip(w)
	if slip == nil {
		return "", dear
	}
	best, cost, times := "", dear, 0
	count := map[string]int{}
	s.segments(func(seg *segment, live bitset) {
		seg.eachLike(slip, others, live, sc, func(text string) {
			slip.in(text, func(found string, c int) {
				count[found]++
				if c < cost || c == cost && found != best && count[found] > times {
					best, cost = found, c
				}
				if found == best {
					times = count[found]
				}
			})
		})
	})
	return best, cost
}

// eachLike gives the names of documents that may hold a slip of the word and hold every other word.
func (s *segment) eachLike(slip *slip, others []string, live bitset, sc *scratch, give func(text string)) {
	if len(others) > 0 {
		among, _ := s.match(literally(others), gate{set: live}, 0, sc)
		for _, n := range among[:min(len(among), mostRead)] {
			for f := inTitle; f <= inPlace; f++ {
				give(s.text(f, n))
			}
		}
		return
	}
	for f := inTitle; f <= inPlace; f++ {
		for i, n := range slip.candidates(s, f, sc) {
			if i == mostRead {
				break
			}
			if live.passes(n) {
				give(s.text(f, n))
			}
		}
	}
}

// slip is a word that may be written wrong in one place.
type slip struct {
	runes []rune
	whole []*gram.Term // pieces of which one stands in every text that holds the word with one slip
}

func newSlip(w string) *slip {
	r := []rune(w)
	if len(r) < shortest || len(r) > longest {
		return nil
	}
	if r[0] < utf8.RuneSelf { // what is Latin is looked up by its beginning only
		return &slip{r, []*gram.Term{gram.Word(string(r[:1]))}}
	}
	half := len(r) / 2 // one slip leaves the beginning or the end whole
	return &slip{r, []*gram.Term{gram.Word(string(r[:half])), gram.Word(string(r[half:]))}}
}

// candidates is every document whose text f may hold the word with one slip.
func (l *slip) candidates(s *segment, f int, sc *scratch) []uint32 {
	set := cleared(&sc.set, len(s.docs))
	for _, t := range l.whole {
		if names := s.shared[f]; names != nil {
			sc.list, _ = t.Candidates(names.table, names.size(), &sc.gram, sc.list[:0])
			for _, part := range sc.list {
				for _, n := range names.docs.of(part) {
					set.set(n)
				}
			}
			continue
		}
		sc.list, _ = t.Candidates(s.titled, len(s.docs), &sc.gram, sc.list[:0])
		for _, n := range sc.list {
			set.set(n)
		}
	}
	out := make([]uint32, 0, min(len(s.docs), mostRead))
	set.each(func(n uint32) { out = append(out, n) })
	return out
}

// in gives every stretch of a folded text that is the word with one slip, and what the slip costs.
func (l *slip) in(text string, give func(found string, cost int)) {
	for _, part := range strings.Split(text, string(rune(gram.Part))) {
		runes, starts := readable(part)
		for at := range runes {
			if l.runes[0] < utf8.RuneSelf && !starts[at] {
				continue // Latin words begin where a run does
			}
			for _, length := range [...]int{len(l.runes), len(l.runes) - 1, len(l.runes) + 1} {
				if length < shortest || at+length > len(runes) {
					continue
				}
				if c := l.cost(runes[at : at+length]); c < dear {
					give(string(runes[at:at+length]), c)
				}
			}
		}
	}
}

// readable is a folded text without marks, and where words may begin.
func readable(text string) (runes []rune, starts []bool) {
	for _, r := range text {
		plain, _ := utf8.DecodeRuneInString(gram.Unmark(r))
		runes = append(runes, plain)
		starts = append(starts, plain != r || r >= utf8.RuneSelf)
	}
	return runes, starts
}

// cost is how far a stretch is from the word: the letters of the syllable in which they differ, or a little more than a
// syllable of another letter for one left out or put in. dear when they differ in more than one place, or when too little is
// the same.
func (l *slip) cost(stretch []rune) int {
	w := l.runes
	i := 0
	for i < len(w) && i < len(stretch) && w[i] == stretch[i] {
		i++
	}
	a, b := w[i:], stretch[i:]
	switch {
	case len(a) == len(b):
		if len(a) == 0 || !slices.Equal(a[1:], b[1:]) {
			return dear
		}
		letters := apart(a[0], b[0])
		if len(w) == 2 && letters > 1 || len(w) == 3 && letters > 2 {
			return dear
		}
		return letters
	case len(w) < 4: // two syllables of three say too little
		return dear
	case len(a) == len(b)+1 && slices.Equal(a[1:], b), len(b) == len(a)+1 && slices.Equal(a, b[1:]):
		return 3
	}
	return dear
}

// apart is in how many letters two syllables differ, from 1 to 3; other letters differ by 2.
func apart(a, b rune) int {
	if !hangul.IsSyllable(a) || !hangul.IsSyllable(b) {
		return 2
	}
	x, y := []rune(hangul.Jamo(string(a))), []rune(hangul.Jamo(string(b)))
	n := 0
	for i := range max(len(x), len(y)) {
		if i >= len(x) || i >= len(y) || x[i] != y[i] {
			n++
		}
	}
	return cmp.Or(n, 1)
}
