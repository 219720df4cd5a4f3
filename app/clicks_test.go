package app

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ticketmoa/modules/ticket"
)

const (
	visitorAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
	safariAgent  = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1"
	crawlerAgent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
)

// TestAClickBecomesAPlace takes the second walk on the whole program: pages are looked at, the program ends, starts again
// the next day, catches up and shows yesterday's ranking, on the page, on home and in the API.
func TestAClickBecomesAPlace(t *testing.T) {
	t.Parallel()
	cfg, err := appConfig(t.TempDir())
	must(t, err)
	fill(t, cfg)
	var ahead atomic.Int64
	now := func() time.Time { return epoch.Add(time.Hour + time.Duration(ahead.Load())) }
	day := ticket.DateOf(now())

	base, stop := serving(t, cfg, now)
	c := newClient(t, base)
	shows := c.list("/api/v1/performances?limit=3&status=upcoming,on_sale,ended").Data
	if len(shows) < 3 {
		t.Fatalf("%d shows", len(shows))
	}
	as := func(agent string) map[string]string { return map[string]string{"User-Agent": agent} }
	for range 3 { // again and again: each person counts once
		c.do(http.MethodGet, "/p/"+shows[1].ID, as(visitorAgent))
	}
	c.do(http.MethodGet, "/p/"+shows[1].ID, as(safariAgent))
	c.do(http.MethodGet, "/api/v1/performances/"+shows[2].ID, as(safariAgent))
	c.do(http.MethodGet, "/p/"+shows[0].ID, as(crawlerAgent))
	c.do(http.MethodHead, "/p/"+shows[0].ID, as(visitorAgent))
	if a := c.get("/api/v1/popular"); !strings.Contains(a.body, `"day":null`) {
		t.Errorf("a ranking before its time: %s", a.body)
	}
	stop()

	ahead.Store(int64(24 * time.Hour))
	base, stop = serving(t, cfg, now)
	defer stop()
	c = newClient(t, base)
	var got struct {
		Data []struct {
			Rank, Views int
			Performance struct{ ID string }
		}
		Day    *ticket.Date
		Sample *int
	}
	for deadline := time.Now().Add(time.Minute); got.Day == nil; time.Sleep(50 * time.Millisecond) {
		must(t, json.Unmarshal([]byte(c.get("/api/v1/popular").body), &got))
		if time.Now().After(deadline) {
			t.Fatal("no ranking after a minute")
		}
	}
	if *got.Day != day || *got.Sample != 2 || len(got.Data) != 2 || got.Data[0].Performance.ID != shows[1].ID || got.Data[0].Views != 2 ||
		got.Data[1].Performance.ID != shows[2].ID || got.Data[1].Views != 1 {
		t.Errorf("the ranking of %s: %+v", day, got)
	}
	for _, page := range []string{"/rank", "/"} {
		if a := c.get(page); a.status != http.StatusOK || !strings.Contains(a.body, `class="ranked"`) {
			t.Errorf("%s shows no ranking: %d", page, a.status)
		}
	}
}

// fill brings some pages through the ETL.
func fill(t *testing.T, cfg *Config) {
	t.Helper()
	pages, err := cataloguePages()
	must(t, err)
	ctx, stop := context.WithCancel(context.Background())
	a, err := New(ctx, cfg, Hooks{}, slog.New(slog.DiscardHandler))
	must(t, err)
	ended := make(chan error, 1)
	go func() { ended <- a.etl.Run(ctx) }()
	b := newBatch(a)
	for i := range pages[:min(len(pages), 24)] {
		must(t, b.add(ctx, &pages[i]))
	}
	must(t, b.finish(ctx, &bytes.Buffer{}))
	stop()
	must(t, <-ended)
	must(t, a.Close())
}

// serving starts everything with a clock of the test's.
func serving(t *testing.T, cfg *Config, now func() time.Time) (base string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	lines, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := serve(ctx, cfg, Hooks{Now: now}, nil, out, slog.New(slog.DiscardHandler))
		_ = out.CloseWithError(io.EOF)
		ended <- err
	}()
	stop = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	buf := make([]byte, 4096)
	n, err := lines.Read(buf)
	if err != nil {
		t.Fatalf("the server said nothing: %v, %v", err, <-ended)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }() // what else it says
	return strings.TrimSpace(strings.TrimPrefix(string(buf[:n]), "티켓모아: ")), stop
}
