package recommend

import (
	"slices"
	"sync"
)

// maxHanded is how many lists are remembered, so that a click can be told from an invented one.
const maxHanded = 8_000

// handed remembers the lists given to people, for as long as there is room: what stood in each, and nobody's name.
type handed struct {
	mu    sync.Mutex
	lists map[string][]string
	order []string // a ring of the keys
	next  int
}

func newHanded() *handed { return &handed{lists: map[string][]string{}} }

func (h *handed) keep(key string, picks []Pick) {
	ids := make([]string, len(picks))
	for i, p := range picks {
		ids[i] = p.ID
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.order) < maxHanded {
		h.order = append(h.order, key)
	} else {
		delete(h.lists, h.order[h.next])
		h.order[h.next] = key
		h.next = (h.next + 1) % maxHanded
	}
	h.lists[key] = ids
}

// Stood is the place from 1 that a performance had in a list given to somebody, by the list's name and id joined with a
// colon; 0 when it did not stand there, or the list is forgotten.
func (r *Recommender) Stood(list, performanceID string) int {
	r.handed.mu.Lock()
	defer r.handed.mu.Unlock()
	return slices.Index(r.handed.lists[list], performanceID) + 1
}
