package facts

import "cmp"

// Lexicon holds names that somebody bears, for looking up those that are one letter away. A nil one holds none. It does not
// change and may be shared.
type Lexicon struct {
	names map[string]bool
	near  map[string][]string // by the name with one of its letters left out
}

// NewLexicon makes one of names.
func NewLexicon(names []string) *Lexicon {
	l := &Lexicon{names: make(map[string]bool, len(names)), near: map[string][]string{}}
	for _, name := range names {
		if l.names[name] {
			continue
		}
		l.names[name] = true
		for _, key := range holes(name) {
			l.near[key] = append(l.near[key], name)
		}
	}
	return l
}

// holes are a name of a person with one letter left out, each in turn; none for what is too long for such a name.
func holes(name string) []string {
	r := []rune(name)
	if len(r) < 2 || len(r) > 5 {
		return nil
	}
	out := make([]string, len(r))
	for i := range r {
		out[i] = string(r[:i]) + "_" + string(r[i+1:])
	}
	return out
}

// Has tells whether somebody bears the name.
func (l *Lexicon) Has(name string) bool { return l != nil && l.names[name] }

// nearest is the name that is one or two jamo away from a text, all in one letter, when only one is; else the text itself.
func (l *Lexicon) nearest(text string) string {
	if l == nil || l.names[text] {
		return text
	}
	var near []string
	for _, key := range holes(text) {
		near = append(near, l.near[key]...)
	}
	limit := 0.26
	if len([]rune(text)) == 2 {
		limit = 0.2
	}
	return cmp.Or(nearest(text, near, limit), text)
}
