package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	readers     = 4
	busyTimeout = 10_000 // milliseconds; only another program can hold the file that long
)

// sqliteStore has one connection that writes, so that writers queue here instead of failing with SQLITE_BUSY, and a few
// that only read; in WAL mode they never wait for it.
type sqliteStore struct {
	path  string
	log   *slog.Logger
	write *sql.DB
	read  *sql.DB

	writing, reading *statements

	mu   sync.Mutex // guards open, and lets one collection at a time change the schema
	open map[string]Spec

	turn    chan struct{} // held by who writes; guards what follows
	relaxed bool          // the writing connection commits without a sync
	behind  bool          // there are commits that no sync has followed yet
}

// OpenSQLite opens or makes the database file at path. A write is on the disk when it returns (WAL, synchronous=FULL), but
// for those under Later: they are on the disk after the next sync of the log, in their order (synchronous=NORMAL).
func OpenSQLite(ctx context.Context, path string, log *slog.Logger) (Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make folder of the document store: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) // SQLite would make it readable for everyone
	if err != nil {
		return nil, fmt.Errorf("make document store: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("make document store: %w", err)
	}
	s := &sqliteStore{path: path, log: log, open: map[string]Spec{}, turn: make(chan struct{}, 1)}
	if s.write, err = sql.Open("sqlite", dsn(path, "journal_mode(WAL)", "synchronous(FULL)")); err != nil {
		return nil, fmt.Errorf("open document store %s: %w", path, err)
	}
	s.write.SetMaxOpenConns(1)
	if s.read, err = sql.Open("sqlite", dsn(path, "query_only(1)")); err != nil {
		return nil, errors.Join(fmt.Errorf("open document store %s: %w", path, err), s.write.Close())
	}
	s.read.SetMaxOpenConns(readers)
	s.read.SetMaxIdleConns(readers)
	s.writing, s.reading = newStatements(s.write), newStatements(s.read)
	_, err = s.write.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS "_specs" (collection TEXT PRIMARY KEY, spec TEXT NOT NULL);
		CREATE TABLE IF NOT EXISTS "_flushes" (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)`)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open document store %s: %w", path, err), s.Close())
	}
	return s, nil
}

func dsn(path string, pragmas ...string) string {
	v := url.Values{"_txlock": {"immediate"}}
	v.Add("_pragma", fmt.Sprintf("busy_timeout(%d)", busyTimeout))
	for _, p := range pragmas {
		v.Add("_pragma", p)
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + v.Encode()
}

func (s *sqliteStore) Name() string { return "sqlite" }

func (s *sqliteStore) Ping(ctx context.Context) error {
	if _, err := s.write.ExecContext(ctx, `SELECT 1`); err != nil {
		return fmt.Errorf("document store %s does not answer: %w", s.path, err)
	}
	return nil
}

func (s *sqliteStore) Close() error {
	err := errors.Join(s.reading.close(), s.writing.close(), s.read.Close(), s.write.Close())
	if err != nil {
		return fmt.Errorf("close document store: %w", err)
	}
	return nil
}

func (s *sqliteStore) Collection(ctx context.Context, spec Spec) (Collection, error) {
	if err := spec.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, ok := s.open[spec.Name]; ok && !old.same(spec) {
		return nil, fmt.Errorf("%w: collection %s is open with another spec", ErrBadQuery, spec.Name)
	}
	c := &sqliteCollection{s: s, spec: spec}
	if err := s.tx(ctx, func(tx *writeTx) error { return c.migrate(ctx, tx) }); err != nil {
		return nil, fmt.Errorf("get collection %s ready: %w", spec.Name, err)
	}
	s.open[spec.Name] = spec
	return c, nil
}

// Flush commits a row of its own with a sync: that takes along every commit before it, for they lie in the same log.
func (s *sqliteStore) Flush(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if !s.behind {
		return nil
	}
	err := s.inTurn(ctx, false, func(tx *writeTx) error {
		return tx.exec(ctx, `INSERT INTO "_flushes" VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET n = n + 1`)
	})
	if err != nil {
		return fmt.Errorf("flush the document store: %w", err)
	}
	s.behind = false
	return nil
}

// tx runs fn in a write transaction once it is this writer's turn.
func (s *sqliteStore) tx(ctx context.Context, fn func(tx *writeTx) error) error {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	later := isLater(ctx)
	if later {
		s.behind = true
	}
	return s.inTurn(ctx, later, fn)
}

// inTurn runs fn in a write transaction that is synced when it commits, unless it is relaxed. The caller holds the turn.
func (s *sqliteStore) inTurn(ctx context.Context, relaxed bool, fn func(tx *writeTx) error) error {
	if relaxed != s.relaxed {
		// Should the connection have been made anew meanwhile it syncs every commit: never less than what is noted here.
		level := map[bool]string{false: "FULL", true: "NORMAL"}[relaxed]
		if _, err := s.write.ExecContext(ctx, "PRAGMA synchronous="+level); err != nil {
			return fmt.Errorf("set synchronous=%s: %w", level, err)
		}
		s.relaxed = relaxed
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	own := &writeTx{Tx: tx, kept: s.writing}
	if err := fn(own); err != nil {
		_ = tx.Rollback() // the error of fn says more
		return translate(ended(ctx, err))
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", ended(ctx, err))
	}
	if len(own.missed) > 0 && len(own.missed) < 8 { // many are a migration's, which come once
		s.writing.learn(ctx, own.missed)
	}
	return nil
}

func (tx *writeTx) exec(ctx context.Context, query string, args ...any) error {
	var err error
	if st := tx.statement(ctx, query); st != nil { //nolint:sqlclosecheck // ends with the transaction
		_, err = st.ExecContext(ctx, args...)
	} else {
		_, err = tx.ExecContext(ctx, query, args...)
	}
	if err != nil {
		head, _, _ := strings.Cut(query, "(")
		return fmt.Errorf("%s: %w", strings.TrimSpace(head), err)
	}
	return nil
}

// translate turns SQLite's constraint errors into ours.
func translate(err error) error {
	var se *sqlite.Error
	if errors.As(err, &se) &&
		(se.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY || se.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE) {
		return fmt.Errorf("%w: %w", ErrDuplicate, err)
	}
	return err
}

// ended adds that ctx ended to an error that says only what came of it: a transaction is rolled back the moment its
// context ends, and everything asked of it from then on is answered with sql.ErrTxDone.
func ended(ctx context.Context, err error) error {
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return err
}

// quote makes any text a SQL name.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
