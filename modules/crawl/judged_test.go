package crawl

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

// TestSample: however little changed, a crawl asks for as many known things as it takes to tell whether pages are as they
// were, those asked longest ago, and none that was asked just now.
func TestSample(t *testing.T) {
	t.Parallel()
	s := newShop(9)
	src := s.source()
	cfg := Config{Refresh: 40 * time.Hour, Sample: 4}
	r := newRig(t, src, s, cfg)
	crawlShop(t, r, false)
	details := func() (n int) {
		for code := range s.items {
			n += s.times("/p/" + code)
		}
		return n
	}
	s.set(func() {})
	if crawlShop(t, r, false); details() != 0 {
		t.Errorf("%d things are asked for again at once", details())
	}
	r.crawler.deps.Now = func() time.Time { return time.Now().Add(11 * time.Hour) }
	s.set(func() { s.items["0001"] = "second" })
	if crawlShop(t, r, false); details() != 4 || s.times("/p/0001") != 1 || s.times("/price/0001") != 1 {
		t.Errorf("%d things are asked for, want 4 with the changed one", details())
	}
	s.set(func() {})
	if crawlShop(t, r, false); details() != 4 || s.times("/p/0001") != 0 {
		t.Errorf("%d things are asked for, want four others", details())
	}
}

// TestWhatACrawlIsJudgedBy: what failed in a good crawl, and what left the lists, says nothing of a later one.
func TestWhatACrawlIsJudgedBy(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := newShop(5)
	r := newRig(t, s.source(), s, Config{Refresh: time.Nanosecond})
	if rep := crawlShop(t, r, false); rep.Tried != 15 || rep.Missed != 0 || rep.Lists != 1 || rep.Torn != 0 || rep.Listed != 5 || !rep.Whole {
		t.Fatalf("first: %+v", rep)
	}
	run, _, ended, err := r.crawler.Last(ctx, "shop")
	if err != nil || !ended || run == "" {
		t.Errorf("the last crawl: %q %v %v", run, ended, err)
	}
	s.set(func() { s.gone["0001"] = true; delete(s.items, "0004"); s.gone["0004"] = true })
	for _, want := range []int64{1, 1} { // until the crawl is found to be good it counts each time
		if rep := crawlShop(t, r, false); rep.Missed != want || rep.Listed != 4 {
			t.Errorf("one thing is not there: %+v", rep)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(r.crawler.Excuse(ctx, "shop"))
	if rep := crawlShop(t, r, false); rep.Missed != 0 || s.times("/p/0001") == 0 {
		t.Errorf("excused: %+v", rep)
	}
	s.set(func() { delete(s.gone, "0001") })
	crawlShop(t, r, false)
	s.set(func() { s.gone["0001"] = true })
	if rep := crawlShop(t, r, false); rep.Missed != 1 {
		t.Errorf("it was there and is not again: %+v", rep)
	}
	gone, named, err := r.crawler.Listing(ctx, "shop", time.Now(), time.Now())
	if err != nil || len(gone) != 5 || len(named) != 0 {
		t.Errorf("%v %v %v", gone, named, err)
	}
	s.set(func() { s.items = map[string]string{} })
	if rep := crawlShop(t, r, false); rep.Listed != 0 {
		t.Errorf("an empty list: %+v", rep)
	}
}

// TestRefusedListsAreAskedAgain: a crawl that was turned away goes on with what it was refused, lists too, so that it knows in the
// end what it would have known.
func TestRefusedListsAreAskedAgain(t *testing.T) {
	t.Parallel()
	var closed atomic.Bool
	closed.Store(true)
	src := fake{info: sellers.Info{Name: "tree", Hosts: []string{"tree.example"}}}
	for i := range 6 {
		src.start = append(src.start, sellers.Request{Kind: ticket.ListPage, URL: fmt.Sprintf("https://tree.example/list/%d", i)})
	}
	r := newRig(t, src, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch {
		case req.URL.Path == "/robots.txt":
			http.NotFound(w, req)
		case closed.Load():
			w.WriteHeader(http.StatusForbidden)
		default:
			fmt.Fprint(w, "<html>", req.URL.Path)
		}
	}), Config{Workers: 1})
	rep, err := r.crawler.Crawl(context.Background(), "tree", false, nil)
	if !errors.Is(err, ErrTurnedAway) || rep.Reason() != "3 × "+ErrTurnedAway.Error() {
		t.Fatalf("%v, because of %s", err, rep.Reason())
	}
	if _, _, ended, err := r.crawler.Last(context.Background(), "tree"); err != nil || ended {
		t.Errorf("the crawl that is to go on counts as ended: %v", err)
	}
	closed.Store(false)
	again, err := r.crawler.Crawl(context.Background(), "tree", false, nil)
	if err != nil || again.Run != rep.Run || again.Stored != 6 || !again.Whole || again.Torn != 0 {
		t.Errorf("the crawl went on: %+v %v", again, err)
	}
}
