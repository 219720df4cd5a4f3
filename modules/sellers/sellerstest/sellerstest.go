// Package sellerstest gives the tests of the parsers the captured pages that stand beside the checkout. They belong to
// others and are never part of the project.
package sellerstest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

// Path is a file or folder of the shared data; the test is skipped where that data is not.
func Path(t testing.TB, parts ...string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for range 8 {
		at := filepath.Join(dir, "..", "shared", "data")
		if _, err := os.Stat(at); err == nil {
			return filepath.Join(append([]string{at}, parts...)...)
		}
		dir = filepath.Dir(dir)
	}
	t.Skip("no ../shared/data beside the checkout: captured pages are not tested")
	return ""
}

// File is a file of the shared data.
func File(t testing.TB, parts ...string) []byte {
	t.Helper()
	return read(t, Path(t, parts...))
}

// Own is a small self-made page of the package's own testdata.
func Own(t testing.TB, name string) []byte {
	t.Helper()
	return read(t, filepath.Join("testdata", name))
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Captured is a captured page as a crawl would hand it to a parser.
func Captured(t testing.TB, kind ticket.PageKind, code, url string, parts ...string) *ticket.Page {
	t.Helper()
	return &ticket.Page{Kind: kind, Code: code, URL: url, Body: File(t, append([]string{"captures"}, parts...)...)}
}

// Sound holds what a source makes of a page, whatever its bytes, against what every source promises: a page that parses can be
// followed, requests stay on the site and name what they ask for, and shows and notices have a code and are text.
func Sound(t *testing.T, src sellers.Source, p *ticket.Page, site string) {
	t.Helper()
	r, err := src.Parse(p)
	if err != nil {
		return
	}
	reqs, err := src.Follow(p)
	if err != nil {
		t.Error(err)
	}
	for _, q := range reqs {
		if !strings.HasPrefix(q.URL, site) || q.Code == "" && q.Kind != ticket.ListPage && q.Kind != ticket.NoticeListPage {
			t.Errorf("%+v", q)
		}
	}
	for _, s := range r.Shows {
		if s.Code == "" || !utf8.ValidString(fmt.Sprintf("%+v", s)) {
			t.Errorf("%+v", s)
		}
	}
	for _, n := range r.Notices {
		if n.ID == "" || !utf8.ValidString(fmt.Sprintf("%+v", n)) {
			t.Errorf("%+v", n)
		}
	}
}
