package api

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/jsontext"
	"ticketmoa/modules/search"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/answer"
)

// Encode writes a performance as every answer of the API has it; nil when it cannot be written.
func Encode(p *ticket.Performance, now time.Time) []byte {
	b, err := encode(p, now)
	if err != nil {
		return nil
	}
	return b
}

func encode(p *ticket.Performance, now time.Time) ([]byte, error) {
	return json.Marshal(performanceOf(p, now))
}

// body is a performance as it was written once for all, or written now where nobody did. It must not be changed.
func (h handlers) body(p *ticket.Performance, now time.Time) ([]byte, error) {
	if b := h.Search.Body(p.ID, now); b != nil {
		return b, nil
	}
	return encode(p, now)
}

// bodies are the performances of a result, likewise.
func bodies(res search.Result, now time.Time) ([][]byte, error) {
	if len(res.Bodies) == len(res.Items) && !slices.ContainsFunc(res.Bodies, func(b []byte) bool { return b == nil }) {
		return res.Bodies, nil
	}
	out := make([][]byte, len(res.Items))
	for i, p := range res.Items {
		var err error
		if out[i], err = encode(p, now); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// What follows writes by hand exactly what encoding/json would: the tests hold both against each other.

// appendOr writes a string, null for the empty one.
func appendOr[T ~string](b []byte, s T) []byte {
	if s == "" {
		return append(b, "null"...)
	}
	return jsontext.Append(b, string(s))
}

// appendItems writes items with commas between.
func appendItems(b []byte, items [][]byte) []byte {
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, item...)
	}
	return b
}

// appendPage ends a list.
func appendPage(b []byte, next string, total int) []byte {
	b = append(b, `"page":{"next_cursor":`...)
	b = appendOr(b, next)
	b = append(b, `,"total":`...)
	b = strconv.AppendInt(b, int64(total), 10)
	return append(b, '}')
}

// appendFacets writes the counts, names in order.
func appendFacets(b []byte, facets map[string]map[string]int) []byte {
	b = append(b, '{')
	for i, name := range slices.Sorted(maps.Keys(facets)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(jsontext.Append(b, name), ':')
		if facets[name] == nil {
			b = append(b, "null"...)
			continue
		}
		b = append(b, '{')
		for j, value := range slices.Sorted(maps.Keys(facets[name])) {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(jsontext.Append(b, value), ':')
			b = strconv.AppendInt(b, int64(facets[name][value]), 10)
		}
		b = append(b, '}')
	}
	return append(b, '}')
}

// appendList writes a list of performances.
func appendList(b []byte, items [][]byte, res search.Result) []byte {
	b = append(b, `{"data":[`...)
	b = append(appendItems(b, items), ']', ',')
	if len(res.Facets) > 0 {
		b = append(b, `"facets":`...)
		b = append(appendFacets(b, res.Facets), ',')
	}
	if r := res.Read; r != nil {
		b = append(b, `"read_as":{"how":`...)
		b = jsontext.Append(b, string(r.How))
		b = append(b, `,"text":`...)
		b = append(jsontext.Append(b, r.Text), '}', ',')
	}
	return append(appendPage(b, res.Next, res.Total), '}', '\n')
}

// extended is a performance with the members of another object behind its own.
func extended(body []byte, more any) ([]byte, error) {
	members, err := json.Marshal(more)
	if err != nil {
		return nil, err
	}
	return slices.Concat(body[:len(body)-1], []byte{','}, members[1:]), nil
}

// appendStage writes an artist or venue with its performances behind its own members.
func appendStage(b []byte, head any, items [][]byte, next string, total int) ([]byte, error) {
	members, err := json.Marshal(head)
	if err != nil {
		return b, err
	}
	b = append(b, members[:len(members)-1]...)
	b = append(b, `,"performances":[`...)
	b = append(appendItems(b, items), ']', ',')
	return append(appendPage(b, next, total), '}', '\n'), nil
}

// send answers with anything.
func send(c echo.Context, v any) error {
	return answer.JSON(c, func(b []byte) ([]byte, error) {
		out, err := json.Marshal(v)
		if err != nil {
			return b, err
		}
		return append(append(b, out...), '\n'), nil
	})
}
