package search

import (
	"bytes"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"ticketmoa/modules/search/gram"
	"ticketmoa/modules/ticket"
)

// The texts of a document, by how much a word in them says: a word in the title says more than one in the synopsis.
const (
	inTitle  = iota // with the seller's own titles, and the shorter names within it
	inPeople        // who performs
	inPlace         // venue and district; region, genre, tags and sellers are found by their labels
	inStory         // synopsis and roles
	fields
)

// doc is one performance in a segment.
type doc struct {
	p     *ticket.Performance
	views int64 // how much it is looked at

	body atomic.Pointer[body] // once somebody asked for it
}

// offers tells whether the document has the offer.
func (d *doc) offers(id string) bool {
	return slices.ContainsFunc(d.p.Offers, func(o ticket.Offer) bool { return o.ID == id })
}

// entry is a document on its way into a segment, with what its words are looked up in.
type entry struct {
	p     *ticket.Performance
	views int64
	body  *body          // as the segment before wrote it; nil when nobody asked for it
	texts [fields]string // folded
}

// span is a stretch of a text.
type span struct{ from, to int }

// folding puts the texts of entries together, one entry after the other in the same memory: a whole catalogue leaves
// little behind to be collected.
type folding struct {
	out   []byte
	names []string
	parts []span // of the titles
}

func newEntry(p *ticket.Performance, views int64) entry { return new(folding).entry(p, views) }

func (f *folding) entry(p *ticket.Performance, views int64) entry {
	f.out = f.out[:0]
	var ends [fields]int
	for i, write := range [fields]func(*ticket.Performance){f.titles, f.people, f.place, f.story} {
		write(p)
		ends[i] = len(f.out)
	}
	e, from := entry{p: p, views: views}, 0
	all := string(f.out) // one piece of memory for all of them
	for i, end := range ends {
		e.texts[i], from = all[from:end], end
	}
	return e
}

// part adds a part to a text that began at from, if there is anything in it, and says where it begins.
func (f *folding) part(from int, s string, spaced bool) (begin int) {
	before := len(f.out)
	if before > from {
		f.out = append(f.out, gram.Part)
	}
	begin = len(f.out)
	if f.out = gram.Append(f.out, s, spaced); len(f.out) == begin {
		f.out = f.out[:before]
	}
	return begin
}

func (f *folding) people(p *ticket.Performance) {
	from := len(f.out)
	for i := range p.Cast {
		f.part(from, p.Cast[i].Name, false)
	}
}

// place writes those sellers too that are nobody's label.
func (f *folding) place(p *ticket.Performance) {
	from := len(f.out)
	f.part(from, p.Place.Name, false)
	f.part(from, spoken(p.Place.Name), false)
	f.part(from, p.Place.District, false)
	for i := range p.Offers {
		if p.Offers[i].Seller == ticket.OtherSeller {
			f.part(from, p.Offers[i].SellerName, false)
		}
	}
}

func (f *folding) story(p *ticket.Performance) {
	from := len(f.out)
	for i := range p.Cast {
		f.part(from, p.Cast[i].Role, true)
	}
	f.part(from, p.Synopsis, true)
	f.part(from, p.StripText, true)
}

// titles writes the title, what sellers call it, and the names within them, each once.
func (f *folding) titles(p *ticket.Performance) {
	f.parts = f.parts[:0]
	f.title(p.Title)
	for i := range min(len(p.Offers), mostOffers) {
		if o := &p.Offers[i]; o.Title != p.Title {
			f.title(o.Title)
		}
	}
}

func (f *folding) title(title string) {
	f.names = append(innerNames(f.names[:0], title), title)
	for _, n := range f.names {
		f.once(n)
		f.once(spoken(n))
	}
}

// once adds a part to the titles, unless it stands there.
func (f *folding) once(s string) {
	before := len(f.out)
	begin := f.part(0, s, false)
	if len(f.out) == before {
		return
	}
	for _, span := range f.parts {
		if bytes.Equal(f.out[span.from:span.to], f.out[begin:]) {
			f.out = f.out[:before]
			return
		}
	}
	f.parts = append(f.parts, span{begin, len(f.out)})
}

// mostOffers bounds how many sellers' titles are looked through.
const mostOffers = 8

// labels are words for a kind of show that stand before its name.
var labels = [...]string{"가족뮤지컬", "어린이뮤지컬", "창작뮤지컬", "뮤지컬", "음악극", "연극", "콘서트", "오페라", "발레", "창극", "인형극", "전시", "특별전"}

const (
	openers = "<〈《「『[“‘(〔【"
	closers = ">〉》」』]”’)〕】"
)

// innerNames are the names within a title by which people know it: what stands in brackets, what stands before the first
// bracket, colon or dash, and either without the word for its kind: 시라노 of "뮤지컬 〈시라노〉 - 대구". It appends them to out. It is a rough cut of what
// normalize.Title and Forms know: those take a hundred times as long, which every start would pay for every show.
func innerNames(out []string, title string) []string {
	head := title
	if i := strings.IndexAny(title, openers+":-–—"); i > 0 {
		if head = title[:i]; !slices.Contains(labels[:], strings.TrimSpace(head)) { // a word for a kind is nobody's name
			out = append(out, head)
		}
	}
	for _, l := range labels {
		if rest, ok := strings.CutPrefix(head, l+" "); ok {
			out = append(out, rest, title[len(l)+1:])
			break
		}
	}
	rest := title
	for range 3 {
		i := strings.IndexAny(rest, openers)
		if i < 0 {
			break
		}
		opener, size := utf8.DecodeRuneInString(rest[i:])
		rest = rest[i+size:]
		j := strings.IndexRune(rest, matching(opener))
		if j < 0 {
			break
		}
		if opener != '(' && opener != '[' && opener != '【' {
			out = append(out, rest[:j])
		}
		rest = rest[j:]
	}
	return out
}

func matching(opener rune) rune {
	n := 0
	for _, r := range openers {
		if r == opener {
			break
		}
		n++
	}
	for _, r := range closers {
		if n == 0 {
			return r
		}
		n--
	}
	return -1
}

// body is a performance as Encode wrote it, right from an instant until another.
type body struct {
	from, until time.Time // until is zero when it stays right
	bytes       []byte
}

// encoded gives the document as fn writes it. It is written once for each stretch of time in which it stays the same.
func (d *doc) encoded(fn Encode, now time.Time) []byte {
	if b := d.body.Load(); b != nil && !now.Before(b.from) && (b.until.IsZero() || now.Before(b.until)) {
		return b.bytes
	}
	b := &body{from: now, until: d.p.NextBoundary(now), bytes: fn(d.p, now)}
	d.body.Store(b)
	return b.bytes
}
