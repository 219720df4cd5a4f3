package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// statementsKept bounds how many compiled statements one side of a database keeps; the texts are few, the values vary.
const statementsKept = 256

// statements keeps compiled statements by their text: compiling one costs more than most of them take to run.
type statements struct {
	db *sql.DB

	mu     sync.Mutex
	byText map[string]*sql.Stmt
}

func newStatements(db *sql.DB) *statements {
	return &statements{db: db, byText: map[string]*sql.Stmt{}}
}

// known is the compiled statement of a text; nil when there is none yet.
func (s *statements) known(query string) *sql.Stmt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byText[query]
}

// learn compiles the statements of some texts for the next time. It must not be called while a transaction holds the only
// connection. A text that does not compile stays unknown: whoever runs it is told why.
func (s *statements) learn(ctx context.Context, texts []string) {
	for _, query := range texts {
		if s.known(query) != nil {
			continue
		}
		st, err := s.db.PrepareContext(ctx, query)
		if err != nil {
			continue
		}
		s.mu.Lock()
		if len(s.byText) >= statementsKept || s.byText[query] != nil {
			s.mu.Unlock()
			_ = st.Close() //nolint:sqlclosecheck // never used, and this is a loop
			continue
		}
		s.byText[query] = st
		s.mu.Unlock()
	}
}

// compiled is the statement of a text, compiled now when it was not; nil when it does not compile.
func (s *statements) compiled(ctx context.Context, query string) *sql.Stmt {
	if s.known(query) == nil {
		s.learn(ctx, []string{query})
	}
	return s.known(query)
}

// query runs a reading statement, compiled once.
func (s *statements) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if st := s.compiled(ctx, query); st != nil { //nolint:sqlclosecheck // kept for the next time, closed with the store
		return st.QueryContext(ctx, args...)
	}
	return s.db.QueryContext(ctx, query, args...)
}

// row is query for one row.
func (s *statements) row(ctx context.Context, query string, args ...any) *sql.Row {
	if st := s.compiled(ctx, query); st != nil { //nolint:sqlclosecheck // as in query
		return st.QueryRowContext(ctx, args...)
	}
	return s.db.QueryRowContext(ctx, query, args...)
}

func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, st := range s.byText {
		errs = append(errs, st.Close())
	}
	clear(s.byText)
	return errors.Join(errs...)
}

// writeTx is the one write transaction there can be at a time. It runs the statements that are compiled already, and
// remembers the others.
type writeTx struct {
	*sql.Tx
	kept   *statements
	missed []string
}

func (tx *writeTx) statement(ctx context.Context, query string) *sql.Stmt {
	if st := tx.kept.known(query); st != nil {
		return tx.StmtContext(ctx, st)
	}
	tx.missed = append(tx.missed, query)
	return nil
}

// row reads one row inside of the transaction.
func (tx *writeTx) row(ctx context.Context, query string, args ...any) *sql.Row {
	if st := tx.statement(ctx, query); st != nil { //nolint:sqlclosecheck // ends with the transaction
		return st.QueryRowContext(ctx, args...)
	}
	return tx.QueryRowContext(ctx, query, args...)
}
