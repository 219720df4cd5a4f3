// Package etl turns pages into the catalogue, in named stages, one file each:
//
//	archive → parse → normalise → validate → listing → match → project → ack
//
// Guarantees: a page is acknowledged only after every effect of it is kept; every effect is idempotent, so a page that
// comes again after a crash changes nothing; what cannot be trusted is withheld with a row in the quarantine that names
// the field and the reason, or the whole record when its identity is doubtful; a page that cannot be read, even one that
// makes a parser panic, never stops the next. It never guesses and never looks at the clock: a page is judged by its own
// date.
package etl

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/queue"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// Listings keeps what the sources say.
type Listings interface {
	SaveListing(ctx context.Context, source, code string, parser int, v ticket.View) (stored ticket.Listing, changed bool, err error)
	SaveOpening(ctx context.Context, source, notice string, parser int, productKey string, v ticket.OpeningView, by ticket.Origin) (stored ticket.Opening, changed bool, err error)
	SaveFacility(ctx context.Context, f ticket.Facility) (changed bool, err error)
	AtFacility(ctx context.Context, f ticket.Facility) ([]ticket.Listing, error)
}

// Shows joins listings and openings into performances.
type Shows interface {
	Twins(ctx context.Context, matchKey string) ([]ticket.Listing, error)
	Members(ctx context.Context, performanceID string) ([]ticket.Listing, error)
	Join(ctx context.Context, listingKey, performanceID string) error
	Project(ctx context.Context, performanceID string, by ticket.Origin) error
}

// Openings links openings to performances.
type Openings interface {
	Listing(ctx context.Context, key string) (ticket.Listing, error)
	OpeningsFor(ctx context.Context, l ticket.Listing) ([]ticket.Opening, error)
	LinkOpening(ctx context.Context, id, performanceID string) (before string, err error)
}

// Catalog is all of them.
type Catalog interface {
	Listings
	Shows
	Openings
}

// Pages gives the pages to work on; *queue.Consumer is one.
type Pages interface {
	Next(ctx context.Context) (queue.Message, error)
	Ack(offset uint64) error
	Backlog() uint64
}

// Config are the settings.
type Config struct {
	OfferBase map[string]string // base URL that offers of a host lead to instead; nil in earnest, loopback in a demo
	MaxPage   int               // bytes of one page; 0 is 8 MiB
}

// Deps are what the ETL works with.
type Deps struct {
	Pages    Pages
	Bucket   lake.Bucket
	Sources  map[string]sellers.Source // every known source, switched on or not: old pages must stay readable
	Catalog  Catalog
	NotFound error // what Catalog wraps when a listing is not there
	Store    store.Store
	// Stage, when set, is called as each stage of a page begins. Tests cut the process off there.
	Stage func(name string, p *ticket.Page)
}

// ETL works on one page at a time. Make one with New, then call Run once.
type ETL struct {
	deps       Deps
	cfg        Config
	log        *slog.Logger
	quarantine *Quarantine

	mu      sync.Mutex
	tallies map[string]*Tally // by run
}

// New makes an ETL.
func New(ctx context.Context, deps Deps, cfg Config, log *slog.Logger) (*ETL, error) {
	if cfg.MaxPage <= 0 {
		cfg.MaxPage = 8 << 20
	}
	q, err := openQuarantine(ctx, deps.Store)
	if err != nil {
		return nil, err
	}
	return &ETL{deps: deps, cfg: cfg, log: log, quarantine: q, tallies: map[string]*Tally{}}, nil
}

// Quarantine is what was withheld.
func (e *ETL) Quarantine() *Quarantine { return e.quarantine }

// Tally counts what became of the pages of one run.
type Tally struct {
	Pages       int64 // that reached a final state
	Stored      int64 // records people see differently now
	Unchanged   int64 // records that said nothing new
	Quarantined int64 // fields and records withheld
	Reasons     map[string]int64
}

// Take gives the tally of a run and forgets it.
func (e *ETL) Take(run string) Tally {
	e.mu.Lock()
	defer e.mu.Unlock()
	t := e.tallies[run]
	delete(e.tallies, run)
	if t == nil {
		return Tally{}
	}
	return *t
}

// Done tells how many pages of a run reached a final state so far.
func (e *ETL) Done(run string) int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	if t := e.tallies[run]; t != nil {
		return t.Pages
	}
	return 0
}

// Run works on pages until ctx ends. A store or lake that fails is tried again, the page with it: nothing is skipped.
func (e *ETL) Run(ctx context.Context) error {
	for {
		msg, err := e.deps.Pages.Next(ctx)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the stop, not a fault
		}
		if err != nil {
			return fmt.Errorf("next page: %w", err)
		}
		if err := e.untilDone(ctx, msg); err != nil {
			return err
		}
	}
}

func (e *ETL) untilDone(ctx context.Context, msg queue.Message) error {
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 30*time.Second) {
		err := e.work(ctx, msg)
		if err == nil || ctx.Err() != nil {
			return nil //nolint:nilerr // a page cut off by the stop was not acknowledged: it comes again
		}
		e.log.Error("page not done, trying again", "offset", msg.Offset, "pause_ms", pause.Milliseconds(), "error", err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
	}
}

// work brings one message to its final state and acknowledges it.
func (e *ETL) work(ctx context.Context, msg queue.Message) error {
	p, err := ticket.DecodePage(msg.Payload)
	if err != nil {
		e.log.Error("message is not a page: withheld", "offset", msg.Offset, "error", err)
		row := ticket.Withheld{Source: "queue", Code: fmt.Sprint(msg.Offset), Reason: err.Error()}
		if err := e.quarantine.replace(ctx, "queue", "", row.Code, []ticket.Withheld{row}, time.Time{}); err != nil {
			return err
		}
		return e.deps.Pages.Ack(msg.Offset)
	}
	w := &work{etl: e, page: p}
	if err := w.stages(ctx); err != nil {
		return fmt.Errorf("%s %s: %w", p.Kind, p.URL, err)
	}
	e.stage("ack", p)
	if err := e.deps.Pages.Ack(msg.Offset); err != nil {
		return fmt.Errorf("acknowledge: %w", err)
	}
	e.count(w)
	return nil
}

func (e *ETL) stage(name string, p *ticket.Page) {
	if e.deps.Stage != nil {
		e.deps.Stage(name, p)
	}
}

func (e *ETL) count(w *work) {
	e.mu.Lock()
	defer e.mu.Unlock()
	t := e.tallies[w.page.Run]
	if t == nil {
		t = &Tally{Reasons: map[string]int64{}}
		e.tallies[w.page.Run] = t
		if len(e.tallies) > 1000 { // runs nobody asked about
			clear(e.tallies)
			e.tallies[w.page.Run] = t
		}
	}
	t.Pages++
	t.Stored += w.stored
	t.Unchanged += w.unchanged
	t.Quarantined += int64(len(w.withheld))
	for _, row := range w.withheld {
		t.Reasons[describe(row)]++
	}
}

func describe(row ticket.Withheld) string {
	if row.Field == "" {
		return row.Reason
	}
	return row.Field + ": " + row.Reason
}

// work is one page on its way through the stages.
type work struct {
	etl    *ETL
	page   *ticket.Page
	source sellers.Source
	rawKey string

	raw      sellers.Result
	listings []listing
	openings []opening
	venues   []ticket.Facility
	withheld []ticket.Withheld

	saved     []ticket.Listing
	savedOp   []ticket.Opening
	touched   []string // performances to project, in order
	stored    int64
	unchanged int64
}

// stages runs every stage in order. A failed read ends in the quarantine and is a final state; an error is only what
// another try may mend.
func (w *work) stages(ctx context.Context) error {
	e := w.etl
	if !w.admit() {
		return w.settleQuarantine(ctx)
	}
	e.stage("archive", w.page)
	if err := w.archive(ctx); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	e.stage("parse", w.page)
	if w.parse() {
		e.stage("normalise", w.page)
		w.normalise()
		e.stage("validate", w.page)
		w.validate()
	}
	if err := w.settleQuarantine(ctx); err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	e.stage("listing", w.page)
	if err := w.keepListings(ctx); err != nil {
		return fmt.Errorf("listing: %w", err)
	}
	e.stage("match", w.page)
	if err := w.match(ctx); err != nil {
		return fmt.Errorf("match: %w", err)
	}
	e.stage("project", w.page)
	if err := w.project(ctx); err != nil {
		return fmt.Errorf("project: %w", err)
	}
	return nil
}

func (w *work) origin(source string) ticket.Origin {
	cause := ticket.CauseSource
	if w.page.Replay {
		cause = ticket.CauseReparse
	}
	return ticket.Origin{Cause: cause, At: w.page.FetchedAt, Source: source}
}

// hold notes that a field (or, with field "", the whole record of code) is withheld.
func (w *work) hold(code, field, raw string, reason error) {
	w.withheld = append(w.withheld, ticket.Withheld{
		Source: w.page.Source, Kind: w.page.Kind, Code: code, URL: w.page.URL, Field: field,
		Reason: reason.Error(), Raw: clip(raw, 500), RawKey: w.rawKey, FetchedAt: w.page.FetchedAt,
	})
}

func clip(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n]) + "…"
}

// Reasons for withholding that are not a parser's own.
var (
	errUnknownSource = errors.New("no source of that name is known")
	errUnknownKind   = errors.New("this kind of page is not known")
	errCharset       = errors.New("its bytes are not the UTF-8 they should be: wrong charset")
	errTooLarge      = errors.New("the page is larger than the limit")
)
