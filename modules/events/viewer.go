package events

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// Viewers say who makes a request. A visitor without an account is a pseudonym made of the day's secret key, the network
// (/24 or /48) and the family of the browser: without a cookie, the same all day and on every replica, another one the
// next day. The key is deleted after two days, so nobody can be followed and nothing can be computed back.
type Viewers struct {
	col store.Collection
	now func() time.Time
	log *slog.Logger

	mu   sync.Mutex
	keys map[ticket.Date]*dayKey

	agents agents
}

// NewViewers opens the collection event_keys and gets today's key.
func NewViewers(ctx context.Context, s store.Store, now func() time.Time, log *slog.Logger) (*Viewers, error) {
	col, err := s.Collection(ctx, store.Spec{Name: "event_keys"})
	if err != nil {
		return nil, fmt.Errorf("open the collection event_keys: %w", err)
	}
	v := &Viewers{col: col, now: now, log: log, keys: map[ticket.Date]*dayKey{}}
	return v, v.Refresh(ctx)
}

// Of is the viewer of a request that came from ip, as one without an account. It never asks the store.
func (v *Viewers) Of(r *http.Request, ip netip.Addr) ticket.Viewer {
	name := ""
	if all := r.Header["User-Agent"]; len(all) > 0 {
		name = all[0]
	}
	a := v.agents.judge(name)
	out := ticket.Viewer{Browser: a.browser, Device: a.device, Bot: a.bot, Prefetch: isPrefetch(r.Header)}
	sum := v.known(ticket.DateOf(v.now())).sum(Network(ip) + "|" + out.Browser)
	person := [2 + 16]byte{'a', ':'}
	hex.Encode(person[2:], sum[:8])
	out.Person = string(person[:])
	return out
}

// agent is what a user agent says of itself.
type agent struct {
	browser, device string
	bot             bool
}

// agents remembers what was made of the user agents that came lately, for judging one takes longer than all the rest of an
// event. It keeps two megabytes of them at most, in memory alone.
type agents struct {
	mu    sync.RWMutex
	known map[string]agent
}

const (
	mostAgents   = 4096
	longestAgent = 512
)

func (all *agents) judge(name string) agent {
	all.mu.RLock()
	a, ok := all.known[name]
	all.mu.RUnlock()
	if ok {
		return a
	}
	a = agent{browserOf(name), deviceOf(name), isBot(name)}
	if len(name) > longestAgent {
		return a
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.known == nil || len(all.known) >= mostAgents {
		all.known = map[string]agent{}
	}
	all.known[strings.Clone(name)] = a
	return a
}

// Network is the network an address belongs to, as far as we look at it: /24 of IPv4, /48 of IPv6. It is never stored.
func Network(ip netip.Addr) string {
	ip = ip.Unmap().WithZone("")
	bits := 24
	if ip.Is6() {
		bits = 48
	}
	p, err := ip.Prefix(bits)
	if err != nil || !ip.IsValid() {
		return "unknown"
	}
	return p.String()
}

// Stamp fills in what an event says of who made it.
func Stamp(e ticket.Event, v ticket.Viewer) ticket.Event {
	e.Person, e.Account, e.AgeBand, e.Gender = v.Person, v.Account, v.AgeBand, v.Gender
	e.Browser, e.Device, e.Bot, e.Prefetch = v.Browser, v.Device, v.Bot, v.Prefetch
	return e
}

// isPrefetch tells whether the browser asks ahead of the person. Safari's and old Firefox's ways are known too.
func isPrefetch(h http.Header) bool {
	for _, name := range [...]string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		if len(h[name]) == 0 { // nearly always; the names are in their canonical form
			continue
		}
		v := strings.ToLower(h[name][0])
		if strings.Contains(v, "prefetch") || strings.Contains(v, "preview") || strings.Contains(v, "prerender") {
			return true
		}
	}
	return false
}

// browsers are the families by a mark in the user agent, the more special first: nearly all of them also say "Chrome" and
// "Safari".
var browsers = [...]struct{ mark, family string }{
	{"whale/", "whale"}, {"samsungbrowser/", "samsung"}, {"edg/", "edge"}, {"edga/", "edge"}, {"edgios/", "edge"}, {"edge/", "edge"},
	{"opr/", "other"}, {"opera", "other"}, {"vivaldi", "other"}, {"yabrowser", "other"},
	{"firefox/", "firefox"}, {"fxios/", "firefox"}, {"crios/", "chrome"}, {"chrome/", "chrome"}, {"chromium/", "chrome"},
	{"applewebkit/", "safari"},
}

func browserOf(agent string) string {
	agent = strings.ToLower(agent)
	for _, b := range browsers {
		if strings.Contains(agent, b.mark) {
			return b.family
		}
	}
	return "other"
}

func deviceOf(agent string) string {
	agent = strings.ToLower(agent)
	has := func(marks ...string) bool {
		for _, m := range marks {
			if strings.Contains(agent, m) {
				return true
			}
		}
		return false
	}
	switch {
	case has("ipad", "tablet", "kindle", "silk/"), has("android") && !has("mobile"):
		return "tablet"
	case has("iphone", "ipod", "android", "mobile"):
		return "phone"
	case has("windows nt", "macintosh", "x11", "cros "):
		return "desktop"
	}
	return ""
}

// robots are marks of programs that ask without a person: crawlers, previews, headless browsers, libraries, load tests.
var robots = [...]string{
	"bot", "crawl", "spider", "slurp", "yeti", "daum/", "daumoa", "facebookexternalhit", "kakaotalk-scrap", "mediapartners", "googleother",
	"google-inspectiontool", "feedfetcher", "preview", "archiver", "scrap", "fetch", "monitor", "uptime", "pingdom", "lighthouse", "headless",
	"phantomjs", "puppeteer", "playwright", "selenium", "webdriver", "cypress", "electron", "curl", "wget", "python", "java/", "okhttp",
	"go-http-client", "httpclient", "http-client", "libwww", "perl", "ruby", "axios", "undici", "aiohttp", "httpx", "node.js", "postman",
	"insomnia", "vegeta", "k6/", "apachebench", "jmeter", "wrk", "whatsapp", "gptbot", "ccbot", "anthropic", "openai", "perplexity",
}

// isBot tells whether a user agent says that it is no person. Every browser people use begins with "Mozilla/".
func isBot(agent string) bool {
	agent = strings.ToLower(strings.TrimSpace(agent))
	if !strings.HasPrefix(agent, "mozilla/") && !strings.HasPrefix(agent, "opera/") {
		return true
	}
	agent = strings.ReplaceAll(agent, "cubot", "") // a maker of phones
	for _, mark := range robots {
		if strings.Contains(agent, mark) {
			return true
		}
	}
	return false
}
