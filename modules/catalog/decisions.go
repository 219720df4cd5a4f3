package catalog

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// What a person may ask for that cannot be done. Each is wrapped with what and why.
var (
	ErrAlreadySame  = errors.New("they are one performance already")
	ErrNotMembers   = errors.New("these listings are not the performance's")
	ErrNothingLeft  = errors.New("a split must leave something behind")
	ErrUndone       = errors.New("the decision was undone already")
	ErrNoSuchChoice = errors.New("there is no such decision")
)

// Why is who decided, when, and for what reason.
type Why struct {
	Author, Reason string
	At             time.Time
}

// Merge makes two performances one. a and b are ids of performances, merged ones too, or keys of listings.
func (c *Catalog) Merge(ctx context.Context, a, b string, why Why) (ticket.Decision, error) {
	left, right, err := c.twoSides(ctx, a, b)
	if err != nil {
		return ticket.Decision{}, err
	}
	keys := slices.Concat(left, right)
	slices.Sort(keys)
	return c.decide(ctx, ticket.Decision{Kind: ticket.SameShow, Left: keys}, why)
}

// Apart says that two performances are not the same, so that nothing ever joins what they hold now.
func (c *Catalog) Apart(ctx context.Context, a, b string, why Why) (ticket.Decision, error) {
	left, right, err := c.twoSides(ctx, a, b)
	if err != nil {
		return ticket.Decision{}, err
	}
	return c.decide(ctx, ticket.Decision{Kind: ticket.OtherShows, Left: left, Right: right}, why)
}

// Split takes listings out of a performance: they and the rest are not the same.
func (c *Catalog) Split(ctx context.Context, performance string, keys []string, why Why) (ticket.Decision, error) {
	_, members, err := c.side(ctx, performance)
	if err != nil {
		return ticket.Decision{}, err
	}
	keys = slices.Compact(slices.Sorted(slices.Values(keys)))
	var out, rest []string
	for _, key := range members {
		if slices.Contains(keys, key) {
			out = append(out, key)
		} else {
			rest = append(rest, key)
		}
	}
	switch {
	case len(keys) == 0 || len(out) < len(keys):
		return ticket.Decision{}, fmt.Errorf("split %s: %w: it holds %s", performance, ErrNotMembers, strings.Join(members, ", "))
	case len(rest) == 0:
		return ticket.Decision{}, fmt.Errorf("split %s: %w", performance, ErrNothingLeft)
	}
	return c.decide(ctx, ticket.Decision{Kind: ticket.OtherShows, Left: out, Right: rest}, why)
}

// Undo takes a decision back. What it changed goes back to what the scores and the other decisions say.
func (c *Catalog) Undo(ctx context.Context, id string, why Why) (ticket.Decision, error) {
	var d ticket.Decision
	if err := c.decisions.Get(ctx, id, &d); err != nil {
		if errors.Is(err, store.ErrNotFound) {
			err = fmt.Errorf("decision %s: %w", id, ErrNoSuchChoice)
		}
		return d, err
	}
	if d.UndoneAt != nil {
		return d, fmt.Errorf("decision %s: %w", id, ErrUndone)
	}
	at := ticket.Instant(why.At)
	d.UndoneAt, d.UndoneBy, d.UndoReason, d.Applied = &at, cmp.Or(why.Author, "admin"), why.Reason, false
	return d, c.apply(ctx, &d, at)
}

// Decisions lists decisions, the latest first; 0 is all.
func (c *Catalog) Decisions(ctx context.Context, limit int) ([]ticket.Decision, error) {
	var out []ticket.Decision
	err := c.decisions.Find(ctx, store.Query{OrderBy: "at", Desc: true, Limit: limit}, &out)
	return out, err
}

// twoSides are the keys of the listings of two performances.
func (c *Catalog) twoSides(ctx context.Context, a, b string) (left, right []string, err error) {
	ida, left, err := c.side(ctx, a)
	if err != nil {
		return nil, nil, err
	}
	idb, right, err := c.side(ctx, b)
	if err != nil {
		return nil, nil, err
	}
	if ida == idb {
		return nil, nil, fmt.Errorf("%s and %s: %w", a, b, ErrAlreadySame)
	}
	return left, right, nil
}

// Standing is the performance that an id, or the key of a listing, means.
func (c *Catalog) Standing(ctx context.Context, name string) (*ticket.Performance, error) {
	if _, _, isKey := ticket.SplitKey(name); isKey {
		l, err := c.Listing(ctx, name)
		if err != nil {
			return nil, err
		}
		name = l.PerformanceID
	}
	return c.Performance(ctx, name)
}

// side are the keys of the listings of the performance that an id, or the key of a listing, means.
func (c *Catalog) side(ctx context.Context, name string) (id string, keys []string, err error) {
	p, err := c.Standing(ctx, name)
	if err != nil {
		return "", nil, err
	}
	members, err := c.Members(ctx, p.ID)
	for _, l := range members {
		keys = append(keys, l.Key)
	}
	slices.Sort(keys)
	return p.ID, keys, err
}

func (c *Catalog) decide(ctx context.Context, d ticket.Decision, why Why) (ticket.Decision, error) {
	c.deciding.Lock()
	defer c.deciding.Unlock()
	last, err := c.Decisions(ctx, 1)
	if err != nil {
		return d, err
	}
	d.ID, d.At = rand.Text(), ticket.Instant(why.At)
	if len(last) > 0 && !d.At.After(last[0].At) { // which of two is the later must never be open
		d.At = last[0].At.Add(time.Millisecond)
	}
	d.Author, d.Reason = cmp.Or(why.Author, "admin"), why.Reason
	return d, c.apply(ctx, &d, d.At)
}

// apply keeps a decision, then carries it out. One that was kept and not carried out, because the process ended, is carried
// out by the next Rematch.
func (c *Catalog) apply(ctx context.Context, d *ticket.Decision, at time.Time) error {
	c.grouping.mu.Lock()
	moved, err := func() (out ticket.Regrouped, err error) {
		defer c.grouping.mu.Unlock()
		x, err := c.matcher(ctx)
		if err != nil {
			return out, err
		}
		if err := c.decisions.Upsert(ctx, d); err != nil {
			return out, fmt.Errorf("keep the decision: %w", err)
		}
		x.Decide(*d)
		return out, c.settleGroups(ctx, x, &out, nobodys)
	}()
	if err != nil {
		return err
	}
	by := ticket.Origin{Cause: ticket.CauseAdmin, At: at, Source: "decision:" + d.ID}
	if err := c.ProjectAll(ctx, moved.Touched.All(), func(string) ticket.Origin { return by }); err != nil {
		return err
	}
	d.Applied = true
	_, err = c.decisions.UpdateWhere(ctx, map[string]any{"applied": true}, store.Cond{Field: "_id", Op: store.Eq, Value: d.ID})
	return err
}

// Unapplied tells whether a decision waits to be carried out, or performances to be projected.
func (c *Catalog) Unapplied(ctx context.Context) (bool, error) {
	if len(c.owing()) > 0 {
		return true, nil
	}
	all, err := c.Decisions(ctx, 0)
	return slices.ContainsFunc(all, func(d ticket.Decision) bool { return !d.Applied }), err
}
