package api

import (
	"bytes"
	"maps"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/search"
)

// TestListsAgain: a list that comes again is what it was when it came first, compressed or not, and one that differs in
// anything is never taken for it.
func TestListsAgain(t *testing.T) {
	t.Parallel()
	l := newLists()
	long := bytes.Repeat([]byte(`x`), 3000)
	one, same, other := []byte(`{"id":"p1","t":"`+string(long)+`"}`), []byte(`{"id":"p1","t":"`+string(long)+`"}`), []byte(`{"id":"p2","t":"`+string(long)+`"}`)
	ask := func(l *lists, target, encoding string, res search.Result) *httptest.ResponseRecorder {
		r, w := httptest.NewRequest("GET", target, nil), httptest.NewRecorder()
		r.Header.Set("Accept-Encoding", encoding)
		if err := l.send(echo.New().NewContext(r, w), res.Bodies, &res); err != nil {
			t.Fatal(err)
		}
		return w
	}
	for name, res := range map[string]search.Result{
		"one":          {Bodies: [][]byte{one}, Total: 2, Next: "n"},
		"same bytes":   {Bodies: [][]byte{same}, Total: 2, Next: "n"},
		"another":      {Bodies: [][]byte{other}, Total: 2, Next: "n"},
		"both":         {Bodies: [][]byte{one, other}, Total: 2, Next: "n"},
		"total":        {Bodies: [][]byte{one}, Total: 3, Next: "n"},
		"next":         {Bodies: [][]byte{one}, Total: 2, Next: "m"},
		"none":         {},
		"facets":       {Bodies: [][]byte{one}, Total: 2, Next: "n", Facets: map[string]map[string]int{"genre": {"musical": 1}}},
		"read as":      {Bodies: [][]byte{one}, Total: 2, Next: "n", Read: &search.Reading{Text: "x"}},
		"shows of old": {Bodies: [][]byte{one[:len(one)-1]}, Total: 2, Next: "n"},
	} {
		for _, encoding := range []string{"", "gzip"} {
			for _, target := range []string{"/?q=x", "/?q=x&pretty"} {
				if name == "shows of old" && target != "/?q=x" {
					continue // no JSON
				}
				want := ask(newLists(), target, encoding, res)
				for i := range 4 {
					got := ask(l, target, encoding, res)
					if got.Code != want.Code || got.Body.String() != want.Body.String() || !maps.EqualFunc(got.Header(), want.Header(), func(a, b []string) bool { return a[0] == b[0] }) {
						t.Errorf("%s for %s with %q, time %d: %v, want %v", name, target, encoding, i, got.Header(), want.Header())
					}
				}
				_ = ask(l, target, encoding, search.Result{Bodies: [][]byte{one}, Total: 2, Next: "n"}) // what the next must not be taken for
				_ = ask(l, target, encoding, search.Result{Bodies: [][]byte{one}, Total: 2, Next: "n"})
			}
		}
	}
}
