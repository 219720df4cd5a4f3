package queue

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ticketmoa/modules/queue/disk/disktest"
	"ticketmoa/modules/queue/record"
)

// TestHealWhileOpen changes bytes under an open queue: the reader gets everything else, the segment is set aside, and
// opening again gives the same.
func TestHealWhileOpen(t *testing.T) {
	t.Parallel()
	for _, which := range []string{"first", "sealed", "active"} {
		for _, record3 := range []int{0, 1, 3} { // which record of the segment is hurt
			t.Run(which, func(t *testing.T) {
				t.Parallel()
				mem := disktest.NewMem()
				cfg := Config{FS: mem, SegmentBytes: record.HeadSize + 4*(record.Overhead+10)}
				q := mustOpen(t, memDir, cfg)
				c := mustConsumer(t, q, "c")
				want := map[uint64]string{}
				for i := range 12 {
					p := strings.Repeat(string(rune('a'+i)), 10)
					want[mustAppend(t, q, p)] = p
				}
				seg := q.segs[map[string]int{"first": 0, "sealed": 1, "active": 2}[which]]
				data := mem.Get(seg.path)
				at := record.HeadSize + record3*(record.Overhead+10) + record.Overhead
				data[at] ^= 4
				f, err := mem.OpenWrite(seg.path)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := f.WriteAt(data, 0); err != nil {
					t.Fatal(err)
				}
				lost := seg.head.Base + uint64(record3)
				delete(want, lost)
				for name, got := range map[string]map[uint64]string{"open": drain(t, c), "second reader": drain(t, mustConsumer(t, q, "d"))} {
					if len(got) != len(want) || got[lost] != "" {
						t.Errorf("%s: %d records, want all 12 but %d", name, len(got), lost)
					}
				}
				if s := q.Stats(); s.Quarantined != 1 || s.Missing != 1 {
					t.Errorf("%+v; want 1 quarantined, 1 missing", s)
				}
				next := mustAppend(t, q, "goes on")
				_ = c.Close()
				_ = q.Close()
				q = mustOpen(t, memDir, cfg)
				got := drain(t, mustConsumer(t, q, "e"))
				if len(got) != len(want)+1 || got[next] != "goes on" {
					t.Errorf("opened again: %d records, want %d", len(got), len(want)+1)
				}
			})
		}
	}
}

func TestDiskThatDoesNotRead(t *testing.T) {
	t.Parallel()
	mem := disktest.NewMem()
	failing := false
	q := mustOpen(t, memDir, Config{FS: &disktest.Faulty{FS: mem, Before: func(c disktest.Call) error {
		if failing && c.Op == "read" {
			return errors.New("EIO")
		}
		return nil
	}}})
	mustAppend(t, q, "a")
	c := mustConsumer(t, q, "c")
	failing = true
	if _, err := c.Next(t.Context()); !errors.Is(err, ErrDamaged) {
		t.Errorf("got %v, want ErrDamaged", err)
	}
	failing = false
	if m, err := c.Next(t.Context()); err != nil || string(m.Payload) != "a" || q.Stats().Quarantined != 0 {
		t.Errorf("the disk reads again: %+v, %v; nothing should be set aside", m, err)
	}
}

// TestSecondOwnerIsRefused starts another process on the same folder.
func TestSecondOwnerIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	q := mustOpen(t, dir, Config{})
	mustAppend(t, q, "a")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), benchDir+"="+dir)
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "owned by another process") {
		t.Errorf("a second process: %v, %s", err, out)
	}
	mustAppend(t, q, "b")
	if n := q.Stats().Records; n != 2 {
		t.Errorf("the first owner has %d records, want 2", n)
	}
}

// TestCopyWhileLive copies the folder while producers write, in any order of its files, and opens the copy: it is a
// beginning of the log, and at least what was acknowledged before the copy began.
func TestCopyWhileLive(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	q := mustOpen(t, dir, Config{SegmentBytes: 4000})
	c := mustConsumer(t, q, "c")
	stop := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			n, err := q.Append(t.Context(), []byte(strings.Repeat("x", i%200)))
			if err != nil {
				t.Error(err)
				return
			}
			if i%50 == 0 {
				_ = c.Ack(n - min(n-1, 20))
				_ = q.Purge()
			}
		}
	}()
	for range 10 {
		before := q.Stats()
		copied := copyFolder(t, dir)
		cq := mustOpen(t, copied, Config{})
		got := drain(t, mustConsumer(t, cq, "fresh"))
		s := cq.Stats()
		for n, payload := range got {
			if want := int(n-1) % 200; len(payload) != want {
				t.Fatalf("offset %d holds %d bytes, want %d", n, len(payload), want)
			}
		}
		for n := before.First; n < before.Next; n++ {
			if _, ok := got[n]; !ok && n > before.Next-20 {
				t.Fatalf("offset %d was acknowledged before the copy and is not in it; %+v", n, s)
			}
		}
		_ = cq.Close()
	}
	close(stop)
	<-ended
}

func copyFolder(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		in, err := os.Open(filepath.Join(dir, e.Name()))
		if err != nil {
			continue // purged meanwhile
		}
		out, err := os.Create(filepath.Join(to, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(out, in); err != nil {
			t.Fatal(err)
		}
		_ = in.Close()
		_ = out.Close()
	}
	return to
}
