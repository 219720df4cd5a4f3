package tfidf

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"ticketmoa/modules/hangul"
)

// EachWord gives the words of a text, in lower case: letters and digits without anything between them.
func EachWord(text string, fn func(word string)) {
	start := -1
	for i, r := range text {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) && start >= 0:
			if start < 0 {
				start = i
			}
		case start >= 0:
			fn(strings.ToLower(text[start:i]))
			start = -1
		}
	}
	if start >= 0 {
		fn(strings.ToLower(text[start:]))
	}
}

// EachTerm gives what of a text is compared: of Hangul every two neighbouring syllables of a word without its particle,
// of other letters and of digits the whole run. Pairs need no dictionary, so names nobody has heard of yet are compared
// like any others, and spellings with and without a blank share most of them. A word of one syllable says nothing.
func EachTerm(text string, fn func(term string)) {
	EachWord(text, func(word string) {
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
