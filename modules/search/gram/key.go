package gram

import (
	"unicode/utf8"

	"ticketmoa/modules/hangul"
)

// A key is what texts are looked up by: two neighbouring syllables, the first four characters from the beginning of a Latin
// run, four neighbouring initial consonants, or any other letter. Keys of one kind sort by their first part, so that what
// begins alike is one stretch.
type key = uint32

const (
	syllables = 11172
	pairWidth = syllables + 1 // the second may be nothing
	nothing   = syllables

	latinBase  key = 1 << 27 // above every pair: 11172 × 11173 < 2^27
	latinWidth     = 37      // nothing, a to z, 0 to 9
	latinLen       = 4

	initialBase  key = 1 << 28
	initialWidth     = hangul.Initials + 1
	initialLen       = 4

	otherBase key = 1 << 29
)

func pairKey(a, b rune) key { return key(a-'가')*pairWidth + key(b-'가') }

// latinNumber is 0 for what is no letter or digit of a run.
func latinNumber(c byte) key {
	switch c = unmarked[c]; {
	case c >= 'a' && c <= 'z':
		return key(c-'a') + 1
	case c >= '0' && c <= '9':
		return key(c-'0') + 27
	}
	return 0
}

// latinKeys is the stretch of keys of runs that begin with the letters at the beginning of s.
func latinKeys(s string) (from, to key) {
	n := 0
	for n < latinLen && n < len(s) && latinNumber(s[n]) > 0 {
		from = from*latinWidth + latinNumber(s[n])
		n++
	}
	to = from
	for ; n < latinLen; n++ {
		from, to = from*latinWidth, to*latinWidth+latinWidth-1
	}
	return latinBase + from, latinBase + to
}

// latinKey is the key of a run in a text. It reads on over the next run when that follows at once, so that "The Phantom" is
// found by "thephantom".
func latinKey(s string) key {
	k := key(0)
	n := 0
	for n < latinLen && n < len(s) && latinNumber(s[n]) > 0 {
		k = k*latinWidth + latinNumber(s[n])
		n++
	}
	for ; n < latinLen; n++ {
		k *= latinWidth
	}
	return latinBase + k
}

// initialKeys is the stretch of keys of texts in which these initials, numbered as hangul.InitialNumber does, stand in a row.
// No more than four are looked at.
func initialKeys(numbers []int) (from, to key) {
	for i := range initialLen {
		from *= initialWidth
		to *= initialWidth
		if i < len(numbers) {
			from += key(numbers[i]) + 1
			to += key(numbers[i]) + 1
		} else {
			to += initialWidth - 1
		}
	}
	return initialBase + from, initialBase + to
}

func otherKey(r rune) key { return otherBase + key(r) }

// eachKey gives every key of a folded text, some more than once. Initials are left out unless wanted.
func eachKey(text string, initials bool, give func(key)) {
	var last [initialLen]rune // the syllables just read, the latest at the end
	row := 0                  // how many of them follow each other
	flush := func() {
		if row > 0 {
			give(key(last[initialLen-1]-'가')*pairWidth + nothing)
		}
		if initials {
			for n := min(row, initialLen-1); n > 0; n-- {
				from, _ := paddedInitials(last[initialLen-n:])
				give(from)
			}
		}
		row = 0
	}
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			flush()
			if isMarked(c) {
				give(latinKey(text[i:]))
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		if !hangul.IsSyllable(r) {
			flush()
			give(otherKey(r))
			continue
		}
		if row > 0 {
			give(pairKey(last[initialLen-1], r))
		}
		copy(last[:], last[1:])
		last[initialLen-1] = r
		row++
		if initials && row >= initialLen {
			from, _ := paddedInitials(last[:])
			give(from)
		}
	}
	flush()
}

func paddedInitials(row []rune) (from, to key) {
	var n [initialLen]int
	for i, r := range row {
		n[i] = hangul.InitialNumber(r)
	}
	return initialKeys(n[:len(row)])
}
