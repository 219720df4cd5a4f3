package etl

import (
	"context"
	"slices"

	"ticketmoa/modules/ticket"
)

// match puts the listings and openings of the page where they belong, with everything that their arrival moves. A facility
// may tell where the listings at it are, and so what they belong to.
func (w *work) match(ctx context.Context) error {
	cat := w.etl.deps.Catalog
	listings := w.saved
	for _, f := range w.venues {
		at, err := cat.AtFacility(ctx, f)
		if err != nil {
			return err
		}
		for _, l := range at {
			if l.Content.Title != "" && !slices.ContainsFunc(listings, func(o ticket.Listing) bool { return o.Key == l.Key }) {
				listings = append(listings, l)
			}
		}
	}
	moved, err := cat.Place(ctx, listings, w.savedOp)
	w.moved = moved
	return err
}
