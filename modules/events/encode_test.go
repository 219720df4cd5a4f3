package events

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"ticketmoa/modules/ticket"
)

// TestEncode holds what is written by hand against encoding/json: every field for itself, so that none is forgotten, and
// all together.
func TestEncode(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 3, 4, 5, 6_000_000, time.UTC)
	var all ticket.Event
	events := []ticket.Event{{}}
	for i := range reflect.TypeFor[ticket.Event]().NumField() {
		for _, text := range []string{"x", "한글 <&> \"\\\" \u2028 \x01 \xff", " "} {
			var one ticket.Event
			for _, e := range []*ticket.Event{&one, &all} {
				switch f := reflect.ValueOf(e).Elem().Field(i); f.Kind() {
				case reflect.String:
					f.SetString(text)
				case reflect.Bool:
					f.SetBool(true)
				case reflect.Int:
					f.SetInt(-7)
				case reflect.Struct:
					f.Set(reflect.ValueOf(at))
				default:
					t.Fatalf("field %d is a %s: what is it in the log?", i, f.Kind())
				}
			}
			events = append(events, one, all)
		}
	}
	for _, e := range events {
		want, err := json.Marshal(&e)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := encode(&e); err != nil || string(got) != string(want) {
			t.Errorf("%v\n got %s\nwant %s", err, got, want)
		}
	}
	if _, err := encode(&ticket.Event{OccurredAt: time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)}); !errors.Is(err, ErrInvalid) {
		t.Errorf("a year of five digits: %v", err)
	}
}
