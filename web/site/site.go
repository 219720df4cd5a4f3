// Package site is the pages people read: home, list, detail, openings, the way out to a seller.
package site

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/catalog"
	"ticketmoa/modules/recommend"
	"ticketmoa/modules/search"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/kept"
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
	Current(id string, now time.Time) int // performances of an artist or venue that have not ended
	Size() int
	Named(text string, limit int, now time.Time) []search.Suggestion // artists and venues of that name
}

// Similar knows neighbours.
type Similar interface {
	Similar(ctx context.Context, performanceID string, limit int) ([]recommend.Neighbour, error)
}

// SourceState is a source as people see it.
type SourceState struct {
	Name, Title string
	Seller      bool
	Enabled     bool
	NeedsKey    bool
	HasKey      bool
	Barred      bool   // its owner forbids crawling without permission
	Notice      string // what to know before switching it on
	Attribution string
	Home        string // where an operator asks for its key; "" when it needs none
	Lacks       string // what it lacks on this machine, or that its last crawl failed; "" when nothing
	Caution     string // what its operator is reminded of while it is on; not for visitors
	Failing     bool   // its last crawl failed
}

// Deps are what pages are made from.
type Deps struct {
	Catalog Catalog
	Search  Search
	Similar Similar
	Popular Popular

	Personal Personal
	Entities Entities

	Track   track.Log
	Sources func() []SourceState
	Now     func() time.Time
	Demo    bool // invented data: every page says so

	// Generation is a number that changes whenever the catalogue did, or whatever else is to be seen at once; without it
	// no page is kept.
	Generation func() uint64
	Secure     bool // people reach the site over https
}

type handlers struct {
	Deps
	pages *kept.Cache // nil: every page is made anew
}

// Register adds the routes.
func Register(e *echo.Echo, d Deps) {
	h := handlers{Deps: d}
	if d.Generation != nil && !d.Demo {
		h.pages = kept.New(d.Generation, d.Now, keptBytes)
	}
	e.GET("/", h.home)
	e.GET("/search", h.list)
	e.GET("/openings", h.openings)
	e.GET("/rank", h.rank)
	e.GET("/p/:id", h.detail)
	e.GET("/artists", h.artists)
	e.GET("/artists/:id", h.artist)
	e.GET("/venues", h.venues)
	e.GET("/venues/:id", h.venue)
	e.GET("/out/:offer", h.out)
	e.POST("/recent/clear", h.forget)
}

// Base is what every page has.
type Base struct {
	Title       string
	Description string
	Now         time.Time
	Query       string // what stands in the search box
	Genre       ticket.Genre
	Credits     []string // attributions the data asks for
	Canonical   string   // the page's own address, when it can be reached by others; "" for none
	Demo        bool
	Refresh     bool // the page asks for itself again until there is something to show
}

func (h handlers) base(title string) Base {
	b := Base{Title: title, Now: h.Now(), Demo: h.Demo, Description: "뮤지컬·연극·콘서트·전시, 여러 예매처의 티켓을 한곳에서 비교하세요."}
	for _, s := range h.Sources() {
		if s.Attribution != "" && !slices.Contains(b.Credits, s.Attribution) {
			b.Credits = append(b.Credits, s.Attribution)
		}
	}
	return b
}

// Card is a performance as lists show it.
type Card struct {
	*ticket.Performance
	Status  ticket.Status
	Opens   *time.Time // the next opening still to come
	Sellers []ticket.Seller
	Reasons []string
	Role    string // of the artist whose page it is

	From     string // the show this one is recommended beside; "" for none
	Position int    // its place there, from 1
}

func card(p *ticket.Performance, now time.Time) Card {
	c := Card{Performance: p, Status: p.StatusAt(now)}
	for _, o := range p.Openings {
		if o.OpensAt != nil && o.OpensAt.After(now) && c.Opens == nil {
			c.Opens = o.OpensAt
		}
	}
	for _, o := range p.Offers {
		if !slices.Contains(c.Sellers, o.Seller) {
			c.Sellers = append(c.Sellers, o.Seller)
		}
	}
	return c
}

func cards(ps []*ticket.Performance, now time.Time) []Card {
	var out []Card
	for _, p := range ps {
		out = append(out, card(p, now))
	}
	return out
}

type homePage struct {
	Base
	Top      rankList
	Personal bool   // of one person: not for anybody's cache
	Recent   []Card // like what the visitor looked at last
	Weekend  []Card
	Newest   []Card
	Closing  []Card
	Openings []ticket.Opening
	Sources  []SourceState
	Total    int
	AnyOn    bool
}

// home is one page for all, but for those who looked at shows lately: theirs is made for them.
func (h handlers) home(c echo.Context) error {
	c.Response().Header().Add("Vary", "Cookie")
	if len(recent(c)) == 0 {
		return h.show(c, "home", nil, h.fillHome)
	}
	m, err := h.fillHome(c.Request().Context(), h.Now())
	if err != nil {
		return err
	}
	p := m.data.(homePage)
	if p.Recent, p.Personal, err = h.afterRecent(c); err != nil {
		return err
	}
	return c.Render(http.StatusOK, "home", p)
}

func (h handlers) fillHome(ctx context.Context, now time.Time) (made, error) {
	p := homePage{Base: h.base("티켓모아"), Sources: h.Sources(), Total: h.Search.Size()}
	p.Refresh = p.Total == 0 && slices.ContainsFunc(p.Sources, func(s SourceState) bool { return s.Enabled && (!s.NeedsKey || s.HasKey) && !s.Failing })
	p.AnyOn = slices.ContainsFunc(p.Sources, func(s SourceState) bool { return s.Enabled })
	from, to := weekend(now)
	for _, part := range []struct {
		into *[]Card
		q    search.Query
	}{
		{&p.Weekend, search.Query{From: from, To: to, Statuses: []ticket.Status{ticket.OnSale}, Sort: search.ByClosing, Limit: 8}},
		{&p.Newest, search.Query{Sort: search.ByNewest, Limit: 8}},
		{&p.Closing, search.Query{Sort: search.ByClosing, Statuses: []ticket.Status{ticket.OnSale}, Limit: 4}},
	} {
		res, err := h.Search.Search(part.q, now)
		if err != nil {
			return made{}, err
		}
		*part.into = cards(res.Items, now)
	}
	var err error
	if p.Top, err = h.yesterday(ctx, now); err != nil {
		return made{}, err
	}
	if p.Openings, err = h.Catalog.Openings(ctx, catalog.OpeningQuery{From: now, Limit: 6}); err != nil {
		return made{}, err
	}
	return made{data: p, fleeting: p.Total == 0}, nil // without a show it tells how the sources do: that is to be seen at once
}

// weekend is the Saturday and Sunday people mean by "이번 주말": on a Sunday it is today.
func weekend(now time.Time) (from, to ticket.Date) {
	today := ticket.DateOf(now)
	days := (int(time.Saturday) - int(now.In(ticket.Seoul).Weekday()) + 7) % 7
	if now.In(ticket.Seoul).Weekday() == time.Sunday {
		return today, today
	}
	return today.AddDays(days), today.AddDays(days + 1)
}

type openingsPage struct {
	Base
	Days []openingDay
}

type openingDay struct {
	Day      ticket.Date
	Openings []ticket.Opening
}

func (h handlers) openings(c echo.Context) error {
	values := only(c.QueryParams(), params.OpeningNames()...)
	return h.show(c, "openings", values, func(ctx context.Context, now time.Time) (made, error) { return h.fillOpenings(ctx, values, now) })
}

func (h handlers) fillOpenings(ctx context.Context, values url.Values, now time.Time) (made, error) {
	q, err := params.ReadOpenings(values, now)
	if err != nil {
		return made{}, err
	}
	all, err := h.Catalog.Openings(ctx, catalog.OpeningQuery{From: q.From, To: q.To, Seller: q.Seller, Genre: q.Genre, Regions: q.Regions, Limit: 300})
	if err != nil {
		return made{}, err
	}
	p := openingsPage{Base: h.base("티켓 오픈 일정")}
	for _, o := range all {
		day := ticket.DateOf(*o.Content.OpensAt)
		if n := len(p.Days); n == 0 || p.Days[n-1].Day != day {
			p.Days = append(p.Days, openingDay{Day: day})
		}
		last := &p.Days[len(p.Days)-1]
		last.Openings = append(last.Openings, o)
	}
	return made{data: p}, nil
}

// out leads to the seller. The URL is the stored one, which was held against the seller's hosts before it was kept.
func (h handlers) out(c echo.Context) error {
	id, o, ok := h.Search.Offer(c.Param("offer"))
	if !ok {
		return problem.NotFound("이 예매 링크를")
	}
	for _, p := range h.Search.Get(id) {
		h.Track.Leave(c, "detail", p, o)
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Redirect(http.StatusFound, o.URL)
}
