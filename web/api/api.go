// Package api is the JSON API under /api/v1: snake_case, times in +09:00, whole won, null for unknown.
package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/catalog"
	"ticketmoa/modules/recommend"
	"ticketmoa/modules/search"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/moved"
	"ticketmoa/web/params"
	"ticketmoa/web/problem"
	"ticketmoa/web/track"
)

// Catalog reads single things.
type Catalog interface {
	Performance(ctx context.Context, id string) (*ticket.Performance, error)
	Openings(ctx context.Context, q catalog.OpeningQuery) ([]ticket.Opening, error)
	History(ctx context.Context, p *ticket.Performance) (map[string][]ticket.HistoryRow, error)
}

// Search answers lists.
type Search interface {
	Search(q search.Query, now time.Time) (search.Result, error)
	Get(ids ...string) []*ticket.Performance
	Offer(id string) (performance string, offer ticket.Offer, ok bool)
}

// Similar knows neighbours.
type Similar interface {
	Similar(ctx context.Context, performanceID string, limit int) ([]recommend.Neighbour, error)
}

// Deps are what the API answers from.
type Deps struct {
	Catalog Catalog
	Search  Search
	Similar Similar
	Popular Popular

	Personal Personal
	Entities Entities
	Events   Events
	Track    track.Log
	Now      func() time.Time
}

type handlers struct {
	Deps
	limits *limits // of reports
	asking *limits // of lists for one person
}

// Register adds the routes to a group at /api/v1.
func Register(g *echo.Group, d Deps) {
	h := handlers{d, newLimits(), newLimits()}
	g.GET("/performances", h.performances)
	g.GET("/performances/:id", h.performance)
	g.GET("/performances/:id/similar", h.similar)
	g.GET("/performances/:id/prices", h.prices)
	g.GET("/performances/:id/history", h.history)
	g.GET("/artists/:id", h.artist)
	g.GET("/venues/:id", h.venue)
	g.GET("/openings", h.openings)
	g.GET("/popular", h.popular)
	g.POST("/events", h.report)
	g.POST("/recommendations", h.recommendations)
}

type page struct {
	NextCursor *string `json:"next_cursor"`
	Total      int     `json:"total"`
}

type listAnswer struct {
	Data   any                       `json:"data"`
	Facets map[string]map[string]int `json:"facets,omitempty"`
	Page   page                      `json:"page"`
}

func (h handlers) performances(c echo.Context) error {
	q, err := params.Search(c.QueryParams())
	if err != nil {
		return err
	}
	q.Facets = c.QueryParam("facets") != ""
	now := h.Now()
	res, err := h.Search.Search(q, now)
	if err != nil {
		return err
	}
	data := []performance{}
	for _, p := range res.Items {
		data = append(data, performanceOf(p, now))
	}
	if q.Cursor == "" && q.Offset == 0 {
		h.Track.Search(c, "api", q.Text, res.Total)
	}
	public(c)
	linkNext(c, res.Next)
	return c.JSON(http.StatusOK, listAnswer{Data: data, Facets: res.Facets, Page: page{NextCursor: text(res.Next), Total: res.Total}})
}

// linkNext names the next page as RFC 8288 has it.
func linkNext(c echo.Context, cursor string) {
	if cursor == "" {
		return
	}
	q := url.Values{}
	for k, v := range c.QueryParams() {
		if k != "cursor" {
			q[k] = v
		}
	}
	q.Set("cursor", cursor)
	c.Response().Header().Set("Link", "<"+c.Request().URL.Path+"?"+q.Encode()+`>; rel="next"`)
}

func public(c echo.Context) {
	c.Response().Header().Set("Cache-Control", "public, max-age=60, stale-while-revalidate=300")
}

func (h handlers) performance(c echo.Context) error {
	p, err := h.Catalog.Performance(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if p.ID != c.Param("id") {
		return moved.To(c, "/api/v1/performances/"+url.PathEscape(p.ID))
	}
	h.Track.View(c, "api", p, nil, "", 0)
	public(c)
	return c.JSON(http.StatusOK, performanceOf(p, h.Now()))
}

type similarItem struct {
	performance
	Score   float64  `json:"score"`
	Reasons []string `json:"reasons"`
}

func (h handlers) similar(c echo.Context) error {
	limit, err := params.Limit(c.QueryParams(), 3, 20)
	if err != nil {
		return err
	}
	p, err := h.Catalog.Performance(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if p.ID != c.Param("id") {
		return moved.To(c, "/api/v1/performances/"+url.PathEscape(p.ID)+"/similar")
	}
	near, err := h.Similar.Similar(c.Request().Context(), p.ID, limit)
	if err != nil {
		return err
	}
	data := []similarItem{}
	now := h.Now()
	for _, n := range near {
		for _, other := range h.Search.Get(n.ID) {
			if other.StatusAt(now) != ticket.Ended {
				data = append(data, similarItem{performanceOf(other, now), n.Score, list(n.Reasons)})
			}
		}
	}
	public(c)
	return c.JSON(http.StatusOK, listAnswer{Data: data, Page: page{Total: len(data)}})
}

func (h handlers) openings(c echo.Context) error {
	q, err := params.ReadOpenings(c.QueryParams(), h.Now())
	if err != nil {
		return err
	}
	all, err := h.Catalog.Openings(c.Request().Context(), catalog.OpeningQuery{From: q.From, To: q.To, Seller: q.Seller, Genre: q.Genre, Regions: q.Regions})
	if err != nil {
		return err
	}
	start := min(q.Offset, len(all))
	end := min(start+q.Limit, len(all))
	data := []opening{}
	for _, o := range all[start:end] {
		data = append(data, openingOf(o))
	}
	ans := listAnswer{Data: data, Page: page{Total: len(all)}}
	if end < len(all) {
		next := strconv.Itoa(end)
		ans.Page.NextCursor = &next
		linkNext(c, next)
	}
	public(c)
	return c.JSON(http.StatusOK, ans)
}

// NotFound answers what no route knows.
func NotFound(echo.Context) error { return problem.NotFound("요청한 주소를") }
