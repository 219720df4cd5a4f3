package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketmoa/modules/catalog"
	"ticketmoa/modules/events"
	"ticketmoa/modules/popular"
	"ticketmoa/modules/recommend"
	"ticketmoa/modules/search"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/admin"
	"ticketmoa/web/api"
	"ticketmoa/web/site"
	"ticketmoa/web/track"
)

const (
	chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
	robot  = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// shelf is a catalogue of few shows, with every interface the pages ask.
type shelf struct {
	shows   []*ticket.Performance
	artists []ticket.Artist
	near    map[string][]recommend.Neighbour
	merged  map[string]string
	past    map[string]map[string][]ticket.HistoryRow // by performance and listing
	answer  popular.Answer
	asked   []popular.Query
	days    []ticket.Date
	mu      sync.Mutex
	got     []ticket.Event
	refuses error // what RecordNow answers

	wanted []recommend.Ask // what For was asked
}

func (s *shelf) Performance(_ context.Context, id string) (*ticket.Performance, error) {
	if to, ok := s.merged[id]; ok {
		id = to
	}
	if all := s.Get(id); len(all) > 0 {
		return all[0], nil
	}
	return nil, catalog.ErrNotFound
}

func (s *shelf) History(_ context.Context, p *ticket.Performance) (map[string][]ticket.HistoryRow, error) {
	return s.past[p.ID], nil
}

func (s *shelf) Openings(context.Context, catalog.OpeningQuery) ([]ticket.Opening, error) {
	return nil, nil
}

func (s *shelf) Search(q search.Query, _ time.Time) (search.Result, error) {
	var out []*ticket.Performance
	for _, p := range s.shows {
		if strings.Contains(p.Title, q.Text) && (q.Venue == "" || q.Venue == p.VenueID) && (q.Artist == "" || slices.ContainsFunc(p.Cast, func(m ticket.CastMember) bool { return m.ArtistID == q.Artist })) {
			out = append(out, p)
		}
	}
	if q.Cursor == "bad" {
		return search.Result{}, search.ErrBadCursor
	}
	if q.Artist != "" && q.Limit > 0 && len(out) > q.Limit {
		return search.Result{Items: out[:q.Limit], Total: len(out), Next: "more"}, nil
	}
	return search.Result{Items: out, Total: len(out)}, nil
}

func (s *shelf) Get(ids ...string) (out []*ticket.Performance) {
	for _, p := range s.shows {
		if slices.Contains(ids, p.ID) {
			out = append(out, p)
		}
	}
	return out
}

func (s *shelf) Body(string, time.Time) []byte { return nil }

func (s *shelf) Offer(id string) (string, ticket.Offer, bool) {
	for _, p := range s.shows {
		for _, o := range p.Offers {
			if o.ID == id {
				return p.ID, o, true
			}
		}
	}
	return "", ticket.Offer{}, false
}

func (s *shelf) Suggest(text string, limit int, _ time.Time) (out []search.Suggestion) {
	for _, p := range s.shows {
		if strings.HasPrefix(p.Title, text) && len(out) < limit {
			out = append(out, search.Suggestion{Kind: search.ShowName, ID: p.ID, Text: p.Title, Performance: p})
		}
	}
	for _, a := range s.artists {
		if strings.HasPrefix(a.Name, text) && len(out) < limit {
			out = append(out, search.Suggestion{Kind: search.ArtistName, ID: a.ID, Text: a.Name, Current: 1})
		}
	}
	return out
}

func (s *shelf) Named(text string, limit int, now time.Time) (out []search.Suggestion) {
	return slices.DeleteFunc(s.Suggest(text, limit, now), func(n search.Suggestion) bool { return n.Kind == search.ShowName })
}

func (s *shelf) Size() int { return len(s.shows) }

func (s *shelf) Similar(_ context.Context, id string, limit int) ([]recommend.Neighbour, error) {
	all := s.near[id]
	return all[:min(limit, len(all))], nil
}

func (s *shelf) Top(_ context.Context, q popular.Query) (popular.Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, q)
	if q.Day != "" && q.Day != s.answer.Day {
		return popular.Answer{Day: q.Day}, nil
	}
	return s.answer, nil
}

func (s *shelf) Days(context.Context, int) ([]ticket.Date, error) { return s.days, nil }

// Record keeps events as the recorder would take them.
func (s *shelf) Record(e ticket.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, e)
}

func (s *shelf) RecordNow(_ context.Context, all []ticket.Event) error {
	if s.refuses != nil {
		return s.refuses
	}
	for _, e := range all {
		s.Record(e)
	}
	return nil
}

// take returns what was recorded and forgets it; every event must be one by the recorder's rules.
func (s *shelf) take(t *testing.T) []ticket.Event {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.got
	s.got = nil
	for i := range out {
		if err := events.Check(&out[i]); err != nil {
			t.Errorf("event %+v: %v", out[i], err)
		}
	}
	return out
}

// viewers see one person; the agent decides as the real ones do.
type viewers struct{}

func (viewers) Of(r *http.Request, ip netip.Addr) ticket.Viewer {
	return ticket.Viewer{Person: "a:" + strings.ReplaceAll(events.Network(ip), ".", "-")[:4], Browser: "chrome", Bot: strings.Contains(r.UserAgent(), "bot"),
		Prefetch: r.Header.Get("Purpose") == "prefetch" || r.Header.Get("Sec-Purpose") != ""}
}

func show(id, title string, genre ticket.Genre, region ticket.Region) *ticket.Performance {
	return &ticket.Performance{ID: id, Title: title, Genre: genre, Place: ticket.Place{Name: "예술의전당", Region: region},
		Period: ticket.Period{Start: "2026-11-01", End: "2026-12-31"},
		Offers: []ticket.Offer{{ID: "o-" + id, Seller: ticket.YES24, URL: "https://ticket.yes24.com/" + id, Title: title}}}
}

func newShelf() *shelf {
	return &shelf{
		shows: []*ticket.Performance{show("p1", "시라노", ticket.Musical, "서울"), show("p2", "햄릿", ticket.Play, "부산"), show("p3", "등대", ticket.Musical, "서울")},
		near:  map[string][]recommend.Neighbour{"p1": {{ID: "p2"}, {ID: "gone"}, {ID: "p3"}}}, merged: map[string]string{"old": "p1"},
		days: []ticket.Date{"2026-11-21", "2026-11-20"},
		answer: popular.Answer{Day: "2026-11-21", Sample: 1234, Total: 4, Compared: true, Rows: []popular.Ranked{
			{Rank: 1, Previous: 3, PerformanceID: "p2", Views: 1200}, {Rank: 2, PerformanceID: "gone", Views: 9}, {Rank: 3, Previous: 1, PerformanceID: "p1", Views: 7},
			{Rank: 4, PerformanceID: "p3", Views: 5}}},
	}
}

func testNow() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, ticket.Seoul) }

// serve makes the whole server on the shelf, with rec in place of its recorder when it is given.
func serve(t *testing.T, s *shelf, rec api.Events, now func() time.Time) http.Handler {
	t.Helper()
	if rec == nil {
		rec = s
	}
	if now == nil {
		now = testNow
	}
	seen := track.Log{Recorder: rec, Viewers: viewers{}}
	sources := func() []site.SourceState { return nil }
	srv, err := New(context.Background(), Config{Addr: "127.0.0.1:0"}, Deps{
		API:   api.Deps{Catalog: s, Search: s, Similar: s, Personal: s, Popular: s, Entities: s, Events: rec, Track: seen, Now: now},
		Site:  site.Deps{Catalog: s, Search: s, Similar: s, Personal: s, Popular: s, Entities: s, Track: seen, Sources: sources, Now: now},
		Admin: admin.Deps{Sources: sources, Now: now},
		Ready: func(context.Context) error { return nil },
	}, slog.New(slog.DiscardHandler))
	must(t, err)
	t.Cleanup(srv.Close)
	return srv.http.Handler
}

func ask(h http.Handler, method, target, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.RemoteAddr = "203.0.113.7:4711"
	r.Header.Set("User-Agent", chrome)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// line writes an event with what matters.
func line(e ticket.Event) string {
	parts := []string{string(e.Kind), e.PerformanceID, e.FromID, number("n", e.Position), e.Page, e.Query, number("r", e.Results), e.OfferID, string(e.Seller),
		string(e.Genre), string(e.Region), flag("b", e.Bot), flag("pre", e.Prefetch)}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

func number(name string, n int) string {
	if n == 0 {
		return ""
	}
	return name + strconv.Itoa(n)
}

func flag(name string, on bool) string {
	if !on {
		return ""
	}
	return name
}

func lines(all []ticket.Event) []string {
	var out []string
	for _, e := range all {
		out = append(out, line(e))
	}
	return out
}
