package hangul

// Span is a stretch of neighbouring syllables, both ends in it; a single one when they are the same.
type Span struct{ First, Last rune }

// Has tells whether r lies in the span.
func (s Span) Has(r rune) bool { return r >= s.First && r <= s.Last }

// plain are the consonants whose doubled form is written with the same key held down, so that either is meant by the first.
const plain = "ㄱㄷㅂㅅㅈ"

// ByInitial is every syllable that begins with the consonant r; a plain consonant stands for its doubled form too. ok is
// false when r begins no syllable.
func ByInitial(r rune) (s Span, ok bool) {
	i := index(initials, r)
	if i < 0 {
		return Span{}, false
	}
	s = Span{syllable(i, 0, 0), syllable(i, len(medials)-1, len(finals)-1)}
	for _, p := range plain {
		if p == r {
			s.Last = syllable(i+1, len(medials)-1, len(finals)-1)
		}
	}
	return s, true
}

func syllable(i, m, f int) rune { return rune(first + (i*len(medials)+m)*len(finals) + f) }

// InitialNumber numbers the initial consonant of a syllable from 0 to 18, a doubled one as its plain form.
func InitialNumber(r rune) int {
	i, _, _ := split(r)
	switch i {
	case 1, 4, 8, 10, 13: // ㄲㄸㅃㅆㅉ
		return i - 1
	}
	return i
}

// Initials is how many numbers InitialNumber gives at most.
const Initials = 19

// joinedMedials is the last compound vowel that begins with a vowel, by their numbers: ㅗ may become ㅘ, ㅙ or ㅚ.
var joinedMedials = map[int]int{8: 11, 13: 16, 18: 19}

// joinedFinalsUpTo likewise for finals: ㄱ may become ㄳ, with ㄲ between them.
var joinedFinalsUpTo = map[int]int{1: 3, 4: 6, 8: 15, 17: 18}

// finalApart is what a final leaves behind, and the initial it becomes, when a vowel follows it.
var finalApart = map[rune][2]rune{
	'ㄳ': {'ㄱ', 'ㅅ'}, 'ㄵ': {'ㄴ', 'ㅈ'}, 'ㄶ': {'ㄴ', 'ㅎ'}, 'ㄺ': {'ㄹ', 'ㄱ'}, 'ㄻ': {'ㄹ', 'ㅁ'}, 'ㄼ': {'ㄹ', 'ㅂ'}, 'ㄽ': {'ㄹ', 'ㅅ'}, 'ㄾ': {'ㄹ', 'ㅌ'},
	'ㄿ': {'ㄹ', 'ㅍ'}, 'ㅀ': {'ㄹ', 'ㅎ'}, 'ㅄ': {'ㅂ', 'ㅅ'},
}

// Typed lists what the syllable under the cursor may be the beginning of: 고 of 고, 곤 or 과, 오페ㄹ written 오펠 of 오펠 or
// 오페라. Each reading is one or two spans, a syllable each. A consonant alone may become any syllable it begins.
func Typed(r rune) [][]Span {
	if s, ok := ByInitial(r); ok {
		return [][]Span{{s}}
	}
	if !IsSyllable(r) {
		return nil
	}
	i, m, f := split(r)
	if f == 0 {
		last := m
		if to, ok := joinedMedials[m]; ok {
			last = to
		}
		return [][]Span{{{r, syllable(i, last, len(finals)-1)}}}
	}
	whole := Span{r, r}
	if to, ok := joinedFinalsUpTo[f]; ok {
		whole.Last = syllable(i, m, to)
	}
	out := [][]Span{{whole}}
	stays, goes := rune(0), finals[f]
	if parts, ok := finalApart[finals[f]]; ok {
		stays, goes = parts[0], parts[1]
	}
	if next, ok := ByInitial(goes); ok {
		left := syllable(i, m, max(0, index(finals, stays)))
		if stays == 0 {
			left = syllable(i, m, 0)
		}
		out = append(out, []Span{{left, left}, next})
	}
	return out
}

// Apart writes compound consonants as the two they are made of: ㄳ typed for the initials ㄱㅅ.
func Apart(s string) string {
	out := make([]rune, 0, len(s))
	for _, r := range s {
		if parts, ok := finalApart[r]; ok {
			out = append(out, parts[0], parts[1])
			continue
		}
		out = append(out, r)
	}
	return string(out)
}
