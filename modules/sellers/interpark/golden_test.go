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

func TestCapturedGenrePages(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"genre_concert_next_data_2024-08.json", "genre_concert_page_2024-08.jsp.html"} {
		r := parse(t, captured(t, ticket.ListPage, "", "https://tickets.interpark.com/contents/genre/concert", file))
		show := func(code string) sellers.RawShow {
			t.Helper()
			i := slices.IndexFunc(r.Shows, func(s sellers.RawShow) bool { return s.Code == code })
			if i < 0 {
				t.Fatalf("%s: no %s among %d shows", file, code, len(r.Shows))
			}
			return r.Shows[i]
		}
		s := show("24011096")
		same(t, file, []field{{"title", s.Title, "2024 2NE1 CONCERT ［WELCOME BACK］ IN SEOUL"}, {"venue", s.VenueText, "올림픽공원 올림픽홀"}, {"venue code", s.VenueCode, "24000927"},
			{"period", period(t, s.StartText+" ~ "+s.EndText, ""), "2024-10-05~2024-10-06"}, {"badge", strings.Join(s.Badges, ","), "단독판매"}, {"genre", s.GenreText, "concert"},
			{"url", s.URL, "https://tickets.interpark.com/goods/24011096"}, {"poster", s.PosterURL, "http://ticketimage.interpark.com/Play/image/large/24/24011096_p.gif"}})
		s = show("24009876")
		same(t, file, []field{{"title", s.Title, "NELL CLUB CONCERT 2024 ‘Our Eutopia’"}, {"period", period(t, s.StartText+" ~ "+s.EndText, ""), "2024-08-15~2024-08-25"}})
		if slices.ContainsFunc(r.Shows, func(s sellers.RawShow) bool { return s.Code == "24007724" }) {
			t.Errorf("%s: a tour package is no show", file)
		}
		notice := func(id string) sellers.RawNotice {
			t.Helper()
			i := slices.IndexFunc(r.Notices, func(n sellers.RawNotice) bool { return n.ID == id })
			if i < 0 {
				t.Fatalf("%s: no notice %s", file, id)
			}
			return r.Notices[i]
		}
		a, b, c, d := notice("52256"), notice("52179"), notice("52110"), notice("52110-2")
		same(t, file, []field{{"title", a.Title, "애론 골드버그 트리오 내한공연"}, {"opens", opens(t, a.OpensText, time.Time{}), "2024-08-07 09:00"}, {"registered", opens(t, a.RegisteredText, time.Time{}), "2024-08-02 17:22"},
			{"fan", b.Presales[0].Name + " " + opens(t, b.Presales[0].Text, time.Time{}), "팬클럽 선예매 2024-08-07 20:00"}, {"fan general", opens(t, b.OpensText, time.Time{}), "2024-08-08 20:00"},
			{"fan badge", strings.Join(b.Badges, ","), "단독판매"}, {"fan product", b.ProductCode, "24011174"},
			{"first round", opens(t, c.OpensText, time.Time{}), "2024-08-08 14:00"}, {"second round", opens(t, d.OpensText, time.Time{}), "2024-08-13 14:00"}, {"second type", d.OpenTypeText, "2차 티켓오픈일"}})
		if len(r.Notices) != 16 || len(a.Badges) != 0 {
			t.Errorf("%s: %d notices, want 15 and a second round", file, len(r.Notices))
		}
	}
	r := parse(t, captured(t, ticket.ListPage, "", "https://tickets.interpark.com/contents/genre/drama", "genre_drama_page_2024-08.jsp.html"))
	i := slices.IndexFunc(r.Shows, func(s sellers.RawShow) bool { return s.Code == "24007909" })
	j := slices.IndexFunc(r.Shows, func(s sellers.RawShow) bool { return s.Code == "24010091" })
	if i < 0 || j < 0 {
		t.Fatalf("%d shows", len(r.Shows))
	}
	same(t, "drama", []field{{"title", r.Shows[i].Title, "연극 〈이기동 체육관〉 - 앵콜"}, {"venue", r.Shows[i].VenueText, "링크아트센터드림 드림2관"}, {"period", period(t, r.Shows[i].PeriodText, ""), "2024-07-25~2024-09-05"},
		{"title", r.Shows[j].Title, "너츠"}, {"venue", r.Shows[j].VenueText, "더굿씨어터"}, {"period", period(t, r.Shows[j].PeriodText, ""), "2024-08-02~2024-08-18"}})
	k := slices.IndexFunc(r.Notices, func(n sellers.RawNotice) bool { return n.ID == "goods-24011558" })
	l := slices.IndexFunc(r.Notices, func(n sellers.RawNotice) bool { return n.ID == "goods-L0000092" })
	if k < 0 || l < 0 || len(r.Notices) != 10 {
		t.Fatalf("drama: %d notices", len(r.Notices))
	}
	day := time.Date(2024, 8, 14, 0, 0, 0, 0, ticket.Seoul)
	same(t, "drama", []field{{"title", r.Notices[k].Title, "2024 연극 〈친정엄마와 2박 3일〉 - 충추"}, {"opens", opens(t, r.Notices[k].OpensText, day), "2024-08-14 14:00"}, {"type", r.Notices[k].OpenTypeText, "일반예매"},
		{"title", r.Notices[l].Title, "연극 〈엔젤스 인 아메리카 - 파트원:밀레니엄이 다가온다〉"}, {"opens", opens(t, r.Notices[l].OpensText, day), "2024-08-14 15:00"}, {"type", r.Notices[l].OpenTypeText, "마지막 티켓오픈"},
		{"badges", strings.Join(r.Notices[l].Badges, ","), "단독판매,TOPING 선예매"}})
}

func TestCapturedOldCategory(t *testing.T) {
	t.Parallel()
	r := parse(t, captured(t, ticket.ListPage, "", "", "old_category_list_2023-07.html"))
	if len(r.Shows) != 57 {
		t.Errorf("%d shows, want 57", len(r.Shows))
	}
	for _, w := range [][6]string{
		{"22006637", "난타(NANTA) - 명동공연", "명동난타극장", "19000862", "2022-07-08~2023-12-31", "*"},
		{"23004388", "더 맨 얼라이브 〈초이스〉", "서울숲씨어터 2관", "23000324", "2023-05-12~2023-12-31", "http://ticketimage.interpark.com/rz/image/play/goods/poster/23/23004388_p_s.jpg"},
		{"23006287", "2023 뮤지컬 〈신의 손가락〉", "드림아트센터 2관", "21000854", "2023-06-25~2023-08-20", "http://ticketimage.interpark.com/rz/image/play/goods/poster/23/23006287_p_s.jpg"},
	} {
		i := slices.IndexFunc(r.Shows, func(s sellers.RawShow) bool { return s.Code == w[0] })
		if i < 0 {
			t.Errorf("no %s", w[0])
			continue
		}
		s := r.Shows[i]
		poster := s.PosterURL
		if w[5] == "*" {
			poster = "*"
		}
		same(t, w[0], []field{{"title", s.Title, w[1]}, {"venue", s.VenueText, w[2]}, {"venue code", s.VenueCode, w[3]}, {"period", period(t, s.PeriodText, ""), w[4]}, {"poster", poster, w[5]}})
	}
	for _, s := range r.Shows {
		if period(t, s.PeriodText, "") == "~" || s.VenueText == "" || s.Title == "" {
			t.Errorf("%+v", s)
		}
	}
}

func TestCapturedSports(t *testing.T) {
	t.Parallel()
	r := parse(t, captured(t, ticket.ListPage, "", "https://ticket.interpark.com/Contents/Sports", "sports_main_2024-08.jsp.html"))
	for _, w := range [][7]string{ // code, home, away, venue, day, clock, opens
		{"PB003-20240827", "키움 히어로즈", "삼성 라이온즈", "고척스카이돔", "2024-08-27~2024-08-27", "18:30", "2024-08-20 14:00"},
		{"PB004-20240824", "두산 베어스", "한화 이글스", "잠실야구장", "2024-08-24~2024-08-24", "18:00", "2024-08-17 11:00"},
		{"24002970", "성남 FC", "천안시티FC", "탄천 종합 운동장", "2024-08-17~2024-08-17", "19:30", ""},
	} {
		checkMatch(t, r, w, "")
	}
	if slices.ContainsFunc(r.Shows, func(s sellers.RawShow) bool { return strings.Contains(s.Title, "TEST") }) {
		t.Error("a banner for tests was taken for a match")
	}
	r = parse(t, captured(t, ticket.ListPage, "", "https://ticket.interpark.com/Contents/Sports/GoodsInfo?SportsCode=07001&TeamCode=PB003", "sports_team_2024-08.jsp.html"))
	if len(r.Shows) != 6 {
		t.Errorf("%d matches, want 6", len(r.Shows))
	}
	checkMatch(t, r, [7]string{"24010659", "고양", "한화", "고척스카이돔", "2024-08-20~2024-08-20", "16:00", ""}, "")
	checkMatch(t, r, [7]string{"PB003-0823", "키움 히어로즈", "엘지 트윈스", "고척스카이돔", "2024-08-23~2024-08-23", "18:30", "2024-08-16 14:00"}, "2024-08-16 12:00")
}

func checkMatch(t *testing.T, r sellers.Result, w [7]string, presale string) {
	t.Helper()
	i := slices.IndexFunc(r.Shows, func(s sellers.RawShow) bool { return s.Code == w[0] })
	if i < 0 {
		var codes []string
		for _, s := range r.Shows {
			codes = append(codes, s.Code)
		}
		t.Fatalf("no match %s among %q", w[0], codes)
	}
	s := r.Shows[i]
	asOf := s.AsOfText
	var ref time.Time
	if asOf != "" {
		p, err := normalize.Period(asOf, "")
		if err != nil {
			t.Fatal(err)
		}
		ref = p.Start.Time()
	}
	same(t, w[0], []field{{"home", s.Home, w[1]}, {"away", s.Away, w[2]}, {"venue", s.VenueText, w[3]}, {"day", period(t, s.PeriodText, asOf), w[4]}, {"clock", s.TimesText, w[5]},
		{"opens", strings.TrimPrefix(opens(t, s.OpensText, ref), "no date in \"\""), w[6]}, {"title", s.Title, w[1] + " vs " + w[2]}})
	if w[6] == "" {
		return
	}
	j := slices.IndexFunc(r.Notices, func(n sellers.RawNotice) bool { return n.ID == "match-"+w[0] })
	if j < 0 || r.Notices[j].ProductCode != w[0] {
		t.Fatalf("%s is not announced", w[0])
	}
	if presale != "" && opens(t, r.Notices[j].Presales[0].Text, ref) != presale {
		t.Errorf("%s: presales %v, want %s", w[0], r.Notices[j].Presales, presale)
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
