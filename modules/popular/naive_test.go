package popular

import (
	"cmp"
	"slices"
	"sort"

	"ticketmoa/modules/ticket"
)

// This file counts once more, with nothing of the package but its answer's type: slowly, and as the rules read.

// ballot is one vote.
type ballot struct {
	show, person string
	e            ticket.Event
}

// ballots are the votes of a day: for each person and show the first view.
func ballots(all []ticket.Event, day ticket.Date) []ballot {
	type who struct{ person, show string }
	first := map[who]ticket.Event{}
	for _, e := range all { // in the order of the queue
		if e.Kind != "view" || e.Bot || e.Prefetch || ticket.DateOf(e.ReceivedAt) != day {
			continue
		}
		k := who{e.Person, e.PerformanceID}
		if before, voted := first[k]; !voted || e.ReceivedAt.Before(before.ReceivedAt) {
			first[k] = e
		}
	}
	var out []ballot
	for k, e := range first {
		out = append(out, ballot{k.show, k.person, e})
	}
	return out
}

// of are the votes of one age band and gender; "" is all of them.
func of(votes []ballot, age, gender string) (out []ballot) {
	for _, v := range votes {
		if (age == "" || string(v.e.AgeBand) == age) && (gender == "" || string(v.e.Gender) == gender) {
			out = append(out, v)
		}
	}
	return out
}

// recount is the ranking of some votes under a filter; regions nil is everywhere.
func recount(votes []ballot, age, gender, genre string, regions []ticket.Region) (rows []Ranked, sample int) {
	votes = of(votes, age, gender)
	return tally(votes, age != "" || gender != "", genre, regions), crowdOf(votes, age != "" || gender != "")
}

// crowdOf counts people; fewer than five of a group are not told of.
func crowdOf(votes []ballot, group bool) int {
	people := map[string]bool{}
	for _, v := range votes {
		people[v.person] = true
	}
	if len(people) < 5 && group {
		return 0
	}
	return len(people)
}

// tally ranks the votes of a genre and of regions.
func tally(votes []ballot, group bool, genre string, regions []ticket.Region) (rows []Ranked) {
	views := map[string]int{}
	for _, v := range votes {
		if (genre == "" || string(v.e.Genre) == genre) && (regions == nil || slices.Contains(regions, v.e.Region)) {
			views[v.show]++
		}
	}
	for show, n := range views {
		if !group || n >= 5 {
			rows = append(rows, Ranked{PerformanceID: show, Views: n})
		}
	}
	sort.Slice(rows, func(i, j int) bool {
		if rows[i].Views != rows[j].Views {
			return rows[i].Views > rows[j].Views
		}
		return rows[i].PerformanceID < rows[j].PerformanceID
	})
	for i := range rows {
		rows[i].Rank = i + 1
	}
	return rows
}

// leaving are the clicks of a day: how many people left which show for which seller.
func leaving(all []ticket.Event, day ticket.Date) map[string][]Click {
	type step struct{ person, show, seller string }
	seen := map[step]bool{}
	sums := map[string]map[ticket.Seller]int{}
	for _, e := range all {
		s := step{e.Person, e.PerformanceID, string(e.Seller)}
		if e.Kind != "offer_click" || e.Bot || e.Prefetch || ticket.DateOf(e.ReceivedAt) != day || seen[s] {
			continue
		}
		seen[s] = true
		if sums[e.PerformanceID] == nil {
			sums[e.PerformanceID] = map[ticket.Seller]int{}
		}
		sums[e.PerformanceID][e.Seller]++
	}
	out := map[string][]Click{}
	for show, sellers := range sums {
		for seller, n := range sellers {
			out[show] = append(out[show], Click{seller, n})
		}
		slices.SortFunc(out[show], func(a, b Click) int { return cmp.Compare(a.Seller, b.Seller) })
	}
	return out
}
