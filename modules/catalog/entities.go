package catalog

import (
	"context"

	"ticketmoa/modules/ticket"
)

// Ripple notes what the listings of performances say of their artists, and lists, in order, the other performances that
// must be projected with them because an artist or venue they name has another id now. Then comes Project, then Settle.
func (c *Catalog) Ripple(ctx context.Context, performances []string) ([]string, error) {
	for _, id := range performances {
		members, err := c.Members(ctx, id)
		if err != nil {
			return nil, err
		}
		c.artists.stand(id, members)
	}
	return append(c.artists.ripple(), c.halls.ripple()...), nil
}

// Settle keeps the artists and venues as the projected performances have them now. Until it has, a restart begins again
// where Ripple does.
func (c *Catalog) Settle(ctx context.Context) error {
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
