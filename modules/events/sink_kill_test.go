package events

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/ticket"
)

// drill makes the long versions of these tests run: DRILL=1, or another number for so many rounds of kill -9.
func drill() bool { return os.Getenv("DRILL") != "" }

// killer runs children on one directory and keeps the list of what was acknowledged outside of it.
type killer struct {
	t     *testing.T
	acked map[int]bool
	sent  int
	cmd   *exec.Cmd
	mu    sync.Mutex
}

// round runs a child and notes what it acknowledged.
func (k *killer) round(c child) (killed bool) {
	k.t.Helper()
	told, err := json.Marshal(c)
	if err != nil {
		k.t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestSinkChild$", "-test.count=1")
	cmd.Env = append(os.Environ(), childEnv+"="+string(told))
	var trouble bytes.Buffer
	cmd.Stderr = &trouble
	out, err := cmd.StdoutPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	k.mu.Lock()
	k.cmd = cmd
	err = cmd.Start()
	k.mu.Unlock()
	if err != nil {
		k.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	var rest []string
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) != 3 || f[0] != "acked" {
			rest = append(rest, lines.Text())
			continue
		}
		first, _ := strconv.Atoi(f[1])
		n, _ := strconv.Atoi(f[2])
		for i := range n {
			k.acked[first+i] = true
		}
	}
	err = cmd.Wait()
	k.sent = max(k.sent, c.First+c.Events)
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGKILL {
		return true
	}
	if err != nil || !c.Drain {
		k.t.Fatalf("child %+v: %v\n%s\n%s", c, err, strings.Join(rest, "\n"), trouble.String())
	}
	return false
}

func (k *killer) kill() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.cmd != nil && k.cmd.Process != nil {
		_ = k.cmd.Process.Kill()
	}
}

// count compares what is in the lake with what was acknowledged.
func (k *killer) count(bucket lake.Bucket) (missing, double, foreign int) {
	k.t.Helper()
	b := &bench{t: k.t, bucket: bucket}
	rows := b.rows()
	for i := range k.acked {
		if len(rows[fmt.Sprintf("event-%07d", i)]) == 0 {
			missing++
		}
	}
	for id, all := range rows {
		n, err := strconv.Atoi(strings.TrimPrefix(id, "event-"))
		if err != nil || n >= k.sent {
			foreign++
		}
		if near(all) {
			double++
		}
	}
	listed := map[string]bool{}
	for _, day := range b.days() {
		ms, err := lake.Manifests(context.Background(), bucket, day)
		b.ok(err)
		for _, m := range ms {
			for _, f := range m.Files {
				listed[f.Key] = true
			}
		}
	}
	for _, key := range b.keys("events/") { // a glob must find the same
		if strings.HasSuffix(key, ".parquet") && !listed[key] {
			foreign++
		}
	}
	return missing, double, foreign
}

// near tells whether two rows of one id lie on the same day or on days beside each other. Further apart the id means another
// event: clocks of the rounds jump enough for that to happen to a few.
func near(all []ticket.Event) bool {
	for i := range all {
		for j := range i {
			if d := all[i].Day().DaysUntil(all[j].Day()); d >= -1 && d <= 1 {
				return true
			}
		}
	}
	return false
}

// TestSinkKilled is S1: kill -9 at every step, again and again, and every acknowledged event is in exactly one row.
func TestSinkKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	rounds, events, late := 30, 400, 3
	if drill() {
		rounds, events, late = 200, 12_000, 60
		if n, err := strconv.Atoi(os.Getenv("DRILL")); err == nil && n > 1 {
			rounds = n
		}
	}
	k := &killer{t: t, acked: map[int]bool{}}
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 3))
	for i := range rounds {
		c := child{Dir: dir, Day: i / 8, First: k.sent, Events: events, Again: 3, Size: 10 * late, Point: points[i%len(points)], Nth: 1 + rng.IntN(late)}
		if c.Point == "timer" {
			c.Nth = 20 + rng.IntN(130*late)
		}
		if !k.round(c) {
			t.Fatalf("round %d at %s was not killed", i, c.Point)
		}
	}
	k.round(child{Dir: dir, Day: rounds / 8, First: k.sent, Events: 10, Drain: true})
	bucket, err := lake.NewFolder(filepath.Join(dir, "lake"))
	if err != nil {
		t.Fatal(err)
	}
	missing, double, foreign := k.count(bucket)
	if missing > 0 || double > 0 || foreign > 0 {
		t.Errorf("%d missing, %d double, %d of nobody", missing, double, foreign)
	}
	t.Logf("%d rounds, %d events acknowledged of %d sent: %d missing, %d double", rounds, len(k.acked), k.sent, missing, double)
}

// TestSinkKilledControl: a sink that commits before it stores loses events in the same rounds.
func TestSinkKilledControl(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	k := &killer{t: t, acked: map[int]bool{}}
	dir := t.TempDir()
	for _, point := range []string{"planned", "encoded", "half"} {
		k.round(child{Dir: dir, First: k.sent, Events: 400, Point: point, Nth: 1, Commits: "early"})
	}
	k.round(child{Dir: dir, First: k.sent, Events: 10, Drain: true})
	bucket, err := lake.NewFolder(filepath.Join(dir, "lake"))
	if err != nil {
		t.Fatal(err)
	}
	if missing, _, _ := k.count(bucket); missing == 0 {
		t.Error("nothing is missing: this test would not notice a loss")
	}
}

// TestSinkKilledOnS3: the process dies in the middle of an upload, or S3 loses the answer and then the process dies.
func TestSinkKilledOnS3(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	rounds := 8
	if drill() {
		rounds = 100
	}
	f := newFaulty(t)
	bucket := f.open(t)
	k := &killer{t: t, acked: map[int]bool{}}
	dir := t.TempDir()
	for i := range rounds {
		seen := 0
		f.set(func(r *http.Request) fault {
			if !put(r) {
				return nil
			}
			if seen++; seen != 1+i%4 {
				return nil
			}
			if i%2 == 0 {
				return func(_ *faulty, w http.ResponseWriter, r *http.Request) { // half of the body came
					_, _ = io.CopyN(io.Discard, r.Body, max(r.ContentLength/2, 1))
					k.kill()
					hangUp(w)
				}
			}
			return func(f *faulty, w http.ResponseWriter, r *http.Request) { // all of it, and nobody knows
				storedButSilent(f, w, r)
				k.kill()
			}
		})
		k.round(child{Dir: dir, Lake: "s3://lake?endpoint=" + f.URL, Day: i / 3, First: k.sent, Events: 400, Again: 3, Point: "never"})
	}
	f.set(nil)
	k.round(child{Dir: dir, Lake: "s3://lake?endpoint=" + f.URL, Day: rounds / 3, First: k.sent, Events: 10, Drain: true})
	if missing, double, foreign := k.count(bucket); missing > 0 || double > 0 || foreign > 0 {
		t.Errorf("%d missing, %d double, %d of nobody", missing, double, foreign)
	}
}

// TestSinkOutage is S7: an hour without S3 at 200 events a second, compressed in time; a tenth of it without DRILL.
func TestSinkOutage(t *testing.T) {
	n := 72_000
	if drill() {
		n = 720_000
	}
	if testing.Short() {
		n = 10_000
	}
	folder, err := lake.NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{Bucket: folder}
	b := newBench(t, g)
	b.cfg.BatchBytes = 4 << 20
	s, stop := b.run()
	b.appendIDs(0, 1000)
	b.ok(s.Seal(t.Context()))
	before, rss := b.q.Stats().Bytes, resident(t)
	g.set(true)
	var payload int64
	for i := 1000; i < 1000+n; i += 200 {
		var batch [][]byte
		for k := range 200 {
			p := fullEvent(i+k, b.now())
			payload += int64(len(p))
			batch = append(batch, p)
		}
		_, err := b.q.AppendAll(t.Context(), batch)
		b.ok(err)
		b.move(time.Second)
	}
	b.waitFor(func() bool { return s.Stats().Failures > 2 })
	spool, grown := b.q.Stats().Bytes-before, resident(t)-rss
	if float64(spool) > 1.2*float64(payload) {
		t.Errorf("%d bytes on the disk for %d of payload", spool, payload)
	}
	if drill() && grown > 64<<20 {
		t.Errorf("memory grew by %d MiB", grown>>20)
	}
	g.set(false)
	b.ok(s.Seal(t.Context()))
	b.ok(stop())
	t.Logf("%d events, %.2f bytes on the disk for each of payload, memory %+d MiB, %d failures, %d alarms", n,
		float64(spool)/float64(payload), grown>>20, s.Stats().Failures, s.Stats().Alarms)
	b.wantOnce(1000 + n)
	if st := s.Stats(); st.Waiting != 0 || st.Failing {
		t.Errorf("afterwards: %+v", st)
	}
}

// resident is the memory of this process that the kernel counts.
func resident(t *testing.T) int64 {
	t.Helper()
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("no /proc: ", err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(b))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}
