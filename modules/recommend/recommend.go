// Package recommend finds similar shows by TF-IDF and cosine.
//
// Guarantees: a run writes a whole new generation and then switches to it, so readers see one generation, never a mixture;
// the same catalogue gives the same answer; every show has its own entry. It never recommends what has ended.
package recommend

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/schedule"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// shown is how many neighbours a page shows.
const shown = 3

// Source is where performances come from.
type Source interface {
	EachPerformance(ctx context.Context, fn func(*ticket.Performance) error) error
}

// Recommender computes and keeps neighbours.
type Recommender struct {
	source      Source
	similar     store.Collection
	generations store.Collection
	now         func() time.Time
	log         *slog.Logger
}

// similarDoc is a row of the collection similar: the neighbours of one performance in one generation.
type similarDoc struct {
	ID            string      `bson:"_id"`
	PerformanceID string      `bson:"performance_id"`
	Generation    int64       `bson:"generation"`
	Similar       []Neighbour `bson:"similar_performances"` // the three that pages show
	More          []Neighbour `bson:"more,omitempty"`
}

// generationDoc says which generation readers see.
type generationDoc struct {
	ID    string `bson:"_id"`
	Value int64  `bson:"value"`
}

// New opens the collections.
func New(ctx context.Context, source Source, s store.Store, now func() time.Time, log *slog.Logger) (*Recommender, error) {
	similar, err := s.Collection(ctx, store.Spec{Name: "similar", Fields: []store.Field{{Path: "generation", Index: true}, {Path: "performance_id", Index: true}}})
	if err != nil {
		return nil, fmt.Errorf("open the collection similar: %w", err)
	}
	generations, err := s.Collection(ctx, store.Spec{Name: "generations"})
	if err != nil {
		return nil, fmt.Errorf("open the collection generations: %w", err)
	}
	return &Recommender{source: source, similar: similar, generations: generations, now: now, log: log}, nil
}

// Run computes a new generation and switches to it.
func (r *Recommender) Run(ctx context.Context) (schedule.Report, error) {
	today := ticket.DateOf(r.now())
	var shows []show
	err := r.source.EachPerformance(ctx, func(p *ticket.Performance) error {
		shows = append(shows, newShow(p, today))
		return nil
	})
	if err != nil {
		return schedule.Report{}, fmt.Errorf("read performances: %w", err)
	}
	current, err := r.generation(ctx)
	if err != nil {
		return schedule.Report{}, err
	}
	next := current + 1
	notYet := store.Cond{Field: "generation", Op: store.Ne, Value: current}
	if _, err := r.similar.DeleteWhere(ctx, notYet); err != nil { // what a cut-off run left behind
		return schedule.Report{}, fmt.Errorf("clear an unfinished generation: %w", err)
	}
	found := neighbours(shows)
	var docs []any
	var pairs int64
	for _, s := range shows {
		n := found[s.id]
		pairs += int64(len(n))
		docs = append(docs, similarDoc{ID: fmt.Sprintf("%d:%s", next, s.id), PerformanceID: s.id, Generation: next,
			Similar: n[:min(len(n), shown)], More: n[min(len(n), shown):]})
	}
	for start := 0; start < len(docs); start += 500 {
		if err := r.similar.Upsert(ctx, docs[start:min(start+500, len(docs))]...); err != nil {
			return schedule.Report{}, fmt.Errorf("write generation %d: %w", next, err)
		}
	}
	if err := r.generations.Upsert(ctx, generationDoc{ID: "similar", Value: next}); err != nil {
		return schedule.Report{}, fmt.Errorf("switch to generation %d: %w", next, err)
	}
	if _, err := r.similar.DeleteWhere(ctx, store.Cond{Field: "generation", Op: store.Ne, Value: next}); err != nil {
		r.log.Warn("an old generation stays behind until the next run", "error", err)
	}
	return schedule.Report{Counts: map[string]int64{"performances": int64(len(shows)), "pairs": pairs, "generation": next}}, nil
}

func (r *Recommender) generation(ctx context.Context) (int64, error) {
	var g generationDoc
	err := r.generations.Get(ctx, "similar", &g)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the generation: %w", err)
	}
	return g.Value, nil
}

// Similar lists up to limit neighbours of a performance, best first; none when it has none or is not known yet.
func (r *Recommender) Similar(ctx context.Context, performanceID string, limit int) ([]Neighbour, error) {
	for range 3 { // a switch between the two reads takes the row away: read again
		gen, err := r.generation(ctx)
		if err != nil {
			return nil, err
		}
		var d similarDoc
		err = r.similar.Get(ctx, fmt.Sprintf("%d:%s", gen, performanceID), &d)
		if errors.Is(err, store.ErrNotFound) {
			if again, gerr := r.generation(ctx); gerr == nil && again != gen {
				continue
			}
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		all := slices.Concat(d.Similar, d.More)
		return all[:min(len(all), limit)], nil
	}
	return nil, nil
}

// newShow takes from a performance what makes it like another: the words of its title and synopsis, its cast and genre.
func newShow(p *ticket.Performance, today ticket.Date) show {
	s := show{id: p.ID, core: normalize.Title(p.Title).Core, region: p.Place.Region, genre: p.Genre, start: p.Period.Start,
		ended: p.Period.Known() && !p.Period.OpenRun && p.Period.End < today}
	s.terms = append(terms(p.Title), terms(p.Synopsis)...)
	for _, m := range p.Cast {
		s.cast = append(s.cast, m.Name)
		s.terms = append(s.terms, "cast:"+strings.ToLower(m.Name))
	}
	if p.Genre != "" {
		s.terms = append(s.terms, "genre:"+string(p.Genre))
	}
	for _, tag := range p.Tags {
		s.terms = append(s.terms, "tag:"+tag)
	}
	return s
}
