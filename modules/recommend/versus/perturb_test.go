package versus

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ticketmoa/modules/hangul"
	"ticketmoa/modules/recommend/portrait"
	"ticketmoa/modules/recommend/tfidf"
)

// notices are what sellers write beneath any show.
var notices = strings.Split(`본 공연은 예매 취소 시 취소 수수료가 부과될 수 있습니다.
공연 당일에는 취소 및 변경, 환불이 불가합니다.
주차 공간이 협소하오니 대중교통을 이용해 주시기 바랍니다.
공연 시작 후에는 입장이 제한될 수 있으니 반드시 시간을 지켜 주십시오.
사진 및 동영상 촬영은 금지되어 있습니다.
할인 대상자는 반드시 증빙서류를 지참해 주셔야 합니다.
티켓 수령은 공연 시작 1시간 전부터 매표소에서 가능합니다.
출연진은 배우와 제작사의 사정에 따라 사전 공지 없이 변경될 수 있습니다.
음식물 및 꽃다발은 객석에 반입하실 수 없습니다.
미취학 아동은 입장하실 수 없습니다.`, "\n")

// ways of writing the same otherwise.
var perturbations = []struct {
	name  string
	every bool // all shows are written so, not one at a time
	do    func(rng *rand.Rand, text string) string
}{
	{"30 % of the words left out", false, func(rng *rand.Rand, text string) string {
		return strings.Join(slices.DeleteFunc(strings.Fields(text), func(string) bool { return rng.IntN(10) < 3 }), " ")
	}},
	{"particles exchanged", false, func(rng *rand.Rand, text string) string {
		words := strings.Fields(text)
		for i, w := range words {
			if stem, ok := hangul.StripJosa(w); ok {
				words[i] = hangul.Josa(stem, []string{"은/는", "이/가", "을/를", "과/와", "의"}[rng.IntN(5)])
			}
		}
		return strings.Join(words, " ")
	}},
	{"no blanks", false, func(_ *rand.Rand, text string) string {
		return strings.ReplaceAll(text, " ", "")
	}},
	{"notices added everywhere", true, func(rng *rand.Rand, text string) string {
		var out []string
		for _, i := range rng.Perm(len(notices))[:4] {
			out = append(out, notices[i])
		}
		return text + "\n" + strings.Join(out, "\n")
	}},
}

// weigh makes vectors of shows, and of more that change nothing for the others.
type weigh func(shows, more []portrait.Show) *tfidf.Corpus

func weighs(t testing.TB) (names []string, all []weigh) {
	n := newNouns(t)
	plain := func(s tfidf.Scheme, each func(text string, add func(string))) weigh {
		return func(shows, more []portrait.Show) *tfidf.Corpus {
			v := tfidf.NewVocabulary()
			build := func(some []portrait.Show) *tfidf.Builder {
				b := tfidf.NewBuilder(v, s)
				for _, p := range some {
					each(p.Title+"\n"+p.Synopsis, b.Term)
					b.EndField(1)
					b.EndDocument()
				}
				return b
			}
			b := build(shows)
			return b.Corpus(b.Model(s)).Add(build(more))
		}
	}
	return []string{"ours, as shipped", "nouns, raw counts", "nouns, 1+ln", "bigrams"}, []weigh{
		func(shows, more []portrait.Show) *tfidf.Corpus {
			s, c := portrait.Learn(portrait.Shipped, shows)
			return s.Extend(c, more)
		},
		plain(tfidf.Scheme{Linear: true}, n.each), plain(tfidf.Scheme{}, n.each),
		plain(tfidf.Scheme{}, func(text string, add func(string)) {
			tfidf.EachWord(text, func(w string) { tfidf.EachPair(w, add) })
		}),
	}
}

const sample = 200 // shows of a set that are written otherwise

// TestPerturbed tells how many of the ten nearest stay when a show is written otherwise.
func TestPerturbed(t *testing.T) {
	if !*quality {
		t.Skip("-quality measures for some minutes")
	}
	all := sets(t)
	names, ways := weighs(t)
	for _, how := range perturbations {
		fmt.Printf("\n%s: overlap@10\n", how.name)
		for i, way := range ways {
			stay, n := 0, 0
			for j := range all {
				a, b := overlap(&all[j], way, how.every, how.do)
				stay, n = stay+a, n+b
			}
			fmt.Printf("  %-36s %.3f\n", names[i], float64(stay)/float64(n))
		}
	}
}

func overlap(s *set, way weigh, every bool, do func(*rand.Rand, string) string) (stay, of int) {
	rng := rand.New(rand.NewPCG(7, uint64(len(s.items))))
	clean := hidden{}.of(s.items)
	written := slices.Clone(clean)
	for i := range written {
		written[i].Synopsis = do(rng, written[i].Synopsis)
	}
	var asked []int
	for _, i := range rng.Perm(len(clean)) {
		if len([]rune(clean[i].Synopsis)) >= 80 && len(asked) < sample {
			asked = append(asked, i)
		}
	}
	var more []portrait.Show
	for _, i := range asked {
		more = append(more, written[i])
	}
	before := way(clean, more)
	after := before
	if every {
		after = way(written, more)
	}
	for n, i := range asked {
		now := i
		if !every {
			now = len(clean) + n
		}
		was, is := nearest(before, i, i, len(clean)), nearest(after, now, i, len(clean))
		for _, d := range was {
			of++
			stay += yes(slices.Contains(is, d))
		}
	}
	return stay, of
}

// nearest are the ten nearest of doc among the first n, without one.
func nearest(c *tfidf.Corpus, doc, without, n int) []int {
	type hit struct {
		doc   int
		score float32
	}
	var all []hit
	for d := range n {
		if d != without && d != doc {
			all = append(all, hit{d, c.Cosine(doc, d)})
		}
	}
	slices.SortStableFunc(all, func(a, b hit) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	var out []int
	for _, h := range all[:min(far, len(all))] {
		out = append(out, h.doc)
	}
	return out
}

// TestBeyondAccuracy tells how much of a set is ever recommended, how unevenly, and how often one production stands twice
// among three.
func TestBeyondAccuracy(t *testing.T) {
	if !*quality {
		t.Skip("-quality measures for some minutes")
	}
	all := sets(t)
	ways := append([]arm{{"ours, one of a production", func(s *set, h hidden) [][]int {
		_, c := portrait.Learn(portrait.Shipped, h.of(s.items))
		ids := map[string]int32{}
		r := tfidf.Rules{}
		for i := range s.items {
			p := s.items[i].Production
			if _, ok := ids[p]; !ok {
				ids[p] = int32(len(ids))
			}
			r.Group = append(r.Group, ids[p])
		}
		return numbers(c.Nearest(far, r, 2))
	}}}, arms(t)...)
	fmt.Printf("\n%-38s %-10s %-6s %s\n", "top 3", "coverage", "Gini", "a production twice")
	for _, a := range ways {
		var in []int
		covered, twice, lists := 0, 0, 0
		for j := range all {
			s := &all[j]
			count := make([]int, len(s.items))
			for i, l := range a.lists(s, hidden{}) {
				seen := map[string]bool{s.items[i].Production: true}
				double := false
				for _, d := range first(l, 3) {
					count[d]++
					double = double || seen[s.items[d].Production]
					seen[s.items[d].Production] = true
				}
				lists++
				twice += yes(double)
			}
			for _, n := range count {
				covered += yes(n > 0)
			}
			in = append(in, count...)
		}
		fmt.Printf("  %-36s %-10.3f %-6.3f %.3f\n", a.name, float64(covered)/float64(len(in)), gini(in), float64(twice)/float64(lists))
	}
}

func gini(counts []int) float64 {
	slices.Sort(counts)
	var sum, weighted float64
	for i, n := range counts {
		sum += float64(n)
		weighted += float64(i+1) * float64(n)
	}
	n := float64(len(counts))
	return 2*weighted/(n*sum) - (n+1)/n
}
