package queue

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
)

const (
	version      = 1
	segmentMagic = "TMQUEUE"
	cursorMagic  = "TMQCURS"
	headCopy     = 40
	headBytes    = 2 * headCopy
	recordHead   = 16
	segmentExt   = ".wal"
	nameDigits   = 20
)

// castagnoli is never written to.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func segmentName(base uint64) string { return fmt.Sprintf("%0*d%s", nameDigits, base, segmentExt) }

// baseOf reads the offset a segment file, or what was made of it (.torn-…, .quarantined), begins with.
func baseOf(name string) (base uint64, rest string, ok bool) {
	if len(name) < nameDigits+len(segmentExt) || !strings.HasPrefix(name[nameDigits:], segmentExt) {
		return 0, "", false
	}
	base, err := strconv.ParseUint(name[:nameDigits], 10, 64)
	return base, name[nameDigits+len(segmentExt):], err == nil && base > 0
}

func randomSalt() (uint64, error) {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return 0, fmt.Errorf("random salt: %w", err)
	}
	return binary.BigEndian.Uint64(b[:]), nil
}

// head is the beginning of the segment's file.
func (s *segment) head() []byte {
	b := make([]byte, 0, headBytes)
	b = append(b, segmentMagic...)
	b = append(b, version)
	b = binary.BigEndian.AppendUint64(b, s.base)
	b = binary.BigEndian.AppendUint64(b, s.prev)
	b = binary.BigEndian.AppendUint64(b, s.salt)
	b = binary.BigEndian.AppendUint32(b, 0)
	b = binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	return append(b, b...)
}

// headState says how much of a segment's head can be trusted.
type headState int

const (
	headWhole   headState = iota
	headScarred           // one of the two copies is bad
	headLost
)

// readHead takes the first good copy. A good copy of another version is ErrVersion.
func readHead(data []byte, base uint64) (s segment, state headState, err error) {
	good := 0
	for i := range 2 {
		if len(data) < (i+1)*headCopy {
			break
		}
		c := data[i*headCopy : (i+1)*headCopy]
		if !bytes.HasPrefix(c, []byte(segmentMagic)) ||
			crc32.Checksum(c[:headCopy-4], castagnoli) != binary.BigEndian.Uint32(c[headCopy-4:]) {
			continue
		}
		if c[7] != version {
			return s, headLost, fmt.Errorf("%w: segment %d has version %d, this program reads %d", ErrVersion, base, c[7], version)
		}
		if binary.BigEndian.Uint64(c[8:]) != base {
			continue // a file under another segment's name
		}
		s.base, s.prev, s.salt = base, binary.BigEndian.Uint64(c[16:]), binary.BigEndian.Uint64(c[24:])
		good++
	}
	switch good {
	case 2:
		return s, headWhole, nil
	case 1:
		return s, headScarred, nil
	}
	return s, headLost, nil
}

func checksum(salt uint64, head []byte, payload []byte) uint32 {
	var b [20]byte
	binary.BigEndian.PutUint64(b[:], salt)
	copy(b[8:12], head[0:4])
	copy(b[12:20], head[8:16])
	return crc32.Update(crc32.Checksum(b[:], castagnoli), castagnoli, payload)
}

func appendRecord(b []byte, salt, offset uint64, payload []byte) []byte {
	var h [recordHead]byte
	binary.BigEndian.PutUint32(h[0:], uint32(len(payload)))
	binary.BigEndian.PutUint64(h[8:], offset)
	binary.BigEndian.PutUint32(h[4:], checksum(salt, h[:], payload))
	return append(append(b, h[:]...), payload...)
}

// readRecord reads the record at the beginning of data. ok is false when there is no whole, unharmed record there.
// The payload is a part of data, never a copy: a wild length cannot make it allocate.
func readRecord(data []byte, salt uint64) (offset uint64, payload []byte, ok bool) {
	if len(data) < recordHead {
		return 0, nil, false
	}
	n := uint64(binary.BigEndian.Uint32(data))
	if n > uint64(len(data)-recordHead) {
		return 0, nil, false
	}
	payload = data[recordHead : recordHead+n]
	if checksum(salt, data[:recordHead], payload) != binary.BigEndian.Uint32(data[4:]) {
		return 0, nil, false
	}
	return binary.BigEndian.Uint64(data[8:]), payload, true
}

// run is a stretch of good records that follow one another.
type run struct {
	first, last uint64
	start, end  int // in the file
}

// scan reads a segment's bytes from position 80 on: the runs of good records, in order of their offsets. The segment is
// unharmed when there is at most one run, it begins at base and ends where the data end.
func scan(data []byte, s segment) []run {
	var runs []run
	pos, want := headBytes, s.base
	highest := s.base + uint64(len(data)/recordHead)
	for pos < len(data) {
		offset, payload, ok := readRecord(data[pos:], s.salt)
		if ok && offset == want {
			end := pos + recordHead + len(payload)
			if n := len(runs); n > 0 && runs[n-1].end == pos && runs[n-1].last+1 == offset {
				runs[n-1].last, runs[n-1].end = offset, end
			} else {
				runs = append(runs, run{first: offset, last: offset, start: pos, end: end})
			}
			pos, want = end, offset+1
			continue
		}
		pos, want = resume(data, pos, s.salt, want, highest)
	}
	return runs
}

// resume looks for the next good record at or behind pos whose offset was not read yet. The offset is looked at first: it rules out nearly every
// position without a checksum.
func resume(data []byte, pos int, salt, want, highest uint64) (at int, offset uint64) {
	for ; pos+recordHead <= len(data); pos++ {
		o := binary.BigEndian.Uint64(data[pos+8:])
		if o < want || o > highest {
			continue
		}
		if _, _, ok := readRecord(data[pos:], salt); ok {
			return pos, o
		}
	}
	return len(data), want
}
