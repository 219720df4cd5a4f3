package drill

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ticketmoa/modules/queue"
	"ticketmoa/modules/queue/disk/disktest"
)

// peak is the most memory a child held.
func peak(usage any) string {
	if u, ok := usage.(*syscall.Rusage); ok {
		return fmt.Sprintf("peak %d MiB", u.Maxrss>>10)
	}
	return ""
}

const firstSegment = "00000000000000000001.wal"

// longLog is one segment of at least 64 KiB, as it is on the disk, and its records.
func longLog(t *testing.T) ([]byte, map[uint64]string) {
	t.Helper()
	fs := disktest.NewMem()
	q, err := queue.Open(dir, queue.Config{FS: fs}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	want := map[uint64]string{}
	for i := 0; q.Stats().Bytes < 64<<10; i++ {
		p := strings.Repeat(fmt.Sprint(i), 1+i%97)
		n, err := q.Append(t.Context(), []byte(p))
		if err != nil {
			t.Fatal(err)
		}
		want[n] = p
	}
	_ = q.Close()
	return fs.Get(filepath.Join(dir, firstSegment)), want
}

// openLog opens a folder that holds only these bytes as the first segment.
func openLog(t *testing.T, data []byte) (map[uint64]string, queue.Stats) {
	t.Helper()
	fs := disktest.NewMem()
	fs.Put(filepath.Join(dir, firstSegment), data)
	q, err := queue.Open(dir, queue.Config{FS: fs}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = q.Close() }()
	got, _, err := drainAll(q, "checker")
	if err != nil {
		t.Fatal(err)
	}
	return got, q.Stats()
}
