package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/queue"
	"ticketmoa/modules/ticket"
)

// How much of the disk stays free at most, whatever its size: the crawler stops before events are refused.
const (
	eventsFree = 2 << 30
	pagesFree  = 2 * eventsFree
)

// openQueues opens both queues. Pages give way first when the disk fills.
func (a *App) openQueues() (err error) {
	common := queue.Config{MaxBytes: a.cfg.Queue.MaxBytes, MaxAge: a.cfg.Queue.MaxAge, Now: a.now}
	pages, events := common, common
	pages.Compress, pages.MinFree, pages.MaxFree = true, 2*a.cfg.Queue.MinFree, pagesFree
	events.MinFree, events.MaxFree = a.cfg.Queue.MinFree, eventsFree
	if a.pages, err = queue.Open(a.path("queue/pages"), pages, a.log); err != nil {
		return fmt.Errorf("open the queue of pages: %w", err)
	}
	if a.eventLog, err = queue.Open(a.path("queue/events"), events, a.log); err != nil {
		return fmt.Errorf("open the queue of events: %w", err)
	}
	return nil
}

// patient is the queue of pages for producers that have time: a crawl, a replay.
func (a *App) patient() queue.Patient { return queue.Patient{Queue: a.pages, Log: a.log} }

func (a *App) closeQueues() error {
	var errs []error
	for _, q := range []*queue.Queue{a.pages, a.eventLog} {
		if q != nil {
			errs = append(errs, q.Close())
		}
	}
	return errors.Join(errs...)
}

// deadPrefix is where messages lie that could not be worked off.
const deadPrefix = "dead/"

// errDeadFull holds work up until somebody looks at the dead letters.
var errDeadFull = errors.New("as many dead letters as queue.dead_letters allows; see `ticketmoa dead`, then replay or drop them")

// graveyard keeps dead letters in the bucket, each as one JSON object.
type graveyard struct {
	bucket lake.Bucket
	name   string // of the queue
	most   int64

	mu    sync.Mutex
	known int64 // letters in the bucket, counted once and kept up; -1 before
}

func newGraveyard(bucket lake.Bucket, name string, most int64) *graveyard {
	return &graveyard{bucket: bucket, name: name, most: most, known: -1}
}

// bury is queue.Bury. The same letter again is one letter.
func (g *graveyard) bury(ctx context.Context, d queue.DeadLetter) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.known < 0 || g.known >= g.most { // somebody may have replayed or dropped some meanwhile
		n, err := countObjects(ctx, g.bucket, deadPrefix+g.name+"/")
		if err != nil {
			return err
		}
		g.known = n
	}
	if g.known >= g.most {
		return errDeadFull
	}
	body, err := json.Marshal(d)
	if err != nil {
		return err
	}
	key := fmt.Sprintf("%s%s/date=%s/%s-%020d.json", deadPrefix, g.name, ticket.DateOf(d.Appended), d.Queue, d.Offset)
	if err := g.bucket.PutNew(ctx, key, body); err != nil && !errors.Is(err, lake.ErrExists) {
		return err
	}
	g.known++
	return nil
}

func countObjects(ctx context.Context, bucket lake.Bucket, prefix string) (n int64, err error) {
	err = bucket.List(ctx, prefix, func(lake.Object) error { n++; return nil })
	return n, err
}
