// Package queue is a durable write-ahead log between a producer that must not wait and a consumer that may be slow,
// down or broken.
//
// It guarantees: Append returns nil only after the record is on the disk (fdatasync; producers that come together
// share one). Consumers get every record at least once and in order, each with a durable place of its own. Offsets rise
// and never name two payloads, not even after a crash cut the end. A wrong payload is never served: every record
// carries a checksum; damaged segments are set aside, reported in Stats and never deleted. At its bound the queue
// refuses (ErrFull) and drops nothing.
//
// It never retries a failed fsync (the kernel may already have forgotten the pages), never writes into a file of an
// earlier run, and never has two owners. FORMAT.md draws the files byte by byte.
package queue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// What can go wrong. All are wrapped with the folder and the numbers that matter.
var (
	ErrLocked   = errors.New("queue folder is owned by another process")
	ErrFull     = errors.New("queue is full")
	ErrTooLarge = errors.New("record is too large for the queue")
	ErrClosed   = errors.New("queue is closed")
	// ErrPoisoned follows a failed write or fsync. What was acknowledged is safe; nothing more is accepted until the
	// queue is opened anew.
	ErrPoisoned = errors.New("queue stopped writing after a disk error")
	// ErrVersion means that a newer program wrote the folder. Nothing was changed.
	ErrVersion = errors.New("queue was written by another version")
	// ErrDamaged means that a record went bad after open checked it. Opening anew sets the segment aside.
	ErrDamaged = errors.New("queue record is damaged")
	// ErrBadOffset is an Ack of a record that was never written.
	ErrBadOffset = errors.New("no such offset in the queue")
	// ErrBadName is a consumer name that cannot be part of a file name.
	ErrBadName = errors.New("not a consumer name")
)

// Config bounds a queue. The zero value is ready to use.
type Config struct {
	SegmentBytes int64                // a segment is sealed when it would grow past this; 64 MiB when 0
	MaxBytes     int64                // of all segments; at the bound Append returns ErrFull; 0 is unbounded
	MaxRecord    int                  // 16 MiB when 0; never more than a quarter of MaxBytes
	Sync         func(*os.File) error // for tests; nil is fdatasync
}

const (
	defaultSegment = 64 << 20
	defaultRecord  = 16 << 20
	// boundParts is how many segments a bounded queue has at least, so that a full one can free some of its room.
	boundParts = 4
)

func (c Config) withDefaults() Config {
	if c.SegmentBytes <= 0 {
		c.SegmentBytes = defaultSegment
	}
	if c.MaxRecord <= 0 {
		c.MaxRecord = defaultRecord
	}
	if c.MaxBytes > 0 {
		c.SegmentBytes = min(c.SegmentBytes, max(c.MaxBytes/boundParts, 1))
		c.MaxRecord = min(c.MaxRecord, int(c.SegmentBytes))
	}
	return c
}

// Queue is an open log. All methods may be called from many goroutines.
type Queue struct {
	dir  string
	cfg  Config
	disk disk
	log  *slog.Logger
	lock *os.File

	requests chan *request // unbuffered: whatever the committer took, it answers
	closing  chan struct{}
	done     chan struct{} // the committer has returned
	once     sync.Once

	ackMu sync.Mutex // one cursor file is written at a time

	mu      sync.Mutex // guards what follows
	segs    []*segment // by base, ascending; the last is the active one
	cursors map[string]*cursor
	changed chan struct{} // closed and replaced when there is something new to read
	broken  error         // why nothing more is written; wraps ErrPoisoned
	found   findings

	file *os.File // of the active segment; the committer's alone
}

// segment is a file of records. base, salt and path never change; last and end only while it is the active one.
type segment struct {
	path string
	base uint64
	prev uint64
	salt uint64
	last uint64 // base-1 while it is empty
	end  int64  // bytes that are synced and checked
}

func (s *segment) records() uint64 { return s.last + 1 - s.base }

// Stats is what a queue holds.
type Stats struct {
	First, Next uint64 // offset of the oldest kept record (== Next when there is none) and of the next one
	Records     uint64 // kept
	Bytes       int64  // of all segments, quarantined ones left out
	Segments    int
	Quarantined int    // damaged files set aside, still in the folder
	Torn        int    // torn tails that were cut, still in the folder
	Missing     uint64 // offsets below Next that were written once and are in no segment; purged ones left out
}

// Open takes the folder, repairs what a crash left and gets ready to append. It makes the folder when there is none.
// ErrLocked: another queue has it. ErrVersion: a newer program wrote it.
func Open(dir string, cfg Config, log *slog.Logger) (*Queue, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil { //nolint:gosec // the folder is the operator's choice
		return nil, fmt.Errorf("make queue folder: %w", err)
	}
	lock, err := takeLock(dir)
	if err != nil {
		return nil, err
	}
	q := &Queue{
		dir: dir, cfg: cfg.withDefaults(), disk: newDisk(cfg.Sync), log: log.With("queue", filepath.Base(dir)), lock: lock,
		requests: make(chan *request), closing: make(chan struct{}), done: make(chan struct{}),
		cursors: map[string]*cursor{}, changed: make(chan struct{}),
	}
	if err := q.recover(); err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("open queue %s: %w", dir, err)
	}
	go q.commitLoop()
	return q, nil
}

func takeLock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "LOCK"), os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // as above
	if err != nil {
		return nil, fmt.Errorf("open queue lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w: %s; stop the other one first", ErrLocked, dir)
		}
		return nil, fmt.Errorf("lock queue folder %s: %w", dir, err)
	}
	return f, nil
}

// Append writes one record and returns its offset once it is on the disk. When ctx ends first, the record may or may
// not have been written; it was not acknowledged.
func (q *Queue) Append(ctx context.Context, payload []byte) (uint64, error) {
	if len(payload) > q.cfg.MaxRecord {
		return 0, fmt.Errorf("%w: %d bytes, %d at most", ErrTooLarge, len(payload), q.cfg.MaxRecord)
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	r := &request{payload: bytes.Clone(payload), reply: make(chan result, 1)}
	select {
	case <-q.closing:
		return 0, ErrClosed
	default:
	}
	select {
	case q.requests <- r:
	case <-q.closing:
		return 0, ErrClosed
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	select {
	case res := <-r.reply:
		return res.offset, res.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// Stats says what the queue holds now.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := Stats{
		First: q.segs[0].base, Next: q.active().last + 1, Segments: len(q.segs),
		Quarantined: q.found.quarantined, Torn: q.found.torn,
		Missing: q.found.missing,
	}
	for i, seg := range q.segs {
		s.Bytes += seg.end
		s.Records += seg.records()
		if i > 0 && seg.prev > q.segs[i-1].last {
			s.Missing += seg.prev - q.segs[i-1].last
		}
	}
	for _, seg := range q.segs {
		if seg.records() > 0 {
			s.First = seg.base
			return s
		}
	}
	s.First = s.Next
	return s
}

// Err is nil while the queue can write, else why it cannot.
func (q *Queue) Err() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.broken
}

// active is the segment being written. The caller holds mu.
func (q *Queue) active() *segment { return q.segs[len(q.segs)-1] }

// Purge deletes the sealed segments that every known consumer has acknowledged to the end. A queue that never had a
// consumer keeps everything.
func (q *Queue) Purge() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.purge()
}

func (q *Queue) purge() error {
	done, known := q.ackedByAll()
	if !known {
		return nil
	}
	removed := 0
	for len(q.segs) > 1 && q.segs[0].last <= done {
		if err := os.Remove(q.segs[0].path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("purge queue: %w", err)
		}
		q.segs = q.segs[1:]
		removed++
	}
	if removed > 0 {
		return q.disk.sync(q.dir)
	}
	return nil
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

// Close waits for the batch under way and gives the folder back. Later calls return nil.
func (q *Queue) Close() error {
	var err error
	q.once.Do(func() {
		close(q.closing)
		<-q.done
		// Unlocked by hand: a child process being started at this moment holds a copy of the descriptor for an instant.
		err = errors.Join(q.file.Close(), syscall.Flock(int(q.lock.Fd()), syscall.LOCK_UN), q.lock.Close())
	})
	return err
}
