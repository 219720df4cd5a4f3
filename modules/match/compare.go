package match

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"ticketmoa/modules/ticket"
)

// prior is what a pair must make up for: most pairs are two shows.
const prior = -9

// apartness is what keeps two shows apart whatever their score.
type apartness uint8

const (
	notApart apartness = iota
	unknownTitle
	unknownRun
	otherSeason
	otherRegion
	otherTown
	otherKind
	otherMatch
	oneRegistry
	oneSeller
)

var apartWords = [...]string{"", "a title is unknown", "a run is unknown", "no day in common: another season", "another province: a tour", "another town: a tour", "another kind of show",
	"another match", "two numbers of one registry", "two codes of one seller that do not name the same show at the same place"}

// weights are the parts of a score.
type weights struct {
	title, period, venue, region, cast, genre, prices float32
}

func (w *weights) total() float32 {
	return w.title + w.period + w.venue + w.region + w.cast + w.genre + w.prices + prior
}

// weigh compares two shows. What is cheap and decides goes first; parts after it are then 0.
func weigh(a, b *entry) (w weights, apart apartness) {
	switch {
	case a.Core == "" || b.Core == "":
		return w, unknownTitle
	case !a.dated() || !b.dated():
		return w, unknownRun
	}
	var touch bool
	if w.period, touch = periodWeight(a, b); !touch {
		return w, otherSeason
	}
	if a.Source == b.Source && a.Role == Registers && b.Role == Registers {
		return w, oneRegistry
	}
	if a.Fixture != "" || b.Fixture != "" {
		if a.Fixture != b.Fixture {
			return w, otherMatch
		}
	} else if (a.Genre == ticket.Sports) != (b.Genre == ticket.Sports) && a.Genre != "" && b.Genre != "" {
		return w, otherKind
	}
	w.title = titleWeight(a, b)
	w.venue = venueWeight(a, b)
	if w.region = regionWeight(a, b); w.venue < 4 && a.Region != "" && b.Region != "" && a.Region != b.Region {
		return w, otherRegion
	}
	if w.venue < 2 && a.Region == b.Region && a.Town != "" && b.Town != "" && a.Town != b.Town {
		return w, otherTown
	}
	if a.Source == b.Source && a.Role == Sells && b.Role == Sells && (a.Core != b.Core || w.venue < 3.5 || numbersDiffer(a, b) || a.start > b.end || b.start > a.end) {
		return w, oneSeller
	}
	w.cast = castWeight(a.Cast, b.Cast)
	w.genre = genreWeight(a.Genre, b.Genre)
	w.prices = pricesWeight(a.Wons, b.Wons)
	return w, notApart
}

// slip is how many days a seller's dates may be off by a time zone.
const slip = 1

// periodWeight compares runs. touch is false when they have no day in common, a slip of a day at both ends aside.
func periodWeight(a, b *entry) (weight float32, touch bool) {
	first, last := max(a.start, b.start), min(a.end, b.end)
	starts, ends := abs(a.start-b.start), abs(a.end-b.end)
	switch {
	case starts <= slip && ends <= slip && first > last:
		return 1.5, true // one day beside the other
	case first > last:
		return 0, false
	case starts == 0 && ends == 0 && a.long:
		return 5, true
	case starts == 0 && ends == 0:
		return 4, true
	case starts <= slip && ends <= slip:
		return 3.5, true
	case starts <= slip || ends <= slip:
		return 2.5, true
	case a.end == forever || b.end == forever:
		return 1, true
	}
	share := float32(last-first+1) / float32(max(a.end, b.end)-min(a.start, b.start)+1)
	return 2*share - 0.5, true
}

func abs(n int32) int32 {
	if n < 0 {
		return -n
	}
	return n
}

// titleWeight compares titles: whole, as the shorter forms sellers use, one within the other, and by common letters.
func titleWeight(a, b *entry) float32 {
	w := likeness(a, b)
	if numbersDiffer(a, b) {
		w -= 8
	}
	return w
}

func likeness(a, b *entry) float32 {
	if a.Core == b.Core {
		return bySize(a.Core, 6, 7.5, 9)
	}
	best := float32(-6)
	if slices.Contains(a.Forms, b.Core) {
		best = bySize(b.Core, 2.5, 4.5, 6.5)
	}
	if slices.Contains(b.Forms, a.Core) {
		best = max(best, bySize(a.Core, 2.5, 4.5, 6.5))
	}
	if best > 0 {
		return best
	}
	both, within, rest := a.title.dice(b.title)
	if both == 0 {
		return best
	}
	if long, short := longer(a.Core, b.Core); strings.Contains(long, short) {
		best = max(best, bySize(short, 0, 2.5, 5))
	}
	parts := false
	for _, f := range a.Forms {
		if utf8.RuneCountInString(f) < 3 || !slices.Contains(b.Forms, f) {
			continue
		}
		if partsOfOne(a, b, f) {
			parts = true
		} else {
			best = max(best, 4)
		}
	}
	// what counts is how much of the shorter title the longer one holds: titles that share a few words are two
	w := min(7, -7+9*within*within+4*both)
	if rest >= 2 { // a word stands in another's place
		w -= 1.5
	}
	if parts && best <= 4 {
		return min(w, -4)
	}
	return max(best, w)
}

// partsOfOne tells whether two titles that begin, or end, with a form name beside it two things that have nothing in common: the
// plays of a festival, the concerts of a series.
func partsOfOne(a, b *entry, form string) bool {
	begin := strings.HasPrefix(a.Core, form) && strings.HasPrefix(b.Core, form)
	if end := strings.HasSuffix(a.Core, form) && strings.HasSuffix(b.Core, form); !begin && !end {
		return false
	}
	p, q := newGrams(beside(a.Gist, form)), newGrams(beside(b.Gist, form))
	if len(p.of) == 0 || len(q.of) == 0 {
		return false
	}
	_, within, _ := p.dice(q)
	return within <= 0.34
}

// beside is what a gist says in Hangul beside a form of its title; "" for a single letter.
func beside(gist, form string) string {
	var out []string
	for _, word := range strings.Fields(gist) {
		if strings.Contains(form, word) {
			continue
		}
		word = strings.Map(func(r rune) rune {
			if r >= '가' && r <= '힣' {
				return r
			}
			return -1
		}, strings.ReplaceAll(word, form, ""))
		if utf8.RuneCountInString(word) >= 2 {
			out = append(out, word)
		}
	}
	return strings.Join(out, " ")
}

// bySize picks a weight by how many letters agree: a title of one letter is easily another's.
func bySize(s string, one, few, many float32) float32 {
	switch n := utf8.RuneCountInString(s); {
	case n <= 1:
		return one
	case n <= 3:
		return few
	}
	return many
}

func longer(a, b string) (long, short string) {
	if len(a) < len(b) {
		return b, a
	}
	return a, b
}

// numbersDiffer tells whether each title names a number that the other does not: the second day of the twelfth festival is not
// its first.
func numbersDiffer(a, b *entry) bool {
	return !within(a.Numbers, b.Numbers) && !within(b.Numbers, a.Numbers)
}

func within(a, b []string) bool {
	for _, s := range a {
		if !slices.Contains(b, s) {
			return false
		}
	}
	return true
}

func sharesAny(a, b []string) bool {
	for _, s := range a {
		if slices.Contains(b, s) {
			return true
		}
	}
	return false
}

// venueWeight compares places: the same name, one name within the other, another hall of the same house, another house.
func venueWeight(a, b *entry) float32 {
	if a.Venue == "" || b.Venue == "" {
		return -1.5
	}
	if a.Venue == b.Venue {
		return 5
	}
	_, within, _ := a.venue.dice(b.venue)
	if len(a.venue.of) <= 1 || len(b.venue.of) <= 1 { // a single pair of letters is too little to stand for a name
		within *= 0.9
	}
	if long, short := longer(a.VenueMain, b.VenueMain); within < 0.8 && utf8.RuneCountInString(short) >= 4 && strings.Contains(long, short) {
		within = 0.8
	}
	w := -6 + 10.5*within
	if w < -3 && a.brief() && b.brief() { // two casts of one title play a weekend in two halls of one city
		w -= 2.5
	}
	if w > 0 && len(a.Halls) > 0 && len(b.Halls) > 0 && !sharesAny(a.Halls, b.Halls) {
		w = min(w, 4.5) - 3
	}
	return w
}

// regionWeight compares provinces, and the cities that titles end with: there they matter most where no venue is named.
func regionWeight(a, b *entry) float32 {
	blind := a.Venue == "" || b.Venue == ""
	switch {
	case a.City != "" && b.City != "" && a.City != b.City:
		return -3
	case a.City != "" && a.City == b.City && blind:
		return 2.5
	case a.Region == "" || a.Region != b.Region:
		return 0
	case blind:
		return 1.5
	}
	return 0.5
}

func castWeight(a, b []string) float32 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	n := 0
	for _, name := range a {
		if slices.Contains(b, name) {
			n++
		}
	}
	switch {
	case n >= 2:
		return 3
	case n == 1:
		return 2
	case len(a) >= 2 && len(b) >= 2:
		return -1.5
	}
	return 0
}

func genreWeight(a, b ticket.Genre) float32 {
	switch {
	case a == "" || b == "" || a == ticket.OtherGenre || b == ticket.OtherGenre:
		return 0
	case a == b:
		return 0.5
	}
	return -1
}

func pricesWeight(a, b []ticket.Won) float32 {
	switch {
	case len(a) == 0 || len(b) == 0:
		return 0
	case slices.Equal(a, b):
		return 1.5
	}
	for _, won := range a {
		if slices.Contains(b, won) {
			return 0.5
		}
	}
	return -0.5
}

// explain is weigh with words.
func explain(a, b *entry) Score {
	w, apart := weigh(a, b)
	s := Score{Total: float64(w.total()), Apart: apartWords[apart]}
	s.Parts = []Part{
		{PartTitle, float64(w.title), fmt.Sprintf("%q, %q", a.Core, b.Core)},
		{PartPeriod, float64(w.period), fmt.Sprintf("%s, %s", days(a.Period), days(b.Period))},
		{PartVenue, float64(w.venue), fmt.Sprintf("%q, %q", a.Venue, b.Venue)},
		{PartRegion, float64(w.region), fmt.Sprintf("%q, %q", a.Region, b.Region)},
		{PartCast, float64(w.cast), fmt.Sprintf("%s, %s", few(a.Cast), few(b.Cast))},
		{PartGenre, float64(w.genre), fmt.Sprintf("%q, %q", a.Genre, b.Genre)},
		{PartPrices, float64(w.prices), fmt.Sprintf("%v, %v", a.Wons, b.Wons)},
		{PartPrior, prior, ""},
	}
	return s
}

func days(p ticket.Period) string {
	if p.OpenRun && p.End == "" {
		return string(p.Start) + "~"
	}
	return string(p.Start) + "~" + string(p.End)
}

func few(names []string) string {
	if len(names) > 4 {
		return strings.Join(names[:4], " ") + fmt.Sprintf(" +%d", len(names)-4)
	}
	return strings.Join(names, " ")
}
