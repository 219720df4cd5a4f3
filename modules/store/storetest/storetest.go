// Package storetest is what every store must do, as tests. Run it on a store that nothing else uses.
package storetest

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"ticketmoa/modules/store"
)

// Limits says what a server under test cannot do. The zero value is a server without limits.
type Limits struct {
	Docs              int  // how many documents a large case writes; 1000 when 0
	NoConcurrency     bool // its updates are not atomic
	NoDuplicateUpdate bool // it reports a duplicate by update as another error
	PlainPaths        bool // it cannot index paths with quotes in them, nor two that differ only in case
}

type place struct {
	Name   string `bson:"name"`
	Region string `bson:"region,omitempty"`
}

type item struct {
	ID      string     `bson:"_id"`
	Version int64      `bson:"version"`
	Title   string     `bson:"title"`
	Email   string     `bson:"email,omitempty"`
	Place   place      `bson:"place"`
	Score   *int       `bson:"score"` // null when nil
	Rank    int        `bson:"rank,omitempty"`
	Done    bool       `bson:"done"`
	At      *time.Time `bson:"at,omitempty"`
	Tags    []string   `bson:"tags,omitempty"`
	Offers  []offer    `bson:"offers,omitempty"`
	Owner   string     `bson:"owner,omitempty"`
}

type offer struct {
	Seller string `bson:"seller"`
}

func spec(name string) store.Spec {
	return store.Spec{Name: name, Fields: []store.Field{
		{Path: "title", Index: true},
		{Path: "email", Unique: true},
		{Path: "place.region", Index: true},
		{Path: "score"},
		{Path: "rank", Index: true},
		{Path: "done"},
		{Path: "at", Index: true},
		{Path: "tags", Array: true},
		{Path: "offers.seller", Array: true},
		{Path: "owner"},
	}}
}

// suite runs one case on a collection of its own.
type suite struct {
	open   func(t *testing.T) store.Store
	limits Limits
}

func (s suite) collection(t *testing.T, name string) store.Collection {
	t.Helper()
	st := s.open(t)
	c, err := st.Collection(t.Context(), spec(name))
	must(t, err)
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

func at(minute int) *time.Time {
	v := time.Date(2024, 12, 6, 14, minute, 0, 0, time.UTC)
	return &v
}

func number(n int) *int { return &n }

// Run runs every case. open returns a store that is empty of the collections named test_…; it is called once a case.
func Run(t *testing.T, open func(t *testing.T) store.Store, limits Limits) {
	if limits.Docs == 0 {
		limits.Docs = 1000
	}
	s := suite{open: open, limits: limits}
	for _, c := range []struct {
		name string
		run  func(t *testing.T)
	}{
		{"get, insert and upsert", s.basics},
		{"what comes back", s.roundTrip},
		{"unique", s.unique},
		{"replace", s.replace},
		{"conditions", s.conditions},
		{"order and limit", s.order},
		{"refused queries", s.refused},
		{"group count", s.groupCount},
		{"update where", s.updateWhere},
		{"delete where", s.deleteWhere},
		{"inc", s.inc},
		{"claim", s.claim},
		{"scan", s.scan},
		{"many documents", s.many},
		{"hostile text", s.hostile},
		{"races", s.races},
		{"spec", s.specs},
		{"cancelled", s.cancelled},
		{"later and flush", s.later},
	} {
		t.Run(c.name, c.run)
	}
}

// Quiet is a logger for tests.
func Quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func (s suite) basics(t *testing.T) {
	ctx := t.Context()
	c := s.collection(t, "test_basics")
	var got item
	wantErr(t, "get of nothing", c.Get(ctx, "a", &got), store.ErrNotFound)
	must(t, c.Insert(ctx, item{ID: "a", Title: "하나"}))
	wantErr(t, "insert twice", c.Insert(ctx, item{ID: "a", Title: "둘"}), store.ErrDuplicate)
	must(t, c.Get(ctx, "a", &got))
	if got.Title != "하나" {
		t.Errorf("got %q, want the first document", got.Title)
	}
	must(t, c.Upsert(ctx, item{ID: "a", Title: "셋", Tags: []string{"x"}}, &item{ID: "b", Title: "넷"}))
	must(t, c.Upsert(ctx))
	got = item{}
	must(t, c.Get(ctx, "a", &got))
	if got.Title != "셋" {
		t.Errorf("got %q after upsert", got.Title)
	}
	n, err := c.Count(ctx)
	must(t, err)
	if n != 2 {
		t.Errorf("%d documents, want 2", n)
	}
	for _, doc := range []any{item{}, struct{}{}, struct {
		ID int `bson:"_id"`
	}{1}, 3, nil} {
		wantErr(t, fmt.Sprintf("insert %T", doc), c.Insert(ctx, doc), store.ErrBadDocument)
		wantErr(t, fmt.Sprintf("upsert %T", doc), c.Upsert(ctx, doc), store.ErrBadDocument)
	}
}

func (s suite) roundTrip(t *testing.T) {
	ctx := t.Context()
	c := s.collection(t, "test_roundtrip")
	seoul := time.FixedZone("Asia/Seoul", 9*3600)
	when := time.Date(2024, 12, 6, 14, 0, 0, 123_456_789, seoul)
	must(t, c.Insert(ctx, item{ID: "뮤지컬〈시라노〉 \"'\x01", Title: "👏 가\u0301", At: &when, Score: number(-3), Tags: []string{"가", ""}}))
	var got item
	must(t, c.Get(ctx, "뮤지컬〈시라노〉 \"'\x01", &got))
	if got.At == nil || !got.At.Equal(when.Truncate(time.Millisecond)) || got.At.Location() != time.UTC {
		t.Errorf("time came back as %v, want %v in UTC", got.At, when.UTC())
	}
	if got.Title != "👏 가\u0301" || got.Score == nil || *got.Score != -3 || fmt.Sprint(got.Tags) != "[가 ]" || got.Email != "" {
		t.Errorf("got %+v", got)
	}
	var loose map[string]any
	must(t, c.Get(ctx, got.ID, &loose))
	if _, there := loose["email"]; there {
		t.Error("a field that was left out is there")
	}
}

func (s suite) unique(t *testing.T) {
	ctx := t.Context()
	c := s.collection(t, "test_unique")
	must(t, c.Insert(ctx, item{ID: "a", Version: 1, Email: "a@x.kr"}))
	wantErr(t, "second with the same email", c.Insert(ctx, item{ID: "b", Email: "a@x.kr"}), store.ErrDuplicate)
	must(t, c.Insert(ctx, item{ID: "c"}))
	must(t, c.Insert(ctx, item{ID: "d"}))
	must(t, c.Insert(ctx, item{ID: "e", Version: 1, Email: "e@x.kr"}))
	if !s.limits.NoDuplicateUpdate {
		wantErr(t, "replace", c.Replace(ctx, item{ID: "e", Version: 2, Email: "a@x.kr"}, 1), store.ErrDuplicate)
		wantErr(t, "upsert", c.Upsert(ctx, item{ID: "e", Email: "a@x.kr"}), store.ErrDuplicate)
		_, err := c.UpdateWhere(ctx, map[string]any{"email": "a@x.kr"}, store.Cond{Field: "_id", Op: store.Eq, Value: "e"})
		wantErr(t, "update", err, store.ErrDuplicate)
	}
	var got item
	must(t, c.Get(ctx, "e", &got))
	if got.Email != "e@x.kr" {
		t.Errorf("a refused write changed the document: %+v", got)
	}
	_, err := c.DeleteWhere(ctx, store.Cond{Field: "email", Op: store.Eq, Value: "a@x.kr"})
	must(t, err)
	must(t, c.Insert(ctx, item{ID: "b", Email: "a@x.kr"}))
}

func (s suite) replace(t *testing.T) {
	ctx := t.Context()
	c := s.collection(t, "test_replace")
	wantErr(t, "replace of nothing", c.Replace(ctx, item{ID: "a", Version: 1}, 0), store.ErrConflict)
	must(t, c.Insert(ctx, item{ID: "a", Version: 1, Title: "one"}))
	must(t, c.Replace(ctx, item{ID: "a", Version: 2, Title: "two"}, 1))
	wantErr(t, "stale replace", c.Replace(ctx, item{ID: "a", Version: 2, Title: "stale"}, 1), store.ErrConflict)
	wantErr(t, "replace from the future", c.Replace(ctx, item{ID: "a", Version: 9}, 8), store.ErrConflict)
	var got item
	must(t, c.Get(ctx, "a", &got))
	if got.Title != "two" || got.Version != 2 {
		t.Errorf("got %+v, want version 2", got)
	}
	type plain struct {
		ID string `bson:"_id"`
	}
	must(t, c.Insert(ctx, plain{ID: "no version"}))
	must(t, c.Replace(ctx, item{ID: "no version", Version: 1}, 0))
}

func (s suite) cancelled(t *testing.T) {
	c := s.collection(t, "test_cancelled")
	ctx, cancel := contextCancelled(t)
	cancel()
	if err := c.Insert(ctx, item{ID: "a"}); err == nil {
		t.Error("a write with a cancelled context succeeded")
	}
	if err := c.Get(ctx, "a", &item{}); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("a read with a cancelled context: %v", err)
	}
	must(t, c.Insert(t.Context(), item{ID: "a"}))
}
