package tfidf

import "strings"

// Vocabulary numbers terms in the order in which they first come. One goroutine at a time may use it.
//
// Nearly all terms are pairs of syllables or short words and fit into eight bytes: those are looked up as one number in a
// table of our own, which is what most of the time of weighing texts would else go to.
type Vocabulary struct {
	n     uint32
	keys  []uint64 // 0 is free; the length is a power of two, at most half is used
	terms []uint32
	short int
	long  map[string]uint32
}

// NewVocabulary is an empty one.
func NewVocabulary() *Vocabulary {
	return &Vocabulary{keys: make([]uint64, 1024), terms: make([]uint32, 1024), long: map[string]uint32{}}
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
	if v.keys[at] == 0 {
		if v.short++; 2*v.short > len(v.keys) {
			v.grow()
			at = v.place(key)
		}
		v.keys[at], v.terms[at] = key, v.next()
	}
	return v.terms[at]
}

func (v *Vocabulary) next() uint32 {
	v.n++
	return v.n - 1
}

// place is where a key stands, or would.
func (v *Vocabulary) place(key uint64) uint64 {
	mask := uint64(len(v.keys) - 1)
	at := key * 0x9e3779b97f4a7c15 >> 20 & mask
	for v.keys[at] != 0 && v.keys[at] != key {
		at = (at + 1) & mask
	}
	return at
}

func (v *Vocabulary) grow() {
	keys, terms := v.keys, v.terms
	v.keys, v.terms = make([]uint64, 2*len(keys)), make([]uint32, 2*len(keys))
	for i, key := range keys {
		if key != 0 {
			at := v.place(key)
			v.keys[at], v.terms[at] = key, terms[i]
		}
	}
}
