package crawl

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

// one is a source with a list at /list that leads to the marked page /p/1; a body "maintenance" is nobody's page.
func one() fake {
	src := fake{info: sellers.Info{Name: "s", Version: 1, Hosts: []string{"s.example"}}, start: []sellers.Request{{Kind: ticket.ListPage, URL: "https://s.example/list"}}}
	src.parse = func(p *ticket.Page) error {
		if string(p.Body) == "maintenance" {
			return sellers.ErrNotOurs
		}
		return nil
	}
	src.follow = func(p *ticket.Page) ([]sellers.Request, error) {
		if p.Kind != ticket.ListPage {
			return nil, nil
		}
		return []sellers.Request{sellers.Request{Kind: ticket.DetailPage, Code: "1", URL: "https://s.example/p/1"}.ListedShow(sellers.RawShow{Title: "x"})}, src.parse(p)
	}
	return src
}

func crawlOnce(t *testing.T, c *Crawler, source string) Report {
	t.Helper()
	rep, err := c.Crawl(context.Background(), source, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// TestMaintenance: a page of maintenance under status 200 is not taken for the thing asked for: the next crawl asks again,
// and one that got the thing is the last.
func TestMaintenance(t *testing.T) {
	t.Parallel()
	var down atomic.Bool
	var asked atomic.Int64
	down.Store(true)
	r := newRig(t, one(), http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/p/1" {
			asked.Add(1)
			if down.Load() {
				w.Header().Set("ETag", `"m"`)
				fmt.Fprint(w, "maintenance")
				return
			}
			if req.Header.Get("If-None-Match") != "" {
				t.Error("a page that was not read is not one to compare with")
			}
		}
		fmt.Fprint(w, "a page")
	}), Config{Refresh: 72 * time.Hour})
	if rep := crawlOnce(t, r.crawler, "s"); len(rep.Notes) != 1 {
		t.Errorf("the report does not tell of it: %+v", rep)
	}
	down.Store(false)
	crawlOnce(t, r.crawler, "s")
	crawlOnce(t, r.crawler, "s")
	if asked.Load() != 2 {
		t.Errorf("asked %d times, want 2", asked.Load())
	}
}

// TestNewParserReadsAgain: a list that an older parser could not read, or read otherwise, is not passed over as unchanged.
func TestNewParserReadsAgain(t *testing.T) {
	t.Parallel()
	s := newShop(3)
	s.etags = true
	old, blind := s.source(), s.source()
	blind.follow = func(*ticket.Page) ([]sellers.Request, error) { return nil, sellers.ErrNotOurs }
	r := newRig(t, blind, s, Config{Refresh: 72 * time.Hour})
	if rep := crawlOnce(t, r.crawler, "shop"); rep.Asked != 1 {
		t.Fatalf("%+v", rep)
	}
	if rep := crawlOnce(t, r.rebuild(t, old, Config{Refresh: 72 * time.Hour}), "shop"); rep.New != 3 {
		t.Errorf("after the parser learnt to read the list: %+v", rep)
	}
	newer := s.source()
	newer.info.Version++
	s.set(func() {})
	crawlOnce(t, r.rebuild(t, newer, Config{Refresh: 72 * time.Hour}), "shop")
	if s.times("/list") != 1 || s.times("304") != 0 {
		t.Error("the newer parser was given a 304 where it would read the page otherwise")
	}
}

// TestFollowUpOwed: the prices of a thing that could not be had once are asked for by the next crawl, though the thing
// itself did not change, and then no more.
func TestFollowUpOwed(t *testing.T) {
	t.Parallel()
	s := newShop(1)
	var prices atomic.Int64
	r := newRig(t, s.source(), http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.HasPrefix(req.URL.Path, "/price/") && prices.Add(1) == 1 {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		s.ServeHTTP(w, req)
	}), Config{Refresh: 72 * time.Hour})
	for range 3 {
		crawlOnce(t, r.crawler, "shop")
	}
	if prices.Load() != 2 || s.times("/p/0000") != 1 {
		t.Errorf("prices asked for %d times, want 2; the thing %d, want 1", prices.Load(), s.times("/p/0000"))
	}
}

type sinceSource struct {
	fake
	asked *[]time.Time
}

func (s sinceSource) StartSince(_, last time.Time) []sellers.Request {
	*s.asked = append(*s.asked, last)
	return []sellers.Request{{Kind: ticket.ListPage, URL: "https://s.example/list?since=" + last.Format("2006-01-02")}}
}

// TestSinceAfterFailure: changes are asked for since the last crawl that read its lists, not since one that failed at it,
// and what a crawl failed to get is asked for by one for changes too.
func TestSinceAfterFailure(t *testing.T) {
	t.Parallel()
	var list, detail atomic.Bool
	var details atomic.Int64
	now := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	var since []time.Time
	src := sinceSource{one(), &since}
	r := newRig(t, src.fake, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/p/1" {
			details.Add(1)
			if detail.Load() {
				w.WriteHeader(http.StatusInternalServerError)
			}
		} else if list.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}), Config{})
	c := r.rebuild(t, src.fake, Config{Refresh: 72 * time.Hour})
	c.deps.Sources["s"], c.deps.Now = src, func() time.Time { return now }
	day := func(listFails, detailFails bool) {
		list.Store(listFails)
		detail.Store(detailFails)
		crawlOnce(t, c, "s")
		now = now.AddDate(0, 0, 1)
	}
	day(false, true)
	day(true, true)
	day(false, false)
	day(false, false)
	first := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	if len(since) != 3 || !since[0].Equal(first) || !since[1].Equal(first) || !since[2].Equal(first.AddDate(0, 0, 2)) {
		t.Errorf("asked for changes since %v", since)
	}
	if details.Load() != 3 {
		t.Errorf("the thing that failed twice was asked for %d times, want 3", details.Load())
	}
}

// TestResumeOpensSession: a resumed crawl has the cookies its requests need.
func TestResumeOpensSession(t *testing.T) {
	t.Parallel()
	src := fake{info: sellers.Info{Name: "s", Hosts: []string{"s.example"}}, start: []sellers.Request{{Kind: ticket.ListPage, URL: "https://s.example/door", Session: "m", NoStore: true}}}
	src.follow = func(p *ticket.Page) (out []sellers.Request, _ error) {
		if strings.HasSuffix(p.URL, "/door") {
			for i := range 5 {
				out = append(out, sellers.Request{Kind: ticket.ListPage, URL: fmt.Sprintf("https://s.example/l%d", i), Session: "m"})
			}
		}
		return out, nil
	}
	r := newRig(t, src, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch req.URL.Path {
		case "/robots.txt":
			w.WriteHeader(http.StatusNotFound)
		case "/door":
			http.SetCookie(w, &http.Cookie{Name: "JSESSIONID", Value: "x"})
			fmt.Fprint(w, `<input type="hidden" id="global_ticket_captcha_yn" value="N">`) // not a page that keeps robots out
		default:
			if _, err := req.Cookie("JSESSIONID"); err != nil {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}
	}), Config{Workers: 1})
	r.queue.failFrom = 2
	if rep, err := r.crawler.Crawl(context.Background(), "s", false, nil); err == nil {
		t.Fatalf("the queue is full: %+v", rep)
	}
	r.queue.failFrom = 0
	if rep := crawlOnce(t, r.rebuild(t, src, Config{Workers: 1}), "s"); rep.Failed != 0 || rep.Asked != 6 || !rep.Resumed {
		t.Errorf("%+v", rep)
	}
}

// TestFullAfterHalt: a crawl for everything does not make do with the rest of one that was cut off.
func TestFullAfterHalt(t *testing.T) {
	t.Parallel()
	s := newShop(5)
	r := newRig(t, s.source(), s, Config{Refresh: 72 * time.Hour, Workers: 1})
	crawlShop(t, r, false)
	s.set(func() { s.items["0004"] = "changed" })
	r.queue.failFrom = len(r.queue.pages) + 2
	if rep, err := r.crawler.Crawl(context.Background(), "shop", false, nil); err == nil {
		t.Fatalf("the queue is full: %+v", rep)
	}
	r.queue.failFrom = 0
	s.set(func() {})
	if rep := crawlShop(t, r, true); rep.Resumed || s.times("/p/0000") != 1 {
		t.Errorf("%+v, the first thing was asked for %d times", rep.Progress, s.times("/p/0000"))
	}
}

// TestChallengeWords: what no reader sees does not make a page one that keeps robots out.
func TestChallengeWords(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`<html><body><input id="global_ticket_captcha_yn"><script>var captcha = 1</script>점검 중입니다`: false,
		`<html><body>비정상적인 접근입니다`:                                                                  true,
	} {
		src := one()
		src.parse = func(*ticket.Page) error { return sellers.ErrNotOurs }
		w := &walk{src: src}
		if got := w.turnedAway(&ticket.Page{Status: http.StatusOK, Body: []byte(body)}); got != want {
			t.Errorf("%s: %v", body, got)
		}
	}
}
