package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"ticketmoa/modules/queue"
	"ticketmoa/modules/ticket"
)

// shelf is a queue in memory that can be broken.
type shelf struct {
	mu     sync.Mutex
	kept   [][]byte
	err    error
	longer int           // batches of more are refused with ErrFull; 0 takes all
	hold   chan struct{} // an append waits for it; nil for nothing
	came   chan struct{} // told of every attempt; nil for nobody
}

func (s *shelf) AppendAll(ctx context.Context, payloads [][]byte) (uint64, error) {
	s.mu.Lock()
	hold, came := s.hold, s.came
	s.mu.Unlock()
	if came != nil {
		select {
		case came <- struct{}{}:
		default:
		}
	}
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.err != nil:
		return 0, s.err
	case s.longer > 0 && len(payloads) > s.longer:
		return 0, queue.ErrFull
	}
	first := uint64(len(s.kept)) + 1
	s.kept = append(s.kept, payloads...)
	return first, nil
}

func (s *shelf) Stats() queue.Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return queue.Stats{First: 1, Next: uint64(len(s.kept)) + 1}
}

func (s *shelf) set(change func(*shelf)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func (s *shelf) events(t *testing.T) []ticket.Event {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]ticket.Event, len(s.kept))
	for i, p := range s.kept {
		must(t, json.Unmarshal(p, &out[i]))
	}
	return out
}

func view(id string) ticket.Event {
	return ticket.Event{Kind: ticket.EventView, Person: "a:0123456789abcdef", PerformanceID: id, Genre: ticket.Musical, Region: "서울"}
}

// start makes a recorder and runs it until the test ends or stop is called.
func start(t *testing.T, q Queue, c *clock, cfg Config) (r *Recorder, stop func()) {
	t.Helper()
	cfg.Retry = time.Millisecond
	r = NewRecorder(Deps{Queue: q, Now: c.now}, cfg, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return r, stop
}

func TestRecord(t *testing.T) {
	t.Parallel()
	q, c := &shelf{}, newClock()
	r, stop := start(t, q, c, Config{Batch: 7})
	for i := range 100 {
		if i == 50 {
			c.move(-time.Hour) // put back: no event may come before the one before
		}
		c.move(time.Millisecond)
		r.Record(view(fmt.Sprintf("p%08d", i)))
	}
	stop()
	got := q.events(t)
	if len(got) != 100 || r.Stats().Recorded != 100 {
		t.Fatalf("%d events, %+v", len(got), r.Stats())
	}
	ids := map[string]bool{}
	for i, e := range got {
		ids[e.ID] = true
		if e.PerformanceID != fmt.Sprintf("p%08d", i) || (i > 0 && e.ReceivedAt.Before(got[i-1].ReceivedAt)) || e.ReceivedAt.IsZero() {
			t.Errorf("event %d: %+v", i, e)
		}
	}
	if len(ids) != 100 {
		t.Errorf("%d ids", len(ids))
	}
	r.Record(view("late"))
	if s := r.Stats(); s.Dropped[Stopped] != 1 {
		t.Errorf("after the end: %+v", s)
	}
	if err := r.RecordNow(context.Background(), []ticket.Event{view("late")}); !errors.Is(err, ErrStopped) {
		t.Errorf("after the end: %v", err)
	}
}

// TestNobodyWaits: while the queue hangs or refuses, recording returns and drops are counted; afterwards all that was
// kept arrives, once and in order.
func TestNobodyWaits(t *testing.T) {
	t.Parallel()
	for name, breakIt := range map[string]func(*shelf){
		"hangs": func(s *shelf) { s.hold = make(chan struct{}) },
		"full":  func(s *shelf) { s.err = queue.ErrFull },
		"fails": func(s *shelf) { s.err = queue.ErrPoisoned },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := &shelf{came: make(chan struct{}, 1)}
			breakIt(q)
			hold := q.hold
			r, stop := start(t, q, newClock(), Config{Buffer: 10, Batch: 4})
			for i := range 25 {
				r.Record(view(fmt.Sprintf("p%d", i)))
			}
			<-q.came
			if s := r.Stats(); s.Waiting != 10 || s.Dropped[BufferFull] != 15 {
				t.Errorf("while the queue %s: %+v", name, s)
			}
			q.set(func(s *shelf) { s.err, s.hold, s.longer = nil, nil, 3 }) // room for a few at a time
			if hold != nil {
				close(hold)
			}
			_, next, err := r.Barrier(context.Background())
			if err != nil || next != 11 {
				t.Errorf("barrier: next %d, %v", next, err)
			}
			stop()
			for i, e := range q.events(t) {
				if e.PerformanceID != fmt.Sprintf("p%d", i) {
					t.Errorf("event %d is %s", i, e.PerformanceID)
				}
			}
		})
	}
}

func TestStopsInTime(t *testing.T) {
	t.Parallel()
	q := &shelf{err: queue.ErrPoisoned}
	r, stop := start(t, q, newClock(), Config{Grace: time.Millisecond})
	r.Record(view("p1"))
	stop()
	if s := r.Stats(); s.Dropped[Unsaved] != 1 || s.Waiting != 0 {
		t.Errorf("%+v", s)
	}
	if _, _, err := r.Barrier(context.Background()); err != nil {
		t.Errorf("a barrier waits for what is lost: %v", err)
	}
}

// TestTooLarge: one event that the queue never takes does not keep the others.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	q := &tooLarge{shelf: &shelf{}, part: `"performance_id":"big"`}
	r, stop := start(t, q, newClock(), Config{})
	for _, id := range []string{"p1", "p2", "big", "p3"} {
		r.Record(view(id))
	}
	stop()
	if got := q.events(t); len(got) != 3 || r.Stats().Dropped[TooLarge] != 1 {
		t.Errorf("%d events, %+v", len(got), r.Stats())
	}
}

type tooLarge struct {
	*shelf
	part string
}

func (q *tooLarge) AppendAll(ctx context.Context, payloads [][]byte) (uint64, error) {
	if slices.ContainsFunc(payloads, func(p []byte) bool { return json.Valid(p) && containsText(p, q.part) }) {
		return 0, queue.ErrTooLarge
	}
	return q.shelf.AppendAll(ctx, payloads)
}

func containsText(p []byte, part string) bool {
	for i := 0; i+len(part) <= len(p); i++ {
		if string(p[i:i+len(part)]) == part {
			return true
		}
	}
	return false
}

// TestBarrier: whatever is recorded from many sides, below next lies everything received before the barrier.
func TestBarrier(t *testing.T) {
	t.Parallel()
	q, c := &shelf{}, newClock()
	r, stop := start(t, q, c, Config{Batch: 3})
	type mark struct {
		at   time.Time
		next uint64
	}
	var marks []mark
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 50 {
				c.move(time.Millisecond)
				e := view(fmt.Sprintf("p%d.%d", g, i))
				if g%2 == 0 {
					r.Record(e)
				} else if err := r.RecordNow(context.Background(), []ticket.Event{e}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 20 {
		at, next, err := r.Barrier(context.Background())
		must(t, err)
		marks = append(marks, mark{at, next})
	}
	wg.Wait()
	stop()
	got := q.events(t)
	if len(got) != 200 {
		t.Fatalf("%d events", len(got))
	}
	for _, m := range marks {
		for i, e := range got {
			if e.ReceivedAt.Before(m.at) && uint64(i)+1 >= m.next {
				t.Fatalf("received at %s, before the barrier of %s, but at offset %d of %d", e.ReceivedAt, m.at, i+1, m.next)
			}
		}
	}
}

// TestBarrierKnowsOfWritesLeftAlone: a caller that went away left a write under way; the barrier waits for it.
func TestBarrierKnowsOfWritesLeftAlone(t *testing.T) {
	t.Parallel()
	q := &shelf{hold: make(chan struct{}), came: make(chan struct{}, 1)}
	hold := q.hold
	r, _ := start(t, q, newClock(), Config{})
	ctx, cancel := context.WithCancel(context.Background())
	gone := make(chan error, 1)
	go func() { gone <- r.RecordNow(ctx, []ticket.Event{view("p1")}) }()
	<-q.came
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("the caller waits on: %v", err)
	}
	ended, done := context.WithCancel(context.Background())
	done()
	if _, _, err := r.Barrier(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("the barrier did not wait: %v", err)
	}
	close(hold)
	if _, next, err := r.Barrier(context.Background()); err != nil || next != 2 {
		t.Errorf("barrier: next %d, %v", next, err)
	}
}

func TestRecordNow(t *testing.T) {
	t.Parallel()
	q, ctx := &shelf{}, context.Background()
	r, _ := start(t, q, newClock(), Config{Direct: 1})
	must(t, r.RecordNow(ctx, []ticket.Event{view("p1"), view("p2")}))
	if n := len(q.events(t)); n != 2 {
		t.Errorf("%d events are there when it returns", n)
	}
	if err := r.RecordNow(ctx, []ticket.Event{view("p3"), {Kind: "dance"}}); !errors.Is(err, ErrInvalid) || len(q.events(t)) != 2 {
		t.Errorf("one of two is no event: %v, %d kept", err, len(q.events(t)))
	}
	q.set(func(s *shelf) { s.err = queue.ErrFull })
	if err := r.RecordNow(ctx, []ticket.Event{view("p4")}); !errors.Is(err, queue.ErrFull) {
		t.Errorf("full: %v", err)
	}
	hold := make(chan struct{})
	q.set(func(s *shelf) { s.err, s.hold, s.came = nil, hold, make(chan struct{}, 1) })
	first := make(chan error, 1)
	go func() { first <- r.RecordNow(ctx, []ticket.Event{view("p5")}) }()
	<-q.came
	if err := r.RecordNow(ctx, []ticket.Event{view("p6")}); !errors.Is(err, ErrBusy) {
		t.Errorf("too many at once: %v", err)
	}
	close(hold)
	must(t, <-first)
}

func TestSinceHoldsAClockThatWasPutBack(t *testing.T) {
	t.Parallel()
	c := newClock()
	since := c.now().Add(time.Hour)
	q := &shelf{}
	r := NewRecorder(Deps{Queue: q, Now: c.now, Since: since}, Config{}, slog.New(slog.DiscardHandler))
	must(t, r.RecordNow(context.Background(), []ticket.Event{view("p1")}))
	if at := q.events(t)[0].ReceivedAt; at.Before(since) {
		t.Errorf("received at %s, promised since %s", at, since)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	with := func(change func(*ticket.Event)) ticket.Event {
		e := view("p1")
		change(&e)
		return e
	}
	person := "u:abc"
	for name, e := range map[string]ticket.Event{
		"view": view("p1"), "client id": with(func(e *ticket.Event) { e.ID = "abcdefgh" }),
		"search":  {Kind: ticket.EventSearch, Person: person, Account: true, Query: "시라노 [번호]", Results: 3},
		"click":   {Kind: ticket.EventOfferClick, Person: person, Account: true, PerformanceID: "p", OfferID: "o", Seller: ticket.Melon},
		"wish":    {Kind: ticket.EventWish, Person: person, Account: true, PerformanceID: "p"},
		"follow":  {Kind: ticket.EventFollow, Person: person, Account: true, ArtistID: "a", On: true},
		"login":   {Kind: ticket.EventLogin, Person: person, Account: true, Method: "kakao"},
		"logout":  {Kind: ticket.EventLogout, Person: person, Account: true},
		"alert":   {Kind: ticket.EventAlertOpened, Person: person, Account: true, AlertID: "a", Channel: "mail", PerformanceID: "p"},
		"similar": {Kind: ticket.EventRecommendationShown, Person: person, Account: true, PerformanceID: "p", FromID: "q", Position: 2},
	} {
		if err := Check(&e); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(*ticket.Event){
		"kind": func(e *ticket.Event) { e.Kind = "VIEW" }, "performance_id": func(e *ticket.Event) { e.PerformanceID = "" },
		"query": func(e *ticket.Event) { e.Query = "x" }, "seller": func(e *ticket.Event) { e.Seller = ticket.Melon },
		"person": func(e *ticket.Event) { e.Person = "a:203.0.113.7" }, "account": func(e *ticket.Event) { e.Account = true },
		"age_band": func(e *ticket.Event) { e.AgeBand = "33" }, "gender": func(e *ticket.Event) { e.Gender = "f" },
		"genre": func(e *ticket.Event) { e.Genre = "opera" }, "region": func(e *ticket.Event) { e.Region = "수도권" },
		"id": func(e *ticket.Event) { e.ID = "short" }, "page": func(e *ticket.Event) { e.Page = "/p/1" },
		"on": func(e *ticket.Event) { e.On = true }, "browser": func(e *ticket.Event) { e.Browser = chromeAgent },
		"occurred_at": func(e *ticket.Event) { e.OccurredAt = time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		e := with(change)
		if err := Check(&e); !errors.Is(err, ErrInvalid) || !containsText([]byte(err.Error()), name+":") {
			t.Errorf("wrong %s: %v", name, err)
		}
	}
	for _, k := range ticket.EventKinds() {
		if _, known := fieldsOf(k); !known {
			t.Errorf("kind %s has no fields", k)
		}
	}
	r := NewRecorder(Deps{Queue: &shelf{}, Now: time.Now}, Config{}, slog.New(slog.DiscardHandler))
	r.Record(ticket.Event{Kind: ticket.EventView})
	if s := r.Stats(); s.Dropped[Invalid] != 1 || s.Waiting != 0 {
		t.Errorf("%+v", s)
	}
}

// TestClockThatWasFarAhead dates no event for ever: neither in the same run nor through what an earlier one saved.
func TestClockThatWasFarAhead(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	now := at.AddDate(10, 0, 0)
	r := NewRecorder(Deps{Now: func() time.Time { return now }, Since: at.AddDate(20, 0, 0)}, Config{}, slog.New(slog.DiscardHandler))
	r.mu.Lock()
	defer r.mu.Unlock()
	if got := r.tick(); !got.Equal(now) {
		t.Errorf("saved twenty years ahead: received at %s, want %s", got, now)
	}
	now = at
	if got := r.tick(); !got.Equal(at) {
		t.Errorf("put right: received at %s, want %s", got, at)
	}
	now = at.Add(-2 * time.Hour)
	if got := r.tick(); !got.Equal(at) {
		t.Errorf("put back by two hours: received at %s, want %s", got, at)
	}
}
