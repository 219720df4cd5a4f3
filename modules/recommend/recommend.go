// Package recommend finds similar shows by TF-IDF and cosine, for a show and for a person.
//
// Guarantees: neighbours are in the same region and start within 90 days of the show's start, at most one of a production
// and never the show's own; nothing that has ended is recommended, neither when neighbours are computed nor when they are
// read; lists are the exact ones of the weights at hand; the same catalogue gives the same answer and every show has its
// own entry. A run writes what changed as a new generation and then switches to it, so a reader sees one generation and
// never a mixture, and a run that was cut off anywhere can be run again. What a person looked at is used for one answer and
// not kept.
//
// It never decides what a show is: who is one production, one artist, one region is read from the catalogue.
package recommend

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"ticketmoa/modules/schedule"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

const (
	shown  = 3  // neighbours a page shows
	most   = 20 // neighbours kept of a show, so that there are others when some have ended
	window = 90 // days after a show's first day within which a similar one starts

	// stale is the share of shows that may change before all of them are weighed anew.
	stale = 0.05
)

// Source is where performances and what changes of them come from.
type Source interface {
	EachPerformance(ctx context.Context, fn func(*ticket.Performance) error) error
	Performance(ctx context.Context, id string) (*ticket.Performance, error)
	Changes(ctx context.Context, after int64, limit int) ([]ticket.Change, error)
	LastChange(ctx context.Context) (int64, error)
}

// Deps are what the recommender works with.
type Deps struct {
	Source  Source
	Missing error // what Source wraps when a performance is not there
	Board   Board // nil when nobody counts what is popular
	Store   store.Store
	Now     func() time.Time
}

// Recommender computes, keeps and reads neighbours, and recommends to people.
type Recommender struct {
	Deps
	rows    *rows
	log     *slog.Logger
	running sync.Mutex // one run at a time
	reading sync.Mutex // one person's question reads the catalogue, the others wait for it
	current atomic.Pointer[world]
	handed  *handed
}

// New opens the collections.
func New(ctx context.Context, d Deps, log *slog.Logger) (*Recommender, error) {
	rows, err := openRows(ctx, d.Store)
	if err != nil {
		return nil, err
	}
	return &Recommender{Deps: d, rows: rows, log: log, handed: newHanded()}, nil
}

// Neighbour is a show like another.
type Neighbour struct {
	ID      string      `bson:"id"`
	Score   float64     `bson:"score"` // cosine, 0 to 1, rounded to four places
	Reasons []string    `bson:"reasons,omitempty"`
	Until   ticket.Date `bson:"until,omitempty"` // its last day: it is shown until then
}

// Run brings the neighbours up to date: the first run of a day in Seoul, and any run after which too much would have changed
// since all shows were weighed, computes everything; any other only what changed in the catalogue since the last.
func (r *Recommender) Run(ctx context.Context) (schedule.Report, error) {
	r.running.Lock()
	defer r.running.Unlock()
	today := ticket.DateOf(r.Now())
	generation, err := r.rows.generation(ctx)
	if err != nil {
		return schedule.Report{}, err
	}
	if err := r.rows.clear(ctx, generation); err != nil {
		return schedule.Report{}, err
	}
	if old := r.current.Load(); old != nil && old.lists != nil && old.today == today && old.generation == generation {
		rep, err := r.patch(ctx, old)
		if !errors.Is(err, errStale) {
			return rep, err
		}
	}
	return r.whole(ctx, today, generation+1)
}

// whole computes everything and switches to it.
func (r *Recommender) whole(ctx context.Context, today ticket.Date, next int64) (schedule.Report, error) {
	w, err := r.read(ctx, today)
	if err != nil {
		return schedule.Report{}, err
	}
	w.compute()
	w.generation = next
	docs := make([]int, len(w.shows))
	for i := range docs {
		docs[i] = i
	}
	pairs, err := r.publish(ctx, w, docs)
	if err != nil {
		return schedule.Report{}, err
	}
	if err := r.rows.forgetBefore(ctx, next); err != nil {
		r.log.Warn("an old generation stays behind until the next whole run", "error", err)
	}
	return schedule.Report{Counts: map[string]int64{"performances": int64(len(docs)), "pairs": pairs, "generation": next, "whole": 1}}, nil
}

// patch computes what changed and switches to it. errStale when all shows should be weighed anew.
func (r *Recommender) patch(ctx context.Context, old *world) (schedule.Report, error) {
	news, seq, err := r.news(ctx, old)
	if err != nil {
		return schedule.Report{}, err
	}
	counts := map[string]int64{"performances": int64(old.alive()), "changed": int64(len(news)), "generation": old.generation, "whole": 0}
	w := *old
	w.seq = seq
	if len(news) == 0 {
		r.current.Store(&w)
		return schedule.Report{Counts: counts}, nil
	}
	if w.changes += len(news); float64(w.changes) > stale*float64(max(w.scheme.Shows(), 20)) {
		return schedule.Report{}, errStale
	}
	changed := w.apply(news)
	w.generation = old.generation + 1
	pairs, err := r.publish(ctx, &w, changed)
	if err != nil {
		return schedule.Report{}, err
	}
	counts["pairs"], counts["lists"], counts["generation"], counts["performances"] = pairs, int64(len(changed)), w.generation, int64(w.alive())
	return schedule.Report{Counts: counts}, nil
}

// errStale says that too much changed for a patch.
var errStale = errors.New("the weights are too old")

// publish writes the lists of some documents as the world's generation and switches readers to it.
func (r *Recommender) publish(ctx context.Context, w *world, docs []int) (pairs int64, err error) {
	var all []row
	for _, d := range docs {
		s := &w.shows[d]
		var near []Neighbour
		if live, ok := w.byID[s.id]; ok && live != d {
			continue // an older state of a show whose newer one is written
		} else if ok {
			near = w.neighbours(d)
		}
		pairs += int64(len(near))
		all = append(all, newRow(w.generation, s.id, near))
	}
	if err := r.rows.write(ctx, all); err != nil {
		return 0, fmt.Errorf("write generation %d: %w", w.generation, err)
	}
	if err := r.rows.switchTo(ctx, w.generation); err != nil {
		return 0, err
	}
	r.current.Store(w)
	return pairs, nil
}

// Similar lists up to limit neighbours of a performance that have not ended, best first; none when it has none or is not
// known yet.
func (r *Recommender) Similar(ctx context.Context, performanceID string, limit int) ([]Neighbour, error) {
	all, err := r.rows.read(ctx, performanceID)
	if err != nil {
		return nil, err
	}
	today := ticket.DateOf(r.Now())
	var out []Neighbour
	for _, n := range all {
		if len(out) < limit && (n.Until == "" || n.Until >= today) {
			out = append(out, n)
		}
	}
	return out, nil
}
