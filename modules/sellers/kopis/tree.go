package kopis

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html/charset"
)

// node is an element: its name, its own text and what it holds.
type node struct {
	name string
	text string
	kids []*node
}

const maxDepth = 32

var errDeep = errors.New("nested too deep")

// tree reads an answer into its elements: XML as the API writes it, or JSON as xml-js and its likes store it.
func tree(body []byte) (*node, error) {
	trimmed := bytes.TrimLeft(body, " \t\r\n\ufeff")
	if bytes.HasPrefix(trimmed, []byte("{")) || bytes.HasPrefix(trimmed, []byte("[")) {
		return fromJSON(trimmed)
	}
	return fromXML(trimmed)
}

func fromXML(body []byte) (*node, error) {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.Strict = false
	d.Entity = xml.HTMLEntity
	d.CharsetReader = charset.NewReaderLabel
	root := &node{}
	stack := []*node{root}
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			if len(stack) > 1 {
				return nil, fmt.Errorf("the XML ends inside <%s>", stack[len(stack)-1].name)
			}
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		top := stack[len(stack)-1]
		switch t := t.(type) {
		case xml.StartElement:
			if len(stack) > maxDepth {
				return nil, errDeep
			}
			n := &node{name: t.Name.Local}
			top.kids = append(top.kids, n)
			stack = append(stack, n)
		case xml.EndElement:
			if len(stack) > 1 {
				stack = stack[:len(stack)-1]
			}
		case xml.CharData:
			top.text += string(t)
		}
	}
}

func fromJSON(body []byte) (*node, error) {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return nil, err
	}
	root := &node{}
	return root, grow(root, "", v, 0)
}

// grow adds a JSON value below n. {"type":"element","name":…,"elements":[…]} is xml-js; {"name":{…}} is every other way.
func grow(n *node, name string, v any, depth int) error {
	if depth > maxDepth {
		return errDeep
	}
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			if err := grow(n, name, one, depth+1); err != nil {
				return err
			}
		}
	case map[string]any:
		return growObject(n, name, v, depth)
	case string:
		leaf(n, name, v)
	case float64, bool:
		leaf(n, name, strings.TrimSpace(fmt.Sprint(v)))
	}
	return nil
}

func growObject(n *node, name string, v map[string]any, depth int) error {
	if elements, ok := v["elements"]; ok {
		if own, ok := v["name"].(string); ok {
			name = own
		}
		return grow(child(n, name), "", elements, depth+1)
	}
	if v["type"] == "element" {
		if own, ok := v["name"].(string); ok {
			child(n, own)
		}
		return nil
	}
	if text, ok := v["text"].(string); ok && (v["type"] == "text" || v["type"] == "cdata") {
		n.text += text
		return nil
	}
	below := child(n, name)
	for key, one := range v {
		if key == "_text" || key == "_cdata" || key == "#text" {
			if s, ok := one.(string); ok {
				below.text += s
			}
			continue
		}
		if err := grow(below, key, one, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// child is a new element below n, or n itself where there is no name.
func child(n *node, name string) *node {
	if name == "" {
		return n
	}
	c := &node{name: name}
	n.kids = append(n.kids, c)
	return c
}

func leaf(n *node, name, text string) {
	c := child(n, name)
	c.text += text
}

// all finds the elements of a name, outermost first; it does not look inside what it found.
func (n *node) all(name string) []*node {
	var out []*node
	for _, k := range n.kids {
		if k.name == name {
			out = append(out, k)
			continue
		}
		out = append(out, k.all(name)...)
	}
	return out
}

// get is the text of the element of a name right below n; the API writes " " for nothing.
func (n *node) get(name string) string {
	for _, k := range n.kids {
		if k.name == name {
			if s := strings.TrimSpace(strings.ToValidUTF8(k.text, "")); s != "" {
				return s
			}
		}
	}
	return ""
}
