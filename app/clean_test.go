//go:build !race

package app

import (
	"strings"
	"testing"

	"ticketmoa/modules/ticket"
)

// TestCleanCrawls crawls sound sites for more than a hundred days on which sellers do what they do. At most one crawl in a
// hundred may be found to have drifted, and what truly happens must come through: a price cut to a third at once, a sale that
// is over with the second crawl that says so, a show that leaves the lists with the third that does not name it, and it
// comes back. With -short it is a few days.
func TestCleanCrawls(t *testing.T) {
	t.Parallel()
	crawls, alarms := 0, 0
	t.Run("sources", func(t *testing.T) {
		for source, n := range map[string]int{"yes24": 40, "melon": 30, "kopis": 20, "ticketlink": 20} {
			if testing.Short() {
				n = 10
			}
			crawls += n
			raised := make(chan int, 1)
			t.Run(source, func(t *testing.T) {
				t.Parallel()
				defer close(raised)
				raised <- cleanDays(t, source, n)
			})
			t.Cleanup(func() { alarms += <-raised })
		}
	})
	if alarms*100 > max(crawls, 100) {
		t.Errorf("%d false alarms in %d clean crawls", alarms, crawls)
	}
	t.Logf("%d false alarms in %d clean crawls", alarms, crawls)
}

func cleanDays(t *testing.T, source string, n int) (alarms int) {
	w := newReplayed(t, 11, firstDay.AddDays(-60), 40)
	for range 60 {
		w.tomorrow()
	}
	site := serveReplay(t, source, w, readCaptures(t))
	r := openRig(t, t.TempDir(), site)
	var cheap, over, away string
	for day := range n {
		if day > 0 {
			w.tomorrow()
		}
		if day == 5 {
			cheap, over, away = threeShows(t, w)
			w.find(cheap).price /= 3
			w.find(cheap).end, w.find(cheap).changed = w.find(cheap).end.AddDays(1), w.day
			w.find(over).over, w.find(over).changed = true, w.day
			w.find(away).unlisted = true
		}
		if day == 9 {
			w.find(away).unlisted = false
		}
		if _, err := r.crawl(false); err != nil {
			alarms++
			t.Logf("%s: a false alarm: %v", w.day, err)
			continue
		}
		if day >= 5 && day <= 9 && source != "ticketlink" {
			r.came(day, source, cheap, over, away)
		}
	}
	return alarms
}

// threeShows are three that run for weeks to come.
func threeShows(t *testing.T, w *replayed) (a, b, c string) {
	t.Helper()
	var long []string
	for _, s := range w.listed(-1) {
		if !s.gone && s.end > w.day.AddDays(20) {
			long = append(long, s.code)
		}
	}
	if len(long) < 3 {
		t.Fatal("no three shows run for weeks")
	}
	return long[0], long[1], long[2]
}

// came wants of the truth of day 5 what must have come through by a day.
func (r *rig) came(day int, source, cheap, over, away string) {
	r.t.Helper()
	all := r.everything()
	if s := r.site.world.find(cheap); day == 5 && !strings.Contains(all[cheap].prices, thousands(s.price)+" ") && source != "kopis" { // its list shows no price
		r.t.Errorf("day %d: %s costs %s, truly %d", day, s.title, all[cheap].prices, s.price)
	}
	ended := func(code string) bool { return strings.HasPrefix(all[code].status, string(ticket.Ended)) }
	if source == "melon" && ended(over) != (day >= 6) {
		r.t.Errorf("day %d: a sale that is over since day 5: %s", day, all[over].status)
	}
	if source != "kopis" && ended(away) != (day == 7 || day == 8) { // it is asked for everything once a week only
		r.t.Errorf("day %d: a show that no list names from day 5 to 8: %s", day, all[away].status)
	}
}
