package catalog

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/match"
	"ticketmoa/modules/ticket"
)

// shopPage is what one seller's page says of a show.
type shopPage struct {
	source, code, title, venue string
	start, end                 ticket.Date
	minutes                    int // when it was fetched, after the tests' own instant
}

func (p shopPage) view() ticket.View {
	return view(ticket.DetailPage, p.minutes, ticket.Content{Title: p.title, TitleRaw: p.title, Seller: ticket.Seller(p.source), URL: "https://" + p.source + ".example/" + p.code,
		Place: ticket.Place{Name: p.venue}, Period: ticket.Period{Start: p.start, End: p.end}})
}

// crawled does with a page what the ETL does.
func crawled(t *testing.T, c *Catalog, pages ...shopPage) {
	t.Helper()
	ctx := context.Background()
	for _, p := range pages {
		l, _, err := c.SaveListing(ctx, p.source, p.code, 1, p.view())
		must(t, err)
		for _, id := range put(t, c, l).Touched.All() {
			must(t, c.Project(ctx, id, ticket.Origin{Cause: ticket.CauseSource, At: l.FetchedAt, Source: l.Key}))
		}
	}
}

// standing is every performance with the keys of its listings, and where every id that ever was leads.
func standing(t *testing.T, c *Catalog) map[string]string {
	t.Helper()
	out := map[string]string{}
	must(t, c.EachPerformance(context.Background(), func(p *ticket.Performance) error {
		members, err := c.Members(context.Background(), p.ID)
		var keys []string
		for _, l := range members {
			keys = append(keys, l.Key)
		}
		slices.Sort(keys)
		out[p.ID] = strings.Join(keys, " ")
		return err
	}))
	return out
}

var why = Why{Author: "지기", Reason: "포스터가 같다", At: at}

func TestMergeSplitAndUndo(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newCatalog(t)
	seoul := shopPage{"yes24", "1", "뮤지컬 <시라노>", "예술의전당 CJ토월극장", "2026-12-06", "2027-02-23", 0}
	melon := shopPage{"melon", "2", "시라노", "예술의전당 CJ 토월극장", "2026-12-06", "2027-02-23", 1}
	busan := shopPage{"interpark", "3", "뮤지컬 〈시라노〉 - 부산", "부산 드림씨어터", "2027-03-06", "2027-03-23", 2}
	crawled(t, c, seoul, melon, busan)
	a, b, m := PerformanceID("yes24:1"), PerformanceID("interpark:3"), PerformanceID("melon:2")
	want := func(step string, w map[string]string) {
		t.Helper()
		if got := standing(t, c); !maps.Equal(got, w) {
			t.Fatalf("%s: %v, want %v", step, got, w)
		}
	}
	want("crawled", map[string]string{a: "melon:2 yes24:1", b: "interpark:3"})

	merged, err := c.Merge(ctx, b, m, why)
	must(t, err)
	want("merged", map[string]string{a: "interpark:3 melon:2 yes24:1"})
	for _, id := range []string{a, b, m} {
		if p, err := c.Performance(ctx, id); err != nil || p.ID != a || len(p.Offers) != 3 {
			t.Errorf("%s leads to %+v, %v", id, p, err)
		}
	}
	if _, err := c.Merge(ctx, b, "yes24:1", why); !errors.Is(err, ErrAlreadySame) {
		t.Errorf("merged twice: %v", err)
	}
	crawled(t, c, seoul, melon, busan)
	want("crawled again", map[string]string{a: "interpark:3 melon:2 yes24:1"})

	split, err := c.Split(ctx, a, []string{"melon:2", "melon:2"}, why)
	must(t, err)
	want("split", map[string]string{a: "interpark:3 yes24:1", m: "melon:2"})
	for _, bad := range [][]string{nil, {"melon:9"}, {"yes24:1", "melon:2"}} {
		if _, err := c.Split(ctx, a, bad, why); !errors.Is(err, ErrNotMembers) {
			t.Errorf("split off %v: %v", bad, err)
		}
	}
	if _, err := c.Split(ctx, a, []string{"interpark:3", "yes24:1"}, why); !errors.Is(err, ErrNothingLeft) {
		t.Errorf("split everything off: %v", err)
	}
	_, err = c.Undo(ctx, merged.ID, why)
	must(t, err)
	want("merge undone", map[string]string{a: "yes24:1", b: "interpark:3", m: "melon:2"})
	if _, err := c.Undo(ctx, merged.ID, why); !errors.Is(err, ErrUndone) {
		t.Errorf("undone twice: %v", err)
	}
	_, err = c.Undo(ctx, split.ID, why)
	must(t, err)
	want("split undone", map[string]string{a: "melon:2 yes24:1", b: "interpark:3"})
	if _, err := c.Undo(ctx, "nothing", why); !errors.Is(err, ErrNoSuchChoice) {
		t.Errorf("undid what is not: %v", err)
	}
	if _, err := c.Merge(ctx, a, "nobody", why); !errors.Is(err, ErrNotFound) {
		t.Errorf("merged with nobody: %v", err)
	}

	all, err := c.Decisions(ctx, 0)
	must(t, err)
	if len(all) != 2 || all[0].Author != "지기" || all[0].Reason == "" || all[0].UndoneAt == nil || !all[0].Applied {
		t.Errorf("decisions %+v", all)
	}
	feed, err := c.Changes(ctx, 0, 1000)
	must(t, err)
	seen := map[string]bool{}
	for _, ch := range feed {
		if seen[ch.ID] || ch.Cause == ticket.CauseSource && strings.HasPrefix(ch.Source, "decision:") {
			t.Errorf("change %+v", ch)
		}
		seen[ch.ID] = true
	}
}

// TestADecisionSurvivesTheProcess: it was kept, and the process ended before it was carried out.
func TestADecisionSurvivesTheProcess(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newCatalog(t)
	crawled(t, c, shopPage{"yes24", "1", "시라노", "토월극장", "2026-12-06", "2027-02-23", 0}, shopPage{"melon", "2", "렌트", "부산 드림씨어터", "2026-12-06", "2027-02-23", 1})
	must(t, c.decisions.Insert(ctx, ticket.Decision{ID: "d", Kind: ticket.SameShow, Left: []string{"melon:2", "yes24:1"}, At: at, Author: "admin"}))
	if waits, err := c.Unapplied(ctx); err != nil || !waits {
		t.Fatalf("nothing waits: %v", err)
	}
	moved, err := c.Rematch(ctx, at)
	must(t, err)
	if got := standing(t, c); moved != 1 || got[PerformanceID("yes24:1")] != "melon:2 yes24:1" || len(got) != 1 {
		t.Errorf("%d moved: %v", moved, got)
	}
	if waits, err := c.Unapplied(ctx); err != nil || waits {
		t.Errorf("it still waits: %v", err)
	}
	before, err := c.LastChange(ctx)
	must(t, err)
	if moved, err = c.Rematch(ctx, at); err != nil || moved != 0 {
		t.Errorf("what is right moved: %d, %v", moved, err)
	}
	if after, err := c.LastChange(ctx); err != nil || after != before {
		t.Errorf("what is right was changed: %d to %d, %v", before, after, err)
	}
}

// TestTitlesKeptByOtherRulesAreReadAnew: a listing keeps what an earlier version of the program made of its title.
func TestTitlesKeptByOtherRulesAreReadAnew(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newCatalog(t)
	pages := []shopPage{{"yes24", "1", "뮤지컬 <시라노>", "토월극장", "2026-12-06", "2027-02-23", 0}, {"melon", "2", "시라노", "토월극장", "2026-12-06", "2027-02-23", 1}}
	crawled(t, c, pages...)
	l, err := c.Listing(ctx, "melon:2")
	must(t, err)
	l.Title, l.PerformanceID = ticket.TitleKeys{Core: "딴말", Gist: "딴말"}, PerformanceID("melon:2")
	must(t, c.listings.Upsert(ctx, l))
	want := map[string]string{PerformanceID("yes24:1"): "melon:2 yes24:1"}
	if _, err = c.Rematch(ctx, at); err != nil || !maps.Equal(standing(t, c), want) {
		t.Errorf("%v, %v, want %v", standing(t, c), err, want)
	}
	if l, err = c.Listing(ctx, "melon:2"); err != nil || l.Title.Core != "시라노" {
		t.Errorf("kept %+v, %v", l.Title, err)
	}
}

// TestEveryListingStandsInOnePerformance goes through random sequences of crawls, merges, splits, undoings, replays in another
// order and restarts. After each step every listing stands in exactly one performance, every id that ever was leads to one,
// and after the last the store holds what a fresh one holds that saw the same pages and decisions.
func TestEveryListingStandsInOnePerformance(t *testing.T) {
	t.Parallel()
	rounds, steps := 5, 40
	if testing.Short() {
		rounds = 2
	}
	for seed := range rounds {
		rnd := rand.New(rand.NewPCG(uint64(seed), 99))
		live := &sequence{t: t, c: newCatalog(t), rnd: rnd, ids: map[string]bool{}, seen: map[string]shopPage{}}
		for range steps {
			live.step()
			live.check(seed)
		}
		fresh := newCatalog(t)
		for _, d := range live.all() {
			must(t, fresh.decisions.Insert(context.Background(), d))
		}
		pages := slices.Collect(maps.Values(live.pages()))
		rnd.Shuffle(len(pages), func(i, j int) { pages[i], pages[j] = pages[j], pages[i] })
		crawled(t, fresh, pages...)
		if got, want := standing(t, live.c), standing(t, fresh); !maps.Equal(got, want) {
			t.Fatalf("seed %d: after %s\nlived  %v\nreplay %v", seed, strings.Join(live.log, ", "), got, want)
		}
	}
}

type sequence struct {
	t    *testing.T
	c    *Catalog
	rnd  *rand.Rand
	now  int
	ids  map[string]bool     // every id there ever was
	seen map[string]shopPage // every page there ever was
	log  []string
}

func (s *sequence) pages() map[string]shopPage { return s.seen }

func (s *sequence) all() []ticket.Decision {
	all, err := s.c.Decisions(context.Background(), 0)
	must(s.t, err)
	return all
}

func (s *sequence) step() {
	ctx := context.Background()
	s.now++
	w := Why{Author: "admin", Reason: "r", At: at.Add(time.Duration(s.now) * time.Hour)}
	performances := slices.Sorted(maps.Keys(standing(s.t, s.c)))
	pick := func() string { return performances[s.rnd.IntN(len(performances))] }
	var err error
	what := s.rnd.IntN(10)
	if len(performances) < 2 {
		what = 9
	}
	switch what {
	case 0, 1:
		_, err = s.c.Merge(ctx, pick(), pick(), w)
	case 2:
		id := pick()
		members, merr := s.c.Members(ctx, id)
		must(s.t, merr)
		_, err = s.c.Split(ctx, id, []string{members[s.rnd.IntN(len(members))].Key}, w)
	case 3:
		_, err = s.c.Apart(ctx, pick(), pick(), w)
	case 4:
		if all := s.all(); len(all) > 0 {
			_, err = s.c.Undo(ctx, all[s.rnd.IntN(len(all))].ID, w)
		}
	case 5: // the lake again, in another order
		pages := slices.Collect(maps.Values(s.seen))
		s.rnd.Shuffle(len(pages), func(i, j int) { pages[i], pages[j] = pages[j], pages[i] })
		crawled(s.t, s.c, pages...)
	case 6: // another process
		s.c.grouping.index = nil
		if s.rnd.IntN(2) == 0 {
			_, err = s.c.Rematch(ctx, w.At)
		}
	default:
		p := s.page()
		s.seen[fmt.Sprint(p)] = p
		crawled(s.t, s.c, p)
	}
	s.log = append(s.log, fmt.Sprint(what))
	if err != nil && !errors.Is(err, ErrAlreadySame) && !errors.Is(err, ErrNothingLeft) && !errors.Is(err, ErrUndone) {
		s.t.Fatal(err)
	}
}

func (s *sequence) page() shopPage {
	titles, halls := []string{"시라노", "뮤지컬 <시라노>", "시라노 - 부산", "렌트"}, []string{"예술의전당 CJ토월극장", "부산 드림씨어터", ""}
	start := ticket.Date("2026-12-01").AddDays(s.rnd.IntN(3) * 20)
	return shopPage{string(ticket.Sellers()[s.rnd.IntN(4)]), fmt.Sprint(s.rnd.IntN(3)), titles[s.rnd.IntN(4)], halls[s.rnd.IntN(3)], start, start.AddDays(30), s.now}
}

func (s *sequence) check(seed int) {
	s.t.Helper()
	ctx := context.Background()
	now := standing(s.t, s.c)
	where := map[string]string{}
	for id, keys := range now {
		s.ids[id] = true
		for _, key := range strings.Fields(keys) {
			if other := where[key]; other != "" {
				s.t.Fatalf("seed %d: %s stands in %s and %s", seed, key, other, id)
			}
			where[key] = id
		}
	}
	n, err := s.c.listings.Count(ctx)
	must(s.t, err)
	if int(n) != len(where) {
		s.t.Fatalf("seed %d: %d listings, %d of them in a performance, after %v", seed, n, len(where), s.log)
	}
	for key := range where {
		s.ids[PerformanceID(key)] = true
	}
	for id := range s.ids {
		p, err := s.c.Performance(ctx, id)
		if err != nil || now[p.ID] == "" {
			s.t.Fatalf("seed %d: the id %s leads nowhere: %v", seed, id, err)
		}
	}
	for key, id := range where { // an id leads to where its founding listing stands
		if p, err := s.c.Performance(ctx, PerformanceID(key)); err != nil || p.ID != id && now[PerformanceID(key)] == "" {
			s.t.Fatalf("seed %d: the id of %s leads to %v, it stands in %s: %v", seed, key, p, id, err)
		}
	}
}

// TestThePairsAreExplained lists what is together, what is nearly, and why.
func TestThePairsAreExplained(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newCatalog(t)
	crawled(t, c, shopPage{"yes24", "1", "뮤지컬 <시라노>", "예술의전당 CJ토월극장", "2026-12-06", "2027-02-23", 0}, shopPage{"melon", "2", "시라노", "예술의전당 CJ 토월극장", "2026-12-06", "2027-02-23", 1},
		shopPage{"interpark", "3", "시라노", "다른 극장", "2026-12-06", "2027-02-23", 1})
	var pairs []match.Judged
	must(t, c.EachPair(ctx, func(j match.Judged) bool { pairs = append(pairs, j); return true }))
	if len(pairs) != 3 || pairs[2].A != "melon:2" || pairs[2].B != "yes24:1" || !pairs[2].Together || pairs[0].Together {
		t.Errorf("pairs %+v", pairs)
	}
	doubtful, err := c.Pairs(ctx, Doubtful, 1)
	must(t, err)
	if len(doubtful) != 1 || doubtful[0].A.Key != "interpark:3" || doubtful[0].Score.Total >= 0 || len(doubtful[0].Score.Parts) == 0 {
		t.Errorf("doubtful %+v", doubtful)
	}
	_, err = c.Apart(ctx, "interpark:3", "yes24:1", why)
	must(t, err)
	if doubtful, err = c.Pairs(ctx, Doubtful, 9); err != nil || len(doubtful) != 0 {
		t.Errorf("decided, and still doubtful: %+v, %v", doubtful, err)
	}
}
