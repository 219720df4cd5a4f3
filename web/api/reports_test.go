package api

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"ticketmoa/web/problem"
)

// FuzzReadReports looks for a body that makes reading panic, that is taken though it is no JSON, or that says more than
// its own fields: what is taken, written out and read again must be the same.
func FuzzReadReports(f *testing.F) {
	for _, s := range []string{`{"kind":"view","performance_id":"p"}`, `[{"id":"abcdefgh","kind":"search","query":"가","results":3,"occurred_at":"2026-11-22T09:00:00+09:00"},{}]`,
		`{"kind":"a","kind":"b"}`, `[[]]`, `{"results":1e3}`, `{"position":-0}`, "{\"\\u006bind\":\"x\"}", `null`, ` [ ] `, "\xef\xbb\xbf{}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		all, single, err := readReports(body)
		if err != nil {
			var p *problem.Problem
			if !errors.As(err, &p) || p.Status != 400 || len(p.Errors) == 0 {
				t.Fatalf("%q: %v", body, err)
			}
			return
		}
		if !json.Valid(body) || len(all) == 0 || len(all) > maxReports || single && len(all) != 1 {
			t.Fatalf("%q was taken as %d events", body, len(all))
		}
		for i := range all {
			e := all[i].event
			if !e.ReceivedAt.IsZero() || e.Person != "" || e.Account || e.Bot || e.Seller != "" || e.Genre != "" {
				t.Fatalf("%q says what only the server can: %+v", body, e)
			}
			if !e.OccurredAt.IsZero() && (e.OccurredAt.Year() < 1970 || e.OccurredAt.Year() > 9998) {
				t.Fatalf("%q: %s", body, e.OccurredAt)
			}
		}
	})
}

// TestLimitsForget: the table of networks stays bounded, and forgets the quiet ones before a busy one.
func TestLimitsForget(t *testing.T) {
	t.Parallel()
	l, now := newLimits(), time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	for i := range maxNetworks - 1 {
		l.take(time.Duration(i).String(), now)
	}
	later := now.Add(time.Minute)
	for range reportsPerMinute {
		if l.take("busy", later) != 0 {
			t.Fatal("refused below the limit")
		}
	}
	l.take("one more", later)
	if len(l.by) != 2 || l.take("busy", later) == 0 {
		t.Errorf("%d networks are left, or the busy one was forgotten", len(l.by))
	}
	for i := range 2 * maxNetworks {
		l.take("crowd "+time.Duration(i).String(), later)
	}
	if len(l.by) > maxNetworks {
		t.Errorf("%d networks", len(l.by))
	}
}
