package credits

import (
	"cmp"
	"slices"
	"strings"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/ticket"
)

// Read makes the billing of a performance of a genre: cast is whom the projection shows, pages are the casts of every page
// about it, whose brackets tell of aliases and groups, companies who produced it or sent the artists.
func Read(g ticket.Genre, cast []ticket.CastMember, pages [][]ticket.CastMember, companies []string) Billing {
	b := Billing{genre: g}
	for _, m := range cast {
		if s, ok := nameOf(m.Name); ok && !b.bills(s.key) {
			b.names = append(b.names, s)
		}
	}
	for _, page := range pages {
		b.addPairs(page)
	}
	for _, name := range companies {
		if s := (spelled{normalize.CompanyKey(name), name}); s.key != "" && !slices.ContainsFunc(b.companies, func(o spelled) bool { return o.key == s.key }) {
			b.companies = append(b.companies, s)
		}
	}
	slices.SortFunc(b.names, bySpelling)
	slices.SortFunc(b.companies, bySpelling)
	slices.SortFunc(b.pairs, func(x, y [2]spelled) int { return cmp.Or(bySpelling(x[0], y[0]), bySpelling(x[1], y[1])) })
	b.pairs = slices.CompactFunc(b.pairs, func(x, y [2]spelled) bool { return x[0].key == y[0].key && x[1].key == y[1].key })
	return b
}

// addPairs adds the brackets behind names that may be another name or a group.
func (b *Billing) addPairs(cast []ticket.CastMember) {
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
func (b *Billing) telling(name, text spelled) bool {
	if _, listed := normalize.KnownGroup(text.key); listed || normalize.ScriptOf(name.key) != normalize.ScriptOf(text.key) {
		return true
	}
	return !b.acted() && !normalize.PersonLike(text.key) && !strings.ContainsAny(text.key, "0123456789")
}

// acted tells whether people stand there for others, so that a bracket may be a part.
func (b *Billing) acted() bool { return b.genre == ticket.Musical || b.genre == ticket.Play }

// nameOf is a performer's name under its key; ok is false for what names nobody.
func nameOf(text string) (s spelled, ok bool) {
	if text == "" || normalize.NoName(text) {
		return spelled{}, false
	}
	s = spelled{normalize.NameKey(text), normalize.Spelling(text)}
	return s, s.key != "" && len(s.key) <= 120
}

// NameIn is the name a performer's text is in the family of a genre; ok is false for what names nobody, and where nobody
// performs.
func NameIn(g ticket.Genre, text string) (n Name, ok bool) {
	s, ok := nameOf(text)
	return Name{familyOf(g), s.key}, ok && familyOf(g) != ""
}

// NamesOf lists the names an artist is kept under, the one that gives the id first.
func NamesOf(a ticket.Artist) []Name {
	var out []Name
	for _, s := range a.Nodes {
		family, key, _ := strings.Cut(s, ":")
		out = append(out, Name{family, key})
	}
	return out
}

// Artist describes the artist of the names, the one that gives the id first.
func (d *Directory) Artist(names []Name) ticket.Artist {
	a := ticket.Artist{ID: names[0].ID()}
	written, groups, companies := Spellings{}, Spellings{}, Spellings{}
	genres, counted := map[ticket.Genre]bool{}, map[string]bool{}
	for _, n := range names {
		a.Nodes = append(a.Nodes, n.Family+":"+n.Key)
		a.IsGroup = a.IsGroup || d.isGroup(n.Key)
		for id := range d.people[n] {
			b := d.shows[id]
			b.spell(n.Key, written)
			for _, p := range b.pairs {
				_, listed := normalize.KnownGroup(p[1].key)
				if p[0].key == n.Key && (listed || !b.acted()) && d.relation(n.Key, p[1].key) == groupOf {
					groups.Add(p[1].key, p[1].text)
				}
			}
			if !b.bills(n.Key) {
				continue
			}
			genres[b.genre] = true
			for _, c := range b.companies {
				if !counted[id+"\x00"+c.key] {
					companies.Add(c.key, c.text)
				}
				counted[id+"\x00"+c.key] = true
			}
		}
	}
	a.Name = written.Best(names[0].Key)
	for _, n := range names[1:] {
		if other := written.Best(n.Key); n.Key != names[0].Key && !slices.Contains(a.Aliases, other) {
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
func (b Billing) spell(key string, into Spellings) {
	for _, s := range b.names {
		if s.key == key {
			into.Add(key, s.text)
		}
	}
	for _, p := range b.pairs {
		for _, s := range p {
			if s.key == key {
				into.Add(key, s.text)
			}
		}
	}
}
