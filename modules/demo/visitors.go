package demo

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"ticketmoa/modules/ticket"
)

// Visits are what n invented visitors did on a day: who looked at which of shows, and who left for a seller. The same day
// and shows give the same events. Nothing in them says that they are invented: a demo says so on every page.
func Visits(day ticket.Date, shows []*ticket.Performance, n int) []ticket.Event {
	if len(shows) == 0 || n <= 0 {
		return nil
	}
	fame := rand.New(rand.NewPCG(uint64(len(shows)), 1))       //nolint:gosec // the same on every day, so that ranks move little
	rng := rand.New(rand.NewPCG(uint64(day.Time().Unix()), 2)) //nolint:gosec // invention, no secret
	shows = slices.SortedFunc(slices.Values(shows), func(a, b *ticket.Performance) int { return cmp.Compare(a.ID, b.ID) })
	fame.Shuffle(len(shows), func(i, j int) { shows[i], shows[j] = shows[j], shows[i] })
	step := 24 * time.Hour / time.Duration(n+1)
	var out []ticket.Event
	for i := range n {
		e := visitor(day, rng)
		e.ReceivedAt = day.Time().Add(time.Duration(i)*step + time.Duration(rng.Int64N(int64(step)))).UTC().Truncate(time.Millisecond)
		p := shows[favourite(rng, len(shows), taste(e, shows))]
		e.ID = fmt.Sprintf("demo-%s-%06d", day, i)
		e.Kind, e.Page, e.PerformanceID, e.Genre, e.Region = ticket.EventView, "detail", p.ID, p.Genre, p.Place.Region
		out = append(out, e)
		if len(p.Offers) > 0 && rng.IntN(6) == 0 {
			o := p.Offers[rng.IntN(len(p.Offers))]
			e.ID, e.Kind, e.OfferID, e.Seller = e.ID+"-out", ticket.EventOfferClick, o.ID, o.Seller
			out = append(out, e)
		}
	}
	return out
}

// visitor is somebody: two in three have told their age and gender.
func visitor(day ticket.Date, rng *rand.Rand) ticket.Event {
	who := rng.IntN(900)
	devices, browsers := []string{"phone", "phone", "phone", "desktop"}, []string{"chrome", "safari", "samsung", "whale"}
	e := ticket.Event{Device: devices[who%len(devices)], Browser: browsers[who%len(browsers)]}
	if who%3 == 0 {
		e.Person = fmt.Sprintf("a:%016x", uint64(day.Time().Unix())*1000+uint64(who))
		return e
	}
	ages := []ticket.AgeBand{"20s", "30s", "40s", "20s", "30s", "50s", "10s", "60s"}
	e.Person, e.Account = fmt.Sprintf("u:demo%03d", who), true
	e.AgeBand, e.Gender = ages[who/3%len(ages)], []ticket.Gender{ticket.Female, ticket.Female, ticket.Male}[who/24%3]
	return e
}

// taste is how far the favourites of somebody's age lie from everybody's.
func taste(e ticket.Event, shows []*ticket.Performance) int {
	at := slices.Index(ticket.AgeBands(), e.AgeBand)
	return max(at, 0) * len(shows) / 40
}

// favourite picks a place below n: the first ones after shift far more often than the last.
func favourite(rng *rand.Rand, n, shift int) int {
	i := int(float64(n) * rng.Float64() * rng.Float64() * rng.Float64())
	return (min(i, n-1) + shift) % n
}
