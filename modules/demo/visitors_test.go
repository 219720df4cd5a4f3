package demo

import (
	"fmt"
	"reflect"
	"testing"

	"ticketmoa/modules/ticket"
)

func TestVisits(t *testing.T) {
	t.Parallel()
	var shows []*ticket.Performance
	for i := range 60 {
		shows = append(shows, &ticket.Performance{ID: fmt.Sprintf("p%02d", i), Genre: ticket.Musical, Place: ticket.Place{Region: "서울"},
			Offers: []ticket.Offer{{ID: fmt.Sprintf("o%02d", i), Seller: ticket.YES24}}})
	}
	const day = ticket.Date("2026-11-21")
	all := Visits(day, shows, 3000)
	if !reflect.DeepEqual(all, Visits(day, shows, 3000)) {
		t.Error("the same day gives other visits")
	}
	ids, views, people, clicks := map[string]bool{}, map[string]int{}, map[string]bool{}, 0
	for _, e := range all {
		if ids[e.ID] || e.Day() != day || e.PerformanceID == "" || e.Account != (e.Person[0] == 'u') {
			t.Fatalf("%+v", e)
		}
		ids[e.ID], people[e.Person] = true, true
		if e.Kind == ticket.EventOfferClick {
			clicks++
			continue
		}
		views[e.PerformanceID]++
	}
	if len(people) < 500 || len(views) < 30 || clicks < 300 {
		t.Errorf("%d people, %d shows, %d clicks", len(people), len(views), clicks)
	}
	if Visits(day, nil, 10) != nil {
		t.Error("visits without shows")
	}
}
