// Package schedule runs the named jobs: by the clock (robfig/cron's runner, Seoul time) or now, by hand.
//
// Guarantees: a job never overlaps itself; every run has a time-out and one row of history from its start to its end; a
// run that was cut off by the end of the process is marked interrupted at the next start; a panic ends the run, not the
// program; Run returns only after every run has ended. It never takes a schedule from a user.
package schedule

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"ticketmoa/modules/ticket"
)

// Why a job was not run.
var (
	ErrUnknownJob = errors.New("there is no such job")
	ErrRunning    = errors.New("the job is already running")
	ErrStopping   = errors.New("the program is stopping")
)

// Report is what a run did: counts by snake_case name, and notes for people.
type Report struct {
	Counts map[string]int64 `bson:"counts,omitempty" json:"counts,omitempty"`
	Notes  []string         `bson:"notes,omitempty" json:"notes,omitempty"`
}

// Job is a row of the job table.
type Job struct {
	Name    string
	Title   string // for people, Korean
	Spec    string // five cron fields in Seoul time; "" runs only by hand
	Timeout time.Duration
	Run     func(ctx context.Context) (Report, error)
}

// How a run ended.
const (
	Running     = "running"
	OK          = "ok"
	Failed      = "failed"
	Cancelled   = "cancelled"
	Interrupted = "interrupted"
)

// Run is one row of history.
type Run struct {
	ID        string     `bson:"_id" json:"id"`
	Job       string     `bson:"job" json:"job"`
	Trigger   string     `bson:"trigger" json:"trigger"` // "clock", "admin", "command"
	Outcome   string     `bson:"outcome" json:"outcome"`
	StartedAt time.Time  `bson:"started_at" json:"started_at"`
	EndedAt   *time.Time `bson:"ended_at,omitempty" json:"ended_at"`
	Error     string     `bson:"error,omitempty" json:"error,omitempty"`
	Report    Report     `bson:"report" json:"report"`
}

// History keeps the runs.
type History interface {
	Save(ctx context.Context, r Run) error
	// Recent lists the newest runs of a job first; job "" is every job.
	Recent(ctx context.Context, job string, limit int) ([]Run, error)
	// Interrupt marks every run still noted as running as interrupted.
	Interrupt(ctx context.Context, at time.Time) error
}

// Scheduler runs jobs. Make one with New, then call Run once.
type Scheduler struct {
	jobs    []Job
	history History
	now     func() time.Time
	log     *slog.Logger

	mu      sync.Mutex
	active  map[string]context.CancelFunc
	closed  bool
	running sync.WaitGroup
	cron    *cron.Cron
	entries map[string]cron.EntryID
}

// New checks the table: names unique, schedules readable, time-outs given.
func New(jobs []Job, history History, now func() time.Time, log *slog.Logger) (*Scheduler, error) {
	s := &Scheduler{
		jobs: jobs, history: history, now: now, log: log,
		active: map[string]context.CancelFunc{}, entries: map[string]cron.EntryID{},
		cron: cron.New(cron.WithLocation(ticket.Seoul)),
	}
	for i, j := range jobs {
		if j.Name == "" || j.Run == nil || j.Timeout <= 0 {
			return nil, fmt.Errorf("job %d (%q): name, time-out and work are needed", i, j.Name)
		}
		if slices.ContainsFunc(jobs[:i], func(o Job) bool { return o.Name == j.Name }) {
			return nil, fmt.Errorf("job %q stands twice in the table", j.Name)
		}
		if j.Spec == "" {
			continue
		}
		id, err := s.cron.AddFunc(j.Spec, func() { s.fire(j) })
		if err != nil {
			return nil, fmt.Errorf("job %q: schedule %q: %w", j.Name, j.Spec, err)
		}
		s.entries[j.Name] = id
	}
	return s, nil
}

// Check tells what is wrong with a schedule of five cron fields; "" is never fired and fine.
func Check(spec string) error {
	if spec == "" {
		return nil
	}
	if strings.Contains(spec, "TZ=") { // robfig/cron panics on some of these; times are Seoul's anyway
		return fmt.Errorf("%q names a zone: schedules are in Seoul time", spec)
	}
	if _, err := cron.ParseStandard(spec); err != nil {
		return fmt.Errorf("%q is not five cron fields (minute hour day month weekday): %w", spec, err)
	}
	return nil
}

// Run fires jobs by the clock until ctx ends, then cancels what still runs and waits for it.
func (s *Scheduler) Run(ctx context.Context) error {
	if err := s.history.Interrupt(ctx, ticket.Instant(s.now())); err != nil {
		return fmt.Errorf("mark interrupted runs: %w", err)
	}
	s.cron.Start()
	<-ctx.Done()
	<-s.cron.Stop().Done()
	s.Close()
	return nil
}

// Wait waits until nothing runs any more.
func (s *Scheduler) Wait() { s.running.Wait() }

// Close refuses new runs, cancels what still runs and waits for it. It may be called more than once.
func (s *Scheduler) Close() {
	s.mu.Lock()
	s.closed = true
	for _, cancel := range s.active {
		cancel()
	}
	s.mu.Unlock()
	s.running.Wait()
}

func (s *Scheduler) fire(j Job) {
	if _, err := s.Start(j.Name, "clock"); err != nil {
		s.log.Warn("job skipped", "job", j.Name, "error", err)
	}
}

// Start begins a run and returns its id at once.
func (s *Scheduler) Start(name, trigger string) (string, error) {
	r, ctx, err := s.begin(context.Background(), name, trigger)
	if err != nil {
		return "", err
	}
	go s.work(ctx, r)
	return r.ID, nil
}

// Do runs a job now and waits for its end. The end of ctx cancels the run.
func (s *Scheduler) Do(ctx context.Context, name, trigger string) (Run, error) {
	r, runCtx, err := s.begin(ctx, name, trigger)
	if err != nil {
		return Run{}, err
	}
	r = s.work(runCtx, r)
	if r.Outcome != OK {
		return r, fmt.Errorf("job %s %s: %s", r.Job, r.Outcome, r.Error)
	}
	return r, nil
}

// Cancel ends a running job.
func (s *Scheduler) Cancel(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	cancel, ok := s.active[name]
	if !ok {
		return fmt.Errorf("%s does not run: %w", name, ErrUnknownJob)
	}
	cancel()
	return nil
}

// Jobs lists the table.
func (s *Scheduler) Jobs() []Job { return slices.Clone(s.jobs) }

// History lists the newest runs first.
func (s *Scheduler) History(ctx context.Context, job string, limit int) ([]Run, error) {
	return s.history.Recent(ctx, job, limit)
}

// Next is when the clock will fire a job; the zero time when it will not.
func (s *Scheduler) Next(name string) time.Time {
	id, ok := s.entries[name]
	if !ok {
		return time.Time{}
	}
	return s.cron.Entry(id).Next
}

func (s *Scheduler) job(name string) (Job, bool) {
	i := slices.IndexFunc(s.jobs, func(j Job) bool { return j.Name == name })
	if i < 0 {
		return Job{}, false
	}
	return s.jobs[i], true
}

func (s *Scheduler) begin(parent context.Context, name, trigger string) (Run, context.Context, error) {
	j, ok := s.job(name)
	if !ok {
		return Run{}, nil, fmt.Errorf("%q: %w", name, ErrUnknownJob)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return Run{}, nil, ErrStopping
	}
	if _, busy := s.active[name]; busy {
		return Run{}, nil, fmt.Errorf("%s: %w", name, ErrRunning)
	}
	ctx, cancel := context.WithTimeout(parent, j.Timeout) //nolint:gosec // work calls it through active when the run ends
	s.active[name] = cancel
	s.running.Add(1)
	return Run{ID: rand.Text(), Job: name, Trigger: trigger, Outcome: Running, StartedAt: ticket.Instant(s.now())}, ctx, nil
}

// work does the run and writes its history; the last write has a context of its own, because the run's may be over.
func (s *Scheduler) work(ctx context.Context, r Run) Run {
	defer s.running.Done()
	j, _ := s.job(r.Job)
	s.save(context.WithoutCancel(ctx), r)
	report, err := s.guarded(ctx, j)
	end := ticket.Instant(s.now())
	r.EndedAt, r.Report, r.Outcome = &end, report, OK
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		r.Outcome, r.Error = Cancelled, "cancelled before it was finished"
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		r.Outcome, r.Error = Failed, fmt.Sprintf("not finished within %s", j.Timeout)
	case err != nil:
		r.Outcome, r.Error = Failed, err.Error()
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	s.save(last, r)
	level := slog.LevelInfo
	if r.Outcome == Failed {
		level = slog.LevelWarn
	}
	s.log.Log(context.Background(), level, "job ended", "job", r.Job, "outcome", r.Outcome, "dur_ms", end.Sub(r.StartedAt).Milliseconds(), "error", r.Error)
	s.mu.Lock()
	s.active[r.Job]()
	delete(s.active, r.Job)
	s.mu.Unlock()
	return r
}

func (s *Scheduler) save(ctx context.Context, r Run) {
	if err := s.history.Save(ctx, r); err != nil {
		s.log.Error("history of a run was not saved", "job", r.Job, "run", r.ID, "error", err)
	}
}

func (s *Scheduler) guarded(ctx context.Context, j Job) (report Report, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("job panicked", "job", j.Name, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panicked: %v", p)
		}
	}()
	return j.Run(ctx)
}
