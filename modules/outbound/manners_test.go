package outbound

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestRobotsRules holds the rules of RFC 9309: the longest match wins, allow over disallow, * and $, groups by name.
func TestRobotsRules(t *testing.T) {
	t.Parallel()
	robots := "User-agent: *\nDisallow: /shop/\nAllow: /shop/open/\nDisallow: /shop/open/secret\nDisallow: /*.pdf$\nAllow: /same\nDisallow: /same\nDisallow: /q?x=\nDisallow: /비밀\n"
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			_, _ = io.WriteString(w, robots)
		}
	})
	c := client(t, Config{Retries: -1, Hosts: map[string]Host{"polite.example": {Replacement: base, Rate: 1000, Robots: true}}})
	for path, allowed := range map[string]bool{"/": true, "/shop": true, "/shop/a": false, "/shop/open/a": true, "/shop/open/secret/a": false, "/a.pdf": false, "/a.pdf.html": true,
		"/same": true, "/q?x=1": false, "/비밀/a": false, "/%EB%B9%84%EB%B0%80": false, "/공개": true, "/q?y=1": true} {
		_, err := c.Do(context.Background(), Request{URL: "https://polite.example" + path})
		if errors.Is(err, ErrRobots) == allowed {
			t.Errorf("%s: %v, want allowed %v", path, err, allowed)
		}
	}
}

// TestRobotsChangedMidway: a rule that comes while a crawl is under way is obeyed within the hour, and a server that then
// fails to give the file is not asked for anything.
func TestRobotsChangedMidway(t *testing.T) {
	t.Parallel()
	var rules atomic.Value
	rules.Store("User-agent: *\nAllow: /")
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/robots.txt" {
			return
		}
		if rules.Load() == "" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, rules.Load().(string))
	})
	var mu sync.Mutex
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	later := func(d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(d)
	}
	clock := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}
	c := New(Config{UserAgent: "TicketMoaTest", Retries: -1, Hosts: map[string]Host{"polite.example": {Replacement: base, Rate: 1000, Robots: true}}}, clock, slog.New(slog.DiscardHandler))
	t.Cleanup(c.Close)
	ask := func() error {
		_, err := c.Do(context.Background(), Request{URL: "https://polite.example/p/1"})
		return err
	}
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	rules.Store("User-agent: *\nDisallow: /p/")
	later(61 * time.Minute)
	if err := ask(); !errors.Is(err, ErrRobots) || errors.Is(err, ErrNoRobots) {
		t.Errorf("after the rule changed: %v", err)
	}
	rules.Store("")
	later(61 * time.Minute)
	if err := ask(); !errors.Is(err, ErrNoRobots) {
		t.Errorf("while the file cannot be had: %v", err)
	}
	rules.Store("User-agent: *\nAllow: /")
	later(11 * time.Minute)
	if err := ask(); err != nil {
		t.Errorf("allowed again: %v", err)
	}
}

// TestRedirectsObey: an address that a redirect leads to is held against robots.txt like any other.
func TestRedirectsObey(t *testing.T) {
	t.Parallel()
	var inside atomic.Int64
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/robots.txt":
			_, _ = io.WriteString(w, "User-agent: *\nDisallow: /private")
		case "/door":
			http.Redirect(w, r, "/private/room", http.StatusFound)
		case "/private/room":
			inside.Add(1)
		}
	})
	c := client(t, Config{Retries: -1, Hosts: map[string]Host{"polite.example": {Replacement: base, Rate: 1000, Robots: true}}})
	if _, err := c.Do(context.Background(), Request{URL: "https://polite.example/door"}); !errors.Is(err, ErrRobots) || inside.Load() != 0 {
		t.Errorf("%v, asked %d times", err, inside.Load())
	}
}

// TestReservationsAreNeverAsked: no source, page or redirect leads to where tickets are held for buyers.
func TestReservationsAreNeverAsked(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "/reserve/product/1?scheduleId=2", http.StatusFound)
			return
		}
		asked.Add(1)
	})
	c := client(t, Config{Retries: -1, Hosts: map[string]Host{"seller.example": {Replacement: base, Rate: 1000}}})
	for path, forbidden := range map[string]bool{"/reserve/product/61752?scheduleId=1": true, "/waiting/1": true, "/seat/map": true, "/seats": true, "/ts.wseq?opcode=1": true, "/Ticket/Booking/x": true, "/away": true,
		"/Perf/reserved-seating": false, "/product/1": false, "/contents/api/goods/genre": false, "/v1/goods/1/summary": false, "/csoon/detail.htm": false, "/p/seattle": false} {
		_, err := c.Do(context.Background(), Request{URL: "https://seller.example" + path})
		if errors.Is(err, ErrReservation) != forbidden {
			t.Errorf("%s: %v, want forbidden %v", path, err, forbidden)
		}
	}
	if asked.Load() != 6 {
		t.Errorf("the site was asked %d times, want 6", asked.Load())
	}
}

// TestConcurrency: no more requests are under way at a host than its rule allows.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int64
	base := serve(t, func(http.ResponseWriter, *http.Request) {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(20 * time.Millisecond)
		now.Add(-1)
	})
	c := client(t, Config{Hosts: map[string]Host{"seller.example": {Replacement: base, Rate: 10000, Concurrency: 3}}})
	var all sync.WaitGroup
	for range 24 {
		all.Go(func() {
			if _, err := c.Do(context.Background(), Request{URL: "https://seller.example/"}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if most.Load() > 3 {
		t.Errorf("%d requests were under way at once, want 3 at most", most.Load())
	}
}

// TestRetryAfter: a short pause is waited out, a long one is respected without waiting, in both forms of the header.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"7200", time.Now().Add(2 * time.Hour).UTC().Format(http.TimeFormat)} {
		var asked atomic.Int64
		base := serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			w.Header().Set("Retry-After", value)
			w.WriteHeader(http.StatusTooManyRequests)
		})
		c := client(t, Config{Hosts: map[string]Host{"seller.example": {Replacement: base, Rate: 1000}, "other.example": {Replacement: base, Rate: 1000}}})
		if _, err := c.Do(context.Background(), Request{URL: "https://seller.example/a"}); !errors.Is(err, ErrPaused) {
			t.Errorf("%s: %v", value, err)
		}
		if _, err := c.Do(context.Background(), Request{URL: "https://seller.example/b"}); !errors.Is(err, ErrPaused) || asked.Load() != 1 {
			t.Errorf("%s: %v, asked %d times", value, err, asked.Load())
		}
	}
}

// TestRobotsOfASlowHost: a host that does not give its robots.txt holds up nobody but those who ask it.
func TestRobotsOfASlowHost(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	slow := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	})
	quick := serve(t, func(http.ResponseWriter, *http.Request) {})
	c := client(t, Config{Retries: -1, Hosts: map[string]Host{"slow.example": {Replacement: slow, Rate: 1000, Robots: true}, "quick.example": {Replacement: quick, Rate: 1000, Robots: true}}})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		_, err := c.Do(ctx, Request{URL: "https://slow.example/a"})
		ended <- err
	}()
	<-asked
	if _, err := c.Do(ctx, Request{URL: "https://quick.example/a"}); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the slow one: %v", err)
	}
}
