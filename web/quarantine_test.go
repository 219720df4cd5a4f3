package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/auth"
	"ticketmoa/modules/drift"
	"ticketmoa/modules/etl"
	"ticketmoa/modules/schedule"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/admin"
	"ticketmoa/web/api"
	"ticketmoa/web/site"
	"ticketmoa/web/track"
)

// held is a quarantine of few rows that remembers what was asked to be read again.
type held struct {
	rows     []ticket.Withheld
	reread   []etl.Filter
	answer   admin.Replay
	err      error
	accepted []ticket.Withheld // values of pictures
}

func (h *held) match(f etl.Filter) (out []ticket.Withheld) {
	for _, r := range h.rows {
		field := r.Field
		if field == "" {
			field = etl.WholeRecord
		}
		ok := true
		for want, got := range map[string]string{"s" + f.Source: "s" + r.Source, "k" + string(f.Kind): "k" + string(r.Kind), "f" + f.Field: "f" + field, "r" + f.Rule: "r" + r.Rule,
			"c" + f.Code: "c" + r.Code, "i" + f.ID: "i" + r.ID} {
			ok = ok && (len(want) == 1 || want == got)
		}
		if ok {
			out = append(out, r)
		}
	}
	return out
}

func (h *held) Groups(context.Context) ([]etl.Group, error) {
	if len(h.rows) == 0 {
		return nil, nil
	}
	return []etl.Group{{Source: "yes24", Field: "period", Rule: "no date in …", Count: 40}, {Source: "melon", Field: etl.WholeRecord, Rule: "the parser panicked", Count: 1}}, nil
}

func (h *held) Rows(_ context.Context, f etl.Filter, limit int, cursor string) ([]ticket.Withheld, string, error) {
	from := 0
	if cursor != "" {
		if _, err := fmt.Sscanf(cursor, "c%d", &from); err != nil {
			return nil, "", etl.ErrBadCursor
		}
	}
	all := h.match(f)[from:]
	if len(all) > limit {
		return all[:limit], fmt.Sprintf("c%d", from+limit), nil
	}
	return all, "", nil
}

func (h *held) Matching(_ context.Context, f etl.Filter) (int64, error) {
	return int64(len(h.match(f))), nil
}

func (h *held) Values(context.Context) (etl.Values, error) {
	return etl.Values{Sources: []string{"melon", "yes24"}, Kinds: ticket.PageKinds(), Fields: []string{"period", "prices", etl.WholeRecord}}, nil
}

func (h *held) Reread(_ context.Context, f etl.Filter) (admin.Replay, error) {
	if h.err != nil {
		return admin.Replay{}, h.err
	}
	h.reread = append(h.reread, f)
	return h.answer, nil
}

type guard struct{}

func (guard) Redeem(context.Context, string) (string, error) { return "", auth.ErrUnauthorized }
func (guard) Verify(token string) error {
	if token != "let me in" {
		return auth.ErrUnauthorized
	}
	return nil
}

type noCrawls struct{}

func (noCrawls) Recent(context.Context, string, int) ([]drift.Run, error) { return nil, nil }
func (noCrawls) Accept(context.Context, string, string) (drift.Run, error) {
	return drift.Run{}, drift.ErrUnknown
}

type noJobs struct{}

func (noJobs) Jobs() []schedule.Job                 { return nil }
func (noJobs) Start(string, string) (string, error) { return "", schedule.ErrUnknownJob }
func (noJobs) Cancel(string) error                  { return schedule.ErrUnknownJob }
func (noJobs) Next(string) time.Time                { return time.Time{} }
func (noJobs) History(context.Context, string, int) ([]schedule.Run, error) {
	return nil, nil
}

func newHeld() *held {
	h := &held{answer: admin.Replay{Run: "RUN1", Pages: 3, Waiting: 2, Bare: 1, Unreadable: 1, Faults: []string{"raw/x: gone"}}}
	for i := range 40 {
		h.rows = append(h.rows, ticket.Withheld{ID: fmt.Sprint("id", i), Source: "yes24", Kind: ticket.DetailPage, Code: fmt.Sprint(50000 + i), URL: "https://ticket.yes24.com/Perf/1", Field: "period",
			Reason: `no date in "<b>곧</b>"`, Rule: "no date in …", Raw: "<b>곧</b>", Parsed: "2024-01-01 ~ 2054-01-01", RawKey: "raw/x", Run: "R", FetchedAt: testNow()})
	}
	h.rows = append(h.rows, ticket.Withheld{ID: "m1", Source: "melon", Kind: ticket.ListPage, URL: "javascript:alert(1)", Reason: "the parser panicked: 1", Rule: "the parser panicked"})
	return h
}

func serveHeld(t *testing.T, h *held) func(method, target, body string, header ...string) (int, string, http.Header) {
	t.Helper()
	return serveAdmin(t, h, &pairing{})
}

// serveAdmin makes the whole server with a quarantine and pairs of listings, and asks it as somebody who is let in.
func serveAdmin(t *testing.T, h *held, p *pairing) func(method, target, body string, header ...string) (int, string, http.Header) {
	t.Helper()
	s := newShelf()
	seen := track.Log{Recorder: s, Viewers: viewers{}}
	sources := func() []site.SourceState { return nil }
	show := func(_ context.Context, _, code string) string {
		return map[string]string{"50001": "p1"}[code]
	}
	srv, err := New(context.Background(), Config{Addr: "127.0.0.1:0"}, Deps{
		API:  api.Deps{Catalog: s, Search: s, Similar: s, Popular: s, Events: s, Track: seen, Now: testNow},
		Site: site.Deps{Catalog: s, Search: s, Similar: s, Popular: s, Track: seen, Sources: sources, Now: testNow},
		Admin: admin.Deps{Jobs: noJobs{}, Guard: guard{}, Sources: sources, Quarantine: h, Reread: h.Reread, Merges: p, Decide: p, Show: show, Crawls: noCrawls{}, Now: testNow, Crop: h.Crop, AcceptPicture: h.AcceptPicture,
			Overview: func(context.Context) (admin.Overview, error) { return admin.Overview{}, nil }},
		Ready: func(context.Context) error { return nil },
	}, slog.New(slog.DiscardHandler))
	must(t, err)
	t.Cleanup(srv.Close)
	return func(method, target, body string, header ...string) (int, string, http.Header) {
		w := ask(srv.http.Handler, method, target, body, append([]string{"Cookie", "ticketmoa_admin=let me in"}, header...)...)
		return w.Code, w.Body.String(), w.Header()
	}
}

func TestQuarantinePage(t *testing.T) {
	t.Parallel()
	h := newHeld()
	visit := serveHeld(t, h)
	page := func(target string, wanted ...string) string {
		t.Helper()
		code, body, _ := visit("GET", target, "")
		if code != 200 {
			t.Fatalf("%s: %d", target, code)
		}
		for _, want := range wanted {
			if !strings.Contains(body, want) {
				t.Errorf("%s lacks %q", target, want)
			}
		}
		return body
	}
	page("/admin", `href="/admin/quarantine"`, `href="/admin/quarantine?field=period&amp;rule=no&#43;date&#43;in&#43;%E2%80%A6&amp;source=yes24"`, "<td>40</td>")
	body := page("/admin/quarantine", "41건", "모두 다시 읽기 (41)", `name="all" value="true"`, "&lt;b&gt;곧&lt;/b&gt;", "2024-01-01 ~ 2054-01-01", `href="/p/p1"`,
		`href="https://ticket.yes24.com/Perf/1"`, `name="id" value="id0"`, `href="/admin/quarantine?cursor=c30"`)
	if strings.Count(body, ">다시 읽기</button>") != 30 || strings.Count(body, "<script") != 1 {
		t.Errorf("%d rows on a page", strings.Count(body, ">다시 읽기</button>"))
	}
	if body = page("/admin/quarantine?cursor=c30", "처음", "보관된 페이지가 없어", `action="/admin/quarantine/replay?cursor=c30"`); strings.Contains(body, `"javascript:`) {
		t.Error("a page's address became a script")
	}
	body = page("/admin/quarantine?source=yes24&field=period&rule="+url.QueryEscape("no date in …"), "모두 다시 읽기 (40)", `<option selected>yes24</option>`, `name="rule" value="no date in …"`)
	if strings.Contains(body, `name="all"`) {
		t.Error("the button of a filter means every row")
	}
	page("/admin/quarantine?field=record", "the parser panicked", "전체")
	page("/admin/quarantine?code=nothing", "조건에 맞는 보류가 없습니다")
	page("/admin/quarantine?pages=12&waiting=3&bare=2&unreadable=1", "페이지 12개를 다시 읽을 줄에", "나머지 3개", "2건은 보관된 페이지가 없어", "1개를 찾지 못했거나")
	page("/admin/quarantine?pages=-1&waiting=x")
	h.rows = nil
	page("/admin/quarantine", "보류된 값이 없습니다")
	page("/admin", "보류된 값이 없습니다")
}

func TestQuarantineForms(t *testing.T) {
	t.Parallel()
	h := newHeld()
	visit := serveHeld(t, h)
	form := func(target, body string) (int, string, http.Header) {
		return visit("POST", target, body, "Content-Type", "application/x-www-form-urlencoded", "Accept", "text/html")
	}
	code, _, header := form("/admin/quarantine/replay?source=yes24&cursor=c30", "id=id3")
	if to, err := url.Parse(header.Get("Location")); code != 303 || err != nil || to.Path != "/admin/quarantine" || to.Query().Encode() != "bare=1&cursor=c30&pages=3&source=yes24&unreadable=1&waiting=2" {
		t.Errorf("one row: %d %s", code, header.Get("Location"))
	}
	form("/admin/quarantine/replay?source=yes24", "source=yes24&rule="+url.QueryEscape("no date in …"))
	form("/admin/quarantine/replay", "all=true")
	if want := []etl.Filter{{ID: "id3"}, {Source: "yes24", Rule: "no date in …"}, {}}; fmt.Sprint(h.reread) != fmt.Sprint(want) {
		t.Errorf("asked for %+v, want %+v", h.reread, want)
	}
	for _, bad := range []string{"", "source=", "all=yes", "all=true&source=yes24", "source=nobody", "id=%ff", "id=a&id=b", "field=x"} {
		if code, body, _ := form("/admin/quarantine/replay?source=yes24", bad); code != 400 || !strings.Contains(body, "<!doctype html>") {
			t.Errorf("%q: %d", bad, code)
		}
	}
	if len(h.reread) != 3 {
		t.Errorf("a bad form was obeyed: %+v", h.reread[3:])
	}
	for want, err := range map[int]error{409: admin.ErrReplaying, 404: fmt.Errorf("%w: x", etl.ErrNotWithheld), 500: errors.New("?")} {
		h.err = err
		if code, _, _ := form("/admin/quarantine/replay", "id=x"); code != want {
			t.Errorf("%v: %d, want %d", err, code, want)
		}
	}
	if code, _, _ := visit("POST", "/admin/quarantine/replay", "all=true", "Cookie", "", "Content-Type", "application/x-www-form-urlencoded"); code != 401 {
		t.Errorf("a stranger's replay: %d", code)
	}
}

func TestQuarantineAPI(t *testing.T) {
	t.Parallel()
	h := newHeld()
	visit := serveHeld(t, h)
	var ans struct {
		Groups []etl.Group
		Data   []map[string]any
		Page   struct {
			NextCursor *string `json:"next_cursor"`
			Total      int
		}
	}
	seen := map[any]bool{}
	for cursor := ""; ; {
		code, body, _ := visit("GET", "/admin/api/v1/quarantine?limit=15&cursor="+cursor, "")
		must(t, json.Unmarshal([]byte(body), &ans))
		if code != 200 || ans.Page.Total != 41 || len(ans.Groups) != 2 || ans.Groups[1].Field != etl.WholeRecord {
			t.Fatalf("%d %s", code, body)
		}
		for _, row := range ans.Data {
			seen[row["id"]] = true
		}
		if ans.Page.NextCursor == nil {
			break
		}
		cursor = *ans.Page.NextCursor
	}
	if len(seen) != 41 {
		t.Errorf("%d rows in all pages", len(seen))
	}
	_, body, _ := visit("GET", "/admin/api/v1/quarantine?id=id1", "")
	must(t, json.Unmarshal([]byte(body), &ans))
	if r := ans.Data[0]; len(ans.Data) != 1 || r["parsed"] != "2024-01-01 ~ 2054-01-01" || r["rule"] != "no date in …" || r["run"] != "R" || r["fetched_at"] != "2026-11-22T12:00:00+09:00" {
		t.Errorf("%s", body)
	}
	if _, body, _ := visit("GET", "/admin/api/v1/quarantine?source=melon", ""); !strings.Contains(body, `"fetched_at":null`) {
		t.Errorf("a row without a page: %s", body)
	}
	for query, tells := range map[string]string{"source=nobody": "melon, yes24", "kind=poem": "notice_list", "field=colour": "period, prices", "cursor=zzz": "cursor", "limit=0": "limit", "limit=101": "limit",
		"source=yes24,melon": "하나만", "rule=%ff": "rule", "code=" + strings.Repeat("a", 1001): "code", "id=a&id=b": "id", "id=%00": "id"} {
		if code, body, header := visit("GET", "/admin/api/v1/quarantine?"+query, ""); code != 400 || header.Get("Content-Type") != "application/problem+json" || !strings.Contains(body, tells) {
			t.Errorf("%.40s: %d %s", query, code, body)
		}
	}
	code, body, _ := visit("POST", "/admin/api/v1/quarantine/replay", `{"source":"yes24","field":"period"}`)
	if code != 202 || !strings.Contains(body, `"run":"RUN1"`) || !strings.Contains(body, `"pages":3`) || !strings.Contains(body, `"faults":["raw/x: gone"]`) || fmt.Sprint(h.reread) != fmt.Sprint([]etl.Filter{{Source: "yes24", Field: "period"}}) {
		t.Errorf("%d %s %+v", code, body, h.reread)
	}
	for _, bad := range []string{"", "{}", "[]", `{"sorce":"yes24"}`, `{"id":7}`, `{"id":""}`, `{"source":" ","field":"period"}`, `{"all":true,"id":"x"}`, `{"all":false}`, `{"source":"nobody"}`, `{"id":"a"}{"id":"b"}`, `null`} {
		if code, body, header := visit("POST", "/admin/api/v1/quarantine/replay", bad); code != 400 || header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", bad, code, body)
		}
	}
	if code, _, _ := visit("POST", "/admin/api/v1/quarantine/replay", `{"id":"`+strings.Repeat("a", 70_000)+`"}`); code != 413 {
		t.Errorf("a huge body: %d", code)
	}
	h.err = fmt.Errorf("%w: x", etl.ErrNotWithheld)
	if code, _, _ := visit("POST", "/admin/api/v1/quarantine/replay", `{"id":"x"}`); code != 404 || len(h.reread) != 1 {
		t.Errorf("a row that is not there: %d, %+v", code, h.reread)
	}
}
