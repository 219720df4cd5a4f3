package queue

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkNext reads 1 KB records one after the other.
func BenchmarkNext(b *testing.B) {
	q := mustOpen(b, b.TempDir(), Config{})
	fill(b, q, max(b.N, 1))
	c := mustConsumer(b, q, "bench")
	b.ResetTimer()
	for range b.N {
		if _, err := c.Next(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

// fill appends n records of 1 KB.
func fill(t testing.TB, q *Queue, n int) {
	t.Helper()
	payload := bytes.Repeat([]byte("0123456789abcdef"), 64)
	batch := slices.Repeat([][]byte{payload}, 1000)
	for ; n > 0; n -= 1000 {
		if _, err := q.AppendAll(t.Context(), batch[:min(n, 1000)]); err != nil {
			t.Fatal(err)
		}
	}
}

const benchDir = "TMQ_BENCH_OPEN"

// BenchmarkRestart opens a queue of a million 1 KB records in a process of its own, and beside it reads the same files
// and sums them, which is the least that checks every byte.
func BenchmarkRestart(b *testing.B) {
	const records = 1_000_000
	dir := b.TempDir()
	q := mustOpen(b, dir, Config{})
	fill(b, q, records)
	size := q.Stats().Bytes
	_ = q.Close()
	b.Run("queue", func(b *testing.B) {
		var rss, ms float64
		for range b.N {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), benchDir+"="+dir)
			out, err := cmd.Output()
			if err != nil {
				b.Fatalf("%v: %s", err, out)
			}
			var n uint64
			var openMS, peak float64
			if _, err := fmt.Sscan(string(out), &n, &openMS, &peak); err != nil || n < records {
				b.Fatalf("%d records, %v", n, err)
			}
			rss, ms = max(rss, peak), ms+openMS
		}
		b.ReportMetric(ms/float64(b.N), "ready-ms")
		b.ReportMetric(rss, "peak-MiB")
	})
	b.Run("bare", func(b *testing.B) {
		for range b.N {
			sumFiles(b, dir)
		}
		b.SetBytes(size)
	})
}

// openAndReport is the child of BenchmarkRestart.
func openAndReport(dir string) int {
	start := time.Now()
	q, err := Open(dir, Config{}, quiet())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ready := time.Since(start)
	n := q.Stats().Records
	_ = q.Close()
	fmt.Println(n, float64(ready.Microseconds())/1000, peakMiB())
	return 0
}

// peakMiB is the most memory this process ever held.
func peakMiB() float64 {
	b, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024
		}
	}
	return 0
}

func sumFiles(b *testing.B, dir string) {
	paths, err := filepath.Glob(filepath.Join(dir, "*"+segmentExt))
	if err != nil {
		b.Fatal(err)
	}
	buf := make([]byte, 256<<10)
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
		if _, err := io.CopyBuffer(sum, struct{ io.Reader }{f}, buf); err != nil {
			b.Fatal(err)
		}
		_ = f.Close()
	}
}
