package etl

import (
	"context"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/catalog"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

// TestFactsWithoutATitleWait: prices and days of a code nobody has named yet are kept, become part of the show when its
// page comes, and show nothing before.
func TestFactsWithoutATitleWait(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ctx := context.Background()
	count := func() int64 {
		t.Helper()
		n, err := r.catalog.Counts(ctx)
		must(t, err)
		return n["performances"]
	}
	r.feed("yes", ticket.PricePage, "7", sellers.Result{Shows: []sellers.RawShow{{Code: "7", URL: "https://yes.example/7", Supplement: true, Prices: []sellers.RawPrice{
		{Grade: "R석", Text: "90000원"}, {Grade: "R석", Text: "63000원", Label: "조기예매 30%"}, {Grade: "S석", Text: "60000원"}}}}})
	r.feed("yes", ticket.DatesPage, "7", sellers.Result{Shows: []sellers.RawShow{{Code: "7", URL: "https://yes.example/7", Supplement: true, PeriodText: "2024.12.06, 2024.12.08, 2024.12.15"}}})
	if n := count(); n != 0 {
		t.Fatalf("%d performances of a code without a title", n)
	}
	tally := r.feed("yes", ticket.DetailPage, "7", sellers.Result{Shows: []sellers.RawShow{{Code: "7", URL: "https://yes.example/7", Title: "뮤지컬 〈등대〉", VenueText: "드림씨어터", PeriodText: "2024.12.06 ~ 2024.12.15"}}})
	if tally.Quarantined != 0 || count() != 1 {
		t.Fatalf("%+v, %d performances", tally, count())
	}
	l, err := r.catalog.Listing(ctx, "yes:7")
	must(t, err)
	low, high, ok := ticket.RangeOf(l.Content.Prices)
	if len(l.Content.Prices) != 3 || !ok || low != 60000 || high != 90000 || len(l.Content.Period.Dates) != 3 || l.Content.Title != "뮤지컬 〈등대〉" {
		t.Errorf("%+v: %d to %d", l.Content, low, high)
	}
}

// TestCorrectionsOfAnOpeningAreChanges: an opening that is moved, gets a presale or a date at last is one change each, with
// what was said before and after.
func TestCorrectionsOfAnOpeningAreChanges(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ctx := context.Background()
	notice := func(opens string, presales ...sellers.RawPresale) sellers.Result {
		return sellers.Result{Notices: []sellers.RawNotice{{ID: "9", URL: "https://yes.example/n/9", Title: "뮤지컬 〈등대〉 티켓오픈 안내", OpensText: opens, RegisteredText: "2024.11.20", VenueText: "드림씨어터", Presales: presales}}}
	}
	for _, page := range []sellers.Result{notice("추후공지"), notice("11.29(금) 14:00"), notice("11.29(금) 14:00"), notice("12.02(월) 11:00"), notice("12.02(월) 11:00", sellers.RawPresale{Name: "팬클럽 선예매", Text: "12.01(일) 20:00"})} {
		r.feed("yes", ticket.NoticePage, "9", page)
	}
	var got []string
	changes, err := r.catalog.Changes(ctx, 0, 100)
	must(t, err)
	for _, c := range changes {
		if c.Entity != "opening" {
			continue
		}
		for _, d := range c.Fields {
			got = append(got, d.Field+": "+d.Old+" > "+d.New)
		}
	}
	want := []string{"opening:  > 뮤지컬 〈등대〉", "opens_at:  > 2024-11-29T14:00:00+09:00", "opens_at: 2024-11-29T14:00:00+09:00 > 2024-12-02T11:00:00+09:00", "presales:  > 팬클럽 선예매 2024-12-01T20:00:00+09:00 ~"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestRelativeTimes: 내일 and dates without a year are read against the page's own date, or else when it was fetched, and
// never against today.
func TestRelativeTimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, opens, asOf, registered, fetched, want string }{
		{"tomorrow by the page's own date", "내일 10:00", "2025.06.29 04:00", "", "2025-07-10", "2025-06-30T10:00:00+09:00"},
		{"tomorrow by the fetch", "내일 10:00", "", "", "2025-06-29", "2025-06-30T10:00:00+09:00"},
		{"a year by the registration", "01.03(토) 18:00", "", "2025.12.28", "2026-03-01", "2026-01-03T18:00:00+09:00"},
		{"a year by the fetch", "07.04(금) 18:00", "", "", "2025-06-29", "2025-07-04T18:00:00+09:00"},
		{"undecided", "9999-12-31T00:00:00", "", "", "2025-06-29", ""},
	} {
		r := newRig(t)
		at, err := time.ParseInLocation(time.DateOnly, c.fetched, ticket.Seoul)
		must(t, err)
		r.feedAt(at, "yes", ticket.NoticePage, "1", sellers.Result{Notices: []sellers.RawNotice{{ID: "1", URL: "https://yes.example/n/1", Title: "연극 〈의자〉 티켓오픈 안내", OpensText: c.opens, AsOfText: c.asOf, RegisteredText: c.registered}}})
		all, err := r.catalog.Openings(context.Background(), catalog.OpeningQuery{})
		must(t, err)
		got := ""
		if len(all) > 0 {
			got = all[0].Content.OpensAt.In(ticket.Seoul).Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestMatchesStayApart: two matches of one day and of the same teams are two, as are those of two days; a seller's and a
// file's word for one match are one.
func TestMatchesStayApart(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	game := func(code, home, day, clock string) sellers.RawShow {
		return sellers.RawShow{Code: code, URL: "https://link.example/" + code, Title: home + " vs KT", Home: home, Away: "KT", GenreText: "스포츠", VenueText: "잠실야구장", PeriodText: day, TimesText: clock}
	}
	r.feed("link", ticket.ListPage, "", sellers.Result{Shows: []sellers.RawShow{game("1", "LG 트윈스", "2024.12.06", "14:00"), game("2", "LG 트윈스", "2024.12.06", "18:30"), game("3", "LG 트윈스", "2024.12.07", "14:00")}})
	r.feed("reg", ticket.ListPage, "", sellers.Result{Shows: []sellers.RawShow{game("a", "엘지", "2024-12-06", "14:00")}})
	n, err := r.catalog.Counts(context.Background())
	must(t, err)
	if n["performances"] != 3 || n["listings"] != 4 {
		t.Errorf("%v, want three matches of four listings", n)
	}
	l, err := r.catalog.Listing(context.Background(), "reg:a")
	must(t, err)
	p, err := r.catalog.Performance(context.Background(), l.PerformanceID)
	must(t, err)
	if p.Title != "LG 트윈스 vs KT 위즈" || p.Fixture == nil || p.Fixture.Home != "LG 트윈스" || p.Genre != ticket.Sports || p.Place.Region != "서울" {
		t.Errorf("%+v", p)
	}
}

// TestTestListingsAreWithheld: what a seller lists only to try its shop is never shown.
func TestTestListingsAreWithheld(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i, title := range []string{"［TEST］24 두산 홈경기", "[test] 공연", "［뇽테스트］2025 테스트(1)", "뮤지컬 구매금지", "콘서트 (구매불가)", "강제취소 연극", "뮤지컬 〈등대〉 + Hotels", "겨울바다 럭키드로우", "겨울바다 공식 팬클럽 3기 모집"} {
		code := string(rune('a' + i))
		if tally := r.feed("yes", ticket.DetailPage, code, sellers.Result{Shows: []sellers.RawShow{{Code: code, Title: title, PeriodText: "2024.12.06"}}}); tally.Stored != 0 || tally.Quarantined != 1 {
			t.Errorf("%s: %+v", title, tally)
		}
	}
	if tally := r.feed("yes", ticket.DetailPage, "z", sellers.Result{Shows: []sellers.RawShow{{Code: "z", Title: "연극 〈테스트〉", PeriodText: "2024.12.06"}}}); tally.Stored != 1 {
		t.Errorf("a show of that name: %+v", tally)
	}
}

// TestPresaleInTheHead: the date in a notice's head may be its presale's; then the text's own word for the general sale
// counts, and without one the notice announces a presale only. A presale told of twice is one.
func TestPresaleInTheHead(t *testing.T) {
	t.Parallel()
	early := sellers.RawPresale{Name: "팬클럽 선예매", Text: "08/21(수) 20:00"}
	for _, c := range []struct {
		name, general, want string
		presales            []sellers.RawPresale
		kind                string
	}{
		{"no presale", "", "2024-08-21T20:00:00+09:00", nil, ticket.GeneralSale},
		{"a presale of another time", "", "2024-08-21T20:00:00+09:00", []sellers.RawPresale{{Name: "선예매", Text: "08/20(화) 20:00"}}, ticket.GeneralSale},
		{"the text says when", "08/23 (금) 20:00", "2024-08-23T20:00:00+09:00", []sellers.RawPresale{early, {Name: "선예매", Text: "08/21(수) 20:00 ~ 08/22(목) 23:59"}}, ticket.GeneralSale},
		{"the text does not say when", "", "2024-08-21T20:00:00+09:00", []sellers.RawPresale{early}, ticket.PresaleOnly},
	} {
		r := newRig(t)
		notice := sellers.RawNotice{ID: "1", URL: "https://yes.example/n/1", Title: "콘서트 〈등대〉 티켓오픈 안내", OpensText: "2024.08.21(수) 20:00", RegisteredText: "2024.08.14", GeneralText: c.general, Presales: c.presales}
		again := notice
		again.Title = "콘서트 〈다른 것〉"
		tally := r.feed("yes", ticket.NoticePage, "1", sellers.Result{Notices: []sellers.RawNotice{notice, again}})
		all, err := r.catalog.Openings(context.Background(), catalog.OpeningQuery{})
		must(t, err)
		if len(all) != 1 {
			t.Fatalf("%s: %d openings", c.name, len(all))
		}
		o := all[0]
		got := o.Content.OpensAt.In(ticket.Seoul).Format(time.RFC3339)
		if got != c.want || o.Content.Kind != c.kind || tally.Quarantined != 0 || len(o.Content.Presales) > 1 || o.Content.ShowTitle != "콘서트 〈등대〉" {
			t.Errorf("%s: %q, %+v", c.name, got, o.Content)
		}
	}
}

// TestCityOfATitle: where the hall does not tell, the city a title ends with says where an opening is.
func TestCityOfATitle(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]ticket.Region{"뮤지컬 〈등대〉 - 부산 티켓오픈 안내": "부산", "뮤지컬 〈등대〉 - 전주 티켓오픈 안내": "전북", "뮤지컬 〈등대〉 - 앵콜 티켓오픈 안내": ""} {
		r := newRig(t)
		r.feed("yes", ticket.NoticePage, "1", sellers.Result{Notices: []sellers.RawNotice{{ID: "1", URL: "https://yes.example/n/1", Title: title, OpensText: "2024.11.29 14:00", VenueText: "아무도 모르는 곳"}}})
		all, err := r.catalog.Openings(context.Background(), catalog.OpeningQuery{})
		must(t, err)
		if len(all) != 1 || all[0].Content.Place.Region != want {
			t.Errorf("%s: %+v, want %q", title, all, want)
		}
	}
}
