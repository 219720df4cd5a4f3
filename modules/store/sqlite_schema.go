package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// sqliteCollection is a table with the document, and beside it a column for each declared field. Members of array fields
// are in a second table.
type sqliteCollection struct {
	s    *sqliteStore
	spec Spec
}

func (c *sqliteCollection) table() string  { return quote(c.spec.Name) }
func (c *sqliteCollection) arrays() string { return quote(c.spec.Name + "/arrays") }
func (c *sqliteCollection) index(f Field) string {
	return quote(c.spec.Name + "/index/" + fold(f.Path))
}

// column is where a field's value stands. The prefix keeps paths apart from our own columns.
func column(f Field) string {
	if f.Path == idField {
		return "id"
	}
	return quote("f:" + fold(f.Path))
}

// fold keeps paths apart that differ only in case, which SQLite takes for the same name: capitals are marked.
func fold(path string) string {
	var b strings.Builder
	for _, r := range path {
		if r >= 'A' && r <= 'Z' || r == '^' {
			b.WriteByte('^')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// migrate brings the tables from the spec of the last time to this one's.
func (c *sqliteCollection) migrate(ctx context.Context, tx *writeTx) error {
	old, known, err := c.storedSpec(ctx, tx)
	if err != nil {
		return err
	}
	if known && old.same(c.spec) {
		return nil
	}
	if !known {
		if err := c.create(ctx, tx); err != nil {
			return err
		}
	} else if err := c.alter(ctx, tx, old); err != nil {
		return err
	}
	b, err := json.Marshal(c.spec)
	if err != nil {
		return fmt.Errorf("encode spec: %w", err)
	}
	return tx.exec(ctx, `INSERT INTO "_specs" VALUES (?, ?) ON CONFLICT DO UPDATE SET spec = excluded.spec`, c.spec.Name, string(b))
}

func (c *sqliteCollection) storedSpec(ctx context.Context, tx *writeTx) (spec Spec, known bool, err error) {
	var text string
	err = tx.QueryRowContext(ctx, `SELECT spec FROM "_specs" WHERE collection = ?`, c.spec.Name).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return spec, false, nil
	}
	if err != nil {
		return spec, false, fmt.Errorf("read spec: %w", err)
	}
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		return spec, false, fmt.Errorf("read spec: %w", err)
	}
	return spec, true, nil
}

// create makes the tables. The body comes last, so that a search over columns need not read through it.
func (c *sqliteCollection) create(ctx context.Context, tx *writeTx) error {
	var cols strings.Builder
	for _, f := range c.spec.Fields {
		cols.WriteString(column(f) + ", ")
	}
	if err := tx.exec(ctx, `CREATE TABLE `+c.table()+` (id TEXT PRIMARY KEY NOT NULL, version INTEGER NOT NULL, `+
		cols.String()+`body BLOB NOT NULL)`); err != nil {
		return err
	}
	if err := tx.exec(ctx, `CREATE TABLE `+c.arrays()+` (field TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL,
		PRIMARY KEY (field, value, id)) WITHOUT ROWID`); err != nil {
		return err
	}
	if err := tx.exec(ctx, `CREATE INDEX `+quote(c.spec.Name+"/arrays/id")+` ON `+c.arrays()+` (id)`); err != nil {
		return err
	}
	for _, f := range c.spec.Fields {
		if err := c.createIndex(ctx, tx, f); err != nil {
			return err
		}
	}
	return nil
}

func (c *sqliteCollection) createIndex(ctx context.Context, tx *writeTx, f Field) error {
	switch {
	case f.Array: // its table is its index
		return nil
	case f.Unique:
		return tx.exec(ctx, `CREATE UNIQUE INDEX `+c.index(f)+` ON `+c.table()+` (`+column(f)+`)`)
	case f.Index:
		return tx.exec(ctx, `CREATE INDEX `+c.index(f)+` ON `+c.table()+` (`+column(f)+`, id)`)
	}
	return nil
}

// alter drops what is no longer declared, adds what is new, and fills the new columns from the documents.
func (c *sqliteCollection) alter(ctx context.Context, tx *writeTx, old Spec) error {
	kept := map[string]Field{}
	for _, f := range old.Fields {
		now, err := c.spec.field(f.Path)
		same := err == nil && now.Array == f.Array
		if same && now == f {
			kept[f.Path] = f
			continue
		}
		if err := tx.exec(ctx, `DROP INDEX IF EXISTS `+c.index(f)); err != nil {
			return err
		}
		if same {
			kept[f.Path] = f
			if err := c.createIndex(ctx, tx, now); err != nil {
				return err
			}
			continue
		}
		if err := tx.exec(ctx, `ALTER TABLE `+c.table()+` DROP COLUMN `+column(f)); err != nil {
			return err
		}
		if err := tx.exec(ctx, `DELETE FROM `+c.arrays()+` WHERE field = ?`, f.Path); err != nil {
			return err
		}
	}
	var added []Field
	for _, f := range c.spec.Fields {
		if _, ok := kept[f.Path]; ok {
			continue
		}
		added = append(added, f)
		if err := tx.exec(ctx, `ALTER TABLE `+c.table()+` ADD COLUMN `+column(f)); err != nil {
			return err
		}
	}
	return c.fill(ctx, tx, added)
}

func (c *sqliteCollection) fill(ctx context.Context, tx *writeTx, added []Field) error {
	if len(added) == 0 {
		return nil
	}
	n := 0
	for after := ""; ; {
		page, err := c.page(ctx, tx, after)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		for _, d := range page {
			if err := c.save(ctx, tx, d, true); err != nil {
				return err
			}
			after = d.id
		}
		n += len(page)
	}
	for _, f := range added {
		if err := c.createIndex(ctx, tx, f); err != nil {
			return err
		}
	}
	c.s.log.Info("store filled new fields", "collection", c.spec.Name, "fields", len(added), "documents", n)
	return nil
}

// pageSize is how many documents a walk over all of them holds at a time.
const pageSize = 200

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func (c *sqliteCollection) page(ctx context.Context, db querier, after string) ([]document, error) {
	rows, err := db.QueryContext(ctx, `SELECT id, body FROM `+c.table()+` WHERE id > ? ORDER BY id LIMIT ?`, after, pageSize)
	if err != nil {
		return nil, fmt.Errorf("read page: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []document
	for rows.Next() {
		var id string
		var body []byte
		if err := rows.Scan(&id, &body); err != nil {
			return nil, fmt.Errorf("read page: %w", err)
		}
		d, err := asDocument(bson.Raw(body))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
		out = append(out, d)
	}
	return out, rows.Err()
}
