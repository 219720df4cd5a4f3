package kopis

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/korean"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/sellerstest"
	"ticketmoa/modules/ticket"
)

func captures(t testing.TB) string { return sellerstest.Path(t, "captures", "kopis") }

func parse(t testing.TB, kind ticket.PageKind, file string) (sellers.Result, error) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return New().Parse(&ticket.Page{Source: "kopis", Kind: kind, URL: base + "/" + filepath.Base(file), Body: b})
}

func must(t testing.TB, kind ticket.PageKind, file string) sellers.Result {
	t.Helper()
	r, err := parse(t, kind, file)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return r
}

// facts are what the captured details say, read from the files by eye.
func TestCapturedDetails(t *testing.T) {
	t.Parallel()
	dir := captures(t)
	for _, f := range []struct {
		file, title, start, end, venue, venueCode, region, cast string
		minutes, age                                            int
		prices                                                  []ticket.Price
		genre                                                   ticket.Genre
		tags                                                    string
		links                                                   []string // seller:code
	}{
		{file: "pblprfr_detail_PF219388_2023.xml", title: "조성진 피아노 리사이틀", start: "2023-07-04", end: "2023-07-05", venue: "예술의전당 (콘서트홀)", venueCode: "FC000001",
			cast: "조성진", minutes: 100, age: 7, prices: []ticket.Price{{Grade: "R석", Won: 120000}, {Grade: "S석", Won: 90000}, {Grade: "A석", Won: 70000}, {Grade: "B석", Won: 50000}}, genre: ticket.Classical},
		{file: "pblprfr_detail_PF249920_2024-09.xml", title: "서울숲 재즈 페스티벌", start: "2024-10-12", end: "2024-10-13", venue: "서울숲공원 (가족마당)", venueCode: "FC002042", region: "서울",
			cast: "한석규,신선미,정재형,김유진,송영주,고상지,김윤아", minutes: 360, age: 0, genre: ticket.Concert, tags: "N Y Y",
			prices: []ticket.Price{{Grade: "1일권", Won: 99000}, {Grade: "펫존 1일권", Won: 109000}, {Grade: "펫존 1일권 ＋ MD", Won: 148000}, {Grade: "얼리버드 티켓", Won: 79000}},
			links:  []string{"melon:210218", "yes24:50551", "interpark:24011121"}},
		{file: "pblprfr_detail_PF287093_2026.xml", title: "Vaundy ASIA ARENA TOUR HORO IN SEOUL", start: "2026-09-19", end: "2026-09-20", venue: "인스파이어 엔터테인먼트 리조트 (아레나)", venueCode: "FC003670", region: "인천",
			minutes: 120, age: 7, genre: ticket.Concert, prices: []ticket.Price{{Grade: "스탠딩석", Won: 165000}, {Grade: "R석", Won: 165000}, {Grade: "S석", Won: 154000}}, links: []string{"interpark:26003199"}},
	} {
		r := must(t, ticket.DetailPage, filepath.Join(dir, f.file))
		s := r.Shows[0]
		if s.Title != f.title || s.VenueText != f.venue || s.VenueCode != f.venueCode || s.Partial || s.OpenRunText == "Y" {
			t.Errorf("%s: %+v", f.file, s)
		}
		p, err := normalize.Period(s.StartText+" ~ "+s.EndText, "")
		if err != nil || string(p.Start) != f.start || string(p.End) != f.end {
			t.Errorf("%s: period %v %v", f.file, p, err)
		}
		if region, _ := normalize.Region(s.RegionText); string(region) != f.region {
			t.Errorf("%s: region %q", f.file, region)
		}
		var names []string
		for _, c := range normalize.CastLine(s.CastText) {
			names = append(names, c.Name)
		}
		if strings.Join(names, ",") != f.cast {
			t.Errorf("%s: cast %q", f.file, names)
		}
		minutes, _, err := normalize.Running(s.RunningText)
		if err != nil || *minutes != f.minutes {
			t.Errorf("%s: running %v %v", f.file, minutes, err)
		}
		if _, years, err := normalize.Age(s.AgeText); err != nil || years == nil || *years != f.age {
			t.Errorf("%s: age %q %v", f.file, s.AgeText, err)
		}
		if prices, err := normalize.Prices(s.Prices[0].Text); err != nil || !slices.Equal(prices, f.prices) {
			t.Errorf("%s: prices %v %v", f.file, prices, err)
		}
		if genre, _ := normalize.Genre("kopis", s.GenreText, s.Title); genre != f.genre {
			t.Errorf("%s: genre %q", f.file, genre)
		}
		if f.tags != "" && strings.Join([]string{s.KidsText, s.FestivalText, s.VisitText}, " ") != f.tags {
			t.Errorf("%s: tags %q %q %q", f.file, s.KidsText, s.FestivalText, s.VisitText)
		}
		var links []string
		for _, l := range s.Links {
			seller, code := normalize.LinkSeller(l.URL)
			links = append(links, string(seller)+":"+code)
		}
		if !slices.Equal(links, f.links) {
			t.Errorf("%s: links %q", f.file, links)
		}
		if s.Synopsis != "" || normalize.PosterURL(s.PosterURL, "") == "" || strings.HasSuffix(s.PosterURL, " ") {
			t.Errorf("%s: synopsis %q poster %q", f.file, s.Synopsis, s.PosterURL)
		}
	}
}

func TestCapturedLists(t *testing.T) {
	t.Parallel()
	dir := captures(t)
	for _, f := range []struct {
		file        string
		rows        int
		first, name string
		start, end  string
		openRuns    int
	}{
		{"pblprfr_list_sac_2013-2023.xml", 416, "PF161733", "신세계와 함께하는 예술의전당 토요콘서트 (5월)", "2020.05.16", "2020.05.16", 0},
		{"pblprfr_list_xmljs_2023-01.json", 10, "PF210114", "THE KANDLE: Valentine's Special in 앙트레블", "2023.01.20", "2023.02.28", -1},
		{"pblprfr_lists_2024-10/page18.xml", 5, "PF250157", "먼데이프로젝트 시즌7, Our Universe: 헤이맨 단독 콘서트", "2024.10.16", "2024.10.16", 1},
	} {
		r := must(t, ticket.ListPage, filepath.Join(dir, f.file))
		if len(r.Shows) != f.rows {
			t.Fatalf("%s: %d rows", f.file, len(r.Shows))
		}
		if s := r.Shows[0]; s.Code != f.first || s.Title != f.name || s.StartText != f.start || s.EndText != f.end || !s.Partial {
			t.Errorf("%s: %+v", f.file, s)
		}
		open := 0
		for _, s := range r.Shows {
			if s.OpenRunText == "Y" {
				open++
			}
			if p, err := normalize.Period(s.StartText+" ~ "+s.EndText, ""); err != nil || !p.Known() || p.End < p.Start {
				t.Errorf("%s %s: %v %v", f.file, s.Code, p, err)
			}
			if genre, _ := normalize.Genre("kopis", s.GenreText, ""); genre == "" && s.GenreText != "" {
				t.Errorf("%s %s: genre %q", f.file, s.Code, s.GenreText)
			}
		}
		if f.openRuns >= 0 && open != f.openRuns {
			t.Errorf("%s: %d open runs", f.file, open)
		}
	}
	pages, err := filepath.Glob(filepath.Join(dir, "pblprfr_lists_2024-10", "*.xml"))
	if err != nil || len(pages) == 0 {
		t.Fatal(err, pages)
	}
	total := 0
	for _, p := range pages {
		total += len(must(t, ticket.ListPage, p).Shows)
	}
	if total != 44 {
		t.Errorf("%d shows in %d pages", total, len(pages))
	}
}

func TestCapturedFacilityAndError(t *testing.T) {
	t.Parallel()
	dir := captures(t)
	f := must(t, ticket.FacilityPage, filepath.Join(dir, "prfplc_detail_FC003670_2026.xml")).Facilities[0]
	want := sellers.RawFacility{Code: "FC003670", Name: "인스파이어 엔터테인먼트 리조트", AddressText: "인천광역시 중구 공항문화로 127 (운서동)",
		LatText: "37.465530100000000", LngText: "126.38911770000000", SeatsText: "18483", Halls: []string{"아레나", "디스커버리 파크", "인스파이어 볼룸"}}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("%+v", f)
	}
	for _, kind := range []ticket.PageKind{ticket.ListPage, ticket.DetailPage, ticket.FacilityPage} {
		_, err := parse(t, kind, filepath.Join(dir, "error_key_not_registered_2026-08.xml"))
		if !errors.Is(err, sellers.ErrRefused) || !strings.Contains(err.Error(), "02: SERVICE KEY IS NOT REGISTERED ERROR") {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestOwnAnswers(t *testing.T) {
	t.Parallel()
	r := must(t, ticket.ListPage, "testdata/list.xml")
	if len(r.Shows) != 2 || r.Shows[1].Title != "달의 우체국 & 친구들" || r.Shows[1].OpenRunText != "Y" || r.Shows[1].PosterURL != "" {
		t.Errorf("%+v", r.Shows)
	}
	s := must(t, ticket.DetailPage, "testdata/detail.xml").Shows[0]
	if s.Synopsis != "멈춘 시계탑이 다시 움직인다." || s.VenueCode != "FC900001" || s.KidsText != "Y" || s.CompanyText != "(주)바다제작, (주)고래기획" || len(s.Links) != 2 || s.Links[0].URL != "http://www.ticketlink.co.kr/product/70001" {
		t.Errorf("%+v", s)
	}
	f := must(t, ticket.FacilityPage, "testdata/facility.xml").Facilities[0]
	if f.SeatsText != "1,493" || !slices.Equal(f.Halls, []string{"대공연장", "소공연장"}) {
		t.Errorf("%+v", f)
	}
	b, err := os.ReadFile("testdata/detail.xml")
	if err != nil {
		t.Fatal(err)
	}
	euckr, err := korean.EUCKR.NewEncoder().Bytes([]byte(strings.Replace(string(b), "UTF-8", "EUC-KR", 1)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := New().Parse(&ticket.Page{Kind: ticket.DetailPage, Body: euckr})
	if err != nil || !reflect.DeepEqual(got.Shows[0], s) {
		t.Errorf("EUC-KR: %v %+v", err, got)
	}
}

func TestWhatHoldsNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		body string
		kind ticket.PageKind
		want error
	}{
		{"", ticket.ListPage, sellers.ErrNotOurs},
		{"<html><body>점검 중</body></html>", ticket.ListPage, sellers.ErrNotOurs},
		{"{}", ticket.DetailPage, sellers.ErrNotOurs},
		{"<dbs/>", ticket.DetailPage, sellers.ErrGone},
		{"<dbs></dbs>", ticket.FacilityPage, sellers.ErrGone},
		{"<dbs><db><mt20id>PF1", ticket.DetailPage, sellers.ErrNotOurs},
		{"<dbs><db><mt20id>X</mt20id></db></dbs>", ticket.DetailPage, sellers.ErrNotOurs},
		{"<dbs/>", ticket.NoticePage, sellers.ErrNotOurs},
		{strings.Repeat("<a>", 100), ticket.ListPage, sellers.ErrNotOurs},
	} {
		if _, err := New().Parse(&ticket.Page{Kind: c.kind, Body: []byte(c.body)}); !errors.Is(err, c.want) {
			t.Errorf("%q as %s: %v", c.body, c.kind, err)
		}
	}
	if r, err := New().Parse(&ticket.Page{Kind: ticket.ListPage, Body: []byte("<dbs/>")}); err != nil || len(r.Shows) != 0 {
		t.Error(r, err)
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	src := New()
	start := src.Start(time.Date(2025, 12, 20, 16, 0, 0, 0, time.UTC)) // already the 21st in Seoul
	var spans []string
	for _, r := range start {
		spans = append(spans, strings.TrimPrefix(r.URL, base+"/pblprfr?"))
	}
	want := []string{"stdate=20251221&eddate=20260120&cpage=1&rows=100", "stdate=20260121&eddate=20260220&cpage=1&rows=100", "stdate=20260221&eddate=20260321&cpage=1&rows=100",
		base + "/boxoffice?ststype=day&date=20251220", base + "/prfplc?cpage=1&rows=100"}
	if !slices.Equal(spans, want) {
		t.Errorf("%q", spans)
	}
	keyed, ok := src.(sellers.Keyed)
	if !ok || keyed.WithKey(start[0].URL, "a&b") != start[0].URL+"&service=a%26b" || keyed.WithKey(base+"/pblprfr/PF1", "k") != base+"/pblprfr/PF1?service=k" {
		t.Error("the key is not added as it should")
	}
	row := `<db><mt20id>PF900001</mt20id><prfnm>가</prfnm></db>`
	for _, c := range []struct{ rows, want int }{{1, 1}, {99, 99}, {100, 101}} {
		reqs, err := src.Follow(&ticket.Page{Kind: ticket.ListPage, URL: start[0].URL, Body: []byte("<dbs>" + strings.Repeat(row, c.rows) + "</dbs>")})
		if err != nil || len(reqs) != c.want {
			t.Errorf("%d rows: %d requests, %v", c.rows, len(reqs), err)
		}
		if c.rows == 100 && reqs[100].URL != strings.Replace(start[0].URL, "cpage=1", "cpage=2", 1) {
			t.Error(reqs[100].URL)
		}
	}
	b, err := os.ReadFile("testdata/detail.xml")
	if err != nil {
		t.Fatal(err)
	}
	reqs, err := src.Follow(&ticket.Page{Kind: ticket.DetailPage, Body: b})
	if err != nil || len(reqs) != 1 || reqs[0].URL != base+"/prfplc/FC900001" || reqs[0].Kind != ticket.FacilityPage {
		t.Error(reqs, err)
	}
}

// TestChangesOnly: between two full walks only records that changed are asked for, on every page of the answer.
func TestChangesOnly(t *testing.T) {
	t.Parallel()
	now := time.Date(2025, 12, 20, 16, 0, 0, 0, time.UTC)
	reqs := New().(sellers.Since).StartSince(now, now.Add(-24*time.Hour))
	if len(reqs) != 4 || !strings.HasSuffix(reqs[0].URL, "&afterdate=20251219") || strings.Contains(reqs[3].URL, "afterdate") {
		t.Fatalf("%+v", reqs)
	}
	row := `<db><mt20id>PF900001</mt20id><prfnm>가</prfnm></db>`
	follow, err := New().Follow(&ticket.Page{Kind: ticket.ListPage, URL: reqs[0].URL, Body: []byte("<dbs>" + strings.Repeat(row, 100) + "</dbs>")})
	if err != nil || follow[100].URL != strings.Replace(reqs[0].URL, "cpage=1", "cpage=2", 1) {
		t.Error(follow[100], err)
	}
}

func TestBoxOfficeAndFacilityList(t *testing.T) {
	t.Parallel()
	box := `<?xml version="1.0" encoding="UTF-8"?><boxofs><boxof><area>서울</area><prfdtcnt>8</prfdtcnt><prfnm>종이 등대</prfnm><prfpd>2026.12.05~2027.01.31</prfpd><cate>뮤지컬</cate><prfplcnm>블루스퀘어</prfplcnm><rnum>1</rnum><seatcnt>1760</seatcnt><poster>/upload/pfmPoster/PF_PF900001_1.gif</poster><mt20id>PF900001</mt20id></boxof></boxofs>`
	p := &ticket.Page{Kind: ticket.ListPage, URL: boxOffice("2026-12-10").URL, Body: []byte(box)}
	r, err := New().Parse(p)
	if err != nil || len(r.Shows) != 1 {
		t.Fatal(err, r)
	}
	if s := r.Shows[0]; s.Code != "PF900001" || s.Title != "종이 등대" || s.GenreText != "뮤지컬" || s.VenueText != "블루스퀘어" || s.PeriodText != "2026.12.05~2027.01.31" || !s.Partial {
		t.Errorf("%+v", s)
	}
	if follow, err := New().Follow(p); err != nil || len(follow) != 1 || follow[0].Mark != sellers.AnyMark {
		t.Errorf("%+v %v", follow, err)
	}
	row := `<db><fcltynm>가나회관</fcltynm><mt10id>FC900001</mt10id><mt13cnt>1</mt13cnt><fcltychartr>공공(문예회관)</fcltychartr><sidonm>충북</sidonm><gugunnm>청주시</gugunnm><opende>1999</opende></db>`
	p = &ticket.Page{Kind: ticket.FacilityPage, URL: facilities(3).URL, Body: []byte("<dbs>" + strings.Repeat(row, 100) + "</dbs>")}
	r, err = New().Parse(p)
	if err != nil || len(r.Facilities) != 100 || r.Facilities[0].RegionText != "충북 청주시" {
		t.Fatal(err, r.Facilities[0])
	}
	if follow, err := New().Follow(p); err != nil || len(follow) != 1 || follow[0].URL != facilities(4).URL {
		t.Errorf("%+v %v", follow, err)
	}
	if r, err := New().Parse(&ticket.Page{Kind: ticket.FacilityPage, URL: facilities(41).URL, Body: []byte("<dbs/>")}); err != nil || len(r.Facilities) != 0 {
		t.Errorf("behind the end: %+v %v", r, err)
	}
}

func FuzzParse(f *testing.F) {
	kinds := []ticket.PageKind{ticket.ListPage, ticket.DetailPage, ticket.FacilityPage}
	for i, name := range []string{"list.xml", "detail.xml", "facility.xml"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(i, b)
	}
	f.Add(0, []byte(`{"elements":[{"type":"element","name":"dbs","elements":[{"type":"element","name":"db","elements":[{"type":"element","name":"mt20id","elements":[{"type":"text","text":"PF900001"}]},{"type":"element","name":"prfnm","elements":[{"type":"text","text":"가"}]}]}]}]}`))
	f.Add(1, []byte(`{"dbs":{"db":{"mt20id":{"_text":"PF900001"},"prfnm":"가"}}}`))
	f.Fuzz(func(t *testing.T, kind int, b []byte) {
		p := &ticket.Page{Kind: kinds[uint(kind)%3], URL: base, Body: b}
		r, err := New().Parse(p)
		if err != nil {
			return
		}
		for _, s := range r.Shows {
			if s.Code == "" || !utf8.ValidString(s.Title+s.VenueText+s.Synopsis+s.CastText) {
				t.Errorf("%+v", s)
			}
		}
		if _, err := New().Follow(p); err != nil {
			t.Error(err)
		}
	})
}
