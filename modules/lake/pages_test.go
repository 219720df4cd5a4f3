package lake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"ticketmoa/modules/ticket"
)

func page() *ticket.Page {
	return &ticket.Page{
		Source: "ticketlink", Kind: ticket.DetailPage, Code: "52819", URL: "https://www.ticketlink.co.kr/product/52819",
		FetchedAt: time.Date(2024, 12, 6, 16, 4, 5, 678_901_234, time.UTC), Status: 200, Run: "r1", Rendered: true,
		Header: map[string]string{"Content-Type": "text/html; charset=euc-kr"}, Body: []byte("<html>공연 " + strings.Repeat("x", 2000)),
	}
}

func TestRawKey(t *testing.T) {
	t.Parallel()
	key := RawKey(page())
	want := "raw/source=ticketlink/date=2024-12-07/detail-010405.678-"
	if !strings.HasPrefix(key, want) || !strings.HasSuffix(key, ".html.zst") || len(key) != len(want)+12+1+12+len(".html.zst") {
		t.Errorf("got %s, want %s<12>-<12>.html.zst", key, want)
	}
	if MetaKey(key) != strings.TrimSuffix(key, ".zst")+".meta.json" {
		t.Errorf("metadata at %s", MetaKey(key))
	}
	for what, change := range map[string]func(*ticket.Page){
		"url":  func(p *ticket.Page) { p.URL += "?x" },
		"body": func(p *ticket.Page) { p.Body = []byte("other") },
		"time": func(p *ticket.Page) { p.FetchedAt = p.FetchedAt.Add(time.Millisecond) },
		"kind": func(p *ticket.Page) { p.Kind = ticket.ListPage },
	} {
		p := page()
		if change(p); RawKey(p) == key {
			t.Errorf("another %s has the same key", what)
		}
	}
	p := page()
	p.FetchedAt, p.Run = p.FetchedAt.In(time.FixedZone("", -3600*5)), "r2"
	if RawKey(p) != key {
		t.Error("zone or run change the key")
	}
}

func TestExtension(t *testing.T) {
	t.Parallel()
	tests := []struct{ header, body, want string }{
		{"text/html; charset=UTF-8", "{}", "html"},
		{"application/xhtml+xml", "", "html"},
		{"application/json", "<html>", "json"},
		{"APPLICATION/XML;;;", "", "xml"},
		{"text/xml", "<html>", "xml"},
		{"", "\ufeff \n{\"a\":1}", "json"},
		{"text/plain", "[1]", "json"},
		{"", "<?xml version=\"1.0\"?><dbs>", "xml"},
		{"", "<?xml version=\"1.0\"?><!DOCTYPE html><html>", "html"},
		{"", "<!doctype html>", "html"},
		{"", "", "html"},
	}
	for _, tt := range tests {
		p := &ticket.Page{Body: []byte(tt.body), Header: map[string]string{"content-type": tt.header}}
		if got := extension(p); got != tt.want {
			t.Errorf("%q %q: got %s, want %s", tt.header, tt.body, got, tt.want)
		}
	}
}

func testStoreAndLoad(t *testing.T, b Bucket) {
	ctx := t.Context()
	p := page()
	key, err := StorePage(ctx, b, p)
	must(t, err)
	if key != RawKey(p) {
		t.Errorf("stored at %s, want %s", key, RawKey(p))
	}
	got, err := LoadPage(ctx, b, key)
	must(t, err)
	want := *p
	want.Replay = true
	if !reflect.DeepEqual(got, &want) {
		t.Errorf("got %+v, want %+v", got, &want)
	}
	before := keys(t, b, "")
	again, err := StorePage(ctx, b, got)
	must(t, err)
	if after := keys(t, b, ""); again != key || !slices.Equal(before, after) || len(after) != 2 {
		t.Errorf("stored again: %s, %v; want %s, %v", again, after, key, before)
	}
	for _, bad := range []func(*ticket.Page){
		func(p *ticket.Page) { p.Source = "../x" }, func(p *ticket.Page) { p.Source = "" }, func(p *ticket.Page) { p.Kind = "x" },
		func(p *ticket.Page) { p.FetchedAt = time.Date(12024, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		p := page()
		if bad(p); true {
			if _, err := StorePage(ctx, b, p); !errors.Is(err, ErrBadKey) {
				t.Errorf("%+v: %v, want ErrBadKey", p.Source, err)
			}
		}
	}
	if _, err := LoadPage(ctx, b, "raw/source=x"); !errors.Is(err, ErrBadKey) {
		t.Errorf("got %v, want ErrBadKey", err)
	}
	must(t, b.Delete(ctx, MetaKey(key)))
	if _, err := LoadPage(ctx, b, key); !errors.Is(err, ErrNotFound) {
		t.Errorf("without metadata: %v, want ErrNotFound", err)
	}
}

func testDamage(t *testing.T, b Bucket) {
	ctx := t.Context()
	p := page()
	key, err := StorePage(ctx, b, p)
	must(t, err)
	good, err := b.Get(ctx, key)
	must(t, err)
	enc, err := encoder()
	must(t, err)
	bomb := enc.EncodeAll(make([]byte, maxPage+1), nil)
	frames := bytes.Repeat(enc.EncodeAll(make([]byte, maxPage/8), nil), 9)
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 1
	for name, body := range map[string][]byte{
		"cut": good[:len(good)-1], "empty": nil, "no zstd": []byte("<html>"), "bit flip": flipped, "bomb": bomb, "bomb in frames": frames,
		"another body": enc.EncodeAll([]byte("other"), nil),
	} {
		must(t, b.Put(ctx, key, body))
		if got, err := LoadPage(ctx, b, key); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v, %v; want ErrDamaged", name, got != nil, err)
		}
	}
	must(t, b.Put(ctx, key, good))
	must(t, b.Put(ctx, MetaKey(key), []byte("{")))
	if _, err := LoadPage(ctx, b, key); !errors.Is(err, ErrDamaged) {
		t.Errorf("metadata cut: %v, want ErrDamaged", err)
	}
	p.Body = make([]byte, maxPage+1)
	if _, err := StorePage(ctx, b, p); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
}

// plain hides what a bucket can do beyond the interface.
type plain struct{ Bucket }

func testPages(t *testing.T, b Bucket) {
	ctx := t.Context()
	day := time.Date(2024, 12, 5, 15, 0, 0, 0, time.UTC) // midnight in Seoul
	var wanted []string
	for i, at := range []int{0, 60, 61, 24 * 60, 24*60 + 5, 48 * 60, 72 * 60} {
		p := page()
		p.FetchedAt = day.Add(time.Duration(at) * time.Minute)
		p.Source = []string{"yes24", "kopis"}[i%2]
		p.Kind = []ticket.PageKind{ticket.NoticePage, ticket.DetailPage, ticket.ListPage}[i%3]
		key, err := StorePage(ctx, b, p)
		must(t, err)
		wanted = append(wanted, key)
	}
	half := page()
	half.FetchedAt = day.Add(time.Hour)
	key, err := StorePage(ctx, b, half)
	must(t, errors.Join(err, b.Delete(ctx, MetaKey(key)), b.Put(ctx, "raw/notes.txt", nil), b.Put(ctx, "raw/source=yes24/date=today/x", nil)))
	tests := []struct {
		source   string
		from, to ticket.Date
		want     []int
	}{
		{"", "", "", []int{0, 1, 2, 3, 4, 5, 6}},
		{"", "2024-12-07", "2024-12-08", []int{3, 4, 5}},
		{"", "2024-12-06", "2024-12-06", []int{0, 1, 2}},
		{"", "2024-12-09", "", []int{6}},
		{"", "", "2024-12-05", nil},
		{"kopis", "", "2024-12-07", []int{1, 3}},
		{"none", "", "", nil},
	}
	for _, bucket := range []Bucket{b, plain{b}} {
		for _, tt := range tests {
			var got, want []string
			must(t, Pages(ctx, bucket, tt.source, tt.from, tt.to, func(key string) error {
				got = append(got, key)
				return nil
			}))
			for _, i := range tt.want {
				want = append(want, wanted[i])
			}
			if !slices.Equal(got, want) {
				t.Errorf("%q %s..%s: got %v, want %v", tt.source, tt.from, tt.to, got, want)
			}
		}
	}
	if err := Pages(ctx, b, "../x", "", "", nil); !errors.Is(err, ErrBadKey) {
		t.Errorf("got %v, want ErrBadKey", err)
	}
	stop := errors.New("enough")
	if err := Pages(ctx, b, "", "", "", func(string) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v, want the function's own error", err)
	}
}

// TestCrashBetweenBodyAndMetadata stops StorePage after every write.
func TestCrashBetweenBodyAndMetadata(t *testing.T) {
	t.Parallel()
	f := newFolder(t).(*Folder)
	stop := errors.New("stop")
	p := page()
	for allowed := 0; ; allowed++ {
		_, err := StorePage(t.Context(), &failing{Bucket: f, left: allowed, err: stop}, p)
		if err == nil {
			if allowed != 2 {
				t.Errorf("stored with %d writes, want 2", allowed)
			}
			break
		}
		must(t, Pages(t.Context(), f, "", "", "", func(key string) error {
			t.Errorf("after %d writes %s is visible", allowed, key)
			return nil
		}))
	}
	if got, err := LoadPage(t.Context(), f, RawKey(p)); err != nil || !bytes.Equal(got.Body, p.Body) {
		t.Errorf("got %v", err)
	}
}

type failing struct {
	Bucket
	left int
	err  error
}

func (f *failing) PutNew(ctx context.Context, key string, body []byte) error {
	if f.left--; f.left < 0 {
		return f.err
	}
	return f.Bucket.PutNew(ctx, key, body)
}

func FuzzLoadPage(f *testing.F) {
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"source":"x"}`), enc.EncodeAll([]byte("<html>"), nil))
	f.Add([]byte(`{`), []byte{0x28, 0xb5, 0x2f, 0xfd})
	bucket := newFolder(f).(*Folder)
	bucket.sync = func(*os.File) error { return nil }
	key := RawKey(page())
	f.Fuzz(func(t *testing.T, head, body []byte) {
		must(t, bucket.Put(t.Context(), key, body))
		must(t, bucket.Put(t.Context(), MetaKey(key), head))
		if p, err := LoadPage(t.Context(), bucket, key); err == nil && sum(p.Body)[:12] != sum(page().Body)[:12] {
			t.Error("a page with another body was loaded")
		}
	})
}

func FuzzCheckKey(f *testing.F) {
	f.Add("a/b")
	f.Add("../x")
	f.Fuzz(func(t *testing.T, key string) {
		if checkKey(key) != nil {
			return
		}
		path := (&Folder{dir: "/bucket"}).path(key)
		if path != "/bucket/"+key {
			t.Errorf("%q leads to %q", key, path)
		}
	})
}

func BenchmarkStorePage(b *testing.B) {
	bucket := newFolder(b)
	p := page()
	for i := range b.N {
		p.URL = fmt.Sprint(i)
		p.Body = []byte(strings.Repeat(p.URL+"공연", 3000))
		if _, err := StorePage(b.Context(), bucket, p); err != nil {
			b.Fatal(err)
		}
	}
}
