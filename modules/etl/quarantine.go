package etl

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// Quarantine keeps what was withheld, one row a subject and field, until a later page of the subject reads well.
type Quarantine struct {
	rows    store.Collection
	sources []string // every known one
}

func openQuarantine(ctx context.Context, s store.Store, sources []string) (*Quarantine, error) {
	rows, err := s.Collection(ctx, store.Spec{Name: "quarantine", Fields: []store.Field{
		{Path: "source", Index: true}, {Path: "kind"}, {Path: "code", Index: true}, {Path: "field"}, {Path: "rule", Index: true},
		{Path: "raw_key", Index: true}, {Path: "run"}, {Path: "fetched_at", Index: true}}})
	if err != nil {
		return nil, fmt.Errorf("open the quarantine: %w", err)
	}
	q := &Quarantine{rows: rows, sources: sources}
	if err := q.nameRules(ctx); err != nil {
		return nil, fmt.Errorf("open the quarantine: %w", err)
	}
	return q, nil
}

// nameRules gives rows that were written before rows had rules theirs.
func (q *Quarantine) nameRules(ctx context.Context) error {
	for {
		var old []ticket.Withheld
		err := q.rows.Find(ctx, store.Query{Where: []store.Cond{{Field: "rule", Op: store.Missing}}, Limit: 500}, &old)
		if err != nil || len(old) == 0 {
			return err
		}
		docs := make([]any, len(old))
		for i, r := range old {
			r.Rule = ruleOf(r.Reason)
			docs[i] = r
		}
		if err := q.rows.Upsert(ctx, docs...); err != nil {
			return err
		}
	}
}

// Withhold keeps a record that never came as far as the queue.
func (q *Quarantine) Withhold(ctx context.Context, row ticket.Withheld) error {
	return q.replace(ctx, row.Source, row.Kind, row.Code, []ticket.Withheld{row}, row.FetchedAt)
}

// replace makes rows what is withheld of a subject as of the page fetched at that time.
func (q *Quarantine) replace(ctx context.Context, source string, kind ticket.PageKind, code string, rows []ticket.Withheld, at time.Time) error {
	var old []ticket.Withheld
	err := q.rows.Find(ctx, store.Query{Where: []store.Cond{
		{Field: "source", Op: store.Eq, Value: source}, {Field: "kind", Op: store.Eq, Value: string(kind)}, {Field: "code", Op: store.Eq, Value: code}}}, &old)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(old, func(r ticket.Withheld) bool { return r.FetchedAt.After(at) }) {
		return nil // a newer page has spoken
	}
	merged := map[string]ticket.Withheld{}
	for _, r := range rows {
		r.ID, r.Rule = ticket.ID("withheld", source, string(kind), code, r.Field), ruleOf(r.Reason)
		if r.Part != "" {
			r.ID = ticket.ID("withheld", source, string(kind), code, r.Field, r.Part)
		}
		if first, twice := merged[r.ID]; twice { // two faults of one field are one row that tells of both
			r.Reason, r.Raw, r.Rule = first.Reason+"; "+r.Reason, first.Raw+"; "+r.Raw, addRule(first.Rule, r.Rule)
			if first.Parsed != "" && r.Parsed != "" {
				first.Parsed += "; "
			}
			r.Parsed = first.Parsed + r.Parsed
		}
		merged[r.ID] = r
	}
	var docs []any
	for _, id := range slices.Sorted(maps.Keys(merged)) {
		docs = append(docs, merged[id])
	}
	if len(docs) > 0 {
		if err := q.rows.Upsert(ctx, docs...); err != nil {
			return err
		}
	}
	for _, r := range old {
		if _, again := merged[r.ID]; again {
			continue
		}
		if _, err := q.rows.DeleteWhere(ctx, store.Cond{Field: "_id", Op: store.Eq, Value: r.ID}); err != nil {
			return err
		}
	}
	return nil
}

// Count is the number of rows.
func (q *Quarantine) Count(ctx context.Context) (int64, error) { return q.rows.Count(ctx) }

// forget deletes the rows of a kept page whose subject it no longer names, now that it was read again.
func (q *Quarantine) forget(ctx context.Context, rawKey string, named map[string][]ticket.Withheld) error {
	var old []ticket.Withheld
	if err := q.rows.Find(ctx, store.Query{Where: []store.Cond{{Field: "raw_key", Op: store.Eq, Value: rawKey}}}, &old); err != nil {
		return err
	}
	for _, r := range old {
		if _, still := named[r.Code]; still {
			continue
		}
		if _, err := q.rows.DeleteWhere(ctx, store.Cond{Field: "_id", Op: store.Eq, Value: r.ID}); err != nil {
			return err
		}
	}
	return nil
}

// settleQuarantine writes what was withheld of every subject of the page, and clears what now reads well.
func (w *work) settleQuarantine(ctx context.Context) error {
	bySubject := map[string][]ticket.Withheld{w.subject(): nil}
	for _, s := range w.raw.Shows {
		bySubject[s.Code] = nil
	}
	for _, n := range w.raw.Notices {
		bySubject[n.ID] = nil
	}
	for _, f := range w.raw.Facilities {
		bySubject[f.Code] = nil
	}
	for _, r := range w.withheld {
		r.Code = cmp.Or(r.Code, w.subject())
		bySubject[r.Code] = append(bySubject[r.Code], r)
	}
	for code, rows := range bySubject {
		if code == "" && len(rows) == 0 {
			continue
		}
		if err := w.etl.quarantine.replace(ctx, w.page.Source, w.page.Kind, code, rows, w.page.FetchedAt); err != nil {
			return err
		}
	}
	if w.page.Replay && w.read {
		return w.etl.quarantine.forget(ctx, w.rawKey, bySubject)
	}
	return nil
}

// subject is what a page is about when it does not say.
func (w *work) subject() string { return cmp.Or(w.page.Code, w.page.URL) }
