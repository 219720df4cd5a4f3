package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// upsertBatch bounds how long one write transaction keeps others waiting.
const upsertBatch = 500

func (c *sqliteCollection) tx(ctx context.Context, what string, fn func(tx *writeTx) error) error {
	if err := c.s.tx(ctx, fn); err != nil {
		return fmt.Errorf("%s %s: %w", what, c.spec.Name, err)
	}
	return nil
}

func (c *sqliteCollection) Insert(ctx context.Context, doc any) error {
	d, err := encode(doc)
	if err != nil {
		return fmt.Errorf("insert into %s: %w", c.spec.Name, err)
	}
	return c.tx(ctx, "insert "+d.id+" into", func(tx *writeTx) error { return c.save(ctx, tx, d, false) })
}

func (c *sqliteCollection) Upsert(ctx context.Context, docs ...any) error {
	for len(docs) > 0 {
		n := min(len(docs), upsertBatch)
		batch := make([]document, n)
		for i := range batch {
			d, err := encode(docs[i])
			if err != nil {
				return fmt.Errorf("upsert into %s: %w", c.spec.Name, err)
			}
			batch[i] = d
		}
		docs = docs[n:]
		err := c.tx(ctx, "upsert into", func(tx *writeTx) error {
			for _, d := range batch {
				if err := c.save(ctx, tx, d, true); err != nil {
					return fmt.Errorf("%s: %w", d.id, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *sqliteCollection) Replace(ctx context.Context, doc any, version int64) error {
	d, err := encode(doc)
	if err != nil {
		return fmt.Errorf("replace in %s: %w", c.spec.Name, err)
	}
	return c.tx(ctx, "replace "+d.id+" in", func(tx *writeTx) error {
		var stored int64
		err := tx.row(ctx, `SELECT version FROM `+c.table()+` WHERE id = ?`, d.id).Scan(&stored)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("%w: wanted version %d, it is absent", ErrConflict, version)
		}
		if err != nil {
			return fmt.Errorf("read version: %w", err)
		}
		if stored != version {
			return fmt.Errorf("%w: wanted version %d, stored is %d", ErrConflict, version, stored)
		}
		return c.save(ctx, tx, d, true)
	})
}

// save writes the document, its columns and its members. Without over an existing one is a constraint error.
func (c *sqliteCollection) save(ctx context.Context, tx *writeTx, d document, over bool) error {
	args := []any{d.id, d.version, []byte(d.raw)}
	var cols, marks, sets strings.Builder
	for _, f := range c.spec.Fields {
		cols.WriteString(", " + column(f))
		marks.WriteString(", ?")
		sets.WriteString(", " + column(f) + " = excluded." + column(f))
		if f.Array {
			in, found := members(d.raw, f.Path)
			args = append(args, sql.NullInt64{Int64: int64(len(in)), Valid: found})
		} else {
			args = append(args, value(d.raw, f.Path))
		}
	}
	query := `INSERT INTO ` + c.table() + ` (id, version, body` + cols.String() + `) VALUES (?, ?, ?` + marks.String() + `)`
	if over {
		query += ` ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body` + sets.String()
	}
	if err := tx.exec(ctx, query, args...); err != nil {
		return err
	}
	return c.saveMembers(ctx, tx, d, over)
}

func (c *sqliteCollection) saveMembers(ctx context.Context, tx *writeTx, d document, over bool) error {
	cleared := !over
	for _, f := range c.spec.Fields {
		if !f.Array {
			continue
		}
		if !cleared {
			if err := tx.exec(ctx, `DELETE FROM `+c.arrays()+` WHERE id = ?`, d.id); err != nil {
				return err
			}
			cleared = true
		}
		in, _ := members(d.raw, f.Path)
		for _, m := range in {
			if err := tx.exec(ctx, `INSERT INTO `+c.arrays()+` VALUES (?, ?, ?)`, f.Path, m, d.id); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *sqliteCollection) load(ctx context.Context, tx *writeTx, id string) (bson.Raw, error) {
	var body []byte
	err := tx.row(ctx, `SELECT body FROM `+c.table()+` WHERE id = ?`, id).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", id, err)
	}
	return body, nil
}

// change applies set to the stored document id.
func (c *sqliteCollection) change(ctx context.Context, tx *writeTx, id string, set []change) (document, error) {
	raw, err := c.load(ctx, tx, id)
	if err != nil {
		return document{}, err
	}
	d, err := apply(raw, set)
	if err != nil {
		return document{}, fmt.Errorf("%s: %w", id, err)
	}
	return d, c.save(ctx, tx, d, true)
}

func (c *sqliteCollection) UpdateWhere(ctx context.Context, set map[string]any, where ...Cond) (int64, error) {
	todo, err := changes(set)
	if err != nil {
		return 0, fmt.Errorf("update %s: %w", c.spec.Name, err)
	}
	cond, args, err := c.where(where)
	if err != nil {
		return 0, err
	}
	var n int64
	err = c.tx(ctx, "update", func(tx *writeTx) error {
		ids, err := c.ids(ctx, tx, cond+` ORDER BY id`, args)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if _, err := c.change(ctx, tx, id, todo); err != nil {
				return err
			}
		}
		n = int64(len(ids))
		return nil
	})
	return n, err
}

func (c *sqliteCollection) ids(ctx context.Context, tx *writeTx, tail string, args []any) ([]string, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id FROM `+c.table()+tail, args...)
	if err != nil {
		return nil, fmt.Errorf("select: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("select: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

func (c *sqliteCollection) DeleteWhere(ctx context.Context, where ...Cond) (int64, error) {
	cond, args, err := c.where(where)
	if err != nil {
		return 0, err
	}
	var n int64
	err = c.tx(ctx, "delete from", func(tx *writeTx) error {
		ids, err := c.ids(ctx, tx, cond, args) // first: conditions may be about the members that go
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := tx.exec(ctx, `DELETE FROM `+c.table()+` WHERE id = ?`, id); err != nil {
				return err
			}
			if err := tx.exec(ctx, `DELETE FROM `+c.arrays()+` WHERE id = ?`, id); err != nil {
				return err
			}
		}
		n = int64(len(ids))
		return nil
	})
	return n, err
}

func (c *sqliteCollection) Inc(ctx context.Context, id, field string, by int64) (int64, error) {
	if err := checkPath(field); err != nil || field == idField || id == "" {
		return 0, fmt.Errorf("%w: cannot count %q of %s %q", ErrBadQuery, field, c.spec.Name, id)
	}
	var sum int64
	err := c.tx(ctx, "count in", func(tx *writeTx) error {
		raw, err := c.load(ctx, tx, id)
		if errors.Is(err, ErrNotFound) {
			raw, err = bson.Marshal(bson.D{{Key: idField, Value: id}})
		}
		if err != nil {
			return err
		}
		v, err := raw.LookupErr(strings.Split(field, ".")...)
		if err == nil {
			n, ok := v.AsInt64OK()
			if !ok {
				return fmt.Errorf("%w: %s of %s is %s, not a number", ErrBadQuery, field, id, v.Type)
			}
			sum = n
		}
		sum += by
		d, err := apply(raw, []change{{path: field, value: sum}})
		if err != nil {
			return err
		}
		return c.save(ctx, tx, d, true)
	})
	return sum, err
}

func (c *sqliteCollection) Claim(ctx context.Context, set map[string]any, out any, q Query) error {
	todo, err := changes(set)
	if err != nil {
		return fmt.Errorf("claim in %s: %w", c.spec.Name, err)
	}
	q.Limit = 1
	tail, args, err := c.tail(q)
	if err != nil {
		return err
	}
	var d document
	err = c.tx(ctx, "claim in", func(tx *writeTx) error {
		ids, err := c.ids(ctx, tx, tail, args)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return ErrNotFound
		}
		d, err = c.change(ctx, tx, ids[0], todo)
		return err
	})
	if err != nil || out == nil {
		return err
	}
	return decode(d.raw, out)
}
