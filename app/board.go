package app

import (
	"context"

	"ticketmoa/modules/popular"
	"ticketmoa/modules/recommend"
)

// boardSize is how far down a ranking a list for a person is filled from: filters may take most of it away.
const boardSize = 300

// board tells the recommender what many people look at.
type board struct{ popular *popular.Popular }

// Most is the latest ranking of people like these; empty when too few of them were counted.
func (b board) Most(ctx context.Context, c recommend.Crowd) ([]string, error) {
	a, err := b.popular.Top(ctx, popular.Query{Age: c.Age, Gender: c.Gender, Genre: c.Genre, Regions: c.Regions, Limit: boardSize})
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(a.Rows))
	for i, r := range a.Rows {
		ids[i] = r.PerformanceID
	}
	return ids, nil
}
