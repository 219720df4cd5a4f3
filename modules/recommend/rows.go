package recommend

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ticketmoa/modules/store"
)

// row is a row of the collection similar: the neighbours of one performance since one generation.
type row struct {
	ID            string      `bson:"_id"`
	PerformanceID string      `bson:"performance_id"`
	Generation    int64       `bson:"generation"`
	Similar       []Neighbour `bson:"similar_performances"` // the three that pages show
	More          []Neighbour `bson:"more,omitempty"`
}

func newRow(generation int64, id string, near []Neighbour) row {
	return row{ID: fmt.Sprintf("%d:%s", generation, id), PerformanceID: id, Generation: generation,
		Similar: near[:min(len(near), shown)], More: near[min(len(near), shown):]}
}

// generationDoc says which generation readers see.
type generationDoc struct {
	ID    string `bson:"_id"`
	Value int64  `bson:"value"`
}

// rows keeps neighbours in generations. What holds for a performance is its row of the highest generation that was
// switched to; rows above it are of a run that is not finished, and nobody sees them.
type rows struct {
	similar     store.Collection
	generations store.Collection
}

func openRows(ctx context.Context, s store.Store) (*rows, error) {
	similar, err := s.Collection(ctx, store.Spec{Name: "similar", Fields: []store.Field{{Path: "generation", Index: true}, {Path: "performance_id", Index: true}}})
	if err != nil {
		return nil, fmt.Errorf("open the collection similar: %w", err)
	}
	generations, err := s.Collection(ctx, store.Spec{Name: "generations"})
	if err != nil {
		return nil, fmt.Errorf("open the collection generations: %w", err)
	}
	return &rows{similar: similar, generations: generations}, nil
}

func (r *rows) generation(ctx context.Context) (int64, error) {
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

// clear takes away what a run left behind that was cut off before it switched.
func (r *rows) clear(ctx context.Context, current int64) error {
	if _, err := r.similar.DeleteWhere(ctx, store.Cond{Field: "generation", Op: store.Gt, Value: current}); err != nil {
		return fmt.Errorf("clear an unfinished generation: %w", err)
	}
	return nil
}

func (r *rows) write(ctx context.Context, all []row) error {
	docs := make([]any, len(all))
	for i := range all {
		docs[i] = all[i]
	}
	for some := range slices.Chunk(docs, 500) {
		if err := r.similar.Upsert(ctx, some...); err != nil {
			return err
		}
	}
	return nil
}

func (r *rows) switchTo(ctx context.Context, generation int64) error {
	if err := r.generations.Upsert(ctx, generationDoc{ID: "similar", Value: generation}); err != nil {
		return fmt.Errorf("switch to generation %d: %w", generation, err)
	}
	return nil
}

// forgetBefore takes away the rows that a whole generation took the place of.
func (r *rows) forgetBefore(ctx context.Context, generation int64) error {
	_, err := r.similar.DeleteWhere(ctx, store.Cond{Field: "generation", Op: store.Lt, Value: generation})
	return err
}

// read gives the neighbours of a performance.
func (r *rows) read(ctx context.Context, id string) ([]Neighbour, error) {
	for range 3 { // a switch between the two reads may take the row away: read again
		gen, err := r.generation(ctx)
		if err != nil {
			return nil, err
		}
		var found []row
		err = r.similar.Find(ctx, store.Query{Where: []store.Cond{{Field: "performance_id", Op: store.Eq, Value: id}, {Field: "generation", Op: store.Lte, Value: gen}},
			OrderBy: "generation", Desc: true, Limit: 1}, &found)
		if err != nil {
			return nil, fmt.Errorf("read what is similar to %s: %w", id, err)
		}
		if len(found) > 0 {
			return slices.Concat(found[0].Similar, found[0].More), nil
		}
		if again, gerr := r.generation(ctx); gerr != nil || again == gen {
			return nil, gerr
		}
	}
	return nil, nil
}
