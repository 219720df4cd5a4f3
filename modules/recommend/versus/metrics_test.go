package versus

import (
	"hash/fnv"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
)

// The names of what is measured, in the order in which it is told.
var metricNames = []string{"production recall@3", "production P@3", "production nDCG@3", "production MRR", "graded nDCG@3", "graded nDCG@10",
	"genre hidden: P@3", "cast hidden: shared"}

// scores are the values of one metric, one a query, with the production that each query belongs to.
type scores struct {
	values      []float64
	productions []string
}

func (s *scores) add(it *item, v float64) {
	s.values = append(s.values, v)
	s.productions = append(s.productions, it.Production)
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(max(len(v), 1))
}

// results are all metrics of one arm. Queries come in the same order for every arm, so that they can be paired.
type results map[string]*scores

func (r results) at(name string) *scores {
	if r[name] == nil {
		r[name] = &scores{}
	}
	return r[name]
}

// half tells which half a production is in: one is for choosing weights, the other for telling figures.
func half(production string) bool {
	h := fnv.New32a()
	h.Write([]byte("half of 2026" + production))
	return h.Sum32()>>7&1 == 0
}

// measure adds the metrics of an arm on a set, for queries of one half.
func (r results) measure(s *set, a arm, chosen bool) {
	r.production(s, a.lists(s, hidden{title: true}), chosen)
	genre, cast := a.lists(s, hidden{genre: true}), a.lists(s, hidden{cast: true})
	for i := range s.items {
		it := &s.items[i]
		if half(it.Production) != chosen {
			continue
		}
		if it.Genre != "" {
			hits := 0
			for _, j := range first(genre[i], 3) {
				hits += yes(s.items[j].Genre == it.Genre)
			}
			r.at("genre hidden: P@3").add(it, float64(hits)/3)
		}
		if len(it.Cast) > 0 {
			shared := 0
			for _, j := range first(cast[i], 3) {
				shared += both(it.Cast, s.items[j].Cast)
			}
			r.at("cast hidden: shared").add(it, float64(shared)/3)
		}
	}
}

func first(list []int, n int) []int { return list[:min(len(list), n)] }

func both(a, b []string) int {
	n := 0
	for _, x := range a {
		n += yes(slices.Contains(b, x))
	}
	return n
}

// grade is how like a show should be by what the sources say beside their texts.
func grade(a, b *item) int {
	switch {
	case a.Production == b.Production:
		return 3
	case both(a.Cast, b.Cast) >= 2 || a.series != "" && a.series == b.series:
		return 2
	case a.Genre == b.Genre && a.company != "" && a.company == b.company:
		return 1
	}
	return 0
}

// production adds what an arm finds with the title hidden: the other runs of a production, and what else is near by grade.
func (r results) production(s *set, lists [][]int, chosen bool) {
	for i := range s.items {
		it := &s.items[i]
		if half(it.Production) != chosen {
			continue
		}
		runs := 0
		var ideal []int
		for j := range s.items {
			if g := grade(it, &s.items[j]); j != i && g > 0 {
				ideal = append(ideal, g)
				runs += yes(g == 3)
			}
		}
		if len(ideal) > 0 {
			slices.SortFunc(ideal, func(a, b int) int { return b - a })
			gains := make([]int, len(lists[i]))
			for n, j := range lists[i] {
				gains[n] = grade(it, &s.items[j])
			}
			r.at("graded nDCG@3").add(it, dcg(gains, 3)/dcg(ideal, 3))
			r.at("graded nDCG@10").add(it, dcg(gains, 10)/dcg(ideal, 10))
		}
		if runs == 0 {
			continue
		}
		hits, rank := make([]int, len(lists[i])), 0.0
		for n, j := range lists[i] {
			if s.items[j].Production == it.Production {
				hits[n] = 1
				if rank == 0 {
					rank = 1 / float64(n+1)
				}
			}
		}
		found := 0
		for _, h := range first(hits, 3) {
			found += h
		}
		all := make([]int, runs)
		for n := range all {
			all[n] = 1
		}
		r.at("production recall@3").add(it, float64(found)/float64(min(runs, 3)))
		r.at("production P@3").add(it, float64(found)/3)
		r.at("production nDCG@3").add(it, dcg(hits, 3)/dcg(all, 3))
		r.at("production MRR").add(it, rank)
	}
}

func dcg(gains []int, n int) float64 {
	sum := 0.0
	for i, g := range first(gains, n) {
		sum += float64(g) / math.Log2(float64(i+2))
	}
	return sum
}

// interval is the 95 % bootstrap interval of the mean of a minus b, paired by query. Whole productions are drawn: their
// runs are no independent witnesses.
func interval(a, b *scores) (low, high float64) {
	type sum struct {
		diff float64
		n    int
	}
	by := map[string]*sum{}
	for i, v := range a.values {
		p := a.productions[i]
		if by[p] == nil {
			by[p] = &sum{}
		}
		by[p].diff += v - b.values[i]
		by[p].n++
	}
	all := make([]*sum, 0, len(by))
	for _, p := range slices.Sorted(maps.Keys(by)) {
		all = append(all, by[p])
	}
	rng := rand.New(rand.NewPCG(95, 2026))
	means := make([]float64, 2000)
	for i := range means {
		var diff float64
		n := 0
		for range all {
			s := all[rng.IntN(len(all))]
			diff += s.diff
			n += s.n
		}
		means[i] = diff / float64(max(n, 1))
	}
	slices.Sort(means)
	return means[len(means)/40], means[len(means)-len(means)/40-1]
}
