package events

import (
	"context"
	"errors"
	"slices"
	"time"

	"ticketmoa/modules/queue"
)

// longestPause is the longest pause between two attempts, in multiples of Config.Retry.
const longestPause = 50

// Run writes what is recorded until ctx ends, then goes on until the buffer is empty or Config.Grace is over. Stop it
// after everything that records, and before the queue is closed.
func (r *Recorder) Run(ctx context.Context) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.drain(work, ctx.Done())
	}()
	<-ctx.Done()
	grace := time.NewTimer(r.cfg.Grace)
	defer grace.Stop()
	select {
	case <-ended:
	case <-grace.C:
		cancel()
		<-ended
	}
	r.stop()
	return nil
}

// stop takes nothing more and counts what is left.
func (r *Recorder) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
	if n := len(r.buf); n > 0 {
		r.log.Error("events are lost: the queue took them not in time", "events", n)
		r.dropped[Unsaved] += uint64(n)
		r.leave(n)
	}
}

// drain writes batch after batch; after ctx, or once stopping is closed and the buffer empty, it returns.
func (r *Recorder) drain(ctx context.Context, stopping <-chan struct{}) {
	for r.gather(stopping) && r.flush(ctx) {
	}
}

// gather waits until there is something to write, and then for Config.Linger, so that what comes meanwhile shares its fsync:
// but not once there is a whole batch, somebody waits for it, or stopping is closed. False says that nothing will come.
func (r *Recorder) gather(stopping <-chan struct{}) bool {
	var over <-chan time.Time
	for {
		waiting, urgent := r.waiting()
		if urgent {
			return true
		}
		if waiting && over == nil {
			t := time.NewTimer(r.cfg.Linger)
			defer t.Stop()
			over = t.C
		}
		select {
		case <-r.wake:
		case <-over:
			return true
		case <-stopping:
			waiting, _ = r.waiting() // recorded between the look and the end
			return waiting
		}
	}
}

// waiting tells whether there is something to write, and whether it should be written at once.
func (r *Recorder) waiting() (any, urgent bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.buf)
	return n > 0, n >= r.cfg.Batch || n > 0 && (r.cfg.Linger < 0 || r.settled < r.wanted)
}

// flush writes the oldest batch, or as much of it as there is room for, however long that takes; false when ctx ended.
func (r *Recorder) flush(ctx context.Context) bool {
	size, pause := r.cfg.Batch, r.cfg.Retry
	for {
		batch := r.peek(size)
		err := r.write(ctx, batch)
		switch {
		case err == nil:
			return true
		case ctx.Err() != nil:
			return false
		case errors.Is(err, queue.ErrTooLarge) && len(batch) == 1:
			r.settle(1, TooLarge)
			return true
		}
		size = max(1, len(batch)/2) // a smaller one may still fit
		if errors.Is(err, queue.ErrTooLarge) {
			continue
		}
		if !r.pause(ctx, pause) {
			return false
		}
		pause = min(2*pause, longestPause*r.cfg.Retry)
	}
}

// peek copies the oldest events of the buffer.
func (r *Recorder) peek(n int) [][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.buf[:min(n, len(r.buf))])
}

func (r *Recorder) write(ctx context.Context, batch [][]byte) error {
	_, err := r.deps.Queue.AppendAll(ctx, batch)
	if err == nil {
		r.settle(len(batch), "")
	}
	r.mu.Lock()
	first := err != nil && ctx.Err() == nil && !r.failing
	r.failing = err != nil
	waiting := len(r.buf)
	r.mu.Unlock()
	if first {
		r.log.Error("events cannot be written; they wait", "waiting", waiting, "error", err)
	}
	return err
}

// settle takes the oldest n events out of the buffer: written when why is "", else dropped.
func (r *Recorder) settle(n int, why Reason) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if why == "" {
		r.recorded += uint64(n)
	} else {
		r.dropped[why] += uint64(n)
	}
	r.leave(n)
}

// leave moves the buffer on. The caller holds mu.
func (r *Recorder) leave(n int) {
	r.buf = slices.Delete(r.buf, 0, n)
	r.settled += uint64(n)
	close(r.moved)
	r.moved = make(chan struct{})
}

// pause waits; false means that ctx ended.
func (r *Recorder) pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
