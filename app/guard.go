package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ticketmoa/modules/crawl"
	"ticketmoa/modules/drift"
	"ticketmoa/modules/schedule"
)

// ailment is why a source's last crawl gave nothing to believe.
type ailment struct {
	at    time.Time
	drift bool // it was read, and its pages are not as they were
}

// sampled is how many known pages every crawl asks for again at least: fewer could not show that a layout changed.
const sampled = 16

// unjudged makes up for a crawl that ended in a process that was killed before it was judged: what it brought waits for a
// verdict that nobody gives any more, so it is asked for again.
func (a *App) unjudged(ctx context.Context, source string) error {
	run, at, ended, err := a.crawler.Last(ctx, source)
	if err != nil || !ended {
		return err
	}
	waiting, err := a.catalog.Waiting(ctx, run)
	if err != nil || waiting == 0 {
		return err
	}
	judged, err := a.guard.Knows(ctx, run)
	if err != nil || judged {
		return err
	}
	a.log.Warn("a crawl ended without being judged: its pages are asked for again", "source", source, "run", run, "waiting", waiting)
	return a.crawler.Doubt(ctx, source, at, nil)
}

// facts are what the guard is told of a crawl.
func (a *App) facts(source string, rep crawl.Report) drift.Crawl {
	return drift.Crawl{Source: source, Run: rep.Run, StartedAt: rep.StartedAt, Whole: rep.Whole, Partly: rep.Partly, Listed: rep.Listed, Noticed: rep.Noticed,
		Lists: rep.Lists, Torn: rep.Torn, Asked: rep.Tried, Failed: rep.Missed, Withheld: a.etl.Take(rep.Run).Withheld, Parser: a.sources[source].Info().Version}
}

// judge holds a crawl that was worked off against the good ones before it. A good one may end what three of them did not
// name; of one that drifted nothing is believed, and the next asks for everything it brought once more.
func (a *App) judge(ctx context.Context, source string, rep crawl.Report, out *schedule.Report) error {
	run, again, err := a.guard.Judge(ctx, a.facts(source, rep))
	if errors.Is(err, drift.ErrDrift) {
		a.ailing.Store(source, ailment{at: a.now(), drift: true})
		for _, f := range run.Findings {
			a.log.Error("a crawl drifted", "source", source, "run", run.ID, "what", f.What, "bad", f.Now.Bad, "of", f.Now.Of, "before_bad", f.Before.Bad, "before_of", f.Before.Of)
			out.Notes = append(out.Notes, f.String())
		}
		out.Counts["waiting"] = run.Waiting
		return errors.Join(err, a.crawler.Doubt(ctx, source, rep.StartedAt, nil))
	}
	if err != nil {
		return fmt.Errorf("judge the crawl: %w", err)
	}
	if err := a.crawler.Excuse(ctx, source); err != nil {
		return err
	}
	if len(again) > 0 {
		if err := a.crawler.Doubt(ctx, source, rep.StartedAt, again); err != nil {
			return err
		}
	}
	return a.endMissing(ctx, source, rep, out)
}

// crawls is the guard as the admin pages see it.
type crawls struct{ *App }

// Recent lists judged crawls, the latest first.
func (c crawls) Recent(ctx context.Context, source string, limit int) ([]drift.Run, error) {
	return c.guard.Recent(ctx, source, limit)
}

// Accept takes a drifted crawl for good on somebody's word. When it is the source's last, the source ails no longer.
func (c crawls) Accept(ctx context.Context, id, author string) (drift.Run, error) {
	a := c.App
	run, err := a.guard.Accept(ctx, id, author)
	if err != nil {
		return run, err
	}
	last, err := a.guard.Recent(ctx, run.Source, 1)
	if err == nil && len(last) > 0 && last[0].ID == id {
		a.ailing.Delete(run.Source)
	}
	a.log.Info("a drifted crawl was accepted", "source", run.Source, "run", id, "author", author)
	return run, errors.Join(err, a.crawler.Excuse(ctx, run.Source))
}

// endMissing ends, softly, what enough good crawls did not name, and brings back what this one names again.
func (a *App) endMissing(ctx context.Context, source string, rep crawl.Report, out *schedule.Report) error {
	since, ok, err := a.guard.MissedSince(ctx, source)
	if err != nil {
		return fmt.Errorf("which things are gone: %w", err)
	}
	if !ok {
		since = time.Time{}
	}
	gone, named, err := a.crawler.Listing(ctx, source, since, rep.StartedAt)
	if err != nil {
		return err
	}
	ended, back, err := a.catalog.End(ctx, source, gone, named, a.now())
	if err != nil {
		return fmt.Errorf("end what is gone: %w", err)
	}
	if ended+back > 0 {
		out.Counts["ended"], out.Counts["back"] = ended, back
	}
	return nil
}
