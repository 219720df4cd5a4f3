package etl

import (
	"context"

	"ticketmoa/modules/ticket"
)

// project rebuilds every performance the page touched. What the change feed then says comes from the page, unless listings
// that were there already have moved.
func (w *work) project(ctx context.Context) error {
	source := w.page.Source + ":" + w.subject()
	return w.etl.deps.Catalog.ProjectAll(ctx, w.moved.Touched.All(), func(id string) ticket.Origin {
		by := w.origin(source)
		if w.moved.Merged.Has(id) {
			by.Cause = ticket.CauseMerge
		}
		return by
	})
}
