package crawl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"regexp"
	"slices"

	"ticketmoa/modules/outbound"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

// ErrTurnedAway means that the site refuses to answer us. The crawl stops: asking on would be rude and useless.
var ErrTurnedAway = errors.New("the site turns us away")

// enough is how many refusals in a row end a crawl.
const enough = 3

// visit asks one request and brings it to a final state. It returns an error only when the crawl cannot go on.
func (w *walk) visit(ctx context.Context, e entry) error {
	page, err := w.fetch(ctx, e)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return w.refused(ctx, e, err)
	}
	if err := w.settleAway(ctx); err != nil {
		return err
	}
	switch {
	case page.Status == http.StatusNotModified:
		return w.unchanged(ctx, e)
	case e.Request.NoStore:
		follow, err := w.src.Follow(page)
		return w.settle(ctx, e, outcome{state: done, why: err, follow: follow})
	}
	payload, err := page.Encode()
	if err != nil {
		return w.settle(ctx, e, outcome{state: failed, why: err})
	}
	if _, err := w.c.deps.Queue.Append(ctx, payload); err != nil {
		return fmt.Errorf("put %s on the queue: %w", page.URL, err)
	}
	w.mu.Lock()
	w.p.Stored++
	w.mu.Unlock()
	return w.settle(ctx, e, w.read(e, page))
}

// read is the outcome of a page that is safe: where it leads, and whether it is what was asked for. One that is not, a page
// of maintenance under status 200, say, is asked for again by the next crawl.
func (w *walk) read(e entry, p *ticket.Page) outcome {
	follow, err := w.src.Follow(p)
	o := outcome{state: done, why: err, unread: err != nil, follow: follow, page: p}
	if isList(p.Kind) {
		return o
	}
	switch _, err := w.src.Parse(p); {
	case errors.Is(err, sellers.ErrGone):
		w.mu.Lock()
		o.gone = !w.known[e.Hash].FetchedAt.IsZero()
		w.mu.Unlock()
		o.why, o.unread, o.absent = nil, false, true
	case err != nil:
		o.why, o.unread = err, true
	}
	return o
}

// refused brings a request that gave no page to its final state. When the site turns us away again and again, or asks to be
// left alone for long, the crawl stops; what it had left to ask is asked another time.
func (w *walk) refused(ctx context.Context, e entry, err error) error {
	var status outbound.StatusError
	gone := errors.As(err, &status) && (status.Status == http.StatusNotFound || status.Status == http.StatusGone)
	if errors.Is(err, outbound.ErrPaused) {
		return err
	}
	o := outcome{state: failed, why: err, gone: gone, absent: gone}
	if !errors.Is(err, ErrTurnedAway) {
		return w.settle(ctx, e, o)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.away = append(w.away, refusal{e, o})
	if len(w.away) < enough {
		return nil
	}
	for _, r := range w.away {
		w.reasons[reason(r.o.why)]++
	}
	return fmt.Errorf("%w: stopped after %d refusals in a row, the last: %w", ErrTurnedAway, enough, err)
}

// refusal is a request that the site turned away. It is final when the site answers another, or there is none left; when the
// crawl stops for it, the next asks again.
type refusal struct {
	e entry
	o outcome
}

// settleAway brings the refusals to their end: they were not the site's word to us as a whole.
func (w *walk) settleAway(ctx context.Context) error {
	w.mu.Lock()
	away := w.away
	if len(away) < enough {
		w.away = nil
	} else {
		away = nil
	}
	w.mu.Unlock()
	for _, r := range away {
		if err := w.settle(ctx, r.e, r.o); err != nil {
			return err
		}
	}
	return nil
}

// unchanged settles a request that was answered with 304: it leads where it led before.
func (w *walk) unchanged(ctx context.Context, e entry) error {
	w.mu.Lock()
	thing := w.known[e.Hash]
	w.p.Unchanged++
	w.mu.Unlock()
	page := &ticket.Page{Header: map[string]string{"Etag": thing.ETag, "Last-Modified": thing.Modified}}
	return w.settle(ctx, e, outcome{state: done, follow: thing.Follow, page: page})
}

// outcome is how a request ended.
type outcome struct {
	state  string
	why    error
	unread bool // it was answered, but not with what was asked for
	absent bool // it was answered that this is not there
	follow []sellers.Request
	page   *ticket.Page // nil when there is none
	gone   bool
}

// settle writes the follow-ups before the end state of what led to them, so that a kill between the two loses none.
func (w *walk) settle(ctx context.Context, e entry, o outcome) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.add(ctx, o.follow); err != nil {
		return err
	}
	w.weigh(e, o)
	if err := w.learn(ctx, e, o); err != nil {
		return err
	}
	e.State = o.state
	if o.why != nil {
		e.Error = o.why.Error()
		w.reasons[reason(o.why)]++
		level := slog.LevelWarn
		if errors.Is(o.why, ErrNoChromium) {
			level = slog.LevelDebug // said once at the start and once in the report, not once a page
		}
		w.c.log.Log(ctx, level, "request failed", "source", w.info.Name, "url", e.Request.URL, "error", o.why)
		if isList(e.Request.Kind) {
			if err := w.tear(ctx); err != nil {
				return err
			}
		}
	}
	w.p.Asked++
	if o.unread {
		w.p.Unread++
	}
	if o.state == failed {
		w.p.Failed++
	}
	return w.c.frontier.put(ctx, e)
}

// tear notes that a list could not be read to its end, so that nothing it would have named is taken for gone, and the next
// crawl does not take it for read. The caller holds mu.
func (w *walk) tear(ctx context.Context) error {
	if w.crawl.Torn {
		return nil
	}
	w.crawl.Torn = true
	return w.c.frontier.save(ctx, w.crawl)
}

func isList(k ticket.PageKind) bool { return k == ticket.ListPage || k == ticket.NoticeListPage }

// fetch asks by plain HTTP or in a tab, and in a tab after all when the plain answer was an unrendered shell.
func (w *walk) fetch(ctx context.Context, e entry) (*ticket.Page, error) {
	r := e.Request
	var err error
	for range w.c.cfg.Attempts {
		var page *ticket.Page
		page, err = w.ask(ctx, w.conditional(e, r))
		if err != nil {
			if r.Browser && !errors.Is(err, ErrNoChromium) && ctx.Err() == nil {
				continue
			}
			return nil, err
		}
		switch page.Status {
		case http.StatusOK, http.StatusNotModified:
		case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusUnavailableForLegalReasons:
			return nil, fmt.Errorf("%w: %w", ErrTurnedAway, outbound.StatusError{Status: page.Status})
		default:
			return nil, outbound.StatusError{Status: page.Status}
		}
		if !r.NoStore && w.turnedAway(page) {
			return nil, fmt.Errorf("%w: %s answered with a page that asks whether we are a person", ErrTurnedAway, page.URL)
		}
		if !r.Browser && r.Fallback && page.Status == http.StatusOK {
			if _, perr := w.src.Parse(page); errors.Is(perr, sellers.ErrUnrendered) {
				r.Browser = true
				if r.FallbackURL != "" {
					r.URL = r.FallbackURL
				}
				continue
			}
		}
		return page, nil
	}
	return nil, err
}

// reChallenge is what pages show that stand in the way of robots. A real page may show such words too: it parses.
var reChallenge = regexp.MustCompile(`(?i)captcha|access denied|request blocked|are you (?:a )?human|비정상적인\s*(?:접근|접속)|자동화된\s*(?:접근|요청)|접근이\s*(?:차단|제한)|접속이\s*(?:차단|제한)`)

// challenges are the beginnings of what reChallenge finds: few pages hold one, and looking for them costs next to nothing.
var challenges = [][]byte{[]byte("captcha"), []byte("access denied"), []byte("request blocked"), []byte("human"), []byte("비정상적인"), []byte("자동화된"), []byte("접근이"), []byte("접속이")}

// turnedAway tells whether an answer is not a page of the source but one that keeps robots out.
func (w *walk) turnedAway(p *ticket.Page) bool {
	if p.Status != http.StatusOK || len(p.Body) > 256<<10 {
		return false
	}
	lower := lowerASCII(p.Body)
	if !slices.ContainsFunc(challenges, func(c []byte) bool { return bytes.Contains(lower, c) }) {
		return false
	}
	if _, err := w.src.Parse(p); !errors.Is(err, sellers.ErrNotOurs) && !errors.Is(err, sellers.ErrUnrendered) {
		return false
	}
	return reChallenge.Match(p.Body) && reChallenge.MatchString(shown(p))
}

func lowerASCII(b []byte) []byte {
	out := bytes.Clone(b)
	for i, c := range out {
		if 'A' <= c && c <= 'Z' {
			out[i] = c + 'a' - 'A'
		}
	}
	return out
}

// shown is the text of a page without what no reader sees: fields and scripts of a real page may be called after captchas.
func shown(p *ticket.Page) string {
	doc, err := page.Document(p)
	if err != nil {
		return string(p.Body)
	}
	doc.Find("script,style,template").Remove()
	return doc.Text()
}

// conditional asks only whether the answer changed, where the last one can be named.
func (w *walk) conditional(e entry, r sellers.Request) sellers.Request {
	w.mu.Lock()
	thing := w.known[e.Hash]
	w.mu.Unlock()
	if w.full || r.Browser || thing.Version != w.info.Version || thing.ETag == "" && thing.Modified == "" {
		return r
	}
	r.Header = maps.Clone(r.Header)
	if r.Header == nil {
		r.Header = map[string]string{}
	}
	if thing.ETag != "" {
		r.Header["If-None-Match"] = thing.ETag
	}
	if thing.Modified != "" {
		r.Header["If-Modified-Since"] = thing.Modified
	}
	return r
}

func (w *walk) ask(ctx context.Context, r sellers.Request) (*ticket.Page, error) {
	or := outbound.Request{Method: r.Method, URL: r.URL, Header: r.Header, Body: r.Body, Session: r.Session}
	if or.Session != "" {
		or.Session = w.crawl.ID + "/" + or.Session
	}
	if keyed, ok := w.src.(sellers.Keyed); ok {
		or.SecretURL = keyed.WithKey(r.URL, w.c.deps.Keys[w.info.Name])
	}
	page := &ticket.Page{Source: w.info.Name, Kind: r.Kind, Code: r.Code, URL: r.URL, Run: w.crawl.ID, Judged: true}
	var res *outbound.Response
	var err error
	if r.Browser {
		res, err = w.c.browser.Render(ctx, or, r.WaitFor, w.info.Hosts)
		page.Rendered = true
	} else {
		res, err = w.c.deps.Fetch.Do(ctx, or)
	}
	if err != nil {
		return nil, err
	}
	page.Status, page.Body, page.FetchedAt = res.Status, res.Body, ticket.Instant(res.At)
	page.Header = map[string]string{}
	for _, name := range []string{"Content-Type", "Last-Modified", "Etag"} {
		if v := res.Header.Get(name); v != "" {
			page.Header[name] = v
		}
	}
	return page, nil
}
