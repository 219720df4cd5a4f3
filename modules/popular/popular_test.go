package popular

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

const day = ticket.Date("2026-11-21")

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// crowd makes n events of a day: views, clicks and others, of people and robots, with repeats.
func crowd(seed uint64, day ticket.Date, n int) []ticket.Event {
	r := rand.New(rand.NewPCG(seed, 1))
	at := day.Time()
	step := 24 * time.Hour / time.Duration(n+1)
	var out []ticket.Event
	for i := range n {
		at = at.Add(time.Duration(r.Int64N(int64(step)))).Truncate(time.Millisecond)
		who := r.IntN(n/6 + 1)
		e := ticket.Event{ID: fmt.Sprintf("%s-%08d", day, i), Kind: ticket.EventView, ReceivedAt: at.UTC(), PerformanceID: fmt.Sprintf("p%03d", min(r.IntN(60), r.IntN(60))),
			Genre: pick(r, ticket.Genres()[:4]), Region: pick(r, append(ticket.Regions()[:4], ""))}
		if who%3 == 0 {
			e.Person = fmt.Sprintf("a:%016x", who)
		} else {
			e.Person, e.Account = fmt.Sprintf("u:%d", who), true
			e.AgeBand, e.Gender = pick(r, append(ticket.AgeBands(), "")), pick(r, []ticket.Gender{ticket.Female, ticket.Male, ""})
		}
		switch r.IntN(12) {
		case 0:
			e.Bot = true
		case 1:
			e.Prefetch = true
		case 2, 3:
			e.Kind, e.OfferID, e.Seller = ticket.EventOfferClick, "o", pick(r, ticket.Sellers())
		case 4:
			e = ticket.Event{ID: e.ID, Kind: ticket.EventSearch, ReceivedAt: e.ReceivedAt, Person: e.Person, Account: e.Account, Query: "시라노"}
		}
		out = append(out, e)
	}
	return out
}

func encode(t testing.TB, events []ticket.Event) []byte {
	t.Helper()
	b, err := lake.EncodeEvents(events)
	must(t, err)
	return b
}

// world is a lake and a store with a sink that is always done.
type world struct {
	bucket  lake.Bucket
	store   store.Store
	through time.Time
	merged  map[string]string
	now     time.Time
	sealed  error
	pop     *Popular
}

func (w *world) Seal(context.Context) error                 { return w.sealed }
func (w *world) Through(context.Context) (time.Time, error) { return w.through, nil }
func (w *world) Successors(context.Context, []string) (map[string]string, error) {
	return w.merged, nil
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{now: day.AddDays(1).Time().Add(7 * time.Minute), through: day.AddDays(1).Time().Add(time.Minute)}
	var err error
	w.bucket, err = lake.NewFolder(t.TempDir())
	must(t, err)
	w.store, err = store.Open(context.Background(), "", filepath.Join(t.TempDir(), "db"), slog.New(slog.DiscardHandler))
	must(t, err)
	t.Cleanup(func() { must(t, w.store.Close()) })
	w.pop = w.open(t, Config{})
	return w
}

func (w *world) open(t testing.TB, cfg Config) *Popular {
	t.Helper()
	p, err := New(context.Background(), Deps{Bucket: w.bucket, Store: w.store, Sink: w, Catalogue: w, Now: func() time.Time { return w.now }}, cfg, slog.New(slog.DiscardHandler))
	must(t, err)
	return p
}

// bring commits events of a day as one file of a queue.
func (w *world) bring(t testing.TB, queue string, day ticket.Date, first uint64, events []ticket.Event) {
	t.Helper()
	ctx := context.Background()
	m, err := lake.ReadManifest(ctx, w.bucket, day, queue)
	if errors.Is(err, lake.ErrNotFound) {
		m, err = lake.Manifest{Date: day, Queue: queue}, nil
	}
	must(t, err)
	body, last := encode(t, events), first+uint64(len(events))-1
	f := lake.File{Key: lake.EventKey(day, queue, first, last, 1), First: first, Last: last, Rows: int64(len(events)), Bytes: int64(len(body)), SHA256: lake.Sum(body), Schema: 1}
	must(t, w.bucket.PutNew(ctx, f.Key, body))
	m.Put(f)
	must(t, lake.PutManifest(ctx, w.bucket, m))
}

// ids writes an answer as "p001:7 p002:5".
func ids(a Answer) string {
	var out []string
	for _, r := range a.Rows {
		out = append(out, fmt.Sprintf("%s:%d", r.PerformanceID, r.Views))
	}
	return strings.Join(out, " ")
}

func (w *world) top(t testing.TB, q Query) Answer {
	t.Helper()
	a, err := w.pop.Top(context.Background(), q)
	must(t, err)
	return a
}

// check compares every combination of filters with the recount.
func (w *world) check(t *testing.T, all []ticket.Event, day ticket.Date) {
	t.Helper()
	votes, before := ballots(all, day), ballots(all, day.AddDays(-1))
	regions := map[string][]ticket.Region{"": nil}
	for _, name := range []string{"서울", "부산", "수도권"} {
		regions[name], _ = ticket.RegionsIn(name)
	}
	clicks := leaving(all, day)
	for _, age := range append(ticket.AgeBands(), "") {
		for _, gender := range []ticket.Gender{"", ticket.Female, ticket.Male} {
			for _, genre := range append(ticket.Genres()[:3], "") {
				for _, region := range regions {
					want, sample := recount(votes, string(age), string(gender), string(genre), region)
					old, _ := recount(before, string(age), string(gender), string(genre), region)
					ranks := map[string]int{}
					for _, r := range old {
						ranks[r.PerformanceID] = r.Rank
					}
					for i := range want {
						want[i].Previous = ranks[want[i].PerformanceID]
						if age == "" && gender == "" {
							want[i].Clicks = clicks[want[i].PerformanceID]
						}
					}
					got := w.top(t, Query{Day: day, Age: age, Gender: gender, Genre: genre, Regions: region})
					if got.Sample != sample || got.Total != len(want) || len(want) > 0 && !reflect.DeepEqual(got.Rows, want) {
						t.Fatalf("%s, %q %q %q %v:\n got %d people, %v\nwant %d people, %v", day, age, gender, genre, region, got.Sample, got.Rows, sample, want)
					}
				}
			}
		}
	}
}

// TestEqualsARecount: two days, two queues, every combination, and a file that comes late.
func TestEqualsARecount(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	all := append(crowd(1, day.AddDays(-1), 1500), crowd(2, day, 3000)...)
	other, late := crowd(3, day, 800), crowd(4, day, 400)
	w.bring(t, "one", day.AddDays(-1), 1, all[:1500])
	w.bring(t, "one", day, 1501, all[1500:2600])
	w.bring(t, "one", day, 2601, all[2600:])
	w.bring(t, "two", day, 1, other)
	all = append(all, other...)
	rep, err := w.pop.Run(ctx)
	must(t, err)
	if rep.Counts["computed"] != 2 || rep.Counts["unchanged"] != 5 {
		t.Errorf("report %v", rep)
	}
	w.check(t, all, day)
	w.check(t, all, day.AddDays(-1))
	rep, err = w.pop.Run(ctx)
	must(t, err)
	if rep.Counts["computed"] != 0 {
		t.Errorf("nothing new, but %v", rep)
	}
	w.bring(t, "three", day, 1, late)
	all = append(all, late...)
	rep, err = w.pop.Run(ctx)
	must(t, err)
	if h, err := w.pop.head(ctx, day); err != nil || h.Generation != 2 || rep.Counts["computed"] != 1 || len(h.Sources) != 3 {
		t.Errorf("after a late file: %v, %+v, %v", rep, h, err)
	}
	w.check(t, all, day)
	if n, err := w.pop.col.Count(ctx, store.Cond{Field: "kind", Op: store.Eq, Value: rowsKind}); err != nil || n != 2 {
		t.Errorf("%d documents of rows, %v", n, err)
	}
	if days, err := w.pop.Days(ctx, 10); err != nil || fmt.Sprint(days) != "[2026-11-21 2026-11-20]" {
		t.Errorf("days %v, %v", days, err)
	}
	if a := w.top(t, Query{Limit: 3}); a.Day != day || len(a.Rows) != 3 || a.Total <= 3 {
		t.Errorf("latest: %+v", a)
	}
}

func viewOf(person, show string, at time.Duration, change func(*ticket.Event)) ticket.Event {
	e := ticket.Event{ID: person + show + at.String(), Kind: ticket.EventView, ReceivedAt: day.Time().Add(at).UTC(), Person: person, PerformanceID: show}
	if change != nil {
		change(&e)
	}
	return e
}

// TestRules: each rule by hand.
func TestRules(t *testing.T) {
	t.Parallel()
	young := func(e *ticket.Event) {
		e.AgeBand, e.Gender, e.Genre, e.Region = "20s", ticket.Female, ticket.Musical, "서울"
	}
	older := func(e *ticket.Event) {
		e.AgeBand, e.Gender, e.Genre, e.Region = "30s", ticket.Male, ticket.Play, "부산"
	}
	var events []ticket.Event
	for i := range 5 { // five women in their twenties, the border
		events = append(events, viewOf(fmt.Sprintf("u:%d", i), "b", time.Hour, young))
	}
	for i := range 4 { // four: never shown alone
		events = append(events, viewOf(fmt.Sprintf("u:%d", i), "c", time.Hour, young))
	}
	for i := range 5 {
		events = append(events, viewOf(fmt.Sprintf("a:%016x", i), "a", time.Hour, nil))
	}
	events = append(events,
		viewOf("u:9", "d", 2*time.Hour, older), viewOf("u:9", "d", time.Hour, young), // the earlier one counts, though it comes later
		viewOf("u:9", "d", time.Hour, older),   // the same moment: the first in the queue counts
		viewOf("u:0", "b", 3*time.Hour, older), // once a day
		viewOf("u:robot", "b", time.Hour, func(e *ticket.Event) { e.Bot = true }),
		viewOf("u:ahead", "b", time.Hour, func(e *ticket.Event) { e.Prefetch = true }),
		viewOf("u:wish", "b", time.Hour, func(e *ticket.Event) { e.Kind = ticket.EventWish }),
		viewOf("u:0", "b", -time.Millisecond, nil), viewOf("u:77", "b", 24*time.Hour, nil), // other days
		viewOf("u:88", "a", 24*time.Hour-time.Millisecond, nil),
		viewOf("u:1", "x", time.Hour, func(e *ticket.Event) { e.Kind, e.Seller = ticket.EventOfferClick, ticket.Melon }),
		viewOf("u:1", "x", 2*time.Hour, func(e *ticket.Event) { e.Kind, e.Seller = ticket.EventOfferClick, ticket.Melon }),
		viewOf("u:1", "x", 3*time.Hour, func(e *ticket.Event) { e.Kind, e.Seller = ticket.EventOfferClick, ticket.YES24 }),
		viewOf("u:1", "", time.Hour, nil), viewOf("", "b", time.Hour, nil),
	)
	w := newWorld(t)
	w.bring(t, "one", day, 1, events)
	_, err := w.pop.Run(context.Background())
	must(t, err)
	for _, tc := range []struct {
		q      Query
		want   string
		sample int
	}{
		{Query{}, "a:6 b:5 c:4 d:1", 12},
		{Query{Age: "20s"}, "b:5", 6}, {Query{Age: "20s", Gender: ticket.Female}, "b:5", 6}, {Query{Gender: ticket.Female, Genre: ticket.Musical}, "b:5", 6},
		{Query{Age: "30s"}, "", 0}, {Query{Gender: ticket.Male}, "", 0}, {Query{Age: "60s"}, "", 0}, {Query{Age: "99s"}, "", 0},
		{Query{Genre: ticket.Musical}, "b:5 c:4 d:1", 12}, {Query{Regions: []ticket.Region{"서울", "부산"}}, "b:5 c:4 d:1", 12}, {Query{Genre: ticket.Play}, "", 12},
		{Query{Regions: []ticket.Region{"없는곳"}}, "", 12},
	} {
		tc.q.Day = day
		if a := w.top(t, tc.q); ids(a) != tc.want || a.Sample != tc.sample {
			t.Errorf("%+v: %q of %d, want %q of %d", tc.q, ids(a), a.Sample, tc.want, tc.sample)
		}
	}
	_, rows, err := w.pop.load(context.Background(), day)
	must(t, err)
	if last := rows[len(rows)-1]; last.PerformanceID != "x" || fmt.Sprint(last.Clicks) != "[{melon 1} {yes24 1}]" {
		t.Errorf("clicks: %+v", last)
	}
	body, err := w.bucket.Get(context.Background(), "aggregates/popular/date=2026-11-21/popular-g1-v1.parquet")
	must(t, err)
	copied, err := lake.DecodeRows[aggregate](body)
	must(t, err)
	for _, r := range copied {
		if (r.Age != nil || r.Gender != nil) && (r.Views < fewest || r.PerformanceID != "b") {
			t.Errorf("the copy shows %+v", r)
		}
	}
	if len(copied) != 7 { // a, b, c, d over all; b by age, by gender and by both
		t.Errorf("the copy has %d rows: %+v", len(copied), copied)
	}
	if a := w.top(t, Query{Day: "2020-01-01"}); a.Total != 0 || a.Sample != 0 {
		t.Errorf("a day without a ranking: %+v", a)
	}
}

func TestMergedPerformancesAreOneRow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, d := range []ticket.Date{day.AddDays(-1), day} {
		var events []ticket.Event
		for j, show := range []string{"a", "a", "a", "b", "b", "c", "c"} {
			e := viewOf(fmt.Sprintf("u:%d", j), show, 0, nil)
			e.ReceivedAt = d.Time()
			events = append(events, e)
		}
		w.bring(t, "one", d, uint64(1+i*10), events)
	}
	_, err := w.pop.Run(context.Background())
	must(t, err)
	if got := ids(w.top(t, Query{})); got != "a:3 b:2 c:2" {
		t.Errorf("before: %s", got)
	}
	w.merged = map[string]string{"c": "b"}
	w.now = w.now.Add(2 * freshFor)
	a := w.top(t, Query{})
	if got := ids(a); got != "b:4 a:3" || a.Rows[0].Previous != 1 {
		t.Errorf("merged: %s, %+v", got, a.Rows)
	}
}

// TestWaits: a day that the lake does not hold wholly is not counted, nor is one whose file is damaged.
func TestWaits(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	w.bring(t, "one", day.AddDays(-1), 1, crowd(1, day.AddDays(-1), 50))
	w.bring(t, "one", day, 51, crowd(2, day, 50))
	w.through = day.AddDays(1).Time().Add(-time.Millisecond)
	rep, err := w.pop.Run(ctx)
	if !errors.Is(err, ErrIncomplete) || rep.Counts["computed"] != 1 || !strings.Contains(err.Error(), string(day)) {
		t.Errorf("too early: %v, %v", rep, err)
	}
	w.through = w.through.Add(time.Millisecond)
	m, err := lake.ReadManifest(ctx, w.bucket, day, "one")
	must(t, err)
	good, err := w.bucket.Get(ctx, m.Files[0].Key)
	must(t, err)
	must(t, w.bucket.Put(ctx, m.Files[0].Key, append([]byte(nil), good[:len(good)-1]...)))
	if _, err := w.pop.Run(ctx); !errors.Is(err, lake.ErrDamaged) {
		t.Errorf("damaged: %v", err)
	}
	if a := w.top(t, Query{}); a.Day != day.AddDays(-1) {
		t.Errorf("latest is %s", a.Day)
	}
	must(t, w.bucket.Put(ctx, m.Files[0].Key, good))
	if rep, err := w.pop.Run(ctx); err != nil || rep.Counts["computed"] != 1 {
		t.Errorf("mended: %v, %v", rep, err)
	}
	w.sealed = errors.New("no lake")
	if _, err := w.pop.Run(ctx); !errors.Is(err, w.sealed) {
		t.Errorf("sealing failed: %v", err)
	}
}

// TestMergedSmallGroupsStayHidden joins two performances of which three women of an age saw each: together they are six,
// and still nobody is told.
func TestMergedSmallGroupsStayHidden(t *testing.T) {
	t.Parallel()
	w := newWords()
	few := Cell{Age: "20s", Gender: ticket.Female, Genre: ticket.Musical, Region: "서울", N: 3}
	many := Cell{Age: "30s", Gender: ticket.Female, Genre: ticket.Musical, Region: "서울", N: 7}
	cells := []packed{{w.code(few), 3}, {w.code(many), 7}, {w.code(few), 3}, {w.code(many), 4}}
	for _, tt := range []struct {
		age   ticket.AgeBand
		least int
		want  int
	}{{"20s", fewest, 0}, {"30s", fewest, 7}, {"20s", 1, 6}, {"", 1, 17}} {
		f := filter{age: mask(w.ages, tt.age), gender: anything, genre: anything, region: anything}
		if n := f.count(cells, []int{2, 4}, tt.least); n != tt.want {
			t.Errorf("age %q, at least %d: %d people, want %d", tt.age, tt.least, n, tt.want)
		}
	}
}
