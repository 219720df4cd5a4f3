package api

import (
	"github.com/labstack/echo/v4"

	"ticketmoa/modules/search"
	"ticketmoa/web/params"
)

const (
	suggestions     = 8
	mostSuggestions = 20
)

// suggestion is a name that completes what is typed.
type suggestion struct {
	Kind    search.Kind `json:"kind"` // performance, artist or venue
	ID      string      `json:"id"`
	Text    string      `json:"text"`
	Detail  *string     `json:"detail"`  // of a performance: where and from when
	Current *int        `json:"current"` // of an artist or venue: performances that have not ended
	Genre   *string     `json:"genre"`   // of an artist: of one of these, to tell namesakes apart
	URL     string      `json:"url"`     // its page
}

func (h handlers) suggest(c echo.Context) error {
	q, limit, err := params.Suggest(c.QueryParams(), suggestions, mostSuggestions)
	if err != nil {
		return err
	}
	data := []suggestion{}
	for _, s := range h.Search.Suggest(q, limit, h.Now()) {
		one := suggestion{Kind: s.Kind, ID: s.ID, Text: s.Text}
		switch s.Kind {
		case search.ShowName:
			p := s.Performance
			detail := string(p.Place.Region)
			if p.Place.Name != "" {
				detail = p.Place.Name
			}
			if p.Period.Start != "" {
				detail += " · " + string(p.Period.Start)
			}
			one.Detail, one.URL = text(detail), "/p/"+s.ID
		case search.ArtistName:
			one.Current, one.URL, one.Genre = &s.Current, "/artists/"+s.ID, text(string(s.Genre))
		case search.VenueName:
			one.Current, one.URL = &s.Current, "/venues/"+s.ID
		}
		data = append(data, one)
	}
	public(c)
	return send(c, listAnswer{Data: data, Page: page{Total: len(data)}})
}
