package normalize

import (
	"slices"
	"testing"
	"unicode/utf8"

	"ticketmoa/modules/ticket"
)

func TestTitle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		raw, clean, show, core, city string
		round                        int
		exclusive                    bool
	}{
		{raw: "뮤지컬 <시라노>\u200b 3차 티켓오픈 안내", clean: "뮤지컬 <시라노> 3차", show: "뮤지컬 <시라노>", core: "시라노", round: 3},
		{raw: "[굿바이 할인 50%] 연극 〈의자〉", clean: "연극 〈의자〉", core: "의자"},
		{raw: "[소비쿠폰 특가]뮤지컬 <등대>", clean: "뮤지컬 <등대>", core: "등대"},
		{raw: "[팬클럽] 2026 겨울바다 콘서트", clean: "2026 겨울바다 콘서트", core: "겨울바다콘서트"},
		{raw: "[할인] 50%", clean: "[할인] 50%", core: "할인50"},
		{raw: "연극 의자 (대학로)", clean: "연극 의자 (대학로)", core: "의자"},
		{raw: "뮤지컬 〈시라노〉", clean: "뮤지컬 〈시라노〉", core: "시라노"},
		{raw: "시라노 [서울]", clean: "시라노 [서울]", core: "시라노", city: "서울"},
		{raw: "뮤지컬 <시라노>", clean: "뮤지컬 <시라노>", core: "시라노"},
		{raw: "[대구] 뮤지컬 시라노", clean: "[대구] 뮤지컬 시라노", core: "시라노", city: "대구"},
		{raw: "［부산］뮤지컬 시라노", clean: "［부산］뮤지컬 시라노", core: "시라노", city: "부산"},
		{raw: "시라노 [대구]", clean: "시라노 [대구]", core: "시라노", city: "대구"},
		{raw: "뮤지컬 시라노 - 대구", clean: "뮤지컬 시라노 - 대구", core: "시라노", city: "대구"},
		{raw: "뮤지컬 〈렌트〉", clean: "뮤지컬 〈렌트〉", core: "렌트"},
		{raw: "［NOL 스페셜 스테이지］ 뮤지컬 〈렌트〉", clean: "［NOL 스페셜 스테이지］ 뮤지컬 〈렌트〉", core: "렌트"},
		{raw: "2024 FC 온라인 eK리그 챔피언십 시즌 1", clean: "2024 FC 온라인 eK리그 챔피언십 시즌 1", core: "fc온라인ek리그챔피언십시즌1"},
		{raw: "뮤지컬 시라노 2차 티켓오픈", clean: "뮤지컬 시라노 2차", show: "뮤지컬 시라노", core: "시라노", round: 2},
		{raw: "뮤지컬 [시라노]", clean: "뮤지컬 [시라노]", core: "시라노"},
		{raw: "뮤지컬 시라노 2차 - 부산 티켓오픈 안내", clean: "뮤지컬 시라노 2차 - 부산", show: "뮤지컬 시라노 - 부산", core: "시라노", city: "부산", round: 2},
		{raw: "<b>[단독판매]</b> [피처링_트랙 8] 연극 <보이즈 인 더 밴드> \u200b티켓오픈 안내", clean: "[피처링_트랙 8] 연극 <보이즈 인 더 밴드>", core: "보이즈인더밴드", exclusive: true},
		{raw: "［대구］뮤지컬 번개맨 시즌2 <번개맨!VS번개맨?>", clean: "［대구］뮤지컬 번개맨 시즌2 <번개맨!VS번개맨?>", core: "번개맨시즌2번개맨vs번개맨", city: "대구"},
		{raw: "이승환 35주년 콘서트 < HEAVEN > - 청주\u200b", clean: "이승환 35주년 콘서트 < HEAVEN > - 청주", core: "이승환35주년콘서트heaven", city: "청주"},
		{raw: "2024 2am Concert <2am is coming to town>-Uiseong", clean: "2024 2am Concert <2am is coming to town>-Uiseong", core: "2amconcert2amiscomingtotown", city: "의성"},
		{raw: "2015 이준기 생일파티 팬미팅 예매오픈", clean: "2015 이준기 생일파티 팬미팅", core: "이준기생일파티팬미팅"},
		{raw: "대구 - 2024 THE HYPER DAY (더하이퍼데이)", clean: "대구 - 2024 THE HYPER DAY (더하이퍼데이)", core: "thehyperday더하이퍼데이", city: "대구"},
		{raw: "2024 PEPPERTONES CONCERT 〈Party Plenty〉 in 서울", clean: "2024 PEPPERTONES CONCERT 〈Party Plenty〉 in 서울", core: "peppertonesconcertpartyplenty", city: "서울"},
		{raw: "자우림 단독 콘서트 ［ MIDNIGHT EXPRESS 2024-2025 ］", clean: "자우림 단독 콘서트 ［ MIDNIGHT EXPRESS 2024-2025 ］", core: "자우림단독콘서트midnightexpress20242025"},
		{raw: "2015 뮤지컬 드림걸즈 3차티켓 예매오픈", clean: "2015 뮤지컬 드림걸즈 3차", show: "2015 뮤지컬 드림걸즈", core: "드림걸즈", round: 3},
		{raw: "뮤지컬 < Through the Door > 마지막 예매오픈", clean: "뮤지컬 < Through the Door > 마지막", show: "뮤지컬 < Through the Door >", core: "throughthedoor"},
		{raw: "토토즐 슈퍼콘서트 대전공연 예매오픈", clean: "토토즐 슈퍼콘서트 대전공연", core: "토토즐슈퍼콘서트", city: "대전"},
		{raw: "[공지]대구연극_해질역 예매오픈", clean: "대구연극_해질역", core: "대구연극해질역"},
		{raw: "2015 안산M밸리록페스티벌 4차 라인업발표 및 티켓오픈 안내", clean: "2015 안산M밸리록페스티벌", core: "안산m밸리록페스티벌"},
		{raw: "<뽀로로와 댄스댄스> 예매오픈 안내", clean: "<뽀로로와 댄스댄스>", core: "뽀로로와댄스댄스"},
		{raw: "&lt;1월의 봄 &gt; 콘서트 – 군포", clean: "<1월의 봄 > 콘서트 – 군포", core: "1월의봄콘서트", city: "군포"},
		{raw: "연극 <1984>", clean: "연극 <1984>", core: "1984"}, {raw: "연극 1984", clean: "연극 1984", core: "1984"}, {raw: "1919 [화성]", clean: "1919 [화성]", core: "1919", city: "화성"},
		{raw: "뮤지컬 <A>", clean: "뮤지컬 <A>", core: "a"}, {raw: "티켓오픈 안내", clean: "티켓오픈 안내", core: "티켓오픈안내"}, {raw: "", clean: "", core: ""},
		{raw: "뮤지컬 <레드북> 2차 티켓 오픈 안내 (12/3 오후 2시)", clean: "뮤지컬 <레드북> 2차", show: "뮤지컬 <레드북>", core: "레드북", round: 2},
		{raw: "뮤지컬 <레드북> 3차 오픈 안내", clean: "뮤지컬 <레드북> 3차", show: "뮤지컬 <레드북>", core: "레드북", round: 3},
		{raw: "뮤지컬 <레드북> 티켓오픈 안내 - 서울", clean: "뮤지컬 <레드북> - 서울", core: "레드북", city: "서울"},
		{raw: "뮤지컬 <레드북> 티켓오픈 일정 변경 안내", clean: "뮤지컬 <레드북>", core: "레드북"},
		{raw: "고흐의 방 - 영광", clean: "고흐의 방 - 영광", core: "고흐의방영광"}, // a word before it is a city
	} {
		if c.show == "" {
			c.show = c.clean
		}
		got := Title(c.raw)
		if got.Clean != c.clean || got.Show != c.show || got.Core != c.core || got.City != c.city || got.Round != c.round || got.Exclusive != c.exclusive {
			t.Errorf("Title(%q)\n got %+v\nwant %+v", c.raw, got, c)
		}
	}
	if got := Title("[단독판매] 가 [NOL 단독판매]"); !slices.Equal(got.Badges, []string{"단독판매", "NOL 단독판매"}) || got.Clean != "가" {
		t.Errorf("%+v", got)
	}
}

func FuzzTitle(f *testing.F) {
	for _, s := range []string{"뮤지컬 <시라노>\u200b 3차 티켓오픈 안내", "<b>[단독판매]</b> 가", "［대구］뮤지컬", "2024 2am Concert <2am>-Uiseong", "3차", "[2024]", "<b <b></b>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		p := Title(raw)
		for _, s := range []string{p.Clean, p.Show, p.Core, p.City} {
			if !utf8.ValidString(s) || s != Text(s) {
				t.Errorf("Title(%q) holds %q", raw, s)
			}
		}
		if p.Round < 0 || p.Round > 99 || p.Core == "" && hasLetter(p.Show) {
			t.Errorf("Title(%q) = %+v", raw, p)
		}
	})
}

func TestRegion(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string][2]string{
		"서울특별시 종로구 대학로12길 21": {"서울", "종로구"}, "서울 종로구 대학로12길 21 (동숭동) 예스24스테이지 1관": {"서울", "종로구"}, "서울시 강남구": {"서울", "강남구"}, "서울특별시종로구 세종대로": {"서울", "종로구"},
		"경기도 광주시 역동": {"경기", "광주시"}, "광주광역시 북구": {"광주", "북구"}, "광주시 북구": {"광주", "북구"}, "광주 동구 금남로": {"광주", "동구"}, "광주광역시": {"광주", ""},
		"전북특별자치도 전주시 덕진구": {"전북", "전주시"}, "전라북도 전주시완산구": {"전북", "전주시"}, "강원특별자치도 고성군": {"강원", "고성군"}, "경상남도 고성군": {"경남", "고성군"}, "강원도": {"강원", ""},
		"세종특별자치시 한누리대로": {"세종", ""}, "경기 수원시 팔달구": {"경기", "수원시"}, "수원시 팔달구 인계동": {"경기", "수원시"}, "제주특별자치도 제주시 오남로": {"제주", "제주시"}, "충청남도 천안시 동남구": {"충남", "천안시"},
		"경상북도 포항시 북구": {"경북", "포항시"}, "전라남도 순천시": {"전남", "순천시"}, "충청북도": {"충북", ""}, "인천광역시 중구 공항문화로 127 (운서동)": {"인천", "중구"}, "인천광역시 남구 매소홀로": {"인천", "미추홀구"}, "경상북도 군위군 군위읍": {"대구", "군위군"},
		"(03086) 서울 종로구": {"서울", "종로구"}, "부산": {"부산", ""}, "대구 신세계 8층 문화홀": {"대구", ""},
		"경기장": {}, "광주": {}, "광주 남한산성아트홀": {}, "광주시 역동": {}, "고성군 간성읍": {}, "경기 강남구": {}, "예술의전당": {}, "": {}, "올림픽공원 올림픽홀": {}, "중구 다산로": {}, "서울대학교 문화관": {}, "일본 도쿄": {},
	} {
		if region, district := Region(raw); string(region) != want[0] || district != want[1] {
			t.Errorf("Region(%q) = %q %q, want %q", raw, region, district, want)
		}
	}
}

func FuzzRegion(f *testing.F) {
	for _, s := range []string{"서울특별시 종로구 대학로", "경기도 광주시", "광주", "(03086) 서울 종로구", "KBS홀 [부산]", "화성행궁 광장"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		for name, fn := range map[string]func(string) (ticket.Region, string){
			"Region": Region, "VenueRegion": func(s string) (ticket.Region, string) { r, d, _ := VenueRegion(s); return r, d },
		} {
			region, district := fn(raw)
			if region != "" && !slices.Contains(ticket.Regions(), region) || district != "" && !places.has(region, district) {
				t.Errorf("%s(%q) = %q %q", name, raw, region, district)
			}
		}
		if key := VenueKey(raw); !utf8.ValidString(key) || key != letters(key) {
			t.Errorf("VenueKey(%q) = %q", raw, key)
		}
	})
}

func TestVenue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, place string
		known       bool
		region      ticket.Region
		district    string
	}{
		{"예술의전당 CJ토월극장", "예술의전당 CJ토월극장", true, "서울", "서초구"}, {"블루스퀘어 마스터카드홀 (자세히)", "블루스퀘어 마스터카드홀", true, "서울", "용산구"},
		{"후암씨어터 (대학로 스타시티 7층)", "후암씨어터 (대학로 스타시티 7층)", true, "서울", "종로구"}, {"청주예술의전당 대공연장", "청주예술의전당 대공연장", true, "충북", "청주시"},
		{"군포문화예술회관 수리홀", "군포문화예술회관 수리홀", true, "경기", "군포시"}, {"용인시문예회관 처인홀", "용인시문예회관 처인홀", true, "경기", "용인시"}, {"고양시문예회관 (고양시청)", "고양시문예회관 (고양시청)", true, "경기", "고양시"},
		{"대구 신세계 8층 문화홀", "대구 신세계 8층 문화홀", true, "대구", "동구"}, {"대구 아양아트센터 아양홀", "대구 아양아트센터 아양홀", true, "대구", "동구"}, {"마산문화예술센터", "마산문화예술센터", true, "경남", "창원시"},
		{"KBS홀 [부산]", "KBS홀 [부산]", true, "부산", ""}, {"드림씨어터 라이브홀 [서울 노원]", "드림씨어터 라이브홀 [서울 노원]", true, "서울", "노원구"}, {"예술의 전당 [광주]", "예술의 전당 [광주]", true, "광주", "북구"},
		{"광주예술의전당 대극장", "광주예술의전당 대극장", true, "광주", "북구"}, {"남한산성아트홀", "남한산성아트홀", true, "경기", "광주시"},
		{"화성행궁 광장", "화성행궁 광장", true, "경기", "수원시"}, {"영동대로 K-POP 광장", "영동대로 K-POP 광장", true, "", ""}, {"세종문화회관 대극장", "세종문화회관 대극장", true, "서울", "종로구"}, {"세종아트센터", "세종아트센터", true, "", ""},
		{"고성문화회관", "고성문화회관", true, "", ""}, {"광주 문화예술홀", "광주 문화예술홀", true, "", ""}, {"창원대학교 콘서트홀", "창원대학교 콘서트홀", true, "경남", "창원시"}, {"달빛소극장", "달빛소극장", true, "", ""},
		{"추후공지", "추후공지", false, "", ""}, {"미정", "미정", false, "", ""}, {"티켓링크 ", "티켓링크", false, "", ""}, {"", "", false, "", ""},
	} {
		if place, known := Place(c.name); place != c.place || known != c.known {
			t.Errorf("Place(%q) = %q %v", c.name, place, known)
		}
		if region, district, ok := VenueRegion(c.name); region != c.region || district != c.district || ok != (c.region != "") {
			t.Errorf("VenueRegion(%q) = %q %q %v", c.name, region, district, ok)
		}
	}
	if a, b := VenueKey("예술의전당 [서울] (CJ 토월극장)"), VenueKey("예술의전당 CJ토월극장"); a != b || a != "예술의전당cj토월극장" {
		t.Errorf("%q %q", a, b)
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string][2]string{
		"http://ticket.interpark.com/Ticket/Goods/GoodsInfo.asp?GoodsCode=26003199 ": {"interpark", "26003199"}, "https://tickets.interpark.com/goods/L0000142": {"interpark", "L0000142"},
		"https://nol.yanolja.com/ticket/products/26001234": {"interpark", "26001234"}, "https://tickets.interpark.com/contents/bridge/24010728": {"interpark", "24010728"},
		"http://ticket.yes24.com/Perf/50551": {"yes24", "50551"}, "https://ticket.yes24.com/Pages/Perf/Detail/Detail.aspx?IdPerf=123": {"yes24", "123"}, "https://ticket.yes24.com/English/Perf/123": {"yes24", "123"},
		"https://ticket.melon.com/performance/index.htm?prodId=210218": {"melon", "210218"}, "https://tkglobal.melon.com/performance/index.htm?langCd=EN&prodId=1": {"melon", "1"},
		"http://www.ticketlink.co.kr/product/52656": {"ticketlink", "52656"}, "https://m.ticketlink.co.kr/product/5": {"ticketlink", "5"}, "https://www.ticketlink.co.kr/global/en/product/5": {"ticketlink", "5"},
		"https://www.ticketlink.co.kr/": {"ticketlink", ""}, "https://www.melon.com/x?prodId=1": {"other", ""}, "https://booking.naver.com/1": {"other", ""}, "javascript:alert(1)": {"other", ""},
		"https://evilticketlink.co.kr/product/1": {"other", ""}, "https://ticketlink.co.kr@evil.com/product/1": {"other", ""}, "": {"other", ""},
	} {
		if seller, code := LinkSeller(raw); string(seller) != want[0] || code != want[1] {
			t.Errorf("LinkSeller(%q) = %q %q", raw, seller, code)
		}
	}
	hosts := []string{"ticketlink.co.kr"}
	for raw, ok := range map[string]bool{
		"https://www.ticketlink.co.kr/product/1": true, "http://ticketlink.co.kr/product/1": true, " https://ticketlink.co.kr/x ": true,
		"javascript:alert(1)": false, "https://evil.com/ticketlink.co.kr": false, "https://ticketlink.co.kr.evil.com/": false, "https://a@ticketlink.co.kr/": false, "https://ticketlink.co.kr/\nx": false,
		"//ticketlink.co.kr/": false, "ftp://ticketlink.co.kr/": false, "": false, "https://ticketlink.co.kr:8080/": false, `https://evil.com\@ticketlink.co.kr/`: false, "https:ticketlink.co.kr": false,
	} {
		if _, err := OfferURL(raw, hosts); (err == nil) != ok {
			t.Errorf("OfferURL(%q): %v", raw, err)
		}
	}
	for _, c := range [][3]string{
		{"//a.com/x.jpg", "", "https://a.com/x.jpg"}, {"/x y.jpg ", "https://a.com/b/", "https://a.com/x%20y.jpg"}, {"http://www.kopis.or.kr/a.gif ", "", "http://www.kopis.or.kr/a.gif"},
		{"javascript:x", "https://a.com", ""}, {"data:image/png;base64,x", "https://a.com", ""}, {"", "https://a.com", ""}, {"x.jpg", "", ""}, {"http://u@a.com/x.jpg", "", ""},
	} {
		if got := PosterURL(c[0], c[1]); got != c[2] {
			t.Errorf("PosterURL(%q, %q) = %q", c[0], c[1], got)
		}
	}
}

func TestCastLine(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string][]ticket.CastMember{
		"조형균, 최재림 등": {{Name: "조형균"}, {Name: "최재림"}},
		"양금석, 최주봉 외": {{Name: "양금석"}, {Name: "최주봉"}},
		" ":          nil,
		"시라노｜조형균 최재림 고은성":    {{Name: "조형균", Role: "시라노"}, {Name: "최재림", Role: "시라노"}, {Name: "고은성", Role: "시라노"}},
		"- 출연 : 윤토왕, 장우진":    {{Name: "윤토왕"}, {Name: "장우진"}},
		"피터: 데이먼 브라운":        {{Name: "데이먼 브라운", Role: "피터"}},
		"루이스/앤":              {{Name: "루이스"}, {Name: "앤"}},
		"추후공지":               nil,
		"남진, 김혜연, 남진":        {{Name: "남진"}, {Name: "김혜연"}},
		"루이스(앤), 등대지기":       {{Name: "루이스", Also: "앤"}, {Name: "등대지기"}},
		"시라노: 조형균, 최재림":      {{Name: "조형균", Role: "시라노"}, {Name: "최재림", Role: "시라노"}},
		"데이먼 브라운, Mike Ross": {{Name: "데이먼 브라운"}, {Name: "Mike Ross"}},
	} {
		if got := CastLine(raw); !slices.Equal(got, want) {
			t.Errorf("CastLine(%q) = %+v", raw, got)
		}
	}
}
