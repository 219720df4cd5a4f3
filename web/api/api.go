// Package api is the JSON API under /api/v1: snake_case, times in +09:00, whole won, null for unknown.
package api

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/catalog"
	"ticketmoa/modules/recommend"
	"ticketmoa/modules/search"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/answer"
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
	Body(id string, now time.Time) []byte // a performance as Encode writes it; nil when it is not there
	Suggest(text string, limit int, now time.Time) []search.Suggestion
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
	lists  *lists
}

// Register adds the routes to a group at /api/v1.
func Register(g *echo.Group, d Deps) {
	h := handlers{d, newLimits(), newLimits(), newLists()}
	g.GET("/performances", h.performances)
	g.GET("/performances/:id", h.performance)
	g.GET("/performances/:id/similar", h.similar)
	g.GET("/performances/:id/prices", h.prices)
	g.GET("/performances/:id/history", h.history)
	g.GET("/artists/:id", h.artist)
	g.GET("/venues/:id", h.venue)
	g.GET("/suggest", h.suggest)
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
	Data any  `json:"data"`
	Page page `json:"page"`
}

func (h handlers) performances(c echo.Context) error {
	q, err := params.Search(c.QueryParams())
	if err != nil {
		return err
	}
	q.Facets, q.Bodies = params.Wanted(c.QueryParams(), "facets"), true
	now := h.Now()
	res, err := h.Search.Search(q, now)
	if err != nil {
		return err
	}
	items, err := bodies(res, now)
	if err != nil {
		return err
	}
	if q.Cursor == "" && q.Offset == 0 {
		h.Track.Search(c, "api", q.Text, res.Total)
	}
	public(c)
	linkNext(c, res.Next)
	return h.lists.send(c, items, &res)
}

// linkNext names the next page as RFC 8288 has it.
func linkNext(c echo.Context, cursor string) {
	if cursor == "" {
		return
	}
	path, raw := c.Request().URL.Path, c.QueryString()
	if !strings.Contains(raw, "cursor") && !strings.ContainsFunc(raw, notInLink) { // nearly always
		if raw != "" {
			raw += "&"
		}
		c.Response().Header()["Link"] = []string{"<" + path + "?" + raw + "cursor=" + url.QueryEscape(cursor) + `>; rel="next"`}
		return
	}
	q := url.Values{}
	for k, v := range c.QueryParams() {
		if k != "cursor" {
			q[k] = v
		}
	}
	q.Set("cursor", cursor)
	c.Response().Header().Set("Link", "<"+path+"?"+q.Encode()+`>; rel="next"`)
}

// notInLink tells whether a character must not stand in a link as it is.
func notInLink(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`<>"\^{}|`+"`", r) }

var sharedAMinute = []string{"public, max-age=60, stale-while-revalidate=300"}

func public(c echo.Context) { c.Response().Header()["Cache-Control"] = sharedAMinute }

func (h handlers) performance(c echo.Context) error {
	now := h.Now()
	for _, p := range h.Search.Get(c.Param("id")) {
		if b := h.Search.Body(p.ID, now); b != nil {
			return h.one(c, p, b)
		}
	}
	p, err := h.Catalog.Performance(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if p.ID != c.Param("id") {
		return moved.To(c, "/api/v1/performances/"+url.PathEscape(p.ID))
	}
	b, err := encode(p, now)
	if err != nil {
		return err
	}
	return h.one(c, p, b)
}

func (h handlers) one(c echo.Context, p *ticket.Performance, body []byte) error {
	h.Track.View(c, "api", p, nil, "", 0)
	public(c)
	return answer.JSON(c, func(b []byte) ([]byte, error) { return append(append(b, body...), '\n'), nil })
}

// nearness is what a similar show has besides its own members.
type nearness struct {
	Score   float64  `json:"score"`
	Reasons []string `json:"reasons"`
}

func (h handlers) similar(c echo.Context) error {
	limit, err := params.Limit(c.QueryParams(), 3, 20)
	if err != nil {
		return err
	}
	id := c.Param("id")
	if len(h.Search.Get(id)) == 0 { // it is not there yet, or no more, or leads on
		p, err := h.Catalog.Performance(c.Request().Context(), id)
		if err != nil {
			return err
		}
		if p.ID != id {
			return moved.To(c, "/api/v1/performances/"+url.PathEscape(p.ID)+"/similar")
		}
	}
	near, err := h.Similar.Similar(c.Request().Context(), id, limit)
	if err != nil {
		return err
	}
	var items [][]byte
	now := h.Now()
	for _, n := range near {
		for _, other := range h.Search.Get(n.ID) {
			if other.StatusAt(now) == ticket.Ended {
				continue
			}
			body, err := h.body(other, now)
			if err != nil {
				return err
			}
			if body, err = extended(body, nearness{n.Score, list(n.Reasons)}); err != nil {
				return err
			}
			items = append(items, body)
		}
	}
	public(c)
	return answer.JSON(c, func(b []byte) ([]byte, error) { return appendList(b, items, search.Result{Total: len(items)}), nil })
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
	return send(c, ans)
}

// NotFound answers what no route knows.
func NotFound(echo.Context) error { return problem.NotFound("요청한 주소를") }
