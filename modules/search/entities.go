package search

import (
	"slices"
	"time"

	"ticketmoa/modules/ticket"
)

// entities are the performances of each artist and venue, by their numbers. They are found out when a segment is first
// asked.
type entities struct {
	artists, venues map[string][]uint32
}

func (s *segment) findEntities() *entities {
	e := &entities{artists: map[string][]uint32{}, venues: map[string][]uint32{}}
	for i, d := range s.docs {
		n := uint32(i)
		if id := d.p.VenueID; id != "" {
			e.venues[id] = append(e.venues[id], n)
		}
		for _, m := range d.p.Cast {
			if list := e.artists[m.ArtistID]; m.ArtistID != "" && (len(list) == 0 || list[len(list)-1] != n) {
				e.artists[m.ArtistID] = append(list, n)
			}
		}
	}
	return e
}

// among are the only documents a query chooses from; ok is false when it chooses from all.
func (q *Query) among(s *segment) (list []uint32, ok bool) {
	switch {
	case q.Artist != "" && q.Venue != "":
		both := s.entities().venues[q.Venue]
		return slices.DeleteFunc(slices.Clone(s.entities().artists[q.Artist]), func(n uint32) bool { return !slices.Contains(both, n) }), true
	case q.Artist != "":
		return s.entities().artists[q.Artist], true
	case q.Venue != "":
		return s.entities().venues[q.Venue], true
	}
	return nil, false
}

// Current counts the performances of an artist or venue, by its id, that have not ended.
func (x *Index) Current(id string, now time.Time) int { return x.current.Load().current(id, now) }

func (s *snapshot) current(id string, now time.Time) int {
	n := 0
	s.segments(func(s *segment, live bitset) {
		e := s.entities()
		for _, list := range [][]uint32{e.artists[id], e.venues[id]} {
			for _, i := range list {
				if live.passes(i) && s.docs[i].p.StatusAt(now) != ticket.Ended {
					n++
				}
			}
		}
	})
	return n
}
