package tfidf

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"ticketmoa/modules/hangul"
)

// EachWord gives the words of a text, in lower case: letters and digits without anything between them.
func EachWord(text string, fn func(word string)) {
	eachWord(text, func(word string, _ bool) { fn(word) })
}

// eachWord says of every word too whether it is of plain Latin letters and digits.
func eachWord(text string, fn func(word string, plain bool)) {
	for i := 0; i < len(text); {
		start, plain, upper := i, true, false
		for i < len(text) {
			if c := text[i]; c < utf8.RuneSelf {
				if !alnum[c] {
					break
				}
				upper = upper || c <= 'Z' && c >= 'A'
				i++
				continue
			}
			r, size := utf8.DecodeRuneInString(text[i:])
			if !hangul.IsSyllable(r) {
				if !unicode.IsLetter(r) && !unicode.IsDigit(r) && (i == start || !unicode.IsMark(r)) {
					break
				}
				upper = true // or perhaps: ToLower knows
			}
			plain = false
			i += size
		}
		if i > start {
			word := text[start:i]
			if upper {
				word = strings.ToLower(word)
			}
			fn(word, plain)
			continue
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		i += size
	}
}

// alnum are the plain letters and digits.
var alnum = func() (is [utf8.RuneSelf]bool) {
	for c := range is {
		is[c] = c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
	}
	return is
}()

// EachTerm gives what of a text is compared: of Hangul every two neighbouring syllables of a word without its particle,
// of other letters and of digits the whole run. Pairs need no dictionary, so names nobody has heard of yet are compared
// like any others, and spellings with and without a blank share most of them. A word of one syllable says nothing.
func EachTerm(text string, fn func(term string)) {
	eachWord(text, func(word string, plain bool) {
		if plain {
			fn(word)
			return
		}
		stem, _ := hangul.StripJosa(word)
		EachPair(stem, fn)
	})
}

// EachPair gives the terms of a word as it stands.
func EachPair(word string, fn func(term string)) {
	run, before := -1, -1 // where a run of other letters began, and the syllable before this one
	for i, r := range word {
		if !hangul.IsSyllable(r) {
			before = -1
			if run < 0 {
				run = i
			}
			continue
		}
		if run >= 0 {
			fn(word[run:i])
			run = -1
		}
		if before >= 0 {
			fn(word[before : i+utf8.RuneLen(r)])
		}
		before = i
	}
	if run >= 0 {
		fn(word[run:])
	}
}
