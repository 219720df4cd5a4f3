package etl

import (
	"bytes"
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"unicode/utf8"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

// admit tells whether the page is of a source and kind we know, and of a size we keep; what is not is withheld unread and
// has no place in the lake.
func (w *work) admit() bool {
	src, known := w.etl.deps.Sources[w.page.Source]
	switch {
	case !known:
		w.hold(w.page.Code, "", w.page.Source, errUnknownSource)
		return false
	case !w.page.Kind.Known():
		w.hold(w.page.Code, "", string(w.page.Kind), errUnknownKind)
		return false
	case len(w.page.Body) > w.etl.cfg.MaxPage:
		w.hold(w.page.Code, "", "", fmt.Errorf("%w of %d bytes: %d bytes", errTooLarge, w.etl.cfg.MaxPage, len(w.page.Body)))
		return false
	}
	w.source = src
	return true
}

// parse reads the page with its source's parser; false when there is nothing to go on with. A parser that panics has met
// bytes nobody foresaw: the page is withheld like any other that cannot be read.
func (w *work) parse(ctx context.Context) (ok bool) {
	if !utf8.Valid(w.page.Body) && !declaresKorean(w.page) {
		w.hold(w.page.Code, "", "", errCharset)
		return false
	}
	defer func() {
		if p := recover(); p != nil {
			w.etl.log.Error("parser panicked: page withheld", "source", w.page.Source, "url", w.page.URL, "raw_key", w.rawKey, "panic", p, "stack", string(debug.Stack()))
			w.hold(w.page.Code, "", "", fmt.Errorf("the parser panicked: %v", p))
			ok = false
		}
	}()
	raw, err := w.parsed(ctx)
	if err != nil {
		w.hold(w.page.Code, "", string(w.page.Body[:min(len(w.page.Body), 200)]), err)
		return false
	}
	w.raw, w.read = raw, true
	return true
}

// parsed is what the page's parser makes of it: its source's, or, of what pictures were read as, the one of pictures.
func (w *work) parsed(ctx context.Context) (sellers.Result, error) {
	switch {
	case w.page.Kind != ticket.PicturePage:
		return w.source.Parse(w.page)
	case w.etl.deps.Strips == nil:
		return sellers.Result{}, errNoPictures
	}
	return w.etl.deps.Strips.Parse(ctx, w.page)
}

// declaresKorean tells whether a page says that it is written in the old Korean charset, which its parser then reads.
func declaresKorean(p *ticket.Page) bool {
	head := strings.ToLower(p.Header["Content-Type"] + " " + string(bytes.ToLower(p.Body[:min(len(p.Body), 4096)])))
	for _, name := range []string{"euc-kr", "ks_c_5601", "cp949", "ms949"} {
		if strings.Contains(head, name) {
			return true
		}
	}
	return false
}
