package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/catalog"
	"ticketmoa/modules/match"
	"ticketmoa/modules/ticket"
)

// pairing remembers what was decided.
type pairing struct {
	said []string
	err  error
}

func (p *pairing) Pairs(_ context.Context, kind string, _ int) ([]catalog.Pair, error) {
	l := func(key, title string) ticket.Listing {
		return ticket.Listing{Key: key, PerformanceID: "perf1", FetchedAt: testNow(), Content: ticket.Content{Title: title, Place: ticket.Place{Name: "토월극장"}, Period: ticket.Period{Start: "2026-12-01", End: "2026-12-31"}}}
	}
	return []catalog.Pair{{Judged: match.Judged{Together: kind == catalog.Weak}, A: l("melon:1", "시라노 <b>"), B: l("yes24:2", "시라노 드 베르주라크"),
		Score: match.Score{Total: -1.25, Parts: []match.Part{{Name: match.PartTitle, Weight: 4.5, Why: `"시라노", "시라노드베르주라크"`}}}}}, p.err
}

func (p *pairing) Decisions(context.Context, int) ([]ticket.Decision, error) {
	undone := testNow()
	return []ticket.Decision{{ID: "d2", Kind: ticket.OtherShows, Left: []string{"melon:1"}, Right: []string{"yes24:2"}, Author: "지기", Reason: "다른 도시", At: testNow()},
		{ID: "d1", Kind: ticket.SameShow, Left: []string{"a:1", "b:2"}, Author: "지기", At: testNow(), UndoneAt: &undone, UndoneBy: "지기"}}, p.err
}

func (p *pairing) Standing(_ context.Context, id string) (*ticket.Performance, error) {
	if id != "perf1" {
		return nil, fmt.Errorf("performance %s: %w", id, catalog.ErrNotFound)
	}
	return &ticket.Performance{ID: id, Title: "시라노"}, nil
}

func (p *pairing) Members(context.Context, string) ([]ticket.Listing, error) {
	return []ticket.Listing{{Key: "yes24:2", Content: ticket.Content{Title: "시라노"}}, {Key: "melon:1", Content: ticket.Content{Title: "시라노"}}}, nil
}

func (p *pairing) say(kind ticket.DecisionKind, what string, why catalog.Why) (ticket.Decision, error) {
	if p.err != nil {
		return ticket.Decision{}, p.err
	}
	p.said = append(p.said, fmt.Sprintf("%s %s %s %s", what, why.Author, why.Reason, why.At.Format(time.RFC3339)))
	return ticket.Decision{ID: "d9", Kind: kind, Left: []string{"x"}, At: why.At, Author: why.Author}, nil
}

func (p *pairing) Merge(_ context.Context, a, b string, why catalog.Why) (ticket.Decision, error) {
	return p.say(ticket.SameShow, "merge "+a+" "+b, why)
}

func (p *pairing) Apart(_ context.Context, a, b string, why catalog.Why) (ticket.Decision, error) {
	return p.say(ticket.OtherShows, "apart "+a+" "+b, why)
}

func (p *pairing) Split(_ context.Context, id string, keys []string, why catalog.Why) (ticket.Decision, error) {
	return p.say(ticket.OtherShows, "split "+id+" "+strings.Join(keys, "+"), why)
}

func (p *pairing) Undo(_ context.Context, id string, why catalog.Why) (ticket.Decision, error) {
	return p.say(ticket.SameShow, "undo "+id, why)
}

func TestMerges(t *testing.T) {
	t.Parallel()
	p := &pairing{}
	visit := serveAdmin(t, newHeld(), p)
	for query, wants := range map[string][]string{
		"":                   {"시라노 &lt;b&gt;", "-1.2", "같은 공연입니다", "다른 공연입니다", "제목"},
		"?show=weak":         {`value="split"`, `name="performance" value="perf1"`},
		"?show=decisions":    {"다른 도시", "되돌리기", "되돌림"},
		"?performance=perf1": {"떼어 내기", `value="melon:1"`, "묶기"},
		"?performance=" + url.QueryEscape("https://x.example/p/perf1?from=a"): {"떼어 내기"},
		"?done=same": {"한 공연으로 묶었습니다"},
	} {
		code, body, _ := visit("GET", "/admin/merges"+query, "")
		for _, want := range wants {
			if code != 200 || !strings.Contains(body, want) {
				t.Errorf("%s: %d, %q is missing in\n%s", query, code, want, body)
			}
		}
	}
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	for body, want := range map[string]string{
		"action=same&a=melon:1&b=yes24:2&reason=포스터&show=doubtful": "merge melon:1 yes24:2  포스터",
		"action=different&a=melon:1&b=yes24:2&author=지기":           "apart melon:1 yes24:2 지기",
		"action=split&performance=perf1&listing=a:1&listing=b:2":   "split perf1 a:1+b:2",
	} {
		p.said = nil
		code, _, header := visit("POST", "/admin/merges", body, form...)
		if code != 303 || len(p.said) != 1 || !strings.HasPrefix(p.said[0], want) || !strings.HasPrefix(header.Get("Location"), "/admin/merges?") {
			t.Errorf("%s: %d %v %s", body, code, p.said, header.Get("Location"))
		}
	}
	if code, _, _ := visit("POST", "/admin/merges/d2/undo", "reason=x", form...); code != 303 || !strings.HasPrefix(p.said[len(p.said)-1], "undo d2") {
		t.Errorf("undo: %d %v", code, p.said)
	}
}

func TestMergesAPI(t *testing.T) {
	t.Parallel()
	p := &pairing{}
	visit := serveAdmin(t, newHeld(), p)
	code, body, _ := visit("POST", "/admin/api/v1/merges", `{"action":"same","a":"perf1","b":"perf2","reason":"r","author":"지기"}`)
	var d map[string]any
	must(t, json.Unmarshal([]byte(body), &d))
	if code != 201 || d["id"] != "d9" || d["kind"] != "same" || d["undone_at"] != nil {
		t.Errorf("%d %s", code, body)
	}
	for _, bad := range []string{"", "{}", "[]", `{"action":"maybe"}`, `{"action":"same","a":"x"}`, `{"action":"split","performance":"x"}`, `{"acton":"same"}`, `{"action":"same","a":1,"b":2}`,
		`{"action":"same","a":"x","b":"y","reason":"` + strings.Repeat("가", 501) + `"}`, `{"action":"same","a":"x","b":"y"}{}`} {
		if code, body, header := visit("POST", "/admin/api/v1/merges", bad); code != 400 || header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%.60s: %d %s", bad, code, body)
		}
	}
	for path, want := range map[string]int{"?show=doubtful": 200, "?show=weak": 200, "?show=decisions": 200, "?performance=perf1": 200, "?performance=nobody": 404, "?show=all": 400} {
		if code, body, _ := visit("GET", "/admin/api/v1/merges"+path, ""); code != want {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	for err, want := range map[error]int{catalog.ErrAlreadySame: 409, catalog.ErrNotMembers: 400, catalog.ErrNothingLeft: 400, catalog.ErrNotFound: 404, catalog.ErrUndone: 409, catalog.ErrNoSuchChoice: 404} {
		p.err = fmt.Errorf("x: %w", err)
		if code, body, _ := visit("POST", "/admin/api/v1/merges/d1/undo", `{"reason":"r"}`); code != want {
			t.Errorf("%v: %d %s", err, code, body)
		}
	}
}
