// Package web is everything HTTP: the server, its middleware, the pages and the JSON API. It asks the rest of the program
// only through the small interfaces its parts declare.
package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"ticketmoa/web/admin"
	"ticketmoa/web/answer"
	"ticketmoa/web/api"
	"ticketmoa/web/site"
)

// Config are the settings.
type Config struct {
	Addr   string
	Secure bool // people reach the site over https
}

// Deps are what the server answers from.
type Deps struct {
	API   api.Deps
	Site  site.Deps
	Admin admin.Deps
	Ready func(ctx context.Context) error // nil when everything a request needs is there
	// Degraded says what does not work although requests are answered: a queue that cannot write, damaged files.
	Degraded func() []string
}

// Server serves until it is stopped.
type Server struct {
	cfg      Config
	deps     Deps
	log      *slog.Logger
	http     *http.Server
	listener net.Listener
	stopping atomic.Bool
	always   []header
}

// New reads every template and binds the address, so that a broken page or a taken port is known at once.
func New(ctx context.Context, cfg Config, deps Deps, log *slog.Logger) (*Server, error) {
	s := &Server{cfg: cfg, deps: deps, log: log, always: alwaysSent(cfg.Secure)}
	e, err := s.routes()
	if err != nil {
		return nil, err
	}
	s.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("listen on http.addr %s: %w", cfg.Addr, err)
	}
	s.http = &http.Server{
		Handler: headIsGet(e), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: 60 * time.Second, MaxHeaderBytes: 32 << 10,
		ConnContext: answer.ConnContext,
		ErrorLog:    slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	return s, nil
}

// Addr is the address really listened on.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Run serves until ctx ends, then refuses new requests, lets those under way finish for up to ten seconds, and returns.
func (s *Server) Run(ctx context.Context) error {
	failed := make(chan error, 1)
	go func() { failed <- s.http.Serve(answer.Pieces(s.listener)) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	s.stopping.Store(true)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := s.http.Shutdown(last)
	if serr := <-failed; err == nil && !errors.Is(serr, http.ErrServerClosed) {
		err = serr
	}
	if err != nil {
		return fmt.Errorf("stop serving: %w", err)
	}
	return nil
}

// Close gives the address back when Run was never called.
func (s *Server) Close() { _ = s.listener.Close() } // closing a closed listener is all that can fail

func (s *Server) healthz(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}

func (s *Server) readyz(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), time.Second)
	defer cancel()
	c.Response().Header().Set("Cache-Control", "no-store")
	err := s.deps.Ready(ctx)
	if s.stopping.Load() {
		err = errors.New("stopping")
	}
	if err != nil {
		return c.JSON(http.StatusServiceUnavailable, map[string]string{"status": "not ready", "reason": err.Error()})
	}
	answer := map[string]any{"status": "ready"}
	if s.deps.Degraded != nil {
		if what := s.deps.Degraded(); len(what) > 0 {
			answer["degraded"] = what
		}
	}
	return c.JSON(http.StatusOK, answer)
}
