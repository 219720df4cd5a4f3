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
