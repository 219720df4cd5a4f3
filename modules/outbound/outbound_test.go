package outbound

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func client(t *testing.T, cfg Config) *Client {
	t.Helper()
	if cfg.UserAgent == "" {
		cfg.UserAgent = "TicketMoaTest/1 (+https://example.org)"
	}
	c := New(cfg, time.Now, slog.New(slog.DiscardHandler))
	t.Cleanup(c.Close)
	return c
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestOnlyAllowedHostsAreAsked(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	base := serve(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	c := client(t, Config{Hosts: map[string]Host{"seller.example": {Replacement: base, Rate: 1000}, "127.0.0.1": {Rate: 1000}, "localhost": {Rate: 1000}}, Retries: -1})
	for _, tc := range []struct {
		url  string
		want error
	}{
		{"https://other.example/", ErrHostNotAllowed},
		{"file:///etc/passwd", ErrForbiddenByURL},
		{"https://user:pw@seller.example/", ErrForbiddenByURL},
		{"javascript:alert(1)", ErrForbiddenByURL},
		{"", ErrForbiddenByURL},
		{base + "/inside", ErrPrivateAddress},
		{strings.Replace(base, "127.0.0.1", "localhost", 1), ErrPrivateAddress},
	} {
		if _, err := c.Do(context.Background(), Request{URL: tc.url}); !errors.Is(err, tc.want) {
			t.Errorf("Do(%q) = %v, want %v", tc.url, err, tc.want)
		}
	}
	if asked.Load() != 0 {
		t.Errorf("the server was asked %d times", asked.Load())
	}
}

func TestReplacementRedirectsAndCookies(t *testing.T) {
	t.Parallel()
	var base string
	base = serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/m/login":
			http.SetCookie(w, &http.Cookie{Name: "sid", Value: "42"})
			http.Redirect(w, r, "https://seller.example/list?x=1", http.StatusFound)
		case "/m/list":
			ck, _ := r.Cookie("sid")
			if ck == nil || ck.Value != "42" || r.URL.RawQuery != "x=1" {
				w.WriteHeader(http.StatusForbidden)
			}
			_, _ = io.WriteString(w, "listed for "+r.Header.Get("X-Forwarded-Host"))
		case "/m/away":
			http.Redirect(w, r, "https://evil.example/", http.StatusFound)
		case "/m/own":
			http.Redirect(w, r, base+"/m/list?x=1", http.StatusMovedPermanently)
		case "/m/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		}
	})
	c := client(t, Config{Hosts: map[string]Host{"seller.example": {Replacement: base + "/m", Rate: 1000}}, Retries: -1})
	res, err := c.Do(context.Background(), Request{URL: "https://seller.example/login", Session: "s"})
	if err != nil || res.Status != 200 || res.URL != "https://seller.example/list?x=1" || string(res.Body) != "listed for seller.example" {
		t.Fatalf("Do = %+v, %v", res, err)
	}
	if res, err := c.Do(context.Background(), Request{URL: "https://seller.example/own", Session: "s"}); err != nil || res.Status != 200 {
		t.Errorf("a redirect to the mirror's own address: %+v, %v", res, err)
	}
	if _, err := c.Do(context.Background(), Request{URL: "https://seller.example/away"}); !errors.Is(err, ErrHostNotAllowed) {
		t.Errorf("a redirect to another host: %v, want %v", err, ErrHostNotAllowed)
	}
	if _, err := c.Do(context.Background(), Request{URL: "https://seller.example/round"}); !errors.Is(err, ErrRedirects) {
		t.Errorf("a redirect for ever: %v, want %v", err, ErrRedirects)
	}
	if res, err := c.Do(context.Background(), Request{URL: "https://seller.example/list?x=1"}); err != nil || res.Status != http.StatusForbidden {
		t.Errorf("without a session the cookie came along: %+v, %v", res, err)
	}
}

func TestLimitRetryAndSecret(t *testing.T) {
	t.Parallel()
	var tries atomic.Int64
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/big":
			_, _ = io.WriteString(w, strings.Repeat("x", 2000))
		case "/shaky":
			if tries.Add(1) < 3 {
				w.Header().Set("Retry-After", "1")
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		case "/cut":
			panic(http.ErrAbortHandler)
		}
	})
	host := map[string]Host{"seller.example": {Replacement: base, Rate: 1000}}
	c := client(t, Config{Hosts: host, MaxBytes: 1000})
	if _, err := c.Do(context.Background(), Request{URL: "https://seller.example/big"}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("big answer: %v, want %v", err, ErrTooLarge)
	}
	if res, err := c.Do(context.Background(), Request{URL: "https://seller.example/shaky"}); err != nil || res.Status != 200 {
		t.Errorf("an answer at the third try: %+v, %v", res, err)
	}
	once := client(t, Config{Hosts: host, Retries: -1})
	_, err := once.Do(context.Background(), Request{URL: "https://seller.example/cut", SecretURL: "https://seller.example/cut?service=sesame"})
	if err == nil || strings.Contains(err.Error(), "sesame") {
		t.Errorf("error %v must exist and not hold the key", err)
	}
}

func TestRobots(t *testing.T) {
	t.Parallel()
	served := func(status int, robots string) *Client {
		base := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				w.WriteHeader(status)
				_, _ = io.WriteString(w, robots)
			}
		})
		return client(t, Config{Retries: -1, Hosts: map[string]Host{
			"polite.example": {Replacement: base, Rate: 1000, Robots: true}, "agreed.example": {Replacement: base, Rate: 1000}}})
	}
	for _, tc := range []struct {
		name, robots string
		status       int
		path         string
		forbidden    bool
	}{
		{"allowed", "User-agent: *\nDisallow: /private", 200, "/open", false},
		{"forbidden", "User-agent: *\nDisallow: /private", 200, "/private/x", true},
		{"whitelist of others", "User-agent: Googlebot\nAllow: /\n\nUser-agent: *\nDisallow: /", 200, "/open", true},
		{"named", "User-agent: *\nDisallow: /\n\nUser-agent: TicketMoaTest\nAllow: /", 200, "/open", false},
		{"missing", "not found", 404, "/open", false},
		{"server fault", "", 503, "/open", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := served(tc.status, tc.robots)
			_, err := c.Do(context.Background(), Request{URL: "https://polite.example" + tc.path})
			if got := errors.Is(err, ErrRobots); got != tc.forbidden {
				t.Errorf("err = %v, forbidden = %v, want %v", err, got, tc.forbidden)
			}
			if _, err := c.Do(context.Background(), Request{URL: "https://agreed.example" + tc.path}); err != nil {
				t.Errorf("with the owner's permission: %v", err)
			}
		})
	}
}

func TestPacingKeepsEveryRequest(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	base := serve(t, func(http.ResponseWriter, *http.Request) { n.Add(1) })
	c := client(t, Config{Timeout: 300 * time.Millisecond, Hosts: map[string]Host{"seller.example": {Replacement: base, Rate: 10}}})
	errs := make(chan error, 8)
	for range 8 {
		go func() {
			_, err := c.Do(context.Background(), Request{URL: "https://seller.example/"})
			errs <- err
		}()
	}
	for range 8 {
		if err := <-errs; err != nil {
			t.Errorf("waiting for the turn must not eat the time of the request: %v", err)
		}
	}
	if n.Load() != 8 {
		t.Errorf("asked %d times, want 8", n.Load())
	}
}
