package crawl

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/ticketlink"
	"ticketmoa/modules/sellers/yes24"
	"ticketmoa/modules/ticket"
)

// TestCapturedPagesThroughChromium serves real captured pages under their real paths, opens them in Chromium as a crawl
// does, and wants the parser to read from what Chromium gives back the same as from the capture.
func TestCapturedPagesThroughChromium(t *testing.T) {
	needChromium(t)
	captures := filepath.Join("..", "..", "..", "shared", "data", "captures")
	for _, tc := range []struct {
		source     sellers.Source
		file, path string
		waitFor    string
		code       string
	}{
		{ticketlink.New(), "ticketlink/product_52656_rendered_2024-11.html", "/product/52656", ".product_info_list", "52656"},
		{yes24.New(), "yes24/detail_51466_2024-11.html", "/Perf/51466", ".rn-big-title", "51466"},
	} {
		t.Run(tc.source.Info().Name, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join(captures, tc.file))
			if err != nil {
				t.Skipf("the captured pages are not beside this checkout: %v", err)
			}
			info := tc.source.Info()
			url := "https://" + info.Hosts[0] + tc.path
			var mu sync.Mutex
			asked := map[string]bool{}
			src := fake{info: info, start: []sellers.Request{{Kind: ticket.DetailPage, Code: tc.code, URL: url, Browser: true, WaitFor: tc.waitFor}}}
			r := newRig(t, src, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				mu.Lock()
				asked[req.Header.Get("X-Forwarded-Host")] = true
				mu.Unlock()
				if req.URL.Path != tc.path {
					http.NotFound(w, req)
					return
				}
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				_, _ = w.Write(body)
			}), Config{Timeout: 30 * time.Second})
			rep, err := r.crawler.Crawl(context.Background(), info.Name, false, nil)
			if err != nil || rep.Stored != 1 {
				t.Fatalf("Crawl = %+v, %v", rep, err)
			}
			for host := range asked {
				if !strings.Contains(strings.Join(info.Hosts, " "), host) {
					t.Errorf("the foreign host %s was asked", host)
				}
			}
			direct := *r.queue.pages[0]
			direct.Body = body
			want, err := tc.source.Parse(&direct)
			if err != nil {
				t.Fatal(err)
			}
			got, err := tc.source.Parse(r.queue.pages[0])
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Shows) != 1 || len(want.Shows) != 1 {
				t.Fatalf("%d shows through Chromium, %d in the capture", len(got.Shows), len(want.Shows))
			}
			g, w := got.Shows[0], want.Shows[0]
			if g.Title != w.Title || g.PeriodText != w.PeriodText || g.VenueText != w.VenueText || len(g.Prices) != len(w.Prices) || g.AgeText != w.AgeText || g.RunningText != w.RunningText || len(g.Cast) != len(w.Cast) {
				t.Errorf("through Chromium %+v\nin the capture %+v", g, w)
			}
		})
	}
}
