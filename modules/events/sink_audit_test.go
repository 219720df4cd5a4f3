package events

import (
	"strings"
	"testing"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/ticket"
)

const auditDay = ticket.Date("2026-11-22")

// TestSinkAudit is S14: whatever happens to a committed object is told.
func TestSinkAudit(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		spoil func(b *bench, files []string)
		want  string // part of a problem; "" for none
	}{
		"nothing":        {func(*bench, []string) {}, ""},
		"a file deleted": {func(b *bench, f []string) { b.ok(b.bucket.Delete(b.t.Context(), f[0])) }, "is gone"},
		"one bit":        {func(b *bench, f []string) { b.change(f[1], func(p []byte) []byte { p[len(p)/2] ^= 1; return p }) }, "not what was committed"},
		"a file cut":     {func(b *bench, f []string) { b.change(f[1], func(p []byte) []byte { return p[:9] }) }, "not what was committed"},
		"another's file": {func(b *bench, _ []string) {
			b.ok(b.bucket.Put(b.t.Context(), lake.EventKey(auditDay, "zz", 1, 2, 1), []byte("x")))
		}, "in no manifest"},
		"manifest gone": {func(b *bench, _ []string) { b.ok(b.bucket.Delete(b.t.Context(), lake.ManifestKey(auditDay, b.q.ID()))) }, "in no manifest"},
		"manifest spoilt": {func(b *bench, _ []string) {
			b.change(lake.ManifestKey(auditDay, b.q.ID()), func(p []byte) []byte { return p[:40] })
		}, "damaged"},
		"manifest lies": {func(b *bench, _ []string) {
			m, err := lake.ReadManifest(b.t.Context(), b.bucket, auditDay, b.q.ID())
			b.ok(err)
			m.Rows++
			b.ok(lake.PutManifest(b.t.Context(), b.bucket, m))
		}, "says 31 rows"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, nil)
			b.cfg.BatchRows = 10
			b.appendIDs(0, 30)
			b.drain()
			tc.spoil(b, b.keys("events/date=2026-11-22/events-"))
			problems, err := b.newSink().Audit(t.Context(), auditDay)
			if err != nil || tc.want == "" && len(problems) > 0 || tc.want != "" && !strings.Contains(strings.Join(problems, "\n"), tc.want) {
				t.Errorf("problems %q, %v; want %q", problems, err, tc.want)
			}
		})
	}
}

func (b *bench) change(key string, with func([]byte) []byte) {
	b.t.Helper()
	body, err := b.bucket.Get(b.t.Context(), key)
	b.ok(err)
	b.ok(b.bucket.Put(b.t.Context(), key, with(body)))
}

// TestSinkAuditLeavesTheOpenBatch: a file that is stored and not entered yet is no problem.
func TestSinkAuditLeavesTheOpenBatch(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.appendIDs(0, 3)
	b.ok(b.bucket.Put(t.Context(), lake.EventKey(auditDay, b.q.ID(), 1, 3, 1), []byte("x")))
	s := b.newSink()
	if problems, err := s.Audit(t.Context(), auditDay); err != nil || len(problems) != 1 {
		t.Errorf("without a plan: %v, %v", problems, err)
	}
	note, err := plan{First: 1, Last: 3, Schema: 1}.note()
	b.ok(err)
	b.ok(s.deps.Source.SetNote(note))
	if problems, err := s.Audit(t.Context(), auditDay); err != nil || len(problems) != 0 {
		t.Errorf("with a plan: %v, %v", problems, err)
	}
}

// TestSinkMendsManifests: a manifest that is gone or damaged is made anew, and the ids in its files are still known.
func TestSinkMendsManifests(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(b *bench, key string){
		"gone":    func(b *bench, key string) { b.ok(b.bucket.Delete(b.t.Context(), key)) },
		"damaged": func(b *bench, key string) { b.change(key, func(p []byte) []byte { return p[:len(p)/2] }) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, nil)
			b.cfg.BatchRows = 10
			b.appendIDs(0, 30)
			b.drain()
			spoil(b, lake.ManifestKey(auditDay, b.q.ID()))
			b.appendIDs(0, 45)
			b.drain()
			b.wantOnce(45)
		})
	}
}

// TestSinkGoesOnWithoutALostFile: a committed file that is gone stops nothing.
func TestSinkGoesOnWithoutALostFile(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.appendIDs(0, 10)
	b.drain()
	b.ok(b.bucket.Delete(t.Context(), b.keys("events/date=2026-11-22/events-")[0]))
	b.appendIDs(10, 20)
	s, stop := b.run()
	b.ok(s.Seal(t.Context()))
	if s.Stats().Rows != 10 || s.Stats().Alarms == 0 {
		t.Errorf("stats %+v", s.Stats())
	}
	b.ok(stop())
}
