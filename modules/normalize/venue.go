package normalize

import (
	"regexp"
	"sort"
	"strings"

	"golang.org/x/text/unicode/norm"

	"ticketmoa/modules/ticket"
)

var (
	reMore      = regexp.MustCompile(`\s*\(?\s*자세히(?:\s*보기)?\s*\)?\s*$`)
	reCityBrack = regexp.MustCompile(`[\[(]([가-힣]{2,7})(?:\s+[가-힣]{2,4})?[\])]`)
	sellerNames = map[string]bool{"티켓링크": true, "인터파크": true, "예스24": true, "yes24": true, "멜론티켓": true, "nol티켓": true, "온라인": true}
)

// Place cleans the name of a venue. known is false when the text says that the venue is not decided yet, or names a
// seller in its stead; the text is kept as the name all the same.
func Place(raw string) (name string, known bool) {
	name = reMore.ReplaceAllString(Text(raw), "")
	if name == "" {
		return "", false
	}
	key := strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(name)), ""))
	return name, !undecided(name) && !sellerNames[key] && hasLetter(name)
}

// VenueKey is the match key of a venue: letters and digits in lower case, with a region in brackets left out, so that
// "예술의전당 [서울] (CJ 토월극장)" and "예술의전당 CJ토월극장" are the same.
func VenueKey(name string) string {
	s := strings.ToLower(norm.NFKC.String(Text(name)))
	s = reMore.ReplaceAllString(s, "")
	s = reCityBrack.ReplaceAllStringFunc(s, func(m string) string {
		word, _, _ := strings.Cut(strings.Trim(m, "[]()"), " ")
		if places.provinces[word] != "" || len(places.cities[word]) > 0 || len(places.of[word]) > 0 {
			return " "
		}
		return m
	})
	return letters(s)
}

// VenueRegion tells where a hall stands by its name alone: from a table of the biggest halls, or because the name begins
// with a city that no other place shares ("청주예술의전당", "군포문화예술회관"). ok is false when the name does not tell.
func VenueRegion(name string) (region ticket.Region, district string, ok bool) {
	if region, district = Region(name); region != "" && district != "" {
		return region, district, true
	}
	marked, markedDistrict, ambiguous := bracketed(name)
	key := VenueKey(name)
	for _, h := range halls {
		if strings.HasPrefix(key, h.key) && (marked == "" || marked == h.region) && !ambiguous {
			return h.region, h.district, true
		}
	}
	if marked != "" || ambiguous {
		return marked, markedDistrict, marked != ""
	}
	return cityVenue(Text(name))
}

// bracketed is the place a name holds in brackets: "KBS홀 [부산]", "드림씨어터 [서울 노원]". ambiguous is true for one that
// several places share.
func bracketed(name string) (region ticket.Region, district string, ambiguous bool) {
	for _, m := range reCityBrack.FindAllStringSubmatch(fold(Text(name)), -1) {
		word := m[1]
		if r := places.provinces[word]; r != "" && word != "광주" {
			return r, "", false
		}
		if r, d, ok := oneCity(word); ok {
			return r, d, false
		}
		if len(places.cities[word]) > 1 {
			return "", "", true
		}
	}
	return "", "", false
}

// publicHall is what the rest of a hall's name begins with, or holds behind a blank, when the name begins with its city:
// only then is the city meant ("화성행궁" stands in Suwon, "영동대로" in Seoul).
const publicHall = `(?:문화|예술|아트|공연|극장|회관|문예|체육|종합|실내|월드컵|경기장|야외|음악당|시청|구청|컨벤션|엑스포|콘서트|오페라|박물관|미술관|센터|홀|광장|공원|돔|전시|롯데|신세계|현대|이마트|운동장|스타디움|아레나|테마파크)`

var (
	reGlued  = regexp.MustCompile(`^(?:시|군)?(?:시립|군립|시민|도립)?` + publicHall)
	reSpaced = regexp.MustCompile(`^\s.{0,15}` + publicHall)
)

func cityVenue(name string) (ticket.Region, string, bool) {
	r := []rune(name)
	if strings.Contains(name, "대학") {
		return "", "", false // universities bear the names of cities they left
	}
	for n := min(5, len(r)); n >= 2; n-- {
		tail := string(r[n:])
		if !reGlued.MatchString(tail) && !reSpaced.MatchString(tail) {
			continue
		}
		if region, district, ok := oneCity(string(r[:n])); ok {
			return region, district, true
		}
	}
	return "", "", false
}

// oneCity is the city a word names when no other place and no common word does.
func oneCity(word string) (ticket.Region, string, bool) {
	if rs := places.of[word]; len(rs) == 1 && !strings.HasSuffix(word, "구") && word != "광주시" {
		return rs[0], word, true
	}
	if r := places.provinces[word]; r != "" && r != "광주" && len([]rune(word)) > 2 {
		return r, "", true
	}
	if doubtful[word] || word == "광주" {
		return "", "", false
	}
	rs := places.cities[word]
	if len(rs) != 1 && word != "제주" {
		return "", "", false
	}
	if d := places.full[word]; d != "" && word != "제주" {
		r, d := today(rs[0], d)
		return r, d, true
	}
	return rs[0], "", true
}

type hall struct {
	key      string
	region   ticket.Region
	district string
}

// halls is sorted so that the longest key is tried first.
var halls = hallTable()

func hallTable() []hall {
	var out []hall
	for where, names := range map[string]string{
		"서울 서초구":  "예술의전당, 한전아트센터, 흰물결아트센터, 국립국악원, 반포심산아트홀, 더케이아트홀",
		"서울 중구":   "국립극장, 충무아트센터, 충무아트홀, 장충체육관, 정동극장, 국립정동극장, 명동예술극장, 한국의집, 동대문디자인플라자, DDP",
		"서울 종로구":  "세종문화회관, 두산아트센터, 예스24스테이지, YES24스테이지, 대학로아트원씨어터, 아트원씨어터, 링크아트센터, 링크아트센터드림, 대학로예술극장, 아르코예술극장, 대학로유니플렉스, 유니플렉스, 드림아트센터, 대학로자유극장, 동숭아트센터, 대학로TOM, TOM티오엠, 플러스씨어터, 더굿씨어터, 후암씨어터, 인터파크유니플렉스, NOL유니플렉스, NOL씨어터대학로, 홍익대대학로아트센터, 서경대학교공연예술센터, 콘텐츠그라운드, 국립현대미술관서울",
		"서울 송파구":  "샤롯데씨어터, 올림픽공원, KSPO돔, KSPODOME, 우리금융아트홀, 잠실종합운동장, 잠실실내체육관, 잠실야구장, 롯데콘서트홀, 잠실학생체육관, 티켓링크라이브아레나, 핸드볼경기장",
		"서울 용산구":  "블루스퀘어, 국립중앙박물관, 용산아트홀",
		"서울 강남구":  "LG아트센터역삼, 광림아트센터, 백암아트홀, 코엑스, 섬유센터, 성암아트홀",
		"서울 강서구":  "LG아트센터서울, KBS아레나, KBS스포츠월드",
		"서울 구로구":  "디큐브아트센터, 디큐브링크아트센터, 고척스카이돔, 구로아트밸리",
		"서울 광진구":  "YES24LIVEHALL, 예스24라이브홀, YES24라이브홀, 악스코리아, 나루아트센터, 유니버설아트센터",
		"서울 성동구":  "소월아트홀, 성수아트홀, 서울숲공원",
		"서울 마포구":  "마포아트센터, 서울월드컵경기장, 무신사개러지, 롤링홀, 웨스트브릿지, 벨로주, 산울림소극장, 하나투어브이홀",
		"서울 영등포구": "KBS홀, 여의도한강공원, 영등포아트홀, 타임스퀘어, CGV신한카드아트홀, 명화라이브홀",
		"서울 성북구":  "꿈빛극장, 고려대학교화정체육관",
		"서울 강북구":  "꿈의숲아트센터, 강북문화예술회관",
		"서울 동대문구": "경희대학교평화의전당",
		"서울 서대문구": "연세대학교백주년기념관, 연세대학교노천극장, 이화여자대학교삼성홀, 서대문문화회관",
		"서울 동작구":  "중앙대학교아트센터, CTS아트홀",
		"서울 강동구":  "강동아트센터",
		"서울 노원구":  "노원문화예술회관",
		"서울 관악구":  "관악아트홀",
		"부산 해운대구": "벡스코, BEXCO, 영화의전당, 소향씨어터, 해운대문화회관",
		"부산 남구":   "드림씨어터, 부산문화회관",
		"부산 연제구":  "부산아시아드주경기장",
		"부산 동래구":  "사직실내체육관",
		"부산 동구":   "부산시민회관",
		"부산 부산진구": "소민아트센터",
		"부산 수영구":  "KBS부산홀",
		"부산 금정구":  "금정문화회관",
		"대구 북구":   "대구오페라하우스, 엑스코, EXCO",
		"대구 달서구":  "계명아트센터, 대구문화예술회관, 웃는얼굴아트센터",
		"대구 수성구":  "수성아트피아, 대구수성아트피아, 대구월드컵경기장, 대구스타디움",
		"대구 동구":   "아양아트센터, 대구아양아트센터",
		"인천 중구":   "인스파이어엔터테인먼트리조트, 인스파이어아레나, 파라다이스시티",
		"인천 남동구":  "인천문화예술회관",
		"인천 연수구":  "아트센터인천, 송도달빛축제공원, 송도컨벤시아",
		"인천 부평구":  "부평아트센터",
		"광주 서구":   "김대중컨벤션센터",
		"광주 북구":   "광주예술의전당, 광주문화예술회관",
		"광주 동구":   "국립아시아문화전당",
		"대전 서구":   "대전예술의전당",
		"대전 유성구":  "대전월드컵경기장, 대전컨벤션센터",
		"경기 고양시":  "킨텍스, KINTEX, 고양아람누리, 고양어울림누리, 고양종합운동장, 아람누리",
		"경기 성남시":  "성남아트센터, 성남아트리움",
		"경기 수원시":  "경기아트센터, 수원SK아트리움, 수원제1야외음악당, 경기도문화의전당, 정조테마공연장",
		"경기 용인시":  "용인포은아트홀, 경기국악원, 경기아트센터경기국악원",
		"경기 광주시":  "남한산성아트홀, 광주시남한산성아트홀",
		"경기 부천시":  "부천아트센터",
		"경남 김해시":  "김해문화의전당",
		"경남 창원시":  "성산아트홀, 창원컨벤션센터, 3·15아트센터, CECO",
		"경북 경주시":  "경주예술의전당, 화백컨벤션센터",
		"전북 전주시":  "한국소리문화의전당, 전북대학교삼성문화회관",
		"강원 춘천시":  "KT&G상상마당춘천",
		"세종":      "세종예술의전당",
		"제주 제주시":  "제주아트센터, 제주문예회관",
	} {
		region, district, _ := strings.Cut(where, " ")
		for n := range strings.SplitSeq(names, ",") {
			out = append(out, hall{VenueKey(n), ticket.Region(region), district})
		}
	}
	sort.Slice(out, func(i, j int) bool {
		if len(out[i].key) != len(out[j].key) {
			return len(out[i].key) > len(out[j].key)
		}
		return out[i].key < out[j].key
	})
	return out
}
