package search

import "hash/maphash"

// idTable finds numbers by the ids of what they number. It holds the numbers alone, about six bytes each: has tells whether a
// number has an id.
type idTable struct {
	seed  maphash.Seed
	slots []uint32 // open addressing, a power of two: one more than a number, 0 for nothing
	has   func(n uint32, id string) bool
}

// newIDs has room for so many.
func newIDs(n int, has func(n uint32, id string) bool) idTable {
	size := 8
	for size*4/5 < n {
		size *= 2
	}
	return idTable{seed: maphash.MakeSeed(), slots: make([]uint32, size), has: has}
}

// slot is where an id stands, or would.
func (t *idTable) slot(id string) *uint32 {
	mask := uint64(len(t.slots) - 1)
	i := maphash.String(t.seed, id) & mask
	for t.slots[i] != 0 && !t.has(t.slots[i]-1, id) {
		i = (i + 1) & mask
	}
	return &t.slots[i]
}

// put gives an id a number; the last one counts.
func (t *idTable) put(id string, n uint32) { *t.slot(id) = n + 1 }

func (t *idTable) find(id string) (n uint32, ok bool) {
	n = *t.slot(id)
	return n - 1, n != 0
}
