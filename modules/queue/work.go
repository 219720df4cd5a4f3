package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// ErrUnavailable is what a handler wraps when the fault is not the message's: a store that is down, a bucket that does
// not answer. The try does not count, and work waits until it is better.
var ErrUnavailable = errors.New("not available at the moment")

// handlerGrace is how long a handler whose context has ended is waited for.
const handlerGrace = 5 * time.Second

// errHung is a handler that did not come back in time.
var errHung = errors.New("handler did not come back in time")

// WorkConfig bounds work on messages. The zero value is ready to use.
type WorkConfig struct {
	Tries    int           // of one message before it becomes a dead letter; 5 when 0
	Pause    time.Duration // before the second try, doubled for each one after; 100 ms when 0
	MaxPause time.Duration // 30 s when 0
	Timeout  time.Duration // of one try; a minute when 0
	Parked   int           // messages that wait for another try while others go on; 64 when 0
}

func (c WorkConfig) withDefaults() WorkConfig {
	if c.Tries <= 0 {
		c.Tries = 5
	}
	if c.Pause <= 0 {
		c.Pause = 100 * time.Millisecond
	}
	if c.MaxPause <= 0 {
		c.MaxPause = 30 * time.Second
	}
	if c.Timeout <= 0 {
		c.Timeout = time.Minute
	}
	if c.Parked <= 0 {
		c.Parked = 64
	}
	return c
}

// DeadLetter is a message that could not be worked off.
type DeadLetter struct {
	Queue    string    `json:"queue"`    // ID of the queue
	Consumer string    `json:"consumer"` //
	Offset   uint64    `json:"offset"`   //
	Appended time.Time `json:"appended"` //
	Tries    int       `json:"tries"`    //
	Reason   string    `json:"reason"`   // what the last try said
	Payload  []byte    `json:"payload"`  // base64 in JSON
}

// Handler works on one message. It must be idempotent: after a crash messages come again. Its context ends after
// WorkConfig.Timeout; what it does after that is not waited for, and the message is tried again.
type Handler func(ctx context.Context, m Message) error

// Bury keeps a dead letter for good. It must be idempotent.
type Bury func(ctx context.Context, d DeadLetter) error

// parked is a message that waits for its next try.
type parked struct {
	m     Message
	tries int
	at    time.Time
	err   error
}

// worker is one run of Work.
type worker struct {
	c      *Consumer
	handle Handler
	bury   Bury
	cfg    WorkConfig
	log    *slog.Logger
	parked []*parked
	last   uint64         // highest offset taken from the queue
	calls  sync.WaitGroup // handlers under way, those that hang too
}

// Work gives every message to handle, in order, until ctx ends, and acknowledges what is done. A message whose handler
// fails, panics or hangs is tried again with growing pauses while others go on, and after the last try it is buried: it
// never holds the others up. ErrUnavailable from handle or any error of bury holds everything up until it is over.
// The caller owns the consumer and must not read from it meanwhile.
func (c *Consumer) Work(ctx context.Context, handle Handler, bury Bury, cfg WorkConfig, log *slog.Logger) error {
	w := &worker{c: c, handle: handle, bury: bury, cfg: cfg.withDefaults(), log: log}
	defer w.waitForHandlers()
	for {
		p, err := w.take(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if err := w.untilSettled(ctx, p); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
	}
}

// waitForHandlers gives handlers that hang a last moment to end.
func (w *worker) waitForHandlers() {
	ended := make(chan struct{})
	go func() {
		w.calls.Wait()
		close(ended)
	}()
	last := time.NewTimer(handlerGrace)
	defer last.Stop()
	select {
	case <-ended:
	case <-last.C:
		w.log.Error("a handler that hangs is left behind", "consumer", w.c.cur.name)
	}
}

// take is the next message to work on: one whose pause is over, else the next of the queue.
func (w *worker) take(ctx context.Context) (*parked, error) {
	for {
		due := w.due()
		if due != nil && !time.Now().Before(due.at) {
			return due, nil
		}
		wait := ctx
		cancel := func() {}
		if due != nil {
			if len(w.parked) >= w.cfg.Parked { // no more at once: a storm of failures must not fill the memory
				if err := sleep(ctx, time.Until(due.at)); err != nil {
					return nil, err
				}
				continue
			}
			wait, cancel = context.WithDeadline(ctx, due.at)
		}
		m, err := w.c.Next(wait)
		cancel()
		switch {
		case err == nil:
			w.last = m.Offset
			return &parked{m: m}, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case !errors.Is(err, context.DeadlineExceeded):
			return nil, fmt.Errorf("next message: %w", err)
		}
	}
}

// due is the parked message whose pause ends first.
func (w *worker) due() *parked {
	var first *parked
	for _, p := range w.parked {
		if first == nil || p.at.Before(first.at) {
			first = p
		}
	}
	return first
}

// untilSettled tries p once, and again for as long as the fault is not the message's.
func (w *worker) untilSettled(ctx context.Context, p *parked) error {
	for pause := w.cfg.Pause; ; pause = min(2*pause, w.cfg.MaxPause) {
		err := w.try(ctx, p)
		if err == nil || ctx.Err() != nil {
			return nil //nolint:nilerr // a message cut off by the stop was not acknowledged: it comes again
		}
		if errors.Is(err, ErrClosed) {
			return err
		}
		w.log.Error("work waits for what it needs", "consumer", w.c.cur.name, "offset", p.m.Offset, "pause_ms", pause.Milliseconds(), "error", err)
		if sleep(ctx, pause) != nil {
			return nil //nolint:nilerr // as above
		}
	}
}

// try gives p to the handler once and settles it. An error is one that holds everything up.
func (w *worker) try(ctx context.Context, p *parked) error {
	if p.tries < w.cfg.Tries {
		err := w.call(ctx, p.m)
		switch {
		case err == nil:
			return w.settle(p)
		case errors.Is(err, ErrUnavailable) || ctx.Err() != nil:
			return err
		}
		p.tries, p.err = p.tries+1, err
		w.log.Warn("message failed", "consumer", w.c.cur.name, "offset", p.m.Offset, "try", p.tries, "error", err)
		if p.tries < w.cfg.Tries {
			w.park(p)
			return nil
		}
	}
	d := DeadLetter{Queue: w.c.q.id, Consumer: w.c.cur.name, Offset: p.m.Offset, Appended: p.m.Time, Tries: p.tries, Reason: p.err.Error(), Payload: p.m.Payload}
	if err := w.bury(ctx, d); err != nil {
		return fmt.Errorf("keep dead letter: %w", err)
	}
	w.log.Error("message became a dead letter", "consumer", w.c.cur.name, "offset", p.m.Offset, "tries", p.tries, "error", p.err)
	return w.settle(p)
}

// call runs the handler under its deadline. One that hangs is left behind: what it returns later is heard by nobody.
func (w *worker) call(ctx context.Context, m Message) error {
	own, cancel := context.WithTimeout(ctx, w.cfg.Timeout)
	defer cancel()
	done := make(chan error, 1)
	w.calls.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("handler panicked: %v\n%s", p, debug.Stack())
			}
		}()
		done <- w.handle(own, m)
	})
	select {
	case err := <-done:
		return err
	case <-own.Done():
	}
	grace := time.NewTimer(min(w.cfg.Timeout, handlerGrace))
	defer grace.Stop()
	select {
	case err := <-done:
		if err == nil {
			return nil
		}
		return fmt.Errorf("%w (%s): %w", errHung, w.cfg.Timeout, err)
	case <-grace.C:
		return fmt.Errorf("%w (%s)", errHung, w.cfg.Timeout)
	}
}

func (w *worker) park(p *parked) {
	p.at = time.Now().Add(min(w.cfg.Pause<<(p.tries-1), w.cfg.MaxPause))
	if !slices.Contains(w.parked, p) {
		w.parked = append(w.parked, p)
	}
}

// settle acknowledges everything below the first message that still waits for another try.
func (w *worker) settle(p *parked) error {
	w.parked = slices.DeleteFunc(w.parked, func(o *parked) bool { return o == p })
	done := w.last
	for _, o := range w.parked {
		done = min(done, o.m.Offset-1)
	}
	if err := w.c.Ack(done); err != nil {
		return fmt.Errorf("acknowledge: %w", err)
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(max(d, 0))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
