package etl

import (
	"context"

	"ticketmoa/modules/lake"
)

// archive keeps the page in the lake exactly as it came. A page read back from the lake is there already.
func (w *work) archive(ctx context.Context) error {
	if w.page.Replay {
		w.rawKey = lake.RawKey(w.page)
		return nil
	}
	key, err := lake.StorePage(ctx, w.etl.deps.Bucket, w.page)
	w.rawKey = key
	return err
}
