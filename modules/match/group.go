package match

import (
	"cmp"
	"slices"
	"strings"
)

// Move says that a show belongs to another performance than the one it is kept in.
type Move struct {
	Key      string
	Role     Role
	From, To string // ids of performances; From is "" for a show that is in none, To for a notice that belongs to none
}

// pair is an edge inside a component.
type pair struct {
	a, b  *entry
	total float32
	link  bool
}

// floor is the least score that two members of one group may have when a third joins them.
const floor = -2

// Settle forms anew the groups around everything that changed since the last call, and says what belongs elsewhere than
// where it is kept, in the order of keys. It says so again until Kept is told.
func (x *Index) Settle() []Move {
	var moves []Move
	seen := map[*entry]bool{}
	notices := map[*entry]bool{}
	for key := range x.dirty {
		e := x.shows[key]
		switch {
		case e == nil:
			for _, other := range x.decided(key) {
				x.settleFrom(other, seen, notices, &moves)
			}
		case e.Role == Announces:
			notices[e] = true
			for _, ed := range e.edges {
				x.settleFrom(ed.to, seen, notices, &moves)
			}
		default:
			x.settleFrom(e, seen, notices, &moves)
		}
	}
	for n := range notices {
		n.want = ""
		if l := belongs(n); l != nil {
			n.want = l.want
		}
		if n.want != n.at {
			moves = append(moves, Move{n.Key, n.Role, n.at, n.want})
		}
	}
	slices.SortFunc(moves, func(a, b Move) int { return strings.Compare(a.Key, b.Key) })
	clear(x.dirty)
	for _, m := range moves { // until they are kept
		x.dirty[m.Key] = true
	}
	return moves
}

// Kept notes that a move was carried out.
func (x *Index) Kept(m Move) {
	if e := x.shows[m.Key]; e != nil {
		e.at = m.To
	}
	delete(x.dirty, m.Key)
}

func (x *Index) settleFrom(e *entry, seen, notices map[*entry]bool, moves *[]Move) {
	if e == nil || seen[e] || e.Role == Announces {
		return
	}
	comp := x.component(e)
	for _, m := range comp {
		seen[m] = true
		for _, ed := range m.edges {
			if ed.to.Role == Announces {
				notices[ed.to] = true
			}
		}
	}
	for _, group := range x.cluster(comp) {
		founder := slices.MinFunc(group, func(a, b *entry) int { return cmp.Or(a.Seen.Compare(b.Seen), strings.Compare(a.Key, b.Key)) })
		id := x.name(founder.Key)
		for _, m := range group {
			if m.want = id; m.at != id {
				*moves = append(*moves, Move{m.Key, m.Role, m.at, id})
			}
		}
	}
}

// belongs is the listing a notice belongs to; nil when none fits, or when it names no venue and fits two in different places
// nearly equally well.
func belongs(n *entry) *entry {
	var fits []pair
	for _, ed := range n.edges {
		if ed.link || ed.apart == notApart && ed.total >= 0 {
			fits = append(fits, pair{n, ed.to, ed.total, ed.link})
		}
	}
	if len(fits) == 0 {
		return nil
	}
	best := slices.MinFunc(fits, byScore)
	for _, p := range fits {
		if !best.link && n.Venue == "" && p.b.want != best.b.want && best.total-p.total <= clearLead && elsewhere(best.b, p.b) {
			return nil
		}
	}
	return best.b
}

// elsewhere tells whether two shows are in different places.
func elsewhere(a, b *entry) bool {
	return a.Region != "" && b.Region != "" && a.Region != b.Region || a.Town != "" && b.Town != "" && a.Town != b.Town ||
		a.Venue != "" && b.Venue != "" && venueWeight(a, b) < 0
}

// decided are the shows that decisions name together with a key.
func (x *Index) decided(key string) []*entry {
	var out []*entry
	for _, d := range x.decisions.byKey[key] {
		for _, k := range d.Keys() {
			if e := x.shows[k]; e != nil && k != key {
				out = append(out, e)
			}
		}
	}
	return out
}

// component is everything that e could end in a group with, in the order of keys.
func (x *Index) component(e *entry) []*entry {
	in := map[*entry]bool{e: true}
	out := []*entry{e}
	visit := func(o *entry) {
		if o.Role != Announces && !in[o] {
			in[o] = true
			out = append(out, o)
		}
	}
	for i := 0; i < len(out); i++ {
		for _, ed := range out[i].edges {
			if ed.link || ed.apart == notApart && ed.total >= 0 {
				visit(ed.to)
			}
		}
		for _, o := range x.decided(out[i].Key) {
			visit(o)
		}
	}
	slices.SortFunc(out, func(a, b *entry) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// cluster parts a component into groups: first what people decided, then what a registry's links say, then the pairs by
// their score. A pair joins two groups only when none of their members is kept apart from one of the other.
func (x *Index) cluster(comp []*entry) [][]*entry {
	if len(comp) == 1 {
		return [][]*entry{comp}
	}
	f := newForest(x, comp)
	f.joinDecided()
	pairs := f.pairs()
	slices.SortFunc(pairs, byScore)
	for _, p := range pairs {
		if p.link && f.tied[p.a] != f.tied[p.b] && !f.forbidden(f.tied[p.a].members, f.tied[p.b].members) {
			f.tie(p.a, p.b)
		}
	}
	f.startGroups()
	for _, p := range pairs {
		a, b := f.group[p.a], f.group[p.b]
		if !p.link && a != b && !f.conflict(a, b) {
			f.join(a, b)
		}
	}
	return f.groups()
}

// At is the performance a show is kept in; "" when in none.
func (x *Index) At(key string) string {
	if e := x.shows[key]; e != nil {
		return e.at
	}
	return ""
}
