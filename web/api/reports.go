package api

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"ticketmoa/modules/ticket"
	"ticketmoa/web/problem"
)

// maxReports is how many events one request may report.
const maxReports = 1000

// report is one event as a page reports it: only what a page can know.
type report struct {
	event ticket.Event
	wrong []problem.Field // values that cannot be; the shape was right
}

// setters are the fields of a report, by name. Each says what is wrong with a value, or "".
func setters() map[string]func(r *report, raw json.RawMessage) string {
	text := func(at func(e *ticket.Event) *string) func(*report, json.RawMessage) string {
		return func(r *report, raw json.RawMessage) string { return readText(raw, at(&r.event)) }
	}
	number := func(at func(e *ticket.Event) *int) func(*report, json.RawMessage) string {
		return func(r *report, raw json.RawMessage) string { return readNumber(raw, at(&r.event)) }
	}
	return map[string]func(*report, json.RawMessage) string{
		"id":             text(func(e *ticket.Event) *string { return &e.ID }),
		"kind":           func(r *report, raw json.RawMessage) string { return readText(raw, (*string)(&r.event.Kind)) },
		"page":           text(func(e *ticket.Event) *string { return &e.Page }),
		"performance_id": text(func(e *ticket.Event) *string { return &e.PerformanceID }),
		"offer_id":       text(func(e *ticket.Event) *string { return &e.OfferID }),
		"from_id":        text(func(e *ticket.Event) *string { return &e.FromID }),
		"query":          text(func(e *ticket.Event) *string { return &e.Query }),
		"results":        number(func(e *ticket.Event) *int { return &e.Results }),
		"position":       number(func(e *ticket.Event) *int { return &e.Position }),
		"occurred_at":    readTime,
	}
}

// readTime takes any time: it is kept as told and never trusted. Years that cannot be kept are as good as none.
func readTime(r *report, raw json.RawMessage) string {
	var t time.Time
	if why := readInstant(raw, &t); why != "" {
		return why
	}
	if t = t.UTC(); t.Year() >= 1970 && t.Year() < 9999 {
		r.event.OccurredAt = t
	}
	return ""
}

// readReports reads one event or a list of them, strictly: an unknown or repeated field, a wrong type or anything behind the
// end is an error that names the item and the field. single tells that the body was one event, not a list.
func readReports(body []byte) (all []report, single bool, err error) {
	body, err = readWhole(body)
	if err != nil {
		return nil, false, err
	}
	var items []json.RawMessage
	switch body[0] {
	case '{':
		items, single = []json.RawMessage{body}, true
	case '[':
		if err := json.Unmarshal(body, &items); err != nil {
			return nil, false, badBody("JSON이 아닙니다.")
		}
	default:
		return nil, false, badBody("이벤트 하나({…})나 이벤트의 목록([{…}, …])이어야 합니다.")
	}
	if len(items) == 0 || len(items) > maxReports {
		return nil, false, badBody(fmt.Sprintf("이벤트는 한 번에 1개에서 %d개까지입니다. 받은 것은 %d개입니다.", maxReports, len(items)))
	}
	var wrong []problem.Field
	all = make([]report, len(items))
	known := setters()
	for i, raw := range items {
		at := ""
		if !single {
			at = "/" + strconv.Itoa(i)
		}
		wrong = append(wrong, all[i].read(raw, at, known)...)
		if len(wrong) >= 20 {
			break // the client has enough to mend
		}
	}
	if len(wrong) > 0 {
		return nil, single, problem.BadParameters(wrong)
	}
	return all, single, nil
}

// read fills one report; at is the pointer of the item.
func (r *report) read(raw json.RawMessage, at string, known map[string]func(*report, json.RawMessage) string) []problem.Field {
	own := make(map[string]setter, len(known))
	for name, set := range known {
		own[name] = simple(func(raw json.RawMessage) string { return set(r, raw) })
	}
	return readObject(raw, at, "이벤트는", own)
}
