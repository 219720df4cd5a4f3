package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/ticket"
)

func TestSinkBringsEverything(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.cfg.BatchRows = 100
	want := event("event-0000000", b.now())
	want.Query, want.AgeBand, want.OccurredAt, want.Bot = "헤드윅 \"x\"", "20s", noon.Add(-time.Hour), true
	b.append(want)
	b.appendIDs(1, 1050)
	b.drain()
	b.wantOnce(1050)
	if got := b.rows()["event-0000000"]; !reflect.DeepEqual(got, []ticket.Event{want}) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	files := b.keys("events/date=2026-11-22/events-")
	if first := lake.EventKey("2026-11-22", b.q.ID(), 1, 100, 1); len(files) != 11 || files[0] != first {
		t.Errorf("files %v, want 11 and the first %s", files, first)
	}
	if c := b.consumer(); c.Backlog() != 0 || c.Note() != nil {
		t.Errorf("backlog %d, note %q", c.Backlog(), c.Note())
	}
}

// TestSinkSameBytes: two sinks that never met make the same objects of the same records (S16).
func TestSinkSameBytes(t *testing.T) {
	t.Parallel()
	sums := func() (out []string) {
		b := newBench(t, nil)
		b.cfg.BatchRows = 333
		b.appendIDs(0, 2000)
		b.drain()
		for _, k := range b.keys("events/date=2026-11-22/events-") {
			body, err := b.bucket.Get(context.Background(), k)
			b.ok(err)
			out = append(out, lake.Sum(body))
		}
		return out
	}
	if a, b := sums(), sums(); len(a) != 7 || !slices.Equal(a, b) {
		t.Errorf("%v and %v", a, b)
	}
}

// TestSinkDays is S12: the day is the receipt's, whatever clocks say and in whatever order events come.
func TestSinkDays(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.cfg.BatchRows = 7
	midnight := ticket.Date("2026-11-23").Time()
	for i, at := range []time.Time{
		midnight.Add(-time.Millisecond), midnight, midnight.Add(time.Millisecond), midnight.Add(-24 * time.Hour), midnight.Add(24 * time.Hour),
		midnight.Add(-2 * time.Hour), midnight.Add(240 * time.Hour), midnight.Add(-240 * time.Hour), midnight,
	} {
		e := event(fmt.Sprintf("event-%07d", i), at)
		e.OccurredAt = at.AddDate(-10, 0, 0) // is never trusted
		b.append(e)
		b.move([]time.Duration{time.Hour, -3 * time.Hour, 26 * time.Hour, -80000 * time.Hour, 80000 * time.Hour}[i%5])
	}
	b.drain()
	b.wantOnce(9)
	want := []ticket.Date{"2026-11-13", "2026-11-22", "2026-11-23", "2026-11-24", "2026-12-03"}
	if got := b.days(); !slices.Equal(got, want) {
		t.Errorf("days %v, want %v", got, want)
	}
}

// TestSinkSameID is E5: one id is one row, across batches, restarts and midnight; another day's is another event.
func TestSinkSameID(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.cfg.BatchRows = 50
	midnight := ticket.Date("2026-11-23").Time()
	first := event("event-0000000", midnight.Add(-time.Minute))
	first.Query = "first"
	b.append(first)
	for range 1000 {
		b.append(event("event-0000000", midnight.Add(-time.Second)))
	}
	b.drain()
	for range 500 {
		b.append(event("event-0000000", midnight.Add(time.Second)))
	}
	b.appendIDs(1, 20)
	b.drain()
	b.drain()
	b.wantOnce(20)
	if got := b.rows()["event-0000000"]; len(got) != 1 || got[0].Query != "first" {
		t.Errorf("the first by offset is not the one kept: %+v", got)
	}
	b.append(event("event-0000000", midnight.Add(72*time.Hour)))
	b.drain()
	if got := b.rows()["event-0000000"]; len(got) != 2 {
		t.Errorf("days later: %d rows, want 2", len(got))
	}
	m, err := lake.ReadManifest(t.Context(), b.bucket, "2026-11-22", b.q.ID())
	b.ok(err)
	var doubles int64
	for _, f := range slices.Concat(m.Files, m.Empty) {
		doubles += f.Duplicates
	}
	if doubles != 1000 || m.Rows != 20 {
		t.Errorf("manifest counts %d duplicates and %d rows", doubles, m.Rows)
	}
}

func TestSinkDeadLetters(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.appendIDs(0, 3)
	bad := []string{"", "{", "null", "[]", `{"id":"a"}`, `{"id":"a","kind":"view"}`, `{"id":"a","kind":"view","received_at":"2026-11-22T03:00:00Z"} x`,
		`{"id":"a","kind":"view","received_at":"9999-12-31T23:59:59Z"}`, "\xff\x00", `{"id":1}`}
	for _, p := range bad {
		_, err := b.q.Append(t.Context(), []byte(p))
		b.ok(err)
	}
	b.appendIDs(3, 5)
	b.drain()
	b.wantOnce(5)
	dead := b.keys("dead/events/")
	if len(dead) != len(bad) {
		t.Fatalf("dead %v, want %d", dead, len(bad))
	}
	for i, key := range dead {
		body, err := b.bucket.Get(t.Context(), key)
		b.ok(err)
		var d deadLetter
		b.ok(json.Unmarshal(body, &d))
		if string(d.Payload) != bad[i] || d.Reason == "" || d.Offset != uint64(4+i) || key != fmt.Sprintf("dead/events/date=2026-11-22/%s-%020d.json", b.q.ID(), 4+i) {
			t.Errorf("%s: %+v, want payload %q", key, d, bad[i])
		}
	}
	if m, err := lake.ReadManifest(t.Context(), b.bucket, "2026-11-22", b.q.ID()); err != nil || m.Dead != int64(len(bad)) || m.Rows != 5 {
		t.Errorf("manifest %+v, %v", m, err)
	}
}

// TestSinkOnlyDead: a batch without a row still leaves a trace, and no empty file.
func TestSinkOnlyDead(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	_, err := b.q.Append(t.Context(), []byte("x"))
	b.ok(err)
	b.drain()
	m, err := lake.ReadManifest(t.Context(), b.bucket, "2026-11-22", b.q.ID())
	if err != nil || m.Dead != 1 || len(m.Files) != 0 || len(m.Empty) != 1 {
		t.Errorf("manifest %+v, %v", m, err)
	}
}

// TestSinkAge is S13: a small batch goes out by age, also when the process was started anew in the meantime and when the
// clock was put back.
func TestSinkAge(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.appendIDs(0, 3)
	s, stop := b.run()
	b.ok(s.ask(t.Context(), &mark{done: make(chan error, 1)})) // the loop runs
	b.move(4 * time.Minute)
	b.ok(s.ask(t.Context(), &mark{done: make(chan error, 1)}))
	if got := b.keys("events/"); len(got) != 0 {
		t.Errorf("a batch went out early: %v", got)
	}
	b.ok(stop())
	b.move(2 * time.Minute) // six minutes since the records came
	s, stop = b.run()
	b.waitFor(func() bool { return s.Stats().Rows == 3 })
	b.appendIDs(3, 5)
	b.move(-48 * time.Hour)
	b.ok(s.ask(t.Context(), &mark{done: make(chan error, 1)}))
	b.move(5 * time.Minute)
	b.waitFor(func() bool { return s.Stats().Rows == 5 || b.moved(time.Minute) })
	b.ok(stop())
	b.wantOnce(5)
}

// TestSinkPlannedSchema is S11: a batch planned by an earlier version is finished with its boundary and schema.
func TestSinkPlannedSchema(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.appendIDs(0, 30)
	note, err := plan{First: 1, Last: 10, Schema: 1, Encoder: "columns-1", Created: noon}.note()
	b.ok(err)
	b.ok(b.consumer().SetNote(note))
	b.adjust = func(s *Sink) {
		s.schema = 2
		s.encoders[2] = s.encoders[1]
	}
	b.drain()
	b.wantOnce(30)
	want := []string{lake.EventKey("2026-11-22", b.q.ID(), 1, 10, 1), lake.EventKey("2026-11-22", b.q.ID(), 11, 30, 2)}
	if got := b.keys("events/date=2026-11-22/events-"); !slices.Equal(got, want) {
		t.Errorf("files %v, want %v", got, want)
	}
}

func TestSinkRefusesUnknownPlans(t *testing.T) {
	t.Parallel()
	for _, note := range []string{`{"first":1,"last":2,"schema":9}`, "x", `{"first":5,"last":2,"schema":1}`} {
		b := newBench(t, nil)
		b.appendIDs(0, 3)
		b.ok(b.consumer().SetNote([]byte(note)))
		if err := b.newSink().Run(t.Context()); !errors.Is(err, ErrUnknownPlan) {
			t.Errorf("note %s: %v", note, err)
		}
		if c := b.consumer(); c.Backlog() != 3 || string(c.Note()) != note {
			t.Errorf("note %s: backlog %d and note %s afterwards", note, c.Backlog(), c.Note())
		}
	}
}

// TestSinkConflict: an object of someone else under our key is kept, and ours is not lost.
func TestSinkConflict(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.appendIDs(0, 5)
	key := lake.EventKey("2026-11-22", b.q.ID(), 1, 5, 1)
	b.ok(b.bucket.Put(t.Context(), key, []byte("someone else's")))
	s, stop := b.run()
	b.ok(s.Seal(t.Context()))
	if st := s.Stats(); st.Conflicts != 1 || st.Alarms == 0 {
		t.Errorf("stats %+v", st)
	}
	b.ok(stop())
	if body, err := b.bucket.Get(t.Context(), key); err != nil || string(body) != "someone else's" {
		t.Errorf("the other object: %q, %v", body, err)
	}
	m, err := lake.ReadManifest(t.Context(), b.bucket, "2026-11-22", b.q.ID())
	b.ok(err)
	if len(m.Files) != 1 || !m.Files[0].Conflict || !strings.Contains(m.Files[0].Key, "-conflict-") || len(b.rows()) != 5 {
		t.Errorf("manifest %+v, %d rows", m, len(b.rows()))
	}
}

// TestSinkOtherEncoder: what an earlier version stored before the crash is the batch, although its bytes are others.
func TestSinkOtherEncoder(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.appendIDs(0, 5)
	var same []ticket.Event
	for i := range 5 {
		same = append(same, event(fmt.Sprintf("event-%07d", i), b.now()))
	}
	body, err := lake.EncodeEvents(same)
	b.ok(err)
	at := slices.Index(body, 'P')
	body = slices.Concat(body[:at], body[at:])
	name := []byte("ticketmoa version 1")
	i := strings.Index(string(body), string(name))
	copy(body[i:], "ticketmoa version 0") // the same rows in other bytes
	key := lake.EventKey("2026-11-22", b.q.ID(), 1, 5, 1)
	b.ok(b.bucket.Put(t.Context(), key, body))
	b.drain()
	b.wantOnce(5)
	if got := b.keys("events/date=2026-11-22/events-"); !slices.Equal(got, []string{key}) {
		t.Errorf("files %v", got)
	}
}

// TestSinkKeys is S17: nothing of an event gets into a key.
func TestSinkKeys(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	for i, evil := range []string{"../../x", "a/b", "한글", "a\x00b", "$(reboot)", "%2e%2e", " "} {
		e := event(fmt.Sprintf("event-%07d", i), b.now())
		e.ID, e.Kind, e.Page, e.Query, e.PerformanceID, e.Seller = evil+e.ID, ticket.EventKind(evil), evil, evil, evil, ticket.Seller(evil)
		b.append(e)
	}
	_, err := b.q.Append(t.Context(), []byte("../dead"))
	b.ok(err)
	b.drain()
	plain := regexp.MustCompile(`^[a-z0-9=_/.-]+$`)
	if got := b.keys(""); len(got) != 3 {
		t.Errorf("keys %v, want a file, a manifest and a dead letter", got)
	}
	for _, k := range b.keys("") {
		if !plain.MatchString(k) {
			t.Errorf("key %q", k)
		}
	}
	_, err = NewSink(t.Context(), SinkDeps{Queue: evilQueue{}, Now: b.now}, SinkConfig{}, b.log)
	if err == nil {
		t.Error("an id that leads out of the folder was taken")
	}
}

type evilQueue struct{}

func (evilQueue) ID() string   { return "../x" }
func (evilQueue) Purge() error { return nil }

func TestSinkDefaults(t *testing.T) {
	t.Parallel()
	got := SinkConfig{}.withDefaults()
	if want := (SinkConfig{100_000, 16 << 20, 5 * time.Minute, time.Minute, time.Second}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for n := range 20 {
		for range 200 {
			if d := pauseOf(n); d < time.Second || d > time.Minute || n == 0 && d > 2*time.Second || n > 6 && d < 30*time.Second {
				t.Fatalf("pause %d: %s", n, d)
			}
		}
	}
}

// TestSinkBacklogOfOldRecords: after an outage old records come together in whole batches.
func TestSinkBacklogOfOldRecords(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.appendIDs(0, 5000)
	b.move(time.Hour)
	s, stop := b.run()
	b.waitFor(func() bool { return s.Stats().Rows == 5000 })
	b.ok(stop())
	if st := s.Stats(); st.Batches != 1 {
		t.Errorf("%d batches for what was there at once", st.Batches)
	}
	b.wantOnce(5000)
}
