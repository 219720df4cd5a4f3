package queue

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ticketmoa/modules/queue/disk"
	"ticketmoa/modules/queue/disk/disktest"
	"ticketmoa/modules/queue/record"
)

// ledger knows which files hold bytes that no sync has followed.
type ledger struct {
	mu    sync.Mutex
	dirty map[string]bool
	syncs map[string]int
	fail  func(c disktest.Call) error
}

// watched is a file system whose ledger hears of every call. With forgetful, syncs do nothing, and the ledger knows.
func watched(forgetful bool) (*ledger, disk.FS) {
	l := &ledger{dirty: map[string]bool{}, syncs: map[string]int{}}
	return l, &disktest.Faulty{FS: disk.OS(), Before: func(c disktest.Call) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		if c.Op == "sync" {
			l.syncs[c.Path]++
		}
		if l.fail != nil {
			if err := l.fail(c); err != nil {
				return err
			}
		}
		switch {
		case c.Op == "write":
			l.dirty[c.Path] = true
		case c.Op == "sync" && !forgetful:
			l.dirty[c.Path] = false
		}
		return nil
	}}
}

// unsynced appends records and counts those that were acknowledged before their bytes were synced.
func unsynced(t *testing.T, l *ledger, fs disk.FS) int {
	q := mustOpen(t, t.TempDir(), Config{SegmentBytes: 500, FS: fs})
	bad := 0
	for range 50 {
		mustAppend(t, q, "payload")
		q.mu.Lock()
		path := q.active().path
		q.mu.Unlock()
		l.mu.Lock()
		if l.dirty[path] {
			bad++
		}
		l.mu.Unlock()
	}
	return bad
}

func TestSyncBeforeAck(t *testing.T) {
	t.Parallel()
	l, fs := watched(false)
	if n := unsynced(t, l, fs); n != 0 {
		t.Errorf("%d of 50 records were acknowledged before they were synced", n)
	}
	l, fs = watched(true)
	if n := unsynced(t, l, fs); n != 50 {
		t.Errorf("control: a sync that does nothing must fail the check for all 50 records, it failed for %d", n)
	}
}

// TestFailedSyncGivesTheSegmentUp is fsyncgate: after a failed fsync the next one on the same file may lie.
func TestFailedSyncGivesTheSegmentUp(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"sync", "write"} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			l, fs := watched(false)
			q := mustOpen(t, dir, Config{FS: fs})
			c := mustConsumer(t, q, "etl")
			mustAppend(t, q, "safe")
			broken := errors.New("EIO")
			name := q.active().path
			failed := false
			l.mu.Lock()
			before := l.syncs[name]
			l.fail = func(c disktest.Call) error {
				if c.Path == name && c.Op == op && !failed {
					failed = true
					return broken
				}
				return nil
			}
			l.mu.Unlock()
			if _, err := q.Append(t.Context(), []byte("lost")); !errors.Is(err, ErrPoisoned) || !errors.Is(err, broken) {
				t.Errorf("got %v, want ErrPoisoned and its cause", err)
			}
			if q.Err() == nil || q.Stats().Failures != 1 {
				t.Errorf("Err %v, %d failures; want the cause and 1", q.Err(), q.Stats().Failures)
			}
			if _, err := q.Append(t.Context(), []byte("too soon")); !errors.Is(err, ErrPoisoned) {
				t.Errorf("at once after the failure: got %v, want ErrPoisoned", err)
			}
			fresh := uint64(0)
			for fresh == 0 {
				fresh, _ = q.Append(t.Context(), []byte("fresh"))
			}
			if fresh <= 2 || q.Err() != nil {
				t.Errorf("offset %d was given to a record that failed; Err %v", fresh, q.Err())
			}
			l.mu.Lock()
			if n := l.syncs[name] - before; n > 1 {
				t.Errorf("%d syncs of the failed file, want 1 at most", n)
			}
			l.mu.Unlock()
			want := fmt.Sprint(map[uint64]string{1: "safe", fresh: "fresh"})
			if got := fmt.Sprint(drain(t, c)); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
			if err := errors.Join(c.Close(), q.Close()); err != nil {
				t.Error(err)
			}
			// What a failed sync may have left on the disk was never acknowledged and does not come back.
			q = mustOpen(t, dir, Config{})
			if got := fmt.Sprint(drain(t, mustConsumer(t, q, "etl"))); got != want || q.Stats().Missing != 0 || q.Stats().Quarantined != 0 {
				t.Errorf("opened again: %v, %+v", got, q.Stats())
			}
		})
	}
}

// TestEveryCallMayFail lets the n-th call of the file system fail, whatever it is, and opens again: nothing that was
// acknowledged is lost, no offset has two payloads, and what was refused does not come back under an offset of its own.
func TestEveryCallMayFail(t *testing.T) {
	t.Parallel()
	kinds := map[string]error{"EIO": syscall.EIO, "ENOSPC": syscall.ENOSPC, "short": syscall.ENOSPC, "EMFILE": syscall.EMFILE}
	for name, cause := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			total := 0
			for n := 1; ; n++ {
				calls := failNth(t, n, cause, name == "short")
				if total = max(total, calls); calls < n {
					break
				}
			}
			if total < 100 {
				t.Errorf("only %d calls in the whole case", total)
			}
		})
	}
}

func failNth(t *testing.T, n int, cause error, short bool) (calls int) {
	t.Helper()
	dir := t.TempDir()
	var count atomic.Int32
	var ops sync.Map
	fs := &disktest.Faulty{FS: disk.OS(), Before: func(c disktest.Call) error {
		if count.Add(1) == int32(n) {
			ops.Store("failed", c.Op+" "+filepath.Base(c.Path))
			return cause
		}
		return nil
	}}
	if short {
		fs.Short = func(c disktest.Call) int { return len(c.Data) / 2 }
	}
	appended, refused, acked := map[uint64]string{}, map[string]bool{}, uint64(0)
	if q, err := Open(dir, Config{SegmentBytes: 300, FS: fs}, quiet()); err == nil {
		c, consumerErr := q.Consumer("etl")
		for i := range 12 {
			payload := fmt.Sprint("record ", i)
			offset, err := q.Append(t.Context(), []byte(payload))
			if err == nil {
				appended[offset] = payload
			} else {
				refused[payload] = true
				time.Sleep(retryPause) // the disk is left alone for a moment
			}
			if consumerErr == nil && i%3 == 2 {
				_ = c.Ack(uint64(i)) // an Ack that fails may have been kept: its records were done all the same
				acked = uint64(i)
				_ = q.Purge()
			}
		}
		_ = q.Close()
	}
	failed, _ := ops.Load("failed")
	q := mustOpen(t, dir, Config{})
	got := drain(t, mustConsumer(t, q, "etl"))
	for offset, payload := range appended {
		if g, ok := got[offset]; offset > acked && (!ok || g != payload) {
			t.Errorf("call %d (%v): offset %d is %q, %v; acknowledged was %q", n, failed, offset, g, ok, payload)
		}
	}
	if len(refused) > 2 {
		t.Errorf("call %d (%v): one failure refused %d records", n, failed, len(refused))
	}
	if fresh := mustAppend(t, q, "fresh"); got[fresh] != "" || appended[fresh] != "" {
		t.Errorf("call %d (%v): offset %d used twice", n, failed, fresh)
	}
	_ = q.Close()
	return int(count.Load())
}

func TestFailedRollIsTriedAgain(t *testing.T) {
	t.Parallel()
	l, fs := watched(false)
	q := mustOpen(t, t.TempDir(), Config{SegmentBytes: record.HeadSize + record.Overhead + 1, FS: fs})
	mustAppend(t, q, "a")
	l.mu.Lock()
	l.fail = func(c disktest.Call) error {
		if c.Op == "create" {
			return syscall.ENOSPC
		}
		return nil
	}
	l.mu.Unlock()
	if _, err := q.Append(t.Context(), []byte("b")); !errors.Is(err, ErrFull) || errors.Is(err, ErrPoisoned) {
		t.Errorf("got %v, want ErrFull that does not poison", err)
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
	s, _, _ := record.ReadHead(data, 1)
	head := s.Append(nil)
	head[7] = record.Version + 1
	fixHead(head)
	newer := append(head, data[record.HeadSize:]...)
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
		if acked, _, ok := decodeCursor(bad); ok {
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
