package search

import (
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
	inPlace         // venue, district, region, genre, tags, seller
	inStory         // synopsis and roles
	fields
)

// doc is one performance with what queries compare. It is shared by all snapshots in which the performance is the same.
type doc struct {
	p     *ticket.Performance
	views int64 // how much it is looked at
	texts [fields]string

	body atomic.Pointer[body] // once somebody asked for it
}

func newDoc(p *ticket.Performance, views int64) *doc {
	d := &doc{p: p, views: views}
	d.texts[inTitle] = foldTitles(p)
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
	d.texts[inPeople] = gram.Fold(people.String(), false)
	d.texts[inPlace] = gram.Fold(facts(p), false)
	d.texts[inStory] = gram.Fold(story.String(), true)
	return d
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
		add(title)
		for _, n := range innerNames(title) {
			add(n)
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
// bracket, colon or dash, and either without the word for its kind: 시라노 of "뮤지컬 〈시라노〉 - 대구".
func innerNames(title string) []string {
	var out []string
	head := title
	if i := strings.IndexAny(title, openers+":-–—"); i > 0 {
		head = title[:i]
		out = append(out, head)
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

// words by which people ask for a genre, a tag or a seller.
var (
	genreWords = map[ticket.Genre]string{ticket.Musical: "뮤지컬\x00musical", ticket.Play: "연극\x00play\x00theater", ticket.Concert: "콘서트\x00concert\x00공연",
		ticket.Classical: "클래식\x00classical\x00음악회\x00연주회", ticket.Dance: "무용\x00댄스\x00dance", ticket.Traditional: "국악\x00전통\x00traditional",
		ticket.CircusMagic: "서커스\x00마술\x00circus\x00magic", ticket.Exhibition: "전시\x00전시회\x00exhibition", ticket.Sports: "스포츠\x00sports\x00경기", ticket.OtherGenre: "기타"}
	tagWords = map[string]string{ticket.TagFamily: "가족\x00어린이\x00아동\x00family\x00kids", ticket.TagFestival: "축제\x00페스티벌\x00festival",
		ticket.TagFanMeeting: "팬미팅\x00fanmeeting"}
	sellerWords = map[ticket.Seller]string{ticket.Interpark: "인터파크\x00놀\x00nol\x00interpark", ticket.YES24: "예스24\x00yes24", ticket.Ticketlink: "티켓링크\x00ticketlink", ticket.Melon: "멜론\x00melon"}
)

func facts(p *ticket.Performance) string {
	parts := []string{p.Place.Name, string(p.Place.Region), p.Place.District, genreWords[p.Genre]}
	for _, t := range p.Tags {
		parts = append(parts, tagWords[t])
	}
	for _, o := range p.Offers {
		if w := sellerWords[o.Seller]; w != "" {
			parts = append(parts, w)
		} else if o.SellerName != "" {
			parts = append(parts, o.SellerName)
		}
	}
	return strings.Join(parts, "\x00")
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
