package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(produceForever(dir))
	}
	if dir := os.Getenv(benchDir); dir != "" {
		os.Exit(openAndReport(dir))
	}
	goleak.VerifyTestMain(m)
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func mustOpen(t testing.TB, dir string, cfg Config) *Queue {
	t.Helper()
	q, err := Open(dir, cfg, quiet())
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = q.Close() })
	return q
}

func mustAppend(t testing.TB, q *Queue, payload string) uint64 {
	t.Helper()
	offset, err := q.Append(t.Context(), []byte(payload))
	if err != nil {
		t.Fatalf("append: %v", err)
	}
	return offset
}

func mustConsumer(t testing.TB, q *Queue, name string) *Consumer {
	t.Helper()
	c, err := q.Consumer(name)
	if err != nil {
		t.Fatalf("consumer: %v", err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// drain returns everything that can be read without waiting.
func drain(t testing.TB, c *Consumer) map[uint64]string {
	t.Helper()
	got := map[uint64]string{}
	last := uint64(0)
	for {
		m, changed, err := c.try()
		if err != nil {
			t.Fatalf("next: %v", err)
		}
		if changed != nil {
			return got
		}
		if m.Offset <= last {
			t.Fatalf("offset %d after %d", m.Offset, last)
		}
		last = m.Offset
		got[m.Offset] = string(m.Payload)
	}
}

func TestAppendAndRead(t *testing.T) {
	t.Parallel()
	q := mustOpen(t, t.TempDir(), Config{SegmentBytes: 300})
	c := mustConsumer(t, q, "etl")
	want := map[uint64]string{}
	for i := range 40 {
		payload := strings.Repeat("가", i)
		offset := mustAppend(t, q, payload)
		if offset != uint64(i+1) {
			t.Fatalf("offset %d, want %d", offset, i+1)
		}
		want[offset] = payload
	}
	if got := drain(t, c); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	s := q.Stats()
	if s.First != 1 || s.Next != 41 || s.Records != 40 || s.Segments < 5 || s.Missing != 0 {
		t.Errorf("stats %+v", s)
	}
}

func TestAppendAllIsOneStretch(t *testing.T) {
	t.Parallel()
	q := mustOpen(t, t.TempDir(), Config{SegmentBytes: 1000})
	c := mustConsumer(t, q, "lake")
	mustAppend(t, q, "before")
	first, err := q.AppendAll(t.Context(), [][]byte{[]byte("a"), []byte("b"), make([]byte, 700)})
	if err != nil || first != 2 {
		t.Fatalf("first %d, %v; want 2", first, err)
	}
	if got := drain(t, c); len(got) != 4 || got[2] != "a" || got[3] != "b" {
		t.Errorf("got %d records", len(got))
	}
	if n, err := q.AppendAll(t.Context(), nil); n != 0 || err != nil {
		t.Errorf("nothing to append: %d, %v", n, err)
	}
	if _, err := q.AppendAll(t.Context(), [][]byte{make([]byte, 600), make([]byte, 600)}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("more than a segment: got %v, want ErrTooLarge", err)
	}
}

func TestIDStays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	q := mustOpen(t, dir, Config{})
	id := q.ID()
	if len(id) != idLen || !validID(id) {
		t.Fatalf("id %q", id)
	}
	_ = q.Close()
	if q = mustOpen(t, dir, Config{}); q.ID() != id {
		t.Errorf("id %q became %q", id, q.ID())
	}
	_ = q.Close()
	if err := os.WriteFile(filepath.Join(dir, "ID"), []byte("../../x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if q = mustOpen(t, dir, Config{}); q.ID() == id || !validID(q.ID()) {
		t.Errorf("a damaged id became %q", q.ID())
	}
}

func TestNoteAndCommit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	q := mustOpen(t, dir, Config{})
	c := mustConsumer(t, q, "lake")
	mustAppend(t, q, "a")
	mustAppend(t, q, "b")
	if err := c.SetNote([]byte("plan 1-2")); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Ack(1), q.Close()); err != nil {
		t.Fatal(err)
	}
	q = mustOpen(t, dir, Config{})
	c = mustConsumer(t, q, "lake")
	if n := string(c.Note()); n != "plan 1-2" || c.Backlog() != 1 {
		t.Errorf("note %q, backlog %d; want the plan and 1", n, c.Backlog())
	}
	if err := errors.Join(c.Commit(2), q.Close()); err != nil {
		t.Fatal(err)
	}
	q = mustOpen(t, dir, Config{})
	c = mustConsumer(t, q, "lake")
	if c.Note() != nil || c.Backlog() != 0 {
		t.Errorf("after commit: note %q, backlog %d", c.Note(), c.Backlog())
	}
	if err := c.SetNote(make([]byte, maxNote+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
	if err := q.Forget("lake"); err != nil {
		t.Error(err)
	}
	if err := q.Forget("lake"); !errors.Is(err, ErrBadName) {
		t.Errorf("forget twice: got %v, want ErrBadName", err)
	}
}

func TestCompressedPayloads(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	page := strings.Repeat("<li>뮤지컬</li>", 600_000) // above 8 MiB
	q := mustOpen(t, dir, Config{Compress: true})
	for _, p := range []string{page, "x", ""} {
		mustAppend(t, q, p)
	}
	if n := q.Stats().Bytes; n > 200_000 {
		t.Errorf("%d bytes on the disk for a page of %d", n, len(page))
	}
	_ = q.Close()
	q = mustOpen(t, dir, Config{}) // a queue without compression reads it all the same
	if got := drain(t, mustConsumer(t, q, "etl")); got[1] != page || got[2] != "x" || got[3] != "" || len(got) != 3 {
		t.Errorf("%d records came back, the first with %d bytes", len(got), len(got[1]))
	}
}

func TestNextWaits(t *testing.T) {
	t.Parallel()
	q := mustOpen(t, t.TempDir(), Config{})
	c := mustConsumer(t, q, "etl")
	got := make(chan Message)
	go func() {
		m, err := c.Next(context.Background())
		if err != nil {
			t.Errorf("next: %v", err)
		}
		got <- m
	}()
	mustAppend(t, q, "a")
	if m := <-got; m.Offset != 1 || string(m.Payload) != "a" {
		t.Errorf("got %+v", m)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	go func() { _ = q.Close() }()
	if _, err := c.Next(context.Background()); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
	if _, err := q.Append(t.Context(), nil); !errors.Is(err, ErrClosed) {
		t.Errorf("append after close: %v, want ErrClosed", err)
	}
	if err := c.Ack(1); !errors.Is(err, ErrClosed) {
		t.Errorf("ack after close: %v, want ErrClosed", err)
	}
}

func TestRedeliveryAfterReopen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	q := mustOpen(t, dir, Config{SegmentBytes: 200})
	c := mustConsumer(t, q, "etl")
	for i := range 10 {
		mustAppend(t, q, fmt.Sprint("record ", i+1))
	}
	drain(t, c)
	if err := c.Ack(4); err != nil {
		t.Fatal(err)
	}
	if err := c.Ack(2); err != nil {
		t.Errorf("an earlier ack: %v, want nil", err)
	}
	if err := c.Ack(11); !errors.Is(err, ErrBadOffset) {
		t.Errorf("got %v, want ErrBadOffset", err)
	}
	again := mustConsumer(t, q, "etl")
	if got := drain(t, again); len(got) != 6 || got[5] != "record 5" {
		t.Errorf("a second reader got %v, want 5..10", got)
	}
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	q = mustOpen(t, dir, Config{SegmentBytes: 200})
	c = mustConsumer(t, q, "etl")
	if n := c.Backlog(); n != 6 {
		t.Errorf("backlog %d, want 6", n)
	}
	if got := drain(t, c); len(got) != 6 || got[5] != "record 5" || got[10] != "record 10" {
		t.Errorf("after reopen got %v, want 5..10", got)
	}
	if n := mustAppend(t, q, "x"); n != 11 {
		t.Errorf("offset %d, want 11", n)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	q := mustOpen(t, dir, Config{MaxRecord: 10, MaxBytes: 4000})
	if _, err := q.Append(t.Context(), make([]byte, 11)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
	if _, err := Open(dir, Config{}, quiet()); !errors.Is(err, ErrLocked) {
		t.Errorf("second owner: got %v, want ErrLocked", err)
	}
	if _, err := q.AppendAll(t.Context(), [][]byte{make([]byte, 10), make([]byte, 11)}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("one of two is too large: got %v, want ErrTooLarge", err)
	}
	for _, name := range []string{"", "../x", "A", "가", "a/b", strings.Repeat("a", 65)} {
		if _, err := q.Consumer(name); !errors.Is(err, ErrBadName) {
			t.Errorf("consumer %q: got %v, want ErrBadName", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := q.Append(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestFullAndRoomAgain(t *testing.T) {
	t.Parallel()
	q := mustOpen(t, t.TempDir(), Config{MaxBytes: 4000})
	c := mustConsumer(t, q, "etl")
	var last uint64
	var err error
	for err == nil {
		var n uint64
		if n, err = q.Append(t.Context(), make([]byte, 100)); err == nil {
			last = n
		}
	}
	if n := q.Stats().Refused; n != 1 {
		t.Errorf("%d refused, want 1", n)
	}
	if !errors.Is(err, ErrFull) {
		t.Fatalf("got %v, want ErrFull", err)
	}
	if b := q.Stats().Bytes; b > 4000 || b < 3500 {
		t.Errorf("full at %d bytes, want just below 4000", b)
	}
	if got := drain(t, c); uint64(len(got)) != last {
		t.Errorf("%d records kept of %d acknowledged", len(got), last)
	}
	if _, err := q.Append(t.Context(), make([]byte, 100)); !errors.Is(err, ErrFull) {
		t.Errorf("before any ack: got %v, want ErrFull", err)
	}
	if err := c.Ack(last); err != nil {
		t.Fatal(err)
	}
	if n := mustAppend(t, q, "room again"); n != last+1 {
		t.Errorf("offset %d, want %d", n, last+1)
	}
}

func TestPurgeWaitsForTheSlowest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	q := mustOpen(t, dir, Config{SegmentBytes: 200})
	for range 30 {
		mustAppend(t, q, "0123456789")
	}
	if err := q.Purge(); err != nil || q.Stats().First != 1 {
		t.Errorf("purge without a consumer: %v, first %d, want 1", err, q.Stats().First)
	}
	fast, slow := mustConsumer(t, q, "fast"), mustConsumer(t, q, "slow")
	if err := errors.Join(fast.Ack(30), slow.Ack(10), q.Purge()); err != nil {
		t.Fatal(err)
	}
	first := q.Stats().First
	if first < 2 || first > 11 {
		t.Errorf("first kept %d, want 2..11", first)
	}
	if got := drain(t, slow); len(got) != 20 {
		t.Errorf("slow got %d records, want 20", len(got))
	}
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	q = mustOpen(t, dir, Config{SegmentBytes: 200}) // the consumers are known from the disk
	if err := q.Purge(); err != nil || q.Stats().First != first {
		t.Errorf("purge after reopen: %v, first %d, want %d", err, q.Stats().First, first)
	}
	if err := errors.Join(mustConsumer(t, q, "slow").Ack(30), q.Purge()); err != nil {
		t.Fatal(err)
	}
	if s := q.Stats(); s.Records != 0 || s.Next != 31 || s.First != 31 {
		t.Errorf("all acknowledged: %+v, want none and next 31", s)
	}
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	q = mustOpen(t, dir, Config{})
	if n := mustAppend(t, q, "x"); n != 31 {
		t.Errorf("offset %d after everything was purged, want 31", n)
	}
}

func TestManyProducersAndConsumers(t *testing.T) {
	t.Parallel()
	const producers, each = 16, 50
	q := mustOpen(t, t.TempDir(), Config{SegmentBytes: 4000})
	c := mustConsumer(t, q, "etl")
	var wg sync.WaitGroup
	for p := range producers {
		wg.Go(func() {
			before := uint64(0)
			for i := range each {
				n, err := q.Append(t.Context(), fmt.Appendf(nil, "%d/%d", p, i))
				if err != nil || n <= before {
					t.Errorf("append: offset %d after %d, %v", n, before, err)
					return
				}
				before = n
			}
		})
	}
	ctx, enough := context.WithCancel(t.Context())
	defer enough()
	var mu sync.Mutex
	seen := map[string]int{}
	for range 3 {
		wg.Go(func() {
			for {
				m, err := c.Next(ctx)
				if errors.Is(err, context.Canceled) {
					return
				}
				if err != nil {
					t.Errorf("next: %v", err)
					enough()
					return
				}
				mu.Lock()
				if seen[string(m.Payload)]++; len(seen) == producers*each {
					enough()
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for k, n := range seen {
		if n != 1 {
			t.Errorf("%s came %d times", k, n)
		}
	}
}
