package columns

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
)

// Encode makes a file of rows: a struct whose fields carry tags of xitongsys/parquet-go,
// `parquet:"name=views, type=INT64"`. A string, bool, int32, int64 or float64 is a required column, a pointer to one an
// optional one; convertedtype=TIMESTAMP_MILLIS makes an int64 an instant. Fields without a tag are left out. ErrBadSchema.
func Encode[T any](rows []T) ([]byte, error) {
	w, err := NewWriter[T]()
	if err != nil {
		return nil, err
	}
	for i := range rows {
		w.Add(rows[i])
	}
	return w.Bytes()
}

// Decode reads what Encode made. Columns that T does not name are passed over; one that the file does not have is
// ErrBadParquet.
func Decode[T any](body []byte) ([]T, error) {
	b, err := binds(reflect.TypeFor[T]())
	if err != nil {
		return nil, err
	}
	f, err := Open(body)
	if err != nil {
		return nil, err
	}
	var out []T
	for g := range f.Groups() {
		first := len(out)
		out = append(out, make([]T, f.GroupRows(g))...)
		for i := range b {
			c, err := f.Column(g, b[i].field.Name)
			if err != nil {
				return nil, err
			}
			if (c.Codes != nil) != (b[i].field.Kind == Text) {
				return nil, fmt.Errorf("%w: column %s is not what the rows hold", ErrBadParquet, b[i].field.Name)
			}
			for r := range f.GroupRows(g) {
				b[i].get(&c, r, reflect.ValueOf(&out[first+r]).Elem().Field(b[i].index))
			}
		}
	}
	return out, nil
}

// bind joins a column to a field of a struct.
type bind struct {
	field   Field
	index   int
	pointer bool
}

func binds(t reflect.Type) ([]bind, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%w: %s is no struct", ErrBadSchema, t)
	}
	var out []bind
	for i := range t.NumField() {
		tag := t.Field(i).Tag.Get("parquet")
		if tag == "" {
			continue
		}
		b, err := bindOf(t.Field(i), tag)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", t, t.Field(i).Name, err)
		}
		b.index = i
		if slices.ContainsFunc(out, func(o bind) bool { return o.field.Name == b.field.Name }) {
			return nil, fmt.Errorf("%w: %s has two columns %q", ErrBadSchema, t, b.field.Name)
		}
		out = append(out, b)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: %s has no field with a parquet tag", ErrBadSchema, t)
	}
	return out, nil
}

func bindOf(f reflect.StructField, tag string) (bind, error) {
	t := f.Type
	b := bind{pointer: t.Kind() == reflect.Pointer}
	if b.pointer {
		t = t.Elem()
	}
	kinds := map[reflect.Type]Kind{reflect.TypeFor[string](): Text, reflect.TypeFor[bool](): Bool, reflect.TypeFor[int64](): Int64,
		reflect.TypeFor[int32](): Int32, reflect.TypeFor[float64](): Double}
	kind, ok := kinds[t]
	if !ok || !f.IsExported() {
		return b, fmt.Errorf("%w: a field of type %s", ErrBadSchema, f.Type)
	}
	b.field = Field{Kind: kind, Required: !b.pointer}
	for part := range strings.SplitSeq(tag, ",") {
		key, value, _ := strings.Cut(part, "=")
		value = strings.TrimSpace(value)
		switch key = strings.ToLower(strings.TrimSpace(key)); {
		case key == "name":
			b.field.Name = value
		case key == "type" && value == kind.physical().String():
		case key == "convertedtype" && value == "UTF8" && kind == Text:
		case key == "convertedtype" && value == "TIMESTAMP_MILLIS" && kind == Int64:
			b.field.Kind = Millis
		case key == "repetitiontype" && value == "OPTIONAL" && b.pointer:
		case key == "repetitiontype" && value == "REQUIRED" && !b.pointer:
		case key == "encoding" && (value == "PLAIN" || value == "PLAIN_DICTIONARY" && kind == Text):
		default:
			return b, fmt.Errorf("%w: %q does not fit a field of type %s", ErrBadSchema, part, f.Type)
		}
	}
	if b.field.Name == "" {
		return b, fmt.Errorf("%w: the tag %q has no name", ErrBadSchema, tag)
	}
	return b, nil
}

func (b *bind) get(c *Column, row int, v reflect.Value) {
	if c.IsNull(row) {
		return
	}
	if b.pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch b.field.Kind {
	case Text:
		v.SetString(c.Dict[c.Codes[row]])
	case Bool:
		v.SetBool(c.Nums[row] != 0)
	case Double:
		v.SetFloat(math.Float64frombits(uint64(c.Nums[row])))
	default:
		v.SetInt(c.Nums[row])
	}
}
