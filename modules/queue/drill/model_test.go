package drill

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"pgregory.net/rapid"

	"ticketmoa/modules/queue"
	"ticketmoa/modules/queue/disk/disktest"
)

// model is what a queue should be: a list.
type model struct {
	first   uint64 // oldest that may not be gone
	records map[uint64]string
	next    uint64 // no offset below it may come again
	acked   uint64
	note    string
	numbers map[string]uint64
	sent    map[string]uint64 // "producer number" → offset
}

// TestModel does random things to a queue and to a list, and wants the same from both (Q32).
func TestModel(t *testing.T) {
	t.Parallel()
	steps := 0
	want := scale(1_000_000, 30_000)
	for steps < want && !t.Failed() {
		rapid.Check(t, func(t *rapid.T) { steps += walk(t) })
	}
	t.Logf("%d steps", steps)
}

type walker struct {
	t   *rapid.T
	fs  *disktest.Mem
	cfg queue.Config
	q   *queue.Queue
	c   *queue.Consumer
	m   model
}

func walk(t *rapid.T) (steps int) {
	w := &walker{t: t, fs: disktest.NewMem(), m: model{records: map[uint64]string{}, next: 1, first: 1, numbers: map[string]uint64{}, sent: map[string]uint64{}}}
	w.cfg = queue.Config{FS: w.fs, SegmentBytes: rapid.Int64Range(200, 4000).Draw(t, "segment"), Compress: rapid.Bool().Draw(t, "compress")}
	w.open()
	defer func() { _ = w.q.Close() }()
	for range rapid.IntRange(1, 120).Draw(t, "steps") {
		steps++
		w.step()
	}
	w.compare()
	return steps
}

func (w *walker) open() {
	var err error
	if w.q, err = queue.Open(dir, w.cfg, quiet()); err == nil {
		w.c, err = w.q.Consumer("worker")
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *walker) step() {
	ctx := context.Background()
	switch rapid.IntRange(0, 9).Draw(w.t, "what") {
	case 0:
		if err := errors.Join(w.c.Close(), w.q.Close()); err != nil {
			w.t.Fatal(err)
		}
		w.open()
		w.compare()
	case 1:
		if w.m.next > 1 {
			to := rapid.Uint64Range(0, w.m.next-1).Draw(w.t, "ack")
			if err := w.c.Ack(to); err != nil {
				w.t.Fatalf("ack %d of %d: %v", to, w.m.next-1, err)
			}
			w.m.acked = max(w.m.acked, to)
		}
	case 2:
		if err := w.q.Purge(); err != nil {
			w.t.Fatal(err)
		}
		w.m.first = max(w.m.first, w.q.Stats().First)
		if w.m.first > w.m.acked+1 {
			w.t.Fatalf("purged up to %d, acknowledged was %d", w.m.first, w.m.acked)
		}
	case 3:
		w.m.note = rapid.StringN(0, 20, 50).Draw(w.t, "note")
		if err := w.c.SetNote([]byte(w.m.note)); err != nil {
			w.t.Fatal(err)
		}
	case 4, 5:
		w.produce(ctx)
	case 6:
		payloads := rapid.SliceOfN(rapid.StringN(0, 10, 20), 1, 5).Draw(w.t, "batch")
		var all [][]byte
		for _, p := range payloads {
			all = append(all, []byte(p))
		}
		first, err := w.q.AppendAll(ctx, all)
		if errors.Is(err, queue.ErrTooLarge) {
			return
		}
		for i, p := range payloads {
			w.appended(first+uint64(i), p, err)
		}
	default:
		p := rapid.StringN(0, 60, 200).Draw(w.t, "payload")
		n, err := w.q.Append(ctx, []byte(p))
		w.appended(n, p, err)
	}
}

func (w *walker) appended(n uint64, p string, err error) {
	if err != nil || n < w.m.next {
		w.t.Fatalf("append: offset %d, at least %d expected, %v", n, w.m.next, err)
	}
	w.m.records[n], w.m.next = p, n+1
}

func (w *walker) produce(ctx context.Context) {
	name := rapid.SampledFrom([]string{"a", "b"}).Draw(w.t, "producer")
	p, err := w.q.Producer(name)
	if err != nil {
		w.t.Fatal(err)
	}
	last := w.m.numbers[name]
	if p.Last() != last {
		w.t.Fatalf("producer %s is at %d, want %d", name, p.Last(), last)
	}
	seq := last + 1 - min(last, uint64(rapid.IntRange(0, 3).Draw(w.t, "back")))
	if seq == 0 {
		seq = 1
	}
	payload := fmt.Sprint(name, seq)
	key := fmt.Sprint(name, " ", seq)
	n, err := p.Append(ctx, seq, []byte(payload))
	if before, sent := w.m.sent[key]; sent {
		if err != nil || n != before {
			w.t.Fatalf("%s again: offset %d, %v; it lies at %d", key, n, err, before)
		}
		return
	}
	w.appended(n, payload, err)
	w.m.sent[key], w.m.numbers[name] = n, seq
}

// compare holds everything that can be read against the model.
func (w *walker) compare() {
	got, _, err := drainAll(w.q, "checker")
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.q.Forget("checker"); err != nil {
		w.t.Fatal(err)
	}
	for n, p := range w.m.records {
		if g, ok := got[n]; n >= w.m.first && (!ok || g != p) {
			w.t.Fatalf("offset %d: %q, %v; want %q", n, g, ok, p)
		}
	}
	for n, p := range got {
		if w.m.records[n] != p {
			w.t.Fatalf("offset %d: %q came from nowhere", n, p)
		}
	}
	if note := string(w.c.Note()); note != w.m.note {
		w.t.Fatalf("note %q, want %q", note, w.m.note)
	}
	if s := w.q.Stats(); s.Missing != 0 || s.Quarantined != 0 || s.Torn != 0 {
		w.t.Fatalf("%+v without any crash", s)
	}
}

// TestLinearizable lets appends and looks at the end run side by side and wants one order that explains them (Q32).
func TestLinearizable(t *testing.T) {
	t.Parallel()
	type input struct{ append bool }
	spec := porcupine.Model{
		Init: func() any { return uint64(0) },
		Step: func(state, in, out any) (bool, any) {
			last, got := state.(uint64), out.(uint64)
			if in.(input).append {
				return got == last+1, got
			}
			return got == last+1, last // Stats.Next
		},
	}
	for round := range scale(200, 10) {
		q, err := queue.Open(t.TempDir(), queue.Config{SegmentBytes: 2000}, quiet())
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var history []porcupine.Operation
		var wg sync.WaitGroup
		for client := range 6 {
			wg.Go(func() {
				for i := range 20 {
					in := input{append: (i+client)%3 != 0}
					call := time.Now().UnixNano()
					var out uint64
					if in.append {
						if out, err = q.Append(t.Context(), []byte("x")); err != nil {
							t.Error(err)
						}
					} else {
						out = q.Stats().Next
					}
					op := porcupine.Operation{ClientId: client, Input: in, Call: call, Output: out, Return: time.Now().UnixNano()}
					mu.Lock()
					history = append(history, op)
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		_ = q.Close()
		if res := porcupine.CheckOperationsTimeout(spec, history, 20*time.Second); res != porcupine.Ok {
			t.Fatalf("round %d: %v", round, res)
		}
	}
}
