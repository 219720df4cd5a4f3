package normalize

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"ticketmoa/modules/ticket"
)

// Gazetteer knows halls by name and tells where one stands that a seller names. It holds the table of big halls and the
// facilities put into it; what it answers depends on which those are, never on the order in which they came.
//
// It answers only when nothing it knows speaks against the answer: a name that halls in several regions bear is no
// answer unless the name itself, or what the caller knows, tells which. It is safe for concurrent reading; Put excludes
// everything else.
type Gazetteer struct {
	index map[string][]entry  // by key, in the order of the sites
	keys  map[string][]string // the keys a facility stands under
	most  int                 // bytes of the longest key ever put in
}

// site is a hall of the table or a facility.
type site struct {
	id    string // the facility's key; "" for the table
	place ticket.Place
	bit   regionSet
	marks []string // what its own name adds in brackets to tell it from others of the name
}

// entry is a site under one of its names.
type entry struct {
	site *site
	rank rank
}

// rank says how near to the hall's own name a key is.
type rank uint8

const (
	ownName rank = iota
	alsoNamed
	looseName // without a word that sellers leave out; counts only when nothing else has the key
)

// shortName is the number of letters below which a house is recognised in front of a hall only when the rest reads like one.
const shortName = 5

// NewGazetteer builds one of the table of big halls and facilities, in any order. Of two with one key (ticket.Facility.Key)
// the later counts.
func NewGazetteer(facilities []ticket.Facility) *Gazetteer {
	g := &Gazetteer{index: make(map[string][]entry, 4*len(facilities)+1024), keys: make(map[string][]string, len(facilities))}
	for _, h := range halls {
		g.add(h.key, entry{site: &site{place: ticket.Place{Region: h.region, District: h.district}, bit: bitOf(h.region)}})
	}
	for _, f := range facilities {
		g.Put(f)
	}
	return g
}

// Put adds a facility or replaces the one of its key.
func (g *Gazetteer) Put(f ticket.Facility) {
	for _, key := range g.keys[f.Key] {
		g.index[key] = slices.DeleteFunc(g.index[key], func(e entry) bool { return e.site.id == f.Key })
		if len(g.index[key]) == 0 {
			delete(g.index, key)
		}
	}
	v := takeApart(f.Place.Name)
	s := newSite(f, &v)
	var keys []string
	for _, n := range facilityNames(&v, s) {
		if !slices.Contains(keys, n.key) {
			keys = append(keys, n.key)
			g.add(n.key, entry{site: s, rank: n.rank})
		}
	}
	g.keys[f.Key] = keys
}

func (g *Gazetteer) add(key string, e entry) {
	g.most = max(g.most, len(key))
	at, _ := slices.BinarySearchFunc(g.index[key], e, func(a, b entry) int { return strings.Compare(a.site.id, b.site.id) })
	g.index[key] = slices.Insert(g.index[key], at, e)
}

// Find tells where the hall stands that venueName names. The place holds the region and, as far as they are certain, the
// district, address and coordinates; Name and Code are those of the facility when it is certain which. ok is false when
// the name does not tell.
func (g *Gazetteer) Find(venueName string) (place ticket.Place, ok bool) {
	return g.Locate(ticket.Place{Name: venueName})
}

// locate is Locate with the key of the facility as the code.
func (g *Gazetteer) locate(p ticket.Place) (place ticket.Place, ok bool) {
	name, known := Place(p.Name)
	if !known || online(name) {
		return ticket.Place{}, false
	}
	q := query{venueName: takeApart(name)}
	if len(q.words) == 0 {
		return ticket.Place{}, false
	}
	q.hints, q.address = q.venueName.hints(name, p)
	q.hall = endsAsHall(q.key)
	place, found, ambiguous := g.search(&q)
	if branch, ok := campus(name); ok && (p.Region == "" || p.Region == branch.Region) &&
		(place.Region != branch.Region || branch.District != "" && place.District != branch.District) {
		return branch, true
	}
	if found {
		return place, true
	}
	if place, ok := byHints(q.hints); ok {
		return place, true
	}
	if ambiguous {
		return ticket.Place{}, false
	}
	regions, _ := agreed(q.hints, 0, 0)
	if region, district, ok := cityVenue(name); ok && regions&bitOf(region) != 0 {
		return ticket.Place{Region: region, District: district}, true
	}
	for _, text := range q.inner {
		old, _ := former(text)
		if region, district, ok := cityVenue(old); ok && regions&bitOf(region) != 0 {
			return ticket.Place{Region: region, District: district}, true
		}
	}
	return ticket.Place{}, false
}

var reCampus = regexp.MustCompile(`\p{Hangul}대(?:학교?)?\s*(\p{Hangul}+?)\s*캠퍼스`)

// campus is where the branch of a university stands that is named after its city: 전남대학교 여수캠퍼스.
func campus(name string) (ticket.Place, bool) {
	m := reCampus.FindStringSubmatch(name)
	if m == nil {
		return ticket.Place{}, false
	}
	region, district, ok := oneCity(m[1])
	return ticket.Place{Region: region, District: district}, ok
}

// online tells whether a name is that of no place at all.
func online(name string) bool {
	for _, w := range []string{"온라인", "비대면", "유튜브", "랜선", "스트리밍", "네이버TV", "네이버 TV"} {
		if strings.Contains(name, w) {
			return true
		}
	}
	return false
}

// query is a name looked for.
type query struct {
	venueName
	hints   []hint
	address bool // the name begins with an address
	hall    bool // the key ends as a hall does, so that a house may stand in front without a blank
}

// search looks for the name, then for what follows the words that only say where, then for the names in brackets.
func (g *Gazetteer) search(q *query) (place ticket.Place, found, ambiguous bool) {
	for _, text := range q.inner { // "예술의전당 [광주]" is the 광주예술의전당
		if _, ok := hintWords[text]; !ok {
			continue
		}
		k, mark := *q, venueKeyOf(text)
		k.key, k.breaks = mark+q.key, shifted(q.breaks, len(mark))
		if place, found, _ := g.longest(&k, 0, k.hints, len(mark)); found {
			return place, true, false
		}
	}
	first, known, ambiguous := g.longest(q, 0, q.hints, 0)
	if ambiguous || known && first.Name != "" {
		return first, known, ambiguous
	}
	hints := q.hints
	if known { // by the table alone; there may be a facility with an address behind "울산 …"
		hints = append(slices.Clip(hints), hint{regions: bitOf(first.Region), district: first.District})
	}
	for _, s := range q.starts() {
		hints := hints
		if s.hint.regions != 0 {
			hints = append(slices.Clip(hints), s.hint)
		}
		place, found, ambiguous = g.longest(q, s.at, hints, 0)
		if known && (!found || place.Name == "") {
			continue
		}
		if found || ambiguous {
			return place, found, ambiguous
		}
	}
	if known {
		return first, true, false
	}
	for _, text := range q.inner {
		for _, n := range names(text) {
			k := query{venueName: takeApart(n), hints: q.hints}
			if place, found, _ := g.longest(&k, 0, k.hints, 0); found {
				return place, true, false
			}
		}
	}
	return ticket.Place{}, false, false
}

func shifted(breaks []int, by int) []int {
	out := make([]int, len(breaks))
	for i, b := range breaks {
		out[i] = b + by
	}
	return out
}

// start is a point of the key at which the name of a house may begin.
type start struct {
	at   int
	hint hint // what stands before it says, when that is part of a word
}

// starts lists those behind the beginning: behind each leading word that says where; behind a city that the first word begins
// with; behind a word for a theatre that sellers add; and in an address every word.
func (q *query) starts() []start {
	var out []start
	for i, w := range q.words[:min(len(q.words)-1, 10)] { // no address is longer
		h, where := hintWords[w.text]
		where = where && !h.guarded || i > 0 && divided(w.text)
		if !where && !q.address && !theatreWord[w.text] {
			break
		}
		out = append(out, start{at: w.to})
	}
	first := q.words[0].text
	n := 0
	for i := range first {
		if n++; n < 3 || n > 5 {
			continue
		}
		if h, ok := hintWords[first[:i]]; ok && strings.HasPrefix(q.key, first[:i]) {
			h.from, h.to = 0, 0
			out = append(out, start{i, h})
		}
	}
	for _, w := range []string{"소극장", "더"} {
		if len(q.key) > len(w) && strings.HasPrefix(first, w) && len(first) > len(w) {
			out = append(out, start{at: len(w)})
		}
	}
	return out
}

var theatreWord = map[string]bool{"소극장": true, "극장": true}

// longest looks for the longest name of a house that begins at s and is at least more bytes long.
func (g *Gazetteer) longest(q *query, s int, hints []hint, more int) (place ticket.Place, found, ambiguous bool) {
	next := len(q.breaks) - 1
	least := s + max(more, 2)
	for e := min(len(q.key), s+g.most); e > least; {
		for next >= 0 && q.breaks[next] > e {
			next--
		}
		boundary := next >= 0 && q.breaks[next] == e
		if !boundary && !q.hall {
			if next < 0 {
				break
			}
			e = q.breaks[next]
			continue
		}
		if entries := g.index[q.key[s:e]]; len(entries) > 0 && (boundary || q.hall && utf8.RuneCountInString(q.key[s:e]) >= 4) {
			place, found, ambiguous = q.choose(entries, hints, s, e)
			if found || ambiguous {
				return place, found, ambiguous
			}
		}
		_, size := utf8.DecodeLastRuneInString(q.key[:e])
		e -= size
	}
	return ticket.Place{}, false, false
}

// choose decides between the sites of one name.
func (q *query) choose(entries []entry, hints []hint, s, e int) (place ticket.Place, found, ambiguous bool) {
	key := q.key[s:e]
	regions, district := agreed(hints, s, e)
	_, narrowed := regions.one()
	var kept []entry
	table := regionSet(0)
	best := looseName
	for _, x := range entries {
		if regions != everywhere && (x.site.bit&regions == 0 || district != "" && x.site.place.District != "" && x.site.place.District != district) {
			continue
		}
		if x.site.id == "" {
			table |= x.site.bit
		}
		kept, best = append(kept, x), min(best, x.rank)
	}
	if table != 0 { // the table knows which of several is meant
		kept = slices.DeleteFunc(kept, func(x entry) bool { return x.site.bit&table == 0 })
	}
	if best < looseName {
		kept = slices.DeleteFunc(kept, func(x entry) bool { return x.rank == looseName })
	}
	if marked := q.marked(kept); len(marked) > 0 {
		return answer(marked)
	}
	switch {
	case len(kept) == 0, table == 0 && !narrowed && generic(key):
		return ticket.Place{}, false, false
	case e < len(q.key) && table == 0 && (best == looseName || utf8.RuneCountInString(key) < shortName && !q.hall):
		return ticket.Place{}, false, false
	case table != 0 || narrowed:
		return answer(kept)
	}
	return answer(unmarked(kept))
}

// marked keeps the sites that a mark in the name asked for tells from the others of the name.
func (q *query) marked(kept []entry) []entry {
	var out []entry
	for _, x := range kept {
		if slices.ContainsFunc(x.site.marks, q.hasMark) {
			out = append(out, x)
		}
	}
	return out
}

// unmarked keeps the sites that need no mark. Where all need one, or one of another region does, nobody can tell which
// is meant, and nothing is kept.
func unmarked(kept []entry) []entry {
	var out []entry
	for _, x := range kept {
		if x.site.bit != kept[0].site.bit {
			return nil
		}
		if len(x.site.marks) == 0 {
			out = append(out, x)
		}
	}
	return out
}

// answer is what the sites agree on.
func answer(kept []entry) (place ticket.Place, found, ambiguous bool) {
	if len(kept) == 0 || kept[0].site.bit == abroad {
		return ticket.Place{}, false, true
	}
	var own *site
	several := false
	place.Region, place.District = kept[0].site.place.Region, kept[0].site.place.District
	for _, x := range kept {
		p := x.site.place
		if p.Region != place.Region {
			return ticket.Place{}, false, true
		}
		if p.District != place.District {
			place.District = ""
		}
		if x.site.id != "" {
			several = several || own != nil
			own = x.site
		}
	}
	if own != nil && !several {
		place = own.place
		place.Code = own.id
	}
	return place, true, false
}

// byHints is the answer of the words that say where by themselves.
func byHints(hints []hint) (ticket.Place, bool) {
	regions, _ := agreed(hints, 0, 0)
	region, ok := regions.one()
	if !ok {
		return ticket.Place{}, false
	}
	district, sure := "", false
	for _, h := range hints {
		if h.sure {
			sure, district = true, cmp.Or(h.district, district)
		}
	}
	if !sure {
		return ticket.Place{}, false
	}
	return ticket.Place{Region: region, District: district}, true
}
