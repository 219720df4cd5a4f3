package gram

import "slices"

// Table knows in which texts, numbered from 0, every key stands. Numbers are kept in blocks of 65,536 texts, two bytes
// each: they are most of the memory there is.
type Table struct {
	keys   []key    // rising
	tops   []key    // every topStep-th of keys: few enough to be near at hand
	blocks int      // at least 1
	from   []uint32 // where the texts of each key and block begin in texts; one more than keys times blocks
	texts  []uint16 // the number within the block, rising within a key and block

	common map[key]uint32 // pairs of syllables that stand in very many texts, numbered
	three  *Table         // where one such pair overlaps the next; its keys are threeKey's
	second []uint32       // of prose: the places of pairs among keys, by their second syllables
}

// Pairs of syllables that stand in more than one of so many texts are common, as long as no more than mostCommon are. Three
// syllables of common pairs are looked up as such: to read every text that holds both pairs would take long.
const (
	commonShare = 64
	commonLeast = 64
	mostCommon  = 1 << 14
)

func threeKey(a, b uint32) key { return a<<16 | b }

// Builder makes a Table of texts given in the order of their numbers.
type Builder struct {
	initials bool
	slots    []slot // open addressing; a power of two
	terms    []term
	stream   []uint32 // the terms of every text in the order in which they stand there, one behind the other
	ends     []uint32 // where each text ends in stream
}

type slot struct {
	key  key
	term uint32 // 0 is free, else one more than the place in terms
}

type term struct {
	key  key
	last uint32 // one more than the last text it stands in
	n    uint32
}

// rowEnd stands in stream where a row of syllables ends without a key.
const rowEnd = ^uint32(0)

// NewBuilder makes a builder for so many texts of so many bytes together. With initials, texts are found by their initial
// consonants and by what their parts begin with too; without, they are prose.
func NewBuilder(initials bool, texts, size int) *Builder {
	keys := size / 3 // a pair for each syllable
	if initials {
		keys *= 2
	}
	return &Builder{initials: initials, slots: make([]slot, 1<<12), stream: make([]uint32, 0, keys+64), ends: make([]uint32, 0, texts)}
}

// Add adds the next text, folded.
func (b *Builder) Add(text string) {
	b.scan(text)
	b.ends = append(b.ends, uint32(len(b.stream)))
}

// put adds a key to the text under way.
func (b *Builder) put(k key) {
	number := uint32(len(b.ends)) + 1
	n := b.term(k)
	if t := &b.terms[n]; t.last != number {
		t.last = number
		t.n++
	}
	b.stream = append(room(b.stream), n)
}

// room gives a slice room for one more, and doubles it where append would add a quarter at a time: that would leave behind
// four times what is kept.
func room[T any](all []T) []T {
	if len(all) < cap(all) {
		return all
	}
	return slices.Grow(all, max(len(all), 1024))
}

func (b *Builder) term(k key) uint32 {
	mask := uint32(len(b.slots) - 1)
	for i := spread(k) & mask; ; i = (i + 1) & mask {
		s := b.slots[i]
		if s.term != 0 && s.key == k {
			return s.term - 1
		}
		if s.term == 0 {
			return b.newTerm(k, i)
		}
	}
}

func (b *Builder) newTerm(k key, at uint32) uint32 {
	b.terms = append(room(b.terms), term{key: k})
	n := uint32(len(b.terms))
	b.slots[at] = slot{k, n}
	if 2*len(b.terms) > len(b.slots) {
		b.grow()
	}
	return n - 1
}

func spread(k key) uint32 {
	h := uint64(k) * 0x9E3779B97F4A7C15
	return uint32(h >> 32)
}

func (b *Builder) grow() {
	b.slots = make([]slot, 4*len(b.slots))
	mask := uint32(len(b.slots) - 1)
	for n, t := range b.terms {
		i := spread(t.key) & mask
		for b.slots[i].term != 0 {
			i = (i + 1) & mask
		}
		b.slots[i] = slot{t.key, uint32(n) + 1}
	}
}

// Table is what was added. The builder must not be used afterwards.
func (b *Builder) Table() *Table {
	t := b.table()
	if !b.initials {
		t.second = t.bySecond()
	}
	t.common = b.common()
	if len(t.common) > 0 {
		t.three = b.three(t.common).table()
	}
	*b = Builder{}
	return t
}

func (b *Builder) table() *Table {
	order := make([]uint64, len(b.terms)) // key and term
	size := 0
	for i, t := range b.terms {
		order[i] = uint64(t.key)<<32 | uint64(i)
		size += int(t.n)
	}
	slices.Sort(order)
	blocks := max(1, (len(b.ends)+blockSize-1)/blockSize)
	t := &Table{keys: make([]key, len(order)), blocks: blocks, from: make([]uint32, len(order)*blocks+1), texts: make([]uint16, size)}
	next := make([]uint32, len(order)) // by term: where its next text goes
	rank := make([]uint32, len(order)) // by term: its place among the keys
	at := uint32(0)
	for i, o := range order {
		n := uint32(o)
		t.keys[i], t.from[i*blocks], next[n], rank[n] = b.terms[n].key, at, at, uint32(i)
		at += b.terms[n].n
		b.terms[n].last = 0
	}
	t.from[len(order)*blocks] = at
	for i := 0; i < len(t.keys); i += topStep {
		t.tops = append(t.tops, t.keys[i])
	}
	start := uint32(0)
	for text, end := range b.ends {
		if text > 0 && text%blockSize == 0 {
			for n, r := range rank {
				t.from[int(r)*blocks+text/blockSize] = next[n]
			}
		}
		for _, n := range b.stream[start:end] {
			if n != rowEnd && b.terms[n].last != uint32(text)+1 {
				b.terms[n].last = uint32(text) + 1
				t.texts[next[n]] = uint16(text % blockSize)
				next[n]++
			}
		}
		start = end
	}
	return t
}

const blockSize = 1 << 16

// common numbers the common pairs.
func (b *Builder) common() map[key]uint32 {
	limit := uint32(max(len(b.ends)/commonShare, commonLeast))
	out := map[key]uint32{}
	for _, t := range b.terms {
		if t.n > limit && t.key < latinBase && t.key%pairWidth != nothing && len(out) < mostCommon {
			out[t.key] = uint32(len(out))
		}
	}
	return out
}

// three is a builder of the places where one common pair overlaps the next.
func (b *Builder) three(common map[key]uint32) *Builder {
	numbers := make([]uint32, len(b.terms)) // by term: one more than the number of a common pair
	for n, t := range b.terms {
		if c, ok := common[t.key]; ok {
			numbers[n] = c + 1
		}
	}
	out := NewBuilder(false, len(b.ends), 0)
	start := uint32(0)
	for _, end := range b.ends {
		prev := uint32(0)
		for _, n := range b.stream[start:end] {
			if n == rowEnd {
				prev = 0
				continue
			}
			if b.terms[n].key >= latinBase {
				continue // between two pairs of one row stand other keys
			}
			this := numbers[n]
			if prev > 0 && this > 0 {
				out.put(threeKey(prev-1, this-1))
			}
			prev = this
		}
		out.ends = append(out.ends, uint32(len(out.stream)))
		start = end
	}
	return out
}

// Bytes is about how much memory the table takes.
func (t *Table) Bytes() int {
	n := 4*(len(t.keys)+len(t.tops)+len(t.second)+len(t.from)) + 2*len(t.texts)
	if t.three != nil {
		n += t.three.Bytes() + 16*len(t.common)
	}
	return n
}
