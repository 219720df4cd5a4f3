package params

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"ticketmoa/modules/etl"
	"ticketmoa/web/problem"
)

// maxWord is the longest text a filter of the quarantine takes.
const maxWord = 1000

// Withheld is the query of a list of rows of the quarantine.
type Withheld struct {
	Filter etl.Filter
	Limit  int
	Cursor string
}

// ReadWithheld reads it; known are the values it may name.
func ReadWithheld(q url.Values, known etl.Values, standard int) (Withheld, error) {
	r := &reader{q: q}
	out := Withheld{Limit: standard, Cursor: q.Get("cursor"), Filter: etl.Filter{Source: one(r, "source", known.Sources), Kind: one(r, "kind", known.Kinds),
		Field: one(r, "field", known.Fields), Rule: r.plain("rule"), Code: r.plain("code"), ID: r.plain("id")}}
	if n, ok := r.number("limit", 1, MaxLimit); ok {
		out.Limit = int(n)
	}
	if len(r.errors) > 0 {
		return out, problem.BadParameters(r.errors)
	}
	return out, nil
}

// plain reads a text that is compared as it stands.
func (r *reader) plain(name string) string {
	v := strings.TrimSpace(r.q.Get(name))
	switch {
	case !utf8.ValidString(v) || strings.ContainsRune(v, 0):
		r.wrong(name, "UTF-8이 아닙니다.")
	case utf8.RuneCountInString(v) > maxWord:
		r.wrong(name, "%d자까지입니다.", maxWord)
	case len(r.q[name]) > 1:
		r.wrong(name, "하나만 쓸 수 있습니다.")
	}
	return v
}
