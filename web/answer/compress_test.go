package answer

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

// TestCompress: which answers of handlers that know nothing of it are compressed.
func TestCompress(t *testing.T) {
	t.Parallel()
	blob := func(status int, kind, body string, header ...string) echo.HandlerFunc {
		return func(c echo.Context) error {
			for i := 0; i+1 < len(header); i += 2 {
				c.Response().Header().Set(header[i], header[i+1])
			}
			return c.Blob(status, kind, []byte(body))
		}
	}
	for name, tc := range map[string]struct {
		h      echo.HandlerFunc
		accept string
		packed bool
		body   string
	}{
		"html":               {blob(200, "text/html; charset=utf-8", long), "gzip", true, long},
		"json":               {blob(200, "application/json", long), "br, gzip", true, long},
		"a problem":          {blob(404, "application/problem+json", long), "gzip", true, long},
		"svg":                {blob(200, "image/svg+xml", long), "gzip", true, long},
		"nobody says what":   {func(c echo.Context) error { _, err := c.Response().Write([]byte("<html>" + long)); return err }, "gzip", true, "<html>" + long},
		"not wanted":         {blob(200, "text/html", long), "", false, long},
		"refused":            {blob(200, "text/html", long), "gzip;q=0", false, long},
		"short":              {blob(200, "text/html", "kurz"), "gzip", false, "kurz"},
		"an image":           {blob(200, "image/png", long), "gzip", false, long},
		"a stream of events": {blob(200, "text/event-stream", long), "gzip", false, long},
		"coded already":      {blob(200, "text/html", long, "Content-Encoding", "br"), "gzip", false, long},
		"its length is said": {blob(200, "text/html", "kurz", "Content-Length", "4"), "gzip", false, "kurz"},
		"part of it":         {blob(206, "text/html", long, "Content-Range", "bytes 0-9/99"), "gzip", false, long},
		"nothing":            {func(c echo.Context) error { return c.NoContent(http.StatusNoContent) }, "gzip", false, ""},
		"not modified":       {func(c echo.Context) error { return c.NoContent(http.StatusNotModified) }, "gzip", false, ""},
		"a redirect":         {func(c echo.Context) error { return c.Redirect(302, "/") }, "gzip", false, ""},
		"in small pieces": {func(c echo.Context) error {
			c.Response().Header().Set("Content-Type", "text/plain")
			for _, r := range long {
				if _, err := c.Response().Write([]byte(string(r))); err != nil {
					return err
				}
			}
			return nil
		}, "gzip", true, long},
	} {
		w := serve(tc.h, request("Accept-Encoding", tc.accept))
		body := w.Body.Bytes()
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != tc.packed {
			t.Errorf("%s: %v", name, w.Header())
			continue
		}
		if tc.packed {
			body = unpack(t, body)
		}
		if string(body) != tc.body {
			t.Errorf("%s: %d bytes, want %d", name, len(body), len(tc.body))
		}
	}
	strong := serve(blob(200, "text/html", long, "Etag", `"x"`), request("Accept-Encoding", "gzip"))
	if got := strong.Header().Get("Etag"); got != `W/"x"` {
		t.Errorf("a strong tag stays on other bytes: %s", got)
	}
}

// TestCompressFails: an error of a handler that wrote nothing is still to be answered, and its answer is not compressed twice.
func TestCompressFails(t *testing.T) {
	t.Parallel()
	w := serve(func(echo.Context) error { return echo.NewHTTPError(http.StatusTeapot, long) }, request("Accept-Encoding", "gzip"))
	if w.Code != http.StatusTeapot || w.Header().Get("Content-Encoding") != "" || !strings.Contains(w.Body.String(), "티켓모아") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	func() {
		defer func() { _ = recover() }()
		w = serve(func(echo.Context) error { panic(errors.New("broken")) }, request("Accept-Encoding", "gzip"))
		t.Error("the panic was swallowed")
	}()
}

// TestCompressFlush: what is flushed arrives at once, and a stream that begins small goes as it is.
func TestCompressFlush(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	c := echo.New().NewContext(request("Accept-Encoding", "gzip"), w)
	h := Compress(func(c echo.Context) error {
		c.Response().Header().Set("Content-Type", "text/plain")
		_, _ = c.Response().Write([]byte("one"))
		c.Response().Flush()
		if w.Body.String() != "one" || !w.Flushed {
			t.Errorf("flushed %v: %q", w.Flushed, w.Body)
		}
		_, err := c.Response().Write([]byte(long))
		return err
	})
	if err := h(c); err != nil || w.Header().Get("Content-Encoding") != "" || w.Body.String() != "one"+long {
		t.Errorf("%v %v", err, w.Header())
	}
	w = httptest.NewRecorder()
	c = echo.New().NewContext(request("Accept-Encoding", "gzip"), w)
	h = Compress(func(c echo.Context) error {
		c.Response().Header().Set("Content-Type", "text/plain")
		_, _ = c.Response().Write([]byte(long))
		c.Response().Flush()
		sent := w.Body.Len()
		_, err := c.Response().Write([]byte(long))
		if sent < 20 || !w.Flushed {
			t.Errorf("only %d bytes after the flush", sent)
		}
		return err
	})
	if err := h(c); err != nil || string(unpack(t, w.Body.Bytes())) != long+long {
		t.Errorf("%v %v", err, w.Header())
	}
}

// BenchmarkLevels prints what each level makes of a text.
func BenchmarkLevels(b *testing.B) {
	text := []byte(strings.Repeat(long, 8))
	for _, level := range []int{1, 3, 5, 6, 9} {
		b.Run(string(rune('0'+level)), func(b *testing.B) {
			var out []byte
			for b.Loop() {
				out = pack(out[:0], text, level)
			}
			b.ReportMetric(float64(len(out)), "bytes")
		})
	}
}
