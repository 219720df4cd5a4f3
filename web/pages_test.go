package web

import (
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ticketmoa/web/admin"
	"ticketmoa/web/api"
	"ticketmoa/web/site"
	"ticketmoa/web/track"
)

// clockwork is a server whose pages are kept, with what they are kept by.
type clockwork struct {
	*shelf
	http.Handler
	generation atomic.Uint64
	at         atomic.Int64 // seconds after testNow
	sources    atomic.Int64 // how often a page was made: every page asks for the sources once, home twice
	demo       bool
}

func (k *clockwork) now() time.Time { return testNow().Add(time.Duration(k.at.Load()) * time.Second) }

func keeping(t *testing.T, k *clockwork) *clockwork {
	t.Helper()
	k.shelf = newShelf()
	seen := track.Log{Recorder: k.shelf, Viewers: viewers{}}
	sources := func() []site.SourceState {
		k.sources.Add(1)
		return []site.SourceState{{Name: "kopis", Title: "KOPIS", Enabled: true}}
	}
	srv, err := New(context.Background(), Config{Addr: "127.0.0.1:0"}, Deps{
		API: api.Deps{Catalog: k, Search: k, Similar: k, Popular: k, Entities: k, Events: k.shelf, Track: seen, Now: k.now},
		Site: site.Deps{Catalog: k, Search: k, Similar: k, Popular: k, Entities: k, Track: seen, Sources: sources, Now: k.now, Generation: k.generation.Load,
			Demo: k.demo},
		Admin: admin.Deps{Sources: sources, Now: k.now},
		Ready: func(context.Context) error { return nil },
	}, slog.New(slog.DiscardHandler))
	must(t, err)
	t.Cleanup(srv.Close)
	k.Handler = srv.http.Handler
	return k
}

// made tells whether the page had to be made for a request.
func (k *clockwork) made(t *testing.T, target string, header ...string) bool {
	t.Helper()
	before := k.sources.Load()
	if w := ask(k, "GET", target, "", header...); w.Code >= 400 {
		t.Errorf("%s: %d", target, w.Code)
	}
	return k.sources.Load() > before
}

// TestPagesAreKept: which requests share a page, and what makes it anew.
func TestPagesAreKept(t *testing.T) {
	t.Parallel()
	k := keeping(t, &clockwork{})
	for _, step := range []struct {
		target string
		made   bool
	}{
		{"/", true}, {"/", false}, {"/?utm_source=x", false},
		{"/search", true}, {"/search?q=&genre=", false}, {"/search?facebook=1", false}, {"/search?genre=musical", true}, {"/search?genre=play", true}, {"/search?genre=musical&q=x", true}, {"/search?q=x&genre=musical", false},
		{"/p/p1", true}, {"/p/p1?from=p2&n=1", false}, {"/p/p1?from=p3&n=2", false}, {"/p/p2", true}, {"/p/p2", false},
		{"/rank", true}, {"/rank?day=2026-11-21", true}, {"/rank", false}, {"/openings", true}, {"/openings", false}, {"/openings?region=서울", true},
		{"/artists", true}, {"/artists?page=1", true}, {"/artists", false}, {"/venues", true}, {"/venues", false},
		{"/p/old", false},
	} {
		if got := k.made(t, step.target); got != step.made {
			t.Errorf("%s: made %v", step.target, got)
		}
	}
	for what, change := range map[string]func(){"the catalogue": func() { k.generation.Add(1) }, "the minute": func() { k.at.Add(60) }} {
		change()
		if !k.made(t, "/p/p1") || k.made(t, "/p/p1") {
			t.Errorf("%s changed", what)
		}
	}
	title := k.shows[0].Title
	k.shows[0].Title = "새 제목"
	if body := ask(k, "GET", "/p/p1", "").Body.String(); !strings.Contains(body, title) {
		t.Error("the page was made anew without a reason")
	}
	k.generation.Add(1)
	if body := ask(k, "GET", "/p/p1", "").Body.String(); !strings.Contains(body, "새 제목") {
		t.Error("a change is not seen at once")
	}
	for _, target := range []string{"/p/none", "/search?genre=none", "/artists?initial=x"} {
		for range 2 {
			if w := ask(k, "GET", target, ""); w.Code < 400 || w.Header().Get("Etag") != "" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %d %v", target, w.Code, w.Header())
			}
		}
	}
	k.shows = nil
	k.generation.Add(1)
	for range 2 {
		if !k.made(t, "/") {
			t.Error("home without shows is kept")
		}
	}
	demo := keeping(t, &clockwork{demo: true})
	for range 2 {
		if w := ask(demo, "GET", "/p/p1", ""); w.Header().Get("Etag") != "" || !demo.made(t, "/p/p1") {
			t.Error("a demo's page is kept")
		}
	}
}

// TestKeptPagesRecord: what is recorded does not depend on whether the page was made for this request.
func TestKeptPagesRecord(t *testing.T) {
	t.Parallel()
	k := keeping(t, &clockwork{})
	shown := []string{"recommendation_shown p2 p1 n1 detail play 부산", "recommendation_shown p3 p1 n2 detail musical 서울"}
	for target, want := range map[string][]string{
		"/p/p1":              append([]string{"view p1 detail musical 서울"}, shown...),
		"/p/p2?from=p1&n=1":  {"view p2 detail play 부산", "recommendation_clicked p2 p1 n1 detail play 부산"},
		"/p/p2?from=p1&n=99": {"view p2 detail play 부산"},
		"/search?q=시라노":      {"search list 시라노 r1"}, "/search?q=시라노&page=2": nil, "/search": nil, "/": nil,
	} {
		for _, header := range [][]string{nil, nil, {"If-None-Match", "*"}, {"Accept-Encoding", "gzip"}} {
			ask(k, "GET", target, "", header...)
			if got := lines(k.take(t)); !slices.Equal(got, want) {
				t.Errorf("%s %v: %q", target, header, got)
			}
		}
	}
}

// public are addresses whose answers carry a tag.
var public = []string{"/", "/search", "/search?q=시라노", "/p/p1", "/openings", "/rank", "/artists", "/venues", "/api/v1/performances", "/api/v1/performances?facets=1", "/api/v1/performances/p1",
	"/api/v1/performances/p1/similar", "/api/v1/performances/p1/prices", "/api/v1/performances/p1/history", "/api/v1/openings", "/api/v1/popular"}

// TestTags: every public answer has a length and a tag, is answered 304 to who has it, plain or compressed, and to HEAD like to GET.
func TestTags(t *testing.T) {
	t.Parallel()
	k := keeping(t, &clockwork{})
	for _, target := range append(public, k.static(t)) {
		w := ask(k, "GET", target, "")
		tag, body := w.Header().Get("Etag"), w.Body.String()
		if w.Code != 200 || !strings.HasPrefix(tag, `W/"`) || w.Header().Get("Content-Length") != strconv.Itoa(len(body)) || w.Header().Get("Vary") != "Accept-Encoding" || w.Header().Get("Cache-Control") == "" {
			t.Errorf("%s: %d %v", target, w.Code, w.Header())
		}
		packed := ask(k, "GET", target, "", "Accept-Encoding", "gzip, br")
		if len(body) >= 1024 != (packed.Header().Get("Content-Encoding") == "gzip") || packed.Header().Get("Etag") != tag || packed.Header().Get("Vary") != "Accept-Encoding" || packed.Header().Get("Content-Length") != strconv.Itoa(packed.Body.Len()) {
			t.Errorf("%s compressed: %v", target, packed.Header())
		}
		if packed.Header().Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(packed.Body)
			must(t, err)
			if got, err := io.ReadAll(z); err != nil || string(got) != body {
				t.Errorf("%s compressed: other bytes, %v", target, err)
			}
		}
		for _, method := range []string{"GET", "HEAD"} {
			for header, status := range map[string]int{tag: 304, strings.TrimPrefix(tag, "W/"): 304, `"x", ` + tag: 304, "*": 304, `"x"`: 200, "": 200} {
				got := ask(k, method, target, "", "If-None-Match", header, "Accept-Encoding", "gzip")
				if got.Code != status || got.Header().Get("Etag") != tag || got.Header().Get("Cache-Control") != w.Header().Get("Cache-Control") || got.Header().Get("Vary") != "Accept-Encoding" {
					t.Errorf("%s %s, If-None-Match: %s: %d %v", method, target, header, got.Code, got.Header())
				}
				if status == 304 && (got.Body.Len() > 0 || got.Header().Get("Content-Length") != "" || got.Header().Get("Content-Encoding") != "") {
					t.Errorf("%s %s, If-None-Match: %s: %d bytes, %v", method, target, header, got.Body.Len(), got.Header())
				}
			}
		}
	}
	for _, target := range []string{"/admin", "/out/o-p1", "/healthz", "/nowhere", "/p/none", "/p/old", "/api/v1/performances/none", "/api/v1/performances?limit=x", "/api/v1/performances?cursor=bad"} {
		if w := ask(k, "GET", target, "", "If-None-Match", "*"); w.Header().Get("Etag") != "" || w.Code == 304 {
			t.Errorf("%s: %d %v", target, w.Code, w.Header())
		}
	}
}

// static is the address of the style sheet.
func (k *clockwork) static(t *testing.T) string {
	t.Helper()
	body := ask(k, "GET", "/search", "").Body.String()
	_, rest, _ := strings.Cut(body, `href="/s/`)
	name, _, found := strings.Cut(rest, `"`)
	if !found {
		t.Fatal("the page has no style")
	}
	return "/s/" + name
}

// TestOverTheWire: HEAD, lengths and 304 as net/http sends them.
func TestOverTheWire(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(keeping(t, &clockwork{}))
	defer srv.Close()
	do := func(method, target string, header ...string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+target, nil)
		must(t, err)
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		res, err := srv.Client().Transport.RoundTrip(r)
		must(t, err)
		t.Cleanup(func() { res.Body.Close() })
		return res
	}
	for _, target := range []string{"/search", "/p/p1", "/api/v1/performances"} {
		for _, accept := range []string{"identity", "gzip"} {
			get := do("GET", target, "Accept-Encoding", accept)
			body, err := io.ReadAll(get.Body)
			must(t, err)
			head := do("HEAD", target, "Accept-Encoding", accept)
			if get.ContentLength != int64(len(body)) || head.ContentLength != get.ContentLength || head.Header.Get("Content-Encoding") != get.Header.Get("Content-Encoding") || head.Header.Get("Etag") != get.Header.Get("Etag") {
				t.Errorf("%s %s: GET %v, HEAD %v", target, accept, get.Header, head.Header)
			}
			if res := do("GET", target, "Accept-Encoding", accept, "If-None-Match", get.Header.Get("Etag")); res.StatusCode != 304 || res.ContentLength > 0 {
				t.Errorf("%s: %d", target, res.StatusCode)
			}
		}
	}
}
