package normalize

import (
	"fmt"
	"testing"

	"ticketmoa/modules/ticket"
)

// The tests of this file name the defects of the first system (docs/research/seed-system.md §6) that values could bring
// back. Each gives what that system was given and wants what it should have said.

// TestDefect5YearsAreNotToday: the current year stood in for a missing one, and ranges ended before they began.
func TestDefect5YearsAreNotToday(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		raw        string
		ref        ticket.Date
		start, end ticket.Date
		bad        bool
	}{
		{raw: "2015. 7. 24(금) – 26일(일)", ref: "2024-11-22", start: "2015-07-24", end: "2015-07-26"},
		{raw: "5월 2일(토) 오후3시", ref: "2015-04-01", start: "2015-05-02", end: "2015-05-02"},
		{raw: "5월 2일(토) 오후3시", ref: "2024-04-01", bad: true},                         // a Thursday that year: the page is not of its time
		{raw: "5월 2일(토) 오후3시", bad: true},                                            // without the page's day nobody knows the year
		{raw: "1월 5일(일)", ref: "2024-12-20", start: "2025-01-05", end: "2025-01-05"}, // over new year
		{raw: "2024.07.10 - 2024.03.31", ref: "2024-06-01", bad: true},
		{raw: "2024.07.10 ~ 03.31", ref: "2024-06-01", start: "2024-07-10", end: "2025-03-31"}, // the end's year follows the start
		{raw: "2024년 12월 27일 ~ 1월 5일", ref: "2024-11-01", start: "2024-12-27", end: "2025-01-05"},
	} {
		p, err := Period(c.raw, c.ref)
		if p.Start != c.start || p.End != c.end || (err != nil) != c.bad {
			t.Errorf("Period(%q, %q) = %s %s, %v", c.raw, c.ref, p.Start, p.End, err)
		}
	}
}

// TestDefect6PeriodsAndPricesOfTheirNotices: the forms their rules read wrongly or missed in notices of 2015 and 2024;
// above all a musical or a concert was an exhibition when its title did not say the word.
func TestDefect6PeriodsAndPricesOfTheirNotices(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"2015년 5월2일 오후3시": "2015-05-02 2015-05-02", "2015. 6. 5.(금) ~ 2015. 8. 9.(일)": "2015-06-05 2015-08-09", "2015. 05. 30(토) PM 4:00": "2015-05-30 2015-05-30",
		"2024년 12월 11일(수), 2024년 12월 13일(금)": "2024-12-11 2024-12-13", "2025년 01월 06일(월) ~\u200b 2025년 \u200b02월 02일(일)": "2025-01-06 2025-02-02",
	} {
		if p, err := Period(raw, ""); err != nil || fmt.Sprint(p.Start, " ", p.End) != want {
			t.Errorf("Period(%q) = %+v, %v", raw, p, err)
		}
	}
	for raw, want := range map[string]string{
		"R석 77,000 / S석66,000": "[{R석 77000 } {S석 66000 }]", "R석 12만원, S석 9만원, 시야방해R 8만4천원": "[{R석 120000 } {S석 90000 } {시야방해R 84000 }]",
		"55,000원 (전 좌석 동일)": "[{전석 55000 }]", "R석 70,000원 ｜ S석 50,000원": "[{R석 70000 } {S석 50000 }]", "R석 150,000 원": "[{R석 150000 }]",
	} {
		if p, err := Prices(raw); err != nil || fmt.Sprint(p) != want {
			t.Errorf("Prices(%q) = %v, %v", raw, p, err)
		}
	}
	for _, title := range []string{"이승환 35주년 콘서트 < HEAVEN > - 청주", "공룡애니멀쇼 - 용인", "최현우 19+I - 천안", "번개맨", "2024 2am Concert"} {
		if g, _ := Genre("ticketlink", "", title); g == ticket.Exhibition {
			t.Errorf("%q is an exhibition", title)
		}
	}
}

// TestDefect7RegionsKeepTheirProvince: 충청남도, 경상북도 and 전라북도 fell to "기타", 세종 to 수도권, and a venue was looked up by
// the first two letters of its name.
func TestDefect7RegionsKeepTheirProvince(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]ticket.Region{
		"충청남도 천안시 동남구": "충남", "충청북도 청주시 서원구": "충북", "경상북도 포항시 북구": "경북", "경상남도 창원시 의창구": "경남", "전라북도 전주시 덕진구": "전북", "전북특별자치도 전주시": "전북",
		"전라남도 여수시": "전남", "강원특별자치도 춘천시": "강원", "세종특별자치시 국립박물관로 21": "세종", "세종 나성동": "세종", "인천 남동구": "인천", "제주특별자치도 서귀포시": "제주", "광주광역시 동구": "광주",
	} {
		if r, _ := Region(address); r != want {
			t.Errorf("Region(%q) = %q, want %q", address, r, want)
		}
		if r, _, ok := VenueRegion(address + " 가나다홀"); !ok || r != want {
			t.Errorf("VenueRegion(%q) = %q %v, want %q", address+" 가나다홀", r, ok, want)
		}
	}
	for venue, want := range map[string]ticket.Region{"세종예술의전당 대공연장": "세종", "세종문화회관 대극장": "서울", "세종국악당": "경기", "충남대학교 정심화홀": "대전", "경북대학교 대강당": "대구", "전남대학교 민주마루": "광주"} {
		if r, _, ok := VenueRegion(venue); !ok || r != want {
			t.Errorf("VenueRegion(%q) = %q %v, want %q", venue, r, ok, want)
		}
	}
}

// TestDefect8TitlesOfOneShowHaveOneKey: the round, the city, brackets, a year and a seller's badge kept sellers apart.
func TestDefect8TitlesOfOneShowHaveOneKey(t *testing.T) {
	t.Parallel()
	for _, group := range [][]string{
		{"뮤지컬 〈시라노〉", "뮤지컬 <시라노>", "시라노 [서울]", "뮤지컬 [시라노]", "뮤지컬 <시라노>\u200b 3차 티켓오픈 안내", "[단독판매] 뮤지컬 시라노", "2024 뮤지컬 <시라노>", "뮤지컬 시라노 2차 - 부산 티켓오픈 안내", "［대구］뮤지컬 시라노"},
		{"이승환 35주년 콘서트 < HEAVEN > - 청주\u200b", "이승환 35주년 콘서트 〈HEAVEN〉", "이승환 35주년 콘서트 <HEAVEN> 2차 티켓오픈 안내"},
		{"2015 뮤지컬 드림걸즈 3차티켓 예매오픈", "뮤지컬 <드림걸즈>", "드림걸즈"},
	} {
		want := Title(group[0]).Core
		for _, raw := range group {
			if got := Title(raw).Core; got != want {
				t.Errorf("Title(%q).Core = %q, want %q", raw, got, want)
			}
		}
	}
	if a, b := Title("뮤지컬 시라노").Core, Title("뮤지컬 시라노 시즌2").Core; a == b {
		t.Error("another season is another show")
	}
}

// TestDefect9CodesComeFromAddresses: a title stood where an id was expected; a code is read out of the seller's address
// or not at all. Ids are never assumed to be numbers ("L0000142").
func TestDefect9CodesComeFromAddresses(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{"https://ticket.yes24.com/Perf/51466": "51466", "https://tickets.interpark.com/goods/L0000142": "L0000142", "뮤지컬 시라노": "", "https://ticket.yes24.com/Perf/뮤지컬": ""} {
		if _, code := LinkSeller(raw); code != want {
			t.Errorf("LinkSeller(%q) = %q, want %q", raw, code, want)
		}
	}
}

// TestDefect15PricesAreAlwaysRows: the price was a list for one page and a string for the next. Here it is rows of grade
// and won, or nothing and a reason; a price without a grade has the grade of all seats. (Defect 10, a crawl that begins
// again at a fixed number, is the crawl's: no value takes part in it.)
func TestDefect15PricesAreAlwaysRows(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{"50,000원": "[{전석 50000 }]", "전석60,000원": "[{전석 60000 }]", "전석무료": "[{전석 0 }]", "추후공지": "[]", "": "[]", "전석 초대": "[]", "가격 문의": "[]"} {
		if p, _ := Prices(raw); fmt.Sprint(p) != want {
			t.Errorf("Prices(%q) = %v, want %s", raw, p, want)
		}
	}
}
