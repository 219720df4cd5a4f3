package search

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash"
	"hash/fnv"
	"slices"
)

// ErrBadCursor means that a cursor was not made by this query.
var ErrBadCursor = errors.New("cursor does not belong to this query: start again without one")

// cursor is where a page ended. It names a place in the order and the query it belongs to, nothing of the snapshot it came
// from, so it leads on from the same place in any later one. It is signed: what we did not write we do not follow.
type cursor struct {
	query uint64
	last  key
	read  *Reading // how the words were read, so that every page reads them alike
}

const (
	cursorVersion = 1
	signatureLen  = 12
)

// encodeCursor writes a cursor: the signature, then a version, the query, the key's numbers, and its id and the reading
// with their lengths before them. It is written in room.
func (x *Index) encodeCursor(c cursor, room *[]byte) string {
	var text [192]byte // most cursors are no longer
	var unsigned [signatureLen]byte
	b := (*room)[:0]
	b = append(b, unsigned[:]...)
	b = append(b, cursorVersion)
	b = binary.LittleEndian.AppendUint64(b, c.query)
	b = binary.AppendVarint(binary.AppendVarint(binary.AppendVarint(b, c.last.a), c.last.b), c.last.c)
	b = appendText(b, c.last.id)
	if c.read != nil {
		b = appendText(appendText(b, string(c.read.How)), c.read.Text)
	}
	x.sign(b[:signatureLen], b[signatureLen:])
	*room = b
	return string(base64.RawURLEncoding.AppendEncode(text[:0], b))
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func (x *Index) sign(into, b []byte) {
	mac, ok := x.macs.Get().(hash.Hash)
	if !ok {
		mac = hmac.New(sha256.New, x.cfg.Secret)
	}
	defer x.macs.Put(mac)
	mac.Reset()
	mac.Write(b)
	var sum [sha256.Size]byte
	copy(into, mac.Sum(sum[:0]))
}

func (x *Index) decodeCursor(s string, q Query) (*cursor, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) < signatureLen+9 {
		return nil, ErrBadCursor
	}
	var sum [signatureLen]byte
	x.sign(sum[:], b[signatureLen:])
	if !hmac.Equal(sum[:], b[:signatureLen]) || b[signatureLen] != cursorVersion {
		return nil, ErrBadCursor
	}
	r := reader{b: b[signatureLen+9:]}
	c := &cursor{query: binary.LittleEndian.Uint64(b[signatureLen+1:]), last: key{r.number(), r.number(), r.number(), r.text()}}
	if len(r.b) > 0 {
		c.read = &Reading{How(r.text()), r.text()}
	}
	if r.bad || c.query != q.fingerprint() {
		return nil, ErrBadCursor
	}
	return c, nil
}

// reader takes values off the beginning of bytes.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) number() int64 {
	n, size := binary.Varint(r.b)
	if size <= 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) text() string {
	n, size := binary.Uvarint(r.b)
	if size <= 0 || n > uint64(len(r.b)-size) {
		r.bad = true
		return ""
	}
	s := string(r.b[size : size+int(n)])
	r.b = r.b[size+int(n):]
	return s
}

// fingerprint tells queries apart that ask for other results or another order.
func (q *Query) fingerprint() uint64 {
	b := make([]byte, 0, 256)
	for _, s := range [...]string{q.Text, string(q.Sort), string(q.From), string(q.To), q.Artist, q.Venue} {
		b = appendText(b, s)
	}
	b = appendSorted(b, q.Genres)
	b = appendSorted(b, q.Regions)
	b = appendSorted(b, q.Sellers)
	b = appendSorted(b, q.Statuses)
	price, age, flags := int64(-1), int64(-1), byte(0)
	if q.PriceMax != nil {
		price = int64(*q.PriceMax)
	}
	if q.Age != nil {
		age = int64(*q.Age)
	}
	if q.Exclusive != nil {
		flags |= 1
		if *q.Exclusive {
			flags |= 2
		}
	}
	if q.WithEnded {
		flags |= 4
	}
	b = binary.AppendVarint(binary.AppendVarint(append(b, flags), price), age)
	if !q.UpdatedSince.IsZero() {
		b = binary.AppendVarint(b, q.UpdatedSince.UnixNano())
	}
	h := fnv.New64a()
	h.Write(b)
	return h.Sum64()
}

func appendSorted[T ~string](b []byte, all []T) []byte {
	if len(all) > 1 {
		all = slices.Sorted(slices.Values(all))
	}
	b = binary.AppendUvarint(b, uint64(len(all)))
	for _, v := range all {
		b = appendText(b, string(v))
	}
	return b
}
