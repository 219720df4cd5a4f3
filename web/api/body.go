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

	"ticketmoa/web/problem"
)

// setter takes the value of a field of a body; pointer is where it stands. It says what is wrong with it.
type setter func(raw json.RawMessage, pointer string) []problem.Field

// readWhole checks that a body is one JSON value and nothing more.
func readWhole(body []byte) (json.RawMessage, error) {
	if !utf8.Valid(body) {
		return nil, badBody("UTF-8이 아닙니다.")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(body, &whole); err != nil {
		detail := "JSON이 아닙니다."
		if se := (*json.SyntaxError)(nil); errors.As(err, &se) {
			detail = fmt.Sprintf("%d번째 바이트에서 JSON이 아닙니다.", se.Offset)
		}
		return nil, badBody(detail)
	}
	return bytes.TrimSpace(whole), nil
}

func badBody(detail string) *problem.Problem {
	return problem.BadParameters([]problem.Field{{Pointer: "", Detail: detail}})
}

// readObject reads an object strictly: a field that is unknown or comes twice is named, like everything the setters find
// wrong. at is the pointer of the object, what is what it stands for.
func readObject(raw json.RawMessage, at, what string, known map[string]setter) (wrong []problem.Field) {
	fail := func(pointer, format string, args ...any) {
		wrong = append(wrong, problem.Field{Pointer: pointer, Detail: fmt.Sprintf(format, args...)})
	}
	raw = bytes.TrimSpace(raw)
	if raw[0] != '{' {
		fail(at, "%s 객체({…})여야 합니다.", what)
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
			wrong = append(wrong, set(value, pointer)...)
		}
		seen[name] = true
	}
	if err != nil { // the whole body was JSON, so this cannot be
		fail(at, "읽을 수 없습니다: %v", err)
	}
	return wrong
}

// readList reads a list of at most most items.
func readList(raw json.RawMessage, pointer string, most int, item setter) (wrong []problem.Field) {
	var items []json.RawMessage
	if raw[0] != '[' || json.Unmarshal(raw, &items) != nil {
		return []problem.Field{{Pointer: pointer, Detail: "목록([…])이어야 합니다."}}
	}
	if len(items) > most {
		return []problem.Field{{Pointer: pointer, Detail: fmt.Sprintf("%d개까지입니다. 받은 것은 %d개입니다.", most, len(items))}}
	}
	for i, it := range items {
		wrong = append(wrong, item(it, pointer+"/"+strconv.Itoa(i))...)
		if len(wrong) >= 20 {
			break // the client has enough to mend
		}
	}
	return wrong
}

// simple makes a setter of a function that says in words what is wrong, or "".
func simple(set func(raw json.RawMessage) string) setter {
	return func(raw json.RawMessage, pointer string) []problem.Field {
		if why := set(raw); why != "" {
			return []problem.Field{{Pointer: pointer, Detail: why}}
		}
		return nil
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

// readInstant reads a time.
func readInstant(raw json.RawMessage, into *time.Time) (why string) {
	var s string
	if why := readText(raw, &s); why != "" {
		return why
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return "2026-11-22T09:00:00+09:00처럼 RFC 3339로 쓰세요."
	}
	*into = t
	return ""
}
