package catalog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// changes compares what is marked: what to write, and what to take away.
func (h *halls) changes() (lead []any, unlead, gone []string, keep []any, marked []string) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	to := map[string]string{}
	marked = slices.Sorted(maps.Keys(h.dirty))
	for _, id := range marked {
		now, old := h.venue(id), h.kept[id]
		if now.ID == "" && old.ID != "" {
			gone = append(gone, id)
		}
		if now.ID != "" && hash(now) != hash(old) {
			keep = append(keep, now)
		}
		for _, former := range old.Former {
			to[former] = cmp.Or(to[former], "")
		}
		for _, former := range now.Former {
			to[former] = now.ID
		}
	}
	for _, former := range slices.Sorted(maps.Keys(to)) {
		switch {
		case to[former] == "":
			unlead = append(unlead, former)
		case h.leads[former] != to[former]:
			lead = append(lead, aliasDoc{ID: former, To: to[former]})
		}
	}
	return lead, unlead, gone, keep, marked
}

// settleVenues writes what changed about venues: where ids lead first, the venues last.
func (c *Catalog) settleVenues(ctx context.Context) error {
	h := &c.halls
	lead, unlead, gone, keep, marked := h.changes()
	if err := c.lead(ctx, lead, unlead); err != nil {
		return err
	}
	if len(gone) > 0 {
		if _, err := c.houses.DeleteWhere(ctx, store.Cond{Field: "_id", Op: store.In, Value: gone}); err != nil {
			return fmt.Errorf("take venues away: %w", err)
		}
	}
	if len(keep) > 0 {
		if err := c.houses.Upsert(ctx, keep...); err != nil {
			return fmt.Errorf("keep venues: %w", err)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range unlead {
		delete(h.leads, id)
	}
	for _, id := range gone {
		delete(h.kept, id)
		h.list = nil
	}
	for _, doc := range keep {
		if v, ok := doc.(ticket.Venue); ok {
			h.keep(v)
		}
	}
	for _, id := range marked {
		delete(h.dirty, id)
	}
	return nil
}

// ErrNoVenue means that there is no venue of that id.
var ErrNoVenue = errors.New("no such venue")

// Venue is the venue an id stands for. The id answered differs from the one asked when it leads on to another.
func (c *Catalog) Venue(id string) (ticket.Venue, error) {
	c.halls.mu.RLock()
	defer c.halls.mu.RUnlock()
	if to, ok := c.halls.leads[id]; ok {
		id = to
	}
	if v, ok := c.halls.kept[id]; ok {
		return v, nil
	}
	return ticket.Venue{}, fmt.Errorf("venue %s: %w", id, ErrNoVenue)
}

// Venues lists every venue by region, in the order of the regions, and by name. The slice must not be changed.
func (c *Catalog) Venues() []ticket.Venue {
	h := &c.halls
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.list == nil {
		rank := map[ticket.Region]int{"": len(ticket.Regions())}
		for i, r := range ticket.Regions() {
			rank[r] = i
		}
		h.list = slices.AppendSeq(make([]ticket.Venue, 0, len(h.kept)), maps.Values(h.kept))
		slices.SortFunc(h.list, func(a, b ticket.Venue) int {
			return cmp.Or(rank[a.Region]-rank[b.Region], byName(a.Name, a.ID, b.Name, b.ID))
		})
	}
	return h.list
}
