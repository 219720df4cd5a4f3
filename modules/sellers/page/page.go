// Package page opens the answers of sources for their parsers: bytes in whatever charset they are, HTML, JSON and
// schema.org data. It is pure, never fails on damaged bytes, and changes no word of what a source wrote.
package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

// Text is the body in UTF-8: as it is when it is that already, else by its header or meta element. Bytes that are no
// text in that charset are dropped.
func Text(p *ticket.Page) []byte {
	if utf8.Valid(p.Body) {
		return p.Body
	}
	r, err := charset.NewReader(bytes.NewReader(p.Body), p.Header["Content-Type"])
	if err == nil {
		if b, err := io.ReadAll(r); err == nil {
			return bytes.ToValidUTF8(b, nil)
		}
	}
	return bytes.ToValidUTF8(p.Body, nil)
}

// Document reads HTML. An empty page is not ours.
func Document(p *ticket.Page) (*goquery.Document, error) {
	if len(bytes.TrimSpace(p.Body)) == 0 {
		return nil, fmt.Errorf("%w: %s is empty", sellers.ErrNotOurs, p.URL)
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(Text(p)))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", sellers.ErrNotOurs, p.URL, err)
	}
	return doc, nil
}

// JSON reads an answer into a value. HTML in its place is told as that. A JSON string that holds JSON, as some routes
// answer, is opened too.
func JSON(p *ticket.Page, into any) error {
	body := bytes.TrimLeft(bytes.ToValidUTF8(p.Body, nil), " \t\r\n\ufeff")
	if bytes.HasPrefix(body, []byte(`"`)) {
		var inner string
		if json.Unmarshal(body, &inner) == nil {
			body = []byte(inner)
		}
	}
	if err := json.Unmarshal(body, into); err != nil {
		if IsHTML(p.Body) {
			return fmt.Errorf("%w: %s answered with HTML where JSON was asked for", sellers.ErrNotOurs, p.URL)
		}
		return fmt.Errorf("%w: %s: not the JSON that was asked for: %w", sellers.ErrNotOurs, p.URL, err)
	}
	return nil
}

// IsHTML tells whether bytes begin like a document or a fragment of one.
func IsHTML(b []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n\ufeff"), []byte("<"))
}

// Scalar is a JSON value that sources write now as a number, now as a string. null, true and objects are "".
type Scalar string

// UnmarshalJSON never fails: what is no scalar is nothing we read.
func (s *Scalar) UnmarshalJSON(b []byte) error {
	*s = ""
	var text string
	if json.Unmarshal(b, &text) == nil {
		*s = Scalar(strings.TrimSpace(text))
		return nil
	}
	var n json.Number
	if json.Unmarshal(b, &n) == nil {
		*s = Scalar(n.String())
	}
	var is bool
	if json.Unmarshal(b, &is) == nil && string(b) != "null" {
		*s = Scalar(strconv.FormatBool(is))
	}
	return nil
}

// Digits is a code that is made of digits only; "" for anything else.
func (s Scalar) Digits() string {
	if s == "" || len(s) > 12 || strings.Trim(string(s), "0123456789") != "" {
		return ""
	}
	return string(s)
}

// Yes tells whether a source says yes: true, "Y" or 1.
func (s Scalar) Yes() bool {
	switch strings.ToUpper(string(s)) {
	case "TRUE", "Y", "YES", "1":
		return true
	}
	return false
}

// List is a JSON array read item by item, so that one item of another shape costs itself only. What is no array is nil.
type List[T any] []T

// UnmarshalJSON never fails.
func (l *List[T]) UnmarshalJSON(b []byte) error {
	*l = nil
	var raw []json.RawMessage
	if json.Unmarshal(b, &raw) != nil || raw == nil {
		return nil //nolint:nilerr // see above
	}
	*l = make(List[T], 0, len(raw))
	for _, one := range raw {
		var item T
		if json.Unmarshal(one, &item) == nil && string(one) != "null" {
			*l = append(*l, item)
		}
	}
	return nil
}

// Words is the text of a node with single blanks.
func Words(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

// First is the first node that a selector finds; the rest of the page is not looked at.
func First(doc *goquery.Document, selector string) *goquery.Selection {
	return doc.FindMatcher(goquery.Single(selector))
}

// Attr is an attribute of the first node that a selector finds, trimmed.
func Attr(doc *goquery.Document, selector, name string) string {
	v, _ := First(doc, selector).Attr(name)
	return strings.TrimSpace(v)
}

// mostStrips is how many pictures a page is believed to say something in.
const mostStrips = 12

// Strips lists the addresses of the pictures inside what a selector finds, each once and in order: those in which sellers
// print cast, prices and times. Addresses that are no place on the web (data:) are left out.
func Strips(doc *goquery.Selection, selector string) (addresses []string) {
	doc.Find(selector).Find("img").Each(func(_ int, img *goquery.Selection) {
		src, _ := img.Attr("src")
		src = strings.TrimSpace(src)
		if src == "" || strings.HasPrefix(src, "data:") || slices.Contains(addresses, src) || len(addresses) >= mostStrips {
			return
		}
		addresses = append(addresses, src)
	})
	return addresses
}

// Cell is the text of the table cell that follows the heading label, blanks in it aside; "" when there is none.
func Cell(doc *goquery.Document, label string) (text string) {
	doc.Find("th").EachWithBreak(func(_ int, th *goquery.Selection) bool {
		if Squeeze(th.Text()) == label {
			text = Words(th.NextFiltered("td"))
		}
		return text == ""
	})
	return text
}

// Squeeze takes every blank and invisible character out of a label.
func Squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r <= ' ', r == '\u00a0', r == '\u3000', r >= '\u2000' && r <= '\u200f', r == '\u2060', r == '\ufeff', r == '\u202f':
			return -1
		}
		return r
	}, s)
}

var blocks = map[string]bool{"p": true, "div": true, "li": true, "ul": true, "ol": true, "tr": true, "table": true, "h1": true, "h2": true,
	"h3": true, "h4": true, "h5": true, "dl": true, "dt": true, "dd": true, "section": true, "blockquote": true, "pre": true}

// Lines are the lines of a text as a reader sees them: cut at <br> and at the edges of blocks.
func Lines(s *goquery.Selection) []string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(strings.NewReplacer("\r", " ", "\n", " ").Replace(n.Data))
			return
		case n.Type != html.ElementNode && n.Type != html.DocumentNode, n.Data == "script", n.Data == "style":
			return
		case n.Data == "br":
			b.WriteByte('\n')
			return
		}
		edge := blocks[n.Data]
		if edge {
			b.WriteByte('\n')
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		if edge {
			b.WriteByte('\n')
		} else if n.Data == "td" || n.Data == "th" {
			b.WriteByte(' ')
		}
	}
	for _, n := range s.Nodes {
		walk(n)
	}
	var out []string
	for line := range strings.SplitSeq(b.String(), "\n") {
		if line = visible(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// visible is a line with single blanks and without characters that show nothing, bullets of symbol fonts included.
func visible(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r) {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
