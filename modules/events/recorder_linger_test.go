package events

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"ticketmoa/modules/ticket"
)

// counted is a queue that counts its appends.
type counted struct {
	*shelf
	appends int
}

func (q *counted) AppendAll(ctx context.Context, payloads [][]byte) (uint64, error) {
	q.appends++
	return q.shelf.AppendAll(ctx, payloads)
}

// lingering runs fn beside a recorder that lingers for a second, on a clock that stands still while anybody works. Three
// events are recorded already, half a second ago.
func lingering(t *testing.T, cfg Config, fn func(t *testing.T, r *Recorder, q *counted, stop func())) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		q := &counted{shelf: &shelf{}}
		cfg.Linger = time.Second
		r := NewRecorder(Deps{Queue: q, Now: time.Now}, cfg, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- r.Run(ctx) }()
		for _, id := range []string{"p1", "p2", "p3"} {
			r.Record(view(id))
		}
		time.Sleep(time.Second / 2)
		synctest.Wait()
		if q.appends != 0 {
			t.Errorf("%d appends before the time is over", q.appends)
		}
		start := time.Now()
		fn(t, r, q, stop)
		if took := time.Since(start); took != 0 {
			t.Errorf("somebody waited for %v", took)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if s := r.Stats(); s.Waiting != 0 || len(s.Dropped) != 0 || int(s.Recorded) != len(q.kept) {
			t.Errorf("in the end: %+v, %d kept", s, len(q.kept))
		}
	})
}

func TestLingerOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := &counted{shelf: &shelf{}}
		r := NewRecorder(Deps{Queue: q, Now: time.Now}, Config{}, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- r.Run(ctx) }()
		for i := range 100 { // one each millisecond
			r.Record(view("p1"))
			time.Sleep(time.Millisecond)
			if s := r.Stats(); s.Waiting > 21 {
				t.Errorf("%d events wait after %d ms", s.Waiting, i)
			}
		}
		if q.appends < 4 || q.appends > 6 {
			t.Errorf("%d appends in 100 ms, each for 20", q.appends)
		}
		stop()
		if err := <-done; err != nil || len(q.kept) != 100 {
			t.Errorf("%d events, %v", len(q.kept), err)
		}
	})
}

// TestLingersForNobody: a whole batch, a barrier, RecordNow and the end come through at once.
func TestLingersForNobody(t *testing.T) {
	t.Parallel()
	for name, fn := range map[string]func(t *testing.T, r *Recorder, q *counted, stop func()){
		"a whole batch": func(t *testing.T, r *Recorder, q *counted, _ func()) {
			r.Record(view("p4"))
			synctest.Wait()
			if q.appends != 1 || len(q.kept) != 4 {
				t.Errorf("%d appends of %d events", q.appends, len(q.kept))
			}
		},
		"a barrier": func(t *testing.T, r *Recorder, q *counted, _ func()) {
			if _, next, err := r.Barrier(t.Context()); err != nil || next != 4 {
				t.Errorf("next %d, %v", next, err)
			}
		},
		"RecordNow": func(t *testing.T, r *Recorder, q *counted, _ func()) {
			if err := r.RecordNow(t.Context(), []ticket.Event{view("p4")}); err != nil || len(q.kept) != 1 {
				t.Errorf("%d kept, %v", len(q.kept), err)
			}
		},
		"the end": func(t *testing.T, r *Recorder, q *counted, stop func()) {
			stop()
			synctest.Wait()
			if len(q.kept) != 3 {
				t.Errorf("%d kept", len(q.kept))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lingering(t, Config{Batch: 4}, fn)
		})
	}
	t.Run("no lingering", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			q := &counted{shelf: &shelf{}}
			r := NewRecorder(Deps{Queue: q, Now: time.Now}, Config{Linger: -1}, slog.New(slog.DiscardHandler))
			ctx, stop := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- r.Run(ctx) }()
			r.Record(view("p1"))
			synctest.Wait()
			if len(q.kept) != 1 {
				t.Errorf("%d kept", len(q.kept))
			}
			stop()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	})
}

func TestIDs(t *testing.T) {
	t.Parallel()
	all, made := newIDs(), map[string]bool{}
	for range 10_000 {
		id := all.next()
		if !idForm.fits(id) || len(id) != 26 || made[id] {
			t.Fatalf("id %q after %d", id, len(made))
		}
		made[id] = true
	}
}
