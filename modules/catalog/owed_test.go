package catalog

import (
	"context"
	"errors"
	"maps"
	"testing"

	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// failing refuses the writes that a test says.
type failing struct {
	store.Collection
	refuse func() bool
}

var errRefused = errors.New("refused")

func (f failing) Insert(ctx context.Context, doc any) error {
	if f.refuse() {
		return errRefused
	}
	return f.Collection.Insert(ctx, doc)
}

func (f failing) Replace(ctx context.Context, doc any, version int64) error {
	if f.refuse() {
		return errRefused
	}
	return f.Collection.Replace(ctx, doc, version)
}

// moving is a catalogue in which the next page of yes24:1 moves melon:2 to interpark:3: the page, and what stands after it.
func moving(t *testing.T) (c *Catalog, page shopPage, want map[string]string) {
	t.Helper()
	c = newCatalog(t)
	a := shopPage{"yes24", "1", "시라노", "", "2026-12-06", "2027-02-23", 0}
	b := shopPage{"melon", "2", "시라노", "토월극장", "2026-12-06", "2027-02-23", 1}
	d := shopPage{"interpark", "3", "시라노", "토월극장", "2026-12-06", "2027-02-23", 2}
	crawled(t, c, a, b, d)
	page = shopPage{"yes24", "1", "렌트", "부산 드림씨어터", "2026-12-06", "2027-02-23", 3}
	want = map[string]string{PerformanceID("yes24:1"): "yes24:1", PerformanceID("melon:2"): "interpark:3 melon:2"}
	return c, page, want
}

// taken is a page on its way through the stages of the ETL, as far as it gets.
func taken(c *Catalog, p shopPage) error {
	ctx := context.Background()
	l, _, err := c.SaveListing(ctx, p.source, p.code, 1, p.view())
	if err != nil {
		return err
	}
	moved, err := c.Place(ctx, []ticket.Listing{l}, nil)
	if err != nil {
		return err
	}
	return c.ProjectAll(ctx, moved.Touched.All(), func(id string) ticket.Origin {
		by := ticket.Origin{Cause: ticket.CauseSource, At: l.FetchedAt, Source: l.Key}
		if moved.Merged.Has(id) {
			by.Cause = ticket.CauseMerge
		}
		return by
	})
}

// TestWhatMovedIsProjectedInTheEnd: a page moves listings that it does not name, and any one write fails, or the process ends
// there; then the page comes again.
func TestWhatMovedIsProjectedInTheEnd(t *testing.T) {
	t.Parallel()
	for _, restart := range []bool{false, true} {
		for fails := range 8 {
			c, page, want := moving(t)
			listings, data, n := c.listings, c.data, 0
			refuse := func() bool { n++; return n == fails+1 }
			c.listings, c.data = failing{listings, refuse}, failing{data, refuse}
			err := taken(c, page)
			c.listings, c.data = listings, data
			if err == nil && n > fails {
				t.Fatalf("write %d failed, and nobody was told", fails)
			}
			if restart {
				c.grouping.index = nil
				must(t, c.loadOwed(context.Background()))
			}
			must(t, taken(c, page))
			got := map[string]string{}
			for id, keys := range standing(t, c) {
				got[id] = keys
				p, err := c.Performance(context.Background(), id)
				must(t, err)
				members, err := c.Members(context.Background(), id)
				must(t, err)
				if len(p.Offers) != len(members) {
					t.Errorf("restart %v, write %d failed: %s shows %d offers of %d listings", restart, fails, id, len(p.Offers), len(members))
				}
			}
			if !maps.Equal(got, want) {
				t.Errorf("restart %v, write %d failed: %v, want %v", restart, fails, got, want)
			}
			if rest := c.owing(); len(rest) > 0 {
				t.Errorf("restart %v, write %d failed: still to be projected: %v", restart, fails, rest)
			}
		}
	}
}

// TestAnIdLeadsSomewhereAtEveryMoment: a listing seen earlier comes late and founds its show anew.
func TestAnIdLeadsSomewhereAtEveryMoment(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newCatalog(t)
	early := shopPage{"yes24", "1", "시라노", "토월극장", "2026-12-06", "2027-02-23", 5}
	crawled(t, c, early, shopPage{"melon", "2", "시라노", "토월극장", "2026-12-06", "2027-02-23", 9})
	early.source, early.code, early.minutes = "melon", "2", 0
	l, _, err := c.SaveListing(ctx, "melon", "2", 1, early.view())
	must(t, err)
	moved := put(t, c, l)
	for _, id := range moved.Touched.All() {
		must(t, c.Project(ctx, id, ticket.Origin{Cause: ticket.CauseSource, At: at}))
		for _, key := range []string{"yes24:1", "melon:2"} {
			if _, err := c.Performance(ctx, PerformanceID(key)); err != nil {
				t.Errorf("%s projected: the id of %s leads nowhere: %v", id, key, err)
			}
		}
	}
	if got := standing(t, c); got[PerformanceID("melon:2")] != "melon:2 yes24:1" || len(got) != 1 {
		t.Errorf("%v", got)
	}
}
