package crawl

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

// shop is a site with a list of things, each with a page, prices and days of its own, and what was asked of it.
type shop struct {
	mu    sync.Mutex
	items map[string]string // code → what the list says of it
	gone  map[string]bool
	asked map[string]int
	etags bool
}

func newShop(n int) *shop {
	s := &shop{items: map[string]string{}, gone: map[string]bool{}, asked: map[string]int{}}
	for i := range n {
		s.items[fmt.Sprintf("%04d", i)] = "first"
	}
	return s
}

func (s *shop) set(fn func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fn()
	clear(s.asked)
}

func (s *shop) times(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[path]
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	code := strings.TrimPrefix(r.URL.Path, "/p/")
	switch {
	case r.URL.Path == "/robots.txt":
		http.NotFound(w, r)
		return
	case s.gone[code]:
		fmt.Fprint(w, "gone")
	case r.URL.Path == "/list":
		if tag := fmt.Sprintf(`"%d"`, len(s.items)); s.etags {
			if r.Header.Get("If-None-Match") == tag {
				s.asked["304"]++
				w.WriteHeader(http.StatusNotModified)
				return
			}
			w.Header().Set("ETag", tag)
		}
		var codes []string
		for code := range s.items {
			codes = append(codes, code)
		}
		slices.Sort(codes)
		for _, code := range codes {
			fmt.Fprintln(w, code, s.items[code])
		}
	default:
		fmt.Fprint(w, "about ", r.URL.Path)
	}
	s.asked[r.URL.Path]++
}

// source reads the shop: a list of things, each with a page that leads to its prices and its days.
func (s *shop) source() fake {
	at := func(kind ticket.PageKind, code, path string) sellers.Request {
		return sellers.Request{Kind: kind, Code: code, URL: "https://shop.example" + path}
	}
	src := fake{info: sellers.Info{Name: "shop", Hosts: []string{"shop.example"}}, start: []sellers.Request{at(ticket.ListPage, "", "/list")}}
	src.follow = func(p *ticket.Page) ([]sellers.Request, error) {
		var out []sellers.Request
		switch p.Kind {
		case ticket.ListPage:
			for line := range strings.Lines(string(p.Body)) {
				code, said, _ := strings.Cut(strings.TrimSpace(line), " ")
				out = append(out, at(ticket.DetailPage, code, "/p/"+code).ListedShow(sellers.RawShow{Title: said}))
			}
		case ticket.DetailPage:
			out = append(out, at(ticket.PricePage, p.Code, "/price/"+p.Code), at(ticket.DatesPage, p.Code, "/dates/"+p.Code))
		}
		return out, nil
	}
	src.parse = func(p *ticket.Page) error {
		if string(p.Body) == "gone" {
			return sellers.ErrGone
		}
		return nil
	}
	return src
}

func crawlShop(t *testing.T, r *rig, full bool) Report {
	t.Helper()
	rep, err := r.crawler.Crawl(context.Background(), "shop", full, nil)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// TestIncremental: after the first crawl only what is new, what the list speaks of otherwise, and what left the list is
// asked for.
func TestIncremental(t *testing.T) {
	t.Parallel()
	s := newShop(5)
	r := newRig(t, s.source(), s, Config{Refresh: time.Hour})
	if rep := crawlShop(t, r, false); rep.Stored != 16 || rep.New != 5 || rep.Unchanged != 0 {
		t.Fatalf("first: %+v", rep.Progress)
	}
	s.set(func() {})
	if rep := crawlShop(t, r, false); rep.Stored != 1 || rep.New != 0 || rep.Unchanged != 5 || s.times("/p/0001") != 0 {
		t.Errorf("nothing new: %+v", rep.Progress)
	}
	s.set(func() { s.items["0001"] = "second"; s.items["0009"] = "first" })
	if rep := crawlShop(t, r, false); rep.Stored != 7 || rep.New != 1 || rep.Changed != 1 || s.times("/price/0001") != 1 || s.times("/p/0002") != 0 {
		t.Errorf("one new, one changed: %+v", rep.Progress)
	}
	s.set(func() {})
	if rep := crawlShop(t, r, true); rep.Stored != 19 {
		t.Errorf("everything: %+v", rep.Progress)
	}
}

// TestGone: a thing that left the lists is asked for once more when what is kept of it is old; one that answers that it is
// gone is counted, and not asked for again. A list that could not be read makes nothing gone.
func TestGone(t *testing.T) {
	t.Parallel()
	s := newShop(3)
	r := newRig(t, s.source(), s, Config{Refresh: time.Nanosecond})
	crawlShop(t, r, false)
	s.set(func() { delete(s.items, "0000"); delete(s.items, "0001"); s.gone["0000"] = true })
	rep := crawlShop(t, r, false)
	if rep.Gone != 1 || s.times("/p/0000") != 1 || s.times("/p/0001") != 1 {
		t.Errorf("%+v: asked %v", rep.Progress, s.asked)
	}
	s.set(func() {})
	if rep := crawlShop(t, r, false); rep.Gone != 0 || s.times("/p/0000") != 0 || s.times("/p/0001") != 1 {
		t.Errorf("again: %+v: asked %v", rep.Progress, s.asked)
	}
	src := s.source()
	read := src.follow
	src.follow = func(p *ticket.Page) ([]sellers.Request, error) {
		if p.Kind == ticket.ListPage {
			return nil, sellers.ErrNotOurs
		}
		return read(p)
	}
	torn := newRig(t, s.source(), s, Config{Refresh: time.Nanosecond})
	crawlShop(t, torn, false)
	torn.crawler.deps.Sources["shop"] = src
	s.set(func() { clear(s.items) })
	if rep := crawlShop(t, torn, false); rep.Gone != 0 || s.times("/p/0002") != 0 {
		t.Errorf("a torn list: %+v: asked %v", rep.Progress, s.asked)
	}
}

// TestNotModified: an unchanged list costs a 304, and still leads to what it named.
func TestNotModified(t *testing.T) {
	t.Parallel()
	s := newShop(4)
	s.etags = true
	r := newRig(t, s.source(), s, Config{Refresh: time.Nanosecond})
	crawlShop(t, r, false)
	before := len(r.queue.pages)
	s.set(func() {})
	rep := crawlShop(t, r, false)
	if s.times("304") != 1 || s.times("/list") != 0 || rep.Stored != 12 || s.times("/p/0003") != 1 {
		t.Errorf("%+v, asked %v", rep.Progress, s.asked)
	}
	for _, p := range r.queue.pages[before:] {
		if p.Kind == ticket.ListPage {
			t.Error("an answer without a body was put on the queue")
		}
	}
}

// TestInterruptedTenTimes: a crawl of 1,200 things with three pages each that is cut off ten times, each time going on with
// a crawler that knows only what is on the disk, ends with the same pages as one that nobody disturbed.
func TestInterruptedTenTimes(t *testing.T) {
	t.Parallel()
	const things = 1200
	undisturbed := newShop(things)
	calm := newRig(t, undisturbed.source(), undisturbed, Config{Workers: 8})
	if rep := crawlShop(t, calm, false); rep.Stored != 1+3*things || rep.Failed != 0 {
		t.Fatalf("undisturbed: %+v", rep.Progress)
	}
	s := newShop(things)
	r := newRig(t, s.source(), s, Config{Workers: 8})
	for cut := range 10 {
		ctx, cancel := context.WithCancel(context.Background())
		var done atomic.Int64 // workers report side by side
		rep, err := r.crawler.Crawl(ctx, "shop", false, func(p Progress) {
			if done.Add(1) == int64(100+37*cut) {
				cancel()
			}
		})
		cancel()
		if !errors.Is(err, context.Canceled) || cut > 0 && !rep.Resumed {
			t.Fatalf("cut %d: %+v, %v", cut, rep.Progress, err)
		}
		r.crawler = r.rebuild(t, s.source(), Config{Workers: 8})
	}
	rep := crawlShop(t, r, false)
	if !rep.Resumed || rep.Failed != 0 || rep.Asked != 1+3*things {
		t.Errorf("the end: %+v", rep.Progress)
	}
	want, got := calm.queue.bodies(), r.queue.bodies()
	if len(got) != len(want) {
		t.Errorf("%d pages, want %d", len(got), len(want))
	}
	twice := 0
	for url, body := range want {
		if got[url] != body {
			t.Errorf("%s: %q, want %q", url, got[url], body)
		}
	}
	for _, n := range r.queue.urls() {
		twice += n - 1
	}
	if twice > 10*8 { // a page that was under way when the crawl was cut off may come again
		t.Errorf("%d pages came again", twice)
	}
}
