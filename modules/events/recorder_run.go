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
	size, pause := r.cfg.Batch, r.cfg.Retry
	for {
		batch := r.peek(size)
		if len(batch) == 0 {
			select {
			case <-r.wake:
				continue
			case <-stopping:
			}
			if len(r.peek(1)) == 0 { // recorded between the look and the end
				return
			}
			continue
		}
		err := r.write(ctx, batch)
		switch {
		case err == nil:
			size, pause = r.cfg.Batch, r.cfg.Retry
			continue
		case ctx.Err() != nil:
			return
		case errors.Is(err, queue.ErrTooLarge) && len(batch) == 1:
			r.settle(1, TooLarge)
			continue
		}
		size = max(1, len(batch)/2) // a smaller one may still fit
		if errors.Is(err, queue.ErrTooLarge) {
			continue
		}
		if !r.pause(ctx, pause) {
			return
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
	clear(r.buf[:n])
	r.buf = r.buf[n:]
	if len(r.buf) == 0 {
		r.buf = nil
	}
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
