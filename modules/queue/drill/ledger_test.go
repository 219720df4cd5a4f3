package drill

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"ticketmoa/modules/queue"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// ledger is what the producers and consumers of a queue know, kept outside the tested disk.
type ledger struct {
	mu        sync.Mutex
	attempted map[string]bool   // payloads handed to Append; nil when any of a producer's next numbers may have been
	acked     map[uint64]string // what Append acknowledged
	done      uint64            // the last Ack that returned
	doneMaybe uint64            // the last Ack that was asked for
	sent      uint64            // the last number the producer "numbered" sent
	stored    uint64            // and the last that was acknowledged
}

func newLedger() *ledger { return &ledger{attempted: map[string]bool{}, acked: map[uint64]string{}} }

func (l *ledger) attempt(payload string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.attempted[payload] = true
}

func (l *ledger) ack(offset uint64, payload string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if old, twice := l.acked[offset]; twice && old != payload {
		return fmt.Errorf("offset %d was given to %q and to %q", offset, old, payload)
	}
	l.acked[offset] = payload
	return nil
}

// copy is the ledger as it stands.
func (l *ledger) copy() *ledger {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := newLedger()
	for p := range l.attempted {
		c.attempted[p] = true
	}
	for o, p := range l.acked {
		c.acked[o] = p
	}
	c.done, c.doneMaybe, c.sent, c.stored = l.done, l.doneMaybe, l.sent, l.stored
	return c
}

// drainAll reads everything that is there from the oldest kept record on.
func drainAll(q *queue.Queue, name string) (map[uint64]string, []uint64, error) {
	c, err := q.Consumer(name)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = c.Close() }()
	got, order := map[uint64]string{}, []uint64{}
	for last := uint64(0); uint64(len(got)) < q.Stats().Records; {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		m, err := c.Next(ctx)
		cancel()
		if err != nil {
			return nil, nil, fmt.Errorf("after %d of %d records: %w", len(got), q.Stats().Records, err)
		}
		if m.Offset <= last {
			return nil, nil, fmt.Errorf("offset %d after %d", m.Offset, last)
		}
		last = m.Offset
		got[m.Offset] = string(m.Payload)
		order = append(order, m.Offset)
	}
	return got, order, nil
}

// errLost is the one finding that the control must have.
var errLost = errors.New("acknowledged and lost")

// check holds a queue that was opened after a crash against the ledger: nothing acknowledged is lost or changed, nothing
// was made up, each producer's records are in order, offsets are never used again, the consumer is not ahead of what it
// asked for, and opening again gives the same.
func (l *ledger) check(open func() (*queue.Queue, error)) error {
	q, err := open()
	if err != nil {
		return fmt.Errorf("open after the crash: %w", err)
	}
	defer func() { _ = q.Close() }()
	stats := q.Stats()
	got, order, err := drainAll(q, "checker")
	if err != nil {
		return err
	}
	for offset, payload := range l.acked {
		if g, ok := got[offset]; !ok && offset > l.doneMaybe {
			return fmt.Errorf("%w: offset %d, %q; %+v", errLost, offset, payload, stats)
		} else if ok && g != payload {
			return fmt.Errorf("offset %d holds %q, acknowledged was %q", offset, g, payload)
		}
	}
	latest := map[string]int{}
	for _, offset := range order {
		payload := got[offset]
		if l.attempted != nil && !l.attempted[payload] && !strings.HasPrefix(payload, "fresh") {
			return fmt.Errorf("offset %d holds %q, which nobody appended", offset, payload)
		}
		var producer string
		var n int
		if _, err := fmt.Sscanf(payload, "%s %d", &producer, &n); err == nil {
			if n <= latest[producer] {
				return fmt.Errorf("record %d of %s comes after %d", n, producer, latest[producer])
			}
			latest[producer] = n
		}
	}
	if stats.Missing != 0 || stats.Quarantined != 0 {
		return fmt.Errorf("%w: %+v after a crash", errLost, stats)
	}
	c, err := q.Consumer("worker")
	if err != nil {
		return err
	}
	if b := c.Backlog(); uint64(len(l.acked)) > 0 && b > stats.Records {
		return fmt.Errorf("backlog %d of %d records", b, stats.Records)
	}
	fresh, err := q.Append(context.Background(), []byte("fresh"))
	if err != nil {
		return fmt.Errorf("append after the crash: %w", err)
	}
	if old, used := l.acked[fresh]; used || got[fresh] != "" || fresh <= l.done {
		return fmt.Errorf("offset %d is used again; it was %q", fresh, old)
	}
	before := len(got) + 1
	if l.sent > 0 {
		n, err := l.sendAgain(q)
		if err != nil {
			return err
		}
		if n > fresh { // it was not there
			before++
		}
	}
	if err := q.Close(); err != nil {
		return err
	}
	again, err := open()
	if err != nil {
		return fmt.Errorf("open again: %w", err)
	}
	defer func() { _ = again.Close() }()
	twice, _, err := drainAll(again, "second")
	if err != nil {
		return err
	}
	if len(twice) != before || twice[fresh] != "fresh" {
		return fmt.Errorf("opened again: %d records, before %d and a fresh one", len(twice), len(got))
	}
	return nil
}

// numbered is the payload of a number of the producer that sends numbers.
func numbered(seq uint64) string { return fmt.Sprintf("numbered %d", seq) }

// sendAgain sends the last number again, as a producer does that never heard an answer: it must then be there.
func (l *ledger) sendAgain(q *queue.Queue) (uint64, error) {
	p, err := q.Producer("numbered")
	if err != nil {
		return 0, err
	}
	if last := p.Last(); last < l.stored || last > l.sent {
		return 0, fmt.Errorf("%w: the producer is at %d, acknowledged was %d, sent %d", errLost, last, l.stored, l.sent)
	}
	n, err := p.Append(context.Background(), l.sent, []byte(numbered(l.sent)))
	if err != nil {
		return 0, fmt.Errorf("number %d again: %w", l.sent, err)
	}
	if n <= l.doneMaybe { // purged, perhaps
		return n, nil
	}
	got, _, err := drainAll(q, "third")
	if err != nil {
		return 0, err
	}
	if got[n] != numbered(l.sent) {
		return 0, fmt.Errorf("%w: number %d is said to lie at %d, where %q lies", errLost, l.sent, n, got[n])
	}
	return n, nil
}
