package popular

import (
	"slices"

	"ticketmoa/modules/ticket"
)

// code is a cell in 14 bits: age band, gender, genre and region, each as its place in the list of ticket plus 1; 0 is
// unknown.
type code uint16

const (
	regionBits, genreBits, genderBits, ageBits = 5, 4, 2, 3

	genreShift  = regionBits
	genderShift = genreShift + genreBits
	ageShift    = genderShift + genderBits
	codeBits    = ageShift + ageBits
)

func (c code) age() int    { return int(c >> ageShift) }
func (c code) gender() int { return int(c>>genderShift) & (1<<genderBits - 1) }
func (c code) genre() int  { return int(c>>genreShift) & (1<<genreBits - 1) }
func (c code) region() int { return int(c) & (1<<regionBits - 1) }

func makeCode(age, gender, genre, region int) code {
	return code(age<<ageShift | gender<<genderShift | genre<<genreShift | region)
}

// words are the lists codes point into.
type words struct {
	ages    []ticket.AgeBand
	genders []ticket.Gender
	genres  []ticket.Genre
	regions []ticket.Region
	sellers []ticket.Seller
}

func newWords() words {
	return words{ticket.AgeBands(), []ticket.Gender{ticket.Female, ticket.Male}, ticket.Genres(), ticket.Regions(), ticket.Sellers()}
}

func place[T ~string](list []T, s string) int { return slices.Index(list, T(s)) + 1 }

func word[T ~string](list []T, n int) T {
	if n == 0 || n > len(list) {
		return ""
	}
	return list[n-1]
}

// code is the cell's code; what stands in no list is unknown.
func (w *words) code(c Cell) code {
	return makeCode(place(w.ages, string(c.Age)), place(w.genders, string(c.Gender)), place(w.genres, string(c.Genre)), place(w.regions, string(c.Region)))
}

func (w *words) cell(c code, n int) Cell {
	return Cell{Age: word(w.ages, c.age()), Gender: word(w.genders, c.gender()), Genre: word(w.genres, c.genre()), Region: word(w.regions, c.region()), N: n}
}

// anything is a dimension of a filter that everything matches.
const anything = ^uint32(0)

// filter says which values of each dimension match: bit n for value n.
type filter struct{ age, gender, genre, region uint32 }

func (f filter) match(c code) bool {
	return (f.age>>c.age())&(f.gender>>c.gender())&(f.genre>>c.genre())&(f.region>>c.region())&1 == 1
}
