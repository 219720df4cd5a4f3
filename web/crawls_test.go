package web

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/drift"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/admin"
	"ticketmoa/web/site"
)

// judgedCrawls is a guard that knows four crawls.
type judgedCrawls struct {
	runs     []drift.Run
	accepted []string
}

func newJudgedCrawls() *judgedCrawls {
	at := testNow()
	return &judgedCrawls{runs: []drift.Run{
		{ID: "R3", Source: "yes24", StartedAt: at, Whole: true, Listed: 22, Waiting: 16, Findings: []drift.Finding{
			{What: drift.Listed, Now: ticket.Share{Bad: 22, Of: 22}, Before: ticket.Share{Of: 44}},
			{What: "detail prices lost", Now: ticket.Share{Bad: 16, Of: 16}, Before: ticket.Share{Of: 55}},
			{What: "detail end turned", Now: ticket.Share{Bad: 15, Of: 16}, Before: ticket.Share{Bad: 1, Of: 55}}}},
		{ID: "R2", Source: "yes24", StartedAt: at.Add(-24 * time.Hour), Broken: true, Findings: []drift.Finding{{What: "3 × <b>the site turns us away</b>"}}},
		{ID: "R1", Source: "yes24", StartedAt: at.Add(-48 * time.Hour), Whole: true, Good: true, Listed: 44},
		{ID: "M1", Source: "melon", StartedAt: at, Partly: true, Good: true, Listed: 9, Noticed: 3, AcceptedBy: "admin"},
	}}
}

func (j *judgedCrawls) Recent(_ context.Context, source string, limit int) (out []drift.Run, err error) {
	for _, r := range j.runs {
		if (source == "" || r.Source == source) && len(out) < limit {
			out = append(out, r)
		}
	}
	return out, nil
}

func (j *judgedCrawls) Accept(_ context.Context, run, author string) (drift.Run, error) {
	for i, r := range j.runs {
		switch {
		case r.ID != run:
		case r.Good:
			return r, drift.ErrGood
		case r.Broken:
			return r, drift.ErrBroken
		default:
			j.accepted = append(j.accepted, run+" by "+author)
			j.runs[i].Good, j.runs[i].AcceptedBy, j.runs[i].Waiting = true, author, 0
			return j.runs[i], nil
		}
	}
	return drift.Run{}, drift.ErrUnknown
}

func serveCrawls(t *testing.T, j *judgedCrawls) func(method, target string, header ...string) (int, string, string) {
	t.Helper()
	sources := func() []site.SourceState {
		return []site.SourceState{{Name: "kopis", Title: "공연예술통합전산망(KOPIS)"}, {Name: "yes24", Title: "예스24 티켓", Enabled: true}, {Name: "melon", Title: "멜론티켓"}, {Name: "ticketlink", Title: "티켓링크", Enabled: true}}
	}
	srv, err := New(context.Background(), Config{Addr: "127.0.0.1:0"}, Deps{
		Site: site.Deps{Sources: sources, Now: testNow},
		Admin: admin.Deps{Jobs: noJobs{}, Guard: guard{}, Sources: sources, Quarantine: newHeld(), Crawls: j, Now: testNow,
			Overview: func(context.Context) (admin.Overview, error) { return admin.Overview{}, nil }},
		Ready: func(context.Context) error { return nil },
	}, slog.New(slog.DiscardHandler))
	must(t, err)
	t.Cleanup(srv.Close)
	return func(method, target string, header ...string) (int, string, string) {
		w := ask(srv.http.Handler, method, target, "", append([]string{"Cookie", "ticketmoa_admin=let me in"}, header...)...)
		return w.Code, w.Body.String(), w.Header().Get("Location")
	}
}

func TestCrawlsOnTheAdminPage(t *testing.T) {
	t.Parallel()
	j := newJudgedCrawls()
	visit := serveCrawls(t, j)
	_, body, _ := visit("GET", "/admin")
	for _, want := range []string{"수집 감시", "<h3>예스24 티켓</h3>", "달라짐", "기다리는 페이지 16개", "목록에 공연이 22건 있습니다. 보통은 44건입니다.", "상세 페이지: 가격, 있던 값이 사라짐 16건 가운데 16건 (전에는 55건 가운데 0건)",
		"상세 페이지: 이미 끝난 공연이 됨 16건 가운데 15건", "중단됨", "&lt;b&gt;the site turns us away&lt;/b&gt;", "정상", "<h3>멜론티켓</h3>", "바뀐 것만 · 공연 9건 · 공지 3건", "받아들인 사람 admin",
		`<h3>티켓링크</h3>`, "아직 판정한 수집이 없습니다", `action="/admin/crawls/R3/accept"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Count(body, "이 수집을 받아들이기</button>") != 1 || strings.Contains(body, "<h3>공연예술통합전산망") {
		t.Error("a button where nothing can be accepted, or a source that is off and was never crawled")
	}
	if code, _, _ := visit("POST", "/admin/crawls/R3/accept", "Sec-Fetch-Site", "cross-site"); code != 403 || len(j.accepted) > 0 {
		t.Errorf("another site's page could accept a crawl: %d", code)
	}
	if code, _, to := visit("POST", "/admin/crawls/R3/accept", "Sec-Fetch-Site", "same-origin"); code != 303 || to != "/admin#watch" || strings.Join(j.accepted, "") != "R3 by admin" {
		t.Errorf("accept: %d %s %v", code, to, j.accepted)
	}
	if _, body, _ = visit("GET", "/admin"); strings.Contains(body, "이 수집을 받아들이기</button>") {
		t.Error("an accepted crawl can be accepted once more")
	}
}

func TestCrawlsOverHTTP(t *testing.T) {
	t.Parallel()
	j := newJudgedCrawls()
	visit := serveCrawls(t, j)
	list := func(query string) (out []struct {
		Run, Source string
		Good        bool
		StartedAt   string                                   `json:"started_at"`
		Findings    []struct{ Now, Before struct{ Of int } } `json:"findings"`
	}) {
		t.Helper()
		code, body, _ := visit("GET", "/admin/api/v1/crawls"+query)
		if code != 200 || strings.Contains(body, "null") {
			t.Fatalf("crawls%s: %d %s", query, code, body)
		}
		var l struct{ Data json.RawMessage }
		must(t, json.Unmarshal([]byte(body), &l))
		must(t, json.Unmarshal(l.Data, &out))
		return out
	}
	if all := list(""); len(all) != 4 || all[0].Findings[0].Before.Of != 44 || !strings.HasSuffix(all[0].StartedAt, "+09:00") {
		t.Errorf("all: %+v", all)
	}
	if of := list("?source=melon"); len(of) != 1 || of[0].Run != "M1" {
		t.Errorf("of melon: %+v", of)
	}
	if of := list("?source=ticketlink"); len(of) != 0 {
		t.Errorf("of ticketlink: %+v", of)
	}
	for target, want := range map[string]int{"GET /admin/api/v1/crawls?source=nobody": 400, "POST /admin/api/v1/crawls/nobody/accept": 404, "POST /admin/api/v1/crawls/R1/accept": 409,
		"POST /admin/api/v1/crawls/R2/accept": 409, "POST /admin/crawls/nobody/accept": 404, "POST /admin/api/v1/crawls/R3/accept": 200} {
		method, path, _ := strings.Cut(target, " ")
		code, body, _ := visit(method, path)
		if code != want || want >= 400 && strings.HasPrefix(path, "/admin/api") && !strings.Contains(body, `"detail"`) {
			t.Errorf("%s: %d %s, want %d", target, code, body, want)
		}
	}
	if code, _, _ := visit("GET", "/admin/api/v1/crawls", "Cookie", "ticketmoa_admin=nobody"); code != 401 {
		t.Errorf("a stranger reads the crawls: %d", code)
	}
}
