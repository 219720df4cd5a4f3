package catalog

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"ticketmoa/modules/ticket"
)

// judged is a catalogue with a show that a first crawl brought.
type judged struct {
	*Catalog
	t *testing.T
}

func newJudged(t *testing.T) judged {
	j := judged{newCatalog(t), t}
	j.page("A", 0, sound())
	return j
}

// page is what a crawl's product page says, minutes after the beginning.
func (j judged) page(run string, minutes int, c ticket.Content) ticket.Listing {
	j.t.Helper()
	return j.view(run, ticket.DetailPage, minutes, c)
}

func (j judged) view(run string, kind ticket.PageKind, minutes int, c ticket.Content) ticket.Listing {
	j.t.Helper()
	v := view(kind, minutes, c)
	v.Run, v.RawKey = run, "raw/"+run+"/"+c.Title+string(c.Period.End)
	c.URL, c.Seller = "https://ticket.yes24.com/Perf/1", ticket.YES24
	v.Content = c
	l, _, err := j.SaveListing(context.Background(), "yes24", "1", 1, v)
	must(j.t, err)
	must(j.t, j.replace(context.Background(), []ticket.Listing{l}, nil, ticket.Origin{Cause: ticket.CauseSource, At: v.FetchedAt, Source: l.Key}))
	return l
}

func (j judged) release(run string, all bool) []string {
	j.t.Helper()
	again, err := j.Release(context.Background(), run, all, ticket.Origin{Cause: ticket.CauseSource, At: at.Add(time.Hour)})
	must(j.t, err)
	return again
}

func (j judged) waiting(run string) int64 {
	j.t.Helper()
	n, err := j.Waiting(context.Background(), run)
	must(j.t, err)
	return n
}

func (j judged) now() ticket.Content {
	j.t.Helper()
	l, err := j.Listing(context.Background(), "yes24:1")
	must(j.t, err)
	return l.Content
}

func dearer() ticket.Content {
	c := sound()
	c.Prices[1].Won = 55000
	return c
}

func withoutPrices() ticket.Content {
	c := sound()
	c.Prices = nil
	return c
}

func TestWhatAPageChangesWaitsForTheVerdict(t *testing.T) {
	t.Parallel()
	j := newJudged(t)
	j.page("B", 10, dearer())
	if got := j.now(); got.Prices[1].Won != 44000 || j.waiting("B") != 1 {
		t.Fatalf("before the verdict: %v, %d wait", got.Prices, j.waiting("B"))
	}
	j.page("B", 10, dearer()) // the same page once more, after a crash
	j.page("A", 0, sound())   // and an older one
	if j.waiting("B") != 1 {
		t.Fatal("it waits no more")
	}
	if again := j.release("B", false); len(again) > 0 || j.now().Prices[1].Won != 55000 || j.waiting("B") != 0 {
		t.Errorf("after the verdict: %v, again %v", j.now().Prices, again)
	}
	changes, err := j.Changes(context.Background(), 0, 10)
	must(t, err)
	last := changes[len(changes)-1]
	if last.Source != "yes24:1" || last.Cause != ticket.CauseSource || !last.At.Equal(at.Add(10*time.Minute)) {
		t.Errorf("the change counts as said by %s at %s", last.Source, last.At)
	}
	j.page("B", 10, dearer())
	if j.waiting("B") != 0 || j.now().Prices[1].Won != 55000 {
		t.Error("the page that was released waits once more")
	}
}

// TestAnEndIsBelievedOfTheSecondCrawl: so is a loss; a person is believed at once.
func TestAnEndIsBelievedOfTheSecondCrawl(t *testing.T) {
	t.Parallel()
	over := sound()
	over.SaleState = ticket.Ended
	for name, c := range map[string]ticket.Content{"an end": over, "a loss": withoutPrices()} {
		j := newJudged(t)
		j.page("B", 10, c)
		if again := j.release("B", false); !slices.Equal(again, []string{"1"}) || !reflect.DeepEqual(j.now().Prices, sound().Prices) || j.now().SaleState == ticket.Ended {
			t.Errorf("%s is believed of one crawl: %v %+v", name, again, j.now())
		}
		j.page("C", 20, c)
		if again := j.release("C", false); len(again) > 0 || j.now().SaleState != c.SaleState || len(j.now().Prices) != len(c.Prices) {
			t.Errorf("%s is not believed of two: %v %+v", name, again, j.now())
		}
		j = newJudged(t)
		j.page("B", 10, c)
		if j.release("B", true); j.now().SaleState != c.SaleState || len(j.now().Prices) != len(c.Prices) {
			t.Errorf("%s is not believed of a person", name)
		}
		j = newJudged(t)
		j.page("B", 10, c)
		j.page("C", 20, sound()) // it was nothing
		j.page("D", 30, c)
		if again := j.release("D", false); !slices.Equal(again, []string{"1"}) {
			t.Errorf("%s, then none, then %s: %v", name, name, again)
		}
	}
}

func TestOrderAndListsOfOneCrawl(t *testing.T) {
	t.Parallel()
	j := newJudged(t)
	j.page("C", 20, dearer())
	j.page("B", 10, withoutPrices()) // comes late
	if j.waiting("B") != 0 || j.waiting("C") != 1 {
		t.Errorf("B %d, C %d wait", j.waiting("B"), j.waiting("C"))
	}
	if j.release("B", true); j.now().Prices[1].Won != 44000 {
		t.Error("the verdict on another crawl released it")
	}
	j.page("D", 30, sound()) // says what was known: nothing waits any more
	if j.waiting("C") != 0 || j.waiting("D") != 0 {
		t.Error("something waits that nobody says any more")
	}
	n := judged{newCatalog(t), t}
	first, second := sound(), sound()
	first.Genre, second.Genre = ticket.Musical, ticket.Concert
	n.view("A", ticket.ListPage, 0, first)
	n.view("A", ticket.ListPage, 1, second)
	if n.waiting("A") != 0 || n.now().Genre != ticket.Concert {
		t.Error("a new show waits for the verdict on the crawl that found it")
	}
	named := sound()
	named.Title, named.TitleRaw = "예매 안내", "예매 안내"
	n.view("B", ticket.DetailPage, 10, named) // the first product page of a show that lists told of before
	if n.waiting("B") != 1 || n.now().Title != first.Title {
		t.Errorf("%q, %d wait", n.now().Title, n.waiting("B"))
	}
	m, err := n.Measure(context.Background(), "B")
	must(t, err)
	if m["detail prices missing"] != (ticket.Share{Of: 1}) || m["detail prices lost"].Of != 0 {
		t.Errorf("a first page that waits is measured as %v", m)
	}
	if n.release("B", false); n.now().Title != named.Title {
		t.Error("it never came")
	}
	ingested := judged{newCatalog(t), t}
	ingested.page("", 0, sound())
	ingested.page("", 10, withoutPrices())
	if len(ingested.now().Prices) > 0 {
		t.Error("a page that was handed in waits")
	}
}

func TestMeasure(t *testing.T) {
	t.Parallel()
	j := newJudged(t)
	m, err := j.Measure(context.Background(), "A")
	must(t, err)
	if m["detail prices missing"] != (ticket.Share{Of: 1}) || m["detail prices lost"].Of != 0 || m["detail title turned"].Of != 0 {
		t.Errorf("a first crawl: %v", m)
	}
	j.page("B", 10, withoutPrices())
	if m, err = j.Measure(context.Background(), "B"); err != nil || m["detail prices lost"] != (ticket.Share{Bad: 1, Of: 1}) || m["detail venue lost"] != (ticket.Share{Of: 1}) || m["detail sale turned"] != (ticket.Share{Of: 1}) {
		t.Errorf("a loss: %v %v", m, err)
	}
	past := sound()
	past.Period = ticket.Period{Start: "2024-01-01", End: "2024-02-01"}
	j.view("B", ticket.ListPage, 11, past)
	if m, err = j.Measure(context.Background(), "B"); err != nil || m["list current missing"] != (ticket.Share{Bad: 1, Of: 1}) {
		t.Errorf("a list of what is over: %v %v", m, err)
	}
}

func TestOpeningsWait(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newCatalog(t)
	opens, later := at.Add(time.Hour), at.Add(100*time.Hour)
	save := func(run string, minutes int, when *time.Time) {
		t.Helper()
		v := ticket.OpeningView{Kind: ticket.NoticePage, FetchedAt: at.Add(time.Duration(minutes) * time.Minute), RawKey: "raw/" + run, Run: run,
			Content: ticket.OpeningContent{Title: "〈등대〉 티켓오픈", TitleRaw: "〈등대〉 티켓오픈", OpensAt: when, Kind: ticket.GeneralSale}}
		_, _, err := c.SaveOpening(ctx, "yes24", "9", 1, "", v, ticket.Origin{Cause: ticket.CauseSource, At: v.FetchedAt})
		must(t, err)
	}
	now := func() *time.Time {
		all, err := c.Openings(ctx, OpeningQuery{})
		must(t, err)
		if len(all) == 0 {
			return nil
		}
		return all[0].Content.OpensAt
	}
	release := func(run string) []string {
		again, err := c.Release(ctx, run, false, ticket.Origin{Cause: ticket.CauseSource, At: at})
		must(t, err)
		return again
	}
	save("A", 0, &opens)
	save("B", 10, &later)
	if got := now(); got == nil || !got.Equal(opens) {
		t.Fatalf("opens at %v before the verdict", got)
	}
	if again := release("B"); len(again) > 0 || !now().Equal(later) {
		t.Errorf("opens at %v after it, again %v", now(), again)
	}
	save("C", 20, nil)
	if again := release("C"); !slices.Equal(again, []string{"9"}) || now() == nil {
		t.Errorf("an instant lost in one crawl: %v, again %v", now(), again)
	}
	m, err := c.Measure(ctx, "C")
	must(t, err)
	if m["notice opens_at lost"] != (ticket.Share{Bad: 1, Of: 1}) {
		t.Errorf("measured %v", m)
	}
}

func TestEndAndBack(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	j := newJudged(t)
	id := PerformanceID("yes24:1")
	offer := func() (ticket.Status, ticket.Status) {
		p, err := j.Performance(ctx, id)
		must(t, err)
		return p.StatusAt(at), p.OfferStatusAt(p.Offers[0], at)
	}
	for range 2 { // noting it twice is noting it once
		_, _, err := j.End(ctx, "yes24", []string{"1", "nobody"}, nil, at)
		must(t, err)
	}
	if show, o := offer(); show != ticket.Ended || o != ticket.Ended {
		t.Errorf("gone: %s, its offer %s", show, o)
	}
	if ended, back, err := j.End(ctx, "yes24", nil, []string{"1"}, at.Add(time.Hour)); err != nil || ended != 0 || back != 1 {
		t.Errorf("named again: %d %d %v", ended, back, err)
	}
	if show, o := offer(); show == ticket.Ended || o == ticket.Ended {
		t.Errorf("back: %s, its offer %s", show, o)
	}
}
