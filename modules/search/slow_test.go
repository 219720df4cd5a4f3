package search

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func BenchmarkSlow(b *testing.B) {
	x := benchIndex(b, 100_000)
	type one struct {
		d time.Duration
		s string
	}
	var all []one
	for _, q := range benchQueries("word", 500) {
		start := time.Now()
		r, _ := x.Search(q, now)
		all = append(all, one{time.Since(start), fmt.Sprint(q.Text, " ", r.Total, " ", r.Read)})
	}
	slices.SortFunc(all, func(a, b one) int { return int(b.d - a.d) })
	for _, o := range all[:25] {
		fmt.Println(o.d, o.s)
	}
	fmt.Println(all[250])
}
