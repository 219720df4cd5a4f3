package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ticketmoa/modules/catalog"
	"ticketmoa/modules/schedule"
	"ticketmoa/modules/ticket"
)

// ticking is a clock of a test: it stands at the hour it was set to, and goes on by a millisecond whenever it is looked at.
type ticking struct{ ms atomic.Int64 }

func (c *ticking) now() time.Time { return time.UnixMilli(c.ms.Add(1)) }

func (c *ticking) set(day ticket.Date) {
	c.ms.Store(day.Time().Add(5*time.Hour + 10*time.Minute).UnixMilli())
}

// rig is the program, built as it is built to run, with its data in a folder and its source asked of a replayed site.
type rig struct {
	t     *testing.T
	app   *App
	site  *replay
	clock *ticking
	stop  func()
}

func openRig(t *testing.T, dir string, site *replay) *rig {
	t.Helper()
	cfg, err := appConfig(dir)
	must(t, err)
	for name, s := range cfg.Sources {
		s.Enabled = name == site.source
		if s.Enabled {
			s.Rate, s.Concurrency, s.Key, s.Hosts = 1000, 4, "a key", map[string]string{}
			for _, host := range allSources()[name].Info().Hosts {
				s.Hosts[host] = site.server.URL
			}
		}
		cfg.Sources[name] = s
	}
	r := &rig{t: t, site: site, clock: new(ticking)}
	r.clock.set(site.world.day)
	r.app, err = New(context.Background(), cfg, Hooks{Now: r.clock.now}, slog.New(slog.DiscardHandler))
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.app.etl.Run(ctx) }()
	closed := false
	r.stop = func() {
		if closed {
			return
		}
		closed = true
		r.app.jobs.Wait()
		cancel()
		must(t, <-done)
		must(t, r.app.Close())
	}
	t.Cleanup(r.stop)
	return r
}

// crawl runs the source's job on the site's day; full asks for everything.
func (r *rig) crawl(full bool) (schedule.Run, error) {
	r.t.Helper()
	r.clock.set(r.site.world.day)
	if full {
		r.app.complete.Store(r.site.source, true)
	}
	run, err := r.app.jobs.Do(context.Background(), "crawl:"+r.site.source, "test")
	r.app.jobs.Wait()
	if err != nil && run.Outcome != schedule.Failed {
		r.t.Fatalf("the crawl did not end by itself: %v", err)
	}
	return run, err
}

// good crawls and wants no alarm.
func (r *rig) good(full bool) {
	r.t.Helper()
	if _, err := r.crawl(full); err != nil {
		r.t.Fatalf("%s: a crawl of a sound site failed: %v", r.site.world.day, err)
	}
	if _, ill := r.app.ailing.Load(r.site.source); ill {
		r.t.Errorf("%s: the source still counts as ailing", r.site.world.day)
	}
}

// said is what people see of one show, in words that can be compared.
type said struct{ title, venue, period, prices, status, opens, rest, hash string }

// everything is what people see of every show and opening, by the code of its source.
func (r *rig) everything() map[string]said {
	r.t.Helper()
	out, now := map[string]said{}, r.site.world.day.Time().Add(12*time.Hour)
	ctx := context.Background()
	must(r.t, r.app.catalog.EachPerformance(ctx, func(p *ticket.Performance) error {
		members, err := r.app.catalog.Members(ctx, p.ID)
		if err != nil {
			return err
		}
		for _, l := range members {
			s := said{title: p.Title, venue: p.Place.Name, period: string(p.Period.Start) + "~" + string(p.Period.End), status: string(p.StatusAt(now)), hash: p.ContentHash}
			for _, o := range p.Offers {
				s.status += " " + string(p.OfferStatusAt(o, now))
				s.prices += showWons(o.Prices)
				if o.OpensAt != nil {
					s.opens += o.OpensAt.UTC().Format(time.DateTime) + " "
				}
			}
			s.prices += showWons(p.Prices)
			s.rest = fmt.Sprint(p.Genre, p.Tags, p.Place.Region, p.AgeText, p.Cast, p.TimesText, p.PosterURL, p.Synopsis, len(p.Offers))
			if p.RunningMinutes != nil {
				s.rest += fmt.Sprint(*p.RunningMinutes)
			}
			out[strings.TrimPrefix(l.Code, "PF")] = s
		}
		return nil
	}))
	notices, err := r.app.catalog.Openings(ctx, catalog.OpeningQuery{})
	must(r.t, err)
	for _, o := range notices {
		s := said{title: o.Content.Title, venue: o.Content.Place.Name, period: string(o.Content.Period.Start), hash: o.ContentHash}
		if o.Content.OpensAt != nil {
			s.opens = o.Content.OpensAt.UTC().Format(time.DateTime)
		}
		out["notice "+o.NoticeID] = s
	}
	return out
}

func showWons(prices []ticket.Price) string {
	var b strings.Builder
	for _, p := range prices {
		b.WriteString(p.Grade + " " + thousands(int(p.Won)) + " ")
	}
	return b.String()
}

// copyOf gives the data of a stopped program to another.
func copyOf(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	must(t, os.CopyFS(to, os.DirFS(dir)))
	return to
}
