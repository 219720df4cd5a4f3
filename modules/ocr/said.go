package ocr

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"ticketmoa/modules/ocr/facts"
	"ticketmoa/modules/sellers"
)

// said gathers what the pictures of one page say.
type said struct {
	facts  []found
	doubts []found
	at     map[string]int  // by field and part: its place in facts
	clash  map[string]bool // two pictures say different things
}

// found is a fact and the picture it stands in.
type found struct {
	pic  Read
	fact facts.Fact
	why  string // of a doubt
}

func newSaid() *said { return &said{at: map[string]int{}, clash: map[string]bool{}} }

func placeOf(f facts.Fact) string { return fieldNames[f.Field] + " " + part(f) }

// add takes a fact that counts, unless another picture says something else.
func (s *said) add(pic Read, f facts.Fact) {
	key := placeOf(f)
	if i, ok := s.at[key]; ok {
		s.clash[key] = s.clash[key] || s.facts[i].fact.Value != f.Value
		return
	}
	s.at[key] = len(s.facts)
	s.facts = append(s.facts, found{pic: pic, fact: f})
}

func (s *said) doubt(pic Read, f facts.Fact, why string) {
	s.doubts = append(s.doubts, found{pic, f, why})
}

// settle writes what counts into show and gives the rest as doubts. Prices do not count where a lower one is in doubt: what the
// cheapest seat costs would be wrong.
func (s *said) settle(code string, show *sellers.RawShow) []sellers.Doubt {
	var out []sellers.Doubt
	told := map[string]bool{}
	lowest, clash := math.MaxInt, false
	for _, f := range s.facts {
		if f.fact.Field == facts.Price {
			lowest = min(lowest, won(f.fact))
			clash = clash || s.clash[placeOf(f.fact)]
		}
	}
	hole := false
	for _, d := range s.doubts {
		key := placeOf(d.fact) + " " + d.fact.Value
		if _, counts := s.at[placeOf(d.fact)]; !counts && !told[key] {
			told[key] = true
			hole = hole || d.fact.Field == facts.Price && won(d.fact) < lowest
			out = append(out, doubtOf(code, d))
		}
	}
	for _, f := range s.facts {
		price := f.fact.Field == facts.Price
		switch {
		case s.clash[placeOf(f.fact)] || price && clash:
			f.why = errTwoPictures
			out = append(out, doubtOf(code, f))
		case price && hole:
			f.why = errHole
			out = append(out, doubtOf(code, f))
		default:
			put(show, f.fact)
		}
	}
	return slices.Clip(out)
}

func won(f facts.Fact) int {
	n, err := strconv.Atoi(f.Value)
	if err != nil {
		return 0
	}
	return n
}

func doubtOf(code string, f found) sellers.Doubt {
	return sellers.Doubt{Code: code, Field: fieldNames[f.fact.Field], Part: part(f.fact), Text: cmp.Or(f.fact.Text, f.fact.Value), Value: f.fact.Value, Reason: f.why,
		Picture: f.pic.SHA256, Box: box(f.fact.Rect)}
}
