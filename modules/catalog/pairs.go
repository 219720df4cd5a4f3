package catalog

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"ticketmoa/modules/match"
	"ticketmoa/modules/ticket"
)

// Pair is two listings that are the same show, or nearly, with the score that says so.
type Pair struct {
	match.Judged
	Score match.Score
	A, B  ticket.Listing
}

// The pairs a person may want to look at.
const (
	Doubtful = "doubtful" // two performances, although not much is missing; the nearest first
	Weak     = "weak"     // one performance, although not much holds them together; the weakest first
)

// weakBelow is the score under which a pair that stands together is worth a look.
const weakBelow = 3

// Pairs lists at most limit pairs of a kind. Those that a person decided on, or that a registry's link joins, are left out.
func (c *Catalog) Pairs(ctx context.Context, kind string, limit int) ([]Pair, error) {
	var found []match.Judged
	err := c.EachPair(ctx, func(j match.Judged) bool {
		open := j.Decided == "" && !j.Link && !j.Apart
		if kind == Doubtful && open && !j.Together || kind == Weak && open && j.Together && j.Total < weakBelow {
			found = append(found, j)
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b match.Judged) int {
		by := cmp.Compare(a.Total, b.Total)
		if kind == Doubtful {
			by = -by
		}
		return cmp.Or(by, strings.Compare(a.A, b.A), strings.Compare(a.B, b.B))
	})
	var out []Pair
	for _, j := range found[:min(len(found), limit)] {
		p := Pair{Judged: j}
		for key, into := range map[string]*ticket.Listing{j.A: &p.A, j.B: &p.B} {
			if *into, err = c.Listing(ctx, key); err != nil {
				return nil, err
			}
		}
		if p.Score, err = c.Explain(ctx, j.A, j.B); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// Explain is the explained score of two listings.
func (c *Catalog) Explain(ctx context.Context, a, b string) (match.Score, error) {
	c.grouping.mu.Lock()
	defer c.grouping.mu.Unlock()
	x, err := c.matcher(ctx)
	if err != nil {
		return match.Score{}, err
	}
	s, _ := x.Explain(a, b)
	return s, nil
}

// EachPair calls fn with every pair worth a look, in the order of keys, until fn returns false. Nothing moves meanwhile, so
// fn must be quick.
func (c *Catalog) EachPair(ctx context.Context, fn func(match.Judged) bool) error {
	c.grouping.mu.Lock()
	defer c.grouping.mu.Unlock()
	x, err := c.matcher(ctx)
	if err != nil {
		return err
	}
	x.Pairs(func(j match.Judged) bool { return ctx.Err() == nil && fn(j) })
	return ctx.Err()
}
