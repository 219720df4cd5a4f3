package catalog

import (
	"cmp"
	"context"
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

// historyDoc is a row of the collection history: what one listing's source named over time.
type historyDoc struct {
	Key     string              `bson:"_id"` // of the listing
	Version int64               `bson:"version"`
	Rows    []ticket.HistoryRow `bson:"rows"`
}

// mostRows bounds the history of one listing; the oldest rows go.
const mostRows = 600

// historyKey is what a row is about.
type historyKey struct {
	field, grade, label string
	kind                ticket.PageKind
}

func keyOf(r ticket.HistoryRow) historyKey { return historyKey{r.Field, r.Grade, r.Label, r.Kind} }

// named is what a page names of the fields a history is kept of. What it does not speak of is not in it.
func named(v *ticket.Content, kind ticket.PageKind) map[historyKey]string {
	out := map[historyKey]string{}
	for _, p := range v.Prices {
		k := historyKey{ticket.HistoryPrice, p.Grade, p.Label, kind}
		if _, twice := out[k]; !twice {
			out[k] = strconv.FormatInt(int64(p.Won), 10)
		}
	}
	if v.Period.Known() {
		out[historyKey{ticket.HistoryPeriod, "", "", kind}] = showPeriod(v.Period)
	}
	if v.OpensAt != nil {
		out[historyKey{ticket.HistoryOpens, "", "", kind}] = showTime(v.OpensAt)
	}
	out[historyKey{ticket.HistoryState, "", "", kind}] = string(v.SaleState)
	return out
}

// remember puts what a page named at an instant into the listing's history. before is the view it followed, nil when it is
// the first or an older one: a page that says what the one before it said leaves no trace and costs nothing.
func (c *Catalog) remember(ctx context.Context, key string, before *ticket.View, v ticket.View) error {
	now := named(&v.Content, v.Kind)
	if before != nil && before.FetchedAt.Before(v.FetchedAt) && equalNames(named(&before.Content, before.Kind), now) {
		return nil
	}
	return retry(func() error {
		var doc historyDoc
		err := c.history.Get(ctx, key, &doc)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		isNew := err != nil
		rows := noted(confirmed(doc.Rows, before), maps.Clone(now), v.Kind, v.FetchedAt)
		if before != nil && before.FetchedAt.After(v.FetchedAt) { // what it leaves out ended with it at the latest
			rows = noted(rows, named(&before.Content, before.Kind), before.Kind, before.FetchedAt)
		}
		if slices.EqualFunc(rows, doc.Rows, sameRow) {
			return nil
		}
		next := historyDoc{Key: key, Version: doc.Version + 1, Rows: rows}
		if isNew {
			return c.history.Insert(ctx, next)
		}
		return c.history.Replace(ctx, next, doc.Version)
	})
}

func equalNames(a, b map[historyKey]string) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if w, ok := b[k]; !ok || w != v {
			return false
		}
	}
	return true
}

func sameRow(a, b ticket.HistoryRow) bool {
	return keyOf(a) == keyOf(b) && a.Value == b.Value && a.From.Equal(b.From) && a.Until.Equal(b.Until)
}

// confirmed lets the last rows hold until the view that names their values was fetched: that alone leaves no trace.
func confirmed(rows []ticket.HistoryRow, by *ticket.View) []ticket.HistoryRow {
	if by == nil {
		return rows
	}
	out, said := slices.Clone(rows), named(&by.Content, by.Kind)
	for i := range out {
		last := i+1 == len(out) || keyOf(out[i]) != keyOf(out[i+1])
		if v, ok := said[keyOf(out[i])]; last && ok && v == out[i].Value && by.FetchedAt.After(out[i].Until) {
			out[i].Until = by.FetchedAt
		}
	}
	return out
}

// noted is a history with what a page of a kind named at an instant. A page that comes late is put in its place among the
// others.
func noted(rows []ticket.HistoryRow, now map[historyKey]string, kind ticket.PageKind, at time.Time) []ticket.HistoryRow {
	byKey := map[historyKey][]ticket.HistoryRow{}
	for _, r := range rows {
		byKey[keyOf(r)] = append(byKey[keyOf(r)], r)
	}
	priced := false
	next := tableAfter(rows, kind, at)
	for k := range now {
		priced = priced || k.field == ticket.HistoryPrice
	}
	for k := range byKey { // a price that is gone from a table
		if _, still := now[k]; !still && priced && k.field == ticket.HistoryPrice && k.kind == kind {
			now[k] = ""
		}
	}
	for k, value := range now {
		line := byKey[k]
		if len(line) == 0 && value == "" {
			continue
		}
		byKey[k] = inserted(line, k, value, at)
		news := len(byKey[k]) > len(line) && (len(line) == 0 || line[len(line)-1].Value == "" && line[len(line)-1].From.Before(at))
		if news && k.field == ticket.HistoryPrice && value != "" && !next.IsZero() { // a table read before, and later than this, lacks it
			byKey[k] = inserted(byKey[k], k, "", next)
		}
	}
	var out []ticket.HistoryRow
	for _, line := range byKey {
		out = append(out, line...)
	}
	slices.SortFunc(out, compareRows)
	if len(out) > mostRows {
		slices.SortStableFunc(out, func(a, b ticket.HistoryRow) int { return a.From.Compare(b.From) })
		out = slices.Clone(out[len(out)-mostRows:])
		slices.SortFunc(out, compareRows)
	}
	return out
}

// tableAfter is when a kind of page named prices next after an instant; zero when it is not known to have.
func tableAfter(rows []ticket.HistoryRow, kind ticket.PageKind, at time.Time) (next time.Time) {
	for _, r := range rows {
		for _, t := range []time.Time{r.From, r.Until} {
			if r.Field == ticket.HistoryPrice && r.Kind == kind && t.After(at) && (next.IsZero() || t.Before(next)) {
				next = t
			}
		}
	}
	return next
}

func compareRows(a, b ticket.HistoryRow) int {
	return cmp.Or(strings.Compare(a.Field, b.Field), strings.Compare(a.Grade, b.Grade), strings.Compare(a.Label, b.Label), cmp.Compare(a.Kind, b.Kind), a.From.Compare(b.From))
}

// inserted is a line of values with what was named at an instant. Neighbours of one value are one row.
func inserted(line []ticket.HistoryRow, k historyKey, value string, at time.Time) []ticket.HistoryRow {
	row := func(value string, from, until time.Time) ticket.HistoryRow {
		r := ticket.HistoryRow{Field: k.field, Grade: k.grade, Label: k.label, Kind: k.kind, Value: value, From: from, Until: until}
		if n, err := strconv.ParseInt(value, 10, 64); k.field == ticket.HistoryPrice && err == nil {
			won := ticket.Won(n)
			r.Won = &won
		}
		return r
	}
	i := 0 // how many rows begin at or before it
	for i < len(line) && !line[i].From.After(at) {
		i++
	}
	if i == 0 && value == "" { // a line does not begin with nothing, in whatever order pages come
		return line
	}
	out := slices.Clone(line)
	if i > 0 && line[i-1].From.Equal(at) && line[i-1].Value != value { // the same page, read anew
		out[i-1] = row(value, at, line[i-1].Until)
		return joined(out)
	}
	switch {
	case i > 0 && line[i-1].Value == value:
		if i == len(line) || !at.After(line[i-1].Until) { // the last row holds until another value comes
			return out
		}
		out[i-1].Until = at
		return out
	case i < len(line) && line[i].Value == value:
		out[i].From = at
		return out
	}
	out = slices.Insert(out, i, row(value, at, at))
	if i == 0 {
		return out
	}
	before := &out[i-1]
	if before.Until.After(at) { // it was named again after this page: there it begins anew
		again := row(before.Value, before.Until, before.Until)
		before.Until = before.From
		out = slices.Insert(out, i+1, again)
	}
	return out
}

// joined makes neighbours of one value one row. A line does not begin with nothing.
func joined(line []ticket.HistoryRow) []ticket.HistoryRow {
	var out []ticket.HistoryRow
	for _, r := range line {
		switch n := len(out); {
		case n == 0 && r.Value == "":
		case n > 0 && out[n-1].Value == r.Value:
			out[n-1].Until = r.Until
		default:
			out = append(out, r)
		}
	}
	return out
}

// History lists what the sources of a performance named over time, by the keys of its listings. Where pages of a more trusted
// kind name a field, what others said of it is left out.
func (c *Catalog) History(ctx context.Context, p *ticket.Performance) (map[string][]ticket.HistoryRow, error) {
	out := map[string][]ticket.HistoryRow{}
	members, err := c.Members(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	for _, l := range members {
		var doc historyDoc
		err := c.history.Get(ctx, l.Key, &doc)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("history of %s: %w", l.Key, err)
		}
		rows := trusted(doc.Rows)
		extend(rows, l.FetchedAt)
		out[l.Key] = rows
	}
	return out, nil
}

// trusted keeps of each field the rows of the most trusted kind of page that names it.
func trusted(rows []ticket.HistoryRow) []ticket.HistoryRow {
	best := map[string]ticket.PageKind{}
	order := func(k ticket.PageKind) int {
		if k == ticket.PricePage {
			return -1
		}
		return trust(k)
	}
	for _, r := range rows {
		if b, ok := best[r.Field]; r.Value != "" && (!ok || order(r.Kind) < order(b)) {
			best[r.Field] = r.Kind
		}
	}
	var out []ticket.HistoryRow
	for _, r := range rows {
		if best[r.Field] == r.Kind {
			out = append(out, r)
		}
	}
	return out
}

// extend lets the last row of each line hold until the listing was asked last.
func extend(rows []ticket.HistoryRow, asked time.Time) {
	for i := range rows {
		if (i+1 == len(rows) || keyOf(rows[i]) != keyOf(rows[i+1])) && asked.After(rows[i].Until) {
			rows[i].Until = asked
		}
	}
}
