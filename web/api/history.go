package api

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/ticket"
	"ticketmoa/web/moved"
)

// priceLine is what one grade cost at one seller over time.
type priceLine struct {
	Source  string         `json:"source"`
	Seller  *ticket.Seller `json:"seller"` // null for a registry
	OfferID *string        `json:"offer_id"`
	Grade   string         `json:"grade"`
	Label   *string        `json:"label"`
	History []priceThen    `json:"history"`
}

type priceThen struct {
	Won         *ticket.Won `json:"won"` // null: the seller names the grade no more
	From        *instant    `json:"from"`
	Until       *instant    `json:"until"`        // when it was named last before another value; null while it holds
	ConfirmedAt *instant    `json:"confirmed_at"` // when it was named last
}

// factLine is what one source said of one field over time.
type factLine struct {
	Source  string         `json:"source"`
	Seller  *ticket.Seller `json:"seller"`
	Field   string         `json:"field"`
	History []factThen     `json:"history"`
}

type factThen struct {
	Value       *string  `json:"value"`
	From        *instant `json:"from"`
	Until       *instant `json:"until"`
	ConfirmedAt *instant `json:"confirmed_at"`
}

// lines reads the histories of a performance's listings, in the order of their keys. For a performance that was merged p is
// nil, and the answer is given: it leads to the same of its successor.
func (h handlers) lines(c echo.Context, what string) (p *ticket.Performance, keys []string, rows map[string][]ticket.HistoryRow, err error) {
	ctx := c.Request().Context()
	if p, err = h.Catalog.Performance(ctx, c.Param("id")); err != nil {
		return nil, nil, nil, err
	}
	if p.ID != c.Param("id") {
		return nil, nil, nil, moved.To(c, "/api/v1/performances/"+url.PathEscape(p.ID)+"/"+what)
	}
	if rows, err = h.Catalog.History(ctx, p); err != nil {
		return nil, nil, nil, err
	}
	return p, slices.Sorted(maps.Keys(rows)), rows, nil
}

// said is who a listing speaks for: its seller and offer, where it has one.
func said(p *ticket.Performance, key string) (source string, seller *ticket.Seller, offer *string) {
	source, _, _ = ticket.SplitKey(key)
	for _, o := range p.Offers {
		if o.ListingKey == key && !o.Hearsay {
			return source, &o.Seller, text(o.ID)
		}
	}
	return source, nil, nil
}

func (h handlers) prices(c echo.Context) error {
	p, keys, rows, err := h.lines(c, "prices")
	if err != nil || p == nil {
		return err
	}
	data := []priceLine{}
	for _, key := range keys {
		source, seller, offer := said(p, key)
		first := len(data) // of this listing: two of one source are two lines
		for _, r := range rows[key] {
			if r.Field != ticket.HistoryPrice {
				continue
			}
			n := len(data)
			if n == first || data[n-1].Grade != r.Grade || value(data[n-1].Label) != r.Label {
				data = append(data, priceLine{Source: source, Seller: seller, OfferID: offer, Grade: r.Grade, Label: text(r.Label)})
				n++
			}
			h := &data[n-1].History
			if last := len(*h) - 1; last >= 0 {
				(*h)[last].Until = (*h)[last].ConfirmedAt
			}
			*h = append(*h, priceThen{Won: r.Won, From: at(&r.From), ConfirmedAt: at(&r.Until)})
		}
	}
	public(c)
	return send(c, listAnswer{Data: data, Page: page{Total: len(data)}})
}

func (h handlers) history(c echo.Context) error {
	p, keys, rows, err := h.lines(c, "history")
	if err != nil || p == nil {
		return err
	}
	data := []factLine{}
	for _, key := range keys {
		source, seller, _ := said(p, key)
		first := len(data)
		for _, r := range rows[key] {
			if r.Field == ticket.HistoryPrice {
				continue
			}
			n := len(data)
			if n == first || data[n-1].Field != r.Field {
				data = append(data, factLine{Source: source, Seller: seller, Field: r.Field})
				n++
			}
			h := &data[n-1].History
			if last := len(*h) - 1; last >= 0 {
				(*h)[last].Until = (*h)[last].ConfirmedAt
			}
			*h = append(*h, factThen{Value: text(r.Value), From: at(&r.From), ConfirmedAt: at(&r.Until)})
		}
	}
	slices.SortStableFunc(data, func(a, b factLine) int {
		return cmp.Or(strings.Compare(a.Field, b.Field), strings.Compare(a.Source, b.Source))
	})
	public(c)
	return send(c, listAnswer{Data: data, Page: page{Total: len(data)}})
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
