package lake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func newFolder(t testing.TB) Bucket {
	t.Helper()
	f, err := NewFolder(filepath.Join(t.TempDir(), "버킷"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// newS3 is a client of a server in this process. It sets the environment, so its tests do not run in parallel.
func newS3(t *testing.T, suffix string) Bucket {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("lake"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
	b, err := Open(t.Context(), "s3://lake"+suffix+"endpoint="+server.URL, "", quiet())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFolderBucket(t *testing.T) { testBucket(t, func(t *testing.T) Bucket { return newFolder(t) }) }

func TestS3Bucket(t *testing.T) {
	testBucket(t, func(t *testing.T) Bucket { return newS3(t, "?") })
}

func TestS3BucketWithPrefixAndWithoutChecksums(t *testing.T) {
	testBucket(t, func(t *testing.T) Bucket {
		return newS3(t, "/티켓/모아/?checksum=when_required&region=ap-northeast-2&")
	})
}

func testBucket(t *testing.T, newBucket func(t *testing.T) Bucket) {
	for name, run := range map[string]func(*testing.T, Bucket){
		"objects": testObjects, "keys": testKeys, "list": testList, "many": testMany, "race": testRace, "cancelled": testCancelled,
		"pages": testPages, "one page": testStoreAndLoad, "damage": testDamage,
	} {
		t.Run(name, func(t *testing.T) { run(t, newBucket(t)) })
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func keys(t *testing.T, b Bucket, prefix string) []string {
	t.Helper()
	var out []string
	must(t, b.List(t.Context(), prefix, func(o Object) error {
		out = append(out, o.Key)
		return nil
	}))
	return out
}

func testObjects(t *testing.T, b Bucket) {
	ctx := t.Context()
	if _, err := b.Get(ctx, "a/b"); !errors.Is(err, ErrNotFound) {
		t.Errorf("get of nothing: %v, want ErrNotFound", err)
	}
	must(t, b.Delete(ctx, "a/b"))
	big := bytes.Repeat([]byte("0123456789abcdef"), 400_000)
	for key, body := range map[string][]byte{
		"a/b": []byte("one"), "empty": nil, "raw/source=x/공연 〈시라노〉+%20&?#.html": {0, 1, 255}, "big": big,
	} {
		must(t, b.Put(ctx, key, body))
		got, err := b.Get(ctx, key)
		if err != nil || !bytes.Equal(got, body) {
			t.Errorf("%s: got %d bytes, %v; want %d", key, len(got), err, len(body))
		}
	}
	must(t, b.Put(ctx, "a/b", []byte("two")))
	if err := b.PutNew(ctx, "a/b", []byte("three")); !errors.Is(err, ErrExists) {
		t.Errorf("second PutNew: %v, want ErrExists", err)
	}
	if got, err := b.Get(ctx, "a/b"); err != nil || string(got) != "two" {
		t.Errorf("got %q, %v; want two", got, err)
	}
	must(t, b.Delete(ctx, "a/b"))
	must(t, b.PutNew(ctx, "a/b", []byte("four")))
	if got, err := b.Get(ctx, "a/b"); err != nil || string(got) != "four" {
		t.Errorf("got %q, %v; want four", got, err)
	}
}

func testKeys(t *testing.T, b Bucket) {
	ctx := t.Context()
	for _, key := range []string{
		"", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/..", "./a", "a\\b", "a\nb", "a\x00b", "a\x7fb", "\xff",
		".tmp/a", strings.Repeat("a", 256), strings.Repeat("abc/", 300) + "x",
	} {
		_, getErr := b.Get(ctx, key)
		for what, err := range map[string]error{
			"put": b.Put(ctx, key, nil), "put new": b.PutNew(ctx, key, nil), "get": getErr, "delete": b.Delete(ctx, key),
		} {
			if !errors.Is(err, ErrBadKey) {
				t.Errorf("%s %q: %v, want ErrBadKey", what, key, err)
			}
		}
	}
	for _, prefix := range []string{"/", "../", "a/../", "a\\"} {
		if err := b.List(ctx, prefix, nil); !errors.Is(err, ErrBadKey) {
			t.Errorf("list %q: %v, want ErrBadKey", prefix, err)
		}
	}
	if got := keys(t, b, ""); len(got) != 0 {
		t.Errorf("refused keys left %v", got)
	}
}

func testList(t *testing.T, b Bucket) {
	ctx := t.Context()
	all := []string{"a-b/x", "a/b/c", "a/b-c", "a/b.txt", "a0", "ab/x", "z/가/나", "z/가나", "가"}
	for _, key := range all {
		must(t, b.Put(ctx, key, []byte(key)))
	}
	tests := map[string][]string{
		"":      {"a-b/x", "a/b-c", "a/b.txt", "a/b/c", "a0", "ab/x", "z/가/나", "z/가나", "가"},
		"a":     {"a-b/x", "a/b-c", "a/b.txt", "a/b/c", "a0", "ab/x"},
		"a/":    {"a/b-c", "a/b.txt", "a/b/c"},
		"a/b/":  {"a/b/c"},
		"a/b/c": {"a/b/c"},
		"z/가":   {"z/가/나", "z/가나"},
		"none/": nil,
		"b":     nil,
	}
	for prefix, want := range tests {
		if got := keys(t, b, prefix); !slices.Equal(got, want) {
			t.Errorf("list %q: got %q, want %q", prefix, got, want)
		}
	}
	stop := errors.New("enough")
	calls := 0
	err := b.List(ctx, "", func(o Object) error {
		if calls++; o.Size != int64(len(o.Key)) {
			t.Errorf("%s has size %d", o.Key, o.Size)
		}
		if calls == 2 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || calls != 2 {
		t.Errorf("got %v after %d calls, want the function's own error after 2", err, calls)
	}
}

func testMany(t *testing.T, b Bucket) {
	const n = 3000
	if f, ok := b.(*Folder); ok {
		f.sync = func(*os.File) error { return nil }
	}
	for i := range n {
		must(t, b.Put(t.Context(), fmt.Sprintf("many/%d/%04d", i%3, i), []byte("x")))
	}
	got := keys(t, b, "many/")
	if len(got) != n || !slices.IsSorted(got) {
		t.Errorf("listed %d of %d, sorted: %v", len(got), n, slices.IsSorted(got))
	}
}

func testRace(t *testing.T, b Bucket) {
	for round := range 10 {
		key := fmt.Sprintf("race/%d", round)
		var mu sync.Mutex
		var wg sync.WaitGroup
		var winner string
		wins := 0
		for i := range 8 {
			wg.Go(func() {
				me := strings.Repeat(fmt.Sprint(i), 1000)
				err := b.PutNew(t.Context(), key, []byte(me))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					wins++
					winner = me
				case !errors.Is(err, ErrExists):
					t.Errorf("PutNew: %v", err)
				}
			})
		}
		wg.Wait()
		got, err := b.Get(t.Context(), key)
		if wins != 1 || err != nil || string(got) != winner {
			t.Errorf("%d winners, %v, the winner's bytes are there: %v", wins, err, string(got) == winner)
		}
	}
}

func testCancelled(t *testing.T, b Bucket) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := b.Get(ctx, "a")
	for what, err := range map[string]error{"put": b.Put(ctx, "a", nil), "get": err, "delete": b.Delete(ctx, "a")} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want context.Canceled", what, err)
		}
	}
}

func TestFolderSyncsBeforeItShows(t *testing.T) {
	t.Parallel()
	f := newFolder(t).(*Folder)
	path := f.path("x/y/object")
	var log []string
	f.sync = func(file *os.File) error {
		_, err := os.Lstat(path)
		name, relErr := filepath.Rel(f.dir, file.Name())
		if relErr != nil {
			return relErr
		}
		if strings.HasPrefix(name, tmpFolder) {
			name = "temp"
		}
		log = append(log, fmt.Sprintf("%s visible=%v", name, err == nil))
		return file.Sync()
	}
	must(t, f.PutNew(t.Context(), "x/y/object", []byte("1")))
	must(t, f.Put(t.Context(), "x/y/object", []byte("2")))
	want := "[temp visible=false . visible=false x visible=false x/y visible=true temp visible=true x/y visible=true]"
	if fmt.Sprint(log) != want {
		t.Errorf("syncs:\n got %v\nwant %v", log, want)
	}
	f.sync = func(file *os.File) error {
		if strings.Contains(file.Name(), tmpFolder) {
			return errors.New("EIO")
		}
		return nil
	}
	if err := f.Put(t.Context(), "x/y/object", []byte("3")); err == nil {
		t.Error("a failed fsync was acknowledged")
	}
	if got, err := f.Get(t.Context(), "x/y/object"); err != nil || string(got) != "2" {
		t.Errorf("after the failure: %q, %v; want what was there before", got, err)
	}
	left, err := os.ReadDir(filepath.Join(f.dir, tmpFolder))
	if err != nil || len(left) != 0 {
		t.Errorf("unfinished objects left: %v, %v", left, err)
	}
}

func TestFolderForgetsUnfinishedAndStrangeThings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	secret := filepath.Join(t.TempDir(), "secret")
	must(t, errors.Join(
		os.MkdirAll(filepath.Join(dir, tmpFolder), 0o750),
		os.WriteFile(filepath.Join(dir, tmpFolder, "put-1"), []byte("half"), 0o600),
		os.WriteFile(secret, []byte("secret"), 0o600),
		os.Symlink(secret, filepath.Join(dir, "link")),
	))
	f, err := NewFolder(dir)
	must(t, err)
	if left, err := os.ReadDir(filepath.Join(dir, tmpFolder)); err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
	if got := keys(t, f, ""); len(got) != 0 {
		t.Errorf("listed %v", got)
	}
	if body, err := f.Get(t.Context(), "link"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a link out of the folder gave %q, %v", body, err)
	}
}

func TestParseS3(t *testing.T) {
	t.Parallel()
	good := map[string]S3Config{
		"s3://b":      {Bucket: "b"},
		"s3://b/":     {Bucket: "b"},
		"s3://b/a/c/": {Bucket: "b", Prefix: "a/c/"},
		"s3://b?region=ap-northeast-2&endpoint=http://127.0.0.1:9000&checksum=when_required": {
			Bucket: "b", Region: "ap-northeast-2", Endpoint: "http://127.0.0.1:9000", ChecksumsOff: true},
	}
	for address, want := range good {
		if got, err := ParseS3(address); err != nil || got != want {
			t.Errorf("%s: got %+v, %v; want %+v", address, got, err, want)
		}
	}
	for _, address := range []string{
		"", "b", "http://b", "s3://", "s3:///x", "s3://key:secret@b/x", "s3://b/../c", "s3://b?endpoint=127.0.0.1:9000", "s3://b?endpoint=file:///x",
		"s3://b?checksum=no", "s3://b?acl=public", "s3://b#x", "s3://b\n",
	} {
		_, err := ParseS3(address)
		if !errors.Is(err, ErrBadURL) {
			t.Errorf("%q: %v, want ErrBadURL", address, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error tells the secret: %v", address, err)
		}
	}
}

func TestS3ThatIsNotThere(t *testing.T) {
	newS3(t, "?") // for the credentials
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, "s3://lake?endpoint=http://127.0.0.1:1", "", quiet()); err == nil {
		t.Error("a server that is not there was opened")
	}
}
