package match

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"ticketmoa/modules/ticket"
)

// catalogue makes n performances within some years at four sellers each, from a seed: of every hundred titles thirty go on tour (the same
// title elsewhere, now or later), twenty come back next season, twenty have a near twin in the same hall on the same days, ten
// sellers leave the venue out, dates are off by a day here and there. The truth is the number before the slash of a key.
func catalogue(n, years int) []Show {
	rnd := rand.New(rand.NewPCG(20261125, 7))
	syllables := []rune("가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허고노도로모보소오조초코토포호구누두루무부수우주추쿠투푸후")
	word := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteRune(syllables[rnd.IntN(len(syllables))])
		}
		return b.String()
	}
	regions := ticket.Regions()
	halls := make([]string, 600)
	for i := range halls {
		halls[i] = word(4)
	}
	first := ticket.Date("2025-01-01")
	sources := []string{"interpark", "yes24", "melon", "ticketlink"}
	out := make([]Show, 0, 4*n)
	var title string
	var hall, days int
	var start ticket.Date
	for i := range n {
		switch kind := rnd.IntN(100); {
		case i == 0 || kind < 30:
			title, hall, start, days = word(3+rnd.IntN(6)), rnd.IntN(len(halls)), first.AddDays(rnd.IntN(365*years)), rnd.IntN(90)
		case kind < 60: // tour
			hall, start = (hall+1+rnd.IntN(len(halls)-1))%len(halls), start.AddDays(rnd.IntN(3)*7)
		case kind < 80: // return
			start = start.AddDays(180)
		default: // near twin in the hall
			title = title[:len(title)-3] + word(3)
		}
		region := regions[hall%len(regions)]
		for j, source := range sources {
			s := Show{Key: fmt.Sprintf("%s:%d", source, i), Source: source, Core: title, Gist: title, Venue: halls[hall] + "홀", VenueMain: halls[hall] + "홀", VenueGist: halls[hall],
				Region: region, Genre: ticket.Genres()[i%8], Period: ticket.Period{Start: start, End: start.AddDays(days)}, Wons: []ticket.Won{ticket.Won(30000 + 1000*(i%90))},
				Seen: day0.Add(time.Duration(4*i+j) * time.Second)}
			switch rnd.IntN(10) {
			case 0:
				s.Venue, s.VenueGist, s.VenueMain = "", "", ""
			case 1:
				s.Period.Start, s.Period.End = s.Period.Start.AddDays(-1), s.Period.End.AddDays(-1)
			case 2:
				s.Core, s.Gist, s.Forms = title+"부제"+word(2), title+"부제"+word(2), []string{title}
			}
			out = append(out, s)
		}
	}
	rnd.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// cpu is the processor time of the process so far.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkMatch groups a whole catalogue from nothing: 4 listings a performance. Right and wrong are pairs of a performance.
func BenchmarkMatch(b *testing.B) {
	for _, size := range []struct{ n, years int }{{5000, 2}, {20000, 2}, {80000, 8}, {80000, 2}} {
		b.Run(fmt.Sprintf("%d_performances_in_%d_years", size.n, size.years), func(b *testing.B) {
			shows := catalogue(size.n, size.years)
			var before, after runtime.MemStats
			var x *Index
			began := cpu()
			for b.Loop() {
				runtime.GC()
				runtime.ReadMemStats(&before)
				x = index(shows...)
				for _, m := range x.Settle() {
					x.Kept(m)
				}
			}
			used := cpu() - began
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB-held")
			b.ReportMetric(used.Seconds()/float64(b.N), "CPU-s")
			b.ReportMetric(float64(used.Microseconds())/float64(b.N)/float64(len(shows)), "CPU-µs/listing")
			right, wrong, all := pairsOf(x)
			b.ReportMetric(100*float64(right)/float64(right+wrong), "%precision")
			b.ReportMetric(100*float64(right)/float64(all), "%recall")
		})
	}
}

func pairsOf(x *Index) (right, wrong, all int) {
	at := map[string][]string{}
	truth := map[string]int{}
	for key, e := range x.shows {
		_, show, _ := strings.Cut(key, ":")
		at[e.at] = append(at[e.at], show)
		truth[show]++
	}
	for _, n := range truth {
		all += n * (n - 1) / 2
	}
	for _, g := range at {
		for i := range g {
			for j := range i {
				if g[i] == g[j] {
					right++
				} else {
					wrong++
				}
			}
		}
	}
	return right, wrong, all
}

// BenchmarkOneChanged puts one changed listing into a catalogue of 20,000 performances at four sellers and settles.
func BenchmarkOneChanged(b *testing.B) {
	shows := catalogue(20000, 2)
	x := index(shows...)
	for _, m := range x.Settle() {
		x.Kept(m)
	}
	i := 0
	for b.Loop() {
		s := shows[i%len(shows)]
		s.Period.End = s.Period.End.AddDays(1 + i%2)
		x.Put(s, x.At(s.Key))
		for _, m := range x.Settle() {
			x.Kept(m)
		}
		i += 7919
	}
}
