// Package versus holds the recommender against others: its speed against scikit-learn and scipy on texts that are as hard
// as a language's, its answers against other schemes on real shows. kagome, whose dictionary the noun arm needs, is no
// dependency of the product, hence a module of its own.
//
//	cd modules/recommend/versus && go test ./...
//	cd modules/recommend/versus && go test -run - -bench Speed -benchtime 1x
//	cd modules/recommend/versus && go test -run Quality -v -quality
package versus

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sort"
	"strconv"
)

// The texts of the speed bench: how many words there are, how often the r-th comes (1/(r+shift), Zipf and Mandelbrot), and
// how many different ones stand in a text on average.
const (
	words    = 50_000
	shift    = 1.0
	distinct = 55
)

// WriteTexts writes n texts, one a line, always the same for a seed.
func WriteTexts(w io.Writer, n int, seed uint64) error {
	cumulated := make([]float64, words)
	sum := 0.0
	for r := range cumulated {
		sum += 1 / (float64(r) + 1 + shift)
		cumulated[r] = sum
	}
	rng := rand.New(rand.NewPCG(seed, 55))
	out := bufio.NewWriter(w)
	for range n {
		want := distinct/2 + rng.IntN(distinct+1)
		seen := make(map[int]bool, want)
		var text []int
		for len(seen) < want {
			word := sort.SearchFloat64s(cumulated, rng.Float64()*sum)
			seen[word] = true
			text = append(text, word)
		}
		slices.Sort(text)
		rng.Shuffle(len(text), func(i, j int) { text[i], text[j] = text[j], text[i] })
		for i, word := range text {
			if i > 0 {
				out.WriteByte(' ')
			}
			out.WriteString("w" + strconv.Itoa(word))
		}
		if err := out.WriteByte('\n'); err != nil {
			return fmt.Errorf("write texts: %w", err)
		}
	}
	return out.Flush()
}
