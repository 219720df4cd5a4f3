package drift

import (
	"math"
	"slices"
	"strings"

	"ticketmoa/modules/ticket"
)

// What is looked at besides the pages.
const (
	Listed   = "listed"
	Noticed  = "noticed"
	Lists    = "lists"
	Answered = "answered"
)

const (
	// compared is how many good crawls a crawl is held against.
	compared = 7
	// chance is how likely a measure of a crawl like those before may look at most for the crawl to be found out. A crawl has some
	// fifty measures.
	chance = 1e-5
	// seldom is how often pages lose or turn over something while nobody knows better.
	seldom = 0.02
)

// judge holds a crawl against the good ones before it, the latest first.
func judge(run Run, history []Run) []Finding {
	history = history[:min(len(history), compared)]
	var out []Finding
	for _, c := range counts {
		if f, few := c.tooFew(run, history); few {
			out = append(out, f)
		}
	}
	for _, m := range run.Measured {
		before := ticket.Share{}
		for _, h := range history {
			s := h.measured[m.What]
			before.Bad += s.Bad
			before.Of += s.Of
		}
		if worse(m.What, m.Share, before, len(history)) {
			out = append(out, Finding{What: m.What, Now: m.Share, Before: before})
		}
	}
	return out
}

// count is a number of things that a crawl's lists name.
type count struct {
	what string
	of   func(Run) int64
	need int64 // tenths of the usual number that a whole crawl must name
}

// counts are those that are held against earlier crawls. A board of notices breathes more than the lists of shows.
var counts = []count{{Listed, func(r Run) int64 { return r.Listed }, 9}, {Noticed, func(r Run) int64 { return r.Noticed }, 5}}

// tooFew tells whether a crawl names far fewer things than is usual: less than its share of the median, and fewer than chance
// explains. One that asked for changes only is held against its like, and found out when it names nothing at all.
func (c count) tooFew(run Run, history []Run) (Finding, bool) {
	var before []int64
	for _, h := range history {
		if !run.Partly && h.Whole || run.Partly && h.Partly { // one whose lists tore is held against whole ones, too
			before = append(before, c.of(h))
		}
	}
	if len(before) == 0 {
		return Finding{}, false
	}
	slices.Sort(before)
	now, median := c.of(run), before[len(before)/2]
	missing := median - now
	few := 10*now < c.need*median && float64(missing) > 2.5*math.Sqrt(float64(median)) || now == 0 && median > 0
	if run.Partly {
		few = now == 0 && before[0] >= someChanges
	}
	return Finding{What: c.what, Now: ticket.Share{Of: now, Bad: max(missing, 0)}, Before: ticket.Share{Of: median}}, few
}

// someChanges is how many things every crawl for changes must have named for one that names none to be found out.
const someChanges = 5

// worse tells whether more is bad than the crawls before let expect, by enough to matter and by more than chance explains.
func worse(what string, now, before ticket.Share, crawls int) bool {
	if now.Of == 0 || now.Bad == 0 {
		return false
	}
	kind := what[strings.LastIndexByte(what, ' ')+1:]
	share := float64(now.Bad) / float64(now.Of)
	usual := (float64(before.Bad) + 0.5) / (float64(before.Of) + 1)
	switch kind {
	case ticket.DriftLost, ticket.DriftTurned:
		usual = max(seldom, (float64(before.Bad)+10*seldom)/(float64(before.Of)+10))
		if share < usual+0.05 {
			return false
		}
	case ticket.DriftMissing:
		if before.Of < 5 || 1-share >= 0.95*(1-usual) {
			return false
		}
		usual = 1.25*usual + 0.02 // what is new today is not like what was new yesterday
	case Lists: // few, and each of them decides what is named: chance has no say
		return share >= usual+0.2
	case Answered:
		usual = max(usual, 0.05)
		if share < usual+0.15 {
			return false
		}
	default: // withheld
		if crawls == 0 || share < usual+0.05 {
			return false
		}
		usual = max(usual, 0.005)
	}
	return atLeast(now.Bad, now.Of, usual) < chance
}

// atLeast is the probability that at least k of n happen when each does with probability p.
func atLeast(k, n int64, p float64) float64 {
	if k <= 0 {
		return 1
	}
	if p >= 1 {
		return 1
	}
	sum := 0.0
	logP, logQ := math.Log(p), math.Log1p(-p)
	base, _ := math.Lgamma(float64(n) + 1)
	for i := k; i <= n; i++ {
		a, _ := math.Lgamma(float64(i) + 1)
		b, _ := math.Lgamma(float64(n-i) + 1)
		term := math.Exp(base - a - b + float64(i)*logP + float64(n-i)*logQ)
		sum += term
		if term < sum*1e-12 && float64(i) > float64(n)*p {
			break
		}
	}
	return min(sum, 1)
}
