package catalog

import (
	"cmp"
	"maps"
	"slices"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/ticket"
)

// directory knows who is named where and tells which names are one artist. What it tells depends on what the performances
// say now and never on the order in which they came to say it:
//
//   - a name stands in a family of genres; the same name in two families is two artists, unless one company stands in both;
//   - a bracket behind a name is another name of it (an alias) when it is in another script and stands behind this name only;
//   - it is a group, and never an alias, when the table of groups has it or it stands behind two names or more; in the
//     script of the name itself it is never an alias, and in a musical or a play, where it is a part, no group either.
//
// It is not safe for concurrent use.
type directory struct {
	shows  map[string]billing        // by performance
	people map[node]map[string]bool  // the performances that name them, in whatever way
	behind map[string]map[string]int // bracket key → keys of the names it stands behind → performances that say so
	dirty  map[node]bool             // names about which something changed since they were last settled
}

// node is a name in a family of genres.
type node struct{ family, key string }

func (n node) id() string { return ticket.ID("artist", n.family, n.key) }

// spelled is a name as written, under its key.
type spelled struct{ key, text string }

// billing is what a performance says about its performers.
type billing struct {
	genre     ticket.Genre
	names     []spelled    // who performs, each once
	pairs     [][2]spelled // a name and a bracket behind it, each pair once
	companies []spelled
}

// families are the families of genres in the order in which they give an artist its id.
var families = []string{"stage", "classical", "dance", "traditional", "exhibition"}

// family is the family of a genre; "" where nobody performs.
func family(g ticket.Genre) string {
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

func newDirectory() *directory {
	return &directory{shows: map[string]billing{}, people: map[node]map[string]bool{}, behind: map[string]map[string]int{}, dirty: map[node]bool{}}
}

// put replaces what a performance says; a billing without names takes it out.
func (d *directory) put(id string, b billing) {
	old, known := d.shows[id]
	if known && old.same(b) || !known && b.empty() {
		return
	}
	d.apply(id, old, -1)
	if b.empty() {
		delete(d.shows, id)
	} else {
		d.shows[id] = b
	}
	d.apply(id, b, 1)
	d.mark(old)
	d.mark(b)
}

func (b billing) empty() bool { return len(b.names) == 0 && len(b.pairs) == 0 || family(b.genre) == "" }

func (b billing) same(o billing) bool {
	return b.genre == o.genre && slices.Equal(b.names, o.names) && slices.Equal(b.pairs, o.pairs) && slices.Equal(b.companies, o.companies)
}

// apply counts a billing in or out.
func (d *directory) apply(id string, b billing, by int) {
	f := family(b.genre)
	if b.empty() {
		return
	}
	stand := func(key string) {
		n := node{f, key}
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
func (d *directory) mark(b billing) {
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
			n := node{f, key}
			d.dirty[n] = true
			for _, text := range d.brackets(n) {
				d.dirty[node{f, text.key}] = true
			}
		}
	}
}

// brackets lists what stands in brackets behind a name in its family, each spelling once.
func (d *directory) brackets(n node) []spelled {
	var out []spelled
	for id := range d.people[n] {
		for _, p := range d.shows[id].pairs {
			if p[0].key == n.key && !slices.Contains(out, p[1]) {
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
func (d *directory) relation(name, text string) relation {
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
func (d *directory) severalHangul(name, text string) bool {
	if normalize.ScriptOf(text) != normalize.Hangul {
		return false
	}
	for _, f := range families {
		for _, other := range d.brackets(node{f, name}) {
			if other.key != text && normalize.ScriptOf(other.key) == normalize.Hangul {
				return true
			}
		}
	}
	return false
}

// isGroup tells whether a key is known as a group's.
func (d *directory) isGroup(key string) bool {
	_, listed := normalize.KnownGroup(key)
	return listed || len(d.behind[key]) > 1
}

// one lists every name of the artist that n is a name of: the one that gives the id first. It is nil when nobody performs
// under any of them.
func (d *directory) one(n node) []node {
	seen := map[node]bool{}
	todo := []node{n}
	for len(todo) > 0 {
		n, todo = todo[0], todo[1:]
		if !seen[n] && d.people[n] != nil {
			seen[n] = true
			todo = append(todo, d.beside(n)...)
		}
	}
	out := slices.SortedFunc(maps.Keys(seen), func(a, b node) int {
		return cmp.Or(cmp.Compare(inHangul(b.key), inHangul(a.key)), cmp.Compare(slices.Index(families, a.family), slices.Index(families, b.family)), cmp.Compare(a.key, b.key))
	})
	if !slices.ContainsFunc(out, d.performs) {
		return nil
	}
	return out
}

func inHangul(key string) int {
	if normalize.ScriptOf(key) == normalize.Hangul {
		return 1
	}
	return 0
}

// performs tells whether somebody is billed under the name.
func (d *directory) performs(n node) bool {
	for id := range d.people[n] {
		if d.shows[id].bills(n.key) {
			return true
		}
	}
	return false
}

func (b billing) bills(key string) bool {
	return slices.ContainsFunc(b.names, func(s spelled) bool { return s.key == key })
}

// beside lists the names that are the same artist as n by one step.
func (d *directory) beside(n node) []node {
	var out []node
	for _, text := range d.brackets(n) {
		if d.relation(n.key, text.key) == alias {
			out = append(out, node{n.family, text.key})
		}
	}
	for name := range d.behind[n.key] {
		if other := (node{n.family, name}); d.relation(name, n.key) == alias && slices.ContainsFunc(d.brackets(other), func(s spelled) bool { return s.key == n.key }) {
			out = append(out, other)
		}
	}
	for _, f := range families {
		if other := (node{f, n.key}); f != n.family && d.people[other] != nil && d.shareCompany(n, other) {
			out = append(out, other)
		}
	}
	return out
}

// shareCompany tells whether one company stands where each of two is billed.
func (d *directory) shareCompany(a, b node) bool {
	stand := map[string]bool{}
	for id := range d.people[a] {
		if d.shows[id].bills(a.key) {
			for _, c := range d.shows[id].companies {
				stand[c.key] = true
			}
		}
	}
	for id := range d.people[b] {
		if len(stand) > 0 && d.shows[id].bills(b.key) && slices.ContainsFunc(d.shows[id].companies, func(c spelled) bool { return stand[c.key] }) {
			return true
		}
	}
	return false
}
