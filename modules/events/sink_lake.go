package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/ticket"
)

const (
	firstPause = time.Second // so that no key is asked for more than once a second while it fails
	longPause  = time.Minute
	hangAlarm  = 45 * time.Second // an answer that takes longer is told of before the minute is over
)

// errSlow is what the alarm says of a request that does not come back.
var errSlow = errors.New("no answer yet")

// final is an error that no repetition mends.
type final struct{ error }

func (f final) Unwrap() error { return f.error }

// pauseOf is how long to wait after the n-th failure in a row: doubling, with jitter, between a second and a minute.
func pauseOf(n int) time.Duration {
	d := min(firstPause<<min(n+1, 6), longPause)
	return max(firstPause, d/2+rand.N(d/2)) //nolint:gosec // spreads load, keeps no secret
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// attempt repeats step, with growing pauses, until it succeeds, its error says that repeating is of no use, or ctx ends.
func (s *Sink) attempt(ctx context.Context, key string, step func(ctx context.Context) error) error {
	for n := 0; ; n++ {
		hang := time.AfterFunc(hangAlarm, func() { s.alarm("no answer; events wait in the queue", key, errSlow) })
		err := step(ctx)
		hang.Stop()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.As(err, new(final)) {
			return err
		}
		if err == nil || telling(err) {
			s.works(key, n)
			return err
		}
		s.failed(key, n, err)
		if err := s.sleep(ctx, pauseOf(n)); err != nil {
			return err
		}
	}
}

// telling errors are answers, not failures.
func telling(err error) bool {
	for _, t := range []error{lake.ErrExists, lake.ErrNotFound, lake.ErrDamaged, lake.ErrBadKey} {
		if errors.Is(err, t) {
			return true
		}
	}
	return false
}

func (s *Sink) failed(key string, n int, err error) {
	s.mu.Lock()
	first := !s.down
	s.down = true
	s.stats.Failures++
	s.mu.Unlock()
	if first {
		s.alarm("sink of events is held up; they wait in the queue", key, err)
		return
	}
	s.log.Warn("sink of events is still held up", "key", key, "failures", n+1, "waiting", s.deps.Source.Backlog(), "error", err)
}

func (s *Sink) works(key string, failures int) {
	s.mu.Lock()
	was := s.down
	s.down = false
	s.mu.Unlock()
	if was {
		s.log.Info("sink of events goes on", "key", key, "failures", failures)
	}
}

// alarm tells an operator.
func (s *Sink) alarm(what, key string, err error) {
	s.mu.Lock()
	s.stats.Alarms++
	s.mu.Unlock()
	s.log.Error(what, "key", key, "error", err)
}

// upload stores a file under its planned key, or, when another object lies there, under one of its own. What was stored
// is read back and compared before it counts. It fills in the rest of f.
func (s *Sink) upload(ctx context.Context, f *lake.File, body []byte) error {
	f.Bytes, f.SHA256 = int64(len(body)), lake.Sum(body)
	other, clash, err := s.place(ctx, f.Key, body, false)
	if err != nil || !clash {
		return err
	}
	if sameRows(other, body) { // the same batch, made by another version of the encoder
		f.Bytes, f.SHA256 = int64(len(other)), lake.Sum(other)
		s.log.Info("file of events was stored by another version already", "key", f.Key)
		return nil
	}
	s.alarm("another object lies where a file of events belongs; it is kept, ours gets a key of its own", f.Key, lake.ErrExists)
	s.mu.Lock()
	s.stats.Conflicts++
	s.mu.Unlock()
	f.Key = strings.TrimSuffix(f.Key, parquetExt) + "-conflict-" + f.SHA256[:12] + parquetExt
	f.Conflict = true
	_, _, err = s.place(ctx, f.Key, body, true)
	return err
}

const parquetExt = ".parquet"

func sameRows(a, b []byte) bool {
	ra, errA := lake.DecodeEvents(a)
	rb, errB := lake.DecodeEvents(b)
	return errA == nil && errB == nil && reflect.DeepEqual(ra, rb)
}

// place stores an object where there is none and makes sure that what lies there is it. Of a key that is ours alone
// anything else is a damaged copy and is written over; so is what this call itself stored. Otherwise there is a clash, and
// the other object is returned.
func (s *Sink) place(ctx context.Context, key string, body []byte, ours bool) (other []byte, clash bool, err error) {
	put := s.bucket.PutNew
	for n := 0; ; n++ {
		err := s.attempt(ctx, key, func(ctx context.Context) error { return put(ctx, key, body) })
		if err != nil && !errors.Is(err, lake.ErrExists) {
			return nil, false, err
		}
		ours = ours || err == nil
		s.reached("put")
		there, err := s.get(ctx, key)
		switch {
		case errors.Is(err, lake.ErrNotFound): // taken away in between
			s.alarm("an object is gone that was just stored; it is stored again", key, err)
			put = s.bucket.PutNew
		case err != nil && !errors.Is(err, lake.ErrDamaged):
			return nil, false, err
		case err == nil && lake.Sum(there) == lake.Sum(body):
			return nil, false, nil
		case !ours:
			return there, true, nil
		default:
			s.alarm("wrong bytes were stored; they are stored again", key, lake.ErrDamaged)
			put = s.bucket.Put
		}
		if err := s.sleep(ctx, pauseOf(n)); err != nil {
			return nil, false, err
		}
	}
}

// readTries is how often what looks damaged is read before it counts as damaged: it may have been the way.
const readTries = 3

// readSure is attempt for what is held against a checksum.
func (s *Sink) readSure(ctx context.Context, key string, step func(ctx context.Context) error) error {
	for n := 1; ; n++ {
		err := s.attempt(ctx, key, step)
		if !errors.Is(err, lake.ErrDamaged) || n == readTries {
			return err
		}
		if err := s.sleep(ctx, pauseOf(n)); err != nil {
			return err
		}
	}
}

func (s *Sink) get(ctx context.Context, key string) (body []byte, err error) {
	err = s.attempt(ctx, key, func(ctx context.Context) (err error) {
		body, err = s.bucket.Get(ctx, key)
		return err
	})
	return body, err
}

// bury keeps a record that is no event.
func (s *Sink) bury(ctx context.Context, day ticket.Date, d deadLetter) error {
	body, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("encode dead record %d: %w", d.Offset, err)
	}
	s.log.Warn("a record of the queue is no event; it is kept under dead/", "offset", d.Offset, "key", d.key(day), "reason", d.Reason)
	_, _, err = s.place(ctx, d.key(day), body, true)
	return err
}

// enter puts a batch into the manifest of a day.
func (s *Sink) enter(ctx context.Context, day ticket.Date, p plan, f lake.File) error {
	m, err := s.manifest(ctx, day, p)
	if err != nil {
		return err
	}
	m.Put(f)
	body, err := m.Encode()
	if err != nil {
		return err
	}
	key := lake.ManifestKey(day, s.under)
	for n := 0; ; n++ {
		if err := s.attempt(ctx, key, func(ctx context.Context) error { return s.bucket.Put(ctx, key, body) }); err != nil {
			return err
		}
		s.reached("manifest")
		there, err := s.get(ctx, key)
		if err == nil && lake.Sum(there) == lake.Sum(body) {
			return nil
		}
		if err != nil && !errors.Is(err, lake.ErrNotFound) && !errors.Is(err, lake.ErrDamaged) {
			return err
		}
		s.alarm("wrong bytes were stored; they are stored again", key, lake.ErrDamaged)
		if err := s.sleep(ctx, pauseOf(n)); err != nil {
			return err
		}
	}
}

// manifest is this queue's manifest of a day. One that is gone or damaged is made anew from the files that lie there.
func (s *Sink) manifest(ctx context.Context, day ticket.Date, p plan) (*lake.Manifest, error) {
	if m := s.manifests[day]; m != nil {
		return m, nil
	}
	key := lake.ManifestKey(day, s.under)
	var m lake.Manifest
	err := s.readSure(ctx, key, func(ctx context.Context) (err error) {
		m, err = lake.ReadManifest(ctx, s.bucket, day, s.under)
		return err
	})
	switch {
	case errors.Is(err, lake.ErrNotFound):
		m, err = s.rebuild(ctx, day, p)
	case errors.Is(err, lake.ErrDamaged):
		s.alarm("manifest of events is damaged; it is kept aside and made anew from the files", key, err)
		if err = s.keepAside(ctx, key); err == nil {
			m, err = s.rebuild(ctx, day, p)
		}
	}
	if err != nil {
		return nil, err
	}
	s.manifests[day] = &m
	return &m, nil
}

func (s *Sink) keepAside(ctx context.Context, key string) error {
	body, err := s.get(ctx, key)
	if errors.Is(err, lake.ErrNotFound) || errors.Is(err, lake.ErrDamaged) { // the bucket itself does not give it away
		return nil
	}
	if err != nil {
		return err
	}
	_, _, err = s.place(ctx, key+".damaged-"+lake.Sum(body)[:12], body, true)
	return err
}

var eventKey = regexp.MustCompile(`^events/date=\d{4}-\d\d-\d\d/events-([0-9a-z]+)-(\d{20})-(\d{20})-v(\d+)(-conflict-[0-9a-f]{12})?\.parquet$`)

// fileOf reads what a key says.
func fileOf(key string) (f lake.File, queue string, ok bool) {
	part := eventKey.FindStringSubmatch(key)
	if part == nil {
		return f, "", false
	}
	first, errA := strconv.ParseUint(part[2], 10, 64)
	last, errB := strconv.ParseUint(part[3], 10, 64)
	schema, errC := strconv.Atoi(part[4])
	return lake.File{Key: key, First: first, Last: last, Schema: schema, Conflict: part[5] != ""}, part[1], errors.Join(errA, errB, errC) == nil
}

// rebuild makes a manifest of the files of earlier batches that lie in the bucket: usually none, on the first batch of a
// day. Of two files of one batch ours is the one with a key of its own.
func (s *Sink) rebuild(ctx context.Context, day ticket.Date, p plan) (lake.Manifest, error) {
	m := lake.Manifest{Date: day, Queue: s.under}
	prefix := lake.EventFolder(day) + "events-" + s.under + "-"
	var found []lake.File
	err := s.attempt(ctx, prefix, func(ctx context.Context) error {
		found = found[:0]
		return s.bucket.List(ctx, prefix, func(o lake.Object) error {
			if f, queue, ok := fileOf(o.Key); ok && queue == s.under && !p.made(f) {
				found = append(found, f)
			}
			return nil
		})
	})
	if err != nil || len(found) == 0 {
		return m, err
	}
	s.alarm("manifest of events was gone; it is made anew from the files", lake.ManifestKey(day, s.under), lake.ErrNotFound)
	for _, conflict := range []bool{false, true} { // the later one of a batch stays
		for _, f := range found {
			if f.Conflict != conflict {
				continue
			}
			body, err := s.get(ctx, f.Key)
			if err == nil {
				f.Rows, err = lake.CountRows(body)
			}
			if errors.Is(err, lake.ErrNotFound) || errors.Is(err, lake.ErrDamaged) || errors.Is(err, lake.ErrBadParquet) {
				s.alarm("a file of events cannot be read; it is left out", f.Key, err)
				continue
			}
			if err != nil {
				return m, err
			}
			f.Bytes, f.SHA256 = int64(len(body)), lake.Sum(body)
			m.Put(f)
		}
	}
	return m, nil
}
