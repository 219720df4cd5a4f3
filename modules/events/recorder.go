package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"ticketmoa/modules/queue"
	"ticketmoa/modules/ticket"
)

// What RecordNow answers when it can keep nothing at this moment. queue.ErrFull is the other one.
var (
	// ErrBusy means that too many callers wait for the disk already.
	ErrBusy = errors.New("too many events wait for the disk")
	// ErrStopped means that the recorder was stopped.
	ErrStopped = errors.New("recorder is stopped")
)

// Queue is where events become durable.
type Queue interface {
	// AppendAll writes all payloads with one fsync and consecutive offsets, or none. queue.ErrFull, queue.ErrTooLarge.
	AppendAll(ctx context.Context, payloads [][]byte) (first uint64, err error)
	Stats() queue.Stats
}

// Deps are what a recorder needs.
type Deps struct {
	Queue Queue
	Now   func() time.Time
	// Since is the earliest moment an event may be received at: what an earlier run told the world to be complete. A clock
	// that was put back cannot add to it then.
	Since time.Time
}

// Config are the settings. The zero value is ready to use.
type Config struct {
	Buffer int           // events that wait for the disk; 4,096 when 0
	Batch  int           // events that share an fsync; 512 when 0
	Linger time.Duration // how long an event may wait for others to share its fsync; 20 ms when 0, not at all below
	Retry  time.Duration // first pause after a failure, doubled up to 50 times that; 100 ms when 0
	Grace  time.Duration // how long Run goes on emptying the buffer after its end; 5 s when 0
	Direct int           // RecordNow calls under way at once; 64 when 0
}

func (c Config) withDefaults() Config {
	def := func(n *int, v int) {
		if *n <= 0 {
			*n = v
		}
	}
	def(&c.Buffer, 4096)
	def(&c.Batch, 512)
	def(&c.Direct, 64)
	c.Batch = min(c.Batch, c.Buffer)
	if c.Linger == 0 {
		c.Linger = 20 * time.Millisecond
	}
	if c.Retry <= 0 {
		c.Retry = 100 * time.Millisecond
	}
	if c.Grace <= 0 {
		c.Grace = 5 * time.Second
	}
	return c
}

// Stats says what became of events since the start.
type Stats struct {
	Recorded uint64 // on the disk
	Waiting  int    // in the buffer
	Dropped  map[Reason]uint64
	Failing  bool // the queue refused the last time
}

// Reason is why an event was dropped.
type Reason string

// The reasons.
const (
	BufferFull Reason = "buffer_full" // the queue could not follow
	Invalid    Reason = "invalid"     // no event by Check
	TooLarge   Reason = "too_large"   // the queue takes no record of this size
	Unsaved    Reason = "unsaved"     // still in the buffer when the time to stop was over
	Stopped    Reason = "stopped"     // came after the end of Run
)

// Recorder takes events. Make one with NewRecorder, then call Run once; Record may be called before.
type Recorder struct {
	deps Deps
	cfg  Config
	log  *slog.Logger

	mu       sync.Mutex    // guards what follows
	last     time.Time     // ReceivedAt of the newest event, or the newest barrier
	buf      [][]byte      // encoded, oldest first
	taken    uint64        // events that ever went into the buffer
	settled  uint64        // of these, how many have left it
	wanted   uint64        // of these, how many a Barrier waits for: they do not linger
	moved    chan struct{} // closed and replaced whenever settled grows
	wake     chan struct{} // tells Run to look at the buffer again
	ids      *ids
	direct   map[chan struct{}]struct{}
	recorded uint64
	dropped  map[Reason]uint64
	failing  bool
	stopped  bool
}

// NewRecorder makes a recorder.
func NewRecorder(deps Deps, cfg Config, log *slog.Logger) *Recorder {
	return &Recorder{deps: deps, cfg: cfg.withDefaults(), log: log, last: ticket.Instant(deps.Since), moved: make(chan struct{}),
		ids: newIDs(), wake: make(chan struct{}, 1), direct: map[chan struct{}]struct{}{}, dropped: map[Reason]uint64{}}
}

// Record takes an event, stamps it and returns at once, whatever state the queue is in. What cannot be kept is dropped and
// counted in Stats. ID is made when it is empty; ReceivedAt is always the recorder's.
func (r *Recorder) Record(e ticket.Event) {
	if err := Check(&e); err != nil {
		r.drop(Invalid, 1)
		r.log.Debug("event dropped", "kind", string(e.Kind), "error", err)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.stopped:
		r.dropped[Stopped]++
		return
	case len(r.buf) >= r.cfg.Buffer:
		if r.dropped[BufferFull] == 0 {
			r.log.Error("events are dropped: the queue does not follow", "buffer", r.cfg.Buffer)
		}
		r.dropped[BufferFull]++
		return
	}
	payload, err := r.stamp(e)
	if err != nil {
		r.dropped[Invalid]++
		return
	}
	r.buf = append(r.buf, payload)
	r.taken++
	if n := len(r.buf); n == 1 || n == r.cfg.Batch {
		r.rouse()
	}
}

// rouse makes Run look at the buffer.
func (r *Recorder) rouse() {
	select {
	case r.wake <- struct{}{}:
	default: // it will anyway
	}
}

// stamp gives an event its id and time and encodes it. The caller holds mu.
func (r *Recorder) stamp(e ticket.Event) ([]byte, error) {
	if e.ID == "" {
		e.ID = r.ids.next()
	}
	e.ReceivedAt = r.tick()
	e.OccurredAt = ticket.Instant(e.OccurredAt)
	return encode(&e)
}

// slack is how far a clock may be put back without events following it: they then keep the time of the one before, so that
// nothing is added to what was told to be complete. A clock that was wrong by more must not date events for ever.
const slack = 3 * time.Hour

// tick is the time now, never earlier than it was but for a clock that was far ahead. The caller holds mu.
func (r *Recorder) tick() time.Time {
	now := ticket.Instant(r.deps.Now())
	if r.last.Sub(now) > slack {
		r.log.Error("the clock was put back; events follow it, and days that were counted may get late ones", "from", r.last, "to", now)
		r.last = now
	}
	if now.After(r.last) {
		r.last = now
	}
	return r.last
}

func (r *Recorder) drop(why Reason, n uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dropped[why] += n
}

// Stats says what became of events since the start.
func (r *Recorder) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Stats{Recorded: r.recorded, Waiting: len(r.buf), Dropped: map[Reason]uint64{}, Failing: r.failing}
	for why, n := range r.dropped {
		s.Dropped[why] = n
	}
	return s
}

// RecordNow stamps all events, writes them and returns when they are on the disk: all of them, or none. When ctx ends
// first they may or may not be written. ErrInvalid, ErrBusy, ErrStopped, queue.ErrFull.
func (r *Recorder) RecordNow(ctx context.Context, all []ticket.Event) error {
	for i := range all {
		if err := Check(&all[i]); err != nil {
			return fmt.Errorf("event %d: %w", i, err)
		}
	}
	if err := ctx.Err(); err != nil || len(all) == 0 {
		return err
	}
	payloads, done, err := r.begin(all)
	if err != nil {
		return err
	}
	result := make(chan error, 1)
	go func() { // a caller that goes away must not leave a write that no Barrier knows of
		_, err := r.deps.Queue.AppendAll(context.WithoutCancel(ctx), payloads)
		r.end(done, len(payloads), err)
		result <- err
	}()
	select {
	case err := <-result:
		if err != nil {
			return fmt.Errorf("record %d events: %w", len(all), err)
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin stamps events and notes that they are on their way.
func (r *Recorder) begin(all []ticket.Event) (payloads [][]byte, done chan struct{}, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		return nil, nil, ErrStopped
	}
	if len(r.direct) >= r.cfg.Direct {
		return nil, nil, fmt.Errorf("%w: %d callers", ErrBusy, len(r.direct))
	}
	for _, e := range all {
		payload, err := r.stamp(e)
		if err != nil {
			return nil, nil, err
		}
		payloads = append(payloads, payload)
	}
	done = make(chan struct{})
	r.direct[done] = struct{}{}
	return payloads, done, nil
}

func (r *Recorder) end(done chan struct{}, n int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.direct, done)
	close(done)
	if err == nil {
		r.recorded += uint64(n)
	}
}

// Barrier waits until everything taken before this call is on the disk (or dropped), and says so: every event with a
// ReceivedAt before received lies below offset next, and none with an earlier one will ever follow. It lasts as long as
// the queue refuses: give ctx an end. It needs a running Run when something waits in the buffer.
func (r *Recorder) Barrier(ctx context.Context) (received time.Time, next uint64, err error) {
	r.mu.Lock()
	received = r.tick()
	want := r.taken
	r.wanted = want
	r.rouse()
	var under []chan struct{}
	for done := range r.direct {
		under = append(under, done)
	}
	moved, settled := r.moved, r.settled
	r.mu.Unlock()
	for _, done := range under {
		select {
		case <-done:
		case <-ctx.Done():
			return time.Time{}, 0, fmt.Errorf("wait for events on their way to the disk: %w", ctx.Err())
		}
	}
	for settled < want {
		select {
		case <-moved:
		case <-ctx.Done():
			return time.Time{}, 0, fmt.Errorf("wait for %d buffered events: %w", want-settled, ctx.Err())
		}
		r.mu.Lock()
		moved, settled = r.moved, r.settled
		r.mu.Unlock()
	}
	return received, r.deps.Queue.Stats().Next, nil
}
