package app

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"ticketmoa/modules/etl"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/admin"
)

// rereadPatience is how long somebody at a browser waits for pages to come on the queue before the rest goes on unseen.
const rereadPatience = 4 * time.Second

// reread is one replay asked for over HTTP.
type reread struct {
	filter etl.Filter
	done   chan struct{}

	mu  sync.Mutex
	is  admin.Replay
	err error
}

// askReread hands a replay to runRereads and tells how far it is when it has put every page on the queue, or after
// rereadPatience. It never waits for the ETL. One replay runs at a time; admin.ErrReplaying says that another does.
func (a *App) askReread(ctx context.Context, f etl.Filter) (admin.Replay, error) {
	r := &reread{filter: f, done: make(chan struct{})}
	select {
	case a.rereads <- r:
	default:
		return admin.Replay{}, admin.ErrReplaying
	}
	patience := time.NewTimer(rereadPatience)
	defer patience.Stop()
	select {
	case <-r.done:
	case <-patience.C:
	case <-ctx.Done():
		return admin.Replay{}, ctx.Err()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.is
	out.Faults = slices.Clone(out.Faults)
	return out, r.err
}

// runRereads carries out replays until ctx ends. One that is cut off leaves its rows where they are, to be asked for again.
func (a *App) runRereads(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case r := <-a.rereads:
			err := a.reread(ctx, r)
			r.mu.Lock()
			r.err = err
			run, pages, unreadable := r.is.Run, r.is.Pages, r.is.Unreadable
			r.mu.Unlock()
			close(r.done)
			switch {
			case err == nil:
				a.log.Info("withheld pages are read again", "run", run, "pages", pages, "unreadable", unreadable)
			case ctx.Err() == nil && !errors.Is(err, etl.ErrNotWithheld):
				a.log.Error("replay of withheld pages ended early", "run", run, "pages", pages, "error", err)
			}
		}
	}
}

func (a *App) reread(ctx context.Context, r *reread) error {
	keys, bare, err := a.etl.Quarantine().Keys(ctx, r.filter)
	if err != nil {
		return err
	}
	b := newBatch(a)
	tell := func(waiting int, fault string) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.is.Run, r.is.Pages, r.is.Waiting, r.is.Bare, r.is.Unreadable = b.run, b.sent, int64(waiting), bare, b.unreadable
		if fault != "" && len(r.is.Faults) < 20 {
			r.is.Faults = append(r.is.Faults, fault)
		}
	}
	tell(len(keys), "")
	for i, key := range keys {
		fault, err := b.addKept(ctx, key)
		if err != nil {
			return err
		}
		text := ""
		if fault != nil {
			text = key + ": " + fault.Error()
		}
		tell(len(keys)-i-1, text)
	}
	return nil
}

// showOf is the id of the performance that a source's code leads to; "" when there is none.
func (a *App) showOf(ctx context.Context, source, code string) string {
	l, err := a.catalog.Listing(ctx, ticket.Key(source, code))
	if err != nil {
		return "" // a link less
	}
	return l.PerformanceID
}
