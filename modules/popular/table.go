package popular

import "math/bits"

// table maps keys that are never 0 to a value, in two flat arrays: a vote costs 16 bytes and a third to spare, where a Go
// map of the same would cost three times that.
type table struct {
	keys, vals []uint64
	n          int
}

const tableStart = 1 << 12

// slot is where key is, or where it would be put.
func (t *table) slot(key uint64) int {
	mask := len(t.keys) - 1
	i := int(key*0x9E3779B97F4A7C15>>(64-bits.Len(uint(mask)))) & mask
	for t.keys[i] != 0 && t.keys[i] != key {
		i = (i + 1) & mask
	}
	return i
}

// put gives key the value made of the old one; there tells whether there was one.
func (t *table) put(key uint64, next func(old uint64, there bool) uint64) {
	if 3*t.n >= 2*len(t.keys) {
		t.grow()
	}
	i := t.slot(key)
	there := t.keys[i] == key
	if !there {
		t.keys[i] = key
		t.n++
	}
	t.vals[i] = next(t.vals[i], there)
}

func (t *table) grow() {
	old := *t
	size := max(tableStart, 2*len(old.keys))
	*t = table{keys: make([]uint64, size), vals: make([]uint64, size)}
	for i, key := range old.keys {
		if key != 0 {
			j := t.slot(key)
			t.keys[j], t.vals[j] = key, old.vals[i]
			t.n++
		}
	}
}

// each calls fn with every pair, in no order.
func (t *table) each(fn func(key, val uint64)) {
	for i, key := range t.keys {
		if key != 0 {
			fn(key, t.vals[i])
		}
	}
}
