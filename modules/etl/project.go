package etl

import "context"

// project rebuilds every performance the page touched, and those whose artists or venue it made other ones. What the change
// feed then says comes from the page.
func (w *work) project(ctx context.Context) error {
	cat := w.etl.deps.Catalog
	also, err := cat.Ripple(ctx, w.touched)
	if err != nil {
		return err
	}
	for _, id := range also {
		w.touch(id)
	}
	source := w.page.Source + ":" + w.subject()
	for _, id := range w.touched {
		if err := cat.Project(ctx, id, w.origin(source)); err != nil {
			return err
		}
	}
	return cat.Settle(ctx)
}
