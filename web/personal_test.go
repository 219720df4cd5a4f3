package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/recommend"
	"ticketmoa/modules/ticket"
)

// For answers every person with p2, one that is gone, and p3.
func (s *shelf) For(_ context.Context, a recommend.Ask) (recommend.Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wanted = append(s.wanted, a)
	return recommend.Answer{ID: "LIST", Picks: []recommend.Pick{{ID: "p2", Score: 0.5, Reasons: []string{"같은 배우 조형균"}}, {ID: "gone"}, {ID: "p3"}}}, nil
}

func (s *shelf) Stood(list, id string) int {
	if list != "recent:LIST" && list != "api:LIST" {
		return 0
	}
	return slices.Index([]string{"p2", "gone", "p3"}, id) + 1
}

func TestRecommendationsForOnePerson(t *testing.T) {
	t.Parallel()
	s := newShelf()
	h := serve(t, s, nil, nil)
	w := ask(h, "POST", "/api/v1/recommendations", `{"history":[{"performance_id":"p1","kind":"viewed","at":"2026-11-20T10:00:00+09:00"},{"performance_id":"none","kind":"wished"}],
		"dismissed":["p9"],"region":["수도권"],"genre":["musical","play"],"from":"2026-11-01","to":"2026-12-01","price_max":50000,"age":"20s","gender":"female","limit":5}`)
	var ans struct {
		Data []struct {
			ID      string   `json:"id"`
			Score   float64  `json:"score"`
			Reasons []string `json:"reasons"`
			Title   string   `json:"title"`
		} `json:"data"`
		ID   string `json:"recommendation_id"`
		Page struct {
			Total int `json:"total"`
		} `json:"page"`
	}
	must(t, json.Unmarshal(w.Body.Bytes(), &ans))
	if w.Code != 200 || fmt.Sprint(ans) != "{[{p2 0.5 [같은 배우 조형균] 햄릿} {p3 0 [] 등대}] api:LIST {2}}" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", w.Code, ans)
	}
	want := recommend.Ask{List: "api", History: []recommend.Did{{PerformanceID: "p1", Kind: recommend.Viewed, At: time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)},
		{PerformanceID: "none", Kind: recommend.Wished}}, Dismissed: []string{"p9"}, Regions: []ticket.Region{"서울", "경기", "인천"},
		Genres: []ticket.Genre{ticket.Musical, ticket.Play}, From: "2026-11-01", To: "2026-12-01", PriceMax: 50000, Age: "20s", Gender: ticket.Female, Limit: 5}
	got := s.wanted[0]
	got.History[0].At = got.History[0].At.UTC()
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	if got := s.take(t); len(got) > 0 {
		t.Errorf("a program's question is nobody's visit: %v", got)
	}
}

// TestRecommendationsNameAllThatIsWrong: one answer names every fault of a body.
func TestRecommendationsNameAllThatIsWrong(t *testing.T) {
	t.Parallel()
	h := serve(t, newShelf(), nil, nil)
	for body, want := range map[string][]string{
		`{"history":[{"performance_id":5,"kind":"loved"},{"kind":"viewed"}],"region":["평양"],"from":"2026-12-02","to":"2026-12-01","limit":0,"age":"9s","no":1}`: {
			"/history/0/performance_id", "/history/0/kind", "/history/1/performance_id", "/region/0", "/to", "/limit", "/age", "/no"},
		`{"genre":"musical","price_max":-1,"gender":"x","history":[7]}`: {"/genre", "/price_max", "/gender", "/history/0"},
		`{"limit":1,"limit":2}`: {"/limit"},
		`[]`:                    {`"pointer":""`},
		`{"a":1} x`:             {`"pointer":""`},
		``:                      {`"pointer":""`},
		`{"from":"2026-13-01"}`: {"/from"},
		`{"dismissed":[` + strings.Repeat(`"a",`, 300) + `"b"]}`: {"/dismissed"},
	} {
		w := ask(h, "POST", "/api/v1/recommendations", body)
		if w.Code != http.StatusBadRequest || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s: %d", body, w.Code)
		}
		for _, p := range want {
			if !strings.Contains(w.Body.String(), p) {
				t.Errorf("%.80s: %s is not named in %s", body, p, w.Body)
			}
		}
	}
	if w := ask(h, "POST", "/api/v1/recommendations", "{}", "Content-Type", "text/csv"); w.Code != http.StatusUnsupportedMediaType {
		t.Errorf("another type: %d", w.Code)
	}
	if w := ask(h, "POST", "/api/v1/recommendations", "{}"); w.Code != 200 {
		t.Errorf("nothing known of somebody: %d %s", w.Code, w.Body)
	}
}

// TestRecentlySeen: looking at shows fills a cookie, the home page shows what is like them, a click on one counts for that
// list, and the list can be cleared.
func TestRecentlySeen(t *testing.T) {
	t.Parallel()
	s := newShelf()
	h := serve(t, s, nil, nil)
	w := ask(h, "GET", "/", "")
	if strings.Contains(w.Body.String(), "방금 본") || strings.Contains(w.Header().Get("Cache-Control"), "private") || len(s.wanted) > 0 {
		t.Error("who looked at nothing has a list")
	}
	w = ask(h, "GET", "/p/p1", "", "Cookie", "recent=p3.p1.<script>.p3")
	cookie := w.Header().Get("Set-Cookie")
	if cookie != "recent=p1.p3; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax" {
		t.Errorf("cookie %q", cookie)
	}
	for _, not := range [][]string{{"User-Agent", robot}, {"Sec-Purpose", "prefetch"}} {
		if got := ask(h, "GET", "/p/p1", "", not...).Header().Get("Set-Cookie"); got != "" {
			t.Errorf("%v: %q", not, got)
		}
	}
	s.take(t)
	w = ask(h, "GET", "/", "", "Cookie", "recent=p1.p3")
	body := w.Body.String()
	for _, want := range []string{"방금 본 공연과 비슷한", `href="/p/p2?from=recent%3aLIST&amp;n=1"`, `href="/p/p3?from=recent%3aLIST&amp;n=3"`, "같은 배우 조형균", `action="/recent/clear"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the home page lacks %s", want)
		}
	}
	if w.Header().Get("Cache-Control") != "private, no-store" || w.Header().Get("Vary") == "" {
		t.Errorf("a page of one person: %v", w.Header())
	}
	if got, want := lines(s.take(t)), []string{"recommendation_shown p2 recent:LIST n1 home play 부산", "recommendation_shown p3 recent:LIST n3 home musical 서울"}; !slices.Equal(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
	for target, want := range map[string]string{
		"/p/p3?from=recent%3aLIST&n=3":  "recommendation_clicked p3 recent:LIST n3 detail musical 서울",
		"/p/p3?from=recent%3aLIST&n=77": "recommendation_clicked p3 recent:LIST n3 detail musical 서울", // the list knows better
		"/p/p3?from=recent%3aOTHER&n=3": "", "/p/p1?from=recent%3aLIST&n=1": "",
	} {
		ask(h, "GET", target, "")
		got := lines(s.take(t))
		if i := slices.IndexFunc(got, func(l string) bool { return strings.HasPrefix(l, "recommendation_clicked") }); (i < 0) != (want == "") || i >= 0 && got[i] != want {
			t.Errorf("%s: %q, want %q", target, got, want)
		}
	}
	w = ask(h, "POST", "/recent/clear", "", "Sec-Fetch-Site", "same-origin")
	if w.Code != http.StatusSeeOther || !strings.Contains(w.Header().Get("Set-Cookie"), "recent=; Path=/; Max-Age=0") {
		t.Errorf("clearing: %d %q", w.Code, w.Header().Get("Set-Cookie"))
	}
	if w = ask(h, "POST", "/recent/clear", "", "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden {
		t.Errorf("another site clears the list: %d", w.Code)
	}
}

// TestRecentIsShort: the cookie never grows beyond twenty.
func TestRecentIsShort(t *testing.T) {
	t.Parallel()
	var ids []string
	for i := range 50 {
		ids = append(ids, fmt.Sprint("x", i))
	}
	w := ask(serve(t, newShelf(), nil, nil), "GET", "/p/p1", "", "Cookie", "recent="+strings.Join(ids, "."))
	value, _, _ := strings.Cut(strings.TrimPrefix(w.Header().Get("Set-Cookie"), "recent="), ";")
	if got := strings.Split(value, "."); len(got) != 20 || got[0] != "p1" || got[19] != "x18" {
		t.Errorf("%v", got)
	}
}

// TestListsAreReported: programs tell of lists by their id; one that was never given, or did not hold the show, is refused.
func TestListsAreReported(t *testing.T) {
	t.Parallel()
	s := newShelf()
	h := serve(t, s, nil, nil)
	for body, want := range map[string]string{
		`{"kind":"recommendation_clicked","performance_id":"p2","from_id":"api:LIST"}`:              "recommendation_clicked p2 api:LIST n1 play 부산",
		`{"kind":"recommendation_shown","performance_id":"p3","from_id":"api:LIST","position":3}`:   "recommendation_shown p3 api:LIST n3 musical 서울",
		`{"kind":"recommendation_clicked","performance_id":"p1","from_id":"api:LIST","position":1}`: "",
		`{"kind":"recommendation_clicked","performance_id":"p2","from_id":"api:NONE","position":1}`: "",
	} {
		w := ask(h, "POST", "/api/v1/events", body)
		got := strings.Join(lines(s.take(t)), "\n")
		if got != want || (want == "") != (w.Code == 400) || want == "" && !strings.Contains(w.Body.String(), "/from_id") {
			t.Errorf("%s: %d %q %s", body, w.Code, got, w.Body)
		}
	}
}
