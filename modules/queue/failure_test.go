package queue

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ticketmoa/modules/queue/disk/disktest"
	"ticketmoa/modules/queue/record"
)

// once is a file system in memory whose next call of an operation fails when it is armed.
type once struct {
	disktest.Faulty
	mem   *disktest.Mem
	armed atomic.Pointer[string] // "op name": a part of the file's name, "" for any
	cause error
}

func newOnce() *once {
	o := &once{mem: disktest.NewMem(), cause: syscall.EIO}
	o.FS = o.mem
	o.Before = func(c disktest.Call) error {
		want := o.armed.Load()
		if want == nil {
			return nil
		}
		op, name, _ := strings.Cut(*want, " ")
		if c.Op != op || !strings.Contains(c.Path, name) || !o.armed.CompareAndSwap(want, nil) {
			return nil
		}
		return o.cause
	}
	return o
}

func (o *once) arm(what string) { o.armed.Store(&what) }

// TestRollThatFailsHalfWay fails behind the moment at which the new segment got its name: what the old one takes
// afterwards must not be cut off by it.
func TestRollThatFailsHalfWay(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"create", "write", "sync", "rename", "syncdir", "openwrite"} {
		for _, closed := range []bool{true, false} {
			t.Run(fmt.Sprint(op, " closed ", closed), func(t *testing.T) {
				t.Parallel()
				fs := newOnce()
				q := mustOpen(t, memDir, Config{FS: fs, SegmentBytes: 4096})
				want := map[uint64]string{}
				add := func(p string) bool {
					n, err := q.Append(t.Context(), []byte(p))
					if err == nil {
						want[n] = p
					}
					return err == nil
				}
				add(strings.Repeat("a", 2000))
				fs.arm(op)
				add(strings.Repeat("b", 3000)) // does not fit: a new segment is needed
				for _, p := range []string{"small", "and another"} {
					for !add(p) {
						time.Sleep(time.Millisecond)
					}
				}
				again := fs.mem
				if closed {
					_ = q.Close()
				} else {
					again = copyMem(t, fs.mem)
				}
				q = mustOpen(t, memDir, Config{FS: again})
				if got := fmt.Sprint(drain(t, mustConsumer(t, q, "c"))); got != fmt.Sprint(want) || q.Stats().Missing != 0 {
					t.Errorf("%d bytes of records, want %d; %+v", len(got), len(fmt.Sprint(want)), q.Stats())
				}
			})
		}
	}
}

// copyMem is what a killed process leaves.
func copyMem(t *testing.T, from *disktest.Mem) *disktest.Mem {
	t.Helper()
	names, err := from.List(memDir)
	if err != nil {
		t.Fatal(err)
	}
	to := disktest.NewMem()
	for _, name := range names {
		to.Put(filepath.Join(memDir, name), from.Get(filepath.Join(memDir, name)))
	}
	return to
}

// TestFailureStorm lets single calls fail at random while records of all sizes are appended, purged and opened again.
func TestFailureStorm(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 9))
		mem := disktest.NewMem()
		var mu sync.Mutex
		chance := 0.0
		fs := &disktest.Faulty{FS: mem, Short: func(c disktest.Call) int { return len(c.Data) / 2 }, Before: func(disktest.Call) error {
			mu.Lock()
			defer mu.Unlock()
			if rng.Float64() < chance {
				return []error{syscall.EIO, syscall.ENOSPC, syscall.EMFILE}[rng.IntN(3)]
			}
			return nil
		}}
		set := func(c float64) {
			mu.Lock()
			defer mu.Unlock()
			chance = c
		}
		acked := map[uint64]string{}
		for round := range 3 {
			q := mustOpen(t, memDir, Config{FS: fs, SegmentBytes: 1500})
			set(0.02)
			for i := range 60 {
				p := fmt.Sprint(seed, round, i, strings.Repeat("x", i*37%1200))
				if n, err := q.Append(t.Context(), []byte(p)); err == nil {
					if acked[n] != "" {
						t.Fatalf("seed %d: offset %d given twice", seed, n)
					}
					acked[n] = p
				}
			}
			if round != 1 { // and once it is left as a killed process leaves it
				set(0)
				_ = q.Close()
			} else {
				_ = q.Close()
				set(0)
			}
		}
		q := mustOpen(t, memDir, Config{FS: mem})
		got := drain(t, mustConsumer(t, q, "c"))
		for n, p := range acked {
			if got[n] != p {
				t.Fatalf("seed %d: offset %d, acknowledged, holds %d bytes; %+v", seed, n, len(got[n]), q.Stats())
			}
		}
		_ = q.Close()
	}
}

// TestReadErrorsAtOpenChangeNothing lets a file that is there not be readable for a moment.
func TestReadErrorsAtOpenChangeNothing(t *testing.T) {
	t.Parallel()
	fs := newOnce()
	q := mustOpen(t, memDir, Config{FS: fs})
	id := q.ID()
	first, err := mustProducer(t, q, "p").Append(t.Context(), 1, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(mustConsumer(t, q, "c").Ack(1), q.Close()); err != nil {
		t.Fatal(err)
	}
	q = mustOpen(t, memDir, Config{FS: fs})
	if err := errors.Join(q.Purge(), q.Close()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ID", producersFile, cursorPrefix + "c"} {
		fs.cause = syscall.EMFILE
		fs.arm("open " + name)
		if _, err := Open(memDir, Config{FS: fs}, quiet()); !errors.Is(err, syscall.EMFILE) {
			t.Errorf("%s cannot be read: got %v, want EMFILE", name, err)
		}
	}
	q = mustOpen(t, memDir, Config{FS: fs})
	if n, err := mustProducer(t, q, "p").Append(t.Context(), 1, []byte("x")); q.ID() != id || n != first || err != nil {
		t.Errorf("afterwards the id is %s (was %s), number 1 lies at %d (was %d), %v", q.ID(), id, n, first, err)
	}
}

// TestOffsetsAfterCutAndFlip damages the last segment in both ways at once: no offset that was given out is given again.
func TestOffsetsAfterCutAndFlip(t *testing.T) {
	t.Parallel()
	mem, cfg := memConfig()
	q := mustOpen(t, memDir, cfg)
	var last uint64
	for range 200 {
		last = mustAppend(t, q, "0123456789")
	}
	end, path := q.active().end, q.active().path
	crashed := copyMem(t, mem)
	data := crashed.Get(path)[:end/10]
	data[record.HeadSize+record.Overhead+3] ^= 1
	crashed.Put(path, data)
	q = mustOpen(t, memDir, Config{FS: crashed})
	if n := mustAppend(t, q, "fresh"); n <= last {
		t.Errorf("offset %d was given out before", n)
	}
}

// TestReadersBesideAHeal reads with three consumers while bytes change under them.
func TestReadersBesideAHeal(t *testing.T) {
	t.Parallel()
	mem, cfg := memConfig()
	cfg.SegmentBytes = 2000
	q := mustOpen(t, memDir, cfg)
	for range 300 {
		mustAppend(t, q, strings.Repeat("x", 50))
	}
	for _, i := range []int{1, 3, 5} {
		data := mem.Get(q.segs[i].path)
		data[record.HeadSize+record.Overhead+5] ^= 1
		f, err := mem.OpenWrite(q.segs[i].path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteAt(data, 0); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for i := range 3 {
		c := mustConsumer(t, q, fmt.Sprint("c", i))
		wg.Go(func() {
			for n := 0; n < 297; n++ {
				if _, err := c.Next(t.Context()); err != nil {
					t.Errorf("reader %d, record %d: %v", i, n, err)
					return
				}
			}
		})
	}
	wg.Wait()
	if s := q.Stats(); s.Quarantined != 3 || s.Missing != 3 {
		t.Errorf("%+v; want 3 quarantined, 3 missing", s)
	}
}

// TestHealThatFails has no room for what it saves; with room again the same reader goes on.
func TestHealThatFails(t *testing.T) {
	t.Parallel()
	fs := newOnce()
	q := mustOpen(t, memDir, Config{FS: fs, SegmentBytes: 500})
	for range 30 {
		mustAppend(t, q, strings.Repeat("x", 50))
	}
	path := q.segs[1].path
	data := fs.mem.Get(path)
	data[record.HeadSize+record.Overhead+5] ^= 1
	fs.mem.Put(path, data)
	c := mustConsumer(t, q, "c")
	fs.cause = syscall.ENOSPC
	fs.arm("create .wal")
	got, failures := 0, 0
	for got < 29 {
		if _, err := c.Next(t.Context()); err != nil {
			if failures++; failures > 3 {
				t.Fatalf("after %d records: %v", got, err)
			}
			continue
		}
		got++
	}
	if failures != 1 || q.Stats().Quarantined != 1 {
		t.Errorf("%d failures, %+v; want 1 and 1 quarantined", failures, q.Stats())
	}
}

// TestRefusedRecordsStayAway closes right after a failed fsync: what was refused does not come back.
func TestRefusedRecordsStayAway(t *testing.T) {
	t.Parallel()
	fs := newOnce()
	q := mustOpen(t, memDir, Config{FS: fs})
	mustAppend(t, q, "kept")
	fs.arm("sync .wal")
	if _, err := q.Append(t.Context(), []byte("refused")); !errors.Is(err, ErrPoisoned) {
		t.Fatalf("got %v, want ErrPoisoned", err)
	}
	_ = q.Close()
	q = mustOpen(t, memDir, Config{FS: fs})
	if got := drain(t, mustConsumer(t, q, "c")); len(got) != 1 || got[1] != "kept" {
		t.Errorf("got %v, want the one record that was acknowledged", got)
	}
}

// TestOddNeighbours puts files between the segments that say nothing: they limit nobody.
func TestOddNeighbours(t *testing.T) {
	t.Parallel()
	data, want, _ := sample(t)
	for what, odd := range map[string][]byte{"empty": nil, "noise": []byte(strings.Repeat("?", 500)), "a copy": data} {
		for _, base := range []uint64{3, 1 << 63} {
			fs := disktest.NewMem()
			fs.Put(filepath.Join(memDir, segmentName(1)), data)
			fs.Put(filepath.Join(memDir, segmentName(base)), odd)
			q := mustOpen(t, memDir, Config{FS: fs})
			if got := drain(t, mustConsumer(t, q, "c")); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s at %d: %d records, want %d", what, base, len(got), len(want))
			}
			if n := mustAppend(t, q, "x"); n < 13 || n > 1<<40 {
				t.Errorf("%s at %d: the next offset is %d", what, base, n)
			}
			_ = q.Close()
		}
	}
}
