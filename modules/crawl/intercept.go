package crawl

import (
	"context"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

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
	res, err := b.fetch.Do(v.ctx, v.request(ev, main))
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
