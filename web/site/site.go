// Package site is the pages people read: home, list, detail, openings, the way out to a seller.
package site

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/catalog"
	"ticketmoa/modules/recommend"
	"ticketmoa/modules/search"
	"ticketmoa/modules/ticket"
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
	Secure  bool // people reach the site over https
}

type handlers struct{ Deps }

// Register adds the routes.
func Register(e *echo.Echo, d Deps) {
	h := handlers{d}
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

func (h handlers) cards(ps []*ticket.Performance) []Card {
	var out []Card
	for _, p := range ps {
		out = append(out, card(p, h.Now()))
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

func (h handlers) home(c echo.Context) error {
	now := h.Now()
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
			return err
		}
		*part.into = h.cards(res.Items)
	}
	var err error
	if p.Recent, p.Personal, err = h.afterRecent(c); err != nil {
		return err
	}
	if p.Top, err = h.yesterday(c.Request().Context(), now); err != nil {
		return err
	}
	if p.Openings, err = h.Catalog.Openings(c.Request().Context(), catalog.OpeningQuery{From: now, Limit: 6}); err != nil {
		return err
	}
	return c.Render(http.StatusOK, "home", p)
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

// Choice is one value of a filter.
type Choice struct {
	Value, Label string
	On           bool
	Count        int
}

type listPage struct {
	Base
	Cards     []Card
	Total     int
	Page      int
	Pages     int
	Prev      string
	Next      string
	From, To  ticket.Date
	Genres    []Choice
	Regions   []Choice
	Sellers   []Choice
	Statuses  []Choice
	Sorts     []Choice
	Narrowed  bool
	WithEnded string // link that takes ended shows in
}

func (h handlers) list(c echo.Context) error {
	values := c.QueryParams()
	q, err := params.Search(values)
	if err != nil {
		return err
	}
	q.Facets = true
	res, err := h.Search.Search(q, h.Now())
	if err != nil {
		return err
	}
	p := listPage{Base: h.base("공연 찾기"), Cards: h.cards(res.Items), Total: res.Total, From: q.From, To: q.To}
	p.Query, p.Page = q.Text, q.Offset/q.Limit+1
	p.Pages = (res.Total + q.Limit - 1) / q.Limit
	p.Prev, p.Next = pageLink(values, p.Page-1, p.Pages), pageLink(values, p.Page+1, p.Pages)
	p.Narrowed = len(q.Genres)+len(q.Regions)+len(q.Sellers)+len(q.Statuses) > 0 || q.From != "" || q.To != "" || q.Text != ""
	if len(q.Genres) == 1 {
		p.Genre = q.Genres[0]
	}
	p.Genres = choose(ticket.Genres(), q.Genres, res.Facets["genre"], GenreLabel)
	p.Regions = choose(ticket.Regions(), q.Regions, res.Facets["region"], func(r ticket.Region) string { return string(r) })
	p.Sellers = choose(ticket.Sellers(), q.Sellers, res.Facets["seller"], SellerLabel)
	p.Statuses = choose(ticket.Statuses(), q.Statuses, res.Facets["status"], StatusLabel)
	p.Sorts = choose([]search.Sort{search.ByNewest, search.ByOpening, search.ByClosing, search.ByPrice, search.ByRelevance}, []search.Sort{q.Sort}, nil, sortLabel)
	if len(q.Statuses) == 0 {
		all := url.Values{"status": {"upcoming,on_sale,sold_out,ended"}}
		for k, v := range values {
			if k != "page" && k != "status" {
				all[k] = v
			}
		}
		p.WithEnded = "/search?" + all.Encode()
	}
	if p.Page == 1 && q.Cursor == "" {
		h.Track.Search(c, "list", q.Text, res.Total)
	}
	return c.Render(http.StatusOK, "list", p)
}

func choose[T ~string](all, on []T, counts map[string]int, label func(T) string) []Choice {
	var out []Choice
	for _, v := range all {
		out = append(out, Choice{Value: string(v), Label: label(v), On: slices.Contains(on, v), Count: counts[string(v)]})
	}
	return out
}

func pageLink(q url.Values, page, pages int) string {
	if page < 1 || page > pages {
		return ""
	}
	next := url.Values{}
	for k, v := range q {
		if k != "page" && k != "cursor" && strings.Join(v, "") != "" {
			next[k] = v
		}
	}
	if page > 1 {
		next.Set("page", itoa(page))
	}
	return "/search?" + next.Encode()
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
	q, err := params.ReadOpenings(c.QueryParams(), h.Now())
	if err != nil {
		return err
	}
	all, err := h.Catalog.Openings(c.Request().Context(), catalog.OpeningQuery{From: q.From, To: q.To, Seller: q.Seller, Genre: q.Genre, Regions: q.Regions, Limit: 300})
	if err != nil {
		return err
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
	return c.Render(http.StatusOK, "openings", p)
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
