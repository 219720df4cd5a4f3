package gram

import (
	"slices"
	"strings"
	"unicode/utf8"

	"ticketmoa/modules/hangul"
)

// Term is what a text is searched for: a word letter by letter, or a pattern in which some syllables are known only in part.
type Term struct {
	word    string // "" for a pattern
	plain   bool   // the word holds no Latin letter or digit: it stands in a text as it is written
	anchor  int    // the last byte of its first letter
	pattern []hangul.Span
	from    []stretch // every text it stands in stands under one key of each of these
	begin   stretch   // every text of which a part begins with it stands under one key of these; zero when that is not known
	exact   bool      // and every text that does holds it
	pairs   []key     // of a word of syllables alone, of three or more: its pairs in a row

	fromRoom  [4]stretch // of from and pairs, as long as they fit: a word is made for every query
	pairsRoom [4]key
}

// Word is the term of a folded, unmarked word (Plain); it must not be empty.
func Word(w string) *Term {
	t := &Term{word: w, plain: true}
	t.from, t.pairs = t.fromRoom[:0], t.pairsRoom[:0]
	length := 0
	var room [8]rune
	row := room[:0]
	flush := func() {
		for i := 0; i+1 < len(row); i++ {
			t.add(pairKey(row[i], row[i+1]), pairKey(row[i], row[i+1]))
		}
		if len(row) == 1 {
			t.add(pairKey(row[0], '가'), pairKey(row[0], '가'+nothing))
		}
		row = row[:0]
	}
	for i := 0; i < len(w); {
		if isLatin(w[i]) {
			flush()
			t.plain = false
			t.add(latinKeys(w[i:]))
			for i < len(w) && isLatin(w[i]) {
				i++
			}
			length += latinLen
			continue
		}
		r, size := utf8.DecodeRuneInString(w[i:])
		i += size
		length++
		if hangul.IsSyllable(r) {
			row = append(row, r)
			continue
		}
		flush()
		t.add(otherKey(r), otherKey(r))
		length += latinLen
	}
	flush()
	t.exact = length <= 2
	if t.plain && length >= 3 && length*utf8.RuneLen('가') == len(w) {
		rest := w
		for range length - 1 {
			a, size := utf8.DecodeRuneInString(rest)
			rest = rest[size:]
			t.pairs = append(t.pairs, key(a-'가')*pairWidth+following(rest))
		}
	}
	_, size := utf8.DecodeRuneInString(w)
	t.begin, t.anchor = beginKeys(w), size-1
	return t
}

// beginKeys is the stretch of keys of parts that begin with a word; zero when there is none.
func beginKeys(w string) (s stretch) {
	if isLatin(w[0]) {
		s.from, s.to = latinKeys(w)
		return stretch{s.from + begins, s.to + begins}
	}
	r, size := utf8.DecodeRuneInString(w)
	if !hangul.IsSyllable(r) {
		return stretch{}
	}
	first := begins + key(r-'가')*pairWidth
	next := first + following(w[size:])
	if len(w) == size { // whatever follows
		return stretch{first, next}
	}
	return stretch{next, next}
}

func (t *Term) add(from, to key) {
	if s := (stretch{from, to}); !slices.Contains(t.from, s) {
		t.from = append(t.from, s)
	}
}

// String is the word; "" for a pattern.
func (t *Term) String() string { return t.word }

// Pattern is the term of a row of spans, each of them syllables or a single other letter.
func Pattern(spans []hangul.Span) *Term {
	t := &Term{pattern: spans}
	var row []int
	flush := func() {
		for i := 0; i == 0 && len(row) > 0 || i+initialLen <= len(row); i++ {
			t.add(initialKeys(row[i:min(i+initialLen, len(row))]))
		}
		row = row[:0]
	}
	before := hangul.Span{First: utf8.MaxRune} // nothing a key is made of
	for _, s := range spans {
		switch {
		case hangul.IsSyllable(s.First):
			row = append(row, hangul.InitialNumber(s.First))
			if before.First == before.Last && hangul.IsSyllable(before.First) {
				t.add(pairKey(before.First, s.First), pairKey(before.First, s.Last))
			}
		case s.First >= utf8.RuneSelf:
			flush()
			t.add(otherKey(s.First), otherKey(s.First))
		default:
			flush()
			if before.First >= utf8.RuneSelf { // a run begins
				t.add(latinKeys(string(s.First)))
			}
		}
		before = s
	}
	flush()
	t.exact = len(t.from) == 1 && len(spans) <= initialLen && !slices.ContainsFunc(spans, partly)
	return t
}

// partly tells whether a span is less than all syllables of its number of an initial: their keys lead to others too.
func partly(s hangul.Span) bool {
	initial, _ := utf8.DecodeRuneInString(hangul.Choseong(string(s.First)))
	all, ok := hangul.ByInitial(initial)
	return !ok || s != all || strings.ContainsRune("ㄲㄸㅃㅆㅉ", initial)
}

// InProse tells whether the term may be looked for where texts are found by words alone: a pattern may not.
func (t *Term) InProse() bool { return t.pattern == nil }

// Find tells where the term first stands in a folded text: from the byte at to before the byte end; at is -1 when it does
// not.
func (t *Term) Find(text string) (at, end int) { return t.after(text, 0) }

// after is Find from the byte i on.
func (t *Term) after(text string, i int) (at, end int) {
	switch {
	case t.pattern != nil:
		return t.findPattern(text, i)
	case t.plain:
		return t.afterPlain(text, i)
	}
	first := t.word[0]
	if isLatin(first) {
		first = mark(first)
	}
	for {
		n := strings.IndexByte(text[i:], first)
		if n < 0 {
			return -1, -1
		}
		i += n
		if alike(text[i:], t.word) {
			return i, i + len(t.word)
		}
		i++
	}
}

// afterPlain is after of a word that stands in a text as it is written. It looks for the last byte of the first letter, which
// is rarer in Korean text than the first, by which strings.Index goes.
func (t *Term) afterPlain(text string, i int) (at, end int) {
	for i+len(t.word) <= len(text) {
		n := strings.IndexByte(text[i+t.anchor:], t.word[t.anchor])
		if n < 0 {
			break
		}
		if i += n; strings.HasPrefix(text[i:], t.word) {
			return i, i + len(t.word)
		}
		i++
	}
	return -1, -1
}

// alike tells whether a text begins with a word, marks aside.
func alike(text, word string) bool {
	if len(text) < len(word) {
		return false
	}
	for i := range len(word) {
		if unmarked[text[i]] != word[i] {
			return false
		}
	}
	return true
}

func (t *Term) findPattern(text string, i int) (at, end int) {
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r >= utf8.RuneSelf || isMarked(byte(r)) {
			if end := t.matchAt(text, i); end >= 0 {
				return i, end
			}
		}
		i += size
	}
	return -1, -1
}

func (t *Term) matchAt(text string, i int) (end int) {
	for _, s := range t.pattern {
		if i >= len(text) {
			return -1
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if r < utf8.RuneSelf {
			r = rune(unmarked[byte(r)])
		}
		if !s.Has(r) {
			return -1
		}
		i += size
	}
	return i
}

// How well a term fits a text made of parts.
type Fit int

// From worse to better.
const (
	Absent Fit = iota
	Within     // somewhere
	Begins     // a part begins with it
	Equals     // a part is it
)

// Fits tells the best way in which the term stands in a folded text.
func (t *Term) Fits(text string) Fit {
	best := Absent
	for i := 0; i <= len(text); {
		at, end := t.after(text, i)
		if at < 0 {
			return best
		}
		fit := Within
		if at == 0 || text[at-1] == Part {
			if fit = Begins; end == len(text) || text[end] == Part {
				return Equals
			}
		}
		best = max(best, fit)
		next := strings.IndexByte(text[at:], Part) // what stands once more in the same part fits no better
		if next < 0 {
			return best
		}
		i = at + next + 1
	}
	return best
}

// Candidates adds to out the texts of the table, of which there are so many, that may hold the term, rising and each once.
// Unless exact is true, whoever asks holds them against Find.
func (t *Term) Candidates(tab *Table, texts int, s *Scratch, out []uint32) (list []uint32, exact bool) {
	if len(t.pairs) > 0 && len(tab.common) > 0 {
		if list, exact, ok := t.commonCandidates(tab, s, out); ok {
			return list, exact
		}
	}
	return t.candidates(tab, texts, s, out), t.exact
}

// commonCandidates is Candidates of a word of which three syllables are common; ok is false for any other.
func (t *Term) commonCandidates(tab *Table, s *Scratch, out []uint32) (list []uint32, exact, ok bool) {
	s.keys, s.three = s.keys[:0], s.three[:0]
	prev, had := uint32(0), false
	for i, k := range t.pairs {
		n, is := tab.common[k]
		if i > 0 && had && is {
			three := threeKey(prev, n)
			from, to := tab.three.find(stretch{three, three})
			if from == to {
				return out, true, true // nowhere
			}
			s.three = append(s.three, from)
		}
		prev, had = n, is
	}
	if len(s.three) == 0 {
		return out, false, false
	}
	for _, k := range t.pairs {
		if _, is := tab.common[k]; is {
			continue
		}
		from, to := tab.find(stretch{k, k})
		if from == to {
			return out, true, true
		}
		s.keys = append(s.keys, from)
	}
	return tab.intersect(s.keys, s.three, s, out), len(t.pairs) == 2, true
}

func (t *Term) candidates(tab *Table, texts int, s *Scratch, out []uint32) []uint32 {
	s.keys = s.keys[:0]
	var wide [2]int // the narrowest of several keys
	var wider []uint32
	least := -1
	for _, st := range t.from {
		i, j := tab.find(st)
		more := tab.ending(st)
		if i == j && len(more) == 0 {
			return out
		}
		if j-i == 1 && len(more) == 0 {
			s.keys = append(s.keys, i)
			continue
		}
		if n := tab.size(i, j, more); least < 0 || n < least {
			wide, wider, least = [2]int{i, j}, more, n
		}
	}
	switch {
	case len(s.keys) > 0:
		return tab.intersect(s.keys, nil, s, out)
	case least < 0:
		return out
	}
	return tab.union(wide[0], wide[1], wider, texts, s, out)
}

// BeginsExactly tells whether of every text that Beginning gives a part does begin with the term.
func (t *Term) BeginsExactly() bool { return t.exact && t.begin.to > 0 }

// Beginning adds to out the texts of the table of which a part may begin with the term, rising; ok is false when the table
// does not know.
func (t *Term) Beginning(tab *Table, texts int, s *Scratch, out []uint32) (list []uint32, ok bool) {
	if t.begin.to == 0 {
		return out, false
	}
	if i, j := tab.find(t.begin); i < j {
		out = tab.union(i, j, nil, texts, s, out)
	}
	return out, true
}

// Equal adds to out the texts of the table of which a part may be the term, a word, rising.
func (t *Term) Equal(tab *Table, texts int, s *Scratch, out []uint32) []uint32 {
	h := sumStart
	for i := range len(t.word) {
		h = sum(h, t.word[i])
	}
	if i, j := tab.find(stretch{wholeKey(h), wholeKey(h)}); i < j {
		out = tab.union(i, j, nil, texts, s, out)
	}
	return out
}

// Most is at most how many texts of the table the term stands in.
func (t *Term) Most(tab *Table) int {
	least := -1
	for _, st := range t.from {
		i, j := tab.find(st)
		if n := tab.size(i, j, tab.ending(st)); least < 0 || n < least {
			least = n
		}
	}
	return max(least, 0)
}
