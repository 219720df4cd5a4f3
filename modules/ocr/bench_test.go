package ocr

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/ocr/engine"
	"ticketmoa/modules/outbound"
	"ticketmoa/modules/queue"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

var fetchedAt = time.Date(2025, 11, 10, 3, 0, 0, 0, time.UTC)

// site is a host of pictures.
type site struct {
	*httptest.Server
	mu    sync.Mutex
	files map[string]func() (status int, body []byte)
	asked map[string]int
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{files: map[string]func() (int, []byte){}, asked: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked[r.URL.Path]++
		file := s.files[r.URL.Path]
		s.mu.Unlock()
		if file == nil {
			http.NotFound(w, r)
			return
		}
		status, body := file()
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *site) serve(path string, body []byte) {
	s.answer(path, func() (int, []byte) { return 200, body })
}

func (s *site) answer(path string, fn func() (int, []byte)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[path] = fn
}

func (s *site) times(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[path]
}

func client(base string) *outbound.Client {
	return outbound.New(outbound.Config{UserAgent: "test", Retries: -1, MaxBytes: 1 << 20,
		Hosts: map[string]outbound.Host{"img.test": {Replacement: base, Rate: 1000}}}, time.Now, quiet())
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// eyes is an engine that counts its calls. Without a real one behind it, every line says the same.
type eyes struct {
	mu    sync.Mutex
	real  Lines
	calls int
	most  int   // pixels of a call
	fail  error // of the next calls
	boom  bool  // panics instead
}

func (e *eyes) Version() string { return "eyes 1" }

func (e *eyes) Read(ctx context.Context, languages string, lines []*image.Gray) ([]engine.Text, engine.Cost, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	pixels := 0
	for _, l := range lines {
		pixels += len(l.Pix)
	}
	if len(lines) > 0 {
		e.calls++
	}
	e.most = max(e.most, pixels)
	switch {
	case e.boom:
		panic("a fault of this program")
	case e.fail != nil:
		return nil, engine.Cost{}, e.fail
	case e.real != nil:
		return e.real.Read(ctx, languages, lines)
	}
	out := make([]engine.Text, len(lines))
	for i := range out {
		out[i] = engine.Text{Text: "러닝타임 : 150분", Sure: 0.9}
	}
	return out, engine.Cost{CPU: time.Millisecond}, nil
}

func (e *eyes) set(fail error, boom bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fail, e.boom = fail, boom
}

func (e *eyes) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.calls
}

// bench is a Reader between real queues, with a real store and bucket.
type bench struct {
	t      *testing.T
	site   *site
	eyes   *eyes
	bucket lake.Bucket
	jobs   *queue.Queue
	pages  *queue.Queue
	read   *queue.Consumer // of pages
	now    time.Time
	reader *Reader
	buried []queue.DeadLetter
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, site: newSite(t), eyes: &eyes{}, now: fetchedAt}
	dir := t.TempDir()
	var err error
	b.bucket, err = lake.NewFolder(filepath.Join(dir, "lake"))
	b.ok(err)
	b.jobs, err = queue.Open(filepath.Join(dir, "jobs"), queue.Config{}, quiet())
	b.ok(err)
	b.pages, err = queue.Open(filepath.Join(dir, "pages"), queue.Config{}, quiet())
	b.ok(err)
	db, err := store.Open(t.Context(), "", filepath.Join(dir, "store.db"), quiet())
	b.ok(err)
	consumer, err := b.jobs.Consumer("ocr")
	b.ok(err)
	b.read, err = b.pages.Consumer("test")
	b.ok(err)
	web := client(b.site.URL)
	t.Cleanup(func() {
		web.Close()
		_ = errors.Join(consumer.Close(), b.read.Close(), b.jobs.Close(), b.pages.Close(), db.Close())
	})
	bury := func(_ context.Context, d queue.DeadLetter) error { b.buried = append(b.buried, d); return nil }
	b.reader, err = New(t.Context(), Deps{Queue: b.jobs, Jobs: consumer, Pages: queue.Patient{Queue: b.pages}, Fetch: web, Bucket: b.bucket, Store: db, Engine: b.eyes,
		Bury: bury, Now: func() time.Time { return b.now }}, Config{Share: 1}, quiet())
	b.ok(err)
	return b
}

func (b *bench) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func page(at time.Time) *ticket.Page {
	return &ticket.Page{Source: "yes24", Kind: ticket.DetailPage, FetchedAt: at, Status: 200}
}

func urls(paths ...string) []string {
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i] = "http://img.test" + p
	}
	return out
}

func (b *bench) ask(code string, paths ...string) {
	b.t.Helper()
	b.ok(b.reader.Ask(b.t.Context(), page(b.now), code, urls(paths...)))
}

// work runs the reader until nothing waits, or until done says so.
func (b *bench) work(done ...func() bool) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 50*time.Second)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- b.reader.Run(ctx) }()
	finished := func() bool { return b.reader.Stats().Backlog == 0 }
	if len(done) > 0 {
		finished = done[0]
	}
	for !finished() && ctx.Err() == nil {
		time.Sleep(2 * time.Millisecond)
	}
	if ctx.Err() != nil {
		b.t.Errorf("not done: %+v", b.reader.Stats())
	}
	cancel()
	b.ok(<-ended)
}

// handed gives the pages that were handed on since it was asked last, and what they say.
func (b *bench) handed() (pages []*ticket.Page, bodies []Body) {
	b.t.Helper()
	pages, err := drained(b.t.Context(), b.read)
	b.ok(err)
	for _, p := range pages {
		var body Body
		b.ok(json.Unmarshal(p.Body, &body))
		bodies = append(bodies, body)
	}
	return pages, bodies
}

// drained takes all that waits.
func drained(ctx context.Context, c *queue.Consumer) (out []*ticket.Page, err error) {
	for c.Backlog() > 0 {
		m, err := c.Next(ctx)
		if err != nil {
			return nil, err
		}
		p, err := ticket.DecodePage(m.Payload)
		if err != nil {
			return nil, fmt.Errorf("offset %d: %w", m.Offset, err)
		}
		out = append(out, p)
		if err := c.Ack(m.Offset); err != nil {
			return nil, err
		}
	}
	return out, nil
}
