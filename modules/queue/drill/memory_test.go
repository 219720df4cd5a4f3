package drill

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"

	"ticketmoa/modules/queue"
	"ticketmoa/modules/queue/disk/disktest"
)

// full is the drill that takes hours; the rest is what every run of the tests does.
func full() bool { return os.Getenv("DRILL") != "" }

// scale is n in the drill, else few.
func scale(n, few int) int {
	if full() {
		return n
	}
	return few
}

const dir = "/data/queue"

// TestPowerCutInMemory cuts the power at a random call of the file system, in the middle of appends, acks, purges, rolls
// and restarts, and once more while the queue recovers (Q4, Q25). The control is the same with syncs that do nothing.
func TestPowerCutInMemory(t *testing.T) {
	t.Parallel()
	seeds := scale(10_000, 1000)
	for _, percent := range []int{0, 20, 50, 80, 100} {
		t.Run(fmt.Sprint(percent, "% unsynced survives"), func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(seeds / 5) {
				if err := cutOnce(seed, percent, ""); err != nil {
					t.Fatalf("seed %d, %d %%: %v", seed, percent, err)
				}
			}
		})
	}
	for _, careless := range []string{"files", "names"} {
		t.Run("control: no sync of "+careless, func(t *testing.T) {
			t.Parallel()
			lost := 0
			for seed := range uint64(40) {
				if cutOnce(seed, 20, careless) != nil {
					lost++
				}
			}
			if lost == 0 {
				t.Error("nothing was lost: the test cannot see what it is for")
			}
			t.Logf("%d of 40 cuts were noticed", lost)
		})
	}
}

func cutOnce(seed uint64, percent int, careless string) error {
	rng := rand.New(rand.NewPCG(seed, uint64(percent)))
	mem := newMemory()
	mem.careless = careless
	if err := mem.MkdirAll("/data"); err != nil {
		return err
	}
	if f, err := mem.fs.OpenDir("/"); err == nil { // the place for the queue is there before the queue is
		_ = f.Sync()
		_ = f.Close()
	}
	book := newLedger()
	var cut *memory
	var then *ledger
	at, calls := 1+rng.IntN(400), 0
	var mu sync.Mutex
	fs := &disktest.Faulty{FS: mem, Before: func(disktest.Call) error {
		mu.Lock()
		defer mu.Unlock()
		if calls++; calls == at {
			then = book.copy() // first what was promised, then what is there
			cut = mem.crash(percent, seed)
		}
		return nil
	}}
	if err := live(rng, fs, book); err != nil {
		return fmt.Errorf("before the cut: %w", err)
	}
	mu.Lock()
	defer mu.Unlock()
	if cut == nil {
		then, cut = book.copy(), mem.crash(percent, seed)
	}
	// The power goes again while the queue recovers.
	second := cut
	stop, n := 1+rng.IntN(40), 0
	if q, err := queue.Open(dir, queue.Config{FS: &disktest.Faulty{FS: cut, Before: func(disktest.Call) error {
		if n++; n == stop {
			second = cut.crash(percent, seed+1)
		}
		if n >= stop {
			return errors.New("no power")
		}
		return nil
	}}}, quiet()); err == nil { // it was done before the power went
		if err := q.Close(); err != nil {
			return err
		}
	}
	return then.check(func() (*queue.Queue, error) {
		return queue.Open(dir, queue.Config{FS: second, SegmentBytes: 2000}, quiet())
	})
}

// live uses a queue for a while: three producers, a consumer, purges and restarts.
func live(rng *rand.Rand, fs *disktest.Faulty, book *ledger) error {
	numbers := map[string]int{}
	for range 3 {
		q, err := queue.Open(dir, queue.Config{FS: fs, SegmentBytes: 600 + rng.Int64N(3000)}, quiet())
		if err != nil {
			return err
		}
		c, err := q.Consumer("worker")
		if err != nil {
			return err
		}
		for range 15 {
			if err := step(rng, q, c, book, numbers); err != nil {
				return err
			}
		}
		if err := errors.Join(c.Close(), q.Close()); err != nil {
			return err
		}
	}
	return nil
}

func step(rng *rand.Rand, q *queue.Queue, c *queue.Consumer, book *ledger, numbers map[string]int) error {
	ctx := context.Background()
	switch rng.IntN(10) {
	case 0:
		s := q.Stats()
		if s.Records == 0 {
			return nil
		}
		to := s.First + rng.Uint64N(s.Next-s.First)
		book.mu.Lock()
		book.doneMaybe = max(book.doneMaybe, to)
		book.mu.Unlock()
		if err := c.Ack(to); err != nil {
			return err
		}
		book.mu.Lock()
		book.done = max(book.done, to)
		book.mu.Unlock()
	case 1:
		return q.Purge()
	case 3:
		return sendNumber(ctx, q, book)
	case 2:
		return c.SetNote(make([]byte, rng.IntN(100)))
	default:
		var wg sync.WaitGroup
		errs := make([]error, 3)
		for p := range errs {
			name := fmt.Sprint("p", p)
			numbers[name]++
			payload := fmt.Sprintf("%s %d %0*d", name, numbers[name], rng.IntN(5000), 0)
			book.attempt(payload)
			wg.Go(func() {
				n, err := q.Append(ctx, []byte(payload))
				if err == nil {
					err = book.ack(n, payload)
				}
				errs[p] = err
			})
		}
		wg.Wait()
		return errors.Join(errs...)
	}
	return nil
}

// sendNumber sends the next number of the producer that sends numbers, twice, with a purge beside it.
func sendNumber(ctx context.Context, q *queue.Queue, book *ledger) error {
	p, err := q.Producer("numbered")
	if err != nil {
		return err
	}
	book.mu.Lock()
	book.sent++
	seq := book.sent
	book.mu.Unlock()
	book.attempt(numbered(seq))
	var wg sync.WaitGroup
	wg.Go(func() { err = q.Purge() })
	for range 2 {
		n, aerr := p.Append(ctx, seq, []byte(numbered(seq)))
		if aerr == nil {
			aerr = book.ack(n, numbered(seq))
		}
		if aerr != nil {
			wg.Wait()
			return aerr
		}
	}
	book.mu.Lock()
	book.stored = seq
	book.mu.Unlock()
	wg.Wait()
	return err
}
