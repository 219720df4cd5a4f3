package queue

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"ticketmoa/modules/queue/disk/disktest"
	"ticketmoa/modules/queue/record"
)

func fixHead(head []byte) {
	half := record.HeadSize / 2
	binary.BigEndian.PutUint32(head[half-4:], record.Sum(head[:half-4]))
	copy(head[half:], head[:half])
}

const memDir = "/q"

// sample is a log of one segment: its bytes, its records and where each ends.
func sample(t testing.TB) (data []byte, want map[uint64]string, ends []int) {
	fs := disktest.NewMem()
	q := mustOpen(t, memDir, Config{FS: fs})
	want = map[uint64]string{}
	for i := range 12 {
		payload := strings.Repeat(string(rune('a'+i)), i*3)
		want[mustAppend(t, q, payload)] = payload
		ends = append(ends, int(q.active().end))
	}
	path := q.active().path
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	return fs.Get(path), want, ends
}

// reopen puts data as segment 1 (and, when sealed, an empty segment behind it), opens and checks what must always hold:
// no phantom, no wrong payload, appending works with a fresh offset, opening again gives the same.
func reopen(t *testing.T, data []byte, want map[uint64]string, sealed bool) (map[uint64]string, Stats) {
	t.Helper()
	fs := disktest.NewMem()
	fs.Put(filepath.Join(memDir, segmentName(1)), data)
	if sealed {
		last := uint64(len(want))
		fs.Put(filepath.Join(memDir, segmentName(last+1)), record.Head{Base: last + 1, Prev: last, Salt: 7}.Append(nil))
	}
	cfg := Config{FS: fs}
	q := mustOpen(t, memDir, cfg)
	c := mustConsumer(t, q, "c")
	got := drain(t, c)
	_ = c.Close()
	stats := q.Stats()
	for offset, payload := range got {
		if w, ok := want[offset]; !ok || w != payload {
			t.Fatalf("offset %d: got %q, want %q", offset, payload, w)
		}
	}
	fresh := mustAppend(t, q, "fresh")
	if _, used := want[fresh]; used {
		t.Fatalf("offset %d used twice (%d bytes, %+v)", fresh, len(data), stats)
	}
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	q = mustOpen(t, memDir, cfg)
	defer func() { _ = q.Close() }()
	c = mustConsumer(t, q, "c")
	again := drain(t, c)
	_ = c.Close()
	if again[fresh] != "fresh" || len(again) != len(got)+1 {
		t.Fatalf("opened again: %v, before %v", again, got)
	}
	if s := q.Stats(); s.Quarantined != stats.Quarantined {
		t.Fatalf("opened again: %+v, before %+v", s, stats)
	}
	return got, stats
}

func complete(ends []int, n int) (records int) {
	for _, end := range ends {
		if end <= n {
			records++
		}
	}
	return records
}

func TestTornTailAtEveryByte(t *testing.T) {
	t.Parallel()
	data, want, ends := sample(t)
	garbage := rand.New(rand.NewPCG(1, 2))
	for n := 0; n <= len(data); n++ {
		zeros := append(bytes.Clone(data[:n]), make([]byte, len(data)-n)...)
		noise := bytes.Clone(data[:n])
		for range len(data) - n {
			noise = append(noise, byte(garbage.Uint32()))
		}
		for name, bad := range map[string][]byte{"cut": data[:n], "zeros": zeros, "noise": noise} {
			got, stats := reopen(t, bad, want, false)
			same := 0 // what was overwritten with the bytes that were there is not harmed
			for same < len(bad) && bad[same] == data[same] {
				same++
			}
			whole := complete(ends, same)
			// A head that is overwritten rather than cut takes the salt with it; only a crash cannot do that.
			if (n >= record.HeadSize || name == "cut") && (len(got) != whole || stats.Quarantined != 0) {
				t.Fatalf("%s at %d: %d records, %d quarantined; want %d and 0", name, n, len(got), stats.Quarantined, whole)
			}
		}
	}
}

func TestTornEndIsLeftAlone(t *testing.T) {
	t.Parallel()
	data, _, _ := sample(t)
	fs := disktest.NewMem()
	path := filepath.Join(memDir, segmentName(1))
	fs.Put(path, data[:len(data)-1])
	q := mustOpen(t, memDir, Config{FS: fs})
	if got := fs.Get(path); !bytes.Equal(got, data[:len(data)-1]) {
		t.Error("open changed a segment with a torn end")
	}
	// However much was cut off: no offset that the segment can have held is given out again.
	if n := mustAppend(t, q, "x"); n <= defaultSegment/record.Overhead {
		t.Errorf("offset %d could have been in the torn end", n)
	}
}

// TestHoleInTheLastBatch is what a power cut leaves: a block of the batch that was never acknowledged is missing, those
// behind it are there. The same hole with a later batch behind it is damage.
func TestHoleInTheLastBatch(t *testing.T) {
	t.Parallel()
	fs := disktest.NewMem()
	q := mustOpen(t, memDir, Config{FS: fs})
	mustAppend(t, q, "before")
	start := int(q.active().end)
	batch := [][]byte{}
	for i := range 40 {
		batch = append(batch, bytes.Repeat([]byte{byte('a' + i%26)}, 200))
	}
	if _, err := q.AppendAll(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	end := int(q.active().end)
	mustAppend(t, q, "after")
	path := q.active().path
	_ = q.Close()
	data := fs.Get(path)
	for _, size := range []int{512, 4096} {
		for at := start; at < end; at += size {
			hole := bytes.Clone(data)
			clear(hole[at:min(at+size, end)])
			got, stats := openBytes(t, hole[:end])
			if got[1] != "before" || stats.Torn != 1 || stats.Quarantined != 0 {
				t.Fatalf("hole at %d in the last batch: %d records, %+v", at, len(got), stats)
			}
			got, stats = openBytes(t, hole)
			if got[1] != "before" || got[42] != "after" || stats.Quarantined != 1 {
				t.Fatalf("hole at %d in an earlier batch: %d records, %+v", at, len(got), stats)
			}
		}
	}
}

func openBytes(t *testing.T, data []byte) (map[uint64]string, Stats) {
	t.Helper()
	fs := disktest.NewMem()
	fs.Put(filepath.Join(memDir, segmentName(1)), data)
	q := mustOpen(t, memDir, Config{FS: fs})
	defer func() { _ = q.Close() }()
	return drain(t, mustConsumer(t, q, "c")), q.Stats()
}

// TestEveryBitFlip opens a queue for every bit of a segment, every second byte of it as a sealed one.
func TestEveryBitFlip(t *testing.T) {
	t.Parallel()
	data, want, _ := sample(t)
	for bit := range len(data) * 8 {
		bad := bytes.Clone(data)
		bad[bit/8] ^= 1 << (bit % 8)
		sealed := bit/8%2 == 0
		got, stats := reopen(t, bad, want, sealed)
		lost, noticed := len(want)-len(got), stats.Quarantined+stats.Torn
		if lost > 1 || noticed != 1 {
			t.Fatalf("bit %d sealed %v: %d records lost, noticed %d; want at most 1 and 1", bit, sealed, lost, noticed)
		}
		if sealed && lost != int(stats.Missing) {
			t.Fatalf("bit %d: %d lost, Stats says %d", bit, lost, stats.Missing)
		}
	}
}

func TestMovedAndForeignBytes(t *testing.T) {
	t.Parallel()
	data, want, ends := sample(t)
	other, _, _ := sample(t)
	swap := append(bytes.Clone(data[:ends[4]]), data[ends[5]:ends[6]]...)
	swap = append(append(swap, data[ends[4]:ends[5]]...), data[ends[6]:]...)
	twice := append(bytes.Clone(data[:ends[6]]), data[ends[3]:]...)
	stale := append(bytes.Clone(data[:ends[5]]), other[ends[5]:]...)
	tests := []struct {
		name string
		data []byte
		kept int
	}{
		{"records swapped", swap, 11},
		{"block repeated", twice, 12},
		{"valid records of another segment behind the end", stale, 6},
		{"hole of a sector", append(append(bytes.Clone(data[:ends[2]]), make([]byte, ends[4]-ends[2])...), data[ends[4]:]...), 10},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, stats := reopen(t, tt.data, want, false)
			if len(got) != tt.kept || stats.Quarantined+stats.Torn != 1 {
				t.Errorf("%d records, %+v; want %d and one noticed", len(got), stats, tt.kept)
			}
		})
	}
}

func TestMissingSegmentIsReported(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"deleted", "emptied", "cut at a record"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			q := mustOpen(t, dir, Config{SegmentBytes: 200})
			for range 30 {
				mustAppend(t, q, "0123456789")
			}
			victim := q.segs[2]
			if err := q.Close(); err != nil {
				t.Fatal(err)
			}
			var err error
			lost := victim.records()
			switch how {
			case "deleted":
				err = os.Remove(victim.path)
			case "emptied":
				err = os.Truncate(victim.path, 0)
			default:
				lost = 1
				err = os.Truncate(victim.path, victim.end-record.Overhead-10)
			}
			if err != nil {
				t.Fatal(err)
			}
			q = mustOpen(t, dir, Config{})
			if s := q.Stats(); s.Missing != lost || s.Records != 30-lost {
				t.Errorf("%+v; want %d missing", s, lost)
			}
			if got := drain(t, mustConsumer(t, q, "c")); len(got) != int(30-lost) {
				t.Errorf("%d records served, want %d", len(got), 30-lost)
			}
		})
	}
}

// TestCrashDuringRescue stops the rescue of a damaged segment at every call and opens again.
func TestCrashDuringRescue(t *testing.T) {
	t.Parallel()
	data, want, ends := sample(t)
	data[ends[3]+record.Overhead] ^= 1
	data[ends[7]+record.Overhead] ^= 1
	for stop := 1; ; stop++ {
		fs := disktest.NewMem()
		fs.Put(filepath.Join(memDir, segmentName(1)), data)
		calls := 0
		q, err := Open(memDir, Config{FS: &disktest.Faulty{FS: fs, Before: func(disktest.Call) error {
			if calls++; calls >= stop {
				return fmt.Errorf("stop at %d", stop)
			}
			return nil
		}}}, quiet())
		if err == nil {
			_ = q.Close()
			if stop < 20 {
				t.Fatalf("only %d calls in a rescue", stop)
			}
			return
		}
		q = mustOpen(t, memDir, Config{FS: fs})
		got := drain(t, mustConsumer(t, q, "c"))
		if len(got) != 10 || q.Stats().Quarantined != 1 {
			t.Fatalf("stopped at %d: %d records, %+v; want 10 and 1 quarantined", stop, len(got), q.Stats())
		}
		for offset, payload := range got {
			if want[offset] != payload {
				t.Fatalf("offset %d: got %q", offset, payload)
			}
		}
		_ = q.Close()
	}
}

const childDir = "TMQ_TEST_CHILD"

// produceForever is the killed process: it writes each acknowledged offset and payload to its standard output.
func produceForever(dir string) int {
	q, err := Open(dir, Config{SegmentBytes: 20_000}, quiet())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for p := range 8 {
		wg.Go(func() {
			for i := 0; ; i++ {
				payload := fmt.Sprintf("%d-%d-%s", p, i, strings.Repeat("x", i%50))
				n, err := q.Append(context.Background(), []byte(payload))
				if err != nil {
					return
				}
				mu.Lock()
				fmt.Printf("%d %s\n", n, payload)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return 1
}

func TestKillLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	acked := map[uint64]string{}
	for round := range 5 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childDir+"="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for seen := 0; lines.Scan(); seen++ {
			if seen == 200+round*37 {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
			number, payload, ok := strings.Cut(lines.Text(), " ")
			offset, err := strconv.ParseUint(number, 10, 64)
			if !ok || err != nil {
				continue // the kill cut the line
			}
			if old, twice := acked[offset]; twice {
				t.Fatalf("offset %d given to %q and %q", offset, old, payload)
			}
			acked[offset] = payload
		}
		_ = cmd.Wait()
	}
	q := mustOpen(t, dir, Config{})
	got := drain(t, mustConsumer(t, q, "c"))
	for offset, payload := range acked {
		// The kill can cut the last line of a round, so what was seen of it is a prefix.
		if g, ok := got[offset]; !ok || !strings.HasPrefix(g, payload) {
			t.Errorf("offset %d: got %q, acknowledged was %q", offset, g, payload)
		}
	}
	if s := q.Stats(); s.Quarantined != 0 || s.Missing != 0 {
		t.Errorf("%+v after kills; want nothing quarantined or missing", s)
	}
	t.Logf("%d acknowledged, %d found", len(acked), len(got))
}

// FuzzOpen opens whatever lies in a folder: no panic, no phantom below what was damaged, appending works.
func FuzzOpen(f *testing.F) {
	data, _, _ := sample(f)
	f.Add(data, []byte(nil), encodeCursor(3, nil))
	f.Add(data[:100], data, []byte("TMQCURS"))
	f.Fuzz(func(t *testing.T, first, second, cursor []byte) {
		fs := disktest.NewMem()
		fs.Put(filepath.Join(memDir, segmentName(1)), first)
		fs.Put(filepath.Join(memDir, segmentName(9)), second)
		fs.Put(filepath.Join(memDir, cursorPrefix+"c"), cursor)
		q, err := Open(memDir, Config{FS: fs}, quiet())
		if errors.Is(err, ErrVersion) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = q.Close() }()
		fresh := mustAppend(t, q, "fresh")
		if c, err := q.Consumer("c"); err == nil && c.cur.acked < fresh {
			if got := drain(t, c); got[fresh] != "fresh" {
				t.Error("what was appended cannot be read")
			}
			_ = c.Close()
		}
	})
}
