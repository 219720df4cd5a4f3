package record

import (
	"encoding/binary"
	"errors"
	"io"
)

// Run is a stretch of good records that follow one another.
type Run struct {
	First, Last uint64
	Start, End  int  // in the data
	Begins      bool // a batch begins in it
}

// Scan finds the runs of good records in a segment's bytes, in order of their offsets, whatever lies between them. No
// record above limit is looked at.
func Scan(data []byte, h Head, limit uint64) []Run {
	var runs []Run
	pos, want := HeadSize, h.Base
	highest := min(limit, h.Base+uint64(len(data)/Overhead))
	for pos < len(data) && want <= highest {
		r, ok := Read(data[pos:], h.Salt)
		if ok && r.Offset == want {
			end := pos + int(r.Size())
			if n := len(runs); n > 0 && runs[n-1].End == pos && runs[n-1].Last+1 == want {
				runs[n-1].Last, runs[n-1].End = want, end
			} else {
				runs = append(runs, Run{First: want, Last: want, Start: pos, End: end})
			}
			runs[len(runs)-1].Begins = runs[len(runs)-1].Begins || r.Flags&Start != 0
			pos, want = end, want+1
			continue
		}
		pos, want = resume(data, pos, h.Salt, want, highest)
	}
	return runs
}

// resume looks for the next good record at or behind pos whose offset was not read yet. The offset is looked at first: it
// rules out nearly every position without a checksum.
func resume(data []byte, pos int, salt, want, highest uint64) (at int, offset uint64) {
	for ; pos+Overhead <= len(data); pos++ {
		o := binary.BigEndian.Uint64(data[pos+8:])
		if o < want || o > highest {
			continue
		}
		if _, ok := Read(data[pos:], salt); ok {
			return pos, o
		}
	}
	return len(data), want
}

// chunk is how much of a file a Reader holds when records are small.
const chunk = 256 << 10

// Reader reads good records one after the other from a segment's file, holding little of it in memory.
type Reader struct {
	file io.ReaderAt
	salt uint64
	pos  int64 // of the next record
	buf  []byte
	at   int64 // position of buf in the file
}

// NewReader reads from the first record on.
func NewReader(file io.ReaderAt, h Head) *Reader {
	return &Reader{file: file, salt: h.Salt, pos: HeadSize}
}

// Pos is the position of the next record.
func (r *Reader) Pos() int64 { return r.pos }

// Next reads the record at Pos when it ends at or before end and has the offset want. ok is false otherwise, and Pos
// stays. The payload is good until the next call. An error is the file's.
func (r *Reader) Next(want uint64, end int64) (rec Record, ok bool, err error) {
	head, err := r.window(Overhead, end)
	if err != nil || head == nil {
		return rec, false, err
	}
	size, sane := Length(head)
	if !sane || binary.BigEndian.Uint64(head[8:]) != want {
		return rec, false, nil
	}
	data, err := r.window(size, end)
	if err != nil || data == nil {
		return rec, false, err
	}
	rec, ok = Read(data[:size], r.salt)
	if ok {
		r.pos += size
	}
	return rec, ok, nil
}

// Skip passes over the record at Pos without checking its payload; ok is false when there is none with the offset want.
func (r *Reader) Skip(want uint64, end int64) (ok bool, err error) {
	head, err := r.window(Overhead, end)
	if err != nil || head == nil {
		return false, err
	}
	size, sane := Length(head)
	if !sane || binary.BigEndian.Uint64(head[8:]) != want || r.pos+size > end {
		return false, nil
	}
	r.pos += size
	return true, nil
}

// window is what the file holds at pos: size bytes or more, nil when they would pass end or the file.
func (r *Reader) window(size, end int64) ([]byte, error) {
	if r.pos+size > end {
		return nil, nil
	}
	if r.pos >= r.at && r.pos+size <= r.at+int64(len(r.buf)) {
		return r.buf[r.pos-r.at:], nil
	}
	want := min(max(size, chunk), end-r.pos)
	if int64(cap(r.buf)) < want || int64(cap(r.buf)) > 16*chunk && want <= chunk {
		r.buf = make([]byte, want)
	}
	n, err := r.file.ReadAt(r.buf[:want], r.pos)
	r.buf, r.at = r.buf[:n], r.pos
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if int64(n) < size {
		return nil, nil
	}
	return r.buf, nil
}
