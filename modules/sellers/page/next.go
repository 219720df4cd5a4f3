package page

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// NextData is what a Next.js page carries for its own start (script#__NEXT_DATA__); nil when it carries none.
func NextData(doc *goquery.Document) []byte {
	text := strings.TrimSpace(First(doc, "script#__NEXT_DATA__").Text())
	if text == "" || !json.Valid([]byte(text)) {
		return nil
	}
	return []byte(text)
}

var rePush = regexp.MustCompile(`self\.__next_f\.push\(\[1,\s*("(?:[^"\\]|\\.)*")\s*\]\)`)

// Flight joins the pieces in which a server-rendered React page sends its data; nil when it sends none. The bare answer
// of such a route, without a page around it, is given as it is.
func Flight(body []byte) []byte {
	var out bytes.Buffer
	for _, m := range rePush.FindAllSubmatch(body, -1) {
		var piece string
		if json.Unmarshal(m[1], &piece) == nil {
			out.WriteString(piece)
		}
	}
	if out.Len() == 0 && !IsHTML(body) && bytes.Contains(body, []byte(`{"`)) {
		return body
	}
	return out.Bytes()
}

// torn is how many objects that do not decode are passed over before the text is given up: each costs a look at all that follows.
const torn = 64

// Objects decodes every JSON object in text that begins with the given field, in order, each once. What does not decode
// is passed over: text around the objects is not JSON.
func Objects(text []byte, field string, each func(raw json.RawMessage)) {
	begin := []byte(`{"` + field + `":`)
	for at, failed := 0, 0; failed < torn; {
		i := bytes.Index(text[at:], begin)
		if i < 0 {
			return
		}
		at += i
		var raw json.RawMessage
		d := json.NewDecoder(bytes.NewReader(text[at:]))
		if d.Decode(&raw) != nil {
			at, failed = at+len(begin), failed+1
			continue
		}
		each(raw)
		at += len(raw)
	}
}
