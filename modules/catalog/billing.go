package catalog

import (
	"cmp"
	"slices"
	"strings"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/ticket"
)

// billingOf reads what the listings of a performance say about its performers: the names and the genre that the projection
// shows, the brackets of every page.
func billingOf(members []ticket.Listing) billing {
	members = slices.Clone(members)
	slices.SortFunc(members, byBelief)
	var c ticket.Content
	for _, l := range members {
		under(&c, l.Content)
	}
	b := billing{genre: c.Genre}
	for _, m := range c.Cast {
		if s, ok := nameOf(m.Name); ok && !b.bills(s.key) {
			b.names = append(b.names, s)
		}
	}
	for _, l := range members {
		for _, v := range l.Views {
			b.addPairs(v.Content.Cast)
		}
		for _, name := range l.Content.Companies {
			if s := (spelled{normalize.CompanyKey(name), name}); s.key != "" && !slices.ContainsFunc(b.companies, func(o spelled) bool { return o.key == s.key }) {
				b.companies = append(b.companies, s)
			}
		}
	}
	slices.SortFunc(b.names, bySpelling)
	slices.SortFunc(b.companies, bySpelling)
	slices.SortFunc(b.pairs, func(x, y [2]spelled) int { return cmp.Or(bySpelling(x[0], y[0]), bySpelling(x[1], y[1])) })
	b.pairs = slices.CompactFunc(b.pairs, func(x, y [2]spelled) bool { return x[0].key == y[0].key && x[1].key == y[1].key })
	return b
}

// addPairs adds the brackets behind names that may be another name or a group.
func (b *billing) addPairs(cast []ticket.CastMember) {
	for _, m := range cast {
		name, ok := nameOf(m.Name)
		if !ok || m.Also == "" {
			continue
		}
		for text := range strings.SplitSeq(m.Also, ticket.AlsoMark) {
			if s, ok := nameOf(text); ok && s.key != name.key && b.telling(name, s) {
				b.pairs = append(b.pairs, [2]spelled{name, s})
			}
		}
	}
}

// telling tells whether a bracket can say anything: one in the script of the name is a part in a musical or a play, and a
// person's other name where it looks like a person's.
func (b *billing) telling(name, text spelled) bool {
	if _, listed := normalize.KnownGroup(text.key); listed || normalize.ScriptOf(name.key) != normalize.ScriptOf(text.key) {
		return true
	}
	return !b.acted() && !normalize.PersonLike(text.key) && !strings.ContainsAny(text.key, "0123456789")
}

// acted tells whether people stand there for others, so that a bracket may be a part.
func (b *billing) acted() bool { return b.genre == ticket.Musical || b.genre == ticket.Play }

// nameOf is a performer's name under its key; ok is false for what names nobody.
func nameOf(text string) (s spelled, ok bool) {
	if text == "" || normalize.NoName(text) {
		return spelled{}, false
	}
	s = spelled{normalize.NameKey(text), normalize.Spelling(text)}
	return s, s.key != "" && len(s.key) <= 120
}

// byBelief orders listings as they are laid over each other.
func byBelief(a, b ticket.Listing) int {
	return cmp.Or(belief(a)-belief(b), strings.Compare(a.Key, b.Key))
}

// artist describes the artist of the names, the one that gives the id first.
func (d *directory) artist(names []node) ticket.Artist {
	a := ticket.Artist{ID: names[0].id()}
	spellings, groups, companies := spellings{}, spellings{}, spellings{}
	genres, counted := map[ticket.Genre]bool{}, map[string]bool{}
	for _, n := range names {
		a.Nodes = append(a.Nodes, n.family+":"+n.key)
		a.IsGroup = a.IsGroup || d.isGroup(n.key)
		for id := range d.people[n] {
			b := d.shows[id]
			b.spell(n.key, spellings)
			for _, p := range b.pairs {
				_, listed := normalize.KnownGroup(p[1].key)
				if p[0].key == n.key && (listed || !b.acted()) && d.relation(n.key, p[1].key) == groupOf {
					groups.add(p[1].key, p[1].text)
				}
			}
			if !b.bills(n.key) {
				continue
			}
			genres[b.genre] = true
			for _, c := range b.companies {
				if !counted[id+"\x00"+c.key] {
					companies.add(c.key, c.text)
				}
				counted[id+"\x00"+c.key] = true
			}
		}
	}
	a.Name = spellings.best(names[0].key)
	for _, n := range names[1:] {
		if other := spellings.best(n.key); n.key != names[0].key && !slices.Contains(a.Aliases, other) {
			a.Aliases = append(a.Aliases, other)
		}
	}
	slices.Sort(a.Aliases)
	a.Groups, a.Companies = groups.groups(), companies.all()
	for _, g := range ticket.Genres() {
		if genres[g] {
			a.Genres = append(a.Genres, g)
		}
	}
	return a
}

// spell counts how a performance writes a name.
func (b billing) spell(key string, into spellings) {
	for _, s := range b.names {
		if s.key == key {
			into.add(key, s.text)
		}
	}
	for _, p := range b.pairs {
		for _, s := range p {
			if s.key == key {
				into.add(key, s.text)
			}
		}
	}
}

// spellings counts the ways each key is written.
type spellings map[string]map[string]int

func (s spellings) add(key, text string) {
	if s[key] == nil {
		s[key] = map[string]int{}
	}
	s[key][text]++
}

// best is the way a key is mostly written, the first by its bytes of several.
func (s spellings) best(key string) string {
	best := ""
	for text, n := range s[key] {
		if m := s[key][best]; n > m || n == m && text < best {
			best = text
		}
	}
	return best
}

// all lists the best spelling of every key, in order.
func (s spellings) all() []string {
	var out []string
	for key := range s {
		out = append(out, s.best(key))
	}
	slices.Sort(out)
	return out
}

// groups is all, names of one group that the table knows once.
func (s spellings) groups() []string {
	var out []string
	seen := map[int]bool{}
	for _, text := range s.all() {
		if n, listed := normalize.KnownGroup(normalize.NameKey(text)); !listed || !seen[n] {
			seen[n] = listed
			out = append(out, text)
		}
	}
	return out
}
