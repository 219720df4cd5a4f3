package app

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/yes24"
	"ticketmoa/modules/ticket"
)

// later is YES24's parser after it was mended.
type later struct{ sellers.Source }

func (l later) Info() sellers.Info {
	i := l.Source.Info()
	i.Version++
	return i
}

// TestReplayPassesOverCondemnedCrawls: pages of a crawl that drifted are not read again by the parser that read them then, and
// say so; with --condemned, or by a newer one, they are.
func TestReplayPassesOverCondemnedCrawls(t *testing.T) {
	t.Parallel()
	w := newReplayed(t, 5, firstDay, 30)
	site := serveReplay(t, "yes24", w, readCaptures(t))
	r := openRig(t, t.TempDir(), site)
	r.good(false)
	w.day = w.day.AddDays(4)
	site.breaks(breakage{hurt: without(ticket.DetailPage, structured, `<span class="ps-date">[^<]*</span>`)})
	if _, err := r.crawl(true); err == nil {
		t.Fatal("pages without a period are good")
	}
	before := r.everything()
	replay := func(args ...string) string {
		var out bytes.Buffer
		if code := r.app.handle(context.Background(), command{Args: append([]string{"replay", "--from", string(firstDay)}, args...)}, &out, io.Discard); code != exitOK {
			t.Fatalf("replay %v ended with %d: %s", args, code, out.String())
		}
		return out.String()
	}
	details := 0
	for _, s := range w.listed(-1) {
		if !s.gone {
			details++
		}
	}
	said := replay()
	if !strings.Contains(said, "pages of crawls that drifted are passed over") {
		t.Errorf("replay says %q", said)
	}
	changed := func() (n int) {
		for code, s := range r.everything() {
			if s.hash != before[code].hash {
				n++
			}
		}
		return n
	}
	if n := changed(); n > 0 {
		t.Errorf("the replay changed %d shows", n)
	}
	r.app.sources["yes24"] = later{yes24.New()}
	if said := replay(); strings.Contains(said, "passed over") {
		t.Errorf("a newer parser passes over pages: %s", said)
	}
	r.app.sources["yes24"] = yes24.New()
	if said := replay("--condemned"); strings.Contains(said, "passed over") {
		t.Errorf("--condemned passes over pages: %s", said)
	}
	if n := changed(); n < details-2 {
		t.Errorf("%d of %d shows are as the condemned pages say", n, details)
	}
}

// TestAcceptedCrawl: when a site really is another, somebody says so: what waits comes, and the next crawl is held against it.
func TestAcceptedCrawl(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := newReplayed(t, 6, firstDay, 30)
	site := serveReplay(t, "yes24", w, readCaptures(t))
	r := openRig(t, t.TempDir(), site)
	r.good(false)
	w.day = w.day.AddDays(1)
	site.breaks(breakage{hurt: words(ticket.DetailPage, `id="divPrice"`, `id="divFee"`)})
	if _, err := r.crawl(true); err == nil {
		t.Fatal("pages without prices are good")
	}
	last, err := r.app.guard.Recent(ctx, "yes24", 1)
	must(t, err)
	run, err := crawls{r.app}.Accept(ctx, last[0].ID, "admin")
	must(t, err)
	if _, ill := r.app.ailing.Load("yes24"); ill || !run.Good {
		t.Errorf("ailing %v after it was accepted: %+v", ill, run.Findings)
	}
	for code, s := range r.everything() {
		if s.prices != "" {
			t.Errorf("%s still costs %s", code, s.prices)
		}
	}
	w.day = w.day.AddDays(1)
	r.good(true)
}

// TestUnjudgedCrawl: what a crawl brought whose process ended before it was judged comes with the next.
func TestUnjudgedCrawl(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := newReplayed(t, 8, firstDay, 30)
	site := serveReplay(t, "yes24", w, readCaptures(t))
	r := openRig(t, t.TempDir(), site)
	r.good(false)
	w.day = w.day.AddDays(1)
	s := &w.shows[2]
	s.end, s.price = s.end.AddDays(3), s.price+4000
	r.clock.set(w.day)
	_, err := r.app.crawler.Crawl(ctx, "yes24", false, nil)
	must(t, err)
	must(t, r.app.drained(ctx))
	if got := r.everything()[s.code]; strings.Contains(got.prices, thousands(s.price)) {
		t.Fatalf("%s counts before anybody judged", got.prices)
	}
	w.day = w.day.AddDays(1)
	r.good(false)
	if got := r.everything()[s.code]; !strings.Contains(got.prices, thousands(s.price)) || !strings.HasSuffix(got.period, string(s.end)) {
		t.Errorf("%s %s, truly %d until %s", got.prices, got.period, s.price, s.end)
	}
}
