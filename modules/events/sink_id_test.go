package events

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/queue"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// TestSinkPlanOutlivesTheQueuesID stops the sink between storing a batch and committing it, and takes the queue's id away
// before the next run: the batch is finished under the id it was begun with, each event once.
func TestSinkPlanOutlivesTheQueuesID(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	bucket, err := lake.NewFolder(filepath.Join(dir, "lake"))
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(ctx, "", filepath.Join(dir, "db"), testLog())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	now := time.Now().UTC()
	sealOnce := func(stopAt string) {
		q, err := queue.Open(filepath.Join(dir, "q"), queue.Config{}, testLog())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = q.Close() }()
		c, err := q.Consumer("lake")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		for i := 0; stopAt != "" && i < 100; i++ {
			b, err := json.Marshal(ticket.Event{ID: fmt.Sprint("event-", i), Kind: ticket.EventView, ReceivedAt: now, Person: "a:1", PerformanceID: "p1"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := q.Append(ctx, b); err != nil {
				t.Fatal(err)
			}
		}
		s, err := NewSink(ctx, SinkDeps{Queue: q, Source: c, Bucket: bucket, Store: st, Now: time.Now,
			Barrier: func(context.Context) (time.Time, uint64, error) { return time.Now(), q.Stats().Next, nil }}, SinkConfig{Tick: time.Millisecond}, testLog())
		if err != nil {
			t.Fatal(err)
		}
		s.reached = func(point string) {
			if point == stopAt {
				runtime.Goexit() // as a kill would: nothing behind it runs
			}
		}
		work, stop := context.WithCancel(ctx)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = s.Run(work)
		}()
		_ = s.Seal(ctx)
		stop()
		<-ended
	}
	sealOnce("entered")
	if err := os.Remove(filepath.Join(dir, "q", "ID")); err != nil {
		t.Fatal(err)
	}
	sealOnce("")
	rows := map[string]int{}
	manifests, err := lake.Manifests(ctx, bucket, ticket.DateOf(now))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range manifests {
		for _, f := range m.Files {
			body, err := lake.GetFile(ctx, bucket, f)
			if err != nil {
				t.Fatal(err)
			}
			events, err := lake.DecodeEvents(body)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range events {
				rows[e.ID]++
			}
		}
	}
	if len(rows) != 100 {
		t.Errorf("%d events in the lake, want 100", len(rows))
	}
	for id, n := range rows {
		if n != 1 {
			t.Fatalf("%s has %d rows", id, n)
		}
	}
}
