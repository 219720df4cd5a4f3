package app

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// syncBuffer is a terminal that may be looked at while a server writes to it.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// running starts the real program and waits until it says where it is; stop ends it as SIGTERM would.
func running(t *testing.T, args ...string) (base string, out *syncBuffer, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	stdout, stderr := new(syncBuffer), new(syncBuffer)
	code := make(chan int, 1)
	go func() {
		code <- Run(ctx, append(args, "--http.addr", "127.0.0.1:0", "--log.level", "warn"), nil, strings.NewReader(""), stdout, stderr, defaults(t))
	}()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if lines := strings.Split(stdout.String(), "\n"); len(lines) > 2 { // the address and the setup link
			base = strings.TrimPrefix(lines[0], "티켓모아: ")
			break
		}
		if time.Now().After(deadline) {
			cancel()
			t.Fatalf("the server never came up:\n%s", stderr.String())
		}
	}
	var once sync.Once
	result := 0
	stop = func() int {
		once.Do(func() {
			cancel()
			result = <-code
			if s := stderr.String(); strings.Contains(s, `"level":"ERROR"`) {
				t.Errorf("the server logged errors:\n%s", s)
			}
		})
		return result
	}
	t.Cleanup(func() { stop() })
	return base, stdout, stop
}

func run(args ...string) (int, string, string) {
	var out, errs bytes.Buffer
	b, err := os.ReadFile("../config.yaml")
	if err != nil {
		panic(err)
	}
	code := Run(context.Background(), args, nil, strings.NewReader(""), &out, &errs, b)
	return code, out.String(), errs.String()
}

func TestCommandsReachTheRunningServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	page := write(t, "60001.html", "<html><body>nobody's page</body></html>")
	ingest := []string{"ingest", "--data", dir, "--source", "ticketlink", "--kind", "notice", "--log.level", "error", page}
	code, alone, errs := run(ingest...)
	if code != exitOK || !strings.Contains(alone, "pages 1, stored 0, unchanged 0, quarantined 1") {
		t.Fatalf("without a server: %d %q %q", code, alone, errs)
	}
	_, _, stop := running(t, "serve", "--data", dir)
	info, err := os.Stat(socketPath(dir))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("control.sock: %v %v, want mode 0600", info, err)
	}
	if code, served, errs := run(ingest...); code != exitOK || served != alone {
		t.Errorf("through the server: %d %q %q, want %q", code, served, errs, alone)
	}
	if code, out, errs := run("job", "recommend", "--data", dir); code != exitOK || !strings.Contains(out, "recommend:") {
		t.Errorf("job: %d %q %q", code, out, errs)
	}
	for _, bad := range [][]string{{"job", "fly"}, {"crawl", "kopis"}, {"crawl", "nobody"}, {"ingest", "--source", "x", "--kind", "notice", page},
		{"ingest", "--source", "yes24", "--kind", "poem", page}, {"ingest", "--source", "yes24", "--kind", "detail", "/nonexistent"}, {"replay", "--from", "yesterday"}} {
		if code, _, errs := run(append(bad, "--data", dir)...); code == exitOK || !strings.HasPrefix(errs, "ticketmoa: ") {
			t.Errorf("%v: exit %d, %q", bad, code, errs)
		}
	}
	if code, _, errs := run("serve", "--data", dir, "--http.addr", "127.0.0.1:0"); code != exitFailed || !strings.Contains(errs, "owns this data directory") {
		t.Errorf("a second server: %d %q", code, errs)
	}
	if code := stop(); code != exitOK {
		t.Errorf("the server ended with %d", code)
	}
	if _, err := os.Stat(socketPath(dir)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("control.sock is left behind: %v", err)
	}
}

func TestPartsStopInTheOrderDataFlows(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var stopped []string
	newPart := func(name string) part {
		return part{name, func(ctx context.Context) error {
			<-ctx.Done()
			mu.Lock()
			defer mu.Unlock()
			stopped = append(stopped, name)
			return nil
		}}
	}
	log := slog.New(slog.DiscardHandler)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := runParts(ctx, log, []part{newPart("scheduler"), newPart("etl"), newPart("web")}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(stopped, " "); got != "scheduler etl web" {
		t.Errorf("stopped %s", got)
	}
	boom := errors.New("boom")
	stopped = nil
	err := runParts(context.Background(), log, []part{newPart("scheduler"), {"etl", func(context.Context) error { return boom }}, newPart("web")})
	if !errors.Is(err, boom) || strings.Join(stopped, " ") != "scheduler web" {
		t.Errorf("err %v, stopped %v", err, stopped)
	}
}

func TestHugeAndUnreadableFiles(t *testing.T) {
	t.Parallel()
	dir, pages := t.TempDir(), t.TempDir()
	huge := filepath.Join(pages, "1.html")
	must(t, os.WriteFile(huge, nil, 0o600))
	must(t, os.Truncate(huge, 200<<20))
	must(t, os.WriteFile(filepath.Join(pages, "2.html"), nil, 0o600))
	must(t, os.WriteFile(filepath.Join(pages, "3.html"), []byte("\xff\xfe\x00garbage"), 0o600))
	must(t, os.WriteFile(filepath.Join(pages, "4.html"), []byte("<html>"), 0o600))
	must(t, os.WriteFile(filepath.Join(pages, "4.json"), []byte("{bad"), 0o600))
	must(t, os.WriteFile(filepath.Join(pages, "5.html"), []byte("<html>"), 0o600))
	must(t, os.WriteFile(filepath.Join(pages, "5.html.json"), []byte(`{"fetched_at":"2099-01-01T00:00:00Z"}`), 0o600))
	must(t, unix.Mkfifo(filepath.Join(pages, "6.html"), 0o600)) // in a folder a pipe is no page
	code, out, errs := run("ingest", "--data", dir, "--source", "yes24", "--kind", "detail", "--log.level", "error", pages)
	if code != exitOK || !strings.Contains(out, "pages 5, stored 0, unchanged 0, quarantined 5") || !strings.Contains(out, "larger than the limit") || !strings.Contains(out, "wrong charset") || !strings.Contains(out, "sidecar") || !strings.Contains(out, "cannot have been fetched") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	for _, endless := range []string{filepath.Join(pages, "6.html"), "/dev/zero"} {
		if code, out, _ := run("ingest", "--data", dir, "--source", "yes24", "--kind", "detail", "--log.level", "error", endless); code != exitOK || !strings.Contains(out, "not a regular file") {
			t.Errorf("ingest of %s: exit %d %s", endless, code, out)
		}
	}
}

func TestHealthcheckWithoutAServer(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	addr := l.Addr().String()
	must(t, l.Close())
	if code, _, errs := run("healthcheck", "--http.addr", addr); code != exitFailed || !strings.Contains(errs, "no answer") {
		t.Errorf("exit %d %q", code, errs)
	}
}
