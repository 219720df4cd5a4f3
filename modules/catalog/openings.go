package catalog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// OpeningID is the id of the opening a source announces in a notice.
func OpeningID(source, notice string) string { return ticket.ID("opening", source, notice) }

// SaveOpening lays what a page says (v) into the opening of a notice and publishes what changed. productKey is the key of
// the listing the notice leads to, "" when it names none.
func (c *Catalog) SaveOpening(ctx context.Context, source, notice string, parser int, productKey string, v ticket.OpeningView, by ticket.Origin) (stored ticket.Opening, changed bool, err error) {
	id := OpeningID(source, notice)
	err = retry(func() error {
		var old ticket.Opening
		gerr := c.openings.Get(ctx, id, &old)
		if gerr != nil && !errors.Is(gerr, store.ErrNotFound) {
			return gerr
		}
		if err := c.settle(ctx, c.openings, id, old.Version, old.Pending); err != nil {
			return err
		}
		old.Pending = nil
		next := old
		next.ID, next.Source, next.NoticeID = id, source, notice
		next.Views = withView(old.Views, v, openingDrift)
		next.ProductKey = cmp.Or(productKey, old.ProductKey)
		next.FirstSeenAt = earlier(old.FirstSeenAt, v.FetchedAt)
		next.Run = cmp.Or(v.Run, old.Run)
		layOpening(&next, &old, parser)
		if changed = next.ContentHash != old.ContentHash; changed {
			next.ChangedAt = v.FetchedAt
		}
		stored = next
		if hash(next) == hash(old) {
			return nil
		}
		next.Version = old.Version + 1
		if changed {
			by.Source = id
			next.Pending = []ticket.Change{change("opening", id, next.Version, by, openingDiff(old, next))}
		}
		stored = next
		if gerr != nil {
			return c.openings.Insert(ctx, next)
		}
		return c.openings.Replace(ctx, next, old.Version)
	})
	if err != nil {
		return stored, changed, err
	}
	return stored, changed, c.settle(ctx, c.openings, stored.ID, stored.Version, stored.Pending)
}

// layOpening works out what an opening says from its views.
func layOpening(o, old *ticket.Opening, parser int) {
	o.Content = overlayOpening(o.Views)
	o.Waiting = waitingFor(o.Views)
	if o.Content.TitleRaw != old.Content.TitleRaw {
		o.Title = ticket.TitleKeys{}
	}
	o.Title = todays(o.Title, o.Content.TitleRaw)
	o.ParserVersion = parser
	o.ContentHash = hash(o.Content)
	o.FetchedAt = newest(o.Views)
}

// settle publishes the pending changes of a document and clears them.
func (c *Catalog) settle(ctx context.Context, col store.Collection, id string, version int64, pending []ticket.Change) error {
	if len(pending) == 0 {
		return nil
	}
	if err := c.publish(ctx, pending); err != nil {
		return err
	}
	_, err := col.UpdateWhere(ctx, map[string]any{"pending": nil},
		store.Cond{Field: "_id", Op: store.Eq, Value: id}, store.Cond{Field: "version", Op: store.Eq, Value: version})
	return err
}

func overlayOpening(views []ticket.OpeningView) ticket.OpeningContent {
	var out ticket.OpeningContent
	for i, v := range views {
		if i == 0 {
			out = v.Content
			continue
		}
		out.OpensAt = cmp.Or(out.OpensAt, v.Content.OpensAt)
		out.Genre = cmp.Or(out.Genre, v.Content.Genre)
		out.PosterURL = cmp.Or(out.PosterURL, v.Content.PosterURL)
		out.Prices = orSlice(out.Prices, v.Content.Prices)
		if out.Place.Name == "" {
			out.Place = v.Content.Place
		}
		if !out.Period.Known() {
			out.Period = v.Content.Period
		}
	}
	return out
}

func openingDiff(old, next ticket.Opening) []ticket.Diff {
	if old.Version == 0 {
		return []ticket.Diff{{Field: "opening", New: next.Content.Title}}
	}
	a, b := old.Content, next.Content
	return differing([]ticket.Diff{
		{Field: "title", Old: a.Title, New: b.Title},
		{Field: "opens_at", Old: showTime(a.OpensAt), New: showTime(b.OpensAt)},
		{Field: "venue", Old: a.Place.Name, New: b.Place.Name},
		{Field: "period", Old: showPeriod(a.Period), New: showPeriod(b.Period)},
		{Field: "prices", Old: showPrices(a.Prices), New: showPrices(b.Prices)},
		{Field: "presales", Old: showPresales(a.Presales), New: showPresales(b.Presales)},
	})
}

func showPresales(list []ticket.Presale) string {
	parts := make([]string, len(list))
	for i, p := range list {
		parts[i] = strings.TrimSpace(p.Name + " " + showTime(p.StartsAt) + " ~ " + showTime(p.EndsAt))
	}
	return strings.Join(parts, ", ")
}

// Listing reads one listing by its key.
func (c *Catalog) Listing(ctx context.Context, key string) (ticket.Listing, error) {
	var l ticket.Listing
	err := c.listings.Get(ctx, key, &l)
	if errors.Is(err, store.ErrNotFound) {
		err = fmt.Errorf("listing %s: %w", key, ErrNotFound)
	}
	return l, err
}
