package etl

import (
	"context"
	"errors"
	"slices"

	"ticketmoa/modules/match"
	"ticketmoa/modules/ticket"
)

// match finds the performance every listing and opening of the page belongs to. A listing stays where it is once it has
// company; one that stands alone moves when its page has come to say that it is a show we know.
func (w *work) match(ctx context.Context) error {
	for _, l := range w.saved {
		if err := w.matchListing(ctx, l); err != nil {
			return err
		}
	}
	for _, o := range w.savedOp {
		if err := w.matchOpening(ctx, o); err != nil {
			return err
		}
	}
	for _, f := range w.venues {
		at, err := w.etl.deps.Catalog.AtFacility(ctx, f)
		if err != nil {
			return err
		}
		for _, l := range at {
			w.touch(l.PerformanceID)
		}
	}
	return nil
}

func (w *work) matchListing(ctx context.Context, l ticket.Listing) error {
	cat := w.etl.deps.Catalog
	own := ticket.ID("performance", l.Key)
	id := l.PerformanceID
	if id == "" || id == own {
		alone, err := w.alone(ctx, l)
		if err != nil {
			return err
		}
		if alone {
			twins, err := cat.Twins(ctx, l.MatchKey)
			if err != nil {
				return err
			}
			id = match.Choose(l.MatchKey, l.Content.Period, l.Key, twins)
			if id == "" {
				id = own
			}
			if err := cat.Join(ctx, l.Key, id); err != nil {
				return err
			}
		}
	}
	w.touch(id)
	if id != own {
		w.touch(own) // it may have stood alone before: then that performance goes
	}
	l.PerformanceID = id
	openings, err := cat.OpeningsFor(ctx, l)
	if err != nil {
		return err
	}
	for _, o := range openings {
		if err := w.link(ctx, o.ID, id); err != nil {
			return err
		}
	}
	return nil
}

// alone tells whether nothing else stands in the listing's performance.
func (w *work) alone(ctx context.Context, l ticket.Listing) (bool, error) {
	if l.PerformanceID == "" {
		return true, nil
	}
	members, err := w.etl.deps.Catalog.Members(ctx, l.PerformanceID)
	return len(members) <= 1, err
}

func (w *work) matchOpening(ctx context.Context, o ticket.Opening) error {
	cat := w.etl.deps.Catalog
	id := ""
	if o.ProductKey != "" {
		l, err := cat.Listing(ctx, o.ProductKey)
		if err != nil && !errors.Is(err, w.etl.deps.NotFound) {
			return err
		}
		id = l.PerformanceID
	}
	if id == "" {
		twins, err := cat.Twins(ctx, o.MatchKey)
		if err != nil {
			return err
		}
		id = match.Choose(o.MatchKey, o.Content.Period, "", twins)
	}
	if id == "" {
		w.touch(o.PerformanceID)
		return nil
	}
	return w.link(ctx, o.ID, id)
}

func (w *work) link(ctx context.Context, opening, performance string) error {
	before, err := w.etl.deps.Catalog.LinkOpening(ctx, opening, performance)
	if err != nil {
		return err
	}
	w.touch(before)
	w.touch(performance)
	return nil
}

// touch notes that a performance must be projected anew.
func (w *work) touch(performance string) {
	if performance != "" && !slices.Contains(w.touched, performance) {
		w.touched = append(w.touched, performance)
	}
}
