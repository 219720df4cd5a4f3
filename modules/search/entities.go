package search

import (
	"fmt"
	"time"

	"ticketmoa/modules/ticket"
)

// ByRun lists what has not ended first, the next to begin before others, then what has, the last to end first.
const ByRun Sort = "run"

// entities are the performances of each artist and venue. They are found out when somebody first asks a snapshot: most
// snapshots are replaced before anybody does.
type entities struct {
	artists, venues map[string][]*doc
}

func (s *snapshot) entities() *entities {
	s.once.Do(func() {
		e := &entities{artists: map[string][]*doc{}, venues: map[string][]*doc{}}
		for _, d := range s.sorted {
			if id := d.p.VenueID; id != "" {
				e.venues[id] = append(e.venues[id], d)
			}
			for i, m := range d.p.Cast {
				if m.ArtistID != "" && !castBefore(d.p.Cast[:i], m.ArtistID) {
					e.artists[m.ArtistID] = append(e.artists[m.ArtistID], d)
				}
			}
		}
		s.found = e
	})
	return s.found
}

func castBefore(cast []ticket.CastMember, id string) bool {
	for _, m := range cast {
		if m.ArtistID == id {
			return true
		}
	}
	return false
}

// among are the performances a query chooses from.
func (q Query) among(s *snapshot) []*doc {
	switch {
	case q.Artist != "":
		return s.entities().artists[q.Artist]
	case q.Venue != "":
		return s.entities().venues[q.Venue]
	}
	return s.sorted
}

// Current counts the performances of an artist or venue, by its id, that have not ended.
func (x *Index) Current(id string, now time.Time) int {
	e := x.current.Load().entities()
	n := 0
	for _, docs := range [][]*doc{e.artists[id], e.venues[id]} {
		for _, d := range docs {
			if d.p.StatusAt(now) != ticket.Ended {
				n++
			}
		}
	}
	return n
}

// runKey is the place in the order ByRun.
func runKey(p *ticket.Performance, now time.Time) string {
	if p.StatusAt(now) != ticket.Ended {
		if !p.Period.Known() {
			return "09999-99-99" // nobody knows when: behind what is dated
		}
		return "0" + string(p.Period.Start)
	}
	last := p.Period.End
	if last == "" {
		last = p.Period.Start
	}
	return fmt.Sprintf("1%08d", 99999999-days(last))
}

// days is a number that grows with the day: 20261125.
func days(d ticket.Date) int {
	t := d.Time()
	return t.Year()*10000 + int(t.Month())*100 + t.Day()
}
