package queue

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"path/filepath"

	"ticketmoa/modules/queue/disk"
	"ticketmoa/modules/queue/record"
)

const (
	// keptMarks is how many of a producer's numbers the queue can still name the offset of.
	keptMarks = 128
	// keptProducers bounds the table; the one that has been silent longest makes room.
	keptProducers = 1024
	producersFile = "producers"
	producerMagic = "TMQPROD"
	longestName   = 128
)

// mark is one number of a producer, where it lies and what it was.
type mark struct {
	seq, offset, sum uint64
}

// producers remembers the latest numbers of every producer. It follows from the records of the log; the file keeps what
// purged segments told.
type producers struct {
	byName map[string][]mark // ascending, without gaps
}

func newProducers() *producers { return &producers{byName: map[string][]mark{}} }

// last is the producer's highest number up to an offset; 0 when it is not known.
func (t *producers) last(name string, synced uint64) uint64 {
	marks := t.byName[name]
	for i := len(marks) - 1; i >= 0; i-- {
		if marks[i].offset <= synced {
			return marks[i].seq
		}
	}
	return 0
}

func (t *producers) find(name string, seq uint64) (mark, bool) {
	marks := t.byName[name]
	if len(marks) == 0 || seq < marks[0].seq || seq > marks[len(marks)-1].seq {
		return mark{}, false
	}
	return marks[seq-marks[0].seq], true
}

// add notes a number and returns what takes it back. Numbers that are known already are passed over: the file and the
// log overlap.
func (t *producers) add(name string, m mark) (undo func()) {
	before, known := t.byName[name]
	if known && m.seq <= before[len(before)-1].seq {
		return func() {}
	}
	marks := before
	if known && m.seq != before[len(before)-1].seq+1 {
		marks = nil // records between were lost to damage
	}
	if len(marks) >= 2*keptMarks {
		marks = append([]mark(nil), marks[len(marks)-keptMarks:]...)
	}
	t.byName[name] = append(marks, m)
	if !known && len(t.byName) > keptProducers {
		t.forgetOldest(name)
	}
	return func() {
		if known {
			t.byName[name] = before
		} else {
			delete(t.byName, name)
		}
	}
}

func (t *producers) forgetOldest(but string) {
	oldest, at := "", uint64(0)
	for name, marks := range t.byName {
		if o := marks[len(marks)-1].offset; name != but && (oldest == "" || o < at) {
			oldest, at = name, o
		}
	}
	delete(t.byName, oldest)
}

// encode is the table as its file holds it, up to the offset that is on the disk: what still waits for its fsync may be
// lost. FORMAT.md draws it.
func (t *producers) encode(synced uint64) []byte {
	b := append([]byte(producerMagic), record.Version)
	b = binary.BigEndian.AppendUint32(b, 0)
	count := uint32(0)
	for name, marks := range t.byName {
		for len(marks) > 0 && marks[len(marks)-1].offset > synced {
			marks = marks[:len(marks)-1]
		}
		if len(marks) == 0 {
			continue
		}
		count++
		marks = marks[max(0, len(marks)-keptMarks):]
		b = append(append(b, byte(len(name))), name...)
		b = binary.BigEndian.AppendUint16(b, uint16(len(marks)))
		for _, m := range marks {
			b = binary.BigEndian.AppendUint64(b, m.seq)
			b = binary.BigEndian.AppendUint64(b, m.offset)
			b = binary.BigEndian.AppendUint64(b, m.sum)
		}
	}
	binary.BigEndian.PutUint32(b[len(producerMagic)+1:], count)
	return binary.BigEndian.AppendUint32(b, record.Sum(b))
}

// decodeProducers reads encode's bytes; ok is false when they are not whole.
func decodeProducers(b []byte) (t *producers, ok bool) {
	const head = len(producerMagic) + 1 + 4
	if len(b) < head+4 || string(b[:len(producerMagic)]) != producerMagic || b[len(producerMagic)] != record.Version ||
		record.Sum(b[:len(b)-4]) != binary.BigEndian.Uint32(b[len(b)-4:]) {
		return nil, false
	}
	t = newProducers()
	n := binary.BigEndian.Uint32(b[head-4:])
	b = b[head : len(b)-4]
	for range n {
		if len(b) < 1 || len(b) < 1+int(b[0])+2 {
			return nil, false
		}
		name := string(b[1 : 1+b[0]])
		b = b[1+len(name):]
		count := int(binary.BigEndian.Uint16(b))
		b = b[2:]
		if len(b) < 24*count {
			return nil, false
		}
		for range count {
			t.add(name, mark{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:]), binary.BigEndian.Uint64(b[16:])})
			b = b[24:]
		}
	}
	return t, len(b) == 0
}

func (q *Queue) saveProducers() error {
	if len(q.producers.byName) == 0 {
		return nil
	}
	return disk.WriteFile(q.fs, filepath.Join(q.dir, producersFile), q.producers.encode(q.active().last))
}

// Producer sends records under a name and numbers of its own, 1, 2, 3 …: whatever it sends twice is stored once.
type Producer struct {
	q    *Queue
	name string
}

// Producer is the handle of the producer called name, up to 128 bytes. The queue remembers the latest 1,024 producers.
func (q *Queue) Producer(name string) (*Producer, error) {
	if name == "" || len(name) > longestName {
		return nil, fmt.Errorf("%w: producer %q; use 1 to %d bytes", ErrBadName, name, longestName)
	}
	return &Producer{q: q, name: name}, nil
}

// Last is the highest number that is stored; 0 when the queue does not know the producer.
func (p *Producer) Last() uint64 {
	p.q.mu.Lock()
	defer p.q.mu.Unlock()
	return p.q.producers.last(p.name, p.q.active().last)
}

// Append stores payload under the number seq, which is one above Last, and returns its offset once it is on the disk. The
// same number with the same payload again, also after a restart, stores nothing and returns the same offset.
// ErrConflict: the number came with another payload. ErrGap: numbers before it are missing. ErrForgotten: it is stored,
// but more than 128 numbers ago. A producer the queue does not know begins with any number.
func (p *Producer) Append(ctx context.Context, seq uint64, payload []byte) (uint64, error) {
	if seq == 0 {
		return 0, fmt.Errorf("%w: producer %s sent number 0; they begin with 1", ErrGap, p.name)
	}
	r := requests.Get().(*request)
	r.records, r.sum = r.one[:], sumOf(payload)
	if err := p.q.pack(r, 0, payload); err != nil {
		r.done()
		return 0, err
	}
	r.records[0].Producer, r.records[0].Seq = p.name, seq
	return p.q.send(ctx, r)
}

// sumOf tells payloads apart that came under one number.
func sumOf(payload []byte) uint64 {
	sum := sha256.Sum256(payload)
	return binary.BigEndian.Uint64(sum[:8])
}

// replay answers a request whose number is not the next one of its producer. Only the committer calls it.
func (q *Queue) replay(r *request) (done bool) {
	name, seq := r.records[0].Producer, r.records[0].Seq
	if name == "" {
		return false
	}
	q.mu.Lock()
	last := q.producers.last(name, math.MaxUint64)
	m, found := q.producers.find(name, seq)
	synced := q.active().last
	q.mu.Unlock()
	switch {
	case last == 0 || seq == last+1:
		return false
	case seq > last:
		r.reply <- result{err: fmt.Errorf("%w: %s sent %d after %d", ErrGap, name, seq, last)}
	case !found:
		r.reply <- result{err: fmt.Errorf("%w: number %d of producer %s, which is at %d", ErrForgotten, seq, name, last)}
	case m.sum != r.sum:
		q.log.Error("queue refused a number that came before with another payload", "producer", name, "seq", seq)
		r.reply <- result{err: fmt.Errorf("%w: number %d of %s lies at offset %d", ErrConflict, seq, name, m.offset)}
	case m.offset > synced && q.out.records > 0: // it waits for the fsync of this very batch
		r.records = nil
		q.out.waiting, q.out.answers = append(q.out.waiting, r), append(q.out.answers, result{offset: m.offset})
	default:
		r.reply <- result{offset: m.offset}
	}
	return true
}
