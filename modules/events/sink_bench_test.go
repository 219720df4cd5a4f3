package events

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/queue"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// bench is a queue, a lake, a store and a clock that outlive the sinks of a test.
type bench struct {
	t      testing.TB
	q      *queue.Queue
	bucket lake.Bucket
	store  store.Store
	cfg    SinkConfig
	log    *slog.Logger
	adjust func(*Sink) // of every new sink

	mu     sync.Mutex
	at     time.Time
	pauses []time.Duration
}

var noon = time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC) // in Seoul

func newBench(t testing.TB, bucket lake.Bucket) *bench {
	t.Helper()
	b := &bench{t: t, at: noon, bucket: bucket, log: testLog(), cfg: SinkConfig{Tick: time.Millisecond, MarkEvery: time.Hour}}
	dir := t.TempDir()
	if bucket == nil {
		f, err := lake.NewFolder(filepath.Join(dir, "lake"))
		b.ok(err)
		b.bucket = f
	}
	var err error
	b.q, err = queue.Open(filepath.Join(dir, "queue"), queue.Config{Now: b.now}, b.log)
	b.ok(err)
	t.Cleanup(func() { b.ok(b.q.Close()) })
	b.store, err = store.Open(context.Background(), "", filepath.Join(dir, "store.db"), b.log)
	b.ok(err)
	t.Cleanup(func() { b.ok(b.store.Close()) })
	return b
}

func (b *bench) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.at
}

func (b *bench) move(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at = b.at.Add(d)
}

// sleep notes what a sink wanted to wait and waits a moment only.
func (b *bench) sleep(ctx context.Context, d time.Duration) error {
	b.mu.Lock()
	b.pauses = append(b.pauses, d)
	b.mu.Unlock()
	return pause(ctx, 100*time.Microsecond)
}

func (b *bench) barrier(context.Context) (time.Time, uint64, error) {
	at := b.now()
	return at, b.q.Stats().Next, nil
}

func (b *bench) consumer() *queue.Consumer {
	b.t.Helper()
	c, err := b.q.Consumer("lake")
	b.ok(err)
	return c
}

func (b *bench) newSink() *Sink {
	b.t.Helper()
	s, err := NewSink(context.Background(), SinkDeps{Queue: b.q, Source: b.consumer(), Bucket: b.bucket, Store: b.store, Barrier: b.barrier, Now: b.now}, b.cfg, b.log)
	b.ok(err)
	s.sleep = b.sleep
	if b.adjust != nil {
		b.adjust(s)
	}
	return s
}

// run starts a sink; stop ends it and gives what Run returned.
func (b *bench) run() (s *Sink, stop func() error) {
	b.t.Helper()
	s = b.newSink()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	b.t.Cleanup(func() { b.ok(stop()) })
	return s, stop
}

// drain runs a sink until everything in the queue is in the lake.
func (b *bench) drain() {
	b.t.Helper()
	s, stop := b.run()
	b.ok(s.Seal(context.Background()))
	b.ok(stop())
}

func event(id string, at time.Time) ticket.Event {
	return ticket.Event{ID: id, Kind: ticket.EventView, ReceivedAt: ticket.Instant(at), Person: "u:p" + id, PerformanceID: "pf" + id[len(id)-1:], Genre: ticket.Musical, Region: "서울"}
}

func (b *bench) append(events ...ticket.Event) {
	b.t.Helper()
	payloads := make([][]byte, len(events))
	for i, e := range events {
		p, err := json.Marshal(e)
		b.ok(err)
		payloads[i] = p
	}
	_, err := b.q.AppendAll(context.Background(), payloads)
	b.ok(err)
}

func (b *bench) appendIDs(from, to int) {
	b.t.Helper()
	var all []ticket.Event
	for i := from; i < to; i++ {
		all = append(all, event(fmt.Sprintf("event-%07d", i), b.now()))
	}
	b.append(all...)
}

// rows are the committed events of all days, by id, each as often as it is there.
func (b *bench) rows() map[string][]ticket.Event {
	b.t.Helper()
	out := map[string][]ticket.Event{}
	for _, day := range b.days() {
		ms, err := lake.Manifests(context.Background(), b.bucket, day)
		b.ok(err)
		for _, m := range ms {
			for _, f := range m.Files {
				body, err := lake.GetFile(context.Background(), b.bucket, f)
				b.ok(err)
				events, err := lake.DecodeEvents(body)
				b.ok(err)
				if int64(len(events)) != f.Rows {
					b.t.Errorf("%s has %d rows, its manifest says %d", f.Key, len(events), f.Rows)
				}
				for _, e := range events {
					if e.Day() != day {
						b.t.Errorf("event %s of %s lies in %s", e.ID, e.Day(), day)
					}
					out[e.ID] = append(out[e.ID], e)
				}
			}
		}
	}
	return out
}

func (b *bench) keys(prefix string) []string {
	b.t.Helper()
	var out []string
	b.ok(b.bucket.List(context.Background(), prefix, func(o lake.Object) error {
		out = append(out, o.Key)
		return nil
	}))
	return out
}

func (b *bench) days() []ticket.Date {
	b.t.Helper()
	found := map[ticket.Date]bool{}
	for _, k := range b.keys("events/") {
		found[ticket.Date(strings.TrimPrefix(strings.Split(k, "/")[1], "date="))] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// wantOnce fails unless every id from 0 to n is there once and nothing else is; nor may a file lie outside of the
// manifests, where a glob would find it.
func (b *bench) wantOnce(n int) {
	b.t.Helper()
	rows := b.rows()
	missing, double := 0, 0
	for i := range n {
		switch len(rows[fmt.Sprintf("event-%07d", i)]) {
		case 0:
			missing++
		case 1:
		default:
			double++
		}
	}
	if missing > 0 || double > 0 || len(rows) != n {
		b.t.Errorf("%d missing, %d more than once, %d ids where %d are wanted", missing, double, len(rows), n)
	}
	s := b.newSink()
	for _, day := range b.days() {
		problems, err := s.Audit(context.Background(), day)
		if err != nil || len(problems) > 0 {
			b.t.Errorf("audit of %s: %v %v", day, problems, err)
		}
	}
}

func (b *bench) moved(d time.Duration) bool {
	b.move(d)
	return false
}

// waitFor gives the sink time; only the test's own end limits it.
func (b *bench) waitFor(done func() bool) {
	b.t.Helper()
	for !done() {
		time.Sleep(time.Millisecond)
	}
}

// testLog is silent unless the tests run with -v, where a hanging one is easier to understand.
func testLog() *slog.Logger {
	if testing.Verbose() {
		return slog.Default()
	}
	return slog.New(slog.DiscardHandler)
}
