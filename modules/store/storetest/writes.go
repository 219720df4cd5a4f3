package storetest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketmoa/modules/store"
)

func (s suite) updateWhere(t *testing.T) {
	ctx := t.Context()
	c := s.collection(t, "test_update")
	stock(t, c)
	seoul := store.Cond{Field: "place.region", Op: store.Eq, Value: "서울"}
	when := time.Date(2025, 1, 1, 0, 0, 0, 5_999_999, time.UTC)
	n, err := c.UpdateWhere(ctx, map[string]any{
		"place.region": "경기", "at": when, "score": nil, "tags": []string{"moved"}, "place.extra.deep": 1,
	}, seoul)
	must(t, err)
	if n != 2 {
		t.Errorf("%d updated, want 2", n)
	}
	var got item
	must(t, c.Get(ctx, "1", &got))
	if got.Place.Region != "경기" || got.Title != "가" || got.At == nil || !got.At.Equal(when.Truncate(time.Millisecond)) || got.Score != nil {
		t.Errorf("got %+v", got)
	}
	var loose struct {
		Score any `bson:"score"`
		Place struct {
			Extra struct {
				Deep int `bson:"deep"`
			} `bson:"extra"`
		} `bson:"place"`
	}
	loose.Score = "untouched"
	must(t, c.Get(ctx, "1", &loose))
	if loose.Score != "untouched" || loose.Place.Extra.Deep != 1 {
		t.Errorf("unset left %v, deep is %d", loose.Score, loose.Place.Extra.Deep)
	}
	for q, want := range map[store.Cond]string{
		seoul: "",
		{Field: "place.region", Op: store.Eq, Value: "경기"}: "1 3",
		{Field: "tags", Op: store.Eq, Value: "moved"}:      "1 3",
		{Field: "tags", Op: store.Eq, Value: "family"}:     "2",
		{Field: "score", Op: store.Missing}:                "1 3",
	} {
		if got := ids(t, c, store.Query{Where: []store.Cond{q}}); got != want {
			t.Errorf("after the update, %+v: got %q, want %q", q, got, want)
		}
	}
	var none *time.Time
	n, err = c.UpdateWhere(ctx, map[string]any{"at": none})
	must(t, err)
	if left, err := c.Count(ctx, store.Cond{Field: "at", Op: store.Present}); err != nil || n != 5 || left != 0 {
		t.Errorf("a nil pointer unset %d of 5, %d left, %v", n, left, err)
	}
	if n, err := c.UpdateWhere(ctx, map[string]any{"title": "x"}, store.Cond{Field: "_id", Op: store.Eq, Value: "9"}); err != nil || n != 0 {
		t.Errorf("update of nothing: %d, %v", n, err)
	}
}

func (s suite) deleteWhere(t *testing.T) {
	ctx := t.Context()
	c := s.collection(t, "test_delete")
	stock(t, c)
	n, err := c.DeleteWhere(ctx, store.Cond{Field: "tags", Op: store.Eq, Value: "family"})
	must(t, err)
	if got := ids(t, c, store.Query{}); n != 2 || got != "3 4 5" {
		t.Errorf("%d deleted, left %q; want 2 and 3 4 5", n, got)
	}
	n, err = c.DeleteWhere(ctx, store.Cond{Field: "at", Op: store.Lt, Value: *at(5)})
	must(t, err)
	if got := ids(t, c, store.Query{}); n != 1 || got != "3 5" {
		t.Errorf("%d deleted, left %q; want 1 and 3 5", n, got)
	}
	// A new document under an old id has nothing of the old one.
	must(t, c.Insert(ctx, item{ID: "1", Email: "1"}))
	if got := ids(t, c, store.Query{Where: []store.Cond{{Field: "tags", Op: store.Eq, Value: "festival"}}}); got != "" {
		t.Errorf("members of a deleted document are found: %q", got)
	}
	n, err = c.DeleteWhere(ctx)
	must(t, err)
	if left, err := c.Count(ctx); err != nil || n != 3 || left != 0 {
		t.Errorf("delete all: %d, %d left, %v", n, left, err)
	}
}

func (s suite) inc(t *testing.T) {
	ctx := t.Context()
	c := s.collection(t, "test_inc")
	for i, want := range []int64{5, 3, 3} {
		got, err := c.Inc(ctx, "a", "rank", []int64{5, -2, 0}[i])
		if err != nil || got != want {
			t.Errorf("got %d, %v; want %d", got, err, want)
		}
	}
	must(t, c.Upsert(ctx, item{ID: "b", Title: "kept", Rank: 1, Email: "b"}))
	if got, err := c.Inc(ctx, "b", "count.views", 2); err != nil || got != 2 {
		t.Errorf("got %d, %v; want 2 in a new field", got, err)
	}
	if _, err := c.Inc(ctx, "b", "title", 1); err == nil {
		t.Error("a text was counted")
	}
	var got item
	must(t, c.Get(ctx, "b", &got))
	if got.Title != "kept" || got.Rank != 1 {
		t.Errorf("got %+v", got)
	}
	if found := ids(t, c, store.Query{Where: []store.Cond{{Field: "rank", Op: store.Eq, Value: 3}}}); found != "a" {
		t.Errorf("a counted field is found at %q, want a", found)
	}
}

func (s suite) claim(t *testing.T) {
	ctx := t.Context()
	c := s.collection(t, "test_claim")
	stock(t, c)
	free := store.Query{Where: []store.Cond{{Field: "owner", Op: store.Missing}, {Field: "at", Op: store.Present}}, OrderBy: "at", Desc: true}
	for _, want := range []string{"5", "4", "2", "1"} {
		var got item
		must(t, c.Claim(ctx, map[string]any{"owner": "me"}, &got, free))
		if got.ID != want || got.Owner != "me" {
			t.Errorf("claimed %+v, want %s", got, want)
		}
	}
	wantErr(t, "nothing left", c.Claim(ctx, map[string]any{"owner": "me"}, nil, free), store.ErrNotFound)
	must(t, c.Claim(ctx, map[string]any{"owner": nil}, nil, store.Query{Where: []store.Cond{{Field: "_id", Op: store.Eq, Value: "4"}}}))
	if got := ids(t, c, store.Query{Where: free.Where}); got != "4" {
		t.Errorf("given back: %q, want 4", got)
	}
}

func (s suite) hostile(t *testing.T) {
	ctx := t.Context()
	st := s.open(t)
	paths := []string{`a"b`, `a'b`, "a`b; DROP TABLE x", "한글.경로", "id", "version", "body", "aB", "ab", "AB", "arrays/id"}
	var fields []store.Field
	for _, p := range paths {
		if s.limits.PlainPaths && (strings.ContainsAny(p, "\"'`") || p != strings.ToLower(p)) {
			continue
		}
		fields = append(fields, store.Field{Path: p, Index: true})
	}
	fields = append(fields, store.Field{Path: "arrays.of", Array: true})
	c, err := st.Collection(ctx, store.Spec{Name: "test_hostile", Fields: fields})
	must(t, err)
	must(t, c.Insert(ctx, map[string]any{"_id": "x"}))
	for i, f := range fields {
		var v any = fmt.Sprintf(`v%d'"; --`, i)
		if f.Array {
			v = []string{v.(string)}
		}
		if f.Path == "version" {
			v = int64(7)
		}
		_, err := c.UpdateWhere(ctx, map[string]any{f.Path: v})
		must(t, err)
		if f.Array {
			v = v.([]string)[0]
		}
		n, err := c.Count(ctx, store.Cond{Field: f.Path, Op: store.Eq, Value: v})
		if err != nil || n != 1 {
			t.Errorf("path %q: %d found, %v; want 1", f.Path, n, err)
		}
	}
	var got map[string]any
	wantErr(t, "hostile id", c.Get(ctx, `' OR '1'='1`, &got), store.ErrNotFound)
}

func (s suite) races(t *testing.T) {
	if s.limits.NoConcurrency {
		t.Skip("updates of this server are not atomic")
	}
	ctx := t.Context()
	c := s.collection(t, "test_races")
	const workers, each = 8, 25
	must(t, c.Insert(ctx, item{ID: "cas", Version: 1}))
	for i := range workers {
		must(t, c.Insert(ctx, item{ID: fmt.Sprint("job", i), Title: "job"}))
	}
	var mu sync.Mutex
	var wins, inserted int
	claimed := map[string]int{}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for range each {
				if _, err := c.Inc(ctx, "counter", "rank", 1); err != nil {
					t.Errorf("inc: %v", err)
				}
			}
			cas := c.Replace(ctx, item{ID: "cas", Version: 2, Owner: fmt.Sprint(w)}, 1)
			ins := c.Insert(ctx, item{ID: fmt.Sprint("mail", w), Email: "one@x.kr"})
			var job item
			claim := c.Claim(ctx, map[string]any{"owner": fmt.Sprint(w)}, &job, store.Query{Where: []store.Cond{
				{Field: "title", Op: store.Eq, Value: "job"}, {Field: "owner", Op: store.Missing}}})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case cas == nil:
				wins++
			case !errors.Is(cas, store.ErrConflict):
				t.Errorf("replace: %v", cas)
			}
			switch {
			case ins == nil:
				inserted++
			case !errors.Is(ins, store.ErrDuplicate):
				t.Errorf("insert: %v", ins)
			}
			if claim != nil {
				t.Errorf("claim: %v", claim)
			}
			claimed[job.ID]++
		})
	}
	wg.Wait()
	if sum, err := c.Inc(ctx, "counter", "rank", 0); err != nil || sum != workers*each {
		t.Errorf("counted to %d, %v; want %d", sum, err, workers*each)
	}
	if wins != 1 || inserted != 1 || len(claimed) != workers {
		t.Errorf("%d compare-and-set winners, %d inserts of one email, %d different claims; want 1, 1 and %d", wins, inserted, len(claimed), workers)
	}
}

func (s suite) specs(t *testing.T) {
	ctx := t.Context()
	st := s.open(t)
	for _, bad := range []store.Spec{
		{}, {Name: "Upper"}, {Name: `x"y`}, {Name: "test_x", Fields: []store.Field{{Path: ""}}},
		{Name: "test_x", Fields: []store.Field{{Path: "a"}, {Path: "a"}}}, {Name: "test_x", Fields: []store.Field{{Path: "_id"}}},
		{Name: "test_x", Fields: []store.Field{{Path: "a", Array: true, Unique: true}}}, {Name: "test_x", Fields: []store.Field{{Path: "$a"}}},
	} {
		_, err := st.Collection(ctx, bad)
		wantErr(t, fmt.Sprintf("spec %+v", bad), err, store.ErrBadQuery)
	}
	one := store.Spec{Name: "test_spec", Fields: []store.Field{{Path: "a", Index: true}}}
	for range 2 {
		_, err := st.Collection(ctx, one)
		must(t, err)
	}
	_, err := st.Collection(ctx, store.Spec{Name: "test_spec"})
	wantErr(t, "two specs for one collection", err, store.ErrBadQuery)
	must(t, st.Ping(ctx))
}

// later: what is written under Later is seen at once, by readers and by further writes, and Flush may come at any time.
func (s suite) later(t *testing.T) {
	st := s.open(t)
	c, err := st.Collection(t.Context(), spec("test_later"))
	must(t, err)
	must(t, st.Flush(t.Context()))
	ctx := store.Later(t.Context())
	must(t, c.Insert(ctx, item{ID: "a", Version: 1, Title: "first"}))
	wantErr(t, "insert again", c.Insert(ctx, item{ID: "a"}), store.ErrDuplicate)
	must(t, c.Replace(ctx, item{ID: "a", Version: 2, Title: "second"}, 1))
	var got item
	must(t, c.Get(t.Context(), "a", &got))
	if got.Title != "second" {
		t.Errorf("%+v", got)
	}
	must(t, st.Flush(ctx))
	must(t, st.Flush(t.Context()))
}
