package app

import (
	"context"
	"fmt"
	"time"

	"ticketmoa/modules/schedule"
	"ticketmoa/modules/store"
)

// history keeps the scheduler's runs in the collection runs.
type history struct{ runs store.Collection }

func openHistory(ctx context.Context, s store.Store) (*history, error) {
	runs, err := s.Collection(ctx, store.Spec{Name: "runs", Fields: []store.Field{
		{Path: "job", Index: true}, {Path: "started_at", Index: true}, {Path: "outcome"}}})
	if err != nil {
		return nil, fmt.Errorf("open the collection runs: %w", err)
	}
	return &history{runs: runs}, nil
}

func (h *history) Save(ctx context.Context, r schedule.Run) error { return h.runs.Upsert(ctx, r) }

func (h *history) Recent(ctx context.Context, job string, limit int) ([]schedule.Run, error) {
	q := store.Query{OrderBy: "started_at", Desc: true, Limit: limit}
	if job != "" {
		q.Where = []store.Cond{{Field: "job", Op: store.Eq, Value: job}}
	}
	var out []schedule.Run
	err := h.runs.Find(ctx, q, &out)
	return out, err
}

func (h *history) Interrupt(ctx context.Context, at time.Time) error {
	_, err := h.runs.UpdateWhere(ctx, map[string]any{"outcome": schedule.Interrupted, "ended_at": at, "error": "the program ended before the run did"},
		store.Cond{Field: "outcome", Op: store.Eq, Value: schedule.Running})
	return err
}
