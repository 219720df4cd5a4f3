package events

import (
	"context"
	"errors"
	"testing"
	"time"

	"ticketmoa/modules/store"
)

func TestSinkWatermark(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	s, stop := b.run()
	if at, err := s.Through(t.Context()); err != nil || !at.IsZero() && !at.Equal(noon) { // the first mark is asked for at once
		t.Errorf("before anything: %s, %v", at, err)
	}
	waitFirstMark(t, s)
	b.ok(s.Seal(t.Context()))
	wantThrough(t, s, noon)
	b.move(time.Minute)
	b.appendIDs(0, 5)
	b.move(time.Minute)
	plain := &mark{received: b.now(), next: 6, done: make(chan error, 1)}
	go func() { _ = s.ask(context.Background(), plain) }()
	if at, err := s.Through(t.Context()); err != nil || !at.Before(noon.Add(2*time.Minute)) { // the batch is not out
		t.Errorf("through %s, %v before the batch is out", at, err)
	}
	b.ok(s.Seal(t.Context()))
	wantThrough(t, s, noon.Add(2*time.Minute))
	b.ok(stop())
	if err := s.Seal(t.Context()); !errors.Is(err, ErrSinkEnded) {
		t.Errorf("seal after the end: %v", err)
	}
	b.move(time.Minute)
	s, _ = b.run() // nothing waits: the watermark moves all the same
	if got := s.OwnThrough(); got.Before(noon.Add(2 * time.Minute)) {
		t.Errorf("an earlier run's watermark is forgotten: %s", got)
	}
	b.ok(s.Seal(t.Context()))
	wantThrough(t, s, noon.Add(3*time.Minute))
}

// waitFirstMark returns when the mark that Run asks for at once is set; the next comes an hour later, so that from here
// on only the test moves the watermark.
func waitFirstMark(t *testing.T, s *Sink) {
	t.Helper()
	for end := time.Now().Add(time.Minute); s.OwnThrough().IsZero(); {
		if time.Now().After(end) {
			t.Fatal("the first mark is not set")
		}
		time.Sleep(time.Millisecond)
	}
}

func wantThrough(t *testing.T, s *Sink, want time.Time) {
	t.Helper()
	if at, err := s.Through(t.Context()); err != nil || !at.Equal(want) {
		t.Errorf("through %s, %v; want %s", at, err, want)
	}
}

// TestSinkManyQueues: the least of all counts; one that is silent for 26 hours is left out, this one never.
func TestSinkManyQueues(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	s, _ := b.run()
	waitFirstMark(t, s)
	col, err := b.store.Collection(t.Context(), store.Spec{Name: "watermarks"})
	b.ok(err)
	b.ok(col.Upsert(t.Context(), watermark{Queue: "other", Through: noon.Add(-time.Hour), UpdatedAt: noon}))
	wantThrough(t, s, noon.Add(-time.Hour))
	b.move(26 * time.Hour)
	wantThrough(t, s, noon.Add(-time.Hour))
	b.move(time.Second)
	wantThrough(t, s, noon)
	b.ok(col.Upsert(t.Context(), watermark{Queue: "new", UpdatedAt: b.now()})) // has said nothing yet
	wantThrough(t, s, time.Time{})
}

// TestSinkSealWaitsForAll: what the barrier names is in the lake when Seal returns, also while more comes.
func TestSinkSealWaitsForAll(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.cfg.BatchRows = 40
	s, stop := b.run()
	stopped := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer close(stopped)
		for i := 1000; ctx.Err() == nil; i++ {
			b.appendIDs(i, i+1)
			time.Sleep(5 * time.Millisecond) // fewer than batches of 40 can follow, also on a busy machine
		}
	}()
	for i := range 20 {
		b.appendIDs(i*10, i*10+10)
		next := b.q.Stats().Next
		b.ok(s.Seal(t.Context()))
		if got := s.Stats().Committed; got+1 < next {
			t.Errorf("seal %d: committed to %d, want %d", i, got, next-1)
		}
	}
	cancel()
	<-stopped
	b.ok(stop())
}
