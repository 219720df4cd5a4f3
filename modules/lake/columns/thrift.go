package columns

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/apache/thrift/lib/go/thrift"
)

// Types of the compact protocol.
const (
	wireTrue   = 1
	wireFalse  = 2
	wireByte   = 3
	wireI16    = 4
	wireI32    = 5
	wireI64    = 6
	wireDouble = 7
	wireBinary = 8
	wireList   = 9
	wireSet    = 10
	wireMap    = 11
	wireStruct = 12
	wireDepth  = 16
)

// readStruct reads a structure from the beginning of b into out and returns how many bytes it takes. The structure is
// walked first: thrift allocates for as many elements as a list claims to have.
func readStruct(b []byte, out thrift.TStruct) (int, error) {
	n, err := structLen(b, 0)
	if err != nil {
		return 0, err
	}
	buf := thrift.NewTMemoryBufferLen(n)
	if _, err := buf.Write(b[:n]); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrBadParquet, err)
	}
	if err := out.Read(context.Background(), thrift.NewTCompactProtocolConf(buf, &thrift.TConfiguration{})); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrBadParquet, err)
	}
	return n, nil
}

func appendStruct(dst []byte, in thrift.TStruct) ([]byte, error) {
	s := thrift.NewTSerializer()
	s.Protocol = thrift.NewTCompactProtocolConf(s.Transport, &thrift.TConfiguration{})
	b, err := s.Write(context.Background(), in)
	if err != nil {
		return nil, fmt.Errorf("write Parquet structure: %w", err)
	}
	return append(dst, b...), nil
}

func structLen(b []byte, depth int) (int, error) {
	if depth > wireDepth {
		return 0, fmt.Errorf("%w: structures lie too deep", ErrBadParquet)
	}
	at := 0
	for {
		if at >= len(b) {
			return 0, fmt.Errorf("%w: a structure has no end", ErrBadParquet)
		}
		head := b[at]
		at++
		if head == 0 {
			return at, nil
		}
		if head>>4 == 0 { // the field's number follows in full
			_, n := binary.Uvarint(b[at:])
			if n <= 0 {
				return 0, fmt.Errorf("%w: a field has no number", ErrBadParquet)
			}
			at += n
		}
		kind := head & 15
		if kind == wireTrue || kind == wireFalse {
			continue // the value is in the head
		}
		n, err := valueLen(b[at:], kind, depth)
		if err != nil {
			return 0, err
		}
		at += n
	}
}

func valueLen(b []byte, kind byte, depth int) (int, error) {
	switch kind {
	case wireTrue, wireFalse, wireByte:
		return within(b, 1)
	case wireI16, wireI32, wireI64:
		_, n := binary.Uvarint(b)
		if n <= 0 {
			return 0, fmt.Errorf("%w: a number has no end", ErrBadParquet)
		}
		return n, nil
	case wireDouble:
		return within(b, 8)
	case wireBinary:
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return 0, fmt.Errorf("%w: a text is longer than its file", ErrBadParquet)
		}
		return n + int(size), nil
	case wireList, wireSet:
		return listLen(b, depth)
	case wireStruct:
		return structLen(b, depth+1)
	default: // wireMap too: no structure of the format has one
		return 0, fmt.Errorf("%w: a field of type %d", ErrBadParquet, kind)
	}
}

func listLen(b []byte, depth int) (int, error) {
	if len(b) == 0 {
		return 0, fmt.Errorf("%w: a list has no head", ErrBadParquet)
	}
	size, at := uint64(b[0]>>4), 1
	if size == 15 {
		long, n := binary.Uvarint(b[1:])
		if n <= 0 {
			return 0, fmt.Errorf("%w: a list has no length", ErrBadParquet)
		}
		size, at = long, at+n
	}
	if size > uint64(len(b)-at) || depth > wireDepth { // every element takes a byte at least
		return 0, fmt.Errorf("%w: a list is longer than its file", ErrBadParquet)
	}
	for range size {
		n, err := valueLen(b[at:], b[0]&15, depth+1)
		if err != nil {
			return 0, err
		}
		at += n
	}
	return at, nil
}

func within(b []byte, n int) (int, error) {
	if len(b) < n {
		return 0, fmt.Errorf("%w: a field has no end", ErrBadParquet)
	}
	return n, nil
}
