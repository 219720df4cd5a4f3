package search

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"ticketmoa/modules/ticket"
)

var errMissing = errors.New("missing")

// shelf is a catalogue in memory with a feed.
type shelf struct {
	docs    map[string]*ticket.Performance
	changes []ticket.Change
}

func (s *shelf) EachPerformance(_ context.Context, fn func(*ticket.Performance) error) error {
	for _, p := range s.docs {
		if err := fn(p); err != nil {
			return err
		}
	}
	return nil
}

func (s *shelf) Performance(_ context.Context, id string) (*ticket.Performance, error) {
	if p := s.docs[id]; p != nil {
		return p, nil
	}
	return nil, errMissing
}

func (s *shelf) Changes(_ context.Context, after int64, limit int) ([]ticket.Change, error) {
	return s.changes[min(int(after), len(s.changes)):min(int(after)+limit, len(s.changes))], nil
}

func (s *shelf) LastChange(context.Context) (int64, error) { return int64(len(s.changes)), nil }

func (s *shelf) put(p *ticket.Performance) {
	s.docs[p.ID] = p
	s.changes = append(s.changes, ticket.Change{Seq: int64(len(s.changes) + 1), Entity: "performance", EntityID: p.ID})
}

var now = time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC) // noon in Seoul

func show(id, title string, region ticket.Region, start, end ticket.Date, won ticket.Won) *ticket.Performance {
	return &ticket.Performance{ID: id, Title: title, Genre: ticket.Musical, Place: ticket.Place{Name: "블루스퀘어", Region: region},
		Period: ticket.Period{Start: start, End: end}, FirstSeenAt: now,
		Offers: []ticket.Offer{{ID: "o" + id, Seller: ticket.YES24, Prices: []ticket.Price{{Grade: "R석", Won: won}}}}}
}

func newIndex(t *testing.T, ps ...*ticket.Performance) (*Index, *shelf) {
	t.Helper()
	s := &shelf{docs: map[string]*ticket.Performance{}}
	for _, p := range ps {
		s.put(p)
	}
	x := New(s, errMissing, Config{}, func() time.Time { return now }, slog.New(slog.DiscardHandler))
	if err := x.Load(context.Background()); err != nil {
		t.Fatal(err)
	}
	return x, s
}

func titles(t *testing.T, x *Index, q Query) string {
	t.Helper()
	res, err := x.Search(q, now)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range res.Items {
		out = append(out, p.ID)
	}
	return fmt.Sprint(out)
}

func TestFilters(t *testing.T) {
	t.Parallel()
	won := func(w ticket.Won) *ticket.Won { return &w }
	soon := show("soon", "오페라의 유령", "부산", "2026-12-24", "2027-01-10", 150000)
	open := now.Add(48 * time.Hour)
	soon.Offers[0].OpensAt = &open
	weekend := show("run", "시라노", "서울", "2026-11-01", "2026-12-31", 70000) // runs through any weekend of December
	ended := show("old", "지난 공연", "서울", "2026-01-01", "2026-11-21", 10000)
	cast := show("cast", "밤의 노래", "경기", "2026-12-01", "2026-12-05", 30000)
	cast.Cast = []ticket.CastMember{{Name: "조형균", Role: "시라노"}}
	unknown := &ticket.Performance{ID: "bare", Title: "이름만 아는 공연", FirstSeenAt: now}
	x, _ := newIndex(t, soon, weekend, ended, cast, unknown)
	for _, tc := range []struct {
		name string
		q    Query
		want string
	}{
		{"everything that has not ended", Query{Sort: ByClosing}, "[cast run soon bare]"},
		{"a weekend inside a long run", Query{From: "2026-12-12", To: "2026-12-13"}, "[run]"},
		{"only from", Query{From: "2027-01-01"}, "[soon]"},
		{"only to", Query{To: "2026-11-30", Sort: ByClosing}, "[run]"},
		{"the past, because the dates ask for it", Query{From: "2026-01-01", To: "2026-10-31"}, "[old]"},
		{"ended by status", Query{Statuses: []ticket.Status{ticket.Ended}}, "[old]"},
		{"upcoming by its opening", Query{Statuses: []ticket.Status{ticket.Upcoming}}, "[soon]"},
		{"regions", Query{Regions: []ticket.Region{"서울", "경기"}, Sort: ByClosing}, "[cast run]"},
		{"a known price at most", Query{PriceMax: won(70000), Sort: ByPrice}, "[cast run]"},
		{"word in the title", Query{Text: "유령"}, "[soon]"},
		{"without its spaces", Query{Text: "오페라의유령"}, "[soon]"},
		{"initial consonants", Query{Text: "ㅇㅍㄹㅇㅇㄹ"}, "[soon]"},
		{"title before cast", Query{Text: "시라노", Sort: ByRelevance}, "[run cast]"},
		{"two words in two fields", Query{Text: "밤 조형균"}, "[cast]"},
		{"nothing", Query{Text: "없던물건"}, "[]"},
		{"only marks", Query{Text: "((("}, "[]"},
		{"genre of nobody", Query{Genres: []ticket.Genre{ticket.Sports}}, "[]"},
		{"seller of nobody", Query{Sellers: []ticket.Seller{ticket.Melon}}, "[]"},
		{"next opening first", Query{Sort: ByOpening, Statuses: []ticket.Status{ticket.Upcoming, ticket.OnSale}, Limit: 1}, "[soon]"},
	} {
		if got := titles(t, x, tc.q); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

func TestPagesNeitherSkipNorRepeat(t *testing.T) {
	t.Parallel()
	var ps []*ticket.Performance
	for i := range 53 {
		ps = append(ps, show(fmt.Sprintf("p%02d", i), fmt.Sprintf("공연 %d", i), "서울", "2026-12-01", ticket.Date("2026-12-10").AddDays(i%5), ticket.Won(1000*(i%7))))
	}
	x, s := newIndex(t, ps...)
	for _, sort := range Sorts() {
		seen := map[string]bool{}
		q := Query{Sort: sort, Limit: 10}
		for page := 0; ; page++ {
			res, err := x.Search(q, now)
			if err != nil || res.Total < 53 {
				t.Fatal(res.Total, err)
			}
			for _, p := range res.Items {
				if seen[p.ID] {
					t.Errorf("%s: %s came twice", sort, p.ID)
				}
				seen[p.ID] = true
			}
			if page == 2 { // a newcomer between two pages takes nobody's place
				s.put(show(fmt.Sprintf("new-%s", sort), "새 공연", "서울", "2026-12-01", "2026-12-02", 0))
				if err := x.Catchup(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
			if q.Cursor = res.Next; res.Next == "" {
				break
			}
		}
		for _, p := range ps {
			if !seen[p.ID] {
				t.Errorf("%s: %s was skipped", sort, p.ID)
			}
		}
	}
	for _, bad := range []string{"x", "e30", "eyJzIjoicHJpY2UifQ"} {
		if _, err := x.Search(Query{Cursor: bad, Sort: ByNewest}, now); !errors.Is(err, ErrBadCursor) {
			t.Errorf("cursor %q: %v", bad, err)
		}
	}
}

func TestFollowsTheFeed(t *testing.T) {
	t.Parallel()
	x, s := newIndex(t, show("a", "처음", "서울", "2026-12-01", "2026-12-02", 1000))
	s.put(show("b", "둘째", "서울", "2026-12-01", "2026-12-02", 1000))
	s.put(show("a", "바뀐 제목", "부산", "2026-12-01", "2026-12-02", 1000))
	if err := x.Catchup(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := titles(t, x, Query{Text: "바뀐"}); got != "[a]" || x.Size() != 2 {
		t.Errorf("after the feed %s, size %d", got, x.Size())
	}
	if id, o, ok := x.Offer("ob"); !ok || id != "b" || o.Seller != ticket.YES24 {
		t.Errorf("Offer = %s %+v %v", id, o, ok)
	}
	s.put(show("b", "", "", "", "", 0))
	delete(s.docs, "b")
	if err := x.Catchup(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, _, ok := x.Offer("ob"); ok || x.Size() != 1 {
		t.Error("what was taken away is still found")
	}
}

// TestGetKeepsTheOrderAsked: the first system asked its store for a ranking's ids and got them back in storage order, so
// the most viewed shows were shown in any order but theirs.
func TestGetKeepsTheOrderAsked(t *testing.T) {
	t.Parallel()
	x, _ := newIndex(t, show("a", "하나", "서울", "2026-12-01", "2026-12-02", 1), show("b", "둘", "서울", "2026-12-01", "2026-12-02", 1), show("c", "셋", "서울", "2026-12-01", "2026-12-02", 1))
	for _, order := range [][]string{{"c", "a", "b"}, {"b", "c", "a"}, {"a", "gone", "b"}} {
		var got []string
		for _, p := range x.Get(order...) {
			got = append(got, p.ID)
		}
		want := slices.DeleteFunc(slices.Clone(order), func(id string) bool { return id == "gone" })
		if !slices.Equal(got, want) {
			t.Errorf("Get(%v) = %v", order, got)
		}
	}
}

func TestArtistsAndVenues(t *testing.T) {
	t.Parallel()
	cast := func(p *ticket.Performance, venue string, artists ...string) *ticket.Performance {
		p.VenueID = venue
		for _, a := range artists {
			p.Cast = append(p.Cast, ticket.CastMember{Name: a, ArtistID: a})
		}
		return p
	}
	x, shelf := newIndex(t, cast(show("now", "지금", "서울", "2026-11-01", "2026-12-31", 1), "v1", "a1", "a2", "a1"), cast(show("next", "다음", "서울", "2026-12-01", "2026-12-02", 1), "v1", "a1"),
		cast(show("old", "지난", "서울", "2025-01-01", "2025-02-01", 1), "v2", "a1"), cast(show("older", "더 지난", "서울", "2024-01-01", "", 1), "v1", "a1"), show("none", "없음", "서울", "2026-12-01", "2026-12-02", 1),
		cast(&ticket.Performance{ID: "open", Title: "미정", FirstSeenAt: now}, "", "a1"))
	all := Query{Artist: "a1", Sort: ByRun, WithEnded: true}
	if got := titles(t, x, all); got != "[now next open old older]" {
		t.Errorf("of a1: %s", got)
	}
	if got := titles(t, x, Query{Artist: "a1", Sort: ByRun}); got != "[now next open]" {
		t.Errorf("of a1, what has not ended: %s", got)
	}
	if got := titles(t, x, Query{Venue: "v1", Sort: ByRun, WithEnded: true}); got != "[now next older]" {
		t.Errorf("at v1: %s", got)
	}
	if got := titles(t, x, Query{Artist: "nobody", Sort: ByRun}); got != "[]" {
		t.Errorf("of nobody: %s", got)
	}
	if a, v := x.Current("a1", now), x.Current("v1", now); a != 3 || v != 2 {
		t.Errorf("current: %d and %d", a, v)
	}
	var paged []string
	for q := all; ; {
		q.Limit = 2
		res, err := x.Search(q, now)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range res.Items {
			paged = append(paged, p.ID)
		}
		if q.Cursor = res.Next; q.Cursor == "" {
			break
		}
	}
	if fmt.Sprint(paged) != "[now next open old older]" {
		t.Errorf("in pages: %s", paged)
	}
	shelf.put(cast(show("new", "새로", "서울", "2026-11-25", "2026-12-02", 1), "v1", "a1"))
	if err := x.Catchup(context.Background()); err != nil || titles(t, x, Query{Venue: "v1", Sort: ByRun}) != "[now new next]" {
		t.Errorf("after a change: %v %s", err, titles(t, x, Query{Venue: "v1", Sort: ByRun}))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestWhatPicturesSayIsFound: the text of sellers' pictures is looked through behind what is written.
func TestWhatPicturesSayIsFound(t *testing.T) {
	t.Parallel()
	told, titled := show("told", "밤의 정원사", "서울", "2026-12-01", "2026-12-31", 1), show("titled", "등대지기의 노래", "서울", "2026-12-01", "2026-12-31", 1)
	told.Synopsis, told.StripText = "정원을 가꾸는 사람", "기획 의도\n안개 낀 항구의 등대지기"
	x, _ := newIndex(t, told, titled)
	if got := titles(t, x, Query{Text: "등대지기"}); got != "[titled told]" {
		t.Errorf("등대지기: %s", got)
	}
	if got := titles(t, x, Query{Text: "사람 안개"}); got != "[told]" {
		t.Errorf("words of both texts: %s", got)
	}
}
