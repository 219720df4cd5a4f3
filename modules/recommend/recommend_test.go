package recommend

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/recommend/tfidf"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var errMissing = errors.New("no such performance")

// shelf is a catalogue with a feed.
type shelf struct {
	shows  []*ticket.Performance
	merged map[string]string
	feed   []ticket.Change
}

func (s *shelf) EachPerformance(_ context.Context, fn func(*ticket.Performance) error) error {
	for _, p := range s.shows {
		if err := fn(p); err != nil {
			return err
		}
	}
	return nil
}

func (s *shelf) Performance(_ context.Context, id string) (*ticket.Performance, error) {
	if to, ok := s.merged[id]; ok {
		id = to
	}
	if i := s.at(id); i >= 0 {
		return s.shows[i], nil
	}
	return nil, fmt.Errorf("%s: %w", id, errMissing)
}

func (s *shelf) at(id string) int {
	return slices.IndexFunc(s.shows, func(p *ticket.Performance) bool { return p.ID == id })
}

func (s *shelf) Changes(_ context.Context, after int64, limit int) ([]ticket.Change, error) {
	return s.feed[min(int(after), len(s.feed)):min(int(after)+limit, len(s.feed))], nil
}

func (s *shelf) LastChange(context.Context) (int64, error) { return int64(len(s.feed)), nil }

// put adds a performance or takes the place of the one of its id, and says so in the feed.
func (s *shelf) put(p *ticket.Performance) {
	if i := s.at(p.ID); i >= 0 {
		s.shows[i] = p
	} else {
		s.shows = append(s.shows, p)
	}
	s.tell(p.ID)
}

func (s *shelf) drop(id string) {
	s.shows = slices.DeleteFunc(s.shows, func(p *ticket.Performance) bool { return p.ID == id })
	s.tell(id)
}

func (s *shelf) tell(id string) {
	s.feed = append(s.feed, ticket.Change{Seq: int64(len(s.feed) + 1), Entity: "performance", EntityID: id})
}

func performance(id, title string, region ticket.Region, start ticket.Date, synopsis string) *ticket.Performance {
	p := &ticket.Performance{ID: id, Title: title, Place: ticket.Place{Region: region}, Genre: ticket.Musical, Synopsis: synopsis}
	if start != "" {
		p.Period = ticket.Period{Start: start, End: start.AddDays(60)}
	}
	return p
}

// five are five shows whose neighbours are computed by hand below. 바다 is A, B and E's, 등대 A and B's, 별 only D's and A's.
func five() *shelf {
	return &shelf{shows: []*ticket.Performance{
		performance("a", "바다 등대", "서울", "2026-12-01", "등대 바다 소년"),
		performance("b", "등대 일기", "서울", "2026-12-20", "등대 바다 소녀"),
		performance("c", "바다 노래", "서울", "", "등대 바다 소년"),         // no first day: nobody's, and has none
		performance("d", "등대 별빛", "", "2026-12-10", "등대 바다 소년"), // no region: nobody's, and has none
		performance("e", "바다 편지", "서울", "2027-02-20", ""),       // no synopsis: found by its title alone
	}}
}

// clock is an instant that tests move.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

var noon = time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)

func newRecommender(t *testing.T, s Source, c *clock) *Recommender {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	st, err := store.Open(context.Background(), "", filepath.Join(t.TempDir(), "db"), log)
	must(t, err)
	t.Cleanup(func() { must(t, st.Close()) })
	if c == nil {
		c = &clock{noon}
	}
	r, err := New(context.Background(), Deps{Source: s, Missing: errMissing, Store: st, Now: c.now}, log)
	must(t, err)
	return r
}

func run(t *testing.T, r *Recommender) map[string]int64 {
	t.Helper()
	rep, err := r.Run(context.Background())
	must(t, err)
	return rep.Counts
}

func similar(t *testing.T, r *Recommender, id string, limit int) []Neighbour {
	t.Helper()
	near, err := r.Similar(context.Background(), id, limit)
	must(t, err)
	return near
}

func ids(t *testing.T, r *Recommender, id string) string {
	t.Helper()
	var out []string
	for _, n := range similar(t, r, id, 3) {
		out = append(out, n.ID)
	}
	return fmt.Sprint(out)
}

// TestDefectOffByOneLists: the first system skipped shows without a first day and then zipped two lists, so that every
// later show got another's neighbours. From a (1 Dec) the window reaches 1 Mar, from b (20 Dec) 20 Mar; nothing starts
// after e (20 Feb). b shares 등대 and 바다 with a, e shares 바다 alone, so a's order is b, e.
func TestDefectOffByOneLists(t *testing.T) {
	t.Parallel()
	want := map[string]string{"a": "[b e]", "b": "[e]", "c": "[]", "d": "[]", "e": "[]"}
	for _, order := range [][]int{{0, 1, 2, 3, 4}, {4, 3, 2, 1, 0}, {2, 0, 3, 1, 4}} {
		s := &shelf{}
		for _, i := range order {
			s.shows = append(s.shows, five().shows[i])
		}
		r := newRecommender(t, s, nil)
		run(t, r)
		for id, w := range want {
			if got := ids(t, r, id); got != w {
				t.Errorf("order %v: similar to %s = %s, want %s", order, id, got, w)
			}
		}
	}
}

// TestDefectPlaceholderText: in the first system all shows without a text were alike to the last bit.
func TestDefectPlaceholderText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"상세설명이 없습니다.", "", "default", "준비중입니다", "등록된 줄거리가 없습니다.", "본 공연은 이벤트에 의해 관람 시간이 달라질 수 있습니다."} {
		s := &shelf{}
		for i, title := range []string{"바다", "하늘", "우산", "연필", "구름", "호랑나비"} {
			p := performance(fmt.Sprint("p", i), title, "서울", "2026-12-01", text)
			p.Genre = ticket.Genres()[i]
			s.shows = append(s.shows, p)
		}
		r := newRecommender(t, s, nil)
		run(t, r)
		for i := range s.shows {
			if near := similar(t, r, fmt.Sprint("p", i), 20); len(near) > 0 {
				t.Errorf("%q alone makes %v like %s", text, near, s.shows[i].Title)
			}
		}
	}
}

// TestDefectLostOrder: lists come in the order of their scores, as they were written, not in that of the store.
func TestDefectLostOrder(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	words := strings.Fields("등대 바다 소년 고래 파도 항구 갈매기 선장 나침반 모래")
	s.shows = append(s.shows, performance("z", "원본", "서울", "2026-12-01", strings.Join(words, " ")))
	for i := range words { // the more words it shares, the lower its id sorts
		s.shows = append(s.shows, performance(fmt.Sprint("m", 9-i), fmt.Sprint("사본", i), "서울", "2026-12-02",
			strings.Join(words[:i+1], " ")+strings.Repeat(" 딴말"+fmt.Sprint(i), 3)))
	}
	r := newRecommender(t, s, nil)
	run(t, r)
	near := similar(t, r, "z", 20)
	if len(near) != len(words) || near[0].ID != "m0" {
		t.Fatalf("%v", near)
	}
	for i := 1; i < len(near); i++ {
		if near[i].Score > near[i-1].Score {
			t.Errorf("%v before %v", near[i-1], near[i])
		}
	}
}

func TestWhatIsNeverRecommended(t *testing.T) {
	t.Parallel()
	s := five()
	ended := performance("old", "바다 등대 옛날", "서울", "2026-12-05", "등대 바다 소년")
	ended.Period = ticket.Period{Start: "2026-10-01", End: "2026-11-21"}
	again := performance("again", "바다 등대", "서울", "2026-12-25", "등대 바다 소년") // the same show, another hall
	late := performance("late", "등대 바다 먼 날", "서울", "2027-03-02", "등대 바다 소년")
	busan := performance("busan", "등대 바다 부산", "부산", "2026-12-05", "등대 바다 소년")
	withdrawn := performance("withdrawn", "등대 바다 사라짐", "서울", "2026-12-05", "등대 바다 소년")
	withdrawn.Withdrawn = true
	alien := performance("alien", "xyz", "서울", "2026-12-05", "")
	alien.Genre = ""
	twice := performance("twice", "등대 일기", "서울", "2026-12-21", "등대 바다")
	s.shows = append(s.shows, ended, again, late, busan, alien, withdrawn, twice)
	r := newRecommender(t, s, nil)
	run(t, r)
	var diaries int
	for _, n := range similar(t, r, "a", 20) {
		if slices.Contains([]string{"a", "old", "again", "late", "busan", "alien", "c", "d", "withdrawn"}, n.ID) {
			t.Errorf("%s was recommended beside a", n.ID)
		}
		if n.ID == "b" || n.ID == "twice" {
			diaries++
		}
		if n.Score <= 0 || n.Score > 1 || len(n.Reasons) == 0 {
			t.Errorf("%+v", n)
		}
	}
	if diaries != 1 {
		t.Errorf("%d runs of one production are recommended", diaries)
	}
}

// TestEndedIsNotRead: a neighbour that ended since the last run is not shown, and the next best takes its place.
func TestEndedIsNotRead(t *testing.T) {
	t.Parallel()
	s := five()
	s.shows[1].Period.End = "2026-12-21"
	c := &clock{noon}
	r := newRecommender(t, s, c)
	run(t, r)
	if got := ids(t, r, "a"); got != "[b e]" {
		t.Fatal(got)
	}
	c.at = time.Date(2026, 12, 21, 14, 59, 0, 0, time.UTC) // 23:59 in Seoul, its last day
	if got := ids(t, r, "a"); got != "[b e]" {
		t.Error(got)
	}
	c.at = c.at.Add(time.Minute)
	if got := ids(t, r, "a"); got != "[e]" {
		t.Error(got)
	}
}

// TestAGenerationIsSwitchedWhole: a run that fails half-way, whole or of what changed, leaves what readers see as it was,
// and can be run again.
func TestAGenerationIsSwitchedWhole(t *testing.T) {
	t.Parallel()
	s, c := five(), &clock{noon}
	for i := range 60 {
		s.shows = append(s.shows, performance(fmt.Sprint("f", i), fmt.Sprint("보통 공연", i), "부산", "2026-12-01", fmt.Sprint("다른 말", i)))
	}
	r := newRecommender(t, s, c)
	run(t, r)
	before := ids(t, r, "a")
	sound := r.rows.similar
	breaks := func(what string) {
		r.rows.similar = failing{Collection: sound, err: errors.New("disk is full")}
		if _, err := r.Run(context.Background()); err == nil {
			t.Fatalf("%s whose writes fail must say so", what)
		}
		r.rows.similar = sound
		if after := ids(t, r, "a"); after != before {
			t.Errorf("after %s that failed %s, before %s", what, after, before)
		}
	}
	s.put(performance("n", "등대 바다", "서울", "2026-12-02", "등대 바다 소년"))
	breaks("a patch")
	if got := run(t, r); got["whole"] != 0 || got["changed"] != 1 {
		t.Errorf("the patch again: %v", got)
	}
	if got := ids(t, r, "a"); got != "[n b e]" {
		t.Errorf("after the patch %s", got)
	}
	before = ids(t, r, "a")
	c.at = c.at.Add(24 * time.Hour)
	breaks("a whole run")
	if got := run(t, r); got["whole"] != 1 {
		t.Errorf("a new day: %v", got)
	}
	if n, err := sound.Count(context.Background()); err != nil || int(n) != len(s.shows) {
		t.Errorf("%d rows after a whole run, %v; want one a show", n, err)
	}
}

// failing is a collection that fails half-way through a batch of writes.
type failing struct {
	store.Collection
	err error
}

func (f failing) Upsert(ctx context.Context, docs ...any) error {
	if err := f.Collection.Upsert(ctx, docs[:len(docs)/2]...); err != nil {
		return err
	}
	return f.err
}

// random is a performance of few words, so that many share some.
func random(rng *rand.Rand, id string) *ticket.Performance {
	words := strings.Fields("등대 바다 소년 고래 파도 항구 갈매기 선장 나침반 모래 하늘 구름 별빛 달님 기차 우주 편지 소녀 숲속 왕자 마녀 용사 노래 그림")
	text := func(n int) string {
		var out []string
		for range n {
			out = append(out, words[rng.IntN(len(words))])
		}
		return strings.Join(out, " ")
	}
	p := performance(id, text(2), ticket.Regions()[rng.IntN(3)], ticket.Date("2026-11-01").AddDays(rng.IntN(150)), text(rng.IntN(12)))
	p.Period.End = p.Period.Start.AddDays(rng.IntN(40))
	for range rng.IntN(4) {
		p.Cast = append(p.Cast, ticket.CastMember{Name: fmt.Sprint("배우", rng.IntN(20))})
	}
	return p
}

// TestPatchesAreWhatAWholeRunGives: runs that follow the feed leave in the store what computing every list again by the
// same weights gives: ids, scores, order and reasons.
func TestPatchesAreWhatAWholeRunGives(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		rng := rand.New(rand.NewPCG(seed, 3))
		s := &shelf{merged: map[string]string{}}
		for i := range 600 {
			s.shows = append(s.shows, random(rng, fmt.Sprint("p", i)))
		}
		r := newRecommender(t, s, nil)
		run(t, r)
		for step := range 4 {
			for range 1 + rng.IntN(5) {
				switch id := fmt.Sprint("p", rng.IntN(600)); rng.IntN(4) {
				case 0:
					s.put(random(rng, fmt.Sprintf("n%d-%d", step, rng.IntN(9))))
				case 1:
					s.drop(id)
				case 2: // became another's
					if to := s.shows[rng.IntN(len(s.shows))].ID; to != id {
						s.merged[id] = to
						s.drop(id)
						s.tell(to)
					}
				default:
					if _, gone := s.merged[id]; !gone {
						s.put(random(rng, id))
					}
				}
			}
			s.tell("nobody")
			if got := run(t, r); got["whole"] != 0 {
				t.Fatalf("seed %d: %v", seed, got)
			}
			compare(t, r, s)
		}
	}
}

// compare holds the store against lists computed anew from the vectors at hand, whose shows must be those of the shelf.
func compare(t *testing.T, r *Recommender, s *shelf) {
	t.Helper()
	w := r.current.Load()
	if len(w.byID) != len(s.shows) {
		t.Fatalf("%d shows are held, there are %d", len(w.byID), len(s.shows))
	}
	fresh := *w
	fresh.lists, _ = (&tfidf.Lists{K: most}).Updated(w.corpus, w.rules, 0) // all documents as new ones of empty lists
	for _, p := range s.shows {
		doc := w.byID[p.ID]
		if now := tell(p, w.today); now.mark != w.shows[doc].mark {
			t.Fatalf("%s is held as it was", p.ID)
		}
		got, want := similar(t, r, p.ID, most), fresh.neighbours(doc)
		want = slices.DeleteFunc(want, func(n Neighbour) bool { return n.Until < w.today })
		if len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\n got %v\nwant %v", p.ID, got, want)
		}
	}
}

// TestStale: when much changed, or the day is another, everything is weighed anew.
func TestStale(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 1))
	s := &shelf{}
	for i := range 100 {
		s.shows = append(s.shows, random(rng, fmt.Sprint("p", i)))
	}
	c := &clock{noon}
	r := newRecommender(t, s, c)
	run(t, r)
	for i := range 5 {
		s.put(random(rng, fmt.Sprint("n", i)))
	}
	if got := run(t, r); got["whole"] != 0 || got["changed"] != 5 {
		t.Errorf("5 of 100: %v", got)
	}
	s.put(random(rng, "n5"))
	if got := run(t, r); got["whole"] != 1 {
		t.Errorf("6 of 100: %v", got)
	}
	if got := run(t, r); got["whole"] != 0 || got["changed"] != 0 {
		t.Errorf("nothing new: %v", got)
	}
	c.at = c.at.Add(24 * time.Hour)
	if got := run(t, r); got["whole"] != 1 {
		t.Errorf("a new day: %v", got)
	}
}

func TestReasons(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	fantasy := func(id, title string) *ticket.Performance {
		return performance(id, title, "서울", "2026-12-01", "판타지의 매력을 담았다. "+title+"에서 만나는 "+id)
	}
	a, b := fantasy("a", "푸른 용"), fantasy("b", "붉은 성")
	a.Cast = []ticket.CastMember{{Name: "조형균"}, {Name: "김가나"}}
	b.Cast = []ticket.CastMember{{Name: "이다라"}, {Name: "조형균"}}
	s.shows = append(s.shows, a, b)
	for i := range 90 {
		s.shows = append(s.shows, performance(fmt.Sprint("f", i), fmt.Sprint("보통 공연", i), "부산", "2026-12-01", "다른 말"))
	}
	r := newRecommender(t, s, nil)
	run(t, r)
	near := similar(t, r, "a", 3)
	if len(near) != 1 || strings.Join(near[0].Reasons, " · ") != "같은 배우 조형균 · 판타지 뮤지컬" {
		t.Errorf("%+v", near)
	}
}

func BenchmarkWhole(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	s := &shelf{}
	for i := range 5000 {
		s.shows = append(s.shows, random(rng, fmt.Sprint("p", i)))
	}
	r := &Recommender{Deps: Deps{Source: s, Now: (&clock{noon}).now}}
	for b.Loop() {
		w, err := r.read(context.Background(), "2026-11-22")
		if err != nil {
			b.Fatal(err)
		}
		w.compute()
	}
}
