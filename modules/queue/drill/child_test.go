package drill

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"ticketmoa/modules/queue"
	"ticketmoa/modules/queue/disk"
	"ticketmoa/modules/queue/disk/disktest"
)

// The child process is the test binary itself, told by its environment what to be.
const (
	childDir       = "DRILL_CHILD_DIR"
	childProducers = "DRILL_CHILD_PRODUCERS"
	childKill      = "DRILL_CHILD_KILL"   // "sync 17 after": kills itself around the 17th sync; "" never
	childNoSync    = "DRILL_CHILD_NOSYNC" // a control: syncs do nothing
	childRound     = "DRILL_CHILD_ROUND"  // so that payloads of different rounds differ
	childStop      = "DRILL_CHILD_STOP"   // payloads a producer appends; 0 is endless
)

// careless is the real disk without any sync.
type careless struct{ disk.FS }

func (c careless) Create(path string) (disk.File, error) { return carelessFile(c.FS.Create(path)) }

func (c careless) OpenWrite(path string) (disk.File, error) {
	return carelessFile(c.FS.OpenWrite(path))
}

func (careless) SyncDir(string) error { return nil }

type unsynced struct{ disk.File }

func (unsynced) Sync() error { return nil }

func carelessFile(f disk.File, err error) (disk.File, error) {
	if err != nil {
		return nil, err
	}
	return unsynced{f}, nil
}

// suicidal kills its process with SIGKILL around the n-th call of an operation.
type suicidal struct {
	disk.FS
	op    string
	n     int
	after bool

	mu    sync.Mutex
	calls int
}

func (s *suicidal) at(op string) func() {
	if op != s.op {
		return func() {}
	}
	s.mu.Lock()
	s.calls++
	now := s.calls == s.n
	s.mu.Unlock()
	if now && !s.after {
		die()
	}
	return func() {
		if now {
			die()
		}
	}
}

func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

func (s *suicidal) Create(path string) (disk.File, error) {
	defer s.at("create")()
	return s.wrap(s.FS.Create(path))
}

func (s *suicidal) OpenWrite(path string) (disk.File, error) {
	defer s.at("openwrite")()
	return s.wrap(s.FS.OpenWrite(path))
}

func (s *suicidal) Rename(from, to string) error {
	defer s.at("rename")()
	return s.FS.Rename(from, to)
}

func (s *suicidal) Remove(path string) error {
	defer s.at("remove")()
	return s.FS.Remove(path)
}

func (s *suicidal) SyncDir(dir string) error {
	defer s.at("syncdir")()
	return s.FS.SyncDir(dir)
}

func (s *suicidal) wrap(f disk.File, err error) (disk.File, error) {
	if err != nil {
		return nil, err
	}
	return suicidalFile{f, s}, nil
}

type suicidalFile struct {
	disk.File
	s *suicidal
}

func (f suicidalFile) WriteAt(p []byte, off int64) (int, error) {
	defer f.s.at("write")()
	return f.File.WriteAt(p, off)
}

func (f suicidalFile) Sync() error {
	defer f.s.at("sync")()
	return f.File.Sync()
}

func (f suicidalFile) Allocate(size int64) error {
	defer f.s.at("allocate")()
	return f.File.Allocate(size)
}

func (f suicidalFile) Truncate(size int64) error {
	defer f.s.at("truncate")()
	return f.File.Truncate(size)
}

var _ disk.FS = (*disktest.Faulty)(nil)

// childMain produces, acknowledges and purges until it is killed. Every acknowledgement is a line "offset payload" on out.
func childMain(dir string, out, errOut io.Writer) int {
	fs := disk.OS()
	if os.Getenv(childNoSync) != "" {
		fs = careless{fs}
	}
	if kill := strings.Fields(os.Getenv(childKill)); len(kill) == 3 {
		n, _ := strconv.Atoi(kill[1])
		fs = &suicidal{FS: fs, op: kill[0], n: n, after: kill[2] == "after"}
	}
	q, err := queue.Open(dir, queue.Config{FS: fs, SegmentBytes: 100_000}, quiet())
	if err != nil {
		fmt.Fprintln(errOut, err)
		return 1
	}
	producers, _ := strconv.Atoi(os.Getenv(childProducers))
	round, stop := os.Getenv(childRound), 0
	stop, _ = strconv.Atoi(os.Getenv(childStop))
	var mu sync.Mutex
	say := func(line string) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = io.WriteString(out, line)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var consuming, producing sync.WaitGroup
	consuming.Go(func() { consume(ctx, q, say) })
	for p := range producers {
		producing.Go(func() {
			for i := 1; stop == 0 || i <= stop; i++ {
				payload := fmt.Sprintf("r%s-p%d %d %0*d", round, p, i, i%300, 0)
				n, err := q.Append(ctx, []byte(payload))
				for tries := 0; errors.Is(err, queue.ErrPoisoned) && tries < 50; tries++ { // the disk failed once: go on
					time.Sleep(20 * time.Millisecond)
					n, err = q.Append(ctx, []byte(payload))
				}
				if err != nil {
					fmt.Fprintln(errOut, err)
					return
				}
				say(fmt.Sprintf("%d %s\n", n, payload))
			}
		})
	}
	producing.Wait()
	cancel()
	consuming.Wait()
	if err := q.Close(); err != nil {
		return 1
	}
	return 0
}

// consume acknowledges and purges what lies well behind, saying so before and after.
func consume(ctx context.Context, q *queue.Queue, say func(string)) {
	c, err := q.Consumer("worker")
	if err != nil {
		return
	}
	defer func() { _ = c.Close() }()
	for ctx.Err() == nil {
		if s := q.Stats(); s.Records > 3000 {
			to := s.First + s.Records/3
			say(fmt.Sprintf("ack? %d\n", to))
			if c.Ack(to) == nil {
				say(fmt.Sprintf("ack! %d\n", to))
			}
			_ = q.Purge()
		}
		time.Sleep(5 * time.Millisecond)
	}
}
