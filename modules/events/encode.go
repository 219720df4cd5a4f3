package events

import (
	"fmt"
	"strconv"
	"time"

	"ticketmoa/modules/jsontext"
	"ticketmoa/modules/ticket"
)

// encode writes an event as encoding/json does, field by field: a page that is looked at leaves several, and reflection
// took longer than all else of them. ErrInvalid when a time cannot be written.
func encode(e *ticket.Event) ([]byte, error) {
	l := line{b: make([]byte, 0, 384)}
	l.b = append(l.b, `{"id":`...)
	l.b = jsontext.Append(l.b, e.ID)
	l.b = append(l.b, `,"kind":`...)
	l.b = jsontext.Append(l.b, string(e.Kind))
	l.moment("received_at", e.ReceivedAt)
	if !e.OccurredAt.IsZero() {
		l.moment("occurred_at", e.OccurredAt)
	}
	l.b = append(l.b, `,"person":`...)
	l.b = jsontext.Append(l.b, e.Person)
	l.flag("account", e.Account)
	l.text("age_band", string(e.AgeBand))
	l.text("gender", string(e.Gender))
	l.text("browser", e.Browser)
	l.text("device", e.Device)
	l.flag("bot", e.Bot)
	l.flag("prefetch", e.Prefetch)
	l.text("page", e.Page)
	l.text("from_id", e.FromID)
	l.number("position", e.Position)
	l.text("query", e.Query)
	l.number("results", e.Results)
	l.text("method", e.Method)
	l.text("channel", e.Channel)
	l.text("alert_id", e.AlertID)
	l.text("artist_id", e.ArtistID)
	l.flag("on", e.On)
	l.text("offer_id", e.OfferID)
	l.text("seller", string(e.Seller))
	l.text("genre", string(e.Genre))
	l.text("region", string(e.Region))
	l.text("performance_id", e.PerformanceID)
	if l.err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, l.err)
	}
	return append(l.b, '}'), nil
}

// line is an object under way. Fields that are empty are left out.
type line struct {
	b   []byte
	err error
}

func (l *line) name(name string) {
	l.b = append(l.b, `,"`...)
	l.b = append(l.b, name...)
	l.b = append(l.b, `":`...)
}

func (l *line) text(name, v string) {
	if v != "" {
		l.name(name)
		l.b = jsontext.Append(l.b, v)
	}
}

func (l *line) number(name string, v int) {
	if v != 0 {
		l.name(name)
		l.b = strconv.AppendInt(l.b, int64(v), 10)
	}
}

func (l *line) flag(name string, v bool) {
	if v {
		l.name(name)
		l.b = append(l.b, "true"...)
	}
}

func (l *line) moment(name string, t time.Time) {
	l.name(name)
	l.b = append(l.b, '"')
	out, err := t.AppendText(l.b)
	if err != nil {
		l.err = err
		return
	}
	l.b = out
	l.b = append(l.b, '"')
}
