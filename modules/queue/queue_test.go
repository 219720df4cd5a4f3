package queue

import (
	"bytes"
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
	var mu sync.Mutex
	seen := map[string]int{}
	for range 3 {
		wg.Go(func() {
			for {
				mu.Lock()
				n := len(seen)
				mu.Unlock()
				if n == producers*each {
					return
				}
				m, changed, err := c.try()
				if err != nil {
					t.Errorf("next: %v", err)
					return
				}
				if changed != nil {
					mu.Lock()
					all := len(seen) == producers*each
					mu.Unlock()
					if all {
						return
					}
					<-changed
					continue
				}
				mu.Lock()
				seen[string(m.Payload)]++
				mu.Unlock()
			}
		})
	}
	wg.Add(1)
	go func() { // wakes readers that wait when the last record went to another one
		defer wg.Done()
		for {
			mu.Lock()
			all := len(seen) == producers*each
			mu.Unlock()
			if all {
				q.mu.Lock()
				q.wake()
				q.mu.Unlock()
				return
			}
			select {
			case <-t.Context().Done():
				return
			default:
			}
		}
	}()
	wg.Wait()
	for k, n := range seen {
		if n != 1 {
			t.Errorf("%s came %d times", k, n)
		}
	}
}

// ledger is a Sync that knows how far every file was synced.
type ledger struct {
	mu     sync.Mutex
	record bool
	synced map[string]int64
	calls  map[string]int
	fail   func(f *os.File, call int) error
}

func newLedger(record bool) *ledger {
	return &ledger{record: record, synced: map[string]int64{}, calls: map[string]int{}}
}

func (l *ledger) sync(f *os.File) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	name := strings.TrimSuffix(f.Name(), tmpExt)
	l.calls[name]++
	if l.fail != nil {
		if err := l.fail(f, l.calls[name]); err != nil {
			return err
		}
	}
	if !l.record {
		return nil
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	l.synced[name] = info.Size()
	return nil
}

// unsynced appends records and counts those that were acknowledged before their bytes were synced.
func unsynced(t *testing.T, l *ledger) int {
	q := mustOpen(t, t.TempDir(), Config{SegmentBytes: 500, Sync: l.sync})
	bad := 0
	for range 50 {
		mustAppend(t, q, "payload")
		q.mu.Lock()
		path, end := q.active().path, q.active().end
		q.mu.Unlock()
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		l.mu.Lock()
		if info.Size() != end || l.synced[path] < end {
			bad++
		}
		l.mu.Unlock()
	}
	return bad
}

func TestSyncBeforeAck(t *testing.T) {
	t.Parallel()
	if n := unsynced(t, newLedger(true)); n != 0 {
		t.Errorf("%d of 50 records were acknowledged before they were synced", n)
	}
	if n := unsynced(t, newLedger(false)); n != 50 {
		t.Errorf("control: a Sync that does nothing must fail the check for all 50 records, it failed for %d", n)
	}
}

func TestPoisonedAfterFailedSync(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := newLedger(true)
	q := mustOpen(t, dir, Config{Sync: l.sync})
	c := mustConsumer(t, q, "etl")
	mustAppend(t, q, "safe")
	broken := errors.New("EIO")
	name := q.active().path
	l.mu.Lock()
	before := l.calls[name]
	l.fail = func(f *os.File, call int) error {
		if f.Name() == name && call == before+1 {
			return broken
		}
		return nil
	}
	l.mu.Unlock()
	for i := range 3 {
		_, err := q.Append(t.Context(), []byte("lost"))
		if !errors.Is(err, ErrPoisoned) || !errors.Is(err, broken) {
			t.Errorf("append %d: got %v, want ErrPoisoned and its cause", i, err)
		}
	}
	if q.Err() == nil {
		t.Error("Err is nil, want the cause")
	}
	if got := drain(t, c); len(got) != 1 || got[1] != "safe" {
		t.Errorf("got %v, want the one record that was acknowledged", got)
	}
	if err := errors.Join(c.Ack(1), q.Close()); err != nil {
		t.Errorf("ack and close of a poisoned queue: %v", err)
	}
	if n := l.calls[name]; n != before+1 {
		t.Errorf("%d syncs after the failed one, want 0", n-before-1)
	}
	q = mustOpen(t, dir, Config{})
	if n := mustAppend(t, q, "new"); n < 2 {
		t.Errorf("offset %d was used before", n)
	}
}

func TestFailedRollIsTriedAgain(t *testing.T) {
	t.Parallel()
	l := newLedger(true)
	q := mustOpen(t, t.TempDir(), Config{SegmentBytes: headBytes + recordHead + 1, Sync: l.sync})
	mustAppend(t, q, "a")
	l.mu.Lock()
	l.fail = func(f *os.File, _ int) error {
		if strings.HasSuffix(f.Name(), tmpExt) {
			return errors.New("ENOSPC")
		}
		return nil
	}
	l.mu.Unlock()
	if _, err := q.Append(t.Context(), []byte("b")); err == nil || errors.Is(err, ErrPoisoned) {
		t.Errorf("got %v, want an error that does not poison", err)
	}
	l.mu.Lock()
	l.fail = nil
	l.mu.Unlock()
	if n := mustAppend(t, q, "b"); n != 2 {
		t.Errorf("offset %d, want 2", n)
	}
}

func TestVersionIsRefusedUntouched(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	q := mustOpen(t, dir, Config{})
	mustAppend(t, q, "a")
	path := q.active().path
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, _, _ := readHead(data, 1)
	head := s.head()
	head[7] = version + 1
	fixHead(head)
	newer := append(head, data[headBytes:]...)
	if err := os.WriteFile(path, newer, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Config{}, quiet()); !errors.Is(err, ErrVersion) {
		t.Errorf("got %v, want ErrVersion", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, newer) {
		t.Errorf("the folder was changed: %v", err)
	}
}

func TestDamagedCursorStartsOver(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	q := mustOpen(t, dir, Config{})
	c := mustConsumer(t, q, "etl")
	mustAppend(t, q, "a")
	if err := errors.Join(c.Ack(1), q.Close()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, cursorPrefix+"etl")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range len(good) * 8 {
		bad := bytes.Clone(good)
		bad[bit/8] ^= 1 << (bit % 8)
		if acked, ok := readCursor(bad); ok {
			t.Fatalf("bit %d: read %d from a damaged cursor", bit, acked)
		}
	}
	good[10] ^= 1
	if err := os.WriteFile(path, good, 0o600); err != nil {
		t.Fatal(err)
	}
	q = mustOpen(t, dir, Config{})
	if got := drain(t, mustConsumer(t, q, "etl")); got[1] != "a" {
		t.Errorf("got %v, want the record again", got)
	}
	if n := q.Stats().Quarantined; n != 1 {
		t.Errorf("%d quarantined, want 1", n)
	}
}
