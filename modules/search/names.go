package search

import (
	"cmp"
	"slices"

	"ticketmoa/modules/search/gram"
)

// Kind is what a name is the name of.
type Kind string

// The kinds of names.
const (
	ShowName   Kind = "performance"
	ArtistName Kind = "artist"
	VenueName  Kind = "venue"
)

// name is an artist or a venue as people look for it.
type name struct {
	entity uint32
	text   string // as it is written
}

// names are the artists and venues of a segment, those with the most performances first.
type names struct {
	all   []name
	table *gram.Table
	texts texts
}

// names are found out when a segment is first asked.
func (s *segment) names(nameOf NameOf) *names {
	s.found.Do(func() { s.called = s.findNames(nameOf) })
	return s.called
}

func (s *segment) findNames(nameOf NameOf) *names {
	e := s.entities()
	seen := make(map[string]bool, len(e.all))
	out := &names{all: make([]name, 0, len(e.all))}
	add := func(kind Kind, id, text string) {
		if id == "" || text == "" || seen[id] {
			return
		}
		seen[id] = true
		if nameOf != nil {
			text = cmp.Or(nameOf(kind, id), text)
		}
		n, _ := e.table(kind).find(id)
		out.all = append(out.all, name{n, text})
	}
	for i := range s.docs {
		p := s.docs[i].p
		add(VenueName, p.VenueID, p.Place.Name)
		for _, m := range p.Cast {
			add(ArtistName, m.ArtistID, m.Name)
		}
	}
	slices.SortFunc(out.all, func(a, b name) int {
		return cmp.Or(cmp.Compare(len(e.shows.of(b.entity)), len(e.shows.of(a.entity))), cmp.Compare(a.text, b.text), cmp.Compare(e.id(a.entity), e.id(b.entity)))
	})
	folded := make([]string, len(out.all))
	for i, n := range out.all {
		folded[i] = gram.Fold(n.text, false)
	}
	out.texts = newTexts(len(folded), func(i int) string { return folded[i] })
	out.table = out.texts.table(true)
	return out
}
