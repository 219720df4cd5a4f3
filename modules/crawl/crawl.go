// Package crawl asks the sources: it walks what a source says to ask, by plain HTTP or through Chromium, and puts every
// page on the queue.
//
// Guarantees: a page is on the queue, fsynced, before the worker that fetched it asks for the next; a crawl that is
// killed goes on where it was (a page may then be fetched twice, never not at all); one page's failure never ends the
// crawl; only the source's own hosts are asked, by outbound's rules, the browser included. It never reads a page for
// anything but what follows from it: that is the ETL's.
package crawl

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"ticketmoa/modules/outbound"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// ErrUnknownSource means that no enabled source has that name.
var ErrUnknownSource = errors.New("no such source is switched on")

// Config are the settings.
type Config struct {
	Workers  int           // requests under way at once in one crawl; 0 is 4
	Tabs     int           // Chromium tabs; 0 is 2
	Timeout  time.Duration // of one page in a tab; 0 is 30 s
	Chromium string        // path of the browser; "" looks for the usual names
	Recycle  int           // pages after which Chromium is started anew; 0 is 300
	MaxPages int           // of one crawl; 0 is 20,000
	Refresh  time.Duration // how old what is kept of a thing may grow while its list entry stays the same; 0 asks every time
	Attempts int           // of one request before it counts as failed; 0 is 2
	Sample   int           // known things every crawl asks for again at least, so that it can be told whether pages are as they were
}

// Fetcher asks by plain HTTP; *outbound.Client is one.
type Fetcher interface {
	Do(ctx context.Context, r outbound.Request) (*outbound.Response, error)
}

// Queue takes pages; Append returns once the page is safe.
type Queue interface {
	Append(ctx context.Context, payload []byte) (uint64, error)
}

// Deps are what a crawler works with.
type Deps struct {
	Sources map[string]sellers.Source // the enabled ones
	Keys    map[string]string         // by source
	Fetch   Fetcher
	Queue   Queue
	Store   store.Store
	Now     func() time.Time
}

// Progress is where a crawl stands.
type Progress struct {
	Source    string
	StartedAt time.Time
	Asked     int64 // requests that reached a final state
	Waiting   int64
	Stored    int64
	Failed    int64
	Unread    int64 // of those stored: answers that are not what was asked for
	New       int64 // things no earlier crawl knew
	Changed   int64 // things whose list entry says something else than before
	Unchanged int64 // things not asked for again, or answered with 304
	Gone      int64 // things the source no longer has
	Tried     int64 // requests by which the crawl is judged: not for what failed in good crawls already, or left the lists
	Missed    int64 // of those: not answered, or not with what was asked for
	Resumed   bool
}

// Report is what a crawl did.
type Report struct {
	Progress
	Run     string   // id of the crawl, which its pages bear
	Whole   bool     // its lists were read to their end, and it asked for everything
	Partly  bool     // it asked for changes only
	Listed  int64    // shows its lists named
	Noticed int64    // notices its lists named
	Lists   int64    // pages of lists it asked for
	Torn    int64    // of those: could not be read
	Notes   []string // reasons of failures, each once with its count
}

// Reason is why the crawl failed, as far as one reason tells.
func (r Report) Reason() string {
	if len(r.Notes) > 0 {
		return r.Notes[0]
	}
	return "the crawl was cut off"
}

// Crawler crawls sources. It is safe for concurrent use, one crawl of a source at a time.
type Crawler struct {
	deps     Deps
	cfg      Config
	log      *slog.Logger
	frontier *frontier
	known    *knownThings
	browser  *Browser
}

// New makes a crawler. Chromium is started when the first page needs it.
func New(ctx context.Context, deps Deps, cfg Config, log *slog.Logger) (*Crawler, error) {
	cfg = withDefaults(cfg)
	f, err := openFrontier(ctx, deps.Store)
	if err != nil {
		return nil, fmt.Errorf("open the crawl's frontier: %w", err)
	}
	k, err := openKnown(ctx, deps.Store)
	if err != nil {
		return nil, fmt.Errorf("open what earlier crawls know: %w", err)
	}
	return &Crawler{deps: deps, cfg: cfg, log: log, frontier: f, known: k, browser: newBrowser(cfg, deps.Fetch, log)}, nil
}

func withDefaults(c Config) Config {
	set := func(v *int, to int) {
		if *v <= 0 {
			*v = to
		}
	}
	set(&c.Workers, 4)
	set(&c.Tabs, 2)
	set(&c.Recycle, 300)
	set(&c.MaxPages, 20000)
	set(&c.Attempts, 2)
	if c.Timeout <= 0 {
		c.Timeout = 30 * time.Second
	}
	return c
}

// Close ends Chromium.
func (c *Crawler) Close() { c.browser.Close() }

// Chromium is the path of the browser pages are rendered with; "" and why when there is none.
func (c *Crawler) Chromium() (path string, err error) { return c.browser.path() }

// Crawl crawls one source to its end, or goes on with a crawl that was cut off. progress may be nil; it is called often.
// Things that are known and unchanged are not asked for again, unless full says so.
func (c *Crawler) Crawl(ctx context.Context, source string, full bool, progress func(Progress)) (Report, error) {
	src, ok := c.deps.Sources[source]
	if !ok {
		return Report{}, fmt.Errorf("%q: %w", source, ErrUnknownSource)
	}
	info := src.Info()
	if info.NeedsKey && c.deps.Keys[source] == "" {
		return Report{}, fmt.Errorf("%s: %w without its key: set sources.%s.key", source, sellers.ErrRefused, source)
	}
	w := &walk{c: c, src: src, info: info, full: full, report: progress, reasons: map[string]int{}, reread: map[ticket.PageKind]int{}}
	if err := w.open(ctx); err != nil {
		return Report{}, fmt.Errorf("crawl %s: %w", source, err)
	}
	err := w.enter(ctx)
	if err == nil {
		err = w.run(ctx)
	}
	if err == nil {
		if err = w.unlisted(ctx); err == nil {
			err = w.run(ctx)
		}
	}
	out := w.summary()
	if err == nil {
		return out, c.frontier.finish(ctx, w.crawl)
	}
	return out, fmt.Errorf("crawl %s: %w", source, err)
}

// walk is one crawl under way.
type walk struct {
	c      *Crawler
	src    sellers.Source
	info   sellers.Info
	full   bool
	crawl  crawlDoc
	report func(Progress)

	mu      sync.Mutex // guards the rest
	wake    *sync.Cond
	doors   []entry // of a resumed crawl: asked for their cookies before, which this process does not have
	todo    []entry
	seen    map[string]bool
	known   map[string]knownThing // by hash of the request
	busy    int
	away    []refusal               // in a row, not yet final
	lists   int64                   // pages of them asked for
	torn    int64                   // and not read
	reread  map[ticket.PageKind]int // known things that were asked for again
	halted  error
	p       Progress
	reasons map[string]int
}

// open resumes the unfinished crawl of the source, or begins one.
func (w *walk) open(ctx context.Context) error {
	w.wake = sync.NewCond(&w.mu)
	doc, entries, err := w.c.frontier.unfinished(ctx, w.info.Name)
	if err != nil {
		return err
	}
	if w.full && doc.ID != "" && !doc.Full { // everything was asked for: what was cut off is part of that
		doc.Torn = true
		if err := w.c.frontier.finish(ctx, doc); err != nil {
			return err
		}
		doc, entries = crawlDoc{}, nil
	}
	now := w.c.deps.Now()
	fresh := doc.ID == ""
	if fresh {
		doc = crawlDoc{ID: rand.Text(), Source: w.info.Name, State: seeding, StartedAt: ticket.Instant(now), Full: w.full}
		if doc.Since, err = w.since(ctx, now); err != nil {
			return err
		}
		if err := w.c.frontier.begin(ctx, doc); err != nil {
			return err
		}
	}
	w.crawl, w.seen, w.full = doc, map[string]bool{}, doc.Full
	if w.known, err = w.c.known.of(ctx, w.info.Name); err != nil {
		return err
	}
	w.restore(entries)
	w.p.Source, w.p.StartedAt, w.p.Resumed = w.info.Name, doc.StartedAt, !fresh
	if doc.State == seeding {
		w.mu.Lock()
		err := w.add(ctx, w.start(now))
		w.mu.Unlock()
		if err != nil {
			return err
		}
		w.crawl.State = walking
		return w.c.frontier.save(ctx, w.crawl)
	}
	return nil
}

// restore takes up the requests of a crawl that was cut off.
func (w *walk) restore(entries []entry) {
	for _, e := range entries {
		w.seen[e.Hash] = true
		switch {
		case e.State == waiting:
			w.todo = append(w.todo, e)
		case e.Request.NoStore:
			w.doors = append(w.doors, e)
		case e.State == failed:
			w.p.Asked, w.p.Failed = w.p.Asked+1, w.p.Failed+1
		default:
			w.p.Asked++
		}
	}
}

// add notes requests that were not asked before, first in the store, then here. The caller holds mu.
func (w *walk) add(ctx context.Context, reqs []sellers.Request) error {
	var fresh []entry
	var named []knownThing
	for _, r := range reqs {
		e := newEntry(w.crawl, r, len(w.seen)+1)
		if w.seen[e.Hash] {
			continue
		}
		if thing, ask := w.judge(e); thing.ID != "" {
			w.known[e.Hash] = thing
			named = append(named, thing)
			if !ask {
				continue
			}
		}
		if len(w.seen) >= w.c.cfg.MaxPages {
			if err := w.tear(ctx); err != nil {
				return err
			}
			continue
		}
		w.seen[e.Hash] = true
		fresh = append(fresh, e)
	}
	if err := w.c.known.put(ctx, named...); err != nil {
		return err
	}
	if err := w.c.frontier.put(ctx, fresh...); err != nil {
		return err
	}
	w.todo = append(w.todo, fresh...)
	return nil
}

// enter opens the sessions of a resumed crawl anew, before anybody asks within them.
func (w *walk) enter(ctx context.Context) error {
	for _, e := range w.doors {
		if err := w.visit(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// run lets the workers walk until nothing waits and nobody works. A halt (the queue or the store fails, ctx ends) leaves
// the frontier as it is, for the next run to go on with.
func (w *walk) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { w.halt(ctx.Err()) })
	defer stop()
	var workers sync.WaitGroup
	for range w.c.cfg.Workers {
		workers.Go(func() {
			for {
				e, ok := w.next()
				if !ok {
					return
				}
				err := w.visit(ctx, e)
				w.done(err)
			}
		})
	}
	workers.Wait()
	if w.halted != nil {
		return w.halted
	}
	return w.settleAway(ctx)
}

func (w *walk) next() (entry, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.todo) == 0 && w.busy > 0 && w.halted == nil {
		w.wake.Wait()
	}
	if len(w.todo) == 0 || w.halted != nil {
		w.wake.Broadcast()
		return entry{}, false
	}
	e := w.todo[0]
	w.todo = w.todo[1:]
	w.busy++
	return e, true
}

func (w *walk) done(err error) {
	w.mu.Lock()
	w.busy--
	if err != nil && w.halted == nil {
		w.halted = err
	}
	w.wake.Broadcast()
	p := w.snapshot()
	w.mu.Unlock()
	if w.report != nil {
		w.report(p)
	}
}

// summary is what the crawl did so far.
func (w *walk) summary() Report {
	w.mu.Lock()
	out := Report{Progress: w.snapshot(), Run: w.crawl.ID, Whole: !w.crawl.Torn && w.crawl.Since.IsZero(), Partly: !w.crawl.Since.IsZero(), Lists: w.lists, Torn: w.torn}
	for _, t := range w.known {
		switch {
		case t.ListedAt.Before(w.crawl.StartedAt):
		case t.listed():
			out.Listed++
		case t.named():
			out.Noticed++
		}
	}
	w.mu.Unlock()
	out.Notes = w.notes()
	return out
}

func (w *walk) halt(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.halted == nil {
		w.halted = err
	}
	w.wake.Broadcast()
}

func (w *walk) snapshot() Progress {
	p := w.p
	p.Waiting = int64(len(w.todo) + w.busy)
	return p
}
