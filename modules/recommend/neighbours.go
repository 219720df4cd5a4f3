package recommend

import (
	"cmp"
	"slices"
	"strings"

	"ticketmoa/modules/ticket"
)

// Neighbour is a show like another.
type Neighbour struct {
	ID      string   `bson:"id"`
	Score   float64  `bson:"score"` // cosine, 0 to 1, rounded to four places
	Reasons []string `bson:"reasons,omitempty"`
}

// window is how many days after a show's first day a similar one may start.
const window = 90

// most is how many neighbours are kept of one show.
const most = 20

// show is what neighbours are found by.
type show struct {
	id     string
	core   string // of the title; two of one core are the same show elsewhere, not a similar one
	region ticket.Region
	genre  ticket.Genre
	start  ticket.Date
	ended  bool
	cast   []string
	terms  []string
}

// neighbours finds for every show the ones most like it that are in the same region and start within window days of it,
// best first. A show whose region or first day is unknown has none and is nobody's; an ended one is nobody's. Each show
// has its own entry in the answer, whatever the others lack.
func neighbours(shows []show) map[string][]Neighbour {
	docs := make([][]string, len(shows))
	for i, s := range shows {
		docs[i] = s.terms
	}
	c := newCorpus(docs)
	out := make(map[string][]Neighbour, len(shows))
	scores := make([]float32, len(shows))
	for i, s := range shows {
		out[s.id] = nil
		if s.region == "" || s.start == "" {
			continue
		}
		clear(scores)
		c.scores(i, scores)
		var found []Neighbour
		for j, other := range shows {
			if score := rounded(scores[j]); score > 0 && suits(s, other) {
				found = append(found, Neighbour{ID: other.id, Score: score, Reasons: reasons(s, other)})
			}
		}
		slices.SortFunc(found, func(a, b Neighbour) int {
			return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.ID, b.ID))
		})
		out[s.id] = slices.Clip(found[:min(len(found), most)])
	}
	return out
}

func suits(s, other show) bool {
	if other.id == s.id || other.ended || other.region != s.region || other.start == "" || (s.core != "" && s.core == other.core) {
		return false
	}
	days := s.start.DaysUntil(other.start)
	return days >= 0 && days <= window
}

func rounded(f float32) float64 { return float64(int(f*10000+0.5)) / 10000 }

func reasons(s, other show) []string {
	var out []string
	for _, name := range s.cast {
		if slices.Contains(other.cast, name) && len(out) < 2 {
			out = append(out, "출연 "+name)
		}
	}
	if s.genre != "" && s.genre == other.genre {
		out = append(out, "같은 장르")
	}
	return append(out, string(s.region))
}
