package api

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/search"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/moved"
	"ticketmoa/web/params"
)

// Entities knows artists and venues by their ids; an id that leads on is answered with the one it leads to.
type Entities interface {
	Artist(id string) (ticket.Artist, error)
	Venue(id string) (ticket.Venue, error)
}

// part is a performance as one of its artists has it.
type part struct {
	performance
	Role *string `json:"role"`
}

type artistAnswer struct {
	ID           string         `json:"id"`
	Name         string         `json:"name"`
	Aliases      []string       `json:"aliases"`
	Groups       []string       `json:"groups"`
	Genres       []ticket.Genre `json:"genres"`
	Companies    []string       `json:"companies"`
	Performances []part         `json:"performances"`
	Page         page           `json:"page"`
}

type venueAnswer struct {
	ID           string         `json:"id"`
	Name         string         `json:"name"`
	Aliases      []string       `json:"aliases"`
	Region       *ticket.Region `json:"region"`
	District     *string        `json:"district"`
	Address      *string        `json:"address"`
	Lat          *float64       `json:"lat"`
	Lng          *float64       `json:"lng"`
	Seats        *int           `json:"seats"`
	Phone        *string        `json:"phone"`
	Homepage     *string        `json:"homepage"`
	Performances []performance  `json:"performances"`
	Page         page           `json:"page"`
}

func (h handlers) artist(c echo.Context) error {
	a, err := h.Entities.Artist(c.Param("id"))
	if err != nil {
		return err
	}
	if a.ID != c.Param("id") {
		return moved.To(c, "/api/v1/artists/"+url.PathEscape(a.ID))
	}
	res, err := h.stands(c, search.Query{Artist: a.ID})
	if err != nil {
		return err
	}
	out := artistAnswer{ID: a.ID, Name: a.Name, Aliases: list(a.Aliases), Groups: list(a.Groups), Genres: list(a.Genres), Companies: list(a.Companies),
		Performances: []part{}, Page: page{text(res.Next), res.Total}}
	now := h.Now()
	for _, p := range res.Items {
		out.Performances = append(out.Performances, part{performanceOf(p, now), text(p.RoleOf(a.ID))})
	}
	public(c)
	return c.JSON(http.StatusOK, out)
}

func (h handlers) venue(c echo.Context) error {
	v, err := h.Entities.Venue(c.Param("id"))
	if err != nil {
		return err
	}
	if v.ID != c.Param("id") {
		return moved.To(c, "/api/v1/venues/"+url.PathEscape(v.ID))
	}
	res, err := h.stands(c, search.Query{Venue: v.ID})
	if err != nil {
		return err
	}
	out := venueAnswer{ID: v.ID, Name: v.Name, Aliases: list(v.Aliases), Region: text(v.Region), District: text(v.District), Address: text(v.Address), Lat: v.Lat, Lng: v.Lng,
		Seats: round(v.Seats), Phone: text(v.Phone), Homepage: text(v.Homepage), Performances: []performance{}, Page: page{text(res.Next), res.Total}}
	now := h.Now()
	for _, p := range res.Items {
		out.Performances = append(out.Performances, performanceOf(p, now))
	}
	public(c)
	return c.JSON(http.StatusOK, out)
}

// stands lists the performances of an artist or venue: what has not ended first, then the past.
func (h handlers) stands(c echo.Context, q search.Query) (search.Result, error) {
	limit, err := params.Limit(c.QueryParams(), params.DefaultLimit, params.MaxLimit)
	if err != nil {
		return search.Result{}, err
	}
	q.Sort, q.WithEnded, q.Limit, q.Cursor = search.ByRun, true, limit, c.QueryParam("cursor")
	res, err := h.Search.Search(q, h.Now())
	if err == nil {
		linkNext(c, res.Next)
	}
	return res, err
}
