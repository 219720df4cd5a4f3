package etl

import (
	"context"

	"ticketmoa/modules/ticket"
)

// keepListings lays what the page says into the listings, openings and facilities.
func (w *work) keepListings(ctx context.Context) error {
	cat := w.etl.deps.Catalog
	for _, l := range w.listings {
		stored, changed, err := cat.SaveListing(ctx, w.page.Source, l.code, w.source.Info().Version,
			ticket.View{Kind: l.kind, FetchedAt: w.page.FetchedAt, RawKey: w.rawKey, Content: l.content, Run: w.judged()})
		if err != nil {
			return err
		}
		if stored.Content.Title != "" { // else these facts wait for the page that names the show
			w.saved = append(w.saved, stored)
		}
		w.tally(changed)
	}
	for _, o := range w.openings {
		stored, changed, err := cat.SaveOpening(ctx, w.page.Source, o.notice, w.source.Info().Version, o.productKey,
			ticket.OpeningView{Kind: w.page.Kind, FetchedAt: w.page.FetchedAt, RawKey: w.rawKey, Content: o.content, Run: w.judged()}, w.origin(""))
		if err != nil {
			return err
		}
		w.savedOp = append(w.savedOp, stored)
		w.tally(changed)
	}
	for _, f := range w.venues {
		changed, err := cat.SaveFacility(ctx, f)
		if err != nil {
			return err
		}
		w.tally(changed)
	}
	return nil
}

// judged is the crawl whose verdict counts for the page; "" for one that was handed in or is read again.
func (w *work) judged() string {
	if !w.page.Judged || w.page.Replay {
		return ""
	}
	return w.page.Run
}

func (w *work) tally(changed bool) {
	if changed {
		w.stored++
	} else {
		w.unchanged++
	}
}
