package queue

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkAppend appends 300 bytes from 1 and from 64 producers. BenchmarkBareSync beside it is what the disk allows
// without group commit: one write and one fdatasync each.
func BenchmarkAppend(b *testing.B) {
	for _, producers := range []int{1, 64} {
		b.Run(fmt.Sprintf("producers=%d", producers), func(b *testing.B) {
			q := mustOpen(b, b.TempDir(), Config{})
			payload := make([]byte, 300)
			work := make(chan struct{})
			done := make(chan error, producers)
			for range producers {
				go func() {
					var err error
					for range work {
						if _, e := q.Append(b.Context(), payload); e != nil {
							err = e
						}
					}
					done <- err
				}()
			}
			b.ResetTimer()
			for range b.N {
				work <- struct{}{}
			}
			close(work)
			for range producers {
				if err := <-done; err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func BenchmarkBareSync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "bare"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	payload := make([]byte, 300)
	b.ResetTimer()
	for range b.N {
		if _, err := f.Write(payload); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkNext(b *testing.B) {
	q := mustOpen(b, b.TempDir(), Config{})
	buf := make([]byte, 300)
	for range 100 {
		if _, err := q.Append(b.Context(), buf); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	var c *Consumer
	for i := range b.N {
		if i%100 == 0 {
			c = mustConsumer(b, q, "bench")
		}
		if _, err := c.Next(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
