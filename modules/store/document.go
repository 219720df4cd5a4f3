package store

import (
	"fmt"
	"reflect"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// document is an encoded one with what the stores must know about it.
type document struct {
	id      string
	version int64
	raw     bson.Raw
}

func encode(doc any) (document, error) {
	raw, err := bson.Marshal(doc)
	if err != nil {
		return document{}, fmt.Errorf("%w: %T: %w", ErrBadDocument, doc, err)
	}
	return asDocument(raw)
}

func asDocument(raw bson.Raw) (document, error) {
	id, ok := raw.Lookup(idField).StringValueOK()
	if !ok || id == "" {
		return document{}, fmt.Errorf("%w: _id must be a text that is not empty", ErrBadDocument)
	}
	version, _ := raw.Lookup("version").AsInt64OK()
	return document{id: id, version: version, raw: raw}, nil
}

func decode(raw bson.Raw, out any) error {
	if err := bson.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("decode document into %T: %w", out, err)
	}
	return nil
}

// list collects decoded documents in the slice that out points to.
type list struct {
	slice reflect.Value
	grown reflect.Value
}

func newList(out any) (*list, error) {
	p := reflect.ValueOf(out)
	if p.Kind() != reflect.Pointer || p.IsNil() || p.Elem().Kind() != reflect.Slice {
		return nil, fmt.Errorf("%w: results go to a pointer to a slice, not %T", ErrBadQuery, out)
	}
	return &list{slice: p.Elem(), grown: reflect.MakeSlice(p.Elem().Type(), 0, 0)}, nil
}

func (l *list) add(raw bson.Raw) error {
	item := reflect.New(l.grown.Type().Elem())
	if err := decode(raw, item.Interface()); err != nil {
		return err
	}
	l.grown = reflect.Append(l.grown, item.Elem())
	return nil
}

// done hands the result over; an error before it leaves the caller's slice as it was.
func (l *list) done() { l.slice.Set(l.grown) }

// value is the scalar at path as SQLite keeps it: nil when it is missing or null, milliseconds for a time, and a byte for
// a bool so that it stays apart from a number.
func value(raw bson.Raw, path string) any {
	v, err := raw.LookupErr(strings.Split(path, ".")...)
	if err != nil {
		return nil
	}
	switch v.Type {
	case bson.TypeString:
		return v.StringValue()
	case bson.TypeInt32, bson.TypeInt64:
		return v.AsInt64()
	case bson.TypeDouble:
		return v.Double()
	case bson.TypeDateTime:
		return v.DateTime()
	case bson.TypeBoolean:
		return boolValue(v.Boolean())
	}
	return nil
}

func boolValue(b bool) []byte {
	if b {
		return []byte{1}
	}
	return []byte{0}
}

// members are the different strings an array field holds, in order; found is false when there is nothing at path.
func members(raw bson.Raw, path string) (out []string, found bool) {
	seen := map[string]bool{}
	var walk func(v bson.RawValue, parts []string)
	walk = func(v bson.RawValue, parts []string) {
		switch v.Type {
		case bson.TypeArray:
			items, err := v.Array().Values()
			if err != nil {
				return
			}
			found = found || len(parts) == 0
			for _, item := range items {
				walk(item, parts)
			}
		case bson.TypeEmbeddedDocument:
			if len(parts) > 0 {
				if next, err := v.Document().LookupErr(parts[0]); err == nil {
					walk(next, parts[1:])
				}
			}
		case bson.TypeString:
			if s := v.StringValue(); len(parts) == 0 {
				found = true
				if !seen[s] {
					seen[s] = true
					out = append(out, s)
				}
			}
		}
	}
	walk(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: raw}, strings.Split(path, "."))
	return out, found
}

// apply changes fields of an encoded document. Everything else keeps its place, type and bytes' meaning.
func apply(raw bson.Raw, set []change) (document, error) {
	var d bson.D
	if err := bson.Unmarshal(raw, &d); err != nil {
		return document{}, fmt.Errorf("read stored document: %w", err)
	}
	for _, c := range set {
		var err error
		if d, err = put(d, strings.Split(c.path, "."), c.value); err != nil {
			return document{}, fmt.Errorf("set %s: %w", c.path, err)
		}
	}
	return encode(d)
}

func put(d bson.D, parts []string, v any) (bson.D, error) {
	at := -1
	for i, e := range d {
		if e.Key == parts[0] {
			at = i
			break
		}
	}
	switch {
	case len(parts) == 1 && v == nil && at < 0:
		return d, nil
	case len(parts) == 1 && v == nil:
		return append(d[:at], d[at+1:]...), nil
	case len(parts) == 1 && at < 0:
		return append(d, bson.E{Key: parts[0], Value: v}), nil
	case len(parts) == 1:
		d[at].Value = v
		return d, nil
	case at < 0 && v == nil:
		return d, nil
	case at < 0:
		inner, err := put(nil, parts[1:], v)
		return append(d, bson.E{Key: parts[0], Value: inner}), err
	}
	inner, ok := d[at].Value.(bson.D)
	if !ok && v == nil {
		return d, nil
	}
	if !ok {
		return nil, fmt.Errorf("%w: %q is no document but %T", ErrBadQuery, parts[0], d[at].Value)
	}
	inner, err := put(inner, parts[1:], v)
	d[at].Value = inner
	return d, err
}
