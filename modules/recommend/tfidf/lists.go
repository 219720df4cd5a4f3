package tfidf

import "slices"

// Hit is a document near another.
type Hit struct {
	Doc   int32
	Score float32
}

// Rules narrow which document may stand in whose list. The zero value lets any stand in any other's. A slice that is nil
// narrows nothing; one that is not has a value for every document of the corpus.
type Rules struct {
	Part   []int32 // documents of different parts are never near each other; below 0 a document has no neighbours
	Day    []int32 // a neighbour's day is the document's own or at most Window later
	Window int32
	Barred []bool   // never stands in a list
	Group  []int32  // a list holds no document of its own group and one of any other; below 0 a document is in none
	Tie    []uint64 // of equal scores the lower comes first, else the lower number
}

// allows tells whether other may stand in the list of doc.
func (r *Rules) allows(doc, other int) bool {
	if doc == other || r.Barred != nil && r.Barred[other] || r.Group != nil && r.Group[doc] >= 0 && r.Group[doc] == r.Group[other] {
		return false
	}
	if r.Part != nil && (r.Part[doc] < 0 || r.Part[doc] != r.Part[other]) {
		return false
	}
	if r.Day == nil {
		return true
	}
	later := r.Day[other] - r.Day[doc]
	return later >= 0 && later <= r.Window
}

// before tells whether hit a comes before hit b in a list.
func (r *Rules) before(a, b Hit) bool {
	switch {
	case a.Score != b.Score:
		return a.Score > b.Score
	case r.Tie != nil && r.Tie[a.Doc] != r.Tie[b.Doc]:
		return r.Tie[a.Doc] < r.Tie[b.Doc]
	}
	return a.Doc < b.Doc
}

// Lists are the nearest documents of every document, best first, at most K of each.
type Lists struct {
	K    int
	hits []Hit // K places a document
	n    []int32
	gate []float32 // only a score above it can enter
}

// slack is more than any sum of products of weights can be wrong by, rounded in whatever order.
const slack = 4e-6

func newLists(docs, k int) *Lists {
	return &Lists{K: k, hits: make([]Hit, docs*k), n: make([]int32, docs), gate: make([]float32, docs)}
}

// Of is the list of a document. It must not be changed.
func (l *Lists) Of(doc int) []Hit { return l.hits[doc*l.K : doc*l.K+int(l.n[doc])] }

// Len is how many documents have a list, if an empty one.
func (l *Lists) Len() int { return len(l.n) }

// push puts a hit where it belongs in the list of a document, or nowhere.
func (l *Lists) push(r *Rules, doc int, h Hit) {
	if h.Score <= l.gate[doc] {
		return
	}
	list := l.hits[doc*l.K : (doc+1)*l.K]
	n := r.insert(list, int(l.n[doc]), h)
	l.n[doc], l.gate[doc] = int32(n), gateOf(list, n)
}

// gateOf is what a score must be above to enter a list of n hits.
func gateOf(list []Hit, n int) float32 {
	if n < len(list) {
		return 0
	}
	return max(0, list[n-1].Score-slack)
}

// insert puts a hit into the first n of a list, which has no more room than it has places, and says how many there are then.
func (r *Rules) insert(list []Hit, n int, h Hit) int {
	if n == len(list) && !r.before(h, list[n-1]) {
		return n
	}
	if r.Group != nil && r.Group[h.Doc] >= 0 {
		g := r.Group[h.Doc]
		if at := slices.IndexFunc(list[:n], func(o Hit) bool { return r.Group[o.Doc] == g }); at >= 0 {
			if !r.before(h, list[at]) {
				return n
			}
			copy(list[at:n-1], list[at+1:n])
			n--
		}
	}
	if n < len(list) {
		n++
	}
	at := n - 1
	for at > 0 && r.before(h, list[at-1]) {
		list[at] = list[at-1]
		at--
	}
	list[at] = h
	return n
}

// grown is a copy with room for more documents.
func (l *Lists) grown(docs int) *Lists {
	next := newLists(docs, l.K)
	copy(next.hits, l.hits)
	copy(next.n, l.n)
	copy(next.gate, l.gate)
	return next
}
