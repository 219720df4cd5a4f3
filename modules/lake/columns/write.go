package columns

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/klauspost/compress/zstd"
	"github.com/xitongsys/parquet-go/parquet"
)

const (
	pageRows  = 1 << 15 // rows of a page
	pageBytes = 1 << 20 // a page of plain texts ends here at the latest
	dictBytes = 8 << 20 // a larger dictionary does not pay
	statBytes = 64      // texts longer than this are in no statistics
	groupText = 32 << 20
)

// Writer collects rows and turns them into the bytes of a file. It is used by one goroutine.
type Writer struct {
	cols   []builder
	rows   int // of the open group
	total  int64
	out    []byte
	groups []*parquet.RowGroup
	enc    *zstd.Encoder
	err    error
}

// builder is an open column chunk.
type builder struct {
	field  Field
	levels []uint32 // of an optional column, for every row: 1 has a value
	nulls  int64
	nums   []int64
	words  map[string]uint32 // of Text with a dictionary
	dict   []string
	codes  []uint32 // for every value
	text   []byte   // of Text without one
	ends   []int
	size   int // bytes of all different texts
}

// NewWriter begins a file. ErrBadSchema.
func NewWriter(fields []Field) (*Writer, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault))
	if err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	w := &Writer{enc: enc, out: []byte(magic), cols: make([]builder, len(fields))}
	seen := map[string]bool{}
	for i, f := range fields {
		if f.Name == "" || seen[f.Name] || f.Kind > Double {
			return nil, fmt.Errorf("%w: column %d is called %q and of kind %d", ErrBadSchema, i, f.Name, f.Kind)
		}
		seen[f.Name] = true
		w.cols[i].field = f
		w.cols[i].reset()
	}
	if len(fields) == 0 {
		return nil, fmt.Errorf("%w: no columns", ErrBadSchema)
	}
	return w, nil
}

func (b *builder) reset() {
	*b = builder{field: b.field, levels: b.levels[:0], nums: b.nums[:0], codes: b.codes[:0], text: b.text[:0], ends: b.ends[:0], dict: b.dict[:0], words: b.words}
	if b.field.Kind == Text && !b.field.Plain {
		if b.words == nil {
			b.words = map[string]uint32{}
		}
		clear(b.words)
	}
}

// Text adds a text to column i.
func (w *Writer) Text(i int, s string) {
	b := &w.cols[i]
	b.level(1)
	if b.field.Plain {
		b.text = append(b.text, s...)
		b.ends = append(b.ends, len(b.text))
		b.size += len(s)
		return
	}
	code, ok := b.words[s]
	if !ok {
		code = uint32(len(b.dict))
		b.words[s] = code
		b.dict = append(b.dict, s)
		b.size += len(s)
	}
	b.codes = append(b.codes, code)
}

// Num adds a value of any other kind to column i: see Kind for how.
func (w *Writer) Num(i int, v int64) {
	w.cols[i].level(1)
	w.cols[i].nums = append(w.cols[i].nums, v)
}

// Null adds a null to column i, which must not be required.
func (w *Writer) Null(i int) {
	if w.cols[i].field.Required {
		w.err = cmp.Or(w.err, fmt.Errorf("%w: null in required column %s", ErrBadSchema, w.cols[i].field.Name))
		return
	}
	w.cols[i].level(0)
	w.cols[i].nulls++
}

func (b *builder) level(l uint32) {
	if !b.field.Required {
		b.levels = append(b.levels, l)
	}
}

// EndRow ends a row, of which every column must have been given one value or null.
func (w *Writer) EndRow() {
	w.rows++
	full := w.rows == MaxGroupRows
	for i := range w.cols {
		full = full || w.cols[i].size > groupText
	}
	if full {
		w.flush()
	}
}

// Rows counts the rows so far.
func (w *Writer) Rows() int64 { return w.total + int64(w.rows) }

// Bytes ends the file and returns it. The writer is of no use afterwards.
func (w *Writer) Bytes() ([]byte, error) {
	if w.rows > 0 {
		w.flush()
	}
	if w.err == nil && w.total > MaxRows {
		w.err = fmt.Errorf("%w: %d rows, %d at most in one file", ErrBadSchema, w.total, MaxRows)
	}
	if w.err != nil {
		return nil, w.err
	}
	meta := parquet.NewFileMetaData()
	meta.Version = 1
	meta.NumRows = w.total
	meta.RowGroups = w.groups
	if meta.RowGroups == nil {
		meta.RowGroups = []*parquet.RowGroup{}
	}
	meta.CreatedBy = new(createdBy)
	root := parquet.NewSchemaElement()
	root.Name = "schema"
	root.NumChildren = new(int32(len(w.cols)))
	meta.Schema = append(meta.Schema, root)
	for i := range w.cols {
		meta.Schema = append(meta.Schema, w.cols[i].field.element())
		meta.ColumnOrders = append(meta.ColumnOrders, &parquet.ColumnOrder{TYPE_ORDER: parquet.NewTypeDefinedOrder()})
	}
	begin := len(w.out)
	out, err := appendStruct(w.out, meta)
	if err != nil {
		return nil, err
	}
	out = binary.LittleEndian.AppendUint32(out, uint32(len(out)-begin))
	return append(out, magic...), nil
}

// flush writes the open row group.
func (w *Writer) flush() {
	group := parquet.NewRowGroup()
	group.NumRows = int64(w.rows)
	group.FileOffset = new(int64(len(w.out)))
	for i := range w.cols {
		b := &w.cols[i]
		values := len(b.nums) + len(b.codes) + len(b.ends)
		if values+int(b.nulls) != w.rows {
			w.err = cmp.Or(w.err, fmt.Errorf("%w: column %s has %d values in %d rows", ErrBadSchema, b.field.Name, values+int(b.nulls), w.rows))
		}
		if w.err != nil {
			return
		}
		chunk := w.chunk(b)
		group.Columns = append(group.Columns, chunk)
		group.TotalByteSize += chunk.MetaData.TotalUncompressedSize
		b.reset()
	}
	group.TotalCompressedSize = new(int64(len(w.out)) - *group.FileOffset)
	w.groups = append(w.groups, group)
	w.total += int64(w.rows)
	w.rows = 0
}

// chunk writes the pages of a column.
func (w *Writer) chunk(b *builder) *parquet.ColumnChunk {
	b.settle()
	begin := int64(len(w.out))
	m := parquet.NewColumnMetaData()
	m.Type = b.field.Kind.physical()
	m.PathInSchema = []string{b.field.Name}
	m.Codec = parquet.CompressionCodec_ZSTD
	m.NumValues = int64(w.rows)
	m.Statistics = b.statistics()
	m.Encodings = []parquet.Encoding{parquet.Encoding_PLAIN, parquet.Encoding_RLE}
	if len(b.dict) > 0 {
		m.Encodings = append(m.Encodings, parquet.Encoding_RLE_DICTIONARY)
		m.DictionaryPageOffset = new(begin)
		var body []byte
		for _, s := range b.dict {
			body = append(binary.LittleEndian.AppendUint32(body, uint32(len(s))), s...)
		}
		h := parquet.NewPageHeader()
		h.Type = parquet.PageType_DICTIONARY_PAGE
		h.DictionaryPageHeader = &parquet.DictionaryPageHeader{NumValues: int32(len(b.dict)), Encoding: parquet.Encoding_PLAIN}
		w.page(m, h, body)
	}
	m.DataPageOffset = int64(len(w.out))
	value := 0
	for row := 0; row < w.rows; {
		row, value = w.dataPage(m, b, row, value)
	}
	m.TotalCompressedSize = int64(len(w.out)) - begin
	chunk := parquet.NewColumnChunk()
	chunk.FileOffset = begin
	chunk.MetaData = m
	return chunk
}

// dataPage writes the page that begins with row, whose first value is value, and returns where the next one begins.
func (w *Writer) dataPage(m *parquet.ColumnMetaData, b *builder, row, value int) (nextRow, nextValue int) {
	end, next := b.pageEnd(row, value, w.rows)
	var body []byte
	if !b.field.Required {
		levels := appendHybrid(make([]byte, 4, 64), b.levels[row:end], 1)
		binary.LittleEndian.PutUint32(levels, uint32(len(levels)-4))
		body = levels
	}
	h := parquet.NewPageHeader()
	h.Type = parquet.PageType_DATA_PAGE
	h.DataPageHeader = &parquet.DataPageHeader{
		NumValues: int32(end - row), Encoding: parquet.Encoding_PLAIN,
		DefinitionLevelEncoding: parquet.Encoding_RLE, RepetitionLevelEncoding: parquet.Encoding_RLE,
	}
	if len(b.dict) > 0 {
		h.DataPageHeader.Encoding = parquet.Encoding_RLE_DICTIONARY
		width := max(bits.Len(uint(len(b.dict)-1)), 1)
		body = appendHybrid(append(body, byte(width)), b.codes[value:next], width)
	} else {
		body = b.appendPlain(body, value, next)
	}
	w.page(m, h, body)
	return end, next
}

// pageEnd says where a page ends that begins with row and value.
func (b *builder) pageEnd(row, value, rows int) (end, next int) {
	end, next = row, value
	for size := 0; end < rows && end-row < pageRows && size < pageBytes; end++ {
		if !b.field.Required && b.levels[end] == 0 {
			continue
		}
		if len(b.ends) > 0 {
			size += b.ends[next] - b.start(next)
		}
		next++
	}
	return end, next
}

func (b *builder) start(value int) int {
	if value == 0 {
		return 0
	}
	return b.ends[value-1]
}

func (b *builder) appendPlain(dst []byte, from, to int) []byte {
	switch b.field.Kind {
	case Text:
		for i := from; i < to; i++ {
			s := b.text[b.start(i):b.ends[i]]
			dst = append(binary.LittleEndian.AppendUint32(dst, uint32(len(s))), s...)
		}
	case Int32:
		for _, v := range b.nums[from:to] {
			dst = binary.LittleEndian.AppendUint32(dst, uint32(v))
		}
	case Bool:
		set := make([]byte, (to-from+7)/8)
		for i, v := range b.nums[from:to] {
			set[i/8] |= byte(v&1) << (i % 8)
		}
		dst = append(dst, set...)
	default:
		for _, v := range b.nums[from:to] {
			dst = binary.LittleEndian.AppendUint64(dst, uint64(v))
		}
	}
	return dst
}

// settle gives up a dictionary that does not pay.
func (b *builder) settle() {
	if len(b.dict) == 0 || len(b.dict)*4 <= len(b.codes)*3 && b.size <= dictBytes {
		return
	}
	for _, c := range b.codes {
		b.text = append(b.text, b.dict[c]...)
		b.ends = append(b.ends, len(b.text))
	}
	b.dict, b.codes = b.dict[:0], b.codes[:0]
}

func (b *builder) statistics() *parquet.Statistics {
	s := parquet.NewStatistics()
	s.NullCount = new(b.nulls)
	switch {
	case b.field.Kind == Double: // NaN has no place in an order
	case len(b.dict) > 0:
		b.bounds(s, slices.Min(b.dict), slices.Max(b.dict))
	case len(b.ends) > 0:
		least, most := b.text[:b.ends[0]], b.text[:b.ends[0]]
		for i := range b.ends {
			v := b.text[b.start(i):b.ends[i]]
			if bytes.Compare(v, least) < 0 {
				least = v
			}
			if bytes.Compare(v, most) > 0 {
				most = v
			}
		}
		b.bounds(s, string(least), string(most))
	case len(b.nums) > 0:
		one := builder{field: b.field, nums: []int64{slices.Min(b.nums), slices.Max(b.nums)}}
		s.MinValue, s.MaxValue = one.appendPlain(nil, 0, 1), one.appendPlain(nil, 1, 2)
	}
	return s
}

func (b *builder) bounds(s *parquet.Statistics, least, most string) {
	if len(least) <= statBytes && len(most) <= statBytes {
		s.MinValue, s.MaxValue = []byte(least), []byte(most)
	}
}

// page compresses and writes one page.
func (w *Writer) page(m *parquet.ColumnMetaData, h *parquet.PageHeader, body []byte) {
	packed := w.enc.EncodeAll(body, nil)
	if len(body) > maxPage || len(packed) > math.MaxInt32 {
		w.err = cmp.Or(w.err, fmt.Errorf("%w: a page of column %s has %d bytes", ErrBadSchema, m.PathInSchema[0], len(body)))
		return
	}
	h.UncompressedPageSize, h.CompressedPageSize = int32(len(body)), int32(len(packed))
	before := len(w.out)
	out, err := appendStruct(w.out, h)
	if err != nil {
		w.err = cmp.Or(w.err, err)
		return
	}
	m.TotalUncompressedSize += int64(len(out) - before + len(body))
	w.out = out
	w.out = append(w.out, packed...)
}
