package answer

import (
	"mime"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/labstack/echo/v4"
)

// Compress is the middleware that compresses what handlers write on their own way: text from 1 KB on, for clients that
// take it. Who says how long the body is, or how it is coded, has decided already, and is left alone.
func Compress(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !wantsGzip(c.Request()) {
			return next(c)
		}
		res := c.Response()
		w := &writer{ResponseWriter: res.Writer}
		res.Writer = w
		defer func() {
			res.Writer = w.ResponseWriter // a handler that failed is answered by somebody else, and not through w
			w.finish()
		}()
		return next(c)
	}
}

// writer holds back the head and the first kilobyte of an answer, until it is known how the body goes.
type writer struct {
	http.ResponseWriter
	status  int // 0 until the handler names it
	held    []byte
	decided bool
	zip     *gzip.Writer // nil: the body goes as it is
}

// Unwrap is for http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *writer) WriteHeader(status int) {
	if status < http.StatusOK && status != http.StatusSwitchingProtocols { // there is another to come
		w.ResponseWriter.WriteHeader(status)
		return
	}
	if w.status != 0 {
		return
	}
	w.status = status
	h := w.Header()
	if status < http.StatusOK || status == http.StatusNoContent || status == http.StatusNotModified || h.Get("Content-Length") != "" ||
		h.Get("Content-Encoding") != "" || h.Get("Content-Range") != "" {
		w.start(false)
	}
}

func (w *writer) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if w.decided {
		return w.pass(p)
	}
	if len(w.held)+len(p) < minSize {
		w.held = append(w.held, p...)
		return len(p), nil
	}
	w.start(w.isText(p))
	return w.pass(p)
}

func (w *writer) pass(p []byte) (int, error) {
	if w.zip != nil {
		return w.zip.Write(p)
	}
	return w.ResponseWriter.Write(p)
}

// isText tells whether a body of this type gets smaller. p is its continuation, for when nobody said what type it has.
func (w *writer) isText(p []byte) bool {
	kind := w.Header().Get("Content-Type")
	if kind == "" {
		kind = http.DetectContentType(append(w.held, p...))
		w.Header().Set("Content-Type", kind)
	}
	kind, _, err := mime.ParseMediaType(kind)
	return err == nil && (strings.HasPrefix(kind, "text/") && kind != "text/event-stream" || strings.HasSuffix(kind, "json") || strings.HasSuffix(kind, "xml") || strings.HasSuffix(kind, "javascript"))
}

// start sends the head and what was held back.
func (w *writer) start(compress bool) {
	w.decided = true
	if compress {
		h := w.Header()
		h["Content-Encoding"] = gzipped
		if tag := h.Get("Etag"); tag != "" && !strings.HasPrefix(tag, "W/") {
			h.Set("Etag", "W/"+tag) // these are other bytes than those of a strong tag
		}
		w.zip = writerTo(w.ResponseWriter, otherLevel)
	}
	w.ResponseWriter.WriteHeader(w.status)
	if len(w.held) > 0 {
		_, _ = w.pass(w.held) // the connection's error comes again with the next write
	}
	w.held = nil
}

// Flush sends what there is. An answer that is flushed before its first kilobyte is a stream, and goes as it is.
func (w *writer) Flush() {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if !w.decided {
		w.start(false)
	}
	if w.zip != nil {
		_ = w.zip.Flush()
	}
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

// finish sends what is still held back. An answer nobody began stays unbegun: an error is to be answered.
func (w *writer) finish() {
	if w.status != 0 && !w.decided {
		w.start(false)
	}
	if w.zip != nil {
		_ = w.zip.Close()
		giveBack(w.zip, otherLevel)
	}
}
