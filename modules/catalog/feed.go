package catalog

import (
	"context"
	"errors"
	"fmt"

	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// publish writes changes to the feed. A change has the id of what it speaks of, so publishing it again is harmless: that
// is how a change whose process died between the state and the feed still gets there, once.
//
// Places in the feed become visible in their order, so a reader that has seen place n will never find a new change
// before n.
func (c *Catalog) publish(ctx context.Context, changes []ticket.Change) error {
	c.publishing.Lock()
	defer c.publishing.Unlock()
	for _, ch := range changes {
		seq, err := c.counters.Inc(ctx, "changes", "value", 1)
		if err != nil {
			return fmt.Errorf("place in the feed: %w", err)
		}
		ch.Seq = seq
		if err := c.changes.Insert(ctx, ch); err != nil && !errors.Is(err, store.ErrDuplicate) {
			return fmt.Errorf("publish change %s: %w", ch.ID, err)
		}
	}
	return nil
}

func change(entity, id string, version int64, by ticket.Origin, fields []ticket.Diff) ticket.Change {
	return ticket.Change{ID: fmt.Sprintf("%s:%s:%d", entity, id, version), Entity: entity, EntityID: id, Version: version,
		Cause: by.Cause, At: by.At, Source: by.Source, Fields: fields}
}

// Changes reads the feed after a place, in order.
func (c *Catalog) Changes(ctx context.Context, after int64, limit int) ([]ticket.Change, error) {
	var out []ticket.Change
	err := c.changes.Find(ctx, store.Query{Where: []store.Cond{{Field: "seq", Op: store.Gt, Value: after}}, OrderBy: "seq", Limit: limit}, &out)
	return out, err
}

// LastChange is the place of the newest change; 0 when there is none.
func (c *Catalog) LastChange(ctx context.Context) (int64, error) {
	var out []ticket.Change
	if err := c.changes.Find(ctx, store.Query{OrderBy: "seq", Desc: true, Limit: 1}, &out); err != nil || len(out) == 0 {
		return 0, err
	}
	return out[0].Seq, nil
}
