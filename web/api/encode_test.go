package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/catalog"
	"ticketmoa/modules/popular"
	"ticketmoa/modules/recommend"
	"ticketmoa/modules/search"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/track"
)

// stock answers everything a list or a show is made of. With written it has the bodies ready, as the real search has.
type stock struct {
	res     search.Result
	written bool
	near    []recommend.Neighbour
	ranked  popular.Answer
	asked   int // of the catalogue
}

func (s *stock) Search(q search.Query, now time.Time) (search.Result, error) {
	res := s.res
	if s.written && q.Bodies {
		for _, p := range res.Items {
			res.Bodies = append(res.Bodies, Encode(p, now))
		}
	}
	return res, nil
}

func (s *stock) Suggest(string, int, time.Time) []search.Suggestion { return nil }

func (s *stock) Get(ids ...string) (out []*ticket.Performance) {
	for _, p := range s.res.Items {
		for _, id := range ids {
			if p.ID == id {
				out = append(out, p)
			}
		}
	}
	return out
}

func (s *stock) Body(id string, now time.Time) []byte {
	if ps := s.Get(id); s.written && len(ps) > 0 {
		return Encode(ps[0], now)
	}
	return nil
}

func (s *stock) Offer(string) (string, ticket.Offer, bool) { return "", ticket.Offer{}, false }

func (s *stock) Performance(_ context.Context, id string) (*ticket.Performance, error) {
	s.asked++
	if id == "old" {
		id = "p1"
	}
	if ps := s.Get(id); len(ps) > 0 {
		return ps[0], nil
	}
	return nil, catalog.ErrNotFound
}

func (s *stock) Openings(context.Context, catalog.OpeningQuery) ([]ticket.Opening, error) {
	return nil, nil
}

func (s *stock) History(context.Context, *ticket.Performance) (map[string][]ticket.HistoryRow, error) {
	return nil, nil
}

func (s *stock) Similar(context.Context, string, int) ([]recommend.Neighbour, error) {
	return s.near, nil
}
func (s *stock) Top(context.Context, popular.Query) (popular.Answer, error) { return s.ranked, nil }

func (s *stock) Artist(id string) (ticket.Artist, error) {
	return ticket.Artist{ID: id, Name: "<키> & 아이유", Genres: []ticket.Genre{ticket.Musical}}, nil
}

func (s *stock) Venue(id string) (ticket.Venue, error) {
	return ticket.Venue{ID: id, Name: "예술의전당", Region: "서울"}, nil
}

func (s *stock) Record(ticket.Event)                                 {}
func (s *stock) RecordNow(context.Context, []ticket.Event) error     { return nil }
func (s *stock) Of(*http.Request, netip.Addr) (viewer ticket.Viewer) { return viewer }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, ticket.Seoul)

func get(s *stock, target string) *httptest.ResponseRecorder {
	e := echo.New()
	Register(e.Group("/api/v1"), Deps{Catalog: s, Search: s, Similar: s, Popular: s, Entities: s, Events: s, Track: track.Log{Recorder: s, Viewers: s}, Now: func() time.Time { return noon }})
	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
	return w
}

func awkward() []*ticket.Performance {
	at, lat, seven := noon.Add(time.Hour), 37.47, 7
	return []*ticket.Performance{
		{ID: "p1", Title: `<b>"시라노" & \ 'x'` + "\u2028\x01\xff", Genre: ticket.Musical, Tags: []string{"family"}, Place: ticket.Place{Name: "A&B", Region: "서울", Lat: &lat}, MinAgeYears: &seven,
			Period: ticket.Period{Start: "2026-11-01", End: "2026-12-31"}, Cast: []ticket.CastMember{{Name: "조형균", Role: "<시라노>", ArtistID: "a1"}},
			Offers:   []ticket.Offer{{ID: "o", Seller: ticket.YES24, URL: "https://x/?a=1&b=2", Prices: []ticket.Price{{Grade: "R석", Won: 1}}, OpensAt: &at}},
			Openings: []ticket.OpeningRef{{ID: "n", Seller: ticket.Melon, OpensAt: &at}}, Conflicts: []ticket.Conflict{{Field: "period", Values: []ticket.Said{{Source: "kopis", Value: "x"}}}}},
		{ID: "p2"},
	}
}

// plain is what encoding/json makes of the same.
func plain(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestWrittenByHand holds what is joined by hand against encoding/json, with bodies that were written before and without.
func TestWrittenByHand(t *testing.T) {
	t.Parallel()
	type list struct {
		Data   any                       `json:"data"`
		Facets map[string]map[string]int `json:"facets,omitempty"`
		Page   page                      `json:"page"`
	}
	type near struct {
		performance
		Score   float64  `json:"score"`
		Reasons []string `json:"reasons"`
	}
	type role struct {
		performance
		Role *string `json:"role"`
	}
	type stage struct {
		any
		Performances any  `json:"performances"`
		Page         page `json:"page"`
	}
	shows := awkward()
	one, two := performanceOf(shows[0], noon), performanceOf(shows[1], noon)
	facets := map[string]map[string]int{"region": {"서울": 3, "<&>\u2028": 1, "부산": 0}, "genre": {}, "seller": nil, "a\"b": {"\xff": 2}}
	next := "eyJ&<"
	ranked := popular.Answer{Day: "2026-11-21", Sample: 9, Total: 2, Rows: []popular.Ranked{{Rank: 1, Previous: 2, PerformanceID: "p1", Views: 4}}}
	rank2 := 2
	sample := 9
	for name, tc := range map[string]struct {
		s      stock
		target string
		want   any
	}{
		"nothing found":    {stock{}, "/api/v1/performances", list{Data: []performance{}}},
		"nothing, counted": {stock{res: search.Result{Facets: map[string]map[string]int{"genre": {}}}}, "/api/v1/performances?facets=genre", list{Data: []performance{}, Facets: map[string]map[string]int{"genre": {}}}},
		"one":              {stock{res: search.Result{Items: shows[:1], Total: 1}}, "/api/v1/performances", list{Data: []performance{one}, Page: page{Total: 1}}},
		"a page of many":   {stock{res: search.Result{Items: shows, Total: 2000, Next: next, Facets: facets}}, "/api/v1/performances?facets=1", list{[]performance{one, two}, facets, page{&next, 2000}}},
		"a show":           {stock{res: search.Result{Items: shows}}, "/api/v1/performances/p1", one},
		"similar": {stock{res: search.Result{Items: shows}, near: []recommend.Neighbour{{ID: "p1", Score: 1e-9, Reasons: []string{"<x>"}}, {ID: "gone"}, {ID: "p2", Score: 0.25}}}, "/api/v1/performances/p1/similar",
			list{Data: []near{{one, 1e-9, []string{"<x>"}}, {two, 0.25, []string{}}}, Page: page{Total: 2}}},
		"nothing similar": {stock{res: search.Result{Items: shows}}, "/api/v1/performances/p1/similar", list{Data: []near{}}},
		"an artist": {stock{res: search.Result{Items: shows, Total: 2, Next: next}}, "/api/v1/artists/a1",
			stage{artistAnswer{"a1", "<키> & 아이유", []string{}, []string{}, []ticket.Genre{ticket.Musical}, []string{}}, []role{{one, text("<시라노>")}, {two, nil}}, page{&next, 2}}},
		"a venue without shows": {stock{}, "/api/v1/venues/v1", stage{venueAnswer{ID: "v1", Name: "예술의전당", Aliases: []string{}, Region: text(ticket.Region("서울"))}, []performance{}, page{}}},
		"a ranking": {stock{res: search.Result{Items: shows}, ranked: ranked}, "/api/v1/popular", struct {
			Data   any          `json:"data"`
			Day    *ticket.Date `json:"day"`
			Sample *int         `json:"sample"`
			Page   page         `json:"page"`
		}{[]any{struct {
			Rank         int         `json:"rank"`
			PreviousRank *int        `json:"previous_rank"`
			Views        int         `json:"views"`
			Performance  performance `json:"performance"`
		}{1, &rank2, 4, one}}, &ranked.Day, &sample, page{Total: 2}}},
		"no history": {stock{res: search.Result{Items: shows}}, "/api/v1/performances/p1/history", list{Data: []factLine{}}},
	} {
		want := plain(t, tc.want)
		if s, ok := tc.want.(stage); ok { // the members of an artist or venue, then these two
			head := plain(t, s.any)
			rest := plain(t, struct {
				Performances any  `json:"performances"`
				Page         page `json:"page"`
			}{s.Performances, s.Page})
			want = head[:len(head)-2] + "," + rest[1:]
		}
		for _, tc.s.written = range []bool{false, true} {
			w := get(&tc.s, tc.target)
			if w.Code != http.StatusOK || w.Body.String() != want {
				t.Errorf("%s, written before: %v: %d\n got %s\nwant %s", name, tc.s.written, w.Code, w.Body, want)
			}
			if w.Header().Get("Etag") == "" || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Cache-Control") == "" {
				t.Errorf("%s: %v", name, w.Header())
			}
		}
	}
}

// TestNextLink: the link to the next page is the query that was asked, whatever is in it, with the cursor of the answer.
func TestNextLink(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"": "cursor=n%26", "?genre=play&q=%EC%8B%9C": "genre=play&q=%EC%8B%9C&cursor=n%26", "?cursor=old&genre=play": "cursor=n%26&genre=play", "?q=cursor": "cursor=n%26&q=cursor",
		`?q=<a>"`: "cursor=n%26&q=%3Ca%3E%22", "?q=시": "cursor=n%26&q=%EC%8B%9C",
	} {
		w := get(&stock{res: search.Result{Next: "n&"}}, "/api/v1/performances"+query)
		if got := w.Header().Get("Link"); got != "</api/v1/performances?"+want+`>; rel="next"` {
			t.Errorf("%s: %s", query, got)
		}
	}
	if w := get(&stock{}, "/api/v1/performances"); w.Header().Get("Link") != "" {
		t.Error("the last page links on")
	}
}

// TestOneShow: a show in the snapshot costs the catalogue nothing; what is not there is looked up, moved ids lead on.
func TestOneShow(t *testing.T) {
	t.Parallel()
	s := &stock{res: search.Result{Items: awkward()}, written: true}
	for target, want := range map[string]struct{ status, asked int }{
		"/api/v1/performances/p1/similar": {200, 0}, "/api/v1/performances/old/similar": {308, 1}, "/api/v1/performances/none/similar": {500, 1},
		"/api/v1/performances/p1": {200, 0}, "/api/v1/performances/old": {308, 1}, "/api/v1/performances/none": {500, 1}, // the table of errors is web's
	} {
		s.asked = 0
		if w := get(s, target); w.Code != want.status || s.asked != want.asked {
			t.Errorf("%s: %d, the catalogue was asked %d times", target, w.Code, s.asked)
		}
	}
}

// TestUnwritable: a show that cannot be written is an error, and never a hole in a list.
func TestUnwritable(t *testing.T) {
	t.Parallel()
	p := awkward()[0]
	nan := 0.0
	nan /= nan
	p.Place.Lat = &nan
	s := &stock{res: search.Result{Items: []*ticket.Performance{p}}, written: true}
	for _, target := range []string{"/api/v1/performances", "/api/v1/performances/p1"} {
		if w := get(s, target); w.Code != http.StatusInternalServerError {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
}
