package lake

import (
	"fmt"
	"time"

	"ticketmoa/modules/lake/columns"
	"ticketmoa/modules/ticket"
)

// ErrBadParquet is an object that is no Parquet file of ours, or a damaged one.
var ErrBadParquet = columns.ErrBadParquet

// EventEncoder names the code that makes event files. It changes when the same events would give other bytes, so that a
// plan says which one must finish it.
const EventEncoder = "columns-1"

// Column is one column of one row group: codes and a dictionary for texts, numbers for everything else.
type Column = columns.Column

// eventColumn is a column of an event file.
type eventColumn struct {
	columns.Field
	text func(e *ticket.Event) string // of Text, with put; else one of the others
	put  func(e *ticket.Event, s string)
	flag func(e *ticket.Event) *bool
	num  func(e *ticket.Event) *int
	at   func(e *ticket.Event) *time.Time
}

func textColumn[S ~string](name string, at func(e *ticket.Event) *S) eventColumn {
	return eventColumn{
		Field: columns.Field{Name: name},
		text:  func(e *ticket.Event) string { return string(*at(e)) },
		put:   func(e *ticket.Event, s string) { *at(e) = S(s) },
	}
}

func flagColumn(name string, at func(e *ticket.Event) *bool) eventColumn {
	return eventColumn{Field: columns.Field{Name: name, Kind: columns.Bool, Required: true}, flag: at}
}

func numColumn(name string, at func(e *ticket.Event) *int) eventColumn {
	return eventColumn{Field: columns.Field{Name: name, Kind: columns.Int32}, num: at}
}

func timeColumn(name string, at func(e *ticket.Event) *time.Time) eventColumn {
	return eventColumn{Field: columns.Field{Name: name, Kind: columns.Millis}, at: at}
}

func (c eventColumn) required() eventColumn {
	c.Required = true
	return c
}

func (c eventColumn) plain() eventColumn {
	c.Plain = true
	return c
}

// eventColumns is version 1 of the event file: the JSON names of ticket.Event, in its order.
func eventColumns() []eventColumn {
	return []eventColumn{
		textColumn("id", func(e *ticket.Event) *string { return &e.ID }).required().plain(),
		textColumn("kind", func(e *ticket.Event) *ticket.EventKind { return &e.Kind }).required(),
		timeColumn("received_at", func(e *ticket.Event) *time.Time { return &e.ReceivedAt }).required(),
		timeColumn("occurred_at", func(e *ticket.Event) *time.Time { return &e.OccurredAt }),
		textColumn("person", func(e *ticket.Event) *string { return &e.Person }),
		flagColumn("account", func(e *ticket.Event) *bool { return &e.Account }),
		textColumn("age_band", func(e *ticket.Event) *ticket.AgeBand { return &e.AgeBand }),
		textColumn("gender", func(e *ticket.Event) *ticket.Gender { return &e.Gender }),
		textColumn("browser", func(e *ticket.Event) *string { return &e.Browser }),
		textColumn("device", func(e *ticket.Event) *string { return &e.Device }),
		flagColumn("bot", func(e *ticket.Event) *bool { return &e.Bot }),
		flagColumn("prefetch", func(e *ticket.Event) *bool { return &e.Prefetch }),
		textColumn("page", func(e *ticket.Event) *string { return &e.Page }),
		textColumn("from_id", func(e *ticket.Event) *string { return &e.FromID }),
		numColumn("position", func(e *ticket.Event) *int { return &e.Position }),
		textColumn("query", func(e *ticket.Event) *string { return &e.Query }),
		numColumn("results", func(e *ticket.Event) *int { return &e.Results }),
		textColumn("method", func(e *ticket.Event) *string { return &e.Method }),
		textColumn("channel", func(e *ticket.Event) *string { return &e.Channel }),
		textColumn("alert_id", func(e *ticket.Event) *string { return &e.AlertID }),
		textColumn("artist_id", func(e *ticket.Event) *string { return &e.ArtistID }),
		flagColumn("on", func(e *ticket.Event) *bool { return &e.On }),
		textColumn("offer_id", func(e *ticket.Event) *string { return &e.OfferID }),
		textColumn("seller", func(e *ticket.Event) *ticket.Seller { return &e.Seller }),
		textColumn("genre", func(e *ticket.Event) *ticket.Genre { return &e.Genre }),
		textColumn("region", func(e *ticket.Event) *ticket.Region { return &e.Region }),
		textColumn("performance_id", func(e *ticket.Event) *string { return &e.PerformanceID }),
	}
}

// EventWriter makes one event file, row by row. It keeps columns, not events. It is used by one goroutine.
type EventWriter struct {
	cols []eventColumn
	w    *columns.Writer
}

// NewEventWriter begins a file.
func NewEventWriter() (*EventWriter, error) {
	cols := eventColumns()
	fields := make([]columns.Field, len(cols))
	for i, c := range cols {
		fields[i] = c.Field
	}
	w, err := columns.NewWriter(fields)
	if err != nil {
		return nil, fmt.Errorf("begin event file: %w", err)
	}
	return &EventWriter{cols: cols, w: w}, nil
}

// Add adds a row. Times are kept in milliseconds. What is empty becomes null, but for the number of results of a
// search, which may be 0.
func (w *EventWriter) Add(e *ticket.Event) {
	for i := range w.cols {
		c := &w.cols[i]
		switch c.Kind {
		case columns.Text:
			if s := c.text(e); s != "" || c.Required {
				w.w.Text(i, s)
				continue
			}
		case columns.Bool:
			var n int64
			if *c.flag(e) {
				n = 1
			}
			w.w.Num(i, n)
			continue
		case columns.Millis:
			if t := *c.at(e); !t.IsZero() || c.Required {
				w.w.Num(i, t.UnixMilli())
				continue
			}
		default:
			if n := *c.num(e); n != 0 || c.Name == "results" && e.Kind == ticket.EventSearch {
				w.w.Num(i, int64(n))
				continue
			}
		}
		w.w.Null(i)
	}
	w.w.EndRow()
}

// Rows counts the rows so far.
func (w *EventWriter) Rows() int64 { return w.w.Rows() }

// Bytes ends the file and returns it.
func (w *EventWriter) Bytes() ([]byte, error) {
	b, err := w.w.Bytes()
	if err != nil {
		return nil, fmt.Errorf("encode events: %w", err)
	}
	return b, nil
}

// EncodeEvents makes an event file. The same events give the same bytes.
func EncodeEvents(rows []ticket.Event) ([]byte, error) {
	w, err := NewEventWriter()
	if err != nil {
		return nil, err
	}
	for i := range rows {
		w.Add(&rows[i])
	}
	return w.Bytes()
}

// ReadEventColumns calls fn for every row group of an event file with the named columns, in the order of names. Text
// columns are coded: see Column. What fn gets is its to keep. ErrBadParquet; an error of fn ends it and is returned.
func ReadEventColumns(body []byte, names []string, fn func(rows int, cols []Column) error) error {
	f, err := columns.Open(body)
	if err != nil {
		return err
	}
	for g := range f.Groups() {
		cols := make([]Column, len(names))
		for i, name := range names {
			if cols[i], err = f.Column(g, name); err != nil {
				return err
			}
		}
		if err := fn(f.GroupRows(g), cols); err != nil {
			return err
		}
	}
	return nil
}

// DecodeEvents reads a whole event file. ErrBadParquet.
func DecodeEvents(body []byte) ([]ticket.Event, error) {
	want := eventColumns()
	names := make([]string, len(want))
	for i, c := range want {
		names[i] = c.Name
	}
	var out []ticket.Event
	err := ReadEventColumns(body, names, func(rows int, cols []Column) error {
		first := len(out)
		out = append(out, make([]ticket.Event, rows)...)
		for i := range cols {
			if (cols[i].Codes != nil) != (want[i].Kind == columns.Text) {
				return fmt.Errorf("%w: column %s is of another kind", ErrBadParquet, want[i].Name)
			}
			for r := range rows {
				want[i].set(&out[first+r], &cols[i], r)
			}
		}
		return nil
	})
	return out, err
}

func (c *eventColumn) set(e *ticket.Event, col *Column, row int) {
	if col.IsNull(row) {
		return
	}
	switch c.Kind {
	case columns.Text:
		c.put(e, col.Dict[col.Codes[row]])
	case columns.Bool:
		*c.flag(e) = col.Nums[row] != 0
	case columns.Millis:
		*c.at(e) = time.UnixMilli(col.Nums[row]).UTC()
	default:
		*c.num(e) = int(col.Nums[row])
	}
}

// EncodeRows makes a Parquet file of rows: structs whose fields carry parquet tags (see columns.Encode).
func EncodeRows[T any](rows []T) ([]byte, error) { return columns.Encode(rows) }

// DecodeRows reads what EncodeRows made. ErrBadParquet.
func DecodeRows[T any](body []byte) ([]T, error) { return columns.Decode[T](body) }

// CountRows reads the number of rows out of a Parquet file's footer. ErrBadParquet.
func CountRows(body []byte) (int64, error) {
	f, err := columns.Open(body)
	if err != nil {
		return 0, err
	}
	return f.Rows(), nil
}
