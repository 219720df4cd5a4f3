package queue

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// bounds refuses when need more bytes would pass a bound, after giving back what every consumer is done with.
func (q *Queue) bounds(need int64) error {
	if q.within(need) == nil {
		return nil
	}
	if q.out.records == 0 && q.allAcked() { // the active segment can only be purged once it is sealed
		if err := q.roll(false); err != nil {
			return err
		}
	}
	if err := q.Purge(); err != nil {
		q.log.Warn("queue could not free room", "error", err)
	}
	if err := q.within(need); err != nil {
		return q.full(err)
	}
	return nil
}

// Room is nil while the queue has room, else the bound it is at or the failure that keeps it from writing.
func (q *Queue) Room() error {
	if err := q.Err(); err != nil {
		return err
	}
	q.mu.Lock()
	total, waits := q.bytes(), q.oldestNeeded()
	q.mu.Unlock()
	if err := q.compare(total, waits, q.cfg.Now()); err != nil {
		return err
	}
	return q.free()
}

// within says which bound need more bytes would pass.
func (q *Queue) within(need int64) error {
	if q.cfg.MaxBytes <= 0 && q.cfg.MaxAge <= 0 && q.cfg.MinFree <= 0 {
		return nil
	}
	q.mu.Lock()
	total, waits := q.bytes()+int64(len(q.out.buf))+need, q.oldestNeeded()
	q.mu.Unlock()
	if err := q.compare(total, waits, q.out.now); err != nil {
		return err
	}
	if q.out.records > 0 { // asked once a batch
		return nil
	}
	return q.free()
}

// compare holds the size of the log and the age of what waits against their bounds.
func (q *Queue) compare(total int64, waits, now time.Time) error {
	if q.cfg.MaxBytes > 0 && total > q.cfg.MaxBytes {
		return fmt.Errorf("%s is at its bound of %d bytes, all still needed by a consumer; let it catch up or raise the bound", q.dir, q.cfg.MaxBytes)
	}
	if age := now.Sub(waits); q.cfg.MaxAge > 0 && !waits.IsZero() && age > q.cfg.MaxAge {
		return fmt.Errorf("a consumer of %s has not caught up for %s, the bound is %s; let it catch up or raise the bound", q.dir, age.Round(time.Second), q.cfg.MaxAge)
	}
	return nil
}

// free says when the disk has less room than the queue leaves free.
func (q *Queue) free() error {
	if q.cfg.MinFree <= 0 {
		return nil
	}
	free, total64, err := q.fs.Free(q.dir)
	if err != nil {
		q.log.Warn("queue cannot tell how much room is left", "error", err)
		return nil
	}
	keep := q.cfg.MinFree * float64(total64)
	if q.cfg.MaxFree > 0 {
		keep = min(keep, float64(q.cfg.MaxFree))
	}
	if total64 > 0 && float64(free) < keep {
		return fmt.Errorf("the disk of %s has %d MiB left and %.0f MiB stay free; free some", q.dir, free>>20, keep/(1<<20))
	}
	return nil
}

// full makes ErrFull of a reason and counts it.
func (q *Queue) full(why error) error {
	q.mu.Lock()
	q.refused++
	q.mu.Unlock()
	return fmt.Errorf("%w: %w", ErrFull, why)
}

// oldestNeeded is when the newest record of the oldest sealed segment that a consumer still needs was appended; zero
// when only the active one is needed. The caller holds mu.
func (q *Queue) oldestNeeded() time.Time {
	done, _ := q.ackedByAll()
	for _, s := range q.segs[:len(q.segs)-1] {
		if s.records() > 0 && s.last > done {
			return time.UnixMilli(s.newest)
		}
	}
	return time.Time{}
}

func (q *Queue) allAcked() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	done, known := q.ackedByAll()
	a := q.active()
	return known && a.records() > 0 && done >= a.last
}

// bytes is what all segments hold. The caller holds mu.
func (q *Queue) bytes() int64 {
	var n int64
	for _, s := range q.segs {
		n += s.end
	}
	return n
}

// ackedByAll is the offset that the slowest known consumer has acknowledged. The caller holds mu.
func (q *Queue) ackedByAll() (done uint64, known bool) {
	for _, c := range q.cursors {
		if !known || c.acked < done {
			done, known = c.acked, true
		}
	}
	return done, known
}

// Purge deletes the sealed segments that every known consumer has acknowledged to the end. A queue that never had a
// consumer keeps everything.
func (q *Queue) Purge() error {
	q.ackMu.Lock()
	defer q.ackMu.Unlock()
	q.mu.Lock()
	defer q.mu.Unlock()
	done, known := q.ackedByAll()
	if !known || len(q.segs) < 2 || q.segs[0].last > done {
		return nil
	}
	// What the segments tell of producers must be safe before they go.
	if err := q.saveProducers(); err != nil {
		return fmt.Errorf("purge queue: %w", err)
	}
	var errs []error
	for len(q.segs) > 1 && q.segs[0].last <= done {
		if err := q.fs.Remove(q.segs[0].path); err != nil {
			errs = append(errs, fmt.Errorf("purge queue: %w", err))
			break
		}
		q.segs = q.segs[1:]
	}
	return errors.Join(append(errs, q.fs.SyncDir(filepath.Clean(q.dir)))...)
}
