package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ticketmoa/modules/crawl"
	"ticketmoa/modules/queue"
	"ticketmoa/modules/schedule"
	"ticketmoa/modules/ticket"
)

// jobTable is the one table of jobs: name, schedule, time-out, work.
func (a *App) jobTable() []schedule.Job {
	var jobs []schedule.Job
	for _, name := range slices.Sorted(maps.Keys(a.enabled())) {
		jobs = append(jobs, schedule.Job{
			Name: "crawl:" + name, Title: a.sources[name].Info().Title + " 모으기", Spec: a.cfg.Sources[name].Schedule, Timeout: 6 * time.Hour,
			Run: func(ctx context.Context) (schedule.Report, error) { return a.crawl(ctx, name, a.watcher(name)) },
		})
	}
	jobs = append(jobs,
		schedule.Job{Name: "recommend", Title: "비슷한 공연 계산", Spec: a.cfg.Recommend.Schedule, Timeout: 30 * time.Minute, Run: a.recommend.Run},
		schedule.Job{Name: "match", Title: "같은 공연 묶기", Spec: "20 4 * * *", Timeout: time.Hour, Run: a.rematch},
		schedule.Job{Name: "popular", Title: "어제의 순위 계산", Spec: a.cfg.Popular.Schedule, Timeout: 30 * time.Minute, Run: a.rank},
		schedule.Job{Name: "audit", Title: "이벤트 파일 검사", Spec: "50 4 * * *", Timeout: time.Hour, Run: a.audit},
		schedule.Job{Name: "sweep", Title: "정리", Spec: "40 4 * * *", Timeout: 30 * time.Minute, Run: a.sweep},
	)
	for i := range jobs {
		run := jobs[i].Run
		jobs[i].Run = func(ctx context.Context) (schedule.Report, error) {
			defer a.worked.Add(1) // pages may show what it did
			return run(ctx)
		}
	}
	return jobs
}

// generation grows whenever pages may have something else to show: with the catalogue, and with every job that ends.
func (a *App) generation() uint64 { return a.search.Generation() + a.worked.Load() }

// watcher is who wants to hear how a crawl of the source gets on; nil when nobody does.
func (a *App) watcher(source string) func(crawl.Progress) {
	if fn, ok := a.watchers.Load(source); ok {
		return fn.(func(crawl.Progress))
	}
	return nil
}

// crawl crawls one source and waits until the ETL has worked off what it brought.
func (a *App) crawl(ctx context.Context, source string, progress func(crawl.Progress)) (schedule.Report, error) {
	if err := a.unjudged(ctx, source); err != nil {
		return schedule.Report{}, err
	}
	_, full := a.complete.LoadAndDelete(source)
	defer a.underway.Delete(source)
	rep, err := a.crawler.Crawl(ctx, source, full, func(p crawl.Progress) {
		a.underway.Store(source, p)
		if progress != nil {
			progress(p)
		}
	})
	out := schedule.Report{Counts: map[string]int64{"asked": rep.Asked, "stored": rep.Stored, "failed": rep.Failed, "new": rep.New, "changed": rep.Changed,
		"unchanged": rep.Unchanged, "gone": rep.Gone}, Notes: rep.Notes}
	if err == nil {
		err = a.fruitless(rep)
	}
	if err != nil {
		if ctx.Err() == nil {
			a.ailing.Store(source, ailment{at: a.now()})
			if rep.Run != "" {
				err = errors.Join(err, a.guard.Broken(ctx, a.facts(source, rep), rep.Reason()))
			}
		}
		return out, err
	}
	if err := a.drained(ctx); err != nil {
		return out, err
	}
	if err := a.judge(ctx, source, rep, &out); err != nil {
		return out, err
	}
	a.ailing.Delete(source)
	return out, a.thenRecommend(ctx, source)
}

// errFruitless fails a crawl that asked and got nothing it could read, so that nobody takes silence for a quiet day.
var errFruitless = errors.New("the crawl gave nothing")

func (a *App) fruitless(rep crawl.Report) error {
	if rep.Stored > rep.Unread || rep.Unchanged > 0 || rep.Failed+rep.Unread == 0 {
		return nil
	}
	hint := ""
	if rep.Unread > 0 && a.sources[rep.Source].Info().NeedsKey {
		hint = fmt.Sprintf("; is sources.%s.key right?", rep.Source)
	}
	return fmt.Errorf("%s: %w: %s%s", rep.Source, errFruitless, strings.Join(rep.Notes, "; "), hint)
}

// thenRecommend starts the job once more behind one that runs: that one may have begun before these shows were there.
func (a *App) thenRecommend(ctx context.Context, source string) error {
	for {
		_, err := a.jobs.Start("recommend", "crawl:"+source)
		if errors.Is(err, schedule.ErrStopping) {
			return nil
		}
		if !errors.Is(err, schedule.ErrRunning) {
			return err
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// drained waits until the ETL has nothing left to do.
func (a *App) drained(ctx context.Context) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for a.backlog() > 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// sweep gives back the disk of records that every reader is done with.
func (a *App) sweep(context.Context) (schedule.Report, error) {
	freed := 0
	for _, q := range []*queue.Queue{a.pages, a.eventLog} {
		before := q.Stats().Segments
		if err := q.Purge(); err != nil {
			return schedule.Report{}, err
		}
		freed += before - q.Stats().Segments
	}
	return schedule.Report{Counts: map[string]int64{"segments_freed": int64(freed)}}, nil
}

// auditDays is how far back the files of events are held against their manifests each night.
const auditDays = 7

// errAudit fails a night's audit, so that it is seen: the notes say what is wrong.
var errAudit = errors.New("files of events are not as they were committed; see the notes")

func (a *App) audit(ctx context.Context) (schedule.Report, error) {
	today := ticket.DateOf(a.now())
	var rep schedule.Report
	for back := range auditDays {
		problems, err := a.sink.Audit(ctx, today.AddDays(-back))
		if err != nil {
			return rep, err
		}
		rep.Notes = append(rep.Notes, problems...)
	}
	rep.Counts = map[string]int64{"days": auditDays, "problems": int64(len(rep.Notes))}
	if len(rep.Notes) > 0 {
		return rep, errAudit
	}
	return rep, nil
}

// catchUp starts every crawl that has not ended well within a day: at the first start, and after a long stop.
func (a *App) catchUp(ctx context.Context) {
	for name := range a.enabled() {
		runs, err := a.history.Recent(ctx, "crawl:"+name, 20)
		if err != nil {
			a.log.Error("no history to catch up by", "job", "crawl:"+name, "error", err)
			continue
		}
		fresh := slices.ContainsFunc(runs, func(r schedule.Run) bool {
			return r.Outcome == schedule.OK && a.now().Sub(r.StartedAt) < 24*time.Hour
		})
		if fresh {
			continue
		}
		if _, err := a.jobs.Start("crawl:"+name, "start"); err != nil {
			a.log.Warn("catch-up not started", "job", "crawl:"+name, "error", err)
		}
	}
}
