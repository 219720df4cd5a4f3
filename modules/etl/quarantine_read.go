package etl

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// What can go wrong in asking.
var (
	ErrBadCursor   = errors.New("not a cursor of the quarantine: start again without one")
	ErrNotWithheld = errors.New("no such row in the quarantine")
)

// WholeRecord stands in filters for the field of rows that withhold a whole record.
const WholeRecord = "record"

// fields are the names a row's field can have.
var fields = [...]string{"min_age_years", "offers", "opens_at", "period", "presales", "prices", "registered_at", "running_minutes", "url", WholeRecord}

// Filter chooses rows that have every value that is set. The zero Filter chooses all.
type Filter struct {
	Source string
	Kind   ticket.PageKind
	Field  string // WholeRecord for whole records
	Rule   string
	Code   string
	ID     string
}

func (f Filter) where() []store.Cond {
	var out []store.Cond
	for _, c := range []store.Cond{{Field: "source", Value: f.Source}, {Field: "kind", Value: string(f.Kind)}, {Field: "field", Value: f.Field},
		{Field: "rule", Value: f.Rule}, {Field: "code", Value: f.Code}, {Field: "_id", Value: f.ID}} {
		switch {
		case c.Value == "":
		case c.Field == "field" && c.Value == WholeRecord:
			out = append(out, store.Cond{Field: "field", Op: store.Missing})
		default:
			c.Op = store.Eq
			out = append(out, c)
		}
	}
	return out
}

// Group is how many rows of a source and field are withheld by one rule.
type Group struct {
	Source string `json:"source"`
	Field  string `json:"field"` // WholeRecord for whole records
	Rule   string `json:"rule"`
	Count  int64  `json:"count"`
}

// Groups counts the rows by source, field and rule, the largest group first.
func (q *Quarantine) Groups(ctx context.Context) ([]Group, error) {
	rules, err := q.rows.GroupCount(ctx, "rule")
	if err != nil {
		return nil, err
	}
	var out []Group
	for rule := range rules {
		sources, err := q.rows.GroupCount(ctx, "source", Filter{Rule: rule}.where()...)
		if err != nil {
			return nil, err
		}
		for source := range sources {
			counts, err := q.rows.GroupCount(ctx, "field", Filter{Rule: rule, Source: source}.where()...)
			if err != nil {
				return nil, err
			}
			for field, n := range counts {
				out = append(out, Group{Source: source, Field: cmp.Or(field, WholeRecord), Rule: rule, Count: n})
			}
		}
	}
	slices.SortFunc(out, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Source, b.Source), strings.Compare(a.Field, b.Field), strings.Compare(a.Rule, b.Rule))
	})
	return out, nil
}

// Rows lists up to limit rows that match, the newest page first, from cursor on ("" is the beginning). next leads on; it is
// "" at the end. Rows that come or go meanwhile make no other row come twice or be left out.
func (q *Quarantine) Rows(ctx context.Context, f Filter, limit int, cursor string) (rows []ticket.Withheld, next string, err error) {
	where := f.where()
	older := where
	if cursor != "" {
		at, id, cerr := readCursor(cursor)
		if cerr != nil {
			return nil, "", cerr
		}
		same := append(slices.Clone(where), store.Cond{Field: "fetched_at", Op: store.Eq, Value: at}, store.Cond{Field: "_id", Op: store.Gt, Value: id})
		if err := q.rows.Find(ctx, store.Query{Where: same, Limit: limit + 1}, &rows); err != nil {
			return nil, "", err
		}
		older = append(slices.Clone(where), store.Cond{Field: "fetched_at", Op: store.Lt, Value: at})
	}
	if missing := limit + 1 - len(rows); missing > 0 {
		var rest []ticket.Withheld
		if err := q.rows.Find(ctx, store.Query{Where: older, OrderBy: "fetched_at", Desc: true, Limit: missing}, &rest); err != nil {
			return nil, "", err
		}
		rows = append(rows, rest...)
	}
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		next = base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%s", last.FetchedAt.UnixMilli(), last.ID))
	}
	return rows, next, nil
}

func readCursor(cursor string) (at time.Time, id string, err error) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return at, "", ErrBadCursor
	}
	millis, id, _ := strings.Cut(string(b), ".")
	n, err := strconv.ParseInt(millis, 10, 64)
	if err != nil || id == "" {
		return at, "", ErrBadCursor
	}
	return time.UnixMilli(n), id, nil
}

// Keys lists the raw keys of all rows that match, each once, in order; bare counts the rows that have none, because their
// page was never kept. ErrNotWithheld: the filter names an id, and no row has it.
func (q *Quarantine) Keys(ctx context.Context, f Filter) (keys []string, bare int64, err error) {
	counts, err := q.rows.GroupCount(ctx, "raw_key", f.where()...)
	if err != nil {
		return nil, 0, err
	}
	if f.ID != "" && len(counts) == 0 {
		return nil, 0, fmt.Errorf("%w: %s", ErrNotWithheld, f.ID)
	}
	bare = counts[""]
	delete(counts, "")
	return slices.Sorted(maps.Keys(counts)), bare, nil
}

// Matching counts the rows that match.
func (q *Quarantine) Matching(ctx context.Context, f Filter) (int64, error) {
	return q.rows.Count(ctx, f.where()...)
}

// Values are the values a filter can have, in order.
type Values struct {
	Sources []string
	Kinds   []ticket.PageKind
	Fields  []string
}

// Values lists what is known beside what occurs: a value stays one although its last row has gone.
func (q *Quarantine) Values(ctx context.Context) (v Values, err error) {
	kinds := make([]string, 0, len(ticket.PageKinds()))
	for _, k := range ticket.PageKinds() {
		kinds = append(kinds, string(k))
	}
	for field, known := range map[string]*[]string{"source": &v.Sources, "kind": &kinds, "field": &v.Fields} {
		counts, err := q.rows.GroupCount(ctx, field)
		if err != nil {
			return Values{}, err
		}
		delete(counts, "")
		*known = append(*known, slices.Collect(maps.Keys(counts))...)
	}
	v.Sources, v.Fields = ordered(append(v.Sources, q.sources...)), ordered(append(v.Fields, fields[:]...))
	for _, k := range ordered(kinds) {
		v.Kinds = append(v.Kinds, ticket.PageKind(k))
	}
	return v, nil
}

func ordered(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}
