package etl

import (
	"context"

	"ticketmoa/modules/ticket"
)

// project rebuilds every performance the page touched. What the change feed then says comes from the page, unless listings
// that were there already have moved.
func (w *work) project(ctx context.Context) error {
	source := w.page.Source + ":" + w.subject()
	for _, id := range w.moved.Touched.All() {
		by := w.origin(source)
		if w.moved.Merged.Has(id) {
			by.Cause = ticket.CauseMerge
		}
		if err := w.etl.deps.Catalog.Project(ctx, id, by); err != nil {
			return err
		}
	}
	return nil
}
