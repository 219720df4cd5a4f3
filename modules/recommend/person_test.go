package recommend

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketmoa/modules/ticket"
)

// counts is a board with one list for everybody, and one for women in their twenties.
type counts struct {
	all, young []string
	asked      []Crowd
}

func (c *counts) Most(_ context.Context, q Crowd) ([]string, error) {
	c.asked = append(c.asked, q)
	if q.Age == "20s" {
		return c.young, nil
	}
	return c.all, nil
}

// stage are shows of three worlds: the sea, the stars and the woods; two runs of one production; one that ended.
func stage() *shelf {
	s := five()
	s.shows = nil
	add := func(id, title string, genre ticket.Genre, region ticket.Region, start ticket.Date, won ticket.Won, text string) *ticket.Performance {
		p := performance(id, title, region, start, text)
		p.Genre = genre
		if won > 0 {
			p.Prices = []ticket.Price{{Grade: "전석", Won: won}}
		}
		s.shows = append(s.shows, p)
		return p
	}
	add("sea1", "푸른 등대", ticket.Musical, "서울", "2026-12-01", 50000, "등대지기 소년과 고래가 항구에서 만난다")
	add("sea2", "고래의 노래", ticket.Musical, "서울", "2026-12-10", 70000, "항구의 소년이 고래를 찾아 등대를 떠난다")
	add("sea3", "항구 이야기", ticket.Play, "부산", "2027-01-10", 30000, "등대가 있는 항구에서 고래를 기다리는 소년")
	add("sea2b", "고래의 노래", ticket.Musical, "부산", "2027-02-10", 70000, "항구의 소년이 고래를 찾아 등대를 떠난다")
	add("star", "은하철도", ticket.Dance, "서울", "2026-12-05", 40000, "별빛을 따라 우주로 떠나는 기차와 소녀")
	add("wood", "마녀의 숲", ticket.Concert, "대구", "2026-11-25", 0, "숲속의 마녀가 부르는 밤의 선율")
	old := add("old", "등대의 겨울", ticket.Musical, "서울", "2026-09-01", 10000, "등대지기 소년과 고래가 항구에서 만난다")
	old.Period.End = "2026-11-21"
	return s
}

func picked(a Answer) string {
	var out []string
	for _, p := range a.Picks {
		out = append(out, p.ID)
	}
	return strings.Join(out, " ")
}

func TestForOnePerson(t *testing.T) {
	t.Parallel()
	s := stage()
	s.merged = map[string]string{"sea0": "sea1"}
	r := newRecommender(t, s, nil)
	b := &counts{all: []string{"wood", "gone", "star", "sea1"}, young: []string{"star", "old"}}
	r.Board = b
	seen := func(ids ...string) (out []Did) {
		for _, id := range ids {
			out = append(out, Did{PerformanceID: id, Kind: Viewed})
		}
		return out
	}
	for name, c := range map[string]struct {
		ask  Ask
		want string
	}{
		"alike, then popular, then soon":        {Ask{History: seen("sea1"), Limit: 5}, "sea2 sea3 wood star"},
		"one of a production, none of what ran": {Ask{History: seen("sea1"), Limit: 5, OnlyLike: true}, "sea2 sea3"},
		"a merged id is what it became":         {Ask{History: seen("sea0", "nobody", ""), Limit: 5, OnlyLike: true}, "sea2 sea3"},
		"never what was dismissed, in any run":  {Ask{History: seen("sea1"), Dismissed: []string{"sea2b"}, Limit: 5, OnlyLike: true}, "sea3"},
		"of a region":                           {Ask{History: seen("sea1"), Regions: []ticket.Region{"부산"}, Limit: 5}, "sea2b sea3"},
		"of a genre":                            {Ask{History: seen("sea1"), Genres: []ticket.Genre{ticket.Play}, Limit: 5}, "sea3"},
		"not above a price":                     {Ask{History: seen("sea1"), PriceMax: 40000, Limit: 5}, "sea3 star"},
		"between days":                          {Ask{History: seen("sea1"), From: "2027-02-15", To: "2027-03-01", Limit: 5}, "sea2b sea3"},
		"before a day":                          {Ask{To: "2026-11-30", Limit: 5}, "wood"},
		"nothing known: popular, then soon":     {Ask{Limit: 6}, "wood star sea1 sea2 sea3"},
		"by age and gender":                     {Ask{Age: "20s", Gender: ticket.Female, Limit: 2}, "star wood"},
		"no more than asked for":                {Ask{History: seen("sea1"), Limit: 1}, "sea2"},
	} {
		got, err := r.For(context.Background(), c.ask)
		must(t, err)
		if picked(got) != c.want {
			t.Errorf("%s: %s, want %s", name, picked(got), c.want)
		}
		for _, p := range got.Picks {
			if len(p.Reasons) == 0 {
				t.Errorf("%s: no reason for %s", name, p.ID)
			}
		}
	}
	r.Board = nil
	got, err := r.For(context.Background(), Ask{Regions: []ticket.Region{"서울"}, Limit: 9})
	must(t, err)
	if picked(got) != "sea1 star sea2" || got.Picks[0].Reasons[0] != "곧 열리는 서울 뮤지컬" {
		t.Errorf("nobody counts: %+v", got.Picks)
	}
}

// TestWhatSaysMore: a wish says more than a view, and what is new more than what is old.
func TestWhatSaysMore(t *testing.T) {
	t.Parallel()
	s := stage()
	s.shows[4].Genre = ticket.Musical
	s.shows = append(s.shows, performance("star2", "우주 정거장", "서울", "2026-12-20", "우주로 떠나는 소녀와 별빛 기차"))
	r := newRecommender(t, s, nil)
	at := func(days int) time.Time { return noon.AddDate(0, 0, -days) }
	for name, c := range map[string]struct {
		history []Did
		first   string
	}{
		"a wish for the stars": {[]Did{{"sea1", Viewed, at(1)}, {"star", Wished, at(1)}}, "star2"},
		"a wish for the sea":   {[]Did{{"sea1", Wished, at(1)}, {"star", Viewed, at(1)}}, "sea2"},
		"a wish long ago":      {[]Did{{"sea1", Viewed, at(0)}, {"star", Wished, at(300)}}, "sea2"},
	} {
		got, err := r.For(context.Background(), Ask{History: c.history, Limit: 1, OnlyLike: true})
		must(t, err)
		if picked(got) != c.first {
			t.Errorf("%s: %s first, want %s", name, picked(got), c.first)
		}
	}
	got, err := r.For(context.Background(), Ask{History: []Did{{"star", Viewed, at(0)}}, Limit: 1, OnlyLike: true})
	must(t, err)
	if reasons := strings.Join(got.Picks[0].Reasons, " · "); !strings.HasSuffix(reasons, "뮤지컬 · ‘은하철도’와 비슷해요") {
		t.Errorf("reasons %q", reasons)
	}
}

func TestAListIsKnownByItsID(t *testing.T) {
	t.Parallel()
	r := newRecommender(t, stage(), nil)
	a, err := r.For(context.Background(), Ask{List: "recent", Limit: 3})
	must(t, err)
	b, err := r.For(context.Background(), Ask{List: "recent", Limit: 3})
	must(t, err)
	if a.ID == b.ID || len(a.ID) < 20 {
		t.Errorf("ids %q and %q", a.ID, b.ID)
	}
	if n := r.Stood("recent:"+a.ID, a.Picks[1].ID); n != 2 {
		t.Errorf("the second stood at %d", n)
	}
	if r.Stood("api:"+a.ID, a.Picks[1].ID) != 0 || r.Stood("recent:"+a.ID, "old") != 0 || r.Stood("", "") != 0 {
		t.Error("an invented click is believed")
	}
	for range maxHanded {
		r.handed.keep(fmt.Sprint("x:", r.handed.next, len(r.handed.order)), nil)
	}
	if len(r.handed.lists) > maxHanded || r.Stood("recent:"+a.ID, a.Picks[1].ID) != 0 {
		t.Error("lists are remembered without bound")
	}
}

// TestPeopleAreServedWhileShowsChange: answers come from one state of things while runs make the next.
func TestPeopleAreServedWhileShowsChange(t *testing.T) {
	t.Parallel()
	s := stage()
	for i := range 200 {
		s.shows = append(s.shows, performance(fmt.Sprint("f", i), fmt.Sprint("보통 공연", i), "부산", "2026-12-01", fmt.Sprint("다른 말", i)))
	}
	r := newRecommender(t, s, nil)
	run(t, r)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				a, err := r.For(context.Background(), Ask{History: []Did{{PerformanceID: "sea1"}}, Limit: 30})
				if err != nil || !slices.ContainsFunc(a.Picks, func(p Pick) bool { return p.ID == "sea2" || p.ID == "sea2b" }) {
					t.Errorf("%v %v", picked(a), err)
					return
				}
			}
		})
	}
	for i := range 8 {
		s.put(performance(fmt.Sprint("n", i), fmt.Sprint("등대 고래", i), "서울", "2026-12-02", "항구의 소년"))
		run(t, r)
	}
	close(stop)
	wg.Wait()
}
