// Package outbound is the only way out of the program: every HTTP request to a source is made here.
//
// Guarantees: only allow-listed hosts are asked, redirects included; the address is checked when the connection is made,
// so that no name can lead to this machine or its network; robots.txt is obeyed where the host's rule says so; requests
// to one host keep their distance; an answer is never read past its limit; every request has a time-out; no error and no
// log line carries the secret part of a URL. It never runs a page's script and never hides who asks.
package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/time/rate"
)

// Why a request was not made, or its answer not taken.
var (
	ErrHostNotAllowed = errors.New("host is not on the allow-list")
	ErrForbiddenByURL = errors.New("only http and https URLs without user or password are asked")
	ErrPrivateAddress = errors.New("name leads to an address inside this machine or its network")
	ErrRobots         = errors.New("robots.txt does not allow it")
	ErrNoRobots       = fmt.Errorf("%w: it cannot be had, so nothing may be asked for now", ErrRobots)
	ErrTooLarge       = errors.New("answer is larger than the limit")
	ErrRedirects      = errors.New("too many redirects")
	ErrReservation    = errors.New("paths of reservations, queues and seats are never asked")
	ErrPaused         = errors.New("the site asked us to stay away for a while")
)

// StatusError is an answer that is not a success.
type StatusError struct{ Status int }

func (e StatusError) Error() string {
	return fmt.Sprintf("answered %d %s", e.Status, http.StatusText(e.Status))
}

// Host is the rule for one host.
type Host struct {
	Replacement string  // base URL that is asked instead ("http://127.0.0.1:8100"), for mirrors and tests; its address is trusted
	Rate        float64 // requests a second; 0 is DefaultRate
	Concurrency int     // requests under way at once; 0 is DefaultConcurrency
	Robots      bool    // obey robots.txt
}

// DefaultRate is how many requests a second one host gets when its rule names no rate.
const DefaultRate = 1.0

// DefaultConcurrency is how many requests are under way at one host when its rule names no number.
const DefaultConcurrency = 2

// Config are the settings.
type Config struct {
	UserAgent string          // says honestly who asks, with a contact
	Timeout   time.Duration   // of one request, its body included; 0 is 20 s
	MaxBytes  int64           // of one answer; 0 is 8 MiB
	Retries   int             // after 429, 5xx and network faults; negative is none, 0 is 2
	Hosts     map[string]Host // the allow-list, by lower-case host name
}

// Request is one request. URL names the real site and may be logged; SecretURL, when set, is what is really sent.
type Request struct {
	Method    string
	URL       string
	SecretURL string
	Header    map[string]string
	Body      []byte
	Session   string // cookies are shared within a session; "" keeps none
	Part      bool   // a sub-resource of a page that was already allowed: not paced, robots not asked again
}

// Response is a complete answer.
type Response struct {
	URL    string // after redirects, without secrets
	Status int
	Header http.Header
	Body   []byte
	At     time.Time
}

// Client makes the requests. It is safe for concurrent use.
type Client struct {
	cfg     Config
	log     *slog.Logger
	now     func() time.Time
	guarded *http.Client
	trusted *http.Client

	mu       sync.Mutex
	limiters map[string]*rate.Limiter
	places   map[string]chan struct{} // one place for each request that may be under way at a host
	pauses   map[string]time.Time
	jars     map[string]http.CookieJar
	robots   map[string]*robotsEntry
	asking   map[string]chan struct{} // by host: a place for whoever asks for its robots.txt, so that several requests ask once
}

// New makes a client.
func New(cfg Config, now func() time.Time, log *slog.Logger) *Client {
	if cfg.Timeout <= 0 {
		cfg.Timeout = 20 * time.Second
	}
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = 8 << 20
	}
	if cfg.Retries == 0 {
		cfg.Retries = 2
	}
	return &Client{
		cfg: cfg, log: log, now: now,
		guarded: newHTTPClient(refusePrivate), trusted: newHTTPClient(nil),
		limiters: map[string]*rate.Limiter{}, places: map[string]chan struct{}{}, asking: map[string]chan struct{}{}, pauses: map[string]time.Time{},
		jars: map[string]http.CookieJar{}, robots: map[string]*robotsEntry{},
	}
}

func newHTTPClient(control func(network, address string, _ syscall.RawConn) error) *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: control}
	return &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 20 * time.Second,
			MaxIdleConnsPerHost: 8, IdleConnTimeout: 60 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// refusePrivate runs after the name is resolved and before the connection is made, so it judges the very address used.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", ErrPrivateAddress, address)
	}
	a := ap.Addr().Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() || sharedSpace.Contains(a) || benchmarkSpace.Contains(a) {
		return fmt.Errorf("%w: %s", ErrPrivateAddress, a)
	}
	return nil
}

var (
	sharedSpace    = netip.MustParsePrefix("100.64.0.0/10")
	benchmarkSpace = netip.MustParsePrefix("198.18.0.0/15")
)

// Close drops idle connections.
func (c *Client) Close() {
	c.guarded.CloseIdleConnections()
	c.trusted.CloseIdleConnections()
}

// Allowed tells whether the host of rawURL is on the allow-list.
func (c *Client) Allowed(rawURL string) bool {
	u, err := url.Parse(rawURL)
	if err != nil {
		return false
	}
	_, ok := c.cfg.Hosts[strings.ToLower(u.Hostname())]
	return ok
}

// Do asks and returns the complete answer, whatever its status, following at most five redirects. 429, 5xx and network
// faults are tried again with growing pauses; Retry-After is honoured for the whole host.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	u, err := c.check(r.URL)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.URL, err)
	}
	var res *Response
	for attempt := 0; ; attempt++ {
		res, err = c.once(ctx, r, !r.Part)
		if !worthRetry(res, err) {
			break
		}
		if res != nil { // also when it is not asked again: the next request must keep away as long
			c.pause(hostOf(res.URL, u), retryAfter(res.Header, c.now()))
		}
		if attempt >= c.cfg.Retries || ctx.Err() != nil {
			break
		}
		c.log.Info("asking again", "url", r.URL, "attempt", attempt+1)
		c.pause(u.Hostname(), time.Duration(attempt+1)*time.Second)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.URL, err)
	}
	return res, nil
}

// hostOf is the host of an answer's own address, which a redirect may have moved from the one asked.
func hostOf(raw string, asked *url.URL) string {
	if u, err := url.Parse(raw); err == nil && u.Host != "" {
		return u.Hostname()
	}
	return asked.Hostname()
}

func worthRetry(res *Response, err error) bool {
	if err != nil {
		return !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrHostNotAllowed) && !errors.Is(err, ErrPrivateAddress) &&
			!errors.Is(err, ErrRedirects) && !errors.Is(err, ErrForbiddenByURL) && !errors.Is(err, ErrReservation) && !errors.Is(err, ErrPaused) &&
			!errors.Is(err, ErrRobots) && !errors.Is(err, context.Canceled)
	}
	return res.Status == http.StatusTooManyRequests || res.Status >= 500
}

// check parses a URL and holds it against the allow-list.
func (c *Client) check(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, ErrForbiddenByURL
	}
	if _, ok := c.cfg.Hosts[strings.ToLower(u.Hostname())]; !ok {
		return nil, fmt.Errorf("%w: %s", ErrHostNotAllowed, u.Hostname())
	}
	if reReservation.MatchString(u.Path) {
		return nil, fmt.Errorf("%w: %s", ErrReservation, u.Path)
	}
	return u, nil
}

// once makes one try, redirects included. With obey every address on the way is held against its host's robots.txt.
func (c *Client) once(ctx context.Context, r Request, obey bool) (*Response, error) {
	visible, send, method, body := r.URL, r.SecretURL, r.Method, r.Body
	for range 6 {
		u, err := c.check(visible)
		if err != nil {
			return nil, err
		}
		if obey {
			if err := c.allowedByRobots(ctx, u); err != nil {
				return nil, err
			}
		}
		if send == "" {
			send = visible
		}
		res, err := c.inTurn(ctx, u, r.Part, func() (*Response, error) { return c.exchange(ctx, u, send, method, body, r) })
		if err != nil {
			return nil, err
		}
		next := c.redirect(u, res)
		if next == "" {
			return res, nil
		}
		if res.Status != http.StatusTemporaryRedirect && res.Status != http.StatusPermanentRedirect {
			method, body = http.MethodGet, nil
		}
		visible, send = next, ""
	}
	return nil, ErrRedirects
}

// exchange sends one request to the host or its replacement and reads the whole answer within the limit.
func (c *Client) exchange(ctx context.Context, visible *url.URL, send, method string, body []byte, r Request) (*Response, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	rule := c.cfg.Hosts[strings.ToLower(visible.Hostname())]
	client := c.guarded
	if rule.Replacement != "" {
		client = c.trusted
		mapped, err := replace(send, rule.Replacement)
		if err != nil {
			return nil, err
		}
		send = mapped
	}
	if method == "" {
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(ctx, method, send, strings.NewReader(string(body)))
	if err != nil {
		return nil, ErrForbiddenByURL
	}
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	req.Header.Set("Accept-Language", "ko-KR,ko;q=0.9,en;q=0.5")
	for k, v := range r.Header {
		req.Header.Set(k, v)
	}
	if rule.Replacement != "" {
		req.Header.Set("X-Forwarded-Host", visible.Host)
	}
	jar := c.jar(r.Session)
	if jar != nil {
		for _, ck := range jar.Cookies(visible) {
			req.AddCookie(ck)
		}
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, withoutURL(err)
	}
	defer resp.Body.Close()
	if jar != nil {
		jar.SetCookies(visible, resp.Cookies())
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, c.cfg.MaxBytes+1))
	if err != nil {
		return nil, withoutURL(err)
	}
	if int64(len(data)) > c.cfg.MaxBytes {
		return nil, fmt.Errorf("%w of %d bytes", ErrTooLarge, c.cfg.MaxBytes)
	}
	return &Response{URL: visible.String(), Status: resp.StatusCode, Header: resp.Header, Body: data, At: c.now()}, nil
}

// withoutURL strips the URL that net/http puts into its errors: it may carry a key.
func withoutURL(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		return ue.Err
	}
	return err
}

// replace moves a URL to another base, keeping path and query.
func replace(raw, base string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", ErrForbiddenByURL
	}
	b, err := url.Parse(base)
	if err != nil || b.Host == "" {
		return "", fmt.Errorf("%w: replacement %q", ErrForbiddenByURL, base)
	}
	u.Scheme, u.Host = b.Scheme, b.Host
	u.Path = strings.TrimSuffix(b.Path, "/") + u.Path
	u.RawPath = ""
	return u.String(), nil
}

// redirect is where the answer leads, in terms of the real host; "" when it is no redirect.
func (c *Client) redirect(from *url.URL, res *Response) string {
	if res.Status < 300 || res.Status > 399 || res.Status == http.StatusNotModified {
		return ""
	}
	to, err := from.Parse(res.Header.Get("Location"))
	if err != nil || res.Header.Get("Location") == "" {
		return ""
	}
	rule := c.cfg.Hosts[strings.ToLower(from.Hostname())]
	if b, err := url.Parse(rule.Replacement); err == nil && b.Host != "" && to.Host == b.Host {
		to.Scheme, to.Host = from.Scheme, from.Host
		to.Path = strings.TrimPrefix(to.Path, strings.TrimSuffix(b.Path, "/"))
	}
	return to.String()
}

func (c *Client) jar(session string) http.CookieJar {
	if session == "" {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.jars[session] == nil {
		c.jars[session], _ = cookiejar.New(nil) // never fails without options
	}
	return c.jars[session]
}
