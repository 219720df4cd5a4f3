package queue

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

func fixHead(head []byte) {
	binary.BigEndian.PutUint32(head[headCopy-4:], crc32.Checksum(head[:headCopy-4], castagnoli))
	copy(head[headCopy:], head[:headCopy])
}

// sample is a log of one segment: its bytes, its records and where each ends.
func sample(t testing.TB) (data []byte, want map[uint64]string, ends []int) {
	dir := t.TempDir()
	q := mustOpen(t, dir, Config{})
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
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data, want, ends
}

// reopen puts data as segment 1 (and, when sealed, an empty segment behind it), opens and checks what must always hold:
// no phantom, no wrong payload, appending works with a fresh offset, opening again gives the same.
func reopen(t *testing.T, data []byte, want map[uint64]string, sealed bool) (map[uint64]string, Stats) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, segmentName(1)), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if sealed {
		last := uint64(len(want))
		next := &segment{base: last + 1, prev: last, salt: 7}
		if err := os.WriteFile(filepath.Join(dir, segmentName(next.base)), next.head(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg := Config{Sync: func(*os.File) error { return nil }}
	q := mustOpen(t, dir, cfg)
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
	if _, used := got[fresh]; used {
		t.Fatalf("offset %d used twice", fresh)
	}
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	q = mustOpen(t, dir, cfg)
	defer func() { _ = q.Close() }()
	c = mustConsumer(t, q, "c")
	again := drain(t, c)
	_ = c.Close()
	if again[fresh] != "fresh" || len(again) != len(got)+1 {
		t.Fatalf("opened again: %v, before %v", again, got)
	}
	if s := q.Stats(); s.Quarantined != stats.Quarantined || s.Torn != stats.Torn {
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
		whole := complete(ends, n)
		zeros := append(bytes.Clone(data[:n]), make([]byte, len(data)-n)...)
		noise := bytes.Clone(data[:n])
		for range len(data) - n {
			noise = append(noise, byte(garbage.Uint32()))
		}
		for name, bad := range map[string][]byte{"cut": data[:n], "zeros": zeros, "noise": noise} {
			got, stats := reopen(t, bad, want, false)
			// A head that is overwritten rather than cut takes the salt with it; only a crash cannot do that.
			if (n >= headBytes || name == "cut") && (len(got) != whole || stats.Quarantined != 0) {
				t.Fatalf("%s at %d: %d records, %d quarantined; want %d and 0", name, n, len(got), stats.Quarantined, whole)
			}
		}
	}
}

func TestTornCopyHoldsWhatWasCut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data, _, ends := sample(t)
	if err := os.WriteFile(filepath.Join(dir, segmentName(1)), data[:len(data)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	q := mustOpen(t, dir, Config{})
	copies, err := filepath.Glob(filepath.Join(dir, "*"+tornExt+"*"))
	if err != nil || len(copies) != 1 {
		t.Fatalf("copies %v, %v; want one", copies, err)
	}
	if b, err := os.ReadFile(copies[0]); err != nil || !bytes.Equal(b, data[ends[10]:len(data)-1]) {
		t.Errorf("copy holds %d bytes, %v", len(b), err)
	}
	// 11 good records, then 48 bytes that could have held 3 offsets.
	if n := mustAppend(t, q, "x"); n <= 12 {
		t.Errorf("offset %d could have been in the torn tail", n)
	}
}

// TestEveryBitFlip reads every flip, and opens a whole queue for at least one in each byte.
func TestEveryBitFlip(t *testing.T) {
	t.Parallel()
	data, want, _ := sample(t)
	for bit := range len(data) * 8 {
		bad := bytes.Clone(data)
		bad[bit/8] ^= 1 << (bit % 8)
		if seg, _, found, err := examine(bad, 1); err != nil || found == whole {
			t.Fatalf("bit %d: not noticed (%d records, %v)", bit, seg.records(), err)
		}
		if bit%5 != 0 {
			continue
		}
		sealed := bit%2 == 0
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
				err = os.Truncate(victim.path, victim.end-recordHead-10)
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

// TestCrashDuringRescue stops the rescue of a damaged segment at every fsync and opens again.
func TestCrashDuringRescue(t *testing.T) {
	t.Parallel()
	data, want, ends := sample(t)
	data[ends[3]+recordHead] ^= 1
	data[ends[7]+recordHead] ^= 1
	for stop := 1; ; stop++ {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, segmentName(1)), data, 0o600); err != nil {
			t.Fatal(err)
		}
		calls := 0
		q, err := Open(dir, Config{Sync: func(*os.File) error {
			if calls++; calls == stop {
				return fmt.Errorf("stop at %d", stop)
			}
			return nil
		}}, quiet())
		if err == nil {
			_ = q.Close()
			if stop < 5 {
				t.Fatalf("only %d syncs in a rescue", stop)
			}
			return
		}
		q = mustOpen(t, dir, Config{})
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

func FuzzReadRecord(f *testing.F) {
	f.Add(appendRecord(nil, 7, 1, []byte("payload")), uint64(7))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, uint64(0))
	f.Fuzz(func(t *testing.T, data []byte, salt uint64) {
		offset, payload, ok := readRecord(data, salt)
		if ok && !bytes.HasPrefix(data, appendRecord(nil, salt, offset, payload)) {
			t.Error("a record that was read does not encode to the bytes it came from")
		}
	})
}

func FuzzExamine(f *testing.F) {
	data, _, _ := sample(f)
	f.Add(data)
	f.Add(data[:headBytes+3])
	f.Fuzz(func(t *testing.T, data []byte) {
		seg, good, found, err := examine(data, 1)
		if err != nil {
			return
		}
		if good > len(data) || found == whole && good != len(data) || seg.records() > 0 && seg.end != int64(good) {
			t.Errorf("%+v good %d found %d of %d bytes", seg, good, found, len(data))
		}
		at := headBytes
		for _, r := range scan(data, seg) {
			if r.start < at || r.end > len(data) || r.last < r.first {
				t.Errorf("run %+v overlaps or leaves the file", r)
			}
			at = r.end
		}
	})
}
