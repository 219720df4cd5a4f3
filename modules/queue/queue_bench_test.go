package queue

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketmoa/modules/queue/disk"
)

// appender is what the benchmarks of appending compare.
type appender func(payload []byte) error

// produce appends b.N payloads of 1 KB from so many producers and reports rate and latency.
func produce(b *testing.B, producers int, add appender) {
	payload := bytes.Repeat([]byte("0123456789abcdef"), 64)
	work := make(chan struct{}, producers)
	took := make([][]time.Duration, producers)
	var wg sync.WaitGroup
	b.ResetTimer()
	for p := range producers {
		wg.Go(func() {
			for range work {
				start := time.Now()
				if err := add(payload); err != nil {
					b.Error(err)
				}
				took[p] = append(took[p], time.Since(start))
			}
		})
	}
	for range b.N {
		work <- struct{}{}
	}
	close(work)
	wg.Wait()
	b.StopTimer()
	all := slices.Sorted(slices.Values(slices.Concat(took...)))
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkAppend appends from 1 to 256 producers: to the queue, and to the least that could be done, a loop that writes
// and syncs what has come together meanwhile.
func BenchmarkAppend(b *testing.B) {
	for _, producers := range []int{1, 8, 64, 256} {
		b.Run(fmt.Sprintf("queue/producers=%d", producers), func(b *testing.B) {
			q := mustOpen(b, b.TempDir(), Config{})
			produce(b, producers, func(p []byte) error {
				_, err := q.Append(b.Context(), p)
				return err
			})
		})
		b.Run(fmt.Sprintf("bare/producers=%d", producers), func(b *testing.B) {
			loop := startBare(b)
			produce(b, producers, loop)
		})
	}
}

// startBare is a group commit without anything else: no checksum, no segments, no consumers.
func startBare(b *testing.B) appender {
	f, err := disk.OS().Create(filepath.Join(b.TempDir(), "bare"))
	if err != nil {
		b.Fatal(err)
	}
	type request struct {
		payload []byte
		done    chan error
	}
	requests := make(chan request)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var buf []byte
		var at int64
		for r := range requests {
			batch := []request{r}
			for yielded := false; ; {
				select {
				case r := <-requests:
					batch, yielded = append(batch, r), false
					continue
				default:
				}
				if yielded {
					break
				}
				yielded = true
				runtime.Gosched()
			}
			buf = buf[:0]
			for _, r := range batch {
				buf = append(buf, r.payload...)
			}
			_, err := f.WriteAt(buf, at)
			if err == nil {
				err = f.Sync()
			}
			at += int64(len(buf))
			for _, r := range batch {
				r.done <- err
			}
		}
	}()
	b.Cleanup(func() {
		close(requests)
		<-ended
		_ = f.Close()
	})
	return func(p []byte) error {
		r := request{p, make(chan error, 1)}
		requests <- r
		return <-r.done
	}
}

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
