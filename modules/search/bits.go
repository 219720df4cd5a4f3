package search

import "math/bits"

// bitset is a set of documents by their numbers. nil, as a filter, is every document.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) set(n uint32) { b[n/64] |= 1 << (n % 64) }

func (b bitset) has(n uint32) bool { return b[n/64]&(1<<(n%64)) != 0 }

// passes is has for a filter.
func (b bitset) passes(n uint32) bool { return b == nil || b.has(n) }

func (b bitset) fill(n int) {
	for i := range b {
		b[i] = ^uint64(0)
	}
	if n%64 > 0 {
		b[len(b)-1] = 1<<(n%64) - 1
	}
}

// and keeps what is in the filter too.
func (b bitset) and(filter bitset) {
	if filter == nil {
		return
	}
	filter = filter[:len(b)]
	for i := range b {
		b[i] &= filter[i]
	}
}

func (b bitset) or(other bitset) {
	for i := range other {
		b[i] |= other[i]
	}
}

func (b bitset) count() int {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// common is how many are in both.
func (b bitset) common(other bitset) int {
	n := 0
	for i, w := range b {
		n += bits.OnesCount64(w & other[i])
	}
	return n
}

// each gives every document, rising.
func (b bitset) each(fn func(n uint32)) {
	for i, w := range b {
		for ; w != 0; w &= w - 1 {
			fn(uint32(i*64 + bits.TrailingZeros64(w)))
		}
	}
}

// from lists the first most documents from n on.
func (b bitset) from(n uint32, most int) []uint32 {
	out := make([]uint32, 0, most)
	for i := int(n / 64); i < len(b) && len(out) < most; i++ {
		w := b[i]
		if i == int(n/64) {
			w &= ^uint64(0) << (n % 64)
		}
		for ; w != 0 && len(out) < most; w &= w - 1 {
			out = append(out, uint32(i*64+bits.TrailingZeros64(w)))
		}
	}
	return out
}

// among overwrites a list of documents with those that are in the set, which are no more, rising.
func (b bitset) among(list []uint32) []uint32 {
	out := list[:0]
	b.each(func(n uint32) { out = append(out, n) })
	return out
}
