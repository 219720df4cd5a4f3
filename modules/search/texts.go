package search

import (
	"slices"
	"strings"

	"ticketmoa/modules/search/gram"
)

// texts are folded texts, one behind the other: neighbours in the order of popularity are read one after the other.
type texts struct {
	all   string
	start []uint32 // one more than texts
}

func (t *texts) of(n uint32) string { return t.all[t.start[n]:t.start[n+1]] }

func newTexts(n int, of func(i int) string) texts {
	size := 0
	for i := range n {
		size += len(of(i))
	}
	t := texts{start: make([]uint32, n+1)}
	var all strings.Builder
	all.Grow(size)
	for i := range n {
		all.WriteString(of(i))
		t.start[i+1] = uint32(all.Len())
	}
	t.all = all.String()
	return t
}

// table is what the texts are looked up in.
func (t *texts) table(initials bool) *gram.Table {
	b := gram.NewBuilder(initials, len(t.start)-1, len(t.all))
	for i := range len(t.start) - 1 {
		b.Add(t.of(uint32(i)))
	}
	return b.Table()
}

// shared are texts whose parts many documents have in common, as the names of people and places: each part is kept, looked
// up and read once. No word stretches over two parts, so nothing is lost.
type shared struct {
	table *gram.Table
	parts texts
	docs  lists // by part: its documents, rising
	on    lists // by document: its parts, in their order
}

func newShared(entries []entry, f int) *shared {
	s := &shared{on: lists{start: make([]uint32, len(entries)+1)}}
	numbers := map[string]uint32{}
	var parts []string
	for i := range entries {
		for part := range strings.SplitSeq(entries[i].texts[f], string(rune(gram.Part))) {
			if part == "" {
				continue
			}
			n, ok := numbers[part]
			if !ok {
				n = uint32(len(parts))
				numbers[part] = n
				parts = append(parts, part)
			}
			s.on.all = append(s.on.all, n)
		}
		s.on.start[i+1] = uint32(len(s.on.all))
	}
	s.on.all = slices.Clip(slices.Clone(s.on.all))
	s.parts = newTexts(len(parts), func(i int) string { return parts[i] })
	s.table = s.parts.table(true)
	s.docs = s.on.turned(len(parts))
	return s
}

func (s *shared) size() int { return len(s.parts.start) - 1 }

// of is the text of document n.
func (s *shared) of(n uint32) string {
	var out strings.Builder
	for i, part := range s.on.of(n) {
		if i > 0 {
			out.WriteByte(gram.Part)
		}
		out.WriteString(s.parts.of(part))
	}
	return out.String()
}

// fits is how well a term fits the text of document n.
func (s *shared) fits(t *gram.Term, n uint32) gram.Fit {
	best := gram.Absent
	for _, part := range s.on.of(n) {
		best = max(best, t.Fits(s.parts.of(part)))
	}
	return best
}

// most is about in how many documents a term stands at most.
func (s *shared) most(t *gram.Term) int {
	if s.size() == 0 {
		return 0
	}
	return t.Most(s.table) * len(s.docs.all) / s.size()
}
