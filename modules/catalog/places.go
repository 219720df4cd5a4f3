package catalog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// places finds the hall a venue's name means, among the facilities of the store, and the names a facility may mean.
//
// What reaches whom: a listing is stored and its name noted before it is projected; a facility is put in before anybody
// asks for the names it bears on. So of a listing and a facility that arrive together at least one sees the other.
type places struct {
	saving sync.Mutex // one facility at a time is compared, stored and put in

	mu      sync.RWMutex
	halls   *normalize.Gazetteer
	houses  *normalize.Gazetteer // those of registries only: what sellers say of theirs locates, but is nobody's identity
	names   map[string]string    // venue names of listings: normalize.VenueText of each
	bearing map[string][]string  // every key a facility has stood under, so that a renamed one reaches its old name's listings
}

// load reads the facilities and the venue names of listings from the store.
func (p *places) load(ctx context.Context, venues, listings store.Collection) error {
	var all []ticket.Facility
	if err := venues.Scan(ctx, func(decode func(any) error) error {
		var f ticket.Facility
		if err := decode(&f); err != nil {
			return err
		}
		all = append(all, f)
		return nil
	}); err != nil {
		return fmt.Errorf("read facilities: %w", err)
	}
	names, err := listings.GroupCount(ctx, placeName)
	if err != nil {
		return fmt.Errorf("read venue names: %w", err)
	}
	p.halls, p.houses = normalize.NewGazetteer(all), normalize.NewGazetteer(slices.DeleteFunc(slices.Clone(all), notRegistered))
	p.names, p.bearing = make(map[string]string, len(names)), map[string][]string{}
	for name := range names {
		p.note(name)
	}
	return nil
}

// placeName is where a listing keeps the name of its venue.
const placeName = "content.place.name"

// note remembers the venue name of a listing that is in the store.
func (p *places) note(name string) {
	if name == "" {
		return
	}
	p.mu.RLock()
	_, known := p.names[name]
	p.mu.RUnlock()
	if known {
		return
	}
	text := normalize.VenueText(name)
	p.mu.Lock()
	p.names[name] = text
	p.mu.Unlock()
}

// find is the hall a place means.
func (p *places) find(place ticket.Place) (ticket.Place, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.halls.Locate(place)
}

// put adds a facility that is in the store; old is the one it replaces.
func (p *places) put(f ticket.Facility, old *ticket.Facility) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if old != nil {
		for _, key := range normalize.FacilityKeys(*old) {
			if !slices.Contains(p.bearing[f.Key], key) {
				p.bearing[f.Key] = append(p.bearing[f.Key], key)
			}
		}
	}
	p.halls.Put(f)
	if !notRegistered(f) {
		p.houses.Put(f)
	}
}

// notRegistered tells whether a facility is a seller's, not a registry's.
func notRegistered(f ticket.Facility) bool {
	return slices.Contains(ticket.Sellers(), ticket.Seller(f.Source))
}

// meant lists the noted names for which a facility may now be, or may no longer be, the answer, in order.
func (p *places) meant(f ticket.Facility) []string {
	keys := normalize.FacilityKeys(f)
	p.mu.RLock()
	defer p.mu.RUnlock()
	keys = append(keys, p.bearing[f.Key]...)
	var out []string
	for name, text := range p.names {
		if slices.ContainsFunc(keys, func(key string) bool { return strings.Contains(text, key) }) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// AtFacility lists the listings whose place a facility describes, or may have described before it changed: by the
// source's own code, or because their venue's name holds a name of the facility's.
func (c *Catalog) AtFacility(ctx context.Context, f ticket.Facility) ([]ticket.Listing, error) {
	_, code, _ := ticket.SplitKey(f.Key)
	var out []ticket.Listing
	if err := c.listings.Find(ctx, store.Query{Where: []store.Cond{{Field: "content.place.code", Op: store.Eq, Value: code}}}, &out); err != nil {
		return nil, err
	}
	for names := range slices.Chunk(c.places.meant(f), 200) {
		var some []ticket.Listing
		if err := c.listings.Find(ctx, store.Query{Where: []store.Cond{{Field: placeName, Op: store.In, Value: names}}}, &some); err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	slices.SortFunc(out, func(a, b ticket.Listing) int { return strings.Compare(a.Key, b.Key) })
	return slices.CompactFunc(out, func(a, b ticket.Listing) bool { return a.Key == b.Key }), nil
}

// SaveFacility keeps what the newer of a facility's pages says, and of the older what the newer does not speak of: a list
// names halls without their addresses. changed tells whether it says something new. From then on places are located by it.
func (c *Catalog) SaveFacility(ctx context.Context, f ticket.Facility) (changed bool, err error) {
	c.places.saving.Lock()
	defer c.places.saving.Unlock()
	var old ticket.Facility
	err = c.venues.Get(ctx, f.Key, &old)
	switch {
	case errors.Is(err, store.ErrNotFound):
		if err := c.venues.Upsert(ctx, f); err != nil {
			return true, err
		}
		c.places.put(f, nil)
		c.halls.learn(f)
		return true, nil
	case err != nil:
		return false, err
	case old.FetchedAt.After(f.FetchedAt):
		f = filled(old, f)
	default:
		f = filled(f, old)
	}
	at := f.FetchedAt
	f.FetchedAt = old.FetchedAt
	changed = hash(f) != hash(old)
	f.FetchedAt = at
	if err := c.venues.Upsert(ctx, f); err != nil {
		return changed, err
	}
	c.places.put(f, &old)
	c.halls.learn(f)
	return changed, nil
}

// filled is the newer of two descriptions of a facility with its gaps filled from the older.
func filled(newer, older ticket.Facility) ticket.Facility {
	out, from := newer, older
	if out.Place.Region == "" {
		out.Place.Region, out.Place.District = from.Place.Region, from.Place.District
	}
	if out.Place.District == "" && out.Place.Region == from.Place.Region {
		out.Place.District = from.Place.District
	}
	out.Place.Address = cmp.Or(out.Place.Address, from.Place.Address)
	if out.Place.Lat == nil {
		out.Place.Lat, out.Place.Lng = from.Place.Lat, from.Place.Lng
	}
	out.Seats, out.Phone, out.Homepage = cmp.Or(out.Seats, from.Seats), cmp.Or(out.Phone, from.Phone), cmp.Or(out.Homepage, from.Homepage)
	return out
}

// locate completes a place from the facility a registry describes by the code its listing names, then from the hall its
// name means. What the listings say themselves stays as it is; a hall that stands elsewhere is not the one.
func (c *Catalog) locate(ctx context.Context, place ticket.Place, members []ticket.Listing) (ticket.Place, error) {
	for _, l := range members {
		if l.Content.Place.Code == "" {
			continue
		}
		var f ticket.Facility
		err := c.venues.Get(ctx, ticket.Key(l.Source, l.Content.Place.Code), &f)
		if err == nil {
			place = completed(place, f.Place)
			break
		}
		if !errors.Is(err, store.ErrNotFound) {
			return place, err
		}
	}
	if hall, ok := c.places.find(place); ok {
		place = completed(place, hall)
	}
	return place, nil
}

// completed fills what a place does not know with what its hall does, unless the hall is elsewhere.
func completed(place, hall ticket.Place) ticket.Place {
	if place.Region != "" && place.Region != hall.Region || place.District != "" && hall.District != "" && place.District != hall.District {
		return place
	}
	place.Region, place.District = cmp.Or(place.Region, hall.Region), cmp.Or(place.District, hall.District)
	place.Address = cmp.Or(place.Address, hall.Address)
	if place.Lat == nil || place.Lng == nil {
		place.Lat, place.Lng = hall.Lat, hall.Lng
	}
	return place
}
