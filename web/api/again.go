package api

import (
	"hash/maphash"
	"slices"
	"sync/atomic"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/search"
	"ticketmoa/web/answer"
)

// lists remembers the lists that came twice, so that a list everybody asks for is joined, summed and compressed once. It can
// never give an old one: the search is asked each time, and a list is the one remembered only when it holds the very same
// written shows (the same memory, which is never changed), the same total and the same next cursor.
type lists struct {
	seed  maphash.Seed
	slots [64]atomic.Pointer[remembered] // by query
}

// longestList bounds all of it to some ten megabytes: the lists, their compressed forms, and the written shows they are told by.
const longestList = 64 << 10

// remembered is a list that came once (body is nil), or more often.
type remembered struct {
	items [][]byte
	total int
	next  string
	body  *answer.Body
}

func newLists() *lists { return &lists{seed: maphash.MakeSeed()} }

func (r *remembered) is(items [][]byte, res *search.Result) bool {
	return r != nil && r.total == res.Total && r.next == res.Next && slices.EqualFunc(r.items, items, sameMemory)
}

func sameMemory(a, b []byte) bool { return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0]) }

// send answers with a list.
func (l *lists) send(c echo.Context, items [][]byte, res *search.Result) error {
	join := func(b []byte) ([]byte, error) { return appendList(b, items, *res), nil }
	size := 256 // of what stands around the shows
	for _, item := range items {
		size += len(item)
	}
	if size > longestList || len(res.Facets) > 0 || res.Read != nil || answer.WantsPretty(c) {
		return answer.JSON(c, join)
	}
	slot := &l.slots[maphash.String(l.seed, c.QueryString())%uint64(len(l.slots))]
	r := slot.Load()
	if !r.is(items, res) {
		slot.Store(&remembered{items: slices.Clone(items), total: res.Total, next: res.Next})
		return answer.JSON(c, join)
	}
	if r.body == nil {
		whole := appendList(make([]byte, 0, size), items, *res)
		r = &remembered{r.items, r.total, r.next, answer.NewBody(answer.JSONType, whole, answer.JSONLevel)}
		slot.Store(r)
	}
	return r.body.Send(c)
}
