package columns

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"reflect"

	"github.com/xitongsys/parquet-go/parquet"
	"github.com/xitongsys/parquet-go/writer"
)

const (
	// groupRows are the rows of a row group that the writer makes: fewer than a reader takes, because rows wait in memory
	// until their group is whole.
	groupRows = MaxGroupRows / 4
	pageSize  = 64 << 10
)

// Writer turns rows of T into the bytes of a file, with xitongsys/parquet-go. What that library does not get right is
// mended here: its count of nulls in columns with a dictionary, and its page indexes, are such that other readers skip
// rows that they must not. It is used by one goroutine.
type Writer[T any] struct {
	buf   bytes.Buffer
	pw    *writer.ParquetWriter
	binds []bind
	total int64
	open  int     // rows of the open group
	nulls []int64 // of the open group, by column
	err   error
}

// NewWriter begins a file. Fields of T that carry parquet tags are its columns; a pointer that is nil is null.
// ErrBadSchema.
func NewWriter[T any]() (w *Writer[T], err error) {
	defer guardSchema(&err)
	w = &Writer[T]{}
	if w.binds, err = binds(reflect.TypeFor[T]()); err != nil {
		return nil, err
	}
	w.nulls = make([]int64, len(w.binds))
	if w.pw, err = writer.NewParquetWriterFromWriter(&w.buf, new(T), 1); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadSchema, err)
	}
	w.pw.CompressionType, w.pw.PageSize = parquet.CompressionCodec_ZSTD, pageSize
	w.pw.RowGroupSize = 1 << 40 // groups end by rows, so that the same rows give the same groups
	*w.pw.Footer.CreatedBy = createdBy
	return w, nil
}

// guardSchema turns a panic of the library over rows it cannot write into ErrBadSchema.
func guardSchema(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%w: %v", ErrBadSchema, r)
	}
}

// Add adds a row. What goes wrong is said by Bytes.
func (w *Writer[T]) Add(row T) {
	if w.err != nil {
		return
	}
	defer guardSchema(&w.err)
	v := reflect.ValueOf(&row).Elem()
	for i := range w.binds {
		if w.binds[i].pointer && v.Field(w.binds[i].index).IsNil() {
			w.nulls[i]++
		}
	}
	if w.err = w.pw.Write(row); w.err != nil {
		return
	}
	w.total++
	if w.open++; w.open == groupRows {
		w.err = w.endGroup()
	}
}

// endGroup writes the open row group and says of its columns what is true.
func (w *Writer[T]) endGroup() error {
	if err := w.pw.Flush(true); err != nil {
		return err
	}
	if w.open > 0 {
		group := w.pw.Footer.RowGroups[len(w.pw.Footer.RowGroups)-1]
		for i, c := range group.Columns {
			stats := c.MetaData.Statistics
			if stats == nil {
				continue
			}
			stats.NullCount = new(w.nulls[i])
			if w.binds[i].field.Kind == Text && len(stats.MaxValue) > statBytes || w.nulls[i] == int64(w.open) {
				stats.Min, stats.Max, stats.MinValue, stats.MaxValue = nil, nil, nil, nil
			}
		}
	}
	clear(w.nulls)
	w.open = 0
	return nil
}

// statBytes is the longest text that is kept as a bound of its column.
const statBytes = 64

// Rows counts the rows so far.
func (w *Writer[T]) Rows() int64 { return w.total }

// Bytes ends the file and returns it. ErrBadSchema: a row could not be written.
func (w *Writer[T]) Bytes() (body []byte, err error) {
	defer guardSchema(&err)
	if w.err == nil {
		w.err = w.endGroup()
	}
	if w.err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadSchema, w.err)
	}
	w.pw.RenameSchema()
	w.pw.Footer.NumRows = w.total
	for i, b := range w.binds { // so that a reader knows an instant from a time of day
		w.pw.Footer.Schema[i+1].LogicalType = b.field.element().LogicalType
	}
	footer, err := appendStruct(nil, w.pw.Footer)
	if err != nil {
		return nil, err
	}
	body = append(w.buf.Bytes(), footer...)
	body = binary.LittleEndian.AppendUint32(body, uint32(len(footer)))
	return append(body, magic...), nil
}
