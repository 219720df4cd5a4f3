package search

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/hangul"
	"ticketmoa/modules/search/gram"
	"ticketmoa/modules/search/invented"
	"ticketmoa/modules/ticket"
)

// randomQuery asks for what some show holds, mostly.
func randomQuery(r *rand.Rand, shows []*ticket.Performance) Query {
	p := shows[r.IntN(len(shows))]
	q := Query{Sort: Sorts()[r.IntN(len(Sorts()))], Limit: 1 + r.IntN(40), Facets: r.IntN(2) == 0}
	pieces := append(strings.Fields(p.Title), p.Cast[0].Name, p.Place.Name)
	pieces = append(pieces, strings.Fields(p.Synopsis)[:3]...)
	pick := func() string {
		w := []rune(pieces[r.IntN(len(pieces))])
		if len(w) > 2 && r.IntN(2) == 0 {
			w = w[:1+r.IntN(len(w)-1)]
		}
		return string(w)
	}
	switch r.IntN(8) {
	case 0:
	case 1:
		q.Text = p.Title
	case 2:
		q.Text = strings.ReplaceAll(p.Title, " ", "")
	case 3, 4:
		q.Text = pick() + " " + pick()
	default:
		q.Text = pick()
	}
	q.Text = strings.Trim(q.Text, "〈〉 ")
	if r.IntN(3) == 0 {
		q.Genres = []ticket.Genre{p.Genre, ticket.Play}[:1+r.IntN(2)]
	}
	if r.IntN(3) == 0 {
		q.Regions = []ticket.Region{p.Place.Region, "서울", "부산"}[:1+r.IntN(3)]
	}
	if r.IntN(5) == 0 {
		q.Sellers = []ticket.Seller{ticket.YES24, ticket.Melon}[:1+r.IntN(2)]
	}
	if r.IntN(5) == 0 {
		q.Statuses = []ticket.Status{ticket.OnSale, ticket.Ended}[:1+r.IntN(2)]
	}
	if r.IntN(3) == 0 {
		q.From = p.Period.Start.AddDays(r.IntN(20) - 10)
	}
	if r.IntN(4) == 0 {
		q.To = p.Period.Start.AddDays(20 + r.IntN(40))
	}
	if r.IntN(6) == 0 {
		won := ticket.Won(10000 * r.IntN(16))
		q.PriceMax = &won
	}
	if r.IntN(8) == 0 {
		age := r.IntN(20)
		q.Age = &age
	}
	if r.IntN(8) == 0 {
		yes := r.IntN(2) == 0
		q.Exclusive = &yes
	}
	switch r.IntN(12) {
	case 0:
		q.Artist = p.Cast[1].ArtistID
	case 1:
		q.Venue = p.VenueID
	case 2:
		q.UpdatedSince = now.Add(-time.Duration(r.IntN(100*24)) * time.Hour)
	}
	return q
}

// TestAnswersEqualAFullScan asks a thousand random queries of an index that was loaded and then changed many times, page by
// page, and of somebody who reads everything.
func TestAnswersEqualAFullScan(t *testing.T) {
	t.Parallel()
	const queries = 1000
	shows := invented.Shows(1500, 7)
	views := map[string]int64{}
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		views[shows[r.IntN(len(shows))].ID] = int64(r.IntN(50))
	}
	x := changedIndex(t, shows, views)
	oracle := newScan(shows, views)
	nonempty := 0
	for i := range queries {
		q := randomQuery(r, shows)
		want, facets := oracle.search(q)
		if len(want) == 0 {
			if res, err := x.Search(q, now); err != nil || res.Total > 0 && res.Read == nil {
				t.Fatalf("query %d %+v: %d results, %v; a scan finds none", i, q, res.Total, err)
			}
			continue
		}
		nonempty++
		checkPages(t, x, q, want, facets)
	}
	if nonempty < queries/2 {
		t.Errorf("only %d queries found anything", nonempty)
	}
}

// checkPages holds three pages, by cursor and by number, and the counts against what a scan gives.
func checkPages(t *testing.T, x *Index, q Query, want []string, facets map[string]map[string]int) {
	t.Helper()
	for at, page := 0, 0; page < 3; page++ {
		res, err := x.Search(q, now)
		if err != nil || res.Total != len(want) || res.Read != nil {
			t.Fatalf("%+v: total %d, read %v, %v; a scan counts %d", q, res.Total, res.Read, err, len(want))
		}
		var got []string
		for _, p := range res.Items {
			got = append(got, p.ID)
		}
		if expect := want[at:min(at+q.Limit, len(want))]; !slices.Equal(got, expect) {
			t.Fatalf("%+v page %d:\n got %v\nwant %v", q, page, got, expect)
		}
		if q.Facets && !maps.EqualFunc(res.Facets, facets, func(a, b map[string]int) bool { return maps.Equal(a, b) }) {
			t.Fatalf("%+v: facets %v, a scan counts %v", q, res.Facets, facets)
		}
		if at += q.Limit; at >= len(want) {
			if res.Next != "" {
				t.Fatalf("%+v: a next page after the last", q)
			}
			return
		}
		if page%2 == 0 {
			q.Cursor, q.Offset = res.Next, 0
		} else {
			q.Cursor, q.Offset = "", at
		}
	}
}

// TestUncountedPagesAreTheSame: who needs no count gets the same first page.
func TestUncountedPagesAreTheSame(t *testing.T) {
	t.Parallel()
	shows := invented.Shows(1500, 11)
	x := changedIndex(t, shows, map[string]int64{shows[1].ID: 3, shows[2].ID: 1})
	r := rand.New(rand.NewPCG(11, 2))
	for range 500 {
		q := randomQuery(r, shows)
		q.Sort = ByRelevance
		if r.IntN(3) == 0 {
			q.Sort, q.Text = ByPopular, ""
		}
		if r.IntN(5) == 0 {
			q.Offset = r.IntN(30)
		}
		for page := 0; page < 3 && (page == 0 || q.Cursor != ""); page++ {
			q.Uncounted = false
			all, err := x.Search(q, now)
			must(t, err)
			q.Uncounted = true
			first, err := x.Search(q, now)
			if must(t, err); !slices.Equal(ids(all), ids(first)) || all.Next != first.Next {
				t.Errorf("%+v: %v, counted %v", q, ids(first), ids(all))
			}
			q.Cursor, q.Offset = all.Next, 0
		}
	}
}

// changedIndex is an index that came to these shows by way of others: a third was there in another form, a third came
// later, and some that were there are gone.
func changedIndex(t *testing.T, shows []*ticket.Performance, views map[string]int64) *Index {
	t.Helper()
	var first []*ticket.Performance
	for i, p := range shows {
		switch i % 3 {
		case 0:
			first = append(first, p)
		case 1:
			other := *shows[(i+7)%len(shows)]
			other.ID = p.ID
			first = append(first, &other)
		}
	}
	for i := range 50 {
		gone := *shows[i]
		gone.ID = fmt.Sprintf("gone%d", i)
		gone.Offers = nil
		first = append(first, &gone)
	}
	x, s := newIndex(t, first...)
	for i, p := range shows {
		if i%3 > 0 {
			s.put(p)
		}
		if i%400 == 399 {
			must(t, x.Catchup(t.Context()))
		}
	}
	for i := range 50 {
		id := fmt.Sprintf("gone%d", i)
		s.put(&ticket.Performance{ID: id})
		delete(s.docs, id)
	}
	x.cfg.Views = func(context.Context) (map[string]int64, error) { return views, nil }
	x.Recount(t.Context())
	for i, p := range shows { // and some come once more
		if i%5 == 0 {
			s.put(p)
		}
	}
	must(t, x.Catchup(t.Context()))
	if x.Size() != len(shows) || x.current.Load().delta == nil {
		t.Fatalf("%d shows, want %d, in two segments", x.Size(), len(shows))
	}
	return x
}

// TestInitialsEqualAScan: words of initial consonants alone are found in names wherever they stand, whatever else stands
// there, and in no synopsis.
func TestInitialsEqualAScan(t *testing.T) {
	t.Parallel()
	shows := invented.Shows(1500, 9)
	shows[0].Title, shows[1].Title = "ㅋㅋ 코미디", "ㄱㄴㄷ 까치"
	x := changedIndex(t, shows, map[string]int64{shows[3].ID: 5})
	oracle := newScan(shows, nil)
	r := rand.New(rand.NewPCG(9, 9))
	for range 300 {
		p := shows[r.IntN(len(shows))]
		pieces := append(strings.Fields(strings.Trim(p.Title, "〈〉")), p.Cast[0].Name, p.Place.Name)
		var words []string
		for range 1 + r.IntN(2) {
			if w := gram.Words(hangul.Choseong(pieces[r.IntN(len(pieces))])); len(w) > 0 {
				words = append(words, w[0])
			}
		}
		if !hasLetters(words) {
			continue
		}
		want := 0
		for _, p := range shows {
			if oracle.wants(Query{WithEnded: true}, p, "") && !slices.ContainsFunc(words, func(w string) bool { return !oracle.standsByInitials(p, w) }) {
				want++
			}
		}
		res, err := x.Search(Query{Text: strings.Join(words, " "), WithEnded: true, Limit: 5}, now)
		if must(t, err); want > 0 && (res.Total != want || res.Read == nil || res.Read.How != AsInitials) {
			t.Errorf("%q: %d, read as %v; a scan counts %d", words, res.Total, res.Read, want)
		}
	}
}
