package credits

import (
	"slices"

	"ticketmoa/modules/normalize"
)

// Spellings counts the ways each key is written.
type Spellings map[string]map[string]int

// Add counts one.
func (s Spellings) Add(key, text string) {
	if s[key] == nil {
		s[key] = map[string]int{}
	}
	s[key][text]++
}

// Best is the way a key is mostly written, the first by its bytes of several.
func (s Spellings) Best(key string) string {
	best := ""
	for text, n := range s[key] {
		if m := s[key][best]; n > m || n == m && text < best {
			best = text
		}
	}
	return best
}

// all lists the best spelling of every key, in order.
func (s Spellings) all() []string {
	var out []string
	for key := range s {
		out = append(out, s.Best(key))
	}
	slices.Sort(out)
	return out
}

// groups is all, names of one group that the table knows once.
func (s Spellings) groups() []string {
	var out []string
	seen := map[int]bool{}
	for _, text := range s.all() {
		if n, listed := normalize.KnownGroup(normalize.NameKey(text)); !listed || !seen[n] {
			seen[n] = listed
			out = append(out, text)
		}
	}
	return out
}
