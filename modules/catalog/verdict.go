package catalog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// Measure looks at every page that a crawl brought of a source's shows and notices: what it lost or turned over of what was
// known before, and what pages that are new, and lists, leave out.
func (c *Catalog) Measure(ctx context.Context, run string) (ticket.Measured, error) {
	out := ticket.Measured{}
	var shows []struct {
		Views []ticket.View `bson:"views"`
	}
	if err := c.listings.Find(ctx, store.Query{Where: []store.Cond{{Field: "run", Op: store.Eq, Value: run}}}, &shows); err != nil {
		return nil, fmt.Errorf("measure the crawl: %w", err)
	}
	for _, s := range shows {
		for _, v := range s.Views {
			measureShow(out, v, run)
		}
	}
	var notices []struct {
		Views []ticket.OpeningView `bson:"views"`
	}
	if err := c.openings.Find(ctx, store.Query{Where: []store.Cond{{Field: "run", Op: store.Eq, Value: run}}}, &notices); err != nil {
		return nil, fmt.Errorf("measure the crawl: %w", err)
	}
	for _, n := range notices {
		for _, v := range n.Views {
			measure(out, v, run, ticket.NoticeListPage, openingFields, openingTurns)
		}
	}
	return out, nil
}

// seen is what a crawl's page of a view said, wherever it stands; ok is false when the crawl brought none.
func seen[C any](v ticket.ViewOf[C], run string) (content *C, drift []string, first, ok bool) {
	switch {
	case v.Next != nil && v.Next.Run == run:
		return &v.Next.Content, v.Next.Drift, v.Next.First, true
	case v.Run == run:
		return &v.Content, v.Drift, v.First, true
	}
	return nil, nil, false, false
}

// turns and openingTurns are what is looked at of a page whose forerunner is known.
var (
	turns        = []string{"title", "venue", "period", "prices", turnedEnded, turnedSale, turnedShift}
	openingTurns = []string{"title", "period", turnedShift}
)

// measure counts what a crawl's page of a view lacks, lost and turned over. What a page of the kind list lacks counts every time,
// not only when it is the first. content is nil when the crawl brought none.
func measure[C any](m ticket.Measured, v ticket.ViewOf[C], run string, list ticket.PageKind, fields []field[C], turns []string) (content *C) {
	content, drift, first, ok := seen(v, run)
	if !ok {
		return nil
	}
	kind := string(v.Kind) + " "
	for _, f := range fields {
		has := f.known(content)
		if first || v.Kind == list {
			m.Count(kind+f.name+" "+ticket.DriftMissing, !has)
		}
		if lost := slices.Contains(drift, f.name+" "+ticket.DriftLost); !first && (has || lost) {
			m.Count(kind+f.name+" "+ticket.DriftLost, lost)
		}
	}
	if !first {
		for _, t := range turns {
			m.Count(kind+t+" "+ticket.DriftTurned, slices.Contains(drift, t+" "+ticket.DriftTurned))
		}
	}
	return content
}

func measureShow(m ticket.Measured, v ticket.View, run string) {
	content := measure(m, v, run, ticket.ListPage, fields, turns)
	if content == nil || v.Kind != ticket.ListPage || !content.Period.Known() {
		return
	}
	at := v.FetchedAt
	if v.Next != nil && v.Next.Run == run {
		at = v.Next.FetchedAt
	}
	m.Count(string(v.Kind)+" current "+ticket.DriftMissing, over(content.Period, at))
}

// Release puts what waited for a crawl in its place, now that the crawl is found to be good. What takes away something or would
// end a show waits for a second crawl that says so, unless all is set: again are the codes to ask for once more.
func (c *Catalog) Release(ctx context.Context, run string, all bool, by ticket.Origin) (again []string, err error) {
	waiting := store.Query{Where: []store.Cond{{Field: "waiting", Op: store.Eq, Value: run}}}
	var shows []ticket.Listing
	if err := c.listings.Find(ctx, waiting, &shows); err != nil {
		return nil, err
	}
	for _, s := range shows {
		stored, more, err := c.releaseListing(ctx, s.Key, run, all)
		if err != nil {
			return again, fmt.Errorf("release %s: %w", s.Key, err)
		}
		for _, v := range stored.Views {
			if before := viewOf(s.Views, v.Kind); before != nil && before.Next != nil && v.Run == run && v.FetchedAt.Equal(before.Next.FetchedAt) {
				if err := c.remember(ctx, s.Key, before, v); err != nil {
					return again, err
				}
			}
		}
		if more {
			again = append(again, s.Code)
		}
		if err := c.replace(ctx, []ticket.Listing{stored}, nil, said(by, s.Key, stored.FetchedAt)); err != nil {
			return again, err
		}
	}
	var notices []ticket.Opening
	if err := c.openings.Find(ctx, waiting, &notices); err != nil {
		return again, err
	}
	for _, n := range notices {
		stored, more, err := c.releaseOpening(ctx, n.ID, run, all, by)
		if err != nil {
			return again, fmt.Errorf("release %s: %w", n.ID, err)
		}
		if more {
			again = append(again, n.NoticeID)
		}
		if err := c.replace(ctx, nil, []ticket.Opening{stored}, said(by, n.ID, stored.FetchedAt)); err != nil {
			return again, err
		}
	}
	slices.Sort(again)
	return again, nil
}

// said is by whom a released change counts as said: the page, unless somebody took it for good.
func said(by ticket.Origin, source string, fetched time.Time) ticket.Origin {
	by.Source = source
	if by.Cause == ticket.CauseSource {
		by.At = fetched
	}
	return by
}

// replace puts listings and openings where they belong and projects what that touches.
func (c *Catalog) replace(ctx context.Context, listings []ticket.Listing, openings []ticket.Opening, by ticket.Origin) error {
	listings = slices.DeleteFunc(listings, func(l ticket.Listing) bool { return l.Content.Title == "" })
	moved, err := c.Place(ctx, listings, openings)
	if err != nil {
		return err
	}
	return c.ProjectAll(ctx, moved.Touched.All(), func(string) ticket.Origin { return by })
}

func (c *Catalog) releaseListing(ctx context.Context, key, run string, all bool) (out ticket.Listing, again bool, err error) {
	err = retry(func() error {
		var l ticket.Listing
		if err := c.listings.Get(ctx, key, &l); err != nil {
			return err
		}
		version, before := l.Version, l.ContentHash
		l.Views, again = released(l.Views, run, all)
		c.lay(&l, l.ParserVersion)
		if l.ContentHash != before {
			l.ChangedAt = l.FetchedAt
		}
		l.Version++
		out = l
		return c.listings.Replace(ctx, l, version)
	})
	return out, again, err
}

func (c *Catalog) releaseOpening(ctx context.Context, id, run string, all bool, by ticket.Origin) (out ticket.Opening, again bool, err error) {
	err = retry(func() error {
		var o ticket.Opening
		if err := c.openings.Get(ctx, id, &o); err != nil {
			return err
		}
		if err := c.settle(ctx, c.openings, id, o.Version, o.Pending); err != nil {
			return err
		}
		o.Pending = nil
		old := o
		o.Views, again = released(o.Views, run, all)
		layOpening(&o, &old, o.ParserVersion)
		o.Version++
		if o.ContentHash != old.ContentHash {
			o.Pending = []ticket.Change{change("opening", id, o.Version, said(by, id, o.FetchedAt), openingDiff(old, o))}
		}
		out = o
		return c.openings.Replace(ctx, o, old.Version)
	})
	if err != nil {
		return out, again, err
	}
	return out, again, c.settle(ctx, c.openings, out.ID, out.Version, out.Pending)
}

// Waiting counts what waits for the verdict on a crawl.
func (c *Catalog) Waiting(ctx context.Context, run string) (int64, error) {
	where := store.Cond{Field: "waiting", Op: store.Eq, Value: run}
	shows, err := c.listings.Count(ctx, where)
	if err != nil {
		return 0, err
	}
	notices, err := c.openings.Count(ctx, where)
	return shows + notices, err
}

// End notes which codes a source names no more, and which of those it named no more it names again. Both are soft: nothing is
// deleted, an offer of a gone listing counts as ended, a show that nobody lists any more likewise.
func (c *Catalog) End(ctx context.Context, source string, gone, named []string, now time.Time) (ended, back int64, err error) {
	set := func(code string, at *time.Time) (bool, error) {
		key, changed := ticket.Key(source, code), false
		var l ticket.Listing
		err := retry(func() error {
			l = ticket.Listing{}
			if err := c.listings.Get(ctx, key, &l); err != nil {
				return err
			}
			if changed = (l.GoneAt == nil) != (at == nil); !changed {
				return nil
			}
			version := l.Version
			l.GoneAt, l.Version = at, version+1
			return c.listings.Replace(ctx, l, version)
		})
		if errors.Is(err, store.ErrNotFound) || err == nil && (!changed || l.PerformanceID == "") {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		by := ticket.Origin{Cause: ticket.CauseSource, At: ticket.Instant(now), Source: key}
		return true, c.ProjectAll(ctx, []string{l.PerformanceID}, func(string) ticket.Origin { return by })
	}
	at := ticket.Instant(now)
	for _, code := range gone {
		did, err := set(code, &at)
		if err != nil {
			return ended, back, fmt.Errorf("end %s: %w", code, err)
		}
		if did {
			ended++
		}
	}
	var away []ticket.Listing
	if err := c.listings.Find(ctx, store.Query{Where: []store.Cond{{Field: "source", Op: store.Eq, Value: source}, {Field: "gone_at", Op: store.Present}}}, &away); err != nil {
		return ended, back, err
	}
	for _, l := range away {
		if !slices.Contains(named, l.Code) {
			continue
		}
		if did, err := set(l.Code, nil); err != nil {
			return ended, back, fmt.Errorf("bring back %s: %w", l.Code, err)
		} else if did {
			back++
		}
	}
	return ended, back, nil
}
