// Package track turns what a request shows into events: who looked at what, searched for what, left for whom.
//
// It guarantees: a page never waits for an event and never fails because of one; what somebody searched for is redacted
// before it goes anywhere; genre and region are the show's as it is now. It never passes on an address or a user agent.
package track

import (
	"maps"
	"net/http"
	"net/netip"
	"slices"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/events"
	"ticketmoa/modules/ticket"
)

// Recorder takes events and returns at once.
type Recorder interface {
	Record(e ticket.Event)
}

// Viewers say who makes a request.
type Viewers interface {
	Of(r *http.Request, ip netip.Addr) ticket.Viewer
}

// Log records what requests show.
type Log struct {
	Recorder Recorder
	Viewers  Viewers
}

// Address is where a request came from; the zero address when that is not known.
func Address(c echo.Context) netip.Addr {
	ip, err := netip.ParseAddr(c.RealIP())
	if err != nil {
		return netip.Addr{}
	}
	return ip
}

// Viewer is who makes the request.
func (l Log) Viewer(c echo.Context) ticket.Viewer { return l.Viewers.Of(c.Request(), Address(c)) }

func (l Log) record(v ticket.Viewer, page string, e ticket.Event) {
	e.Page = page
	l.Recorder.Record(events.Stamp(e, v))
}

// About begins an event that is about a show.
func About(kind ticket.EventKind, p *ticket.Performance) ticket.Event {
	return ticket.Event{Kind: kind, PerformanceID: p.ID, Genre: p.Genre, Region: p.Place.Region}
}

// View says that a show's page was opened, the similar shows were shown on it in this order, and, when from is not "",
// that it was reached through the recommendation at position beside that show. It tells who looks.
func (l Log) View(c echo.Context, page string, p *ticket.Performance, similar []*ticket.Performance, from string, position int) ticket.Viewer {
	v := l.Viewer(c)
	l.record(v, page, About(ticket.EventView, p))
	if from != "" {
		e := About(ticket.EventRecommendationClicked, p)
		e.FromID, e.Position = from, position
		l.record(v, page, e)
	}
	for i, s := range similar {
		e := About(ticket.EventRecommendationShown, s)
		e.FromID, e.Position = p.ID, i+1
		l.record(v, page, e)
	}
	return v
}

// Listed says that shows were shown to somebody in a list made for them, each at its place from 1. list is the list's name
// and id with a colon between them: no show has such an id.
func (l Log) Listed(c echo.Context, page, list string, shown map[int]*ticket.Performance) {
	v := l.Viewer(c)
	for _, n := range slices.Sorted(maps.Keys(shown)) {
		e := About(ticket.EventRecommendationShown, shown[n])
		e.FromID, e.Position = list, n
		l.record(v, page, e)
	}
}

// Search says what was searched for, and how many shows were found.
func (l Log) Search(c echo.Context, page, query string, results int) {
	if query = events.Redact(query); query != "" {
		l.record(l.Viewer(c), page, ticket.Event{Kind: ticket.EventSearch, Query: query, Results: results})
	}
}

// Leave says that somebody goes to a seller.
func (l Log) Leave(c echo.Context, page string, p *ticket.Performance, o ticket.Offer) {
	e := About(ticket.EventOfferClick, p)
	e.OfferID, e.Seller = o.ID, o.Seller
	l.record(l.Viewer(c), page, e)
}
