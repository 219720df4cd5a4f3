package columns

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/xitongsys/parquet-go/parquet"
)

// File is an opened file. Its methods may be called from many goroutines.
type File struct {
	body   []byte
	fields []Field
	groups []*parquet.RowGroup
	rows   int64
}

// Open reads the footer of a file. ErrBadParquet.
func Open(body []byte) (f *File, err error) {
	defer guard(&err)
	end := len(body) - len(magic) - 4
	if end < len(magic) || string(body[:len(magic)]) != magic || string(body[len(body)-len(magic):]) != magic {
		return nil, fmt.Errorf("%w: %d bytes that do not begin and end with %s", ErrBadParquet, len(body), magic)
	}
	size := int64(binary.LittleEndian.Uint32(body[end:]))
	if size > maxFooter || size > int64(end-len(magic)) {
		return nil, fmt.Errorf("%w: a footer of %d bytes in %d", ErrBadParquet, size, len(body))
	}
	meta := parquet.NewFileMetaData()
	if _, err := readStruct(body[end-int(size):end], meta); err != nil {
		return nil, fmt.Errorf("footer: %w", err)
	}
	f = &File{body: body[:end-int(size)], rows: meta.NumRows, groups: meta.RowGroups}
	return f, f.check(meta)
}

// check holds the footer against itself, so that everything behind it can trust it.
func (f *File) check(meta *parquet.FileMetaData) error {
	if len(meta.Schema) < 2 || int(meta.Schema[0].GetNumChildren()) != len(meta.Schema)-1 {
		return fmt.Errorf("%w: a schema of %d elements is not flat", ErrBadParquet, len(meta.Schema))
	}
	for _, e := range meta.Schema[1:] {
		field, err := fieldOf(e)
		if err != nil {
			return err
		}
		f.fields = append(f.fields, field)
	}
	var rows int64
	for i, g := range f.groups {
		if g.NumRows < 0 || g.NumRows > MaxGroupRows || len(g.Columns) != len(f.fields) {
			return fmt.Errorf("%w: row group %d has %d rows and %d columns", ErrBadParquet, i, g.NumRows, len(g.Columns))
		}
		rows += g.NumRows
		for k, c := range g.Columns {
			m := c.MetaData
			if m == nil || len(m.PathInSchema) != 1 || m.PathInSchema[0] != f.fields[k].Name || m.Type != f.fields[k].Kind.physical() ||
				m.NumValues != g.NumRows || c.FilePath != nil {
				return fmt.Errorf("%w: column %s of row group %d does not fit the schema", ErrBadParquet, f.fields[k].Name, i)
			}
			begin := chunkBegin(m)
			if begin < int64(len(magic)) || m.TotalCompressedSize < 0 || begin > int64(len(f.body))-m.TotalCompressedSize {
				return fmt.Errorf("%w: column %s of row group %d lies outside of the file", ErrBadParquet, f.fields[k].Name, i)
			}
		}
	}
	if rows != f.rows || rows > MaxRows {
		return fmt.Errorf("%w: %d rows in the row groups, %d in the file, %d at most", ErrBadParquet, rows, f.rows, MaxRows)
	}
	return nil
}

func chunkBegin(m *parquet.ColumnMetaData) int64 {
	if m.DictionaryPageOffset != nil && *m.DictionaryPageOffset > 0 {
		return min(*m.DictionaryPageOffset, m.DataPageOffset)
	}
	return m.DataPageOffset
}

// guard turns a panic over a malformed file into ErrBadParquet.
func guard(err *error) {
	if r := recover(); r != nil {
		*err = errors.Join(*err, fmt.Errorf("%w: %v", ErrBadParquet, r))
	}
}

// Rows counts the rows of the file.
func (f *File) Rows() int64 { return f.rows }

// Groups counts the row groups.
func (f *File) Groups() int { return len(f.groups) }

// GroupRows counts the rows of a row group.
func (f *File) GroupRows(group int) int { return int(f.groups[group].NumRows) }

// Fields are the columns in order, in a fresh slice.
func (f *File) Fields() []Field { return slices.Clone(f.fields) }

// Column reads a column of a row group. ErrBadParquet, also for a column that is not there.
func (f *File) Column(group int, name string) (c Column, err error) {
	defer guard(&err)
	at := slices.IndexFunc(f.fields, func(f Field) bool { return f.Name == name })
	if at < 0 {
		return Column{}, fmt.Errorf("%w: there is no column %q", ErrBadParquet, name)
	}
	g := f.groups[group]
	m := g.Columns[at].MetaData
	begin := chunkBegin(m)
	r := chunkReader{field: f.fields[at], codec: m.Codec, body: f.body[begin : begin+m.TotalCompressedSize], rows: int(g.NumRows)}
	if err := r.read(); err != nil {
		return Column{}, fmt.Errorf("column %s of row group %d: %w", name, group, err)
	}
	return r.out, nil
}

// chunkReader reads the pages of a column chunk in order.
type chunkReader struct {
	field Field
	codec parquet.CompressionCodec
	body  []byte
	rows  int

	out     Column
	done    int // rows
	words   int // of the dictionary
	scratch []byte
	levels  []uint32
}

func (r *chunkReader) read() error {
	if r.field.Kind == Text {
		r.out.Codes, r.out.Dict = make([]uint32, r.rows), []string{""}
	} else {
		r.out.Nums = make([]int64, r.rows)
	}
	for r.done < r.rows {
		h := parquet.NewPageHeader()
		n, err := readStruct(r.body, h)
		if err != nil {
			return fmt.Errorf("page header: %w", err)
		}
		r.body = r.body[n:]
		if h.CompressedPageSize < 0 || int(h.CompressedPageSize) > len(r.body) || h.UncompressedPageSize < 0 || h.UncompressedPageSize > maxPage {
			return fmt.Errorf("%w: a page of %d bytes, %d unpacked, in %d", ErrBadParquet, h.CompressedPageSize, h.UncompressedPageSize, len(r.body))
		}
		page, err := r.unpacked(r.body[:h.CompressedPageSize], int(h.UncompressedPageSize))
		if err != nil {
			return err
		}
		r.body = r.body[h.CompressedPageSize:]
		switch {
		case h.Type == parquet.PageType_DICTIONARY_PAGE && h.DictionaryPageHeader != nil:
			err = r.dictionary(h.DictionaryPageHeader, page)
		case h.Type == parquet.PageType_DATA_PAGE && h.DataPageHeader != nil:
			err = r.data(h.DataPageHeader, page)
		default:
			err = fmt.Errorf("%w: a page of type %s", ErrBadParquet, h.Type)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unpacked is valid until the next call.
func (r *chunkReader) unpacked(b []byte, size int) ([]byte, error) {
	switch r.codec {
	case parquet.CompressionCodec_UNCOMPRESSED:
	case parquet.CompressionCodec_ZSTD:
		dec, err := decoder()
		if err != nil {
			return nil, fmt.Errorf("zstd: %w", err)
		}
		if b, err = dec.DecodeAll(b, r.scratch[:0]); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrBadParquet, err)
		}
		r.scratch = b
	default:
		return nil, fmt.Errorf("%w: compressed by %s", ErrBadParquet, r.codec)
	}
	if len(b) != size {
		return nil, fmt.Errorf("%w: a page has %d bytes, %d were written", ErrBadParquet, len(b), size)
	}
	return b, nil
}

func (r *chunkReader) dictionary(h *parquet.DictionaryPageHeader, page []byte) error {
	if r.field.Kind != Text || r.done > 0 || r.words > 0 || h.NumValues < 0 || h.NumValues > MaxGroupRows {
		return fmt.Errorf("%w: a dictionary of %d values where none can be", ErrBadParquet, h.NumValues)
	}
	r.words = int(h.NumValues)
	_, err := r.texts(page, r.words)
	return err
}

// texts adds n texts to the dictionary.
func (r *chunkReader) texts(page []byte, n int) (first uint32, err error) {
	all, at := string(page), 0 // one copy holds them all
	if n > len(page)/4 {
		return 0, fmt.Errorf("%w: %d texts in %d bytes", ErrBadParquet, n, len(page))
	}
	r.out.Dict = slices.Grow(r.out.Dict, n)
	first = uint32(len(r.out.Dict))
	for range n {
		if at+4 > len(all) {
			return 0, fmt.Errorf("%w: a text is missing", ErrBadParquet)
		}
		size := int(binary.LittleEndian.Uint32(page[at:]))
		if at += 4; size > len(all)-at {
			return 0, fmt.Errorf("%w: a text of %d bytes in %d", ErrBadParquet, size, len(all)-at)
		}
		r.out.Dict = append(r.out.Dict, all[at:at+size])
		at += size
	}
	return first, nil
}

// data reads a page of values into its rows.
func (r *chunkReader) data(h *parquet.DataPageHeader, page []byte) error {
	n := int(h.NumValues)
	if n <= 0 || n > r.rows-r.done {
		return fmt.Errorf("%w: a page of %d rows where %d are left", ErrBadParquet, n, r.rows-r.done)
	}
	values := n
	r.levels = r.levels[:0]
	if !r.field.Required {
		if len(page) < 4 || uint64(binary.LittleEndian.Uint32(page)) > uint64(len(page)-4) || h.DefinitionLevelEncoding != parquet.Encoding_RLE {
			return fmt.Errorf("%w: the levels of a page are missing", ErrBadParquet)
		}
		size := int(binary.LittleEndian.Uint32(page))
		r.levels = slices.Grow(r.levels, n)[:n]
		if err := readHybrid(r.levels, page[4:4+size], 1); err != nil {
			return err
		}
		page = page[4+size:]
		values = 0
		for _, l := range r.levels {
			values += int(l)
		}
	}
	var err error
	switch {
	case r.field.Kind == Text && h.Encoding == parquet.Encoding_PLAIN:
		err = r.plainTexts(page, n, values)
	case r.field.Kind == Text && (h.Encoding == parquet.Encoding_RLE_DICTIONARY || h.Encoding == parquet.Encoding_PLAIN_DICTIONARY):
		err = r.codes(page, n, values)
	case r.field.Kind != Text && h.Encoding == parquet.Encoding_PLAIN:
		err = r.numbers(page, n, values)
	default:
		err = fmt.Errorf("%w: a page encoded as %s", ErrBadParquet, h.Encoding)
	}
	r.done += n
	return err
}

func (r *chunkReader) plainTexts(page []byte, n, values int) error {
	code, err := r.texts(page, values)
	if err != nil {
		return err
	}
	out := r.out.Codes[r.done : r.done+n]
	for i := range out {
		if len(r.levels) == 0 || r.levels[i] == 1 {
			out[i] = code
			code++
		}
	}
	return nil
}

func (r *chunkReader) codes(page []byte, n, values int) error {
	if values == 0 {
		return nil
	}
	if len(page) == 0 {
		return fmt.Errorf("%w: a page has no width", ErrBadParquet)
	}
	out := r.out.Codes[r.done : r.done+n]
	if err := readHybrid(out[:values], page[1:], int(page[0])); err != nil {
		return err
	}
	words := uint32(r.words)
	for i, c := range out[:values] {
		if c >= words {
			return fmt.Errorf("%w: text %d of a dictionary of %d", ErrBadParquet, c, words)
		}
		out[i] = c + 1
	}
	if values < n { // spread them over their rows, from the end
		next := values
		for i := n - 1; i >= 0; i-- {
			if r.levels[i] == 0 {
				out[i] = 0
				continue
			}
			next--
			out[i] = out[next]
		}
	}
	return nil
}

func (r *chunkReader) numbers(page []byte, n, values int) error {
	size := map[Kind]int{Int32: 32, Int64: 64, Millis: 64, Double: 64, Bool: 1}[r.field.Kind]
	if len(page) < (values*size+7)/8 {
		return fmt.Errorf("%w: %d numbers in %d bytes", ErrBadParquet, values, len(page))
	}
	if values < n && r.out.Null == nil {
		r.out.Null = make([]bool, r.rows)
	}
	next := 0
	for i := range n {
		row := r.done + i
		if len(r.levels) > 0 && r.levels[i] == 0 {
			r.out.Null[row] = true
			continue
		}
		switch size {
		case 64:
			r.out.Nums[row] = int64(binary.LittleEndian.Uint64(page[next*8:]))
		case 32:
			r.out.Nums[row] = int64(int32(binary.LittleEndian.Uint32(page[next*4:])))
		default:
			r.out.Nums[row] = int64(page[next/8] >> (next % 8) & 1)
		}
		next++
	}
	return nil
}
