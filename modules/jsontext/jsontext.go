// Package jsontext writes strings as encoding/json does, byte for byte, into a buffer that the caller reuses. It is pure.
package jsontext

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Append appends a string as a JSON string, HTML escaped as json.Marshal does it.
func Append(b []byte, s string) []byte {
	if !asItIs(s) {
		quoted, _ := json.Marshal(s) // a string always marshals
		return append(b, quoted...)
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// asItIs tells whether a string stands between the quotes as it is.
func asItIs(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			return utf8.ValidString(s[i:]) && !strings.ContainsFunc(s[i:], escaped)
		case escaped(rune(c)):
			return false
		}
	}
	return true
}

func escaped(r rune) bool {
	return r < ' ' || r == '"' || r == '\\' || r == '<' || r == '>' || r == '&' || r == '\u2028' || r == '\u2029'
}
