package match

import (
	"slices"
	"time"

	"ticketmoa/modules/ticket"
)

// entry is a show made ready for comparing, with its place in the index.
type entry struct {
	Show
	start, end int32 // days; end is forever for an open run
	long       bool  // three days or more
	title      grams
	venue      grams
	edges      []edge
	round      uint64 // in which it was a candidate last
	at         string // the performance the caller keeps it in
	want       string // the performance it belongs to, as formed last
}

// edge leads to a show that may be the same.
type edge struct {
	to    *entry
	total float32
	apart apartness
	link  bool // certain: one of the two names the other
}

const forever = 1 << 30

// prepare works out what a comparison needs. Dates that are none count as unknown.
func prepare(s Show) *entry {
	e := &entry{Show: s, start: -1, end: -1}
	if first, ok := dayNumber(s.Period.Start); ok {
		e.start, e.end = first, first
		if last, ok := dayNumber(s.Period.End); ok {
			e.end = max(first, last)
		} else if s.Period.OpenRun {
			e.end = forever
		}
	}
	e.long = e.end-e.start >= 2
	e.title, e.venue = newGrams(s.Gist), newGrams(s.VenueGist)
	return e
}

// brief tells whether the run is one of some days: many a title plays on one weekend in several places.
func (e *entry) brief() bool { return e.end-e.start < 5 }

func (e *entry) dated() bool { return e.start >= 0 }

func dayNumber(d ticket.Date) (int32, bool) {
	if d == "" {
		return 0, false
	}
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil || t.Year() < 1900 || t.Year() > 2200 {
		return 0, false
	}
	return int32(t.Unix() / 86400), true
}

// grams are the pairs of neighbouring letters of a text, sorted, with a signature in which two texts without a common
// pair mostly have no common bit.
type grams struct {
	of   []uint32
	sign sign
}

// sign has a bit for every pair of letters, many pairs to a bit.
type sign [2]uint64

func (s sign) meets(o sign) bool { return s[0]&o[0]|s[1]&o[1] != 0 }

func newGrams(text string) grams {
	var g grams
	last := rune(-1)
	single := rune(-1)
	add := func(a, b rune) {
		h := uint32(a)<<16 | uint32(b)&0xffff
		g.of = append(g.of, h)
		bit := (h * 2654435761) >> 25
		g.sign[bit>>6] |= 1 << (bit & 63)
	}
	flush := func() {
		if single >= 0 {
			add(0, single)
		}
	}
	for _, r := range text {
		if r == ' ' {
			flush()
			last, single = -1, -1
			continue
		}
		if last >= 0 {
			add(last, r)
			single = -1
		} else {
			single = r
		}
		last = r
	}
	flush()
	slices.Sort(g.of)
	g.of = slices.Clip(slices.Compact(g.of))
	return g
}

// common is how many pairs two texts share.
func (g grams) common(h grams) int {
	if !g.sign.meets(h.sign) {
		return 0
	}
	n, i, j := 0, 0, 0
	for i < len(g.of) && j < len(h.of) {
		switch a, b := g.of[i], h.of[j]; {
		case a == b:
			n++
			i++
			j++
		case a < b:
			i++
		default:
			j++
		}
	}
	return n
}

// dice is the share of common pairs of both, within that of the shorter, 0 to 1; rest is how many pairs of the shorter are not
// in the other.
func (g grams) dice(h grams) (both, within float32, rest int) {
	shorter := min(len(g.of), len(h.of))
	n := g.common(h)
	if n == 0 {
		return 0, 0, shorter
	}
	return float32(2*n) / float32(len(g.of)+len(h.of)), float32(n) / float32(shorter), shorter - n
}
