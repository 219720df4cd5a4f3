package queue

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"ticketmoa/modules/queue/disk"
	"ticketmoa/modules/queue/record"
)

const (
	cursorPrefix = "cursor-"
	cursorMagic  = "TMQCURS"
	cursorHead   = 20
	maxNote      = 64 << 10
)

var consumerName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// cursor is the durable place of one consumer. It is guarded by the queue's mu and follows what is on the disk.
type cursor struct {
	name  string
	acked uint64
	note  []byte
}

func encodeCursor(acked uint64, note []byte) []byte {
	b := make([]byte, 0, cursorHead+len(note)+4)
	b = append(append(b, cursorMagic...), record.Version)
	b = binary.BigEndian.AppendUint64(b, acked)
	b = binary.BigEndian.AppendUint32(b, uint32(len(note)))
	b = append(b, note...)
	return binary.BigEndian.AppendUint32(b, record.Sum(b))
}

func decodeCursor(b []byte) (acked uint64, note []byte, ok bool) {
	if len(b) < cursorHead+4 || !bytes.HasPrefix(b, append([]byte(cursorMagic), record.Version)) ||
		record.Sum(b[:len(b)-4]) != binary.BigEndian.Uint32(b[len(b)-4:]) || int(binary.BigEndian.Uint32(b[16:])) != len(b)-cursorHead-4 {
		return 0, nil, false
	}
	if len(b) > cursorHead+4 {
		note = bytes.Clone(b[cursorHead : len(b)-4])
	}
	return binary.BigEndian.Uint64(b[8:]), note, true
}

// saveCursor writes a consumer's place. The caller holds ackMu.
func (q *Queue) saveCursor(name string, acked uint64, note []byte) error {
	if err := disk.WriteFile(q.fs, filepath.Join(q.dir, cursorPrefix+name), encodeCursor(acked, note)); err != nil {
		return fmt.Errorf("save place of consumer %s: %w", name, err)
	}
	return nil
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
		b, err := disk.ReadFile(q.fs, path)
		if err != nil {
			return fmt.Errorf("read place of consumer %s: %w", name, err)
		}
		acked, note, ok := decodeCursor(b)
		if !ok {
			if err := q.setAside(path, path); err != nil {
				return err
			}
			q.log.Error("queue cannot read the place of a consumer; it starts over", "consumer", name)
			q.cursors[name] = &cursor{name: name}
			q.found.placeLost = true
			continue
		}
		q.cursors[name] = &cursor{name: name, acked: acked, note: note}
		q.found.raise(acked + 1)
	}
	return nil
}

// Consumer opens the durable cursor called name (a-z, 0-9, - and _); a new one starts at the oldest kept record. Asking
// for a name again gives a second reader with the same cursor: it begins behind the last Ack, so what an earlier one was
// given and never acknowledged comes again.
func (q *Queue) Consumer(name string) (*Consumer, error) {
	if !consumerName.MatchString(name) {
		return nil, fmt.Errorf("%w: consumer %q; use a-z, 0-9, - and _", ErrBadName, name)
	}
	q.ackMu.Lock()
	defer q.ackMu.Unlock()
	q.mu.Lock()
	cur, known := q.cursors[name]
	first := q.segs[0].head.Base
	q.mu.Unlock()
	if !known {
		cur = &cursor{name: name, acked: first - 1}
		if err := q.saveCursor(name, cur.acked, nil); err != nil {
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

// Forget removes a consumer's place: what only it still needed may then be purged.
func (q *Queue) Forget(name string) error {
	q.ackMu.Lock()
	defer q.ackMu.Unlock()
	q.mu.Lock()
	_, known := q.cursors[name]
	q.mu.Unlock()
	if !known {
		return fmt.Errorf("%w: no consumer %q", ErrBadName, name)
	}
	if err := q.fs.Remove(filepath.Join(q.dir, cursorPrefix+name)); err != nil {
		return fmt.Errorf("forget consumer %s: %w", name, err)
	}
	q.mu.Lock()
	delete(q.cursors, name)
	q.mu.Unlock()
	return q.fs.SyncDir(q.dir)
}

// Ack makes durable that everything up to and including offset is done. An offset below an earlier Ack changes nothing.
func (c *Consumer) Ack(offset uint64) error {
	return c.place(func(cur *cursor) (uint64, []byte) { return max(offset, cur.acked), cur.note }, offset)
}

// Note is what SetNote kept last; nil when there is none.
func (c *Consumer) Note() []byte {
	c.q.mu.Lock()
	defer c.q.mu.Unlock()
	return bytes.Clone(c.cur.note)
}

// SetNote keeps up to 64 KiB beside the consumer's place: what it is about to do, for the one that takes over after a
// crash. It is durable when SetNote returns; nil removes it.
func (c *Consumer) SetNote(note []byte) error {
	if len(note) > maxNote {
		return fmt.Errorf("%w: a note of %d bytes, %d at most", ErrTooLarge, len(note), maxNote)
	}
	return c.place(func(cur *cursor) (uint64, []byte) { return cur.acked, bytes.Clone(note) }, 0)
}

// Commit is Ack and the removal of the note in one durable step.
func (c *Consumer) Commit(offset uint64) error {
	return c.place(func(cur *cursor) (uint64, []byte) { return max(offset, cur.acked), nil }, offset)
}

// place writes the consumer's place when it changes.
func (c *Consumer) place(next func(*cursor) (uint64, []byte), offset uint64) error {
	q := c.q
	q.ackMu.Lock()
	defer q.ackMu.Unlock()
	select {
	case <-q.closing:
		return ErrClosed
	default:
	}
	q.mu.Lock()
	before := *c.cur
	acked, note := next(c.cur)
	last, forgotten := q.active().last, q.cursors[c.cur.name] != c.cur
	q.mu.Unlock()
	if forgotten {
		return fmt.Errorf("%w: consumer %s was forgotten", ErrBadName, c.cur.name)
	}
	if offset > last {
		return fmt.Errorf("%w: %d acknowledged by %s, the last one is %d", ErrBadOffset, offset, c.cur.name, last)
	}
	if acked == before.acked && bytes.Equal(note, before.note) {
		return nil
	}
	if err := q.saveCursor(c.cur.name, acked, note); err != nil {
		return err
	}
	q.mu.Lock()
	c.cur.acked, c.cur.note = acked, note
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
			n += s.last - max(c.cur.acked, s.head.Base-1)
		}
	}
	return n
}
