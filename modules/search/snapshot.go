package search

import (
	"slices"

	"ticketmoa/modules/search/gram"
)

// snapshot is immutable: large segments, the popular first, and a small one with what changed since those were built.
type snapshot struct {
	parts  []piece
	dead   int      // how many documents of parts are live no more
	delta  *segment // nil when there is none
	seq    int64    // how far it has read the feed
	number uint64   // grows with every swap
}

// piece is a segment with what is live of it: what the small segment does not replace and nobody took away.
type piece struct {
	*segment
	live bitset // nil when every document is
}

// segments gives every segment with what is live of it.
func (s *snapshot) segments(fn func(seg *segment, live bitset)) {
	for _, p := range s.parts {
		fn(p.segment, p.live)
	}
	if s.delta != nil {
		fn(s.delta, nil)
	}
}

// settled is the number of documents in the large segments, live or not.
func (s *snapshot) settled() int {
	n := 0
	for _, p := range s.parts {
		n += len(p.docs)
	}
	return n
}

func (s *snapshot) size() int {
	n := s.settled() - s.dead
	if s.delta != nil {
		n += len(s.delta.docs)
	}
	return n
}

// doc is the document of an id; nil when it is not there.
func (s *snapshot) doc(id string) *doc {
	var found *doc
	s.segments(func(seg *segment, live bitset) {
		if n, ok := seg.byID[id]; ok && live.passes(n) {
			found = seg.docs[n]
		}
	})
	return found
}

// offer is the document that carries an offer; nil when none does.
func (s *snapshot) offer(id string) *doc {
	var found *doc
	s.segments(func(seg *segment, live bitset) {
		if n, ok := seg.offers[id]; ok && live.passes(n) {
			found = seg.docs[n]
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

// The small segment is merged into the large ones when it has grown to this share of them, but not before it has some size.
const (
	deltaShare = 16
	deltaLeast = 512
)

// with is the snapshot after changes: fresh replaces or adds documents, gone takes ids away.
func (s *snapshot) with(fresh map[string]entry, gone []string, seq int64) *snapshot {
	next := &snapshot{parts: slices.Clone(s.parts), dead: s.dead, seq: seq}
	var entries []entry
	if s.delta != nil {
		for i, d := range s.delta.docs {
			if _, replaced := fresh[d.p.ID]; !replaced && !slices.Contains(gone, d.p.ID) {
				entries = append(entries, s.delta.entry(uint32(i)))
			}
		}
	}
	var out []string
	for id, e := range fresh {
		out, entries = append(out, id), append(entries, e)
	}
	next.bury(append(out, gone...))
	changed := len(entries) + next.dead
	if changed > deltaLeast && changed > s.settled()/deltaShare || len(entries) > gram.MostTexts {
		return whole(append(next.entries(), entries...), seq)
	}
	if len(entries) > 0 {
		sortByPopularity(entries)
		next.delta = newSegment(entries)
	}
	return next
}

// bury takes ids out of the large segments. What is live of them is copied first: others read it.
func (s *snapshot) bury(ids []string) {
	for i := range s.parts {
		p := &s.parts[i]
		copied := false
		for _, id := range ids {
			n, ok := p.byID[id]
			if !ok || !p.live.passes(n) {
				continue
			}
			if p.live == nil {
				p.live = newBitset(len(p.docs))
				p.live.fill(len(p.docs))
			} else if !copied {
				p.live = slices.Clone(p.live)
			}
			copied = true
			p.live[n/64] &^= 1 << (n % 64)
			s.dead++
		}
	}
}

// whole is a snapshot without a small segment. It sorts entries.
func whole(entries []entry, seq int64) *snapshot {
	s := &snapshot{seq: seq}
	sortByPopularity(entries)
	for len(entries) > 0 || len(s.parts) == 0 {
		n := min(len(entries), gram.MostTexts)
		s.parts = append(s.parts, piece{segment: newSegment(entries[:n])})
		entries = entries[n:]
	}
	return s
}
