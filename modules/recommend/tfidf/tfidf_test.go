package tfidf

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// texts makes documents of words whose frequencies fall as in a language; every few are empty, alike or of one word.
func texts(rng *rand.Rand, n, words, length int) [][]string {
	out := make([][]string, n)
	for i := range out {
		switch {
		case i > 0 && rng.IntN(9) == 0:
			out[i] = slices.Clone(out[rng.IntN(i)])
		case rng.IntN(15) == 0:
		case rng.IntN(15) == 0:
			out[i] = []string{"w0"}
		default:
			for range 1 + rng.IntN(length) {
				out[i] = append(out[i], fmt.Sprint("w", int(float64(words)*math.Pow(rng.Float64(), 3))))
			}
		}
	}
	return out
}

func builderOf(v *Vocabulary, s Scheme, docs [][]string) *Builder {
	b := NewBuilder(v, s)
	for _, d := range docs {
		for _, t := range d {
			b.Term(t)
		}
		b.EndField(1)
		b.EndDocument()
	}
	return b
}

func corpusOf(s Scheme, docs [][]string) *Corpus {
	b := builderOf(NewVocabulary(), s, docs)
	return b.Corpus(b.Model(s))
}

// brute is the definition: every pair is scored and every list sorted whole.
func brute(c *Corpus, k int, r *Rules) [][]Hit {
	out := make([][]Hit, c.Len())
	for i := range out {
		var all []Hit
		for j := range out {
			if s := c.Cosine(i, j); s > 0 && r.allows(i, j) {
				all = append(all, Hit{int32(j), s})
			}
		}
		slices.SortFunc(all, func(a, b Hit) int {
			if r.before(a, b) {
				return -1
			}
			return 1
		})
		seen := map[int32]bool{}
		for _, h := range all {
			if r.Group != nil && r.Group[h.Doc] >= 0 {
				if seen[r.Group[h.Doc]] {
					continue
				}
				seen[r.Group[h.Doc]] = true
			}
			if len(out[i]) < k {
				out[i] = append(out[i], h)
			}
		}
	}
	return out
}

// rulesFor are no rules, or parts, days, groups and ties in the order that Nearest wants.
func rulesFor(rng *rand.Rand, n int, narrow bool) Rules {
	if !narrow {
		return Rules{}
	}
	r := Rules{Window: int32(rng.IntN(90))}
	for range n {
		r.Part = append(r.Part, int32(rng.IntN(4)-1))
		r.Day = append(r.Day, int32(rng.IntN(200)))
		r.Barred = append(r.Barred, rng.IntN(5) == 0)
		r.Group = append(r.Group, int32(rng.IntN(n/2+1)-1))
		r.Tie = append(r.Tie, rng.Uint64())
	}
	return r
}

// inOrder sorts parts and days as Nearest wants them.
func inOrder(r *Rules) {
	if r.Part == nil {
		return
	}
	at := make([]int, len(r.Part))
	for i := range at {
		at[i] = i
	}
	slices.SortFunc(at, func(a, b int) int {
		if r.Part[a] != r.Part[b] {
			return int(r.Part[a] - r.Part[b])
		}
		return int(r.Day[a] - r.Day[b])
	})
	parts, days := slices.Clone(r.Part), slices.Clone(r.Day)
	for i, from := range at {
		r.Part[i], r.Day[i] = parts[from], days[from]
	}
}

func same(t *testing.T, what string, l *Lists, want [][]Hit) {
	t.Helper()
	for d := range want {
		if got := l.Of(d); !slices.Equal(got, want[d]) {
			t.Fatalf("%s: document %d\n got %v\nwant %v", what, d, got, want[d])
		}
	}
}

func TestNearestIsExact(t *testing.T) {
	t.Parallel()
	for seed := range uint64(36) {
		rng := rand.New(rand.NewPCG(seed, 1))
		n := 1 + rng.IntN(250)
		docs := texts(rng, n, 1+rng.IntN(400), 1+rng.IntN(40))
		s := Scheme{MaxShare: []float64{0, 0.1, 0.5}[seed%3], Linear: seed%5 == 0}
		r := rulesFor(rng, n, seed%2 == 1)
		inOrder(&r)
		k := 1 + rng.IntN(12)
		c := corpusOf(s, docs)
		want := brute(c, k, &r)
		for _, workers := range []int{1, 2, 5} {
			same(t, fmt.Sprintf("seed %d, %d workers", seed, workers), c.Nearest(k, r, workers), want)
		}
	}
}

// TestBlocks: documents near the border of two blocks find each other as those within one do.
func TestBlocks(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 3))
	n := blockLen + 500
	c := corpusOf(Scheme{}, texts(rng, n, 2000, 12))
	r := Rules{Window: 40, Day: make([]int32, n)}
	for i := range r.Day {
		r.Day[i] = int32(i / 8)
	}
	l := c.Nearest(5, r, 2)
	for i := blockLen - 60; i < blockLen+60; i++ {
		want := make([]Hit, 5)
		found := 0
		for j := range n {
			if s := c.Cosine(i, j); s > 0 && r.allows(i, j) {
				found = r.insert(want, found, Hit{int32(j), s})
			}
		}
		if !slices.Equal(l.Of(i), want[:found]) {
			t.Fatalf("document %d\n got %v\nwant %v", i, l.Of(i), want[:found])
		}
	}
}

// TestUpdatedIsWhatAFullRunGives: after documents came, went and changed, in several steps, the lists are those that the
// same frozen weights give from nothing, to the last bit; and what changed is exactly what differs.
func TestUpdatedIsWhatAFullRunGives(t *testing.T) {
	t.Parallel()
	for seed := range uint64(36) {
		rng := rand.New(rand.NewPCG(seed, 2))
		n := 1 + rng.IntN(150)
		docs := texts(rng, 2*n, 1+rng.IntN(300), 1+rng.IntN(30))
		s := Scheme{MaxShare: []float64{0, 0.2}[seed%2]}
		all := rulesFor(rng, 2*n, seed%4 != 0)
		head := all
		if all.Part != nil {
			head = Rules{Part: all.Part[:n], Day: all.Day[:n], Barred: all.Barred[:n], Group: all.Group[:n], Tie: all.Tie[:n], Window: all.Window}
			inOrder(&head)
		}
		k := 1 + rng.IntN(8)
		v := NewVocabulary()
		b := builderOf(v, s, docs[:n])
		c := b.Corpus(b.Model(s))
		lists := c.Nearest(k, head, 2)
		for from := n; from < 2*n; {
			to := min(2*n, from+1+rng.IntN(20))
			var gone []int
			for range rng.IntN(5) {
				gone = append(gone, rng.IntN(from))
			}
			before := lists
			c = c.Without(gone...).Add(builderOf(v, s, docs[from:to]))
			r := all
			if all.Part != nil {
				r = Rules{Part: all.Part[:to], Day: all.Day[:to], Barred: all.Barred[:to], Group: all.Group[:to], Tie: all.Tie[:to], Window: all.Window}
			}
			var changed []int
			lists, changed = lists.Updated(c, r, from)
			same(t, fmt.Sprintf("seed %d, up to %d", seed, to), lists, brute(c, k, &r))
			for d := range from {
				if !slices.Equal(before.Of(d), lists.Of(d)) && !slices.Contains(changed, d) {
					t.Fatalf("seed %d: document %d changed and is not named", seed, d)
				}
			}
			from = to
		}
	}
}

// TestWeights holds the weights against ones computed by hand with scikit-learn's formula: 3 documents, smooth idf.
func TestWeights(t *testing.T) {
	t.Parallel()
	c := corpusOf(Scheme{}, [][]string{{"a", "a", "b"}, {"a", "c"}, {"d"}})
	idfA, idfB, idfC := math.Log(4.0/3)+1, math.Log(4.0/2)+1, math.Log(4.0/2)+1
	a0 := (1 + math.Log(2)) * idfA
	want := a0 * idfA / math.Hypot(a0, idfB) / math.Hypot(idfA, idfC)
	if got := float64(c.Cosine(0, 1)); math.Abs(got-want) > 1e-6 {
		t.Errorf("cosine %v, want %v", got, want)
	}
	if c.Cosine(0, 2) != 0 || math.Abs(float64(c.Cosine(0, 0))-1) > 1e-6 {
		t.Error("what shares nothing is 0, oneself is 1")
	}
}

func TestProfile(t *testing.T) {
	t.Parallel()
	c := corpusOf(Scheme{}, [][]string{{"a", "b"}, {"a", "c"}, {"d", "e"}, {}, {"b", "f"}})
	one := c.Profile([]int{0}, []float64{3})
	for d := range c.Len() {
		if got, want := one.Score(d), c.Cosine(0, d); math.Abs(float64(got-want)) > 1e-6 {
			t.Errorf("a profile of one document: %v with %d, want %v", got, d, want)
		}
	}
	if p := c.Profile([]int{3}, []float64{1}); p.Score(0) != 0 {
		t.Error("an empty profile is like nothing")
	}
	if p := c.Without(0).Profile([]int{1}, []float64{1}); p.Score(0) != 0 {
		t.Error("what was taken away is like nothing")
	}
}

func TestEachTerm(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"오페라의 유령":     "[오페 페라 유령]",
		"BTS 2026":    "[bts 2026]",
		"〈시라노〉, 3차":   "[시라 라노 3]",
		"별":           "[]",
		"":            "[]",
		"K팝스타 100회는":  "[k 팝스 스타 100]",
		"莎士比亞 Café":   "[莎士比亞 café]",
		"\xff가나\xff다": "[가나]",
	} {
		got := []string{}
		EachTerm(in, func(term string) { got = append(got, term) })
		if fmt.Sprint(got) != want {
			t.Errorf("terms of %q = %v, want %s", in, got, want)
		}
	}
}

func FuzzEachTerm(f *testing.F) {
	for _, s := range []string{"오페라의 유령", "BTS 2026", "\xff가\xffa", "가́나", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := 0
		EachTerm(s, func(term string) {
			if n++; term == "" {
				t.Errorf("an empty term of %q", s)
			}
		})
		if n > len(s) {
			t.Errorf("%d terms of %d bytes", n, len(s))
		}
	})
}

// TestVocabulary: numbers are those of first coming, for terms of every length, while the table grows.
func TestVocabulary(t *testing.T) {
	t.Parallel()
	v := NewVocabulary()
	want := map[string]uint32{}
	rng := rand.New(rand.NewPCG(5, 5))
	for range 50_000 {
		term := make([]byte, rng.IntN(12))
		for i := range term {
			term[i] = byte(rng.IntN(4)) // zero bytes too
		}
		if _, ok := want[string(term)]; !ok {
			want[string(term)] = uint32(len(want))
		}
		if got := v.number(string(term)); got != want[string(term)] {
			t.Fatalf("%q is %d, want %d", term, got, want[string(term)])
		}
	}
	if v.Len() != len(want) {
		t.Errorf("%d terms, want %d", v.Len(), len(want))
	}
}
