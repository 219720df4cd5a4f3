package popular

import (
	"cmp"
	"maps"
	"slices"

	"ticketmoa/modules/ticket"
)

// group is a sum over cells of one genre and region; "" for age or gender is all of them.
type group struct {
	genre  ticket.Genre
	region ticket.Region
	age    ticket.AgeBand
	gender ticket.Gender
	n      int
}

// groups sums cells by every known age band and gender, and over all of them.
func groups(cells []Cell) []group {
	sums := map[group]int{}
	for _, c := range cells {
		for _, age := range slices.Compact([]ticket.AgeBand{"", c.Age}) {
			for _, gender := range slices.Compact([]ticket.Gender{"", c.Gender}) {
				sums[group{genre: c.Genre, region: c.Region, age: age, gender: gender}] += c.N
			}
		}
	}
	out := slices.Collect(maps.Keys(sums))
	for i := range out {
		out[i].n = sums[out[i]]
	}
	slices.SortFunc(out, func(a, b group) int {
		return cmp.Or(cmp.Compare(a.genre, b.genre), cmp.Compare(a.region, b.region), cmp.Compare(a.age, b.age), cmp.Compare(a.gender, b.gender))
	})
	return out
}
