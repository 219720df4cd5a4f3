package events

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// goneAfter is how long a queue may be silent before nobody waits for it: a day and two hours for a night's repair.
const goneAfter = 26 * time.Hour

// watermark is a row of watermarks: every event of the queue that was received before Through is in the lake.
type watermark struct {
	Queue     string    `bson:"_id"`
	Through   time.Time `bson:"through"`
	UpdatedAt time.Time `bson:"updated_at"`
}

// mark is a wish to move the watermark to received, which the records below next must reach the lake for.
type mark struct {
	received time.Time
	next     uint64
	force    bool // the batch is not to wait for its time
	done     chan error
}

func (s *Sink) openWatermarks(ctx context.Context) error {
	col, err := s.deps.Store.Collection(ctx, store.Spec{Name: "watermarks"})
	if err != nil {
		return fmt.Errorf("open collection watermarks: %w", err)
	}
	s.col = col
	s.own = watermark{Queue: s.id}
	err = col.Get(ctx, s.id, &s.own)
	if errors.Is(err, store.ErrNotFound) { // others must know from now on that there is one to wait for
		s.own.UpdatedAt = ticket.Instant(s.deps.Now())
		err = col.Upsert(ctx, s.own)
	}
	if err != nil {
		return fmt.Errorf("watermark of queue %s: %w", s.id, err)
	}
	return nil
}

// OwnThrough is this queue's own watermark, also that of an earlier run.
func (s *Sink) OwnThrough() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.own.Through
}

// Through says up to when the lake has every event of every queue. A queue that was silent for 26 hours is left out with a
// warning, this one never. The zero time: nothing can be said yet.
func (s *Sink) Through(ctx context.Context) (time.Time, error) {
	var all []watermark
	if err := s.col.Find(ctx, store.Query{}, &all); err != nil {
		return time.Time{}, fmt.Errorf("read watermarks: %w", err)
	}
	var least time.Time
	found := false
	for _, w := range all {
		if w.Queue != s.id && s.deps.Now().Sub(w.UpdatedAt) > goneAfter {
			s.warnGone(w)
			continue
		}
		if !found || w.Through.Before(least) {
			least, found = w.Through, true
		}
	}
	if now := s.deps.Now(); least.After(now) { // a clock that was ahead said so; it cannot be true
		least = now
	}
	return least, nil
}

func (s *Sink) warnGone(w watermark) {
	s.mu.Lock()
	told := s.gone[w.Queue]
	s.gone[w.Queue] = true
	s.mu.Unlock()
	if !told {
		s.log.Warn("a queue of events was silent for more than a day; counting does not wait for it", "silent", w.Queue, "since", w.UpdatedAt, "through", w.Through)
	}
}

// Seal brings everything received so far into the lake and the watermark forward, without waiting for the batch's time.
// It waits while the lake is down, until ctx ends. ErrSinkEnded.
func (s *Sink) Seal(ctx context.Context) error {
	received, next, err := s.deps.Barrier(ctx)
	if err != nil {
		return fmt.Errorf("seal the batch of events: %w", err)
	}
	return s.ask(ctx, &mark{received: received, next: next, force: true, done: make(chan error, 1)})
}

func (s *Sink) ask(ctx context.Context, m *mark) error {
	select {
	case s.marks <- m:
	case <-s.ended:
		return ErrSinkEnded
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-m.done:
		return err
	case <-s.ended:
		return ErrSinkEnded
	case <-ctx.Done():
		return ctx.Err()
	}
}

// askMarks asks for the watermark again and again, also when nothing happens. It waits for one before it asks for the
// next; the recorder may have to wait for the disk meanwhile, which is why Run's loop does not ask itself.
func (s *Sink) askMarks(ctx context.Context) {
	tick := time.NewTicker(s.cfg.MarkEvery)
	defer tick.Stop()
	for {
		received, next, err := s.deps.Barrier(ctx)
		if err == nil {
			err = s.ask(ctx, &mark{received: received, next: next, done: make(chan error, 1)})
		}
		if err != nil && ctx.Err() == nil {
			s.log.Warn("watermark of events stays behind", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// forced tells whether someone waits for the batch and it holds what he waits for.
func (s *Sink) forced() bool {
	if len(s.batch.msgs) == 0 {
		return false
	}
	last := s.batch.msgs[len(s.batch.msgs)-1].Offset
	return slices.ContainsFunc(s.pending, func(m *mark) bool {
		return m.force && (last+1 >= m.next || s.deps.Source.Backlog() <= uint64(len(s.batch.msgs)))
	})
}

// settleMarks moves the watermark as far as what is committed allows.
func (s *Sink) settleMarks(ctx context.Context) {
	if len(s.pending) == 0 {
		return
	}
	done := s.committed + 1 // everything below is in the lake
	if len(s.batch.msgs) > 0 {
		done = s.batch.msgs[0].Offset
	}
	nothing := len(s.batch.msgs) == 0 && s.deps.Source.Backlog() == 0 // also of what earlier runs wrote
	var met []*mark
	s.pending = slices.DeleteFunc(s.pending, func(m *mark) bool {
		if done < m.next && !nothing {
			return false
		}
		met = append(met, m)
		return true
	})
	if len(met) == 0 {
		return
	}
	to := met[0].received
	for _, m := range met {
		if m.received.After(to) {
			to = m.received
		}
	}
	err := s.saveWatermark(ctx, to)
	for _, m := range met {
		m.done <- err
	}
}

func (s *Sink) saveWatermark(ctx context.Context, through time.Time) error {
	w := watermark{Queue: s.id, Through: ticket.Instant(through), UpdatedAt: ticket.Instant(s.deps.Now())}
	if err := s.col.Upsert(ctx, w); err != nil {
		return fmt.Errorf("save watermark of queue %s: %w", s.id, err)
	}
	s.mu.Lock()
	s.own = w
	s.mu.Unlock()
	return nil
}
