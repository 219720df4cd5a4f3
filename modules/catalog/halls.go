package catalog

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"ticketmoa/modules/catalog/credits"
	"ticketmoa/modules/normalize"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// halls are the venues as they are kept, and where every performance stands. Which venue a performance stands at follows
// from its place and the facilities alone (venueAt); what a venue is called and which ids lead to it, from the performances
// that stand there. None of it depends on the order in which they came.
type halls struct {
	mu         sync.RWMutex
	facilities map[string]ticket.Facility // by the id of the venue it is
	stays      map[string]stay            // by performance
	guests     map[string]map[string]bool // by venue: the performances that stand there
	called     map[string]map[string]int  // name's key → venues → performances that call them so
	kept       map[string]ticket.Venue
	leads      map[string]string // ids a venue had before → its id
	dirty      map[string]bool   // venues about which something changed
	stale      map[string]bool   // performances whose venue was named when regions were no part of ids
	list       []ticket.Venue    // kept, by region and name; nil when it must be made anew
}

// stay is where a performance stands.
type stay struct {
	venue string
	place ticket.Place
}

func (s stay) key() string { return normalize.VenueKey(s.place.Name) }

func (s stay) same(o stay) bool {
	a, b := s.place, o.place
	same := equal(a.Lat, b.Lat) && equal(a.Lng, b.Lng)
	a.Lat, a.Lng, b.Lat, b.Lng = nil, nil, nil, nil
	return s.venue == o.venue && same && a == b
}

func equal[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }

// facilityID is the id of the venue that a facility is.
func facilityID(key string) string { return ticket.ID("venue", key) }

// namedID is the id of a venue that only its name tells, in a region as far as one is known.
func namedID(key string, r ticket.Region) string {
	if r == "" {
		return ticket.ID("venue", key)
	}
	return ticket.ID("venue", key, string(r))
}

// venueAt is the id of the venue a located place is: the registry's facility that a listing of the registry names by its
// code, the one the name means, else the name in its region. It is "" for what names no place.
func (c *Catalog) venueAt(place ticket.Place, members []ticket.Listing) string {
	if _, known := normalize.Place(place.Name); !known || normalize.VenueKey(place.Name) == "" {
		return ""
	}
	for _, l := range members {
		if code := l.Content.Place.Code; code != "" {
			id := facilityID(ticket.Key(l.Source, code))
			if f, ok := c.halls.facility(id); ok && !notRegistered(f) && agrees(place, f.Place) {
				return id
			}
		}
	}
	if key, ok := c.places.facility(place); ok {
		return facilityID(key)
	}
	return namedID(normalize.VenueKey(place.Name), place.Region)
}

// agrees tells whether nothing known speaks against a place being in a facility.
func agrees(place, hall ticket.Place) bool {
	return (place.Region == "" || hall.Region == "" || place.Region == hall.Region) &&
		(place.District == "" || hall.District == "" || place.District == hall.District)
}

// facility is the key of the registry's facility a place means.
func (p *places) facility(place ticket.Place) (key string, ok bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.houses.Facility(place)
}

// load reads the facilities and what is kept: enough for everybody who only reads.
func (h *halls) load(ctx context.Context, facilities, kept store.Collection) error {
	h.facilities, h.stays, h.guests, h.called = map[string]ticket.Facility{}, map[string]stay{}, map[string]map[string]bool{}, map[string]map[string]int{}
	h.kept, h.leads, h.dirty, h.stale = map[string]ticket.Venue{}, map[string]string{}, map[string]bool{}, map[string]bool{}
	err := facilities.Scan(ctx, func(decode func(any) error) error {
		var f ticket.Facility
		err := decode(&f)
		h.facilities[facilityID(f.Key)] = f
		return err
	})
	if err != nil {
		return fmt.Errorf("read facilities: %w", err)
	}
	if err := kept.Scan(ctx, func(decode func(any) error) error {
		var v ticket.Venue
		err := decode(&v)
		h.keep(v)
		h.dirty[v.ID] = true
		return err
	}); err != nil {
		return fmt.Errorf("read venues: %w", err)
	}
	return nil
}

// learnStays reads where performances stand, and notes every difference from what is kept. Readers go on meanwhile.
func (h *halls) learnStays(ctx context.Context, data store.Collection) error {
	stays := map[string]stay{}
	if err := data.Scan(ctx, func(decode func(any) error) error {
		var p struct {
			ID      string       `bson:"_id"`
			VenueID string       `bson:"venue_id"`
			Place   ticket.Place `bson:"place"`
		}
		err := decode(&p)
		stays[p.ID] = stay{p.VenueID, p.Place}
		return err
	}); err != nil {
		return fmt.Errorf("read where performances stand: %w", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stays, h.guests, h.called = map[string]stay{}, map[string]map[string]bool{}, map[string]map[string]int{}
	for id, s := range stays {
		h.put(id, s)
		if s.place.Region != "" && s.venue == namedID(normalize.VenueKey(s.place.Name), "") {
			h.stale[id] = true
		}
	}
	for id := range h.dirty {
		old, ok := h.kept[id]
		if now := h.venue(id); ok == (now.ID != "") && hash(old) == hash(now) {
			delete(h.dirty, id)
		}
	}
	return nil
}

// facility is the one a venue is.
func (h *halls) facility(id string) (ticket.Facility, bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	f, ok := h.facilities[id]
	return f, ok
}

// learn notes what is known of a facility now.
func (h *halls) learn(f ticket.Facility) {
	h.mu.Lock()
	defer h.mu.Unlock()
	id := facilityID(f.Key)
	h.facilities[id] = f
	for g := range h.guests[id] { // a region learnt decides which names lead here and elsewhere
		for other := range h.called[h.stays[g].key()] {
			h.dirty[other] = true
		}
	}
}

// stand notes where a performance stands now; nowhere when venue is "".
func (h *halls) stand(performance, venue string, place ticket.Place) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.put(performance, stay{venue, place})
	delete(h.stale, performance)
}

// ripple lists performances that must be projected for their venue's id, in order, some at a time.
func (h *halls) ripple() []string {
	h.mu.RLock()
	defer h.mu.RUnlock()
	out := slices.Sorted(maps.Keys(h.stale))
	return out[:min(len(out), mostInOneTurn)]
}

func (h *halls) put(performance string, now stay) {
	old, known := h.stays[performance]
	if known && old.same(now) || !known && now.venue == "" {
		return
	}
	if known {
		delete(h.guests[old.venue], performance)
		if len(h.guests[old.venue]) == 0 {
			delete(h.guests, old.venue)
		}
		h.call(old, -1)
		delete(h.stays, performance)
	}
	if now.venue != "" {
		if h.guests[now.venue] == nil {
			h.guests[now.venue] = map[string]bool{}
		}
		h.guests[now.venue][performance] = true
		h.stays[performance] = now
		h.call(now, 1)
	}
}

// call counts a name in or out, and marks every venue that is called so.
func (h *halls) call(s stay, by int) {
	key := s.key()
	if h.called[key] == nil {
		h.called[key] = map[string]int{}
	}
	h.dirty[s.venue] = true
	for id := range h.called[key] {
		h.dirty[id] = true
	}
	if h.called[key][s.venue] += by; h.called[key][s.venue] <= 0 {
		delete(h.called[key], s.venue)
	}
	if len(h.called[key]) == 0 {
		delete(h.called, key)
	}
}

func (h *halls) keep(v ticket.Venue) {
	h.kept[v.ID] = v
	for _, id := range v.Former {
		h.leads[id] = v.ID
	}
	h.list = nil
}

// venue describes one as the performances and the facility say; without an id when nothing stands there.
func (h *halls) venue(id string) ticket.Venue {
	guests := slices.Sorted(maps.Keys(h.guests[id]))
	if len(guests) == 0 {
		return ticket.Venue{}
	}
	v := ticket.Venue{ID: id}
	names, addresses := credits.Spellings{}, credits.Spellings{}
	former := map[string]bool{}
	for i, g := range guests {
		p := h.stays[g].place
		names.Add("", normalize.Spelling(p.Name))
		if i == 0 {
			v.Region, v.District = p.Region, p.District
		}
		if v.District != p.District {
			v.District = ""
		}
		if p.Address != "" {
			addresses.Add("", p.Address)
		}
		if v.Lat == nil || v.Lng == nil {
			v.Lat, v.Lng = p.Lat, p.Lng
		}
		h.addFormer(former, id, h.stays[g])
	}
	v.Name, v.Address = names.Best(""), addresses.Best("")
	if f, ok := h.facilities[id]; ok {
		v.Facility, v.Name = f.Key, cmp.Or(normalize.Spelling(f.Place.Name), v.Name)
		v.Region, v.District, v.Address = cmp.Or(f.Place.Region, v.Region), cmp.Or(f.Place.District, v.District), cmp.Or(f.Place.Address, v.Address)
		if f.Place.Lat != nil && f.Place.Lng != nil {
			v.Lat, v.Lng = f.Place.Lat, f.Place.Lng
		}
		v.Seats, v.Phone, v.Homepage = f.Seats, f.Phone, f.Homepage
	}
	for name := range names[""] {
		if name != v.Name {
			v.Aliases = append(v.Aliases, name)
		}
	}
	slices.Sort(v.Aliases)
	v.Former = slices.Sorted(maps.Keys(former))
	return v
}

// addFormer adds the ids the venue of a stay had while less was known: by its name in its region, and by its name alone.
// They lead here as long as no other venue is called so.
func (h *halls) addFormer(into map[string]bool, id string, s stay) {
	key := s.key()
	for _, old := range []string{namedID(key, s.place.Region), namedID(key, "")} {
		if old != id && len(h.guests[old]) == 0 && h.alone(key, id, old == namedID(key, "")) {
			into[old] = true
		}
	}
}

// alone tells whether no other venue bears the name, everywhere or in the region of this one.
func (h *halls) alone(key, id string, everywhere bool) bool {
	region := h.regionOf(id)
	for other := range h.called[key] {
		if other != id && (everywhere || h.regionOf(other) == region) {
			return false
		}
	}
	return true
}

func (h *halls) regionOf(id string) ticket.Region {
	if f, ok := h.facilities[id]; ok {
		return f.Place.Region
	}
	for g := range h.guests[id] { // all stand in one region: it is part of the id
		return h.stays[g].place.Region
	}
	return ""
}
