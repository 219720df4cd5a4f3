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
	kind  Kind
	id    string
	text  string // as it is written
	shows []uint32
}

// names are the artists and venues of a segment, those with the most performances first.
type names struct {
	all   []name
	table *gram.Table
	texts []string
}

// names are found out when a segment is first asked.
func (s *segment) names(nameOf NameOf) *names {
	s.found.Do(func() { s.called = s.findNames(nameOf) })
	return s.called
}

func (s *segment) findNames(nameOf NameOf) *names {
	e := s.entities()
	seen := map[string]bool{}
	out := &names{}
	add := func(kind Kind, id, text string, shows []uint32) {
		if id != "" && text != "" && !seen[id] {
			seen[id] = true
			if nameOf != nil {
				text = cmp.Or(nameOf(kind, id), text)
			}
			out.all = append(out.all, name{kind, id, text, shows})
		}
	}
	for _, d := range s.docs {
		add(VenueName, d.p.VenueID, d.p.Place.Name, e.venues[d.p.VenueID])
		for _, m := range d.p.Cast {
			add(ArtistName, m.ArtistID, m.Name, e.artists[m.ArtistID])
		}
	}
	slices.SortFunc(out.all, func(a, b name) int {
		return cmp.Or(cmp.Compare(len(b.shows), len(a.shows)), cmp.Compare(a.text, b.text), cmp.Compare(a.id, b.id))
	})
	b := gram.NewBuilder(true, len(out.all), 12*len(out.all))
	for _, n := range out.all {
		f := gram.Fold(n.text, false)
		out.texts = append(out.texts, f)
		b.Add(f)
	}
	out.table = b.Table()
	return out
}
