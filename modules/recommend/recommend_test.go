package recommend

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"slices"
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

type shelf []*ticket.Performance

func (s shelf) EachPerformance(_ context.Context, fn func(*ticket.Performance) error) error {
	for _, p := range s {
		if err := fn(p); err != nil {
			return err
		}
	}
	return nil
}

func performance(id, title string, region ticket.Region, start ticket.Date, synopsis string) *ticket.Performance {
	return &ticket.Performance{ID: id, Title: title, Place: ticket.Place{Region: region}, Genre: ticket.Musical, Synopsis: synopsis,
		Period: ticket.Period{Start: start, End: start.AddDays(60)}}
}

// five are five shows whose neighbours are computed by hand below. 바다 is A, B and E's, 등대 A and B's, 별 only D's and A's.
func five() shelf {
	return shelf{
		performance("a", "바다 등대", "서울", "2026-12-01", "등대 바다 소년"),
		performance("b", "등대 일기", "서울", "2026-12-20", "등대 바다 소녀"),
		performance("c", "바다 노래", "서울", "", "등대 바다 소년"),         // no first day: nobody's, and has none
		performance("d", "등대 별빛", "", "2026-12-10", "등대 바다 소년"), // no region: nobody's, and has none
		performance("e", "바다 편지", "서울", "2027-02-20", ""),       // no synopsis: found by its title alone
	}
}

func newRecommender(t *testing.T, s Source) *Recommender {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	st, err := store.Open(context.Background(), "", filepath.Join(t.TempDir(), "db"), log)
	must(t, err)
	t.Cleanup(func() { must(t, st.Close()) })
	r, err := New(context.Background(), s, st, func() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) }, log)
	must(t, err)
	return r
}

func ids(t *testing.T, r *Recommender, id string) string {
	t.Helper()
	near, err := r.Similar(context.Background(), id, 3)
	must(t, err)
	var out []string
	for _, n := range near {
		out = append(out, n.ID)
	}
	return fmt.Sprint(out)
}

// TestFiveShows: from a (1 Dec) the window reaches 1 Mar, from b (20 Dec) 20 Mar; nothing starts after e (20 Feb). b shares
// 등대 and 바다 with a, e shares 바다 alone, so a's order is b, e. Shows without a day or region stand between the others in
// the list: the first system then gave every later show another's neighbours.
func TestFiveShows(t *testing.T) {
	t.Parallel()
	want := map[string]string{"a": "[b e]", "b": "[e]", "c": "[]", "d": "[]", "e": "[]"}
	for _, order := range [][]int{{0, 1, 2, 3, 4}, {4, 3, 2, 1, 0}, {2, 0, 3, 1, 4}} {
		var s shelf
		for _, i := range order {
			s = append(s, five()[i])
		}
		r := newRecommender(t, s)
		if _, err := r.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		for id, w := range want {
			if got := ids(t, r, id); got != w {
				t.Errorf("order %v: similar to %s = %s, want %s", order, id, got, w)
			}
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
	alien := performance("alien", "xyz", "서울", "2026-12-05", "")
	alien.Genre = ""
	r := newRecommender(t, append(s, ended, again, late, busan, alien))
	_, err := r.Run(context.Background())
	must(t, err)
	near, err := r.Similar(context.Background(), "a", 20)
	must(t, err)
	for _, n := range near {
		if slices.Contains([]string{"a", "old", "again", "late", "busan", "alien", "c", "d"}, n.ID) {
			t.Errorf("%s was recommended beside a", n.ID)
		}
		if n.Score <= 0 || n.Score > 1 || math.IsNaN(n.Score) {
			t.Errorf("score %v of %s", n.Score, n.ID)
		}
	}
}

// TestAGenerationIsSwitchedWhole: a run that fails half-way leaves the old generation as it was.
func TestAGenerationIsSwitchedWhole(t *testing.T) {
	t.Parallel()
	r := newRecommender(t, five())
	_, err := r.Run(context.Background())
	must(t, err)
	before := ids(t, r, "a")
	whole := r.similar
	r.similar = failing{Collection: whole, err: errors.New("disk is full")}
	if _, err := r.Run(context.Background()); err == nil {
		t.Fatal("a run whose writes fail must say so")
	}
	r.similar = whole
	if after := ids(t, r, "a"); after != before {
		t.Errorf("after the failed run %s, before %s", after, before)
	}
	report, err := r.Run(context.Background())
	must(t, err)
	if n, err := r.similar.Count(context.Background()); err != nil || n != 5 {
		t.Errorf("%d rows after a run, %v; want one a show: %+v", n, err, report)
	}
}

// failing is a collection whose second batch of writes fails.
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

func TestTerms(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"오페라의 유령":   "[오페 페라 라의 유령]",
		"BTS 2026":  "[bts 2026]",
		"별":         "[별]",
		"":          "[]",
		"〈시라노〉, 3차": "[시라 라노 3차]",
	} {
		if got := fmt.Sprint(terms(in)); got != want {
			t.Errorf("terms(%q) = %s, want %s", in, got, want)
		}
	}
}

func BenchmarkNeighbours(b *testing.B) {
	var shows []show
	for i := range 2000 {
		p := performance(fmt.Sprint(i), fmt.Sprintf("공연 %d 바다 %d", i%97, i%31), ticket.Regions()[i%17], ticket.Date("2026-12-01").AddDays(i%120), fmt.Sprintf("소년 %d 등대 %d 노래 %d", i%53, i%71, i%13))
		shows = append(shows, newShow(p, "2026-11-22"))
	}
	for b.Loop() {
		neighbours(shows)
	}
}
