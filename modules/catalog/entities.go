package catalog

import (
	"context"
	"fmt"
	"slices"

	"ticketmoa/modules/ticket"
)

// atOnce bounds the performances that are projected in one turn, so that nobody else waits long.
const atOnce = 200

// ProjectAll projects performances, and with them those that name an artist or venue which has another id now; last it keeps
// the artists and venues as they are named then. by says what led to a change of one.
func (c *Catalog) ProjectAll(ctx context.Context, ids []string, by func(id string) ticket.Origin) error {
	if len(ids) == 0 { // artists and venues may have changed all the same
		return c.projectSome(ctx, nil, by)
	}
	for some := range slices.Chunk(ids, atOnce) {
		if err := c.projectSome(ctx, some, by); err != nil {
			return err
		}
	}
	return nil
}

// projectSome is one turn; one at a time, because artists and venues are kept step by step.
func (c *Catalog) projectSome(ctx context.Context, ids []string, by func(id string) ticket.Origin) error {
	c.projecting.Lock()
	defer c.projecting.Unlock()
	if err := c.learn(ctx); err != nil {
		return err
	}
	also, err := c.ripple(ctx, ids)
	if err != nil {
		return err
	}
	var all ticket.IDs
	all.Add(ids...)
	all.Add(also...)
	since := c.owed.instant()
	for _, id := range all.All() {
		if err := c.Project(ctx, id, by(id)); err != nil {
			return fmt.Errorf("project %s: %w", id, err)
		}
	}
	if err := c.settleEntities(ctx); err != nil {
		return err
	}
	return c.paid(ctx, all.All(), since)
}

// learn reads who performs and stands where. It takes a second for every ten thousand performances, so nobody waits for it
// before there is something to project.
func (c *Catalog) learn(ctx context.Context) error {
	if c.learnt {
		return nil
	}
	if err := c.artists.learn(ctx, c.listings); err != nil {
		return err
	}
	if err := c.halls.learnStays(ctx, c.data); err != nil {
		return err
	}
	c.learnt = true
	return nil
}

// ripple notes what the listings of performances say of their artists, and lists, in order, the other performances that must
// be projected with them because an artist or venue they name has another id now.
func (c *Catalog) ripple(ctx context.Context, performances []string) ([]string, error) {
	for _, id := range performances {
		members, err := c.Members(ctx, id)
		if err != nil {
			return nil, err
		}
		c.artists.stand(id, members)
	}
	return append(c.artists.ripple(), c.halls.ripple()...), nil
}

// settleEntities keeps the artists and venues as the projected performances have them now. Until it has, a restart begins
// again where ripple does.
func (c *Catalog) settleEntities(ctx context.Context) error {
	if err := c.settleArtists(ctx); err != nil {
		return err
	}
	return c.settleVenues(ctx)
}

// entitiesOf lists the venue and the artists of a performance.
func entitiesOf(p ticket.Performance) []string {
	out := []string{p.VenueID}
	for _, m := range p.Cast {
		out = append(out, m.ArtistID)
	}
	return out
}
