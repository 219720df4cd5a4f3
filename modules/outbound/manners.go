package outbound

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/temoto/robotstxt"
	"golang.org/x/time/rate"
)

const (
	robotsFor      = time.Hour // a rule that changes while a crawl is under way is obeyed within it
	robotsFaultFor = 10 * time.Minute
	longestPause   = 24 * time.Hour
	longestWait    = 2 * time.Minute // a longer pause is not waited out: the request fails, the crawl goes on another time
)

// reReservation are the paths behind which tickets are held for buyers.
var reReservation = regexp.MustCompile(`(?i)/(?:reserve|reservation|reserv|booking|book|seats?|seatmap|waiting|queue|onestop|netfunnel|gate|captcha|payment|order)(?:/|\.|$)|ts\.wseq`)

type robotsEntry struct {
	group *robotstxt.Group // nil allows nothing: the file could not be had because of the server's fault
	until time.Time
}

// inTurn makes one exchange with a host once a place there is free and its turn has come. The parts of a page that was
// allowed are not paced, but take a place like every other.
func (c *Client) inTurn(ctx context.Context, u *url.URL, part bool, exchange func() (*Response, error)) (*Response, error) {
	host := strings.ToLower(u.Hostname())
	leave, err := c.enter(ctx, c.places, host, cmp.Or(max(0, c.cfg.Hosts[host].Concurrency), DefaultConcurrency))
	if err != nil {
		return nil, err
	}
	defer leave()
	if err := c.wait(ctx, host, part); err != nil {
		return nil, err
	}
	return exchange()
}

// enter waits for one of a host's n places and gives what leaves it.
func (c *Client) enter(ctx context.Context, of map[string]chan struct{}, host string, n int) (leave func(), err error) {
	c.mu.Lock()
	places := of[host]
	if places == nil {
		places = make(chan struct{}, n)
		of[host] = places
	}
	c.mu.Unlock()
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for a place: %w", ctx.Err())
	}
}

// wait keeps the distance between two requests to one host, and out of the pauses its Retry-After asked for.
func (c *Client) wait(ctx context.Context, host string, part bool) error {
	c.mu.Lock()
	until := c.pauses[host]
	limiter := c.limiters[host]
	if limiter == nil {
		perSecond := c.cfg.Hosts[host].Rate
		if perSecond <= 0 {
			perSecond = DefaultRate
		}
		limiter = rate.NewLimiter(rate.Limit(perSecond), 1)
		c.limiters[host] = limiter
	}
	c.mu.Unlock()
	if d := until.Sub(c.now()); d > longestWait {
		return fmt.Errorf("%w: %s, until %s", ErrPaused, host, until.UTC().Format(time.RFC3339))
	} else if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			return fmt.Errorf("waiting out a pause of %s: %w", d.Round(time.Second), ctx.Err())
		}
	}
	if part {
		return nil
	}
	if err := limiter.Wait(ctx); err != nil {
		return fmt.Errorf("waiting for the turn: %w", err)
	}
	return nil
}

// pause keeps everybody away from a host for d, at most longestPause.
func (c *Client) pause(host string, d time.Duration) {
	host = strings.ToLower(host)
	until := c.now().Add(min(d, longestPause))
	c.mu.Lock()
	defer c.mu.Unlock()
	if until.After(c.pauses[host]) {
		c.pauses[host] = until
	}
}

// retryAfter reads Retry-After in both its forms; 0 when there is none.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.Atoi(v); err == nil && n > 0 {
		return time.Duration(n) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil && t.After(now) {
		return t.Sub(now)
	}
	return 0
}

// allowedByRobots holds a URL against the host's robots.txt where its rule says so. A missing file allows everything; a
// file that the server failed to give allows nothing, as RFC 9309 has it.
func (c *Client) allowedByRobots(ctx context.Context, u *url.URL) error {
	host := strings.ToLower(u.Hostname())
	if !c.cfg.Hosts[host].Robots || u.Path == "/robots.txt" {
		return nil
	}
	entry, err := c.robotsOf(ctx, u)
	if err != nil {
		return err
	}
	if entry.group == nil {
		return fmt.Errorf("%s: %w", u.Host, ErrNoRobots)
	}
	if !entry.group.Test(u.RequestURI()) {
		return fmt.Errorf("%w: %s", ErrRobots, u.Path)
	}
	return nil
}

// robotsOf is what is known of a host's rules, asked for when that is nothing or old.
func (c *Client) robotsOf(ctx context.Context, u *url.URL) (*robotsEntry, error) {
	known := func() *robotsEntry {
		c.mu.Lock()
		defer c.mu.Unlock()
		if e := c.robots[u.Host]; e != nil && !c.now().After(e.until) {
			return e
		}
		return nil
	}
	if e := known(); e != nil {
		return e, nil
	}
	leave, err := c.enter(ctx, c.asking, u.Host, 1)
	if err != nil {
		return nil, err
	}
	defer leave()
	if e := known(); e != nil {
		return e, nil
	}
	e := c.fetchRobots(ctx, u)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.robots[u.Host] = e
	c.mu.Unlock()
	return e, nil
}

// escaped writes every byte beyond ASCII as %XX, the way addresses hold them, so that a rule in Hangul meets its paths.
func escaped(robots []byte) []byte {
	var b bytes.Buffer
	for _, c := range robots {
		if c < 0x80 {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.Bytes()
}

func (c *Client) fetchRobots(ctx context.Context, u *url.URL) *robotsEntry {
	at := url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}
	fault := &robotsEntry{until: c.now().Add(robotsFaultFor)}
	res, err := c.once(ctx, Request{URL: at.String()}, false)
	if err != nil {
		c.log.Warn("no robots.txt to be had", "host", u.Host, "error", err)
		return fault
	}
	data, err := robotstxt.FromStatusAndBytes(res.Status, escaped(res.Body))
	if err != nil || res.Status >= 500 {
		c.log.Warn("robots.txt cannot be used", "host", u.Host, "status", res.Status)
		return fault
	}
	return &robotsEntry{group: data.FindGroup(c.cfg.UserAgent), until: c.now().Add(robotsFor)}
}
