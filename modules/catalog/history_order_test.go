package catalog

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"ticketmoa/modules/ticket"
)

// TestAReplayIsNoNews: tables of two kinds of pages in which prices move, vanish and come back. Reading the same pages again, in
// any order, adds nothing to the history; whatever order they came in first, after one replay it is that of their dates.
func TestAReplayIsNoNews(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	rounds := 16
	if testing.Short() {
		rounds = 6
	}
	for seed := range rounds {
		rnd := rand.New(rand.NewPCG(uint64(seed), 3))
		var pages []ticket.View
		for i := range 3 + rnd.IntN(5) {
			var prices []ticket.Price
			if rnd.IntN(5) > 0 {
				prices = append(prices, grade("R석", ticket.Won(100*(1+rnd.IntN(2)))))
			}
			if rnd.IntN(3) == 0 {
				prices = append(prices, grade("S석", 50))
			}
			kind := ticket.DetailPage
			if rnd.IntN(3) == 0 {
				kind = ticket.ListPage
			}
			v := priced(10*i, kind, prices...)
			if rnd.IntN(2) == 0 {
				v.Content.SaleState = ticket.SoldOut
			}
			pages = append(pages, v)
		}
		c := newCatalog(t)
		read := func(code string, order []ticket.View) []string {
			for _, v := range order {
				_, _, err := c.SaveListing(ctx, "yes24", code, 1, v)
				must(t, err)
			}
			var doc historyDoc
			must(t, c.history.Get(ctx, "yes24:"+code, &doc))
			var out []string
			for _, r := range doc.Rows {
				if r.Value == "" && (len(out) == 0 || keyOf(r) != keyOf(doc.Rows[len(out)-1])) {
					t.Errorf("seed %d: a line begins with nothing: %+v", seed, r)
				}
				out = append(out, fmt.Sprintf("%s %s %s %s %d", r.Field, r.Kind, r.Grade, r.Value, int(r.From.Sub(at).Minutes())))
			}
			return out
		}
		want := read("1", pages)
		mixed := slices.Clone(pages)
		rnd.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if got := read("1", mixed); !slices.Equal(got, want) {
			t.Errorf("seed %d: read again\n got %q\nwant %q", seed, got, want)
		}
		read("2", mixed)
		if got := read("2", pages); !slices.Equal(got, want) {
			t.Errorf("seed %d: in another order and again\n got %q\nwant %q", seed, got, want)
		}
	}
}
