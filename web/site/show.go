package site

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"ticketmoa/web/answer"
	"ticketmoa/web/kept"
	"ticketmoa/web/moved"
)

// keptBytes is how much memory rendered pages may take: some five hundred lists.
const keptBytes = 32 << 20

// htmlLevel is how hard a page is compressed: once for all who read it in its minute.
const htmlLevel = 6

// filler reads what a page shows, as of now.
type filler func(ctx context.Context, now time.Time) (made, error)

// made is what a template is filled with.
type made struct {
	data     any
	note     any  // what the handler has to know of the page to say what was seen on it; must not be changed
	fleeting bool // the page is not to be kept
}

// elsewhere is the error of a page that now stands at another address.
type elsewhere string

func (e elsewhere) Error() string { return "the page moved to " + string(e) }

// only takes out of a query what a page reads, so that nothing else of it reaches a link or makes a page of its own.
func only(q url.Values, names ...string) url.Values {
	out := url.Values{}
	for _, name := range names {
		for _, v := range q[name] {
			if v != "" {
				out[name] = append(out[name], v)
			}
		}
	}
	return out
}

// page is the page name that is to be seen at the address of the request with the query q, which holds all that may
// make a difference. It may have been made for somebody else within the same minute: fill runs when it was not, so what
// has to happen on every request happens outside of it, from the note. Pages that hold something of the person who
// asks must not come this way: they are rendered by c.Render. When the page stands elsewhere, p is nil and the answer given.
func (h handlers) page(c echo.Context, name string, q url.Values, fill filler) (p *kept.Page, err error) {
	render := func(ctx context.Context, now time.Time) (*kept.Page, error) {
		m, err := fill(ctx, now)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := c.Echo().Renderer.Render(&b, name, m.data, c); err != nil {
			return nil, err
		}
		return &kept.Page{Body: answer.NewBody(echo.MIMETextHTMLCharsetUTF8, bytes.Clone(b.Bytes()), htmlLevel), Note: m.note, Fleeting: m.fleeting}, nil
	}
	if h.pages == nil {
		p, err = render(c.Request().Context(), h.Now())
	} else {
		key := name + " " + echo.GetPath(c.Request())
		if len(q) > 0 {
			key += "?" + q.Encode()
		}
		p, err = h.pages.Get(c.Request().Context(), key, render)
	}
	if to, ok := errors.AsType[elsewhere](err); ok {
		return nil, moved.To(c, string(to))
	}
	return p, err
}

// send answers with a page. Browsers may keep it but must ask again each time: what people see is counted here.
func (h handlers) send(c echo.Context, p *kept.Page) error {
	if h.pages == nil {
		return c.HTMLBlob(http.StatusOK, p.Body.Plain())
	}
	c.Response().Header()["Cache-Control"] = askAgain
	return p.Body.Send(c)
}

var askAgain = []string{"private, no-cache"}

// show answers with a page of which nothing has to be known beyond its bytes.
func (h handlers) show(c echo.Context, name string, q url.Values, fill filler) error {
	p, err := h.page(c, name, q, fill)
	if err != nil || p == nil {
		return err
	}
	return h.send(c, p)
}
