// Package search answers every list, filter and search from a snapshot in memory.
//
// Guarantees: a query sees one consistent snapshot; the snapshot follows the change feed within a second; a status is
// judged at the moment of the query, so a show ends at midnight in Seoul without anybody writing; pages do not skip or
// repeat what did not move. It never reads the store for a query.
package search

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ticketmoa/modules/hangul"
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
}

// Encode writes a performance as it stands at the instant now. What it gives is kept until the performance changes or its
// next instant (Performance.NextBoundary), so it must depend on nothing else.
type Encode func(p *ticket.Performance, now time.Time) []byte

// Index keeps the snapshot. Make one with New, call Load, then Run.
type Index struct {
	source  Source
	cfg     Config
	missing error
	log     *slog.Logger
	current atomic.Pointer[snapshot]
}

// doc is one performance with what queries compare.
type doc struct {
	p       *ticket.Performance
	text    string // folded title, venue, cast: what words are looked up in
	title   string // folded title
	choseon string // initial consonants of the title

	body atomic.Pointer[body] // once somebody asked for it
}

// body is a performance as Encode wrote it, right from an instant until another.
type body struct {
	from, until time.Time // until is zero when it stays right
	bytes       []byte
}

// encoded gives the document as fn writes it. It is written once for each stretch of time in which it stays the same.
func (d *doc) encoded(fn Encode, now time.Time) []byte {
	if b := d.body.Load(); b != nil && !now.Before(b.from) && (b.until.IsZero() || now.Before(b.until)) {
		return b.bytes
	}
	b := &body{from: now, until: d.p.NextBoundary(now), bytes: fn(d.p, now)}
	d.body.Store(b)
	return b.bytes
}

// snapshot is immutable.
type snapshot struct {
	docs   map[string]*doc
	sorted []*doc // by id
	offers map[string]offerRef
	seq    int64
	number uint64 // grows with every swap

	once  sync.Once
	found *entities // once entities was asked
}

type offerRef struct {
	Performance string
	Offer       ticket.Offer
}

// New makes an index; missing is what source wraps when a performance is not there.
func New(source Source, missing error, cfg Config, log *slog.Logger) *Index {
	if cfg.Poll <= 0 {
		cfg.Poll = 250 * time.Millisecond
	}
	x := &Index{source: source, cfg: cfg, missing: missing, log: log}
	x.current.Store(newSnapshot(map[string]*doc{}, 0))
	return x
}

// Load reads everything once.
func (x *Index) Load(ctx context.Context) error {
	seq, err := x.source.LastChange(ctx) // first: what changes while we read comes again through the feed
	if err != nil {
		return fmt.Errorf("load the search snapshot: %w", err)
	}
	docs := map[string]*doc{}
	err = x.source.EachPerformance(ctx, func(p *ticket.Performance) error {
		docs[p.ID] = newDoc(p)
		return nil
	})
	if err != nil {
		return fmt.Errorf("load the search snapshot: %w", err)
	}
	x.swap(newSnapshot(docs, seq))
	return nil
}

// Run follows the feed until ctx ends.
func (x *Index) Run(ctx context.Context) error {
	tick := time.NewTicker(x.cfg.Poll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := x.Catchup(ctx); err != nil && ctx.Err() == nil {
				x.log.Error("search cannot follow the feed", "error", err)
			}
		}
	}
}

// Catchup applies what the feed holds beyond the snapshot.
func (x *Index) Catchup(ctx context.Context) error {
	for {
		cur := x.current.Load()
		changes, err := x.source.Changes(ctx, cur.seq, 500)
		if err != nil || len(changes) == 0 {
			return err
		}
		docs := maps.Clone(cur.docs)
		for _, id := range touched(changes) {
			p, err := x.source.Performance(ctx, id)
			switch {
			case errors.Is(err, x.missing):
				delete(docs, id)
			case err != nil:
				return err
			default:
				if p.ID != id {
					delete(docs, id)
				}
				docs[p.ID] = newDoc(p)
			}
		}
		x.swap(newSnapshot(docs, changes[len(changes)-1].Seq))
	}
}

// swap puts a snapshot in the place of the one before.
func (x *Index) swap(s *snapshot) {
	s.number = x.current.Load().number + 1
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

func newSnapshot(docs map[string]*doc, seq int64) *snapshot {
	s := &snapshot{docs: docs, seq: seq, offers: map[string]offerRef{}, sorted: make([]*doc, 0, len(docs))}
	for _, d := range docs {
		s.sorted = append(s.sorted, d)
		for _, o := range d.p.Offers {
			s.offers[o.ID] = offerRef{Performance: d.p.ID, Offer: o}
		}
	}
	slices.SortFunc(s.sorted, func(a, b *doc) int { return strings.Compare(a.p.ID, b.p.ID) })
	return s
}

func newDoc(p *ticket.Performance) *doc {
	var cast strings.Builder
	for _, m := range p.Cast {
		cast.WriteString(m.Name + "\x00" + m.Role + "\x00")
	}
	title := Fold(p.Title)
	return &doc{p: p, title: title, choseon: hangul.Choseong(title),
		text: title + "\x00" + Fold(p.Place.Name) + "\x00" + Fold(cast.String()) + "\x00" + Fold(string(p.Place.Region))}
}

// Generation is a number that changes whenever an answer may have changed because the catalogue did. Time alone does not
// change it.
func (x *Index) Generation() uint64 { return x.current.Load().number }

// Body is a performance as Config.Encode writes it at the instant now; nil when it is not in the snapshot. The bytes are
// shared: they must not be changed.
func (x *Index) Body(id string, now time.Time) []byte {
	d := x.current.Load().docs[id]
	if d == nil || x.cfg.Encode == nil {
		return nil
	}
	return d.encoded(x.cfg.Encode, now)
}

// Size is the number of performances in the snapshot.
func (x *Index) Size() int { return len(x.current.Load().sorted) }

// Offer finds an offer by its id, with the performance it belongs to.
func (x *Index) Offer(id string) (performance string, offer ticket.Offer, ok bool) {
	ref, ok := x.current.Load().offers[id]
	return ref.Performance, ref.Offer, ok
}

// Get finds performances by id in the snapshot; ids that are not there are left out.
func (x *Index) Get(ids ...string) []*ticket.Performance {
	s := x.current.Load()
	var out []*ticket.Performance
	for _, id := range ids {
		if d := s.docs[id]; d != nil {
			out = append(out, d.p)
		}
	}
	return out
}
