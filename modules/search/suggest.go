package search

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"ticketmoa/modules/search/gram"
	"ticketmoa/modules/ticket"
)

// Suggestion is a name that somebody may be typing.
type Suggestion struct {
	Kind        Kind
	ID          string
	Text        string
	Performance *ticket.Performance // of a ShowName
	Current     int                 // of an artist or venue: performances that have not ended
	Genre       ticket.Genre        // of an artist or venue: that of such a performance, to tell namesakes apart
}

// Suggest completes what is being typed to at most limit names of shows, artists and venues: those that begin with it
// first, shows before artists before venues among equals, the popular before others. The last syllable need not be
// finished, initial consonants do, and so do letters typed with the keyboard set to the other alphabet and names with one
// syllable wrong. Shows that have ended, and artists and venues without a show to come, are left out.
func (x *Index) Suggest(text string, limit int, now time.Time) []Suggestion {
	words := gram.Words(text)
	if len(words) == 0 || limit <= 0 {
		return nil
	}
	snap := x.current.Load()
	sc := x.scratch.Get().(*scratch)
	defer x.scratch.Put(sc)
	for _, read := range []*Reading{{AsTyped, text}, keyboard(text), {AsSpelling, ""}} {
		if read != nil && read.How == AsSpelling {
			if read = nil; !snap.any(literally(words), sc) { // what stands somewhere, if only with shows that ended, is no slip
				read = snap.spelling(words, sc)
			}
		}
		if read == nil {
			continue
		}
		w := as(read)
		if w == nil {
			w = literally(words) // what cannot go on, as Latin letters
		}
		if found := snap.suggest(w, limit, now, x.cfg.NameOf, sc); len(found) > 0 {
			return found
		}
	}
	return nil
}

// candidate is a suggestion with how well it fits.
type candidate struct {
	Suggestion
	fit gram.Fit
}

func (s *snapshot) suggest(w *wanted, limit int, now time.Time, nameOf NameOf, sc *scratch) []Suggestion {
	var all []candidate
	s.segments(func(seg *segment, live bitset) {
		all = append(all, seg.suggestShows(w, live, limit, now, sc)...)
		all = append(all, seg.suggestNames(w, live, limit, now, nameOf, sc)...)
	})
	slices.SortStableFunc(all, func(a, b candidate) int { return int(b.fit - a.fit) })
	var out []Suggestion
	seen := map[string]bool{}
	for _, c := range all {
		name := string(c.Kind) + c.ID
		if c.Kind == ShowName { // one show in many cities is one suggestion
			name = gram.Plain(c.Text)
		}
		if len(out) == limit || seen[name] {
			continue
		}
		seen[name] = true
		if c.Kind != ShowName {
			c.Current = s.current(c.ID, now)
		}
		out = append(out, c.Suggestion)
	}
	return out
}

// suggestShows are shows of which a title holds the words in a row.
func (s *segment) suggestShows(w *wanted, live bitset, limit int, now time.Time, sc *scratch) []candidate {
	c := s.at(now)
	var out []candidate
	set := cleared(&sc.set, len(s.docs))
	for _, t := range w.whole {
		var exact bool
		sc.list, exact = t.Candidates(s.titled, len(s.docs), &sc.gram, sc.list[:0])
		for _, n := range sc.list {
			if c.running.has(n) && live.passes(n) && (exact || holds(t, s.titles.of(n))) {
				set.set(n)
			}
		}
	}
	var found [gram.Equals + 1][]uint32
	set.each(func(n uint32) {
		fit := fits(w.whole, s.titles.of(n))
		if len(found[fit]) < suggestRead*limit {
			found[fit] = append(found[fit], n)
		}
	})
	for fit := gram.Equals; fit > gram.Absent; fit-- {
		for _, n := range found[fit] {
			p := s.docs[n].p
			out = append(out, candidate{Suggestion{Kind: ShowName, ID: p.ID, Text: p.Title, Performance: p}, fit})
		}
	}
	return out
}

// suggestRead is how many shows are looked at for one suggestion, since many may have one title.
const suggestRead = 8

func holds(t *gram.Term, text string) bool {
	at, _ := t.Find(text)
	return at >= 0
}

func fits(terms []*gram.Term, text string) gram.Fit {
	best := gram.Absent
	for _, t := range terms {
		best = max(best, t.Fits(text))
	}
	return best
}

// suggestNames are artists and venues whose names hold the words in a row.
func (s *segment) suggestNames(w *wanted, live bitset, limit int, now time.Time, nameOf NameOf, sc *scratch) []candidate {
	names, e := s.names(nameOf), s.entities()
	c := s.at(now)
	var all [gram.Equals + 1][]candidate
	for _, t := range w.whole {
		sc.list, _ = t.Candidates(names.table, len(names.all), &sc.gram, sc.list[:0])
		for _, n := range sc.list {
			fit := t.Fits(names.texts.of(n))
			if fit == gram.Absent || len(all[fit]) >= 2*limit {
				continue
			}
			one := names.all[n]
			found := Suggestion{Kind: e.kind(one.entity), ID: e.id(one.entity), Text: one.text}
			for _, i := range e.shows.of(one.entity) {
				if live.passes(i) && c.running.has(i) {
					found.Current++
					found.Genre = cmp.Or(found.Genre, s.docs[i].p.Genre)
				}
			}
			if found.Current > 0 {
				all[fit] = append(all[fit], candidate{found, fit})
			}
		}
	}
	out := slices.Concat(all[gram.Equals], all[gram.Begins], all[gram.Within])
	slices.SortStableFunc(out, func(a, b candidate) int { return strings.Compare(string(a.Kind), string(b.Kind)) })
	return out
}

// Named lists the artists and venues whose name, or a name that begins with them, the words are: where a search for them may
// lead beside shows. At most limit of them.
func (x *Index) Named(text string, limit int, now time.Time) []Suggestion {
	words := gram.Words(text)
	if len(words) == 0 {
		return nil
	}
	sc := x.scratch.Get().(*scratch)
	defer x.scratch.Put(sc)
	var out []Suggestion
	snap := x.current.Load()
	snap.segments(func(s *segment, live bitset) {
		for _, c := range s.suggestNames(literally(words), live, limit, now, x.cfg.NameOf, sc) {
			same := func(o Suggestion) bool { return o.ID == c.ID }
			if c.fit >= gram.Begins && len(out) < limit && !slices.ContainsFunc(out, same) {
				c.Current = snap.current(c.ID, now)
				out = append(out, c.Suggestion)
			}
		}
	})
	return out
}
