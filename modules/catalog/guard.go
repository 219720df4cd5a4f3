package catalog

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/ticket"
)

// Names of what a page can turn over, besides the fields themselves.
const (
	turnedEnded = "end"      // a show that went on is over by its dates
	turnedSale  = "sale"     // the seller says that the sale is over
	turnedShift = "timezone" // days or instants moved together by hours or a day or two
)

// field is something that a page may name.
type field[C any] struct {
	name  string
	known func(*C) bool
}

// fields are what a page of a show may name: what it named once and does not name any more is lost.
var fields = []field[ticket.Content]{
	{"title", func(c *ticket.Content) bool { return korean(c.Title) }}, // a title that was Korean and is not is lost too
	{"venue", func(c *ticket.Content) bool { return c.Place.Name != "" }},
	{"period", func(c *ticket.Content) bool { return c.Period.Known() }},
	{"prices", func(c *ticket.Content) bool { return len(regularWons(c.Prices)) > 0 }}, // all of them 0 is none
	{"genre", func(c *ticket.Content) bool { return c.Genre != "" && c.Genre != ticket.OtherGenre }},
	{"cast", func(c *ticket.Content) bool { return len(c.Cast) > 0 }},
	{"running_minutes", func(c *ticket.Content) bool { return c.RunningMinutes != nil }},
	{"age", func(c *ticket.Content) bool { return c.AgeText != "" }},
	{"times", func(c *ticket.Content) bool { return c.TimesText != "" }},
	{"poster", func(c *ticket.Content) bool { return c.PosterURL != "" }},
	{"opens_at", func(c *ticket.Content) bool { return c.OpensAt != nil }},
	{"links", func(c *ticket.Content) bool { return len(c.Links) > 0 }},
}

// openingFields are the same of a notice.
var openingFields = []field[ticket.OpeningContent]{
	{"title", func(c *ticket.OpeningContent) bool { return korean(c.Title) }},
	{"venue", func(c *ticket.OpeningContent) bool { return c.Place.Name != "" }},
	{"period", func(c *ticket.OpeningContent) bool { return c.Period.Known() }},
	{"opens_at", func(c *ticket.OpeningContent) bool { return c.OpensAt != nil }},
	{"prices", func(c *ticket.OpeningContent) bool { return len(regularWons(c.Prices)) > 0 }},
}

func korean(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Hangul, r) })
}

// findings are what a page does to what the one before it said.
type findings []string

// lose notes what was named and is not named any more.
func lose[C any](fields []field[C], old, next *C) (out findings) {
	for _, f := range fields {
		if f.known(old) && !f.known(next) {
			out = append(out, f.name+" "+ticket.DriftLost)
		}
	}
	return out
}

func (f *findings) turned(is bool, what string) {
	if is {
		*f = append(*f, what+" "+ticket.DriftTurned)
	}
}

// contentDrift lists what a page takes away ("prices lost") or turns over ("end turned") of what the one before it said. A
// change that sellers make every day is none: a run that is longer, a price a little higher, a show sold out.
func contentDrift(old, next *ticket.Content, at time.Time) []string {
	out := lose(fields, old, next)
	out.turned(unlike(old.Title, next.Title), "title")
	out.turned(unlike(old.Place.Name, next.Place.Name), "venue")
	out.turned(leapt(old.Period, next.Period), "period")
	out.turned(over(next.Period, at) && !over(old.Period, at) && old.Period.Known(), turnedEnded)
	out.turned(next.SaleState == ticket.Ended && old.SaleState != ticket.Ended, turnedSale)
	out.turned(shifted(old.Period, next.Period) || shiftedInstant(old.OpensAt, next.OpensAt), turnedShift)
	out.turned(repriced(old.Prices, next.Prices), "prices")
	return out
}

// openingDrift is the same of a notice.
func openingDrift(old, next *ticket.OpeningContent, _ time.Time) []string {
	out := lose(openingFields, old, next)
	out.turned(unlike(old.Title, next.Title), "title")
	out.turned(leapt(old.Period, next.Period), "period")
	out.turned(shiftedInstant(old.OpensAt, next.OpensAt), turnedShift)
	return out
}

// unlike tells whether two texts share less than a third of their neighbouring letters.
func unlike(a, b string) bool {
	x, y := pairsOf(normalize.NameKey(a)), pairsOf(normalize.NameKey(b))
	if len(x) == 0 || len(y) == 0 {
		return false
	}
	n := 0
	for p := range x {
		if y[p] {
			n++
		}
	}
	return 3*n < min(len(x), len(y))
}

func pairsOf(s string) map[[2]rune]bool {
	out := map[[2]rune]bool{}
	last := rune(0)
	for _, r := range s {
		if last != 0 {
			out[[2]rune{last, r}] = true
		}
		last = r
	}
	return out
}

// leap is how far the first day of a run may move before it is taken for another year's.
const leap = 60

func leapt(a, b ticket.Period) bool {
	if !a.Known() || !b.Known() {
		return false
	}
	d := a.Start.DaysUntil(b.Start)
	return d > leap || d < -leap
}

func over(p ticket.Period, at time.Time) bool {
	return p.Known() && !p.OpenRun && p.End != "" && p.End < ticket.DateOf(at)
}

// shifted tells whether a run moved as a whole by a day or two: that is rather a time zone than a new plan.
func shifted(a, b ticket.Period) bool {
	if !a.Known() || !b.Known() || a.End == "" || b.End == "" {
		return false
	}
	d := a.Start.DaysUntil(b.Start)
	return d != 0 && d >= -2 && d <= 2 && a.End.DaysUntil(b.End) == d
}

func shiftedInstant(a, b *time.Time) bool {
	if a == nil || b == nil || a.Equal(*b) {
		return false
	}
	d := b.Sub(*a).Abs()
	return d <= 24*time.Hour && d%time.Hour == 0
}

// repriced tells whether the lowest price became half or twice what it was, or more.
func repriced(a, b []ticket.Price) bool {
	x, y := regularWons(a), regularWons(b)
	return len(x) > 0 && len(y) > 0 && (2*y[0] <= x[0] || 2*x[0] <= y[0])
}

// succeeded is a view after a newer page of a judged crawl. A page that says the same only makes the view newer. One that says
// something else waits for the verdict on its crawl, whatever it says: of a crawl that drifted nothing is believed, not even
// what looks like a change of every day.
func succeeded[C any](old, v ticket.ViewOf[C], drift func(old, next *C, at time.Time) []string) ticket.ViewOf[C] {
	switch {
	case v.Run == old.Run && v.FetchedAt.Equal(old.FetchedAt) && v.RawKey == old.RawKey: // the same page once more
		v.First, v.Drift, v.Next = old.First, old.Drift, old.Next
		return v
	case old.Next != nil && old.Next.FetchedAt.After(v.FetchedAt):
		return old
	case v.Run == old.Run: // the second list of one crawl
		v.First, v.Drift = old.First, old.Drift
		return v
	case old.RawKey != "" && hash(old.Content) == hash(v.Content):
		return v
	}
	next := &ticket.NextOf[C]{FetchedAt: v.FetchedAt, RawKey: v.RawKey, Content: v.Content, Run: v.Run, Drift: drift(&old.Content, &v.Content, v.FetchedAt),
		First: old.RawKey == "", Runs: 1}
	if old.Next != nil && slices.Equal(old.Next.Drift, next.Drift) {
		if next.Runs = old.Next.Runs; old.Next.Run != v.Run {
			next.Runs++
		}
	}
	old.Next = next
	return old
}

// begun is the first view of its kind. Of a show that other crawls told of already it waits like any other news: what a product
// page says goes before what a list said.
func begun[C any](others []ticket.ViewOf[C], v ticket.ViewOf[C]) ticket.ViewOf[C] {
	known := slices.ContainsFunc(others, func(o ticket.ViewOf[C]) bool { return o.RawKey != "" && o.Run != v.Run })
	if v.Run == "" || !known {
		v.First = v.Run != ""
		return v
	}
	return ticket.ViewOf[C]{Kind: v.Kind, Next: &ticket.NextOf[C]{FetchedAt: v.FetchedAt, RawKey: v.RawKey, Content: v.Content, Run: v.Run, First: true, Runs: 1}}
}

// waitingFor is the crawl whose verdict a view waits for; "" when none waits.
func waitingFor[C any](views []ticket.ViewOf[C]) string {
	for _, v := range views {
		if v.Next != nil {
			return v.Next.Run
		}
	}
	return ""
}

// grave tells whether drift takes away something or would end a show: that is believed only of the second crawl that says so.
func grave(drift []string) bool {
	return slices.ContainsFunc(drift, func(d string) bool {
		return strings.HasSuffix(d, " "+ticket.DriftLost) || d == turnedEnded+" "+ticket.DriftTurned || d == turnedSale+" "+ticket.DriftTurned
	})
}

// released are views with what waits for a crawl in its place. What takes away something or would end a show waits for a second
// crawl; again tells that it does.
func released[C any](views []ticket.ViewOf[C], run string, all bool) (out []ticket.ViewOf[C], again bool) {
	out = slices.Clone(views)
	for i, v := range out {
		switch {
		case v.Next == nil || v.Next.Run != run:
		case !all && grave(v.Next.Drift) && v.Next.Runs < 2:
			again = true
		default:
			n := v.Next
			out[i] = ticket.ViewOf[C]{Kind: v.Kind, FetchedAt: n.FetchedAt, RawKey: n.RawKey, Content: n.Content, Run: n.Run, First: n.First, Drift: n.Drift}
		}
	}
	return out, again
}
