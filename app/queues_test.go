package app

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	"ticketmoa/modules/etl"
	"ticketmoa/modules/ticket"
)

// TestDeadLetters lets one page fail again and again: the others are worked off, the page waits in the bucket, and is
// worked off when what was wrong is mended and it is replayed.
func TestDeadLetters(t *testing.T) {
	t.Parallel()
	pages, err := cataloguePages()
	if err != nil {
		t.Fatal(err)
	}
	pages = pages[:6]
	cfg, err := appConfig(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var broken atomic.Bool
	broken.Store(true)
	bad := pages[2].URL
	hooks := Hooks{Stage: func(s string, p *ticket.Page) {
		if s == "match" && p.URL == bad && broken.Load() {
			panic("a fault of ours")
		}
	}}
	ctx, stop := context.WithCancel(t.Context())
	a, err := New(ctx, cfg, hooks, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- a.etl.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	b := newBatch(a)
	for i := range pages {
		if err := b.add(ctx, &pages[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.finish(ctx, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	dead := func(want int, args ...string) string {
		t.Helper()
		var out, errOut bytes.Buffer
		if code := a.handle(ctx, command{Args: append([]string{"dead"}, args...)}, &out, &errOut); code != want {
			t.Fatalf("dead %v: exit %d, want %d; %s%s", args, code, want, out.String(), errOut.String())
		}
		return out.String() + errOut.String()
	}
	list := dead(exitOK)
	if strings.Count(list, "\n") != 1 || !strings.HasPrefix(list, "dead/pages/date=") || !strings.Contains(list, "a fault of ours") {
		t.Fatalf("dead letters: %q", list)
	}
	if rows, _, err := a.etl.Quarantine().Rows(ctx, etl.Filter{}, 10, ""); err != nil || len(rows) == 0 || !strings.Contains(rows[0].Reason, "dead letter") {
		t.Errorf("the quarantine does not tell of it: %+v, %v", rows, err)
	}
	if out := dead(exitFailed, "replay", "dead/pages/none.json"); !strings.Contains(out, "no dead letter") {
		t.Errorf("a key that is not there: %s", out)
	}
	if out := dead(exitUsage, "burn"); !strings.Contains(out, "ticketmoa dead [replay") {
		t.Errorf("a verb that is not there: %s", out)
	}
	broken.Store(false)
	if out := dead(exitOK, "replay"); !strings.Contains(out, "replayed 1") {
		t.Errorf("replay: %s", out)
	}
	if list := dead(exitOK); list != "no dead letters\n" {
		t.Errorf("after the replay: %q", list)
	}
}
