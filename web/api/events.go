package api

import (
	"context"
	"errors"
	"io"
	"math"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"

	"ticketmoa/modules/catalog"
	"ticketmoa/modules/events"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/problem"
	"ticketmoa/web/track"
)

// Events takes what pages report, and what the API sees itself.
type Events interface {
	track.Recorder
	// RecordNow returns when all events are on the disk, or none.
	RecordNow(ctx context.Context, all []ticket.Event) error
}

var (
	reportID   = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)
	reportPage = regexp.MustCompile(`^[a-z_]{0,20}$`)
)

// outcome is what became of one reported event.
type outcome struct {
	Index  int             `json:"index"`
	ID     *string         `json:"id"`
	Status int             `json:"status"` // 201 kept, 400 refused
	Errors []problem.Field `json:"errors,omitempty"`
}

type outcomes struct {
	Data    []outcome `json:"data"`
	Stored  int       `json:"stored"`
	Refused int       `json:"refused"`
}

// report takes one event or a list. Who and when is the server's to say; what is answered as kept is on the disk.
func (h handlers) report(c echo.Context) error {
	body, err := h.sent(c, h.limits)
	if err != nil {
		return err
	}
	reports, single, err := readReports(body)
	if err != nil {
		return err
	}
	ans, keep, err := h.judge(c, reports, single)
	if err != nil {
		return err
	}
	if err := h.Events.RecordNow(c.Request().Context(), keep); err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	switch {
	case ans.Refused == 0:
		return c.JSON(http.StatusCreated, ans)
	case single || ans.Stored == 0:
		var wrong []problem.Field
		for _, o := range ans.Data {
			wrong = append(wrong, o.Errors...)
		}
		return problem.BadParameters(wrong)
	}
	return c.JSON(http.StatusMultiStatus, ans)
}

// sent reads what was sent, unless its network sends too often or it is not JSON.
func (h handlers) sent(c echo.Context, l *limits) ([]byte, error) {
	if wait := l.take(events.Network(track.Address(c)), h.Now()); wait > 0 {
		c.Response().Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		return nil, problem.New(http.StatusTooManyRequests, "요청이 너무 잦습니다. 잠시 뒤에 다시 보내세요.")
	}
	if err := checkType(c.Request().Header.Get(echo.HeaderContentType)); err != nil {
		return nil, err
	}
	return io.ReadAll(c.Request().Body) // fails when it is too large, or cut off
}

// checkType takes JSON, and the plain text that navigator.sendBeacon sends a string as.
func checkType(header string) error {
	kind, _, err := mime.ParseMediaType(header)
	if header == "" || err == nil && (kind == echo.MIMEApplicationJSON || kind == echo.MIMETextPlain) {
		return nil
	}
	return problem.New(http.StatusUnsupportedMediaType, "application/json으로 보내세요.")
}

// judge fills in what the server knows and sorts out what cannot be. An id that comes twice is kept once.
func (h handlers) judge(c echo.Context, reports []report, single bool) (ans outcomes, keep []ticket.Event, err error) {
	ans.Data = make([]outcome, 0, len(reports))
	viewer := h.Track.Viewer(c)
	shows := map[string]*ticket.Performance{}
	seen := map[string]bool{}
	for i := range reports {
		r := &reports[i]
		if err := h.complete(c.Request().Context(), r, shows); err != nil {
			return ans, nil, err
		}
		o := outcome{Index: i, ID: text(r.event.ID), Status: http.StatusCreated, Errors: r.wrong}
		e := events.Stamp(r.event, viewer)
		if cerr := events.Check(&e); cerr != nil && len(o.Errors) == 0 { // a rule that complete does not know in Korean
			o.Errors = []problem.Field{{Pointer: "", Detail: strings.TrimPrefix(cerr.Error(), events.ErrInvalid.Error()+": ")}}
		}
		if len(o.Errors) > 0 {
			for j := range o.Errors {
				if !single {
					o.Errors[j].Pointer = "/" + strconv.Itoa(i) + o.Errors[j].Pointer
				}
			}
			o.Status = http.StatusBadRequest
			ans.Refused++
		} else {
			ans.Stored++
			if e.ID == "" || !seen[e.ID] {
				keep = append(keep, e)
			}
			seen[e.ID] = true
		}
		ans.Data = append(ans.Data, o)
	}
	return ans, keep, nil
}

func (r *report) bad(name, detail string) {
	r.wrong = append(r.wrong, problem.Field{Pointer: "/" + name, Detail: detail})
}

// complete checks a report against the shows there are, and adds what is known of them. An error is not the client's.
func (h handlers) complete(ctx context.Context, r *report, shows map[string]*ticket.Performance) error {
	e := &r.event
	if e.ID != "" && !reportID.MatchString(e.ID) {
		r.bad("id", "8자에서 64자까지의 A-Z, a-z, 0-9, _, -로 쓰세요.")
		e.ID = ""
	}
	if !reportPage.MatchString(e.Page) {
		r.bad("page", "home, list, detail처럼 20자까지의 a-z와 _로 쓰세요.")
	}
	switch e.Kind {
	case ticket.EventSearch:
		if e.Query = events.Redact(e.Query); e.Query == "" {
			r.bad("query", "검색어가 필요합니다.")
		}
		return nil
	case ticket.EventOfferClick:
		show, offer, ok := h.Search.Offer(e.OfferID)
		if !ok || e.PerformanceID != "" && e.PerformanceID != show {
			r.bad("offer_id", "그런 예매 링크가 없습니다.")
			return nil
		}
		e.PerformanceID, e.Seller = show, offer.Seller
	case ticket.EventView, ticket.EventRecommendationShown, ticket.EventRecommendationClicked:
	default:
		r.bad("kind", "페이지가 알릴 수 있는 것은 view, search, offer_click, recommendation_shown, recommendation_clicked입니다.")
		return nil
	}
	list := strings.Contains(e.FromID, ":") // not a show's id: a list that was given to one person
	if !list && (e.Kind == ticket.EventRecommendationShown || e.Kind == ticket.EventRecommendationClicked) {
		from, err := h.show(ctx, e.FromID, shows)
		if err != nil {
			return err
		}
		if from == nil {
			r.bad("from_id", "그런 공연이 없습니다.")
		}
	}
	p, err := h.show(ctx, e.PerformanceID, shows)
	if err != nil {
		return err
	}
	if p == nil {
		r.bad("performance_id", "그런 공연이 없습니다.")
		return nil
	}
	e.PerformanceID, e.Genre, e.Region = p.ID, p.Genre, p.Place.Region
	if list {
		if e.Position = h.Personal.Stood(e.FromID, p.ID); e.Position == 0 {
			r.bad("from_id", "그런 추천 목록이 없거나 지난 것이거나, 이 공연이 그 안에 없습니다.")
		}
	}
	return nil
}

// show finds a performance by its id or that of one merged into it; nil when there is none.
func (h handlers) show(ctx context.Context, id string, known map[string]*ticket.Performance) (*ticket.Performance, error) {
	if p, ok := known[id]; ok || id == "" || len(id) > 128 {
		return p, nil
	}
	if found := h.Search.Get(id); len(found) > 0 {
		known[id] = found[0]
		return found[0], nil
	}
	p, err := h.Catalog.Performance(ctx, id)
	if errors.Is(err, catalog.ErrNotFound) {
		p, err = nil, nil
	}
	if err == nil {
		known[id] = p
	}
	return p, err
}

// limits bounds requests by network.
type limits struct {
	mu sync.Mutex
	by map[string]*rate.Limiter
}

func newLimits() *limits { return &limits{by: map[string]*rate.Limiter{}} }

const (
	reportsPerMinute = 60
	maxNetworks      = 10_000
)

// take counts one request and says how long to wait; 0 lets it pass.
func (l *limits) take(network string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	lim, ok := l.by[network]
	if !ok {
		l.makeRoom(now)
		lim = rate.NewLimiter(rate.Every(time.Minute/reportsPerMinute), reportsPerMinute)
		l.by[network] = lim
	}
	r := lim.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

// makeRoom forgets networks that were quiet for a minute, and then any, until a quarter of the table is free: so the table
// is looked through only once in many new networks.
func (l *limits) makeRoom(now time.Time) {
	if len(l.by) < maxNetworks {
		return
	}
	for network, lim := range l.by {
		if lim.TokensAt(now) >= reportsPerMinute {
			delete(l.by, network)
		}
	}
	for network := range l.by {
		if len(l.by) <= maxNetworks*3/4 {
			return
		}
		delete(l.by, network)
	}
}
