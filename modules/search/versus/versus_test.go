package versus

import (
	"flag"
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"ticketmoa/modules/search/invented"
	"ticketmoa/modules/ticket"
)

var shows = flag.Int("shows", 100_000, "how many shows the engines are held against each other with")

// TestCounts holds the counts of our answers against those of reading every show.
func TestCounts(t *testing.T) {
	all := invented.Shows(3000, 1)
	x, err := newOurs(all)
	if err != nil {
		t.Fatal(err)
	}
	mine, reader := ours{x, true}, newScan(all)
	for _, kind := range kinds {
		for _, a := range asks(all, kind, 200) {
			// Ours finds a word across the blanks of a title too, so it may find more, never fewer.
			if got, want := mine.ask(a), reader.ask(a); got < want || a.word == "" && got != want {
				t.Errorf("%+v: %d, a scan counts %d", a, got, want)
			}
		}
	}
}

func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// BenchmarkBeside prints, for each engine and kind of question, the CPU time to build and to answer.
func BenchmarkBeside(b *testing.B) {
	all := invented.Shows(*shows, 1)
	text := 0
	for _, p := range all {
		text += len(textOf(p))
	}
	for b.Loop() {
		fmt.Printf("\n%d shows, %.1f MB of text\n%-28s %10s %12s %12s\n", len(all), float64(text)/1e6, "", "p50", "p99", "")
		before, start := heap(), cpu()
		x, err := newOurs(all)
		if err != nil {
			b.Fatal(err)
		}
		report("ours, build", cpu()-start, 0)
		fmt.Printf("%-28s %9.0f MiB\n", "ours, memory", heap()-before)
		each(all, "ours, first page", ours{x, false}, 500, 5)
		each(all, "ours, first page and count", ours{x, true}, 500, 5)
		start = cpu()
		f, err := newFTS(filepath.Join(b.TempDir(), "fts"), all)
		if err != nil {
			b.Fatal(err)
		}
		report("FTS5, build", cpu()-start, 0)
		each(all, "FTS5, first page", f, 100, 1)
		start = cpu()
		bl, err := newBleve(filepath.Join(b.TempDir(), "bleve"), all)
		if err != nil {
			b.Fatal(err)
		}
		report("bleve, build", cpu()-start, 0)
		each(all, "bleve, first page and count", bl, 100, 1)
		each(all, "reading everything, count", newScan(all), 40, 1)
	}
}

func each(all []*ticket.Performance, name string, e engine, n, rounds int) {
	for _, kind := range kinds {
		p50, p99 := figures(e, asks(all, kind, n), rounds)
		report(name+": "+kind, p50, p99)
	}
}

func report(name string, p50, p99 time.Duration) { fmt.Printf("%-42s %12v %12v\n", name, p50, p99) }

// BenchmarkGrowth prints how our figures grow with the number of shows.
func BenchmarkGrowth(b *testing.B) {
	for b.Loop() {
		for _, n := range []int{50_000, 100_000, 200_000} {
			all := invented.Shows(n, 1)
			start := cpu()
			x, err := newOurs(all)
			if err != nil {
				b.Fatal(err)
			}
			report(fmt.Sprintf("%d shows, build", n), cpu()-start, 0)
			each(all, fmt.Sprint(n, ", first page"), ours{x, false}, 500, 5)
			each(all, fmt.Sprint(n, ", with count"), ours{x, true}, 500, 5)
		}
	}
}
