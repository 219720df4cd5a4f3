package drill

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/queue"
)

// TestBacklogOfTenMillion opens 10 GB of waiting records in a process of its own (Q28).
func TestBacklogOfTenMillion(t *testing.T) {
	if !full() {
		t.Skip("part of the drill (DRILL=1): needs 11 GB of disk")
	}
	dir := t.TempDir()
	q, err := queue.Open(dir, queue.Config{}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	batch := slices.Repeat([][]byte{bytes.Repeat([]byte("0123456789abcdef"), 64)}, 2000)
	for range 5000 {
		if _, err := q.AppendAll(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	_ = q.Close()
	start := time.Now()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir, childProducers+"=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	took, rss := time.Since(start), cmd.ProcessState.SysUsage()
	t.Logf("10 M records: open and close %s, %s", took.Round(time.Millisecond), peak(rss))
}

// TestSoak appends a hundred records a second, rolls every ten seconds, acknowledges and purges for half an hour, and
// wants memory, descriptors, goroutines and disk flat (Q35).
func TestSoak(t *testing.T) {
	if !full() {
		t.Skip("part of the drill (DRILL=1): half an hour")
	}
	t.Parallel()
	dir := t.TempDir()
	q, err := queue.Open(dir, queue.Config{SegmentAge: 10 * time.Second, Compress: true}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = q.Close() }()
	c, err := q.Consumer("worker")
	if err != nil {
		t.Fatal(err)
	}
	type sample struct{ fds, goroutines, files, heap float64 }
	var samples []sample
	end := time.Now().Add(30 * time.Minute)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for i := 1; time.Now().Before(end); i++ {
		<-tick.C
		n, err := q.Append(t.Context(), bytes.Repeat([]byte("페이지"), i%400))
		if err != nil {
			t.Fatal(err)
		}
		if m, err := c.Next(t.Context()); err != nil || m.Offset != n {
			t.Fatalf("offset %d, %v; want %d", m.Offset, err, n)
		}
		if i%100 == 0 {
			if err := errors.Join(c.Ack(n), q.Purge()); err != nil {
				t.Fatal(err)
			}
		}
		if i%6000 == 0 {
			runtime.GC()
			var ms runtime.MemStats
			runtime.ReadMemStats(&ms)
			fds, _ := os.ReadDir("/proc/self/fd")
			files, _ := filepath.Glob(dir + "/*")
			samples = append(samples, sample{float64(len(fds)), float64(runtime.NumGoroutine()), float64(len(files)), float64(ms.HeapAlloc) / (1 << 20)})
		}
	}
	first, last := samples[2], samples[len(samples)-1]
	t.Logf("after 3 minutes %+v, at the end %+v", first, last)
	if last.files > first.files+2 {
		t.Errorf("files grew from %v to %v", first.files, last.files)
	}
	if last.heap > 1.5*first.heap+4 {
		t.Errorf("heap grew from %.1f to %.1f MiB", first.heap, last.heap)
	}
}

// TestSuiteOverAndOver runs the queue's own tests fifty times under the race detector (Q31).
func TestSuiteOverAndOver(t *testing.T) {
	if !full() {
		t.Skip("part of the drill (DRILL=1)")
	}
	cmd := exec.Command("go", "test", "-race", "-shuffle=on", "-count=50", "-timeout=60m", "./modules/queue/...")
	cmd.Dir = "../../.."
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Log(strings.TrimSpace(string(out)))
}

// TestEveryBitOfALongLog flips every bit of a log of 64 KiB, and cuts it at every byte (Q5, Q6, Q8).
func TestEveryBitOfALongLog(t *testing.T) {
	if !full() {
		t.Skip("part of the drill (DRILL=1); the queue's own tests do the same on a short log")
	}
	t.Parallel()
	data, want := longLog(t)
	t.Logf("%d bytes, %d records", len(data), len(want))
	lostTwo := 0
	for bit := range len(data) * 8 {
		bad := bytes.Clone(data)
		bad[bit/8] ^= 1 << (bit % 8)
		got, s := openLog(t, bad)
		if len(want)-len(got) > 1 || s.Quarantined+s.Torn == 0 {
			lostTwo++
			t.Fatalf("bit %d: %d of %d records, %+v", bit, len(got), len(want), s)
		}
		holds(t, fmt.Sprint("bit ", bit), got, want)
	}
	for n := range data {
		got, _ := openLog(t, data[:n])
		holds(t, fmt.Sprint("cut at ", n), got, want)
		got, _ = openLog(t, append(bytes.Clone(data[:n]), make([]byte, len(data)-n)...))
		holds(t, fmt.Sprint("zeros from ", n), got, want)
	}
}

func holds(t *testing.T, what string, got, want map[uint64]string) {
	t.Helper()
	for n, p := range got {
		if want[n] != p {
			t.Fatalf("%s: offset %d holds %q", what, n, p)
		}
	}
}
