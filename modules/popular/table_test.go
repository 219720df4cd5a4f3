package popular

import (
	"math/rand/v2"
	"testing"
	"time"

	"ticketmoa/modules/ticket"
)

func TestTable(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	var got table
	want := map[uint64]uint64{}
	for range 50_000 {
		key := 1 + r.Uint64N(20_000)<<(r.IntN(2)*32)
		got.put(key, func(old uint64, there bool) uint64 {
			if _, known := want[key]; known != there || old != want[key] {
				t.Fatalf("key %d: %d, %v; want %d, %v", key, old, there, want[key], known)
			}
			return old + 3
		})
		want[key] += 3
	}
	n := 0
	got.each(func(key, val uint64) {
		n++
		if want[key] != val {
			t.Fatalf("key %d: %d, want %d", key, val, want[key])
		}
	})
	if n != len(want) || got.n != n {
		t.Errorf("%d keys, want %d", n, len(want))
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	w := newWords()
	for _, age := range append(ticket.AgeBands(), "") {
		for _, gender := range []ticket.Gender{"", ticket.Female, ticket.Male} {
			for _, genre := range append(ticket.Genres(), "") {
				for _, region := range append(ticket.Regions(), "") {
					c := Cell{age, gender, genre, region, 7}
					if back := w.cell(w.code(c), 7); back != c {
						t.Fatalf("%+v became %+v", c, back)
					}
				}
			}
		}
	}
}

// FuzzCount looks for a file that makes counting panic, and for people counted twice.
func FuzzCount(f *testing.F) {
	f.Add(encode(f, crowd(1, day, 40)))
	f.Add([]byte("PAR1"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := Count(day, body, body)
		if err != nil {
			return
		}
		once, err := Count(day, body)
		if err != nil || once.Sample != r.Sample || len(once.Rows) != len(r.Rows) {
			t.Fatalf("the same file twice: %d people, once %d, %v", r.Sample, once.Sample, err)
		}
	})
}

// BenchmarkCount counts a million events in ten files.
func BenchmarkCount(b *testing.B) {
	var files [][]byte
	for i := range 10 {
		events := crowd(uint64(i), day, 100_000)
		for j := range events {
			events[j].ReceivedAt = day.Time().Add(time.Duration(i*100_000+j) * time.Millisecond).UTC()
		}
		files = append(files, encode(b, events))
	}
	b.ResetTimer()
	for b.Loop() {
		if _, err := Count(day, files...); err != nil {
			b.Fatal(err)
		}
	}
}
