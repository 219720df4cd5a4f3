package recommend

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

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
