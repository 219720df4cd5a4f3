// Package kept keeps rendered pages, so that a page everybody sees is made once and not for everyone.
//
// It guarantees: a page is given out only while the generation (of the catalogue and of what jobs make) is the one from
// before it was made and the clock stands in the same minute, so what a page says about anything else (another replica's
// ranking, how the sources do, how long ago something was) is never older than that minute; of many who want a page at the same time one makes it; the memory
// is bounded, and what nobody asked for longest goes first. Errors are never kept.
package kept

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"

	"ticketmoa/web/answer"
)

// Page is a rendered page.
type Page struct {
	Body     *answer.Body
	Note     any  // what whoever shows the page has to know of what stands on it; must not be changed
	Fleeting bool // is given to those who wait for it, and to nobody after them
}

// overhead is what a page costs besides its bytes.
const overhead = 1024

// cost is the memory of a page. Its compressed form is counted before it is made: it is kept only when it is smaller.
func (p *Page) cost(key string) int { return 2*len(p.Body.Plain()) + len(key) + overhead }

// deadline is how long making a page may take. It goes on when the one who asked first is gone: others wait for it.
const deadline = 15 * time.Second

var errBroken = errors.New("the page could not be made")

// Cache keeps pages. Make one with New.
type Cache struct {
	generation func() uint64
	now        func() time.Time
	limit      int

	mu     sync.Mutex
	stamp  stamp
	pages  map[string]*list.Element
	recent *list.List // of *entry, the one asked for last in front
	size   int
	making map[string]*making
}

// stamp is what all pages of the cache have in common.
type stamp struct {
	generation uint64
	minute     int64
}

type entry struct {
	key  string
	page *Page
}

// making is a page under way.
type making struct {
	done chan struct{}
	page *Page
	err  error
}

// New makes a cache of at most limit bytes. generation is a number that changes whenever the pages do.
func New(generation func() uint64, now func() time.Time, limit int) *Cache {
	c := &Cache{generation: generation, now: now, limit: limit}
	c.clear(stamp{})
	return c
}

func (c *Cache) clear(s stamp) {
	c.stamp, c.pages, c.recent, c.size, c.making = s, map[string]*list.Element{}, list.New(), 0, map[string]*making{}
}

// Get gives the page of a key, or has it made as of the moment it hands over.
func (c *Cache) Get(ctx context.Context, key string, fill func(ctx context.Context, now time.Time) (*Page, error)) (*Page, error) {
	c.mu.Lock()
	now := c.now()
	s := stamp{c.generation(), now.Unix() / 60} // before the page is made: it may be newer than its stamp, never older
	if s != c.stamp {
		c.clear(s)
	}
	if e, ok := c.pages[key]; ok {
		c.recent.MoveToFront(e)
		c.mu.Unlock()
		return e.Value.(*entry).page, nil
	}
	if m, ok := c.making[key]; ok {
		c.mu.Unlock()
		select {
		case <-m.done:
			return m.page, m.err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	m := &making{done: make(chan struct{}), err: errBroken}
	c.making[key] = m
	c.mu.Unlock()
	defer c.finish(key, m) // also when fill panics
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deadline)
	defer cancel()
	m.page, m.err = fill(ctx, now)
	return m.page, m.err
}

// finish wakes those who wait for a page and keeps it, unless its time is over.
func (c *Cache) finish(key string, m *making) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer close(m.done)
	if c.making[key] != m { // the cache has moved on
		return
	}
	delete(c.making, key)
	if m.err != nil || m.page.Fleeting || m.page.cost(key) > c.limit/4 {
		return
	}
	c.pages[key] = c.recent.PushFront(&entry{key, m.page})
	c.size += m.page.cost(key)
	for c.size > c.limit {
		last := c.recent.Remove(c.recent.Back()).(*entry)
		delete(c.pages, last.key)
		c.size -= last.page.cost(last.key)
	}
}
