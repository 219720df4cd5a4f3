package search

import (
	"hash/maphash"
	"math/bits"
)

// idTable finds numbers by the ids of what they number. It holds the numbers alone, about six bytes each: has tells whether a
// number has an id. It is asked where the bits that a number leaves free are those of the id's hash.
type idTable struct {
	seed  maphash.Seed
	slots []uint32 // open addressing, a power of two: hash and one more than a number, 0 for nothing
	mask  uint32   // the bits of the number
	has   func(n uint32, id string) bool
}

// newIDs has room for so many ids of numbers below a limit.
func newIDs(n, limit int, has func(n uint32, id string) bool) idTable {
	size := 8
	for size*4/5 < n {
		size *= 2
	}
	return idTable{seed: maphash.MakeSeed(), slots: make([]uint32, size), mask: 1<<bits.Len(uint(limit)) - 1, has: has}
}

// slot is where an id stands, or would, and the hash that stands there with the number.
func (t *idTable) slot(id string) (at *uint32, hash uint32) {
	h := maphash.String(t.seed, id)
	hash = uint32(h>>32) &^ t.mask
	last := uint64(len(t.slots) - 1)
	for i := h & last; ; i = (i + 1) & last {
		s := t.slots[i]
		if s == 0 || s&^t.mask == hash && t.has(s&t.mask-1, id) {
			return &t.slots[i], hash
		}
	}
}

// put gives an id a number; the last one counts.
func (t *idTable) put(id string, n uint32) {
	at, hash := t.slot(id)
	*at = hash | n + 1
}

func (t *idTable) find(id string) (n uint32, ok bool) {
	at, _ := t.slot(id)
	return *at&t.mask - 1, *at != 0
}
