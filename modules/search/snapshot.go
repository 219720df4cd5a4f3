package search

import (
	"slices"
)

// snapshot is immutable: a large segment, and a small one with what changed since that was built.
type snapshot struct {
	base   *segment
	live   bitset   // those of base that delta does not replace and nobody took away; nil when all are
	dead   int      // how many are not
	delta  *segment // nil when there is none
	seq    int64    // how far it has read the feed
	number uint64   // grows with every swap
}

// segments gives both segments with what is live of them.
func (s *snapshot) segments(fn func(seg *segment, live bitset)) {
	fn(s.base, s.live)
	if s.delta != nil {
		fn(s.delta, nil)
	}
}

func (s *snapshot) size() int {
	n := len(s.base.docs) - s.dead
	if s.delta != nil {
		n += len(s.delta.docs)
	}
	return n
}

// doc is the document of an id; nil when it is not there.
func (s *snapshot) doc(id string) *doc {
	if s.delta != nil {
		if n, ok := s.delta.byID.find(id); ok {
			return &s.delta.docs[n]
		}
	}
	if n, ok := s.base.byID.find(id); ok && s.live.passes(n) {
		return &s.base.docs[n]
	}
	return nil
}

// offer is the document that carries an offer; nil when none does.
func (s *snapshot) offer(id string) *doc {
	var found *doc
	s.segments(func(seg *segment, live bitset) {
		if n, ok := seg.offers.find(id); ok && live.passes(n) {
			found = &seg.docs[n]
		}
	})
	return found
}

// entries lists every live document.
func (s *snapshot) entries() []entry {
	out := make([]entry, 0, s.size())
	s.segments(func(seg *segment, live bitset) {
		for i := range seg.docs {
			if live.passes(uint32(i)) {
				out = append(out, seg.entry(uint32(i)))
			}
		}
	})
	return out
}

// changed tells whether documents are looked at more or less than they say.
func (s *snapshot) changed(views map[string]int64) bool {
	changed := false
	s.segments(func(seg *segment, live bitset) {
		for i := range seg.docs {
			d := &seg.docs[i]
			changed = changed || live.passes(uint32(i)) && d.views != views[d.p.ID]
		}
	})
	return changed
}

// The small segment is merged into the large one when it has grown to this share of it, but not before it has some size.
const (
	deltaShare = 16
	deltaLeast = 512
)

// with is the snapshot after changes: fresh replaces or adds documents, gone takes ids away.
func (s *snapshot) with(fresh map[string]entry, gone []string, seq int64) *snapshot {
	next := &snapshot{base: s.base, live: slices.Clone(s.live), dead: s.dead, seq: seq}
	if next.live == nil {
		next.live = newBitset(len(s.base.docs))
		next.live.fill(len(s.base.docs))
	}
	bury := func(id string) {
		if n, ok := s.base.byID.find(id); ok && next.live.has(n) {
			next.live[n/64] &^= 1 << (n % 64)
			next.dead++
		}
	}
	var entries []entry
	if s.delta != nil {
		for i := range s.delta.docs {
			id := s.delta.docs[i].p.ID
			if _, replaced := fresh[id]; !replaced && !slices.Contains(gone, id) {
				entries = append(entries, s.delta.entry(uint32(i)))
			}
		}
	}
	for id, e := range fresh {
		bury(id)
		entries = append(entries, e)
	}
	for _, id := range gone {
		bury(id)
	}
	if len(entries) > 0 {
		next.delta = newSegment(entries)
	}
	if changed := len(entries) + next.dead; changed > deltaLeast && changed > len(s.base.docs)/deltaShare {
		return whole(next.entries(), seq)
	}
	return next
}

// whole is a snapshot of one segment.
func whole(entries []entry, seq int64) *snapshot {
	return &snapshot{base: newSegment(entries), seq: seq}
}
