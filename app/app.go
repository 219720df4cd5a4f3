// Package app builds the program and keeps its lifetime: it wires the modules together in the order in which data flows
// and hands them to web. It holds no business rules. New is the map of the system.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ticketmoa/modules/auth"
	"ticketmoa/modules/catalog"
	"ticketmoa/modules/crawl"
	"ticketmoa/modules/drift"
	"ticketmoa/modules/etl"
	"ticketmoa/modules/events"
	"ticketmoa/modules/lake"
	"ticketmoa/modules/ocr"
	"ticketmoa/modules/outbound"
	"ticketmoa/modules/popular"
	"ticketmoa/modules/queue"
	"ticketmoa/modules/recommend"
	"ticketmoa/modules/schedule"
	"ticketmoa/modules/search"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/fixtures"
	"ticketmoa/modules/sellers/interpark"
	"ticketmoa/modules/sellers/kopis"
	"ticketmoa/modules/sellers/melon"
	"ticketmoa/modules/sellers/ticketlink"
	"ticketmoa/modules/sellers/yes24"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// Hooks let tests stand where the program's own parts meet. The zero value changes nothing.
type Hooks struct {
	Stage func(name string, p *ticket.Page) // as each stage of the ETL begins
	Now   func() time.Time

	Sources map[string]sellers.Source // stand in for the program's own of the same name: a parser of another day

	OfferBase map[string]string // offers of these hosts lead to other addresses: a demo's
}

// App is the built program. The order of its fields is the order in which data flows.
type App struct {
	cfg     *Config
	log     *slog.Logger
	now     func() time.Time
	lock    *os.File
	sources map[string]sellers.Source // every known source

	store       store.Store
	bucket      lake.Bucket
	outbound    *outbound.Client
	pages       *queue.Queue
	pictureLog  *queue.Queue
	eventLog    *queue.Queue
	crawler     *crawl.Crawler
	catalog     *catalog.Catalog
	pictures    *ocr.Reader
	etl         *etl.ETL
	guard       *drift.Guard
	backlog     func() uint64
	search      *search.Index
	recommend   *recommend.Recommender
	recorder    *events.Recorder
	viewers     *events.Viewers
	sink        *events.Sink
	popular     *popular.Popular
	auth        *auth.Auth
	jobs        *schedule.Scheduler
	history     *history
	watchers    sync.Map      // source → func(crawl.Progress) of the command that crawls it
	complete    sync.Map      // source → its next crawl asks for everything, known or not
	underway    sync.Map      // source → crawl.Progress of the crawl under way
	ailing      sync.Map      // source → ailment: its last crawl failed
	worked      atomic.Uint64 // jobs that ended
	noTesseract error         // why no pictures are read
	demo        bool          // simulated sellers: the pages say so
	rereads     chan *reread
}

// allSources are the sources the program knows, switched on or not.
func allSources() map[string]sellers.Source {
	out := map[string]sellers.Source{}
	for _, s := range []sellers.Source{kopis.New(), interpark.New(), yes24.New(), ticketlink.New(), melon.New(), fixtures.New()} {
		out[s.Info().Name] = s
	}
	return out
}

// New builds every module in data-flow order. Only one process can own data.dir: errOwned says that another does.
func New(ctx context.Context, cfg *Config, hooks Hooks, log *slog.Logger) (built *App, err error) {
	a := &App{cfg: cfg, log: log, now: hooks.Now, sources: allSources(), demo: hooks.OfferBase != nil, rereads: make(chan *reread)}
	maps.Copy(a.sources, hooks.Sources)
	if a.now == nil {
		a.now = time.Now
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if a.lock, err = lockDir(cfg.Data.Dir); err != nil {
		return nil, err
	}
	if a.store, err = store.Open(ctx, cfg.Store.URL, a.path("ticketmoa.db"), log); err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	if a.bucket, err = lake.Open(ctx, cfg.Lake.URL, a.path("lake"), log); err != nil {
		return nil, fmt.Errorf("open the lake: %w", err)
	}
	a.outbound = outbound.New(outbound.Config{UserAgent: cfg.Crawl.UserAgent, MaxBytes: cfg.Crawl.MaxBytes, Hosts: a.hostRules()}, a.now, log)
	if err = a.openQueues(); err != nil {
		return nil, err
	}
	if a.crawler, err = a.newCrawler(ctx); err != nil {
		return nil, err
	}
	if a.catalog, err = catalog.New(ctx, a.store, log); err != nil {
		return nil, err
	}
	if err = a.openPictures(ctx); err != nil {
		return nil, err
	}
	if err = a.openETL(ctx, hooks); err != nil {
		return nil, err
	}
	if a.guard, err = drift.New(ctx, a.catalog, a.store, a.now, log); err != nil {
		return nil, err
	}
	if a.auth, err = auth.New(ctx, a.store, a.now); err != nil {
		return nil, err
	}
	if err = a.openSearch(ctx); err != nil {
		return nil, err
	}
	if err = a.openEvents(ctx); err != nil {
		return nil, err
	}
	if a.recommend, err = recommend.New(ctx, recommend.Deps{Source: a.catalog, Missing: catalog.ErrNotFound, Board: board{a.popular}, Store: a.store, Now: a.now}, log); err != nil {
		return nil, err
	}
	if a.history, err = openHistory(ctx, a.store); err != nil {
		return nil, err
	}
	a.jobs, err = schedule.New(a.jobTable(), a.history, a.now, log)
	return a, err
}

// openETL builds what empties the queue of pages.
func (a *App) openETL(ctx context.Context, hooks Hooks) error {
	consumer, err := a.pages.Consumer("etl")
	if err != nil {
		return fmt.Errorf("open the queue's reader: %w", err)
	}
	a.backlog = consumer.Backlog
	a.etl, err = etl.New(ctx, etl.Deps{Pages: consumer, Bucket: a.bucket, Sources: a.sources, Catalog: a.catalog,
		Store: a.store, Strips: strips{a}, Bury: newGraveyard(a.bucket, "pages", a.cfg.Queue.DeadLetters).bury, Stage: hooks.Stage},
		etl.Config{OfferBase: hooks.OfferBase, MaxPage: int(a.cfg.Crawl.MaxBytes)}, a.log)
	return err
}

func (a *App) newCrawler(ctx context.Context) (*crawl.Crawler, error) {
	c := a.cfg.Crawl
	return crawl.New(ctx, crawl.Deps{Sources: a.enabled(), Keys: a.keys(), Fetch: a.outbound, Queue: a.patient(), Store: a.store, Now: a.now},
		crawl.Config{Workers: c.Workers, Tabs: c.Tabs, Timeout: c.Timeout, Chromium: c.Chromium, MaxPages: c.MaxPages, Refresh: c.Refresh, Sample: sampled}, a.log)
}

// Close gives everything back, in the order opposite to New's.
func (a *App) Close() error {
	var errs []error
	if a.jobs != nil {
		a.jobs.Close()
	}
	if a.crawler != nil {
		a.crawler.Close()
	}
	errs = append(errs, a.closeQueues())
	if a.outbound != nil {
		a.outbound.Close()
	}
	if a.store != nil {
		errs = append(errs, a.store.Close())
	}
	if a.lock != nil {
		errs = append(errs, a.lock.Close())
	}
	return errors.Join(errs...)
}

func (a *App) path(name string) string {
	return filepath.Join(a.cfg.Data.Dir, filepath.FromSlash(name))
}

// enabled are the sources the operator switched on.
func (a *App) enabled() map[string]sellers.Source {
	out := map[string]sellers.Source{}
	for name, s := range a.sources {
		if a.cfg.Sources[name].Enabled {
			out[name] = s
		}
	}
	return out
}

func (a *App) keys() map[string]string {
	out := map[string]string{}
	for name, s := range a.cfg.Sources {
		out[name] = s.Key
	}
	return out
}

// hostRules is the allow-list: the hosts of the enabled sources and nothing else.
func (a *App) hostRules() map[string]outbound.Host {
	rules := map[string]outbound.Host{}
	for name, src := range a.enabled() {
		s := a.cfg.Sources[name]
		for _, host := range src.Info().Hosts {
			rules[strings.ToLower(host)] = outbound.Host{Replacement: s.Hosts[host], Rate: s.Rate, Concurrency: s.Concurrency, Robots: s.Robots == "obey"}
		}
	}
	for name, src := range a.enabled() {
		a.pictureHosts(rules, src.Info(), a.cfg.Sources[name])
	}
	return rules
}
