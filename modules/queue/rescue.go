package queue

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"ticketmoa/modules/queue/disk"
	"ticketmoa/modules/queue/record"
)

// rescue writes the readable records of a damaged segment to new segments and sets the file aside. The damaged file
// keeps its interim name until all of them are safe.
func (q *Queue) rescue(base, limit uint64) ([]*segment, error) {
	path := filepath.Join(q.dir, segmentName(base))
	data, err := disk.ReadFile(q.fs, path+damagedExt)
	if err != nil {
		return nil, fmt.Errorf("read damaged segment: %w", err)
	}
	old, state, err := record.ReadHead(data, base)
	if err != nil {
		return nil, err
	}
	var runs []record.Run
	if state != record.HeadLost {
		runs = record.Scan(data, old, limit)
	}
	var saved []*segment
	records := uint64(0)
	for _, r := range slices.Backward(runs) { // the last first: after a crash, the head of what is saved limits what is left
		seg, err := q.rescueRun(data, old, r)
		if err != nil {
			return nil, err
		}
		saved = append(saved, seg)
		records += seg.records()
	}
	slices.Reverse(saved)
	if err := q.setAside(path+damagedExt, path); err != nil {
		return nil, err
	}
	q.log.Error("queue set a damaged segment aside; what could be read of it is served", "segment", filepath.Base(path), "records_saved", records)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.found.raise(highest(base, int64(len(data))) + 1)
	return saved, nil
}

func (q *Queue) rescueRun(data []byte, old record.Head, r record.Run) (*segment, error) {
	seg := &segment{
		path: filepath.Join(q.dir, segmentName(r.First)), head: record.Head{Base: r.First, Prev: r.First - 1, Salt: randomSalt()},
		last: r.Last, made: time.UnixMilli(0),
	}
	if r.First == old.Base {
		seg.head.Prev = old.Prev
	}
	out := seg.head.Append(nil)
	for pos := r.Start; pos < r.End; {
		rec, _ := record.Read(data[pos:], old.Salt)
		out = rec.Append(out, seg.head.Salt)
		pos += int(rec.Size())
		seg.newest = rec.Millis
		if err := q.learn(rec); err != nil {
			return nil, err
		}
	}
	seg.end = int64(len(out))
	return seg, disk.WriteFile(q.fs, seg.path, out)
}

// setAside renames a file for good, never over an earlier one.
func (q *Queue) setAside(from, base string) error {
	names, err := q.fs.List(q.dir)
	if err != nil {
		return fmt.Errorf("list queue folder: %w", err)
	}
	to := base + quarantineExt
	for n := 2; slices.Contains(names, filepath.Base(to)); n++ {
		to = fmt.Sprintf("%s%s-%d", base, quarantineExt, n)
	}
	if err := disk.Move(q.fs, from, to); err != nil {
		return err
	}
	q.mu.Lock()
	q.found.quarantined++
	q.mu.Unlock()
	return nil
}

// heal sets aside a segment in which a reader met changed bytes, and puts what can be read of it in its place.
func (q *Queue) heal(seg *segment) error {
	q.healMu.Lock()
	defer q.healMu.Unlock()
	if q.isActive(seg) {
		r := &request{roll: true, reply: make(chan result, 1)}
		select {
		case q.requests <- r:
		case <-q.closing:
			return ErrClosed
		}
		if res := <-r.reply; res.err != nil {
			return fmt.Errorf("seal a damaged segment: %w", res.err)
		}
	}
	// Nobody may purge it meanwhile.
	q.ackMu.Lock()
	defer q.ackMu.Unlock()
	if !q.holds(seg) {
		return nil
	}
	// A heal that failed before left the file under its interim name.
	if err := disk.Move(q.fs, seg.path, seg.path+damagedExt); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	saved, err := q.rescue(seg.head.Base, seg.last)
	if errors.Is(err, os.ErrNotExist) {
		q.log.Error("a segment is gone from the queue's folder", "segment", filepath.Base(seg.path))
	} else if err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.segs, seg)
	if i == 0 { // gaps before the first segment show in no other's head
		first := q.segs[1].head.Prev
		if len(saved) > 0 {
			first = saved[0].head.Prev
		}
		q.found.missing += first - min(first, seg.head.Base-1)
	}
	q.segs = slices.Replace(q.segs, i, i+1, saved...)
	return nil
}

func (q *Queue) isActive(seg *segment) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.active() == seg && seg.records() > 0
}
