// Package store keeps documents: embedded in SQLite by default, in MongoDB when one is configured, behind one interface
// and one contract suite (storetest).
//
// It guarantees: a write is durable when it returns, or, under Later, when Flush does. Every method is atomic for one document, and lost updates are
// impossible through Replace, Inc and Claim. Only declared fields can be searched, so no query is slow by accident.
// Times are whole milliseconds and come back in UTC. A field that is null counts as missing.
//
// It never promises a transaction over two documents: make every effect idempotent by its key.
package store

import (
	"context"
	"errors"
	"log/slog"
	"strings"
)

// What can go wrong. All are wrapped with the collection and the id or field.
var (
	ErrNotFound    = errors.New("no such document")
	ErrDuplicate   = errors.New("document exists already")
	ErrConflict    = errors.New("document was changed by someone else")
	ErrNotDeclared = errors.New("field is not declared for searching")
	// ErrBadQuery is a condition, value, path or collection name that cannot work in any store.
	ErrBadQuery = errors.New("query cannot be asked")
	// ErrBadDocument is a document that cannot be kept: no BSON document, or without a text _id.
	ErrBadDocument = errors.New("document cannot be kept")
)

// Spec declares a collection. "_id" is always declared.
type Spec struct {
	Name   string // a-z, 0-9 and _
	Fields []Field
}

// Field declares what may be searched, sorted and grouped by. A field holds values of one kind in all documents.
type Field struct {
	Path   string // "content.opens_at": dots lead into the document
	Unique bool   // no two documents have the same value; those without one do not count. Leave it out rather than null
	Index  bool   // has an index of its own
	Array  bool   // an array of strings, or strings in an array of documents: Eq, Ne and In are about membership
}

// Op is how a condition compares.
type Op string

// The comparisons. Ne holds for a missing field, the others do not; strings compare by their bytes.
const (
	Eq      Op = "="
	Ne      Op = "!="
	Lt      Op = "<"
	Lte     Op = "<="
	Gt      Op = ">"
	Gte     Op = ">="
	In      Op = "in" // Value is a slice of strings; an empty one holds for nothing
	Missing Op = "missing"
	Present Op = "present"
)

// Cond is one condition. Value is a string, an integer, a float, a bool or a time, of any named kind.
type Cond struct {
	Field string
	Op    Op
	Value any
}

// Query asks for documents that meet every condition. Without OrderBy they come in _id order; ties are broken by _id
// ascending; a missing field sorts before every value.
type Query struct {
	Where   []Cond
	OrderBy string
	Desc    bool
	Limit   int // 0 is all
}

// Store is a place for collections.
type Store interface {
	// Collection gets a collection ready: tables, columns, indexes, and values of fields declared since the last time.
	// Two different specs for one name are an error.
	Collection(ctx context.Context, spec Spec) (Collection, error)
	Ping(ctx context.Context) error
	// Flush makes every write that returned before it durable; after it none of them is lost by a power cut.
	Flush(ctx context.Context) error
	Name() string // "sqlite" or "mongodb"
	Close() error
}

type laterKey struct{}

// Later lets writes under the context return before they are durable: for one who makes many that only count together, and
// calls Flush before he tells anybody. They are visible at once, survive the end of the process, and a power cut loses only
// the last of them, never one before another that it spares.
func Later(ctx context.Context) context.Context { return context.WithValue(ctx, laterKey{}, true) }

func isLater(ctx context.Context) bool { return ctx.Value(laterKey{}) != nil }

// Collection holds documents: structs with bson tags whose "_id" is a string that is not empty.
type Collection interface {
	// Get decodes one document into out. ErrNotFound.
	Get(ctx context.Context, id string, out any) error
	// Insert adds a document. ErrDuplicate: its _id or a Unique field is taken.
	Insert(ctx context.Context, doc any) error
	// Upsert writes documents by _id, in batches; after an error some of them may be written. ErrDuplicate.
	Upsert(ctx context.Context, docs ...any) error
	// Replace writes doc when the stored document's "version" equals version. ErrConflict: it does not, or there is
	// none. doc carries the new version.
	Replace(ctx context.Context, doc any, version int64) error
	// Find decodes into out, a pointer to a slice. ErrNotDeclared.
	Find(ctx context.Context, q Query, out any) error
	// Count counts the documents that meet every condition.
	Count(ctx context.Context, where ...Cond) (int64, error)
	// GroupCount counts by value: numbers in decimal, times in milliseconds, "" for missing. Of an array each element
	// counts once, and documents without any do not.
	GroupCount(ctx context.Context, field string, where ...Cond) (map[string]int64, error)
	// Scan calls fn for every document in _id order. It holds few in memory and no lock, so fn may write to the same
	// collection; whether a document written meanwhile is seen is open. An error of fn ends it and is returned.
	Scan(ctx context.Context, fn func(decode func(out any) error) error) error
	// UpdateWhere sets fields of every document that meets the conditions and returns how many met them. nil unsets.
	UpdateWhere(ctx context.Context, set map[string]any, where ...Cond) (int64, error)
	// DeleteWhere returns how many documents it deleted.
	DeleteWhere(ctx context.Context, where ...Cond) (int64, error)
	// Inc adds to a whole number, made at 0 in a document made for it when absent, and returns the sum.
	Inc(ctx context.Context, id, field string, by int64) (int64, error)
	// Claim sets fields of the first document by q, which nobody else then gets through the same q, and decodes it as
	// it is after. out may be nil. q.Limit does not matter. ErrNotFound.
	Claim(ctx context.Context, set map[string]any, out any, q Query) error
}

// Open opens MongoDB at url ("mongodb://…/name" or "mongodb+srv://…"), or the SQLite file at path when url is "".
func Open(ctx context.Context, url, path string, log *slog.Logger) (Store, error) {
	if strings.TrimSpace(url) == "" {
		return OpenSQLite(ctx, path, log)
	}
	return OpenMongo(ctx, url, log)
}
