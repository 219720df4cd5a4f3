package app

import (
	"context"

	"ticketmoa/modules/catalog"
	"ticketmoa/modules/schedule"
	"ticketmoa/modules/search"
	"ticketmoa/web/api"
)

// popularDays is over how many days views make a show popular in searches.
const popularDays = 7

// openSearch builds the index; its cursors are signed with a secret that every replica has and every restart keeps.
func (a *App) openSearch(ctx context.Context) error {
	secret, err := a.auth.Secret(ctx, "cursors")
	if err != nil {
		return err
	}
	a.search = search.New(a.catalog, catalog.ErrNotFound, search.Config{Encode: api.Encode, Secret: secret, NameOf: a.nameOf,
		Views: func(ctx context.Context) (map[string]int64, error) { return a.popular.Recent(ctx, popularDays) }}, a.now, a.log)
	return nil
}

// nameOf is what the catalogue calls an artist or a venue: shows name a venue's halls.
func (a *App) nameOf(kind search.Kind, id string) string {
	if kind == search.VenueName {
		v, _ := a.catalog.Venue(id) // nobody's: no name
		return v.Name
	}
	artist, _ := a.catalog.Artist(id)
	return artist.Name
}

// rank counts the days that are due and tells the search what is popular now.
func (a *App) rank(ctx context.Context) (schedule.Report, error) {
	rep, err := a.popular.Run(ctx)
	a.search.Recount(ctx)
	return rep, err
}
