// Package search answers every list, filter and search from a snapshot in memory.
//
// Guarantees: a query sees one consistent snapshot; the snapshot follows the change feed within a second; a status is
// judged at the moment of the query, so a show ends at midnight in Seoul without anybody writing; pages do not skip or
// repeat what did not move. It never reads the store for a query.
package search

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"ticketmoa/modules/ticket"
)

// Source is where performances and their changes come from.
type Source interface {
	EachPerformance(ctx context.Context, fn func(*ticket.Performance) error) error
	Performance(ctx context.Context, id string) (*ticket.Performance, error)
	Changes(ctx context.Context, after int64, limit int) ([]ticket.Change, error)
	LastChange(ctx context.Context) (int64, error)
}

// Config are the settings.
type Config struct {
	Poll   time.Duration // how often the feed is looked at; 0 is 250 ms
	Encode Encode        // how a performance is written for programs; nil when nobody asks for that
	Views  Views         // how much performances are looked at; nil when nobody counts
	NameOf NameOf        // what artists and venues are called; nil to call them what shows do
	Secret []byte        // signs cursors; without one they end with the process
}

// Views counts of late how often each performance was looked at, by id. Who is not in it was not.
type Views func(ctx context.Context) (map[string]int64, error)

// Encode writes a performance as it stands at the instant now. What it gives is kept until the performance changes or its
// next instant (Performance.NextBoundary), so it must depend on nothing else.
type Encode func(p *ticket.Performance, now time.Time) []byte

// NameOf is what an artist or a venue is called, by its id; "" for one nobody knows.
type NameOf func(kind Kind, id string) string

// Index keeps the snapshot. Make one with New, call Load, then Run.
type Index struct {
	source  Source
	cfg     Config
	missing error
	log     *slog.Logger
	current atomic.Pointer[snapshot]
	scratch sync.Pool // *scratch
	macs    sync.Pool // hash.Hash: they sign cursors with the secret
	now     func() time.Time

	changing sync.Mutex       // one swap at a time
	apart    map[string]int64 // how often is looked at what is not in the snapshot, as long as it is known; what is in it knows
}

// New makes an index; missing is what source wraps when a performance is not there.
func New(source Source, missing error, cfg Config, now func() time.Time, log *slog.Logger) *Index {
	if cfg.Poll <= 0 {
		cfg.Poll = 250 * time.Millisecond
	}
	if len(cfg.Secret) == 0 {
		cfg.Secret = []byte(rand.Text())
	}
	x := &Index{source: source, cfg: cfg, missing: missing, now: now, log: log, apart: map[string]int64{}}
	x.scratch.New = func() any { return &scratch{} }
	x.current.Store(whole(nil, 0))
	return x
}

// Load reads everything once.
func (x *Index) Load(ctx context.Context) error {
	x.changing.Lock()
	defer x.changing.Unlock()
	views := x.count(ctx)
	seq, err := x.source.LastChange(ctx) // first: what changes while we read comes again through the feed
	if err != nil {
		return fmt.Errorf("load the search snapshot: %w", err)
	}
	var entries []entry
	var texts folding
	err = x.source.EachPerformance(ctx, func(p *ticket.Performance) error {
		if len(entries) == cap(entries) { // append would add a quarter at a time, and leave behind four times what is kept
			entries = slices.Grow(entries, max(len(entries), 1024))
		}
		entries = append(entries, texts.entry(p, views[p.ID]))
		return nil
	})
	if err != nil {
		return fmt.Errorf("load the search snapshot: %w", err)
	}
	x.swap(whole(entries, seq))
	x.keepApart(views)
	return nil
}

// keepApart keeps the counts of what is not in the snapshot: it may come.
func (x *Index) keepApart(views map[string]int64) {
	x.apart = map[string]int64{}
	cur := x.current.Load()
	for id, n := range views {
		if cur.doc(id) == nil {
			x.apart[id] = n
		}
	}
}

// count asks how much performances are looked at. Search goes on without an answer: then the newest come first.
func (x *Index) count(ctx context.Context) map[string]int64 {
	if x.cfg.Views == nil {
		return nil
	}
	views, err := x.cfg.Views(ctx)
	if err != nil {
		x.log.Warn("search does not know what is popular", "error", err)
	}
	return views
}

// recount is how often the order of popularity is looked over.
const recount = 10 * time.Minute

// Run follows the feed, the clock and what is popular until ctx ends.
func (x *Index) Run(ctx context.Context) error {
	tick := time.NewTicker(x.cfg.Poll)
	defer tick.Stop()
	again := time.NewTicker(recount)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
			x.Recount(ctx)
		case <-tick.C:
			if err := x.Catchup(ctx); err != nil && ctx.Err() == nil {
				x.log.Error("search cannot follow the feed", "error", err)
			}
			now := x.now() // so that no visitor waits when a show ends or opens
			x.current.Load().segments(func(s *segment, _ bitset) { s.at(now) })
		}
	}
}

// Recount asks anew what is popular and puts the documents in that order, if it changed.
func (x *Index) Recount(ctx context.Context) {
	x.changing.Lock()
	defer x.changing.Unlock()
	views := x.count(ctx)
	if views == nil {
		return
	}
	x.keepApart(views)
	cur := x.current.Load()
	if !cur.changed(views) {
		return
	}
	entries := cur.entries()
	for i := range entries {
		entries[i].views = views[entries[i].p.ID]
	}
	x.swap(whole(entries, cur.seq))
}

// Catchup applies what the feed holds beyond the snapshot.
func (x *Index) Catchup(ctx context.Context) error {
	x.changing.Lock()
	defer x.changing.Unlock()
	for {
		cur := x.current.Load()
		changes, err := x.source.Changes(ctx, cur.seq, 500)
		if err != nil || len(changes) == 0 {
			return err
		}
		fresh := map[string]entry{}
		var gone []string
		views := func(id string) int64 {
			if d := cur.doc(id); d != nil {
				return d.views
			}
			return x.apart[id]
		}
		for _, id := range touched(changes) {
			p, err := x.source.Performance(ctx, id)
			if err != nil && !errors.Is(err, x.missing) {
				return err
			}
			if err != nil || p.ID != id {
				gone = append(gone, id)
				if n := views(id); n > 0 {
					x.apart[id] = n
				}
			}
			if err == nil {
				fresh[p.ID] = newEntry(p, views(p.ID))
			}
		}
		x.swap(cur.with(fresh, gone, changes[len(changes)-1].Seq))
	}
}

// swap puts a snapshot in the place of the one before.
func (x *Index) swap(s *snapshot) {
	s.number = x.current.Load().number + 1
	s.base.at(x.now()) // made ready before anybody asks
	s.base.names(x.cfg.NameOf)
	x.current.Store(s)
}

func touched(changes []ticket.Change) []string {
	var ids []string
	for _, ch := range changes {
		if ch.Entity == "performance" && !slices.Contains(ids, ch.EntityID) {
			ids = append(ids, ch.EntityID)
		}
	}
	return ids
}

// Generation is a number that changes whenever an answer may have changed because the catalogue did. Time alone does not
// change it.
func (x *Index) Generation() uint64 { return x.current.Load().number }

// Body is a performance as Config.Encode writes it at the instant now; nil when it is not in the snapshot. The bytes are
// shared: they must not be changed.
func (x *Index) Body(id string, now time.Time) []byte {
	d := x.current.Load().doc(id)
	if d == nil || x.cfg.Encode == nil {
		return nil
	}
	return d.encoded(x.cfg.Encode, now)
}

// Size is the number of performances in the snapshot.
func (x *Index) Size() int { return x.current.Load().size() }

// Offer finds an offer by its id, with the performance it belongs to.
func (x *Index) Offer(id string) (performance string, offer ticket.Offer, ok bool) {
	d := x.current.Load().offer(id)
	if d == nil {
		return "", ticket.Offer{}, false
	}
	i := slices.IndexFunc(d.p.Offers, func(o ticket.Offer) bool { return o.ID == id })
	return d.p.ID, d.p.Offers[i], true
}

// Get finds performances by id in the snapshot; ids that are not there are left out.
func (x *Index) Get(ids ...string) []*ticket.Performance {
	s := x.current.Load()
	var out []*ticket.Performance
	for _, id := range ids {
		if d := s.doc(id); d != nil {
			out = append(out, d.p)
		}
	}
	return out
}
