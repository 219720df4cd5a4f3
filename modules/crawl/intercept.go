package crawl

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"ticketmoa/modules/outbound"
)

// answer makes one request of a page through the Fetcher, or refuses it.
func (b *Browser) answer(t *tab, ev *fetch.EventRequestPaused) {
	exec := executor(t.ctx)
	v := t.current()
	refuse := func(reason network.ErrorReason) {
		_ = fetch.FailRequest(ev.RequestID, reason).Do(exec) // the tab may be gone: then there is nobody to tell
	}
	main := v != nil && ev.ResourceType == network.ResourceTypeDocument && v.claim()
	if v == nil || (!main && !wanted(ev, v.hosts)) {
		refuse(network.ErrorReasonBlockedByClient)
		return
	}
	req := v.request(ev, main)
	res, kept := b.parts.get(req)
	var err error
	if !kept {
		if res, err = b.fetch.Do(v.ctx, req); err == nil {
			b.parts.put(req, res)
		}
	}
	if main {
		v.settle(res, err)
	}
	if err != nil {
		refuse(network.ErrorReasonFailed)
		return
	}
	var headers []*fetch.HeaderEntry
	for name, values := range res.Header {
		switch strings.ToLower(name) {
		case "content-length", "content-encoding", "transfer-encoding", "connection", "set-cookie":
			continue
		}
		for _, value := range values {
			headers = append(headers, &fetch.HeaderEntry{Name: name, Value: value})
		}
	}
	_ = fetch.FulfillRequest(ev.RequestID, int64(res.Status)).WithResponseHeaders(headers).
		WithBody(base64.StdEncoding.EncodeToString(res.Body)).Do(exec) // as above
}

// parts keeps the scripts and styles that the pages of one crawl have in common, so that a site is asked for them once in
// a while and not once a page.
type parts struct {
	mu    sync.Mutex
	kept  map[string]part
	bytes int
}

type part struct {
	res   *outbound.Response
	until time.Time
}

const (
	partsFor   = 10 * time.Minute
	partsBytes = 32 << 20 // all of them
)

func (p *parts) get(r outbound.Request) (*outbound.Response, bool) {
	if !r.Part {
		return nil, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	one, ok := p.kept[r.URL]
	return one.res, ok && time.Now().Before(one.until)
}

// put keeps an answer that was a success. When there is no room everything is forgotten: what is in use comes again.
func (p *parts) put(r outbound.Request, res *outbound.Response) {
	if !r.Part || res.Status != http.StatusOK || len(res.Body) > partsBytes/4 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept == nil || p.bytes+len(res.Body) > partsBytes {
		p.kept, p.bytes = map[string]part{}, 0
	}
	if old, ok := p.kept[r.URL]; ok {
		p.bytes -= len(old.res.Body)
	}
	p.kept[r.URL] = part{res, time.Now().Add(partsFor)}
	p.bytes += len(res.Body)
}

func (v *visit) request(ev *fetch.EventRequestPaused, main bool) outbound.Request {
	if main {
		return v.req
	}
	r := outbound.Request{Method: ev.Request.Method, URL: withoutFragment(ev.Request.URL), Session: v.req.Session,
		Header: map[string]string{"Referer": v.req.URL}}
	r.Part = ev.ResourceType == network.ResourceTypeScript || ev.ResourceType == network.ResourceTypeStylesheet
	for _, name := range []string{"Content-Type", "Accept", "X-Requested-With"} {
		if value, ok := ev.Request.Headers[name].(string); ok {
			r.Header[name] = value
		}
	}
	for _, part := range ev.Request.PostDataEntries {
		if data, err := base64.StdEncoding.DecodeString(part.Bytes); err == nil {
			r.Body = append(r.Body, data...)
		}
	}
	return r
}

// wanted keeps what a page needs to build itself from its own hosts: documents, scripts, styles and data.
func wanted(ev *fetch.EventRequestPaused, hosts []string) bool {
	switch ev.ResourceType {
	case network.ResourceTypeDocument, network.ResourceTypeScript, network.ResourceTypeStylesheet, network.ResourceTypeXHR, network.ResourceTypeFetch:
	default:
		return false
	}
	u, err := url.Parse(ev.Request.URL)
	return err == nil && slices.Contains(hosts, strings.ToLower(u.Hostname()))
}

func withoutFragment(raw string) string {
	before, _, _ := strings.Cut(raw, "#")
	return before
}

// executor is a context in which single DevTools commands reach the tab of ctx, outside chromedp.Run.
func executor(ctx context.Context) context.Context {
	c := chromedp.FromContext(ctx)
	if c == nil || c.Target == nil {
		return ctx
	}
	return cdp.WithExecutor(ctx, c.Target)
}
