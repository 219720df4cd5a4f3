package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

func (c *sqliteCollection) Get(ctx context.Context, id string, out any) error {
	var body []byte
	err := c.s.reading.row(ctx, `SELECT body FROM `+c.table()+` WHERE id = ?`, id).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%w: %s %q", ErrNotFound, c.spec.Name, id)
	}
	if err != nil {
		return fmt.Errorf("get %s %q: %w", c.spec.Name, id, err)
	}
	return decode(body, out)
}

func (c *sqliteCollection) Find(ctx context.Context, q Query, out any) error {
	l, err := newList(out)
	if err != nil {
		return err
	}
	tail, args, err := c.tail(q)
	if err != nil {
		return err
	}
	rows, err := c.s.reading.query(ctx, `SELECT body FROM `+c.table()+tail, args...)
	if err != nil {
		return fmt.Errorf("find in %s: %w", c.spec.Name, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var body sql.RawBytes
		if err := rows.Scan(&body); err != nil {
			return fmt.Errorf("find in %s: %w", c.spec.Name, err)
		}
		if err := l.add(append([]byte(nil), body...)); err != nil {
			return fmt.Errorf("find in %s: %w", c.spec.Name, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("find in %s: %w", c.spec.Name, err)
	}
	l.done()
	return nil
}

func (c *sqliteCollection) Count(ctx context.Context, where ...Cond) (int64, error) {
	cond, args, err := c.where(where)
	if err != nil {
		return 0, err
	}
	var n int64
	err = c.s.reading.row(ctx, `SELECT count(*) FROM `+c.table()+cond, args...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", c.spec.Name, err)
	}
	return n, nil
}

func (c *sqliteCollection) GroupCount(ctx context.Context, field string, where ...Cond) (map[string]int64, error) {
	f, err := c.spec.field(field)
	if err != nil {
		return nil, err
	}
	cond, args, err := c.where(where)
	if err != nil {
		return nil, err
	}
	query := `SELECT ` + column(f) + `, count(*) FROM ` + c.table() + cond + ` GROUP BY 1`
	if f.Array {
		query = `SELECT value, count(*) FROM ` + c.arrays() + ` WHERE field = ? AND id IN (SELECT id FROM ` + c.table() + cond + `) GROUP BY 1`
		args = append([]any{f.Path}, args...)
	}
	rows, err := c.s.reading.query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("count %s by %s: %w", c.spec.Name, field, err)
	}
	defer func() { _ = rows.Close() }()
	out := map[string]int64{}
	for rows.Next() {
		var v any
		var n int64
		if err := rows.Scan(&v, &n); err != nil {
			return nil, fmt.Errorf("count %s by %s: %w", c.spec.Name, field, err)
		}
		out[groupName(v)] += n
	}
	return out, rows.Err()
}

// groupName names a group by what value returned for it, the same for both stores.
func groupName(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case []byte: // a bool, see value
		return strconv.FormatBool(len(v) == 1 && v[0] == 1)
	}
	return fmt.Sprint(v)
}

func (c *sqliteCollection) Scan(ctx context.Context, fn func(decode func(out any) error) error) error {
	for after := ""; ; {
		page, err := c.page(ctx, c.s.read, after)
		if err != nil {
			return fmt.Errorf("scan %s: %w", c.spec.Name, err)
		}
		for _, d := range page {
			if err := fn(func(out any) error { return decode(d.raw, out) }); err != nil {
				return err
			}
			after = d.id
		}
		if len(page) < pageSize {
			return nil
		}
	}
}

// tail is a query behind FROM: conditions, order, limit.
func (c *sqliteCollection) tail(q Query) (string, []any, error) {
	cond, args, err := c.where(q.Where)
	if err != nil {
		return "", nil, err
	}
	f, err := c.spec.order(q)
	if err != nil {
		return "", nil, err
	}
	cond += ` ORDER BY ` + column(f)
	if q.Desc {
		cond += ` DESC`
	}
	if f.Path != idField {
		cond += `, id`
	}
	if q.Limit > 0 {
		cond += ` LIMIT ?`
		args = append(args, q.Limit)
	}
	return cond, args, nil
}

func (c *sqliteCollection) where(where []Cond) (string, []any, error) {
	terms, err := c.spec.terms(where)
	if err != nil {
		return "", nil, err
	}
	var parts []string
	var args []any
	for _, t := range terms {
		part, add := c.condition(t)
		parts = append(parts, part)
		args = append(args, add...)
	}
	if len(parts) == 0 {
		return "", nil, nil
	}
	return ` WHERE ` + strings.Join(parts, ` AND `), args, nil
}

func (c *sqliteCollection) condition(t term) (string, []any) {
	col := column(t.field)
	switch t.op {
	case Missing:
		return col + ` IS NULL`, nil
	case Present:
		return col + ` IS NOT NULL`, nil
	case In:
		values := t.value.([]string)
		if t.field.Array {
			return c.member(t.field, values...)
		}
		marks, args := placeholders(values)
		return col + ` IN (` + marks + `)`, args
	}
	if t.field.Array {
		part, args := c.member(t.field, t.value.(string))
		if t.op == Ne {
			part = `NOT ` + part
		}
		return part, args
	}
	arg := t.value
	switch v := arg.(type) {
	case time.Time:
		arg = v.UnixMilli()
	case bool:
		arg = boolValue(v)
	}
	if t.op == Ne {
		return col + ` IS NOT ?`, []any{arg}
	}
	return col + ` ` + string(t.op) + ` ?`, []any{arg}
}

func (c *sqliteCollection) member(f Field, values ...string) (string, []any) {
	marks, args := placeholders(values)
	return `(id IN (SELECT id FROM ` + c.arrays() + ` WHERE field = ? AND value IN (` + marks + `)))`,
		append([]any{f.Path}, args...)
}

func placeholders(values []string) (marks string, args []any) {
	for _, v := range values {
		args = append(args, v)
	}
	return strings.TrimSuffix(strings.Repeat("?,", len(values)), ","), args
}
