package queue

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ticketmoa/modules/queue/disk"
	"ticketmoa/modules/queue/disk/disktest"
)

// clock is a clock that a test sets.
type clock struct{ atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.Store(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC).UnixMilli())
	return c
}

func (c *clock) now() time.Time          { return time.UnixMilli(c.Load()) }
func (c *clock) move(d time.Duration)    { c.Add(d.Milliseconds()) }
func (c *clock) set(t time.Time)         { c.Store(t.UnixMilli()) }
func memConfig() (*disktest.Mem, Config) { m := disktest.NewMem(); return m, Config{FS: m} }

func TestAgeBound(t *testing.T) {
	t.Parallel()
	_, cfg := memConfig()
	c := newClock()
	cfg.Now, cfg.MaxAge, cfg.SegmentAge = c.now, 24*time.Hour, time.Hour
	q := mustOpen(t, memDir, cfg)
	lake := mustConsumer(t, q, "lake")
	mustAppend(t, q, "old")
	c.move(2 * time.Hour)
	mustAppend(t, q, "in the next segment")
	if n := q.Stats().Segments; n != 2 {
		t.Errorf("%d segments after two hours, want 2", n)
	}
	c.move(23 * time.Hour)
	if _, err := q.Append(t.Context(), nil); !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "25h") {
		t.Errorf("a day without an ack: got %v, want ErrFull that says 25h", err)
	}
	if err := lake.Ack(2); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, q, "caught up")
}

func TestFreeBound(t *testing.T) {
	t.Parallel()
	m, cfg := memConfig()
	cfg.MinFree = 0.05
	m.SetFree(6, 100)
	q := mustOpen(t, memDir, cfg)
	mustAppend(t, q, "a")
	m.SetFree(4, 100)
	if _, err := q.Append(t.Context(), nil); !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "free some") {
		t.Errorf("got %v, want ErrFull that says what to do", err)
	}
	if err := q.Room(); err == nil || !strings.Contains(err.Error(), "free some") {
		t.Errorf("Room says %v", err)
	}
	m.SetFree(5, 100)
	mustAppend(t, q, "b")
	if err := q.Room(); err != nil {
		t.Errorf("with room again, Room says %v", err)
	}
}

// TestClockJumps moves the clock back and forth: order is by offset, times never go back, nothing is deleted that a
// consumer needs, and nothing stays stuck.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	_, cfg := memConfig()
	c := newClock()
	cfg.Now, cfg.MaxAge = c.now, 72*time.Hour
	q := mustOpen(t, memDir, cfg)
	lake := mustConsumer(t, q, "lake")
	start := c.now()
	jumps := []func(){
		func() { c.move(-time.Hour) }, func() { c.move(2 * time.Hour) }, func() { c.set(time.Unix(0, 0)) },
		func() { c.set(start.AddDate(-10, 0, 0)) }, func() { c.set(start.Add(3 * time.Hour)) },
	}
	n := uint64(0)
	for _, jump := range jumps {
		jump()
		n = mustAppend(t, q, "x")
		if err := q.Purge(); err != nil {
			t.Fatal(err)
		}
	}
	before := time.Time{}
	for i := range n {
		m, err := lake.Next(t.Context())
		if err != nil || m.Offset != i+1 || m.Time.Before(before) {
			t.Fatalf("record %d: %+v, %v; the one before has %s", i+1, m, err, before)
		}
		before = m.Time
	}
	c.set(start.AddDate(10, 0, 0)) // what waits is ten years old now: full until a consumer has caught up
	_, _ = q.Append(t.Context(), nil)
	if err := lake.Ack(q.Stats().Next - 1); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, q, "after the jump")
	c.set(start) // and back: records keep the later time, appends go on
	mustAppend(t, q, "x")
}

// TestFullDisk fills a file system that has no room, and gives it room again.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	mem := disktest.NewMem()
	var full atomic.Bool
	fs := &disktest.Faulty{FS: mem, Before: func(c disktest.Call) error {
		if full.Load() && (c.Op == "write" || c.Op == "create" || c.Op == "allocate") {
			return syscall.ENOSPC
		}
		return nil
	}, Short: func(c disktest.Call) int { return len(c.Data) / 3 }}
	q := mustOpen(t, memDir, Config{FS: fs, SegmentBytes: 500})
	c := mustConsumer(t, q, "c")
	want := map[uint64]string{}
	for round := range 5 {
		want[mustAppend(t, q, strings.Repeat("x", 150))] = strings.Repeat("x", 150)
		full.Store(true)
		for range 20 {
			if _, err := q.Append(t.Context(), []byte("no room")); !errors.Is(err, ErrFull) {
				t.Fatalf("round %d: got %v, want ErrFull", round, err)
			}
		}
		full.Store(false)
		for deadline := time.Now().Add(5 * time.Second); ; {
			n, err := q.Append(t.Context(), []byte("room again"))
			if err == nil {
				want[n] = "room again"
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("round %d: %v five seconds after there was room", round, err)
			}
		}
	}
	got := drain(t, c)
	if len(got) != len(want) {
		t.Errorf("%d records, want %d", len(got), len(want))
	}
	for n, payload := range want {
		if got[n] != payload {
			t.Errorf("offset %d: %q", n, got[n])
		}
	}
	if names, _ := mem.List(memDir); len(names) > 20 {
		t.Errorf("failures piled up %d files: %v", len(names), names)
	}
}

// TestOpenSaysWhatIsWrong opens folders that cannot be used.
func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a-file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file, Config{}, quiet()); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a file for a folder: %v", err)
	}
	for _, cause := range []error{syscall.EROFS, syscall.EMFILE, syscall.ENOSPC, syscall.EDQUOT, syscall.EACCES} {
		mem := disktest.NewMem()
		q := mustOpen(t, memDir, Config{FS: mem})
		mustAppend(t, q, "kept")
		_ = q.Close()
		names, _ := mem.List(memDir)
		before := mem.Get(filepath.Join(memDir, names[0]))
		fs := &disktest.Faulty{FS: mem, Before: func(c disktest.Call) error {
			if c.Op == "create" || c.Op == "lock" && errors.Is(cause, syscall.EROFS) {
				return cause
			}
			return nil
		}}
		if _, err := Open(memDir, Config{FS: fs}, quiet()); !errors.Is(err, cause) || !strings.Contains(err.Error(), memDir) {
			t.Errorf("%v: got %v, want the cause and the folder", cause, err)
		}
		if after := mem.Get(filepath.Join(memDir, names[0])); string(after) != string(before) {
			t.Errorf("%v: a segment was changed", cause)
		}
		q = mustOpen(t, memDir, Config{FS: mem})
		if got := drain(t, mustConsumer(t, q, "c")); got[1] != "kept" {
			t.Errorf("%v: afterwards %v", cause, got)
		}
	}
}

// TestSlowDisk holds an fsync up: producers with a deadline leave, nothing is acknowledged that is not synced, and when
// the disk comes back everything goes on.
func TestSlowDisk(t *testing.T) {
	t.Parallel()
	gate := make(chan struct{})
	var slow atomic.Bool
	q := mustOpen(t, t.TempDir(), Config{FS: &disktest.Faulty{FS: disk.OS(), Before: func(c disktest.Call) error {
		if c.Op == "sync" && slow.Load() {
			<-gate
		}
		return nil
	}}})
	mustAppend(t, q, "before")
	slow.Store(true)
	ended := make(chan error, 50)
	for range cap(ended) {
		go func() {
			ctx, cancel := testTimeout(t, 20*time.Millisecond)
			defer cancel()
			_, err := q.Append(ctx, make([]byte, 1000))
			ended <- err
		}()
	}
	for range cap(ended) {
		if err := <-ended; err == nil {
			t.Error("acknowledged while the disk was held up")
		}
	}
	if n := q.Stats().Records; n != 1 {
		t.Errorf("%d records visible while the disk was held up, want 1", n)
	}
	slow.Store(false)
	close(gate)
	mustAppend(t, q, "after")
}

func TestPatientWaitsForRoom(t *testing.T) {
	t.Parallel()
	m, cfg := memConfig()
	cfg.MinFree, cfg.MaxFree = 0.5, 10
	m.SetFree(9, 100)
	q := mustOpen(t, memDir, cfg)
	p := Patient{q}
	ctx, cancel := testTimeout(t, 20*time.Millisecond)
	defer cancel()
	if _, err := p.Append(ctx, nil); !errors.Is(err, ErrFull) || ctx.Err() == nil {
		t.Errorf("got %v, want the deadline and ErrFull", err)
	}
	time.AfterFunc(50*time.Millisecond, func() { m.SetFree(10, 100) })
	if _, err := p.Append(t.Context(), nil); err != nil {
		t.Errorf("with room again: %v", err)
	}
}
