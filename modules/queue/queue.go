// Package queue is a durable write-ahead log between producers that must not wait and consumers that may be slow, down or
// broken. What it promises, in the order of the tests that hold it to it:
//
//  1. Append returns nil only after the record and the name of its file are on the disk. Producers that come together
//     share one fsync; none is answered before it.
//  2. Every record carries its offset, time, producer and number under a checksum that is salted with its segment:
//     stale, moved or foreign bytes are never taken for a record.
//  3. Consumers get every record at least once and in order, each with a durable place of its own. A producer with a name
//     and numbers of its own (Producer) has each number stored once, however often it sends it.
//  4. Offsets rise and never name two payloads, not even after a crash or a failed write.
//  5. A torn end is left where it is and never read again; damage with good records behind it, or in a sealed segment, is
//     quarantined and reported in Stats while everything readable is served. Nothing is deleted for being unreadable.
//  6. A failed write or fsync is never acknowledged and never tried again on that file: the segment is closed at the last
//     acknowledged record, and the next append begins a new one.
//  7. At its bounds (bytes, age of what waits, room left on the disk) Append answers ErrFull. What was acknowledged is
//     never dropped to make room.
//  8. A folder has one owner; a second Open is refused.
//  9. Open may be cut off anywhere and begun again: it ends the same.
//  10. A file appears under its name only when it is whole and on the disk.
//
// It never writes into a file of an earlier run. FORMAT.md draws the files byte by byte.
package queue

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"ticketmoa/modules/queue/disk"
	"ticketmoa/modules/queue/record"
)

// What can go wrong. All are wrapped with the folder and the numbers that matter.
var (
	ErrLocked   = errors.New("queue folder is owned by another process")
	ErrFull     = errors.New("queue is full")
	ErrTooLarge = errors.New("record is too large for the queue")
	ErrClosed   = errors.New("queue is closed")
	// ErrPoisoned follows a failed write or fsync. What was acknowledged is safe; the next Append tries a new segment.
	ErrPoisoned = errors.New("queue could not write to the disk")
	// ErrVersion means that another version of the program wrote the folder. Nothing was changed.
	ErrVersion = record.ErrVersion
	// ErrDamaged means that a record cannot be read from the disk. Records that can be are served after Open.
	ErrDamaged = errors.New("queue record is damaged")
	// ErrBadOffset is an Ack of a record that was never written.
	ErrBadOffset = errors.New("no such offset in the queue")
	// ErrBadName is a consumer's or producer's name that cannot be kept.
	ErrBadName = errors.New("not a name for the queue")
	// ErrGap is a producer's number that leaves out some.
	ErrGap = errors.New("producer left out a number")
	// ErrConflict is a producer's number that came before with another payload.
	ErrConflict = errors.New("producer used a number twice for different payloads")
	// ErrForgotten is a producer's number that was stored so long ago that its offset is not known any more.
	ErrForgotten = errors.New("stored long ago")
)

// Config bounds a queue. The zero value is ready to use.
type Config struct {
	SegmentBytes int64         // a segment is sealed when it would grow past this; 64 MiB when 0
	SegmentAge   time.Duration // and, at the next append, when it is older than this; an hour when 0
	MaxRecord    int           // bytes of a payload; 16 MiB when 0; never more than a segment of a bounded queue holds
	Compress     bool          // payloads are kept as zstd where that makes them smaller

	MaxBytes int64         // of all segments; 0 is unbounded
	MaxAge   time.Duration // of the oldest segment that a consumer still needs; 0 is unbounded
	MinFree  float64       // share of the file system that stays free, 0.05 is 5 %; 0 is no bound
	MaxFree  int64         // bytes that MinFree asks for at most, on large disks; 0 is unbounded

	Now func() time.Time // time.Now when nil
	FS  disk.FS          // disk.OS() when nil
}

const (
	defaultSegment    = 64 << 20
	defaultSegmentAge = time.Hour
	defaultRecord     = 16 << 20
	// boundParts is how many segments a bounded queue has at least, so that a full one can free some of its room.
	boundParts = 4
)

func (c Config) withDefaults() Config {
	if c.SegmentBytes <= 0 {
		c.SegmentBytes = defaultSegment
	}
	if c.SegmentAge <= 0 {
		c.SegmentAge = defaultSegmentAge
	}
	if c.MaxRecord <= 0 {
		c.MaxRecord = defaultRecord
	}
	c.MaxRecord = min(c.MaxRecord, record.MaxBody-256)
	if c.MaxBytes > 0 {
		c.SegmentBytes = min(c.SegmentBytes, max(c.MaxBytes/boundParts, 1))
		c.MaxRecord = min(c.MaxRecord, int(c.SegmentBytes))
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.FS == nil {
		c.FS = disk.OS()
	}
	return c
}

// Queue is an open log. All methods may be called from many goroutines.
type Queue struct {
	dir  string
	cfg  Config
	fs   disk.FS
	log  *slog.Logger
	lock io.Closer
	id   string
	enc  *zstd.Encoder                 // nil without compression
	dec  func() (*zstd.Decoder, error) // made when the first compressed record is read

	requests chan *request // unbuffered: whatever the committer took, it answers
	closing  chan struct{}
	done     chan struct{} // the committer has returned
	once     sync.Once
	closeErr error

	ackMu  sync.Mutex // one cursor file is written at a time
	healMu sync.Mutex // one segment is healed at a time

	mu        sync.Mutex // guards what follows
	segs      []*segment // by base, ascending; the last is the active one, or was before a write failed
	cursors   map[string]*cursor
	changed   chan struct{} // closed and replaced when there is something new to read
	broken    error         // why nothing is written at the moment: a failed write, or a segment that could not be begun
	failures  int           // failed writes and fsyncs
	refused   int           // appends answered with ErrFull
	found     findings
	producers *producers

	out writer // the committer's alone
}

// segment is a file of records. path and head never change; last, end and newest only while it is the active one.
type segment struct {
	path   string
	head   record.Head
	last   uint64 // base-1 while it is empty
	end    int64  // bytes that are synced and checked
	newest int64  // when its last record was appended, Unix milliseconds; 0 while it is empty
	made   time.Time
}

func (s *segment) records() uint64 { return s.last + 1 - s.head.Base }

// Stats is what a queue holds and what it met.
type Stats struct {
	First, Next uint64 // offset of the oldest kept record (== Next when there is none) and of the next one
	Records     uint64 // kept
	Bytes       int64  // of all segments, quarantined ones left out
	Segments    int
	Quarantined int    // damaged files set aside, still in the folder
	Torn        int    // torn ends that Open found; nothing acknowledged was in them
	Missing     uint64 // offsets below Next that were acknowledged once and are in no segment; purged ones left out
	Failures    int    // writes and fsyncs that failed since Open
	Refused     int    // appends answered with ErrFull since Open
}

// Open takes the folder, repairs what a crash left and gets ready to append. It makes the folder when there is none.
// ErrLocked: another queue has it. ErrVersion: another version of the program wrote it.
func Open(dir string, cfg Config, log *slog.Logger) (_ *Queue, err error) {
	cfg = cfg.withDefaults()
	if err := makeFolder(cfg.FS, dir); err != nil {
		return nil, fmt.Errorf("make queue folder %s: %w; is the place writable?", dir, err)
	}
	lock, err := cfg.FS.Lock(filepath.Join(dir, "LOCK"))
	if errors.Is(err, disk.ErrLocked) {
		return nil, fmt.Errorf("%w: %s; stop the other one first", ErrLocked, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("lock queue folder %s: %w; is the place writable?", dir, err)
	}
	q := &Queue{
		dir: dir, cfg: cfg, fs: cfg.FS, log: log.With("queue", filepath.Base(dir)), lock: lock,
		requests: make(chan *request), closing: make(chan struct{}), done: make(chan struct{}),
		cursors: map[string]*cursor{}, changed: make(chan struct{}), producers: newProducers(),
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open queue %s: %w", dir, err), lock.Close())
		}
	}()
	if err := q.startCodec(); err != nil {
		return nil, err
	}
	if err := q.recover(); err != nil {
		return nil, err
	}
	go q.commitLoop()
	return q, nil
}

// makeFolder makes the folder and has its name on the disk.
func makeFolder(fs disk.FS, dir string) error {
	if err := fs.MkdirAll(dir); err != nil {
		return err
	}
	return fs.SyncDir(filepath.Dir(dir))
}

func (q *Queue) startCodec() (err error) {
	if q.cfg.Compress {
		if q.enc, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest)); err != nil {
			return fmt.Errorf("start compression: %w", err)
		}
	}
	q.dec = sync.OnceValues(func() (*zstd.Decoder, error) {
		return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(record.MaxBody))
	})
	return nil
}

// loadID reads the queue's name, or gives it one: random, made with the queue.
func (q *Queue) loadID() error {
	path := filepath.Join(q.dir, "ID")
	b, err := disk.ReadFile(q.fs, path)
	if err == nil && len(b) == idLen+1 && validID(string(b[:idLen])) {
		q.id = string(b[:idLen])
		return nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) { // it may be there: another name would be another queue to whoever keeps places by it
		return fmt.Errorf("read the queue's id: %w", err)
	}
	if err == nil { // what cannot be read must not be used: two queues under one name would overwrite each other's objects
		q.log.Error("queue cannot read its id and takes a new one", "file", path)
	}
	q.id = newID()
	return disk.WriteFile(q.fs, path, []byte(q.id+"\n"))
}

const idLen = 16

func newID() string {
	const letters = "0123456789abcdefghjkmnpqrstvwxyz" // 32 of them
	var b [idLen]byte
	_, _ = rand.Read(b[:]) // never fails
	for i := range b {
		b[i] = letters[b[i]&31]
	}
	return string(b[:])
}

func validID(id string) bool {
	for _, r := range id {
		if (r < '0' || r > '9') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return true
}

// ID is the queue's own name: 16 letters and digits, random, made with the folder and kept in it.
func (q *Queue) ID() string { return q.id }

// Append writes one record and returns its offset once it is on the disk. When ctx ends first, the record may or may
// not have been written; it was not acknowledged.
func (q *Queue) Append(ctx context.Context, payload []byte) (uint64, error) {
	r := requests.Get().(*request)
	r.records = r.one[:]
	if err := q.pack(r, 0, payload); err != nil {
		r.done()
		return 0, err
	}
	return q.send(ctx, r)
}

// AppendAll writes records with consecutive offsets under one fsync and returns the first of these: either all are
// acknowledged or none. No payloads are no append.
func (q *Queue) AppendAll(ctx context.Context, payloads [][]byte) (first uint64, err error) {
	if len(payloads) == 0 {
		return 0, ctx.Err()
	}
	r := requests.Get().(*request)
	r.records = make([]record.Record, len(payloads))
	if q.enc == nil {
		r.reserve(payloads)
	}
	for i, p := range payloads {
		if err := q.pack(r, i, p); err != nil {
			r.done()
			return 0, err
		}
	}
	if n := r.size(); n > q.cfg.SegmentBytes && len(payloads) > 1 {
		r.done()
		return 0, fmt.Errorf("%w: %d records of %d bytes in all, %d at most together", ErrTooLarge, len(payloads), n, q.cfg.SegmentBytes)
	}
	return q.send(ctx, r)
}

// pack puts a copy of a payload into r: the caller may go on with his before the committer is done with it.
func (q *Queue) pack(r *request, i int, payload []byte) error {
	if len(payload) > q.cfg.MaxRecord {
		return fmt.Errorf("%w: %d bytes, %d at most", ErrTooLarge, len(payload), q.cfg.MaxRecord)
	}
	rec := &r.records[i]
	start := len(r.bytes)
	if q.enc != nil {
		r.bytes = q.enc.EncodeAll(payload, r.bytes)
		if rec.Payload = r.bytes[start:]; len(rec.Payload) < len(payload) {
			rec.Flags = record.Zstd
			return nil
		}
		r.bytes = r.bytes[:start]
	}
	r.bytes = append(r.bytes, payload...)
	rec.Payload = r.bytes[start:]
	return nil
}

// send gives a request to the committer and waits for its answer. One that nobody waits for any more is left to the
// committer and the garbage collector.
func (q *Queue) send(ctx context.Context, r *request) (uint64, error) {
	err := ctx.Err()
	select {
	case <-q.closing:
		err = ErrClosed
	default:
	}
	if err == nil {
		select {
		case q.requests <- r:
		case <-q.closing:
			err = ErrClosed
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	if err != nil {
		r.done()
		return 0, err
	}
	select {
	case res := <-r.reply:
		r.done()
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
		First: q.segs[0].head.Base, Next: q.active().last + 1, Segments: len(q.segs), Quarantined: q.found.quarantined, Torn: q.found.torn,
		Missing: q.found.missing, Failures: q.failures, Refused: q.refused, Bytes: q.bytes(),
	}
	for i, seg := range q.segs {
		s.Records += seg.records()
		if i > 0 && seg.head.Prev > q.segs[i-1].last {
			s.Missing += seg.head.Prev - q.segs[i-1].last
		}
	}
	for _, seg := range q.segs {
		if seg.records() > 0 {
			s.First = seg.head.Base
			return s
		}
	}
	s.First = s.Next
	return s
}

// Err is nil while the queue can write, else why the last append could not.
func (q *Queue) Err() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.broken
}

// active is the segment being written. The caller holds mu.
func (q *Queue) active() *segment { return q.segs[len(q.segs)-1] }

// Close waits for the batch under way, seals the log and gives the folder back. Later calls return the same.
func (q *Queue) Close() error {
	q.once.Do(func() {
		close(q.closing)
		<-q.done
		q.ackMu.Lock()
		defer q.ackMu.Unlock()
		q.closeErr = q.lock.Close()
	})
	return q.closeErr
}
