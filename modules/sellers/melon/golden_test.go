package melon

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/sellerstest"
	"ticketmoa/modules/ticket"
)

// The expected values of this file were typed from the captures before the parser ran over them.

func TestCapturedProduct(t *testing.T) {
	t.Parallel()
	r, err := New().Parse(sellerstest.Captured(t, ticket.DetailPage, "", "https://ticket.melon.com/performance/index.htm?prodId=212072", "melon", "detail_rendered_2025-10.htm"))
	if err != nil {
		t.Fatal(err)
	}
	s := r.Shows[0]
	for _, c := range []struct{ field, got, want string }{
		{"code", s.Code, "212072"}, {"url", s.URL, "https://ticket.melon.com/performance/index.htm?prodId=212072"},
		{"title", s.Title, "강예영 1st 정규앨범 콘서트: 우리는 여행하는 거니까"}, {"genre", s.GenreText, "콘서트"},
		{"venue", s.VenueText, "CJ아지트 광흥창"}, {"venue code", s.VenueCode, "329"}, {"address", s.AddressText, "서울 마포구 창전로 14 (신정동, CJ아지트)"},
		{"period", s.PeriodText, "2025.11.29 - 2025.11.29"}, {"times", s.TimesText, "2025년 11월 29일(토) 오후 7시"},
		{"running", s.RunningText, "90분"}, {"age", s.AgeText, "8세 이상"}, {"opens", s.OpensText, "20251015180000"}, {"state", s.StateText, "판매중"},
		{"company", s.CompanyText, "T9-H.ENT, Kang Yeyoung Company"},
		{"poster", s.PosterURL, "https://cdnticket.melon.co.kr/resource/image/upload/product/2025/10/20251015092137936d4fb8-066f-44c4-87fe-c9543832316f.jpg"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.field, c.got, c.want)
		}
	}
	if !slices.Equal(s.Prices, []sellers.RawPrice{{Grade: "VIP석", Text: "55,000원"}, {Grade: "R석", Text: "44,000원"}}) || !slices.Equal(s.Badges, []string{"단독판매"}) || s.Partial {
		t.Errorf("prices %+v badges %q", s.Prices, s.Badges)
	}
	if !slices.Equal(s.Cast, []ticket.CastMember{{Name: "강예영"}, {Name: "최항석과 부기몬스터"}, {Name: "오아 (OHAH)"}}) {
		t.Errorf("cast %+v", s.Cast)
	}
	lines := strings.Split(s.Synopsis, "\n")
	if len(lines) != 3 || lines[0] != "첫 정규앨범 발매를 기념하여, 함께 떠나는 특별한 여행을 준비했습니다." {
		t.Errorf("synopsis %q", s.Synopsis)
	}
	for _, not := range []string{"무이자", "바로가기", "한로로", "Roselia", "조기예매", "할인", "작품설명", "매수제한", "02-3272"} {
		if all := strings.Join([]string{s.Title, s.VenueText, s.AddressText, s.Synopsis, s.TimesText, s.AgeText, s.RunningText}, "|"); strings.Contains(all, not) {
			t.Errorf("%q in %q", not, all)
		}
	}
}

func TestCapturedProductNormalised(t *testing.T) {
	t.Parallel()
	r, err := New().Parse(sellerstest.Captured(t, ticket.DetailPage, "212072", "", "melon", "detail_rendered_2025-10.htm"))
	if err != nil {
		t.Fatal(err)
	}
	s := r.Shows[0]
	if p, err := normalize.Period(s.PeriodText, ""); err != nil || p.Start != "2025-11-29" || p.End != "2025-11-29" {
		t.Error(p, err)
	}
	if at, err := normalize.Opens(s.OpensText, time.Time{}); err != nil || at.In(ticket.Seoul).Format(time.DateTime) != "2025-10-15 18:00:00" {
		t.Error(at, err)
	}
	if minutes, _, err := normalize.Running(s.RunningText); err != nil || *minutes != 90 {
		t.Error(minutes, err)
	}
	if _, years, err := normalize.Age(s.AgeText); err != nil || *years != 8 {
		t.Error(years, err)
	}
	if genre, _ := normalize.Genre("melon", s.GenreText, s.Title); genre != ticket.Concert {
		t.Error(genre)
	}
	if prices, err := normalize.Prices("VIP석 55,000원\nR석 44,000원"); err != nil || !slices.Equal(prices, []ticket.Price{{Grade: "VIP석", Won: 55000}, {Grade: "R석", Won: 44000}}) {
		t.Error(prices, err)
	}
	if region, district := normalize.Region(s.AddressText); region != "서울" || district != "마포구" {
		t.Error(region, district)
	}
	if title := normalize.Title(s.Title); title.Show != "강예영 1st 정규앨범 콘서트: 우리는 여행하는 거니까" || title.Exclusive || title.Round != 0 {
		t.Errorf("%+v", title)
	}
}

type banner struct{ code, title, period, venue, region, start, end string }

var (
	banners1 = []banner{
		{"211824", "[굿바이 할인 50%] 호아킨\u00a0소로야: 댄싱 인 더 선라이트", "2025.07.04 - 2025.11.30", "그라운드시소 명동", "서울", "2025-07-04", "2025-11-30"},
		{"211822", "[굿바이 할인 50%] 어린 왕자의 별 이야기", "2025.04.22 - 2025.11.30", "그라운드시소 명동", "서울", "2025-04-22", "2025-11-30"},
		{"211892", "(대학로) 연극 택시안에서", "2025.08.27 - 오픈런", "서울 해바라기 소극장", "서울", "2025-08-27", ""},
		{"212147", "김이슬의 두개의소리- 이방인", "2025.11.29 - 2025.11.29", "서교스퀘어", "서울", "2025-11-29", "2025-11-29"},
		{"212302", "[소비쿠폰 특가] 룸 포 원더: 상상의 문을 열다", "2025.12.19 - 2025.12.31", "그라운드시소 이스트", "서울", "2025-12-19", "2025-12-31"},
	}
	banners2 = []banner{
		{"212395", "삼점일사 단독 콘서트 〈돈키호테〉", "2025.12.06 - 2025.12.06", "인천아트플랫폼", "인천", "2025-12-06", "2025-12-06"},
		{"212400", "분리수거밴드 크리스마스 콘서트 〈산타 할아버지는 잃고 계신대〉", "2025.12.24 - 2025.12.24", "얼라이브홀", "서울", "2025-12-24", "2025-12-24"},
		{"212371", "RP TOUR : 김수영 EP [Antiguo Trunk] 발매 기념 쇼케이스 - 춘천", "2025.12.20 - 2025.12.20", "KT&G 상상마당 춘천 사운드홀", "강원", "2025-12-20", "2025-12-20"},
		{"212397", "TAYAN 단독 공연 : THE FROZEN WAY", "2025.12.19 - 2025.12.19", "클럽온에어", "서울", "2025-12-19", "2025-12-19"},
		{"212378", "오존 단독공연 〈휴 : 2025〉", "2025.12.26 - 2025.12.28", "노들섬 라이브하우스", "서울", "2025-12-26", "2025-12-28"},
	}
	// The first banner of this list leads to a page about several products (BR) and is none.
	banners3 = []banner{
		{"211662", "KESSOKUBAND LIVE in KOREA 「From Shimokitazawa」", "2025.12.06 - 2025.12.06", "일산 킨텍스(KINTEX) 9HALL", "경기", "2025-12-06", "2025-12-06"},
		{"212341", "선셋 롤러코스터 내한공연 Q comes Q goes 2026 Sunset Rollercoaster in Seoul", "2026.03.14 - 2026.03.14", "KBS아레나 (구88체육관)", "서울", "2026-03-14", "2026-03-14"},
		{"212123", "Machine Girl LIVE IN SEOUL 2025", "2025.12.04 - 2025.12.04", "롤링홀", "서울", "2025-12-04", "2025-12-04"},
		{"211688", "FRUITS ZIPPER 1st ASIA TOUR 2025 in Seoul", "2025.11.29 - 2025.11.29", "광운대 동해문화예술관", "서울", "2025-11-29", "2025-11-29"},
	}
)

func TestCapturedBanners(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]banner{
		"offerList_MAIN_B_CO_1_2025-11.json": banners1, "offerList_MAIN_B_CO_2_2025-11.json": banners2, "offerList_MAIN_B_CO_3_2025-11.json": banners3,
		"captured_apis_2025-11.json": slices.Concat(banners3, banners2, banners1), // twice three answers
	} {
		r, err := New().Parse(sellerstest.Captured(t, ticket.ListPage, "", "https://ticket.melon.com/offer/ajax/offerList.json?offerPosType=MAIN_B_CO_1", "melon", name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(r.Shows) != len(want) {
			t.Errorf("%s: %d shows, want %d", name, len(r.Shows), len(want))
		}
		for i, s := range r.Shows[:min(len(want), len(r.Shows))] {
			w := want[i]
			if s.Code != w.code || s.Title != w.title || s.PeriodText != w.period || s.VenueText != w.venue || s.RegionText != w.region ||
				s.URL != "https://ticket.melon.com/performance/index.htm?prodId="+w.code || !s.Partial || s.GenreText != "" || s.OpensText != "" || s.StateText != "" || s.Prices != nil {
				t.Errorf("%s:\n got %+v\nwant %+v", name, s, w)
			}
			if !strings.HasPrefix(s.PosterURL, "https://cdnticket.melon.co.kr/resource/image/upload/product/2025/") || strings.Contains(s.Synopsis, "<") {
				t.Errorf("%s: poster %q synopsis %q", s.Code, s.PosterURL, s.Synopsis)
			}
			if p, err := normalize.Period(s.PeriodText, ""); err != nil || string(p.Start) != w.start || string(p.End) != w.end || p.OpenRun != (w.end == "") {
				t.Errorf("%s: %+v %v", s.Code, p, err)
			}
		}
	}
}

func TestCapturedSynopsis(t *testing.T) {
	t.Parallel()
	r, err := New().Parse(sellerstest.Captured(t, ticket.ListPage, "", "", "melon", "offerList_MAIN_B_CO_1_2025-11.json"))
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Shows[0].Synopsis; got != "모네의 찬사를 받은 '빛의 화가' 호아킨 소로야.\n그가 생생하게 표현해낸 태양빛과 지중해 해변이 펼쳐집니다." {
		t.Errorf("%q", got)
	}
	if got := r.Shows[1].Synopsis; got != "" {
		t.Errorf("%q", got)
	}
}
