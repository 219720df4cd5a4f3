package queue

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

const (
	cursorPrefix = "cursor-"
	cursorBytes  = 20
)

var consumerName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// cursor is the durable place of one consumer. acked is guarded by the queue's mu and follows what is on the disk.
type cursor struct {
	name  string
	acked uint64
}

// Message is one record.
type Message struct {
	Offset  uint64
	Payload []byte // the caller's to keep
}

// Consumer reads the queue from its durable place on. Several goroutines may call Next; each record goes to one of them.
type Consumer struct {
	q   *Queue
	cur *cursor

	mu   sync.Mutex // guards what follows
	want uint64     // next offset to deliver
	seg  *segment   // where the reader stands; nil before the first record
	file *os.File
	pos  int64
	at   uint64 // offset of the record at pos
}

// Consumer opens the durable cursor called name (a-z, 0-9, - and _); a new one starts at the oldest kept record. Asking
// for a name again gives a second reader with the same cursor: it begins behind the last Ack, so what an earlier one was
// given and never acknowledged comes again.
func (q *Queue) Consumer(name string) (*Consumer, error) {
	if !consumerName.MatchString(name) {
		return nil, fmt.Errorf("%w: %q; use a-z, 0-9, - and _", ErrBadName, name)
	}
	q.ackMu.Lock()
	defer q.ackMu.Unlock()
	q.mu.Lock()
	cur, known := q.cursors[name]
	first := q.segs[0].base
	q.mu.Unlock()
	if !known {
		cur = &cursor{name: name, acked: first - 1}
		if err := q.saveCursor(name, cur.acked); err != nil {
			return nil, err
		}
		q.mu.Lock()
		q.cursors[name] = cur
		q.mu.Unlock()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return &Consumer{q: q, cur: cur, want: cur.acked + 1}, nil
}

func (q *Queue) saveCursor(name string, acked uint64) error {
	b := make([]byte, 0, cursorBytes)
	b = append(append(b, cursorMagic...), version)
	b = binary.BigEndian.AppendUint64(b, acked)
	b = binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	if err := q.disk.write(filepath.Join(q.dir, cursorPrefix+name), b); err != nil {
		return fmt.Errorf("save place of consumer %s: %w", name, err)
	}
	return nil
}

func readCursor(b []byte) (acked uint64, ok bool) {
	if len(b) != cursorBytes || !bytes.HasPrefix(b, append([]byte(cursorMagic), version)) ||
		crc32.Checksum(b[:16], castagnoli) != binary.BigEndian.Uint32(b[16:]) {
		return 0, false
	}
	return binary.BigEndian.Uint64(b[8:]), true
}

// loadCursors reads every consumer's place. One that cannot be read is set aside: its consumer then starts over, which
// at-least-once allows; guessing a place could lose records.
func (q *Queue) loadCursors(names []string) error {
	for _, file := range names {
		name, ok := strings.CutPrefix(file, cursorPrefix)
		if !ok || !consumerName.MatchString(name) {
			continue
		}
		path := filepath.Join(q.dir, file)
		b, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read place of consumer %s: %w", name, err)
		}
		acked, ok := readCursor(b)
		if !ok {
			if err := q.setAside(path, path); err != nil {
				return err
			}
			q.log.Error("queue cannot read the place of a consumer; it starts over", "consumer", name)
			q.cursors[name] = &cursor{name: name}
			continue
		}
		q.cursors[name] = &cursor{name: name, acked: acked}
		q.found.raise(acked + 1)
	}
	return nil
}

// Next returns the next record and waits for one when there is none. It ends with ctx's error, ErrClosed, or
// ErrDamaged, which comes again until the queue is opened anew.
func (c *Consumer) Next(ctx context.Context) (Message, error) {
	for {
		m, changed, err := c.try()
		if err != nil || changed == nil {
			return m, err
		}
		select {
		case <-changed:
		case <-c.q.closing:
			return Message{}, ErrClosed
		case <-ctx.Done():
			return Message{}, ctx.Err()
		}
	}
}

// try reads the next record, or returns the channel that tells when to try again.
func (c *Consumer) try() (Message, <-chan struct{}, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.q.closing:
		return Message{}, nil, errors.Join(ErrClosed, c.drop())
	default:
	}
	for {
		seg, end, changed := c.locate()
		if seg == nil {
			return Message{}, changed, nil
		}
		m, err := c.read(seg, end)
		if err == nil {
			c.want = m.Offset + 1
			return m, nil, nil
		}
		err = errors.Join(err, c.drop())
		if !errors.Is(err, os.ErrNotExist) || !c.q.purged(seg) { // else another reader of this cursor acknowledged it just now
			return Message{}, nil, err
		}
	}
}

func (q *Queue) purged(seg *segment) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return !slices.Contains(q.segs, seg)
}

// locate finds the segment with the next record, and how far it may be read. What is acknowledged is passed over.
func (c *Consumer) locate() (*segment, int64, <-chan struct{}) {
	c.q.mu.Lock()
	defer c.q.mu.Unlock()
	c.want = max(c.want, c.cur.acked+1)
	for _, s := range c.q.segs {
		if s.records() > 0 && s.last >= c.want {
			return s, s.end, nil
		}
	}
	return nil, 0, c.q.changed
}

// read returns the first record at or above want in seg. The caller holds mu.
func (c *Consumer) read(seg *segment, end int64) (Message, error) {
	if c.seg != seg {
		if err := c.drop(); err != nil {
			return Message{}, err
		}
		f, err := os.Open(seg.path)
		if err != nil {
			return Message{}, fmt.Errorf("open queue segment: %w", err)
		}
		c.seg, c.file, c.pos, c.at = seg, f, headBytes, seg.base
	}
	want := max(c.want, seg.base)
	var head [recordHead]byte
	for {
		if _, err := c.file.ReadAt(head[:], c.pos); err != nil {
			return Message{}, c.damaged(err)
		}
		n := int64(binary.BigEndian.Uint32(head[:]))
		if binary.BigEndian.Uint64(head[8:]) != c.at || c.pos+recordHead+n > end {
			return Message{}, c.damaged(nil)
		}
		if c.at == want {
			payload := make([]byte, n)
			if _, err := c.file.ReadAt(payload, c.pos+recordHead); err != nil {
				return Message{}, c.damaged(err)
			}
			if checksum(seg.salt, head[:], payload) != binary.BigEndian.Uint32(head[4:]) {
				return Message{}, c.damaged(nil)
			}
			c.pos, c.at = c.pos+recordHead+n, c.at+1
			return Message{Offset: want, Payload: payload}, nil
		}
		c.pos, c.at = c.pos+recordHead+n, c.at+1
	}
}

func (c *Consumer) damaged(cause error) error {
	err := fmt.Errorf("%w: %s, byte %d, offset %d; start again to set the segment aside", ErrDamaged, c.seg.path, c.pos, c.at)
	return errors.Join(err, cause)
}

func (c *Consumer) drop() error {
	if c.file == nil {
		return nil
	}
	err := c.file.Close()
	c.seg, c.file = nil, nil
	return err
}

// Ack makes durable that everything up to and including offset is done. An offset below an earlier Ack changes nothing.
func (c *Consumer) Ack(offset uint64) error {
	q := c.q
	q.ackMu.Lock()
	defer q.ackMu.Unlock()
	select {
	case <-q.closing:
		return ErrClosed
	default:
	}
	q.mu.Lock()
	acked, last := c.cur.acked, q.active().last
	q.mu.Unlock()
	if offset > last {
		return fmt.Errorf("%w: %d acknowledged by %s, the last one is %d", ErrBadOffset, offset, c.cur.name, last)
	}
	if offset <= acked {
		return nil
	}
	if err := q.saveCursor(c.cur.name, offset); err != nil {
		return err
	}
	q.mu.Lock()
	c.cur.acked = offset
	q.mu.Unlock()
	return nil
}

// Backlog counts the records that are not acknowledged yet.
func (c *Consumer) Backlog() uint64 {
	c.q.mu.Lock()
	defer c.q.mu.Unlock()
	var n uint64
	for _, s := range c.q.segs {
		if s.last > c.cur.acked {
			n += s.last - max(c.cur.acked, s.base-1)
		}
	}
	return n
}

// Close gives back the reader's file. The cursor stays.
func (c *Consumer) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.drop()
}
