package store

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
)

const idField = "_id"

var collectionName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,47}$`)

func (s Spec) check() error {
	if !collectionName.MatchString(s.Name) {
		return fmt.Errorf("%w: collection name %q; use a-z, 0-9 and _", ErrBadQuery, s.Name)
	}
	seen := map[string]bool{idField: true}
	for _, f := range s.Fields {
		if err := checkPath(f.Path); err != nil {
			return fmt.Errorf("collection %s: %w", s.Name, err)
		}
		if seen[f.Path] {
			return fmt.Errorf("%w: collection %s declares %q twice", ErrBadQuery, s.Name, f.Path)
		}
		if f.Array && f.Unique {
			return fmt.Errorf("%w: collection %s: array %q cannot be unique", ErrBadQuery, s.Name, f.Path)
		}
		seen[f.Path] = true
	}
	return nil
}

// same tells whether two specs declare the same, in whatever order.
func (s Spec) same(o Spec) bool {
	byPath := func(a, b Field) int { return strings.Compare(a.Path, b.Path) }
	return slices.Equal(slices.SortedFunc(slices.Values(s.Fields), byPath), slices.SortedFunc(slices.Values(o.Fields), byPath))
}

// checkPath refuses what MongoDB would read as something else than a path.
func checkPath(path string) error {
	if strings.ContainsRune(path, 0) {
		return fmt.Errorf("%w: path %q holds a NUL", ErrBadQuery, path)
	}
	for part := range strings.SplitSeq(path, ".") {
		if part == "" || part[0] == '$' {
			return fmt.Errorf("%w: path %q has a part that is empty or begins with $", ErrBadQuery, path)
		}
	}
	return nil
}

func (s Spec) field(path string) (Field, error) {
	if path == idField {
		return Field{Path: idField}, nil
	}
	for _, f := range s.Fields {
		if f.Path == path {
			return f, nil
		}
	}
	return Field{}, fmt.Errorf("%w: %q of collection %s; add it to the Spec", ErrNotDeclared, path, s.Name)
}

// term is a condition that was checked: value is a string, int64, float64, bool or UTC time in whole milliseconds,
// []string for In, nil for Missing and Present.
type term struct {
	field Field
	op    Op
	value any
}

func (s Spec) terms(where []Cond) ([]term, error) {
	out := make([]term, 0, len(where))
	for _, c := range where {
		t, err := s.term(c)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

func (s Spec) term(c Cond) (term, error) {
	f, err := s.field(c.Field)
	if err != nil {
		return term{}, err
	}
	t := term{field: f, op: c.Op}
	switch c.Op {
	case Missing, Present:
		return t, nil
	case In:
		t.value, err = stringsOf(c.Value)
	case Eq, Ne, Lt, Lte, Gt, Gte:
		t.value, err = scalar(c.Value)
	default:
		err = fmt.Errorf("%w: unknown comparison %q", ErrBadQuery, c.Op)
	}
	if err == nil && f.Array {
		err = checkArrayTerm(t)
	}
	if err != nil {
		return term{}, fmt.Errorf("condition on %s.%s: %w", s.Name, c.Field, err)
	}
	return t, nil
}

func checkArrayTerm(t term) error {
	if t.op == In {
		return nil
	}
	if t.op != Eq && t.op != Ne {
		return fmt.Errorf("%w: an array cannot be compared with %s", ErrBadQuery, t.op)
	}
	if _, ok := t.value.(string); !ok {
		return fmt.Errorf("%w: members of an array are strings, not %T", ErrBadQuery, t.value)
	}
	return nil
}

// order checks what a query sorts by; "" is _id.
func (s Spec) order(q Query) (Field, error) {
	if q.OrderBy == "" {
		return Field{Path: idField}, nil
	}
	f, err := s.field(q.OrderBy)
	if err == nil && f.Array {
		err = fmt.Errorf("%w: %s cannot be sorted by the array %q", ErrBadQuery, s.Name, q.OrderBy)
	}
	return f, err
}

func scalar(v any) (any, error) {
	if t, ok := v.(time.Time); ok {
		return time.UnixMilli(t.UnixMilli()).UTC(), nil
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.String:
		return r.String(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return r.Int(), nil
	case reflect.Float32, reflect.Float64:
		return r.Float(), nil
	case reflect.Bool:
		return r.Bool(), nil
	case reflect.Pointer:
		if !r.IsNil() {
			return scalar(r.Elem().Interface())
		}
	}
	return nil, fmt.Errorf("%w: a value of type %T; use Missing or Present for null", ErrBadQuery, v)
}

func stringsOf(v any) ([]string, error) {
	r := reflect.ValueOf(v)
	if r.Kind() != reflect.Slice || r.Type().Elem().Kind() != reflect.String {
		return nil, fmt.Errorf("%w: In takes a slice of strings, not %T", ErrBadQuery, v)
	}
	out := make([]string, r.Len())
	for i := range out {
		out[i] = r.Index(i).String()
	}
	return out, nil
}

// change is a checked set of fields: paths in order, a nil value unsets.
type change struct {
	path  string
	value any
}

func changes(set map[string]any) ([]change, error) {
	if len(set) == 0 {
		return nil, fmt.Errorf("%w: nothing to set", ErrBadQuery)
	}
	paths := slices.Sorted(maps.Keys(set))
	out := make([]change, 0, len(paths))
	for _, p := range paths {
		if err := checkPath(p); err != nil {
			return nil, err
		}
		if p == idField || strings.HasPrefix(p, idField+".") {
			return nil, fmt.Errorf("%w: _id never changes", ErrBadQuery)
		}
		for _, other := range paths {
			if strings.HasPrefix(other, p+".") {
				return nil, fmt.Errorf("%w: %q and %q set the same field", ErrBadQuery, p, other)
			}
		}
		v := set[p]
		if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer && r.IsNil() {
			v = nil
		}
		out = append(out, change{path: p, value: v})
	}
	return out, nil
}
