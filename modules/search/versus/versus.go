// Package versus is the search beside others that answer the same questions over the same shows: bleve, SQLite's FTS5 with
// trigrams, and reading every show. It has a module of its own, so that none of them is a dependency of the product.
//
//	go test -bench . -timeout 30m             # 100,000 shows; -shows for another number
package versus

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"ticketmoa/modules/search"
	"ticketmoa/modules/search/invented"
	"ticketmoa/modules/ticket"
)

// shelf is a catalogue in memory.
type shelf []*ticket.Performance

func (s shelf) EachPerformance(_ context.Context, fn func(*ticket.Performance) error) error {
	for _, p := range s {
		if err := fn(p); err != nil {
			return err
		}
	}
	return nil
}

var errMissing = errors.New("missing")

func (s shelf) Performance(context.Context, string) (*ticket.Performance, error) {
	return nil, errMissing
}
func (s shelf) Changes(context.Context, int64, int) ([]ticket.Change, error) { return nil, nil }
func (s shelf) LastChange(context.Context) (int64, error)                    { return 0, nil }

// ask is one question all engines answer: shows that hold the word, of the genre, in the region, that run within the days;
// each condition may be left out.
type ask struct {
	word     string
	genre    ticket.Genre
	region   ticket.Region
	from, to ticket.Date
}

// The kinds of questions.
var kinds = []string{"word", "word+filters", "filters"}

// asks draws questions from what the shows hold.
func asks(shows []*ticket.Performance, kind string, n int) []ask {
	r := rand.New(rand.NewPCG(7, 7))
	out := make([]ask, n)
	for i := range out {
		p := shows[r.IntN(len(shows))]
		var a ask
		if kind != "filters" {
			words := strings.Fields(p.Title)
			for a.word == "" || strings.ContainsAny(a.word, "〈〉") || a.word[0] < 0x80 {
				a.word = append(words, p.Cast[0].Name)[r.IntN(len(words)+1)]
			}
		}
		if kind != "word" {
			a.genre, a.region, a.from, a.to = p.Genre, p.Place.Region, p.Period.Start, p.Period.Start.AddDays(30)
		}
		out[i] = a
	}
	return out
}

// engine answers how many shows there are, having found the first twenty.
type engine interface {
	ask(a ask) (count int)
}

// ours is the product's.
type ours struct {
	x       *search.Index
	counted bool
}

func newOurs(shows []*ticket.Performance) (*search.Index, error) {
	popular := func(context.Context) (map[string]int64, error) { // the first are
		views := map[string]int64{}
		for i, p := range shows {
			views[p.ID] = int64(len(shows) - i)
		}
		return views, nil
	}
	x := search.New(shelf(shows), errMissing, search.Config{Views: popular},
		func() time.Time { return invented.Now }, slog.New(slog.DiscardHandler))
	return x, x.Load(context.Background())
}

func (o ours) ask(a ask) int {
	q := search.Query{Text: a.word, From: a.from, To: a.to, WithEnded: true, Limit: 20, Sort: search.ByPopular, Uncounted: !o.counted}
	if a.word != "" {
		q.Sort = search.ByRelevance
	}
	if a.genre != "" {
		q.Genres, q.Regions = []ticket.Genre{a.genre}, []ticket.Region{a.region}
	}
	res, err := o.x.Search(q, invented.Now)
	if err != nil {
		panic(err)
	}
	return res.Total
}

// scan reads every show.
type scan struct {
	shows []*ticket.Performance
	texts []string
}

func textOf(p *ticket.Performance) string {
	return strings.ToLower(strings.Join([]string{p.Title, p.Place.Name, p.Synopsis, names(p)}, "\n"))
}

func newScan(shows []*ticket.Performance) *scan {
	s := &scan{shows: shows}
	for _, p := range shows {
		s.texts = append(s.texts, textOf(p))
	}
	return s
}

func (s *scan) ask(a ask) int {
	n := 0
	for i, p := range s.shows {
		if passes(p, a) && strings.Contains(s.texts[i], a.word) {
			n++
		}
	}
	return n
}

func passes(p *ticket.Performance, a ask) bool {
	return (a.genre == "" || p.Genre == a.genre) && (a.region == "" || p.Place.Region == a.region) && (a.from == "" || p.Period.Start <= a.to && p.Period.End >= a.from)
}

// cpu is the processor time of this process so far.
func cpu() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		panic(err)
	}
	return time.Duration(t.Nano())
}

// figures are the median and the 99th percentile of the CPU time of questions, each at its best of so many rounds.
func figures(e engine, all []ask, rounds int) (p50, p99 time.Duration) {
	took := make([]time.Duration, len(all))
	for round := range rounds {
		for i, a := range all {
			start := cpu()
			e.ask(a)
			if d := cpu() - start; round == 0 || d < took[i] {
				took[i] = d
			}
		}
	}
	slices.SortFunc(took, func(a, b time.Duration) int { return cmp.Compare(a, b) })
	return took[len(took)/2], took[len(took)*99/100]
}
