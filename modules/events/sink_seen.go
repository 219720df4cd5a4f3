package events

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/queue"
	"ticketmoa/modules/ticket"
)

// eventID is what the sink remembers of an event's id.
type eventID [16]byte

type idSet map[eventID]struct{}

func idOf(id string) eventID {
	h := sha256.Sum256([]byte(id))
	return eventID(h[:16])
}

// around are the days in which the same id is the same event. Looking forward too makes the answer independent of a
// clock that was put back.
func around(day ticket.Date) []ticket.Date {
	return []ticket.Date{day, day.AddDays(-1), day.AddDays(1)}
}

// seen are the ids of the committed files of some days, as far as a batch needs them.
type seen struct {
	days  map[ticket.Date]idSet
	ready ticket.Date // the days around it are there
}

func (k *seen) has(day ticket.Date, id eventID) bool {
	for _, d := range around(day) {
		if _, ok := k.days[d][id]; ok {
			return true
		}
	}
	return false
}

func (k *seen) add(day ticket.Date, ids idSet) {
	for id := range ids {
		k.days[day][id] = struct{}{}
	}
}

// encodedPart is a part whose file is made.
type encodedPart struct {
	day        ticket.Date
	body       []byte
	rows       int64
	ids        idSet
	duplicates int64
	dead       []deadLetter
}

// encode makes the files of a batch.
func (s *Sink) encode(ctx context.Context, p plan, msgs []queue.Message) ([]*encodedPart, error) {
	parts, err := s.build(ctx, p, msgs)
	if err != nil {
		return nil, err
	}
	out := make([]*encodedPart, len(parts))
	for i, part := range parts {
		out[i] = &encodedPart{day: part.day, rows: part.enc.Rows(), ids: part.ids, duplicates: part.duplicates, dead: part.dead}
		if part.enc.Rows() == 0 {
			continue
		}
		if out[i].body, err = part.enc.Bytes(); err != nil {
			return nil, fmt.Errorf("sink of events: batch %d to %d of %s: %w", p.First, p.Last, part.day, err)
		}
	}
	return out, nil
}

// learn gets ready to tell whether an event of a day is there already.
func (s *Sink) learn(ctx context.Context, day ticket.Date, p plan) error {
	if day == s.known.ready {
		return nil
	}
	for _, d := range around(day) {
		if s.known.days[d] != nil {
			continue
		}
		ids, err := s.idsOf(ctx, d, p)
		if err != nil {
			return err
		}
		s.known.days[d] = ids
	}
	s.known.ready = day
	return nil
}

// idsOf reads the ids of a day out of the files committed before a batch.
func (s *Sink) idsOf(ctx context.Context, day ticket.Date, p plan) (idSet, error) {
	m, err := s.manifest(ctx, day, p)
	if err != nil {
		return nil, err
	}
	ids := make(idSet, m.Rows)
	for _, f := range m.Files {
		if p.made(f) { // entered before a crash
			continue
		}
		var body []byte
		err := s.readSure(ctx, f.Key, func(ctx context.Context) (err error) {
			body, err = lake.GetFile(ctx, s.bucket, f)
			return err
		})
		if err == nil {
			err = lake.ReadEventColumns(body, []string{"id"}, func(_ int, cols []lake.Column) error {
				for _, c := range cols[0].Codes {
					ids[idOf(cols[0].Dict[c])] = struct{}{}
				}
				return nil
			})
		}
		if errors.Is(err, lake.ErrNotFound) || errors.Is(err, lake.ErrDamaged) || errors.Is(err, lake.ErrBadParquet) {
			s.alarm("a committed file of events is gone or damaged: what it held cannot be told from new events", f.Key, err)
			err = nil
		}
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// forget drops the days that no batch is expected to need any more.
func (s *Sink) forget(parts []*encodedPart) {
	if len(parts) == 0 {
		return
	}
	newest := parts[len(parts)-1].day
	s.known.ready = ""
	for d := range s.known.days {
		if d < newest.AddDays(-1) || d > newest.AddDays(1) {
			delete(s.known.days, d)
		}
	}
	for d := range s.manifests {
		if d < newest.AddDays(-1) || d > newest.AddDays(1) {
			delete(s.manifests, d)
		}
	}
}
