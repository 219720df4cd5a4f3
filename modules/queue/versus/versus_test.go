package versus

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"ticketmoa/modules/queue"
)

// payload is 1 KB.
func payload() []byte { return bytes.Repeat([]byte("0123456789abcdef"), 64) }

// BenchmarkAppend appends 1 KB records from 1 to 256 producers, each acknowledged behind an fsync.
func BenchmarkAppend(b *testing.B) {
	for _, producers := range []int{1, 8, 64, 256} {
		for _, rival := range []struct {
			name string
			open func(*testing.B) func() error
		}{{"bare", openBare}, {"queue", openQueue}, {"jetstream", openJetStream}} {
			b.Run(fmt.Sprintf("producers=%d/%s", producers, rival.name), func(b *testing.B) {
				produce(b, producers, rival.open(b))
			})
		}
	}
}

func produce(b *testing.B, producers int, add func() error) {
	work := make(chan struct{}, producers)
	took := make([][]time.Duration, producers)
	var before, after syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	var wg sync.WaitGroup
	b.ResetTimer()
	for p := range producers {
		wg.Go(func() {
			for range work {
				start := time.Now()
				if err := add(); err != nil {
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
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	all := slices.Sorted(slices.Values(slices.Concat(took...)))
	cpu := time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(cpu.Microseconds())/float64(b.N), "cpu-µs/record")
}

func openQueue(b *testing.B) func() error {
	q, err := queue.Open(b.TempDir(), queue.Config{}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = q.Close() })
	p := payload()
	return func() error {
		_, err := q.Append(b.Context(), p)
		return err
	}
}

func openJetStream(b *testing.B) func() error {
	s, err := server.NewServer(&server.Options{DontListen: true, JetStream: true, StoreDir: b.TempDir(), SyncAlways: true, NoLog: true, NoSigs: true})
	if err != nil {
		b.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		b.Fatal("NATS did not start")
	}
	conn, err := nats.Connect("", nats.InProcessServer(s))
	if err != nil {
		b.Fatal(err)
	}
	js, err := conn.JetStream(nats.MaxWait(30 * time.Second))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := js.AddStream(&nats.StreamConfig{Name: "pages", Subjects: []string{"pages"}, Storage: nats.FileStorage}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		conn.Close()
		s.Shutdown()
		s.WaitForShutdown()
	})
	p := payload()
	return func() error {
		_, err := js.Publish("pages", p)
		return err
	}
}

// openBare is a group commit and nothing else: no checksum, no segments, no consumers.
func openBare(b *testing.B) func() error {
	f, err := os.Create(filepath.Join(b.TempDir(), "bare"))
	if err != nil {
		b.Fatal(err)
	}
	requests, ended := make(chan chan error), make(chan struct{})
	p := payload()
	go func() {
		defer close(ended)
		var buf []byte
		for first := range requests {
			batch := []chan error{first}
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
			for range batch {
				buf = append(buf, p...)
			}
			_, err := f.Write(buf)
			if err == nil {
				err = syscall.Fdatasync(int(f.Fd()))
			}
			for _, r := range batch {
				r <- err
			}
		}
	}()
	b.Cleanup(func() {
		close(requests)
		<-ended
		_ = f.Close()
	})
	return func() error {
		r := make(chan error, 1)
		requests <- r
		return <-r
	}
}
