package search

import (
	"slices"
	"strings"

	"ticketmoa/modules/hangul"
	"ticketmoa/modules/search/gram"
)

// How says how words were read that stand nowhere as they are written.
type How string

// The readings, in the order in which they are tried.
const (
	AsInitials How = "initials" // initial consonants alone: ㅇㅍㄹ
	AsTyped    How = "typing"   // the last syllable is not finished: 오페ㄹ
	AsKeyboard How = "keyboard" // typed with the keyboard set to the other alphabet: dhvpfk
	AsStem     How = "stem"     // without particles: 시라노를
	AsSplit    How = "split"    // two words written as one: 조형균시라노
	AsSpelling How = "spelling" // another spelling: 시라누
	AsFewer    How = "fewer"    // without the words that stand nowhere
)

// Reading is how words were read.
type Reading struct {
	How  How
	Text string // the words as they were read
}

// understand gives the first reading of words that stand nowhere as they are written under which they stand somewhere; nil
// when there is none.
func (s *snapshot) understand(text string, words []string, sc *scratch) (*wanted, *Reading) {
	for _, r := range []func() *Reading{
		func() *Reading { return initials(words) },
		func() *Reading { return &Reading{AsTyped, text} },
		func() *Reading { return keyboard(text) },
		func() *Reading { return stems(words) },
		func() *Reading { return s.split(words, sc) },
		func() *Reading { return s.spelling(words, sc) },
		func() *Reading { return s.fewer(words, sc) },
	} {
		read := r()
		if read == nil {
			continue
		}
		if w := as(read); w != nil && s.any(w, sc) {
			return w, read
		}
	}
	return nil, nil
}

// as is what a reading asks for; nil when it asks for nothing.
func as(read *Reading) *wanted {
	words := gram.Words(read.Text)
	switch {
	case len(words) == 0:
		return nil
	case read.How == AsInitials:
		return byPattern(words, false)
	case read.How == AsTyped:
		return byPattern(words, true)
	}
	return literally(words)
}

func (s *snapshot) any(w *wanted, sc *scratch) bool {
	found := false
	s.segments(func(seg *segment, live bitset) {
		found = found || seg.any(w, live, sc)
	})
	return found
}

// hasLetters tells whether a word holds Korean letters that are no syllables.
func hasLetters(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.ContainsFunc(w, isLetter) })
}

func isLetter(r rune) bool { return r >= 'ㄱ' && r <= 'ㅣ' }

// initials reads letters alone as what syllables begin with; nil when there are none.
func initials(words []string) *Reading {
	if !hasLetters(words) {
		return nil
	}
	return &Reading{AsInitials, hangul.Apart(strings.Join(words, " "))}
}

// byPattern wants the words with every letter standing for the syllables it begins, or for itself; with typed, the last
// syllable of the last word is not finished.
func byPattern(words []string, typed bool) *wanted {
	w := &wanted{whole: []*gram.Term{gram.Word(strings.Join(words, ""))}}
	last := words[len(words)-1]
	var before []hangul.Span // of the words before the last
	for _, s := range words[:len(words)-1] {
		before = append(before, spans(s)...)
	}
	for _, s := range distinct(words) {
		if !typed || s != last {
			w.words = append(w.words, readings(s))
		}
	}
	if !typed {
		w.whole = append(w.whole, gram.Pattern(slices.Concat(before, spans(last))))
		return w
	}
	letters := []rune(last)
	endings := hangul.Typed(letters[len(letters)-1])
	if len(endings) == 0 {
		return nil
	}
	unfinished := word{}
	if strings.ContainsFunc(last, isLetter) {
		unfinished = word{gram.Word(last)}
	}
	stem := spans(string(letters[:len(letters)-1]))
	for _, ending := range endings {
		unfinished = append(unfinished, gram.Pattern(slices.Concat(stem, ending)))
		w.whole = append(w.whole, gram.Pattern(slices.Concat(before, stem, ending)))
	}
	w.words = append(w.words, unfinished)
	return w
}

// readings are those of a word: its letters as what syllables begin with, and as they are written.
func readings(s string) word {
	if strings.ContainsFunc(s, isLetter) {
		return word{gram.Pattern(spans(s)), gram.Word(s)}
	}
	return word{gram.Word(s)}
}

func spans(s string) []hangul.Span {
	var out []hangul.Span
	for _, r := range s {
		if all, ok := hangul.ByInitial(r); ok {
			out = append(out, all)
		} else {
			out = append(out, hangul.Span{First: r, Last: r})
		}
	}
	return out
}

// keyboard reads what was typed with the keyboard set to the other alphabet.
func keyboard(text string) *Reading {
	if strings.ContainsFunc(text, func(r rune) bool { return hangul.IsSyllable(r) || isLetter(r) }) {
		return &Reading{AsKeyboard, hangul.ToKeyboard(text)}
	}
	if k := hangul.FromKeyboard(text); strings.ContainsFunc(k, hangul.IsSyllable) {
		return &Reading{AsKeyboard, k}
	}
	return nil
}

// split cuts words that stand nowhere in two that stand somewhere together, the first as long as can be.
func (s *snapshot) split(words []string, sc *scratch) *Reading {
	for i, w := range words {
		r := []rune(w)
		if len(r) < 4 || s.any(literally(words[i:i+1]), sc) {
			continue
		}
		for cut := len(r) - 2; cut >= 2; cut-- {
			apart := slices.Concat(words[:i], []string{string(r[:cut]), string(r[cut:])}, words[i+1:])
			if s.any(literally(apart), sc) {
				return &Reading{AsSplit, strings.Join(apart, " ")}
			}
		}
	}
	return nil
}

// stems takes the particles off the words; nil when there are none.
func stems(words []string) *Reading {
	out := slices.Clone(words)
	any := false
	for i, w := range out {
		if stem, ok := hangul.StripJosa(w); ok {
			out[i], any = stem, true
		}
	}
	if !any {
		return nil
	}
	return &Reading{AsStem, strings.Join(out, " ")}
}

// fewer leaves out the words that stand nowhere; where each stands somewhere but not all together, one of them, the last
// that will do.
func (s *snapshot) fewer(words []string, sc *scratch) *Reading {
	kept := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return !s.any(literally([]string{w}), sc) })
	switch {
	case len(kept) == 0:
		return nil
	case len(kept) < len(words):
		return &Reading{AsFewer, strings.Join(kept, " ")}
	}
	for i := len(words) - 1; i >= 0 && len(words) > 2; i-- {
		if rest := slices.Delete(slices.Clone(words), i, i+1); s.any(literally(rest), sc) {
			return &Reading{AsFewer, strings.Join(rest, " ")}
		}
	}
	return nil
}
