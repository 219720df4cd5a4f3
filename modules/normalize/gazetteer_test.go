package normalize

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ticketmoa/modules/ticket"
)

// hardHalls are facilities as KOPIS writes them: names that several places bear, renamed halls, halls abroad.
func hardHalls() []ticket.Facility {
	var out []ticket.Facility
	for line := range strings.Lines(`
K1|예술의전당 [서울]|서울|서초구
K2|광주 예술의 전당|광주|북구
K3|드림씨어터 [부산]|부산|남구
K4|드림시어터 [대학로]|서울|종로구
K5|KBS홀 [부산]|부산|수영구
K6|KBS홀 [창원]|경남|창원시
K7|KBS홀 [별관]|서울|영등포구
K8|KBS [본관]|서울|영등포구
K9|소월아트홀 (성동문화회관)|서울|성동구
K10|예스24 라이브홀 (구. 악스코리아)|서울|광진구
K11|예스24 스테이지(구. DCF대명문화공장)|서울|종로구
K12|올림픽공원|서울|송파구
K13|블루스퀘어|서울|용산구
K14|신세계 문화홀 8층 [대구]|대구|동구
K15|신세계 문화홀 [센텀시티]|부산|해운대구
K16|롯데백화점 문화홀 [평촌]|경기|안양시
K17|롯데백화점 문화홀 [대구]|대구|북구
K18|우리소극장 [대학로]|서울|종로구
K19|우리소극장 [의정부]|경기|의정부시
K20|문화예술회관|전남|무안군
K21|시민회관|경북|영주시
K22|소극장 마당 [대전]|대전|중구
K23|소극장 마당 [안양]|경기|안양시
K24|아트홀 별빛|충북|청주시
K25|아트홀 별빛|충남|천안시
K26|Zepp Osaka Bayside (오사카)||
K27|오페라하우스 [신도림]|서울|구로구
K28|대구오페라하우스|대구|북구
K29|경북대학교|대구|북구
K30|쌍둥이극장|서울|마포구
K31|쌍둥이극장|서울|마포구
K32|호암예술관|충북|충주시
K33|현대예술관|울산|동구
K34|광주북구문화센터 (양산도서관)|광주|북구
K35|갤러리아 [타임월드]|대전|서구
K36|롯데월드|서울|송파구
K37|연우소극장|서울|종로구
K38|꿈마을|경북|칠곡군
K39|플러스씨어터(구. 컬처스페이스 엔유)|서울|종로구
`) {
		f := strings.Split(strings.TrimSpace(line), "|")
		if len(f) == 4 {
			lat := 30 + float64(len(out))
			out = append(out, ticket.Facility{Key: "kopis:" + f[0], Place: ticket.Place{Name: f[1], Code: f[0],
				Region: ticket.Region(f[2]), District: f[3], Address: "주소 " + f[0], Lat: &lat, Lng: &lat}})
		}
	}
	return out
}

// hardNames are venue strings with what may be answered: region, district and the facility's code; "" for unknown.
var hardNames = []struct{ name, region, district, code string }{
	// halls inside houses, spellings, former names
	{"블루스퀘어 마스터카드홀", "서울", "용산구", "K13"}, {"블루스퀘어마스터카드홀", "서울", "용산구", "K13"}, {"블루스퀘어 (신한카드홀(구. 인터파크홀))", "서울", "용산구", "K13"},
	{"예술의전당 CJ 토월극장", "서울", "서초구", "K1"}, {"예술의 전당 CJ토월극장", "서울", "서초구", "K1"}, {"예술의전당 [서울] (CJ 토월극장)", "서울", "서초구", "K1"}, {"예술의전당", "서울", "서초구", "K1"},
	{"YES24 LIVE HALL", "서울", "광진구", "K10"}, {"예스24라이브홀", "서울", "광진구", "K10"}, {"ＹＥＳ２４ 라이브홀（구．악스코리아）", "서울", "광진구", "K10"}, {"악스코리아", "서울", "광진구", "K10"},
	{"올림픽공원 KSPO DOME(체조경기장)", "서울", "송파구", "K12"}, {"KSPO DOME", "서울", "송파구", ""}, {"KSPO돔", "서울", "송파구", ""}, {"서울 올림픽 공원 우리금융아트홀", "서울", "송파구", "K12"},
	{"컬처스페이스 엔유", "서울", "종로구", "K39"}, {"플러스 씨어터 (구. 컬처스페이스 엔유)", "서울", "종로구", "K39"}, {"연우 소극장(대학로)", "서울", "종로구", "K37"},
	{"서울 종로구 대학로12길 21 (동숭동) 예스24스테이지 1관", "서울", "종로구", "K11"}, {"소월 아트홀", "서울", "성동구", "K9"}, {"성동문화회관 소월아트홀", "서울", "성동구", "K9"},
	{"충주호암예술관", "충북", "충주시", "K32"}, {"울산 현대예술관 소공연장", "울산", "동구", "K33"},
	// names of several places
	{"광주 예술의전당 대극장", "광주", "북구", "K2"}, {"예술의 전당 [광주] (구. 광주문화예술회관) 대극장", "광주", "북구", "K2"},
	{"드림씨어터", "", "", ""}, {"부산 드림씨어터", "부산", "남구", "K3"}, {"드림씨어터 [부산]", "부산", "남구", "K3"}, {"대학로 드림시어터", "서울", "종로구", "K4"}, {"드림씨어터 부산", "부산", "남구", "K3"},
	{"KBS홀", "", "", ""}, {"KBS홀 [부산]", "부산", "수영구", "K5"}, {"창원 KBS홀", "경남", "창원시", "K6"}, {"서울 KBS홀", "서울", "영등포구", "K7"}, {"KBS [본관] KBS홀", "서울", "영등포구", "K8"},
	{"우리소극장", "", "", ""}, {"우리소극장 (의정부)", "경기", "의정부시", "K19"}, {"소극장 마당", "", "", ""}, {"소극장 마당 (대전)", "대전", "중구", "K22"}, {"안양 소극장 마당", "경기", "안양시", "K23"},
	{"아트홀 별빛", "", "", ""}, {"천안 아트홀 별빛", "충남", "천안시", "K25"}, {"쌍둥이극장", "서울", "마포구", ""},
	{"대구 신세계 8층 문화홀", "대구", "동구", ""}, {"평촌 롯데백화점 문화홀", "경기", "안양시", "K16"}, {"롯데백화점 평촌점 문화홀", "경기", "안양시", "K16"}, {"롯데백화점 문화홀", "", "", ""}, {"신세계 문화홀", "", "", ""},
	{"대구 오페라하우스", "대구", "북구", "K28"}, {"오페라하우스", "", "", ""}, {"갤러리아 백화점 명품관", "", "", ""}, {"롯데월드 어드벤처 부산", "", "", ""},
	// names that say nothing, or something else
	{"문화예술회관", "", "", ""}, {"시민회관", "", "", ""}, {"시민회관 대극장", "", "", ""}, {"문화예술회관 소공연장", "", "", ""}, {"소극장", "", "", ""}, {"대극장", "", "", ""}, {"아트홀", "", "", ""},
	{"추후공지", "", "", ""}, {"장소 추후 공지", "", "", ""}, {"미정", "", "", ""}, {"해당정보없음", "", "", ""}, {"해당정보 없음", "", "", ""}, {"TBA", "", "", ""}, {"", "", "", ""}, {"()", "", "", ""}, {"[서울]", "", "", ""},
	{"티켓링크", "", "", ""}, {"예스24", "", "", ""}, {"NOL 티켓", "", "", ""}, {"온라인", "", "", ""}, {"온라인 공연장 (예술의전당)", "", "", ""}, {"네이버TV 후원라이브", "", "", ""},
	{"영광의 무대", "", "", ""}, {"장수 극장", "", "", ""}, {"고성문화회관", "", "", ""}, {"고양이 소극장", "", "", ""}, {"고양이아트홀", "", "", ""}, {"여주인공 극장", "", "", ""}, {"영동대로 K-POP 광장", "", "", ""},
	{"광주문화예술홀", "", "", ""}, {"세종아트센터", "", "", ""}, {"Zepp Osaka Bayside", "", "", ""}, {"꿈마을 사람들", "", "", ""}, {"꿈마을 소극장", "경북", "칠곡군", "K38"},
	// universities bear the names of places they left
	{"경북대학교 대강당", "대구", "북구", "K29"}, {"경북 대학교 대강당", "대구", "북구", "K29"}, {"대구대학교 성산홀", "경북", "경산시", ""}, {"대구 가톨릭대학교", "경북", "경산시", ""}, {"전남대학교 민주마루", "광주", "북구", ""}, {"충남 대학교 정심화홀", "대전", "유성구", ""}, {"부산가톨릭대학교 홀", "", "", ""},
	// a former name's city is not the hall's
	{"양산도서관", "경남", "양산시", ""}, {"광주북구문화센터 (양산도서관) 공연장", "광주", "북구", "K34"},
}

func TestGazetteer(t *testing.T) {
	t.Parallel()
	g := NewGazetteer(hardHalls())
	for _, c := range hardNames {
		p, ok := g.Find(c.name)
		if string(p.Region) != c.region || p.District != c.district || p.Code != c.code || ok != (c.region != "") {
			t.Errorf("Find(%q) = %s %q %q %v; want %s %q %q", c.name, p.Region, p.District, p.Code, ok, c.region, c.district, c.code)
		}
		if ok != (p.Region != "") || p.Code != "" && (p.Lat == nil || p.Address != "주소 "+p.Code) || p.Code == "" && (p.Lat != nil || p.Address != "") {
			t.Errorf("Find(%q) holds %+v", c.name, p)
		}
	}
}

// TestCampuses: the branch of a university stands in the city it is named after, not where the university does.
func TestCampuses(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"전남대학교 여수캠퍼스": "전남 여수시", "전남대학교 민주마루": "광주 북구", "서울대학교 시흥캠퍼스": "경기 시흥시", "경북대학교 상주캠퍼스": "경북 상주시",
		"연세대학교 원주캠퍼스 대강당": "강원 원주시", "경상국립대 통영 캠퍼스": "경남 통영시", "인천대학교 송도캠퍼스": "인천 연수구", "중앙대학교 안성캠퍼스": "경기 안성시", "경기상상캠퍼스": "경기 수원시", "건국대학교 글로컬캠퍼스": " "} {
		region, district, _ := VenueRegion(name)
		if got := string(region) + " " + district; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestWhatTheCallerKnowsDecides: the region and the district of a listing choose between halls of one name.
func TestWhatTheCallerKnowsDecides(t *testing.T) {
	t.Parallel()
	g := NewGazetteer(hardHalls())
	for _, c := range []struct {
		name           string
		region         ticket.Region
		district, code string
	}{
		{"드림씨어터", "부산", "", "K3"}, {"드림씨어터", "서울", "", "K4"}, {"드림씨어터", "서울", "노원구", ""}, {"드림씨어터", "대구", "", ""}, {"KBS홀", "경남", "창원시", "K6"},
		{"블루스퀘어", "부산", "", ""}, {"시민회관", "경북", "", "K21"}, {"아트홀 별빛", "충남", "", "K25"}, {"쌍둥이극장", "서울", "", ""}, {"예술의전당", "광주", "", ""},
	} {
		if p, _ := g.Locate(ticket.Place{Name: c.name, Region: c.region, District: c.district}); p.Code != c.code || p.Region != "" && p.Region != c.region {
			t.Errorf("%q in %s %s: %s %q, want %q", c.name, c.region, c.district, p.Region, p.Code, c.code)
		}
	}
}

// TestTheOrderOfFacilitiesIsIrrelevant puts them in by many orders, some twice, some after another name.
func TestTheOrderOfFacilitiesIsIrrelevant(t *testing.T) {
	t.Parallel()
	facilities := hardHalls()
	first := NewGazetteer(facilities)
	for round := range uint64(20) {
		rng := rand.New(rand.NewPCG(round, 1))
		shuffled := slices.Clone(facilities)
		rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		g := NewGazetteer(nil)
		for _, f := range shuffled {
			if rng.IntN(2) == 0 {
				old := f
				old.Place.Name, old.Place.Region = shuffled[rng.IntN(len(shuffled))].Place.Name, "제주"
				g.Put(old)
			}
			g.Put(f)
		}
		for _, c := range hardNames {
			a, okA := first.Find(c.name)
			b, okB := g.Find(c.name)
			if a != b || okA != okB {
				t.Fatalf("round %d, %q: %+v %v and %+v %v", round, c.name, a, okA, b, okB)
			}
		}
	}
}

// TestAFacilityBearsOnlyOnTextsWithItsKeys: whoever asks again only for the names whose VenueText holds one of the
// FacilityKeys of a facility that came misses no answer that changed.
func TestAFacilityBearsOnlyOnTextsWithItsKeys(t *testing.T) {
	t.Parallel()
	facilities := hardHalls()
	var venues []string
	for _, c := range hardNames {
		venues = append(venues, c.name)
	}
	for _, f := range facilities {
		venues = append(venues, f.Place.Name, f.Place.Name+" 대극장", "부산 "+f.Place.Name)
	}
	with := NewGazetteer(facilities)
	for i, f := range facilities {
		without := NewGazetteer(slices.Delete(slices.Clone(facilities), i, i+1))
		keys := FacilityKeys(f)
		for _, name := range venues {
			for _, region := range []ticket.Region{"", f.Place.Region} {
				a, okA := without.Locate(ticket.Place{Name: name, Region: region})
				b, okB := with.Locate(ticket.Place{Name: name, Region: region})
				text := VenueText(name)
				if (a != b || okA != okB) && !slices.ContainsFunc(keys, func(k string) bool { return strings.Contains(text, k) }) {
					t.Errorf("%q changes the answer for %q, whose text %q holds none of %q", f.Place.Name, name, text, keys)
				}
			}
		}
	}
}

// TestTheTableOfHalls: every line names a 시도 and a 시군구 of it, and no name stands in two places.
func TestTheTableOfHalls(t *testing.T) {
	t.Parallel()
	seen := map[string]hall{}
	for _, h := range halls {
		if !slices.Contains(ticket.Regions(), h.region) || h.district == "" && h.region != "세종" || h.district != "" && !places.has(h.region, h.district) {
			t.Errorf("%q stands in %q %q", h.key, h.region, h.district)
		}
		if len([]rune(h.key)) < 2 {
			t.Errorf("%q in %s is no name", h.key, h.district)
		}
		if other, ok := seen[h.key]; ok && (other.region != h.region || other.district != h.district) {
			t.Errorf("%q stands in %s %s and in %s %s", h.key, h.region, h.district, other.region, other.district)
		}
		seen[h.key] = h
	}
}

func FuzzGazetteer(f *testing.F) {
	for _, c := range hardNames {
		f.Add(c.name, "다른 홀 [부산]")
	}
	f.Add("((", "]"+"(구.")
	f.Fuzz(func(t *testing.T, name, facility string) {
		g := NewGazetteer(hardHalls())
		before, okBefore := g.Find(name)
		added := ticket.Facility{Key: "x:1", Place: ticket.Place{Name: facility, Region: "제주", District: "제주시"}}
		g.Put(added)
		after, ok := g.Find(name)
		if ok != (after.Region != "") || after.District != "" && !places.has(after.Region, after.District) {
			t.Errorf("Find(%q) = %+v %v", name, after, ok)
		}
		if (before != after || ok != okBefore) && !slices.ContainsFunc(FacilityKeys(added), func(k string) bool { return strings.Contains(VenueText(name), k) }) {
			t.Errorf("%q changes the answer for %q unseen", facility, name)
		}
		added.Place.Name = ""
		if g.Put(added); true {
			if again, okAgain := g.Find(name); again != before || okAgain != okBefore {
				t.Errorf("Find(%q) is not what it was: %+v, %+v", name, before, again)
			}
		}
	})
}
