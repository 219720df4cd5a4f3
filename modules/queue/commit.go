package queue

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"ticketmoa/modules/queue/disk"
	"ticketmoa/modules/queue/record"
)

const (
	// maxBatch bounds how many bytes share one fsync, and with it the memory a batch takes.
	maxBatch = 4 << 20
	// retryPause is how long a disk that failed is left alone before the next append tries it again.
	retryPause = 50 * time.Millisecond
	// firstRoom and maxRoom bound how much of a segment is allocated ahead of what is written.
	firstRoom = 64 << 10
	maxRoom   = 4 << 20
)

// request is records that are acknowledged together. roll asks for a new segment instead.
type request struct {
	records []record.Record
	sum     uint64 // of the payload, for a producer
	roll    bool
	reply   chan result // holds one

	one   [1]record.Record
	bytes []byte // a copy of a small payload
}

// keptBytes bounds what a request that waits to be used again holds on to.
const keptBytes = 256 << 10

// requests are used again: most appends then allocate nothing.
var requests = sync.Pool{New: func() any { return &request{reply: make(chan result, 1)} }}

// done gives a request back that was answered.
func (r *request) done() {
	if cap(r.bytes) > keptBytes {
		r.bytes = nil
	}
	*r = request{reply: r.reply, bytes: r.bytes[:0]}
	requests.Put(r)
}

// reserve makes room for copies of the payloads at once, unless they are more than a request holds on to.
func (r *request) reserve(payloads [][]byte) {
	size := 0
	for _, p := range payloads {
		size += len(p)
	}
	if size <= keptBytes {
		r.bytes = slices.Grow(r.bytes, size)
	}
}

func (r *request) size() int64 {
	var n int64
	for i := range r.records {
		n += r.records[i].Size()
	}
	return n
}

type result struct {
	offset uint64
	err    error
}

// writer is the open end of the log. file is nil after a failure: the next append begins a new segment.
type writer struct {
	file    disk.File // of the active segment
	seg     *segment  // the active one; only the committer changes its last and end, so it may read them without mu
	now     time.Time // of the batch under way
	buf     []byte
	room    int64      // bytes of the file that are allocated
	waiting []*request // whose records are in buf
	answers []result   // of those
	records int        // in buf
	newest  int64      // time of the last record given out, Unix milliseconds
	skipped uint64     // offsets that a failed batch used up
	retryAt time.Time
	undo    []func() // takes back what the waiting requests changed in the table of producers
}

// commitLoop is the only writer: it takes what producers brought while the last fsync ran and writes it as one batch.
func (q *Queue) commitLoop() {
	defer close(q.done)
	for {
		select {
		case <-q.closing:
			q.finish()
			return
		case r := <-q.requests:
			q.commit(q.gather(r))
			if cap(q.out.buf) > 2*maxBatch {
				q.out.buf = nil
			}
		}
	}
}

// finish seals the log: the head of an empty last segment then tells what the last record was, and neither a bad bit in that
// one nor a cut can be taken for a torn end.
func (q *Queue) finish() {
	q.out.retryAt = time.Time{}
	if err := q.roll(true); err != nil {
		q.log.Warn("queue could not seal its last segment", "error", err)
	}
	if q.out.file == nil {
		return
	}
	if err := q.out.file.Close(); err != nil {
		q.log.Warn("queue could not close its last segment", "error", err)
	}
	q.out.file = nil
}

// gather adds every producer that is waiting by now. Yielding lets those that the last batch just woke come along.
func (q *Queue) gather(first *request) []*request {
	batch, size := []*request{first}, first.size()
	yielded := false
	for size < maxBatch {
		select {
		case r := <-q.requests:
			batch, size, yielded = append(batch, r), size+r.size(), false
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

// commit writes, syncs and answers. Requests that cannot be taken are refused one by one, the rest go on.
func (q *Queue) commit(batch []*request) {
	q.out.now = q.cfg.Now()
	for _, r := range batch {
		if r.roll {
			q.flush()
			r.reply <- result{err: q.roll(false)}
			continue
		}
		if done := q.replay(r); done {
			continue
		}
		if err := q.prepare(r); err != nil {
			q.flush()
			r.reply <- result{err: err}
			continue
		}
		q.add(r)
	}
	q.flush()
}

// prepare makes sure that r fits into the active segment, beginning a new one where needed.
func (q *Queue) prepare(r *request) error {
	need := r.size()
	if q.out.file == nil {
		if err := q.resumeWriting(false); err != nil {
			return err
		}
	}
	if q.mustRoll(need) {
		q.flush()
		if q.out.file == nil {
			return q.Err()
		}
		if err := q.roll(false); err != nil {
			return err
		}
	}
	if err := q.bounds(need); err != nil {
		return err
	}
	return q.allocate(need)
}

func (q *Queue) add(r *request) {
	w := &q.out
	w.newest = max(w.newest, w.now.UnixMilli())
	next := w.seg.last + 1 + uint64(w.records)
	first := next
	for i := range r.records {
		rec := &r.records[i]
		rec.Offset, rec.Millis = next, w.newest
		if w.records == 0 && i == 0 {
			rec.Flags |= record.Start
		}
		w.buf = rec.Append(w.buf, w.seg.head.Salt)
		next++
	}
	w.records += len(r.records)
	w.waiting, w.answers = append(w.waiting, r), append(w.answers, result{offset: first})
	if name := r.records[0].Producer; name != "" {
		q.mu.Lock()
		w.undo = append(w.undo, q.producers.add(name, mark{seq: r.records[0].Seq, offset: first, sum: r.sum}))
		q.mu.Unlock()
	}
}

func (q *Queue) mustRoll(need int64) bool {
	w := &q.out
	if w.seg.records() == 0 && w.records == 0 {
		return false
	}
	return w.seg.end+int64(len(w.buf))+need > q.cfg.SegmentBytes || w.now.Sub(w.seg.made) > q.cfg.SegmentAge
}

// allocate takes room for the next bytes ahead of time, so that a full disk is met before anything is written.
func (q *Queue) allocate(need int64) error {
	end := q.out.seg.end + int64(len(q.out.buf)) + need
	if end <= q.out.room {
		return nil
	}
	size := end + min(max(end, firstRoom), maxRoom)
	if err := q.out.file.Allocate(size); err != nil {
		if disk.IsFull(err) {
			return q.full(fmt.Errorf("no room on the disk of %s: %w; free some", q.dir, err))
		}
		return fmt.Errorf("%w: allocate in %s: %w", ErrPoisoned, q.dir, err)
	}
	q.out.room = size
	return nil
}

// flush makes the buffered records durable, only then visible to consumers, and answers.
func (q *Queue) flush() {
	w := &q.out
	if w.records == 0 {
		return
	}
	err := q.write()
	for i, r := range w.waiting {
		if err != nil {
			w.answers[i] = result{err: err}
		}
		r.reply <- w.answers[i]
	}
	clear(w.waiting)
	clear(w.undo)
	w.buf, w.waiting, w.answers, w.undo, w.records = w.buf[:0], w.waiting[:0], w.answers[:0], w.undo[:0], 0
}

func (q *Queue) write() error {
	w := &q.out
	if n, err := w.file.WriteAt(w.buf, w.seg.end); err != nil || n < len(w.buf) {
		if err == nil {
			err = errors.New("short write")
		}
		return q.abandon("write", err)
	}
	if err := w.file.Sync(); err != nil {
		return q.abandon("fsync", err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	w.seg.last += uint64(w.records)
	w.seg.end += int64(len(w.buf))
	w.seg.newest = w.newest
	close(q.changed)
	q.changed = make(chan struct{})
	return nil
}

// abandon gives the active segment up after a failure: it ends for good at the last acknowledged record, whatever lies
// behind it on the disk, and is never synced again. The offsets of the failed batch are not used again.
func (q *Queue) abandon(what string, cause error) error {
	w := &q.out
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := len(w.undo) - 1; i >= 0; i-- {
		w.undo[i]()
	}
	err := fmt.Errorf("%w: %s %s: %w", ErrPoisoned, what, q.active().path, cause)
	if disk.IsFull(cause) {
		err = fmt.Errorf("%w: %w", ErrFull, err)
		q.refused++
	}
	q.failures++
	q.broken = err
	w.skipped += uint64(w.records)
	w.retryAt = time.Now().Add(retryPause)
	_ = w.file.Close() // nothing in it is waited for any more
	w.file = nil
	q.log.Error("queue could not write; nothing of the batch was acknowledged", "error", err)
	return err
}

// resumeWriting begins a new segment after a failure, when the disk had time to recover.
func (q *Queue) resumeWriting(last bool) error {
	if time.Now().Before(q.out.retryAt) {
		return q.Err()
	}
	if err := q.begin(last); err != nil {
		q.out.retryAt = time.Now().Add(retryPause)
		return err
	}
	q.log.Info("queue writes again, in a new segment")
	return nil
}

// roll seals the active segment, which is wholly synced, and begins the next, the last one where the log is closed. When
// that fails the next append tries again; the old segment is given up all the same, because the name of the new one may be
// on the disk already, and says that nothing above its base was acknowledged in the old one.
func (q *Queue) roll(last bool) error {
	if q.out.file == nil {
		return q.resumeWriting(last)
	}
	old := q.out.file
	end := q.out.seg.end
	err := q.begin(last)
	if err != nil {
		q.mu.Lock()
		q.out.file, q.broken = nil, err
		q.mu.Unlock()
	}
	q.seal(old, end)
	return err
}

// seal gives back the room that was allocated ahead and closes the file. Every byte below end is synced already.
func (q *Queue) seal(f disk.File, end int64) {
	if err := errors.Join(f.Truncate(end), f.Close()); err != nil {
		q.log.Warn("queue could not trim a sealed segment", "error", err)
	}
}

// begin makes a new, empty segment the active one. An empty one before it is dropped: failures must not pile up files.
func (q *Queue) begin(end bool) error {
	q.mu.Lock()
	before := q.active()
	q.mu.Unlock()
	prev := before.last
	if before.records() == 0 {
		prev = before.head.Prev
	}
	seg, file, err := q.create(before.last+1+q.out.skipped, prev, end)
	if err != nil {
		if disk.IsFull(err) {
			return q.full(err)
		}
		return fmt.Errorf("begin queue segment: %w", err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if before.records() == 0 {
		q.segs = q.segs[:len(q.segs)-1]
		if err := q.dropEmpty(before, seg); err != nil {
			q.log.Warn("queue could not remove an empty segment", "error", err)
		}
	}
	q.segs = append(q.segs, seg)
	q.out.file, q.out.seg, q.out.room, q.out.skipped, q.broken = file, seg, 0, 0, nil
	return nil
}

// dropEmpty removes a segment that holds nothing, unless the next one took its name.
func (q *Queue) dropEmpty(empty, next *segment) error {
	if empty.path == next.path {
		return nil
	}
	return q.fs.Remove(empty.path)
}

// create makes an empty segment: its name appears only when its head is on the disk.
func (q *Queue) create(base, prev uint64, end bool) (*segment, disk.File, error) {
	seg := &segment{
		path: filepath.Join(q.dir, segmentName(base)), head: record.Head{Base: base, Prev: prev, Salt: randomSalt(), End: end},
		last: base - 1, end: record.HeadSize, made: q.cfg.Now(),
	}
	if err := disk.WriteFile(q.fs, seg.path, seg.head.Append(nil)); err != nil {
		return nil, nil, err
	}
	f, err := q.fs.OpenWrite(seg.path)
	if err != nil {
		return nil, nil, fmt.Errorf("open new segment: %w", err)
	}
	return seg, f, nil
}

func randomSalt() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.BigEndian.Uint64(b[:])
}
