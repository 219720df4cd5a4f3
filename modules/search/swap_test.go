package search

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"ticketmoa/modules/search/invented"
	"ticketmoa/modules/ticket"
)

// TestASwapLosesNothing asks a thousand times a second, page after page, while the catalogue changes under the pages and
// the snapshot is swapped again and again, also for one built anew: no request fails, no page skips or repeats a show that
// did not move, and when it is quiet again the memory of one snapshot is left.
func TestASwapLosesNothing(t *testing.T) {
	const (
		shows   = 4000
		rate    = 1000
		seconds = 2
	)
	all := invented.Shows(shows+1200, 3)
	for _, p := range all {
		p.Period = ticket.Period{Start: "2026-12-01", End: "2026-12-31"}
	}
	x, s := newIndex(t, all[:shows]...)
	before := heap()
	ctx, cancel := context.WithCancel(t.Context())
	var changing sync.WaitGroup
	changing.Add(1)
	swaps := 0
	go func() { // 40 newcomers at a time
		defer changing.Done()
		for i := 0; ctx.Err() == nil && i+40 <= 1200; i += 40 {
			for _, p := range all[shows+i : shows+i+40] {
				s.put(p)
			}
			if err := x.Catchup(context.Background()); err != nil {
				t.Error(err)
			}
			swaps++
			time.Sleep(20 * time.Millisecond)
		}
	}()
	var asking sync.WaitGroup
	tokens := make(chan struct{}, rate)
	for _, sort := range []Sort{ByNewest, ByPopular, ByClosing, ByPrice} {
		for _, text := range []string{"", all[0].Cast[0].Name[:3]} {
			asking.Add(1)
			go func() {
				defer asking.Done()
				walk(t, x, Query{Sort: sort, Text: text, Limit: 25}, all[:shows], tokens)
			}()
		}
	}
	tick := time.NewTicker(time.Second / rate)
	defer tick.Stop()
	asked := 0
	for ; asked < rate*seconds; asked++ {
		<-tick.C
		tokens <- struct{}{}
	}
	close(tokens)
	asking.Wait()
	cancel()
	changing.Wait()
	if swaps < 10 {
		t.Errorf("only %d swaps", swaps)
	}
	if after, limit := heap(), before*3/2+8<<20; after > limit {
		t.Errorf("the heap holds %d MiB when it is quiet again, %d before", after>>20, before>>20)
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// walk goes through the pages of a query, again and again, one for each token, and holds every walk it finishes against
// the shows that were there from the beginning.
func walk(t *testing.T, x *Index, q Query, steady []*ticket.Performance, tokens <-chan struct{}) {
	wanted := 0
	if q.Text == "" {
		wanted = len(steady)
	}
	known := map[string]bool{}
	for _, p := range steady {
		known[p.ID] = true
	}
	seen := map[string]bool{}
	for range tokens {
		res, err := x.Search(q, now)
		if err != nil {
			t.Errorf("%s %q: %v", q.Sort, q.Text, err)
			return
		}
		for _, p := range res.Items {
			if seen[p.ID] {
				t.Errorf("%s %q: %s came twice", q.Sort, q.Text, p.ID)
			}
			seen[p.ID] = true
		}
		if q.Cursor = res.Next; q.Cursor != "" {
			continue
		}
		found := 0
		for id := range seen {
			if known[id] {
				found++
			}
		}
		if wanted > 0 && found != wanted {
			t.Errorf("%s %q: a walk found %d of %d shows that did not move", q.Sort, q.Text, found, wanted)
		}
		wanted = max(wanted, found)
		clear(seen)
	}
}

// TestCursorsOutliveAnIndex: with the same secret, another process goes on where a page ended; with another it refuses.
func TestCursorsOutliveAnIndex(t *testing.T) {
	t.Parallel()
	shows := invented.Shows(200, 5)
	first, _ := newIndex(t, shows...)
	second, _ := newIndex(t, shows...)
	stranger, _ := newIndex(t, shows...)
	first.cfg.Secret, second.cfg.Secret = []byte("one"), []byte("one")
	q := Query{Sort: ByPrice, Limit: 30, WithEnded: true}
	page, err := first.Search(q, now)
	must(t, err)
	q.Cursor = page.Next
	a, err := first.Search(q, now)
	must(t, err)
	b, err := second.Search(q, now)
	must(t, err)
	if fmt.Sprint(ids(a)) != fmt.Sprint(ids(b)) || len(a.Items) != 30 {
		t.Errorf("%v and %v", ids(a), ids(b))
	}
	if _, err := stranger.Search(q, now); err == nil {
		t.Error("a cursor signed by another was followed")
	}
	q.Genres = []ticket.Genre{ticket.Play}
	if _, err := first.Search(q, now); err == nil {
		t.Error("a cursor of another query was followed")
	}
}

func ids(r Result) []string {
	var out []string
	for _, p := range r.Items {
		out = append(out, p.ID)
	}
	return out
}
