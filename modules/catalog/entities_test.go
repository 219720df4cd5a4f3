package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// billed is a page that says who performs.
type billed struct {
	source, code string
	genre        ticket.Genre
	cast         string
	company      string
	place        ticket.Place
	facility     *ticket.Facility // the page is a facility's
	with         string           // key of the listing whose performance it joins
	kind         ticket.PageKind
}

// take brings a page into the catalogue as the ETL does.
func (c *Catalog) take(t *testing.T, pages ...billed) {
	t.Helper()
	ctx := store.Later(context.Background())
	for _, p := range pages {
		by := ticket.Origin{Cause: ticket.CauseSource, At: at, Source: p.source + ":" + p.code}
		var touched []string
		if p.facility != nil {
			_, err := c.SaveFacility(ctx, *p.facility)
			must(t, err)
			all, err := c.AtFacility(ctx, *p.facility)
			must(t, err)
			for _, l := range all {
				touched = append(touched, l.PerformanceID)
			}
		} else {
			kind := p.kind
			if kind == "" {
				kind = ticket.DetailPage
			}
			content := ticket.Content{Title: p.code, TitleRaw: p.code, Genre: p.genre, Place: p.place, Cast: normalize.CastLine(p.cast), Companies: normalize.Companies(p.company)}
			l, _, err := c.SaveListing(ctx, p.source, p.code, 1, view(kind, 0, content))
			must(t, err)
			id := PerformanceID(l.Key)
			if p.with != "" {
				id = PerformanceID(p.with)
			}
			must(t, c.join(ctx, l.Key, id))
			touched = []string{id}
		}
		must(t, c.ProjectAll(ctx, touched, func(string) ticket.Origin { return by }))
	}
}

// show writes everything the catalogue says of artists and venues, aliases included.
func (c *Catalog) show(t *testing.T) string {
	t.Helper()
	ctx := context.Background()
	var out []string
	line := func(v any) {
		b, err := json.Marshal(v)
		must(t, err)
		out = append(out, string(b))
	}
	must(t, c.aliases.Scan(ctx, func(decode func(any) error) error {
		var a aliasDoc
		err := decode(&a)
		line(a)
		return err
	}))
	must(t, c.people.Scan(ctx, func(decode func(any) error) error {
		var a ticket.Artist
		err := decode(&a)
		line(a)
		return err
	}))
	must(t, c.houses.Scan(ctx, func(decode func(any) error) error {
		var v ticket.Venue
		err := decode(&v)
		line(v)
		return err
	}))
	must(t, c.EachPerformance(ctx, func(p *ticket.Performance) error {
		line([]any{p.ID, p.VenueID, p.Cast})
		return nil
	}))
	return strings.Join(out, "\n")
}

// said lists the artists as one line each.
func (c *Catalog) said() []string {
	var out []string
	for _, a := range c.Artists() {
		line := a.Name
		if len(a.Aliases) > 0 {
			line += "=" + strings.Join(a.Aliases, "=")
		}
		if len(a.Groups) > 0 {
			line += " of " + strings.Join(a.Groups, ",")
		}
		var genres []string
		for _, g := range a.Genres {
			genres = append(genres, string(g))
		}
		out = append(out, line+" "+strings.Join(genres, ","))
	}
	slices.Sort(out)
	return out
}

func TestWhoIsOneArtist(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		pages []billed
		want  []string
	}{
		"a bracket in another script is an alias": {[]billed{
			{code: "1", genre: ticket.Concert, cast: "아이유(IU)"}, {code: "2", genre: ticket.Concert, cast: "IU"}, {code: "3", genre: ticket.Concert, cast: "ＩＵ, 아이유"},
			{code: "4", genre: ticket.Concert, cast: "방탄소년단 (BTS)"}, {code: "5", genre: ticket.Concert, cast: "BTS"}},
			[]string{"방탄소년단=BTS concert", "아이유=IU concert"}},
		"a bracket of the table is a group": {[]billed{
			{code: "1", genre: ticket.Concert, cast: "키(SHINee)"}, {code: "2", genre: ticket.Musical, cast: "규현 (슈퍼주니어), 키"}, {code: "3", genre: ticket.Concert, cast: "샤이니(SHINee)"}},
			[]string{"규현 of 슈퍼주니어 musical", "샤이니=SHINee concert", "키 of SHINee musical,concert"}},
		"a bracket behind two names is a group": {[]billed{
			{code: "1", genre: ticket.Concert, cast: "하늘(NEWG)"}, {code: "2", genre: ticket.Concert, cast: "바다(NEWG)"}, {code: "3", genre: ticket.Concert, cast: "NEWG"}},
			[]string{"NEWG concert", "바다 of NEWG concert", "하늘 of NEWG concert"}},
		"both at once": {[]billed{{code: "1", genre: ticket.Concert, cast: "키(KEY, SHINee), 민호(MINHO/SHINee)"}, {code: "2", genre: ticket.Musical, cast: "KEY"}},
			[]string{"민호=MINHO of SHINee concert", "키=KEY of SHINee musical,concert"}},
		"a group that names its members": {[]billed{{code: "1", genre: ticket.Concert, cast: "SHINee(키)"}, {code: "2", genre: ticket.Concert, cast: "NEWG(하늘), NEWG(바다)"}},
			[]string{"NEWG concert", "SHINee concert"}},
		"a bracket in the script of the name is no alias": {[]billed{{code: "1", genre: ticket.Musical, cast: "조형균(시라노), 최재림(시라노)"}, {code: "2", genre: ticket.Concert, cast: "비(정지훈)"}},
			[]string{"비 concert", "조형균 musical", "최재림 musical"}},
		"nor is a part in another script a group": {[]billed{{code: "1", genre: ticket.Musical, cast: "조형균(Cyrano), 최재림(Cyrano)"}},
			[]string{"조형균 musical", "최재림 musical"}},
		"what tells when is neither": {[]billed{{code: "1", genre: ticket.Concert, cast: "하늘(토), 바다(토), 구름(1992년생), 별(1992년생), 달(Day1)"}},
			[]string{"구름 concert", "달 concert", "바다 concert", "별 concert", "하늘 concert"}},
		"an alias from a list page of another seller": {[]billed{
			{source: "yes24", code: "1", genre: ticket.Concert, cast: "IU"}, {source: "melon", code: "9", genre: ticket.Concert, cast: "아이유(IU)", with: "yes24:1"}},
			[]string{"아이유=IU concert"}},
		"homonyms by family": {[]billed{{code: "1", genre: ticket.Musical, cast: "김민수"}, {code: "2", genre: ticket.Play, cast: "김민수"}, {code: "3", genre: ticket.Classical, cast: "김민수"}, {code: "4", genre: ticket.Dance, cast: "김민수"}},
			[]string{"김민수 classical", "김민수 dance", "김민수 musical,play"}},
		"one company makes them one": {[]billed{{code: "1", genre: ticket.Musical, cast: "김민수", company: "(주)고래기획"}, {code: "2", genre: ticket.Classical, cast: "김민수", company: "고래기획 주식회사"}},
			[]string{"김민수 musical,classical"}},
		"a house does not": {[]billed{{code: "1", genre: ticket.Musical, cast: "김민수", company: "예술의전당"}, {code: "2", genre: ticket.Classical, cast: "김민수", company: "예술의전당"}},
			[]string{"김민수 classical", "김민수 musical"}},
		"a company from another listing of the show": {[]billed{{source: "yes24", code: "1", genre: ticket.Musical, cast: "김민수"}, {source: "kopis", code: "PF1", genre: ticket.Musical, company: "(주)고래기획", with: "yes24:1"},
			{code: "2", genre: ticket.Classical, cast: "김민수", company: "고래기획"}},
			[]string{"김민수 musical,classical"}},
		"what names nobody":      {[]billed{{code: "1", genre: ticket.Play, cast: "등"}, {code: "2", genre: ticket.Play, cast: "앙상블, 지휘, 김보라 외 10명"}, {code: "3", genre: ticket.Sports, cast: "두산"}}, []string{"김보라 play"}},
		"an act with a bracket":  {[]billed{{code: "1", genre: ticket.Concert, cast: "(여자)아이들"}, {code: "2", genre: ticket.Concert, cast: "(여자)아이들((G)I-DLE)"}}, []string{"(여자)아이들=(G)I-DLE concert"}},
		"a role is no name":      {[]billed{{code: "1", genre: ticket.Classical, cast: "조성진(피아노), 정경화(Violin)"}}, []string{"정경화 classical", "조성진 classical"}},
		"the spelling of most":   {[]billed{{code: "1", genre: ticket.Concert, cast: "마이클리"}, {code: "2", genre: ticket.Concert, cast: "마이클 리"}, {code: "3", genre: ticket.Concert, cast: "마이클 리"}}, []string{"마이클 리 concert"}},
		"an unknown genre is of": {[]billed{{code: "1", cast: "김바다"}, {code: "2", genre: ticket.Musical, cast: "김바다"}}, []string{"김바다 musical"}},
	} {
		c := newCatalog(t)
		for i := range tc.pages {
			if tc.pages[i].source == "" {
				tc.pages[i].source = "yes24"
			}
		}
		c.take(t, tc.pages...)
		if got := c.said(); !slices.Equal(got, tc.want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, tc.want)
		}
	}
}

func TestIdsOfArtistsLeadOn(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newCatalog(t)
	cast := func(id string) string {
		p, err := c.Performance(ctx, id)
		must(t, err)
		return p.Cast[0].ArtistID
	}
	c.take(t, billed{source: "yes24", code: "1", genre: ticket.Concert, cast: "IU"})
	first := PerformanceID("yes24:1")
	old := cast(first)
	if a, err := c.Artist(old); err != nil || a.ID != old || a.Name != "IU" {
		t.Fatalf("%+v, %v", a, err)
	}
	c.take(t, billed{source: "melon", code: "2", genre: ticket.Concert, cast: "아이유(IU)"})
	a, err := c.Artist(old)
	if err != nil || a.ID == old || a.Name != "아이유" || cast(first) != a.ID || cast(PerformanceID("melon:2")) != a.ID {
		t.Errorf("%s leads to %+v, %v; the performance has %s", old, a, err, cast(first))
	}
	if to, err := c.alias(ctx, old); err != nil || to != a.ID {
		t.Errorf("the alias of %s leads to %s, %v", old, to, err)
	}
	changes, err := c.Changes(ctx, 0, 100)
	must(t, err)
	last := changes[len(changes)-2:]
	if len(changes) != 3 || !slices.ContainsFunc(last, func(ch ticket.Change) bool {
		return ch.EntityID == first && ch.Cause == ticket.CauseMerge && ch.Fields[0].Field == "entities"
	}) {
		t.Errorf("changes %+v", changes)
	}
	c.take(t, billed{source: "melon", code: "3", genre: ticket.Concert, cast: "다른 사람(IU)"}) // so it is a group after all
	if a, err := c.Artist(old); err != nil || a.ID != old || cast(first) != old || !a.IsGroup {
		t.Errorf("%+v, %v", a, err)
	}
	if to, err := c.alias(ctx, old); err != nil || to != "" {
		t.Errorf("%s still leads to %s, %v", old, to, err)
	}
	if _, err := c.Artist("nobody"); !errors.Is(err, ErrNoArtist) {
		t.Error(err)
	}
}

func facilityOf(code, name string, region ticket.Region, district string, seats int) *ticket.Facility {
	lat, lng := 37.5, 127.0
	return &ticket.Facility{Key: "kopis:" + code, Source: "kopis", FetchedAt: at, NameKey: normalize.VenueKey(name), Seats: seats, Phone: "02-000-0000",
		Place: ticket.Place{Name: name, Code: code, Region: region, District: district, Address: string(region) + " " + district + " 1", Lat: &lat, Lng: &lng}}
}

func TestVenuesAreHalls(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newCatalog(t)
	venue := func(code string) string {
		p, err := c.Performance(ctx, PerformanceID("yes24:"+code))
		must(t, err)
		return p.VenueID
	}
	at := func(code, name string, r ticket.Region) billed {
		return billed{source: "yes24", code: code, genre: ticket.Play, place: ticket.Place{Name: name, Region: r}}
	}
	c.take(t, at("1", "블루스퀘어 신한카드홀", ""), at("2", "블루스퀘어 (신한카드홀(구. 인터파크홀))", ""), at("3", "ＳＫ 하늘아트홀", "서울"), at("4", "SK하늘아트홀", "서울"),
		at("5", "소라극장", "부산"), at("6", "소라극장", "대구"), at("7", "추후 공지", ""), at("8", "소라극장", ""))
	if venue("1") == venue("2") || venue("3") != venue("4") || venue("5") == venue("6") || venue("7") != "" || venue("8") == venue("5") || venue("8") == venue("6") {
		t.Errorf("before the facility is known: %s", c.show(t))
	}
	before := []string{venue("1"), venue("2"), ticket.ID("venue", normalize.VenueKey("블루스퀘어 신한카드홀"))}
	seller := facilityOf("77", "블루스퀘어", "서울", "용산구", 0)
	seller.Key, seller.Source = "interpark:77", "interpark"
	c.take(t, billed{source: "interpark", code: "77", facility: seller}, billed{source: "kopis", code: "FC1", facility: facilityOf("FC1", "블루스퀘어", "서울", "용산구", 3000)})
	if venue("1") != venue("2") || venue("1") != facilityID("kopis:FC1") {
		t.Errorf("both are the facility: %s %s", venue("1"), venue("2"))
	}
	v, err := c.Venue(venue("1"))
	want := []string{"블루스퀘어 (신한카드홀(구. 인터파크홀))", "블루스퀘어 신한카드홀"}
	if err != nil || v.Name != "블루스퀘어" || !slices.Equal(v.Aliases, want) || v.Seats != 3000 || v.Phone == "" || v.District != "용산구" || v.Address == "" || v.Lat == nil {
		t.Errorf("%+v, %v", v, err)
	}
	for _, old := range before {
		if led, err := c.Venue(old); err != nil || led.ID != v.ID {
			t.Errorf("%s leads to %q, %v", old, led.ID, err)
		}
		if to, err := c.alias(ctx, old); err != nil || to != v.ID {
			t.Errorf("the alias of %s leads to %s, %v", old, to, err)
		}
	}
	if _, err := c.Venue(ticket.ID("venue", normalize.VenueKey("소라극장"))); err != nil {
		t.Error(err)
	}
	c.take(t, billed{source: "kopis", code: "FC1", facility: facilityOf("FC1", "블루스퀘어", "서울", "용산구", 3100)})
	if v, err := c.Venue(v.ID); err != nil || v.Seats != 3100 {
		t.Errorf("the facility says %d, %v", v.Seats, err)
	}
	if _, err := c.Venue("nowhere"); !errors.Is(err, ErrNoVenue) {
		t.Error(err)
	}
	changes, err := c.Changes(ctx, 0, 100)
	must(t, err)
	for _, ch := range changes[8:] {
		if (ch.Fields[0].Field == "entities") != (ch.Cause == ticket.CauseMerge) {
			t.Errorf("a change for alerts: %+v", ch)
		}
	}
}

// many are pages with everything in them that can depend on an order.
func many() []billed {
	var out []billed
	genres := []ticket.Genre{ticket.Musical, ticket.Play, ticket.Concert, ticket.Classical, ticket.Dance, "", ticket.Sports}
	casts := []string{"아이유(IU)", "IU", "아이유", "키(KEY, SHINee)", "KEY", "키", "민호(SHINee)", "SHINee(샤이니)", "샤이니", "하늘(NEWG)", "바다(NEWG), 구름", "NEWG", "김민수", "김민수(KIM)", "KIM(김민수)", "KIM(박민수)",
		"정지훈(RAIN), 비(RAIN)", "RAIN", "등", "방탄소년단 (BTS), 진(BTS)", "조성진(피아노), 김민수", "신인(ROOKIE)", "ROOKIE(신인), ROOKIE(막내)", "ROOKIE"}
	companies := []string{"", "(주)고래기획", "고래기획, 바다", "바다 주식회사", "예술의전당"}
	places := []ticket.Place{{Name: "블루스퀘어 신한카드홀"}, {Name: "블루스퀘어 (신한카드홀)", Region: "서울"}, {Name: "소라극장", Region: "부산"}, {Name: "소라극장"}, {Name: "소라 극장", Region: "대구"}, {Name: "미정"}, {Name: "아무데", Code: "FC2"}}
	rng := rand.New(rand.NewPCG(7, 7))
	for i := range 60 {
		p := billed{source: []string{"yes24", "melon", "kopis"}[i%3], code: fmt.Sprint(i), genre: genres[rng.IntN(len(genres))], cast: casts[rng.IntN(len(casts))],
			company: companies[rng.IntN(len(companies))], place: places[rng.IntN(len(places))]}
		if i > 3 && i%7 == 0 { // joins another's performance, which need not be there yet
			p.with = fmt.Sprintf("%s:%d", []string{"yes24", "melon", "kopis"}[(i-3)%3], i-3)
		}
		if i%5 == 0 {
			p.kind = ticket.ListPage
		}
		out = append(out, p)
	}
	return append(out, billed{source: "kopis", code: "FC1", facility: facilityOf("FC1", "블루스퀘어", "서울", "용산구", 3000)},
		billed{source: "kopis", code: "FC2", facility: facilityOf("FC2", "아무데아트홀", "서울", "중구", 300)},
		billed{source: "kopis", code: "FC3", facility: facilityOf("FC3", "소라극장", "대구", "중구", 200)})
}

// TestArtistsAndVenuesDoNotDependOnTheOrder feeds the same pages in many orders, some of them twice, some with a restart in
// between, and wants the same artists, venues, aliases and ids on performances.
func TestArtistsAndVenuesDoNotDependOnTheOrder(t *testing.T) {
	t.Parallel()
	pages := many()
	calm := newCatalog(t)
	calm.take(t, pages...)
	want := calm.show(t)
	if n := len(calm.Artists()); n < 10 {
		t.Fatalf("%d artists: too few to tell", n)
	}
	for seed := range uint64(5) {
		rng := rand.New(rand.NewPCG(seed, 1))
		order := slices.Clone(pages)
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		c := newCatalog(t)
		for i, p := range order {
			if rng.IntN(9) == 0 {
				c.reread(t)
			}
			c.take(t, p)
			if rng.IntN(5) == 0 {
				c.take(t, order[rng.IntN(i+1)])
			}
		}
		if got := c.show(t); got != want {
			t.Fatalf("seed %d:\n%s", seed, firstDifference(want, got))
		}
		c.reread(t)
		if len(c.artists.dir.Unsettled()) > 0 || len(c.halls.dirty) > 0 || len(c.halls.stale) > 0 {
			t.Errorf("seed %d: after everything is settled %v and %v differ from what is kept", seed, c.artists.dir.Unsettled(), c.halls.dirty)
		}
	}
}

// reread is a restart.
func (c *Catalog) reread(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	c.artists.list, c.halls.list = nil, nil
	must(t, c.artists.load(ctx, c.people))
	must(t, c.halls.load(ctx, c.venues, c.houses))
	c.learnt = false
	must(t, c.learn(ctx))
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("want %s\n got %s", w[i], g[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

// TestASettlementThatDiedIsFinished cuts the process off behind every step of a page that makes two artists one.
func TestASettlementThatDiedIsFinished(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	learn := billed{source: "melon", code: "2", genre: ticket.Concert, cast: "아이유(IU)", place: ticket.Place{Name: "블루스퀘어"}}
	first := billed{source: "yes24", code: "1", genre: ticket.Concert, cast: "IU", place: ticket.Place{Name: "블루스퀘어"}}
	calm := newCatalog(t)
	calm.take(t, first, learn)
	want := calm.show(t)
	by := ticket.Origin{Cause: ticket.CauseSource, At: at, Source: "melon:2"}
	id := PerformanceID("melon:2")
	for step := range 5 {
		c := newCatalog(t)
		c.take(t, first)
		for i, do := range []func() error{
			func() error {
				l, _, err := c.SaveListing(ctx, "melon", "2", 1, view(ticket.DetailPage, 0, ticket.Content{Title: "2", TitleRaw: "2", Genre: ticket.Concert, Place: learn.place, Cast: normalize.CastLine(learn.cast)}))
				return errors.Join(err, c.join(ctx, l.Key, id))
			},
			func() error { _, err := c.ripple(ctx, []string{id}); return err },
			func() error { return c.Project(ctx, id, by) },
			func() error { return c.Project(ctx, PerformanceID("yes24:1"), by) },
			func() error { s := c.artists.settlement(); return c.lead(ctx, s.lead, s.unlead) },
		} {
			if i <= step {
				must(t, do())
			}
		}
		c.reread(t)
		c.take(t, learn)
		if got := c.show(t); got != want {
			t.Errorf("after step %d:\n%s", step, firstDifference(want, got))
		}
	}
}
