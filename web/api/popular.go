package api

import (
	"context"
	"encoding/json"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/popular"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/params"
)

// Popular knows the rankings.
type Popular interface {
	Top(ctx context.Context, q popular.Query) (popular.Answer, error)
}

type rankedItem struct {
	Rank         int             `json:"rank"`
	PreviousRank *int            `json:"previous_rank"`
	Views        int             `json:"views"`
	Performance  json.RawMessage `json:"performance"`
}

type popularAnswer struct {
	Data   []rankedItem `json:"data"`
	Day    *ticket.Date `json:"day"`    // null when there is no ranking at all
	Sample *int         `json:"sample"` // people of the age and gender asked for; null when too few, or when the day has no ranking
	Page   page         `json:"page"`
}

func (h handlers) popular(c echo.Context) error {
	q, err := params.Popular(c.QueryParams())
	if err != nil {
		return err
	}
	a, err := h.Popular.Top(c.Request().Context(), q)
	if err != nil {
		return err
	}
	ans := popularAnswer{Data: []rankedItem{}, Day: text(a.Day), Page: page{Total: a.Total}}
	if a.Sample > 0 {
		ans.Sample = &a.Sample
	}
	now := h.Now()
	for _, r := range a.Rows {
		for _, p := range h.Search.Get(r.PerformanceID) { // none when it is no longer in the catalogue
			body, err := h.body(p, now)
			if err != nil {
				return err
			}
			item := rankedItem{Rank: r.Rank, Views: r.Views, Performance: body}
			if r.Previous > 0 {
				item.PreviousRank = &r.Previous
			}
			ans.Data = append(ans.Data, item)
		}
	}
	public(c)
	return send(c, ans)
}
