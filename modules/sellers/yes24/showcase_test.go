package yes24

import (
	"slices"
	"strings"
	"testing"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/sellerstest"
	"ticketmoa/modules/ticket"
)

// showcased is what a page says of one product; typed from the captures before the parser ran over them.
type showcased struct{ code, title, period, venue, start, end string }

var home2021 = []showcased{
	{"38566", "극장형 라이브 시트콤 [온에어 - 비밀계약]", "", "", "", ""},
	{"38478", "뮤지컬 블루레인", "2021.03.16 ~ 2021.06.06", "대학로 드림아트센터 1관", "2021-03-16", "2021-06-06"},
	{"38461", "2021 뮤지컬 [미드나잇：액터뮤지션]", "2021.03.02 ~ 2021.05.30", "대학로 TOM 1관", "2021-03-02", "2021-05-30"},
	{"38437", "뮤지컬 <브라더스 까라마조프>", "2021.03.13 ~ 2021.06.06", "예스24스테이지 1관", "2021-03-13", "2021-06-06"},
	{"38249", "뮤지컬 <검은 사제들>", "2021.02.25 ~ 2021.05.30", "대학로 유니플렉스 1관", "2021-02-25", "2021-05-30"},
	{"38619", "뮤지컬 <태양의 노래양의 노래>", "2021.05.01 ~ 2021.07.25", "광림아트센터 BBCH홀", "2021-05-01", "2021-07-25"}, // sic
	{"38585", "뮤지컬 <맨오브라만차>", "2021.03.24 ~ 2021.05.16", "충무아트센터 대극장", "2021-03-24", "2021-05-16"},
	{"38480", "", "", "", "", ""}, // a picture only
	{"38583", "[팬클럽] Beyond LIVE - XIUMIN ONLINE FANMEETING ＂ON : XIUWEET TIM..", "2021.03.27 ~ 2021.03.27", "NAVER V LIVE (Beyond LIVE)", "2021-03-27", "2021-03-27"},
	{"38588", "[일반] 2021 ASTRO AROHA Festival [Be Mine] 온라인 티켓", "2021.03.28 ~ 2021.03.28", "온라인", "2021-03-28", "2021-03-28"},
	{"38661", "[팬클럽] Beyond LIVE - SHINee : SHINee WORLD", "2021.04.04 ~ 2021.04.04", "NAVER V LIVE (Beyond LIVE)", "2021-04-04", "2021-04-04"},
	{"38518", "연극 [폭풍의 언덕]", "", "", "", ""},
	{"38593", "재즈와 판소리의 특별한 만남", "", "", "", ""},
	{"38487", "뮤지컬 <지붕위의 바이올린>", "", "", "", ""},
	{"38254", "뮤지컬 <붉은 정원>", "", "", "", ""},
	{"38470", "", "", "", "", ""}, // cut off by whoever saved the page
	{"38697", "THE MOST 콘서트 with 레터플로우", "", "", "", ""},
	{"38696", "오티움(Otium)", "", "", "", ""},
	{"38607", "국립발레단 <라 바야데르>", "", "", "", ""},
	{"38675", "클래식품격콘서트", "", "", "", ""},
	{"38031", "인피니티 플라잉", "", "", "", ""},
	{"37798", "로즈 와일리展", "", "", "", ""},
	{"38350", "모네 향기를 만나다展", "", "", "", ""},
	{"38484", "헬로파크 [HELLO PARK] - 대전", "", "", "", ""},
	{"38373", "뮤지컬 [더 픽션]", "", "", "", ""},
}

// ranking2021 was saved as a template: its placeholders are not the site's words, and what stands in comments is not shown.
var ranking2021 = []showcased{
	{"38661", "", "2021.04.04~2021.04.04", "", "2021-04-04", "2021-04-04"},
	{"38547", "", "2021.04.03~2021.04.03", "", "2021-04-03", "2021-04-03"},
}

func TestCapturedShowcases(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]showcased{"main_2020_jsp.html": home2021, "list_2020_jsp.html": ranking2021} {
		r, err := New().Parse(&ticket.Page{Kind: ticket.ListPage, URL: "https://ticket.yes24.com/New/Main.aspx", Body: sellerstest.File(t, "captures", "yes24", name)})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(r.Shows) != len(want) {
			t.Errorf("%s: %d shows, want %d", name, len(r.Shows), len(want))
		}
		for i, s := range r.Shows[:min(len(r.Shows), len(want))] {
			w := want[i]
			if s.Code != w.code || s.Title != w.title || s.PeriodText != w.period || s.VenueText != w.venue || s.URL != "https://ticket.yes24.com/Perf/"+w.code ||
				!s.Partial || s.Supplement != (w.title == "") || s.OpensText != "" || s.Prices != nil {
				t.Errorf("%s:\n got %+v\nwant %+v", name, s, w)
			}
			if p, err := normalize.Period(s.PeriodText, ""); err != nil || string(p.Start) != w.start || string(p.End) != w.end {
				t.Errorf("%s %s: %+v %v", name, s.Code, p, err)
			}
			for _, not := range []string{"${", "엔젤티켓", "티켓오픈", "적립", "내한"} {
				if strings.Contains(s.Title+s.VenueText+s.PeriodText+s.GenreText, not) {
					t.Errorf("%s: %q in %+v", name, not, s)
				}
			}
		}
	}
}

func TestCapturedShowcaseParts(t *testing.T) {
	t.Parallel()
	find := func(name, code string) sellers.RawShow {
		t.Helper()
		r, err := New().Parse(&ticket.Page{Kind: ticket.ListPage, Body: sellerstest.File(t, "captures", "yes24", name)})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(r.Shows, func(s sellers.RawShow) bool { return s.Code == code })
		if i < 0 {
			t.Fatalf("%s is not there", code)
		}
		return r.Shows[i]
	}
	if s := find("main_2020_jsp.html", "38583"); s.PosterURL != "http://tkfile.yes24.com/upload2/perfblog/202103/20210312/20210312-38583.jpg" || s.GenreText != "" {
		t.Errorf("%+v", s)
	}
	if s := find("main_2020_jsp.html", "38696"); !slices.Equal(s.Badges, []string{"단독"}) || s.PosterURL != "" {
		t.Errorf("%+v", s)
	}
	if s := find("list_2020_jsp.html", "38547"); !slices.Equal(s.Badges, []string{"단독"}) || s.GenreText != "콘서트" || s.PosterURL != "" {
		t.Errorf("%+v", s)
	}
	if _, err := New().Parse(&ticket.Page{Kind: ticket.ListPage, Body: sellerstest.File(t, "captures", "yes24", "detail_51466_2024-11.html")}); err == nil {
		t.Error("the page of a product was read as a list")
	}
}

func TestShowcase(t *testing.T) {
	t.Parallel()
	p := &ticket.Page{Kind: ticket.ListPage, URL: "https://ticket.yes24.com/New/Rank/Ranking.aspx", Body: sellerstest.Own(t, "showcase.html")}
	r, err := New().Parse(p)
	if err != nil {
		t.Fatal(err)
	}
	want := []sellers.RawShow{
		{Code: "70501", URL: "https://ticket.yes24.com/Perf/70501", Title: "뮤지컬 [등대지기]", GenreText: "콘서트", PeriodText: "2025.04.01~2025.05.25", VenueText: "별빛아트홀", PosterURL: "//tkfile.yes24.com/upload2/PerfBlog/70501.jpg", Partial: true},
		{Code: "70503", URL: "https://ticket.yes24.com/Perf/70503", GenreText: "콘서트", PeriodText: "2025.04.04~2025.04.05", Partial: true, Supplement: true},
		{Code: "70504", URL: "https://ticket.yes24.com/Perf/70504", Title: "강물 콘서트", GenreText: "콘서트", PeriodText: "2025.06.07~2025.06.08", VenueText: "물결홀", Badges: []string{"단독"}, Partial: true},
		{Code: "70505", URL: "https://ticket.yes24.com/Perf/70505", Title: "바람 콘서트", GenreText: "콘서트", PeriodText: "2025.07.07 ~ 오픈런", VenueText: "바람홀", Partial: true},
	}
	if len(r.Shows) != len(want) {
		t.Fatalf("%+v", r.Shows)
	}
	for i, s := range r.Shows {
		if s.Code != want[i].Code || s.URL != want[i].URL || s.Title != want[i].Title || s.GenreText != want[i].GenreText || s.PeriodText != want[i].PeriodText || s.VenueText != want[i].VenueText ||
			s.PosterURL != want[i].PosterURL || !slices.Equal(s.Badges, want[i].Badges) || s.Partial != want[i].Partial || s.Supplement != want[i].Supplement {
			t.Errorf("\n got %+v\nwant %+v", s, want[i])
		}
	}
	reqs, err := New().Follow(p)
	if err != nil || len(reqs) != 4 || reqs[0].URL != "https://ticket.yes24.com/Perf/70501" {
		t.Errorf("%v %+v", err, reqs)
	}
}
