// Package admin is the pages and the API of those who run the site, guarded on the server.
package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/auth"
	"ticketmoa/modules/etl"
	"ticketmoa/modules/schedule"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/site"
)

// Jobs runs and lists jobs.
type Jobs interface {
	Jobs() []schedule.Job
	Start(name, trigger string) (string, error)
	Cancel(name string) error
	History(ctx context.Context, job string, limit int) ([]schedule.Run, error)
	Next(name string) time.Time
}

// Guard opens and checks the admin session.
type Guard interface {
	Redeem(ctx context.Context, token string) (string, error)
	Verify(token string) error
}

// Overview is the state of the data.
type Overview struct {
	Counts      map[string]int64 `json:"counts"`
	Backlog     uint64           `json:"backlog"`
	Quarantined int64            `json:"quarantined"`
	DeadLetters int64            `json:"dead_letters"`
	Store       string           `json:"store"`
	Lacks       []string         `json:"lacks"`
	Queues      []QueueState     `json:"queues"`
	Events      EventsState      `json:"events"`
	Pictures    PicturesState    `json:"pictures"`
	Crawls      []CrawlState     `json:"crawls"` // under way at this moment
}

// PicturesState is what was read of pictures since the start.
type PicturesState struct {
	Off             bool    `json:"off"` // ocr.enabled is false
	Waiting         uint64  `json:"waiting"`
	Read            int64   `json:"read"`
	Known           int64   `json:"known"` // read before: nothing was to do
	Refused         int64   `json:"refused"`
	Dropped         int64   `json:"dropped"`
	CPUSeconds      float64 `json:"cpu_seconds"`
	CPUPerMegapixel float64 `json:"cpu_seconds_per_megapixel"`
	LastFailure     string  `json:"last_failure,omitempty"`
}

// CrawlState is where a crawl stands.
type CrawlState struct {
	Source    string    `json:"source"`
	Title     string    `json:"-"`
	StartedAt time.Time `json:"started_at"`
	Share     int       `json:"share"` // percent of what is known to be asked so far
	Asked     int64     `json:"asked"`
	Waiting   int64     `json:"waiting"`
	Stored    int64     `json:"stored"`
	New       int64     `json:"new"`
	Changed   int64     `json:"changed"`
	Unchanged int64     `json:"unchanged"`
	Gone      int64     `json:"gone"`
	Failed    int64     `json:"failed"`
	Resumed   bool      `json:"resumed"`
}

// QueueState is how one of the write-ahead queues stands.
type QueueState struct {
	Name        string `json:"name"`
	Waiting     uint64 `json:"waiting"` // records its reader has not worked off
	Records     uint64 `json:"records"`
	Bytes       int64  `json:"bytes"`
	Segments    int    `json:"segments"`
	Quarantined int    `json:"quarantined"` // damaged files set aside
	Missing     uint64 `json:"missing"`     // acknowledged once, lost to damage
	Failures    int    `json:"failures"`    // writes that failed since the start
	Refused     int    `json:"refused"`     // appends refused for want of room since the start
	Error       string `json:"error"`       // why it cannot write at this moment; "" when it can
}

// EventsState is how the log of events stands.
type EventsState struct {
	Recorded uint64            `json:"recorded"` // since the start
	Dropped  map[string]uint64 `json:"dropped"`  // by reason
	Rows     uint64            `json:"rows"`     // brought to the lake since the start
	Failing  bool              `json:"failing"`  // the lake refuses at this moment
	Through  *time.Time        `json:"through"`  // everything received before it is in the lake
}

// Deps are what the admin pages are made from.
type Deps struct {
	Jobs       Jobs
	Guard      Guard
	Sources    func() []site.SourceState
	Overview   func(ctx context.Context) (Overview, error)
	Quarantine Quarantine
	// Reread puts the pages of the rows that match on the queue and never waits for what becomes of them. ErrReplaying.
	Reread func(ctx context.Context, f etl.Filter) (Replay, error)
	Merges Merges
	Decide Decide
	// Show is the id of the performance a source's code leads to; "" for none.
	Show   func(ctx context.Context, source, code string) string
	Crawls Crawls
	// Crop is a part of a kept picture as PNG. lake.ErrNotFound.
	Crop func(ctx context.Context, picture string, box [4]int) ([]byte, error)
	// AcceptPicture takes the value of a row that was read from a picture for true. ocr.ErrNoValue, ErrReplaying.
	AcceptPicture func(ctx context.Context, row ticket.Withheld) (Replay, error)
	Secure        bool // cookies only over https
	Now           func() time.Time
}

const cookieName = "ticketmoa_admin"

type handlers struct{ Deps }

// Register adds the routes below /admin.
func Register(e *echo.Echo, d Deps) {
	h := handlers{d}
	e.GET("/admin/setup", h.setup)
	g := e.Group("/admin", h.guarded)
	g.GET("", h.page)
	g.POST("/jobs/:name/run", h.runForm)
	g.GET("/api/v1/jobs", h.jobs)
	g.POST("/api/v1/jobs/:name/run", h.run)
	g.POST("/api/v1/jobs/:name/cancel", h.cancel)
	g.GET("/api/v1/runs", h.runs)
	g.POST("/crawls/:run/accept", h.acceptForm)
	g.GET("/api/v1/crawls", h.crawls)
	g.POST("/api/v1/crawls/:run/accept", h.accept)
	g.GET("/quarantine", h.withheld)
	g.POST("/quarantine/replay", h.replayForm)
	g.POST("/quarantine/accept", h.acceptPictureForm)
	g.GET("/pictures/:sha", h.crop)
	g.GET("/api/v1/quarantine", h.quarantine)
	g.POST("/api/v1/quarantine/accept", h.acceptPicture)
	g.POST("/api/v1/quarantine/replay", h.replay)
	g.GET("/merges", h.merges)
	g.POST("/merges", h.decideForm)
	g.POST("/merges/:id/undo", h.undoForm)
	g.GET("/api/v1/merges", h.mergesJSON)
	g.POST("/api/v1/merges", h.decide)
	g.POST("/api/v1/merges/:id/undo", h.undo)
	g.GET("/api/v1/overview", h.overview)
	g.GET("/api/v1/queue", h.queue)
}

// setup exchanges the one-time link for a session cookie.
func (h handlers) setup(c echo.Context) error {
	token, err := h.Guard.Redeem(c.Request().Context(), c.QueryParam("token"))
	if err != nil {
		return err
	}
	c.SetCookie(&http.Cookie{ //nolint:gosec // Secure follows http.public_url: a site on plain http could not log in otherwise
		Name: cookieName, Value: token, Path: "/admin", HttpOnly: true, Secure: h.Secure,
		SameSite: http.SameSiteLaxMode, MaxAge: int(auth.SessionFor / time.Second)})
	c.Response().Header().Set("Cache-Control", "no-store")
	c.Response().Header().Set("Referrer-Policy", "no-referrer")
	return c.Redirect(http.StatusSeeOther, "/admin")
}

func (h handlers) guarded(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set("Cache-Control", "private, no-store")
		ck, err := c.Cookie(cookieName)
		if err != nil {
			return auth.ErrUnauthorized
		}
		if err := h.Guard.Verify(ck.Value); err != nil {
			return err
		}
		return next(c)
	}
}

// JobView is a job as the page shows it.
type JobView struct {
	Name  string        `json:"name"`
	Title string        `json:"title"`
	Spec  string        `json:"schedule"`
	Next  *time.Time    `json:"next"`
	Last  *schedule.Run `json:"last"`
}

func (h handlers) jobViews(ctx context.Context) ([]JobView, error) {
	var out []JobView
	for _, j := range h.Jobs.Jobs() {
		v := JobView{Name: j.Name, Title: j.Title, Spec: j.Spec}
		if next := h.Jobs.Next(j.Name); !next.IsZero() {
			v.Next = &next
		}
		runs, err := h.Jobs.History(ctx, j.Name, 1)
		if err != nil {
			return nil, err
		}
		if len(runs) > 0 {
			v.Last = &runs[0]
		}
		out = append(out, v)
	}
	return out, nil
}

type adminPage struct {
	site.Base
	Overview   Overview
	JobList    []JobView
	Runs       []schedule.Run
	Sources    []site.SourceState
	Groups     []groupView // the largest
	MoreGroups int
	Watch      []watched
}

func (h handlers) page(c echo.Context) error {
	ctx := c.Request().Context()
	p := adminPage{Base: site.Base{Title: "관리", Now: h.Now()}, Sources: h.Sources()}
	var err error
	if p.Overview, err = h.Overview(ctx); err != nil {
		return err
	}
	if p.JobList, err = h.jobViews(ctx); err != nil {
		return err
	}
	if p.Runs, err = h.Jobs.History(ctx, "", 20); err != nil {
		return err
	}
	if p.Watch, err = h.watch(ctx); err != nil {
		return err
	}
	groups, err := h.Quarantine.Groups(ctx)
	if err != nil {
		return err
	}
	p.Groups = groupViews(groups[:min(len(groups), groupsOnAdmin)])
	p.MoreGroups = len(groups) - len(p.Groups)
	return c.Render(http.StatusOK, "admin", p)
}

func (h handlers) runForm(c echo.Context) error {
	if _, err := h.Jobs.Start(c.Param("name"), "admin"); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/admin#runs")
}

func (h handlers) run(c echo.Context) error {
	id, err := h.Jobs.Start(c.Param("name"), "admin")
	if err != nil {
		return err
	}
	return c.JSON(http.StatusAccepted, map[string]string{"run": id})
}

func (h handlers) cancel(c echo.Context) error {
	if err := h.Jobs.Cancel(c.Param("name")); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (h handlers) jobs(c echo.Context) error {
	views, err := h.jobViews(c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"data": views})
}

func (h handlers) runs(c echo.Context) error {
	runs, err := h.Jobs.History(c.Request().Context(), c.QueryParam("job"), 100)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"data": runs})
}

func (h handlers) overview(c echo.Context) error {
	o, err := h.Overview(c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, o)
}

func (h handlers) queue(c echo.Context) error {
	o, err := h.Overview(c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"data": o.Queues, "events": o.Events, "dead_letters": o.DeadLetters})
}
