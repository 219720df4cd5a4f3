package normalize

import (
	"strings"
	"unicode/utf8"

	"ticketmoa/modules/ticket"
)

// regionSet is a set of 시도, a bit for each in the order of ticket.Regions.
type regionSet uint32

const (
	everywhere regionSet = 1<<17 - 1
	abroad     regionSet = 1 << 17
)

var regionBits = func() map[ticket.Region]regionSet {
	m := map[ticket.Region]regionSet{}
	for i, r := range ticket.Regions() {
		m[r] = 1 << i
	}
	return m
}()

// bitOf is the set of one region; a place without one stands abroad.
func bitOf(r ticket.Region) regionSet {
	if b := regionBits[r]; b != 0 {
		return b
	}
	return abroad
}

// one is the region of a set that holds exactly one.
func (s regionSet) one() (ticket.Region, bool) {
	for i, r := range ticket.Regions() {
		if s == 1<<i {
			return r, true
		}
	}
	return "", false
}

// hint is what one word of a name says of the place.
type hint struct {
	regions  regionSet
	district string // "" when the word names none
	quarter  bool   // a part of a city; only in sureQuarters it is sure
	sure     bool   // standing first or in brackets, the word is an answer by itself
	guarded  bool   // a word of its own too: it counts only in brackets ("영광", "고성")
	from, to int    // where the word stands in the key; to 0: beside it
}

// over tells whether the hint's word is part of key[s:e] and so of the name found there.
func (h hint) over(s, e int) bool { return h.to > 0 && h.from >= s && h.to <= e }

// neighbourhoods are parts of cities that stand before or behind the names of halls. They choose between halls of one
// name; only those in sureQuarters are an answer by themselves.
var neighbourhoods = map[ticket.Region]string{
	"서울": "대학로 홍대 합정 명동 이태원 압구정 청담 여의도 잠실 상암",
	"경기": "평촌 일산 분당 판교 동탄 광교", "부산": "센텀시티 광안리", "인천": "송도 청라", "광주": "상무지구", "대구": "동성로",
}

var sureQuarters = map[string]bool{"대학로": true, "홍대": true}

// hintWords holds the words that say where a place is.
var hintWords = hintTable()

func hintTable() map[string]hint {
	m := map[string]hint{}
	for word, regions := range places.cities {
		h := hint{guarded: doubtful[word]}
		for _, r := range regions {
			h.regions |= bitOf(r)
		}
		if r, d, ok := oneCity(word); ok {
			h.regions, h.district = bitOf(r), d
			if places.provinces[word] != "" {
				h.district = ""
			}
		}
		m[word] = h
	}
	for word, regions := range places.of {
		if !strings.HasSuffix(word, "구") && len(regions) == 1 {
			r, d := today(regions[0], word)
			m[word] = hint{regions: bitOf(r), district: d}
		}
	}
	for word, r := range places.provinces {
		m[word] = hint{regions: bitOf(r), sure: true}
	}
	both := bitOf("광주") | bitOf("경기")
	m["광주"], m["광주시"] = hint{regions: both}, hint{regions: both}
	m["경기광주"] = hint{regions: bitOf("경기"), district: "광주시", sure: true}
	m["세종"] = hint{regions: bitOf("세종"), guarded: true} // a king's name on halls elsewhere
	for r, names := range neighbourhoods {
		for name := range strings.FieldsSeq(names) {
			m[name] = hint{regions: bitOf(r), quarter: true, sure: sureQuarters[name]}
		}
	}
	return m
}

// hints reads the words of a name, its brackets, and the place the caller knows already.
func (v *venueName) hints(name string, known ticket.Place) (out []hint, address bool) {
	if known.Region != "" {
		out = append(out, hint{regions: bitOf(known.Region), district: known.District, sure: true})
	}
	if v.mayBeAddress(name) {
		if region, district := Region(name); district != "" {
			address = true
			out = append(out, hint{regions: bitOf(region), district: district, sure: true})
		}
	}
	leading, university := true, ofUniversity(name)
	for i, w := range v.words {
		h, ok := hintWords[w.text]
		if ok && i+1 < len(v.words) && strings.HasPrefix(v.words[i+1].text, "대학") && v.words[i+1].text != "대학로" {
			ok = false // universities bear the names of cities they left
		}
		if w.text == "세종" && leading && i+1 < len(v.words) && streetOf(v.words[i+1].text) {
			h.guarded, h.sure = false, true
		}
		if ok && !h.guarded {
			h.from, h.to, h.sure = w.from, w.to, h.sure && leading && !university
			out = append(out, h)
			continue
		}
		if !leading || !divided(w.text) {
			leading = false
		}
	}
	for _, text := range v.inner {
		out = append(out, bracketHints(text)...)
	}
	return out, address
}

// streetOf tells whether a word is a part of a town, as it follows 세종, which has no 시군구: "나성동", "한누리대로".
func streetOf(word string) bool {
	for _, end := range []string{"동", "읍", "면", "로", "길"} {
		if strings.HasSuffix(word, end) && len(word) >= 3*len("가") {
			return true
		}
	}
	return false
}

// ofUniversity tells whether a name speaks of a university; the street of theatres does not.
func ofUniversity(name string) bool {
	for {
		_, rest, found := strings.Cut(name, "대학")
		if !found || !strings.HasPrefix(rest, "로") {
			return found
		}
		name = rest
	}
}

// mayBeAddress spares the names that cannot be one the reading: an address begins with a place, a number or a sign.
func (v *venueName) mayBeAddress(name string) bool {
	first := v.words[0].text
	if _, ok := hintWords[first]; ok || name[0] < utf8.RuneSelf || len(first) >= 6*len("가") {
		return true
	}
	if len(first) >= 2*len("가") && places.provinces[first[:2*len("가")]] != "" { // 대구북구
		return true
	}
	return strings.HasPrefix(first, "대한민국") || strings.HasPrefix(first, "우") || strings.HasPrefix(first, "주소")
}

// divided tells whether a word is a 시군구, which may stand between a 시도 and a name.
func divided(word string) bool { return len(places.of[word]) > 0 }

// bracketHints reads a text in brackets whose first word says where: "부산", "서울 노원", "대학로 스타시티 7층".
func bracketHints(text string) []hint {
	first, rest, _ := strings.Cut(text, " ")
	h, ok := hintWords[first]
	if !ok || strings.HasPrefix(rest, "대학") {
		return nil
	}
	h.sure, h.from, h.to = h.sure || !h.quarter, 0, 0
	out := []hint{h}
	region, single := h.regions.one()
	if !single {
		return out
	}
	for _, suffix := range []string{"구", "시", "군", ""} {
		if d := strings.TrimSpace(rest) + suffix; places.has(region, d) {
			out = append(out, hint{regions: h.regions, district: d, sure: true})
			break
		}
	}
	return out
}

// agreed is what the hints that do not stand within key[s:e] leave: the regions they all allow, and a district when one
// of them names it.
func agreed(hints []hint, s, e int) (regions regionSet, district string) {
	regions = everywhere
	for _, h := range hints {
		if h.over(s, e) {
			continue
		}
		regions &= h.regions
		if h.district != "" {
			district = h.district
		}
	}
	return regions, district
}

// publicWords stand at the beginning of what follows a city's name in the name of a hall of that city, or end the word.
var publicWords = []string{"문화", "예술", "아트", "공연", "극장", "회관", "문예", "체육", "종합", "실내", "월드컵", "경기장", "야외", "음악당", "시청", "구청", "컨벤션", "엑스포", "콘서트",
	"오페라", "박물관", "미술관", "센터", "홀", "광장", "공원", "돔", "전시", "롯데", "신세계", "현대", "이마트", "운동장", "스타디움", "아레나", "테마파크", "청소년", "여성", "학생", "어린이", "평생학습",
	"과학관", "도서관", "시민", "군민", "구민", "교육", "국제", "한벽", "국악", "민속", "향교", "중앙", "방송", "상공회의소"}

// publicEnds end the name of a public hall; a few syllables may stand between them and the city: "전주한벽문화관".
var publicEnds = []string{"문화회관", "예술회관", "문화관", "문화센터", "문화의전당", "예술의전당", "아트홀", "예술관", "문예회관", "체육관", "체육센터", "시민회관", "군민회관", "수련관", "과학관", "문화원",
	"국악원", "경기장", "아트센터", "해수욕장", "컨벤션센터", "문예의전당", "음악창작소"}

// notCities are words that begin like a city.
var notCities = []string{"고양이", "여주인", "화성인", "화성행궁", "진주목", "동해바다", "태백산", "대전차", "영주권", "상주단체", "인제야", "사천왕", "이천사", "김제동", "무안단물", "안동찜", "전주곡", "수원지", "서울대", "부산대", "원주율", "안성기", "하남시장"}

// cityVenue reads the city a name begins with when what follows says that the hall is one of that city.
func cityVenue(name string) (ticket.Region, string, bool) {
	if ofUniversity(name) {
		return "", "", false // universities bear the names of cities they left
	}
	for _, w := range notCities {
		if strings.HasPrefix(name, w) {
			return "", "", false
		}
	}
	ends := [6]int{}
	n := 0
	for i := range name {
		if n > 0 && n < len(ends) {
			ends[n] = i
		}
		n++
	}
	for k := min(5, n-1); k >= 2; k-- {
		if k >= len(ends) || ends[k] == 0 {
			continue
		}
		head, tail := name[:ends[k]], name[ends[k]:]
		if region, district, ok := cityHead(head); ok && publicTail(tail) {
			return region, district, true
		}
	}
	return "", "", false
}

// cityHead is the city, county or 구 a name begins with; only those that nothing else shares.
func cityHead(head string) (ticket.Region, string, bool) {
	if region, district, ok := oneCity(head); ok {
		return region, district, true
	}
	gu := head
	if !strings.HasSuffix(gu, "구") {
		gu += "구"
	}
	if rs := places.of[gu]; len(rs) == 1 && utf8.RuneCountInString(gu) > 2 && !commonGu[gu] {
		return rs[0], gu, true
	}
	return "", "", false
}

// commonGu are 구 whose names are words or other places' too.
var commonGu = map[string]bool{"수영구": true, "사상구": true, "연수구": true, "광산구": true, "유성구": true, "강남구": true, "검단구": true, "영종구": true, "제물포구": true, "대덕구": true, "남동구": true}

// publicTail judges what follows a city: a public word at once, one within 15 letters behind a blank, or a few syllables
// that a public house ends.
func publicTail(tail string) bool {
	for _, s := range []string{"시", "군", "구"} {
		if rest, ok := strings.CutPrefix(tail, s); ok && publicStart(rest) {
			return true
		}
	}
	if publicStart(tail) {
		return true
	}
	word, rest, spaced := strings.Cut(tail, " ")
	if word == "" && spaced {
		if r := []rune(rest); len(r) > 20 {
			rest = string(r[:20])
		}
		for _, w := range publicWords {
			if strings.Contains(rest, w) {
				return true
			}
		}
		return false
	}
	for _, end := range publicEnds {
		if mid, ok := strings.CutSuffix(word, end); ok && utf8.RuneCountInString(mid) <= 5 {
			return true
		}
	}
	return false
}

func publicStart(s string) bool {
	for _, own := range []string{"시립", "군립", "도립"} {
		s = strings.TrimPrefix(s, own)
	}
	for _, w := range publicWords {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return false
}
