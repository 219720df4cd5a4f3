package etl

import (
	"context"

	"ticketmoa/modules/ticket"
)

// project rebuilds every performance the page touched, and those whose artists or venue it made other ones. What the change
// feed then says comes from the page, unless listings that were there already have moved.
func (w *work) project(ctx context.Context) error {
	cat := w.etl.deps.Catalog
	also, err := cat.Ripple(ctx, w.moved.Touched.All())
	if err != nil {
		return err
	}
	w.moved.Touched.Add(also...)
	source := w.page.Source + ":" + w.subject()
	for _, id := range w.moved.Touched.All() {
		by := w.origin(source)
		if w.moved.Merged.Has(id) {
			by.Cause = ticket.CauseMerge
		}
		if err := cat.Project(ctx, id, by); err != nil {
			return err
		}
	}
	return cat.Settle(ctx)
}
