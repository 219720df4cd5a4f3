// Package hangul takes Korean writing apart: initial consonants, letters, pairs of syllables, the particle that fits a
// word, and text typed with the keyboard left on English. It is pure, works on any text and leaves what is not Korean
// as it stands.
package hangul

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	first = 0xAC00 // 가
	last  = 0xD7A3 // 힣
)

var (
	initials = []rune("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")
	medials  = []rune("ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ")
	finals   = []rune("\x00ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
)

// IsSyllable tells whether r is a whole Korean syllable.
func IsSyllable(r rune) bool { return r >= first && r <= last }

// IsInitial tells whether r is a consonant that can begin a syllable, written alone.
func IsInitial(r rune) bool { return index(initials, r) >= 0 }

func split(r rune) (i, m, f int) {
	n := int(r - first)
	return n / (21 * 28), n / 28 % 21, n % 28
}

func index(set []rune, r rune) int {
	for i, s := range set {
		if s == r {
			return i
		}
	}
	return -1
}

// Choseong writes every syllable as its initial consonant: "뮤지컬 Cats" gives "ㅁㅈㅋ Cats".
func Choseong(s string) string {
	return strings.Map(func(r rune) rune {
		if IsSyllable(r) {
			i, _, _ := split(r)
			return initials[i]
		}
		return r
	}, s)
}

// Jamo writes every syllable as its letters: "값" gives "ㄱㅏㅄ". Compound vowels and finals stay one letter.
func Jamo(s string) string {
	var b strings.Builder
	b.Grow(3 * len(s))
	for _, r := range s {
		if !IsSyllable(r) {
			b.WriteRune(r)
			continue
		}
		i, m, f := split(r)
		b.WriteRune(initials[i])
		b.WriteRune(medials[m])
		if f > 0 {
			b.WriteRune(finals[f])
		}
	}
	return b.String()
}

// Bigrams gives every pair of neighbouring letters and digits of s in lower case, each once and in order; blanks and marks
// part words. A word of one character is given as it is.
func Bigrams(s string) []string {
	var out []string
	seen := map[string]bool{}
	add := func(g string) {
		if !seen[g] {
			seen[g] = true
			out = append(out, g)
		}
	}
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, w := range words {
		r := []rune(w)
		if len(r) == 1 {
			add(w)
		}
		for i := 0; i+1 < len(r); i++ {
			add(string(r[i : i+2]))
		}
	}
	return out
}

// Josa puts the particle behind a word that fits how the word ends: Josa("시라노", "은/는") is "시라노는". pair names the
// form behind a consonant first ("은/는", "이/가", "을/를", "과/와", "으로/로", "아/야"). Digits are read in Korean, Latin
// letters as a Korean would say them; marks at the end are looked through. A pair without a slash is put as it is.
func Josa(word, pair string) string {
	closed, open, ok := strings.Cut(pair, "/")
	if !ok {
		return word + pair
	}
	consonant, rieul := ending(word)
	if consonant && (!rieul || closed != "으로") {
		return word + closed
	}
	return word + open
}

// ending tells whether a word is spoken with a consonant at its end, and whether that is ㄹ.
func ending(word string) (consonant, rieul bool) {
	for word != "" {
		r, size := utf8.DecodeLastRuneInString(word)
		word = word[:len(word)-size]
		switch {
		case IsSyllable(r):
			_, _, f := split(r)
			return f > 0, f == 8
		case r >= '0' && r <= '9':
			if r == '0' { // 영, 십, 백, 천, 만 all end in a consonant; none is ㄹ
				return true, false
			}
			return strings.ContainsRune("13678", r), strings.ContainsRune("178", r)
		case index(initials, r) >= 0 || index(finals, r) > 0:
			return true, r == 'ㄹ'
		case r < utf8.RuneSelf && unicode.IsLetter(r):
			return latin(word, unicode.ToLower(r))
		case unicode.IsLetter(r):
			return false, false
		}
	}
	return false, false
}

// latin guesses the spoken end of a word in Latin letters: a single letter or an all-capital word is spelt out (L, M, N
// and R end in a consonant), any other ends as it is written.
func latin(before string, r rune) (consonant, rieul bool) {
	prev, _ := utf8.DecodeLastRuneInString(before)
	if before == "" || !unicode.IsLetter(prev) || unicode.IsUpper(prev) {
		return strings.ContainsRune("lmnr", r), r == 'l' || r == 'r'
	}
	if strings.ContainsRune("ktp", r) && !strings.ContainsRune("aeiouy", unicode.ToLower(prev)) {
		return false, false // behind a consonant these are spoken with a vowel: 콘서트, 마스크
	}
	return strings.ContainsRune("lmnkpbtcg", r), r == 'l'
}
