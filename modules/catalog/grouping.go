package catalog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"ticketmoa/modules/match"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// grouping keeps the matcher's view of every listing and opening in memory. It is filled when it is first needed.
type grouping struct {
	mu    sync.Mutex // one change of groups at a time is worked out and written
	index *match.Index
}

// Place puts listings and openings, as they are stored now, where they belong, with everything their arrival moves.
func (c *Catalog) Place(ctx context.Context, listings []ticket.Listing, openings []ticket.Opening) (ticket.Regrouped, error) {
	c.grouping.mu.Lock()
	defer c.grouping.mu.Unlock()
	var out ticket.Regrouped
	x, err := c.matcher(ctx)
	if err != nil {
		return out, err
	}
	named := map[string]bool{}
	for i := range listings { // one that is known may have been moved since it was read
		x.Put(c.showOf(&listings[i]), cmp.Or(x.At(listings[i].Key), listings[i].PerformanceID))
		named[listings[i].Key] = true
	}
	for i := range openings {
		x.Put(noticeOf(&openings[i]), cmp.Or(x.At(openings[i].ID), openings[i].PerformanceID))
		named[openings[i].ID] = true
	}
	if err := c.settleGroups(ctx, x, &out, func(key string) bool { return named[key] }); err != nil {
		return out, err
	}
	for _, l := range listings {
		out.Touched.Add(x.At(l.Key))
	}
	for _, o := range openings {
		out.Touched.Add(x.At(o.ID))
	}
	return out, nil
}

// Rematch forgets what is in memory, reads every listing, opening and decision anew, puts right whatever does not stand
// where it belongs, and projects everything again: after a crash between two writes something may be left over, and another
// version of the matcher may say otherwise. It returns how many listings and openings moved; what was right stays untouched.
func (c *Catalog) Rematch(ctx context.Context, now time.Time) (moved int, err error) {
	var out ticket.Regrouped
	if err := c.renewTitles(ctx); err != nil {
		return 0, err
	}
	c.grouping.mu.Lock()
	c.grouping.index = nil
	x, err := c.matcher(ctx)
	if err == nil {
		err = c.settleGroups(ctx, x, &out, nobodys)
	}
	c.grouping.mu.Unlock()
	if err != nil {
		return out.Moved, err
	}
	standing, err := c.listings.GroupCount(ctx, "performance_id")
	if err != nil {
		return out.Moved, err
	}
	for id := range standing {
		out.Touched.Add(id)
	}
	if err := c.EachPerformance(ctx, func(p *ticket.Performance) error { out.Touched.Add(p.ID); return nil }); err != nil {
		return out.Moved, err
	}
	by := ticket.Origin{Cause: ticket.CauseMerge, At: ticket.Instant(now), Source: "match"}
	if err := c.ProjectAll(ctx, out.Touched.All(), func(string) ticket.Origin { return by }); err != nil {
		return out.Moved, err
	}
	decided, err := c.Decisions(ctx, 0)
	for _, d := range decided {
		if err == nil && !d.Applied {
			_, err = c.decisions.UpdateWhere(ctx, map[string]any{"applied": true}, store.Cond{Field: "_id", Op: store.Eq, Value: d.ID})
		}
	}
	return out.Moved, err
}

// matcher is the index, filled. The caller holds the lock.
func (c *Catalog) matcher(ctx context.Context) (*match.Index, error) {
	if c.grouping.index != nil {
		return c.grouping.index, nil
	}
	x := match.NewIndex(PerformanceID)
	err := c.decisions.Scan(ctx, func(decode func(any) error) error {
		var d ticket.Decision
		if err := decode(&d); err != nil {
			return err
		}
		x.Decide(d)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the decisions: %w", err)
	}
	err = c.listings.Scan(ctx, func(decode func(any) error) error {
		var l matchable
		if err := decode(&l); err != nil {
			return err
		}
		if l.Content.Title == "" { // facts that wait for the page that names their show
			return nil
		}
		full := l.listing()
		x.Put(c.showOf(&full), l.PerformanceID)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the listings: %w", err)
	}
	err = c.openings.Scan(ctx, func(decode func(any) error) error {
		var o ticket.Opening
		if err := decode(&o); err != nil {
			return err
		}
		x.Put(noticeOf(&o), o.PerformanceID)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the openings: %w", err)
	}
	c.grouping.index = x
	return x, nil
}

// nobodys: no listing is named by the page that leads to its move.
func nobodys(string) bool { return false }

// settleGroups carries out what the matcher says, one document at a time. What was not carried out is said again, and what
// was is owed until it is projected, so a failure, or the end of the process, between two of them loses nothing. Performances
// that gain come before those that lose: the id of one that is gone must lead to one that is there.
func (c *Catalog) settleGroups(ctx context.Context, x *match.Index, out *ticket.Regrouped, named func(key string) bool) (err error) {
	defer func() {
		if err != nil { // whether the last write was made is open: the store knows
			c.grouping.index = nil
		}
	}()
	moves := x.Settle()
	if err := c.owe(ctx, moves, named); err != nil {
		return fmt.Errorf("note what will be to project: %w", err)
	}
	for _, m := range moves {
		var err error
		if m.Role == match.Announces {
			err = c.linkOpening(ctx, m.Key, m.To)
		} else {
			err = c.join(ctx, m.Key, m.To)
		}
		if err != nil {
			return fmt.Errorf("move %s to %s: %w", m.Key, m.To, err)
		}
		x.Kept(m)
		out.Moved++
		out.Touched.Add(m.To)
	}
	for _, m := range moves {
		out.Touched.Add(m.From)
		if m.From != "" && m.Role != match.Announces {
			out.Merged.Add(m.From, m.To)
		}
	}
	for _, id := range c.owing() { // from before: no news of whatever leads here
		if !out.Touched.Has(id) {
			out.Touched.Add(id)
			out.Merged.Add(id)
		}
	}
	return nil
}

// join puts a listing into a performance. The id of the performance it would found alone becomes an alias first, so that
// it leads somewhere at every moment; while such a performance stands, it goes before its alias.
func (c *Catalog) join(ctx context.Context, key, performanceID string) error {
	if own := PerformanceID(key); own != performanceID {
		var a aliasDoc
		if err := c.aliases.Get(ctx, own, &a); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if a.To != performanceID {
			if err := c.aliases.Upsert(ctx, aliasDoc{ID: own, To: performanceID, Version: a.Version}); err != nil {
				return err
			}
		}
	}
	return retry(func() error {
		var l ticket.Listing
		if err := c.listings.Get(ctx, key, &l); err != nil {
			return err
		}
		if l.PerformanceID == performanceID {
			return nil
		}
		version := l.Version
		l.PerformanceID, l.Version = performanceID, version+1
		return c.listings.Replace(ctx, l, version)
	})
}

// linkOpening puts an opening into a performance, "" for none.
func (c *Catalog) linkOpening(ctx context.Context, id, performanceID string) error {
	return retry(func() error {
		var o ticket.Opening
		if err := c.openings.Get(ctx, id, &o); err != nil {
			return err
		}
		if o.PerformanceID == performanceID {
			return nil
		}
		version := o.Version
		o.PerformanceID, o.Version = performanceID, version+1
		return c.openings.Replace(ctx, o, version)
	})
}

// renewTitles keeps what today's rules make of the titles of listings, so that the next start need not work it out again.
func (c *Catalog) renewTitles(ctx context.Context) error {
	return c.listings.Scan(ctx, func(decode func(any) error) error {
		var l matchable
		if err := decode(&l); err != nil {
			return err
		}
		if l.Content.TitleRaw == "" || l.Title.Core != "" && l.Title.Made == titleRules {
			return nil
		}
		_, err := c.listings.UpdateWhere(ctx, map[string]any{"title_keys": titleKeys(l.Content.TitleRaw)}, store.Cond{Field: "_id", Op: store.Eq, Value: l.Key})
		return err
	})
}

// matchable is the part of a listing that matching reads: most of a listing is left undecoded.
type matchable struct {
	Key           string           `bson:"_id"`
	Source        string           `bson:"source"`
	Title         ticket.TitleKeys `bson:"title_keys"`
	PerformanceID string           `bson:"performance_id"`
	FirstSeenAt   time.Time        `bson:"first_seen_at"`
	Content       struct {
		Seller    ticket.Seller       `bson:"seller"`
		Title     string              `bson:"title"`
		TitleRaw  string              `bson:"title_raw"`
		Genre     ticket.Genre        `bson:"genre"`
		Place     ticket.Place        `bson:"place"`
		Period    ticket.Period       `bson:"period"`
		Prices    []ticket.Price      `bson:"prices"`
		Cast      []ticket.CastMember `bson:"cast"`
		TimesText string              `bson:"times_text"`
		Fixture   *ticket.Fixture     `bson:"fixture"`
		Links     []ticket.Link       `bson:"links"`
	} `bson:"content"`
}

func (m *matchable) listing() ticket.Listing {
	k := &m.Content
	return ticket.Listing{Key: m.Key, Source: m.Source, Title: m.Title, PerformanceID: m.PerformanceID, FirstSeenAt: m.FirstSeenAt,
		Content: ticket.Content{Seller: k.Seller, Title: k.Title, TitleRaw: k.TitleRaw, Genre: k.Genre, Place: k.Place, Period: k.Period, Prices: k.Prices,
			Cast: k.Cast, TimesText: k.TimesText, Fixture: k.Fixture, Links: k.Links}}
}
