package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

const (
	mongoTimeout    = 10 * time.Second // of every call whose context has no deadline of its own
	defaultDatabase = "ticketmoa"
	// codeNotImplemented is how a server says that it does not know an option.
	codeNotImplemented = 238
)

type mongoStore struct {
	client *mongo.Client
	db     *mongo.Database
	log    *slog.Logger

	mu   sync.Mutex // guards open
	open map[string]Spec
}

// OpenMongo connects to MongoDB. The database is the path of the URL, "ticketmoa" when it has none. A write is on the
// disks of most of the replica set when it returns.
func OpenMongo(ctx context.Context, url string, log *slog.Logger) (Store, error) {
	opts := options.Client().ApplyURI(url).SetAppName("ticketmoa").SetTimeout(mongoTimeout).
		SetWriteConcern(writeconcern.Majority())
	client, err := mongo.Connect(opts)
	if err != nil {
		return nil, fmt.Errorf("MongoDB address: %w", err)
	}
	s := &mongoStore{client: client, db: client.Database(databaseName(url)), log: log, open: map[string]Spec{}}
	if err := s.Ping(ctx); err != nil {
		return nil, errors.Join(err, s.Close()) //nolint:contextcheck // closing must work when ctx has ended
	}
	return s, nil
}

// databaseName reads the path of a MongoDB URL, whose host part may name several hosts.
func databaseName(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	rest, _, _ = strings.Cut(rest, "?")
	_, name, _ := strings.Cut(rest, "/")
	if name == "" {
		return defaultDatabase
	}
	return name
}

func (s *mongoStore) Name() string { return "mongodb" }

func (s *mongoStore) Ping(ctx context.Context) error {
	if err := s.client.Ping(ctx, nil); err != nil {
		return fmt.Errorf("MongoDB does not answer: %w", err)
	}
	return nil
}

// Flush has nothing to do: MongoDB is asked to journal every write before it answers.
func (s *mongoStore) Flush(context.Context) error { return nil }

func (s *mongoStore) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), mongoTimeout)
	defer cancel()
	if err := s.client.Disconnect(ctx); err != nil {
		return fmt.Errorf("close MongoDB: %w", err)
	}
	return nil
}

func (s *mongoStore) Collection(ctx context.Context, spec Spec) (Collection, error) {
	if err := spec.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, ok := s.open[spec.Name]; ok && !old.same(spec) {
		return nil, fmt.Errorf("%w: collection %s is open with another spec", ErrBadQuery, spec.Name)
	}
	c := &mongoCollection{spec: spec, coll: s.db.Collection(spec.Name)}
	for _, f := range spec.Fields {
		if err := c.createIndex(ctx, f); err != nil {
			return nil, fmt.Errorf("get collection %s ready: index on %s: %w", spec.Name, f.Path, err)
		}
	}
	s.open[spec.Name] = spec
	return c, nil
}

// createIndex makes sure of a field's index. Indexes of fields that are no longer declared stay: another replica may
// still run the version that declares them.
func (c *mongoCollection) createIndex(ctx context.Context, f Field) error {
	model := mongo.IndexModel{Keys: bson.D{{Key: f.Path, Value: 1}, {Key: idField, Value: 1}}}
	switch {
	case f.Unique:
		model = mongo.IndexModel{Keys: bson.D{{Key: f.Path, Value: 1}}, Options: options.Index().SetUnique(true).SetSparse(true)}
	case f.Array:
		model.Keys = bson.D{{Key: f.Path, Value: 1}}
	case !f.Index:
		return nil
	}
	_, err := c.coll.Indexes().CreateOne(ctx, model)
	var se mongo.ServerError
	if f.Unique && errors.As(err, &se) && se.HasErrorCode(codeNotImplemented) {
		model.Options = options.Index().SetUnique(true)
		_, err = c.coll.Indexes().CreateOne(ctx, model)
	}
	return duplicate(err)
}

// duplicate turns MongoDB's duplicate-key errors into ours.
func duplicate(err error) error {
	if mongo.IsDuplicateKeyError(err) {
		return fmt.Errorf("%w: %w", ErrDuplicate, err)
	}
	return err
}
