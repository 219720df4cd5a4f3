package catalog

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"ticketmoa/modules/match"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// owed are performances whose listings or openings were moved and that were not projected since. It is kept in the store
// before the first of them moves: whoever was to project them may fail or end in between, and the page or decision that led
// to the moves finds nothing to move when it comes again.
type owed struct {
	mu  sync.Mutex
	at  uint64            // counts the times at which something came to be owed
	ids map[string]uint64 // when each was owed last
}

// owedDoc is a row of the collection owed.
type owedDoc struct {
	ID string `bson:"_id"` // of a performance
}

func (c *Catalog) loadOwed(ctx context.Context) error {
	c.owed.ids = map[string]uint64{}
	err := c.debts.Scan(ctx, func(decode func(any) error) error {
		var d owedDoc
		if err := decode(&d); err != nil {
			return err
		}
		c.owed.ids[d.ID] = 0
		return nil
	})
	if err != nil {
		return fmt.Errorf("read what is to be projected: %w", err)
	}
	return nil
}

// owe notes what moves will leave to be projected. What a page itself names is projected by the page, however often it comes.
func (c *Catalog) owe(ctx context.Context, moves []match.Move, named func(key string) bool) error {
	var ids ticket.IDs
	for _, m := range moves {
		if m.From != "" || !named(m.Key) {
			ids.Add(m.From, m.To)
		}
	}
	c.owed.mu.Lock()
	defer c.owed.mu.Unlock()
	var docs []any
	c.owed.at++
	for _, id := range ids.All() {
		if _, known := c.owed.ids[id]; !known {
			docs = append(docs, owedDoc{id})
		}
	}
	if len(docs) > 0 {
		if err := c.debts.Upsert(ctx, docs...); err != nil {
			return err
		}
	}
	for _, id := range ids.All() {
		c.owed.ids[id] = c.owed.at
	}
	return nil
}

// owing lists what is to be projected, in order.
func (c *Catalog) owing() []string {
	c.owed.mu.Lock()
	defer c.owed.mu.Unlock()
	var out []string
	for id := range c.owed.ids {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// instant is what settled needs to know of the moment before performances are projected.
func (o *owed) instant() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.at
}

// paid strikes out performances that were projected since an instant, unless they were moved again meanwhile.
func (c *Catalog) paid(ctx context.Context, ids []string, since uint64) error {
	c.owed.mu.Lock()
	defer c.owed.mu.Unlock()
	var paid []string
	for _, id := range ids {
		if at, known := c.owed.ids[id]; known && at <= since {
			paid = append(paid, id)
		}
	}
	if len(paid) == 0 {
		return nil
	}
	if _, err := c.debts.DeleteWhere(ctx, store.Cond{Field: "_id", Op: store.In, Value: paid}); err != nil {
		return err
	}
	for _, id := range paid {
		delete(c.owed.ids, id)
	}
	return nil
}
