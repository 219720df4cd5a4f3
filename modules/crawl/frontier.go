package crawl

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ticketmoa/modules/outbound"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/store"
)

// The states of a crawl and of its requests.
const (
	seeding  = "seeding"
	walking  = "walking"
	finished = "finished"

	waiting = "waiting"
	done    = "done"
	failed  = "failed"
)

// crawlDoc is a row of the collection crawls.
type crawlDoc struct {
	ID        string    `bson:"_id"`
	Source    string    `bson:"source"`
	State     string    `bson:"state"`
	StartedAt time.Time `bson:"started_at"`
	Since     time.Time `bson:"since,omitempty"` // asked only for what changed since; zero for everything
	Torn      bool      `bson:"torn,omitempty"`  // a list could not be read to its end
	Full      bool      `bson:"full,omitempty"`  // asks for everything, known and unchanged or not
}

// entry is a row of the collection frontier: one request of one crawl.
type entry struct {
	ID      string          `bson:"_id"`
	Crawl   string          `bson:"crawl"`
	Hash    string          `bson:"hash"`
	Seq     int64           `bson:"seq"`
	State   string          `bson:"state"`
	Error   string          `bson:"error,omitempty"`
	Request sellers.Request `bson:"request"`
}

func newEntry(c crawlDoc, r sellers.Request, seq int) entry {
	sum := sha256.New()
	for _, part := range []string{r.Method, r.URL, fmt.Sprint(r.Browser)} {
		_, _ = sum.Write([]byte(part + "\x00")) // a hash never fails
	}
	_, _ = sum.Write(r.Body)
	hash := hex.EncodeToString(sum.Sum(nil)[:10])
	return entry{ID: c.ID + ":" + hash, Crawl: c.ID, Hash: hash, Seq: int64(seq), State: waiting, Request: r}
}

// frontier keeps what a crawl has asked and what it still has to ask, so that it survives the process.
type frontier struct {
	crawls, entries store.Collection
}

func openFrontier(ctx context.Context, s store.Store) (*frontier, error) {
	crawls, err := s.Collection(ctx, store.Spec{Name: "crawls", Fields: []store.Field{{Path: "source"}, {Path: "state"}, {Path: "started_at"}}})
	if err != nil {
		return nil, err
	}
	entries, err := s.Collection(ctx, store.Spec{Name: "frontier", Fields: []store.Field{{Path: "crawl", Index: true}, {Path: "seq"}}})
	if err != nil {
		return nil, err
	}
	return &frontier{crawls: crawls, entries: entries}, nil
}

// unfinished is the crawl of a source that was cut off, with every request it noted; a zero crawlDoc when there is none.
func (f *frontier) unfinished(ctx context.Context, source string) (crawlDoc, []entry, error) {
	var docs []crawlDoc
	err := f.crawls.Find(ctx, store.Query{Where: []store.Cond{
		{Field: "source", Op: store.Eq, Value: source}, {Field: "state", Op: store.Ne, Value: finished}}, OrderBy: "started_at", Limit: 1}, &docs)
	if err != nil || len(docs) == 0 {
		return crawlDoc{}, nil, err
	}
	var entries []entry
	err = f.entries.Find(ctx, store.Query{Where: []store.Cond{{Field: "crawl", Op: store.Eq, Value: docs[0].ID}}, OrderBy: "seq"}, &entries)
	return docs[0], entries, err
}

// last is when the last crawl of a source that read its lists to their end began, and the last of these that asked for
// everything; zero times for none.
func (f *frontier) last(ctx context.Context, source string) (newest, complete time.Time, err error) {
	var docs []crawlDoc
	err = f.crawls.Find(ctx, store.Query{Where: []store.Cond{
		{Field: "source", Op: store.Eq, Value: source}, {Field: "state", Op: store.Eq, Value: finished}}, OrderBy: "started_at", Desc: true, Limit: 200}, &docs)
	for _, d := range docs {
		if d.Torn {
			continue
		}
		if newest.IsZero() {
			newest = d.StartedAt
		}
		if complete.IsZero() && d.Since.IsZero() {
			complete = d.StartedAt
		}
	}
	return newest, complete, err
}

func (f *frontier) begin(ctx context.Context, c crawlDoc) error { return f.crawls.Insert(ctx, c) }

func (f *frontier) save(ctx context.Context, c crawlDoc) error { return f.crawls.Upsert(ctx, c) }

func (f *frontier) put(ctx context.Context, entries ...entry) error {
	if len(entries) == 0 {
		return nil
	}
	docs := make([]any, len(entries))
	for i, e := range entries {
		docs[i] = e
	}
	// A power cut may lose the last of these: then what they speak of is asked for once more, never not at all.
	return f.entries.Upsert(store.Later(ctx), docs...)
}

// finish closes a crawl and forgets its requests.
func (f *frontier) finish(ctx context.Context, c crawlDoc) error {
	c.State = finished
	if err := f.save(ctx, c); err != nil {
		return err
	}
	_, err := f.entries.DeleteWhere(ctx, store.Cond{Field: "crawl", Op: store.Eq, Value: c.ID})
	return err
}

// reason shortens an error to what many failures have in common.
func reason(err error) string {
	for _, known := range []error{ErrNoChromium, outbound.ErrNoRobots, outbound.ErrRobots, outbound.ErrTooLarge, outbound.ErrHostNotAllowed,
		outbound.ErrPrivateAddress, ErrTurnedAway, outbound.ErrPaused, outbound.ErrReservation, sellers.ErrRefused, sellers.ErrNotOurs, sellers.ErrUnrendered, context.DeadlineExceeded} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	var status outbound.StatusError
	if errors.As(err, &status) {
		return status.Error()
	}
	text := err.Error()
	if i := strings.LastIndex(text, ": "); i >= 0 {
		text = text[i+2:]
	}
	return text
}

// notes lists the reasons of the failures, the most frequent first.
func (w *walk) notes() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for r := range w.reasons {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b string) int {
		if n := w.reasons[b] - w.reasons[a]; n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	for i, r := range out {
		out[i] = fmt.Sprintf("%d × %s", w.reasons[r], r)
	}
	return out
}
