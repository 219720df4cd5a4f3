package interpark

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

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
	checkMatch(t, r, [7]string{"PB003-20240823", "키움 히어로즈", "엘지 트윈스", "고척스카이돔", "2024-08-23~2024-08-23", "18:30", "2024-08-16 14:00"}, "2024-08-16 12:00")
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
