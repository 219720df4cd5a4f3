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
	b := make([]byte, 0, 384)
	b = jsontext.Append(append(b, `{"id":`...), e.ID)
	b = jsontext.Append(append(b, `,"kind":`...), string(e.Kind))
	b, err := moment(b, "received_at", e.ReceivedAt)
	if err == nil && !e.OccurredAt.IsZero() {
		b, err = moment(b, "occurred_at", e.OccurredAt)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	b = jsontext.Append(append(b, `,"person":`...), e.Person)
	b = flag(b, "account", e.Account)
	b = text(b, "age_band", string(e.AgeBand))
	b = text(b, "gender", string(e.Gender))
	b = text(b, "browser", e.Browser)
	b = text(b, "device", e.Device)
	b = flag(b, "bot", e.Bot)
	b = flag(b, "prefetch", e.Prefetch)
	b = text(b, "page", e.Page)
	b = text(b, "from_id", e.FromID)
	b = number(b, "position", e.Position)
	b = text(b, "query", e.Query)
	b = number(b, "results", e.Results)
	b = text(b, "method", e.Method)
	b = text(b, "channel", e.Channel)
	b = text(b, "alert_id", e.AlertID)
	b = text(b, "artist_id", e.ArtistID)
	b = flag(b, "on", e.On)
	b = text(b, "offer_id", e.OfferID)
	b = text(b, "seller", string(e.Seller))
	b = text(b, "genre", string(e.Genre))
	b = text(b, "region", string(e.Region))
	b = text(b, "performance_id", e.PerformanceID)
	return append(b, '}'), nil
}

// What follows appends a member to an object under way, unless it is empty.

func name(b []byte, name string) []byte {
	b = append(b, `,"`...)
	b = append(b, name...)
	return append(b, `":`...)
}

func text(b []byte, key, v string) []byte {
	if v == "" {
		return b
	}
	return jsontext.Append(name(b, key), v)
}

func number(b []byte, key string, v int) []byte {
	if v == 0 {
		return b
	}
	return strconv.AppendInt(name(b, key), int64(v), 10)
}

func flag(b []byte, key string, v bool) []byte {
	if !v {
		return b
	}
	return append(name(b, key), "true"...)
}

func moment(b []byte, key string, t time.Time) ([]byte, error) {
	b, err := t.AppendText(append(name(b, key), '"'))
	return append(b, '"'), err
}
