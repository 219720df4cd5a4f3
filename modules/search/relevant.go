package search

import "slices"

// relevant picks the first results of the order ByRelevance: class by class, and within one as documents are numbered.
func (s *segment) relevant(p *plan, m matched, sc *scratch, out *part) {
	most := p.want
	if most == 0 || most > out.total {
		most = out.total
	}
	top := 0
	begin, known := s.beginning(p.text, sc)
	reads := reading{seg: s, text: p.text, begin: begin, all: !known || len(p.text.words) > 1}
	docs := m.docs
	if m.set != nil {
		m.each(func(n uint32) { docs = append(docs, n) })
	}
	for _, n := range docs {
		class := classElsewhere - 1 + int(m.sum[n])
		if m.sum[n] == 0 {
			class = reads.class(n, sc, most)
		}
		if list := sc.classes[class]; len(list) < most && (p.after == nil || s.key(ByRelevance, out.clock, n, class).compare(*p.after) > 0) {
			sc.classes[class] = append(list, n)
			top = max(top, class)
		}
	}
	begin.empty(sc.list)
	at := len(sc.hits)
	for class := range top + 1 {
		list := sc.classes[class]
		for _, n := range list[:min(len(list), most+at-len(sc.hits))] {
			sc.hits = append(sc.hits, hit{out, n, class})
		}
		sc.classes[class] = list[:0]
	}
	out.hits = sc.hits[at:]
}

// reading tells the classes of documents whose titles hold every word. It reads a title only when that may change the page.
type reading struct {
	seg   *segment
	text  *wanted
	begin bitset // whose titles may begin with the words
	all   bool   // that is not known, or not all there is to know
	equal []uint32
	asked bool // equal is known
}

// class is the class of n, or any whose list is full where its own is too.
func (r *reading) class(n uint32, sc *scratch, most int) int {
	if r.all {
		return r.seg.class(r.text, n)
	}
	if !r.begin.has(n) {
		return classWithin
	}
	if len(sc.classes[classBegins]) >= most && len(sc.classes[classWithin]) >= most && !r.equals(n, sc) {
		return classWithin
	}
	return r.seg.class(r.text, n)
}

// equals tells whether n may have a title that is the words.
func (r *reading) equals(n uint32, sc *scratch) bool {
	if !r.asked {
		r.asked = true
		sc.some = sc.some[:0]
		for _, t := range r.text.whole {
			sc.some = t.Equal(r.seg.titled, len(r.seg.docs), &sc.gram, sc.some)
		}
		slices.Sort(sc.some)
		r.equal = sc.some
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
