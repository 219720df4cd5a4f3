package etl

import "context"

// project rebuilds every performance the page touched. What the change feed then says comes from the page.
func (w *work) project(ctx context.Context) error {
	source := w.page.Source + ":" + w.subject()
	for _, id := range w.touched {
		if err := w.etl.deps.Catalog.Project(ctx, id, w.origin(source)); err != nil {
			return err
		}
	}
	return nil
}
