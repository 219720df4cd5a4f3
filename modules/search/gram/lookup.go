package gram

import (
	"cmp"
	"math/bits"
	"slices"
)

// stretch is the keys from one to another, both in it.
type stretch struct{ from, to key }

// find gives the places of the keys of a stretch.
func (t *Table) find(s stretch) (i, j int) {
	i = t.lower(s.from)
	if s.to != s.from {
		return i, t.lower(s.to + 1)
	}
	if i < len(t.keys) && t.keys[i] == s.from {
		return i, i + 1
	}
	return i, i
}

// topStep is how many keys lie between two of Table.tops.
const topStep = 64

// lower is the place of the first key that is not less.
func (t *Table) lower(k key) int {
	top := less(t.tops, k)
	if top == 0 {
		return 0
	}
	from := (top - 1) * topStep
	return from + less(t.keys[from:min(from+topStep, len(t.keys))], k)
}

// less is how many of rising keys are less than k. There is no branch to guess wrong in it, as slices.BinarySearch has.
func less(keys []key, k key) int {
	at, n := 0, len(keys)
	for n > 1 {
		half := n / 2
		next := at + half
		if keys[next-1] < k {
			at = next
		}
		n -= half
	}
	if n == 1 && keys[at] < k {
		at++
	}
	return at
}

// bySecond are the places of pairs by their second syllables: where a syllable ends a row of prose it is looked up by them.
// Keys of their own would be a third of a table.
func (t *Table) bySecond() []uint32 {
	pairs := less(t.keys, latinBase)
	out := make([]uint32, pairs)
	for i := range out {
		out[i] = uint32(i)
	}
	slices.SortStableFunc(out, func(a, b uint32) int { return cmp.Compare(t.keys[a]%pairWidth, t.keys[b]%pairWidth) })
	return out
}

// ending are the places of further keys under which the syllable of a stretch stands; none when it is no syllable alone.
func (t *Table) ending(s stretch) []uint32 {
	if len(t.second) == 0 || s.to >= latinBase || s.from%pairWidth != 0 || s.to-s.from != nothing {
		return nil
	}
	syllable := s.from / pairWidth
	order := func(i uint32, s key) int { return cmp.Compare(t.keys[i]%pairWidth, s) }
	i, _ := slices.BinarySearchFunc(t.second, syllable, order)
	j, _ := slices.BinarySearchFunc(t.second, syllable+1, order)
	return t.second[i:j]
}

// list is the texts of the i-th key in a block.
func (t *Table) list(i, block int) []uint16 {
	at := i*t.blocks + block
	return t.texts[t.from[at]:t.from[at+1]]
}

// size is in how many texts the keys i to j and some more stand, those with several counted as often.
func (t *Table) size(i, j int, more []uint32) int {
	n := t.from[j*t.blocks] - t.from[i*t.blocks]
	for _, k := range more {
		n += t.from[(int(k)+1)*t.blocks] - t.from[int(k)*t.blocks]
	}
	return int(n)
}

// Scratch is memory that lookups reuse. One lookup at a time may use it.
type Scratch struct {
	seen  []uint64
	keys  []int // places of keys of which each must be there
	three []int // likewise in Table.three
	lists [][]uint16
}

// union adds the texts of the keys i to j and some more, of which texts there are so many, to out, rising and each once.
func (t *Table) union(i, j int, more []uint32, texts int, s *Scratch, out []uint32) []uint32 {
	if j-i == 1 && len(more) == 0 {
		for block := range t.blocks {
			out = appendAll(out, t.list(i, block), block)
		}
		return out
	}
	words := (texts + 63) / 64
	if cap(s.seen) < words {
		s.seen = make([]uint64, words)
	}
	seen := s.seen[:words]
	least, most := words, -1
	mark := func(k int) {
		for block := range t.blocks {
			for _, n := range t.list(k, block) {
				w := block*(blockSize/64) + int(n/64)
				seen[w] |= 1 << (n % 64)
				least, most = min(least, w), max(most, w)
			}
		}
	}
	for k := i; k < j; k++ {
		mark(k)
	}
	for _, k := range more {
		mark(int(k))
	}
	for w := least; w <= most; w++ {
		for word := seen[w]; word != 0; word &= word - 1 {
			out = append(out, uint32(w*64+bits.TrailingZeros64(word)))
		}
		seen[w] = 0
	}
	return out
}

func appendAll(out []uint32, list []uint16, block int) []uint32 {
	for _, n := range list {
		out = append(out, uint32(block*blockSize)+uint32(n))
	}
	return out
}

// intersect adds what stands under every one of the keys, those of three syllables and others, to out.
func (t *Table) intersect(keys, threes []int, s *Scratch, out []uint32) []uint32 {
	for block := range t.blocks {
		s.lists = s.lists[:0]
		for _, i := range threes {
			s.lists = append(s.lists, t.three.list(i, block))
		}
		for _, i := range keys {
			s.lists = append(s.lists, t.list(i, block))
		}
		out = intersect(s.lists, block, out)
	}
	return out
}

// intersect adds what stands in every list of a block to out. The lists are put in the order of their lengths.
func intersect(lists [][]uint16, block int, out []uint32) []uint32 {
	if len(lists) == 1 {
		return appendAll(out, lists[0], block)
	}
	slices.SortFunc(lists, func(a, b []uint16) int { return cmp.Compare(len(a), len(b)) })
	rest := lists[1:]
next:
	for _, n := range lists[0] {
		for i, l := range rest {
			l = l[gallop(l, n):]
			rest[i] = l
			if len(l) == 0 {
				return out
			}
			if l[0] != n {
				continue next
			}
		}
		out = append(out, uint32(block*blockSize)+uint32(n))
	}
	return out
}

// gallop is where the first number of at least n stands in a rising list.
func gallop(list []uint16, n uint16) int {
	if len(list) == 0 || list[0] >= n {
		return 0
	}
	step := 1
	for step < len(list) && list[step] < n {
		step *= 2
	}
	low, high := step/2+1, min(step, len(list))
	for low < high {
		mid := (low + high) / 2
		if list[mid] < n {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}
