package catalog

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

func newCatalog(t *testing.T) *Catalog {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	st, err := store.Open(context.Background(), "", filepath.Join(t.TempDir(), "db"), log)
	must(t, err)
	t.Cleanup(func() { must(t, st.Close()) })
	c, err := New(context.Background(), st, log)
	must(t, err)
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var at = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

func view(kind ticket.PageKind, minutes int, c ticket.Content) ticket.View {
	return ticket.View{Kind: kind, FetchedAt: at.Add(time.Duration(minutes) * time.Minute), RawKey: "raw/x", Content: c}
}

// TestTheOrderOfPagesIsIrrelevant feeds the same pages in every order and wants the same content.
func TestTheOrderOfPagesIsIrrelevant(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	seventy := 70
	views := []ticket.View{
		view(ticket.ListPage, 0, ticket.Content{Title: "목록", TitleRaw: "목록", Genre: ticket.Play, PosterURL: "https://list.example/p.jpg"}),
		view(ticket.DetailPage, 1, ticket.Content{Title: "상세", TitleRaw: "상세", RunningMinutes: &seventy}),
		view(ticket.DetailPage, 2, ticket.Content{Title: "상세 새로", TitleRaw: "상세 새로"}),
		view(ticket.ListPage, 3, ticket.Content{Title: "목록 새로", TitleRaw: "목록 새로", Genre: ticket.Musical}),
	}
	var want string
	for _, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}, {1, 3, 0, 2}, {0, 0, 1, 1, 2, 3, 3}} {
		c := newCatalog(t)
		var l ticket.Listing
		for _, i := range order {
			var err error
			l, _, err = c.SaveListing(ctx, "yes24", "1", 1, views[i])
			must(t, err)
		}
		if l.Content.Title != "상세 새로" || l.Content.Genre != ticket.Musical || l.Content.RunningMinutes != nil || !l.FirstSeenAt.Equal(views[0].FetchedAt) || !l.FetchedAt.Equal(views[3].FetchedAt) {
			t.Errorf("order %v: %+v", order, l)
		}
		if want == "" {
			want = l.ContentHash
		}
		if l.ContentHash != want {
			t.Errorf("order %v gives other content", order)
		}
	}
}

func TestWritingTwiceLeavesNoTrace(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newCatalog(t)
	v := view(ticket.DetailPage, 0, ticket.Content{Title: "하늘", TitleRaw: "하늘", Tags: []string{}, Seller: ticket.YES24, URL: "https://ticket.yes24.com/Perf/1"})
	by := ticket.Origin{Cause: ticket.CauseSource, At: v.FetchedAt, Source: "yes24:1"}
	var versions []int64
	for range 3 {
		l, _, err := c.SaveListing(ctx, "yes24", "1", 1, v)
		must(t, err)
		_, err = c.Place(ctx, []ticket.Listing{l}, nil)
		must(t, err)
		must(t, c.Project(ctx, PerformanceID(l.Key), by))
		p, err := c.Performance(ctx, PerformanceID(l.Key))
		must(t, err)
		l, err = c.Listing(ctx, l.Key)
		must(t, err)
		versions = append(versions, l.Version, p.Version)
		if len(p.Pending) != 0 {
			t.Errorf("changes are still pending: %+v", p.Pending)
		}
	}
	if !slices.Equal(versions, []int64{2, 1, 2, 1, 2, 1}) {
		t.Errorf("versions %v grow although nothing changed", versions)
	}
	changes, err := c.Changes(ctx, 0, 100)
	must(t, err)
	if len(changes) != 1 || changes[0].Fields[0].Field != "performance" || changes[0].Seq == 0 {
		t.Errorf("changes = %+v", changes)
	}
}

// TestAPendingChangeReachesTheFeed: the process died after the document was written and before the feed was.
func TestAPendingChangeReachesTheFeed(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newCatalog(t)
	l, _, err := c.SaveListing(ctx, "yes24", "1", 1, view(ticket.DetailPage, 0, ticket.Content{Title: "하늘", TitleRaw: "하늘"}))
	must(t, err)
	id := PerformanceID(l.Key)
	_, err = c.Place(ctx, []ticket.Listing{l}, nil)
	must(t, err)
	by := ticket.Origin{Cause: ticket.CauseSource, At: at, Source: l.Key}
	whole := c.changes
	c.changes = deaf{Collection: whole}
	if err := c.Project(ctx, id, by); err == nil {
		t.Fatal("a feed that fails must fail the projection")
	}
	c.changes = whole
	for range 2 {
		must(t, c.Project(ctx, id, by))
	}
	changes, err := c.Changes(ctx, 0, 100)
	must(t, err)
	p, err := c.Performance(ctx, id)
	must(t, err)
	if len(changes) != 1 || p.Version != 1 || len(p.Pending) != 0 {
		t.Errorf("changes %+v, performance version %d, pending %v", changes, p.Version, p.Pending)
	}
}

type deaf struct{ store.Collection }

func (deaf) Insert(context.Context, any) error { return errors.New("disk is full") }

func put(t *testing.T, c *Catalog, l ...ticket.Listing) ticket.Regrouped {
	t.Helper()
	r, err := c.Place(context.Background(), l, nil)
	must(t, err)
	return r
}

type undying struct{ store.Collection }

func (undying) DeleteWhere(context.Context, ...store.Cond) (int64, error) {
	return 0, errors.New("the process ended")
}

// TestARemovalThatDiedTakesNoChangeAway: the feed was told that a performance is merged, the process ended before it was
// removed, and its listing came back: that is news of its own.
func TestARemovalThatDiedTakesNoChangeAway(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newCatalog(t)
	crawled(t, c, shopPage{"yes24", "1", "시라노", "토월극장", "2026-12-06", "2027-02-23", 0})
	id := PerformanceID("yes24:1")
	by := ticket.Origin{Cause: ticket.CauseSource, At: at, Source: "yes24:1"}
	must(t, c.join(ctx, "yes24:1", "elsewhere"))
	whole := c.data
	c.data = undying{whole}
	if err := c.Project(ctx, id, by); err == nil {
		t.Fatal("the removal did not fail")
	}
	c.data = whole
	must(t, c.join(ctx, "yes24:1", id))
	_, _, err := c.SaveListing(ctx, "yes24", "1", 1, shopPage{"yes24", "1", "시라노 드 베르주라크", "토월극장", "2026-12-06", "2027-02-23", 5}.view())
	must(t, err)
	must(t, c.Project(ctx, id, by))
	feed, err := c.Changes(ctx, 0, 100)
	must(t, err)
	last := feed[len(feed)-1]
	if len(feed) != 3 || last.Fields[0].Field != "title" || last.Version != 3 {
		t.Errorf("feed %+v", feed)
	}
}
