package search

import (
	"slices"
	"time"

	"ticketmoa/modules/ticket"
)

// entities are the artists and venues of a segment, numbered, with their performances. They are found out when a segment is
// first asked.
type entities struct {
	seg   *segment
	all   []entity
	shows lists      // by entity, rising
	ids   [2]idTable // of artists, of venues
}

// entity names one performance that knows it.
type entity struct {
	show uint32
	cast int32 // its place among who performs; isVenue for the venue
}

const isVenue = -1

func (e *entities) kind(n uint32) Kind {
	if e.all[n].cast == isVenue {
		return VenueName
	}
	return ArtistName
}

func (e *entities) id(n uint32) string {
	p := e.seg.docs[e.all[n].show].p
	if cast := e.all[n].cast; cast != isVenue {
		return p.Cast[cast].ArtistID
	}
	return p.VenueID
}

func (e *entities) table(kind Kind) *idTable {
	if kind == VenueName {
		return &e.ids[1]
	}
	return &e.ids[0]
}

// name is what the first of its performances that says so calls it.
func (e *entities) name(n uint32) string {
	id, kind := e.id(n), e.kind(n)
	for _, show := range e.shows.of(n) {
		p := e.seg.docs[show].p
		if kind == VenueName && p.Place.Name != "" {
			return p.Place.Name
		}
		for _, m := range p.Cast {
			if kind == ArtistName && m.ArtistID == id && m.Name != "" {
				return m.Name
			}
		}
	}
	return ""
}

// of are the performances of an artist or a venue, rising.
func (e *entities) of(kind Kind, id string) []uint32 {
	if n, ok := e.table(kind).find(id); ok {
		return e.shows.of(n)
	}
	return nil
}

func (s *segment) findEntities() *entities {
	e := &entities{seg: s}
	on := lists{start: make([]uint32, len(s.docs)+1)}
	artists, venues := map[string]uint32{}, map[string]uint32{}
	add := func(numbers map[string]uint32, id string, at entity) {
		if id == "" {
			return
		}
		n, ok := numbers[id]
		if !ok {
			n = uint32(len(e.all))
			numbers[id] = n
			e.all = append(e.all, at)
		}
		on.all = append(on.all, n)
	}
	for i := range s.docs {
		p := s.docs[i].p
		add(venues, p.VenueID, entity{uint32(i), isVenue})
		for c, m := range p.Cast {
			add(artists, m.ArtistID, entity{uint32(i), int32(c)})
		}
		on.start[i+1] = uint32(len(on.all))
	}
	e.all = slices.Clip(slices.Clone(e.all))
	e.shows = on.turned(len(e.all))
	has := func(n uint32, id string) bool { return e.id(n) == id }
	e.ids[0], e.ids[1] = newIDs(len(artists), len(e.all), has), newIDs(len(venues), len(e.all), has)
	for n := range uint32(len(e.all)) {
		e.table(e.kind(n)).put(e.id(n), n)
	}
	return e
}

// among are the only documents a query chooses from; ok is false when it chooses from all.
func (q *Query) among(s *segment) (list []uint32, ok bool) {
	switch {
	case q.Artist != "" && q.Venue != "":
		both := s.entities().of(VenueName, q.Venue)
		return slices.DeleteFunc(slices.Clone(s.entities().of(ArtistName, q.Artist)), func(n uint32) bool { return !slices.Contains(both, n) }), true
	case q.Artist != "":
		return s.entities().of(ArtistName, q.Artist), true
	case q.Venue != "":
		return s.entities().of(VenueName, q.Venue), true
	}
	return nil, false
}

// Current counts the performances of an artist or venue, by its id, that have not ended.
func (x *Index) Current(id string, now time.Time) int { return x.current.Load().current(id, now) }

func (s *snapshot) current(id string, now time.Time) int {
	n := 0
	s.segments(func(s *segment, live bitset) {
		e := s.entities()
		for _, kind := range [...]Kind{ArtistName, VenueName} {
			for _, i := range e.of(kind, id) {
				if live.passes(i) && s.docs[i].p.StatusAt(now) != ticket.Ended {
					n++
				}
			}
		}
	})
	return n
}
