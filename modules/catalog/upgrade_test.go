package catalog

import (
	"context"
	"testing"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/ticket"
)

// TestACatalogueFromBeforeIsBroughtUp: performances written when artists had no ids and a venue was its name's key.
func TestACatalogueFromBeforeIsBroughtUp(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newCatalog(t)
	place := ticket.Place{Name: "소라극장", Region: "부산"}
	c.take(t, billed{source: "yes24", code: "1", genre: ticket.Play, cast: "김바다(등대)", place: place}, billed{source: "yes24", code: "2", genre: ticket.Play, place: place})
	want := c.show(t)
	before := ticket.ID("venue", normalize.VenueKey(place.Name))
	for _, code := range []string{"1", "2"} {
		p, err := c.Performance(ctx, PerformanceID("yes24:"+code))
		must(t, err)
		p.VenueID, p.ContentHash = before, "of another time"
		for i := range p.Cast {
			p.Cast[i].ArtistID = ""
		}
		must(t, c.data.Upsert(ctx, *p))
	}
	_, err := c.people.DeleteWhere(ctx)
	must(t, err)
	_, err = c.houses.DeleteWhere(ctx)
	must(t, err)
	seq, err := c.LastChange(ctx)
	must(t, err)
	c.reread(t)
	c.take(t, billed{source: "kopis", facility: facilityOf("FC9", "먼섬아트홀", "제주", "서귀포시", 100)}) // any page
	if got := c.show(t); got != want {
		t.Errorf("%s", firstDifference(want, got))
	}
	changes, err := c.Changes(ctx, seq, 100)
	must(t, err)
	for _, ch := range changes {
		if ch.Cause != ticket.CauseMerge || ch.Fields[0].Field != "entities" {
			t.Errorf("an upgrade is told as news: %+v", ch)
		}
	}
	if len(changes) != 2 {
		t.Errorf("%d performances were brought up, want 2", len(changes))
	}
	if v, err := c.Venue(before); err != nil || v.Region != "부산" {
		t.Errorf("the old id leads to %+v, %v", v, err)
	}
}
