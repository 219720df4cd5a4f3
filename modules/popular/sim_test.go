package popular

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ticketmoa/modules/events"
	"ticketmoa/modules/lake"
	"ticketmoa/modules/queue"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

const (
	simDays  = 14
	simStart = ticket.Date("2026-11-02")
	lateFrom = 3 // days whose second replica is cut off from the lake
	lateTo   = 5
	lateBack = 8 // the day on which it comes back
	restart  = 6 // a day with a restart at noon
)

// replica is one process's way of an event: recorder, queue, sink.
type replica struct {
	dir  string
	q    *queue.Queue
	rec  *events.Recorder
	sink *events.Sink
	stop func()
}

// sim is fourteen days of a site, with a clock of its own and a ledger of everything that happened.
type sim struct {
	t       *testing.T
	clock   atomic.Int64 // milliseconds
	rng     *rand.Rand
	perDay  int
	dir     string
	bucket  lake.Bucket
	store   store.Store
	main    *replica
	back    *replica       // the second one, once it is back
	ledger  []ticket.Event // what should count as having happened, once each, in order
	late    []ticket.Event // of the replica that is cut off
	resend  []ticket.Event // some of yesterday's, to be sent again
	bands   []ticket.AgeBand
	genders []ticket.Gender
	genres  []ticket.Genre
	regions []ticket.Region
	groups  []string // of regions, beside them
}

func (s *sim) now() time.Time { return time.UnixMilli(s.clock.Load()).UTC() }

func (s *sim) open(r *replica, withSink bool) {
	t, ctx := s.t, context.Background()
	log := slog.New(slog.DiscardHandler)
	var err error
	r.q, err = queue.Open(r.dir, queue.Config{Now: s.now}, log)
	must(t, err)
	run, cancel := context.WithCancel(ctx)
	var parts sync.WaitGroup
	if withSink {
		c, err := r.q.Consumer("lake")
		must(t, err)
		r.sink, err = events.NewSink(ctx, events.SinkDeps{Queue: r.q, Source: c, Bucket: s.bucket, Store: s.store, Now: s.now,
			Barrier: func(ctx context.Context) (time.Time, uint64, error) { return r.rec.Barrier(ctx) }},
			events.SinkConfig{BatchRows: max(700, s.perDay/4), Tick: 10 * time.Millisecond}, log)
		must(t, err)
	}
	r.rec = events.NewRecorder(events.Deps{Queue: r.q, Now: s.now}, events.Config{Buffer: 2000}, log)
	recording, stopRecording := context.WithCancel(ctx)
	recorded := make(chan error, 1)
	go func() { recorded <- r.rec.Run(recording) }()
	if withSink {
		parts.Go(func() {
			if err := r.sink.Run(run); err != nil {
				t.Error(err)
			}
		})
	}
	r.stop = sync.OnceFunc(func() {
		stopRecording()
		if err := <-recorded; err != nil {
			t.Error(err)
		}
		cancel()
		parts.Wait()
		if err := r.q.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(r.stop)
}

// visitor makes one event of somebody at the time it is now. It may be no view, and nobody's.
func (s *sim) visitor(day ticket.Date, n int) ticket.Event {
	r := s.rng
	who := r.IntN(s.perDay/8 + 1)
	show := min(r.IntN(80), r.IntN(80), r.IntN(80))
	e := ticket.Event{ID: fmt.Sprintf("%s-%d-%d", day, s.clock.Load(), n), Kind: ticket.EventView, PerformanceID: fmt.Sprintf("show%03d", show),
		Genre: s.genres[show%len(s.genres)], Region: s.regions[show%len(s.regions)], Page: "detail"}
	switch who % 3 {
	case 0: // a visitor without an account: another pseudonym every day
		e.Person = "a:" + lake.Sum([]byte(fmt.Sprint(day, who)))[:16]
	default:
		e.Person, e.Account = fmt.Sprintf("u:%d", who), true
		e.AgeBand, e.Gender = s.bands[who%len(s.bands)], s.genders[who%len(s.genders)]
		if r.IntN(40) == 0 { // told us of another band, or of none
			s.bands[who%len(s.bands)] = pick(r, append(ticket.AgeBands(), ""))
		}
	}
	switch r.IntN(20) {
	case 0:
		e.Bot = true
	case 1:
		e.Prefetch = true
	case 2, 3:
		e.Kind, e.OfferID, e.Seller = ticket.EventOfferClick, "offer", pick(r, ticket.Sellers())
	case 4:
		e = ticket.Event{ID: e.ID, Kind: ticket.EventSearch, Person: e.Person, Account: e.Account, AgeBand: e.AgeBand, Query: "시라노"}
	case 5: // the show moved meanwhile: the vote says where it was
		e.Genre, e.Region = pick(r, s.genres), pick(r, append(slices.Clone(s.regions), ""))
	}
	return e
}

// day lets a day happen: events of the main replica at even milliseconds, those of the second, when there is one, at odd.
func (s *sim) day(i int, second *replica) {
	t, day := s.t, simStart.AddDays(i)
	var today []ticket.Event
	again := s.resend
	begin := day.Time().UnixMilli()
	step := int64(24*time.Hour/time.Millisecond) / int64(s.perDay+2)
	for n := range s.perDay {
		at := begin + int64(n+1)*step + s.rng.Int64N(step)
		switch n {
		case 0:
			at = begin
		case s.perDay - 1:
			at = begin + int64(24*time.Hour/time.Millisecond) - 2
		}
		at = max(at&^1, s.clock.Load()&^1)
		to, list := s.main, &s.ledger
		if second != nil && n%5 == 0 {
			at, to, list = at|1, second, &s.late
		}
		s.clock.Store(at)
		e := s.visitor(day, n)
		to.rec.Record(e)
		e.ReceivedAt = time.UnixMilli(at).UTC()
		*list = append(*list, e)
		if to == s.main {
			today = append(today, e)
			if n%50 == 0 { // the page sends it again, with the same id
				to.rec.Record(e)
			}
			if n%97 == 0 && len(again) > 0 { // even a day later, by somebody who says to be another
				e := again[0]
				again, e.Person, e.Account = again[1:], "u:thief", true
				to.rec.Record(e)
			}
		}
		if n%1000 == 999 {
			s.flush(to)
		}
		if i == restart && n == s.perDay/2 {
			s.main.stop()
			s.open(s.main, true)
		}
	}
	s.flush(s.main)
	if second != nil {
		s.flush(second)
	}
	s.resend = slices.Clone(today[len(today)-min(len(today), 20):])
	if d := s.main.rec.Stats().Dropped; len(d) > 0 {
		t.Fatalf("the recorder dropped %v", d)
	}
}

func (s *sim) flush(r *replica) {
	if _, _, err := r.rec.Barrier(context.Background()); err != nil {
		s.t.Fatal(err)
	}
}

// Seal, Through and Successors make the sim what the job needs: the main replica's sink may be another after a restart.
func (s *sim) Seal(ctx context.Context) error {
	if s.back != nil { // its own minute would have come meanwhile
		if err := s.back.sink.Seal(ctx); err != nil {
			return err
		}
	}
	return s.main.sink.Seal(ctx)
}

func (s *sim) Through(ctx context.Context) (time.Time, error)                  { return s.main.sink.Through(ctx) }
func (s *sim) Successors(context.Context, []string) (map[string]string, error) { return nil, nil }

// TestFourteenDays: what visitors do goes through the real recorder, queue, sink, lake and job; every ranking equals what
// the generator's ledger says when counted by other code.
func TestFourteenDays(t *testing.T) {
	t.Parallel()
	s := &sim{t: t, rng: rand.New(rand.NewPCG(14, 11)), perDay: 3000, dir: t.TempDir(), genders: []ticket.Gender{ticket.Female, ticket.Male, ticket.Female, ""}}
	s.genres, s.regions, s.groups = ticket.Genres()[:2], []ticket.Region{"서울", "경기", "부산"}, []string{"", "수도권"}
	if os.Getenv("DRILL") != "" {
		s.perDay = 100_000
		s.genres, s.regions, s.groups = ticket.Genres(), ticket.Regions(), append(s.groups, "경상", "전라", "충청")
	}
	for i := range 101 {
		s.bands = append(s.bands, append(ticket.AgeBands(), "", "20s")[i%8])
	}
	ctx, log := context.Background(), slog.New(slog.DiscardHandler)
	var err error
	s.bucket, err = lake.NewFolder(filepath.Join(s.dir, "lake"))
	must(t, err)
	s.store, err = store.Open(ctx, "", filepath.Join(s.dir, "db"), log)
	must(t, err)
	t.Cleanup(func() { must(t, s.store.Close()) })
	s.clock.Store(simStart.Time().UnixMilli())
	s.main = &replica{dir: filepath.Join(s.dir, "main")}
	s.open(s.main, true)
	pop, err := New(ctx, Deps{Bucket: s.bucket, Store: s.store, Sink: s, Catalogue: s, Now: s.now}, Config{}, log)
	must(t, err)

	second := &replica{dir: filepath.Join(s.dir, "second")}
	for i := range simDays {
		switch i {
		case lateFrom:
			s.open(second, false)
		case lateTo + 1:
			second.stop()
		case lateBack:
			s.open(second, true)
			must(t, second.sink.Seal(ctx))
			s.back = second
			s.ledger = append(s.ledger, s.late...)
		}
		if i >= lateFrom && i <= lateTo {
			s.day(i, second)
		} else {
			s.day(i, nil)
		}
		s.clock.Store(simStart.AddDays(i + 1).Time().Add(7 * time.Minute).UnixMilli())
		rep, err := pop.Run(ctx)
		must(t, err)
		want := int64(1)
		if i == lateBack {
			want += lateTo - lateFrom + 1
		}
		if rep.Counts["computed"] != want {
			t.Errorf("after day %d: %+v", i, rep)
		}
		s.compareDay(pop, simStart.AddDays(i))
	}
	s.compareAll(pop)
	s.compareCopies(pop)
}

// compareDay compares one day without filters, as it is at that moment.
func (s *sim) compareDay(pop *Popular, day ticket.Date) {
	want, sample := recount(ballots(s.ledger, day), "", "", "", nil)
	got, err := pop.Top(context.Background(), Query{Day: day})
	must(s.t, err)
	if ids(got) != ids(Answer{Rows: want}) || got.Sample != sample || sample == 0 {
		s.t.Fatalf("%s: %d people, want %d\n got %s\nwant %s", day, got.Sample, sample, ids(got), ids(Answer{Rows: want}))
	}
}

// compareAll compares every day under every filter that the generator can form, and the clicks.
func (s *sim) compareAll(pop *Popular) {
	t, ctx := s.t, context.Background()
	votes := make([][]ballot, simDays)
	for i := range votes {
		votes[i] = ballots(s.ledger, simStart.AddDays(i))
	}
	var wg sync.WaitGroup
	var compared, rows atomic.Int64
	for _, gender := range []ticket.Gender{"", ticket.Female, ticket.Male} {
		wg.Go(func() {
			for _, age := range append(ticket.AgeBands(), "") {
				group := age != "" || gender != ""
				theirs := make([][]ballot, simDays)
				samples := make([]int, simDays)
				for i := range votes {
					theirs[i] = of(votes[i], string(age), string(gender))
					samples[i] = crowdOf(theirs[i], group)
				}
				for _, genre := range append(slices.Clone(s.genres), "") {
					for _, region := range s.places() {
						q := Query{Age: age, Gender: gender, Genre: genre}
						if region != "" {
							q.Regions, _ = ticket.RegionsIn(region)
						}
						ranks := map[string]int{} // of the day before
						for i := range simDays {
							q.Day = simStart.AddDays(i)
							want := tally(theirs[i], group, string(genre), q.Regions)
							got, err := pop.Top(ctx, q)
							if err != nil || !same(got, want, ranks, samples[i]) {
								t.Errorf("%+v: %v\n got %d people, %v\nwant %d people, %v", q, err, got.Sample, got.Rows, samples[i], want)
								return
							}
							compared.Add(1)
							rows.Add(int64(len(want)))
						}
					}
				}
			}
		})
	}
	wg.Wait()
	clicks := 0
	for i := range simDays {
		day := simStart.AddDays(i)
		_, stored, err := pop.load(ctx, day)
		must(t, err)
		got := map[string][]Click{}
		for _, r := range stored {
			if len(r.Clicks) > 0 {
				got[r.PerformanceID] = r.Clicks
				clicks += len(r.Clicks)
			}
		}
		if want := leaving(s.ledger, day); !reflect.DeepEqual(got, want) {
			t.Errorf("clicks of %s: %v, want %v", day, got, want)
		}
	}
	t.Logf("%d events; %d rankings with %d rows and %d counts of clicks compared", len(s.ledger), compared.Load(), rows.Load(), clicks)
}

// places are the regions that can be asked for: each, and the groups.
func (s *sim) places() []string {
	out := slices.Clone(s.groups)
	for _, r := range s.regions {
		out = append(out, string(r))
	}
	return out
}

// same compares an answer, but for its clicks, and makes ranks this day's.
func same(got Answer, want []Ranked, ranks map[string]int, sample int) bool {
	if got.Sample != sample || len(got.Rows) != len(want) || got.Total != len(want) {
		return false
	}
	for i, w := range want {
		g := got.Rows[i]
		if g.Rank != w.Rank || g.PerformanceID != w.PerformanceID || g.Views != w.Views || g.Previous != ranks[w.PerformanceID] {
			return false
		}
	}
	clear(ranks)
	for _, w := range want {
		ranks[w.PerformanceID] = w.Rank
	}
	return true
}

// compareCopies compares the copy of each day in the lake: over everybody it adds up to the votes, and no group is small.
func (s *sim) compareCopies(pop *Popular) {
	for i := range simDays {
		day := simStart.AddDays(i)
		h, err := pop.head(context.Background(), day)
		must(s.t, err)
		if want := int64(1); i >= lateFrom && i <= lateTo && h.Generation != want+1 || (i < lateFrom || i > lateTo) && h.Generation != want {
			s.t.Errorf("%s: generation %d", day, h.Generation)
		}
		body, err := s.bucket.Get(context.Background(), fmt.Sprintf("aggregates/popular/date=%s/popular-g%d-v1.parquet", day, h.Generation))
		must(s.t, err)
		rows, err := lake.DecodeRows[aggregate](body)
		must(s.t, err)
		var sum int64
		for _, r := range rows {
			if r.Age == nil && r.Gender == nil {
				sum += r.Views
			} else if r.Views < fewest {
				s.t.Errorf("%s: the copy shows %+v", day, r)
			}
		}
		if want := int64(len(ballots(s.ledger, day))); sum != want {
			s.t.Errorf("%s: the copy has %d votes, want %d", day, sum, want)
		}
	}
}
