package events

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/ticket"
)

// Audit holds what the manifests of a day say against what lies in the bucket, byte by byte, for every queue. Each
// problem names an object and what is wrong with it. A file whose batch is not committed yet is no problem.
func (s *Sink) Audit(ctx context.Context, day ticket.Date) (problems []string, err error) {
	note := func(key, format string, args ...any) {
		problems = append(problems, key+": "+fmt.Sprintf(format, args...))
	}
	manifests, err := lake.Manifests(ctx, s.deps.Bucket, day)
	if errors.Is(err, lake.ErrDamaged) {
		note(lake.EventFolder(day), "%v", err)
	} else if err != nil {
		return nil, fmt.Errorf("audit of events on %s: %w", day, err)
	}
	listed := map[string]bool{}
	for _, m := range manifests {
		var rows, dead int64
		var before lake.File
		for _, f := range m.Files {
			listed[f.Key] = true
			rows += f.Rows
			if before.Key != "" && f.First <= before.Last {
				note(f.Key, "its batch overlaps the one before, which ends at %d", before.Last)
			}
			before = f
			if err := s.auditFile(ctx, f, note); err != nil {
				return problems, err
			}
		}
		for _, f := range slices.Concat(m.Files, m.Empty) {
			dead += f.Dead
		}
		if rows != m.Rows || dead != m.Dead {
			note(lake.ManifestKey(day, m.Queue), "says %d rows and %d dead, its files have %d and %d", m.Rows, m.Dead, rows, dead)
		}
	}
	underWay := s.underWay()
	err = s.deps.Bucket.List(ctx, lake.EventFolder(day), func(o lake.Object) error {
		f, queue, ok := fileOf(o.Key)
		if ok && !listed[o.Key] && (queue != s.id || f.First < underWay) {
			note(o.Key, "is in no manifest")
		}
		return nil
	})
	if err != nil {
		return problems, fmt.Errorf("audit of events on %s: %w", day, err)
	}
	return problems, nil
}

// underWay is the offset from which on files may lie there that no manifest lists yet.
func (s *Sink) underWay() uint64 {
	if p, err := readPlan(s.deps.Source.Note()); err == nil {
		return p.First
	}
	return ^uint64(0)
}

func (s *Sink) auditFile(ctx context.Context, f lake.File, note func(key, format string, args ...any)) error {
	body, err := lake.GetFile(ctx, s.deps.Bucket, f)
	if errors.Is(err, lake.ErrDamaged) { // it may have been the way
		body, err = lake.GetFile(ctx, s.deps.Bucket, f)
	}
	switch {
	case errors.Is(err, lake.ErrNotFound):
		note(f.Key, "was committed with %d rows and is gone", f.Rows)
		return nil
	case errors.Is(err, lake.ErrDamaged):
		note(f.Key, "is not what was committed: want %d bytes, SHA-256 %s", f.Bytes, f.SHA256)
		return nil
	case err != nil:
		return fmt.Errorf("audit: %w", err)
	}
	if rows, err := lake.CountRows(body); err != nil || rows != f.Rows {
		note(f.Key, "has %d rows where %d were committed (%v)", rows, f.Rows, err)
	}
	return nil
}
