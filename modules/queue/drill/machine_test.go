package drill

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ticketmoa/modules/queue"
)

// sh runs a command line and returns what it says.
func sh(t testing.TB, format string, args ...any) string {
	t.Helper()
	line := fmt.Sprintf(format, args...)
	out, err := exec.Command("sh", "-c", line).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	return strings.TrimSpace(string(out))
}

// tmpfs mounts a small file system in memory; the test is passed over where that is not allowed.
func tmpfs(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if os.Geteuid() != 0 {
		t.Skip("mounting a small file system needs root")
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("this machine does not let a small file system be mounted: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, 0) })
	return dir
}

// TestDiskFull fills a real file system of 16 MiB while writing, and makes room again (Q13, Q15).
func TestDiskFull(t *testing.T) {
	t.Parallel()
	mount := tmpfs(t, "16m")
	q, err := queue.Open(filepath.Join(mount, "queue"), queue.Config{SegmentBytes: 1 << 20, MinFree: 0.05}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = q.Close() }()
	ballast := filepath.Join(mount, "ballast")
	book := newLedger()
	book.attempted = nil
	n := 0
	add := func() error {
		payload := fmt.Sprintf("p %d %01000d", n+1, 0)
		offset, err := q.Append(t.Context(), []byte(payload))
		if err == nil {
			n++
			err = book.ack(offset, payload)
		}
		return err
	}
	for round, reserve := range []bool{true, false} {
		if !reserve { // something else takes what the queue leaves free
			if f, err := os.Create(ballast); err == nil {
				for err == nil {
					_, err = f.Write(make([]byte, 4096))
				}
				_ = f.Close()
			}
		}
		for err = nil; err == nil; {
			err = add()
		}
		for range 200 {
			if err := add(); !errors.Is(err, queue.ErrFull) {
				t.Fatalf("round %d: a full disk answers %v, want ErrFull", round, err)
			}
		}
		var st syscall.Statfs_t
		if err := syscall.Statfs(mount, &st); err != nil {
			t.Fatal(err)
		}
		if reserve && float64(st.Bavail)/float64(st.Blocks) < 0.04 {
			t.Errorf("only %d of %d blocks are left for recovery", st.Bavail, st.Blocks)
		}
		if round == 0 { // recovery works on what is left
			if err := q.Close(); err != nil {
				t.Fatal(err)
			}
			if q, err = queue.Open(filepath.Join(mount, "queue"), queue.Config{SegmentBytes: 1 << 20, MinFree: 0.05}, quiet()); err != nil {
				t.Fatalf("opening on a full disk: %v", err)
			}
		}
		_ = os.Remove(ballast)
		c, err := q.Consumer("worker")
		if err != nil {
			t.Fatal(err)
		}
		s := q.Stats()
		to := s.First + (s.Next-s.First)*3/4
		if err := errors.Join(c.Ack(to), q.Purge(), c.Close()); err != nil {
			t.Fatal(err)
		}
		book.doneMaybe, book.done = to, to
		deadline := time.Now().Add(5 * time.Second)
		for err = add(); err != nil; err = add() {
			if time.Now().After(deadline) {
				t.Fatalf("round %d: %v five seconds after there was room", round, err)
			}
		}
	}
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	if err := book.check(func() (*queue.Queue, error) {
		return queue.Open(filepath.Join(mount, "queue"), queue.Config{}, quiet())
	}); err != nil {
		t.Error(err)
	}
	t.Logf("%d acknowledged, 0 lost", n)
}

// TestNoRoomAtStart opens on a file system without any room, in a folder nobody may write to, and without descriptors
// (Q14). Nothing is changed.
func TestNoRoomAtStart(t *testing.T) {
	t.Parallel()
	mount := tmpfs(t, "1m")
	dir := filepath.Join(mount, "queue")
	q, err := queue.Open(dir, queue.Config{}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.Append(t.Context(), []byte("kept")); err != nil {
		t.Fatal(err)
	}
	_ = q.Close()
	before := sh(t, "cat %s/*.wal | sha256sum", dir)
	f, err := os.Create(filepath.Join(mount, "ballast"))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 512))
	}
	_ = f.Close()
	if q, err := queue.Open(dir, queue.Config{}, quiet()); err == nil {
		_ = q.Close()
		t.Error("opened without room for a segment")
	} else if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), dir) {
		t.Errorf("%v: does not name the folder and the reason", err)
	}
	if after := sh(t, "cat %s/*.wal | sha256sum", dir); after != before {
		t.Error("a failed open changed segments")
	}
	_ = os.Remove(f.Name())
	if q, err = queue.Open(dir, queue.Config{}, quiet()); err != nil || q.Stats().Records != 1 {
		t.Fatalf("with room again: %v", err)
	}
	_ = q.Close()
}

// TestPowerCutOnBlocks takes images of a block device while a process writes to it through ext4 and XFS: what the page
// cache has not flushed is missing in them, as after a power cut (Q3). The control writes without syncs.
func TestPowerCutOnBlocks(t *testing.T) {
	if !full() || os.Geteuid() != 0 {
		t.Skip("part of the drill (DRILL=1), as root, with loop devices and mkfs.xfs")
	}
	if _, err := exec.LookPath("mkfs.xfs"); err != nil {
		t.Skip("apt-get install xfsprogs")
	}
	for _, fs := range []string{"ext4", "xfs"} {
		for _, nosync := range []bool{false, true} {
			name := fs
			if nosync {
				name += " control"
			}
			t.Run(name, func(t *testing.T) { cutBlocks(t, fs, nosync) })
		}
	}
}

func cutBlocks(t *testing.T, fs string, nosync bool) {
	base := t.TempDir()
	sh(t, "truncate -s 6G %s/outer.img && mkfs.xfs -q -m reflink=1 %s/outer.img && mkdir %s/outer && mount -o loop %s/outer.img %s/outer", base, base, base, base, base)
	t.Cleanup(func() { _ = exec.Command("umount", base+"/outer").Run() })
	outer := base + "/outer"
	sh(t, "truncate -s 1G %s/inner.img && mkfs.%s -q %s/inner.img && mkdir %s/inner %s/cut && mount -o loop %s/inner.img %s/inner", outer, fs, outer, base, base, outer, base)
	t.Cleanup(func() { _ = exec.Command("umount", base+"/inner").Run() })
	settings := []string{childProducers + "=8", childRound + "=0"}
	if nosync {
		settings = append(settings, childNoSync+"=1")
	}
	cmd, out := child(t, base+"/inner/queue", settings...)
	book := processLedger()
	ended := make(chan error, 1)
	go func() { ended <- book.hear(out) }()
	cuts, lost := 250, 0
	if nosync {
		cuts = 10
	}
	for range cuts {
		time.Sleep(60 * time.Millisecond)
		then := book.copy() // first what was promised, then what is there
		then.attempted = nil
		sh(t, "cp --reflink=always %s/inner.img %s/cut.img", outer, outer)
		opts := "loop"
		if fs == "xfs" {
			opts += ",nouuid"
		}
		sh(t, "mount -o %s %s/cut.img %s/cut", opts, outer, base)
		then.mu.Lock()
		then.doneMaybe = 1 << 62 // what was purged between the two is not missing
		kept := then.acked
		then.mu.Unlock()
		if err := checkImage(base+"/cut/queue", kept); err != nil {
			lost++
			if !nosync {
				t.Errorf("after %d acknowledged: %v", len(kept), err)
			}
		}
		sh(t, "umount %s/cut && rm %s/cut.img", base, outer)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	<-ended
	if nosync && lost == 0 {
		t.Error("without syncs nothing was lost: the test cannot see what it is for")
	}
	t.Logf("%d cuts, %d with losses, %d acknowledged at the end", cuts, lost, len(book.acked))
}

// checkImage wants everything acknowledged that the worker had not yet asked to be done with.
func checkImage(dir string, acked map[uint64]string) error {
	q, err := queue.Open(dir, queue.Config{}, quiet())
	if err != nil {
		return err
	}
	defer func() { _ = q.Close() }()
	got, _, err := drainAll(q, "checker")
	if err != nil {
		return err
	}
	s := q.Stats()
	if s.Missing != 0 || s.Quarantined != 0 {
		return fmt.Errorf("%+v", s)
	}
	for n, p := range acked {
		if n >= s.First && got[n] != p {
			return fmt.Errorf("%w: offset %d", errLost, n)
		}
	}
	return nil
}

var (
	syncCall  = regexp.MustCompile(`fdatasync\((\d+)\) += (\S+)`)
	writeCall = regexp.MustCompile(`pwrite64\((\d+), .*\) += (\d+)`)
	openCall  = regexp.MustCompile(`openat\(.*"([^"]+)".*\) += (\d+)`)
	sayCall   = regexp.MustCompile(`write\(1, "(\d+) r`)
)

// trace runs a child under strace and returns the log.
func trace(t *testing.T, dir, options string, settings ...string) string {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil || !full() {
		t.Skip("part of the drill (DRILL=1), with strace")
	}
	log := filepath.Join(t.TempDir(), "strace")
	cmd := exec.Command("sh", "-c", fmt.Sprintf("exec strace -f -o %s %s %s", log, options, os.Args[0]))
	cmd.Env = append(append(os.Environ(), childDir+"="+dir), settings...)
	if out, err := cmd.CombinedOutput(); err != nil && !strings.Contains(options, "inject") {
		t.Fatalf("%v\n%s", err, out)
	}
	b, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestSyncBeforeEveryAck reads the system calls of a process: between the write of a record and the line that says it is
// acknowledged lies a successful fdatasync of that file (Q33).
func TestSyncBeforeEveryAck(t *testing.T) {
	log := trace(t, t.TempDir(), "-e trace=openat,pwrite64,fdatasync,write -s 200", childProducers+"=1", childStop+"=2000", childRound+"=0")
	acks, pending, segments := 0, map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(joinCalls(log)) {
		if m := openCall.FindStringSubmatch(line); m != nil {
			segments[m[2]] = strings.HasSuffix(m[1], ".wal")
		}
		if m := writeCall.FindStringSubmatch(line); m != nil && segments[m[1]] {
			pending[m[1]] = true
		}
		if m := syncCall.FindStringSubmatch(line); m != nil && m[2] == "0" {
			delete(pending, m[1])
		}
		if sayCall.MatchString(line) {
			if acks++; len(pending) > 0 {
				t.Fatalf("acknowledged with unsynced files %v: %s", pending, line)
			}
		}
	}
	if acks < 2000 {
		t.Errorf("only %d acknowledgements seen", acks)
	}
	t.Logf("%d acknowledgements, each behind its fdatasync", acks)
}

// joinCalls puts calls that strace shows in two parts into one line, at the place of their end.
func joinCalls(log string) string {
	open := map[string]string{}
	var out strings.Builder
	for line := range strings.Lines(log) {
		pid, call, _ := strings.Cut(strings.TrimRight(line, "\n"), " ")
		call = strings.TrimSpace(call)
		if head, ok := strings.CutSuffix(call, " <unfinished ...>"); ok {
			open[pid] = head
			continue
		}
		if _, rest, ok := strings.Cut(call, " resumed>"); ok && strings.HasPrefix(call, "<... ") {
			call = open[pid] + rest
		}
		out.WriteString(call + "\n")
	}
	return out.String()
}

// TestFailedFdatasync lets the kernel answer EIO once, and fine afterwards: the queue never asks that file again (Q11).
func TestFailedFdatasync(t *testing.T) {
	dir := t.TempDir()
	log := joinCalls(trace(t, dir, "-e trace=pwrite64,fdatasync,openat,close,write -e inject=fdatasync:error=EIO:when=40 -s 40",
		childProducers+"=1", childStop+"=300", childRound+"=0"))
	failed, again := "", 0
	for line := range strings.Lines(log) {
		m := syncCall.FindStringSubmatch(line)
		switch {
		case m != nil && m[2] == "-1":
			failed = m[1]
		case strings.HasPrefix(line, "close("+failed+")"):
			failed = "-"
		case m != nil && m[1] == failed:
			again++
		}
	}
	if failed == "" || again > 0 {
		t.Errorf("failure seen %q, %d syncs of the same descriptor after it", failed, again)
	}
	book := processLedger()
	for _, m := range regexp.MustCompile(`write\(1, "(\d+) r`).FindAllStringSubmatch(log, -1) {
		n, _ := strconv.ParseUint(m[1], 10, 64)
		book.acked[n] = ""
	}
	q, err := queue.Open(dir, queue.Config{}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = q.Close() }()
	got, _, err := drainAll(q, "checker")
	if err != nil {
		t.Fatal(err)
	}
	for n := range book.acked {
		if _, ok := got[n]; !ok && n >= q.Stats().First {
			t.Errorf("offset %d was acknowledged and is lost", n)
		}
	}
	if len(book.acked) != 300 {
		t.Errorf("%d of 300 acknowledged in the end", len(book.acked))
	}
	t.Logf("%d acknowledged before and after the failure", len(book.acked))
}
