package ferret

import (
	"context"
	"log/slog"
	"testing"

	"github.com/FerretDB/FerretDB/ferretdb"

	"ticketmoa/modules/store"
	"ticketmoa/modules/store/storetest"
)

// TestFerretDB runs the suite over the wire against FerretDB, within what its first version can do.
func TestFerretDB(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		f, err := ferretdb.New(&ferretdb.Config{
			Listener:  ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
			Handler:   "sqlite",
			SQLiteURL: "file:" + t.TempDir() + "/",
			Logger:    slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- f.Run(ctx) }()
		s, err := store.Open(t.Context(), f.MongoDBURI()+"ticketmoa_test", "", storetest.Quiet())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = s.Close()
			cancel()
			<-done
		})
		return s
	}, storetest.Limits{Docs: 120, NoConcurrency: true, NoDuplicateUpdate: true, PlainPaths: true})
}
