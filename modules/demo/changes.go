package demo

import (
	"slices"
	"strconv"
	"time"

	"ticketmoa/modules/ticket"
)

// notice is a ticket-opening notice.
type notice struct {
	id         string
	site       string // whose notice it is
	show       *show
	round      int // 0 for a notice that names none
	opens      time.Time
	registered time.Time
	presale    bool
	product    bool // leads to the product's page
}

// notices announces the openings of Ticketlink's shows that lie from two weeks ago to three weeks ahead.
func (b *builder) notices() {
	first := b.c.today.AddDays(-14).Time()
	last := b.c.today.AddDays(21).Time()
	for _, s := range b.c.shows {
		if s.ticketlink == "" {
			continue
		}
		for round := range s.rounds {
			opens := s.opens.AddDate(0, 0, 14*round)
			if opens.Before(first) || !opens.Before(last) || ticket.DateOf(opens) >= s.end {
				continue
			}
			b.announce(s, opens, round, s.rounds > 1)
		}
	}
	for range 5 { // announced before any page of theirs exists
		s := &show{sort: musical, rounds: 1}
		b.title(s)
		b.place(s)
		s.start = b.c.today.AddDays(b.between(60, 90))
		s.end = s.start.AddDays(30)
		b.facts(s)
		b.announce(s, b.c.today.AddDays(b.between(2, 20)).Time().Add(14*time.Hour), 0, false)
	}
}

// announceElsewhere announces openings of the same days on the boards of the other sellers, each under numbers of its own.
func (b *builder) announceElsewhere() {
	first, last := b.c.today.AddDays(-14).Time(), b.c.today.AddDays(21).Time()
	for _, board := range []struct {
		site string
		from int
		code func(*show) string
	}{
		{yes24Site, 94_001, func(s *show) string { return s.yes24 }}, {interparkSite, 95_001, func(s *show) string { return s.interpark }}, {melonSite, 96_001, func(s *show) string { return s.melon }},
	} {
		for _, s := range b.c.shows {
			if board.code(s) == "" || s.opens.Before(first) || !s.opens.Before(last) || s.openRun {
				continue
			}
			n := &notice{id: strconv.Itoa(board.from + s.n), site: board.site, show: s, opens: s.opens, presale: s.n%4 == 1, product: s.opens.Before(b.c.now) || s.n%3 > 0}
			n.registered = ticket.DateOf(s.opens).AddDays(-6).Time().Add(10 * time.Hour)
			if !n.registered.Before(b.c.now) {
				n.registered = b.c.today.AddDays(-1 - s.n%3).Time().Add(11 * time.Hour)
			}
			if s.n%7 == 3 {
				n.round = 2
			}
			b.c.elsewhere = append(b.c.elsewhere, n)
		}
	}
}

// noticesOf are the notices of one site's board, the newest opening first.
func (c *catalogue) noticesOf(site string, hours int) []*notice {
	if site == ticketlinkSite {
		return c.noticesAt(hours)
	}
	var out []*notice
	for _, n := range c.elsewhere {
		if n.site == site {
			out = append(out, n)
		}
	}
	slices.SortStableFunc(out, func(a, b *notice) int { return b.opens.Compare(a.opens) })
	return out
}

func (b *builder) announce(s *show, opens time.Time, round int, numbered bool) {
	n := &notice{id: strconv.Itoa(950_001 + len(b.c.notices)), site: ticketlinkSite, show: s, opens: opens, presale: b.rng.IntN(4) == 0}
	if round > 0 || numbered && b.rng.IntN(2) == 0 {
		n.round = round + 1
	}
	n.registered = ticket.DateOf(opens).AddDays(-b.between(5, 9)).Time().Add(10*time.Hour + 30*time.Minute)
	if !n.registered.Before(b.c.now) {
		n.registered = b.c.today.AddDays(-b.between(1, 4)).Time().Add(11 * time.Hour)
	}
	n.product = s.ticketlink != "" && (opens.Before(b.c.now) || b.rng.IntN(3) > 0)
	b.c.notices = append(b.c.notices, n)
}

// pricesAt are a show's prices so many hours after the beginning: with every hour about one show in forty changes them.
func (s *show) pricesAt(hours int) []ticket.Price {
	times := 0
	for h := 1; h <= hours; h++ {
		if (s.n+11*h)%37 == 0 {
			times++
		}
	}
	out := slices.Clone(s.prices)
	for i := range out {
		if out[i].Won > 0 {
			out[i].Won += ticket.Won(times % 4 * 1_000)
		}
	}
	return out
}

// noticesAt are the notices so many hours after the beginning: with every hour a show that runs on announces one more.
func (c *catalogue) noticesAt(hours int) []*notice {
	var running []*show
	for _, s := range c.shows {
		if s.ticketlink != "" && !s.openRun && s.long() && s.end > c.today.AddDays(12) {
			running = append(running, s)
		}
	}
	out := slices.Clone(c.notices)
	for h := 1; h <= min(hours, 500) && len(running) > 0; h++ {
		at := c.now.Add(time.Duration(h) * time.Hour).Truncate(time.Hour)
		s := running[h*7%len(running)]
		opens := ticket.DateOf(at).AddDays(5).Time().Add(14 * time.Hour)
		if ticket.DateOf(opens) >= s.end {
			continue
		}
		out = append(out, &notice{id: strconv.Itoa(959_000 + h), site: ticketlinkSite, show: s, round: s.rounds + 1, opens: opens, registered: at, product: true})
	}
	slices.SortStableFunc(out, func(a, b *notice) int { return b.opens.Compare(a.opens) })
	return out
}
