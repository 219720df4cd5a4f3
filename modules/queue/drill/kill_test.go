package drill

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/queue"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(childMain(dir, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// child starts a process on a queue; its settings are NAME=value.
func child(t testing.TB, dir string, settings ...string) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), childDir+"="+dir), settings...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

// hear writes what a child says into the ledger until it is dead.
func (l *ledger) hear(out io.Reader) error {
	r := bufio.NewReader(out)
	for {
		line, err := r.ReadString('\n')
		if err != nil { // a line without its end was cut by the kill: its record may or may not be there
			return nil //nolint:nilerr // so the pipe of a killed process ends
		}
		number, payload, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch number {
		case "ack?", "ack!":
			n, err := strconv.ParseUint(payload, 10, 64)
			if err != nil {
				return err
			}
			l.mu.Lock()
			l.doneMaybe = max(l.doneMaybe, n)
			if number == "ack!" {
				l.done = max(l.done, n)
			}
			l.mu.Unlock()
			continue
		}
		n, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			return fmt.Errorf("%q: %w", line, err)
		}
		if err := l.ack(n, payload); err != nil {
			return err
		}
	}
}

// forget drops what was surely purged, so that a ledger of a thousand rounds stays small.
func (l *ledger) forget() {
	for o := range l.acked {
		if o <= l.done {
			delete(l.acked, o)
		}
	}
}

func processLedger() *ledger {
	l := newLedger()
	l.attempted = nil
	return l
}

// TestKill kills a process that appends, acknowledges and purges at random moments (Q1, Q20).
func TestKill(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for _, producers := range []int{1, 8, 64} {
		t.Run(fmt.Sprint(producers, " producers"), func(t *testing.T) {
			dir := t.TempDir()
			book := processLedger()
			acks, longest := 0, time.Duration(0)
			for round := range scale(334, 8) {
				before := len(book.acked)
				cmd, out := child(t, dir, childProducers+"="+fmt.Sprint(producers), childRound+"="+fmt.Sprint(round))
				kill := time.AfterFunc(time.Duration(10+rng.IntN(490))*time.Millisecond, func() { _ = cmd.Process.Kill() })
				if err := book.hear(out); err != nil {
					t.Fatal(err)
				}
				kill.Stop()
				_ = cmd.Wait()
				acks += len(book.acked) - before
				start := time.Now()
				if err := book.check(func() (*queue.Queue, error) { return queue.Open(dir, queue.Config{}, quiet()) }); err != nil {
					t.Fatalf("round %d: %v", round, err)
				}
				longest = max(longest, time.Since(start))
				tidyCheckers(t, dir)
				book.forget()
			}
			t.Logf("%d acknowledged, 0 lost; opening twice and reading took %s at most", acks, longest.Round(time.Millisecond))
		})
	}
}

// tidyCheckers forgets the checking consumers, so that the worker alone says what may be purged.
func tidyCheckers(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"cursor-checker", "cursor-second"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestKillAtEveryPoint kills around the n-th call of every operation that changes the disk (Q2, Q25: the calls of
// recovery are among them).
func TestKillAtEveryPoint(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	points, hit := 0, 0
	for _, op := range []string{"write", "sync", "create", "openwrite", "rename", "remove", "syncdir", "allocate", "truncate"} {
		for _, when := range []string{"before", "after"} {
			points++
			dir := t.TempDir()
			book := processLedger()
			for round := range scale(20, 2) {
				n := 1 + rng.IntN(8)
				if op == "write" || op == "sync" {
					n = 1 + rng.IntN(60)
				}
				cmd, out := child(t, dir, childProducers+"=8", fmt.Sprintf("%s=%s %d %s", childKill, op, n, when), childRound+"="+fmt.Sprint(round), childStop+"=1500")
				if err := book.hear(out); err != nil {
					t.Fatal(err)
				}
				if err := cmd.Wait(); err != nil {
					hit++
				}
				if err := book.check(func() (*queue.Queue, error) { return queue.Open(dir, queue.Config{}, quiet()) }); err != nil {
					t.Fatalf("%s %s, call %d, round %d: %v", when, op, n, round, err)
				}
				tidyCheckers(t, dir)
				book.forget()
			}
		}
	}
	if hit < points*scale(20, 2)/2 {
		t.Errorf("only %d of %d kills happened", hit, points*scale(20, 2))
	}
	t.Logf("%d points, %d kills", points, hit)
}
