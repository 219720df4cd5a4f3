package site

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/recommend"
	"ticketmoa/modules/ticket"
)

type offerView struct {
	ticket.Offer
	Status ticket.Status
	Lowest bool
}

type detailPage struct {
	Base
	P        *ticket.Performance
	Status   ticket.Status
	Offers   []offerView
	Openings []ticket.OpeningRef
	Moves    []priceMove // the latest first
	Similar  []Card
	JSONLD   map[string]any
}

// seen is what stands on a show's page.
type seen struct {
	show    *ticket.Performance
	similar []*ticket.Performance
}

func (h handlers) detail(c echo.Context) error {
	id := c.Param("id")
	p, err := h.page(c, "detail", nil, func(ctx context.Context, now time.Time) (made, error) { return h.fillDetail(ctx, id, now) })
	if err != nil || p == nil {
		return err
	}
	s := p.Note.(seen)
	from, position := "", 0
	if c.QueryString() != "" {
		from, position = h.cameFrom(c.Request().Context(), c.QueryParams(), id)
	}
	h.remember(c, h.Track.View(c, "detail", s.show, s.similar, from, position), s.show.ID)
	return h.send(c, p)
}

func (h handlers) fillDetail(ctx context.Context, id string, now time.Time) (made, error) {
	p, err := h.Catalog.Performance(ctx, id)
	if err != nil {
		return made{}, err
	}
	if p.ID != id {
		return made{}, elsewhere("/p/" + url.PathEscape(p.ID))
	}
	d := detailPage{Base: h.base(p.Title), P: p, Status: p.StatusAt(now), Openings: p.Openings, JSONLD: jsonLD(p)}
	d.Description = strings.TrimSpace(p.Title + " " + p.Place.Name + " " + showPeriod(p.Period))
	for _, o := range p.Offers {
		d.Offers = append(d.Offers, offerView{Offer: o, Status: p.OfferStatusAt(o, now), Lowest: cheapest(o, p.Offers)})
	}
	d.Canonical = "/p/" + url.PathEscape(p.ID)
	history, err := h.Catalog.History(ctx, p)
	if err != nil {
		return made{}, err
	}
	d.Moves = moves(p, history)
	near, err := h.Similar.Similar(ctx, p.ID, 3)
	if err != nil {
		return made{}, err
	}
	var shown []*ticket.Performance
	for _, n := range near {
		for _, other := range h.Search.Get(n.ID) {
			if sc := card(other, now); sc.Status != ticket.Ended {
				shown = append(shown, other)
				sc.Reasons, sc.From, sc.Position = n.Reasons, p.ID, len(shown)
				d.Similar = append(d.Similar, sc)
			}
		}
	}
	return made{data: d, note: seen{p, shown}}, nil
}

// cameFrom is the show beside which the recommendation of id stood that was followed, or the list of one person in which it
// did, and its place. What the link says is believed only when that show really has id among its neighbours, that list held it.
func (h handlers) cameFrom(ctx context.Context, q url.Values, id string) (from string, position int) {
	from = q.Get("from")
	if strings.Contains(from, ":") {
		if position = h.Personal.Stood(from, id); position == 0 {
			from = ""
		}
		return from, position
	}
	n, err := strconv.Atoi(q.Get("n"))
	if err != nil || n < 1 || n > 20 || len(h.Search.Get(from)) == 0 {
		return "", 0
	}
	near, err := h.Similar.Similar(ctx, from, 20)
	if err != nil || !slices.ContainsFunc(near, func(o recommend.Neighbour) bool { return o.ID == id }) {
		return "", 0 // a page does not fail because of what only counts
	}
	return from, n
}

// cheapest tells whether an offer begins below every other that names prices.
func cheapest(o ticket.Offer, all []ticket.Offer) bool {
	low, _, ok := ticket.RangeOf(o.Prices)
	rivals := 0
	for _, other := range all {
		l, _, known := ticket.RangeOf(other.Prices)
		if other.ID == o.ID || !known {
			continue
		}
		if rivals++; l <= low {
			return false
		}
	}
	return ok && rivals > 0
}

// jsonLD is the show as search engines read it.
func jsonLD(p *ticket.Performance) map[string]any {
	ld := map[string]any{"@context": "https://schema.org", "@type": "TheaterEvent", "name": p.Title}
	if p.Period.Start != "" {
		ld["startDate"] = p.Period.Start
	}
	if p.Period.End != "" {
		ld["endDate"] = p.Period.End
	}
	if p.Place.Name != "" {
		ld["location"] = map[string]any{"@type": "Place", "name": p.Place.Name, "address": p.Place.Address}
	}
	if low, high, ok := p.PriceRange(); ok {
		ld["offers"] = map[string]any{"@type": "AggregateOffer", "priceCurrency": "KRW", "lowPrice": low, "highPrice": high}
	}
	return ld
}
