package search

import (
	"math/bits"
	"slices"
)

// relevant picks the first results of the order ByRelevance: class by class, and within one as documents are numbered.
func (s *segment) relevant(p *plan, m matched, sc *scratch, out *part) {
	most := p.want
	if most == 0 || most > out.total {
		most = out.total
	}
	r := ranking{seg: s, plan: p, part: out, sc: sc, most: most, from: len(sc.hits)}
	if m.groups == nil {
		r.begin()
		for _, n := range m.docs {
			r.put(n, m.sum[n])
		}
		for i, w := range m.set {
			for ; w != 0; w &= w - 1 {
				n := uint32(i*64 + bits.TrailingZeros64(w))
				r.put(n, m.sum[n])
			}
		}
		r.end()
	}
	for _, g := range m.groups {
		docs := m.docs[g.i:g.j]
		if g.level == 0 {
			r.begin()
			for _, n := range docs {
				r.put(n, 0)
			}
			r.end()
			continue
		}
		r.add(docs, classElsewhere-1+int(g.level))
	}
	out.hits = sc.hits[r.from:]
}

// ranking puts documents into classes. It reads a title only when that may change the page.
type ranking struct {
	seg  *segment
	plan *plan
	part *part
	sc   *scratch
	most int // so many of the first are wanted
	from int // where they begin in sc.hits
	top  int // the last class with documents

	single bool   // there is one word
	known  bool   // begins says all there is to know of beginnings
	exact  bool   // what is in beginning does begin with the words
	begins bitset // whose titles may begin with them
	equal  []uint32
	asked  bool // equal is known: whose titles may be the words
}

func (r *ranking) begin() {
	text := r.plan.text
	r.begins, r.known = r.seg.beginning(text, r.sc)
	r.single = len(text.words) == 1
	r.exact = len(text.whole) == 1 && text.whole[0].BeginsExactly()
}

// put puts a document into its class, given the levels of its words; they come rising.
func (r *ranking) put(n uint32, sum uint8) {
	class := classElsewhere - 1 + int(sum)
	if sum == 0 {
		class = r.class(n)
	}
	list, after := r.sc.classes[class], r.plan.after
	if len(list) < r.most && (after == nil || r.seg.key(ByRelevance, r.part.clock, n, class).compare(*after) > 0) {
		r.sc.classes[class] = append(list, n)
		r.top = max(r.top, class)
	}
}

// end adds what was put, class by class.
func (r *ranking) end() {
	r.begins.empty(r.sc.list)
	for class := range r.top + 1 {
		r.add(r.sc.classes[class], class)
		r.sc.classes[class] = r.sc.classes[class][:0]
	}
}

// add adds documents of one class to the page, as long as there is room.
func (r *ranking) add(docs []uint32, class int) {
	room := r.most + r.from - len(r.sc.hits)
	for _, n := range docs[:min(len(docs), room)] {
		r.sc.hits = append(r.sc.hits, hit{r.part, n, class})
	}
}

// class is the class of a document whose titles hold every word, or any that is not shown where its own is not.
func (r *ranking) class(n uint32) int {
	full := func(class int) bool { return len(r.sc.classes[class]) >= r.most } // what is worse is not shown
	switch {
	case !r.known:
	case !r.begins.has(n) && r.single:
		return classWithin
	case !r.begins.has(n) && (full(classBegins) || full(classWithin)):
		return classApart
	case r.begins.has(n) && (r.exact || full(classBegins)) && !r.equals(n):
		return classBegins
	}
	return r.seg.class(r.plan.text, n)
}

// equals tells whether n may have a title that is the words.
func (r *ranking) equals(n uint32) bool {
	if !r.asked {
		r.asked, r.equal = true, r.sc.some[:0]
		for _, t := range r.plan.text.whole {
			r.equal = t.Equal(r.seg.titled, len(r.seg.docs), &r.sc.gram, r.equal)
		}
		slices.Sort(r.equal)
		r.sc.some = r.equal
	}
	_, found := slices.BinarySearch(r.equal, n)
	return found
}

// beginning is the documents of whose titles one may begin with the words: a set in sc, to be emptied of sc.list; known is
// false when that is not known.
func (s *segment) beginning(w *wanted, sc *scratch) (set bitset, known bool) {
	set = sized(&sc.begin, len(s.docs))
	sc.list = sc.list[:0]
	for _, t := range w.whole {
		if sc.list, known = t.Beginning(s.titled, len(s.docs), &sc.gram, sc.list); !known {
			break
		}
	}
	for _, n := range sc.list {
		set.set(n)
	}
	return set, known
}
