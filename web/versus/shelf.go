package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"ticketmoa/modules/catalog"
	"ticketmoa/modules/popular"
	"ticketmoa/modules/recommend"
	"ticketmoa/modules/search"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/api"
)

const howMany = 2_000

// shelf is a catalogue in memory, the same each time.
type shelf struct {
	shows []*ticket.Performance
	byID  map[string]*ticket.Performance
}

func now() time.Time { return time.Now() }

var (
	titles = strings.Fields("시라노 햄릿 등대 오페라의유령 지킬앤하이드 노트르담드파리 레베카 헤드윅 빨래 김종욱찾기 라이어 쥐덫 고도를기다리며 웃는남자 모차르트 엘리자벳 데스노트 하데스타운 베르테르 명성황후")
	places = strings.Fields("예술의전당 세종문화회관 블루스퀘어 샤롯데씨어터 충무아트센터 디큐브아트센터 부산문화회관 대구오페라하우스 광주예술의전당 대전예술의전당")
	people = strings.Fields("조형균 최재림 홍광호 박은태 김준수 옥주현 정선아 김소현 손준호 민우혁 전동석 이지훈 차지연 아이비 윤공주 정성화")
	prose  = strings.Fields("사랑과 용기를 노래하는 한 남자의 이야기 무대 위에 다시 오른 고전이 새로운 음악과 만나 관객을 기다린다 오랜 시간 사랑받은 작품의 마지막 시즌")
)

func newShelf() *shelf {
	rng := rand.New(rand.NewPCG(2026, 11))
	pick := func(all []string) string { return all[rng.IntN(len(all))] }
	s := &shelf{byID: map[string]*ticket.Performance{}}
	base := time.Now().Truncate(time.Hour)
	today := ticket.DateOf(base)
	for i := range howMany {
		start := today.AddDays(rng.IntN(120) - 60)
		p := &ticket.Performance{ID: fmt.Sprintf("p%025d", i), Title: "뮤지컬 〈" + pick(titles) + "〉 - " + pick(places) + fmt.Sprint(" ", i), Genre: ticket.Genres()[rng.IntN(10)],
			Period: ticket.Period{Start: start, End: start.AddDays(30 + rng.IntN(90))}, VenueID: fmt.Sprintf("v%025d", rng.IntN(200)),
			Place:   ticket.Place{Name: pick(places) + " 대극장", Region: ticket.Regions()[rng.IntN(17)], District: "서초구", Address: "남부순환로 2406"},
			AgeText: "초등학생이상 관람가", FirstSeenAt: base.Add(-time.Duration(rng.IntN(5000)) * time.Minute), ChangedAt: base, TimesText: "화-금 19:30 / 토 14:00, 19:00 / 일 15:00"}
		minutes := 100 + rng.IntN(80)
		p.RunningMinutes = &minutes
		for range 3 {
			p.Cast = append(p.Cast, ticket.CastMember{Name: pick(people), Role: "주역", ArtistID: fmt.Sprintf("a%025d", rng.IntN(500))})
		}
		for range 15 {
			p.Synopsis += pick(prose) + " "
		}
		for j := range 1 + rng.IntN(2) {
			seller := ticket.Sellers()[j]
			o := ticket.Offer{ID: fmt.Sprintf("o%d-%d", i, j), Seller: seller, URL: fmt.Sprintf("https://tickets.example.com/goods/%d", 240000+i), Title: p.Title, CheckedAt: base}
			for k, grade := range []string{"VIP석", "R석", "S석"} {
				o.Prices = append(o.Prices, ticket.Price{Grade: grade, Won: ticket.Won(170_000 - 30_000*k), Label: "정가"})
			}
			p.Offers = append(p.Offers, o)
		}
		opens := base.Add(time.Duration(rng.IntN(2000)-1000) * time.Hour)
		p.Openings = []ticket.OpeningRef{{ID: fmt.Sprint("n", i), Seller: ticket.Interpark, Round: 1, Kind: "general", OpensAt: &opens, URL: "https://tickets.example.com/notice/1"}}
		s.shows = append(s.shows, p)
		s.byID[p.ID] = p
	}
	return s
}

func (s *shelf) EachPerformance(_ context.Context, fn func(*ticket.Performance) error) error {
	for _, p := range s.shows {
		if err := fn(p); err != nil {
			return err
		}
	}
	return nil
}

func (s *shelf) Performance(_ context.Context, id string) (*ticket.Performance, error) {
	if p := s.byID[id]; p != nil {
		return p, nil
	}
	return nil, catalog.ErrNotFound
}

func (s *shelf) Changes(context.Context, int64, int) ([]ticket.Change, error) { return nil, nil }
func (s *shelf) LastChange(context.Context) (int64, error)                    { return 0, nil }

func (s *shelf) Openings(context.Context, catalog.OpeningQuery) ([]ticket.Opening, error) {
	return nil, nil
}

func (s *shelf) History(context.Context, *ticket.Performance) (map[string][]ticket.HistoryRow, error) {
	return nil, nil
}

func (s *shelf) Similar(_ context.Context, id string, limit int) ([]recommend.Neighbour, error) {
	var out []recommend.Neighbour
	for i := range min(limit, 3) {
		out = append(out, recommend.Neighbour{ID: s.shows[(len(id)+i*17)%len(s.shows)].ID, Score: 0.5})
	}
	return out, nil
}

func (s *shelf) Top(context.Context, popular.Query) (popular.Answer, error) {
	return popular.Answer{}, nil
}
func (s *shelf) Days(context.Context, int) ([]ticket.Date, error) { return nil, nil }
func (s *shelf) Artist(string) (ticket.Artist, error)             { return ticket.Artist{}, catalog.ErrNoArtist }
func (s *shelf) Venue(string) (ticket.Venue, error)               { return ticket.Venue{}, catalog.ErrNoVenue }
func (s *shelf) Artists() []ticket.Artist                         { return nil }
func (s *shelf) Venues() []ticket.Venue                           { return nil }

func (s *shelf) Record(ticket.Event) {}

// answer is a list of the first n as the API gives it.
func (s *shelf) answer(n int) []byte {
	var data []json.RawMessage
	for _, p := range s.shows[:n] {
		data = append(data, api.Encode(p, now()))
	}
	b, err := json.Marshal(map[string]any{"data": data, "page": map[string]any{"next_cursor": "eyJzIjoibmV3ZXN0IiwiayI6IjAw", "total": howMany}})
	if err != nil {
		panic(err)
	}
	return append(b, '\n')
}

// fixed is a search that has the answer ready: what is measured with it is everything but searching.
type fixed struct {
	*search.Index
	items  []*ticket.Performance
	bodies [][]byte
}

func (f *fixed) Search(q search.Query, _ time.Time) (search.Result, error) {
	return search.Result{Items: f.items[:q.Limit], Bodies: f.bodies[:q.Limit], Total: howMany, Next: "eyJzIjoibmV3ZXN0IiwiayI6IjAw"}, nil
}

func (s *shelf) fixed(x *search.Index) *fixed {
	f := &fixed{Index: x, items: s.shows[:100]}
	for _, p := range f.items {
		f.bodies = append(f.bodies, x.Body(p.ID, now()))
	}
	return f
}

// filteredQueries are what people narrow by.
func filteredQueries() []string {
	from := ticket.DateOf(now())
	var out []string
	for _, q := range []url.Values{
		{"genre": {"musical"}, "region": {"서울"}},
		{"q": {"시라노"}, "status": {"on_sale"}},
		{"genre": {"concert"}, "from": {string(from)}, "to": {string(from.AddDays(14))}},
		{"q": {"레베카"}, "genre": {"musical"}, "region": {"수도권"}, "sort": {"closing"}},
		{"seller": {"yes24"}, "price_max": {"120000"}},
	} {
		out = append(out, q.Encode())
	}
	return out
}
