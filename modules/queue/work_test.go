package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// graveyard keeps dead letters.
type graveyard struct {
	mu      sync.Mutex
	letters []DeadLetter
	down    bool
}

func (g *graveyard) bury(_ context.Context, d DeadLetter) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.down {
		return errors.New("bucket is down")
	}
	g.letters = append(g.letters, d)
	return nil
}

func (g *graveyard) offsets() []uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []uint64
	for _, d := range g.letters {
		out = append(out, d.Offset)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// workUntil runs Work until done says so.
func workUntil(t *testing.T, c *Consumer, handle Handler, bury Bury, cfg WorkConfig, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- c.Work(ctx, handle, bury, cfg, quiet()) }()
	for !done() && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	if ctx.Err() != nil {
		t.Error("not done after two minutes")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func quickWork() WorkConfig {
	return WorkConfig{Pause: time.Millisecond, MaxPause: 4 * time.Millisecond, Timeout: 20 * time.Millisecond, Parked: 8}
}

// TestPoisonMessages works on messages of which some always fail, panic or hang: these become dead letters after five
// tries, and the others are done before.
func TestPoisonMessages(t *testing.T) {
	t.Parallel()
	_, cfg := memConfig()
	q := mustOpen(t, memDir, cfg)
	c := mustConsumer(t, q, "etl")
	for i := range 30 {
		mustAppend(t, q, []string{"good", "good", "fail", "good", "panic", "hang"}[i%6])
	}
	hung := make(chan struct{})
	defer close(hung)
	var mu sync.Mutex
	tries, order := map[uint64]int{}, []uint64{}
	handle := func(ctx context.Context, m Message) error {
		mu.Lock()
		tries[m.Offset]++
		mu.Unlock()
		switch string(m.Payload) {
		case "fail":
			return errors.New("bad page")
		case "panic":
			panic("out of range")
		case "hang":
			<-ctx.Done()
			return ctx.Err()
		}
		mu.Lock()
		order = append(order, m.Offset)
		mu.Unlock()
		return nil
	}
	g := &graveyard{}
	workUntil(t, c, handle, g.bury, quickWork(), func() bool { return c.Backlog() == 0 })
	var bad []uint64
	for i := range uint64(30) {
		if k := i % 6; k == 2 || k == 4 || k == 5 {
			bad = append(bad, i+1)
		}
	}
	if got := g.offsets(); !slices.Equal(got, bad) {
		t.Errorf("dead letters %v, want %v", got, bad)
	}
	if !slices.IsSorted(order) || len(order) != 15 {
		t.Errorf("good messages were done as %v", order)
	}
	for _, d := range g.letters {
		if d.Tries != 5 || d.Reason == "" || d.Queue != q.ID() || d.Consumer != "etl" || len(d.Payload) == 0 || tries[d.Offset] != 5 {
			t.Errorf("dead letter %+v after %d calls", d, tries[d.Offset])
		}
	}
}

// TestHandlerThatNeverReturns leaves it behind, and what it says later is heard by nobody.
func TestHandlerThatNeverReturns(t *testing.T) {
	t.Parallel()
	_, cfg := memConfig()
	q := mustOpen(t, memDir, cfg)
	c := mustConsumer(t, q, "etl")
	mustAppend(t, q, "hang once")
	mustAppend(t, q, "next")
	release := make(chan struct{})
	var calls atomic.Int32
	handle := func(context.Context, Message) error {
		if calls.Add(1) == 1 {
			<-release // whatever its context says
			return errors.New("too late")
		}
		return nil
	}
	g := &graveyard{}
	var once sync.Once
	workUntil(t, c, handle, g.bury, quickWork(), func() bool {
		if c.Backlog() == 0 {
			once.Do(func() { close(release) }) // only now it comes back
			return true
		}
		return false
	})
	if calls.Load() != 3 || len(g.letters) != 0 {
		t.Errorf("%d calls, %d dead letters; want 3 and 0", calls.Load(), len(g.letters))
	}
}

// TestOutageIsNobodysFault lets what the handler needs be down for longer than five tries: no message suffers.
func TestOutageIsNobodysFault(t *testing.T) {
	t.Parallel()
	_, cfg := memConfig()
	q := mustOpen(t, memDir, cfg)
	c := mustConsumer(t, q, "etl")
	for range 20 {
		mustAppend(t, q, "page")
	}
	var calls atomic.Int32
	handle := func(context.Context, Message) error {
		if n := calls.Add(1); n > 3 && n < 20 {
			return fmt.Errorf("store is down: %w", ErrUnavailable)
		}
		return nil
	}
	g := &graveyard{}
	workUntil(t, c, handle, g.bury, quickWork(), func() bool { return c.Backlog() == 0 })
	if len(g.letters) != 0 {
		t.Errorf("%d dead letters for an outage, want 0", len(g.letters))
	}
}

// TestNowhereToBury holds work up rather than lose a message.
func TestNowhereToBury(t *testing.T) {
	t.Parallel()
	_, cfg := memConfig()
	q := mustOpen(t, memDir, cfg)
	c := mustConsumer(t, q, "etl")
	mustAppend(t, q, "bad")
	g := &graveyard{down: true}
	var calls atomic.Int32
	handle := func(context.Context, Message) error {
		if calls.Add(1) == 5 {
			time.AfterFunc(30*time.Millisecond, func() {
				g.mu.Lock()
				g.down = false
				g.mu.Unlock()
			})
		}
		return errors.New("bad")
	}
	workUntil(t, c, handle, g.bury, quickWork(), func() bool { return c.Backlog() == 0 })
	if len(g.letters) != 1 || calls.Load() != 5 {
		t.Errorf("%d dead letters after %d calls, want 1 after 5", len(g.letters), calls.Load())
	}
}

// TestRedeliveryStorm fails every message: memory and tries stay bounded, and every message ends as a dead letter.
func TestRedeliveryStorm(t *testing.T) {
	t.Parallel()
	_, cfg := memConfig()
	q := mustOpen(t, memDir, cfg)
	c := mustConsumer(t, q, "etl")
	const n = 300
	for range n {
		mustAppend(t, q, "bad")
	}
	var calls atomic.Int32
	g := &graveyard{}
	handle := func(context.Context, Message) error { calls.Add(1); return errors.New("bad") }
	workUntil(t, c, handle, g.bury, quickWork(), func() bool { return c.Backlog() == 0 })
	if len(g.offsets()) != n || calls.Load() != 5*n {
		t.Errorf("%d dead letters after %d calls, want %d after %d", len(g.offsets()), calls.Load(), n, 5*n)
	}
}

// TestWorkStopsAtOnce and starts again where it was acknowledged.
func TestWorkStopsAtOnce(t *testing.T) {
	t.Parallel()
	_, cfg := memConfig()
	q := mustOpen(t, memDir, cfg)
	for range 50 {
		mustAppend(t, q, "x")
	}
	seen := map[uint64]int{}
	for range 5 {
		c := mustConsumer(t, q, "etl")
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		err := c.Work(ctx, func(_ context.Context, m Message) error {
			seen[m.Offset]++
			if n++; n == 10 {
				cancel()
			}
			return nil
		}, (&graveyard{}).bury, quickWork(), quiet())
		cancel()
		_ = c.Close()
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) < 40 {
		t.Errorf("%d messages done in five runs of ten", len(seen))
	}
}
