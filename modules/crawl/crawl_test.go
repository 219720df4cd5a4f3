package crawl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketmoa/modules/outbound"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// memoryQueue keeps pages; it can fail from the n-th on.
type memoryQueue struct {
	mu       sync.Mutex
	pages    []*ticket.Page
	failFrom int
}

func (q *memoryQueue) Append(_ context.Context, b []byte) (uint64, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.failFrom > 0 && len(q.pages)+1 >= q.failFrom {
		return 0, errors.New("disk is full")
	}
	p, err := ticket.DecodePage(b)
	if err != nil {
		return 0, err
	}
	q.pages = append(q.pages, p)
	return uint64(len(q.pages)), nil
}

func (q *memoryQueue) urls() map[string]int {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := map[string]int{}
	for _, p := range q.pages {
		out[p.URL]++
	}
	return out
}

// fake is a source in test code: what to ask comes from its fields.
type fake struct {
	info   sellers.Info
	start  []sellers.Request
	follow func(*ticket.Page) ([]sellers.Request, error)
	parse  func(*ticket.Page) error
}

func (f fake) Info() sellers.Info                { return f.info }
func (f fake) Start(time.Time) []sellers.Request { return f.start }
func (f fake) Follow(p *ticket.Page) ([]sellers.Request, error) {
	if f.follow == nil {
		return nil, nil
	}
	return f.follow(p)
}
func (f fake) Parse(p *ticket.Page) (sellers.Result, error) {
	if f.parse == nil {
		return sellers.Result{}, nil
	}
	return sellers.Result{}, f.parse(p)
}

func (q *memoryQueue) bodies() map[string]string {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := map[string]string{}
	for _, p := range q.pages {
		out[p.URL] = string(p.Body)
	}
	return out
}

type rig struct {
	crawler *Crawler
	queue   *memoryQueue
	store   store.Store
	base    string
}

func newRig(t *testing.T, src fake, handler http.Handler, cfg Config) *rig {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	st, err := store.Open(context.Background(), "", filepath.Join(t.TempDir(), "db"), quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	r := &rig{queue: &memoryQueue{}, store: st, base: server.URL}
	r.crawler = r.build(t, src, server.URL, cfg)
	return r
}

// rebuild makes a crawler that knows nothing but what the store keeps, as a new process does.
func (r *rig) rebuild(t *testing.T, src fake, cfg Config) *Crawler {
	t.Helper()
	return r.build(t, src, r.base, cfg)
}

func (r *rig) build(t *testing.T, src fake, base string, cfg Config) *Crawler {
	t.Helper()
	hosts := map[string]outbound.Host{}
	for _, h := range src.info.Hosts {
		hosts[h] = outbound.Host{Replacement: base, Rate: 10000, Concurrency: 64, Robots: true}
	}
	client := outbound.New(outbound.Config{UserAgent: "TicketMoaTest", Hosts: hosts, Retries: -1, Timeout: 10 * time.Second}, time.Now, quiet())
	t.Cleanup(client.Close)
	c, err := New(context.Background(), Deps{Sources: map[string]sellers.Source{src.info.Name: src}, Fetch: client, Queue: r.queue, Store: r.store, Now: time.Now}, cfg, quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// TestPostJSON proves that a source which is asked by POST with a JSON body fits the Request as it is.
func TestPostJSON(t *testing.T) {
	t.Parallel()
	post := func(page int) sellers.Request {
		return sellers.Request{Kind: ticket.ListPage, Method: http.MethodPost, URL: "https://nol.example/list/items",
			Header: map[string]string{"Content-Type": "application/json"}, Body: fmt.Appendf(nil, `{"target":"CONCERT","page":%d}`, page)}
	}
	src := fake{info: sellers.Info{Name: "nol", Hosts: []string{"nol.example"}}, start: []sellers.Request{post(1)}}
	src.follow = func(p *ticket.Page) ([]sellers.Request, error) {
		var a struct {
			Items  []string `json:"items"`
			Page   int      `json:"page"`
			IsLast bool     `json:"is_last"`
		}
		if err := json.Unmarshal(p.Body, &a); err != nil || a.IsLast {
			return nil, err
		}
		return []sellers.Request{post(a.Page + 1), post(a.Page)}, nil // the second was asked before
	}
	r := newRig(t, src, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var b struct{ Page int }
		if req.URL.Path == "/robots.txt" {
			http.NotFound(w, req)
			return
		}
		if req.Method != http.MethodPost || req.Header.Get("Content-Type") != "application/json" || json.NewDecoder(req.Body).Decode(&b) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, `{"items":["a"],"page":%d,"is_last":%v}`, b.Page, b.Page == 3)
	}), Config{})
	rep, err := r.crawler.Crawl(context.Background(), "nol", false, nil)
	if err != nil || rep.Stored != 3 || rep.Failed != 0 || rep.Waiting != 0 {
		t.Fatalf("Crawl = %+v, %v; want 3 pages", rep, err)
	}
}

// TestCookieAndReferer proves that a source which wants a session and a Referer fits too.
func TestCookieAndReferer(t *testing.T) {
	t.Parallel()
	list := sellers.Request{Kind: ticket.ListPage, URL: "https://melon.example/ajax/prodList.json", Session: "visitor",
		Header: map[string]string{"Referer": "https://melon.example/concert", "X-Requested-With": "XMLHttpRequest"}}
	src := fake{info: sellers.Info{Name: "melon", Hosts: []string{"melon.example"}},
		start: []sellers.Request{{Kind: ticket.ListPage, URL: "https://melon.example/concert", Session: "visitor", NoStore: true}}}
	src.follow = func(p *ticket.Page) ([]sellers.Request, error) {
		if strings.HasSuffix(p.URL, "/concert") {
			return []sellers.Request{list}, nil
		}
		return nil, nil
	}
	r := newRig(t, src, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch req.URL.Path {
		case "/concert":
			http.SetCookie(w, &http.Cookie{Name: "JSESSIONID", Value: "abc"})
		case "/ajax/prodList.json":
			ck, _ := req.Cookie("JSESSIONID")
			if ck == nil || req.Referer() != "https://melon.example/concert" {
				w.WriteHeader(http.StatusForbidden)
			}
		default:
			http.NotFound(w, req)
		}
	}), Config{})
	rep, err := r.crawler.Crawl(context.Background(), "melon", false, nil)
	if err != nil || rep.Stored != 1 || rep.Failed != 0 {
		t.Fatalf("Crawl = %+v, %v; want the list alone", rep, err)
	}
}

func tree(n int) (fake, http.Handler) {
	src := fake{info: sellers.Info{Name: "tree", Hosts: []string{"tree.example"}}, start: []sellers.Request{{Kind: ticket.ListPage, URL: "https://tree.example/list"}}}
	src.follow = func(p *ticket.Page) ([]sellers.Request, error) {
		if p.Kind != ticket.ListPage {
			return nil, nil
		}
		var out []sellers.Request
		for i := range n {
			out = append(out, sellers.Request{Kind: ticket.DetailPage, Code: fmt.Sprint(i), URL: fmt.Sprintf("https://tree.example/p/%d", i)})
		}
		return out, nil
	}
	return src, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/robots.txt":
			fmt.Fprint(w, "User-agent: *\nDisallow: /p/7\n")
		case "/p/5":
			w.WriteHeader(http.StatusNotFound)
		case "/p/6":
			fmt.Fprint(w, strings.Repeat("x", 9<<20))
		default:
			fmt.Fprint(w, "<html>"+r.URL.Path)
		}
	})
}

func TestOneFailureDoesNotEndTheCrawl(t *testing.T) {
	t.Parallel()
	src, h := tree(12)
	r := newRig(t, src, h, Config{})
	rep, err := r.crawler.Crawl(context.Background(), "tree", false, nil)
	if err != nil || rep.Stored != 10 || rep.Failed != 3 || rep.Asked != 13 {
		t.Fatalf("Crawl = %+v, %v", rep, err)
	}
	notes := strings.Join(rep.Notes, "\n")
	for _, want := range []string{outbound.ErrRobots.Error(), outbound.ErrTooLarge.Error(), "404"} {
		if !strings.Contains(notes, want) {
			t.Errorf("the report %q does not tell of %q", notes, want)
		}
	}
}

// TestResume cuts a crawl off where the queue fails and proves that the next run asks only for what is missing.
func TestResume(t *testing.T) {
	t.Parallel()
	src, h := tree(5)
	r := newRig(t, src, h, Config{Workers: 1})
	r.queue.failFrom = 4
	if _, err := r.crawler.Crawl(context.Background(), "tree", false, nil); err == nil {
		t.Fatal("a queue that fails must halt the crawl")
	}
	before := r.queue.urls()
	if len(before) != 3 {
		t.Fatalf("before the halt %v", before)
	}
	r.queue.failFrom = 0
	rep, err := r.crawler.Crawl(context.Background(), "tree", false, nil)
	if err != nil || !rep.Resumed || rep.Failed != 0 {
		t.Fatalf("resumed crawl = %+v, %v", rep, err)
	}
	for url, n := range r.queue.urls() {
		if n != 1 {
			t.Errorf("%s was asked for %d times", url, n)
		}
	}
	if got := len(r.queue.urls()); got != 6 { // the list and 0..4
		t.Errorf("stored %d pages, want 6", got)
	}
	if rep, err := r.crawler.Crawl(context.Background(), "tree", false, nil); err != nil || rep.Resumed {
		t.Errorf("a finished crawl was resumed: %+v, %v", rep, err)
	}
}

func TestUnknownSourceAndMissingKey(t *testing.T) {
	t.Parallel()
	src, h := tree(1)
	src.info.NeedsKey = true
	r := newRig(t, src, h, Config{})
	if _, err := r.crawler.Crawl(context.Background(), "nobody", false, nil); !errors.Is(err, ErrUnknownSource) {
		t.Errorf("unknown source: %v", err)
	}
	if _, err := r.crawler.Crawl(context.Background(), "tree", false, nil); !errors.Is(err, sellers.ErrRefused) {
		t.Errorf("missing key: %v", err)
	}
}
