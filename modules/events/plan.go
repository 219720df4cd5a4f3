package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/queue"
	"ticketmoa/modules/ticket"
)

// ErrUnknownPlan is a batch that another version of the program began and this one cannot finish: a newer one left a
// schema that is unknown here, or the note is no plan. The records stay in the queue.
var ErrUnknownPlan = errors.New("batch was begun by a version this one does not know")

// plan is a batch whose boundary is settled: from now on it is this one and no other, whatever crashes.
type plan struct {
	Queue   string    `json:"queue,omitempty"` // whose offsets these are, and under whose name the files go
	First   uint64    `json:"first"`
	Last    uint64    `json:"last"`
	Schema  int       `json:"schema"`
	Encoder string    `json:"encoder"`
	Created time.Time `json:"created"`
}

func (p plan) note() ([]byte, error) {
	b, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("encode plan of %d to %d: %w", p.First, p.Last, err)
	}
	return b, nil
}

func readPlan(note []byte) (plan, error) {
	var p plan
	if err := json.Unmarshal(note, &p); err != nil || p.First == 0 || p.Last < p.First {
		return plan{}, fmt.Errorf("%w: note %.200q", ErrUnknownPlan, note)
	}
	return p, nil
}

// made tells whether a file is of this batch.
func (p plan) made(f lake.File) bool { return f.First == p.First && f.Last == p.Last }

// encoder makes the file of one day.
type encoder interface {
	Add(e *ticket.Event)
	Rows() int64
	Bytes() ([]byte, error)
}

// encoders are the ways to make a file, by schema. One is never removed: a plan may ask for it.
func encoders() map[int]func() (encoder, error) {
	return map[int]func() (encoder, error){
		1: func() (encoder, error) { return lake.NewEventWriter() },
	}
}

// part is what a batch brings to one day.
type part struct {
	day        ticket.Date
	enc        encoder
	ids        idSet
	duplicates int64
	dead       []deadLetter
}

// deadLetter is a record that is no event, as it lies under dead/events/.
type deadLetter struct {
	Queue   string    `json:"queue"`
	Offset  uint64    `json:"offset"`
	Time    time.Time `json:"time"` // when it was appended
	Reason  string    `json:"reason"`
	Payload []byte    `json:"payload"` // base64
}

func (d deadLetter) key(day ticket.Date) string {
	return fmt.Sprintf("dead/events/date=%s/%s-%020d.json", day, d.Queue, d.Offset)
}

// readEvent reads a record. The error says why it is no event.
func readEvent(payload []byte) (ticket.Event, error) {
	var e ticket.Event
	if err := json.Unmarshal(payload, &e); err != nil {
		return e, err
	}
	switch {
	case e.ID == "":
		return e, errors.New("it has no id")
	case e.Kind == "":
		return e, errors.New("it has no kind")
	case e.ReceivedAt.IsZero():
		return e, errors.New("it has no received_at")
	}
	if _, err := ticket.ParseDate(string(e.Day())); err != nil {
		return e, fmt.Errorf("received_at: %w", err)
	}
	return e, nil
}

// build sorts the records of a batch into days: events into columns, what is there already and what is no event aside.
// What it gives depends on the records, the plan and the files committed before it, and on nothing else.
func (s *Sink) build(ctx context.Context, p plan, msgs []queue.Message) ([]*part, error) {
	newEncoder, ok := s.encoders[p.Schema]
	if !ok {
		return nil, fmt.Errorf("%w: schema %d of batch %d to %d", ErrUnknownPlan, p.Schema, p.First, p.Last)
	}
	parts := map[ticket.Date]*part{}
	at := func(day ticket.Date) (*part, error) {
		if parts[day] == nil {
			enc, err := newEncoder()
			if err != nil {
				return nil, err
			}
			parts[day] = &part{day: day, enc: enc, ids: idSet{}}
		}
		return parts[day], nil
	}
	for _, m := range msgs {
		e, bad := readEvent(m.Payload)
		if bad != nil {
			to, err := at(ticket.DateOf(m.Time))
			if err != nil {
				return nil, err
			}
			to.dead = append(to.dead, deadLetter{Queue: s.under, Offset: m.Offset, Time: m.Time.UTC(), Reason: bad.Error(), Payload: m.Payload})
			continue
		}
		day := e.Day()
		if err := s.learn(ctx, day, p); err != nil {
			return nil, err
		}
		to, err := at(day)
		if err != nil {
			return nil, err
		}
		id := idOf(e.ID)
		if s.known.has(day, id) || inParts(parts, day, id) {
			to.duplicates++
			continue
		}
		to.ids[id] = struct{}{}
		to.enc.Add(&e)
	}
	return slices.SortedFunc(maps.Values(parts), func(a, b *part) int { return strings.Compare(string(a.day), string(b.day)) }), nil
}

func inParts(parts map[ticket.Date]*part, day ticket.Date, id eventID) bool {
	for _, d := range around(day) {
		if p := parts[d]; p != nil {
			if _, ok := p.ids[id]; ok {
				return true
			}
		}
	}
	return false
}
