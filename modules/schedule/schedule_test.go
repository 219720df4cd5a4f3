package schedule

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type memory struct {
	mu   sync.Mutex
	runs map[string]Run
}

func (m *memory) Save(_ context.Context, r Run) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.runs == nil {
		m.runs = map[string]Run{}
	}
	m.runs[r.ID] = r
	return nil
}

func (m *memory) Recent(context.Context, string, int) ([]Run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Run
	for _, r := range m.runs {
		out = append(out, r)
	}
	return out, nil
}

func (m *memory) Interrupt(_ context.Context, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, r := range m.runs {
		if r.Outcome == Running {
			r.Outcome, r.EndedAt = Interrupted, &at
			m.runs[id] = r
		}
	}
	return nil
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestOutcomes(t *testing.T) {
	work := map[string]func(context.Context) (Report, error){
		"fine":  func(context.Context) (Report, error) { return Report{Counts: map[string]int64{"pages": 3}}, nil },
		"fails": func(context.Context) (Report, error) { return Report{}, errors.New("seller is closed") },
		"panic": func(context.Context) (Report, error) { panic("boom") },
		"slow":  func(ctx context.Context) (Report, error) { <-ctx.Done(); return Report{}, ctx.Err() },
	}
	var jobs []Job
	for name, fn := range work {
		jobs = append(jobs, Job{Name: name, Timeout: 50 * time.Millisecond, Run: fn})
	}
	h := &memory{}
	s, err := New(jobs, h, time.Now, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, want := range map[string]string{"fine": OK, "fails": Failed, "panic": Failed, "slow": Failed} {
		r, err := s.Do(context.Background(), name, "test")
		if r.Outcome != want || (err == nil) != (want == OK) || r.EndedAt == nil {
			t.Errorf("%s: %+v, %v; want outcome %s", name, r, err, want)
		}
		if h.runs[r.ID].Outcome != want {
			t.Errorf("%s: history says %q, want %q", name, h.runs[r.ID].Outcome, want)
		}
	}
	if _, err := s.Do(context.Background(), "nobody", "test"); !errors.Is(err, ErrUnknownJob) {
		t.Errorf("unknown job: %v", err)
	}
}

func TestNoOverlapAndStop(t *testing.T) {
	started := make(chan struct{})
	s, err := New([]Job{{Name: "long", Timeout: time.Hour, Run: func(ctx context.Context) (Report, error) {
		close(started)
		<-ctx.Done()
		return Report{}, ctx.Err()
	}}}, &memory{}, time.Now, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Start("long", "test"); err != nil {
		t.Fatal(err)
	}
	<-started
	if _, err := s.Start("long", "test"); !errors.Is(err, ErrRunning) {
		t.Errorf("second start: %v, want %v", err, ErrRunning)
	}
	s.Close()
	runs, _ := s.History(context.Background(), "", 10)
	if len(runs) != 1 || runs[0].Outcome != Cancelled {
		t.Errorf("after the stop history holds %+v", runs)
	}
	if _, err := s.Start("long", "test"); !errors.Is(err, ErrStopping) {
		t.Errorf("start after the stop: %v", err)
	}
}

func TestTheClockFiresAndTheCutOffAreMarked(t *testing.T) {
	fired := make(chan struct{}, 8)
	h := &memory{runs: map[string]Run{"old": {ID: "old", Job: "tick", Outcome: Running}}}
	s, err := New([]Job{{Name: "tick", Spec: "@every 1s", Timeout: time.Minute, Run: func(context.Context) (Report, error) {
		fired <- struct{}{}
		return Report{}, nil
	}}}, h, time.Now, quiet())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	<-fired
	if s.Next("tick").IsZero() || !s.Next("none").IsZero() {
		t.Error("Next does not tell the clock's plan")
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if h.runs["old"].Outcome != Interrupted {
		t.Errorf("a cut-off run is %q, want %q", h.runs["old"].Outcome, Interrupted)
	}
}

func TestTableIsChecked(t *testing.T) {
	run := func(context.Context) (Report, error) { return Report{}, nil }
	for _, jobs := range [][]Job{
		{{Name: "", Timeout: 1, Run: run}}, {{Name: "a", Run: run}}, {{Name: "a", Timeout: 1}},
		{{Name: "a", Timeout: 1, Run: run, Spec: "every day"}},
		{{Name: "a", Timeout: 1, Run: run}, {Name: "a", Timeout: 1, Run: run}},
	} {
		if _, err := New(jobs, &memory{}, time.Now, quiet()); err == nil {
			t.Errorf("New(%+v) took a bad table", jobs)
		}
	}
}
