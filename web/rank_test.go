package web

import (
	"encoding/json"
	"strings"
	"testing"

	"ticketmoa/modules/popular"
	"ticketmoa/modules/ticket"
)

func TestPopularAPI(t *testing.T) {
	t.Parallel()
	s := newShelf()
	h := serve(t, s, nil, nil)
	w := ask(h, "GET", "/api/v1/popular?day=2026-11-21&age=20s&gender=female&genre=musical&region=수도권&limit=5", "")
	var ans struct {
		Data []struct {
			Rank         int
			PreviousRank *int `json:"previous_rank"`
			Views        int
			Performance  struct{ ID, Title string }
		}
		Day    string
		Sample *int
		Page   struct{ Total int }
	}
	must(t, json.Unmarshal(w.Body.Bytes(), &ans))
	if w.Code != 200 || len(ans.Data) != 3 || ans.Day != "2026-11-21" || *ans.Sample != 1234 || ans.Page.Total != 4 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if d := ans.Data; d[0].Rank != 1 || *d[0].PreviousRank != 3 || d[0].Performance.Title != "햄릿" || d[1].Rank != 3 || d[2].PreviousRank != nil || d[2].Views != 5 {
		t.Errorf("%s", w.Body)
	}
	q := s.asked[0]
	if q.Day != "2026-11-21" || q.Age != "20s" || q.Gender != ticket.Female || q.Genre != ticket.Musical || len(q.Regions) != 3 || q.Limit != 5 {
		t.Errorf("asked %+v", q)
	}
	for query, tells := range map[string]string{"age=15": "10s, 20s", "gender=f": "female, male", "genre=opera": "musical", "region=평양": "수도권", "day=gestern": "2026-12-25", "limit=0": "100", "age=20s,30s": "하나만"} {
		if w := ask(h, "GET", "/api/v1/popular?"+query, ""); w.Code != 400 || !strings.Contains(w.Body.String(), tells) || !strings.Contains(w.Body.String(), strings.SplitN(query, "=", 2)[0]) {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
	if w := ask(h, "GET", "/api/v1/popular?day=2020-01-01", ""); !strings.Contains(w.Body.String(), `"data":[],"day":"2020-01-01","sample":null`) {
		t.Errorf("a day without a ranking: %s", w.Body)
	}
	s.answer = popular.Answer{}
	if w := ask(h, "GET", "/api/v1/popular", ""); !strings.Contains(w.Body.String(), `"data":[],"day":null,"sample":null`) {
		t.Errorf("no ranking at all: %s", w.Body)
	}
}

func TestRankPage(t *testing.T) {
	t.Parallel()
	s := newShelf()
	h := serve(t, s, nil, nil)
	page := func(target string) string {
		w := ask(h, "GET", target, "")
		if w.Code != 200 {
			t.Errorf("%s: %d", target, w.Code)
		}
		return w.Body.String()
	}
	holds := func(name, body string, wanted ...string) {
		t.Helper()
		for _, want := range wanted {
			if !strings.Contains(body, want) {
				t.Errorf("%s lacks %q", name, want)
			}
		}
	}
	holds("the page", page("/rank?age=20s&region=서울"), "햄릿", "▲2", "2계단 오름", "▼2", "NEW", "새로 들어옴", "1,234명", "20대 회원",
		`href="/rank?age=20s&amp;day=2026-11-20&amp;`, `aria-current="true">20대`, `aria-current="true">서울`, `aria-current="page">11. 21.(토)`, "이전 날", "1,200명이 봤어요")
	if body := page("/rank?age=20s"); strings.Contains(body, "다음 날") || strings.Contains(body, "gone") {
		t.Error("a day after the latest, or a show that is gone")
	}
	holds("an unknown day", page("/rank?day=2020-01-01"), "순위가 없습니다", "가장 최근 순위 보기")
	s.answer.Rows = nil
	holds("too few", page("/rank?age=20s"), "5명보다 적게", "조건 없이 보기")
	holds("nobody", page("/rank?genre=sports"), "본 사람이 없습니다")
	s.answer, s.days = popular.Answer{}, nil
	holds("no ranking", page("/rank"), "아직 순위가 없습니다")
	if body := page("/"); strings.Contains(body, "어제 가장 많이 본 공연") {
		t.Error("home shows a ranking that is not there")
	}
	if w := ask(h, "GET", "/rank?age=99", ""); w.Code != 400 {
		t.Errorf("an unknown age: %d", w.Code)
	}
}

func TestHomeShowsYesterday(t *testing.T) {
	t.Parallel()
	s := newShelf()
	body := ask(serve(t, s, nil, nil), "GET", "/", "").Body.String()
	if !strings.Contains(body, "어제 가장 많이 본 공연") || strings.Index(body, "햄릿") > strings.Index(body, "시라노") {
		t.Error("home lacks yesterday's top, or its order")
	}
	if s.asked[0].Day != "2026-11-21" {
		t.Errorf("asked %+v", s.asked)
	}
}
