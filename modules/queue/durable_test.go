package queue

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

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

// TestEverySyncMayFail lets the n-th fsync fail, whatever it was for, and opens again: nothing that was acknowledged is
// lost, and no offset has two payloads.
func TestEverySyncMayFail(t *testing.T) {
	t.Parallel()
	for n := 1; ; n++ {
		dir := t.TempDir()
		var calls atomic.Int32
		cfg := Config{SegmentBytes: 200, Sync: func(*os.File) error {
			if calls.Add(1) == int32(n) {
				return errors.New("EIO")
			}
			return nil
		}}
		appended, acked := map[uint64]string{}, uint64(0)
		if q, err := Open(dir, cfg, quiet()); err == nil {
			c, consumerErr := q.Consumer("etl")
			for i := range 12 {
				payload := fmt.Sprint("record ", n, "/", i)
				if offset, err := q.Append(t.Context(), []byte(payload)); err == nil {
					appended[offset] = payload
				}
				if consumerErr == nil && i%3 == 2 {
					_ = c.Ack(uint64(i)) // an Ack that fails may have been kept: its records were done all the same
					acked = uint64(i)
					_ = q.Purge()
				}
			}
			_ = q.Close()
		}
		q := mustOpen(t, dir, Config{})
		got := drain(t, mustConsumer(t, q, "etl"))
		for offset, payload := range appended {
			if g, ok := got[offset]; offset > acked && (!ok || g != payload) {
				t.Errorf("fsync %d: offset %d is %q, %v; acknowledged was %q", n, offset, g, ok, payload)
			}
		}
		if fresh := mustAppend(t, q, "fresh"); got[fresh] != "" || appended[fresh] != "" {
			t.Errorf("fsync %d: offset %d used twice", n, fresh)
		}
		_ = q.Close()
		if int(calls.Load()) < n {
			if n < 20 {
				t.Errorf("only %d fsyncs in the whole case", n)
			}
			return
		}
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
