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
	"ticketmoa/web/admin"
)

// How much of the disk stays free at most, whatever its size: the crawler stops before events are refused.
const (
	eventsFree = 2 << 30
	pagesFree  = 2 * eventsFree
)

// openQueues opens the queues. Pages give way first when the disk fills.
func (a *App) openQueues() (err error) {
	common := queue.Config{MaxBytes: a.cfg.Queue.MaxBytes, MaxAge: a.cfg.Queue.MaxAge, Now: a.now}
	pages, events := common, common
	pages.Compress, pages.MinFree, pages.MaxFree = true, 2*a.cfg.Queue.MinFree, pagesFree
	events.MinFree, events.MaxFree = a.cfg.Queue.MinFree, eventsFree
	if a.pages, err = queue.Open(a.path("queue/pages"), pages, a.log); err != nil {
		return fmt.Errorf("open the queue of pages: %w", err)
	}
	if a.pictureLog, err = queue.Open(a.path("queue/pictures"), pages, a.log); err != nil {
		return fmt.Errorf("open the queue of pictures: %w", err)
	}
	if a.eventLog, err = queue.Open(a.path("queue/events"), events, a.log); err != nil {
		return fmt.Errorf("open the queue of events: %w", err)
	}
	return nil
}

// patient is the queue of pages for producers that have time: a crawl, a replay.
func (a *App) patient() queue.Patient { return queue.Patient{Queue: a.pages} }

func (a *App) closeQueues() error {
	var errs []error
	for _, q := range []*queue.Queue{a.pages, a.pictureLog, a.eventLog} {
		if q != nil {
			errs = append(errs, q.Close())
		}
	}
	return errors.Join(errs...)
}

// queueStates is how the queues stand.
func (a *App) queueStates() []admin.QueueState {
	state := func(name string, q *queue.Queue, waiting uint64) admin.QueueState {
		s := q.Stats()
		out := admin.QueueState{Name: name, Waiting: waiting, Records: s.Records, Bytes: s.Bytes, Segments: s.Segments,
			Quarantined: s.Quarantined, Missing: s.Missing, Failures: s.Failures, Refused: s.Refused}
		if err := q.Room(); err != nil {
			out.Error = err.Error()
		}
		return out
	}
	return []admin.QueueState{state("pages", a.pages, a.backlog()), state("pictures", a.pictureLog, a.pictures.Stats().Backlog), state("events", a.eventLog, a.sink.Stats().Waiting)}
}

func (a *App) eventsState() admin.EventsState {
	recorded, sunk := a.recorder.Stats(), a.sink.Stats()
	out := admin.EventsState{Recorded: recorded.Recorded, Dropped: map[string]uint64{}, Rows: sunk.Rows, Failing: sunk.Failing}
	for why, n := range recorded.Dropped {
		out.Dropped[string(why)] = n
	}
	if !sunk.Through.IsZero() {
		out.Through = &sunk.Through
	}
	return out
}

// degraded says what of the queues needs somebody to look.
func (a *App) degraded() []string {
	var out []string
	for _, s := range a.queueStates() {
		if s.Error != "" {
			out = append(out, fmt.Sprintf("queue %s takes nothing: %s", s.Name, s.Error))
		}
		if s.Quarantined > 0 || s.Missing > 0 {
			out = append(out, fmt.Sprintf("queue %s: %d damaged files set aside, %d records missing", s.Name, s.Quarantined, s.Missing))
		}
	}
	if a.sink.Stats().Failing {
		out = append(out, "the lake refuses events; they wait in their queue")
	}
	return out
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
