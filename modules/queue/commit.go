package queue

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// maxBatch bounds how many bytes share one fsync, and with it the memory a batch takes.
const maxBatch = 4 << 20

type request struct {
	payload []byte
	reply   chan result // holds one
}

type result struct {
	offset uint64
	err    error
}

// commitLoop is the only writer: it takes what producers brought while the last fsync ran and writes it as one batch.
func (q *Queue) commitLoop() {
	defer close(q.done)
	var buf []byte
	for {
		select {
		case <-q.closing:
			return
		case r := <-q.requests:
			batch := q.gather(r)
			buf = q.commit(batch, buf[:0])
			if cap(buf) > 2*maxBatch {
				buf = nil
			}
		}
	}
}

// gather adds every producer that is waiting by now. Yielding lets those that the last batch just woke come along.
func (q *Queue) gather(first *request) []*request {
	batch, size := []*request{first}, len(first.payload)
	yielded := false
	for size < maxBatch {
		select {
		case r := <-q.requests:
			batch, size, yielded = append(batch, r), size+len(r.payload), false
			continue
		default:
		}
		if yielded {
			break
		}
		yielded = true
		runtime.Gosched()
	}
	return batch
}

// commit writes, syncs and answers. Requests that meet the bound are refused one by one, the rest go on.
func (q *Queue) commit(batch []*request, buf []byte) []byte {
	var waiting []result
	var taken []*request
	flush := func() {
		err := q.flush(buf, len(taken))
		for i, r := range taken {
			if err != nil {
				waiting[i] = result{err: err}
			}
			r.reply <- waiting[i]
		}
		buf, waiting, taken = buf[:0], waiting[:0], taken[:0]
	}
	for _, r := range batch {
		need := int64(recordHead + len(r.payload))
		if q.mustRoll(int64(len(buf)), need) {
			flush()
			if err := q.roll(); err != nil {
				r.reply <- result{err: err}
				continue
			}
		}
		if err := q.room(int64(len(buf)), need); err != nil {
			r.reply <- result{err: err}
			continue
		}
		offset, salt := q.nextOffset(len(taken))
		buf = appendRecord(buf, salt, offset, r.payload)
		waiting, taken = append(waiting, result{offset: offset}), append(taken, r)
	}
	flush()
	return buf
}

func (q *Queue) nextOffset(pending int) (offset, salt uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.active().last + 1 + uint64(pending), q.active().salt
}

func (q *Queue) mustRoll(buffered, need int64) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	a := q.active()
	return (a.records() > 0 || buffered > 0) && a.end+buffered+need > q.cfg.SegmentBytes
}

// room refuses when need more bytes would pass the bound, after giving back what every consumer is done with.
func (q *Queue) room(buffered, need int64) error {
	if err := q.Err(); err != nil {
		return err
	}
	if q.cfg.MaxBytes <= 0 || q.fits(buffered+need) {
		return nil
	}
	if buffered == 0 && q.allAcked() { // the active segment can only be purged once it is sealed
		if err := q.roll(); err != nil {
			return err
		}
	}
	if err := q.Purge(); err != nil {
		q.log.Warn("queue could not free room", "error", err)
	}
	if q.fits(buffered + need) {
		return nil
	}
	return fmt.Errorf("%w: %s is at its bound of %d bytes, all still needed by a consumer; let it catch up or raise the bound",
		ErrFull, q.dir, q.cfg.MaxBytes)
}

func (q *Queue) fits(more int64) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.bytes()+more <= q.cfg.MaxBytes
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

// flush makes n buffered records durable and only then visible to consumers.
func (q *Queue) flush(buf []byte, n int) error {
	if n == 0 {
		return nil
	}
	if err := q.Err(); err != nil {
		return err
	}
	if _, err := q.file.Write(buf); err != nil {
		return q.poison("write", err)
	}
	if err := q.disk.data(q.file); err != nil {
		return q.poison("fsync", err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.active().last += uint64(n)
	q.active().end += int64(len(buf))
	q.wake()
	return nil
}

// wake tells blocked consumers to look again. The caller holds mu.
func (q *Queue) wake() {
	close(q.changed)
	q.changed = make(chan struct{})
}

func (q *Queue) poison(what string, cause error) error {
	err := fmt.Errorf("%w: %s %s: %w; check the disk and start again", ErrPoisoned, what, q.file.Name(), cause)
	q.mu.Lock()
	q.broken = err
	q.mu.Unlock()
	q.log.Error("queue stopped writing", "error", err)
	return err
}

// roll seals the active segment, which is wholly synced, and begins the next. A failure to begin leaves the queue as
// it was: nothing was written, and the next Append tries again.
func (q *Queue) roll() error {
	if err := q.Err(); err != nil {
		return err
	}
	q.mu.Lock()
	next := q.active().last + 1
	q.mu.Unlock()
	seg, file, err := q.create(next, next-1)
	if err != nil {
		return fmt.Errorf("begin queue segment: %w", err)
	}
	old := q.file
	q.mu.Lock()
	q.segs, q.file = append(q.segs, seg), file
	q.mu.Unlock()
	if err := old.Close(); err != nil { // every byte of it is synced already
		q.log.Warn("queue could not close a sealed segment", "error", err)
	}
	return nil
}

// create makes an empty segment: its name appears only when its head is on the disk.
func (q *Queue) create(base, prev uint64) (*segment, *os.File, error) {
	salt, err := randomSalt()
	if err != nil {
		return nil, nil, err
	}
	seg := &segment{
		path: filepath.Join(q.dir, segmentName(base)), base: base, prev: prev, salt: salt, last: base - 1, end: headBytes,
	}
	if err := q.disk.write(seg.path, seg.head()); err != nil {
		return nil, nil, err
	}
	f, err := os.OpenFile(seg.path, os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open new segment: %w", err)
	}
	return seg, f, nil
}
