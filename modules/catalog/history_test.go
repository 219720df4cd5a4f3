package catalog

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"ticketmoa/modules/ticket"
)

func priced(minutes int, kind ticket.PageKind, prices ...ticket.Price) ticket.View {
	return view(kind, minutes, ticket.Content{Title: "시라노", TitleRaw: "시라노", Seller: ticket.YES24, URL: "https://ticket.yes24.com/Perf/1", Prices: prices,
		Period: ticket.Period{Start: "2026-12-06", End: "2027-02-23"}})
}

func grade(name string, won ticket.Won) ticket.Price { return ticket.Price{Grade: name, Won: won} }

// told is a history as one text a row.
func told(rows []ticket.HistoryRow, field string) []string {
	var out []string
	for _, r := range rows {
		if r.Field == field {
			out = append(out, fmt.Sprintf("%s%s %s %d-%d", r.Grade, r.Label, r.Value, int(r.From.Sub(at).Minutes()), int(r.Until.Sub(at).Minutes())))
		}
	}
	return out
}

func historyOf(t *testing.T, pages ...ticket.View) (rows []ticket.HistoryRow, version int64) {
	t.Helper()
	ctx := context.Background()
	c := newCatalog(t)
	var l ticket.Listing
	for _, v := range pages {
		var err error
		l, _, err = c.SaveListing(ctx, "yes24", "1", 1, v)
		must(t, err)
	}
	put(t, c, l)
	must(t, c.Project(ctx, PerformanceID(l.Key), ticket.Origin{Cause: ticket.CauseSource, At: at}))
	p, err := c.Performance(ctx, PerformanceID(l.Key))
	must(t, err)
	all, err := c.History(ctx, p)
	must(t, err)
	var doc historyDoc
	must(t, c.history.Get(ctx, l.Key, &doc))
	return all[l.Key], doc.Version
}

func TestHistory(t *testing.T) {
	t.Parallel()
	vip, r100, r80 := grade("VIP석", 150000), grade("R석", 100000), grade("R석", 80000)
	early := ticket.Price{Grade: "R석", Won: 70000, Label: "조기예매"}
	for _, tc := range []struct {
		name    string
		pages   []ticket.View
		want    []string
		version int64
	}{
		{"the same again and again", []ticket.View{priced(0, ticket.DetailPage, vip, r100), priced(60, ticket.DetailPage, vip, r100), priced(120, ticket.DetailPage, vip, r100)},
			[]string{"R석 100000 0-120", "VIP석 150000 0-120"}, 1},
		{"cheaper, then as before", []ticket.View{priced(0, ticket.DetailPage, r100), priced(60, ticket.DetailPage, r100), priced(120, ticket.DetailPage, r80), priced(180, ticket.DetailPage, r100)},
			[]string{"R석 100000 0-60", "R석 80000 120-120", "R석 100000 180-180"}, 3},
		{"an early bird flies", []ticket.View{priced(0, ticket.DetailPage, r100, early), priced(60, ticket.DetailPage, r100)},
			[]string{"R석 100000 0-60", "R석조기예매 70000 0-0", "R석조기예매  60-60"}, 2},
		{"no word of prices", []ticket.View{priced(0, ticket.DetailPage, r100), priced(60, ticket.DetailPage)}, []string{"R석 100000 0-60"}, 1},
		{"a list says less", []ticket.View{priced(0, ticket.DetailPage, vip, r100), priced(30, ticket.ListPage, r80), priced(60, ticket.DetailPage, vip, r100)},
			[]string{"R석 100000 0-60", "VIP석 150000 0-60"}, 2},
		{"an old page comes late", []ticket.View{priced(0, ticket.DetailPage, r100), priced(120, ticket.DetailPage, r100), priced(60, ticket.DetailPage, r80)},
			[]string{"R석 100000 0-0", "R석 80000 60-60", "R석 100000 120-120"}, 2},
	} {
		rows, version := historyOf(t, tc.pages...)
		if got := told(rows, ticket.HistoryPrice); !slices.Equal(got, tc.want) || version != tc.version {
			t.Errorf("%s: version %d\n got %q\nwant %q", tc.name, version, got, tc.want)
		}
	}
}

// TestHistoryOfDaysAndSales keeps when a run, an opening or the state of the sale was named otherwise.
func TestHistoryOfDaysAndSales(t *testing.T) {
	t.Parallel()
	opens := at.Add(48 * time.Hour)
	page := func(minutes int, end ticket.Date, state ticket.Status, opensAt *time.Time) ticket.View {
		v := priced(minutes, ticket.DetailPage)
		v.Content.Period.End, v.Content.SaleState, v.Content.OpensAt = end, state, opensAt
		return v
	}
	rows, _ := historyOf(t, page(0, "2027-02-23", "", &opens), page(60, "2027-03-23", "", &opens), page(120, "2027-03-23", ticket.SoldOut, nil), page(180, "2027-03-23", "", nil))
	for field, want := range map[string][]string{
		ticket.HistoryPeriod: {" 2026-12-06 ~ 2027-02-23 0-0", " 2026-12-06 ~ 2027-03-23 60-180"},
		ticket.HistoryState:  {" sold_out 120-120", "  180-180"},
		ticket.HistoryOpens:  {" 2026-11-24T09:00:00+09:00 0-180"},
	} {
		if got := told(rows, field); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", field, got, want)
		}
	}
}

// TestReadingAPageAnewRewritesItsRow: a better parser reads another price on the same page.
func TestReadingAPageAnewRewritesItsRow(t *testing.T) {
	t.Parallel()
	wrong, right := priced(0, ticket.DetailPage, grade("R석", 10000)), priced(0, ticket.DetailPage, grade("R석", 100000))
	rows, _ := historyOf(t, wrong, right, right)
	if got := told(rows, ticket.HistoryPrice); !slices.Equal(got, []string{"R석 100000 0-0"}) {
		t.Errorf("%q", got)
	}
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	ninety, hundred := 90, 100
	l := func(source string, seller ticket.Seller, change func(*ticket.Content)) ticket.Listing {
		c := ticket.Content{Seller: seller, Period: ticket.Period{Start: "2026-12-06", End: "2027-02-23"}, RunningMinutes: &ninety, TimesText: "19:30"}
		change(&c)
		return ticket.Listing{Key: source + ":1", Source: source, Content: c}
	}
	same := func(*ticket.Content) {}
	a := l("interpark", ticket.Interpark, same)
	for _, tc := range []struct {
		name string
		b    ticket.Listing
		want string
	}{
		{"the same", l("yes24", ticket.YES24, same), ""},
		{"another end", l("yes24", ticket.YES24, func(c *ticket.Content) { c.Period.End = "2027-01-31" }), "period interpark 2026-12-06 ~ 2027-02-23 yes24 2026-12-06 ~ 2027-01-31"},
		{"another hour", l("yes24", ticket.YES24, func(c *ticket.Content) { c.TimesText = "오후 7시" }), "start_time interpark 19:30 yes24 19:00"},
		{"the same hour in words", l("yes24", ticket.YES24, func(c *ticket.Content) { c.TimesText = "저녁 7시 반" }), ""},
		{"a table of hours", l("yes24", ticket.YES24, func(c *ticket.Content) { c.TimesText = "평일 19:30 / 주말 14:00, 18:00" }), ""},
		{"longer", l("kopis", "", func(c *ticket.Content) { c.RunningMinutes = &hundred }), "running_minutes interpark 90 kopis 100"},
		{"silent", l("yes24", ticket.YES24, func(c *ticket.Content) { c.RunningMinutes, c.TimesText, c.Period = nil, "", ticket.Period{} }), ""},
	} {
		got := ""
		for _, c := range conflicts([]ticket.Listing{a, tc.b}, nil) {
			got += c.Field
			for _, s := range c.Values {
				got += " " + s.Source + " " + s.Value
			}
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
