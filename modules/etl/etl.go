// Package etl turns pages into the catalogue, in named stages, one file each:
//
//	archive → parse → normalise → validate → listing → match → project → pictures → ack
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
	"maps"
	"slices"
	"strings"
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
	Place(ctx context.Context, listings []ticket.Listing, openings []ticket.Opening) (ticket.Regrouped, error)
	ProjectAll(ctx context.Context, ids []string, by func(id string) ticket.Origin) error
}

// Catalog is both.
type Catalog interface {
	Listings
	Shows
}

// Strips takes the pictures of a show's page to be read some time, and reads what came of them. app joins it with ocr.
type Strips interface {
	// Ask never waits for a picture and never refuses one.
	Ask(ctx context.Context, p *ticket.Page, code string, urls []string) error
	// Parse reads a ticket.PicturePage, with sellers' sentinels.
	Parse(ctx context.Context, p *ticket.Page) (sellers.Result, error)
}

// Pages gives the pages to work on; *queue.Consumer is one.
type Pages interface {
	Work(ctx context.Context, handle queue.Handler, bury queue.Bury, cfg queue.WorkConfig, log *slog.Logger) error
	Backlog() uint64
}

// Config are the settings.
type Config struct {
	OfferBase map[string]string // base URL that offers of a host lead to instead; nil in earnest, loopback in a demo
	MaxPage   int               // bytes of one page; 0 is 8 MiB
}

// Deps are what the ETL works with.
type Deps struct {
	Pages   Pages
	Bucket  lake.Bucket
	Sources map[string]sellers.Source // every known source, switched on or not: old pages must stay readable
	Catalog Catalog
	Store   store.Store
	Strips  Strips     // nil reads no pictures
	Bury    queue.Bury // keeps a page that failed again and again
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
	q, err := openQuarantine(ctx, deps.Store, slices.Sorted(maps.Keys(deps.Sources)))
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
	Withheld    ticket.Measured // by kind of page and field: how many of the records had it withheld
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

// Run works on pages until ctx ends. While the store or the lake does not answer, work waits; a page that fails five
// times although they do is kept as a dead letter, and the next ones go on.
func (e *ETL) Run(ctx context.Context) error {
	return e.deps.Pages.Work(ctx, e.work, e.bury, queue.WorkConfig{Timeout: pageTimeout}, e.log)
}

// pageTimeout is far above what any page takes.
const pageTimeout = 2 * time.Minute

// work brings one message to its final state; the queue acknowledges it then.
//
// Its many writes count only together, so they are made durable together, before the message is acknowledged.
func (e *ETL) work(ctx context.Context, msg queue.Message) error {
	ctx = store.Later(ctx)
	p, err := ticket.DecodePage(msg.Payload)
	if err != nil {
		e.log.Error("message is not a page: withheld", "offset", msg.Offset, "error", err)
		return e.available(ctx, errors.Join(e.withholdMessage(ctx, msg.Offset, err.Error()), e.deps.Store.Flush(ctx)))
	}
	w := &work{etl: e, page: p}
	if err := w.stages(ctx); err != nil {
		return e.available(ctx, fmt.Errorf("%s %s: %w", p.Kind, p.URL, err))
	}
	if err := e.deps.Store.Flush(ctx); err != nil {
		return e.available(ctx, err)
	}
	e.stage("ack", p)
	e.count(w)
	return nil
}

// available marks an error as nobody's fault when the store does not answer either.
func (e *ETL) available(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil || errors.Is(err, queue.ErrUnavailable) {
		return err
	}
	if perr := e.deps.Store.Ping(ctx); perr != nil {
		return fmt.Errorf("%w: the store does not answer: %w; %w", queue.ErrUnavailable, perr, err)
	}
	return err
}

// bury keeps a page that could not be worked off, with a row in the quarantine that says so.
func (e *ETL) bury(ctx context.Context, d queue.DeadLetter) error {
	if err := e.deps.Bury(ctx, d); err != nil {
		return err
	}
	if err := e.withholdMessage(ctx, d.Offset, fmt.Sprintf("failed %d times and is kept as a dead letter: %s", d.Tries, d.Reason)); err != nil {
		return err
	}
	if p, err := ticket.DecodePage(d.Payload); err == nil {
		e.count(&work{etl: e, page: p, withheld: []ticket.Withheld{{Source: p.Source, Reason: "kept as a dead letter"}}})
	}
	return nil
}

// withholdMessage writes the row of a message that is no page, or could not be worked off.
func (e *ETL) withholdMessage(ctx context.Context, offset uint64, reason string) error {
	row := ticket.Withheld{Source: "queue", Code: fmt.Sprint(offset), Reason: clip(reason, 500)}
	return e.quarantine.replace(ctx, "queue", "", row.Code, []ticket.Withheld{row}, time.Time{})
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
		t = &Tally{Reasons: map[string]int64{}, Withheld: ticket.Measured{}}
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
	w.measure(t.Withheld)
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
	read     bool // raw is what the parser made of the page
	listings []listing
	openings []opening
	venues   []ticket.Facility
	withheld []ticket.Withheld

	saved     []ticket.Listing
	savedOp   []ticket.Opening
	moved     ticket.Regrouped
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
		if errors.Is(err, lake.ErrBadKey) || errors.Is(err, lake.ErrTooLarge) { // no other try can mend that
			return fmt.Errorf("archive: %w", err)
		}
		return fmt.Errorf("%w: archive: %w", queue.ErrUnavailable, err)
	}
	e.stage("parse", w.page)
	if w.parse(ctx) {
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
	e.stage("pictures", w.page)
	if err := w.askPictures(ctx); err != nil {
		return fmt.Errorf("pictures: %w", err)
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

// hold notes that a field (or, with field "", the whole record of code) is withheld because no value can be made of it.
func (w *work) hold(code, field, raw string, reason error) { w.refuse(code, field, raw, "", reason) }

// refuse is hold for a value that was made and cannot be believed.
func (w *work) refuse(code, field, raw, parsed string, reason error) {
	w.withheld = append(w.withheld, ticket.Withheld{
		Source: w.page.Source, Kind: w.page.Kind, Code: code, URL: w.page.URL, Field: field, Reason: reason.Error(),
		Raw: clip(strings.ToValidUTF8(raw, ""), 500), Parsed: clip(parsed, 500), RawKey: w.rawKey, Run: w.page.Run, FetchedAt: w.page.FetchedAt,
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
	errNoPictures    = errors.New("this program reads no pictures")
)
