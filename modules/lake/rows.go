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
const EventEncoder = "xitongsys-1.6.2"

// Column is one column of one row group: codes and a dictionary for texts, numbers for everything else.
type Column = columns.Column

// eventRow is version 1 of the event file: the JSON names of ticket.Event, in its order. What is unknown is null.
type eventRow struct {
	ID            string  `parquet:"name=id, type=BYTE_ARRAY, convertedtype=UTF8"`
	Kind          string  `parquet:"name=kind, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	ReceivedAt    int64   `parquet:"name=received_at, type=INT64, convertedtype=TIMESTAMP_MILLIS"`
	OccurredAt    *int64  `parquet:"name=occurred_at, type=INT64, convertedtype=TIMESTAMP_MILLIS"`
	Person        *string `parquet:"name=person, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	Account       bool    `parquet:"name=account, type=BOOLEAN"`
	AgeBand       *string `parquet:"name=age_band, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	Gender        *string `parquet:"name=gender, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	Browser       *string `parquet:"name=browser, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	Device        *string `parquet:"name=device, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	Bot           bool    `parquet:"name=bot, type=BOOLEAN"`
	Prefetch      bool    `parquet:"name=prefetch, type=BOOLEAN"`
	Page          *string `parquet:"name=page, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	FromID        *string `parquet:"name=from_id, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	Position      *int32  `parquet:"name=position, type=INT32"`
	Query         *string `parquet:"name=query, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	Results       *int32  `parquet:"name=results, type=INT32"`
	Method        *string `parquet:"name=method, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	Channel       *string `parquet:"name=channel, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	AlertID       *string `parquet:"name=alert_id, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	ArtistID      *string `parquet:"name=artist_id, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	On            bool    `parquet:"name=on, type=BOOLEAN"`
	OfferID       *string `parquet:"name=offer_id, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	Seller        *string `parquet:"name=seller, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	Genre         *string `parquet:"name=genre, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	Region        *string `parquet:"name=region, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	PerformanceID *string `parquet:"name=performance_id, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
}

// rowOf keeps times in milliseconds. What is empty becomes null, but for the number of results of a search, which may
// be 0.
func rowOf(e *ticket.Event) eventRow {
	return eventRow{
		ID: e.ID, Kind: string(e.Kind), ReceivedAt: e.ReceivedAt.UnixMilli(), OccurredAt: millis(e.OccurredAt),
		Person: text(e.Person), Account: e.Account, AgeBand: text(string(e.AgeBand)), Gender: text(string(e.Gender)),
		Browser: text(e.Browser), Device: text(e.Device), Bot: e.Bot, Prefetch: e.Prefetch,
		Page: text(e.Page), FromID: text(e.FromID), Position: number(e.Position, false),
		Query: text(e.Query), Results: number(e.Results, e.Kind == ticket.EventSearch), Method: text(e.Method),
		Channel: text(e.Channel), AlertID: text(e.AlertID), ArtistID: text(e.ArtistID), On: e.On,
		OfferID: text(e.OfferID), Seller: text(string(e.Seller)), Genre: text(string(e.Genre)),
		Region: text(string(e.Region)), PerformanceID: text(e.PerformanceID),
	}
}

func (r *eventRow) event() ticket.Event {
	return ticket.Event{
		ID: r.ID, Kind: ticket.EventKind(r.Kind), ReceivedAt: time.UnixMilli(r.ReceivedAt).UTC(), OccurredAt: instant(r.OccurredAt),
		Person: known(r.Person), Account: r.Account, AgeBand: ticket.AgeBand(known(r.AgeBand)),
		Gender: ticket.Gender(known(r.Gender)), Browser: known(r.Browser), Device: known(r.Device), Bot: r.Bot,
		Prefetch: r.Prefetch, Page: known(r.Page), FromID: known(r.FromID), Position: int(known(r.Position)), Query: known(r.Query),
		Results: int(known(r.Results)), Method: known(r.Method), Channel: known(r.Channel), AlertID: known(r.AlertID),
		ArtistID: known(r.ArtistID), On: r.On, OfferID: known(r.OfferID), Seller: ticket.Seller(known(r.Seller)),
		Genre: ticket.Genre(known(r.Genre)), Region: ticket.Region(known(r.Region)), PerformanceID: known(r.PerformanceID),
	}
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func number(n int, zeroToo bool) *int32 {
	if n == 0 && !zeroToo {
		return nil
	}
	return new(int32(n))
}

func millis(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	return new(t.UnixMilli())
}

func instant(ms *int64) time.Time {
	if ms == nil {
		return time.Time{}
	}
	return time.UnixMilli(*ms).UTC()
}

func known[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// EventWriter makes one event file, row by row. It is used by one goroutine.
type EventWriter struct{ w *columns.Writer[eventRow] }

// NewEventWriter begins a file.
func NewEventWriter() (*EventWriter, error) {
	w, err := columns.NewWriter[eventRow]()
	if err != nil {
		return nil, fmt.Errorf("begin event file: %w", err)
	}
	return &EventWriter{w}, nil
}

// Add adds a row.
func (w *EventWriter) Add(e *ticket.Event) { w.w.Add(rowOf(e)) }

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
	rows, err := columns.Decode[eventRow](body)
	if err != nil {
		return nil, err
	}
	out := make([]ticket.Event, len(rows))
	for i := range rows {
		out[i] = rows[i].event()
	}
	return out, nil
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
