package record

import (
	"encoding/hex"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestFormatExample reads the hex dump that FORMAT.md explains: a stranger who follows it finds the record.
func TestFormatExample(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	data := make([]byte, 0x80)
	for _, m := range regexp.MustCompile(`(?m)^([0-9a-f]{8})  ((?:[0-9a-f]{2} {1,2}){16})\|`).FindAllStringSubmatch(string(text), -1) {
		at, err := strconv.ParseUint(m[1], 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		line, err := hex.DecodeString(strings.ReplaceAll(m[2], " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		copy(data[at:], line)
	}
	copy(data[headCopy:HeadSize], data[:headCopy]) // the dump leaves the second copy out
	h, state, err := ReadHead(data, 1)
	if err != nil || state != HeadWhole {
		t.Fatalf("head: %+v, state %d, %v\nwant the bytes\n%s", h, state, err, example())
	}
	r, ok := Read(data[HeadSize:], h.Salt)
	if !ok || string(r.Payload) != "hello" || r.Offset != 1 || r.Flags != Start {
		t.Fatalf("record: %+v, %v\nwant the bytes\n%s", r, ok, example())
	}
}

func example() string {
	h := Head{Base: 1, Salt: 0x2183e5a866eeab42}
	b := (&Record{Offset: 1, Millis: 1732406743936, Flags: Start, Payload: []byte("hello")}).Append(h.Append(nil), h.Salt)
	return hex.Dump(append(b, make([]byte, 7)...))
}
