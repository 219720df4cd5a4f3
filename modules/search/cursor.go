package search

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrBadCursor means that a cursor was not made by this query.
var ErrBadCursor = errors.New("cursor does not belong to this query: start again without one")

// cursor is where a page ended. It names a place in the order and the query it belongs to, nothing of the snapshot it came
// from, so it leads on from the same place in any later one. It is signed: what we did not write we do not follow.
type cursor struct {
	Query uint64   `json:"q"`
	Last  key      `json:"k"`
	Read  *Reading `json:"r,omitempty"` // how the words were read, so that every page reads them alike
}

const signatureLen = 12

func (x *Index) encodeCursor(c cursor) string {
	b, _ := json.Marshal(c) // numbers and strings always marshal
	return base64.RawURLEncoding.EncodeToString(append(x.sign(b), b...))
}

func (x *Index) sign(b []byte) []byte {
	mac := hmac.New(sha256.New, x.cfg.Secret)
	mac.Write(b)
	return mac.Sum(nil)[:signatureLen]
}

func (x *Index) decodeCursor(s string, q Query) (*cursor, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) < signatureLen || !hmac.Equal(b[:signatureLen], x.sign(b[signatureLen:])) {
		return nil, ErrBadCursor
	}
	var c cursor
	if json.Unmarshal(b[signatureLen:], &c) != nil || c.Query != q.fingerprint() {
		return nil, ErrBadCursor
	}
	return &c, nil
}

// fingerprint tells queries apart that ask for other results or another order.
func (q Query) fingerprint() uint64 {
	var b strings.Builder
	for _, list := range [][]string{{q.Text, string(q.Sort), string(q.From), string(q.To), q.Artist, q.Venue, q.UpdatedSince.UTC().String()},
		sorted(q.Genres), sorted(q.Regions), sorted(q.Sellers), sorted(q.Statuses)} {
		fmt.Fprintf(&b, "%q", list)
	}
	if q.PriceMax != nil {
		fmt.Fprint(&b, "p", *q.PriceMax)
	}
	if q.Age != nil {
		fmt.Fprint(&b, "a", *q.Age)
	}
	if q.Exclusive != nil {
		fmt.Fprint(&b, "e", *q.Exclusive)
	}
	fmt.Fprint(&b, q.WithEnded)
	sum := sha256.Sum256([]byte(b.String()))
	n := uint64(0)
	for _, c := range sum[:8] {
		n = n<<8 | uint64(c)
	}
	return n
}

func sorted[T ~string](all []T) []string {
	out := make([]string, len(all))
	for i, v := range all {
		out[i] = string(v)
	}
	slices.Sort(out)
	return out
}
