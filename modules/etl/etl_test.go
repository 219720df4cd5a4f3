package etl

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketmoa/modules/catalog"
	"ticketmoa/modules/lake"
	"ticketmoa/modules/queue"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// paper is a source whose pages are its results in JSON: what the stages after parse do is tested without any site.
type paper struct {
	name   string
	seller ticket.Seller
}

func (p paper) Info() sellers.Info {
	kind := sellers.SellerKind
	if p.seller == "" {
		kind = sellers.RegistryKind
	}
	return sellers.Info{Name: p.name, Kind: kind, Seller: p.seller, Version: 1, OfferHosts: []string{p.name + ".example"}}
}
func (paper) Start(time.Time) []sellers.Request              { return nil }
func (paper) Follow(*ticket.Page) ([]sellers.Request, error) { return nil, nil }
func (p paper) Parse(page *ticket.Page) (r sellers.Result, err error) {
	if string(page.Body) == "panic" {
		panic("bytes nobody foresaw")
	}
	if err := json.Unmarshal(page.Body, &r); err != nil {
		return r, fmt.Errorf("%w: %w", sellers.ErrNotOurs, err)
	}
	return r, nil
}

type rig struct {
	t       *testing.T
	etl     *ETL
	catalog *catalog.Catalog
	queue   *queue.Queue
	bucket  lake.Bucket
	store   store.Store
	strips  *wall
	clock   time.Time

	mu   sync.Mutex
	dead []queue.DeadLetter
}

func newRig(t *testing.T) *rig {
	t.Helper()
	return newRigOf(t, map[string]sellers.Source{"link": paper{"link", ticket.Ticketlink}, "yes": paper{"yes", ticket.YES24}, "reg": paper{"reg", ""}})
}

func newRigOf(t *testing.T, sources map[string]sellers.Source) *rig {
	t.Helper()
	ctx, dir := context.Background(), t.TempDir()
	st, err := store.Open(ctx, "", filepath.Join(dir, "db"), quiet())
	must(t, err)
	t.Cleanup(func() { must(t, st.Close()) })
	q, err := queue.Open(filepath.Join(dir, "queue"), queue.Config{}, quiet())
	must(t, err)
	t.Cleanup(func() { must(t, q.Close()) })
	consumer, err := q.Consumer("etl")
	must(t, err)
	bucket, err := lake.Open(ctx, "", filepath.Join(dir, "lake"), quiet())
	must(t, err)
	cat, err := catalog.New(ctx, st, quiet())
	must(t, err)
	r := &rig{t: t, strips: &wall{}, clock: time.Date(2024, 11, 25, 1, 0, 0, 0, time.UTC)}
	e, err := New(ctx, Deps{Pages: consumer, Bucket: bucket, Sources: sources, Catalog: cat, Store: st, Strips: r.strips, Bury: r.bury}, Config{}, quiet())
	must(t, err)
	work, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- e.Run(work) }()
	t.Cleanup(func() {
		stop()
		must(t, <-ended)
	})
	r.etl, r.catalog, r.queue, r.bucket, r.store = e, cat, q, bucket, st
	return r
}

func (r *rig) bury(_ context.Context, d queue.DeadLetter) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dead = append(r.dead, d)
	return nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// feed puts one page on the queue, a minute later than the one before, and waits until it is done.
func (r *rig) feed(source string, kind ticket.PageKind, code string, body any) Tally {
	r.t.Helper()
	r.clock = r.clock.Add(time.Minute)
	return r.feedAt(r.clock, source, kind, code, body)
}

func (r *rig) feedAt(at time.Time, source string, kind ticket.PageKind, code string, body any) Tally {
	r.t.Helper()
	raw, ok := body.(string)
	if !ok {
		b, err := json.Marshal(body)
		must(r.t, err)
		raw = string(b)
	}
	run := fmt.Sprint(at.UnixNano(), code)
	p := ticket.Page{Source: source, Kind: kind, Code: code, URL: "https://" + source + ".example/" + code, FetchedAt: at, Status: 200, Run: run, Body: []byte(raw)}
	payload, err := p.Encode()
	must(r.t, err)
	_, err = r.queue.Append(context.Background(), payload)
	must(r.t, err)
	for deadline := time.Now().Add(20 * time.Second); r.etl.Done(run) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatal("the page was never done")
		}
	}
	return r.etl.Take(run)
}

func show(code, title, venue, period string) sellers.RawShow {
	return sellers.RawShow{Code: code, URL: "https://link.example/" + code, Title: title, VenueText: venue, PeriodText: period}
}

func shows(s ...sellers.RawShow) sellers.Result { return sellers.Result{Shows: s} }

func (r *rig) performances() []*ticket.Performance {
	var out []*ticket.Performance
	must(r.t, r.catalog.EachPerformance(context.Background(), func(p *ticket.Performance) error {
		out = append(out, p)
		return nil
	}))
	return out
}

func (r *rig) changes() []ticket.Change {
	out, err := r.catalog.Changes(context.Background(), 0, 0)
	must(r.t, err)
	return out
}

func (r *rig) reasons() string {
	rows, _, err := r.etl.Quarantine().Rows(context.Background(), Filter{}, 100, "")
	must(r.t, err)
	var b strings.Builder
	for _, row := range rows {
		fmt.Fprintf(&b, "%s/%s %s: %s (%s)\n", row.Source, row.Code, row.Field, row.Reason, row.Raw)
	}
	return b.String()
}

const hall, winter = "예술의전당 CJ토월극장", "2024.12.06 - 2025.02.23"

func TestOneShowManySellers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := show("1", "뮤지컬 <시라노>", hall, winter)
	a.Prices = []sellers.RawPrice{{Grade: "R석", Text: "150,000원"}}
	b := show("77", "뮤지컬 〈시라노〉", "예술의전당 [서울] (CJ 토월극장)", "2024.12.06 ~ 2025.02.23")
	b.URL = "https://yes.example/77"
	reg := show("PF1", "시라노 [서울]", "예술의전당 [서울] (CJ 토월극장)", "2024.12.06 ~ 2025.02.23")
	reg.URL, reg.RegionText = "", "서울특별시"
	reg.Links = []sellers.RawLink{{Name: "예스24", URL: "https://ticket.yes24.com/Perf/77"}, {Name: "NHN티켓링크", URL: "javascript:alert(1)"}, {Name: "멜론티켓", URL: "https://ticket.melon.com/performance/index.htm?prodId=210"},
		{Name: "멜론티켓", URL: "https://ticket.melon.com.evil.example/phish"}}
	r.feed("link", ticket.DetailPage, "1", shows(a))
	r.feed("yes", ticket.DetailPage, "77", shows(b))
	r.feed("reg", ticket.DetailPage, "PF1", shows(reg))
	all := r.performances()
	if len(all) != 1 {
		t.Fatalf("%d performances, want one: %+v", len(all), all)
	}
	p := all[0]
	if p.ID != catalog.PerformanceID("link:1") || p.Founder != "link:1" || p.Place.Region != "서울" || len(p.Offers) != 3 {
		t.Errorf("performance = %+v", p)
	}
	if strings.Contains(fmt.Sprint(p.Offers), "javascript") || strings.Contains(fmt.Sprint(p.Offers), "evil") || !strings.Contains(r.reasons(), "javascript") {
		t.Errorf("a javascript: link must be withheld with a reason; quarantine:\n%s", r.reasons())
	}
	other := show("2", "뮤지컬 <시라노>", hall, "2026.12.06 - 2027.02.23")
	tour := show("3", "뮤지컬 <시라노> - 부산", "부산 드림씨어터", winter)
	r.feed("link", ticket.DetailPage, "2", shows(other))
	r.feed("link", ticket.DetailPage, "3", shows(tour))
	if got := len(r.performances()); got != 3 {
		t.Errorf("%d performances, want 3: another season and another city are not the same show", got)
	}
}

func TestTheSamePageChangesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := show("1", "뮤지컬 <시라노>", hall, winter)
	r.feed("link", ticket.DetailPage, "1", shows(a))
	before := len(r.changes())
	if tally := r.feed("link", ticket.DetailPage, "1", shows(a)); tally.Unchanged != 1 || tally.Stored != 0 {
		t.Errorf("tally = %+v", tally)
	}
	if after := len(r.changes()); after != before {
		t.Errorf("%d changes after the same page, %d before", after, before)
	}
	a.Prices = []sellers.RawPrice{{Text: "R석 99,000원"}}
	r.feed("link", ticket.DetailPage, "1", shows(a))
	changes := r.changes()
	last := changes[len(changes)-1]
	if len(changes) != before+1 || last.Cause != ticket.CauseSource || last.Fields[0].Field != "prices" || !strings.Contains(last.Fields[0].New, "99000") {
		t.Errorf("changes = %+v", changes)
	}
}

func TestAnOlderPageNeverWins(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.feedAt(r.clock.Add(time.Hour), "link", ticket.DetailPage, "1", shows(show("1", "새 제목", hall, winter)))
	r.feedAt(r.clock, "link", ticket.DetailPage, "1", shows(show("1", "옛 제목", hall, winter)))
	list := show("1", "목록 제목", "다른 곳", "2020.01.01 ~ 2020.01.02")
	list.Partial = true
	r.feedAt(r.clock.Add(2*time.Hour), "link", ticket.ListPage, "list", shows(list))
	if p := r.performances()[0]; p.Title != "새 제목" || p.Place.Name != hall || p.Period.Start != "2024-12-06" {
		t.Errorf("performance = %+v", p)
	}
}

func TestWithheldNeverGuessed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*sellers.RawShow)
		field  string
		check  func(*ticket.Performance) bool
	}{
		"ends before it starts": {func(s *sellers.RawShow) { s.PeriodText = "2024.07.10 - 2024.03.31" }, "period", func(p *ticket.Performance) bool { return !p.Period.Known() }},
		"a price of nothing":    {func(s *sellers.RawShow) { s.Prices = []sellers.RawPrice{{Text: "R석 0원"}} }, "prices", func(p *ticket.Performance) bool { return len(p.Offers[0].Prices) == 0 }},
		"a price of a trillion": {func(s *sellers.RawShow) { s.Prices = []sellers.RawPrice{{Text: "R석 1,000,000,000,000원"}} }, "prices", func(p *ticket.Performance) bool { return len(p.Offers[0].Prices) == 0 }},
		"an offer that is code": {func(s *sellers.RawShow) { s.URL = "javascript:alert(1)" }, "url", func(p *ticket.Performance) bool { return len(p.Offers) == 0 }},
		"an offer to elsewhere": {func(s *sellers.RawShow) { s.URL = "https://evil.example/x" }, "url", func(p *ticket.Performance) bool { return len(p.Offers) == 0 }},
		"opens after the end":   {func(s *sellers.RawShow) { s.OpensText = "2025.03.01 14:00" }, "opens_at", func(p *ticket.Performance) bool { return p.Offers[0].OpensAt == nil }},
		"a run of thirty years": {func(s *sellers.RawShow) { s.PeriodText = "2024.01.01 ~ 2054.01.01" }, "period", func(p *ticket.Performance) bool { return !p.Period.Known() }},
		"an age that is no age": {func(s *sellers.RawShow) { s.AgeText = "가나다라 마바사" }, "min_age_years", func(p *ticket.Performance) bool { return p.MinAgeYears == nil }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			s := show("1", "연극 <하늘>", hall, winter)
			tc.change(&s)
			r.feed("link", ticket.DetailPage, "1", shows(s))
			if p := r.performances(); len(p) != 1 || !tc.check(p[0]) {
				t.Errorf("performance = %+v", p)
			}
			if !strings.Contains(r.reasons(), "link/1 "+tc.field+":") {
				t.Errorf("quarantine does not name %s:\n%s", tc.field, r.reasons())
			}
			r.feed("link", ticket.DetailPage, "1", shows(show("1", "연극 <하늘>", hall, winter)))
			if left := r.reasons(); left != "" {
				t.Errorf("a page that reads well must clear the quarantine:\n%s", left)
			}
		})
	}
}

func TestWholeRecordWithheld(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.feed("link", ticket.DetailPage, "a", "panic")
	r.feed("link", ticket.DetailPage, "b", "<html>not ours")
	r.feed("nobody", ticket.DetailPage, "c", shows())
	r.feed("link", "poem", "d", shows())
	r.feed("link", ticket.DetailPage, "e", shows(show("", "코드 없는 공연", hall, winter)))
	r.feed("link", ticket.DetailPage, "f", shows(show("f", "〈〉", "", winter)))
	r.feed("link", ticket.NoticePage, "h", sellers.Result{Notices: []sellers.RawNotice{{ID: "h", Title: "티켓오픈 안내"}}})
	r.feed("link", ticket.DetailPage, "g", shows(show("g", "멀쩡한 공연", hall, winter)))
	reasons := r.reasons()
	for _, want := range []string{"panicked", sellers.ErrNotOurs.Error(), errUnknownSource.Error(), errUnknownKind.Error(), errNoCode.Error(), errNoTitle.Error()} {
		if !strings.Contains(reasons, want) {
			t.Errorf("quarantine lacks %q:\n%s", want, reasons)
		}
	}
	if !strings.Contains(reasons, "link/h :") {
		t.Errorf("a notice of nothing was kept:\n%s", reasons)
	}
	if p := r.performances(); len(p) != 1 || p[0].Title != "멀쩡한 공연" {
		t.Errorf("what follows a bad page must be done: %+v", p)
	}
}

func TestOpeningsAreTheirOwn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	notice := sellers.RawNotice{ID: "60856", URL: "https://link.example/n/60856", Title: "뮤지컬 <시라노> 3차 티켓오픈 안내", OpensText: "2024.11.29(금) 14:00",
		RegisteredText: "2024.11.25(월) 10:00", VenueText: hall, PeriodText: winter, PriceText: "R석 150,000원", ProductCode: "52656",
		RunningText: "전체관람가", AgeText: "70분"}
	r.feed("link", ticket.NoticePage, "60856", sellers.Result{Notices: []sellers.RawNotice{notice}})
	open := func() ticket.Opening {
		all, err := r.catalog.Openings(context.Background(), catalog.OpeningQuery{})
		must(t, err)
		if len(all) != 1 {
			t.Fatalf("%d openings", len(all))
		}
		return all[0]
	}
	o := open()
	if o.PerformanceID != "" || o.Content.Round != 3 || o.Content.Title != "뮤지컬 <시라노> 3차" || o.Content.OpensAt.In(ticket.Seoul).Format(time.RFC3339) != "2024-11-29T14:00:00+09:00" {
		t.Errorf("opening before its product is known = %+v", o)
	}
	if o.Content.RunningMinutes == nil || *o.Content.RunningMinutes != 70 || o.Content.AgeText != "전체관람가" {
		t.Errorf("swapped fields were not put right: %+v", o.Content)
	}
	r.feed("link", ticket.DetailPage, "52656", shows(show("52656", "뮤지컬 <시라노>", hall, winter)))
	p := r.performances()[0]
	if o = open(); o.PerformanceID != p.ID || len(p.Openings) != 1 || p.Openings[0].Round != 3 {
		t.Errorf("opening = %+v, performance = %+v", o, p)
	}
	notice.OpensText = "2024.12.02(월) 14:00"
	r.feed("link", ticket.NoticePage, "60856", sellers.Result{Notices: []sellers.RawNotice{notice}})
	found := false
	for _, ch := range r.changes() {
		for _, f := range ch.Fields {
			found = found || ch.Entity == "opening" && f.Field == "opens_at" && strings.HasPrefix(f.Old, "2024-11-29") && strings.HasPrefix(f.New, "2024-12-02")
		}
	}
	if !found {
		t.Errorf("the correction is not in the feed: %+v", r.changes())
	}
}

// TestAListingMovesWhenItsPageSaysMore: a list knows the title only, the detail page tells which show it is.
func TestAListingMovesWhenItsPageSaysMore(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.feed("link", ticket.DetailPage, "1", shows(show("1", "뮤지컬 <시라노>", hall, winter)))
	bare := show("77", "시라노", "", "")
	bare.Partial, bare.URL = true, "https://yes.example/77"
	r.feed("yes", ticket.ListPage, "list", shows(bare))
	lone := catalog.PerformanceID("yes:77")
	if got := len(r.performances()); got != 2 {
		t.Fatalf("%d performances, want the listing alone for now", got)
	}
	full := show("77", "뮤지컬 [시라노]", hall, winter)
	full.URL = "https://yes.example/77"
	r.feed("yes", ticket.DetailPage, "77", shows(full))
	all := r.performances()
	if len(all) != 1 || len(all[0].Offers) != 2 {
		t.Fatalf("performances = %+v", all)
	}
	if to, err := r.catalog.Resolve(context.Background(), lone); err != nil || to != all[0].ID {
		t.Errorf("the old id leads to %q, %v", to, err)
	}
}

func TestFacilityTellsTheRegion(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.feed("link", ticket.DetailPage, "1", shows(show("1", "연극 <하늘>", "가나다 소극장", winter)))
	if p := r.performances()[0]; p.Place.Region != "" {
		t.Fatalf("region %q was guessed", p.Place.Region)
	}
	r.feed("reg", ticket.FacilityPage, "FC1", sellers.Result{Facilities: []sellers.RawFacility{{Code: "FC1", Name: "가나다 소극장",
		AddressText: "충청남도 천안시 동남구 성남면 종합휴양지로 185", LatText: "36.76", LngText: "127.22"}}})
	if p := r.performances()[0]; p.Place.Region != "충남" || p.Place.Lat == nil {
		t.Errorf("place = %+v, want 충남 with coordinates", p.Place)
	}
}
