package match

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"ticketmoa/modules/ticket"
)

// world makes shows of a few titles, venues and weeks, so that nearly everything could be nearly anything: tours, returns,
// twins, listings without a venue, two codes of one seller, links that cross.
func world(rnd *rand.Rand, n int) []Show {
	titles := []string{"시라노", "시라노드베르주라크", "호두까기인형", "렌트", "빨래", "빨간모자", "신데렐라"}
	venues := []struct {
		name   string
		region ticket.Region
	}{{"토월극장", "서울"}, {"토월극장서울", ""}, {"부산드림", "부산"}, {"구로회관", "서울"}, {"", ""}, {"", "부산"}}
	sources := []string{"interpark", "yes24", "melon", "ticketlink", "kopis"}
	var out []Show
	for i := range n {
		title, venue, source := titles[rnd.IntN(len(titles))], venues[rnd.IntN(len(venues))], sources[rnd.IntN(len(sources))]
		start := ticket.Date("2026-12-01").AddDays(rnd.IntN(4) + 30*rnd.IntN(2))
		s := seller(source, fmt.Sprint(i), title, venue.name, start, start.AddDays(rnd.IntN(3)*14))
		s.Region, s.Seen = venue.region, day0.Add(time.Duration(rnd.IntN(20))*time.Hour)
		if source == "kopis" {
			s.Role = Registers
			if rnd.IntN(2) == 0 && i > 0 {
				s.Links = []string{out[rnd.IntN(i)].Key}
			}
		}
		if rnd.IntN(8) == 0 {
			s.Role, s.Key = Announces, fmt.Sprintf("notice%d", i)
		}
		out = append(out, s)
	}
	return out
}

func someDecisions(rnd *rand.Rand, shows []Show, n int) []ticket.Decision {
	var out []ticket.Decision
	for i := range n {
		d := ticket.Decision{ID: fmt.Sprint("d", i), Kind: ticket.SameShow, At: day0.Add(time.Duration(rnd.IntN(5)) * time.Minute)}
		pick := func(n int) (keys []string) {
			for range n {
				if s := shows[rnd.IntN(len(shows))]; s.Role != Announces && !slices.Contains(d.Keys(), s.Key) && !slices.Contains(keys, s.Key) {
					keys = append(keys, s.Key)
				}
			}
			return keys
		}
		d.Left = pick(2 + rnd.IntN(2))
		if rnd.IntN(2) == 0 {
			d.Kind, d.Right = ticket.OtherShows, pick(2)
		}
		out = append(out, d)
	}
	return out
}

func rebuilt(shows []Show, decisions []ticket.Decision) map[string][]string {
	x := index(shows...)
	for _, d := range decisions {
		x.Decide(d)
	}
	return groups(x)
}

// TestGroupsAreAFunctionOfWhatIsThere holds an index that lived through puts, replacements, removals, decisions and undoings
// in a random order against one that was given only what is left, in another order.
func TestGroupsAreAFunctionOfWhatIsThere(t *testing.T) {
	t.Parallel()
	rounds := 400
	if testing.Short() {
		rounds = 100
	}
	for seed := range rounds {
		rnd := rand.New(rand.NewPCG(uint64(seed), 1))
		shows := world(rnd, 6+rnd.IntN(30))
		decided := someDecisions(rnd, shows, rnd.IntN(6))
		x := index()
		live := map[string]Show{}
		standing := map[string]ticket.Decision{}
		for range 3 * len(shows) {
			s := shows[rnd.IntN(len(shows))]
			switch rnd.IntN(8) {
			case 0:
				x.Remove(s.Key)
				delete(live, s.Key)
			case 1: // another page says something else
				s.Core, s.Gist = shows[rnd.IntN(len(shows))].Core, shows[rnd.IntN(len(shows))].Gist
				x.Put(s, x.At(s.Key))
				live[s.Key] = s
			case 2:
				if len(decided) > 0 {
					d := decided[rnd.IntN(len(decided))]
					if rnd.IntN(3) == 0 {
						d.UndoneAt = &d.At
						delete(standing, d.ID)
					} else {
						standing[d.ID] = d
					}
					x.Decide(d)
				}
			default:
				x.Put(s, x.At(s.Key))
				live[s.Key] = s
			}
			if rnd.IntN(3) == 0 {
				groups(x)
			}
		}
		got := groups(x)
		left := slices.Collect(maps.Values(live))
		slices.SortFunc(left, func(a, b Show) int { return int(a.Seen.UnixNano()%7) - int(b.Seen.UnixNano()%7) })
		want := rebuilt(left, slices.Collect(maps.Values(standing)))
		for _, g := range []map[string][]string{got, want} {
			delete(g, "")
		}
		if !maps.EqualFunc(got, want, func(a, b []string) bool { return slices.Equal(a, b) }) {
			t.Fatalf("seed %d:\n lived %v\n fresh %v", seed, got, want)
		}
		invariants(t, x, seed, slices.Collect(maps.Values(standing)))
	}
}

// invariants: every listing stands in one group; no two numbers of a registry together unless a person said so; nothing
// together that the latest decision about it parts.
func invariants(t *testing.T, x *Index, seed int, decided []ticket.Decision) {
	t.Helper()
	for _, a := range x.shows {
		if a.Role != Announces && a.at == "" {
			t.Fatalf("seed %d: %s stands nowhere", seed, a.Key)
		}
		for _, b := range x.shows {
			if a == b || a.at != b.at || a.Role == Announces || b.Role == Announces {
				continue
			}
			if len(decided) == 0 && a.Role == Registers && b.Role == Registers {
				t.Fatalf("seed %d: %s and %s are one show", seed, a.Key, b.Key)
			}
			if x.decisions.between(a.Key, b.Key) == ticket.OtherShows {
				t.Fatalf("seed %d: %s and %s stand together although a person parted them", seed, a.Key, b.Key)
			}
		}
	}
}
