// Package record is the format of a queue's segment files: their head, their records and how to find the good ones in
// damaged bytes. It works on bytes and does no IO but reading. FORMAT.md in the folder above draws it.
package record

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"
)

// Sizes in bytes.
const (
	HeadSize = 2 * headCopy // of a segment's head
	Overhead = 36           // of a record beside its producer's name and its payload; no record is shorter
	MaxBody  = 64 << 20     // of a record's name and payload together; a length above it is damage
	headCopy = 40
)

// Version of the format.
const Version = 2

const magic = "TMQUEUE"

// ErrVersion is a segment that another version of the program wrote.
var ErrVersion = errors.New("queue was written by another version")

// castagnoli is never written to.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Sum is the checksum of every file of a queue: CRC-32C.
func Sum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// Head is the beginning of a segment's file.
type Head struct {
	Base uint64 // offset of the first record
	Prev uint64 // the last acknowledged offset before this segment
	Salt uint64 // random; part of every checksum in the file
	End  bool   // made when the log was closed: no record follows
}

// Append writes the head, twice.
func (h Head) Append(b []byte) []byte {
	start := len(b)
	b = append(b, magic...)
	b = append(b, Version)
	b = binary.BigEndian.AppendUint64(b, h.Base)
	b = binary.BigEndian.AppendUint64(b, h.Prev)
	b = binary.BigEndian.AppendUint64(b, h.Salt)
	end := uint32(0)
	if h.End {
		end = 1
	}
	b = binary.BigEndian.AppendUint32(b, end)
	b = binary.BigEndian.AppendUint32(b, Sum(b[start:]))
	return append(b, b[start:]...)
}

// HeadState says how much of a head can be trusted.
type HeadState int

// The states of a head.
const (
	HeadWhole   HeadState = iota
	HeadScarred           // one of the two copies is bad
	HeadLost
)

// ReadHead takes the first good copy of the segment that begins at base. ErrVersion: a good copy of another version.
func ReadHead(data []byte, base uint64) (h Head, state HeadState, err error) {
	good := 0
	for i := range 2 {
		if len(data) < (i+1)*headCopy {
			break
		}
		c := data[i*headCopy : (i+1)*headCopy]
		if !bytes.HasPrefix(c, []byte(magic)) || Sum(c[:headCopy-4]) != binary.BigEndian.Uint32(c[headCopy-4:]) {
			continue
		}
		if c[7] != Version {
			return h, HeadLost, fmt.Errorf("%w: segment %d has version %d, this program reads %d; nothing was changed", ErrVersion, base, c[7], Version)
		}
		if binary.BigEndian.Uint64(c[8:]) != base {
			continue // a file under another segment's name
		}
		h = Head{Base: base, Prev: binary.BigEndian.Uint64(c[16:]), Salt: binary.BigEndian.Uint64(c[24:]), End: c[35] == 1}
		good++
	}
	switch good {
	case 2:
		return h, HeadWhole, nil
	case 1:
		return h, HeadScarred, nil
	}
	return h, HeadLost, nil
}

// Flags of a record.
const (
	Zstd  byte = 1 // the payload is compressed
	Start byte = 2 // the first record of a batch: everything before it was synced when it was written
)

// Record is one entry of the log.
type Record struct {
	Offset   uint64
	Millis   int64  // when it was appended, Unix milliseconds
	Seq      uint64 // the producer's own number; 0 without a producer
	Flags    byte
	Producer string // up to 255 bytes; "" without
	Payload  []byte
}

// Size is what the record takes in the file.
func (r *Record) Size() int64 { return int64(Overhead + len(r.Producer) + len(r.Payload)) }

// Time is when it was appended.
func (r *Record) Time() time.Time { return time.UnixMilli(r.Millis).UTC() }

// kindData is the only kind of record there is.
const kindData = 1

// Append writes the record as it stands in a segment with that salt.
func (r *Record) Append(b []byte, salt uint64) []byte {
	var h [Overhead]byte
	binary.BigEndian.PutUint32(h[0:], uint32(len(r.Producer)+len(r.Payload)))
	binary.BigEndian.PutUint64(h[8:], r.Offset)
	binary.BigEndian.PutUint64(h[16:], uint64(r.Millis))
	binary.BigEndian.PutUint64(h[24:], r.Seq)
	h[32], h[33], h[34] = kindData, r.Flags, byte(len(r.Producer))
	start := len(b)
	b = append(append(append(b, h[:]...), r.Producer...), r.Payload...)
	binary.BigEndian.PutUint32(b[start+4:], checksum(salt, b[start:]))
	return b
}

// checksum covers everything of a whole record but the checksum itself, and the segment's salt.
func checksum(salt uint64, rec []byte) uint32 {
	var b [12]byte
	binary.BigEndian.PutUint64(b[:], salt)
	copy(b[8:], rec[:4])
	return crc32.Update(crc32.Update(0, castagnoli, b[:]), castagnoli, rec[8:])
}

// Length reads how long the record is whose first bytes are given, from the length field alone; ok is false for a
// length no record has.
func Length(head []byte) (size int64, ok bool) {
	n := int64(binary.BigEndian.Uint32(head))
	return Overhead + n, n <= MaxBody
}

// Read reads the record at the beginning of data. ok is false when there is no whole, unharmed record there. The payload
// is a part of data, never a copy: a wild length cannot make it allocate.
func Read(data []byte, salt uint64) (r Record, ok bool) {
	if len(data) < Overhead {
		return r, false
	}
	size, ok := Length(data)
	if !ok || size > int64(len(data)) {
		return r, false
	}
	data = data[:size]
	name := int(data[34])
	if data[32] != kindData || Overhead+name > len(data) || checksum(salt, data) != binary.BigEndian.Uint32(data[4:]) {
		return r, false
	}
	return Record{
		Offset: binary.BigEndian.Uint64(data[8:]), Millis: int64(binary.BigEndian.Uint64(data[16:])), Seq: binary.BigEndian.Uint64(data[24:]),
		Flags: data[33], Producer: string(data[Overhead : Overhead+name]), Payload: data[Overhead+name:],
	}, true
}
