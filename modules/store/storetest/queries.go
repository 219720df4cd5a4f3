package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/store"
)

type region string

// stock are the documents most queries are asked about.
func stock(t *testing.T, c store.Collection) {
	t.Helper()
	must(t, c.Upsert(t.Context(),
		item{ID: "1", Title: "가", Place: place{Region: "서울"}, Score: number(3), Rank: 1, At: at(1), Tags: []string{"family", "festival"}, Email: "1"},
		item{ID: "2", Title: "나", Place: place{Region: "부산"}, Score: number(1), Rank: 2, At: at(2), Tags: []string{"family"}, Done: true, Email: "2"},
		item{ID: "3", Title: "a", Place: place{Region: "서울"}, Score: nil, Rank: 2, Offers: []offer{{"yes24"}, {"melon"}}, Email: "3"},
		item{ID: "4", Title: "B", Place: place{}, Score: number(-5), At: at(4), Offers: []offer{{"yes24"}}, Email: "4"},
		item{ID: "5", Title: "", Place: place{Region: "대구"}, Score: number(0), Rank: 3, At: at(5), Tags: []string{}, Done: true, Email: "5"},
	))
}

func ids(t *testing.T, c store.Collection, q store.Query) string {
	t.Helper()
	var got []item
	if err := c.Find(t.Context(), q, &got); err != nil {
		t.Errorf("find %+v: %v", q, err)
	}
	var out []string
	for _, d := range got {
		out = append(out, d.ID)
	}
	return strings.Join(out, " ")
}

func (s suite) conditions(t *testing.T) {
	c := s.collection(t, "test_conditions")
	stock(t, c)
	tests := []struct {
		field string
		op    store.Op
		value any
		want  string
	}{
		{"_id", store.Eq, "3", "3"},
		{"_id", store.Gt, "3", "4 5"},
		{"_id", store.In, []string{"5", "1", "9"}, "1 5"},
		{"title", store.Eq, "가", "1"},
		{"title", store.Eq, "A", ""},
		{"title", store.Eq, "", "5"},
		{"title", store.Gte, "a", "1 2 3"},
		{"place.region", store.Eq, region("서울"), "1 3"},
		{"place.region", store.Ne, "서울", "2 4 5"},
		{"place.region", store.In, []region{"부산", "대구"}, "2 5"},
		{"place.region", store.In, []string{}, ""},
		{"place.region", store.In, []string(nil), ""},
		{"place.region", store.Missing, nil, "4"},
		{"place.region", store.Present, nil, "1 2 3 5"},
		{"score", store.Missing, nil, "3"}, // null
		{"score", store.Present, nil, "1 2 4 5"},
		{"score", store.Eq, 0, "5"},
		{"score", store.Lt, int64(1), "4 5"},
		{"score", store.Lte, 1, "2 4 5"},
		{"score", store.Gt, 0.5, "1 2"},
		{"score", store.Ne, 3, "2 3 4 5"},
		{"rank", store.Missing, nil, "4"},
		{"done", store.Eq, true, "2 5"},
		{"done", store.Eq, false, "1 3 4"},
		{"done", store.Ne, true, "1 3 4"},
		{"at", store.Eq, *at(2), "2"},
		{"at", store.Gte, *at(2), "2 4 5"},
		{"at", store.Lt, at(2).In(time.FixedZone("KST", 9*3600)), "1"},
		{"at", store.Lt, at(2), "1"},
		{"at", store.Missing, nil, "3"},
		{"tags", store.Eq, "family", "1 2"},
		{"tags", store.Ne, "family", "3 4 5"},
		{"tags", store.In, []string{"festival", "none"}, "1"},
		{"tags", store.In, []string{}, ""},
		{"tags", store.Eq, "fam", ""},
		{"offers.seller", store.Eq, "yes24", "3 4"},
		{"offers.seller", store.Eq, "melon", "3"},
	}
	for _, tt := range tests {
		cond := store.Cond{Field: tt.field, Op: tt.op, Value: tt.value}
		if got := ids(t, c, store.Query{Where: []store.Cond{cond}}); got != tt.want {
			t.Errorf("%s %s %v: got %q, want %q", tt.field, tt.op, tt.value, got, tt.want)
		}
		n, err := c.Count(t.Context(), cond)
		if err != nil || n != int64(len(strings.Fields(tt.want))) {
			t.Errorf("count %s %s %v: %d, %v; want %d", tt.field, tt.op, tt.value, n, err, len(strings.Fields(tt.want)))
		}
	}
	both := []store.Cond{{Field: "score", Op: store.Gte, Value: 0}, {Field: "score", Op: store.Lt, Value: 3}, {Field: "done", Op: store.Eq, Value: true}}
	if got := ids(t, c, store.Query{Where: both}); got != "2 5" {
		t.Errorf("three conditions: got %q, want 2 5", got)
	}
	// After a change the old values are gone from every index.
	must(t, c.Upsert(t.Context(), item{ID: "1", Title: "다", Tags: []string{"new"}, Email: "1"}))
	for field, old := range map[string]any{"title": "가", "tags": "family"} {
		got := ids(t, c, store.Query{Where: []store.Cond{{Field: field, Op: store.Eq, Value: old}, {Field: "_id", Op: store.Eq, Value: "1"}}})
		if got != "" {
			t.Errorf("%s is still found by %v", field, old)
		}
	}
}

func (s suite) order(t *testing.T) {
	c := s.collection(t, "test_order")
	stock(t, c)
	tests := []struct {
		q    store.Query
		want string
	}{
		{store.Query{}, "1 2 3 4 5"},
		{store.Query{OrderBy: "_id", Desc: true}, "5 4 3 2 1"},
		{store.Query{Limit: 2}, "1 2"},
		{store.Query{OrderBy: "title"}, "5 4 3 1 2"}, // by bytes: "" B a 가 나
		{store.Query{OrderBy: "score"}, "3 4 5 2 1"}, // null first
		{store.Query{OrderBy: "score", Desc: true, Limit: 3}, "1 2 5"},
		{store.Query{OrderBy: "rank"}, "4 1 2 3 5"}, // missing first, a tie by _id
		{store.Query{OrderBy: "rank", Desc: true}, "5 2 3 1 4"},
		{store.Query{OrderBy: "place.region"}, "4 5 2 1 3"},
		{store.Query{OrderBy: "at", Desc: true, Where: []store.Cond{{Field: "at", Op: store.Present}}}, "5 4 2 1"},
		{store.Query{OrderBy: "done", Limit: 4}, "1 3 4 2"},
	}
	for _, tt := range tests {
		if got := ids(t, c, tt.q); got != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.q, got, tt.want)
		}
	}
	none := []item{{ID: "before"}}
	must(t, c.Find(t.Context(), store.Query{Where: []store.Cond{{Field: "title", Op: store.Eq, Value: "none"}}}, &none))
	if none == nil || len(none) != 0 {
		t.Errorf("nothing found gave %v, want an empty slice", none)
	}
	var pointers []*item
	must(t, c.Find(t.Context(), store.Query{Limit: 1}, &pointers))
	if len(pointers) != 1 || pointers[0].ID != "1" {
		t.Errorf("got %v, want pointers to documents", pointers)
	}
}

func (s suite) refused(t *testing.T) {
	ctx := t.Context()
	c := s.collection(t, "test_refused")
	var out []item
	cond := func(field string, op store.Op, v any) store.Query {
		return store.Query{Where: []store.Cond{{Field: field, Op: op, Value: v}}}
	}
	tests := []struct {
		name string
		q    store.Query
		want error
	}{
		{"undeclared", cond("secret", store.Eq, "x"), store.ErrNotDeclared},
		{"an operator as a field", cond("$where", store.Eq, "x"), store.ErrNotDeclared},
		{"order by undeclared", store.Query{OrderBy: "secret"}, store.ErrNotDeclared},
		{"order by array", store.Query{OrderBy: "tags"}, store.ErrBadQuery},
		{"nil", cond("title", store.Eq, nil), store.ErrBadQuery},
		{"an operator as a value", cond("title", store.Eq, map[string]any{"$ne": ""}), store.ErrBadQuery},
		{"In of one", cond("title", store.In, "x"), store.ErrBadQuery},
		{"In of numbers", cond("rank", store.In, []int{1}), store.ErrBadQuery},
		{"unknown comparison", cond("title", "regex", "x"), store.ErrBadQuery},
		{"range of an array", cond("tags", store.Lt, "x"), store.ErrBadQuery},
		{"number in an array of strings", cond("tags", store.Eq, 1), store.ErrBadQuery},
	}
	for _, tt := range tests {
		wantErr(t, tt.name, c.Find(ctx, tt.q, &out), tt.want)
	}
	wantErr(t, "no slice", c.Find(ctx, store.Query{}, &item{}), store.ErrBadQuery)
	wantErr(t, "no pointer", c.Find(ctx, store.Query{}, out), store.ErrBadQuery)
	_, err := c.GroupCount(ctx, "secret")
	wantErr(t, "group by undeclared", err, store.ErrNotDeclared)
	for _, set := range []map[string]any{nil, {"_id": "x"}, {"a": 1, "a.b": 2}, {"$set": 1}, {"a..b": 1}} {
		_, err := c.UpdateWhere(ctx, set)
		wantErr(t, fmt.Sprint("set ", set), err, store.ErrBadQuery)
		wantErr(t, fmt.Sprint("claim ", set), c.Claim(ctx, set, nil, store.Query{}), store.ErrBadQuery)
	}
	_, err = c.Inc(ctx, "", "n", 1)
	wantErr(t, "inc without an id", err, store.ErrBadQuery)
}

func (s suite) groupCount(t *testing.T) {
	ctx := t.Context()
	c := s.collection(t, "test_group")
	stock(t, c)
	tests := []struct {
		field string
		where []store.Cond
		want  map[string]int64
	}{
		{"place.region", nil, map[string]int64{"서울": 2, "부산": 1, "대구": 1, "": 1}},
		{"rank", nil, map[string]int64{"1": 1, "2": 2, "3": 1, "": 1}},
		{"done", nil, map[string]int64{"true": 2, "false": 3}},
		{"tags", nil, map[string]int64{"family": 2, "festival": 1}},
		{"offers.seller", nil, map[string]int64{"yes24": 2, "melon": 1}},
		{"place.region", []store.Cond{{Field: "done", Op: store.Eq, Value: true}}, map[string]int64{"부산": 1, "대구": 1}},
		{"tags", []store.Cond{{Field: "tags", Op: store.Eq, Value: "festival"}}, map[string]int64{"family": 1, "festival": 1}},
		{"title", []store.Cond{{Field: "_id", Op: store.Eq, Value: "9"}}, map[string]int64{}},
	}
	for _, tt := range tests {
		got, err := c.GroupCount(ctx, tt.field, tt.where...)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(tt.want) {
			t.Errorf("by %s where %v: got %v, %v; want %v", tt.field, tt.where, got, err, tt.want)
		}
	}
}

func (s suite) scan(t *testing.T) {
	ctx := t.Context()
	c := s.collection(t, "test_scan")
	n := min(s.limits.Docs, 450)
	var docs []any
	for i := range n {
		docs = append(docs, item{ID: fmt.Sprintf("%04d", i), Email: fmt.Sprint(i)})
	}
	must(t, c.Upsert(ctx, docs...))
	var seen []string
	err := c.Scan(ctx, func(decode func(out any) error) error {
		var d item
		if err := decode(&d); err != nil {
			return err
		}
		seen = append(seen, d.ID)
		d.Title = "seen"
		return c.Upsert(ctx, d)
	})
	must(t, err)
	if len(seen) != n || !slices.IsSorted(seen) {
		t.Errorf("%d of %d documents, sorted: %v", len(seen), n, slices.IsSorted(seen))
	}
	if got, err := c.Count(ctx, store.Cond{Field: "title", Op: store.Eq, Value: "seen"}); err != nil || got != int64(n) {
		t.Errorf("%d written while scanning, %v; want %d", got, err, n)
	}
	stop := errors.New("enough")
	calls := 0
	err = c.Scan(ctx, func(func(any) error) error {
		if calls++; calls == 3 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || calls != 3 {
		t.Errorf("got %v after %d calls, want the function's own error after 3", err, calls)
	}
}

func (s suite) many(t *testing.T) {
	ctx := t.Context()
	c := s.collection(t, "test_many")
	var docs []any
	for i := range s.limits.Docs {
		docs = append(docs, item{ID: fmt.Sprint(i), Title: strings.Repeat("가", 500), Rank: i % 7, Email: fmt.Sprint(i)})
	}
	for range 2 {
		must(t, c.Upsert(ctx, docs...))
	}
	var all []item
	must(t, c.Find(ctx, store.Query{}, &all))
	if len(all) != s.limits.Docs {
		t.Errorf("%d documents, want %d", len(all), s.limits.Docs)
	}
	var wanted []string
	for i := range s.limits.Docs / 2 {
		wanted = append(wanted, fmt.Sprint(i))
	}
	n, err := c.Count(ctx, store.Cond{Field: "_id", Op: store.In, Value: wanted})
	must(t, err)
	if n != int64(len(wanted)) {
		t.Errorf("In with %d values found %d", len(wanted), n)
	}
}

func contextCancelled(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}
