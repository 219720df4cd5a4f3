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
	"net/http"
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
	Attempts int           // of one request before it counts as failed; 0 is 2
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
	Source  string
	Asked   int64 // requests that reached a final state
	Waiting int64
	Stored  int64
	Failed  int64
	Resumed bool
}

// Report is what a crawl did.
type Report struct {
	Progress
	Notes []string // reasons of failures, each once with its count
}

// Crawler crawls sources. It is safe for concurrent use, one crawl of a source at a time.
type Crawler struct {
	deps     Deps
	cfg      Config
	log      *slog.Logger
	frontier *frontier
	browser  *Browser
}

// New makes a crawler. Chromium is started when the first page needs it.
func New(ctx context.Context, deps Deps, cfg Config, log *slog.Logger) (*Crawler, error) {
	cfg = withDefaults(cfg)
	f, err := openFrontier(ctx, deps.Store)
	if err != nil {
		return nil, fmt.Errorf("open the crawl's frontier: %w", err)
	}
	return &Crawler{deps: deps, cfg: cfg, log: log, frontier: f, browser: newBrowser(cfg, deps.Fetch, log)}, nil
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
func (c *Crawler) Crawl(ctx context.Context, source string, progress func(Progress)) (Report, error) {
	src, ok := c.deps.Sources[source]
	if !ok {
		return Report{}, fmt.Errorf("%q: %w", source, ErrUnknownSource)
	}
	info := src.Info()
	if info.NeedsKey && c.deps.Keys[source] == "" {
		return Report{}, fmt.Errorf("%s: %w without its key: set sources.%s.key", source, sellers.ErrRefused, source)
	}
	w := &walk{c: c, src: src, info: info, report: progress, reasons: map[string]int{}}
	if err := w.open(ctx); err != nil {
		return Report{}, fmt.Errorf("crawl %s: %w", source, err)
	}
	err := w.run(ctx)
	out := Report{Progress: w.progress(), Notes: w.notes()}
	if err != nil {
		return out, fmt.Errorf("crawl %s: %w", source, err)
	}
	return out, c.frontier.finish(ctx, w.crawl)
}

// walk is one crawl under way.
type walk struct {
	c      *Crawler
	src    sellers.Source
	info   sellers.Info
	crawl  crawlDoc
	report func(Progress)

	mu      sync.Mutex
	wake    *sync.Cond
	todo    []entry
	seen    map[string]bool
	busy    int
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
	now := w.c.deps.Now()
	fresh := doc.ID == ""
	if fresh {
		doc = crawlDoc{ID: rand.Text(), Source: w.info.Name, State: seeding, StartedAt: ticket.Instant(now)}
		if err := w.c.frontier.begin(ctx, doc); err != nil {
			return err
		}
	}
	w.crawl, w.seen = doc, map[string]bool{}
	for _, e := range entries {
		w.seen[e.Hash] = true
		switch e.State {
		case waiting:
			w.todo = append(w.todo, e)
		case failed:
			w.p.Asked, w.p.Failed = w.p.Asked+1, w.p.Failed+1
		default:
			w.p.Asked++
		}
	}
	w.p.Source, w.p.Resumed = w.info.Name, !fresh
	if doc.State == seeding {
		w.mu.Lock()
		err := w.add(ctx, w.src.Start(now))
		w.mu.Unlock()
		if err != nil {
			return err
		}
		w.crawl.State = walking
		return w.c.frontier.save(ctx, w.crawl)
	}
	return nil
}

// add notes requests that were not asked before, first in the store, then here. The caller holds mu.
func (w *walk) add(ctx context.Context, reqs []sellers.Request) error {
	var fresh []entry
	for _, r := range reqs {
		e := newEntry(w.crawl, r, len(w.seen)+1)
		if w.seen[e.Hash] || len(w.seen) >= w.c.cfg.MaxPages {
			continue
		}
		w.seen[e.Hash] = true
		fresh = append(fresh, e)
	}
	if err := w.c.frontier.put(ctx, fresh...); err != nil {
		return err
	}
	w.todo = append(w.todo, fresh...)
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
	return w.halted
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

func (w *walk) progress() Progress {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.snapshot()
}

// visit asks one request and brings it to a final state. It returns an error only when the crawl cannot go on.
func (w *walk) visit(ctx context.Context, e entry) error {
	page, err := w.fetch(ctx, e.Request)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return w.settle(ctx, e, failed, err, nil)
	}
	if e.Request.NoStore {
		follow, err := w.src.Follow(page)
		return w.settle(ctx, e, done, err, follow)
	}
	payload, err := page.Encode()
	if err != nil {
		return w.settle(ctx, e, failed, err, nil)
	}
	if _, err := w.c.deps.Queue.Append(ctx, payload); err != nil {
		return fmt.Errorf("put %s on the queue: %w", page.URL, err)
	}
	w.mu.Lock()
	w.p.Stored++
	w.mu.Unlock()
	follow, err := w.src.Follow(page)
	return w.settle(ctx, e, done, err, follow)
}

// settle writes the follow-ups before the end state of what led to them, so that a kill between the two loses none.
func (w *walk) settle(ctx context.Context, e entry, state string, why error, follow []sellers.Request) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.add(ctx, follow); err != nil {
		return err
	}
	e.State = state
	if why != nil {
		e.Error = why.Error()
		w.reasons[reason(why)]++
		level := slog.LevelWarn
		if errors.Is(why, ErrNoChromium) {
			level = slog.LevelDebug // said once at the start and once in the report, not once a page
		}
		w.c.log.Log(ctx, level, "request failed", "source", w.info.Name, "url", e.Request.URL, "error", why)
	}
	w.p.Asked++
	if state == failed {
		w.p.Failed++
	}
	return w.c.frontier.put(ctx, e)
}

// fetch asks by plain HTTP or in a tab, and in a tab after all when the plain answer was an unrendered shell.
func (w *walk) fetch(ctx context.Context, r sellers.Request) (*ticket.Page, error) {
	var err error
	for range w.c.cfg.Attempts {
		var page *ticket.Page
		page, err = w.ask(ctx, r)
		if err != nil {
			if r.Browser && !errors.Is(err, ErrNoChromium) && ctx.Err() == nil {
				continue
			}
			return nil, err
		}
		if page.Status != http.StatusOK {
			return nil, outbound.StatusError{Status: page.Status}
		}
		if !r.Browser && r.Fallback {
			if _, perr := w.src.Parse(page); errors.Is(perr, sellers.ErrUnrendered) {
				r.Browser = true
				continue
			}
		}
		return page, nil
	}
	return nil, err
}

func (w *walk) ask(ctx context.Context, r sellers.Request) (*ticket.Page, error) {
	or := outbound.Request{Method: r.Method, URL: r.URL, Header: r.Header, Body: r.Body, Session: r.Session}
	if or.Session != "" {
		or.Session = w.crawl.ID + "/" + or.Session
	}
	if keyed, ok := w.src.(sellers.Keyed); ok {
		or.SecretURL = keyed.WithKey(r.URL, w.c.deps.Keys[w.info.Name])
	}
	page := &ticket.Page{Source: w.info.Name, Kind: r.Kind, Code: r.Code, URL: r.URL, Run: w.crawl.ID}
	var res *outbound.Response
	var err error
	if r.Browser {
		res, err = w.c.browser.Render(ctx, or, r.WaitFor, w.info.Hosts)
		page.Rendered = true
	} else {
		res, err = w.c.deps.Fetch.Do(ctx, or)
	}
	if err != nil {
		return nil, err
	}
	page.Status, page.Body, page.FetchedAt = res.Status, res.Body, ticket.Instant(res.At)
	page.Header = map[string]string{}
	for _, name := range []string{"Content-Type", "Last-Modified", "Etag"} {
		if v := res.Header.Get(name); v != "" {
			page.Header[name] = v
		}
	}
	return page, nil
}
