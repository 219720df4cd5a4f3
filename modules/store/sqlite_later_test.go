package store

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
)

type counted struct {
	ID string `bson:"_id"`
	N  int64  `bson:"n"`
}

// synced tells how the writing connection commits at this moment, as SQLite itself says: 1 without a sync, 2 with one.
func synced(t *testing.T, s *sqliteStore) int {
	t.Helper()
	var level int
	if err := s.write.QueryRowContext(context.Background(), "PRAGMA synchronous").Scan(&level); err != nil {
		t.Fatal(err)
	}
	return level
}

func openSQLiteStore(t *testing.T) *sqliteStore {
	t.Helper()
	s, err := OpenSQLite(context.Background(), filepath.Join(t.TempDir(), "db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s.(*sqliteStore)
}

func flushes(t *testing.T, s *sqliteStore) (n int) {
	t.Helper()
	_ = s.read.QueryRowContext(context.Background(), `SELECT n FROM "_flushes"`).Scan(&n) // no row is none
	return n
}

// TestLaterIsSyncedByFlush: a write under Later commits without a sync and is seen at once; Flush commits with one, once for
// all that came before, and not at all when nothing did; an ordinary write always syncs.
func TestLaterIsSyncedByFlush(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := openSQLiteStore(t)
	c, err := s.Collection(ctx, Spec{Name: "a"})
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, err error, level, flushed int) {
		t.Helper()
		if err != nil || synced(t, s) != level || flushes(t, s) != flushed {
			t.Errorf("%s: %v, synchronous %d (want %d), %d flushes (want %d)", what, err, synced(t, s), level, flushes(t, s), flushed)
		}
	}
	check("nothing to flush", s.Flush(ctx), 2, 0)
	check("ordinary", c.Insert(ctx, counted{ID: "1"}), 2, 0)
	check("later", c.Insert(Later(ctx), counted{ID: "2"}), 1, 0)
	var got counted
	if err := c.Get(ctx, "2", &got); err != nil {
		t.Errorf("a write under Later is not seen: %v", err)
	}
	check("later again", c.Upsert(Later(ctx), counted{ID: "3", N: 3}), 1, 0)
	check("flush", s.Flush(ctx), 2, 1)
	check("flush of nothing new", s.Flush(Later(ctx)), 2, 1)
	check("later once more", c.Upsert(Later(ctx), counted{ID: "3", N: 4}), 1, 1)
	check("ordinary behind it", c.Upsert(ctx, counted{ID: "1", N: 1}), 2, 1)
	check("flush to be sure", s.Flush(ctx), 2, 2)
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := c.Upsert(Later(gone), counted{ID: "4"}); err == nil {
		t.Error("a cancelled write succeeded")
	}
	check("ordinary after a cancelled one", c.Upsert(ctx, counted{ID: "1", N: 2}), 2, 2)
}

// TestLaterBesideOthers: writers of both kinds side by side lose nothing, and no ordinary write commits without its sync.
func TestLaterBesideOthers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	st, err := OpenSQLite(ctx, filepath.Join(t.TempDir(), "db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	c, err := st.Collection(ctx, Spec{Name: "a"})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			own := ctx
			if w%2 == 0 {
				own = Later(ctx)
			}
			for range 50 {
				if _, err := c.Inc(own, "sum", "n", 1); err != nil {
					t.Error(err)
				}
				if w == 0 {
					if err := st.Flush(ctx); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
	if n, err := c.Inc(ctx, "sum", "n", 0); err != nil || n != 200 {
		t.Errorf("%d, %v; want 200", n, err)
	}
}

// TestEndedTransactionSaysWhy: whoever ends a write by its context is told so wherever in the write the end came, in a
// statement or before the commit.
func TestEndedTransactionSaysWhy(t *testing.T) {
	t.Parallel()
	s := openSQLiteStore(t)
	for _, last := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		err := s.tx(ctx, func(tx *writeTx) error {
			cancel()
			var err error
			for err == nil { // until the transaction is rolled back
				err = tx.exec(context.WithoutCancel(ctx), `INSERT INTO "_flushes" VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET n = n + 1`)
			}
			if last {
				return nil
			}
			return err
		})
		if !errors.Is(err, context.Canceled) || !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("before the commit %t: %v", last, err)
		}
		if n := flushes(t, s); n != 0 {
			t.Errorf("before the commit %t: %d rows were written", last, n)
		}
	}
}
