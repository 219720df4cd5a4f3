package web

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"ticketmoa/web/answer"
	"ticketmoa/web/problem"
)

// policy allows nothing but our own files: no inline script or style, no foreign host, no frame.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'; worker-src 'self'"

const maxBody = "64K"

// middleware is the chain, outermost first.
func (s *Server) middleware() []echo.MiddlewareFunc {
	return []echo.MiddlewareFunc{s.logged, s.headers, s.recovered, crossOrigin(), limitBody(), answer.Compress}
}

// logged gives every request an id and, when somebody listens, one line.
func (s *Server) logged(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := rand.Text()
		c.Response().Header()[echo.HeaderXRequestID] = []string{id}
		if !s.log.Enabled(c.Request().Context(), slog.LevelDebug) {
			if err := next(c); err != nil {
				c.Error(err)
			}
			return nil
		}
		start := time.Now()
		if err := next(c); err != nil {
			c.Error(err)
		}
		s.log.Debug("request", "request_id", id, "method", c.Request().Method, "route", c.Path(), "status", c.Response().Status,
			"dur_ms", time.Since(start).Milliseconds())
		return nil
	}
}

// headers sends what every answer carries. The values are shared by all answers: who wants others must set new ones.
func (s *Server) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		for _, one := range s.always {
			h[one.name] = one.value
		}
		return next(c)
	}
}

type header struct {
	name  string // in its canonical form
	value []string
}

func alwaysSent(secure bool) []header {
	all := []header{
		{"Content-Security-Policy", []string{policy}},
		{"X-Content-Type-Options", []string{"nosniff"}},
		{"Referrer-Policy", []string{"strict-origin-when-cross-origin"}},
		{"Permissions-Policy", []string{"geolocation=(), camera=(), microphone=()"}},
		{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
		{"Vary", []string{"Accept-Encoding"}},
	}
	if secure {
		all = append(all, header{"Strict-Transport-Security", []string{"max-age=31536000"}})
	}
	return all
}

// recovered turns a panic into an error with its stack in the log.
func (s *Server) recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if p := recover(); p != nil {
				if e, ok := p.(error); ok && errors.Is(e, http.ErrAbortHandler) {
					panic(p)
				}
				s.log.Error("handler panicked", "route", c.Path(), "panic", p, "stack", string(debug.Stack()))
				err = fmt.Errorf("handler panicked: %v", p)
			}
		}()
		return next(c)
	}
}

// crossOrigin refuses what another site's page makes a browser send.
func crossOrigin() echo.MiddlewareFunc {
	protection := http.NewCrossOriginProtection()
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := protection.Check(c.Request()); err != nil {
				return problem.New(http.StatusForbidden, "다른 사이트에서 온 요청은 받지 않습니다.")
			}
			return next(c)
		}
	}
}

// limitBody refuses a body that is too large, where there is one.
func limitBody() echo.MiddlewareFunc {
	limit := middleware.BodyLimit(maxBody)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if c.Request().ContentLength == 0 { // -1 is a body of unknown length
				return next(c)
			}
			return limit(next)(c)
		}
	}
}

// headIsGet answers HEAD wherever GET is answered, but where a GET changes something. net/http keeps the body back.
func headIsGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead && r.URL.Path != "/admin/setup" {
			r = r.Clone(r.Context())
			r.Method = http.MethodGet
			r.Header.Set("Purpose", "prefetch") // nobody sees a page without a body: it must not count as seen
		}
		next.ServeHTTP(w, r)
	})
}
