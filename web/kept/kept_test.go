package kept

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ticketmoa/web/answer"
)

// world is a catalogue and a clock.
type world struct {
	generation atomic.Uint64
	seconds    atomic.Int64
	made       atomic.Int64
}

func (w *world) now() time.Time { return time.Unix(w.seconds.Load(), 0) }

func (w *world) cache(limit int) *Cache { return New(w.generation.Load, w.now, limit) }

// get asks for a page of a size and tells whether it had to be made.
func (w *world) get(t *testing.T, c *Cache, key string, size int) bool {
	t.Helper()
	before := w.made.Load()
	p, err := c.Get(context.Background(), key, func(_ context.Context, now time.Time) (*Page, error) {
		w.made.Add(1)
		if !now.Equal(w.now()) {
			t.Errorf("made as of %v at %v", now, w.now())
		}
		return page(key + strings.Repeat("x", size-len(key))), nil
	})
	if err != nil || !strings.HasPrefix(string(p.Body.Plain()), key) {
		t.Errorf("%s: %v", key, err)
	}
	return w.made.Load() > before
}

func page(s string) *Page { return &Page{Body: answer.NewBody("text/html", []byte(s), 6)} }

func TestValidity(t *testing.T) {
	t.Parallel()
	w := &world{}
	w.seconds.Store(600)
	c := w.cache(1 << 20)
	for i, step := range []struct {
		what string
		do   func()
		made bool
	}{
		{"the first", func() {}, true},
		{"again", func() {}, false},
		{"the last second of the minute", func() { w.seconds.Store(659) }, false},
		{"the next minute", func() { w.seconds.Store(660) }, true},
		{"again", func() {}, false},
		{"a change of the catalogue", func() { w.generation.Add(1) }, true},
		{"again", func() {}, false},
		{"the clock put back", func() { w.seconds.Store(600) }, true},
	} {
		step.do()
		if got := w.get(t, c, "a", 100); got != step.made {
			t.Errorf("%d, %s: made %v", i, step.what, got)
		}
	}
	if w.get(t, c, "b", 100) != true || w.get(t, c, "a", 100) {
		t.Error("keys share a page")
	}
}

func TestBound(t *testing.T) {
	t.Parallel()
	w := &world{}
	one := page(strings.Repeat("x", 1000)).cost("a")
	c := w.cache(5 * one)
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		w.get(t, c, key, 1000)
	}
	if w.get(t, c, "a", 1000) {
		t.Error("a is gone although there was room")
	}
	w.get(t, c, "f", 1000) // b was asked for longest ago
	if c.size > c.limit || c.recent.Len() != 5 || len(c.pages) != 5 {
		t.Errorf("%d of %d bytes, %d pages", c.size, c.limit, c.recent.Len())
	}
	if w.get(t, c, "a", 1000) || !w.get(t, c, "b", 1000) {
		t.Error("the wrong page went")
	}
	for range 2 {
		if !w.get(t, c, "huge", 2*one) {
			t.Error("a page was kept for which many others had to go")
		}
	}
}

// TestOneMakes: of those who want a page at the same time one makes it, also when that one goes away.
func TestOneMakes(t *testing.T) {
	t.Parallel()
	w := &world{}
	c := w.cache(1 << 20)
	begun, finish := make(chan struct{}), make(chan struct{})
	fill := func(ctx context.Context, _ time.Time) (*Page, error) {
		if w.made.Add(1) == 1 {
			close(begun)
		}
		<-finish
		return page("a"), ctx.Err()
	}
	first, leave := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	ask := func(ctx context.Context) {
		wg.Go(func() {
			if p, err := c.Get(ctx, "a", fill); err != nil || string(p.Body.Plain()) != "a" {
				t.Error(err)
			}
		})
	}
	ask(first)
	<-begun
	for range 20 {
		ask(context.Background())
	}
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.Get(gone, "a", fill); !errors.Is(err, context.Canceled) {
		t.Errorf("one who is gone waits: %v", err)
	}
	leave()
	close(finish)
	wg.Wait()
	if n := w.made.Load(); n != 1 {
		t.Errorf("made %d times", n)
	}
}

// TestOld: a page whose time was over before it was made is given to those who waited, and to nobody else.
func TestOld(t *testing.T) {
	t.Parallel()
	w := &world{}
	c := w.cache(1 << 20)
	p, err := c.Get(context.Background(), "a", func(context.Context, time.Time) (*Page, error) {
		w.generation.Add(1)
		w.get(t, c, "b", 10) // somebody notices
		return page("old"), nil
	})
	if err != nil || string(p.Body.Plain()) != "old" || !w.get(t, c, "a", 10) || w.get(t, c, "a", 10) {
		t.Error("an old page was kept")
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	w := &world{}
	c := w.cache(1 << 20)
	broken := errors.New("broken")
	if _, err := c.Get(context.Background(), "a", func(context.Context, time.Time) (*Page, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Error(err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_, _ = c.Get(context.Background(), "a", func(context.Context, time.Time) (*Page, error) { panic("broken") })
	}()
	fleeting := func(context.Context, time.Time) (*Page, error) {
		return &Page{Body: page("x").Body, Fleeting: true}, nil
	}
	if _, err := c.Get(context.Background(), "a", fleeting); err != nil {
		t.Error(err)
	}
	if !w.get(t, c, "a", 10) || w.get(t, c, "a", 10) {
		t.Error("after failures a page is not made and kept")
	}
}

// TestManyAtOnce is for the race detector.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	w := &world{}
	c := w.cache(20_000)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 300 {
				w.get(t, c, string(rune('a'+j%13)), 500)
				if j%50 == i {
					w.generation.Add(1)
				}
			}
		})
	}
	wg.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	sum := 0
	for e := c.recent.Front(); e != nil; e = e.Next() {
		sum += e.Value.(*entry).page.cost(e.Value.(*entry).key)
	}
	if sum != c.size || c.size > c.limit || len(c.making) > 0 || len(c.pages) != c.recent.Len() {
		t.Errorf("size %d, counted %d, limit %d, %d under way", c.size, sum, c.limit, len(c.making))
	}
}
