// Package columns reads and writes flat Parquet files, whole and in memory.
//
// It guarantees: the same rows give the same bytes in every process; what the statistics of a file say is true; a
// malformed file is ErrBadParquet and never a panic, and reading one holds no more than a row group of at most
// MaxGroupRows rows and a page of at most 64 MiB.
//
// It never writes part of a file, and never reads nested columns.
//
// Files are written by xitongsys/parquet-go (see Writer for what is mended). Its structures of the format (footer, page
// headers) are read here too, but pages are decoded by us, into codes and numbers: that library's reader puts every value
// into an interface, which makes counting a day many times slower, and allocates whatever a damaged page claims.
package columns

import (
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/xitongsys/parquet-go/parquet"
)

// ErrBadParquet is a file that is damaged, or of a kind that we do not write.
var ErrBadParquet = errors.New("not a readable Parquet file")

// ErrBadSchema is a Go type or a list of fields that cannot be columns.
var ErrBadSchema = errors.New("cannot be columns")

// Limits of a file. The writer keeps them, the reader refuses what exceeds them.
const (
	MaxGroupRows = 1 << 17 // rows of a row group: what one reader holds, and enough for the dictionaries to pay
	MaxRows      = 1 << 22 // rows of a file

	maxFooter = 2 << 20
	maxPage   = 64 << 20
	magic     = "PAR1"
	createdBy = "ticketmoa version 1" // readers trust statistics only of a writer with a name; never the build's version: bytes must repeat
)

// Kind is what a column holds.
type Kind uint8

// The kinds of column.
const (
	Text   Kind = iota // UTF-8
	Int32              //
	Int64              //
	Millis             // an instant in UTC, in milliseconds since 1970
	Bool               // 0 or 1
	Double             // math.Float64bits
)

// Field declares a column.
type Field struct {
	Name     string
	Kind     Kind
	Required bool // has no nulls
}

// Column is one column of one row group.
type Column struct {
	Codes []uint32 // of Text, for every row: the index in Dict
	Dict  []string // Dict[0] stands for null and is ""; two codes may name the same text
	Nums  []int64  // of every other kind, for every row; 0 where null
	Null  []bool   // of every other kind: which rows are null; nil when none is
}

// IsNull tells whether row has no value.
func (c *Column) IsNull(row int) bool {
	if c.Codes != nil {
		return c.Codes[row] == 0
	}
	return c.Null != nil && c.Null[row]
}

// decoder is safe for use by many goroutines and costly to make.
var decoder = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxPage), zstd.WithDecoderLowmem(true))
})

func (k Kind) physical() parquet.Type {
	switch k {
	case Int32:
		return parquet.Type_INT32
	case Bool:
		return parquet.Type_BOOLEAN
	case Double:
		return parquet.Type_DOUBLE
	case Int64, Millis:
		return parquet.Type_INT64
	default:
		return parquet.Type_BYTE_ARRAY
	}
}

// element says what a field is in the words of the format, old and new, so that every reader knows one of them.
func (f Field) element() *parquet.SchemaElement {
	e := parquet.NewSchemaElement()
	e.Name = f.Name
	e.Type = new(f.Kind.physical())
	e.RepetitionType = new(parquet.FieldRepetitionType_OPTIONAL)
	if f.Required {
		e.RepetitionType = new(parquet.FieldRepetitionType_REQUIRED)
	}
	switch f.Kind {
	case Text:
		e.ConvertedType = new(parquet.ConvertedType_UTF8)
		e.LogicalType = &parquet.LogicalType{STRING: parquet.NewStringType()}
	case Millis:
		e.ConvertedType = new(parquet.ConvertedType_TIMESTAMP_MILLIS)
		e.LogicalType = &parquet.LogicalType{TIMESTAMP: &parquet.TimestampType{
			IsAdjustedToUTC: true, Unit: &parquet.TimeUnit{MILLIS: parquet.NewMilliSeconds()},
		}}
	}
	return e
}

// fieldOf reads what element wrote.
func fieldOf(e *parquet.SchemaElement) (Field, error) {
	f := Field{Name: e.Name}
	if e.Type == nil || e.RepetitionType == nil || e.GetNumChildren() != 0 {
		return f, fmt.Errorf("%w: column %q is nested or has no type", ErrBadParquet, e.Name)
	}
	switch *e.RepetitionType {
	case parquet.FieldRepetitionType_REQUIRED:
		f.Required = true
	case parquet.FieldRepetitionType_OPTIONAL:
	default:
		return f, fmt.Errorf("%w: column %q is a list", ErrBadParquet, e.Name)
	}
	switch *e.Type {
	case parquet.Type_BYTE_ARRAY:
		f.Kind = Text
	case parquet.Type_INT32:
		f.Kind = Int32
	case parquet.Type_INT64:
		f.Kind = Int64
		if e.ConvertedType != nil && *e.ConvertedType == parquet.ConvertedType_TIMESTAMP_MILLIS {
			f.Kind = Millis
		}
	case parquet.Type_BOOLEAN:
		f.Kind = Bool
	case parquet.Type_DOUBLE:
		f.Kind = Double
	default:
		return f, fmt.Errorf("%w: column %q is of type %s", ErrBadParquet, e.Name, e.Type)
	}
	return f, nil
}
