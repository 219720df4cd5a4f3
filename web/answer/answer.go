// Package answer brings answers to clients: with their length, a tag by which a client that has them already is told so,
// and compressed where that pays.
//
// It guarantees: the tag is made of the bytes alone, so it outlives a restart and is the same on every replica; it is
// weak, because one tag stands for the plain and the compressed form; a client is never sent a form it did not ask for.
// An answer that sets a cookie has a tag only when it is private. Errors never come this way.
package answer

import (
	"bytes"
	"encoding/json"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
)

// JSONType is what programs are told they get.
const JSONType = echo.MIMEApplicationJSON

// minSize is from which size on a body is compressed: a smaller one fits one packet as it is.
const minSize = 1024

var (
	gzipped   = []string{"gzip"}
	jsonTyped = []string{JSONType}

	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// tagOf is the entity tag of a body: a checksum that the processor makes by itself, and the length. Two versions of one
// answer share a tag once in four thousand million.
func tagOf(b []byte) (tag string, sum uint32) {
	sum = crc32.Checksum(b, castagnoli)
	var buf [32]byte
	out := append(buf[:0], `W/"`...)
	out = strconv.AppendUint(out, uint64(sum), 36)
	out = append(out, '-')
	out = strconv.AppendInt(out, int64(len(b)), 36)
	return string(append(out, '"')), sum
}

// Body is an answer that goes out more than once. Nothing of it changes.
type Body struct {
	kind, tag, length []string
	plain             []byte

	level  int
	once   sync.Once // the compressed form is made for the first who wants it
	packed []byte    // nil when it would save nothing
	size   []string
}

// NewBody makes one of a content type and bytes that are never written again. level is how hard it is compressed.
func NewBody(contentType string, plain []byte, level int) *Body {
	tag, _ := tagOf(plain)
	return &Body{kind: []string{contentType}, tag: []string{tag}, length: []string{strconv.Itoa(len(plain))}, plain: plain, level: level}
}

// Plain is the body as it is. It must not be written to.
func (b *Body) Plain() []byte { return b.plain }

// Packed is the body compressed; nil when that would save nothing.
func (b *Body) Packed() []byte {
	b.once.Do(func() {
		if len(b.plain) < minSize {
			return
		}
		if packed := pack(nil, b.plain, b.level); len(packed) < len(b.plain) {
			b.packed, b.size = packed, []string{strconv.Itoa(len(packed))}
		}
	})
	return b.packed
}

// tagged tells whether an answer may be known by its tag: one that sets a cookie only when no shared cache may keep it.
func tagged(h http.Header) bool {
	_, cookie := h[echo.HeaderSetCookie]
	return !cookie || strings.HasPrefix(h.Get(echo.HeaderCacheControl), "private")
}

// Send answers with the body, or with 304 when the client has it.
func (b *Body) Send(c echo.Context) error {
	h := c.Response().Header()
	if tagged(h) {
		h["Etag"] = b.tag
		if known(c.Request(), b.tag[0]) {
			return notModified(c)
		}
	}
	h[echo.HeaderContentType] = b.kind
	out, length := b.plain, b.length
	if wantsGzip(c.Request()) {
		if packed := b.Packed(); packed != nil {
			out, length = packed, b.size
			h[echo.HeaderContentEncoding] = gzipped
		}
	}
	return write(c, out, length)
}

// buffers are reused: what is written into one is gone once its answer has left.
var buffers = sync.Pool{New: func() any { return new(buffer) }}

type buffer struct{ plain, packed []byte }

// keepBuffer is how large a buffer may be to be kept for the next answer.
const keepBuffer = 512 << 10

func (b *buffer) release() {
	if cap(b.plain)+cap(b.packed) <= keepBuffer {
		buffers.Put(b)
	}
}

// JSON answers with what fill appends, or with 304 when the client has it. The bytes fill is given and gives back are
// not to be kept.
func JSON(c echo.Context, fill func(b []byte) ([]byte, error)) error {
	buf := buffers.Get().(*buffer)
	defer buf.release()
	plain, err := fill(buf.plain[:0])
	if err != nil {
		return err
	}
	if WantsPretty(c) {
		var wide bytes.Buffer
		if err := json.Indent(&wide, plain, "", "  "); err != nil {
			return err
		}
		plain = wide.Bytes()
	}
	buf.plain = plain
	h := c.Response().Header()
	tag, sum := tagOf(plain)
	if tagged(h) {
		h["Etag"] = []string{tag}
		if known(c.Request(), tag) {
			return notModified(c)
		}
	}
	h[echo.HeaderContentType] = jsonTyped
	if len(plain) >= minSize && wantsGzip(c.Request()) {
		buf.packed = packAgain(buf.packed[:0], plain, sum)
		plain = buf.packed
		h[echo.HeaderContentEncoding] = gzipped
	}
	return write(c, plain, []string{strconv.Itoa(len(plain))})
}

// WantsPretty tells whether somebody reads with their own eyes: ?pretty, as everywhere in echo.
func WantsPretty(c echo.Context) bool {
	if !strings.Contains(c.QueryString(), "pretty") {
		return false
	}
	_, pretty := c.QueryParams()["pretty"]
	return pretty
}

func write(c echo.Context, body []byte, length []string) error {
	c.Response().Header()[echo.HeaderContentLength] = length
	c.Response().WriteHeader(http.StatusOK)
	return inOnePiece(c.Request(), c.Response(), body)
}

func notModified(c echo.Context) error {
	c.Response().WriteHeader(http.StatusNotModified)
	return nil
}
