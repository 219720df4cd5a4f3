package portrait

import (
	"hash/maphash"
	"regexp"
	"strings"
	"unicode"
)

// rePlaceholder is what stands where nobody wrote anything: "상세설명이 없습니다.", "준비중입니다", "추후 공지", "-".
var rePlaceholder = regexp.MustCompile(`^(?:(?:등록된|아직|현재|해당|본|공연의|작품의)?(?:상세|작품|공연|기본|전시|상품)?(?:설명|정보|내용|소개|줄거리|시놉시스|페이지|안내)?` +
	`(?:은|는|이|가|을|를)?(?:아직|현재)?(?:등록된)?(?:내용이|정보가|설명이)?` +
	`(?:없음|없습니다|없어요|미정|미등록|준비중|준비중입니다|준비중이에요|추후공지|추후공지예정|추후공지됩니다|추후업데이트예정|추후업데이트됩니다|등록되지않았습니다|업데이트예정|업데이트예정입니다|참조|참고|를?참고하세요|을?참조하세요)` +
	`|default|null|none|n/?a|tbd|tba|test|테스트|내용)$`)

// Placeholder tells whether a text stands only where a text should.
func Placeholder(text string) bool {
	bare := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
	return bare == "" || len(bare) < 120 && rePlaceholder.MatchString(bare)
}

// A sentence that stands word for word in this many productions says nothing of any. Shorter ones than minSentence letters
// may be alike by chance and weigh little.
const (
	minShared   = 4
	minSentence = 8
)

// sentences gives the sentences and lines of a text.
func sentences(text string, fn func(sentence string)) {
	start := 0
	end := func(i int) {
		if s := strings.TrimSpace(text[start:i]); s != "" {
			fn(s)
		}
		start = i
	}
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\n', '\r':
			end(i)
		case '.', '!', '?':
			if i+1 == len(text) || text[i+1] == ' ' || text[i+1] == '\n' {
				end(i + 1)
			}
		}
	}
	end(len(text))
}

// mark is a sentence without blanks and signs, as a number; 0 for one too short to tell.
func (s *Scheme) mark(sentence string) uint64 {
	var h maphash.Hash
	h.SetSeed(s.seed)
	n := 0
	for _, r := range sentence {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			var b [4]byte
			b[0], b[1], b[2], b[3] = byte(r), byte(r>>8), byte(r>>16), byte(r>>24)
			h.Write(b[:])
			n++
		}
	}
	if n < minSentence {
		return 0
	}
	return h.Sum64()
}

// use is which productions have a sentence, until there are enough.
type use struct {
	in [minShared - 1]uint64
	n  int8
}

// shared finds the sentences that say nothing.
func (s *Scheme) shared(shows []Show) map[uint64]bool {
	uses := map[uint64]use{}
	out := map[uint64]bool{}
	for i := range shows {
		production := maphash.String(s.seed, shows[i].Production)
		if shows[i].Production == "" {
			production = maphash.String(s.seed, shows[i].Title)
		}
		sentences(shows[i].Synopsis, func(sentence string) {
			m := s.mark(sentence)
			if m == 0 || out[m] {
				return
			}
			u := uses[m]
			for _, p := range u.in[:u.n] {
				if p == production {
					return
				}
			}
			if int(u.n) == len(u.in) {
				out[m] = true
				return
			}
			u.in[u.n] = production
			u.n++
			uses[m] = u
		})
	}
	return out
}

// telling is a text without what says nothing.
func (s *Scheme) telling(text string) string {
	if Placeholder(text) {
		return ""
	}
	silent := false
	if len(s.boiler) > 0 {
		sentences(text, func(sentence string) { silent = silent || s.boiler[s.mark(sentence)] })
	}
	if !silent {
		return text
	}
	var b strings.Builder
	sentences(text, func(sentence string) {
		if !s.boiler[s.mark(sentence)] {
			b.WriteString(sentence)
			b.WriteByte('\n')
		}
	})
	if Placeholder(b.String()) {
		return ""
	}
	return b.String()
}
