package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"ticketmoa/modules/demo"
	"ticketmoa/modules/lake"
	"ticketmoa/modules/schedule"
	"ticketmoa/modules/ticket"
)

const (
	visitsADay  = 4000
	visitedDays = 3
	// settled is how many looks in a row must find the same shows before visitors come.
	settled   = 8
	lookEvery = 500 * time.Millisecond
)

// visitors let a demo have had visitors for some days, as soon as it has shows, and has them counted.
func (a *App) visitors(ctx context.Context) error {
	if err := a.visit(ctx); err != nil && ctx.Err() == nil {
		a.log.Error("the demo has no visitors", "error", err)
	}
	<-ctx.Done()
	return nil
}

func (a *App) visit(ctx context.Context) error {
	for size, same := 0, 0; same < settled; {
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
		if now := a.search.Size(); now == 0 || now != size {
			size, same = now, 0
			continue
		}
		same++
	}
	var shows []*ticket.Performance
	err := a.catalog.EachPerformance(ctx, func(p *ticket.Performance) error {
		shows = append(shows, p)
		return nil
	})
	if err != nil {
		return err
	}
	today := ticket.DateOf(a.now())
	if files, err := lake.Manifests(ctx, a.bucket, today.AddDays(-1)); err != nil || len(files) > 0 {
		return err // they came when this data directory was new
	}
	for day := today.AddDays(-visitedDays); day < today; day = day.AddDays(1) {
		var payloads [][]byte
		for _, e := range demo.Visits(day, shows, visitsADay) {
			payload, err := json.Marshal(&e)
			if err != nil {
				return err
			}
			payloads = append(payloads, payload)
		}
		if _, err := a.eventLog.AppendAll(ctx, payloads); err != nil {
			return fmt.Errorf("put the visits of %s on the queue: %w", day, err)
		}
	}
	for {
		_, err := a.jobs.Start("popular", "demo")
		if !errors.Is(err, schedule.ErrRunning) {
			return err
		}
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
