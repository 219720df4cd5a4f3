package normalize

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"ticketmoa/modules/ticket"
)

// districts lists the 시군구 of every 시도 (and a few that were renamed), from the administrative map of Korea.
func districts() map[ticket.Region]string {
	return map[ticket.Region]string{
		"서울": "종로구 중구 용산구 성동구 광진구 동대문구 중랑구 성북구 강북구 도봉구 노원구 은평구 서대문구 마포구 양천구 강서구 구로구 금천구 영등포구 동작구 관악구 서초구 강남구 송파구 강동구",
		"부산": "중구 서구 동구 영도구 부산진구 동래구 남구 북구 해운대구 사하구 금정구 강서구 연제구 수영구 사상구 기장군",
		"대구": "중구 동구 서구 남구 북구 수성구 달서구 달성군 군위군",
		"인천": "중구 동구 남구 미추홀구 연수구 남동구 부평구 계양구 서구 제물포구 영종구 검단구 강화군 옹진군",
		"광주": "동구 서구 남구 북구 광산구",
		"대전": "동구 중구 서구 유성구 대덕구",
		"울산": "중구 남구 동구 북구 울주군",
		"세종": "",
		"경기": "수원시 성남시 의정부시 안양시 부천시 광명시 평택시 동두천시 안산시 고양시 과천시 구리시 남양주시 오산시 시흥시 군포시 의왕시 하남시 용인시 파주시 이천시 안성시 김포시 화성시 광주시 양주시 포천시 여주시 연천군 가평군 양평군 여주군 포천군",
		"강원": "춘천시 원주시 강릉시 동해시 태백시 속초시 삼척시 홍천군 횡성군 영월군 평창군 정선군 철원군 화천군 양구군 인제군 고성군 양양군",
		"충북": "청주시 충주시 제천시 보은군 옥천군 영동군 증평군 진천군 괴산군 음성군 단양군 청원군",
		"충남": "천안시 공주시 보령시 아산시 서산시 논산시 계룡시 당진시 금산군 부여군 서천군 청양군 홍성군 예산군 태안군 연기군 당진군",
		"전북": "전주시 군산시 익산시 정읍시 남원시 김제시 완주군 진안군 무주군 장수군 임실군 순창군 고창군 부안군",
		"전남": "목포시 여수시 순천시 나주시 광양시 담양군 곡성군 구례군 고흥군 보성군 화순군 장흥군 강진군 해남군 영암군 무안군 함평군 영광군 장성군 완도군 진도군 신안군",
		"경북": "포항시 경주시 김천시 안동시 구미시 영주시 영천시 상주시 문경시 경산시 군위군 의성군 청송군 영양군 영덕군 청도군 고령군 성주군 칠곡군 예천군 봉화군 울진군 울릉군",
		"경남": "창원시 진주시 통영시 사천시 김해시 밀양시 거제시 양산시 의령군 함안군 창녕군 고성군 남해군 하동군 산청군 함양군 거창군 합천군 마산시 진해시",
		"제주": "제주시 서귀포시",
	}
}

// provinces are the ways a 시도 is written. Short names stand alone as a word; long ones may run on.
func provinces() map[string]ticket.Region {
	m := map[string]ticket.Region{
		"서울특별시": "서울", "서울시": "서울", "부산광역시": "부산", "부산시": "부산", "부산직할시": "부산", "대구광역시": "대구", "대구시": "대구",
		"인천광역시": "인천", "인천시": "인천", "광주광역시": "광주", "대전광역시": "대전", "대전시": "대전", "울산광역시": "울산", "울산시": "울산",
		"세종특별자치시": "세종", "세종시": "세종", "경기도": "경기", "강원도": "강원", "강원특별자치도": "강원", "충청북도": "충북", "충청남도": "충남",
		"전라북도": "전북", "전북특별자치도": "전북", "전라남도": "전남", "경상북도": "경북", "경상남도": "경남", "제주도": "제주", "제주특별자치도": "제주",
	}
	for _, r := range ticket.Regions() {
		m[string(r)] = r
	}
	return m
}

// divisions answers what the name of a 시도 or 시군구 belongs to. It is built once and only read.
type divisions struct {
	provinces map[string]ticket.Region
	byLength  []string                   // the names of provinces, the longest first
	of        map[string][]ticket.Region // 시군구 → the 시도 that have one of that name
	cities    map[string][]ticket.Region // "수원", "부산" → 시도
	full      map[string]string          // "수원" → "수원시"
}

var places = newDivisions()

func newDivisions() *divisions {
	g := &divisions{provinces: provinces(), of: map[string][]ticket.Region{}, cities: map[string][]ticket.Region{}, full: map[string]string{}}
	for region, names := range districts() {
		for name := range strings.FieldsSeq(names) {
			g.of[name] = append(g.of[name], region)
			if short, ok := cityName(name); ok {
				g.cities[short] = append(g.cities[short], region)
				g.full[short] = name
			}
		}
	}
	for _, r := range ticket.Regions()[:7] { // the cities that are 시도 themselves; 세종 is a king's name on halls elsewhere
		g.cities[string(r)] = append(g.cities[string(r)], r)
	}
	for name := range g.provinces {
		g.byLength = append(g.byLength, name)
	}
	slices.SortFunc(g.byLength, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	g.cities["제주"] = []ticket.Region{"제주"}
	return g
}

// cityName is a 시 or 군 without its suffix; 구 have no name of their own that a title would use.
func cityName(name string) (string, bool) {
	for _, suffix := range []string{"시", "군"} {
		if s, ok := strings.CutSuffix(name, suffix); ok && len(s) >= 2*len("가") {
			return s, true
		}
	}
	return "", false
}

func (g *divisions) has(region ticket.Region, district string) bool {
	for _, r := range g.of[district] {
		if r == region {
			return true
		}
	}
	return false
}

var reZip = regexp.MustCompile(`^(?:[(\[]?\d{5}[)\]]?|[(\[]?\d{3}-\d{3}[)\]]?|\(우\)|우\)?|주소\s*:)\s*`)

// Region reads the 시도 and the 시군구 of an address, in all their long and short forms. A text that does not begin like
// an address gives nothing; so does a name that more than one place has ("광주" alone, "고성군").
func Region(addressOrText string) (ticket.Region, string) {
	s := strings.ReplaceAll(Text(addressOrText), ",", " ")
	s = strings.TrimPrefix(s, "대한민국 ")
	if s != "" && (s[0] < utf8.RuneSelf || strings.HasPrefix(s, "우") || strings.HasPrefix(s, "주소")) {
		s = reZip.ReplaceAllString(s, "")
	}
	words := strings.Fields(s)
	if len(words) == 0 {
		return "", ""
	}
	if region, rest, ok := places.province(words[0]); ok {
		first := words[0]
		words = words[1:]
		if rest != "" {
			words = append([]string{rest}, words...)
		}
		return places.within(region, words, first == string(region))
	}
	if words[0] == "광주시" {
		if len(words) > 1 && places.has("광주", words[1]) {
			return "광주", words[1]
		}
		return "", "" // 경기 광주시, or the old way to write 광주광역시
	}
	if rs := places.of[words[0]]; len(rs) == 1 && !strings.HasSuffix(words[0], "구") && len(words) > 1 {
		return today(rs[0], words[0])
	}
	return "", ""
}

func (g *divisions) province(word string) (region ticket.Region, rest string, ok bool) {
	if r, ok := g.provinces[word]; ok {
		return r, "", true
	}
	for _, name := range g.byLength { // 서울특별시종로구: a name that runs on into a district of its own
		if rest, found := strings.CutPrefix(word, name); found && g.has(g.provinces[name], rest) {
			return g.provinces[name], rest, true
		}
	}
	return "", "", false
}

// renamed are districts that bear another name today, by 시도 and old name.
var renamed = map[string][2]string{
	"인천 남구": {"인천", "미추홀구"}, "경남 마산시": {"경남", "창원시"}, "경남 진해시": {"경남", "창원시"}, "충북 청원군": {"충북", "청주시"}, "충남 연기군": {"세종", ""},
	"충남 당진군": {"충남", "당진시"}, "경기 여주군": {"경기", "여주시"}, "경기 포천군": {"경기", "포천시"}, "경북 군위군": {"대구", "군위군"},
}

// today gives a district the name it bears now.
func today(region ticket.Region, district string) (ticket.Region, string) {
	if now, ok := renamed[string(region)+" "+district]; ok {
		return ticket.Region(now[0]), now[1]
	}
	return region, district
}

// within reads the district behind a 시도; short tells that its short name stood there.
func (g *divisions) within(region ticket.Region, words []string, short bool) (ticket.Region, string) {
	short = short && region == "광주"
	if len(words) == 0 {
		if short {
			return "", "" // the word alone may be 경기 광주시
		}
		return region, ""
	}
	if region == "제주" && (words[0] == "특별자치도" || words[0] == "도") {
		words = words[1:]
	}
	district := ""
	if len(words) > 0 {
		switch first := words[0]; {
		case g.has(region, first):
			district = first
		case len(words) > 1 && g.has(region, first+words[1]):
			district = first + words[1]
		case g.leading(region, first) != "": // 전주시완산구
			district = g.leading(region, first)
		case short || len(g.of[first]) > 0:
			return "", "" // 광주 beside no district of its own, or a district of another 시도
		}
	}
	return today(region, district)
}

// leading is the 시 a word begins with when a 구 follows it without a blank.
func (g *divisions) leading(region ticket.Region, word string) string {
	city, gu, ok := strings.Cut(word, "시")
	if ok && strings.HasSuffix(gu, "구") && g.has(region, city+"시") {
		return city + "시"
	}
	return ""
}
