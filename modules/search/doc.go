package search

import (
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

func newEntry(p *ticket.Performance, views int64) entry {
	e := entry{p: p, views: views}
	var people, story strings.Builder
	for i, m := range p.Cast {
		if i > 0 {
			people.WriteByte(gram.Part)
		}
		people.WriteString(m.Name)
		if m.Role != "" {
			story.WriteString(m.Role)
			story.WriteByte(gram.Part)
		}
	}
	story.WriteString(p.Synopsis)
	if p.StripText != "" {
		story.WriteByte(gram.Part)
		story.WriteString(p.StripText)
	}
	e.texts = [fields]string{foldTitles(p), gram.Fold(people.String(), false), gram.Fold(p.Place.Name+"\x00"+spoken(p.Place.Name)+"\x00"+p.Place.District+"\x00"+otherSellers(p), false),
		gram.Fold(story.String(), true)}
	return e
}

// otherSellers are the names of those sellers that are nobody's label.
func otherSellers(p *ticket.Performance) string {
	var out strings.Builder
	for _, o := range p.Offers {
		if o.Seller == ticket.OtherSeller {
			out.WriteString(o.SellerName + "\x00")
		}
	}
	return out.String()
}

// foldTitles writes the title, what sellers call it, and the names within them, each once.
func foldTitles(p *ticket.Performance) string {
	var out strings.Builder
	seen := make([]string, 0, 8)
	add := func(s string) {
		f := gram.Fold(s, false)
		if f == "" {
			return
		}
		for _, other := range seen {
			if other == f {
				return
			}
		}
		seen = append(seen, f)
		if out.Len() > 0 {
			out.WriteByte(gram.Part)
		}
		out.WriteString(f)
	}
	names := func(title string) {
		for _, n := range append(innerNames(title), title) {
			add(n)
			add(spoken(n))
		}
	}
	names(p.Title)
	for i, o := range p.Offers {
		if i < mostOffers && o.Title != p.Title {
			names(o.Title)
		}
	}
	return out.String()
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
// bracket, colon or dash, and either without the word for its kind: 시라노 of "뮤지컬 〈시라노〉 - 대구". It is a rough cut of what
// normalize.Title and Forms know: those take a hundred times as long, which every start would pay for every show.
func innerNames(title string) []string {
	var out []string
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
