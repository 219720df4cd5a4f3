package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/catalog"
	"ticketmoa/modules/events"
	"ticketmoa/modules/queue"
	"ticketmoa/modules/search"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
	"ticketmoa/web"
	"ticketmoa/web/admin"
	"ticketmoa/web/api"
	"ticketmoa/web/params"
	"ticketmoa/web/site"
	"ticketmoa/web/track"
)

// serve is the child: it serves until it is interrupted, and says where. profile names a file, or is "".
func serve(server, profile string) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	dir, err := os.MkdirTemp("", "versus")
	check(err)
	defer os.RemoveAll(dir)
	s := newShelf()
	log := slog.New(slog.DiscardHandler)
	x := search.New(s, catalog.ErrNotFound, search.Config{Encode: api.Encode}, now, log)
	check(x.Load(ctx))
	if profile != "" {
		f, err := os.Create(profile)
		check(err)
		check(pprof.StartCPUProfile(f))
		defer f.Close()
		defer pprof.StopCPUProfile()
	}
	seen, record := recording(ctx, dir, log)
	defer record()
	switch server {
	case "bare":
		listen(ctx, bare(ctx, s, x, seen, log))
	case "handler":
		e := echo.New()
		api.Register(e.Group("/api/v1"), apiDeps(s, s.fixed(x), seen))
		listen(ctx, e)
	case "fixed":
		seen.Recorder = s
		shipped(ctx, s, s.fixed(x), x, seen, log)
	case "shipped":
		shipped(ctx, s, x, x, seen, log)
	default:
		check(errors.New("no server " + server))
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// recording is the real recorder on a real queue.
func recording(ctx context.Context, dir string, log *slog.Logger) (track.Log, func()) {
	st, err := store.Open(ctx, "", dir+"/versus.db", log)
	check(err)
	viewers, err := events.NewViewers(ctx, st, now, log)
	check(err)
	q, err := queue.Open(dir+"/events", queue.Config{}, log)
	check(err)
	rec := events.NewRecorder(events.Deps{Queue: q, Now: now}, events.Config{}, log)
	done := make(chan error, 1)
	go func() { done <- rec.Run(ctx) }()
	return track.Log{Recorder: rec, Viewers: viewers}, func() {
		check(errors.Join(<-done, q.Close(), st.Close()))
	}
}

func apiDeps(s *shelf, found api.Search, seen track.Log) api.Deps {
	return api.Deps{Catalog: s, Search: found, Similar: s, Popular: s, Entities: s, Events: reporter{seen.Recorder}, Track: seen, Now: now}
}

// reporter takes what the page sees; nobody reports anything here.
type reporter struct{ track.Recorder }

func (reporter) RecordNow(context.Context, []ticket.Event) error { return nil }

func listen(ctx context.Context, h http.Handler) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	check(err)
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = srv.Serve(l) }()
	fmt.Println(l.Addr())
	<-ctx.Done()
	_ = srv.Close()
}

// shipped is the server as it is shipped. found answers the API's lists.
func shipped(ctx context.Context, s *shelf, found api.Search, x *search.Index, seen track.Log, log *slog.Logger) {
	srv := newServer(ctx, s, found, x, seen, log)
	fmt.Println(srv.Addr())
	check(srv.Run(ctx))
}

func newServer(ctx context.Context, s *shelf, found api.Search, x *search.Index, seen track.Log, log *slog.Logger) *web.Server {
	sources := func() []site.SourceState { return nil }
	srv, err := web.New(ctx, web.Config{Addr: "127.0.0.1:0"}, web.Deps{
		API:   apiDeps(s, found, seen),
		Site:  site.Deps{Catalog: s, Search: x, Similar: s, Popular: s, Entities: s, Track: seen, Sources: sources, Now: now, Generation: x.Generation},
		Admin: admin.Deps{Sources: sources, Now: now},
		Ready: func(context.Context) error { return nil },
	}, log)
	check(err)
	return srv
}

// bare writes what the shipped server answers, and does nothing else.
func bare(ctx context.Context, s *shelf, x *search.Index, seen track.Log, log *slog.Logger) http.Handler {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	srv := newServer(ctx, s, s.fixed(x), x, seen, log)
	go func() { check(srv.Run(ctx)) }()
	stored := map[string]func(w http.ResponseWriter){}
	for path, from := range map[string]string{"/api/v1/performances": "/api/v1/performances", "/small": "/api/v1/performances?limit=4",
		"/html/list": "/search?genre=musical", "/html/detail": "/p/" + s.shows[7].ID} {
		_, body, err := once(srv.Addr(), []byte("GET "+from+" HTTP/1.1\r\nHost: localhost\r\n\r\n"))
		check(err)
		kind, length := "application/json", strconv.Itoa(len(body))
		if strings.HasPrefix(path, "/html/") {
			kind = "text/html; charset=utf-8"
		}
		stored[path] = func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Content-Length", length)
			_, _ = w.Write(body)
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { stored[r.URL.Path](w) })
}

// searchAlone times the searches of the filtered arm without any server, in this process.
func searchAlone() {
	s := newShelf()
	x := search.New(s, catalog.ErrNotFound, search.Config{Encode: api.Encode}, now, slog.New(slog.DiscardHandler))
	check(x.Load(context.Background()))
	for _, group := range [][]string{{""}, filteredQueries()} {
		var queries []search.Query
		for _, raw := range group {
			values, err := url.ParseQuery(raw)
			check(err)
			q, err := params.Search(values)
			check(err)
			q.Bodies = true
			queries = append(queries, q)
		}
		const times = 200
		start := processor()
		for i := range times {
			_, err := x.Search(queries[i%len(queries)], now())
			check(err)
		}
		fmt.Printf("the search itself, %d queries of %d kinds over %d shows: %.1f µs each\n", times, len(queries), howMany, float64(processor()-start)/1e3/times)
	}
}

// processor is the CPU time of this process so far.
func processor() time.Duration {
	var u syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
