package crawl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ticketmoa/modules/outbound"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

// TestTurnedAway: a site that refuses us, by status or by a page that keeps robots out, is left alone after three refusals;
// what was left to ask waits for another time.
func TestTurnedAway(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]func(w http.ResponseWriter){
		"403": func(w http.ResponseWriter) { w.WriteHeader(http.StatusForbidden) },
		"429": func(w http.ResponseWriter) { w.WriteHeader(http.StatusTooManyRequests) },
		"a page that asks for a person": func(w http.ResponseWriter) {
			fmt.Fprint(w, `<html><title>확인</title><form>비정상적인 접근이 감지되었습니다. 보안문자를 입력하세요. <input name="captcha"></form></html>`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			src, _ := tree(40)
			src.parse = func(p *ticket.Page) error {
				if !strings.Contains(string(p.Body), "product") {
					return sellers.ErrNotOurs
				}
				return nil
			}
			r := newRig(t, src, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				switch n := asked.Load(); {
				case req.URL.Path == "/robots.txt":
					http.NotFound(w, req)
				case n < 10:
					asked.Add(1)
					fmt.Fprint(w, "<html>product captcha ", req.URL.Path) // a real page may hold the word
				default:
					asked.Add(1)
					refuse(w)
				}
			}), Config{Workers: 1})
			rep, err := r.crawler.Crawl(context.Background(), "tree", false, nil)
			if !errors.Is(err, ErrTurnedAway) || asked.Load() != 13 || rep.Waiting == 0 {
				t.Fatalf("asked %d times, %d waiting: %v", asked.Load(), rep.Waiting, err)
			}
			if got := len(r.queue.urls()); got != 10 {
				t.Errorf("%d pages are on the queue, want the 10 real ones", got)
			}
		})
	}
}

// TestLongRetryAfter: a site that asks for an hour of peace gets it, and the crawl ends at once instead of waiting.
func TestLongRetryAfter(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	src, _ := tree(20)
	r := newRig(t, src, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/robots.txt" {
			http.NotFound(w, req)
			return
		}
		if asked.Add(1) > 5 {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, "<html>")
	}), Config{Workers: 1})
	rep, err := r.crawler.Crawl(context.Background(), "tree", false, nil)
	if !errors.Is(err, outbound.ErrPaused) || asked.Load() != 6 || rep.Stored != 5 {
		t.Fatalf("asked %d times, %+v: %v", asked.Load(), rep.Progress, err)
	}
}

// TestEndlessAndForeign: a page that never ends is cut off, a redirect to another host is not followed, and both cost the
// crawl no more than that page.
func TestEndlessAndForeign(t *testing.T) {
	t.Parallel()
	src, _ := tree(4)
	r := newRig(t, src, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch req.URL.Path {
		case "/robots.txt":
			http.NotFound(w, req)
		case "/p/1":
			for range 1 << 20 {
				if _, err := io.WriteString(w, strings.Repeat("x", 1<<12)); err != nil {
					return
				}
			}
		case "/p/2":
			http.Redirect(w, req, "https://elsewhere.example/p/2", http.StatusFound)
		case "/p/3":
			fmt.Fprint(w, "<html>")
			w.(http.Flusher).Flush()
			<-req.Context().Done() // says something, and then nothing for ever
		default:
			fmt.Fprint(w, "<html>")
		}
	}), Config{Attempts: 1})
	rep, err := r.crawler.Crawl(context.Background(), "tree", false, nil)
	if err != nil || rep.Stored != 2 || rep.Failed != 3 {
		t.Fatalf("%+v %v", rep, err)
	}
	notes := strings.Join(rep.Notes, "\n")
	for _, want := range []string{outbound.ErrTooLarge.Error(), outbound.ErrHostNotAllowed.Error(), context.DeadlineExceeded.Error()} {
		if !strings.Contains(notes, want) {
			t.Errorf("the report %q does not tell of %q", notes, want)
		}
	}
}

// TestFallback: where a route of data answers with the frame of the site, the page people see is opened in Chromium.
func TestFallback(t *testing.T) {
	t.Parallel()
	needChromium(t)
	src := fake{info: sellers.Info{Name: "shop", Hosts: []string{"shop.example"}}, start: []sellers.Request{{Kind: ticket.DetailPage, Code: "1", URL: "https://shop.example/api/1",
		Fallback: true, FallbackURL: "https://shop.example/p/1", WaitFor: "p.done"}}}
	src.parse = func(p *ticket.Page) error {
		if !strings.Contains(string(p.Body), "content") {
			return sellers.ErrUnrendered
		}
		return nil
	}
	r := newRig(t, src, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch req.URL.Path {
		case "/api/1":
			fmt.Fprint(w, "<html><div id=root></div></html>")
		case "/p/1":
			fmt.Fprint(w, `<html><body><script>document.body.innerHTML = '<p class=done>con' + 'tent</p>'</script></body></html>`)
		default:
			http.NotFound(w, req)
		}
	}), Config{Timeout: 20 * time.Second})
	rep, err := r.crawler.Crawl(context.Background(), "shop", false, nil)
	if err != nil || rep.Stored != 1 {
		t.Fatalf("%+v %v", rep, err)
	}
	if p := r.queue.pages[0]; p.URL != "https://shop.example/p/1" || !p.Rendered || p.Code != "1" || !strings.Contains(string(p.Body), "content") {
		t.Errorf("%+v", p)
	}
}
