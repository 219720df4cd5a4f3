package catalog

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// TestWhatChangedOfVenuesIsSettled lets performances come, move and go and facilities be learnt, at random. What is kept
// afterwards, by looking at what changed only, must be what one keeps who reads everything anew.
func TestWhatChangedOfVenuesIsSettled(t *testing.T) {
	t.Parallel()
	ctx := store.Later(context.Background())
	names := []string{"블루스퀘어", "블루스퀘어 신한카드홀", "소라극장", "소라 극장", "하늘아트홀"}
	regions := []ticket.Region{"", "서울", "부산"}
	for seed := range uint64(6) {
		rng := rand.New(rand.NewPCG(seed, 5))
		c := newCatalog(t)
		for range 200 {
			id := fmt.Sprint("p", rng.IntN(12))
			place := ticket.Place{Name: names[rng.IntN(len(names))], Region: regions[rng.IntN(len(regions))], Address: []string{"", "어딘가 1"}[rng.IntN(2)]}
			venue := namedID(normalize.VenueKey(place.Name), place.Region)
			switch rng.IntN(6) {
			case 0:
				venue = ""
			case 1, 2:
				venue = facilityID(fmt.Sprint("kopis:FC", rng.IntN(3)))
			case 3:
				c.halls.learn(*facilityOf(fmt.Sprint("FC", rng.IntN(3)), names[rng.IntN(len(names))], regions[rng.IntN(len(regions))], "중구", rng.IntN(3)))
			}
			c.halls.stand(id, venue, place)
			if rng.IntN(3) == 0 {
				must(t, c.settleVenues(ctx))
			}
		}
		must(t, c.settleVenues(ctx))
		got := c.show(t)
		d := newCatalog(t)
		for id, s := range c.halls.stays {
			d.halls.stand(id, s.venue, s.place)
		}
		for _, f := range c.halls.facilities {
			d.halls.learn(f)
		}
		must(t, d.settleVenues(ctx))
		if want := d.show(t); got != want {
			t.Fatalf("seed %d:\n%s", seed, firstDifference(want, got))
		}
	}
}
