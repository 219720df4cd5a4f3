//go:build !race

package app

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// breaking is which ways of the table are taken: each, or every second.
var breaking = flag.Int("breakages", 2, "take every nth way of breaking a site")

// warm is a program that crawled a sound site for some days, and the site as it stands then.
type warm struct {
	dir   string
	world *replayed
	old   *replayed // two months before
	pages *captures
}

func warmUp(t *testing.T, source string, crawls int) *warm {
	t.Helper()
	pages := readCaptures(t)
	w := newReplayed(t, 7, firstDay.AddDays(-60), 40)
	old := w.clone()
	for range 60 {
		w.tomorrow()
	}
	dir := t.TempDir()
	r := openRig(t, dir, serveReplay(t, source, w, pages))
	for n := range crawls {
		if n > 0 {
			w.tomorrow()
		}
		r.good(false)
	}
	r.stop()
	return &warm{dir, w, old, pages}
}

// fresh is what people would see of the site on its day if the program had never seen it before.
func (w *warm) fresh(t *testing.T, source string, world *replayed) map[string]said {
	t.Helper()
	r := openRig(t, t.TempDir(), serveReplay(t, source, world, w.pages))
	defer r.stop()
	r.good(true)
	return r.everything()
}

// TestBreakages breaks the sites in every way of the table, for one crawl, and mends them again. Nobody may lose anything by
// it, it must be noticed within that crawl, and what truly changed meanwhile must come with the next good ones. It takes every
// second way; `go test ./app -run TestBreakages -breakages 1` takes all, -short every fifth. The race detector would take
// a quarter of an hour for it: the README's test command runs it beside.
func TestBreakages(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"yes24", "melon", "kopis", "ticketlink"} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			start := warmUp(t, source, 4)
			today := start.world.clone()
			today.tomorrow()
			for i := range today.shows { // beside the usual: one is called off, one costs half
				switch s := &today.shows[i]; {
				case s.unlisted || s.gone || s.start <= today.day:
				case i%9 == 4:
					s.over, s.changed = true, today.day
				case i%9 == 5:
					s.price, s.end, s.changed = s.price/2, s.end.AddDays(1), today.day
				}
			}
			then := today.clone()
			then.tomorrow()
			truth := start.fresh(t, source, today.clone())
			end := start.fresh(t, source, then.clone())
			var mu sync.Mutex
			report := map[string]string{}
			all := breakagesOf(source, &start.old)
			t.Run("broken", func(t *testing.T) {
				for n, b := range all {
					if n%*breaking > 0 || testing.Short() && n%5 > 0 {
						continue
					}
					t.Run(b.name, func(t *testing.T) {
						t.Parallel()
						alarm := breakAndMend(t, start, b, today, then, truth, end, n%3 == 0)
						mu.Lock()
						defer mu.Unlock()
						report[b.name] = alarm
					})
				}
			})
			for _, b := range all {
				if alarm, taken := report[b.name]; taken {
					t.Logf("| %s | %s | %s |", source, b.name, alarm)
				}
			}
		})
	}
}

// breakAndMend takes the program through a broken crawl and a good one; with thorough also through one of everything, after which
// it must know what a program knows that never met the breakage.
func breakAndMend(t *testing.T, start *warm, b breakage, today, then *replayed, truth, end map[string]said, thorough bool) (alarm string) {
	site := serveReplay(t, b.source, start.world.clone(), start.pages)
	r := openRig(t, copyOf(t, start.dir), site)
	before := r.everything()
	site.world = today.clone()
	site.breaks(b)
	run, err := r.crawl(false)
	alarm = run.Error
	if err == nil {
		t.Error("nobody was told: the crawl counts as good")
	}
	if _, ill := r.app.ailing.Load(b.source); !ill {
		t.Error("the source does not count as ailing")
	}
	r.nothingLost(before, truth, today)

	site.breaks(breakage{})
	site.world = then.clone()
	r.good(false)
	r.nothingLost(before, end, then)
	if waits, err := r.app.guard.Recent(context.Background(), b.source, 1); err != nil || !waits[0].Good {
		t.Errorf("the last crawl: %v %v", waits, err)
	}
	if !thorough {
		return alarm
	}
	site.world = then.clone()
	site.world.day = then.day.AddDays(1)
	r.good(true)
	after := r.everything()
	for code, want := range end {
		if s := then.find(strings.TrimPrefix(code, "notice ")); s.gone { // nobody can tell any more than before
			continue
		}
		got := after[code]
		got.status, want.status, got.hash, want.hash = "", "", "", ""
		if got != want {
			t.Errorf("%s after the site was mended:\n%+v, want\n%+v", code, got, want)
		}
	}
	for _, s := range then.listed(-1) {
		if got := after[s.code]; s.over && b.source == "melon" && !strings.HasPrefix(got.status, "ended") {
			t.Errorf("%s is over and still %s", s.title, got.status)
		}
	}
	return alarm
}

// nothingLost wants that what people saw before is what they see now, but for what is true by now.
func (r *rig) nothingLost(before, truth map[string]said, is *replayed) {
	r.t.Helper()
	after := r.everything()
	var wrong []string
	for code, old := range before {
		got, there := after[code]
		if !there {
			wrong = append(wrong, code+" is not there any more")
			continue
		}
		if old.hash == got.hash {
			continue
		}
		now, b := truth[code], is.find(strings.TrimPrefix(code, "notice "))
		for what, v := range map[string][3]string{"title": {old.title, got.title, now.title}, "venue": {old.venue, got.venue, now.venue}, "period": {old.period, got.period, now.period},
			"prices": {old.prices, got.prices, now.prices}, "opens": {old.opens, got.opens, now.opens}, "rest": {old.rest, got.rest, now.rest}} {
			if v[1] != v[0] && v[1] != v[2] {
				wrong = append(wrong, fmt.Sprintf("%s: the %s was %q, is %q, truly %q", code, what, v[0], v[1], v[2]))
			}
		}
		if strings.HasPrefix(got.status, "ended") && !strings.HasPrefix(old.status, "ended") && !b.over && b.end >= is.day {
			wrong = append(wrong, code+" ended")
		}
	}
	slices.Sort(wrong)
	if len(wrong) > 0 {
		r.t.Errorf("%d shows changed that did not: %s", len(wrong), strings.Join(wrong[:min(len(wrong), 4)], "\n"))
	}
}
