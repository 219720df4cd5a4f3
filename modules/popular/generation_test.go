package popular

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// cut fails every call after the first left ones.
type cut struct{ left *int }

type cutBucket struct {
	lake.Bucket
	cut
}

type cutCollection struct {
	store.Collection
	cut
}

var errCut = errors.New("power is gone")

func (c cut) spend() error {
	if *c.left--; *c.left < 0 {
		return errCut
	}
	return nil
}

func (c cutBucket) PutNew(ctx context.Context, key string, body []byte) error {
	if err := c.spend(); err != nil {
		return err
	}
	return c.Bucket.PutNew(ctx, key, body)
}

func (c cutCollection) Upsert(ctx context.Context, docs ...any) error {
	if err := c.spend(); err != nil {
		return err
	}
	return c.Collection.Upsert(ctx, docs...)
}

func (c cutCollection) Insert(ctx context.Context, doc any) error {
	if err := c.spend(); err != nil {
		return err
	}
	return c.Collection.Insert(ctx, doc)
}

func (c cutCollection) Replace(ctx context.Context, doc any, version int64) error {
	if err := c.spend(); err != nil {
		return err
	}
	return c.Collection.Replace(ctx, doc, version)
}

func (c cutCollection) DeleteWhere(ctx context.Context, where ...store.Cond) (int64, error) {
	if err := c.spend(); err != nil {
		return 0, err
	}
	return c.Collection.DeleteWhere(ctx, where...)
}

// TestCutOffAnywhere: after every single step of two generations the power goes; readers see the old or the new one, and
// the next run comes to the same. In half of the rounds a late file comes before that next run.
func TestCutOffAnywhere(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	first, second, third := crowd(1, day, 300), crowd(2, day, 200), crowd(3, day, 100)
	for steps := 0; ; steps++ {
		w := newWorld(t)
		w.pop = w.open(t, Config{MaxDocument: 9000}) // several documents
		w.bring(t, "one", day, 1, first)
		_, err := w.pop.Run(ctx)
		must(t, err)
		old := ids(w.top(t, Query{}))
		w.bring(t, "two", day, 1, second)
		left := steps
		broken := w.open(t, Config{MaxDocument: 9000})
		broken.deps.Bucket, broken.col = cutBucket{w.bucket, cut{&left}}, cutCollection{broken.col, cut{&left}}
		_, err = broken.Run(ctx)
		switched := err == nil
		all := append(append([]ticket.Event(nil), first...), second...)
		if now := ids(w.top(t, Query{})); (now == old) == switched {
			t.Fatalf("cut after %d steps (%v): readers see %s", steps, err, now)
		}
		if steps%2 == 1 {
			w.bring(t, "three", day, 1, third)
			all = append(all, third...)
		}
		_, err = w.pop.Run(ctx)
		must(t, err)
		want, sample := recount(ballots(all, day), "", "", "", nil)
		if got := w.top(t, Query{}); ids(got) != ids(Answer{Rows: want}) || got.Sample != sample {
			t.Fatalf("cut after %d steps: then %s", steps, ids(got))
		}
		if left > 0 {
			if steps < 5 {
				t.Fatalf("only %d steps were cut", steps)
			}
			return
		}
	}
}

// TestReadersSeeOneGeneration: while generations follow each other, every answer belongs to one of them wholly.
func TestReadersSeeOneGeneration(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	w.pop = w.open(t, Config{MaxDocument: 500})
	wanted := map[string]bool{}
	var files [][]ticket.Event
	var all []ticket.Event
	for i := range 6 {
		files = append(files, crowd(uint64(i), day, 100))
		all = append(all, files[i]...)
		rows, sample := recount(ballots(all, day), "", "", "", nil)
		wanted[fmt.Sprint(sample, ids(Answer{Rows: rows}))] = true
	}
	w.bring(t, "q0", day, 1, files[0])
	_, err := w.pop.Run(ctx)
	must(t, err)
	reader := w.open(t, Config{})
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				a, err := reader.Top(ctx, Query{Day: day})
				if err != nil || !wanted[fmt.Sprint(a.Sample, ids(a))] {
					t.Errorf("an answer of no generation: %v, %d people, %s", err, a.Sample, ids(a))
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := 1; i < len(files); i++ {
		w.bring(t, fmt.Sprintf("q%d", i), day, 1, files[i])
		_, err := w.pop.Run(ctx)
		must(t, err)
	}
	close(done)
	wg.Wait()
}

// TestTwoReplicasCountAtOnce: both come out well, and one generation stands.
func TestTwoReplicasCountAtOnce(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	w.bring(t, "one", day, 1, crowd(1, day, 500))
	replicas := []*Popular{w.pop, w.open(t, Config{})}
	var wg sync.WaitGroup
	for _, p := range replicas {
		wg.Go(func() {
			if _, err := p.Run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	h, err := w.pop.head(ctx, day)
	if err != nil || h.Generation != 1 || h.Version != 1 {
		t.Errorf("%+v, %v", h, err)
	}
	w.check(t, crowd(1, day, 500), day)
}
