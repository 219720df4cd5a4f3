package crawl

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"ticketmoa/modules/outbound"
)

// ErrNoChromium means that pages built by JavaScript cannot be had on this machine.
var ErrNoChromium = errors.New("no Chromium found: install it (apt-get install chromium) or set crawl.chromium to its path")

// Browser renders pages in one Chromium with a bounded pool of reused tabs.
//
// Chromium has no network of its own: every request of a page is stopped inside it and made by the Fetcher, so the
// allow-list, the address check and robots.txt hold for scripts as they do for us, and no page can reach this machine,
// the debugging port included. Images, fonts and media are not asked for. It is started when first needed, anew after
// it died and after a number of pages.
type Browser struct {
	cfg   Config
	fetch Fetcher
	log   *slog.Logger
	slots chan struct{}

	mu      sync.Mutex
	cur     *instance
	parts   parts
	closed  bool
	closing sync.WaitGroup
}

// instance is one Chromium process with its tabs.
type instance struct {
	ctx     context.Context
	cancel  context.CancelFunc
	profile string
	idle    []*tab
	pages   int
	users   int
	retired bool
}

type tab struct {
	ctx    context.Context
	cancel context.CancelFunc
	mu     sync.Mutex
	visit  *visit // the page being rendered; nil between pages
}

// visit is what the interception needs to know of the page under way, and the answer to its document.
type visit struct {
	ctx   context.Context
	req   outbound.Request
	hosts []string

	mu      sync.Mutex
	claimed bool // somebody is asking for the document
	main    *outbound.Response
	mainErr error
}

// claim is true for the first request of a visit: its document.
func (v *visit) claim() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	first := !v.claimed
	v.claimed = true
	return first
}

func (v *visit) settle(res *outbound.Response, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.main, v.mainErr = res, err
}

func (v *visit) answer() (*outbound.Response, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.main, v.mainErr
}

func newBrowser(cfg Config, fetcher Fetcher, log *slog.Logger) *Browser {
	return &Browser{cfg: cfg, fetch: fetcher, log: log, slots: make(chan struct{}, cfg.Tabs)}
}

func (b *Browser) path() (string, error) {
	names := []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}
	if b.cfg.Chromium != "" {
		names = []string{b.cfg.Chromium}
	}
	for _, name := range names {
		if p, err := exec.LookPath(name); err == nil {
			return p, nil
		}
	}
	return "", ErrNoChromium
}

// Render opens the page and returns its DOM once waitFor stands in it (or a body, when waitFor is "") and the document was
// read to its end. A page in which waitFor never appears is returned as it stands at the deadline: what it lacks is the parser's to say.
func (b *Browser) Render(ctx context.Context, r outbound.Request, waitFor string, hosts []string) (*outbound.Response, error) {
	select {
	case b.slots <- struct{}{}:
		defer func() { <-b.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	inst, t, err := b.take(ctx)
	if err != nil {
		return nil, err
	}
	v := &visit{ctx: ctx, req: r, hosts: hosts}
	html, err := b.load(ctx, t, v, waitFor)
	b.giveBack(inst, t, err)
	if err != nil {
		return nil, fmt.Errorf("%s: render: %w", r.URL, err)
	}
	main, err := v.answer()
	if err != nil {
		return nil, err
	}
	if main == nil {
		return nil, fmt.Errorf("%s: the browser got no answer", r.URL)
	}
	out := *main
	if out.Status == http.StatusOK {
		out.Body = []byte(html)
		out.Header = http.Header{"Content-Type": {"text/html; charset=utf-8"}}
	}
	return &out, nil
}

func (b *Browser) load(ctx context.Context, t *tab, v *visit, waitFor string) (string, error) {
	t.set(v)
	defer t.set(nil)
	run, cancel := context.WithTimeout(t.ctx, b.cfg.Timeout)
	defer cancel()
	stop := context.AfterFunc(ctx, cancel)
	defer stop()
	var html string
	err := chromedp.Run(run, chromedp.ActionFunc(func(ctx context.Context) error {
		_, _, text, _, err := page.Navigate(v.req.URL).Do(ctx)
		if err == nil && text != "" {
			err = errors.New(text)
		}
		return err
	}))
	if _, asked := v.answer(); asked != nil {
		return "", nil // the caller tells why the document could not be had
	}
	if err == nil {
		wait, cancelWait := context.WithTimeout(run, b.cfg.Timeout*3/4)
		if waitFor == "" {
			waitFor = "body"
		}
		werr := chromedp.Run(wait, chromedp.WaitReady(waitFor, chromedp.ByQuery),
			// on a slow machine it may stand there before the rest of the document was read
			chromedp.Poll("document.readyState !== 'loading'", nil, chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(0)))
		cancelWait()
		if werr != nil && run.Err() == nil {
			b.log.Info("page was never rendered", "url", v.req.URL, "selector", waitFor)
		}
		err = chromedp.Run(run, chromedp.Evaluate("document.documentElement.outerHTML", &html))
	}
	return html, err
}

// take gives an idle tab of a living Chromium.
func (b *Browser) take(ctx context.Context) (*instance, *tab, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, nil, context.Canceled
	}
	if b.cur != nil && (b.cur.ctx.Err() != nil || b.cur.pages >= b.cfg.Recycle) {
		b.retire(b.cur)
		b.cur = nil
	}
	if b.cur == nil {
		inst, err := b.start(ctx)
		if err != nil {
			return nil, nil, err
		}
		b.cur = inst
	}
	inst := b.cur
	inst.pages++
	if n := len(inst.idle); n > 0 {
		t := inst.idle[n-1]
		inst.idle = inst.idle[:n-1]
		inst.users++
		return inst, t, nil
	}
	t, err := b.newTab(inst)
	if err != nil {
		b.retire(inst)
		b.cur = nil
		return nil, nil, fmt.Errorf("open a tab: %w", err)
	}
	inst.users++
	return inst, t, nil
}

// giveBack returns a tab for reuse; a tab that failed is closed, and a Chromium that died is not used again.
func (b *Browser) giveBack(inst *instance, t *tab, err error) {
	if err != nil {
		t.cancel()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	inst.users--
	if err == nil && !inst.retired {
		inst.idle = append(inst.idle, t)
	}
	if inst.retired && inst.users == 0 {
		b.end(inst)
	}
}

// retire takes a Chromium out of use; it ends when its last tab is given back. The caller holds mu.
func (b *Browser) retire(inst *instance) {
	if inst.retired {
		return
	}
	inst.retired = true
	if inst.users == 0 {
		b.end(inst)
	}
}

func (b *Browser) end(inst *instance) {
	b.closing.Go(func() {
		inst.cancel()
		if err := os.RemoveAll(inst.profile); err != nil {
			b.log.Warn("browser profile left behind", "dir", inst.profile, "error", err)
		}
	})
}

// Close ends Chromium and removes its profile.
func (b *Browser) Close() {
	b.mu.Lock()
	b.closed = true
	if b.cur != nil {
		b.cur.users = 0
		b.retire(b.cur)
		b.cur = nil
	}
	b.mu.Unlock()
	b.closing.Wait()
}

// start launches Chromium in its own sandbox. Where the machine forbids that (root, most containers) it is launched
// without: its pages still have no network, no file access and a user of their own container.
func (b *Browser) start(ctx context.Context) (*instance, error) {
	path, err := b.path()
	if err != nil {
		return nil, err
	}
	path = unwrapped(path)
	sweep(b.log)
	if os.Geteuid() == 0 { // for root Chromium has no sandbox, it only says so and ends
		return b.launch(ctx, path, chromedp.NoSandbox)
	}
	inst, err := b.launch(ctx, path)
	if err == nil || ctx.Err() != nil {
		return inst, err
	}
	b.log.Warn("chromium does not start in its sandbox here, starting it without", "path", path, "error", err)
	return b.launch(ctx, path, chromedp.NoSandbox)
}

func (b *Browser) launch(ctx context.Context, path string, more ...chromedp.ExecAllocatorOption) (*instance, error) {
	profile, err := os.MkdirTemp("", profilePrefix)
	if err == nil {
		err = os.WriteFile(filepath.Join(profile, ownerFile), []byte(strconv.Itoa(os.Getpid())), 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("browser profile: %w", err)
	}
	group := new(processGroup)
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.DisableGPU,
		chromedp.Flag("lang", "ko-KR"), chromedp.Env("TZ=Asia/Seoul", "TMPDIR="+profile), // what it leaves behind goes with its profile

		// Whatever slips past the interception meets a dead proxy, loopback included.
		chromedp.ProxyServer("http://127.0.0.1:9"), chromedp.Flag("proxy-bypass-list", "<-loopback>"),
		chromedp.Flag("disable-quic", true), chromedp.Flag("force-webrtc-ip-handling-policy", "disable_non_proxied_udp"),
		chromedp.Flag("blink-settings", "imagesEnabled=false"), chromedp.WindowSize(412, 915), chromedp.ModifyCmdFunc(group.lead),
	)
	opts = append(opts, more...)
	base, cancelAlloc := chromedp.NewExecAllocator(context.WithoutCancel(ctx), opts...)
	browser, cancelBrowser := chromedp.NewContext(base, chromedp.WithErrorf(func(string, ...any) {}))
	inst := &instance{ctx: browser, profile: profile, cancel: func() {
		cancelBrowser()
		cancelAlloc()
		group.end()
	}}
	// The first Run has no deadline of its own: a cancelled first Run would take the browser with it (tech.md §5).
	started := make(chan error, 1)
	go func() { started <- chromedp.Run(browser) }()
	select {
	case err = <-started:
	case <-time.After(b.cfg.Timeout):
		err = context.DeadlineExceeded
	}
	if err != nil {
		inst.cancel()
		_ = os.RemoveAll(profile) // the profile of a browser that never ran holds nothing
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	b.log.Info("chromium started", "path", path)
	return inst, nil
}

func (b *Browser) newTab(inst *instance) (*tab, error) {
	ctx, cancel := chromedp.NewContext(inst.ctx)
	t := &tab{ctx: ctx, cancel: cancel}
	chromedp.ListenTarget(ctx, func(ev any) {
		if paused, ok := ev.(*fetch.EventRequestPaused); ok {
			go b.answer(t, paused)
		}
	})
	if err := chromedp.Run(ctx); err != nil {
		cancel()
		return nil, err
	}
	err := chromedp.Run(ctx, fetch.Enable().WithPatterns([]*fetch.RequestPattern{{URLPattern: "*", RequestStage: fetch.RequestStageRequest}}),
		network.SetCacheDisabled(true))
	if err != nil {
		cancel()
		return nil, err
	}
	return t, nil
}

func (t *tab) set(v *visit) {
	t.mu.Lock()
	t.visit = v
	t.mu.Unlock()
}

func (t *tab) current() *visit {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.visit
}
