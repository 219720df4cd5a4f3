package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/queue"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// ErrSinkEnded is the answer to a Seal when Run has returned, or returns before the batch is out.
var ErrSinkEnded = errors.New("sink has ended")

// SinkSource is the sink's place in the queue: *queue.Consumer, which nobody else reads.
type SinkSource interface {
	Next(ctx context.Context) (queue.Message, error)
	// Note and SetNote keep the plan of the batch under way, durably.
	Note() []byte
	SetNote(note []byte) error
	// Commit makes durable, in one step, that everything up to offset is done and that there is no note.
	Commit(offset uint64) error
	Backlog() uint64
}

// SinkQueue is the queue itself.
type SinkQueue interface {
	ID() string
	Purge() error
}

// SinkDeps are what a sink needs.
type SinkDeps struct {
	Queue  SinkQueue
	Source SinkSource
	Bucket lake.Bucket
	Store  store.Store
	// Barrier says that every event received before received has an offset below next.
	Barrier func(ctx context.Context) (received time.Time, next uint64, err error)
	Now     func() time.Time
}

// SinkConfig are the settings. The zero value is ready to use.
type SinkConfig struct {
	BatchRows  int           // a batch ends at so many records; 100,000 when 0
	BatchBytes int           // or so many bytes of them; 16 MiB when 0
	BatchAge   time.Duration // or when its oldest record is so old; 5 minutes when 0
	MarkEvery  time.Duration // how often the watermark is asked forward; a minute when 0
	Tick       time.Duration // how often ages are looked at; a second when 0
}

const (
	defaultRows  = 100_000
	defaultBytes = 16 << 20
	defaultAge   = 5 * time.Minute
	defaultMark  = time.Minute
	defaultTick  = time.Second
	gather       = 10 // ticks
)

func (c SinkConfig) withDefaults() SinkConfig {
	if c.BatchRows <= 0 {
		c.BatchRows = defaultRows
	}
	c.BatchRows = min(c.BatchRows, lakeRows)
	if c.BatchBytes <= 0 {
		c.BatchBytes = defaultBytes
	}
	for _, d := range []struct {
		of *time.Duration
		to time.Duration
	}{{&c.BatchAge, defaultAge}, {&c.MarkEvery, defaultMark}, {&c.Tick, defaultTick}} {
		if *d.of <= 0 {
			*d.of = d.to
		}
	}
	return c
}

// lakeRows is below what one file may hold.
const lakeRows = 1 << 20

// SinkStats says what a sink did since its start.
type SinkStats struct {
	Batches    uint64
	Rows       uint64
	Files      uint64
	Duplicates uint64
	Dead       uint64 // records that were no events
	Conflicts  uint64 // files that had to take a key of their own
	Failures   uint64 // requests to the lake that failed
	Alarms     uint64 // each is one error in the log
	Failing    bool   // the lake refuses at this moment
	Committed  uint64 // offset; 0 before the first batch
	Waiting    uint64 // records that are not in the lake yet
	Through    time.Time
}

// Sink brings events from the queue into the lake. Make one with NewSink, then call Run once.
type Sink struct {
	deps     SinkDeps
	bucket   lake.Bucket // answers once: the pauses are the sink's
	cfg      SinkConfig
	log      *slog.Logger
	id       string
	under    string // whose files Run makes: id, but for a plan that was made under another
	schema   int
	encoders map[int]func() (encoder, error)
	marks    chan *mark
	ended    chan struct{}
	col      store.Collection // watermarks
	reached  func(point string)
	sleep    func(ctx context.Context, d time.Duration) error

	// Run's alone.
	batch     batch
	carry     *queue.Message // read behind a plan that was finished
	committed uint64
	known     *seen
	manifests map[ticket.Date]*lake.Manifest
	pending   []*mark

	mu    sync.Mutex // guards what follows
	stats SinkStats
	own   watermark // as it is in the store
	down  bool
	gone  map[string]bool // queues that were left out and told of
}

// batch is what was read and is not planned yet.
type batch struct {
	msgs  []queue.Message
	bytes int
	since time.Time // when the first record came to the sink
}

var queueID = regexp.MustCompile(`^[0-9a-z]{1,64}$`)

// NewSink opens the collection of watermarks and reads this queue's own.
func NewSink(ctx context.Context, deps SinkDeps, cfg SinkConfig, log *slog.Logger) (*Sink, error) {
	id := deps.Queue.ID()
	if !queueID.MatchString(id) {
		return nil, fmt.Errorf("sink of events: the queue's id %q cannot be part of a key; 0-9 and a-z can", id)
	}
	s := &Sink{
		deps: deps, bucket: lake.Once(deps.Bucket), cfg: cfg.withDefaults(), log: log.With("queue_id", id), id: id, under: id, schema: ticket.EventSchema, encoders: encoders(),
		marks: make(chan *mark), ended: make(chan struct{}), reached: func(string) {}, sleep: pause,
		manifests: map[ticket.Date]*lake.Manifest{}, gone: map[string]bool{},
	}
	s.known = &seen{days: map[ticket.Date]idSet{}}
	return s, s.openWatermarks(ctx)
}

// Run works until ctx ends and returns nil then; what is in no batch yet stays in the queue. It returns an error when the
// queue cannot be read any more, or holds a plan that this version cannot finish. Failures of the lake only delay it.
func (s *Sink) Run(ctx context.Context) error {
	defer close(s.ended)
	ctx, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	err := s.resume(ctx)
	if err == nil {
		feed, broken := make(chan queue.Message), make(chan error, 1)
		wg.Go(func() { s.read(ctx, feed, broken) })
		wg.Go(func() { s.askMarks(ctx) })
		err = s.loop(ctx, feed, broken)
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (s *Sink) read(ctx context.Context, feed chan<- queue.Message, broken chan<- error) {
	for {
		m, err := s.deps.Source.Next(ctx)
		if err != nil {
			broken <- fmt.Errorf("sink of events: read the queue: %w", err)
			return
		}
		select {
		case feed <- m:
		case <-ctx.Done():
			return
		}
	}
}

func (s *Sink) loop(ctx context.Context, feed <-chan queue.Message, broken <-chan error) error {
	tick := time.NewTicker(s.cfg.Tick)
	defer tick.Stop()
	if s.carry != nil {
		s.add(*s.carry)
		s.carry = nil
	}
	for {
		due := false
		select {
		case <-ctx.Done():
			return nil
		case err := <-broken:
			return err
		case m := <-feed:
			s.add(m)
			due = len(s.batch.msgs) >= s.cfg.BatchRows || s.batch.bytes >= s.cfg.BatchBytes
		case <-tick.C:
			due = s.old()
		case m := <-s.marks:
			s.pending = append(s.pending, m)
		}
		if due || s.forced() {
			if err := s.write(ctx); err != nil {
				return err
			}
		}
		s.settleMarks(ctx)
	}
}

func (s *Sink) add(m queue.Message) {
	if len(s.batch.msgs) == 0 {
		s.batch.since = s.deps.Now()
	}
	s.batch.msgs = append(s.batch.msgs, m)
	s.batch.bytes += len(m.Payload)
}

// old tells whether the batch has waited long enough, here or in the queue before a restart. Records that have waited
// there still get a moment to come together, or an outage would end in countless small files. A clock that was put back
// does not make a batch wait longer.
func (s *Sink) old() bool {
	if len(s.batch.msgs) == 0 {
		return false
	}
	now := s.deps.Now()
	here, there := now.Sub(s.batch.since), now.Sub(s.batch.msgs[0].Time)
	if here < 0 {
		s.batch.since = now
	}
	together := here >= gather*s.cfg.Tick || s.deps.Source.Backlog() <= uint64(len(s.batch.msgs))
	return here >= s.cfg.BatchAge || there >= s.cfg.BatchAge && together
}

// write brings the batch into the lake.
func (s *Sink) write(ctx context.Context) error {
	msgs := s.batch.msgs
	s.batch = batch{}
	if len(msgs) == 0 {
		return nil
	}
	p := plan{Queue: s.id, First: msgs[0].Offset, Last: msgs[len(msgs)-1].Offset, Schema: s.schema, Encoder: lake.EventEncoder, Created: s.deps.Now().UTC()}
	note, err := p.note()
	if err != nil {
		return err
	}
	if err := s.persist(ctx, "plan", func() error { return s.deps.Source.SetNote(note) }); err != nil {
		return err
	}
	s.reached("planned")
	return s.finish(ctx, p, msgs)
}

// resume finishes the batch that an earlier run planned.
func (s *Sink) resume(ctx context.Context) error {
	note := s.deps.Source.Note()
	if len(note) == 0 {
		return nil
	}
	p, err := readPlan(note)
	if err != nil {
		return err
	}
	if p.Queue != "" && p.Queue != s.id { // the queue lost its id since: what is stored of the batch bears the old one
		s.log.Warn("sink finishes a batch under the id its queue had", "was", p.Queue)
		s.under = p.Queue
		defer func() {
			s.under = s.id
			clear(s.manifests)
		}()
	}
	s.log.Info("sink finishes a batch of an earlier run", "first", p.First, "last", p.Last, "schema", p.Schema, "created", p.Created)
	var msgs []queue.Message
	for left := s.deps.Source.Backlog(); left > 0; left-- { // counted: a damaged queue may lack the last one
		m, err := s.deps.Source.Next(ctx)
		if err != nil {
			return fmt.Errorf("sink of events: read planned batch %d to %d: %w", p.First, p.Last, err)
		}
		if m.Offset > p.Last {
			s.carry = &m
			break
		}
		msgs = append(msgs, m)
		if m.Offset == p.Last {
			break
		}
	}
	return s.finish(ctx, p, msgs)
}

// finish carries a planned batch out. Every step may be repeated after a crash and then changes nothing.
func (s *Sink) finish(ctx context.Context, p plan, msgs []queue.Message) error {
	parts, err := s.encode(ctx, p, msgs)
	if err != nil {
		return err
	}
	msgs = nil //nolint:wastedassign,ineffassign // the bytes are needed no more, and an outage may be long
	s.reached("encoded")
	var done SinkStats
	for _, part := range parts {
		if err := s.bring(ctx, p, part, &done); err != nil {
			return err
		}
	}
	s.reached("entered")
	if err := s.persist(ctx, "commit", func() error { return s.deps.Source.Commit(p.Last) }); err != nil {
		return err
	}
	s.reached("committed")
	s.committed = p.Last
	for _, part := range parts {
		s.known.add(part.day, part.ids)
	}
	s.forget(parts)
	s.count(done, p.Last)
	if err := s.deps.Queue.Purge(); err != nil {
		s.log.Warn("queue of events keeps records that are in the lake", "error", err)
	}
	s.reached("purged")
	return nil
}

// bring stores what a batch brings to one day and enters it in the day's manifest.
func (s *Sink) bring(ctx context.Context, p plan, part *encodedPart, done *SinkStats) error {
	for _, d := range part.dead {
		if err := s.bury(ctx, part.day, d); err != nil {
			return err
		}
	}
	f := lake.File{First: p.First, Last: p.Last, Schema: p.Schema, Duplicates: part.duplicates, Dead: int64(len(part.dead))}
	if part.rows > 0 {
		f.Rows = part.rows
		f.Key = lake.EventKey(part.day, s.under, p.First, p.Last, p.Schema)
		if err := s.upload(ctx, &f, part.body); err != nil {
			return err
		}
		done.Files++
	}
	s.reached("uploaded")
	done.Rows += uint64(f.Rows)
	done.Duplicates += uint64(f.Duplicates)
	done.Dead += uint64(f.Dead)
	return s.enter(ctx, part.day, p, f)
}

// persist repeats a step on this machine's disk until it succeeds, the queue is closed or ctx ends.
func (s *Sink) persist(ctx context.Context, what string, step func() error) error {
	return s.attempt(ctx, what, func(context.Context) error {
		err := step()
		if errors.Is(err, queue.ErrClosed) || errors.Is(err, queue.ErrBadOffset) {
			return final{err}
		}
		return err
	})
}

// Stats says what the sink did.
func (s *Sink) Stats() SinkStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.stats
	out.Failing, out.Through, out.Waiting = s.down, s.own.Through, s.deps.Source.Backlog()
	return out
}

func (s *Sink) count(d SinkStats, committed uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Batches++
	s.stats.Rows += d.Rows
	s.stats.Files += d.Files
	s.stats.Duplicates += d.Duplicates
	s.stats.Dead += d.Dead
	s.stats.Committed = committed
}
