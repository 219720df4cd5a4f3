package versus

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	ko "github.com/ikawaha/kagome-dict-ko"
	"github.com/ikawaha/kagome/v2/tokenizer"

	"ticketmoa/modules/recommend/portrait"
	"ticketmoa/modules/recommend/tfidf"
)

// far is how many neighbours of a show are looked at.
const far = 10

// hidden are the fields that an arm must not see.
type hidden struct{ title, cast, genre bool }

func (h hidden) of(items []item) []portrait.Show {
	out := make([]portrait.Show, len(items))
	for i := range items {
		s := items[i].Show
		if h.title {
			s.Title = ""
		}
		if h.cast {
			s.Cast = nil
		}
		if h.genre {
			s.Genre = ""
		}
		out[i] = s
	}
	return out
}

// arm is a way to find neighbours: for every show of a set up to far others, best first.
type arm struct {
	name  string
	lists func(s *set, h hidden) [][]int
}

func arms(t testing.TB) []arm {
	t.Helper()
	n := newNouns(t)
	whole := func(s portrait.Show, add func(string)) {
		for _, c := range s.Cast {
			add("cast:" + c)
		}
		add("genre:" + s.Genre)
	}
	return []arm{
		{"ours, as shipped", func(s *set, h hidden) [][]int { return ours(portrait.Shipped, h.of(s.items)) }},
		{"random", func(s *set, _ hidden) [][]int { return byOrder(s, func(_, _ *item) int { return 0 }, false) }},
		{"popular in the genre", func(s *set, h hidden) [][]int {
			return byOrder(s, func(a, b *item) int { return yes(!h.genre && a.Genre == b.Genre) }, true)
		}},
		{"genre and region only", func(s *set, h hidden) [][]int {
			return byOrder(s, func(a, b *item) int { return 2*yes(!h.genre && a.Genre == b.Genre) + yes(a.region == b.region) }, false)
		}},
		{"first system: nouns, raw counts", func(s *set, h hidden) [][]int {
			return terms(tfidf.Scheme{Linear: true}, h.of(s.items), func(p portrait.Show, add func(string)) { n.each(p.Synopsis, add) })
		}},
		{"nouns, 1+ln", func(s *set, h hidden) [][]int {
			return terms(tfidf.Scheme{}, h.of(s.items), func(p portrait.Show, add func(string)) { n.each(p.Title+"\n"+p.Synopsis, add) })
		}},
		{"nouns, 1+ln, with cast and genre", func(s *set, h hidden) [][]int {
			return terms(tfidf.Scheme{}, h.of(s.items), func(p portrait.Show, add func(string)) {
				n.each(p.Title+"\n"+p.Synopsis, add)
				whole(p, add)
			})
		}},
		{"bigrams", func(s *set, h hidden) [][]int {
			return terms(tfidf.Scheme{}, h.of(s.items), func(p portrait.Show, add func(string)) {
				tfidf.EachWord(p.Title+"\n"+p.Synopsis, func(w string) { tfidf.EachPair(w, add) })
			})
		}},
		{"bigrams, with cast and genre", func(s *set, h hidden) [][]int {
			return terms(tfidf.Scheme{}, h.of(s.items), func(p portrait.Show, add func(string)) {
				tfidf.EachWord(p.Title+"\n"+p.Synopsis, func(w string) { tfidf.EachPair(w, add) })
				whole(p, add)
			})
		}},
	}
}

func yes(is bool) int {
	if is {
		return 1
	}
	return 0
}

func ours(w portrait.Weights, shows []portrait.Show) [][]int {
	_, c := portrait.Learn(w, shows)
	return numbers(c.Nearest(far, tfidf.Rules{}, 2))
}

func terms(s tfidf.Scheme, shows []portrait.Show, each func(portrait.Show, func(string))) [][]int {
	b := tfidf.NewBuilder(tfidf.NewVocabulary(), s)
	for _, p := range shows {
		each(p, b.Term)
		b.EndField(1)
		b.EndDocument()
	}
	return numbers(b.Corpus(b.Model(s)).Nearest(far, tfidf.Rules{}, 2))
}

func numbers(l *tfidf.Lists) [][]int {
	out := make([][]int, l.Len())
	for d := range out {
		for _, h := range l.Of(d) {
			out[d] = append(out[d], int(h.Doc))
		}
	}
	return out
}

// byOrder gives the shows of the highest mark, among them the most popular or any.
func byOrder(s *set, mark func(a, b *item) int, popular bool) [][]int {
	rng := rand.New(rand.NewPCG(2026, uint64(len(s.items))))
	out := make([][]int, len(s.items))
	for i := range s.items {
		order := rng.Perm(len(s.items))
		slices.SortStableFunc(order, func(a, b int) int {
			if d := mark(&s.items[i], &s.items[b]) - mark(&s.items[i], &s.items[a]); d != 0 || !popular {
				return d
			}
			return s.items[b].popular - s.items[a].popular
		})
		for _, j := range order {
			if j != i && len(out[i]) < far {
				out[i] = append(out[i], j)
			}
		}
	}
	return out
}

// nouns finds the nouns of two letters and more by a dictionary. Compounds are taken apart.
type nouns struct {
	t    *tokenizer.Tokenizer
	seen map[string][]string
}

func newNouns(t testing.TB) *nouns {
	t.Helper()
	k, err := tokenizer.New(ko.Dict(), tokenizer.OmitBosEos())
	if err != nil {
		t.Fatal(err)
	}
	return &nouns{t: k, seen: map[string][]string{}}
}

func (n *nouns) each(text string, add func(string)) {
	all, ok := n.seen[text]
	if !ok {
		for _, token := range n.t.Tokenize(text) {
			all = append(all, nounsOf(token.Surface, token.Features())...)
		}
		n.seen[text] = all
	}
	for _, w := range all {
		add(w)
	}
}

// nounsOf are the nouns of a token: its parts, where the dictionary says that it is made of some.
func nounsOf(surface string, f []string) []string {
	if len(f) == 0 || !strings.HasPrefix(f[0], "NN") && f[0] != "SL" {
		return nil
	}
	parts := []string{surface}
	if len(f) > 7 && f[4] == "Compound" {
		parts = nil
		for p := range strings.SplitSeq(f[7], "+") {
			word, pos, _ := strings.Cut(p, "/")
			if strings.HasPrefix(pos, "NN") {
				parts = append(parts, word)
			}
		}
	}
	return slices.DeleteFunc(parts, func(w string) bool { return utf8.RuneCountInString(w) < 2 })
}
