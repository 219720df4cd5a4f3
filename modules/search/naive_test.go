package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"ticketmoa/modules/hangul"
	"ticketmoa/modules/search/gram"
	"ticketmoa/modules/ticket"
)

// scan is what Search promises, told by reading every show: no index, no numbers, no bits.
type scan struct {
	shows []*ticket.Performance
	views map[string]int64
	texts map[string][fields][]rune
	label map[string][][]rune // within the text of the place too
}

func newScan(shows []*ticket.Performance, views map[string]int64) *scan {
	s := &scan{shows, views, map[string][fields][]rune{}, map[string][][]rune{}}
	for _, p := range shows {
		texts := newEntry(p, 0).texts
		for _, w := range slices.Concat(genreWords[p.Genre], []string{string(p.Place.Region)}) {
			texts[inPlace] += "\x00" + gram.Fold(w, false)
			s.label[p.ID] = append(s.label[p.ID], []rune(gram.Fold(w, false)))
		}
		for _, seller := range sellersOf(p) {
			for _, w := range sellerWords[ticket.Seller(seller)] {
				texts[inPlace] += "\x00" + gram.Fold(w, false)
				s.label[p.ID] = append(s.label[p.ID], []rune(gram.Fold(w, false)))
			}
		}
		var letters [fields][]rune
		for f, text := range texts {
			letters[f] = []rune(text)
		}
		s.texts[p.ID] = letters
	}
	return s
}

// stands tells where a word stands in a folded text, letter by letter.
func stands(letters []rune, word string) bool {
	want := []rune(word)
next:
	for at := 0; at+len(want) <= len(letters); at++ {
		if want[0] < utf8.RuneSelf && plain(letters[at]) == letters[at] {
			continue // a Latin word begins where a run does
		}
		for i, w := range want {
			if plain(letters[at+i]) != w {
				continue next
			}
		}
		return true
	}
	return false
}

// plain is a letter without its mark.
func plain(r rune) rune {
	switch {
	case r >= 'A' && r <= 'Z':
		return r - 'A' + 'a'
	case r >= 0x10 && r <= 0x19:
		return r - 0x10 + '0'
	}
	return r
}

// fit is the class of a show for the words; -1 when it does not hold them all.
func (s *scan) fit(p *ticket.Performance, words []string) int {
	if len(words) == 0 {
		return 0
	}
	sum := 0
	for _, w := range distinct(words) {
		texts := s.texts[p.ID]
		level := slices.IndexFunc(texts[:], func(text []rune) bool { return stands(text, w) })
		if level < 0 {
			return -1
		}
		sum += int(levelWithin[level])
		labelled := level == inPlace && slices.ContainsFunc(s.label[p.ID], func(l []rune) bool { return stands(l, w) })
		if labelled {
			sum--
		} else if level == inPeople || level == inPlace {
			for _, part := range strings.Split(string(texts[level]), "\x00") {
				if letters := []rune(part); stands(letters[:min(len(letters), utf8.RuneCountInString(w))], w) {
					sum--
					break
				}
			}
		}
	}
	if sum > 0 {
		return classElsewhere - 1 + sum
	}
	whole, best := strings.Join(words, ""), classApart
	length := utf8.RuneCountInString(whole)
	for _, s := range strings.Split(string(s.texts[p.ID][inTitle]), "\x00") {
		part := []rune(s)
		switch {
		case stands(part, whole) && len(part) == length:
			best = min(best, classEquals)
		case stands(part[:min(len(part), length)], whole):
			best = min(best, classBegins)
		case stands(part, whole):
			best = min(best, classWithin)
		}
	}
	return best
}

func (s *scan) wants(q Query, p *ticket.Performance, open string) bool {
	status := p.StatusAt(now)
	past := q.WithEnded || q.To != "" && q.To < ticket.DateOf(now) || q.From != "" && q.From < ticket.DateOf(now)
	if open != "status" && (len(q.Statuses) > 0 && !slices.Contains(q.Statuses, status) || len(q.Statuses) == 0 && status == ticket.Ended && !past) {
		return false
	}
	if open != "genre" && len(q.Genres) > 0 && !slices.Contains(q.Genres, p.Genre) || open != "region" && len(q.Regions) > 0 && !slices.Contains(q.Regions, p.Place.Region) {
		return false
	}
	if open != "seller" && len(q.Sellers) > 0 && !slices.ContainsFunc(p.Offers, func(o ticket.Offer) bool { return slices.Contains(q.Sellers, o.Seller) }) {
		return false
	}
	if (q.From != "" || q.To != "") && !p.Period.Overlaps(ticket.Period{Start: cmp.Or(q.From, "0001-01-01"), End: cmp.Or(q.To, "9999-12-31")}) {
		return false
	}
	low, _, known := p.PriceRange()
	if q.PriceMax != nil && (!known || low > *q.PriceMax) || q.Age != nil && (p.MinAgeYears == nil || *p.MinAgeYears > *q.Age) || q.Exclusive != nil && p.Exclusive != *q.Exclusive {
		return false
	}
	if q.Artist != "" && !slices.ContainsFunc(p.Cast, func(m ticket.CastMember) bool { return m.ArtistID == q.Artist }) || q.Venue != "" && p.VenueID != q.Venue {
		return false
	}
	return q.UpdatedSince.IsZero() || !p.ChangedAt.Before(q.UpdatedSince)
}

// search answers a query; its order is told as people would tell it.
func (s *scan) search(q Query) (ids []string, facets map[string]map[string]int) {
	type found struct {
		p     *ticket.Performance
		class int
	}
	var all []found
	facets = map[string]map[string]int{"genre": {}, "region": {}, "seller": {}, "status": {}}
	words := gram.Words(q.Text)
	for _, p := range s.shows {
		class := s.fit(p, words)
		if class < 0 {
			continue
		}
		if s.wants(q, p, "") {
			all = append(all, found{p, class})
		}
		if !q.Facets {
			continue
		}
		for name, values := range map[string][]string{"genre": {string(p.Genre)}, "region": {string(p.Place.Region)}, "status": {string(p.StatusAt(now))}, "seller": sellersOf(p)} {
			for _, v := range values {
				if v != "" && s.wants(q, p, name) {
					facets[name][v]++
				}
			}
		}
	}
	newer := func(a, b *ticket.Performance) int { return b.FirstSeenAt.Compare(a.FirstSeenAt) }
	popular := func(a, b *ticket.Performance) int {
		return cmp.Or(cmp.Compare(s.views[b.ID], s.views[a.ID]), newer(a, b))
	}
	slices.SortFunc(all, func(x, y found) int {
		a, b := x.p, y.p
		order := 0
		switch q.Sort {
		case ByRelevance:
			order = cmp.Or(cmp.Compare(x.class, y.class), popular(a, b))
			if len(words) == 0 {
				order = newer(a, b)
			}
		case ByPopular:
			order = popular(a, b)
		case ByOpening:
			s, t := nextOpening(a, now), nextOpening(b, now)
			order = cmp.Or(truth(s.IsZero())-truth(t.IsZero()), s.Compare(t))
			if s.IsZero() && t.IsZero() {
				order = newer(a, b)
			}
		case ByClosing:
			order = cmp.Compare(cmp.Or(a.Period.End, "~"), cmp.Or(b.Period.End, "~"))
		case ByPrice:
			s, _, known := a.PriceRange()
			t, _, other := b.PriceRange()
			order = cmp.Or(truth(!known)-truth(!other), cmp.Compare(s, t))
		case ByNewest:
			order = newer(a, b)
		}
		return cmp.Or(order, strings.Compare(a.ID, b.ID))
	})
	for _, f := range all {
		ids = append(ids, f.p.ID)
	}
	return ids, facets
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

func sellersOf(p *ticket.Performance) []string {
	var out []string
	for _, o := range p.Offers {
		if !slices.Contains(out, string(o.Seller)) {
			out = append(out, string(o.Seller))
		}
	}
	return out
}

// standsByInitials tells whether a word stands in a name of a show when its consonants stand for what they begin, or for
// themselves.
func (s *scan) standsByInitials(p *ticket.Performance, word string) bool {
	want := []rune(word)
	fits := func(at, w rune) bool {
		if plain(at) == w {
			return true
		}
		initial := []rune(hangul.Choseong(string(at)))[0]
		return hangul.IsSyllable(at) && hangul.IsInitial(w) && (initial == w || strings.ContainsRune("ㄱㄲ ㄷㄸ ㅂㅃ ㅅㅆ ㅈㅉ", w) && strings.Contains("ㄱㄲ ㄷㄸ ㅂㅃ ㅅㅆ ㅈㅉ", string([]rune{w, initial})))
	}
	for f, letters := range s.texts[p.ID] {
	next:
		for at := 0; f != inStory && at+len(want) <= len(letters); at++ {
			if want[0] < utf8.RuneSelf && plain(letters[at]) == letters[at] {
				continue
			}
			for i, w := range want {
				if !fits(letters[at+i], w) {
					continue next
				}
			}
			return true
		}
	}
	// A word without a consonant that stands for something is looked for everywhere.
	return !strings.ContainsFunc(word, isLetter) && stands(s.texts[p.ID][inStory], word)
}
