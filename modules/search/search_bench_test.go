package search

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketmoa/modules/search/invented"
	"ticketmoa/modules/ticket"
)

// benchShows are made up once.
var benchShows = sync.OnceValue(func() []*ticket.Performance { return invented.Shows(100_000, 1) })

func benchIndex(b *testing.B, n int) *Index {
	b.Helper()
	s := &shelf{docs: map[string]*ticket.Performance{}}
	for _, p := range benchShows()[:n] {
		s.docs[p.ID] = p
	}
	x := New(s, errMissing, Config{}, func() time.Time { return now }, slog.New(slog.DiscardHandler))
	if err := x.Load(context.Background()); err != nil {
		b.Fatal(err)
	}
	return x
}

// benchQueries are of one kind, drawn from what the shows hold.
func benchQueries(kind string, n int) []Query {
	r := rand.New(rand.NewPCG(3, 3))
	shows := benchShows()
	out := make([]Query, n)
	for i := range out {
		p := shows[r.IntN(len(shows))]
		words := strings.Fields(strings.Trim(p.Title, "〈〉"))
		q := Query{Sort: ByRelevance, Limit: 20, WithEnded: true}
		switch kind {
		case "word":
			q.Text = words[r.IntN(len(words))]
		case "word+filters":
			q.Text = words[r.IntN(len(words))]
			q.Genres, q.Regions, q.From, q.To = []ticket.Genre{p.Genre}, []ticket.Region{p.Place.Region}, p.Period.Start, p.Period.Start.AddDays(30)
		case "two words":
			q.Text = words[r.IntN(len(words))] + " " + p.Cast[0].Name
		case "artist":
			q.Text = p.Cast[r.IntN(3)].Name
		case "filters":
			q.Sort = ByPopular
			q.Genres, q.Regions, q.From, q.To = []ticket.Genre{p.Genre}, []ticket.Region{p.Place.Region}, p.Period.Start, p.Period.Start.AddDays(30)
		}
		out[i] = q
	}
	return out
}

// BenchmarkSearch reports the median and the 99th percentile over queries, each taken at its best of five: the machine's
// other work is not ours.
func BenchmarkSearch(b *testing.B) {
	for _, n := range []int{25_000, 100_000} {
		x := benchIndex(b, n)
		for _, kind := range []string{"word", "word+filters", "two words", "artist", "filters"} {
			b.Run(fmt.Sprintf("%d/%s", n, kind), func(b *testing.B) {
				queries := benchQueries(kind, 1000)
				best := make([]time.Duration, len(queries))
				for b.Loop() {
					for round := range 5 {
						for i, q := range queries {
							start := time.Now()
							if _, err := x.Search(q, now); err != nil {
								b.Fatal(err)
							}
							if took := time.Since(start); round == 0 || took < best[i] {
								best[i] = took
							}
						}
					}
				}
				slices.Sort(best)
				b.ReportMetric(float64(best[len(best)/2].Nanoseconds())/1000, "p50-µs")
				b.ReportMetric(float64(best[len(best)*99/100].Nanoseconds())/1000, "p99-µs")
			})
		}
	}
}

func BenchmarkBuild(b *testing.B) {
	shows := benchShows()
	runtime.GC()
	for b.Loop() {
		entries := make([]entry, len(shows))
		var texts folding
		for i, p := range shows {
			entries[i] = texts.entry(p, 0)
		}
		newSegment(entries)
	}
}
