// Package catalog keeps what the sources say and what we make of it: listings, openings, facilities, the performances
// projected from them, the aliases of merged ones, and the ordered feed of changes.
//
// Guarantees: writing the same page twice is writing it once; an older page never overwrites a newer one of its kind;
// a performance is always what its listings and openings say now; every difference people can see has exactly one record
// in the feed, written only after the state it speaks of; every listing stands in exactly one performance, and an id that
// ever was one's leads to where its founding listing stands now. What belongs together is the matcher's to say, and people's.
package catalog

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// ErrNotFound means that there is no such performance, listing or opening.
var ErrNotFound = errors.New("not in the catalogue")

// Catalog is safe for concurrent use; versions keep two writers apart.
type Catalog struct {
	listings, openings, data, venues, aliases, decisions, history, changes, counters store.Collection
	people, houses                                                                   store.Collection // artists and venues
	debts                                                                            store.Collection // what owed keeps
	owed                                                                             owed
	places                                                                           places
	artists                                                                          artists
	halls                                                                            halls
	grouping                                                                         grouping
	deciding                                                                         sync.Mutex // one decision at a time, each later than the last
	projecting                                                                       sync.Mutex // one turn of projections at a time
	learnt                                                                           bool       // who performs and stands where: read before the first turn
	publishing                                                                       sync.Mutex // places in the feed become visible in their order
	log                                                                              *slog.Logger
}

// New opens the collections and learns the facilities in them.
func New(ctx context.Context, s store.Store, log *slog.Logger) (*Catalog, error) {
	c := &Catalog{log: log}
	for _, o := range []struct {
		into *store.Collection
		spec store.Spec
	}{
		{&c.listings, store.Spec{Name: "listings", Fields: []store.Field{
			{Path: "source", Index: true}, {Path: "performance_id", Index: true}, {Path: "run", Index: true}, {Path: "waiting", Index: true}, {Path: "gone_at"},
			{Path: "content.place.code", Index: true}, {Path: placeName, Index: true}}}},
		{&c.openings, store.Spec{Name: "openings", Fields: []store.Field{
			{Path: "source"}, {Path: "performance_id", Index: true}, {Path: "run", Index: true}, {Path: "waiting", Index: true},
			{Path: "content.opens_at", Index: true}, {Path: "content.seller"}, {Path: "content.genre"}, {Path: "content.place.region"}, {Path: "version"}}}},
		{&c.data, store.Spec{Name: "data", Fields: []store.Field{{Path: "version"}, {Path: "changed_at"}}}},
		{&c.venues, store.Spec{Name: "venues"}},
		{&c.people, store.Spec{Name: "artists"}},
		{&c.houses, store.Spec{Name: "halls"}},
		{&c.aliases, store.Spec{Name: "aliases"}},
		{&c.history, store.Spec{Name: "history"}},
		{&c.debts, store.Spec{Name: "owed"}},
		{&c.decisions, store.Spec{Name: "decisions", Fields: []store.Field{{Path: "at", Index: true}}}},
		{&c.changes, store.Spec{Name: "changes", Fields: []store.Field{
			{Path: "seq", Index: true}, {Path: "entity_id", Index: true}, {Path: "at"}}}},
		{&c.counters, store.Spec{Name: "counters"}},
	} {
		col, err := s.Collection(ctx, o.spec)
		if err != nil {
			return nil, fmt.Errorf("open collection %s: %w", o.spec.Name, err)
		}
		*o.into = col
	}
	if err := errors.Join(c.places.load(ctx, c.venues, c.listings), c.artists.load(ctx, c.people), c.halls.load(ctx, c.venues, c.houses), c.loadOwed(ctx)); err != nil {
		return nil, err
	}
	return c, nil
}

// hash is the fingerprint of a document or a part of one: equal for what is equal once stored, so a nil and an empty list
// count as the same, as does a field that is null or absent.
func hash(content any) string {
	b, err := json.Marshal(content)
	if err != nil {
		panic("catalog: content that cannot be marshalled: " + err.Error()) // only plain fields ever reach this
	}
	var plain any
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	if err := dec.Decode(&plain); err == nil {
		b, _ = json.Marshal(prune(plain)) // what came out of JSON goes back in
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// prune drops what a store does not keep: nulls and empty lists. The keys of a map are marshalled in order.
func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if v[k] = prune(e); v[k] == nil {
				delete(v, k)
			}
		}
	case []any:
		if len(v) == 0 {
			return nil
		}
		for i := range v {
			v[i] = prune(v[i])
		}
	}
	return v
}

// retry repeats a compare-and-set until no other writer came between.
func retry(try func() error) error {
	var err error
	for range 8 {
		if err = try(); !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrDuplicate) {
			return err
		}
	}
	return fmt.Errorf("other writers kept coming between: %w", err)
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Performance reads one, following aliases. The id answered differs from the one asked when it was merged.
func (c *Catalog) Performance(ctx context.Context, id string) (*ticket.Performance, error) {
	for range 4 { // a performance that is merged between the reads stands under its successor
		var p ticket.Performance
		err := c.data.Get(ctx, id, &p)
		if err == nil {
			return &p, nil
		}
		if !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		to, err := c.alias(ctx, id)
		if err != nil {
			return nil, err
		}
		if to == "" || to == id {
			break
		}
		id = to
	}
	return nil, fmt.Errorf("performance %s: %w", id, ErrNotFound)
}

// aliasDoc leads from the id of the performance a listing would found to the one it stands in.
type aliasDoc struct {
	ID      string `bson:"_id"`
	To      string `bson:"to"`
	Version int64  `bson:"version"` // of the performance that had this id, so that it goes on counting when it comes back
}

func (c *Catalog) alias(ctx context.Context, id string) (string, error) {
	var a aliasDoc
	err := c.aliases.Get(ctx, id, &a)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return a.To, err
}

// Resolve is the performance that stands for id now; id itself when it was never merged.
func (c *Catalog) Resolve(ctx context.Context, id string) (string, error) {
	p, err := c.Performance(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return id, nil
	}
	if err != nil {
		return "", err
	}
	return p.ID, nil
}

// EachPerformance calls fn with every performance, in the order of their ids.
func (c *Catalog) EachPerformance(ctx context.Context, fn func(*ticket.Performance) error) error {
	return c.data.Scan(ctx, func(decode func(any) error) error {
		p := new(ticket.Performance)
		if err := decode(p); err != nil {
			return err
		}
		return fn(p)
	})
}

// OpeningQuery asks for ticket openings; zero fields do not narrow.
type OpeningQuery struct {
	From, To time.Time
	Seller   ticket.Seller
	Genre    ticket.Genre
	Regions  []ticket.Region
	Limit    int
}

// Openings lists openings with a known time, in time order.
func (c *Catalog) Openings(ctx context.Context, q OpeningQuery) ([]ticket.Opening, error) {
	where := []store.Cond{{Field: "content.opens_at", Op: store.Present}}
	if !q.From.IsZero() {
		where = append(where, store.Cond{Field: "content.opens_at", Op: store.Gte, Value: q.From})
	}
	if !q.To.IsZero() {
		where = append(where, store.Cond{Field: "content.opens_at", Op: store.Lt, Value: q.To})
	}
	if q.Seller != "" {
		where = append(where, store.Cond{Field: "content.seller", Op: store.Eq, Value: string(q.Seller)})
	}
	if q.Genre != "" {
		where = append(where, store.Cond{Field: "content.genre", Op: store.Eq, Value: string(q.Genre)})
	}
	if len(q.Regions) > 0 {
		var names []string
		for _, r := range q.Regions {
			names = append(names, string(r))
		}
		where = append(where, store.Cond{Field: "content.place.region", Op: store.In, Value: names})
	}
	var out []ticket.Opening
	err := c.openings.Find(ctx, store.Query{Where: where, OrderBy: "content.opens_at", Limit: q.Limit}, &out)
	return out, err
}

// Counts says how much the catalogue holds, by collection.
func (c *Catalog) Counts(ctx context.Context) (map[string]int64, error) {
	out := map[string]int64{}
	for name, col := range map[string]store.Collection{"performances": c.data, "listings": c.listings, "openings": c.openings, "venues": c.venues, "artists": c.people, "halls": c.houses, "changes": c.changes} {
		n, err := col.Count(ctx)
		if err != nil {
			return nil, fmt.Errorf("count %s: %w", name, err)
		}
		out[name] = n
	}
	return out, nil
}
