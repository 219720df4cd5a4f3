package drift

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"ticketmoa/modules/ticket"
)

func TestAtLeast(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		k, n int64
		p    float64
		want float64
	}{{0, 10, .3, 1}, {1, 1, .25, .25}, {3, 3, .02, 8e-6}, {2, 4, .5, 11.0 / 16}, {10, 10, .5, 1.0 / 1024}, {5, 5, 1, 1}} {
		if got := atLeast(tc.k, tc.n, tc.p); math.Abs(got-tc.want) > 1e-9 {
			t.Errorf("atLeast(%d of %d, %v) = %v, want %v", tc.k, tc.n, tc.p, got, tc.want)
		}
	}
}

func good(listed int64, m ticket.Measured) Run {
	r := Run{Whole: true, Listed: listed, Good: true, measured: m}
	for what, s := range m {
		r.Measured = append(r.Measured, Measure{what, s})
	}
	return r
}

func TestJudge(t *testing.T) {
	t.Parallel()
	usual := ticket.Measured{"detail prices lost": {Bad: 1, Of: 60}, "detail cast missing": {Bad: 4, Of: 10}, Answered: {Bad: 2, Of: 100}, "list state withheld": {Of: 100}}
	history := []Run{good(200, usual), good(210, usual), good(190, usual)}
	with := func(listed int64, what string, bad, of int64) Run {
		m := ticket.Measured{}
		for k, v := range usual {
			m[k] = v
		}
		if what != "" {
			m[what] = ticket.Share{Bad: bad, Of: of}
		}
		return good(listed, m)
	}
	for _, tc := range []struct {
		name    string
		run     Run
		history []Run
		want    string
	}{
		{"like before", with(205, "", 0, 0), history, ""},
		{"the first ever", with(205, "", 0, 0), nil, ""},
		{"half the list", with(100, "", 0, 0), history, Listed},
		{"an empty list", with(0, "", 0, 0), history, Listed},
		{"a tenth less", with(182, "", 0, 0), history, ""},
		{"prices lost", with(200, "detail prices lost", 40, 40), history, "detail prices lost"},
		{"prices lost on three pages", with(200, "detail prices lost", 3, 3), history, "detail prices lost"},
		{"prices lost in the first crawl that could lose any", with(200, "detail prices lost", 12, 20), nil, "detail prices lost"},
		{"one of three lost", with(200, "detail prices lost", 1, 3), history, ""},
		{"a cast is often missing", with(200, "detail cast missing", 6, 10), history, ""},
		{"all casts are missing", with(200, "detail cast missing", 30, 30), history, "detail cast missing"},
		{"a third not answered", with(200, Answered, 30, 90), history, Answered},
		{"a few not answered", with(200, Answered, 9, 90), history, ""},
		{"a new word", with(200, "list state withheld", 12, 100), history, "list state withheld"},
	} {
		got := ""
		for _, f := range judge(tc.run, tc.history) {
			got += f.What
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
	small := []Run{good(9, ticket.Measured{}), good(9, ticket.Measured{})}
	if f := judge(good(6, ticket.Measured{}), small); len(f) > 0 {
		t.Errorf("six of nine: %v", f)
	}
	changes := with(30, "", 0, 0)
	changes.Whole, changes.Partly = false, true
	if f := judge(changes, history); len(f) > 0 {
		t.Errorf("a crawl for changes only: %v", f)
	}
}

// TestCleanCrawlsRaiseNoAlarm draws a thousand clean crawls of each of several sources: lists that breathe, pages that lose
// something now and then, new pages that lack what new pages lack. At most one in a hundred may be found out.
func TestCleanCrawlsRaiseNoAlarm(t *testing.T) {
	t.Parallel()
	alarms, crawls := 0, 0
	for seed := range 10 {
		rnd := rand.New(rand.NewPCG(uint64(seed), 3))
		size := []int{12, 40, 150, 600, 2500}[seed%5]
		lacks := make([]float64, 12)
		for i := range lacks {
			lacks[i] = rnd.Float64() * rnd.Float64()
		}
		var history []Run
		for range 100 {
			m := ticket.Measured{}
			news, reread := rnd.IntN(size/8+2), rnd.IntN(size/2+2)
			draw := func(what string, n int, p float64) {
				for range n {
					m.Count(what, rnd.Float64() < p)
				}
			}
			// a day is not like another: what is new today lacks more, or less, than what was new yesterday
			day := 0.8 + 0.4*rnd.Float64()
			for i, p := range lacks {
				draw(fmt.Sprintf("detail f%d missing", i), news, min(1, p*day))
				draw(fmt.Sprintf("list f%d missing", i), size, min(1, p))
				draw(fmt.Sprintf("detail f%d lost", i), reread, 0.01)
				draw(fmt.Sprintf("detail f%d turned", i), reread, 0.02)
				draw(fmt.Sprintf("detail f%d withheld", i), reread+news, 0.01)
			}
			draw(Answered, reread+news, 0.03)
			run := good(int64(float64(size)*(0.97+0.06*rnd.Float64())), m)
			if len(judge(run, history)) > 0 {
				alarms++
				continue
			}
			crawls++
			history = append([]Run{run}, history...)
		}
	}
	if alarms*100 > crawls+alarms {
		t.Errorf("%d alarms in %d clean crawls", alarms, crawls+alarms)
	}
	t.Logf("%d alarms in %d clean crawls", alarms, crawls+alarms)
}
