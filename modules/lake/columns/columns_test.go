package columns

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/xitongsys/parquet-go/reader"
	"github.com/xitongsys/parquet-go/source"
)

func TestHybridRoundTrip(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for width := 1; width <= 32; width++ {
		for _, n := range []int{0, 1, 7, 8, 9, 23, 24, 25, 31, 32, 33, 100, 1000, 4097} {
			for _, runs := range []int{1, 3, 40, 2000} {
				v := make([]uint32, n)
				for i := range v {
					if i%runs == 0 {
						v[i] = rng.Uint32() & uint32(uint64(1)<<width-1)
						continue
					}
					v[i] = v[i-1]
				}
				b := appendHybrid(nil, v, width)
				got := make([]uint32, n)
				if err := readHybrid(got, b, width); err != nil || !slices.Equal(got, v) {
					t.Fatalf("width %d, %d values, runs of %d: %v, equal %v", width, n, runs, err, slices.Equal(got, v))
				}
				if n > 0 {
					if err := readHybrid(make([]uint32, n+9), b, width); !errors.Is(err, ErrBadParquet) {
						t.Fatalf("width %d: %d values read as %d: %v", width, n, n+9, err)
					}
				}
			}
		}
	}
}

type row struct {
	Day    string   `parquet:"name=day, type=BYTE_ARRAY, convertedtype=UTF8"`
	Views  int64    `parquet:"name=views, type=INT64"`
	Rank   int32    `parquet:"name=rank, type=INT32"`
	Share  float64  `parquet:"name=share, type=DOUBLE"`
	Last   bool     `parquet:"name=last, type=BOOLEAN"`
	At     int64    `parquet:"name=at, type=INT64, convertedtype=TIMESTAMP_MILLIS"`
	Genre  *string  `parquet:"name=genre, type=BYTE_ARRAY, convertedtype=UTF8"`
	Before *int32   `parquet:"name=before, type=INT32"`
	Score  *float64 `parquet:"name=score, type=DOUBLE"`
	New    *bool    `parquet:"name=new, type=BOOLEAN"`
	Free   *int64   `parquet:"name=free, type=INT64"`
	Note   *string  `parquet:"name=note, type=BYTE_ARRAY, convertedtype=UTF8, encoding=PLAIN_DICTIONARY"`
	Other  string
}

func rowsOf(n int, seed uint64) []row {
	rng := rand.New(rand.NewPCG(seed, 7))
	out := make([]row, n)
	for i := range out {
		r := &out[i]
		*r = row{
			Day: fmt.Sprintf("2024-12-%02d", i%28+1), Views: rng.Int64() - rng.Int64(), Rank: rng.Int32() - rng.Int32(), Share: rng.NormFloat64(),
			Last: rng.IntN(2) == 0, At: rng.Int64N(1 << 42),
		}
		if rng.IntN(3) > 0 { // first rows are null in some columns and not in others
			r.Genre = new([]string{"musical", "", "연극"}[rng.IntN(3)])
		}
		if rng.IntN(2) > 0 {
			r.Before, r.New = new(rng.Int32()), new(rng.IntN(2) == 0)
		}
		if i >= n/2 {
			r.Score, r.Free = new(rng.Float64()), new(rng.Int64())
			r.Note = new(strings.Repeat("가나다", rng.IntN(40)) + fmt.Sprint(rng.Uint64()))
		}
	}
	return out
}

func TestRowsComeBack(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 9, 1000, groupRows, groupRows + 1, MaxGroupRows + 5} {
		in := rowsOf(n, uint64(n))
		body, err := Encode(in)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Encode(in)
		if err != nil || !bytes.Equal(body, again) {
			t.Errorf("%d rows: encoded twice, %d and %d bytes, %v", n, len(body), len(again), err)
		}
		got, err := Decode[row](body)
		if err != nil || len(got) != n || n > 0 && !reflect.DeepEqual(got, in) {
			t.Fatalf("%d rows: got %d back, %v", n, len(got), err)
		}
	}
}

func TestSomeColumnsOfOthers(t *testing.T) {
	t.Parallel()
	body, err := Encode(rowsOf(10, 1))
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode[struct {
		Views int64 `parquet:"name=views"`
	}](body)
	if err != nil || len(got) != 10 || got[3].Views != rowsOf(10, 1)[3].Views {
		t.Errorf("got %v, %v", got, err)
	}
	_, err = Decode[struct {
		Views string `parquet:"name=views"`
	}](body)
	if !errors.Is(err, ErrBadParquet) {
		t.Errorf("numbers as texts: %v", err)
	}
	_, err = Decode[struct {
		X string `parquet:"name=none"`
	}](body)
	if !errors.Is(err, ErrBadParquet) {
		t.Errorf("a column that is not there: %v", err)
	}
}

func TestBadSchemas(t *testing.T) {
	t.Parallel()
	errs := map[string]error{}
	_, errs["no struct"] = Encode([]int{1})
	_, errs["no columns"] = Encode([]struct{ A int }{})
	_, errs["no name"] = Encode([]struct {
		A int64 `parquet:"type=INT64"`
	}{})
	_, errs["other type"] = Encode([]struct {
		A int64 `parquet:"name=a, type=INT32"`
	}{})
	_, errs["a list"] = Encode([]struct {
		A []int `parquet:"name=a"`
	}{})
	_, errs["unknown word"] = Encode([]struct {
		A int64 `parquet:"name=a, colour=red"`
	}{})
	_, errs["twice"] = Encode([]struct {
		A int64 `parquet:"name=a, type=INT64"`
		B int64 `parquet:"name=a, type=INT64"`
	}{})
	for what, err := range errs {
		if !errors.Is(err, ErrBadSchema) {
			t.Errorf("%s: %v, want ErrBadSchema", what, err)
		}
	}
}

// TestStatistics: what other readers skip by must be true.
func TestStatistics(t *testing.T) {
	t.Parallel()
	body, err := Encode(rowsOf(MaxGroupRows+1000, 3))
	if err != nil {
		t.Fatal(err)
	}
	f, err := Open(body)
	if err != nil {
		t.Fatal(err)
	}
	for g, group := range f.groups {
		for i, field := range f.fields {
			c, err := f.Column(g, field.Name)
			if err != nil {
				t.Fatal(err)
			}
			var nulls int64
			least, most, some := "", "", false
			leastN, mostN := int64(math.MaxInt64), int64(math.MinInt64)
			for r := range f.GroupRows(g) {
				if c.IsNull(r) {
					nulls++
					continue
				}
				if field.Kind != Text {
					leastN, mostN = min(leastN, c.Nums[r]), max(mostN, c.Nums[r])
					continue
				}
				v := c.Dict[c.Codes[r]]
				if !some {
					least, most, some = v, v, true
				}
				least, most = min(least, v), max(most, v)
			}
			s := group.Columns[i].MetaData.Statistics
			if s.GetNullCount() != nulls {
				t.Errorf("%s: %d nulls, the file says %d", field.Name, nulls, s.GetNullCount())
			}
			if s.MinValue == nil {
				if field.Kind != Double && field.Name != "note" && nulls < group.NumRows {
					t.Errorf("%s has no bounds", field.Name)
				}
				continue
			}
			if field.Kind == Text && (string(s.MinValue) != least || string(s.MaxValue) != most) {
				t.Errorf("%s: bounds %q %q, want %q %q", field.Name, s.MinValue, s.MaxValue, least, most)
			}
			if field.Kind == Int64 && (int64(binary.LittleEndian.Uint64(s.MinValue)) != leastN || int64(binary.LittleEndian.Uint64(s.MaxValue)) != mostN) {
				t.Errorf("%s: wrong bounds", field.Name)
			}
		}
	}
}

// memory is a file of xitongsys/parquet-go in memory.
type memory struct {
	*bytes.Reader
	body []byte
}

func (m memory) Open(string) (source.ParquetFile, error) {
	return memory{bytes.NewReader(m.body), m.body}, nil
}
func (m memory) Create(string) (source.ParquetFile, error) { return nil, errors.ErrUnsupported }
func (m memory) Write([]byte) (int, error)                 { return 0, io.ErrShortWrite }
func (m memory) Close() error                              { return nil }

// TestSecondReader: xitongsys' own reader finds the same rows.
func TestSecondReader(t *testing.T) {
	t.Parallel()
	in := rowsOf(3*groupRows/2, 11)
	body, err := Encode(in)
	if err != nil {
		t.Fatal(err)
	}
	r, err := reader.NewParquetReader(memory{bytes.NewReader(body), body}, new(row), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.ReadStop()
	if int(r.GetNumRows()) != len(in) {
		t.Fatalf("%d rows, want %d", r.GetNumRows(), len(in))
	}
	got := make([]row, len(in))
	if err := r.Read(&got); err != nil {
		t.Fatal(err)
	}
	for i := range in { // the second reader writes null into a plain string as ""
		if !reflect.DeepEqual(got[i], in[i]) {
			t.Fatalf("row %d: %+v, want %+v", i, got[i], in[i])
		}
	}
}

func everything(body []byte) error {
	f, err := Open(body)
	if err != nil {
		return err
	}
	for g := range f.Groups() {
		for _, field := range f.Fields() {
			c, err := f.Column(g, field.Name)
			if err != nil {
				return err
			}
			for r := range f.GroupRows(g) {
				if c.Codes != nil {
					_ = c.Dict[c.Codes[r]]
				} else {
					_ = c.Nums[r]
				}
			}
		}
	}
	return nil
}

// TestDamage: every cut and every flipped bit of a small file ends in ErrBadParquet or in rows, never in a panic.
func TestDamage(t *testing.T) {
	t.Parallel()
	body, err := Encode(rowsOf(20, 5))
	if err != nil {
		t.Fatal(err)
	}
	for n := range body {
		if err := everything(body[:n]); !errors.Is(err, ErrBadParquet) {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
	for i := range body {
		for bit := range 8 {
			bad := bytes.Clone(body)
			bad[i] ^= 1 << bit
			if err := everything(bad); err != nil && !errors.Is(err, ErrBadParquet) {
				t.Fatalf("bit %d of byte %d: %v", bit, i, err)
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	for _, n := range []int{0, 1, 30} {
		body, err := Encode(rowsOf(n, 9))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Add([]byte("PAR1\x00\x00\x00\x00PAR1"))
	f.Fuzz(func(t *testing.T, body []byte) {
		if err := everything(body); err != nil && !errors.Is(err, ErrBadParquet) {
			t.Fatal(err)
		}
	})
}

func FuzzFooter(f *testing.F) {
	body, err := Encode(rowsOf(3, 9))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body[4:len(body)-8], uint32(0))
	f.Fuzz(func(t *testing.T, inside []byte, footer uint32) {
		b := append([]byte(magic), inside...)
		if footer == 0 || footer > uint32(len(inside)) {
			footer = binary.LittleEndian.Uint32(body[len(body)-8:])
		}
		b = append(binary.LittleEndian.AppendUint32(b, footer), magic...)
		if err := everything(b); err != nil && !errors.Is(err, ErrBadParquet) {
			t.Fatal(err)
		}
	})
}
