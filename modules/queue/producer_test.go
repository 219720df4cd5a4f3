package queue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ticketmoa/modules/queue/disk/disktest"
)

func testTimeout(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), d)
}

func mustProducer(t testing.TB, q *Queue, name string) *Producer {
	t.Helper()
	p, err := q.Producer(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestProducerStoresOnce sends every number ten times: at once, later, after a restart and after its segment was purged.
func TestProducerStoresOnce(t *testing.T) {
	t.Parallel()
	mem, cfg := memConfig()
	cfg.SegmentBytes = 400
	c := newClock()
	cfg.Now = c.now
	q := mustOpen(t, memDir, cfg)
	offsets := map[uint64]uint64{}
	send := func(when string, seq uint64) {
		t.Helper()
		for range 10 {
			n, err := mustProducer(t, q, "crawl").Append(t.Context(), seq, fmt.Appendf(nil, "page %d", seq))
			if err != nil || offsets[seq] != 0 && offsets[seq] != n {
				t.Fatalf("%s, number %d: offset %d, %v; first it was %d", when, seq, n, err, offsets[seq])
			}
			offsets[seq] = n
		}
	}
	for seq := uint64(1); seq <= 40; seq++ {
		send("first", seq)
	}
	lake := mustConsumer(t, q, "lake")
	if got := drain(t, lake); len(got) != 40 {
		t.Errorf("%d records stored, want 40", len(got))
	}
	c.move(25 * time.Hour)
	send("a day later", 7)
	_ = q.Close()
	q = mustOpen(t, memDir, cfg)
	if n := mustProducer(t, q, "crawl").Last(); n != 40 {
		t.Errorf("last number %d after a restart, want 40", n)
	}
	send("after a restart", 8)
	if err := errors.Join(mustConsumer(t, q, "lake").Ack(40), q.Purge(), q.Close()); err != nil {
		t.Fatal(err)
	}
	q = mustOpen(t, memDir, cfg)
	if s := q.Stats(); s.Records != 0 {
		t.Fatalf("%d records kept, want none", s.Records)
	}
	send("after a purge", 9)
	send("after a purge", 41)
	if mem.Get(filepath.Join(memDir, producersFile)) == nil {
		t.Error("nothing keeps what purged segments told of producers")
	}
}

func TestProducerRefusals(t *testing.T) {
	t.Parallel()
	_, cfg := memConfig()
	q := mustOpen(t, memDir, cfg)
	p := mustProducer(t, q, "p")
	for seq := uint64(5); seq <= 5+2*keptMarks+1; seq++ { // an unknown producer begins anywhere
		if _, err := p.Append(t.Context(), seq, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	last := p.Last()
	tests := []struct {
		name    string
		seq     uint64
		payload string
		want    error
	}{
		{"a gap", last + 2, "x", ErrGap},
		{"number 0", 0, "x", ErrGap},
		{"an older number with another payload", last - 1, "y", ErrConflict},
		{"long ago", 5, "x", ErrForgotten},
	}
	for _, tt := range tests {
		if _, err := p.Append(t.Context(), tt.seq, []byte(tt.payload)); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
	if n := q.Stats().Records; n != 2*keptMarks+2 || p.Last() != last {
		t.Errorf("%d records, last %d: a refused number changed something", n, p.Last())
	}
	for _, name := range []string{"", string(make([]byte, longestName+1))} {
		if _, err := q.Producer(name); !errors.Is(err, ErrBadName) {
			t.Errorf("name of %d bytes: got %v, want ErrBadName", len(name), err)
		}
	}
}

// TestProducerAfterAFailedWrite sends a number whose batch failed again: it is stored, once, and the number after it was
// not taken in its place.
func TestProducerAfterAFailedWrite(t *testing.T) {
	t.Parallel()
	mem := disktest.NewMem()
	var mu sync.Mutex
	failing := false
	q := mustOpen(t, memDir, Config{FS: &disktest.Faulty{FS: mem, Before: func(c disktest.Call) error {
		mu.Lock()
		defer mu.Unlock()
		if failing && c.Op == "sync" {
			return errors.New("EIO")
		}
		return nil
	}}})
	p := mustProducer(t, q, "p")
	if _, err := p.Append(t.Context(), 1, []byte("one")); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	failing = true
	mu.Unlock()
	if _, err := p.Append(t.Context(), 2, []byte("two")); !errors.Is(err, ErrPoisoned) {
		t.Fatalf("got %v, want ErrPoisoned", err)
	}
	mu.Lock()
	failing = false
	mu.Unlock()
	time.Sleep(retryPause)
	if _, err := p.Append(t.Context(), 3, []byte("three")); !errors.Is(err, ErrGap) {
		t.Errorf("number 3 before 2: got %v, want ErrGap", err)
	}
	for _, seq := range []uint64{2, 2, 3} {
		if _, err := p.Append(t.Context(), seq, []byte(fmt.Sprint(seq))); err != nil {
			t.Fatalf("number %d again: %v", seq, err)
		}
	}
	if got := drain(t, mustConsumer(t, q, "c")); len(got) != 3 {
		t.Errorf("got %v, want three records", got)
	}
}

// TestProducerManyAtOnce sends the same numbers from many goroutines.
func TestProducerManyAtOnce(t *testing.T) {
	t.Parallel()
	q := mustOpen(t, t.TempDir(), Config{})
	p := mustProducer(t, q, "p")
	for seq := uint64(1); seq <= 20; seq++ {
		var wg sync.WaitGroup
		got := make([]uint64, 8)
		for i := range got {
			wg.Go(func() {
				n, err := p.Append(t.Context(), seq, []byte("same"))
				if err != nil {
					t.Errorf("number %d: %v", seq, err)
				}
				got[i] = n
			})
		}
		wg.Wait()
		for _, n := range got {
			if n != got[0] {
				t.Fatalf("number %d lies at %v", seq, got)
			}
		}
	}
	if n := q.Stats().Records; n != 20 {
		t.Errorf("%d records, want 20", n)
	}
}

func TestProducersAreBounded(t *testing.T) {
	t.Parallel()
	table := newProducers()
	for i := range keptProducers + 50 {
		table.add(fmt.Sprint("p", i), mark{seq: 1, offset: uint64(i + 1)})
	}
	if n := len(table.byName); n != keptProducers {
		t.Errorf("%d producers remembered, want %d", n, keptProducers)
	}
	if table.last("p0", math.MaxUint64) != 0 || table.last(fmt.Sprint("p", keptProducers+49), math.MaxUint64) != 1 {
		t.Error("not the one that was silent longest made room")
	}
}

// TestUnsyncedNumbersAreNotKept saves the table while a batch waits for its fsync: the power could still take it away.
func TestUnsyncedNumbersAreNotKept(t *testing.T) {
	t.Parallel()
	table := newProducers()
	table.add("a", mark{seq: 1, offset: 10})
	table.add("a", mark{seq: 2, offset: 11})
	table.add("b", mark{seq: 1, offset: 12})
	got, ok := decodeProducers(table.encode(10))
	if !ok || got.last("a", math.MaxUint64) != 1 || got.last("b", math.MaxUint64) != 0 || table.last("a", 10) != 1 {
		t.Errorf("%v, %+v; want number 1 of a and nothing else", ok, got)
	}
}

func FuzzDecodeProducers(f *testing.F) {
	table := newProducers()
	table.add("a", mark{1, 2, 3})
	table.add("b", mark{7, 9, 1})
	f.Add(table.encode(math.MaxUint64))
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, ok := decodeProducers(data); ok && len(got.byName) > 0 {
			if _, ok := decodeProducers(got.encode(math.MaxUint64)); !ok {
				t.Error("what was read cannot be read again")
			}
		}
	})
}

func FuzzDecodeCursor(f *testing.F) {
	f.Add(encodeCursor(7, []byte("note")))
	f.Add(encodeCursor(0, nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		if acked, note, ok := decodeCursor(data); ok && !bytes.Equal(encodeCursor(acked, note), data) {
			t.Error("a cursor that was read does not encode to the bytes it came from")
		}
	})
}
