package portrait

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"ticketmoa/modules/hangul"
	"ticketmoa/modules/recommend/tfidf"
)

// lexicon is the nouns of a set of shows, found without a dictionary: a word that somewhere stands before a particle that
// only nouns take.
type lexicon struct {
	numbers map[string]int32
	text    []string
	shows   []int32 // in how many it stands
	nouny   []int32 // how often before such a particle
	last    []int32 // the show it was last counted in
	show    int32
	most    int32 // a word in more shows than that tells nothing
}

func newLexicon() *lexicon { return &lexicon{numbers: map[string]int32{}} }

// onlyNouns are particles that no verb ends like.
var onlyNouns = []string{"의", "를", "에서", "에게", "와", "과", "으로", "에서는", "처럼"}

// dull are words that stand in every text about a show.
var dull = func() map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq("공연 뮤지컬 연극 콘서트 무대 관객 작품 배우 시간 예매 티켓 공식 사람 이야기 우리 당신 그들 자신 모두 모습 하나 오늘 지금 서로 누구 이번 " +
		"최고 다시 함께 위해 대한 통해 가장 매력 감동 기회 순간 내용 시작 마지막 세계 한국 국내 대표 음악 노래 공연장 극장 출연 연출 극단 주최 주관 초연 소개 줄거리 시놉시스 " +
		"프로그램 안내 문의 할인 좌석 관람 입장 정보 여러분 때문 그것 이것 무엇 어디 속에 모든 여기 거기 한번 동안 이후 가운데 만큼 정도 호흡 움직임 창작진 제작진 아저씨 언니 오빠 주인공 등장 인물 장면 캐릭터 스토리 나라 하루 어느날 재미 웃음 눈물") {
		out[w] = true
	}
	return out
}()

// word is a word of a text as the lexicon has it; "" for one that cannot tell anything.
func word(raw string) (stem, particle string) {
	stem, _ = hangul.StripJosa(raw)
	n := utf8.RuneCountInString(stem)
	first, _ := utf8.DecodeRuneInString(stem)
	if n < 2 || n > 6 || dull[stem] || !hangul.IsSyllable(first) {
		return "", ""
	}
	return stem, raw[len(stem):]
}

func (l *lexicon) learn(text string) {
	l.show++
	tfidf.EachWord(text, func(raw string) {
		stem, particle := word(raw)
		if stem == "" {
			return
		}
		n, ok := l.numbers[stem]
		if !ok {
			n = int32(len(l.text))
			stem = strings.Clone(stem)
			l.numbers[stem] = n
			l.text, l.shows, l.nouny, l.last = append(l.text, stem), append(l.shows, 0), append(l.nouny, 0), append(l.last, 0)
		}
		if l.last[n] != l.show {
			l.last[n] = l.show
			l.shows[n]++
		}
		if slices.Contains(onlyNouns, particle) {
			l.nouny[n]++
		}
	})
}

// settle forgets every word that tells nothing: those of one show, of very many, and those that are no nouns.
func (l *lexicon) settle(shows int) {
	l.most = int32(max(shows/30, 3))
	kept := newLexicon()
	for n, w := range l.text {
		if l.shows[n] >= 2 && l.shows[n] <= l.most && l.nouny[n]*6 >= l.shows[n] {
			kept.numbers[w] = int32(len(kept.text))
			kept.text, kept.shows = append(kept.text, w), append(kept.shows, l.shows[n])
		}
	}
	*l = *kept
}

// Keyword is a noun by which a show may be told from most others: its number, doubled, and one more when the title has it.
type Keyword int32

// Keywords are those of a show, rising.
func (s *Scheme) Keywords(show *Show) []Keyword {
	found := map[int32]Keyword{}
	take := func(text string, titled Keyword) {
		tfidf.EachWord(text, func(raw string) {
			if stem, _ := word(raw); stem != "" {
				if n, ok := s.words.numbers[stem]; ok && !slices.ContainsFunc(show.Cast, func(name string) bool { return strings.Contains(fold(name), stem) }) {
					found[n] = max(found[n], Keyword(2*n)+titled)
				}
			}
		})
	}
	take(show.Title, 1)
	take(s.telling(show.Synopsis), 0)
	return slices.Sorted(maps.Values(found))
}

// Shared are up to most words that stand in both sets of keywords: first those of titles, the rarest first.
func (s *Scheme) Shared(a, b []Keyword, most int) []string {
	var both []Keyword
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch x, y := a[i]>>1, b[j]>>1; {
		case x < y:
			i++
		case x > y:
			j++
		default:
			both = append(both, max(a[i], b[j]))
			i++
			j++
		}
	}
	slices.SortFunc(both, func(x, y Keyword) int {
		return cmp.Or(cmp.Compare(y&1, x&1), cmp.Compare(s.words.shows[x>>1], s.words.shows[y>>1]), cmp.Compare(x, y))
	})
	var out []string
	for _, n := range both[:min(len(both), most)] {
		out = append(out, s.words.text[n>>1])
	}
	return out
}
