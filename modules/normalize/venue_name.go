package normalize

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// venueName is the name of a place taken apart.
type venueName struct {
	key    string   // letters and digits outside of brackets, one spelling for the ways a word is written
	words  []word   // the words the key consists of
	breaks []int    // where a word of the key ends or a script changes to Latin or digits; ascending, the last is len(key)
	inner  []string // the texts in brackets: a former name, the house around the hall
}

// word is one word of a name; from and to are its place in the key.
type word struct {
	text     string
	from, to int
}

// takeApart reads a name. It allocates little: it stands in the way of every listing.
func takeApart(name string) venueName {
	if !plain(name) {
		name = norm.NFKC.String(Text(name))
	}
	if strings.Contains(name, "자세히") {
		name = reMore.ReplaceAllString(name, "")
	}
	var v venueName
	var key strings.Builder
	key.Grow(len(name))
	v.words = make([]word, 0, 8)
	start, depth, open := -1, 0, 0
	flush := func(to int) {
		if start >= 0 {
			v.add(&key, lower(name[start:to]))
			start = -1
		}
	}
	for i, r := range name {
		switch {
		case r == '(' || r == '[' || r == '{' || r == '〔' || r == '【':
			if depth == 0 {
				flush(i)
				open = i + utf8.RuneLen(r)
			}
			depth++
		case r == ')' || r == ']' || r == '}' || r == '〕' || r == '】':
			if depth--; depth == 0 {
				v.bracket(name[open:i])
			}
			depth = max(depth, 0)
		case depth > 0:
		case letterOrDigit(r):
			if start < 0 {
				start = i
			}
		default:
			flush(i)
		}
	}
	if depth > 0 { // never closed
		v.bracket(name[open:])
	}
	flush(len(name))
	v.key = key.String()
	return v
}

// plain tells whether a text holds only what needs no folding.
func plain(s string) bool {
	for _, r := range s {
		if r >= utf8.RuneSelf && (r < '가' || r > '힣') || r < ' ' {
			return false
		}
	}
	return true
}

func letterOrDigit(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	}
	return r >= '가' && r <= '힣' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

func (v *venueName) add(key *strings.Builder, text string) {
	from := key.Len()
	spell(key, text, func() { v.breaks = append(v.breaks, key.Len()) })
	v.words = append(v.words, word{text, from, key.Len()})
	v.breaks = append(v.breaks, key.Len())
}

// bracket keeps what stands in brackets, except for signs of a company and of a house that closed.
func (v *venueName) bracket(text string) {
	if strings.ContainsAny(text, "()[]") {
		text = unbracket.Replace(text)
	}
	text = strings.TrimSpace(text)
	switch text {
	case "", "재", "사", "주", "유", "구", "폐관":
		return
	}
	v.inner = append(v.inner, text)
}

var unbracket = strings.NewReplacer("(", " ", ")", " ", "[", " ", "]", " ")

// hasMark tells whether the name carries a mark that tells places of one name apart: "부산", "킨텍스".
func (v *venueName) hasMark(mark string) bool {
	if strings.Contains(v.key, mark) {
		return true
	}
	for _, text := range v.inner {
		if _, old := former(text); !old && venueKeyOf(text) == mark {
			return true
		}
	}
	return false
}

// former takes the sign of an old name off: "구. 악스코리아", "구 마당세실극장".
func former(text string) (name string, old bool) {
	rest, found := strings.CutPrefix(text, "구")
	if !found {
		return text, false
	}
	if trimmed := strings.TrimLeft(rest, " .,:"); trimmed != rest && trimmed != "" {
		return trimmed, true
	}
	return text, false
}

// names lists the names a text in brackets holds: "구. 콘텐츠 그라운드 구. 브로드웨이아트홀" holds two.
func names(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, ",") {
		for piece := range strings.SplitSeq(part, " 구.") {
			if name, _ := former(strings.TrimSpace(piece)); name != "" {
				out = append(out, name)
			}
		}
	}
	return out
}

// venueKeyOf is the key of a text without brackets of its own.
func venueKeyOf(text string) string { return takeApart(text).key }

// latinWords are words that sellers write in Latin letters or in Hangul as they please.
var latinWords = map[string]string{
	"hall": "홀", "live": "라이브", "livehall": "라이브홀", "theater": "씨어터", "theatre": "씨어터", "dome": "돔", "kspodome": "kspo돔", "arena": "아레나",
	"square": "스퀘어", "center": "센터", "centre": "센터", "art": "아트", "arts": "아트", "arthall": "아트홀", "stage": "스테이지", "club": "클럽", "concert": "콘서트", "concerthall": "콘서트홀",
	"yes": "예스", "bexco": "벡스코", "coex": "코엑스", "kintex": "킨텍스", "exco": "엑스코", "tom": "티오엠", "lotte": "롯데", "rolling": "롤링", "opera": "오페라",
	"house": "하우스", "music": "뮤직", "studio": "스튜디오", "gallery": "갤러리", "park": "파크", "space": "스페이스", "box": "박스", "hotel": "호텔", "grand": "그랜드",
	"plaza": "플라자", "inspire": "인스파이어", "olympic": "올림픽", "signature": "시그니처", "link": "링크", "artcenter": "아트센터", "westbridge": "웨스트브릿지", "skon": "스콘",
	"nol": "놀", "ticketlink": "티켓링크", "bluesquare": "블루스퀘어", "charlotte": "샤롯데", "axkorea": "악스코리아", "musinsa": "무신사", "garage": "개러지",
}

// hangulSpelling holds the spellings of loan words that stand side by side.
var hangulSpelling = strings.NewReplacer("시어터", "씨어터", "씨어타", "씨어터", "센타", "센터", "쎈터", "센터", "써커스", "서커스", "놀유니플렉스", "유니플렉스", "인터파크유니플렉스", "유니플렉스")

// spell writes a word in its one spelling; atBreak is called where Latin letters or digits follow Hangul.
func spell(key *strings.Builder, text string, atBreak func()) {
	hangul := func(s string) {
		for _, r := range s {
			if r == '시' || r == '씨' || r == '센' || r == '쎈' || r == '써' || r == '놀' || r == '인' { // what a spelling begins with
				s = hangulSpelling.Replace(s)
				break
			}
		}
		key.WriteString(s)
	}
	for len(text) > 0 {
		n := strings.IndexFunc(text, func(r rune) bool { return r < utf8.RuneSelf })
		if n < 0 {
			hangul(text)
			return
		}
		if n > 0 {
			hangul(text[:n])
			atBreak()
			text = text[n:]
		}
		n = 0
		for n < len(text) && text[n] >= 'a' && text[n] <= 'z' {
			n++
		}
		if n == 0 {
			for n < len(text) && text[n] < utf8.RuneSelf && (text[n] < 'a' || text[n] > 'z') {
				n++
			}
			key.WriteString(text[:n])
		} else if w, ok := latinWords[text[:n]]; ok {
			key.WriteString(w)
		} else {
			key.WriteString(text[:n])
		}
		text = text[n:]
	}
}

// endsAsHall tells whether a key ends as a hall inside a house does: "…마스터카드홀", "…소공연장", "…2관".
func endsAsHall(key string) bool {
	for _, s := range hallEnds {
		if strings.HasSuffix(key, s) {
			return true
		}
	}
	return false
}

var hallEnds = []string{"홀", "극장", "공연장", "관", "씨어터", "스테이지", "무대", "강당", "전시장", "음악당", "경기장", "아레나", "광장", "룸", "스퀘어", "라운지",
	"스튜디오", "로비", "옥상", "마당", "잔디마당", "층", "아티움", "오디토리움", "하우스", "센터", "공원", "세실", "트리움", "갤러리", "스페이스", "당"}

// genericWords are what names of halls are made of. A name of nothing else belongs to many places.
var genericWords = []string{"문화예술", "예술", "문화", "회관", "시민", "구민", "군민", "도민", "아트", "홀", "센터", "소극장", "대극장", "극장", "대공연장", "소공연장", "공연장", "야외",
	"전당", "의전당", "청소년", "여성", "종합", "복지", "체육", "컨벤션", "교육", "도서관", "강당", "공원", "광장", "라이브", "콘서트", "하우스", "뮤직", "씨어터", "스튜디오", "갤러리",
	"카페", "교회", "성당", "대학교", "문예", "실내", "운동장", "경기장", "어린이", "학생", "오페라", "스테이지", "시청", "구청", "군청", "대강당", "음악", "음악당", "소", "대", "중", "수련관", "박물관", "미술관",
	"클럽", "스페이스", "공간", "원", "관", "무대", "특설", "야외무대", "호텔", "백화점", "롯데", "신세계", "현대", "갤러리아", "이마트", "홈플러스", "롯데마트", "cgv", "메가박스", "시네마", "kbs", "mbc", "sbs", "동구", "서구", "남구", "북구", "중구", "강서구"}

// generic tells whether a key is made of generic words only.
func generic(key string) bool {
	reach := make([]bool, len(key)+1)
	reach[0] = true
	for i := range key {
		if !reach[i] {
			continue
		}
		for _, w := range genericWords {
			if strings.HasPrefix(key[i:], w) {
				reach[i+len(w)] = true
			}
		}
	}
	return reach[len(key)]
}
