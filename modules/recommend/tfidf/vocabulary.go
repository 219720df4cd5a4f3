package tfidf

import "strings"

// Vocabulary numbers terms in the order in which they first come. One goroutine at a time may use it.
//
// Nearly all terms are pairs of syllables or short words and fit into eight bytes: those are looked up as one number in a
// table of our own, which is what most of the time of weighing texts would else go to.
type Vocabulary struct {
	n     uint32
	slots []slot // the length is a power of two, at most half is used
	short int
	long  map[string]uint32
}

// slot is a short term and its number, side by side: they are asked for together.
type slot struct {
	key  uint64 // 0 is free
	term uint32
}

// NewVocabulary is an empty one.
func NewVocabulary() *Vocabulary {
	return &Vocabulary{slots: make([]slot, 1024), long: map[string]uint32{}}
}

// Len is how many terms it knows.
func (v *Vocabulary) Len() int { return int(v.n) }

// keyOf is a term of one to eight bytes as a number; 0 for any other, and for one that begins with a zero byte.
func keyOf(term string) uint64 {
	if len(term) > 8 {
		return 0
	}
	var key uint64
	for i := range len(term) {
		key = key<<8 | uint64(term[i])
	}
	if key>>(8*max(len(term)-1, 0)) == 0 {
		return 0
	}
	return key
}

func (v *Vocabulary) number(term string) uint32 {
	key := keyOf(term)
	if key == 0 {
		n, ok := v.long[term]
		if !ok {
			n = v.next()
			v.long[strings.Clone(term)] = n // not a slice of somebody's whole text
		}
		return n
	}
	at := v.place(key)
	if at.key == 0 {
		if v.short++; 2*v.short > len(v.slots) {
			v.grow()
			at = v.place(key)
		}
		*at = slot{key, v.next()}
	}
	return at.term
}

func (v *Vocabulary) next() uint32 {
	v.n++
	return v.n - 1
}

// place is where a key stands, or would.
func (v *Vocabulary) place(key uint64) *slot {
	mask := uint64(len(v.slots) - 1)
	at := key * 0x9e3779b97f4a7c15 >> 20 & mask
	for v.slots[at].key != 0 && v.slots[at].key != key {
		at = (at + 1) & mask
	}
	return &v.slots[at]
}

func (v *Vocabulary) grow() {
	before := v.slots
	v.slots = make([]slot, 2*len(before))
	for _, s := range before {
		if s.key != 0 {
			*v.place(s.key) = s
		}
	}
}
