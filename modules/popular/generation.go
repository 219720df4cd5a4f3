package popular

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

const (
	headKind = "head"
	rowsKind = "rows"
)

// Head says which generation of a day readers see. Its id is the day.
type Head struct {
	ID         string      `bson:"_id"`
	Kind       string      `bson:"kind"`
	Day        ticket.Date `bson:"day"`
	Version    int64       `bson:"version"`
	Generation int64       `bson:"generation"`
	Run        string      `bson:"run"`   // what the documents of the generation are called: generation and sources
	Parts      int         `bson:"parts"` // documents with rows
	Rows       int         `bson:"rows"`
	Sample     int         `bson:"sample"` // people who viewed anything
	People     []People    `bson:"people,omitempty"`
	Sources    []Source    `bson:"sources"` // what it was counted from
	Digest     string      `bson:"digest"`  // of Sources
	ComputedAt time.Time   `bson:"computed_at"`
}

// partDoc holds some rows of a generation, in rank order.
type partDoc struct {
	ID         string      `bson:"_id"`
	Kind       string      `bson:"kind"`
	Day        ticket.Date `bson:"day"`
	Generation int64       `bson:"generation"`
	Run        string      `bson:"run"`
	Rows       []Row       `bson:"rows"`
}

func partID(day ticket.Date, run string, n int) string {
	return fmt.Sprintf("%s:%s:%04d", day, run, n)
}

// head reads the head of a day; one without a generation when there is none.
func (p *Popular) head(ctx context.Context, day ticket.Date) (Head, error) {
	var h Head
	err := p.col.Get(ctx, string(day), &h)
	if errors.Is(err, store.ErrNotFound) {
		return Head{Day: day}, nil
	}
	if err != nil {
		return Head{}, fmt.Errorf("read the ranking of %s: %w", day, err)
	}
	return h, nil
}

// publish writes a generation, its copy in the lake, and then switches to it. Cut off anywhere, the next run does it again
// and comes to the same: what is there already is compared, never overwritten.
func (p *Popular) publish(ctx context.Context, r *Ranking, sources []Source, old Head) (Head, error) {
	h := Head{ID: string(r.Day), Kind: headKind, Day: r.Day, Version: old.Version + 1, Generation: old.Generation + 1, Sample: r.Sample,
		Rows: len(r.Rows), People: r.People, Sources: sources, Digest: digestOf(sources), ComputedAt: ticket.Instant(p.deps.Now())}
	if err := p.copyOut(ctx, r, &h); err != nil {
		return Head{}, err
	}
	h.Run = fmt.Sprintf("g%d-%s", h.Generation, h.Digest[:12])
	for _, rows := range p.split(r.Rows) {
		doc := partDoc{ID: partID(r.Day, h.Run, h.Parts), Kind: rowsKind, Day: r.Day, Generation: h.Generation, Run: h.Run, Rows: rows}
		if err := p.col.Upsert(ctx, doc); err != nil {
			return Head{}, fmt.Errorf("write generation %d: %w", h.Generation, err)
		}
		h.Parts++
	}
	err := p.swap(ctx, h, old)
	if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrDuplicate) {
		other, herr := p.head(ctx, r.Day)
		if herr == nil && other.Digest == h.Digest {
			return other, nil // a replica counted the same files
		}
	}
	if err != nil {
		return Head{}, fmt.Errorf("switch to generation %d: %w", h.Generation, err)
	}
	p.clean(ctx, h)
	return h, nil
}

func (p *Popular) swap(ctx context.Context, h, old Head) error {
	if old.Version == 0 {
		return p.col.Insert(ctx, h)
	}
	return p.col.Replace(ctx, h, old.Version)
}

// clean deletes what no head can lead to any more: older generations, and others that lost the race for this one's place.
// A newer one being written by a replica stays.
func (p *Popular) clean(ctx context.Context, h Head) {
	of := func(more ...store.Cond) []store.Cond {
		return append([]store.Cond{{Field: "day", Op: store.Eq, Value: string(h.Day)}, {Field: "kind", Op: store.Eq, Value: rowsKind}}, more...)
	}
	_, err := p.col.DeleteWhere(ctx, of(store.Cond{Field: "generation", Op: store.Lt, Value: h.Generation})...)
	_, err2 := p.col.DeleteWhere(ctx, of(store.Cond{Field: "generation", Op: store.Eq, Value: h.Generation}, store.Cond{Field: "run", Op: store.Ne, Value: h.Run})...)
	if err := errors.Join(err, err2); err != nil {
		p.log.Warn("an old ranking stays behind until the next generation", "day", string(h.Day), "error", err)
	}
}

// split cuts rows into documents that stay far below what a store takes.
func (p *Popular) split(rows []Row) [][]Row {
	var out [][]Row
	start, size := 0, 0
	for i := range rows {
		n := 80 + len(rows[i].PerformanceID) + 100*len(rows[i].Cells) + 50*len(rows[i].Clicks)
		if size > 0 && size+n > p.cfg.MaxDocument {
			out, start, size = append(out, rows[start:i]), i, 0
		}
		size += n
	}
	if start < len(rows) {
		out = append(out, rows[start:])
	}
	return out
}

// load reads the current generation of a day. A switch between two reads is met by reading again.
func (p *Popular) load(ctx context.Context, day ticket.Date) (Head, []Row, error) {
	for range 4 {
		h, err := p.head(ctx, day)
		if err != nil || h.Generation == 0 {
			return h, nil, err
		}
		rows := make([]Row, 0, h.Rows)
		for n := range h.Parts {
			var d partDoc
			if err = p.col.Get(ctx, partID(day, h.Run, n), &d); err != nil {
				break
			}
			rows = append(rows, d.Rows...)
		}
		if err == nil {
			return h, rows, nil
		}
		if !errors.Is(err, store.ErrNotFound) {
			return Head{}, nil, fmt.Errorf("read the ranking of %s: %w", day, err)
		}
	}
	return Head{}, nil, fmt.Errorf("the ranking of %s has lost its rows: run the job popular again after deleting its head", day)
}

// aggregate is a row of the copy in the lake: the views of a performance, of one age band or all (null), and of one gender
// or all (null).
type aggregate struct {
	Day           string  `parquet:"name=day, type=BYTE_ARRAY, convertedtype=UTF8"`
	Generation    int64   `parquet:"name=generation, type=INT64"`
	Rank          int32   `parquet:"name=rank, type=INT32"` // of the performance, over all
	PerformanceID string  `parquet:"name=performance_id, type=BYTE_ARRAY, convertedtype=UTF8"`
	Genre         *string `parquet:"name=genre, type=BYTE_ARRAY, convertedtype=UTF8"`  // null is unknown
	Region        *string `parquet:"name=region, type=BYTE_ARRAY, convertedtype=UTF8"` // null is unknown
	Age           *string `parquet:"name=age, type=BYTE_ARRAY, convertedtype=UTF8"`
	Gender        *string `parquet:"name=gender, type=BYTE_ARRAY, convertedtype=UTF8"`
	Views         int64   `parquet:"name=views, type=INT64"`
}

// copyOut writes the copy under the first generation number that is free or has the very same bytes.
func (p *Popular) copyOut(ctx context.Context, r *Ranking, h *Head) error {
	for range 1000 {
		body, err := lake.EncodeRows(aggregates(r, h.Generation))
		if err != nil {
			return fmt.Errorf("encode the ranking of %s: %w", r.Day, err)
		}
		key := fmt.Sprintf("aggregates/popular/date=%s/popular-g%d-v1.parquet", r.Day, h.Generation)
		err = p.deps.Bucket.PutNew(ctx, key, body)
		if errors.Is(err, lake.ErrExists) {
			var there []byte
			if there, err = p.deps.Bucket.Get(ctx, key); err == nil && !bytes.Equal(there, body) {
				h.Generation++ // of a run that was cut off before its switch, and of other files
				continue
			}
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", key, err)
		}
		return nil
	}
	return fmt.Errorf("the lake holds a thousand rankings of %s that nobody switched to", r.Day)
}

// aggregates lays the ranking out as rows, without those that fewer than five people of one age or gender stand behind.
func aggregates(r *Ranking, generation int64) []aggregate {
	out := []aggregate{}
	known := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	for i := range r.Rows {
		row := &r.Rows[i]
		for _, g := range groups(row.Cells) {
			if (g.age == "" && g.gender == "") || g.n >= fewest {
				out = append(out, aggregate{Day: string(r.Day), Generation: generation, Rank: int32(i + 1), PerformanceID: row.PerformanceID,
					Genre: known(string(g.genre)), Region: known(string(g.region)), Age: known(string(g.age)), Gender: known(string(g.gender)), Views: int64(g.n)})
			}
		}
	}
	return out
}
