package store_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ticketmoa/modules/store"
	"ticketmoa/modules/store/storetest"
)

// TestMongo runs the suite on the server MONGO_TEST_URI names, in a database of its own that is dropped afterwards.
func TestMongo(t *testing.T) {
	uri := os.Getenv("MONGO_TEST_URI")
	if uri == "" {
		t.Skip("MONGO_TEST_URI is not set: the suite runs on SQLite only")
	}
	n := 0
	storetest.Run(t, func(t *testing.T) store.Store {
		n++
		name := fmt.Sprintf("ticketmoa_test_%d_%d", time.Now().UnixNano(), n)
		s, err := store.Open(t.Context(), withDatabase(uri, name), "", storetest.Quiet())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = s.Close()
			dropDatabase(t, uri, name)
		})
		return s
	}, storetest.Limits{})
}

func withDatabase(uri, name string) string {
	base, query, _ := strings.Cut(uri, "?")
	scheme, rest, _ := strings.Cut(base, "://")
	hosts, _, _ := strings.Cut(rest, "/")
	out := scheme + "://" + hosts + "/" + name
	if query != "" {
		out += "?" + query
	}
	return out
}

func dropDatabase(t *testing.T, uri, name string) {
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Errorf("drop %s: %v", name, err)
		return
	}
	ctx := context.Background()
	if err := client.Database(name).Drop(ctx); err != nil {
		t.Errorf("drop %s: %v", name, err)
	}
	_ = client.Disconnect(ctx)
}

func TestMongoThatIsNotThere(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"mongodb://127.0.0.1:1/x?serverSelectionTimeoutMS=100", "mongodb://", "http://x"} {
		if s, err := store.Open(t.Context(), url, "", storetest.Quiet()); err == nil {
			_ = s.Close()
			t.Errorf("%s was opened", url)
		}
	}
}
