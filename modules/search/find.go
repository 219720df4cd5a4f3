package search

import (
	"math/bits"
	"slices"

	"ticketmoa/modules/search/gram"
)

// finding is a word being looked for in the texts of a segment, the better ones first.
type finding struct {
	seg    *segment
	g      gate
	only   bitset // all there is to the gate, when it is simple
	simple bool
	enough int // documents are left out that would stand behind so many others in the order of relevance; 0 for none
	sc     *scratch
	seen   bitset   // what was found; empty in the beginning
	level  []uint8  // by document found: the best text the word stands in
	out    []uint32 // what was found, in no order
	groups []group
}

// group is documents of one level, the i-th to the j-th that were found, rising.
type group struct {
	i, j  int
	level uint8
}

// find gives the documents that pass the gate and hold the word, in sc.docs, and writes them into seen, which is empty, and
// into level the best text the word stands in. They are in groups by level, the best first, each rising. With enough,
// documents are left out that would stand behind so many others in the order of relevance.
func (s *segment) find(w word, g gate, enough int, sc *scratch, seen bitset, level []uint8, out []uint32) ([]uint32, []group) {
	x := &sc.finding
	*x = finding{seg: s, g: g, enough: enough, sc: sc, seen: seen, level: level, out: out[:0], groups: sc.groups[:0]}
	x.only, x.simple = g.one()
	x.inTitles(w)
	x.close(levelWithin[inTitle])
	for f := inPeople; f <= inPlace && !x.done(); f++ {
		x.inNames(w, f)
	}
	if !x.done() {
		for _, t := range w {
			x.candidates(t, inStory, len(s.docs))
		}
		x.close(levelWithin[inStory])
	}
	out, sc.groups = x.out, x.groups
	*x = finding{}
	return out, sc.groups
}

// close ends a group.
func (x *finding) close(level uint8) {
	i := 0
	if n := len(x.groups); n > 0 {
		i = x.groups[n-1].j
	}
	if i == len(x.out) {
		return
	}
	x.groups = append(x.groups, group{i, len(x.out), level})
	docs := x.out[i:]
	if slices.IsSorted(docs) {
		return
	}
	if len(docs)*few < len(x.seen) {
		slices.Sort(docs)
		return
	}
	set := cleared(&x.sc.other, len(x.seg.docs))
	for _, n := range docs {
		set.set(n)
	}
	set.among(docs)
}

// done tells whether what was found fills the page.
func (x *finding) done() bool { return x.enough > 0 && len(x.out) >= x.enough }

// take adds the documents of a list that are new and pass, at most so many; with t they must hold it in their titles or stories.
func (x *finding) take(list []uint32, level uint8, most int, t *gram.Term, f int) {
	seen, only := x.seen, x.only
	texts := &x.seg.titles
	if f == inStory {
		texts = &x.seg.stories
	}
	for _, n := range list {
		bit := uint64(1) << (n % 64)
		if seen[n/64]&bit != 0 || only != nil && only[n/64]&bit == 0 || !x.simple && !x.g.passes(n) {
			continue
		}
		if t != nil {
			if at, _ := t.Find(texts.of(n)); at < 0 {
				continue
			}
		}
		seen[n/64] |= bit
		x.level[n] = level
		x.out = append(x.out, n)
		if most--; most == 0 {
			return
		}
	}
}

// limit is how many documents of one level are worth finding.
func (x *finding) limit() int {
	if x.enough > 0 {
		return x.enough
	}
	return len(x.seg.docs)
}

// candidates takes what the table of a text knows.
func (x *finding) candidates(t *gram.Term, f, most int) {
	var exact bool
	x.sc.list, exact = t.Candidates(x.seg.table(f), len(x.seg.docs), &x.sc.gram, x.sc.list[:0])
	if exact {
		t = nil
	}
	x.take(x.sc.list, levelWithin[f], most, t, f)
}

func (x *finding) inTitles(w word) {
	s, sc := x.seg, x.sc
	for _, t := range w {
		most := len(s.docs)
		if x.enough > 0 {
			var known bool
			if sc.list, known = t.Beginning(s.titled, len(s.docs), &sc.gram, sc.list[:0]); known {
				most = x.enough
				held := t
				if t.BeginsExactly() {
					held = nil
				}
				x.take(sc.list, levelWithin[inTitle], most, held, inTitle) // what begins with it comes before all that is popular
				sc.list = t.Equal(s.titled, len(s.docs), &sc.gram, sc.list[:0])
				x.take(sc.list, levelWithin[inTitle], len(s.docs), t, inTitle) // and what is it before that
			}
		}
		x.candidates(t, inTitle, most)
	}
}

// inNames looks through the names of people or places: what begins a name is a level above what stands within one, since
// 예술의전당 is that of Seoul before that of Gyeongju.
func (x *finding) inNames(w word, f int) {
	names, sc := x.seg.shared[f], x.sc
	near, far := sc.near[:0], sc.far[:0]
	for _, t := range w {
		sc.list, _ = t.Candidates(names.table, names.size(), &sc.gram, sc.list[:0])
		for _, part := range sc.list {
			switch fit := t.Fits(names.parts.of(part)); {
			case fit >= gram.Begins:
				near = append(near, part)
			case fit > gram.Absent:
				far = append(far, part)
			}
		}
	}
	sc.near, sc.far = near, far
	x.named(names, near, levelWithin[f]-1)
	if f == inPlace {
		x.labelled(w, levelWithin[f]-1)
	}
	x.close(levelWithin[f] - 1)
	if !x.done() {
		x.named(names, far, levelWithin[f])
		x.close(levelWithin[f])
	}
}

// named takes the documents of some parts.
func (x *finding) named(names *shared, parts []uint32, level uint8) {
	if x.enough == 0 || len(parts) < 2 {
		for _, part := range parts {
			x.take(names.docs.of(part), level, x.limit(), nil, 0)
		}
		return
	}
	set := sized(&x.sc.more, len(x.seg.docs)) // so that the popular ones are taken
	for _, part := range parts {
		for _, n := range names.docs.of(part) {
			set.set(n)
		}
	}
	x.takeSet(set, level)
	clear(set)
}

// takeSet is take for a set.
func (x *finding) takeSet(set bitset, level uint8) {
	most := x.limit()
	for i, w := range set {
		w &^= x.seen[i]
		if x.only != nil {
			w &= x.only[i]
		}
		for ; w != 0; w &= w - 1 {
			n := uint32(i*64 + bits.TrailingZeros64(w))
			if !x.simple && !x.g.passes(n) {
				continue
			}
			x.seen.set(n)
			x.level[n] = level
			x.out = append(x.out, n)
			if most--; most == 0 {
				return
			}
		}
	}
}

// labelled takes what bears a label that holds the word.
func (x *finding) labelled(w word, level uint8) {
	if labelled := x.seg.bears(w, x.sc); labelled != nil {
		x.takeSet(labelled, level)
	}
}
