package answer

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

func request(header ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return r
}

func TestKnown(t *testing.T) {
	t.Parallel()
	const tag = `W/"abc-1"`
	for header, want := range map[string]bool{
		tag: true, `"abc-1"`: true, `*`: true, ` * `: true, `"x", W/"abc-1"`: true, `"x" , "abc-1","y"`: true, `"a,b", "abc-1"`: true, `W/"x",W/"abc-1"`: true,
		``: false, `"abc-2"`: false, `abc-1`: false, `"abc-1`: false, `W/abc-1`: false, `"x*"`: false, `w/"abc-1"`: false, `"x, abc-1"`: false, `junk "abc-1"`: false,
	} {
		if got := known(request("If-None-Match", header), tag); got != want {
			t.Errorf("If-None-Match: %s: %v", header, got)
		}
	}
	if !known(request("If-None-Match", `"x"`, "If-None-Match", `"abc-1"`), tag) {
		t.Error("a second line is not read")
	}
	r := request("If-None-Match", tag)
	r.Method = http.MethodPost
	if known(r, tag) {
		t.Error("a POST is answered 304")
	}
}

func TestWantsGzip(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{
		"gzip": true, "gzip, deflate, br, zstd": true, "br;q=1.0, gzip;q=0.8, *;q=0.1": true, "GZIP": true, "x-gzip": true, "*": true, "gzip;q=0.001": true, "deflate,gzip ; q=1": true, "*;q=0, gzip": true,
		"": false, "br": false, "identity": false, "gzip;q=0": false, "gzip;q=0.000": false, "gzip;q=0, *": false, "*;q=0": false, "gzip;q=x": false, "gzip;q=-1": false, "gzip;q=2": false, "gzipped": false,
		"gzip;q=NaN": false,
	} {
		if got := wantsGzip(request("Accept-Encoding", header)); got != want {
			t.Errorf("Accept-Encoding: %s: %v", header, got)
		}
	}
}

func unpack(t *testing.T, b []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// serve answers a request by a handler behind Compress.
func serve(h echo.HandlerFunc, r *http.Request) *httptest.ResponseRecorder {
	e := echo.New()
	w := httptest.NewRecorder()
	c := e.NewContext(r, w)
	if err := Compress(h)(c); err != nil {
		e.HTTPErrorHandler(err, c)
	}
	return w
}

var long = strings.Repeat("티켓모아 ", 400)

// TestForms: a stored body and one written on the spot go out alike, in the form that was asked for.
func TestForms(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"long": long, "short": "티켓모아"} {
		stored := NewBody(JSONType, []byte(text), 6)
		for kind, h := range map[string]echo.HandlerFunc{
			"stored": stored.Send,
			"filled": func(c echo.Context) error {
				return JSON(c, func(b []byte) ([]byte, error) { return append(b, text...), nil })
			},
		} {
			for accept, packed := range map[string]bool{"gzip": name == "long", "": false, "gzip;q=0": false} {
				w := serve(h, request("Accept-Encoding", accept))
				body := w.Body.Bytes()
				if w.Header().Get("Content-Length") != strconv.Itoa(len(body)) || w.Header().Get("Content-Type") != JSONType || (w.Header().Get("Content-Encoding") == "gzip") != packed || w.Header().Get("Etag") != stored.tag[0] {
					t.Errorf("%s %s, Accept-Encoding %q: %v for %d bytes", kind, name, accept, w.Header(), len(body))
				}
				if packed {
					body = unpack(t, body)
				}
				if string(body) != text {
					t.Errorf("%s %s, Accept-Encoding %q: other bytes", kind, name, accept)
				}
				w = serve(h, request("Accept-Encoding", accept, "If-None-Match", stored.tag[0]))
				if w.Code != http.StatusNotModified || w.Body.Len() > 0 || w.Header().Get("Etag") != stored.tag[0] || w.Header().Get("Content-Length") != "" || w.Header().Get("Content-Encoding") != "" {
					t.Errorf("%s %s known: %d %v", kind, name, w.Code, w.Header())
				}
			}
			cookie := func(c echo.Context) error {
				c.SetCookie(&http.Cookie{Name: "seen", Value: "1"})
				return h(c)
			}
			if w := serve(cookie, request("If-None-Match", "*")); w.Code != http.StatusOK || w.Header().Get("Etag") != "" {
				t.Errorf("%s %s with a cookie: %d %v", kind, name, w.Code, w.Header())
			}
		}
	}
	seen := map[string]bool{}
	for _, text := range []string{"", "\x00", "a", "b", "ab", "ba"} {
		tag, _ := tagOf([]byte(text))
		if seen[tag] {
			t.Errorf("%q shares its tag", text)
		}
		seen[tag] = true
	}
}

func TestPretty(t *testing.T) {
	t.Parallel()
	h := func(c echo.Context) error {
		return JSON(c, func(b []byte) ([]byte, error) { return append(b, `{"a":[],"b":[1]}`+"\n"...), nil })
	}
	for query, want := range map[string]string{"": "{\"a\":[],\"b\":[1]}\n", "q=pretty": "{\"a\":[],\"b\":[1]}\n", "pretty": "{\n  \"a\": [],\n  \"b\": [\n    1\n  ]\n}\n"} {
		r := request()
		r.URL.RawQuery = query
		if got := serve(h, r).Body.String(); got != want {
			t.Errorf("?%s: %q", query, got)
		}
	}
}

// TestPackAgain: what is remembered is never taken for something else, not even where checksums agree.
func TestPackAgain(t *testing.T) {
	t.Parallel()
	const sum = 4711
	huge := strings.Repeat("x", longestRemembered+1)
	for i, text := range []string{long, long, long, strings.ToUpper(long + "a"), long + "b", long + "c", long + "b", long, huge, huge, huge} {
		before := []byte("before")
		got := packAgain(nil, []byte(text), sum)
		if string(unpack(t, got)) != text {
			t.Errorf("%d: other bytes", i)
		}
		clear(got) // the buffer is reused: nothing may hang on it
		if got := packAgain(before, []byte(text), sum); !bytes.HasPrefix(got, before) {
			t.Errorf("%d: what was there before is gone", i)
		}
	}
}
