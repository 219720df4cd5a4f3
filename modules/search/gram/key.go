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

// begins marks a pair or the beginning of a Latin run as standing at the beginning of a part.
const begins key = 1 << 30

// whole marks the checksum of a part: what is looked up by it still has to be held against the text.
const whole key = 1 << 31

// sum is an FNV-1a checksum, begun with sumStart and taken on letter by letter, marks aside.
func sum(h uint32, c byte) uint32 { return (h ^ uint32(unmarked[c])) * 16777619 }

const sumStart uint32 = 2166136261

func wholeKey(h uint32) key { return whole | h>>1 }

// initialCycle is one more than the greatest row of initials.
const initialCycle = initialWidth * initialWidth * initialWidth * initialWidth

// scan puts every key of a folded text into the builder, some more than once.
func (b *Builder) scan(text string) {
	prev := key(nothing) // the syllable before, counted from 가; nothing when none is
	row, count := key(0), 0
	first := b.initials // the next character begins a part
	if b.initials {
		b.parts(text)
	}
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			if prev != nothing {
				b.endRow(prev, row, count)
				prev, row, count = nothing, 0, 0
			}
			if isMarked(c) {
				k := latinKey(text[i:])
				b.put(k)
				if first {
					b.put(begins + k)
				}
			}
			first = c == Part && b.initials
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		if !hangul.IsSyllable(r) {
			if prev != nothing {
				b.endRow(prev, row, count)
				prev, row, count = nothing, 0, 0
			}
			b.put(otherKey(r))
			first = false
			continue
		}
		s := key(r - '가')
		if prev != nothing {
			b.put(prev*pairWidth + s)
		}
		if first {
			b.put(begins + s*pairWidth + following(text[i:]))
			first = false
		}
		prev = s
		count++
		if b.initials {
			row = (row*initialWidth + key(hangul.InitialNumber(r)) + 1) % initialCycle
			if count >= initialLen {
				b.put(initialBase + row)
			}
		}
	}
	if prev != nothing {
		b.endRow(prev, row, count)
	}
}

// parts puts the checksum of every part of a text.
func (b *Builder) parts(text string) {
	h := sumStart
	for i := range len(text) {
		if text[i] != Part {
			h = sum(h, text[i])
			continue
		}
		b.put(wholeKey(h))
		h = sumStart
	}
	b.put(wholeKey(h))
}

// following is the syllable at the beginning of s, counted from 가; nothing when none is there.
func following(s string) key {
	if r, _ := utf8.DecodeRuneInString(s); hangul.IsSyllable(r) {
		return key(r - '가')
	}
	return nothing
}

// endRow puts what the end of a row of syllables is found by.
func (b *Builder) endRow(last, row key, count int) {
	if !b.initials && count > 1 { // the last syllable is found by the pair it ends
		b.stream = append(b.stream, rowEnd)
		return
	}
	b.put(last*pairWidth + nothing)
	if !b.initials {
		return
	}
	scale := key(initialWidth * initialWidth * initialWidth)
	size := key(initialWidth)
	for n := 1; n < initialLen && n <= count; n++ {
		b.put(initialBase + row%size*scale)
		scale /= initialWidth
		size *= initialWidth
	}
}
