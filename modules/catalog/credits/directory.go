// Package credits knows who is named on performances and tells which names are one artist. It is pure: what it tells depends
// on what the performances say now and never on the order in which they came to say it.
package credits

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/ticket"
)

// Directory knows who is named where and tells which names are one artist:
//
//   - a name stands in a family of genres; the same name in two families is two artists, unless one company stands in both;
//   - a bracket behind a name is another name of it (an alias) when it is in another script and stands behind this name only;
//   - it is a group, and never an alias, when the table of groups has it or it stands behind two names or more; in the
//     script of the name itself it is never an alias, and in a musical or a play, where it is a part, no group either.
//
// It is not safe for concurrent use.
type Directory struct {
	shows  map[string]Billing        // by performance
	people map[Name]map[string]bool  // the performances that name them, in whatever way
	behind map[string]map[string]int // bracket key → keys of the names it stands behind → performances that say so
	dirty  map[Name]bool             // names about which something changed since they were last settled
}

// Name is a name in a family of genres.
type Name struct{ Family, Key string }

// ID is the id of an artist whom this name gives it.
func (n Name) ID() string { return ticket.ID("artist", n.Family, n.Key) }

// spelled is a name as written, under its key.
type spelled struct{ key, text string }

// Billing is what a performance says about its performers.
type Billing struct {
	genre     ticket.Genre
	names     []spelled    // who performs, each once
	pairs     [][2]spelled // a name and a bracket behind it, each pair once
	companies []spelled
}

// families are the families of genres in the order in which they give an artist its id.
var families = []string{"stage", "classical", "dance", "traditional", "exhibition"}

// familyOf is the family of a genre; "" where nobody performs.
func familyOf(g ticket.Genre) string {
	switch g {
	case ticket.Classical:
		return "classical"
	case ticket.Dance:
		return "dance"
	case ticket.Traditional:
		return "traditional"
	case ticket.Exhibition:
		return "exhibition"
	case ticket.Sports:
		return ""
	}
	return "stage"
}

// New makes an empty one.
func New() *Directory {
	return &Directory{shows: map[string]Billing{}, people: map[Name]map[string]bool{}, behind: map[string]map[string]int{}, dirty: map[Name]bool{}}
}

// Put replaces what a performance says; a billing without names takes it out.
func (d *Directory) Put(id string, b Billing) {
	old, known := d.shows[id]
	if known && old.same(b) || !known && b.Empty() {
		return
	}
	d.apply(id, old, -1)
	if b.Empty() {
		delete(d.shows, id)
	} else {
		d.shows[id] = b
	}
	d.apply(id, b, 1)
	d.mark(old)
	d.mark(b)
}

// Empty tells whether nobody is named.
func (b Billing) Empty() bool {
	return len(b.names) == 0 && len(b.pairs) == 0 || familyOf(b.genre) == ""
}

func (b Billing) same(o Billing) bool {
	return b.genre == o.genre && slices.Equal(b.names, o.names) && slices.Equal(b.pairs, o.pairs) && slices.Equal(b.companies, o.companies)
}

// apply counts a billing in or out.
func (d *Directory) apply(id string, b Billing, by int) {
	f := familyOf(b.genre)
	if b.Empty() {
		return
	}
	stand := func(key string) {
		n := Name{f, key}
		if by > 0 {
			if d.people[n] == nil {
				d.people[n] = map[string]bool{}
			}
			d.people[n][id] = true
		} else if delete(d.people[n], id); len(d.people[n]) == 0 {
			delete(d.people, n)
		}
	}
	for _, s := range b.names {
		stand(s.key)
	}
	for _, p := range b.pairs {
		name, text := p[0].key, p[1].key
		stand(name)
		stand(text)
		if d.behind[text] == nil {
			d.behind[text] = map[string]int{}
		}
		if d.behind[text][name] += by; d.behind[text][name] <= 0 {
			delete(d.behind[text], name)
		}
		if len(d.behind[text]) == 0 {
			delete(d.behind, text)
		}
	}
}

// mark notes every name on which a billing has a bearing: those in it in every family, and, as a bracket is judged by all
// the names it stands behind, those too with the brackets they have themselves.
func (d *Directory) mark(b Billing) {
	keys := map[string]bool{}
	for _, s := range b.names {
		keys[s.key] = true
	}
	for _, p := range b.pairs {
		keys[p[0].key], keys[p[1].key] = true, true
		for name := range d.behind[p[1].key] {
			keys[name] = true
		}
	}
	for key := range keys {
		for _, f := range families {
			n := Name{f, key}
			d.dirty[n] = true
			for _, text := range d.brackets(n) {
				d.dirty[Name{f, text.key}] = true
			}
		}
	}
}

// brackets lists what stands in brackets behind a name in its family, each spelling once.
func (d *Directory) brackets(n Name) []spelled {
	var out []spelled
	for id := range d.people[n] {
		for _, p := range d.shows[id].pairs {
			if p[0].key == n.Key && !slices.Contains(out, p[1]) {
				out = append(out, p[1])
			}
		}
	}
	slices.SortFunc(out, bySpelling)
	return out
}

func bySpelling(a, b spelled) int {
	return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.text, b.text))
}

// relation is what a bracket is to the name before it.
type relation byte

const (
	unrelated relation = iota
	alias
	groupOf
)

// relation judges a bracket behind a name.
func (d *Directory) relation(name, text string) relation {
	ours, named := normalize.KnownGroup(name)
	theirs, listed := normalize.KnownGroup(text)
	switch {
	case listed && named && ours == theirs:
		return alias
	case listed:
		return groupOf
	case len(d.behind[text]) > 1:
		return groupOf
	case named || len(d.behind[name]) > 1 && normalize.PersonLike(text):
		return unrelated // the name is a group, the bracket who comes of it
	case normalize.ScriptOf(name) == normalize.ScriptOf(text) || d.severalHangul(name, text):
		return unrelated
	}
	return alias
}

// severalHangul tells whether a name in another script has two brackets in Hangul: then they name members of it.
func (d *Directory) severalHangul(name, text string) bool {
	if normalize.ScriptOf(text) != normalize.Hangul {
		return false
	}
	for _, f := range families {
		for _, other := range d.brackets(Name{f, name}) {
			if other.key != text && normalize.ScriptOf(other.key) == normalize.Hangul {
				return true
			}
		}
	}
	return false
}

// isGroup tells whether a key is known as a group's.
func (d *Directory) isGroup(key string) bool {
	_, listed := normalize.KnownGroup(key)
	return listed || len(d.behind[key]) > 1
}

// One lists every name of the artist that n is a name of: the one that gives the id first. It is nil when nobody performs
// under any of them.
func (d *Directory) One(n Name) []Name {
	if names := d.Together(n); slices.ContainsFunc(names, d.performs) {
		return names
	}
	return nil
}

// Together is One whether or not somebody performs under any of the names; n alone when nothing is known of it.
func (d *Directory) Together(n Name) []Name {
	seen := map[Name]bool{n: true}
	for todo := []Name{n}; len(todo) > 0; todo = todo[1:] {
		for _, other := range d.beside(todo[0]) {
			if !seen[other] {
				seen[other] = true
				todo = append(todo, other)
			}
		}
	}
	return slices.SortedFunc(maps.Keys(seen), func(a, b Name) int {
		return cmp.Or(cmp.Compare(inHangul(b.Key), inHangul(a.Key)), cmp.Compare(slices.Index(families, a.Family), slices.Index(families, b.Family)), cmp.Compare(a.Key, b.Key))
	})
}

func inHangul(key string) int {
	if normalize.ScriptOf(key) == normalize.Hangul {
		return 1
	}
	return 0
}

// performs tells whether somebody is billed under the name.
func (d *Directory) performs(n Name) bool {
	for id := range d.people[n] {
		if d.shows[id].bills(n.Key) {
			return true
		}
	}
	return false
}

func (b Billing) bills(key string) bool {
	return slices.ContainsFunc(b.names, func(s spelled) bool { return s.key == key })
}

// beside lists the names that are the same artist as n by one step.
func (d *Directory) beside(n Name) []Name {
	if d.people[n] == nil {
		return nil
	}
	var out []Name
	for _, text := range d.brackets(n) {
		if d.relation(n.Key, text.key) == alias {
			out = append(out, Name{n.Family, text.key})
		}
	}
	for name := range d.behind[n.Key] {
		if other := (Name{n.Family, name}); d.relation(name, n.Key) == alias && slices.ContainsFunc(d.brackets(other), func(s spelled) bool { return s.key == n.Key }) {
			out = append(out, other)
		}
	}
	for _, f := range families {
		if other := (Name{f, n.Key}); f != n.Family && d.people[other] != nil && d.shareCompany(n, other) {
			out = append(out, other)
		}
	}
	return out
}

// shareCompany tells whether one company stands where each of two is billed.
func (d *Directory) shareCompany(a, b Name) bool {
	stand := map[string]bool{}
	for id := range d.people[a] {
		if d.shows[id].bills(a.Key) {
			for _, c := range d.shows[id].companies {
				stand[c.key] = true
			}
		}
	}
	for id := range d.people[b] {
		if len(stand) > 0 && d.shows[id].bills(b.Key) && slices.ContainsFunc(d.shows[id].companies, func(c spelled) bool { return stand[c.key] }) {
			return true
		}
	}
	return false
}

// Load is Put for what was settled before: it marks nothing.
func (d *Directory) Load(id string, b Billing) {
	if !b.Empty() {
		d.shows[id] = b
		d.apply(id, b, 1)
	}
}

// Names gives every name somebody is known by, in any order.
func (d *Directory) Names() iter.Seq[Name] { return maps.Keys(d.people) }

// BilledAt lists the performances that bill somebody under a name, in any order.
func (d *Directory) BilledAt(n Name) []string {
	var out []string
	for id := range d.people[n] {
		if d.shows[id].bills(n.Key) {
			out = append(out, id)
		}
	}
	return out
}

// Unsettled lists the names about which something changed since Settled was last told of them, in order.
func (d *Directory) Unsettled() []Name {
	return slices.SortedFunc(maps.Keys(d.dirty), func(a, b Name) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Family, b.Family))
	})
}

// Unsettle marks a name.
func (d *Directory) Unsettle(n Name) { d.dirty[n] = true }

// Settled says that what is kept of a name is what the directory says.
func (d *Directory) Settled(n Name) { delete(d.dirty, n) }
