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
	out := &names{all: make([]name, 0, len(e.all))}
	for n := range uint32(len(e.all)) {
		text := e.name(n)
		if text == "" {
			continue
		}
		if nameOf != nil {
			text = cmp.Or(nameOf(e.kind(n), e.id(n)), text)
		}
		out.all = append(out.all, name{n, text})
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
