package search

import "slices"

// days are sets that tell for most documents at once whether they run on some days.
type days struct{ first, last cuts }

// cuts are the documents by a day of theirs: sets[i] is those of which it is before days[i]. Between two cuts lie about as
// many documents each, whose days have to be looked at.
type cuts struct {
	days []int // rising, from one that is before all to one behind all
	sets []bitset
}

// steps is about how many cuts there are. A set takes a bit for each document.
const steps = 32

func (s *segment) findDays() *days {
	return &days{newCuts(len(s.runs), func(n int) uint16 { return s.runs[n].first }), newCuts(len(s.runs), func(n int) uint16 { return s.runs[n].last })}
}

func newCuts(n int, day func(n int) uint16) cuts {
	sorted := make([]uint16, n)
	for i := range sorted {
		sorted[i] = day(i)
	}
	slices.Sort(sorted)
	c := cuts{days: []int{0}}
	for i := 1; i < steps; i++ {
		if cut := int(sorted[i*n/steps]); cut > c.days[len(c.days)-1] {
			c.days = append(c.days, cut)
		}
	}
	c.days = append(c.days, 1<<16)
	for range c.days {
		c.sets = append(c.sets, newBitset(n))
	}
	for i := range n {
		from, _ := slices.BinarySearch(c.days, int(day(i))+1)
		for _, set := range c.sets[from:] {
			set.set(uint32(i))
		}
	}
	return c
}

// before are the sets of documents whose day surely is before a day, and of those whose day may be.
func (c *cuts) before(day uint16) (surely, maybe bitset) {
	i, found := slices.BinarySearch(c.days, int(day))
	if found {
		return c.sets[i], c.sets[i]
	}
	return c.sets[i-1], c.sets[i]
}
