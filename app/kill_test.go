package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ticketmoa/modules/demo"
	"ticketmoa/modules/lake"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// The child process of TestKill: a real program that is killed by itself, with SIGKILL, as a stage begins.
const (
	childDir   = "TICKETMOA_TEST_CHILD_DIR"
	childStage = "TICKETMOA_TEST_CHILD_STAGE" // "match:17" kills at the 17th time match begins; "" never
	childPages = "TICKETMOA_TEST_CHILD_PAGES" // file of the pages to feed, made once for all children
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := feedCatalogue(dir, os.Getenv(childStage), os.Getenv(childPages)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// epoch is the clock of the fed catalogue.
var epoch = time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)

// cataloguePages are pages of every source and kind, with overlaps between the sources, in a fixed order that mixes them.
func cataloguePages() ([]ticket.Page, error) {
	sim, err := demo.Start(context.Background(), epoch, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	defer sim.Close()
	byKind := map[string][]ticket.Page{}
	for _, p := range sim.Pages() {
		key := p.Source + string(p.Kind)
		byKind[key] = append(byKind[key], p)
	}
	var out []ticket.Page
	for i := range 12 {
		for _, key := range slices.Sorted(mapsKeys(byKind)) {
			if i < len(byKind[key]) {
				p := byKind[key][i]
				p.FetchedAt = ticket.Instant(epoch.Add(time.Duration(len(out)) * time.Second))
				out = append(out, p)
			}
		}
	}
	return out, nil
}

func mapsKeys(m map[string][]ticket.Page) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func appConfig(dir string) (*Config, error) {
	defaults, err := os.ReadFile("../config.yaml")
	if err != nil {
		return nil, err
	}
	return loadConfig(defaults, "", nil, map[string]string{"data.dir": dir, "log.level": "error", "http.addr": "127.0.0.1:0"})
}

// feedCatalogue puts every page on the queue and lets the ETL work until it is drained or the process is killed.
func feedCatalogue(dir, stage, file string) error {
	name, at, _ := strings.Cut(stage, ":")
	nth, _ := strconv.ParseInt(at, 10, 64)
	var seen atomic.Int64
	hooks := Hooks{Stage: func(s string, _ *ticket.Page) {
		if s == name && seen.Add(1) == nth {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}}
	cfg, err := appConfig(dir)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	a, err := New(ctx, cfg, hooks, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})))
	if err != nil {
		return err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var encoded [][]byte
	if err := json.Unmarshal(data, &encoded); err != nil {
		return err
	}
	etlDone := make(chan error, 1)
	go func() { etlDone <- a.etl.Run(ctx) }()
	b := newBatch(a)
	for _, payload := range encoded {
		p, err := ticket.DecodePage(payload)
		if err == nil {
			err = b.add(ctx, p)
		}
		if err != nil {
			return err
		}
	}
	if err := a.drained(ctx); err != nil {
		return err
	}
	stop()
	if err := <-etlDone; err != nil {
		return err
	}
	return a.Close()
}

// dump is everything durable that pages made, ids included, in one order. Places in the feed are left out: a process that
// died between taking a place and using it leaves a gap, which is allowed.
func dump(t *testing.T, dir string) string {
	t.Helper()
	ctx, log := context.Background(), slog.New(slog.DiscardHandler)
	docs, err := store.Open(ctx, "", filepath.Join(dir, "ticketmoa.db"), log)
	must(t, err)
	defer func() { must(t, docs.Close()) }()
	bucket, err := lake.Open(ctx, "", filepath.Join(dir, "lake"), log)
	must(t, err)
	var b strings.Builder
	for _, spec := range []string{"listings", "openings", "data", "venues", "artists", "halls", "aliases", "changes", "quarantine"} {
		rows := scanAll(t, docs, spec)
		fmt.Fprintf(&b, "== %s: %d\n%s\n", spec, len(rows), strings.Join(rows, "\n"))
	}
	must(t, bucket.List(ctx, "raw/", func(o lake.Object) error {
		fmt.Fprintf(&b, "%s %d\n", o.Key, o.Size)
		return nil
	}))
	return b.String()
}

func scanAll(t *testing.T, s store.Store, name string) []string {
	t.Helper()
	col, err := s.Collection(context.Background(), store.Spec{Name: name})
	must(t, err)
	var rows []string
	must(t, col.Scan(context.Background(), func(decode func(any) error) error {
		row := map[string]any{}
		if err := decode(&row); err != nil {
			return err
		}
		delete(row, "seq")
		delete(row, "run") // each process has its own
		text, err := json.Marshal(row)
		rows = append(rows, string(text))
		return err
	}))
	return rows
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pagesFile keeps the encoded pages where every child can read them.
func pagesFile(t *testing.T) string {
	t.Helper()
	pages, err := cataloguePages()
	must(t, err)
	var encoded [][]byte
	for i := range pages {
		payload, err := pages[i].Encode()
		must(t, err)
		encoded = append(encoded, payload)
	}
	data, err := json.Marshal(encoded)
	must(t, err)
	return write(t, "pages.json", string(data))
}

// children are runs of one binary on one set of pages.
type children struct{ binary, pages string }

// newChildren builds this test program without the race detector, which makes the embedded database ten times slower and
// has nothing to find in a process that kills itself.
func newChildren(t *testing.T) children {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "child.test")
	if out, err := exec.Command("go", "test", "-c", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build the child: %v\n%s", err, out)
	}
	return children{binary: binary, pages: pagesFile(t)}
}

func (c children) run(t *testing.T, dir, stage string) error {
	t.Helper()
	cmd := exec.Command(c.binary)
	cmd.Env = append(os.Environ(), childDir+"="+dir, childStage+"="+stage, childPages+"="+c.pages)
	out, err := cmd.CombinedOutput()
	if err != nil && !strings.Contains(err.Error(), "killed") {
		t.Fatalf("child: %v\n%s", err, out)
	}
	return err
}

// TestKill kills a real process at fourteen moments with work in flight, at least one in each stage, starts it again, and
// wants everything durable to equal what an undisturbed run leaves.
func TestKill(t *testing.T) {
	t.Parallel()
	calm, child := t.TempDir(), newChildren(t)
	if err := child.run(t, calm, ""); err != nil {
		t.Fatal(err)
	}
	want := dump(t, calm)
	if n := strings.Count(want, "\n"); n < 200 {
		t.Fatalf("the undisturbed run left only %d rows", n)
	}
	for _, moment := range []string{"archive:1", "archive:40", "parse:33", "normalise:21", "validate:30", "listing:5", "listing:44", "match:2", "match:38", "project:9", "project:50", "pictures:27", "ack:1", "ack:45"} {
		t.Run(moment, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := child.run(t, dir, moment); err == nil {
				t.Fatalf("the child was never killed at %s", moment)
			}
			if err := child.run(t, dir, ""); err != nil {
				t.Fatal(err)
			}
			if got := dump(t, dir); got != want {
				t.Errorf("after kill -9 at %s:\n%s", moment, firstDifference(want, got))
			}
		})
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d\nwant %s\n got %s", i, w[i], g[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}
