package api

import (
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/search"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/answer"
	"ticketmoa/web/moved"
	"ticketmoa/web/params"
)

// Entities knows artists and venues by their ids; an id that leads on is answered with the one it leads to.
type Entities interface {
	Artist(id string) (ticket.Artist, error)
	Venue(id string) (ticket.Venue, error)
}

// part is what a performance has besides its own members on the page of one of its artists.
type part struct {
	Role *string `json:"role"`
}

// An artist's and a venue's answer end with their performances and the page: appendStage writes those.

type artistAnswer struct {
	ID        string         `json:"id"`
	Name      string         `json:"name"`
	Aliases   []string       `json:"aliases"`
	Groups    []string       `json:"groups"`
	Genres    []ticket.Genre `json:"genres"`
	Companies []string       `json:"companies"`
}

type venueAnswer struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Aliases  []string       `json:"aliases"`
	Region   *ticket.Region `json:"region"`
	District *string        `json:"district"`
	Address  *string        `json:"address"`
	Lat      *float64       `json:"lat"`
	Lng      *float64       `json:"lng"`
	Seats    *int           `json:"seats"`
	Phone    *string        `json:"phone"`
	Homepage *string        `json:"homepage"`
}

func (h handlers) artist(c echo.Context) error {
	a, err := h.Entities.Artist(c.Param("id"))
	if err != nil {
		return err
	}
	if a.ID != c.Param("id") {
		return moved.To(c, "/api/v1/artists/"+url.PathEscape(a.ID))
	}
	res, items, err := h.stands(c, search.Query{Artist: a.ID})
	if err != nil {
		return err
	}
	out := artistAnswer{ID: a.ID, Name: a.Name, Aliases: list(a.Aliases), Groups: list(a.Groups), Genres: list(a.Genres), Companies: list(a.Companies)}
	for i, p := range res.Items {
		if items[i], err = extended(items[i], part{text(p.RoleOf(a.ID))}); err != nil {
			return err
		}
	}
	public(c)
	return answer.JSON(c, func(b []byte) ([]byte, error) { return appendStage(b, out, items, res.Next, res.Total) })
}

func (h handlers) venue(c echo.Context) error {
	v, err := h.Entities.Venue(c.Param("id"))
	if err != nil {
		return err
	}
	if v.ID != c.Param("id") {
		return moved.To(c, "/api/v1/venues/"+url.PathEscape(v.ID))
	}
	res, items, err := h.stands(c, search.Query{Venue: v.ID})
	if err != nil {
		return err
	}
	out := venueAnswer{ID: v.ID, Name: v.Name, Aliases: list(v.Aliases), Region: text(v.Region), District: text(v.District), Address: text(v.Address), Lat: v.Lat, Lng: v.Lng,
		Seats: round(v.Seats), Phone: text(v.Phone), Homepage: text(v.Homepage)}
	public(c)
	return answer.JSON(c, func(b []byte) ([]byte, error) { return appendStage(b, out, items, res.Next, res.Total) })
}

// stands lists the performances of an artist or venue: what has not ended first, then the past. items
// are the same, written; the slice is the caller's, what it holds is not.
func (h handlers) stands(c echo.Context, q search.Query) (res search.Result, items [][]byte, err error) {
	limit, err := params.Limit(c.QueryParams(), params.DefaultLimit, params.MaxLimit)
	if err != nil {
		return res, nil, err
	}
	q.Sort, q.WithEnded, q.Limit, q.Cursor, q.Bodies = search.ByRun, true, limit, c.QueryParam("cursor"), true
	now := h.Now()
	if res, err = h.Search.Search(q, now); err != nil {
		return res, nil, err
	}
	linkNext(c, res.Next)
	items, err = bodies(res, now)
	return res, slices.Clone(items), err
}
