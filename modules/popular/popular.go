// Package popular counts which shows people looked at, day by day, out of the event files in the lake.
//
// What a view is worth: one vote for each person, performance and day in Seoul, and only of people (ticket.Event.Counts).
// The vote carries the age band, gender, genre and region of that person's first view of it (by received_at, then by
// order in the queue). A click to a seller counts once for each person, performance, seller and day. Rows are ordered by
// views, equal ones by performance id, and ranks are distinct.
//
// What is kept: for each day one generation of rows in the collection popular, each row with its views split into cells of
// age × gender × genre × region. A person's vote lies in exactly one cell of a row, so the sum over cells answers every
// combination of the four. A run writes a whole new generation and then switches the day's head to it in one step:
// readers see one generation or the other, never a mixture. The same files give the same generation; a file that comes
// late gives a new one. A copy lies in the lake at aggregates/popular/date=<day>/popular-g<generation>-v1.parquet: the
// highest generation is the day's.
//
// Fewer than five people in a cell of age or gender that was asked for are never shown, neither here nor in the copy.
// The rank of the day before is not stored but computed when asked, with the same filter, so that it stays true when that
// day gets a new generation. Performances that were merged since are one row: their views are added, and somebody who saw
// both counts twice.
package popular

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/schedule"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// ErrIncomplete means that not all of a day's events are in the lake yet, so that it cannot be counted.
var ErrIncomplete = errors.New("the day is not wholly in the lake yet")

const (
	daysBack = 7 // how far the job looks back
	sealTime = 5 * time.Minute
	// fewest is how many people a cell of age or gender must have to be shown.
	fewest = 5
)

// Sink brings events into the lake.
type Sink interface {
	// Seal brings in what was received until now.
	Seal(ctx context.Context) error
	// Through is the moment up to which everything received is in the lake; the zero time when nothing is.
	Through(ctx context.Context) (time.Time, error)
}

// Catalogue knows which performances were merged.
type Catalogue interface {
	// Successors maps those of ids that were merged to the performance that stands for them now; others are left out.
	Successors(ctx context.Context, ids []string) (map[string]string, error)
}

// Deps are what the module needs.
type Deps struct {
	Bucket    lake.Bucket
	Store     store.Store
	Sink      Sink
	Catalogue Catalogue
	Now       func() time.Time
}

// Config are the settings. The zero value is ready to use.
type Config struct {
	MaxDocument int // bytes of rows in one document, about; 4 MiB when 0
}

// Popular counts days and answers from them. It is safe for concurrent use.
type Popular struct {
	deps Deps
	cfg  Config
	log  *slog.Logger
	col  store.Collection

	mu      sync.Mutex
	days    map[ticket.Date]*view
	answers map[answerKey][]Ranked
}

// New opens the collection.
func New(ctx context.Context, deps Deps, cfg Config, log *slog.Logger) (*Popular, error) {
	if cfg.MaxDocument <= 0 {
		cfg.MaxDocument = 4 << 20
	}
	col, err := deps.Store.Collection(ctx, store.Spec{Name: "popular", Fields: []store.Field{
		{Path: "kind", Index: true}, {Path: "day", Index: true}, {Path: "generation"}, {Path: "run"}, {Path: "version"}}})
	if err != nil {
		return nil, fmt.Errorf("open the collection popular: %w", err)
	}
	return &Popular{deps: deps, cfg: cfg, log: log, col: col, days: map[ticket.Date]*view{}, answers: map[answerKey][]Ranked{}}, nil
}

// Run counts every day of the last seven up to yesterday that is wholly in the lake and has no generation or got new
// files since, oldest first. It may be cut off anywhere and run again, also by two replicas at once. A day that cannot be
// counted does not keep the others. ErrIncomplete: a day has to wait.
func (p *Popular) Run(ctx context.Context) (schedule.Report, error) {
	rep := schedule.Report{Counts: map[string]int64{"computed": 0, "unchanged": 0}}
	today := ticket.DateOf(p.deps.Now())
	var errs []error
	if err := p.seal(ctx); err != nil {
		errs = append(errs, fmt.Errorf("bring the last events into the lake: %w", err))
	}
	through, err := p.deps.Sink.Through(ctx)
	if err != nil {
		return rep, errors.Join(append(errs, fmt.Errorf("ask how far the lake is complete: %w", err))...)
	}
	for day := today.AddDays(-daysBack); day < today && ctx.Err() == nil; day = day.AddDays(1) {
		if end := day.AddDays(1).Time(); through.Before(end) {
			errs = append(errs, fmt.Errorf("%s: %w: it is complete until %s; the next run tries again", day, ErrIncomplete, through.Format(time.RFC3339)))
			break // nor is any later one
		}
		h, done, err := p.Compute(ctx, day)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("count %s: %w", day, err))
		case done:
			rep.Counts["computed"]++
			rep.Notes = append(rep.Notes, fmt.Sprintf("%s: %d people, %d performances, generation %d", day, h.Sample, h.Rows, h.Generation))
		default:
			rep.Counts["unchanged"]++
		}
	}
	return rep, errors.Join(append(errs, ctx.Err())...)
}

// seal gives the lake some time: a lake that is down must not keep days from being counted that are complete already.
func (p *Popular) seal(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sealTime)
	defer cancel()
	return p.deps.Sink.Seal(ctx)
}

// Compute counts a day out of what its manifests list now, if that has changed; done tells whether a new generation is
// there. A day without any event file has none.
func (p *Popular) Compute(ctx context.Context, day ticket.Date) (h Head, done bool, err error) {
	manifests, err := lake.Manifests(ctx, p.deps.Bucket, day)
	if err != nil {
		return Head{}, false, fmt.Errorf("read the manifests: %w", err)
	}
	sources := sourcesOf(manifests)
	old, err := p.head(ctx, day)
	if err != nil {
		return Head{}, false, err
	}
	if len(sources) == 0 || old.Digest == digestOf(sources) {
		return old, false, nil
	}
	c := NewCounter(day)
	for _, m := range manifests {
		for _, f := range m.Files {
			body, err := lake.GetFile(ctx, p.deps.Bucket, f)
			if err != nil {
				return Head{}, false, fmt.Errorf("read %s: %w", f.Key, err)
			}
			if err := c.Add(body); err != nil {
				return Head{}, false, fmt.Errorf("count %s: %w", f.Key, err)
			}
		}
	}
	r, err := c.Ranking()
	if err != nil {
		return Head{}, false, err
	}
	h, err = p.publish(ctx, r, sources, old)
	return h, err == nil, err
}

// Source is what a queue has brought to a day.
type Source struct {
	Queue  string `bson:"queue"`
	Files  int    `bson:"files"`
	Rows   int64  `bson:"rows"`
	SHA256 string `bson:"sha256"` // of the keys and checksums of the files, in order
}

func sourcesOf(manifests []lake.Manifest) []Source {
	var out []Source
	for _, m := range manifests {
		if len(m.Files) == 0 {
			continue
		}
		var text strings.Builder
		s := Source{Queue: m.Queue, Files: len(m.Files)}
		for _, f := range m.Files {
			fmt.Fprintf(&text, "%s %s\n", f.Key, f.SHA256)
			s.Rows += f.Rows
		}
		s.SHA256 = lake.Sum([]byte(text.String()))
		out = append(out, s)
	}
	return out
}

func digestOf(sources []Source) string {
	var text strings.Builder
	for _, s := range sources {
		fmt.Fprintf(&text, "%s %s\n", s.Queue, s.SHA256)
	}
	return lake.Sum([]byte(text.String()))
}
