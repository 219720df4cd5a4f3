package etl

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

func TestRuleOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule    string
		reasons []string
	}{
		{"no date in …", []string{`no date in "미정 \"곧\" 공개"`, `no date in "2024년"`, `no date in "cut off in the mid`}},
		{"it ends on …, before it starts on …", []string{"it ends on 2024-03-31, before it starts on 2024-07-10", "it ends on 2019-01-01, before it starts on 2019-01-02"}},
		{"it would run for more than twenty years: … to …", []string{"it would run for more than twenty years: 2024-01-01 to 2054-01-01"}},
		{"a price of … won is out of bounds", []string{`a price of 1,000,000,000,000 won is out of bounds: "R석 1조"`, `a price of 0 won is out of bounds: "R석 0원"`}},
		{"the host … is not one of the seller's", []string{`the host "evil.example" is not one of the seller's: "https://evil.example/x"`, `the host "b.example" is not one of the seller's: "x"`}},
		{"no year near … makes a day of that weekday", []string{`no year near 2025-06-29 makes a day of that weekday: "8.14(수) 11:00"`}},
		{"not a page of this source: … has no .rn-big-title", []string{"not a page of this source: https://ticket.yes24.com/Perf/51466 has no .rn-big-title"}},
		{"not a page of this source: …: has no goods", []string{"not a page of this source: https://a.example/1: has no goods", "not a page of this source: http://b.example/2?x=1: has no goods"}},
		{"the page is larger than the limit of … bytes: … bytes", []string{"the page is larger than the limit of 8388608 bytes: 9000000 bytes"}},
		{"invalid character … looking for beginning of value", []string{"invalid character '<' looking for beginning of value", `invalid character '\x00' looking for beginning of value`}},
		{"it is called 예스24 but does not lead there", []string{`it is called 예스24 but does not lead there: "x"`}},
		{"failed … times and is kept as a dead letter: panic: index out of range […] with length …", []string{"failed 5 times and is kept as a dead letter: panic: index out of range [3] with length 3"}},
		{"…", []string{"42", `"?"`, ""}},
	} {
		for _, reason := range c.reasons {
			if got := ruleOf(reason); got != c.rule {
				t.Errorf("%s\n got %q\nwant %q", reason, got, c.rule)
			}
		}
	}
	if got := ruleOf(strings.Repeat("가", 900)); len([]rune(got)) > 201 {
		t.Errorf("a rule of %d characters", len([]rune(got)))
	}
	if got := addRule(addRule(addRule("a", "b"), "a"), "b"); got != "a; b" {
		t.Errorf("rules of several faults: %q", got)
	}
}

// held fills the quarantine of a rig with rows of three sources and returns it.
func held(r *rig) *Quarantine {
	for i := range 5 {
		s := show(fmt.Sprint(i), "연극 <하늘>", hall, fmt.Sprintf("2024.07.%d - 2024.03.31", 10+i))
		r.feed("link", ticket.DetailPage, s.Code, shows(s))
	}
	dear := show("77", "연극 <땅>", hall, winter)
	dear.URL, dear.Prices = "https://yes.example/77", []sellers.RawPrice{{Text: "R석 0원"}}
	r.feed("yes", ticket.DetailPage, "77", shows(dear))
	r.feed("yes", ticket.ListPage, "list", "<html>not ours")
	two := show("PF1", "연극 <물>", hall, "2024.01.01 ~ 2054.01.01")
	two.URL, two.AgeText = "", "가나다라 마바사"
	r.feed("reg", ticket.DetailPage, "PF1", shows(two))
	r.feed("nobody", ticket.DetailPage, "c", shows())
	return r.etl.Quarantine()
}

func TestQuarantineGroupsAndFilters(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q, ctx := held(r), context.Background()
	groups, err := q.Groups(ctx)
	must(t, err)
	if len(groups) != 6 || groups[0].Source != "link" || groups[0].Field != "period" || groups[0].Count != 5 || groups[0].Rule != "it ends on …, before it starts on …" && groups[0].Rule != "the end is before the start" {
		t.Fatalf("groups = %+v", groups)
	}
	total := int64(0)
	for _, g := range groups {
		total += g.Count
		if n, err := q.Matching(ctx, Filter{Source: g.Source, Field: g.Field, Rule: g.Rule}); err != nil || n != g.Count {
			t.Errorf("%+v matches %d, %v", g, n, err)
		}
	}
	if n, err := q.Count(ctx); err != nil || n != total {
		t.Errorf("%d rows in groups, %d in all, %v", total, n, err)
	}
	first, _, err := q.Rows(ctx, Filter{Source: "link"}, 1, "")
	must(t, err)
	for _, c := range []struct {
		f          Filter
		rows, keys int
	}{
		{Filter{}, 10, 8}, {Filter{Source: "link"}, 5, 5}, {Filter{Kind: ticket.ListPage}, 1, 1}, {Filter{Field: WholeRecord}, 2, 1}, {Filter{Field: "period"}, 6, 6},
		{Filter{Source: "yes", Field: "prices"}, 1, 1}, {Filter{Code: "PF1"}, 2, 1}, {Filter{Rule: groups[0].Rule}, 5, 5}, {Filter{Rule: "none"}, 0, 0},
		{Filter{ID: first[0].ID}, 1, 1}, {Filter{ID: first[0].ID, Source: "yes"}, 0, -1}, {Filter{Source: "nobody"}, 1, 0},
	} {
		rows, next, err := q.Rows(ctx, c.f, 100, "")
		if err != nil || next != "" || len(rows) != c.rows {
			t.Errorf("%+v: %d rows, next %q, %v; want %d", c.f, len(rows), next, err, c.rows)
		}
		keys, bare, err := q.Keys(ctx, c.f)
		if c.keys < 0 {
			if !errors.Is(err, ErrNotWithheld) {
				t.Errorf("%+v: %v", c.f, err)
			}
			continue
		}
		without := slices.ContainsFunc(rows, func(w ticket.Withheld) bool { return w.RawKey == "" })
		if err != nil || len(keys) != c.keys || (bare > 0) != without || !slices.IsSorted(keys) {
			t.Errorf("%+v: keys %v, %d without, %v; want %d", c.f, keys, bare, err, c.keys)
		}
	}
}

func TestQuarantinePages(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q, ctx := held(r), context.Background()
	all, _, err := q.Rows(ctx, Filter{}, 100, "")
	must(t, err)
	for _, limit := range []int{1, 2, 3, 9, 10} {
		var seen []string
		cursor := ""
		for range 20 {
			rows, next, err := q.Rows(ctx, Filter{}, limit, cursor)
			must(t, err)
			for _, row := range rows {
				seen = append(seen, row.ID)
			}
			if cursor = next; next == "" {
				break
			}
		}
		var want []string
		for _, row := range all {
			want = append(want, row.ID)
		}
		if !slices.Equal(seen, want) {
			t.Errorf("in pages of %d: %v, want %v", limit, seen, want)
		}
	}
	for _, bad := range []string{"zzz", "%", "MTIz", "LmFiYw", strings.Repeat("A", 3000)} {
		if _, _, err := q.Rows(ctx, Filter{}, 1, bad); !errors.Is(err, ErrBadCursor) {
			t.Errorf("cursor %.20q: %v", bad, err)
		}
	}
	v, err := q.Values(ctx)
	must(t, err)
	if !slices.Equal(v.Sources, []string{"link", "nobody", "reg", "yes"}) || len(v.Kinds) != len(ticket.PageKinds()) || !slices.Contains(v.Fields, WholeRecord) || !slices.Contains(v.Fields, "prices") {
		t.Errorf("values = %+v", v)
	}
}

// TestWithheldTellsWhatWasMade: beside what the source wrote stands the value that was made of it, and who brought the page.
func TestWithheldTellsWhatWasMade(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := show("1", "연극 <하늘>", hall, "2024.01.01 ~ 2054.01.01")
	s.AgeText = "가나다라 마바사"
	r.feed("link", ticket.DetailPage, "1", shows(s))
	late := show("2", "연극 <땅>", hall, winter)
	late.OpensText = "2025.03.01 14:00"
	r.feed("link", ticket.DetailPage, "2", shows(late))
	r.feed("link", ticket.NoticePage, "9", sellers.Result{Notices: []sellers.RawNotice{{ID: "9", Title: "연극 <하늘> 티켓오픈 안내", OpensText: "2039.03.01 14:00"}}})
	rows, _, err := r.etl.Quarantine().Rows(context.Background(), Filter{}, 100, "")
	must(t, err)
	got := map[string]string{}
	for _, row := range rows {
		got[row.Code+" "+row.Field] = row.Raw + " → " + row.Parsed
		if row.Run == "" || row.RawKey == "" || row.Rule == "" {
			t.Errorf("row %+v", row)
		}
	}
	for key, want := range map[string]string{
		"1 period": "2024.01.01 ~ 2054.01.01 → 2024-01-01 ~ 2054-01-01", "1 min_age_years": "가나다라 마바사 → ",
		"2 opens_at": "2025.03.01 14:00 → 2025-03-01T14:00:00+09:00", "9 opens_at": "2039.03.01 14:00 → 2039-03-01T14:00:00+09:00",
	} {
		if got[key] != want {
			t.Errorf("%s: %q, want %q", key, got[key], want)
		}
	}
}

// TestRereadPageClearsWhatItNoLongerNames: a parser that passes over an entry it used to read leaves no row behind.
func TestRereadPageClearsWhatItNoLongerNames(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ctx := context.Background()
	r.feed("link", ticket.ListPage, "list", shows(show("1", "연극 <하늘>", hall, winter), show("2", "[TEST] 연극", hall, winter)))
	rows, _, err := r.etl.Quarantine().Rows(ctx, Filter{}, 10, "")
	must(t, err)
	if len(rows) != 1 || rows[0].Code != "2" {
		t.Fatalf("rows = %+v", rows)
	}
	again := &work{etl: r.etl, page: &ticket.Page{Source: "link", Kind: ticket.ListPage, Code: "list", Replay: true, FetchedAt: rows[0].FetchedAt}, rawKey: rows[0].RawKey}
	must(t, again.settleQuarantine(ctx))
	if n, err := r.etl.Quarantine().Count(ctx); err != nil || n != 1 {
		t.Errorf("a page that cannot be read clears nothing: %d rows, %v", n, err)
	}
	again.raw, again.read = shows(show("1", "연극 <하늘>", hall, winter)), true
	must(t, again.settleQuarantine(ctx))
	if n, err := r.etl.Quarantine().Count(ctx); err != nil || n != 0 {
		t.Errorf("%d rows, %v", n, err)
	}
}

// TestRowsOfBeforeGetRules: rows written before rows had rules are grouped like all others.
func TestRowsOfBeforeGetRules(t *testing.T) {
	t.Parallel()
	ctx, file := context.Background(), filepath.Join(t.TempDir(), "db")
	old, err := store.Open(ctx, "", file, quiet())
	must(t, err)
	rows, err := old.Collection(ctx, store.Spec{Name: "quarantine", Fields: []store.Field{
		{Path: "source", Index: true}, {Path: "kind"}, {Path: "code", Index: true}, {Path: "field"}, {Path: "fetched_at"}}})
	must(t, err)
	var docs []any
	for i := range 1100 {
		docs = append(docs, ticket.Withheld{ID: fmt.Sprint(i), Source: "yes24", Reason: fmt.Sprintf("no date in %q", fmt.Sprint(i)), FetchedAt: time.Unix(int64(i), 0)})
	}
	must(t, rows.Upsert(ctx, docs...))
	must(t, old.Close())
	now, err := store.Open(ctx, "", file, quiet())
	must(t, err)
	defer func() { must(t, now.Close()) }()
	q, err := openQuarantine(ctx, now, nil)
	must(t, err)
	groups, err := q.Groups(ctx)
	if want := []Group{{Source: "yes24", Field: WholeRecord, Rule: "no date in …", Count: 1100}}; err != nil || !slices.Equal(groups, want) {
		t.Errorf("groups %+v, %v", groups, err)
	}
}
