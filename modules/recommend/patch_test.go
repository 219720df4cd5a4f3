package recommend

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/recommend/tfidf"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

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
	for seed := range uint64(3) {
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
			compare(t, r, s, step)
		}
	}
}

// compare holds the store against lists computed anew from the vectors at hand, whose shows must be those of the shelf.
func compare(t *testing.T, r *Recommender, s *shelf, step int) {
	t.Helper()
	w := r.current.Load()
	if len(w.byID) != len(s.shows) {
		t.Fatalf("%d shows are held, there are %d", len(w.byID), len(s.shows))
	}
	fresh := *w
	fresh.lists, _ = (&tfidf.Lists{K: most}).Updated(w.corpus, w.rules, 0) // all documents as new ones of empty lists
	for i, p := range s.shows {
		doc := w.byID[p.ID]
		if now := tell(p, w.today); now.mark != w.shows[doc].mark {
			t.Fatalf("%s is held as it was", p.ID)
		}
		if i%4 != step { // a quarter of the store at each step: reading is what takes long
			continue
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
