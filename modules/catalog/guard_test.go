package catalog

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/ticket"
)

func sound() ticket.Content {
	opens, minutes := at.Add(48*time.Hour), 90
	return ticket.Content{Title: "뮤지컬 〈항구의 시계공〉", TitleRaw: "뮤지컬 〈항구의 시계공〉", Genre: ticket.Musical, Place: ticket.Place{Name: "대학로 예그린씨어터"},
		Period: ticket.Period{Start: "2026-11-20", End: "2026-12-31"}, Prices: []ticket.Price{{Grade: "R석", Won: 66000}, {Grade: "S석", Won: 44000}},
		Cast: []ticket.CastMember{{Name: "김도빈"}}, AgeText: "14세 이상", TimesText: "화~금 8시", PosterURL: "https://x.example/p.jpg", OpensAt: &opens, RunningMinutes: &minutes,
		Links: []ticket.Link{{Seller: ticket.YES24, URL: "https://ticket.yes24.com/Perf/1"}}}
}

// TestContentDrift: what is suspicious of a page, and what sellers do every day.
func TestContentDrift(t *testing.T) {
	t.Parallel()
	move := func(c *ticket.Content, from, to int) {
		c.Period.Start, c.Period.End = c.Period.Start.AddDays(from), c.Period.End.AddDays(to)
	}
	opens := func(c *ticket.Content, d time.Duration) { moved := c.OpensAt.Add(d); c.OpensAt = &moved }
	for name, tc := range map[string]struct {
		change func(*ticket.Content)
		want   string
	}{
		"the same":                   {func(*ticket.Content) {}, ""},
		"goes on for longer":         {func(c *ticket.Content) { move(c, 0, 14) }, ""},
		"put off by three days":      {func(c *ticket.Content) { move(c, 3, 3) }, ""},
		"begins a month later":       {func(c *ticket.Content) { move(c, 30, 40) }, ""},
		"a little dearer":            {func(c *ticket.Content) { c.Prices[1].Won = 55000 }, ""},
		"sold out":                   {func(c *ticket.Content) { c.SaleState = ticket.SoldOut }, ""},
		"another cast":               {func(c *ticket.Content) { c.Cast = []ticket.CastMember{{Name: "정동화"}, {Name: "손유동"}} }, ""},
		"a longer title":             {func(c *ticket.Content) { c.Title = "뮤지컬 〈항구의 시계공〉 앙코르" }, ""},
		"opens two days later":       {func(c *ticket.Content) { opens(c, 48*time.Hour) }, ""},
		"opens half an hour later":   {func(c *ticket.Content) { opens(c, 30*time.Minute) }, ""},
		"a free seat beside":         {func(c *ticket.Content) { c.Prices = append(c.Prices, ticket.Price{Grade: "초대", Won: 0}) }, ""},
		"no title":                   {func(c *ticket.Content) { c.Title = "" }, "title lost"},
		"an English title":           {func(c *ticket.Content) { c.Title = "The Watchmaker" }, "title lost title turned"},
		"another title":              {func(c *ticket.Content) { c.Title = "티켓 예매 안내" }, "title turned"},
		"another venue":              {func(c *ticket.Content) { c.Place.Name = "부산문화회관 대극장" }, "venue turned"},
		"no venue":                   {func(c *ticket.Content) { c.Place.Name = "" }, "venue lost"},
		"no period":                  {func(c *ticket.Content) { c.Period = ticket.Period{} }, "period lost"},
		"a year ago":                 {func(c *ticket.Content) { move(c, -365, -365) }, "end turned period turned"},
		"over":                       {func(c *ticket.Content) { c.Period.End = "2026-11-21" }, "end turned"},
		"a day earlier":              {func(c *ticket.Content) { move(c, -1, -1) }, "timezone turned"},
		"opens nine hours earlier":   {func(c *ticket.Content) { opens(c, -9*time.Hour) }, "timezone turned"},
		"sale over":                  {func(c *ticket.Content) { c.SaleState = ticket.Ended }, "sale turned"},
		"all prices 0":               {func(c *ticket.Content) { c.Prices[0].Won, c.Prices[1].Won = 0, 0 }, "prices lost"},
		"half the price":             {func(c *ticket.Content) { c.Prices[0].Won, c.Prices[1].Won = 33000, 22000 }, "prices turned"},
		"ten times the price":        {func(c *ticket.Content) { c.Prices[0].Won, c.Prices[1].Won = 660000, 440000 }, "prices turned"},
		"nobody plays any more":      {func(c *ticket.Content) { c.Cast = nil }, "cast lost"},
		"no word on the rest":        {func(c *ticket.Content) { c.AgeText, c.TimesText, c.PosterURL, c.RunningMinutes = "", "", "", nil }, "age lost poster lost running_minutes lost times lost"},
		"nothing on genre and sales": {func(c *ticket.Content) { c.Genre, c.OpensAt, c.Links = ticket.OtherGenre, nil, nil }, "genre lost links lost opens_at lost"},
	} {
		old, next := sound(), sound()
		tc.change(&next)
		got := contentDrift(&old, &next, at)
		slices.Sort(got)
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
	long, run := sound(), sound()
	long.Period, run.Period = ticket.Period{Start: "2020-01-01", OpenRun: true}, ticket.Period{Start: "2020-01-01", OpenRun: true, End: "2025-01-01"}
	if d := contentDrift(&long, &run, at); len(d) > 0 {
		t.Errorf("an open run: %q", d)
	}
}

func TestOpeningDrift(t *testing.T) {
	t.Parallel()
	opens, nine, later := at, at.Add(-9*time.Hour), at.AddDate(0, 0, 7)
	old := ticket.OpeningContent{Title: "뮤지컬 〈항구의 시계공〉 2차 티켓오픈", Place: ticket.Place{Name: "예그린씨어터"}, OpensAt: &opens, Period: ticket.Period{Start: "2026-12-01", End: "2026-12-31"},
		Prices: []ticket.Price{{Won: 1000}}}
	for name, tc := range map[string]struct {
		change func(*ticket.OpeningContent)
		want   string
	}{
		"put off by a week":  {func(c *ticket.OpeningContent) { c.OpensAt = &later }, ""},
		"nine hours earlier": {func(c *ticket.OpeningContent) { c.OpensAt = &nine }, "timezone turned"},
		"no time":            {func(c *ticket.OpeningContent) { c.OpensAt = nil }, "opens_at lost"},
		"another notice":     {func(c *ticket.OpeningContent) { c.Title = "시스템 점검" }, "title turned"},
		"all but the title":  {func(c *ticket.OpeningContent) { *c = ticket.OpeningContent{Title: c.Title} }, "opens_at lost period lost prices lost venue lost"},
		"a year ago":         {func(c *ticket.OpeningContent) { c.Period = ticket.Period{Start: "2025-12-01", End: "2025-12-31"} }, "period turned"},
	} {
		next := old
		tc.change(&next)
		got := openingDrift(&old, &next, at)
		slices.Sort(got)
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}
