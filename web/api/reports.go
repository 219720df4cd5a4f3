package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

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

func readText(raw json.RawMessage, into *string) string {
	if raw[0] != '"' || json.Unmarshal(raw, into) != nil {
		return "글자열(string)이어야 합니다."
	}
	return ""
}

func readNumber(raw json.RawMessage, into *int) string {
	n, err := strconv.Atoi(string(raw))
	if err != nil {
		return "정수여야 합니다."
	}
	*into = n
	return ""
}

// readTime takes any time: it is kept as told and never trusted. Years that cannot be kept are as good as none.
func readTime(r *report, raw json.RawMessage) string {
	var s string
	if why := readText(raw, &s); why != "" {
		return why
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return "2026-11-22T09:00:00+09:00처럼 RFC 3339로 쓰세요."
	}
	if t = t.UTC(); t.Year() >= 1970 && t.Year() < 9999 {
		r.event.OccurredAt = t
	}
	return ""
}

// readReports reads one event or a list of them, strictly: an unknown or repeated field, a wrong type or anything behind the
// end is an error that names the item and the field. single tells that the body was one event, not a list.
func readReports(body []byte) (all []report, single bool, err error) {
	if !utf8.Valid(body) {
		return nil, false, badBody("UTF-8이 아닙니다.")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(body, &whole); err != nil {
		detail := "JSON이 아닙니다."
		if se := (*json.SyntaxError)(nil); errors.As(err, &se) {
			detail = fmt.Sprintf("%d번째 바이트에서 JSON이 아닙니다.", se.Offset)
		}
		return nil, false, badBody(detail)
	}
	body = bytes.TrimSpace(body)
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

func badBody(detail string) *problem.Problem {
	return problem.BadParameters([]problem.Field{{Pointer: "", Detail: detail}})
}

// read fills one report; at is the pointer of the item.
func (r *report) read(raw json.RawMessage, at string, known map[string]func(*report, json.RawMessage) string) (wrong []problem.Field) {
	fail := func(pointer, format string, args ...any) {
		wrong = append(wrong, problem.Field{Pointer: pointer, Detail: fmt.Sprintf(format, args...)})
	}
	raw = bytes.TrimSpace(raw)
	if raw[0] != '{' {
		fail(at, "이벤트는 객체({…})여야 합니다.")
		return wrong
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	_, err := dec.Token()
	seen := map[string]bool{}
	for err == nil && dec.More() {
		var key json.Token
		var value json.RawMessage
		if key, err = dec.Token(); err != nil {
			break
		}
		if err = dec.Decode(&value); err != nil {
			break
		}
		name, _ := key.(string)
		pointer := at + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(clip(name))
		set, ok := known[name]
		switch {
		case seen[name]:
			fail(pointer, "같은 이름이 두 번 있습니다.")
		case !ok:
			fail(pointer, "없는 항목입니다. 쓸 수 있는 항목: %s", strings.Join(fieldNames(known), ", "))
		default:
			if why := set(r, value); why != "" {
				fail(pointer, "%s", why)
			}
		}
		seen[name] = true
	}
	if err != nil { // the whole body was JSON, so this cannot be
		fail(at, "읽을 수 없습니다: %v", err)
	}
	return wrong
}

func fieldNames[T any](m map[string]T) []string {
	out := make([]string, 0, len(m))
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func clip(s string) string {
	if utf8.RuneCountInString(s) > 40 {
		return string([]rune(s)[:40]) + "…"
	}
	return s
}
