package drift

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// shelf is a catalogue that measures what it is told and notes what is released.
type shelf struct {
	measured ticket.Measured
	waiting  int64
	released []string
	again    []string
}

func (s *shelf) Measure(context.Context, string) (ticket.Measured, error) {
	out := ticket.Measured{}
	for k, v := range s.measured {
		out[k] = v
	}
	return out, nil
}

func (s *shelf) Release(_ context.Context, run string, all bool, by ticket.Origin) ([]string, error) {
	s.released = append(s.released, fmt.Sprint(run, " ", all, " ", by.Cause))
	return s.again, nil
}

func (s *shelf) Waiting(context.Context, string) (int64, error) { return s.waiting, nil }

type guarded struct {
	*Guard
	t     *testing.T
	shelf *shelf
	at    time.Time
	n     int
}

func newGuarded(t *testing.T) *guarded {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	st, err := store.Open(context.Background(), "", filepath.Join(t.TempDir(), "db"), log)
	must(t, err)
	t.Cleanup(func() { must(t, st.Close()) })
	g := &guarded{t: t, shelf: &shelf{measured: ticket.Measured{"detail prices lost": {Of: 20}}}, at: time.Date(2026, 11, 22, 5, 0, 0, 0, ticket.Seoul)}
	g.Guard, err = New(context.Background(), g.shelf, st, func() time.Time { return g.at }, log)
	must(t, err)
	return g
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// crawl judges the next crawl, of a day later unless after says otherwise.
func (g *guarded) crawl(after time.Duration, change func(*Crawl)) (Run, []string, error) {
	g.t.Helper()
	g.n++
	g.at = g.at.Add(after)
	c := Crawl{Source: "yes24", Run: fmt.Sprint("R", g.n), StartedAt: g.at, Whole: true, Listed: 100, Lists: 6, Asked: 30, Parser: 2}
	if change != nil {
		change(&c)
	}
	return g.Judge(context.Background(), c)
}

const day = 24 * time.Hour

func TestVerdicts(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	g := newGuarded(t)
	g.shelf.again = []string{"50001"}
	for range 3 {
		run, again, err := g.crawl(day, nil)
		if err != nil || !run.Good || len(again) != 1 || run.Waiting != 1 {
			t.Fatalf("a crawl like those before: %+v %v %v", run, again, err)
		}
	}
	g.shelf.measured["detail prices lost"], g.shelf.waiting = ticket.Share{Bad: 20, Of: 20}, 20
	run, _, err := g.crawl(day, func(c *Crawl) { c.Listed, c.Torn, c.Failed = 40, 3, 30 })
	var what []string
	for _, f := range run.Findings {
		what = append(what, f.What)
	}
	if !errors.Is(err, ErrDrift) || run.Good || run.Waiting != 20 || strings.Join(what, ", ") != "listed, answered, detail prices lost, lists" || !strings.Contains(err.Error(), "detail prices lost: 20 of 20, before 0 of 60") {
		t.Fatalf("%v: %v", what, err)
	}
	if got := strings.Join(g.shelf.released, ", "); got != "R1 false source, R2 false source, R3 false source" {
		t.Errorf("released %s", got)
	}
	if parser, condemned, err := g.Condemned(ctx, "R4"); err != nil || !condemned || parser != 2 {
		t.Errorf("R4 condemned: %v by %d, %v", condemned, parser, err)
	}
	for _, id := range []string{"R1", "nobody"} {
		if _, condemned, err := g.Condemned(ctx, id); err != nil || condemned {
			t.Errorf("%s condemned: %v %v", id, condemned, err)
		}
	}
	if _, _, err := g.crawl(day, nil); !errors.Is(err, ErrDrift) { // a broken crawl never becomes the rule
		t.Errorf("the next like it: %v", err)
	}
	must(t, g.Broken(ctx, Crawl{Source: "yes24", Run: "B", StartedAt: g.at.Add(time.Hour), Failed: 3, Asked: 3}, "3 × answered 403"))
	for id, want := range map[string]error{"R1": ErrGood, "nobody": ErrUnknown, "B": ErrBroken} {
		if _, err := g.Accept(ctx, id, "admin"); !errors.Is(err, want) {
			t.Errorf("accept %s: %v, want %v", id, err, want)
		}
	}
	run, err = g.Accept(ctx, "R5", "admin")
	if err != nil || !run.Good || run.AcceptedBy != "admin" || run.Waiting != 0 || g.shelf.released[len(g.shelf.released)-1] != "R5 true admin" {
		t.Errorf("accept: %+v %v %v", run, err, g.shelf.released)
	}
	if known, err := g.Knows(ctx, "B"); err != nil || !known {
		t.Errorf("B is known: %v %v", known, err)
	}
	if known, err := g.Knows(ctx, "R9"); err != nil || known {
		t.Errorf("R9 is known: %v %v", known, err)
	}
	recent, err := g.Recent(ctx, "yes24", 3)
	if err != nil || len(recent) != 3 || recent[0].ID != "B" || recent[1].ID != "R5" || len(recent[1].Measured) == 0 {
		t.Errorf("recent: %+v %v", recent, err)
	}
	if none, err := g.Recent(ctx, "melon", 3); err != nil || len(none) > 0 {
		t.Errorf("melon: %v %v", none, err)
	}
}

// TestANewParserBeginsAnew: what a newer parser reads is held against what it read before, and against the older one only at
// first.
func TestANewParserBeginsAnew(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	newer := func(c *Crawl) { c.Parser = 3 }
	for range 2 {
		_, _, err := g.crawl(day, nil)
		must(t, err)
	}
	g.shelf.measured["list genre missing"] = ticket.Share{Bad: 90, Of: 100}
	_, _, err := g.crawl(day, newer)
	must(t, err)
	_, _, err = g.crawl(day, newer)
	must(t, err)
	history, err := g.good(context.Background(), "yes24", 3)
	if err != nil || len(history) != 2 {
		t.Errorf("%d crawls by the newer parser: %v", len(history), err)
	}
}

func TestMissedSince(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	since := func(want string) {
		t.Helper()
		at, ok, err := g.MissedSince(context.Background(), "yes24")
		must(t, err)
		got := ""
		if ok {
			recent, err := g.Recent(context.Background(), "yes24", 99)
			must(t, err)
			for _, r := range recent {
				if r.StartedAt.Equal(at) {
					got = r.ID
				}
			}
		}
		if got != want {
			t.Errorf("missed since %q, want %q", got, want)
		}
	}
	judge := func(after time.Duration, change func(*Crawl)) {
		t.Helper()
		if _, _, err := g.crawl(after, change); err != nil && !errors.Is(err, ErrDrift) {
			t.Fatal(err)
		}
	}
	since("")
	judge(0, nil) // R1
	judge(8*time.Hour, nil)
	judge(8*time.Hour, nil) // R3
	since("")               // three, and not a day old
	judge(8*time.Hour, func(c *Crawl) { c.Whole, c.Partly, c.Listed = false, true, 10 })
	since("R1")
	judge(8*time.Hour, func(c *Crawl) { c.Listed = 20 }) // drifted
	since("R1")
	judge(day, nil)
	since("R2") // of R6, R3 and R2
	judge(day, nil)
	since("R3")
}

func TestOldVerdictsAreForgotten(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	for range kept + 8 {
		_, _, err := g.crawl(day, nil)
		must(t, err)
	}
	all, err := g.Recent(context.Background(), "", 0)
	if err != nil || len(all) > kept+1 || all[0].ID != fmt.Sprint("R", kept+8) {
		t.Errorf("%d verdicts are kept, the latest %s: %v", len(all), all[0].ID, err)
	}
}
