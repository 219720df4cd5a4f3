package crawl

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"ticketmoa/modules/outbound"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/store"
)

// productSite serves product pages as sellers build them: a frame, a style, scripts, pictures and a font, and the facts
// from data that the script asks for and that take delay to come.
func productSite(delay time.Duration) http.Handler {
	picture, script := bytes.Repeat([]byte{0x42}, 120<<10), "/* "+strings.Repeat("library ", 20<<10)+" */"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/robots.txt":
			http.NotFound(w, r)
		case strings.HasPrefix(r.URL.Path, "/p/"):
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, `<!doctype html><title>shell</title><link rel=stylesheet href=/app.css><div id=app></div>`)
			for i := range 6 {
				fmt.Fprintf(w, `<img src="/poster/%d.jpg?of=%s">`, i, r.URL.Path)
			}
			fmt.Fprint(w, `<script src=/library.js></script><script src=/app.js></script>`)
		case r.URL.Path == "/app.css":
			w.Header().Set("Content-Type", "text/css")
			fmt.Fprint(w, "body{font-family:sans-serif}")
		case r.URL.Path == "/library.js":
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, script)
		case r.URL.Path == "/app.js":
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, `fetch('/data'+location.pathname).then(r=>r.json()).then(rows=>{for(const t of rows){const d=document.createElement('p');d.className='done';d.textContent=t;document.getElementById('app').append(d)}})`)
		case strings.HasPrefix(r.URL.Path, "/data/"):
			time.Sleep(delay)
			fmt.Fprint(w, `["제목","장소","2026.12.01 ~ 2026.12.31","R석 99,000원"]`)
		case strings.HasPrefix(r.URL.Path, "/poster/"):
			w.Header().Set("Content-Type", "image/jpeg")
			_, _ = w.Write(picture)
		default:
			http.NotFound(w, r)
		}
	})
}

// BenchmarkRender is target P12: JavaScript pages on loopback by the crawler, beside one reused tab and beside a new
// browser for each page, which is how the first system worked; and the same with pages whose data take 800 ms.
func BenchmarkRender(b *testing.B) {
	path, err := newBrowser(withDefaults(Config{}), nil, quiet()).path()
	if err != nil {
		b.Skip("no Chromium on this machine: apt-get install chromium")
	}
	for _, c := range []struct {
		name  string
		delay time.Duration
		pages int
		tabs  int
	}{{"fast", 0, 60, 4}, {"slow", 800 * time.Millisecond, 96, 12}} {
		server := httptest.NewServer(productSite(c.delay))
		b.Run(c.name+"/crawler", func(b *testing.B) {
			for b.Loop() {
				rate(b, c.pages, func() { crawlAll(b, server.URL, c.pages, c.tabs) })
			}
		})
		b.Run(c.name+"/one_tab", func(b *testing.B) {
			for b.Loop() {
				rate(b, 30, func() { oneTab(b, path, server.URL, 30) })
			}
		})
		b.Run(c.name+"/new_browser_each", func(b *testing.B) {
			for b.Loop() {
				rate(b, 6, func() {
					for i := range 6 {
						oneTab(b, path, fmt.Sprintf("%s/p/%d?alone=", server.URL, i), 1)
					}
				})
			}
		})
		server.Close()
	}
}

// rate reports pages a second, and the most memory that all of Chromium held.
func rate(b *testing.B, pages int, work func()) {
	b.Helper()
	var most atomic.Int64
	stop := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for {
			select {
			case <-stop:
				return
			case <-time.After(200 * time.Millisecond):
				most.Store(max(most.Load(), chromiumMemory()))
			}
		}
	}()
	begun := time.Now()
	work()
	b.ReportMetric(float64(pages)/time.Since(begun).Seconds(), "pages/s")
	close(stop)
	<-watched
	b.ReportMetric(float64(most.Load())/(1<<20), "MiB-chromium")
}

// chromiumMemory adds up the proportional memory of every process of Chromium, in bytes.
func chromiumMemory() int64 {
	var sum int64
	pids, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range pids {
		cmd, err := os.ReadFile(filepath.Join(dir, "cmdline"))
		if err != nil || !bytes.Contains(cmd, []byte("chrom")) || bytes.Contains(cmd, []byte(".test")) {
			continue
		}
		roll, err := os.ReadFile(filepath.Join(dir, "smaps_rollup"))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(roll)) {
			if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
				kb, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
				sum += kb << 10
			}
		}
	}
	return sum
}

func crawlAll(b *testing.B, base string, pages, tabs int) {
	b.Helper()
	src := browserSource(pages)
	st, err := store.Open(context.Background(), "", filepath.Join(b.TempDir(), "db"), quiet())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	client := outbound.New(outbound.Config{UserAgent: "TicketMoaBench", Retries: -1, Hosts: map[string]outbound.Host{"shop.example": {Replacement: base, Rate: 10000, Concurrency: 32, Robots: true}}}, time.Now, quiet())
	defer client.Close()
	c, err := New(context.Background(), Deps{Sources: map[string]sellers.Source{"shop": src}, Fetch: client, Queue: &memoryQueue{}, Store: st, Now: time.Now}, Config{Workers: tabs, Tabs: tabs}, quiet())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	if rep, err := c.Crawl(context.Background(), "shop", false, nil); err != nil || rep.Stored != int64(pages) {
		b.Fatal(rep, err)
	}
}

// oneTab opens pages one after the other in one tab, as chromedp's own examples do.
func oneTab(b *testing.B, path, base string, pages int) {
	b.Helper()
	if _, err := exec.LookPath(path); err != nil {
		b.Fatal(err)
	}
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU)...)
	defer cancel()
	ctx, cancelTab := chromedp.NewContext(alloc, chromedp.WithErrorf(func(string, ...any) {}))
	defer cancelTab()
	for i := range pages {
		url := fmt.Sprintf("%s/p/%d", base, i)
		if strings.Contains(base, "?") {
			url = base
		}
		var html string
		if err := chromedp.Run(ctx, chromedp.Navigate(url), chromedp.WaitReady("p.done", chromedp.ByQuery), chromedp.OuterHTML("html", &html)); err != nil || !strings.Contains(html, "99,000") {
			b.Fatal(err, html)
		}
	}
}
