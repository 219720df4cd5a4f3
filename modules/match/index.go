package match

import (
	"cmp"
	"slices"
	"strings"

	"ticketmoa/modules/ticket"
)

// doubt is how far below zero a score may be and still be worth a person's look.
const doubt = -3

// Index holds shows and finds for each the few it could be the same as. It is not safe for concurrent use.
//
// Blocks: the whole title or a shorter form of it; the venue; the days on which a run begins and ends, give or take one,
// by province. Two shows of which nothing of that agrees are never the same.
type Index struct {
	name      func(founder string) string
	shows     map[string]*entry
	blocks    map[string][]slot
	linked    map[string][]*entry // by the key a link names: who names it
	decisions decisions
	dirty     map[string]bool // keys around which groups must be formed anew
	scratch   []*entry
	round     uint64 // of looking for candidates
}

// NewIndex makes an empty one. name gives the id of the performance that a listing founds.
func NewIndex(name func(founder string) string) *Index {
	return &Index{name: name, shows: map[string]*entry{}, blocks: map[string][]slot{}, linked: map[string][]*entry{}, dirty: map[string]bool{},
		decisions: decisions{byID: map[string]*ticket.Decision{}, byKey: map[string][]*ticket.Decision{}}}
}

// Len is the number of shows.
func (x *Index) Len() int { return len(x.shows) }

// Put adds a show or replaces the one of its key. at is the performance it is kept in now, "" for none. Settle then says
// what belongs elsewhere.
func (x *Index) Put(s Show, at string) {
	x.Remove(s.Key)
	e := prepare(s)
	e.at = at
	x.shows[s.Key] = e
	x.dirty[s.Key] = true
	for _, other := range x.candidates(e) {
		x.connect(e, other)
	}
	for _, b := range blocksOf(e) {
		x.blocks[b] = append(x.blocks[b], slot{e.start, e.end, e.title.sign, e})
	}
	for _, l := range e.Links {
		x.linked[l] = append(x.linked[l], e)
	}
}

// connect notes the edge between two shows when it is worth one.
func (x *Index) connect(a, b *entry) {
	w, apart := weigh(a, b)
	link := slices.Contains(a.Links, b.Key) || slices.Contains(b.Links, a.Key)
	total := w.total()
	if !link && (apart != notApart || total < doubt) || a.Role == Announces && b.Role == Announces {
		return
	}
	a.edges = append(a.edges, edge{b, total, apart, link})
	b.edges = append(b.edges, edge{a, total, apart, link})
}

// Remove takes a show out.
func (x *Index) Remove(key string) {
	e := x.shows[key]
	if e == nil {
		return
	}
	delete(x.shows, key)
	for _, b := range blocksOf(e) {
		drop(x.blocks, b, func(s slot) bool { return s.e == e })
	}
	for _, l := range e.Links {
		drop(x.linked, l, func(o *entry) bool { return o == e })
	}
	delete(x.dirty, key)
	for _, o := range x.decided(key) {
		x.dirty[o.Key] = true
	}
	for _, ed := range e.edges {
		x.dirty[ed.to.Key] = true
		ed.to.edges = slices.DeleteFunc(ed.to.edges, func(back edge) bool { return back.to == e })
	}
}

func drop[T any](m map[string][]T, key string, is func(T) bool) {
	if left := slices.DeleteFunc(m[key], is); len(left) > 0 {
		m[key] = left
	} else {
		delete(m, key)
	}
}

// candidates are the shows of any block of e, each once.
func (x *Index) candidates(e *entry) []*entry {
	x.round++
	out := x.scratch[:0]
	add := func(o *entry) {
		if o.round != x.round && o != e {
			o.round = x.round
			out = append(out, o)
		}
	}
	for _, b := range lookupsOf(e) {
		named := b[0] == titleBlock
		for _, s := range x.blocks[b] {
			if s.start-slip <= e.end && e.start-slip <= s.end && (named || s.sign.meets(e.title.sign)) && plausible(e, s.e) {
				add(s.e)
			}
		}
	}
	for _, l := range e.Links {
		if o := x.shows[l]; o != nil {
			add(o)
		}
	}
	for _, o := range x.linked[e.Key] {
		add(o)
	}
	x.scratch = out[:0]
	return out
}

// slot is a show in a block, with what turns most of a block away without looking at the shows themselves.
type slot struct {
	start, end int32
	sign       sign
	e          *entry
}

// plausible turns away shows in another province, unless their venues are named alike.
func plausible(a, b *entry) bool {
	return a.Region == "" || b.Region == "" || a.Region == b.Region || a.Venue == b.Venue || a.venue.sign.meets(b.venue.sign)
}

// The kinds of blocks.
const (
	titleBlock = 't'
	venueBlock = 'v'
	startBlock = 's'
	endBlock   = 'e'
)

// blocksOf are the blocks a show stands in.
func blocksOf(e *entry) []string {
	if e.Core == "" || !e.dated() {
		return nil
	}
	out := make([]string, 0, 4+len(e.Forms))
	out = append(out, string(titleBlock)+e.Core)
	for _, f := range e.Forms {
		out = append(out, string(titleBlock)+f)
	}
	if e.Venue != "" {
		out = append(out, string(venueBlock)+e.Venue)
	}
	return append(out, dayBlock(startBlock, e.start, e.Region), dayBlock(endBlock, e.end, e.Region))
}

// lookupsOf are the blocks in which a show's equals may stand.
func lookupsOf(e *entry) []string {
	if e.Core == "" || !e.dated() {
		return nil
	}
	out := make([]string, 0, 16+len(e.Forms))
	out = append(out, string(titleBlock)+e.Core)
	for _, f := range e.Forms {
		out = append(out, string(titleBlock)+f)
	}
	if e.Venue != "" {
		out = append(out, string(venueBlock)+e.Venue)
	}
	regions := []ticket.Region{e.Region, ""}
	if e.Region == "" {
		regions = append(ticket.Regions(), "")
	}
	for _, r := range regions {
		for d := int32(-slip); d <= slip; d++ {
			out = append(out, dayBlock(startBlock, e.start+d, r))
			if e.end != forever {
				out = append(out, dayBlock(endBlock, e.end+d, r))
			}
		}
	}
	return out
}

func dayBlock(kind byte, day int32, r ticket.Region) string {
	b := make([]byte, 0, 16)
	b = append(b, kind, byte(day>>24), byte(day>>16), byte(day>>8), byte(day))
	return string(append(b, r...))
}

// byScore orders edges: certain links first, then the higher score, then by the keys.
func byScore(a, b pair) int {
	if a.link != b.link {
		if a.link {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(b.total, a.total), strings.Compare(a.a.Key, b.a.Key), strings.Compare(a.b.Key, b.b.Key))
}
