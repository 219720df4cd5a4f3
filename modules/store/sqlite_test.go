package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ticketmoa/modules/store"
	"ticketmoa/modules/store/storetest"
)

const childFile = "TM_STORE_TEST_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childFile); path != "" {
		fmt.Fprintln(os.Stderr, writeForever(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func openSQLite(t testing.TB, path string) store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), "", path, storetest.Quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) store.Store {
		return openSQLite(t, filepath.Join(t.TempDir(), "it's 가 #1?.db"))
	}, storetest.Limits{})
}

type note struct {
	ID   string   `bson:"_id"`
	Text string   `bson:"text"`
	Body string   `bson:"body,omitempty"`
	Tags []string `bson:"tags"`
}

var noteSpec = store.Spec{Name: "notes", Fields: []store.Field{{Path: "text", Index: true}, {Path: "tags", Array: true}}}

func TestDeclaredFieldsMayChange(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "a.db")
	steps := []struct {
		name   string
		fields []store.Field
		text   int64 // found by text, -1 when it is not declared
		tag    int64
	}{
		{"nothing declared", nil, -1, -1},
		{"text appears", []store.Field{{Path: "text"}}, 1, -1},
		{"text gets an index, tags appear", []store.Field{{Path: "tags", Array: true}, {Path: "text", Index: true}}, 1, 300},
		{"text becomes unique", []store.Field{{Path: "tags", Array: true}, {Path: "text", Unique: true}}, 1, 300},
		{"tags are no array", []store.Field{{Path: "tags"}}, -1, 0},
		{"all back", []store.Field{{Path: "text", Index: true}, {Path: "tags", Array: true}}, 1, 300},
	}
	for i, step := range steps {
		s, err := store.OpenSQLite(ctx, path, storetest.Quiet())
		if err != nil {
			t.Fatal(err)
		}
		c, err := s.Collection(ctx, store.Spec{Name: "notes", Fields: step.fields})
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if i == 0 {
			for n := range 300 {
				if err := c.Upsert(ctx, note{ID: fmt.Sprint(n), Text: fmt.Sprint("text", n), Tags: []string{"all"}}); err != nil {
					t.Fatal(err)
				}
			}
		}
		for field, want := range map[string]int64{"text": step.text, "tags": step.tag} {
			value := map[string]string{"text": "text7", "tags": "all"}[field]
			n, err := c.Count(ctx, store.Cond{Field: field, Op: store.Eq, Value: value})
			if want < 0 && !errors.Is(err, store.ErrNotDeclared) || want >= 0 && (err != nil || n != want) {
				t.Errorf("%s: by %s %d, %v; want %d", step.name, field, n, err, want)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestUniqueOverDuplicatesIsRefused(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "a.db")
	s, err := store.OpenSQLite(ctx, path, storetest.Quiet())
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Collection(ctx, noteSpec)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Upsert(ctx, note{ID: "a", Text: "same"}, note{ID: "b", Text: "same"}), s.Close()); err != nil {
		t.Fatal(err)
	}
	s = openSQLite(t, path)
	_, err = s.Collection(ctx, store.Spec{Name: "notes", Fields: []store.Field{{Path: "text", Unique: true}}})
	if !errors.Is(err, store.ErrDuplicate) {
		t.Errorf("got %v, want ErrDuplicate", err)
	}
	if _, err := s.Collection(ctx, noteSpec); err != nil {
		t.Errorf("the old spec no longer works: %v", err)
	}
}

func TestFileIsPrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "a.db")
	c, err := openSQLite(t, path).Collection(t.Context(), noteSpec)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Insert(t.Context(), note{ID: "a"}); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) < 2 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v; want 0600", f, info.Mode(), err)
		}
	}
}

// writeForever prints the id of every document after its write returned.
func writeForever(path string) error {
	ctx := context.Background()
	s, err := store.OpenSQLite(ctx, path, storetest.Quiet())
	if err != nil {
		return err
	}
	c, err := s.Collection(ctx, noteSpec)
	if err != nil {
		return err
	}
	for {
		n, err := c.Inc(ctx, "counter", "n", 1)
		if err != nil {
			return err
		}
		id := fmt.Sprint(n)
		if err := c.Insert(ctx, note{ID: id, Text: strings.Repeat(id, 50), Tags: []string{id}}); err != nil {
			return err
		}
		fmt.Println(id + ".")
	}
}

func TestKillLosesNothingWritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	written := map[string]bool{}
	for round := range 4 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childFile+"="+path)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for seen := 0; lines.Scan(); seen++ {
			if seen == 60+round*7 {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
			if id, whole := strings.CutSuffix(lines.Text(), "."); whole {
				written[id] = true
			}
		}
		_ = cmd.Wait()
	}
	c, err := openSQLite(t, path).Collection(t.Context(), noteSpec)
	if err != nil {
		t.Fatal(err)
	}
	for id := range written {
		var got note
		if err := c.Get(t.Context(), id, &got); err != nil || got.Text != strings.Repeat(id, 50) {
			t.Errorf("%s: %v, %q", id, err, got.Text)
		}
		if n, err := c.Count(t.Context(), store.Cond{Field: "tags", Op: store.Eq, Value: id}); err != nil || n != 1 {
			t.Errorf("%s is found %d times by its member, %v", id, n, err)
		}
	}
	if n, err := c.Inc(t.Context(), "counter", "n", 0); err != nil || n < int64(len(written)) {
		t.Errorf("counter at %d, %v; %d were written", n, err, len(written))
	}
}

func BenchmarkSQLite(b *testing.B) {
	ctx := b.Context()
	c, err := openSQLite(b, filepath.Join(b.TempDir(), "a.db")).Collection(ctx, noteSpec)
	if err != nil {
		b.Fatal(err)
	}
	docs := make([]any, 2000)
	for i := range docs {
		docs[i] = note{ID: fmt.Sprintf("%06d", i), Text: fmt.Sprint(i % 50), Body: strings.Repeat("x", 2000), Tags: []string{"a", "b"}}
	}
	b.Run("upsert", func(b *testing.B) {
		for range b.N {
			if err := c.Upsert(ctx, docs...); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N*len(docs))/b.Elapsed().Seconds(), "docs/s")
	})
	b.Run("get", func(b *testing.B) {
		var n note
		for i := range b.N {
			if err := c.Get(ctx, fmt.Sprintf("%06d", i%len(docs)), &n); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("find", func(b *testing.B) {
		for i := range b.N {
			var found []note
			q := store.Query{Where: []store.Cond{{Field: "text", Op: store.Eq, Value: fmt.Sprint(i % 50)}}}
			if err := c.Find(ctx, q, &found); err != nil || len(found) != 40 {
				b.Fatal(len(found), err)
			}
		}
	})
	b.Run("inc", func(b *testing.B) {
		for range b.N {
			if _, err := c.Inc(ctx, "counter", "n", 1); err != nil {
				b.Fatal(err)
			}
		}
	})
}
