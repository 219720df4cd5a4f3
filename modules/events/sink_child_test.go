package events

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/queue"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

const childEnv = "EVENTS_SINK_CHILD"

// child is what a process of the kill test is told to do.
type child struct {
	Dir     string
	Lake    string // of an S3 server; "" for a folder
	Day     int    // the clock's, so that a test passes midnights
	First   int    // number of the first event
	Events  int
	Again   int    // events of earlier rounds sent again
	Point   string // where it kills itself
	Nth     int    // the how manyth time it comes there
	Commits string // "early" for the control that commits before it stores
	Size    int    // most events of one append
	Drain   bool   // ends when everything is in the lake
}

// points are where a batch can be cut off.
var points = []string{"planned", "encoded", "half", "put", "uploaded", "manifest", "entered", "committed", "purged", "timer"}

// TestSinkChild is no test: it is the process that the kill test kills.
func TestSinkChild(t *testing.T) {
	told := os.Getenv(childEnv)
	if told == "" {
		t.Skip("is run by TestSinkKilled")
	}
	var c child
	if err := json.Unmarshal([]byte(told), &c); err != nil {
		t.Fatal(err)
	}
	if err := c.run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (c child) die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// at kills the process at the wanted point.
func (c child) at() func(point string) {
	var mu sync.Mutex
	n := 0
	return func(point string) {
		mu.Lock()
		defer mu.Unlock()
		if point == c.Point {
			if n++; n == c.Nth {
				c.die()
			}
		}
	}
}

func (c child) run(ctx context.Context) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	day := noon.AddDate(0, 0, c.Day).Add(11*time.Hour + 59*time.Minute) // a minute before midnight in Seoul
	started := time.Now()
	now := func() time.Time { return day.Add(time.Since(started) * 100) }
	q, err := queue.Open(filepath.Join(c.Dir, "queue"), queue.Config{SegmentBytes: 256 << 10, Now: now}, log)
	if err != nil {
		return err
	}
	bucket, err := lake.Open(ctx, c.Lake, filepath.Join(c.Dir, "lake"), log)
	if err != nil {
		return err
	}
	at := c.at()
	bucket = halfway{bucket, c.Dir, at}
	db, err := store.Open(ctx, "", filepath.Join(c.Dir, "store.db"), log)
	if err != nil {
		return err
	}
	consumer, err := q.Consumer("lake")
	if err != nil {
		return err
	}
	source := SinkSource(consumer)
	if c.Commits == "early" {
		source = early{consumer}
	}
	barrier := func(context.Context) (time.Time, uint64, error) { return now(), q.Stats().Next, nil }
	s, err := NewSink(ctx, SinkDeps{Queue: q, Source: source, Bucket: bucket, Store: db, Barrier: barrier, Now: now},
		SinkConfig{BatchRows: 150, BatchAge: 20 * time.Second, Tick: time.Millisecond}, log)
	if err != nil {
		return err
	}
	s.reached = at
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	if c.Point == "timer" {
		time.AfterFunc(time.Duration(c.Nth)*time.Millisecond, c.die)
	}
	if err := c.produce(ctx, q, now); err != nil {
		return err
	}
	if err := s.Seal(ctx); err != nil {
		return err
	}
	if !c.Drain {
		c.die()
	}
	cancel()
	return <-ended
}

// produce appends and tells the parent what was acknowledged.
func (c child) produce(ctx context.Context, q *queue.Queue, now func() time.Time) error {
	rng := rand.New(rand.NewPCG(uint64(c.First), 1))
	for i := 0; i < c.Events; {
		var batch [][]byte
		n := min(1+rng.IntN(max(c.Size, 40)), c.Events-i)
		for k := range n {
			batch = append(batch, killEvent(c.First+i+k, now()))
		}
		for range min(c.Again, c.First, 5) {
			batch = append(batch, killEvent(c.First-1-rng.IntN(min(c.First, 500)), now()))
		}
		if _, err := q.AppendAll(ctx, batch); err != nil {
			return err
		}
		fmt.Printf("acked %d %d\n", c.First+i, n)
		i += n
	}
	return nil
}

func killEvent(i int, at time.Time) []byte {
	b, err := json.Marshal(event(fmt.Sprintf("event-%07d", i), at))
	if err != nil {
		panic(err)
	}
	return b
}

// fullEvent is a view as the pages send it.
func fullEvent(i int, at time.Time) []byte {
	e := event(fmt.Sprintf("event-%07d", i), at)
	e.Account, e.AgeBand, e.Gender, e.Browser, e.Device, e.Page = true, "20s", ticket.Female, "samsung", "phone", "detail"
	e.Person, e.PerformanceID = fmt.Sprintf("a:%043d", i%9973), fmt.Sprintf("p%025d", i%500)
	b, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	return b
}

// early is the control: it gives the records up when the batch is planned.
type early struct{ *queue.Consumer }

func (e early) SetNote(note []byte) error {
	p, err := readPlan(note)
	if err != nil {
		return err
	}
	return e.Consumer.Commit(p.Last)
}

func (e early) Commit(uint64) error { return nil }

// halfway leaves half an object behind when the process is to die in the middle of one.
type halfway struct {
	lake.Bucket
	dir string
	at  func(string)
}

func (h halfway) PutNew(ctx context.Context, key string, body []byte) error {
	_ = os.WriteFile(filepath.Join(h.dir, "lake", ".tmp", "put-half"), body[:len(body)/2], 0o600)
	h.at("half")
	return h.Bucket.PutNew(ctx, key, body)
}
