// Package drift holds every crawl of a source against the good crawls before it: does it name as many things, do its pages
// still say what such pages said, do they turn things over that seldom change.
//
// Guarantees: a crawl that names far fewer things or loses a field is found out when it ends, takes nothing off the site and
// changes nothing that was known; each finding says what, how much, and how it was before; a crawl is judged against good
// crawls only, so a broken one never becomes the rule. It never repairs: a person, or a better parser, does.
package drift

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// What can be wrong with a crawl, or with what is asked of it. Each is wrapped with the findings or the run.
var (
	ErrDrift   = errors.New("the pages of this crawl are not as they were: what was known stays")
	ErrUnknown = errors.New("no such crawl was judged")
	ErrGood    = errors.New("the crawl was found to be good already")
	ErrBroken  = errors.New("the crawl ended before it could be judged: there is nothing to accept")
)

// Crawl is what the crawler says of a crawl that ended.
type Crawl struct {
	Source    string
	Run       string
	StartedAt time.Time
	Whole     bool  // its lists were read to their end, and it asked for everything
	Partly    bool  // it asked for changes only
	Listed    int64 // shows its lists named
	Noticed   int64 // notices its lists named
	Lists     int64 // pages of lists asked for
	Torn      int64 // of those: not read
	Asked     int64 // requests that the source answered before
	Failed    int64 // of those: not answered, or not with what was asked for
	Withheld  ticket.Measured
	Parser    int // version of the source's parser
}

// Run is a row of the collection coverage: a judged crawl.
type Run struct {
	ID         string          `bson:"_id" json:"run"`
	Source     string          `bson:"source" json:"source"`
	StartedAt  time.Time       `bson:"started_at" json:"started_at"`
	JudgedAt   time.Time       `bson:"judged_at" json:"judged_at"`
	Parser     int             `bson:"parser" json:"parser"`
	Whole      bool            `bson:"whole" json:"whole"`
	Partly     bool            `bson:"partly,omitempty" json:"partly"`
	Listed     int64           `bson:"listed" json:"listed"`
	Noticed    int64           `bson:"noticed" json:"noticed"`
	Measured   []Measure       `bson:"measured" json:"measured"`
	Good       bool            `bson:"good" json:"good"`
	Broken     bool            `bson:"broken,omitempty" json:"broken"` // it ended before it could be judged
	Findings   []Finding       `bson:"findings,omitempty" json:"findings"`
	AcceptedBy string          `bson:"accepted_by,omitempty" json:"accepted_by,omitempty"` // who took a drifted crawl for good
	Waiting    int64           `bson:"waiting" json:"waiting"`                             // pages that wait for it
	measured   ticket.Measured // the same as Measured
}

// Measure is one of the things looked at. It is a list in the store because names hold blanks.
type Measure struct {
	What         string `bson:"what" json:"what"`
	ticket.Share `bson:",inline"`
}

// Finding is one thing in which a crawl differs from the good ones before it.
type Finding struct {
	What   string       `bson:"what" json:"what"` // "listed", "noticed", "lists", "answered", or what was measured: "detail prices lost"
	Now    ticket.Share `bson:"now" json:"now"`
	Before ticket.Share `bson:"before" json:"before"`
}

// String says it as an operator reads it.
func (f Finding) String() string {
	if f.What == Listed || f.What == Noticed {
		return fmt.Sprintf("%s: %d, usually %d", f.What, f.Now.Of, f.Before.Of)
	}
	return fmt.Sprintf("%s: %d of %d, before %d of %d", f.What, f.Now.Bad, f.Now.Of, f.Before.Bad, f.Before.Of)
}

// Catalog is where the pages of a crawl lie.
type Catalog interface {
	Measure(ctx context.Context, run string) (ticket.Measured, error)
	Release(ctx context.Context, run string, all bool, by ticket.Origin) (again []string, err error)
	Waiting(ctx context.Context, run string) (int64, error)
}

// Guard judges crawls.
type Guard struct {
	catalog Catalog
	runs    store.Collection
	now     func() time.Time
	log     *slog.Logger
}

// New opens the collection.
func New(ctx context.Context, catalog Catalog, s store.Store, now func() time.Time, log *slog.Logger) (*Guard, error) {
	runs, err := s.Collection(ctx, store.Spec{Name: "coverage", Fields: []store.Field{{Path: "source", Index: true}, {Path: "started_at", Index: true}, {Path: "good"}}})
	if err != nil {
		return nil, fmt.Errorf("open the collection coverage: %w", err)
	}
	return &Guard{catalog: catalog, runs: runs, now: now, log: log}, nil
}

// kept is how many judged crawls of a source are kept.
const kept = 60

// Judge holds a crawl whose pages are all worked off against the good ones before it. When it is good, what waited for it
// takes its place; again are codes that would end, or lose something, and must be asked for once more to be believed. When it is not, everything
// stays as it was and the error is an ErrDrift with the findings.
func (g *Guard) Judge(ctx context.Context, c Crawl) (run Run, again []string, err error) {
	measured, err := g.catalog.Measure(ctx, c.Run)
	if err != nil {
		return run, nil, err
	}
	for what, share := range c.Withheld {
		measured[what] = share
	}
	measured[Answered], measured[Lists] = ticket.Share{Bad: c.Failed, Of: c.Asked}, ticket.Share{Bad: c.Torn, Of: c.Lists}
	run = Run{ID: c.Run, Source: c.Source, StartedAt: ticket.Instant(c.StartedAt), JudgedAt: ticket.Instant(g.now()), Parser: c.Parser, Whole: c.Whole, Partly: c.Partly,
		Listed: c.Listed, Noticed: c.Noticed, measured: measured}
	for what, share := range measured {
		run.Measured = append(run.Measured, Measure{what, share})
	}
	slices.SortFunc(run.Measured, func(a, b Measure) int { return strings.Compare(a.What, b.What) })
	history, err := g.good(ctx, c.Source, c.Parser)
	if err != nil {
		return run, nil, err
	}
	run.Findings = judge(run, history)
	run.Good = len(run.Findings) == 0
	if run.Waiting, err = g.catalog.Waiting(ctx, c.Run); err != nil {
		return run, nil, err
	}
	if err := g.runs.Upsert(ctx, run); err != nil {
		return run, nil, fmt.Errorf("keep the verdict: %w", err)
	}
	if err := g.forget(ctx, c.Source); err != nil {
		g.log.Warn("old verdicts stay for now", "source", c.Source, "error", err)
	}
	if !run.Good {
		return run, nil, fmt.Errorf("%s: %w: %s", c.Source, ErrDrift, describe(run.Findings))
	}
	if again, err = g.catalog.Release(ctx, c.Run, false, g.origin(run, ticket.CauseSource)); err != nil {
		return run, again, err
	}
	run.Waiting = int64(len(again))
	return run, again, g.runs.Upsert(ctx, run)
}

func (g *Guard) origin(run Run, cause ticket.Cause) ticket.Origin {
	return ticket.Origin{Cause: cause, At: run.JudgedAt, Source: run.Source + ":" + run.ID}
}

// Broken notes a crawl that ended before it could be judged: the site turned it away, or nothing could be read.
func (g *Guard) Broken(ctx context.Context, c Crawl, why string) error {
	return g.runs.Upsert(ctx, Run{ID: c.Run, Source: c.Source, StartedAt: ticket.Instant(c.StartedAt), JudgedAt: ticket.Instant(g.now()), Parser: c.Parser, Broken: true,
		Findings: []Finding{{What: why, Now: ticket.Share{Bad: c.Failed, Of: c.Asked}}}})
}

// Accept takes a drifted crawl for good after all: what waits for it takes its place, and later crawls are held against it.
// ErrUnknown, ErrGood and ErrBroken say why it cannot be.
func (g *Guard) Accept(ctx context.Context, id, author string) (Run, error) {
	var run Run
	if err := g.runs.Get(ctx, id, &run); err != nil {
		if errors.Is(err, store.ErrNotFound) {
			err = fmt.Errorf("crawl %s: %w", id, ErrUnknown)
		}
		return run, err
	}
	switch {
	case run.Good:
		return run, fmt.Errorf("crawl %s: %w", id, ErrGood)
	case run.Broken:
		return run, fmt.Errorf("crawl %s: %w", id, ErrBroken)
	}
	if _, err := g.catalog.Release(ctx, id, true, g.origin(run, ticket.CauseAdmin)); err != nil {
		return run, err
	}
	run.Good, run.AcceptedBy, run.Waiting = true, author, 0
	return run, g.runs.Upsert(ctx, run)
}

// Recent lists judged crawls of a source ("" for all), the latest first.
func (g *Guard) Recent(ctx context.Context, source string, limit int) ([]Run, error) {
	q := store.Query{OrderBy: "started_at", Desc: true, Limit: limit}
	if source != "" {
		q.Where = []store.Cond{{Field: "source", Op: store.Eq, Value: source}}
	}
	var out []Run
	err := g.runs.Find(ctx, q, &out)
	return out, err
}

// Knows tells whether a crawl was judged, or noted as broken.
func (g *Guard) Knows(ctx context.Context, run string) (bool, error) {
	var r Run
	err := g.runs.Get(ctx, run, &r)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Condemned tells whether a crawl was found to have drifted, and by which version of the parser it was read then.
func (g *Guard) Condemned(ctx context.Context, run string) (parser int, condemned bool, err error) {
	var r Run
	err = g.runs.Get(ctx, run, &r)
	if errors.Is(err, store.ErrNotFound) {
		return 0, false, nil
	}
	return r.Parser, err == nil && !r.Good, err
}

// endAfter and endAge are how many good whole crawls must have missed a thing, and for how long, before it counts as gone.
const (
	endAfter = 3
	endAge   = 24 * time.Hour
)

// MissedSince is the instant such that a thing no crawl has named since then was missed by enough good crawls to be gone: the
// begin of the latest good whole crawl that is a day old and one of three. ok is false when there is none.
func (g *Guard) MissedSince(ctx context.Context, source string) (since time.Time, ok bool, err error) {
	runs, err := g.Recent(ctx, source, kept)
	if err != nil {
		return time.Time{}, false, err
	}
	n := 0
	for _, r := range runs {
		if !r.Good || !r.Whole {
			continue
		}
		if n++; n >= endAfter && g.now().Sub(r.StartedAt) >= endAge {
			return r.StartedAt, true, nil
		}
	}
	return time.Time{}, false, nil
}

// good are the last good crawls that a new one is held against: those read by its version of the parser, and older ones only
// while there are none.
func (g *Guard) good(ctx context.Context, source string, parser int) ([]Run, error) {
	all, err := g.Recent(ctx, source, kept)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(r Run) bool { return !r.Good })
	for i := range all {
		all[i].measured = ticket.Measured{}
		for _, m := range all[i].Measured {
			all[i].measured[m.What] = m.Share
		}
	}
	if mine := slices.DeleteFunc(slices.Clone(all), func(r Run) bool { return r.Parser != parser }); len(mine) > 0 {
		return mine, nil
	}
	return all, nil
}

func (g *Guard) forget(ctx context.Context, source string) error {
	all, err := g.Recent(ctx, source, kept+1)
	if err != nil || len(all) <= kept {
		return err
	}
	_, err = g.runs.DeleteWhere(ctx, store.Cond{Field: "source", Op: store.Eq, Value: source}, store.Cond{Field: "started_at", Op: store.Lte, Value: all[kept].StartedAt})
	return err
}

func describe(findings []Finding) string {
	var parts []string
	for _, f := range findings {
		parts = append(parts, f.String())
	}
	return strings.Join(parts, "; ")
}
