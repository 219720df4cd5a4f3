package search

import (
	"ticketmoa/modules/search/gram"
	"ticketmoa/modules/ticket"
)

// label is a word by which people ask for every show of a kind, whether or not its own words say so.
type label struct {
	text string // folded
	set  bitset
}

// Words by which people ask for a genre, a tag or a seller; a region is asked for by its name.
var (
	genreWords = map[ticket.Genre][]string{ticket.Musical: {"뮤지컬", "musical"}, ticket.Play: {"연극", "play", "theater"}, ticket.Concert: {"콘서트", "concert", "공연"},
		ticket.Classical: {"클래식", "classical", "음악회", "연주회"}, ticket.Dance: {"무용", "댄스", "dance"}, ticket.Traditional: {"국악", "전통", "traditional"},
		ticket.CircusMagic: {"서커스", "마술", "circus", "magic"}, ticket.Exhibition: {"전시회", "exhibition"}, ticket.Sports: {"스포츠", "sports", "경기"}}
	tagWords = map[string][]string{ticket.TagFamily: {"가족", "어린이", "아동", "family", "kids"}, ticket.TagFestival: {"축제", "페스티벌", "festival"},
		ticket.TagFanMeeting: {"팬미팅", "fanmeeting"}}
	sellerWords = map[ticket.Seller][]string{ticket.Interpark: {"인터파크", "놀티켓", "nol", "interpark"}, ticket.YES24: {"예스24", "yes24"}, ticket.Ticketlink: {"티켓링크", "ticketlink"},
		ticket.Melon: {"멜론티켓", "melon"}}
)

// findLabels makes the labels of a segment; those nobody bears are left out.
func (s *segment) findLabels() []label {
	var out []label
	add := func(set bitset, words ...string) {
		if set.count() == 0 {
			return
		}
		for _, w := range words {
			out = append(out, label{gram.Fold(w, false), set})
		}
	}
	for i, v := range s.genre.values {
		add(s.genre.sets[i], genreWords[ticket.Genre(v)]...)
	}
	for i, v := range s.seller.values {
		add(s.seller.sets[i], sellerWords[ticket.Seller(v)]...)
	}
	for i, v := range s.region.values {
		add(s.region.sets[i], v)
	}
	for tag, words := range tagWords {
		set := newBitset(len(s.docs))
		for n := range s.docs {
			for _, t := range s.docs[n].p.Tags {
				if t == tag {
					set.set(uint32(n))
				}
			}
		}
		add(set, words...)
	}
	return out
}

// bears is the documents with a label that holds the word, in sc; nil when no label does.
func (s *segment) bears(w word, sc *scratch) bitset {
	var out bitset
	for _, t := range w {
		sc.some, _ = t.Candidates(s.labelled, len(s.labels), &sc.gram, sc.some[:0])
		for _, i := range sc.some {
			if at, _ := t.Find(s.labels[i].text); at < 0 {
				continue
			}
			if out == nil {
				out = cleared(&sc.labels, len(s.docs))
			}
			out.or(s.labels[i].set)
		}
	}
	return out
}

// tableOf is what the labels are looked up in.
func tableOf(labels []label) *gram.Table {
	b := gram.NewBuilder(true, len(labels), 12*len(labels))
	for _, l := range labels {
		b.Add(l.text)
	}
	return b.Table()
}
