package crawl

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// executor is a context in which single DevTools commands reach the tab of ctx, outside chromedp.Run.
func executor(ctx context.Context) context.Context {
	c := chromedp.FromContext(ctx)
	if c == nil || c.Target == nil {
		return ctx
	}
	return cdp.WithExecutor(ctx, c.Target)
}
