package events

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"ticketmoa/modules/lake"
)

// fault is what happens to one request. nil is nothing.
type fault func(f *faulty, w http.ResponseWriter, r *http.Request)

// faulty is an S3 server that fails as it is told.
type faulty struct {
	*httptest.Server
	inner http.Handler

	mu       sync.Mutex
	choose   func(r *http.Request) fault
	requests map[string]int // by method and path
	failed   int
}

func newFaulty(t *testing.T) *faulty {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("lake"); err != nil {
		t.Fatal(err)
	}
	f := &faulty{inner: gofakes3.New(backend, gofakes3.WithTimeSkewLimit(0)).Server(), requests: map[string]int{}}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
	return f
}

func (f *faulty) open(t *testing.T) lake.Bucket {
	t.Helper()
	b, err := lake.Open(t.Context(), "s3://lake?endpoint="+f.URL, "", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (f *faulty) set(choose func(r *http.Request) fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.choose = choose
}

func (f *faulty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.requests[r.Method+" "+r.URL.Path]++
	var now fault
	if f.choose != nil {
		now = f.choose(r)
	}
	if now != nil {
		f.failed++
	}
	f.mu.Unlock()
	if now == nil {
		now = (*faulty).pass
	}
	now(f, w, r)
}

func (f *faulty) pass(w http.ResponseWriter, r *http.Request) { f.inner.ServeHTTP(w, r) }

func hangUp(w http.ResponseWriter) {
	if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
		_ = c.Close()
	}
}

// The faults.
func answer(code int, name string) fault {
	return func(_ *faulty, w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(code)
		if r.Method != http.MethodHead {
			fmt.Fprintf(w, `<?xml version="1.0"?><Error><Code>%s</Code><Message>made up</Message></Error>`, name)
		}
	}
}

// storedButSilent does the work and lets nobody know.
func storedButSilent(f *faulty, w http.ResponseWriter, r *http.Request) {
	f.pass(httptest.NewRecorder(), r)
	hangUp(w)
}

// cutAt takes k bytes of the body and hangs up.
func cutAt(k int64) fault {
	return func(_ *faulty, w http.ResponseWriter, r *http.Request) {
		_, _ = io.CopyN(io.Discard, r.Body, k)
		hangUp(w)
	}
}

// spoilt changes a bit of what is stored and says that all is well.
func spoilt(f *faulty, w http.ResponseWriter, r *http.Request) {
	rec := httptest.NewRecorder()
	f.pass(rec, r)
	if rec.Code == http.StatusOK {
		path := r.URL.Path
		get := httptest.NewRecorder()
		f.inner.ServeHTTP(get, httptest.NewRequest(http.MethodGet, path, nil))
		body := get.Body.Bytes()
		body[len(body)/3] ^= 4
		again := httptest.NewRequest(http.MethodPut, path, bytes.NewReader(body))
		again.Header.Set("Content-Length", strconv.Itoa(len(body)))
		f.inner.ServeHTTP(httptest.NewRecorder(), again)
	}
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
}

// spoiltOnTheWay changes a bit of an answer.
func spoiltOnTheWay(f *faulty, w http.ResponseWriter, r *http.Request) {
	rec := httptest.NewRecorder()
	f.pass(rec, r)
	for k, v := range rec.Header() {
		if !strings.HasPrefix(strings.ToLower(k), "x-amz-checksum") {
			w.Header()[k] = v
		}
	}
	body := rec.Body.Bytes()
	if len(body) > 0 && rec.Code == http.StatusOK {
		body[len(body)/2] ^= 1
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write(body)
}

// slow lets a body through in drops.
func slow(f *faulty, w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<24))
	for range min(len(body)/1024, 20) {
		time.Sleep(100 * time.Microsecond)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	f.pass(w, r)
}

func object(r *http.Request) bool { return strings.Contains(r.URL.Path, "/events/date=") }

func put(r *http.Request) bool { return object(r) && r.Method == http.MethodPut }

// firstPuts makes the first n uploads of every key fail.
func firstPuts(n int, is func(i int) fault) func(r *http.Request) fault {
	seen := map[string]int{}
	return func(r *http.Request) fault {
		if !put(r) {
			return nil
		}
		seen[r.URL.Path]++
		if i := seen[r.URL.Path]; i <= n {
			return is(i)
		}
		return nil
	}
}
