package app

import (
	"context"
	"fmt"
	"time"

	"ticketmoa/modules/events"
	"ticketmoa/modules/popular"
	"ticketmoa/modules/schedule"
	"ticketmoa/modules/ticket"
)

// openEvents builds the way of an event: recorder → queue → sink → lake → rankings.
func (a *App) openEvents(ctx context.Context) (err error) {
	consumer, err := a.eventLog.Consumer("lake")
	if err != nil {
		return fmt.Errorf("open the reader of the queue of events: %w", err)
	}
	if a.sink, err = events.NewSink(ctx, events.SinkDeps{Queue: a.eventLog, Source: consumer, Bucket: a.bucket, Store: a.store, Now: a.now,
		Barrier: func(ctx context.Context) (time.Time, uint64, error) { return a.recorder.Barrier(ctx) }}, events.SinkConfig{}, a.log); err != nil {
		return err
	}
	a.recorder = events.NewRecorder(events.Deps{Queue: a.eventLog, Now: a.now, Since: a.sink.OwnThrough()}, events.Config{}, a.log)
	if a.viewers, err = events.NewViewers(ctx, a.store, a.now, a.log); err != nil {
		return err
	}
	a.popular, err = popular.New(ctx, popular.Deps{Bucket: a.bucket, Store: a.store, Sink: a.sink, Catalogue: successors{a}, Now: a.now}, popular.Config{}, a.log)
	return err
}

// eventParts run beside everything that records, and stop after it.
func (a *App) eventParts() []part {
	parts := []part{{"event keys", a.viewers.Run}, {"recorder", a.recorder.Run}, {"event sink", a.sink.Run}}
	if a.demo {
		parts = append([]part{{"visitors", a.visitors}}, parts...)
	}
	return parts
}

// successors tell which performances were merged into others.
type successors struct{ a *App }

// Successors implements popular.Catalogue. What the search knows was not merged, so few have to be looked up.
func (s successors) Successors(ctx context.Context, ids []string) (map[string]string, error) {
	live := map[string]bool{}
	for _, p := range s.a.search.Get(ids...) {
		live[p.ID] = true
	}
	out := map[string]string{}
	for _, id := range ids {
		if live[id] {
			continue
		}
		to, err := s.a.catalog.Resolve(ctx, id)
		if err != nil {
			return nil, err
		}
		if to != id {
			out[id] = to
		}
	}
	return out, nil
}

// catchUpPopular counts what was missed, unless a run of today did.
func (a *App) catchUpPopular(ctx context.Context) {
	runs, err := a.history.Recent(ctx, "popular", 20)
	if err != nil {
		a.log.Error("no history to catch up by", "job", "popular", "error", err)
		return
	}
	for _, r := range runs {
		if r.Outcome == schedule.OK && ticket.DateOf(r.StartedAt) == ticket.DateOf(a.now()) {
			return
		}
	}
	if _, err := a.jobs.Start("popular", "start"); err != nil {
		a.log.Warn("catch-up not started", "job", "popular", "error", err)
	}
}
