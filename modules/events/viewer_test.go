package events

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

const (
	chromeAgent  = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
	iphoneAgent  = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1"
	samsungAgent = "Mozilla/5.0 (Linux; Android 14; SM-S921N) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// clock is a clock that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func openStore(t *testing.T) store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), "", filepath.Join(t.TempDir(), "db"), slog.New(slog.DiscardHandler))
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func newViewers(t *testing.T, s store.Store, c *clock) *Viewers {
	t.Helper()
	v, err := NewViewers(context.Background(), s, c.now, slog.New(slog.DiscardHandler))
	must(t, err)
	return v
}

func request(agent string, header ...string) *http.Request {
	r, err := http.NewRequest(http.MethodGet, "/", nil)
	if err != nil {
		panic(err)
	}
	r.Header.Set("User-Agent", agent)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func TestPseudonyms(t *testing.T) {
	t.Parallel()
	s, c := openStore(t), newClock()
	v := newViewers(t, s, c)
	of := func(ip, agent string) string { return v.Of(request(agent), netip.MustParseAddr(ip)).Person }
	home := of("203.0.113.7", chromeAgent)
	if !regexp.MustCompile(`^a:[0-9a-f]{16}$`).MatchString(home) {
		t.Errorf("person = %q", home)
	}
	for name, other := range map[string]string{"the same network": of("203.0.113.250", chromeAgent), "the address inside IPv6": of("::ffff:203.0.113.7", chromeAgent),
		"another version": of("203.0.113.7", strings.ReplaceAll(chromeAgent, "142", "150"))} {
		if other != home {
			t.Errorf("%s is another person", name)
		}
	}
	for name, other := range map[string]string{"another network": of("203.0.114.7", chromeAgent), "another browser": of("203.0.113.7", iphoneAgent)} {
		if other == home {
			t.Errorf("%s is the same person", name)
		}
	}
	if of("2001:db8:1:2::1", chromeAgent) != of("2001:db8:1:ffff::9", chromeAgent) || of("2001:db8:1::1", chromeAgent) == of("2001:db8:2::1", chromeAgent) {
		t.Error("IPv6 is not looked at by /48")
	}
	if replica := newViewers(t, s, c); replica.Of(request(chromeAgent), netip.MustParseAddr("203.0.113.7")).Person != home {
		t.Error("a replica sees another person")
	}
	c.move(24 * time.Hour)
	if of("203.0.113.7", chromeAgent) == home {
		t.Error("the person can be followed into the next day")
	}
	if got := (&Viewers{now: c.now, keys: map[ticket.Date]*dayKey{}}).Of(request(chromeAgent), netip.Addr{}).Person; !strings.HasPrefix(got, "a:") {
		t.Errorf("no address, no store: %q", got)
	}
}

func TestKeysAgreeAndGo(t *testing.T) {
	t.Parallel()
	s, c, ctx := openStore(t), newClock(), context.Background()
	v := newViewers(t, s, c)
	keys := func() string {
		var docs []keyDoc
		must(t, v.col.Find(ctx, store.Query{}, &docs))
		var days []string
		for _, d := range docs {
			if len(d.Key) != keyBytes {
				t.Errorf("key of %s has %d bytes", d.Day, len(d.Key))
			}
			days = append(days, string(d.Day))
		}
		return strings.Join(days, " ")
	}
	if got := keys(); got != "2026-11-22 2026-11-23" {
		t.Errorf("keys of %s", got)
	}
	c.move(48 * time.Hour)
	// The store was out of reach over midnight: a key of one's own is used, and offered afterwards.
	alone := v.Of(request(chromeAgent), netip.MustParseAddr("203.0.113.7")).Person
	must(t, v.Refresh(ctx))
	if got := keys(); got != "2026-11-23 2026-11-24 2026-11-25" {
		t.Errorf("keys of %s", got)
	}
	if v.Of(request(chromeAgent), netip.MustParseAddr("203.0.113.7")).Person != alone {
		t.Error("the key used already was not the one kept")
	}
	other := &Viewers{col: v.col, now: c.now, keys: map[ticket.Date]*dayKey{}, log: v.log}
	stranger := other.Of(request(chromeAgent), netip.MustParseAddr("203.0.113.7")).Person
	must(t, other.Refresh(ctx))
	if got := other.Of(request(chromeAgent), netip.MustParseAddr("203.0.113.7")).Person; got != alone || stranger == alone {
		t.Error("two replicas do not agree on a key")
	}
	_, unwanted := v.keys["2026-11-22"]
	if unwanted {
		t.Error("an old key stays in memory")
	}
	if err := v.col.Get(ctx, "2026-11-22", &keyDoc{}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an old key stays in the store: %v", err)
	}
}

func TestBrowsersDevicesRobots(t *testing.T) {
	t.Parallel()
	c := newClock()
	v := &Viewers{now: c.now, keys: map[ticket.Date]*dayKey{}}
	for _, tc := range []struct {
		agent, browser, device string
		bot                    bool
	}{
		{chromeAgent, "chrome", "desktop", false},
		{iphoneAgent, "safari", "phone", false},
		{samsungAgent, "samsung", "phone", false},
		{chromeAgent + " Edg/142.0.0.0", "edge", "desktop", false},
		{strings.Replace(chromeAgent, "Chrome/", "Whale/4.33 Chrome/", 1), "whale", "desktop", false},
		{"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "firefox", "desktop", false},
		{"Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/120 Mobile/15E148 Safari/604.1", "chrome", "tablet", false},
		{"Mozilla/5.0 (Linux; Android 12; CUBOT P50) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120 Mobile Safari/537.36", "chrome", "phone", false},
		{"Mozilla/5.0 (Linux; Android 14; SM-X910) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36", "chrome", "tablet", false},
		{"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "other", "", true},
		{"Mozilla/5.0 (compatible; Yeti/1.1; +https://naver.me/spd)", "other", "", true},
		{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36", "chrome", "desktop", true},
		{"facebookexternalhit/1.1; kakaotalk-scrap/1.0", "other", "", true},
		{"curl/8.5.0", "other", "", true}, {"Go-http-client/1.1", "other", "", true}, {"python-requests/2.32", "other", "", true}, {"", "other", "", true},
	} {
		got := v.Of(request(tc.agent), netip.MustParseAddr("203.0.113.7"))
		if got.Browser != tc.browser || got.Device != tc.device || got.Bot != tc.bot || got.Prefetch {
			t.Errorf("%q is %q on %q, robot %v, prefetch %v", tc.agent, got.Browser, got.Device, got.Bot, got.Prefetch)
		}
	}
	for _, h := range [][]string{{"Sec-Purpose", "prefetch;prerender"}, {"Purpose", "prefetch"}, {"X-Moz", "prefetch"}, {"X-Purpose", "preview"}} {
		if !v.Of(request(chromeAgent, h...), netip.MustParseAddr("203.0.113.7")).Prefetch {
			t.Errorf("%v is no prefetch", h)
		}
	}
}
