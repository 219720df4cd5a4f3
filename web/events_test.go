package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/events"
	"ticketmoa/modules/queue"
	"ticketmoa/modules/ticket"
)

// TestPagesRecord: what each request leaves behind, and that redirects and misses leave nothing.
func TestPagesRecord(t *testing.T) {
	t.Parallel()
	s := newShelf()
	h := serve(t, s, nil, nil)
	shown := []string{"recommendation_shown p2 p1 n1 detail play 부산", "recommendation_shown p3 p1 n2 detail musical 서울"}
	view := append([]string{"view p1 detail musical 서울"}, shown...)
	for _, tc := range []struct {
		method, target string
		header         []string
		status         int
		want           []string
	}{
		{"GET", "/p/p1", nil, 200, view},
		{"GET", "/p/p2?from=p1&n=1", nil, 200, []string{"view p2 detail play 부산", "recommendation_clicked p2 p1 n1 detail play 부산"}},
		{"GET", "/p/p2?from=p3&n=1", nil, 200, []string{"view p2 detail play 부산"}}, // p3 recommends nothing
		{"GET", "/p/p2?from=p1&n=99", nil, 200, []string{"view p2 detail play 부산"}},
		{"GET", "/p/p2?from=%3Cscript%3E&n=1", nil, 200, []string{"view p2 detail play 부산"}},
		{"GET", "/p/p2", []string{"User-Agent", robot}, 200, []string{"view p2 detail play 부산 b"}},
		{"GET", "/p/p2", []string{"Sec-Purpose", "prefetch"}, 200, []string{"view p2 detail play 부산 pre"}},
		{"HEAD", "/p/p2", nil, 200, []string{"view p2 detail play 부산 pre"}},
		{"GET", "/p/old", nil, 308, nil},
		{"GET", "/p/none", nil, 404, nil},
		{"GET", "/search?q=시라노", nil, 200, []string{"search list 시라노 r1"}},
		{"GET", "/search?q=010-1234-5678+hong@naver.com", nil, 200, []string{"search list [번호] [이메일]"}},
		{"GET", "/search?q=시라노&page=2", nil, 200, nil},
		{"GET", "/search?genre=musical", nil, 200, nil},
		{"GET", "/api/v1/performances?q=등대", nil, 200, []string{"search api 등대 r1"}},
		{"GET", "/api/v1/performances/p3", nil, 200, []string{"view p3 api musical 서울"}},
		{"GET", "/out/o-p2", nil, 302, []string{"offer_click p2 detail o-p2 yes24 play 부산"}},
		{"HEAD", "/out/o-p2", nil, 302, []string{"offer_click p2 detail o-p2 yes24 play 부산 pre"}},
		{"GET", "/out/none", nil, 404, nil},
		{"GET", "/rank", nil, 200, nil}, {"GET", "/", nil, 200, nil},
	} {
		w := ask(h, tc.method, tc.target, "", tc.header...)
		if got := lines(s.take(t)); w.Code != tc.status || !slices.Equal(got, tc.want) {
			t.Errorf("%s %s: %d\n got %q\nwant %q", tc.method, tc.target, w.Code, got, tc.want)
		}
	}
	body := ask(h, "GET", "/p/p1?from=p2&n=1", "").Body.String()
	for _, want := range []string{`<link rel="canonical" href="/p/p1">`, `href="/p/p2?from=p1&amp;n=1"`, `href="/p/p3?from=p1&amp;n=2"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

// brokenQueue hangs or refuses for ever.
type brokenQueue struct{ err error }

func (q brokenQueue) AppendAll(ctx context.Context, _ [][]byte) (uint64, error) {
	if q.err != nil {
		return 0, q.err
	}
	<-ctx.Done()
	return 0, ctx.Err()
}

func (q brokenQueue) Stats() queue.Stats { return queue.Stats{} }

// TestPagesAnswerWhateverTheQueueDoes: with the buffer full and the queue broken every page answers as ever, and what was
// lost is counted.
func TestPagesAnswerWhateverTheQueueDoes(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]brokenQueue{"hangs": {}, "full": {queue.ErrFull}, "fails": {queue.ErrPoisoned}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec := events.NewRecorder(events.Deps{Queue: q, Now: time.Now}, events.Config{Buffer: 2, Grace: time.Millisecond}, slog.New(slog.DiscardHandler))
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan error, 1)
			go func() { done <- rec.Run(ctx) }()
			h := serve(t, newShelf(), rec, nil)
			for _, target := range []string{"/p/p1", "/search?q=x", "/out/o-p1", "/api/v1/performances/p1", "/p/p2?from=p1&n=1"} {
				if w := ask(h, "GET", target, ""); w.Code >= 400 {
					t.Errorf("%s: %d", target, w.Code)
				}
			}
			if st := rec.Stats(); st.Dropped[events.BufferFull] == 0 || st.Dropped[events.Invalid] != 0 {
				t.Errorf("%+v", st)
			}
			cancel()
			must(t, <-done)
		})
	}
}

const post = "/api/v1/events"

func TestReportedEvents(t *testing.T) {
	t.Parallel()
	s := newShelf()
	h := serve(t, s, nil, nil)
	const good = `{"id":"abcd1234","kind":"view","performance_id":"p1","page":"detail"}`
	for name, tc := range map[string]struct {
		body   string
		status int
		want   []string // events kept
		tells  string   // stands in the answer
	}{
		"one":                 {good, 201, []string{"view p1 detail musical 서울"}, `"stored":1`},
		"a list":              {"[" + good + `,{"kind":"search","query":"hong@naver.com 등대","results":2}]`, 201, []string{"view p1 detail musical 서울", "search [이메일] 등대 r2"}, `"stored":2`},
		"an id twice":         {"[" + good + "," + good + "]", 201, []string{"view p1 detail musical 서울"}, `"stored":2`},
		"a merged show":       {`{"kind":"view","performance_id":"old"}`, 201, []string{"view p1 musical 서울"}, ""},
		"a click":             {`{"kind":"offer_click","offer_id":"o-p2"}`, 201, []string{"offer_click p2 o-p2 yes24 play 부산"}, ""},
		"a recommendation":    {`{"kind":"recommendation_clicked","performance_id":"p2","from_id":"p1","position":2}`, 201, []string{"recommendation_clicked p2 p1 n2 play 부산"}, ""},
		"a time of its own":   {`{"kind":"view","performance_id":"p1","occurred_at":"1970-01-01T00:00:00Z"}`, 201, []string{"view p1 musical 서울"}, ""},
		"a time to come":      {`{"kind":"view","performance_id":"p1","occurred_at":"9999-12-31T23:59:59Z"}`, 201, []string{"view p1 musical 서울"}, ""},
		"good and bad":        {"[" + good + `,{"kind":"view","performance_id":"none"},{"kind":"offer_click","offer_id":"none"},{"kind":"login"}]`, 207, []string{"view p1 detail musical 서울"}, `"pointer":"/1/performance_id"`},
		"all bad":             {`[{"kind":"view","performance_id":"none"}]`, 400, nil, `"pointer":"/0/performance_id"`},
		"unknown show":        {`{"kind":"view","performance_id":"none"}`, 400, nil, `"pointer":"/performance_id"`},
		"a click elsewhere":   {`{"kind":"offer_click","offer_id":"o-p2","performance_id":"p1"}`, 400, nil, `/offer_id`},
		"unknown from":        {`{"kind":"recommendation_shown","performance_id":"p2","from_id":"none"}`, 400, nil, `/from_id`},
		"a kind of ours":      {`{"kind":"signup"}`, 400, nil, `"pointer":"/kind"`},
		"no kind":             {`{"performance_id":"p1"}`, 400, nil, `"pointer":"/kind"`},
		"unknown kind":        {`{"kind":"jump"}`, 400, nil, `"pointer":"/kind"`},
		"a field of another":  {`{"kind":"view","performance_id":"p1","query":"x"}`, 400, nil, `query: does not belong`},
		"negative":            {`{"kind":"search","query":"x","results":-1}`, 400, nil, `results`},
		"short id":            {`{"id":"abc","kind":"view","performance_id":"p1"}`, 400, nil, `"pointer":"/id"`},
		"id with an address":  {`{"id":"hong@naver.com","kind":"view","performance_id":"p1"}`, 400, nil, `"pointer":"/id"`},
		"page":                {`{"kind":"view","performance_id":"p1","page":"/etc"}`, 400, nil, `"pointer":"/page"`},
		"somebody else":       {`{"kind":"view","performance_id":"p1","person":"u:victim"}`, 400, nil, `"pointer":"/person"`},
		"another time":        {`{"kind":"view","performance_id":"p1","received_at":"2020-01-01T00:00:00Z"}`, 400, nil, `"pointer":"/received_at"`},
		"unknown field":       {`[` + good + `,{"kind":"view","user_id":7}]`, 400, nil, `"pointer":"/1/user_id"`},
		"case":                {`{"Kind":"view","performance_id":"p1"}`, 400, nil, `"pointer":"/Kind"`},
		"twice":               {`{"kind":"view","kind":"search","performance_id":"p1"}`, 400, nil, `"pointer":"/kind"`},
		"twice, escaped":      {`{"kind":"view","\u006bind":"search","performance_id":"p1"}`, 400, nil, `"pointer":"/kind"`},
		"a number":            {`{"kind":7,"performance_id":"p1"}`, 400, nil, `"pointer":"/kind"`},
		"a fraction":          {`{"kind":"search","query":"x","results":1.5}`, 400, nil, `"pointer":"/results"`},
		"a text for a number": {`{"kind":"search","query":"x","results":"1"}`, 400, nil, `"pointer":"/results"`},
		"null":                {`{"kind":null}`, 400, nil, `"pointer":"/kind"`},
		"an object in it":     {`{"kind":{"a":1},"performance_id":"p1"}`, 400, nil, `"pointer":"/kind"`},
		"no time":             {`{"kind":"view","performance_id":"p1","occurred_at":"gestern"}`, 400, nil, `"pointer":"/occurred_at"`},
		"garbage behind":      {good + `x`, 400, nil, "JSON"},
		"two values":          {good + good, 400, nil, "JSON"},
		"no JSON":             {`kind=view`, 400, nil, "JSON"},
		"cut off":             {`{"kind":"view"`, 400, nil, "JSON"},
		"a text":              {`"view"`, 400, nil, "이벤트"},
		"a list of lists":     {`[[` + good + `]]`, 400, nil, `"pointer":"/0"`},
		"nothing":             {`[]`, 400, nil, "1000"},
		"too many":            {"[" + strings.Repeat("{},", 1000) + "{}]", 400, nil, "1001"},
		"no UTF-8":            {"{\"kind\":\"\xff\"}", 400, nil, "UTF-8"},
		"too large":           {`{"kind":"` + strings.Repeat("x", 70_000) + `"}`, 413, nil, ""},
	} {
		w := ask(serve(t, s, nil, nil), "POST", post, tc.body)
		if got := lines(s.take(t)); w.Code != tc.status || !slices.Equal(got, tc.want) || !strings.Contains(w.Body.String(), tc.tells) {
			t.Errorf("%s: %d %s\n got %q\nwant %q", name, w.Code, w.Body, got, tc.want)
		}
		if w.Code >= 400 && w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %s", name, w.Header().Get("Content-Type"))
		}
	}
	w := ask(h, "POST", post, "["+good+`,{"kind":"view","performance_id":"none"}]`)
	var ans struct {
		Data []struct {
			Index, Status int
			ID            *string
		}
		Stored, Refused int
	}
	must(t, json.Unmarshal(w.Body.Bytes(), &ans))
	if fmt.Sprintf("%d %d %d %d %s %v", ans.Data[0].Status, ans.Data[1].Status, ans.Stored, ans.Refused, *ans.Data[0].ID, ans.Data[1].ID) != "201 400 1 1 abcd1234 <nil>" {
		t.Errorf("%s", w.Body)
	}
	for header, status := range map[string]int{"text/plain;charset=UTF-8": 201, "application/json; charset=utf-8": 201, "application/x-www-form-urlencoded": 415, "text/html": 415} {
		if w := ask(h, "POST", post, good, "Content-Type", header); w.Code != status {
			t.Errorf("%s: %d", header, w.Code)
		}
	}
	if w := ask(h, "POST", post, good, "Sec-Fetch-Site", "cross-site"); w.Code != 403 {
		t.Errorf("from another site: %d", w.Code)
	}
	if w := ask(h, "POST", post, good, "Sec-Fetch-Site", "same-origin"); w.Code != 201 {
		t.Errorf("sendBeacon of our own page: %d", w.Code)
	}
}

func TestReportsAreHonest(t *testing.T) {
	t.Parallel()
	for _, err := range []error{queue.ErrFull, queue.ErrPoisoned, events.ErrBusy, events.ErrStopped, context.DeadlineExceeded} {
		s := newShelf()
		s.refuses = fmt.Errorf("record 1 events: %w", err)
		w := ask(serve(t, s, nil, nil), "POST", post, `{"kind":"view","performance_id":"p1"}`)
		if w.Code != 503 || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), err.Error()) {
			t.Errorf("%v: %d, Retry-After %q, %s", err, w.Code, w.Header().Get("Retry-After"), w.Body)
		}
	}
	s := newShelf()
	s.refuses = errors.New("something nobody foresaw")
	if w := ask(serve(t, s, nil, nil), "POST", post, `{"kind":"view","performance_id":"p1"}`); w.Code != 500 {
		t.Errorf("%d", w.Code)
	}
}

// TestReportsAreBounded: 60 a minute for a network, whoever claims to be whom; other networks do not notice.
func TestReportsAreBounded(t *testing.T) {
	t.Parallel()
	now := testNow()
	s := newShelf()
	h := serve(t, s, nil, func() time.Time { return now })
	send := func(from string) int {
		r := ask(h, "POST", post, `{"kind":"view","performance_id":"p1"}`, "X-Forwarded-For", from)
		if r.Code == http.StatusTooManyRequests && r.Header().Get("Retry-After") != "1" {
			t.Errorf("Retry-After %q", r.Header().Get("Retry-After"))
		}
		return r.Code
	}
	codes := map[int]int{}
	for i := range 100 {
		codes[send(fmt.Sprintf("198.51.100.%d", i))]++
	}
	if codes[201] != 60 || codes[429] != 40 {
		t.Errorf("%v", codes)
	}
	now = now.Add(2 * time.Second)
	if a, b, c := send(""), send(""), send(""); a != 201 || b != 201 || c != 429 {
		t.Errorf("two seconds later: %d %d %d", a, b, c)
	}
	if got := s.take(t); len(got) != 62 || slices.ContainsFunc(got, func(e ticket.Event) bool { return e.Person != got[0].Person }) {
		t.Errorf("%d events, not all of one person", len(got))
	}
}
