package match

import (
	"slices"
	"strings"

	"ticketmoa/modules/ticket"
)

// tied are shows that a decision or a link makes one, whatever their scores.
type tied struct{ members []*entry }

// groupOf are ties that scores join.
type groupOf struct{ ties []*tied }

// forest is a component on its way to groups.
type forest struct {
	x     *Index
	comp  []*entry
	tied  map[*entry]*tied
	group map[*entry]*groupOf
}

func newForest(x *Index, comp []*entry) *forest {
	f := &forest{x: x, comp: comp, tied: make(map[*entry]*tied, len(comp)), group: make(map[*entry]*groupOf, len(comp))}
	for _, e := range comp {
		f.tied[e] = &tied{[]*entry{e}}
	}
	return f
}

// joinDecided ties what decisions call the same, the latest first. An earlier one never joins what a later one parted.
func (f *forest) joinDecided() {
	var all []*ticket.Decision
	for _, e := range f.comp {
		for _, d := range f.x.decisions.byKey[e.Key] {
			if d.Kind == ticket.SameShow && !slices.Contains(all, d) {
				all = append(all, d)
			}
		}
	}
	slices.SortFunc(all, latest)
	for _, d := range all {
		keys := slices.Sorted(slices.Values(d.Left))
		for i, ka := range keys {
			for _, kb := range keys[i+1:] {
				a, b := f.x.shows[ka], f.x.shows[kb]
				if a == nil || b == nil || f.tied[a] == f.tied[b] || f.x.decisions.between(ka, kb) != ticket.SameShow {
					continue
				}
				if !f.parted(f.tied[a].members, f.tied[b].members) {
					f.tie(a, b)
				}
			}
		}
	}
}

// pairs are the edges within the component that may join. A show whose venue is unknown and that fits two which do not fit
// each other, nearly equally well, is left alone.
func (f *forest) pairs() []pair {
	var out []pair
	unsure := map[*entry]bool{}
	for _, e := range f.comp {
		unsure[e] = ambiguous(e)
	}
	for _, e := range f.comp {
		for _, ed := range e.edges {
			if strings.Compare(e.Key, ed.to.Key) > 0 || ed.to.Role == Announces || !ed.link && (ed.apart != notApart || ed.total < 0 || unsure[e] || unsure[ed.to]) {
				continue
			}
			out = append(out, pair{e, ed.to, ed.total, ed.link})
		}
	}
	return out
}

// clear lead is by how much the best fit of a show without a venue must lead.
const clearLead = 2

func ambiguous(e *entry) bool {
	if e.Venue != "" {
		return false
	}
	fits := make([]edge, 0, 8)
	for _, ed := range e.edges {
		if !ed.link && ed.to.Role != Announces && ed.apart == notApart && ed.total >= 0 {
			fits = append(fits, ed)
		}
	}
	for i, a := range fits {
		for _, b := range fits[i+1:] {
			if d := a.total - b.total; d > clearLead || d < -clearLead {
				continue
			}
			if w, apart := weigh(a.to, b.to); apart != notApart && apart != oneRegistry && apart != oneSeller || w.total() < floor {
				return true
			}
		}
	}
	return false
}

func (f *forest) tie(a, b *entry) {
	into, from := f.tied[a], f.tied[b]
	into.members = append(into.members, from.members...)
	for _, m := range from.members {
		f.tied[m] = into
	}
}

func (f *forest) startGroups() {
	byTie := map[*tied]*groupOf{}
	for _, e := range f.comp {
		t := f.tied[e]
		if byTie[t] == nil {
			byTie[t] = &groupOf{[]*tied{t}}
		}
		f.group[e] = byTie[t]
	}
}

func (f *forest) join(into, from *groupOf) {
	into.ties = append(into.ties, from.ties...)
	for _, t := range from.ties {
		for _, m := range t.members {
			f.group[m] = into
		}
	}
}

// parted tells whether a decision keeps any two of them apart.
func (f *forest) parted(a, b []*entry) bool {
	for _, p := range a {
		for _, q := range b {
			if f.x.decisions.between(p.Key, q.Key) == ticket.OtherShows {
				return true
			}
		}
	}
	return false
}

// forbidden tells whether a decision keeps any two apart, or a registry has numbers of its own for both.
func (f *forest) forbidden(a, b []*entry) bool {
	for _, p := range a {
		for _, q := range b {
			if p.Role == Registers && q.Role == Registers && p.Source == q.Source {
				return true
			}
		}
	}
	return f.parted(a, b)
}

// conflict tells whether two groups must stay two: some tie of one and some of the other are forbidden, or nothing in the
// one goes together with anything in the other.
func (f *forest) conflict(a, b *groupOf) bool {
	for _, p := range a.ties {
		for _, q := range b.ties {
			if f.forbidden(p.members, q.members) || !goTogether(p.members, q.members) {
				return true
			}
		}
	}
	return false
}

func goTogether(a, b []*entry) bool {
	for _, p := range a {
		for _, q := range b {
			if w, apart := weigh(p, q); apart == notApart && w.total() >= floor {
				return true
			}
		}
	}
	return false
}

func (f *forest) groups() [][]*entry {
	var order []*groupOf
	members := map[*groupOf][]*entry{}
	for _, e := range f.comp {
		g := f.group[e]
		if members[g] == nil {
			order = append(order, g)
		}
		members[g] = append(members[g], e)
	}
	out := make([][]*entry, len(order))
	for i, g := range order {
		out[i] = members[g]
	}
	return out
}
