package normalize

import (
	"slices"
	"strings"
	"unicode/utf8"

	"ticketmoa/modules/ticket"
)

// newSite is the site of a facility; v is its name taken apart.
func newSite(f ticket.Facility, v *venueName) *site {
	s := &site{id: f.Key, place: f.Place, bit: bitOf(f.Place.Region)}
	for _, text := range v.inner {
		if _, old := former(text); !old && (strings.Contains(f.Place.Name, "["+text) || len(bracketHints(text)) > 0) {
			if key := venueKeyOf(text); key != "" {
				s.marks = append(s.marks, key)
			}
		}
	}
	return s
}

// named is a key a facility stands under.
type named struct {
	key  string
	rank rank
}

// facilityNames lists the keys of a facility: its name, former names and others in brackets, its mark in the places
// where sellers write it, and the name without a word for a theatre.
func facilityNames(v *venueName, s *site) []named {
	out := []named{{v.key, ownName}}
	add := func(key string, r rank, least int) {
		if utf8.RuneCountInString(key) >= least && !generic(key) {
			out = append(out, named{key, r})
		}
	}
	for _, text := range v.inner {
		if len(bracketHints(text)) > 0 || slices.Contains(s.marks, venueKeyOf(text)) {
			continue
		}
		for _, n := range names(text) {
			if region, _, ok := cityVenue(n); !ok || region == s.place.Region { // "양산도서관" of Gwangju is not Yangsan's
				add(venueKeyOf(n), alsoNamed, 3)
			}
		}
	}
	if len(v.words) > 0 {
		first, rest := v.key[:v.words[0].to], v.key[v.words[0].to:]
		for _, m := range s.marks {
			add(m+v.key, alsoNamed, 4)
			add(v.key+m, alsoNamed, 4)
			if rest != "" {
				add(first+m+rest, alsoNamed, 4)
				add(first+m+"점"+rest, alsoNamed, 4)
			}
			add(m+first+"점"+rest, alsoNamed, 4)
		}
	}
	for _, w := range []string{"소극장", "극장", "더"} {
		if rest, ok := strings.CutPrefix(v.key, w); ok {
			add(rest, looseName, 3)
		}
		if rest, ok := strings.CutSuffix(v.key, w); ok && w != "더" {
			add(rest, looseName, 3)
		}
	}
	return out
}

// FacilityKeys lists the keys a Gazetteer finds a facility under; for VenueText.
func FacilityKeys(f ticket.Facility) []string {
	v := takeApart(f.Place.Name)
	s := newSite(f, &v)
	var out []string
	for _, n := range facilityNames(&v, s) {
		if n.key != "" && !slices.Contains(out, n.key) {
			out = append(out, n.key)
		}
	}
	return out
}

// VenueText gives a text of a venue's name that contains every key a Gazetteer may look up for it: a facility bears on
// what Find answers for the name only when strings.Contains(VenueText(name), key) for one of its FacilityKeys.
func VenueText(name string) string {
	clean, known := Place(name)
	if !known {
		return ""
	}
	v := takeApart(clean)
	text := v.key
	for _, inner := range v.inner {
		text += "\n" + venueKeyOf(inner) + v.key
		for _, n := range names(inner) {
			text += "\n" + venueKeyOf(n)
		}
	}
	return text
}
