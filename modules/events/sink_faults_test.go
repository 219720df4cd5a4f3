package events

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/queue"
)

// TestSinkOnS3 is S2 to S6: whatever S3 does, every event is in the lake once, requests are spaced, and an operator hears
// of it.
func TestSinkOnS3(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	bursts := func(percent int) func(r *http.Request) fault {
		left := 0
		return func(r *http.Request) fault {
			if !object(r) {
				return nil
			}
			if left == 0 && rng.IntN(100) < percent {
				left = 1 + rng.IntN(5)
			}
			if left == 0 || percent == 100 && rng.IntN(8) == 0 { // at 100 % one in a while must pass
				return nil
			}
			left--
			return []fault{answer(503, "SlowDown"), answer(500, "InternalError"), answer(429, "SlowDown"), storedButSilent, cutAt(int64(rng.IntN(2000)))}[rng.IntN(5)]
		}
	}
	always := func(f fault) func(int) fault { return func(int) fault { return f } }
	for name, choose := range map[string]func(r *http.Request) fault{
		"nothing": nil, "slow": firstPuts(1000, always(slow)),
		"1 % bursts": bursts(1), "20 % bursts": bursts(20), "100 % bursts": bursts(100),
		"stored, then a timeout": firstPuts(1, always(storedButSilent)),
		"cut at byte 0":          firstPuts(3, func(i int) fault { return cutAt(int64(i-1) * 700) }),
		"expired":                firstPuts(4, always(answer(403, "ExpiredToken"))),
		"clock skew":             firstPuts(2, always(answer(403, "RequestTimeTooSkewed"))),
		"no bucket":              firstPuts(3, always(answer(404, "NoSuchBucket"))),
		"conflict under way":     firstPuts(2, always(answer(409, "ConditionalRequestConflict"))),
		"a bit stored wrong":     firstPuts(2, always(spoilt)),
		"a bit read wrong": func() func(r *http.Request) fault {
			n := 0
			return func(r *http.Request) fault {
				if n++; object(r) && r.Method == http.MethodGet && n%5 == 0 {
					return spoiltOnTheWay
				}
				return nil
			}
		}(),
	} {
		t.Run(name, func(t *testing.T) {
			f := newFaulty(t)
			b := newBench(t, f.open(t))
			b.cfg.BatchRows = 100
			f.set(choose)
			s, stop := b.run()
			for i := range 6 {
				b.appendIDs(i*90, i*90+95) // five of them again the next time
				b.ok(s.Seal(t.Context()))
			}
			b.ok(stop())
			f.set(nil)
			b.wantOnce(545)
			st := s.Stats()
			if f.failed > 0 && name != "slow" && st.Alarms == 0 {
				t.Error("no alarm")
			}
			if st.Failing || st.Conflicts > 0 {
				t.Errorf("stats %+v", st)
			}
			for _, d := range b.pauses {
				if d < time.Second || d > time.Minute {
					t.Errorf("a pause of %s", d)
				}
			}
			if int(st.Failures) > len(b.pauses) { // every failed request was followed by a pause, and by nothing of the client's own
				t.Errorf("%d failures and %d pauses", st.Failures, len(b.pauses))
			}
			if name != "slow" && !strings.HasSuffix(name, "read wrong") && f.failed > int(st.Failures)+len(b.pauses) { // a bit is no failed request, but a pause
				t.Errorf("the server failed %d times, the sink knows of %d and paused %d times", f.failed, st.Failures, len(b.pauses))
			}
		})
	}
}

// TestSinkRequestsAreSpaced: a key that fails is asked for once a pause, never twice by the client itself.
func TestSinkRequestsAreSpaced(t *testing.T) {
	f := newFaulty(t)
	b := newBench(t, f.open(t))
	b.appendIDs(0, 10)
	f.set(firstPuts(9, func(int) fault { return answer(503, "SlowDown") }))
	s, stop := b.run()
	b.ok(s.Seal(t.Context()))
	b.ok(stop())
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, key := range []string{lake.EventKey(auditDay, b.q.ID(), 1, 10, 1), lake.ManifestKey(auditDay, b.q.ID())} {
		if n := f.requests["PUT /lake/"+key]; n != 10 {
			t.Errorf("%d requests for %s, want 9 failed ones and one", n, key)
		}
	}
	if len(b.pauses) != 18 || s.Stats().Failures != 18 {
		t.Errorf("%d pauses, %d failures", len(b.pauses), s.Stats().Failures)
	}
}

// TestSinkWithoutReadingBack is the control of "a bit stored wrong": whoever does not look loses rows.
func TestSinkWithoutReadingBack(t *testing.T) {
	f := newFaulty(t)
	bucket := f.open(t)
	b := newBench(t, trusting{bucket, map[string][]byte{}})
	b.appendIDs(0, 50)
	f.set(func(r *http.Request) fault {
		if put(r) && strings.HasSuffix(r.URL.Path, ".parquet") {
			return spoilt
		}
		return nil
	})
	b.drain()
	f.set(nil)
	b.bucket = bucket
	problems, err := b.newSink().Audit(t.Context(), auditDay)
	if err != nil || len(problems) != 1 {
		t.Errorf("the spoilt file was not noticed: %v, %v", problems, err)
	}
}

// trusting answers Get with what was last put.
type trusting struct {
	lake.Bucket
	had map[string][]byte
}

func (b trusting) PutNew(ctx context.Context, key string, body []byte) error {
	b.had[key] = body
	return b.Bucket.PutNew(ctx, key, body)
}

func (b trusting) Get(ctx context.Context, key string) ([]byte, error) {
	if body, ok := b.had[key]; ok {
		return body, nil
	}
	return b.Bucket.Get(ctx, key)
}

// gate is a bucket that can be shut.
type gate struct {
	lake.Bucket
	mu   sync.Mutex
	shut bool
	came int
}

var errShut = errors.New("lake is down")

func (g *gate) set(shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = shut
}

func (g *gate) check() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut {
		g.came++
		return errShut
	}
	return nil
}

func (g *gate) Put(ctx context.Context, key string, body []byte) error {
	return errors.Join(g.check(), g.open().Put(ctx, key, body))
}

func (g *gate) PutNew(ctx context.Context, key string, body []byte) error {
	return errors.Join(g.check(), g.open().PutNew(ctx, key, body))
}

func (g *gate) Get(ctx context.Context, key string) ([]byte, error) {
	if err := g.check(); err != nil {
		return nil, err
	}
	return g.Bucket.Get(ctx, key)
}

func (g *gate) List(ctx context.Context, prefix string, fn func(lake.Object) error) error {
	if err := g.check(); err != nil {
		return err
	}
	return g.Bucket.List(ctx, prefix, fn)
}

// open is the bucket behind the gate, or nothing.
func (g *gate) open() lake.Bucket {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut {
		return void{}
	}
	return g.Bucket
}

type void struct{ lake.Bucket }

func (void) Put(context.Context, string, []byte) error    { return nil }
func (void) PutNew(context.Context, string, []byte) error { return nil }

// TestSinkSpoolBound is S8: at the bound producers are refused, what was acknowledged stays, and it goes on by itself.
func TestSinkSpoolBound(t *testing.T) {
	t.Parallel()
	folder, err := lake.NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{Bucket: folder, shut: true}
	b := newBench(t, g)
	b.ok(b.q.Close())
	b.q, err = queue.Open(filepath.Join(t.TempDir(), "small"), queue.Config{MaxBytes: 256 << 10, Now: b.now}, b.log)
	b.ok(err)
	b.cfg.BatchRows = 50
	s, stop := b.run()
	n := 0
	for full := false; !full; {
		_, err := b.q.Append(t.Context(), fmt.Appendf(nil, `{"id":"event-%07d","kind":"view","received_at":"2026-11-22T03:00:00Z","query":%q}`, n, strings.Repeat("x", 300)))
		if full = errors.Is(err, queue.ErrFull); !full {
			b.ok(err)
			n++
		}
	}
	b.waitFor(func() bool { return s.Stats().Failures > 3 })
	if st := s.Stats(); st.Rows != 0 || st.Alarms == 0 || !st.Failing || n < 100 {
		t.Errorf("while down, %d in the queue: %+v", n, st)
	}
	g.set(false)
	b.ok(s.Seal(t.Context()))
	b.appendIDs(n, n+100)
	b.ok(s.Seal(t.Context()))
	b.ok(stop())
	b.wantOnce(n + 100)
}

// TestSinkEndsAtOnce: ctx ends Run also while the lake is down, in the longest pause.
func TestSinkEndsAtOnce(t *testing.T) {
	t.Parallel()
	folder, err := lake.NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{Bucket: folder, shut: true}
	b := newBench(t, g)
	asleep := make(chan struct{}, 100)
	b.adjust = func(s *Sink) {
		s.sleep = func(ctx context.Context, _ time.Duration) error {
			asleep <- struct{}{}
			return pause(ctx, time.Hour)
		}
	}
	b.appendIDs(0, 5)
	s, stop := b.run()
	sealed := make(chan error, 1)
	go func() { sealed <- s.Seal(context.Background()) }()
	<-asleep
	b.ok(stop())
	if err := <-sealed; !errors.Is(err, ErrSinkEnded) {
		t.Errorf("seal: %v", err)
	}
	g.set(false)
	b.adjust = nil
	b.drain()
	b.wantOnce(5)
}
