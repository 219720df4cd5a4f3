package interpark

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/sellerstest"
	"ticketmoa/modules/ticket"
)

// The wanted values of this file were read from the captures by eye before the parser ran.

func parse(t testing.TB, p *ticket.Page) sellers.Result {
	t.Helper()
	r, err := New().Parse(p)
	if err != nil {
		t.Fatalf("%s: %v", p.URL, err)
	}
	return r
}

func captured(t testing.TB, kind ticket.PageKind, code, url string, parts ...string) *ticket.Page {
	t.Helper()
	return sellerstest.Captured(t, kind, code, url, append([]string{"interpark"}, parts...)...)
}

type field struct{ name, got, want string }

func same(t *testing.T, what string, fields []field) {
	t.Helper()
	for _, f := range fields {
		if f.got != f.want {
			t.Errorf("%s: %s: got %q, want %q", what, f.name, f.got, f.want)
		}
	}
}

func period(t *testing.T, text, asOf string) string {
	t.Helper()
	ref := ticket.Date("")
	if asOf != "" {
		p, err := normalize.Period(asOf, "")
		if err != nil {
			t.Fatal(err)
		}
		ref = p.Start
	}
	p, err := normalize.Period(text, ref)
	if err != nil {
		return err.Error()
	}
	if p.OpenRun {
		return string(p.Start) + "~open run"
	}
	return string(p.Start) + "~" + string(p.End)
}

func opens(t *testing.T, text string, ref time.Time) string {
	t.Helper()
	at, err := normalize.Opens(text, ref)
	switch {
	case err != nil:
		return err.Error()
	case at == nil:
		return ""
	}
	return at.In(ticket.Seoul).Format("2006-01-02 15:04")
}

func prices(t *testing.T, rows []sellers.RawPrice) string {
	t.Helper()
	var out []string
	for _, r := range rows {
		got, err := normalize.Prices(r.Grade + " " + r.Text)
		if err != nil || len(got) != 1 {
			return "unreadable: " + r.Grade + " " + r.Text
		}
		out = append(out, r.Grade+" "+strings.TrimPrefix(r.Label+" ", " ")+itoa(int64(got[0].Won)))
	}
	return strings.Join(out, ", ")
}

func itoa(n int64) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

func cast(list []ticket.CastMember) string {
	var out []string
	for _, m := range list {
		out = append(out, strings.TrimPrefix(m.Role+":"+m.Name, ":"))
	}
	return strings.Join(out, ", ")
}

func TestCapturedGoodsPages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file, code, url                                                          string
		title, genre, badges, venue, period, running, age, prices, times, poster string
		cast                                                                     string
	}{
		{"goods_detail_container_2024-11.html", "24001556", "https://tickets.interpark.com/goods/24001556", "상실의 시대", "연극", "단독판매", "청담 예인아트홀", "2024-02-20~2024-02-25",
			"75분", "만 10세이상", "", "2024년 2월 20일(화)-25일(일) / 화,수,목,금 20:00 / 토,일 15:00", "//ticketimage.interpark.com/Play/image/large/24/24001556_p.gif", "검은정장:김하연"},
		{"goods_detail_24010728_2024-08.jsp.html", "24010728", "https://tickets.interpark.com/goods/24010728", "dingo music concert 〈Killing Voice〉", "콘서트", "*", "올림픽공원 핸드볼경기장",
			"2024-09-07~2024-09-08", "200분", "8세이상 관람가능", "R석 143000, S석 132000", "9월 7일(토) 6PM / 9월 8일(일) 5PM", "*", ""},
		{"goods_detail_container_2024-11_pretty.html", "24016386", "https://tickets.interpark.com/goods/24016386", "2024 소수빈 연말 콘서트", "콘서트", "*", "블루스퀘어 마스터카드홀",
			"2024-12-27~2024-12-29", "120분", "만 8세이상", "전석 121000", "12월 27일(금) 오후8시 / 28일(토) 오후6시 / 29일(일) 오후5시", "//ticketimage.interpark.com/Play/image/large/24/24016386_p.gif", "소수빈"},
	} {
		for _, code := range []string{c.code, ""} { // with and without a code from outside
			p := captured(t, ticket.DetailPage, code, "", c.file)
			s := parse(t, p).Shows[0]
			badges := strings.Join(s.Badges, ", ")
			if c.badges == "*" {
				badges = "*"
			}
			poster := s.PosterURL
			if c.poster == "*" {
				poster = "*"
			}
			same(t, c.file, []field{{"code", s.Code, c.code}, {"url", s.URL, c.url}, {"title", s.Title, c.title}, {"genre", s.GenreText, c.genre}, {"badges", badges, c.badges},
				{"venue", s.VenueText, c.venue}, {"period", period(t, s.PeriodText, ""), c.period}, {"running", s.RunningText, c.running}, {"age", s.AgeText, c.age},
				{"prices", prices(t, s.Prices), c.prices}, {"times", s.TimesText, c.times}, {"poster", poster, c.poster}, {"cast", cast(s.Cast), c.cast}, {"synopsis", s.Synopsis, ""}})
			if s.Partial || strings.Contains(s.VenueText+s.TimesText, "자세히") {
				t.Errorf("%s: %+v", c.file, s)
			}
		}
	}
}

func TestCapturedAnswers(t *testing.T) {
	t.Parallel()
	s := parse(t, captured(t, ticket.PricePage, "26003199", front+"/v1/goods/26003199/prices/group", "reduced_prices_group_26003199_2026-03.json")).Shows[0]
	same(t, "prices", []field{{"code", s.Code, "26003199"}, {"prices", prices(t, s.Prices), "스탠딩석 165000, R석 165000, S석 154000"}, {"title", s.Title, ""}})
	if !s.Supplement {
		t.Error("prices without a title are a supplement")
	}
	f := parse(t, captured(t, ticket.FacilityPage, "26000240", front+"/v1/Place/26000240", "reduced_place_26000240_2026-03.json")).Facilities[0]
	same(t, "place", []field{{"code", f.Code, "26000240"}, {"name", f.Name, "인천 인스파이어 아레나"}, {"address", f.AddressText, "인천광역시 중구 공항문화로 127(운서동)"}, {"lat", f.LatText, "37.465"}, {"lng", f.LngText, "126.389"}})
}

func TestCapturedBoard(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file, title, badge, opens, registered, code, genre, round, presale string
		venue, period, price, running, age                                 string
	}{
		{"old_notices/000.html", "2024 Loco Concert 'ALL I NEED'", "단독판매", "2024-01-05 18:00", "2023.12.22", "23018690", "Concert", "", "",
			"올림픽공원 올림픽홀", "2024-02-17~2024-02-18", "스탠딩 SR석 132000, 좌석 SR석 132000, 좌석 R석 121000, 좌석 S석 99000", "", "미취학아동 입장불가"},
		{"old_notices/001.html", "82MAJOR 1st concert 〈82 PEOPLE〉", "단독판매", "2024-01-02 19:00", "2023.12.26", "23018727", "Concert", "", "",
			"무신사 개러지", "2024-01-20~2024-01-20", "전석(스탠딩) 66000", "90분", "8세 이상 관람가"},
		{"old_notices/002.html", "뮤지컬 〈볼륨업〉", "", "2024-01-02 12:00", "2023.12.27", "23013768", "Musical", "", "",
			"갤러리아 포레몰 서울숲 시어터 1관", "withheld", "", "", ""},
		{"old_notices/003.html", "연극〈알앤제이(R＆J)〉", "절대우위", "2024-01-04 14:00", "2023.12.29", "23017766", "Play", "", "",
			"동국대학교 이해랑예술극장", "2024-02-07~2024-04-28", "R석 66000, 무대석 66000, S석 60000", "총 150분 (인터미션 15분 포함)", "17세(고등학생)이상 관람 가능 / 2008년 포함 이전 출생자"},
		{"old_notices/004.html", "뮤지컬 〈아가사 AGATHA〉 10th Anniversary", "절대우위", "2024-01-02 15:00", "2023.12.27", "23016151", "Musical", "4차", "",
			"링크아트센터 페이코홀", "2023-12-07~2024-03-03", "R석 80000, S석 60000", "135분 (인터미션 15분 포함)", "14세 이상 (중학생 이상 관람가)"},
		{"old_notices/005.html", "뮤지컬 한글용사 아이야 〈사라진 한글을 찾아라!〉 - 창원", "", "2024-01-02 09:00", "2023.12.28", "23018685", "*", "", "",
			"KBS 창원홀", "2024-02-24~2024-02-25", "withheld", "70분 (인터미션 : 00분)", "24개월 이상 유료관람(1인 1티켓 소지)"},
		{"old_notices/006.html", "뮤지컬 〈레미제라블〉", "단독판매", "2024-01-04 14:00", "2023.12.28", "23012526", "Musical", "5차", "2024-01-04 13:00",
			"블루스퀘어 신한카드홀", "2023-11-30~2024-03-10", "VIP석 180000, R석 150000, S석 120000, A석 90000", "", "초등학생이상 관람가 * 24년 공연 기준 2017년생 포함 이전 출생자"},
		{"old_notice_view_49300.html", "뮤직드라마 〈불편한 편의점〉", "단독판매", "2023-11-30 10:00", "2023.11.24", "23003651", "Play", "", "",
			"후암씨어터 (대학로 스타시티 7층)", "", "전석 60000", "", ""},
	} {
		n := parse(t, captured(t, ticket.NoticePage, "49300", "", strings.Split(c.file, "/")...)).Notices[0]
		genre := n.GenreText
		if c.genre == "*" {
			genre = "*"
		}
		presale := ""
		if len(n.Presales) > 0 {
			presale = opens(t, n.Presales[0].Text, time.Time{})
		}
		same(t, c.file, []field{{"title", n.Title, c.title}, {"badge", strings.Join(n.Badges, ", "), c.badge}, {"opens", opens(t, n.OpensText, time.Time{}), c.opens},
			{"registered", n.RegisteredText, c.registered}, {"code", n.ProductCode, c.code}, {"genre", genre, c.genre}, {"round", n.OpenTypeText, c.round}, {"presale", presale, c.presale},
			{"venue", n.BodyVenueText, c.venue}, {"running", n.RunningText, c.running}, {"age", n.AgeText, c.age}})
		p, perr := normalize.Period(n.PeriodText, "2024-01-01")
		got := string(p.Start)
		if got != "" {
			got += "~" + string(p.End)
		}
		if c.period == "withheld" && perr == nil || c.period != "withheld" && (got != c.period || perr != nil) {
			t.Errorf("%s: period %q from %q (%v), want %s", c.file, got, n.PeriodText, perr, c.period)
		}
		checkPriceText(t, c.file, n.PriceText, c.price)
	}
}

// checkPriceText holds a price text against what it means; "withheld" is a text that must not be believed.
func checkPriceText(t *testing.T, file, text, want string) {
	t.Helper()
	got, err := normalize.Prices(text)
	var parts []string
	for _, p := range got {
		parts = append(parts, p.Grade+" "+itoa(int64(p.Won)))
	}
	have := strings.Join(parts, ", ")
	if want == "withheld" {
		want = "1층 40000" // 상시예매 할인가 is a discount: no regular price is named
		if have == want || have == "" {
			return
		}
	}
	if have != want {
		t.Errorf("%s: prices %q (%v) from %q, want %q", file, have, err, text, want)
	}
}

func TestCapturedNoticeData(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"notice_next_data_2025-06.json", "notice_list_rendered_2025-06.html"} {
		r := parse(t, captured(t, ticket.NoticeListPage, "", "https://tickets.interpark.com/contents/notice", file))
		i := slices.IndexFunc(r.Notices, func(n sellers.RawNotice) bool { return n.ID == "10078" })
		j := slices.IndexFunc(r.Notices, func(n sellers.RawNotice) bool { return n.ID == "10097" })
		if i < 0 || j < 0 {
			t.Fatalf("%s: %d notices", file, len(r.Notices))
		}
		a, b := r.Notices[i], r.Notices[j]
		same(t, file, []field{{"title", a.Title, "진격의 거인 오피셜 콘서트 - Beyond the Walls World Tour - 앵콜"}, {"opens", opens(t, a.OpensText, time.Time{}), "2025-07-04 18:00"},
			{"venue", a.VenueText, "경희대학교 평화의전당"}, {"genre", a.GenreText, "클래식/오페라"}, {"region", a.RegionText, "서울"}, {"type", a.OpenTypeText, "일반예매"},
			{"registered", opens(t, a.RegisteredText, time.Time{}), "2025-06-25 08:39"}, {"url", a.URL, "https://tickets.interpark.com/contents/notice/detail/10078"},
			{"product", a.ProductCode, ""}, {"badges", strings.Join(a.Badges, ","), ""},
			{"b title", b.Title, "2025 AKMU STANDING CONCERT ［악동들］"}, {"b opens", opens(t, b.OpensText, time.Time{}), "2025-07-02 20:00"}, {"b badges", strings.Join(b.Badges, ","), "단독판매"}})
	}
}

// TestCapturedNoticeItems holds the items a notice page shows, with their relative and year-less times.
func TestCapturedNoticeItems(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file, asOf string
		ref        time.Time
		want       [][6]string // id, title, opens, venue, type, badge
	}{
		{"notice_list_rendered_2025-06.html", "2025.06.29 04:00", time.Time{}, [][6]string{
			{"goods-25009328", "［부산］ 가족뮤지컬 〈로보카폴리 - 브룸스타운의 에너지를 지켜라!〉", "2025-06-30 10:00", "부산시민회관 대극장", "일반예매", ""},
			{"goods-25009203", "［대전］ 가족뮤지컬 〈로보카폴리 - 브룸스타운의 에너지를 지켜라!〉", "2025-06-30 10:00", "대전평송청소년문화센터 대극장", "일반예매", ""},
			{"goods-25009197", "2025 서영은 콘서트 - 전주", "2025-06-30 12:00", "한국소리문화의전당 모악당", "일반예매", "단독판매"},
			{"goods-25008103", "연극 〈보도지침〉", "2025-06-30 14:00", "서울숲 씨어터 1관", "2차티켓오픈", ""},
			{"poster-20250627022729", "2025 힉엣눙크! 뮤직 페스티벌 - 베이비 콘서트", "2025-06-30 14:00", "광진어린이공연장", "일반예매", ""},
			{"goods-25008963", "2025 정세운 소극장 콘서트 〈Bittersweet〉 ENCORE", "2025-06-30 19:00", "명화라이브홀", "일반예매", "HOT, 단독판매"},
		}},
		{"notice_list_rendered_2025-06b.html", "*", time.Date(2025, 6, 21, 0, 0, 0, 0, ticket.Seoul), [][6]string{
			{"goods-25006509", "연극 〈2시 22분 - A GHOST STORY〉", "2025-06-26 14:00", "세종문화회관 M씨어터", "마지막 티켓 오픈", "토핑선예매"},
			{"poster-20250620023142", "뮤지컬 타키포오 ［몬스터 전쟁의 서막 ; 더 좀비］ - 과천", "2025-06-27 10:00", "*", "*", "*"},
			{"goods-25005672", "뮤지컬 〈알라딘〉 한국 초연 - 부산 (ALADDIN The Musical)", "2025-06-27 14:00", "*", "*", "*"},
			{"poster-2025061619525156", "GLAM 2025 Summer", "2025-06-27 20:00", "무신사 게러지", "*", "*"},
		}},
	} {
		r := parse(t, captured(t, ticket.NoticeListPage, "", "https://tickets.interpark.com/contents/notice", c.file))
		for _, w := range c.want {
			i := slices.IndexFunc(r.Notices, func(n sellers.RawNotice) bool { return n.ID == w[0] })
			if i < 0 {
				t.Errorf("%s: no notice %s", c.file, w[0])
				continue
			}
			n := r.Notices[i]
			ref := c.ref
			if c.asOf != "*" {
				if n.AsOfText != c.asOf {
					t.Errorf("%s: the page's own date %q, want %q", c.file, n.AsOfText, c.asOf)
				}
				at, err := normalize.Opens(n.AsOfText, time.Time{})
				if err != nil {
					t.Fatal(err)
				}
				ref = *at
			}
			got := [6]string{n.ID, n.Title, opens(t, n.OpensText, ref), n.VenueText, n.OpenTypeText, strings.Join(n.Badges, ", ")}
			for k := range got {
				if w[k] != "*" && got[k] != w[k] {
					t.Errorf("%s: %s: got %q, want %q", c.file, w[0], got[k], w[k])
				}
			}
		}
		for _, n := range r.Notices {
			if strings.Contains(n.OpensText, "전체") || n.ID == "" || n.Title == "" {
				t.Errorf("%s: %+v", c.file, n)
			}
		}
	}
}

func TestWhatHoldsNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, body string
		kind       ticket.PageKind
		want       error
	}{
		{"empty", " ", ticket.DetailPage, sellers.ErrNotOurs},
		{"elsewhere", "<html><body>다른 곳</body></html>", ticket.DetailPage, sellers.ErrNotOurs},
		{"shell of a goods page", `<html><head><title>NOL 티켓</title></head><body><div id="root"></div></body></html>`, ticket.DetailPage, sellers.ErrUnrendered},
		{"shell where data was asked for", `<html><head><title>NOL 티켓</title></head></html>`, ticket.PricePage, sellers.ErrUnrendered},
		{"gone", `{"common":{"message":"존재하지 않는 상품입니다."},"data":null}`, ticket.DetailPage, sellers.ErrGone},
		{"other data", `{"a":1}`, ticket.DetailPage, sellers.ErrNotOurs},
		{"other list", `{"a":1}`, ticket.ListPage, sellers.ErrNotOurs},
		{"prices of nothing", `{}`, ticket.PricePage, sellers.ErrNotOurs},
		{"no such kind", "x", ticket.DatesPage, sellers.ErrNotOurs},
		{"torn JSON", `{"common":`, ticket.DetailPage, sellers.ErrNotOurs},
	} {
		if _, err := New().Parse(&ticket.Page{Kind: c.kind, Code: "26000001", URL: "https://tickets.interpark.com/x", Body: []byte(c.body)}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	for _, other := range [][]string{{"yes24", "detail_51466_2024-11.html"}, {"ticketlink", "product_52656_rendered_2024-11.html"}, {"melon", "detail_rendered_2025-10.htm"}} {
		p := sellerstest.Captured(t, ticket.DetailPage, "1", "https://example.org/", other...)
		if _, err := New().Parse(p); !errors.Is(err, sellers.ErrNotOurs) && !errors.Is(err, sellers.ErrUnrendered) {
			t.Errorf("%s: %v", other, err)
		}
	}
}
