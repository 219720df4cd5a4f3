package hangul

import "strings"

// keys is the two-set keyboard: which letter each key gives.
var keys = map[rune]rune{
	'q': 'ㅂ', 'w': 'ㅈ', 'e': 'ㄷ', 'r': 'ㄱ', 't': 'ㅅ', 'y': 'ㅛ', 'u': 'ㅕ', 'i': 'ㅑ', 'o': 'ㅐ', 'p': 'ㅔ',
	'a': 'ㅁ', 's': 'ㄴ', 'd': 'ㅇ', 'f': 'ㄹ', 'g': 'ㅎ', 'h': 'ㅗ', 'j': 'ㅓ', 'k': 'ㅏ', 'l': 'ㅣ',
	'z': 'ㅋ', 'x': 'ㅌ', 'c': 'ㅊ', 'v': 'ㅍ', 'b': 'ㅠ', 'n': 'ㅜ', 'm': 'ㅡ',
	'Q': 'ㅃ', 'W': 'ㅉ', 'E': 'ㄸ', 'R': 'ㄲ', 'T': 'ㅆ', 'O': 'ㅒ', 'P': 'ㅖ',
}

var joinedVowels = map[[2]rune]rune{
	{'ㅗ', 'ㅏ'}: 'ㅘ', {'ㅗ', 'ㅐ'}: 'ㅙ', {'ㅗ', 'ㅣ'}: 'ㅚ', {'ㅜ', 'ㅓ'}: 'ㅝ', {'ㅜ', 'ㅔ'}: 'ㅞ', {'ㅜ', 'ㅣ'}: 'ㅟ', {'ㅡ', 'ㅣ'}: 'ㅢ',
}

var joinedFinals = map[[2]rune]rune{
	{'ㄱ', 'ㅅ'}: 'ㄳ', {'ㄴ', 'ㅈ'}: 'ㄵ', {'ㄴ', 'ㅎ'}: 'ㄶ', {'ㄹ', 'ㄱ'}: 'ㄺ', {'ㄹ', 'ㅁ'}: 'ㄻ', {'ㄹ', 'ㅂ'}: 'ㄼ', {'ㄹ', 'ㅅ'}: 'ㄽ',
	{'ㄹ', 'ㅌ'}: 'ㄾ', {'ㄹ', 'ㅍ'}: 'ㄿ', {'ㄹ', 'ㅎ'}: 'ㅀ', {'ㅂ', 'ㅅ'}: 'ㅄ',
}

// FromKeyboard reads Latin letters as the Korean ones on the same keys and puts syllables together: "rkskek" gives
// "가나다". What has no Korean key stays, and so do letters that make no syllable.
func FromKeyboard(s string) string {
	letters := make([]rune, 0, len(s))
	for _, r := range s {
		k, ok := keys[r]
		if !ok && r >= 'A' && r <= 'Z' {
			k, ok = keys[r+'a'-'A']
		}
		if !ok {
			k = r
		}
		letters = append(letters, k)
	}
	var b strings.Builder
	for i := 0; i < len(letters); {
		syllable, n := compose(letters[i:])
		b.WriteRune(syllable)
		i += n
	}
	return b.String()
}

// compose takes the longest syllable off the beginning of letters; a letter that begins none is taken alone.
func compose(l []rune) (rune, int) {
	at := func(i int) rune {
		if i < len(l) {
			return l[i]
		}
		return 0
	}
	isVowel := func(i int) bool { return index(medials, at(i)) >= 0 }
	start := index(initials, at(0))
	if start < 0 || !isVowel(1) {
		return l[0], 1
	}
	vowel, n := at(1), 2
	if v, ok := joinedVowels[[2]rune{vowel, at(2)}]; ok {
		vowel, n = v, 3
	}
	end := 0
	// A consonant closes the syllable unless a vowel behind it makes it the next one's beginning.
	if f := index(finals, at(n)); f > 0 && !isVowel(n+1) {
		end = f
		n++
		if joined, ok := joinedFinals[[2]rune{finals[f], at(n)}]; ok && !isVowel(n+1) {
			end = index(finals, joined)
			n++
		}
	}
	return rune(first + (start*21+index(medials, vowel))*28 + end), n
}

// ToKeyboard undoes FromKeyboard: it writes Korean letters as the Latin ones on the same keys, "ㅠㅅㄴ" as "bts". Lower case
// wherever a key gives the same letter with and without shift.
func ToKeyboard(s string) string {
	var b strings.Builder
	for _, r := range Jamo(s) {
		for _, l := range single(r) {
			if k, ok := latinKeys[l]; ok {
				l = k
			}
			b.WriteRune(l)
		}
	}
	return b.String()
}

// single takes a compound letter apart into those that have a key each.
func single(r rune) []rune {
	if parts, ok := finalApart[r]; ok {
		return parts[:]
	}
	for pair, v := range joinedVowels {
		if v == r {
			return pair[:]
		}
	}
	return []rune{r}
}

var latinKeys = func() map[rune]rune {
	out := make(map[rune]rune, len(keys))
	for k, l := range keys {
		out[l] = k
	}
	return out
}()
