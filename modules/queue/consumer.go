package queue

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"ticketmoa/modules/queue/disk"
	"ticketmoa/modules/queue/record"
)

// Message is one record.
type Message struct {
	Offset  uint64
	Time    time.Time // when it was appended; never earlier than the record before it
	Payload []byte    // the caller's to keep
}

// Consumer reads the queue from its durable place on. Several goroutines may call Next; each record goes to one of them.
type Consumer struct {
	q   *Queue
	cur *cursor

	mu     sync.Mutex // guards what follows
	want   uint64     // next offset to deliver
	seg    *segment   // where the reader stands; nil before the first record
	file   disk.File
	reader *record.Reader
	at     uint64 // offset of the record the reader stands before
}

// Next returns the next record and waits for one when there is none. It ends with ctx's error, ErrClosed, or ErrDamaged
// when the disk does not give a record back. A segment that is merely wrong is quarantined on the spot, and what can be
// read of it follows.
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
		switch {
		case !c.q.holds(seg): // purged or healed by another reader just now
		case errors.Is(err, errWrong):
			if herr := c.q.heal(seg); herr != nil {
				return Message{}, nil, errors.Join(err, herr)
			}
		default:
			return Message{}, nil, err
		}
	}
}

func (q *Queue) holds(seg *segment) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Contains(q.segs, seg)
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

// errWrong is bytes that were read and are not the record that was written.
var errWrong = fmt.Errorf("%w: its bytes have changed", ErrDamaged)

// read returns the first record at or above want in seg. The caller holds mu.
func (c *Consumer) read(seg *segment, end int64) (Message, error) {
	if c.seg != seg {
		if err := c.drop(); err != nil {
			return Message{}, err
		}
		f, err := c.q.fs.Open(seg.path)
		if err != nil {
			if errors.Is(err, os.ErrNotExist) { // being healed, or taken away by somebody
				return Message{}, fmt.Errorf("%w: %s is gone", errWrong, seg.path)
			}
			return Message{}, fmt.Errorf("open queue segment: %w", err)
		}
		c.seg, c.file, c.at = seg, f, seg.head.Base
		c.reader = record.NewReader(f, seg.head)
	}
	for want := max(c.want, seg.head.Base); c.at < want; c.at++ {
		if ok, err := c.reader.Skip(c.at, end); !ok || err != nil {
			return Message{}, c.damaged(err)
		}
	}
	rec, ok, err := c.reader.Next(c.at, end)
	if !ok || err != nil {
		return Message{}, c.damaged(err)
	}
	payload, err := c.q.unpack(rec)
	if err != nil {
		return Message{}, c.damaged(err)
	}
	c.at++
	return Message{Offset: rec.Offset, Time: rec.Time(), Payload: payload}, nil
}

// unpack gives a payload back as it was appended. Its checksum was right, so a compressed one that cannot be read was
// written by another program.
func (q *Queue) unpack(rec record.Record) ([]byte, error) {
	if rec.Flags&record.Zstd == 0 {
		return append(make([]byte, 0, len(rec.Payload)), rec.Payload...), nil
	}
	dec, err := q.dec()
	if err != nil {
		return nil, fmt.Errorf("start decompression: %w", err)
	}
	payload, err := dec.DecodeAll(rec.Payload, nil)
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	return payload, nil
}

func (c *Consumer) damaged(cause error) error {
	if cause != nil {
		return fmt.Errorf("%w: %s, byte %d, offset %d: %w", ErrDamaged, c.seg.path, c.reader.Pos(), c.at, cause)
	}
	return fmt.Errorf("%w: %s, byte %d, offset %d", errWrong, c.seg.path, c.reader.Pos(), c.at)
}

func (c *Consumer) drop() error {
	if c.file == nil {
		return nil
	}
	err := c.file.Close()
	c.seg, c.file, c.reader = nil, nil, nil
	return err
}

// Close gives back the reader's file. The cursor stays.
func (c *Consumer) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.drop()
}
