package normalize_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/sellers/sellerstest"
)

// BenchmarkFind looks venues up in the full list of KOPIS: the typical name, the names of all sets, and the worst that
// a page could hold.
func BenchmarkFind(b *testing.B) {
	sellerstest.Path(b, "sets")
	facilities := kopisFacilities(b)
	g := normalize.NewGazetteer(facilities)
	var all []string
	for i, f := range facilities {
		if i%7 == 0 {
			all = append(all, f.Place.Name+" 대극장")
		}
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for name, venues := range map[string][]string{
		"typical": {"블루스퀘어 마스터카드홀", "예술의전당 CJ토월극장", "부산 드림씨어터", "청주예술의전당 대공연장"},
		"names":   slices.Clip(all),
		"address": {"서울 종로구 대학로12길 21 (동숭동) 예스24스테이지 1관"},
		"worst":   {"경기도 수원시 " + strings.Repeat("가나다라 마바사아 ", 12) + "(구. 어떤 소극장, 구. 다른 극장) [서울]"},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			i, before := 0, cpu()
			for b.Loop() {
				g.Find(venues[i%len(venues)])
				i++
			}
			b.ReportMetric(float64(cpu()-before)/float64(i), "cpu-ns/op")
		})
	}
}

// cpu is the time this process has computed: what the clock says means little on a shared machine.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkNewGazetteer builds the index of all facilities.
func BenchmarkNewGazetteer(b *testing.B) {
	sellerstest.Path(b, "sets")
	facilities := kopisFacilities(b)
	for b.Loop() {
		normalize.NewGazetteer(facilities)
	}
}
