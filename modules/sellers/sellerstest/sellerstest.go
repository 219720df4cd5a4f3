// Package sellerstest gives the tests of the parsers the captured pages that stand beside the checkout. They belong to
// others and are never part of the project.
package sellerstest

import (
	"os"
	"path/filepath"
	"testing"

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
