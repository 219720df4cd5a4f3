package search

import (
	"time"

	"ticketmoa/modules/ticket"
)

// clock is what is true of a segment's documents from one instant until another: their statuses and which opening is next.
type clock struct {
	from, until time.Time // at the latest the next midnight in Seoul
	status      column
	running     bitset // what has not ended
	orders      [numOrders]order
}

// at is the clock at the instant now. It is made anew when somebody asks beyond what the last one knows.
func (s *segment) at(now time.Time) *clock {
	if c := s.clock.Load(); c != nil && c.holds(now) {
		return c
	}
	s.ticks.Lock()
	defer s.ticks.Unlock()
	if c := s.clock.Load(); c != nil && c.holds(now) {
		return c
	}
	c := s.newClock(now)
	s.clock.Store(c)
	return c
}

func (c *clock) holds(now time.Time) bool { return !now.Before(c.from) && now.Before(c.until) }

func (s *segment) newClock(now time.Time) *clock {
	n := len(s.docs)
	c := &clock{from: now, until: ticket.DateOf(now).AddDays(1).Time(), status: newColumn(ticket.Statuses(), n), running: newBitset(n)}
	today := dayNumber(ticket.DateOf(now))
	for i := range s.docs {
		p := s.docs[i].p
		status := ticket.Ended
		if !p.Withdrawn && (!s.runs[i].known() || s.runs[i].last >= today) {
			status = p.StatusAt(now)
		}
		c.status.put(uint32(i), string(status))
		if status != ticket.Ended {
			c.running.set(uint32(i))
		}
		if t := nextOpening(p, now); !t.IsZero() && t.Before(c.until) {
			c.until = t
		}
	}
	return c
}

func nextOpening(p *ticket.Performance, now time.Time) time.Time {
	var next time.Time
	consider := func(t *time.Time) {
		if t != nil && t.After(now) && (next.IsZero() || t.Before(next)) {
			next = *t
		}
	}
	for _, o := range p.Openings {
		consider(o.OpensAt)
	}
	for _, o := range p.Offers {
		consider(o.OpensAt)
	}
	return next
}
