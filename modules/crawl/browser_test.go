package crawl

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

func needChromium(t *testing.T) {
	t.Helper()
	if _, err := newBrowser(withDefaults(Config{}), nil, quiet()).path(); err != nil {
		t.Skip("no Chromium on this machine: apt-get install chromium")
	}
}

// scripted serves pages whose content a script builds from data it fetches.
func scripted(foreign *atomic.Int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch {
		case r.URL.Path == "/robots.txt":
			http.NotFound(w, r)
		case strings.HasPrefix(r.URL.Path, "/p/"):
			fmt.Fprint(w, `<!doctype html><title>shell</title><div id="app"></div><img src="/poster.jpg"><script src="/app.js"></script><script src="https://tracker.example/t.js"></script>`)
		case r.URL.Path == "/app.js":
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, `fetch('/data'+location.pathname,{method:'POST',body:'x=1'}).then(r=>r.text()).then(t=>{const d=document.createElement('p');d.className='done';d.textContent=t;document.getElementById('app').append(d)});
				fetch('http://127.0.0.1:9222/json').catch(()=>{}); new WebSocket('ws://127.0.0.1:9222/').onerror=()=>{};`)
		case strings.HasPrefix(r.URL.Path, "/data/"):
			fmt.Fprintf(w, "티켓 %s %s", r.Method, r.URL.Path)
		case r.URL.Path == "/poster.jpg":
			foreign.Add(1)
		case r.URL.Path == "/loop":
			fmt.Fprint(w, `<script>for(;;){}</script>`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	})
}

func browserSource(n int) fake {
	var start []sellers.Request
	for i := range n {
		start = append(start, sellers.Request{Kind: ticket.DetailPage, Code: fmt.Sprint(i), URL: fmt.Sprintf("https://shop.example/p/%d", i), Browser: true, WaitFor: "p.done"})
	}
	return fake{info: sellers.Info{Name: "shop", Hosts: []string{"shop.example"}}, start: start}
}

func TestRendersThroughReusedTabs(t *testing.T) {
	needChromium(t)
	var images atomic.Int64
	r := newRig(t, browserSource(6), scripted(&images), Config{Tabs: 2, Timeout: 20 * time.Second})
	rep, err := r.crawler.Crawl(context.Background(), "shop", false, nil)
	if err != nil || rep.Stored != 6 || rep.Failed != 0 {
		t.Fatalf("Crawl = %+v, %v", rep, err)
	}
	for _, p := range r.queue.pages {
		if !strings.Contains(string(p.Body), "티켓 POST /data/p/"+p.Code) || !p.Rendered {
			t.Errorf("page %s was not rendered: %.200s", p.Code, p.Body)
		}
	}
	if images.Load() != 0 {
		t.Errorf("%d images were asked for", images.Load())
	}
	if n := len(r.crawler.browser.cur.idle); n == 0 || n > 2 {
		t.Errorf("%d idle tabs, want 1 or 2 that were used again", n)
	}
}

func TestFallbackWhenTheAnswerIsAShell(t *testing.T) {
	needChromium(t)
	src := browserSource(1)
	src.start[0].Browser, src.start[0].Fallback = false, true
	src.parse = func(p *ticket.Page) error {
		if !strings.Contains(string(p.Body), "class=\"done\"") {
			return sellers.ErrUnrendered
		}
		return nil
	}
	var images atomic.Int64
	r := newRig(t, src, scripted(&images), Config{Timeout: 20 * time.Second})
	rep, err := r.crawler.Crawl(context.Background(), "shop", false, nil)
	if err != nil || rep.Stored != 1 || !r.queue.pages[0].Rendered {
		t.Fatalf("Crawl = %+v, %v", rep, err)
	}
}

func TestMissingPageAndHangingPage(t *testing.T) {
	needChromium(t)
	src := browserSource(1)
	src.start = append(src.start,
		sellers.Request{Kind: ticket.DetailPage, URL: "https://shop.example/none", Browser: true},
		sellers.Request{Kind: ticket.DetailPage, URL: "https://shop.example/loop", Browser: true, WaitFor: "p.done"},
		sellers.Request{Kind: ticket.DetailPage, URL: "https://other.example/x", Browser: true})
	var images atomic.Int64
	r := newRig(t, src, scripted(&images), Config{Tabs: 1, Workers: 1, Timeout: 4 * time.Second, Attempts: 1})
	rep, err := r.crawler.Crawl(context.Background(), "shop", false, nil)
	if err != nil || rep.Stored != 1 || rep.Failed != 3 {
		t.Fatalf("Crawl = %+v, %v; want one page and three failures", rep, err)
	}
}

// TestChromiumIsStartedAnewAfterItDied kills the browser between two crawls.
func TestChromiumIsStartedAnewAfterItDied(t *testing.T) {
	needChromium(t)
	var images atomic.Int64
	r := newRig(t, browserSource(1), scripted(&images), Config{Timeout: 20 * time.Second})
	if rep, err := r.crawler.Crawl(context.Background(), "shop", false, nil); err != nil || rep.Stored != 1 {
		t.Fatalf("first crawl = %+v, %v", rep, err)
	}
	profile := r.crawler.browser.cur.profile
	if out, err := exec.Command("pkill", "-9", "-f", profile).CombinedOutput(); err != nil {
		t.Fatalf("kill the browser: %v %s", err, out)
	}
	if rep, err := r.crawler.Crawl(context.Background(), "shop", false, nil); err != nil || rep.Stored != 1 {
		t.Fatalf("crawl after the browser died = %+v, %v", rep, err)
	}
	if r.crawler.browser.cur.profile == profile {
		t.Error("the dead browser is still in use")
	}
}

func TestWithoutChromiumTheRestIsDone(t *testing.T) {
	t.Parallel()
	src := browserSource(1)
	src.start = append(src.start, sellers.Request{Kind: ticket.ListPage, URL: "https://shop.example/data/list"})
	var images atomic.Int64
	r := newRig(t, src, scripted(&images), Config{Chromium: "/nonexistent/chromium"})
	rep, err := r.crawler.Crawl(context.Background(), "shop", false, nil)
	if err != nil || rep.Stored != 1 || rep.Failed != 1 || !strings.Contains(strings.Join(rep.Notes, " "), "apt-get install chromium") {
		t.Fatalf("Crawl = %+v, %v", rep, err)
	}
	if _, err := r.crawler.Chromium(); !errors.Is(err, ErrNoChromium) {
		t.Errorf("Chromium() = %v", err)
	}
}

// TestAPageIsReadToItsEnd: what is waited for stands in the page before a script lets the rest of it through.
func TestAPageIsReadToItsEnd(t *testing.T) {
	needChromium(t)
	src := fake{info: sellers.Info{Name: "shop", Hosts: []string{"shop.example"}},
		start: []sellers.Request{{Kind: ticket.DetailPage, Code: "1", URL: "https://shop.example/slow", Browser: true, WaitFor: ".ready"}}}
	r := newRig(t, src, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/slow":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, `<!doctype html><div class="ready">제목</div><script src="/late.js"></script><p>출연</p>`)
		case "/late.js":
			time.Sleep(700 * time.Millisecond)
			w.Header().Set("Content-Type", "text/javascript")
		default:
			http.NotFound(w, r)
		}
	}), Config{Timeout: 20 * time.Second})
	rep, err := r.crawler.Crawl(context.Background(), "shop", false, nil)
	if err != nil || rep.Stored != 1 {
		t.Fatalf("Crawl = %+v, %v", rep, err)
	}
	if body := string(r.queue.pages[0].Body); !strings.Contains(body, "출연") {
		t.Errorf("the page was cut short: %s", body)
	}
}
