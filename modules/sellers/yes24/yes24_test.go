package yes24

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/korean"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/sellerstest"
	"ticketmoa/modules/ticket"
)

const listURL = "https://ticket.yes24.com/New/Genre/Ajax/GenreList_Data.aspx?genre=15457&sort=1&area=&genretype=1&pCurPage=1&pPageSize=20"

func TestCapturedDetail(t *testing.T) {
	t.Parallel()
	r, err := New().Parse(&ticket.Page{Kind: ticket.DetailPage, URL: "https://ticket.yes24.com/Perf/51466", Body: sellerstest.File(t, "captures", "yes24", "detail_51466_2024-11.html")})
	if err != nil {
		t.Fatal(err)
	}
	s := r.Shows[0]
	for _, c := range []struct{ field, got, want string }{
		{"code", s.Code, "51466"}, {"url", s.URL, "https://ticket.yes24.com/Perf/51466"}, {"title", s.Title, "뮤지컬 [더 픽션]"},
		{"genre", s.GenreText, "뮤지컬 > 창작"}, {"venue", s.VenueText, "예스24스테이지 1관"},
		{"address", s.AddressText, "서울 종로구 대학로12길 21 (동숭동) 예스24스테이지 1관"}, {"period", s.PeriodText, "2024.12.14 ~ 2025.03.09"},
		{"running", s.RunningText, "90분(인터미션 없음)"}, {"age", s.AgeText, "14세 이상 (중학생 이상)"}, {"opens", s.OpensText, "2024-11-25T15:00"}, {"company", s.CompanyText, "에이치제이컬쳐 주식회사"},
		{"poster", s.PosterURL, "http://tkfile.yes24.com/upload2/PerfBlog/202410/20241029/20241029-51466.jpg"}, {"synopsis", s.Synopsis, ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.field, c.got, c.want)
		}
	}
	if !slices.Equal(s.Prices, []sellers.RawPrice{{Text: "R석 66,000원"}, {Text: "S석 44,000원"}}) || !slices.Equal(s.Badges, []string{"청년 패스"}) || s.Partial {
		t.Errorf("prices %+v badges %q", s.Prices, s.Badges)
	}
	if len(s.Cast) != 11 || s.Cast[0].Name != "김도빈" || s.Cast[10].Name != "정이운" {
		t.Errorf("cast %+v", s.Cast)
	}
	if !strings.HasPrefix(s.TimesText, "화,목,금 8시 / 수 4시 8시") {
		t.Errorf("times %q", s.TimesText)
	}
	if p, err := normalize.Period(s.PeriodText, ""); err != nil || p.Start != "2024-12-14" || p.End != "2025-03-09" {
		t.Error(p, err)
	}
	if at, err := normalize.Opens(s.OpensText, time.Time{}); err != nil || at.In(ticket.Seoul).Format(time.DateTime) != "2024-11-25 15:00:00" {
		t.Error(at, err)
	}
	if region, district := normalize.Region(s.AddressText); region != "서울" || district != "종로구" {
		t.Error(region, district)
	}
}

func TestCapturedListItem(t *testing.T) {
	t.Parallel()
	r, err := New().Parse(&ticket.Page{Kind: ticket.ListPage, URL: strings.Replace(listURL, "15457", "15456", 1), Body: sellerstest.File(t, "captures", "yes24", "reduced_list_item_2026-09.html")})
	if err != nil || len(r.Shows) != 1 {
		t.Fatal(err, len(r.Shows))
	}
	s := r.Shows[0]
	if s.Code != "59771" || s.Title != "ELLEGARDEN ‘Bad For Education Tour II (2026)’" || s.PeriodText != "2026.11.28 ~ 2026.11.29" || s.VenueText != "YES24 LIVE" || s.GenreText != "15456" || !s.Partial {
		t.Errorf("%+v", s)
	}
}

func TestOwnPages(t *testing.T) {
	t.Parallel()
	r, err := New().Parse(&ticket.Page{Kind: ticket.ListPage, URL: listURL, Body: sellerstest.Own(t, "list.html")})
	if err != nil || len(r.Shows) != 2 {
		t.Fatal(err, r)
	}
	if a, b := r.Shows[0], r.Shows[1]; a.Title != "뮤지컬 <Lighthouse Keeper>" || a.VenueText != "별빛아트홀" || a.PosterURL != "//image.example.com/p1.jpg" ||
		b.Title != "연극 <달의 우체국> & 친구들" || b.PeriodText != "상시공연" || b.Code != "70502" {
		t.Errorf("%+v", r.Shows)
	}
	page := sellerstest.Own(t, "detail.html")
	korean, err := korean.EUCKR.NewEncoder().Bytes([]byte(strings.Replace(string(page), "utf-8", "euc-kr", 1)))
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string][]byte{"utf-8": page, "euc-kr": korean} {
		r, err := New().Parse(&ticket.Page{Kind: ticket.DetailPage, Code: "70501", Body: body})
		if err != nil {
			t.Fatal(name, err)
		}
		s := r.Shows[0]
		if s.Title != "뮤지컬 [등대지기]" || s.OpensText != "2025-03-04T14:00" || len(s.Prices) != 2 || len(s.Cast) != 2 || !slices.Equal(s.Badges, []string{"단독판매"}) || s.AgeText != "8세 이상" {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	src := New()
	if start := src.Start(time.Now()); len(start) != 7 || start[2].URL != listURL || start[1].Header["X-Requested-With"] == "" || start[1].Header["Referer"] == "" {
		t.Errorf("%+v", start)
	}
	urls := func(url string) []string {
		reqs, err := src.Follow(&ticket.Page{Kind: ticket.ListPage, URL: url, Body: sellerstest.Own(t, "list.html")})
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, r := range reqs {
			if r.Kind == ticket.DetailPage && (!r.Fallback || r.Browser) {
				t.Errorf("%+v", r)
			}
			out = append(out, r.URL)
		}
		return out
	}
	if got := urls(listURL); !slices.Equal(got, []string{"https://ticket.yes24.com/Perf/70501", "https://ticket.yes24.com/Perf/70502", strings.Replace(listURL, "pCurPage=1", "pCurPage=2", 1)}) {
		t.Errorf("%q", got)
	}
	if got := urls(strings.Replace(listURL, "pCurPage=1", "pCurPage=3", 1)); len(got) != 2 {
		t.Errorf("beyond the total: %q", got)
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
		{"missing id", `<html><body><img src="http://tkfile.yes24.com/imgNew/errorImg_ticket.gif"></body></html>`, ticket.DetailPage, sellers.ErrGone},
		{"frame of a script", `<html><head><title>YES24 티켓</title><script src="/app.js"></script></head><body><div id="root"></div></body></html>`, ticket.DetailPage, sellers.ErrUnrendered},
		{"no list", "<html><body>YES24</body></html>", ticket.ListPage, sellers.ErrNotOurs},
		{"no such kind", "x", ticket.FacilityPage, sellers.ErrNotOurs},
		{"a list that names what others sell", `<a href="https://elsewhere.example.com/Perf/1">YES24</a>`, ticket.ListPage, sellers.ErrNotOurs},
		{"no board", "<html><body>YES24</body></html>", ticket.NoticeListPage, sellers.ErrNotOurs},
		{"a notice without a title", `<div id="NoticeRead"><input id="hdNotiID" value="1"></div>`, ticket.NoticePage, sellers.ErrNotOurs},
		{"a notice of another kind", `<div class="noti-view-tit"><span class="noti-tit-tag02">변경/취소</span><p>별빛 음악회 취소 안내</p></div>`, ticket.NoticePage, sellers.ErrNotOurs},
	} {
		if _, err := New().Parse(&ticket.Page{Kind: c.kind, Code: "1", Body: []byte(c.body)}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if r, err := New().Parse(&ticket.Page{Kind: ticket.ListPage, Body: []byte(`<input type="hidden" id="ListTotalCnt" value="0">`)}); err != nil || len(r.Shows) != 0 {
		t.Error(r, err)
	}
	for _, body := range []string{`<div class="noti-tbl"><table><tr><th>구분</th></tr><tr><td colspan="4">등록된 글이 없습니다.</td></tr></table></div>`, `<input id="ListTotalCnt" value="0">`} {
		p := &ticket.Page{Kind: ticket.NoticeListPage, URL: boardURL, Body: []byte(body)}
		if r, err := New().Parse(p); err != nil || len(r.Notices) != 0 {
			t.Error(r, err)
		}
		if reqs, err := New().Follow(p); err != nil || len(reqs) != 0 {
			t.Errorf("a board without rows leads on: %v %+v", err, reqs)
		}
	}
	for _, name := range []string{"main_2020_jsp.html", "list_2020_jsp.html"} {
		if _, err := New().Parse(&ticket.Page{Kind: ticket.DetailPage, Code: "1", Body: sellerstest.File(t, "captures", "yes24", name)}); !errors.Is(err, sellers.ErrNotOurs) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New().Parse(&ticket.Page{Kind: ticket.DetailPage, Code: "1", Body: sellerstest.File(t, "captures", "ticketlink", "product_52656_rendered_2024-11.html")}); !errors.Is(err, sellers.ErrNotOurs) {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	kinds := ticket.PageKinds()
	for kind, names := range map[ticket.PageKind][]string{
		ticket.ListPage: {"list.html", "showcase.html"}, ticket.DetailPage: {"detail.html"}, ticket.NoticeListPage: {"notice_list.html"}, ticket.NoticePage: {"notice.html"},
	} {
		for _, name := range names {
			f.Add(slices.Index(kinds, kind), sellerstest.Own(f, name))
		}
	}
	f.Fuzz(func(t *testing.T, kind int, b []byte) {
		p := &ticket.Page{Kind: kinds[uint(kind)%uint(len(kinds))], URL: listURL, Body: b}
		switch p.Kind {
		case ticket.DetailPage, ticket.NoticePage:
			p.Code = "1"
		case ticket.NoticeListPage:
			p.URL = boardURL
		}
		sellerstest.Sound(t, New(), p, site+"/")
	})
}
