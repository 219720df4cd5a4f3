package page

import (
	"bytes"
	"encoding/json"
)

// Member is one field of a JSON object.
type Member struct {
	Name  string
	Value json.RawMessage
}

// Object gives the fields of a JSON object in the order they are written, which a map would lose; nil for anything else.
func Object(raw []byte) []Member {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	var out []Member
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return nil
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return nil
		}
		out = append(out, Member{name, value})
	}
	return out
}
