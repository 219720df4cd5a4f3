package queue

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"ticketmoa/modules/queue/disk"
	"ticketmoa/modules/queue/record"
)

const (
	segmentExt    = ".wal"
	damagedExt    = ".damaged"
	quarantineExt = ".quarantined"
	nameDigits    = 20
)

func segmentName(base uint64) string { return fmt.Sprintf("%0*d%s", nameDigits, base, segmentExt) }

// baseOf reads the offset a segment file, or what was made of it (.damaged, .quarantined), begins with.
func baseOf(name string) (base uint64, rest string, ok bool) {
	if len(name) < nameDigits+len(segmentExt) || !strings.HasPrefix(name[nameDigits:], segmentExt) {
		return 0, "", false
	}
	base, err := strconv.ParseUint(name[:nameDigits], 10, 64)
	return base, name[nameDigits+len(segmentExt):], err == nil && base > 0 && base < math.MaxInt64
}

// findings is what open met in the folder.
type findings struct {
	quarantined int
	torn        int
	written     uint64 // the last offset that some segment says was in the log before it
	missing     uint64 // records before the first segment that no consumer was done with
	placeLost   bool   // a consumer's place could not be read
	floor       uint64 // the next offset is at least this
}

func (f *findings) raise(next uint64) { f.floor = max(f.floor, next) }

// candidate is a segment file that open has met.
type candidate struct {
	base  uint64
	path  string
	size  int64
	head  record.Head
	state record.HeadState
	limit uint64 // no record above it was ever acknowledged, says the segment that follows
	last  bool   // no segment follows
}

// recover follows FORMAT.md, "What open does". It ends with an empty active segment.
func (q *Queue) recover() error {
	names, err := q.fs.List(q.dir)
	if err != nil {
		return fmt.Errorf("list queue folder: %w", err)
	}
	found, err := q.candidates(names)
	if err != nil {
		return err // before anything is changed
	}
	q.found.floor = 1
	if err := q.tidy(names, found); err != nil {
		return err
	}
	if names, err = q.fs.List(q.dir); err != nil {
		return fmt.Errorf("list queue folder: %w", err)
	}
	if found, err = q.candidates(names); err != nil {
		return err
	}
	if err := q.loadProducers(); err != nil {
		return err
	}
	for _, c := range found {
		if err := q.recoverSegment(c); err != nil {
			return err
		}
	}
	if err := q.loadCursors(names); err != nil {
		return err
	}
	if err := q.loadID(); err != nil {
		return err
	}
	return q.start(names)
}

// candidates reads the heads of all segments, in order. ErrVersion.
func (q *Queue) candidates(names []string) ([]candidate, error) {
	var out []candidate
	for _, name := range names {
		base, rest, ok := baseOf(name)
		if !ok || rest != "" && rest != damagedExt {
			continue
		}
		c := candidate{base: base, path: filepath.Join(q.dir, name), limit: math.MaxUint64}
		if err := q.readHead(&c); err != nil {
			return nil, err
		}
		if rest == "" {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b candidate) int { return strings.Compare(a.path, b.path) })
	for i := range out {
		out[i].last = i == len(out)-1
		if out[i].last {
			break
		}
		out[i].limit = limitBehind(out[i+1:], out[i].base)
	}
	return out, nil
}

func (q *Queue) readHead(c *candidate) error {
	f, err := q.fs.Open(c.path)
	if err != nil {
		return fmt.Errorf("open segment: %w", err)
	}
	defer func() { _ = f.Close() }()
	if c.size, err = f.Size(); err != nil {
		return fmt.Errorf("size of segment %s: %w", c.path, err)
	}
	head := make([]byte, min(c.size, record.HeadSize))
	if n, err := f.ReadAt(head, 0); n < len(head) {
		return fmt.Errorf("read head of segment %s: %w", c.path, err)
	}
	c.head, c.state, err = record.ReadHead(head, c.base)
	return err
}

// tidy removes half-made files, finishes the rescue of damaged segments and learns from what earlier runs set aside how
// high offsets have been.
func (q *Queue) tidy(names []string, found []candidate) error {
	for _, name := range names {
		if strings.HasSuffix(name, disk.TmpExt) {
			if err := q.fs.Remove(filepath.Join(q.dir, name)); err != nil {
				return fmt.Errorf("remove leftover: %w", err)
			}
		}
	}
	for _, name := range names {
		base, rest, isSegment := baseOf(name)
		switch {
		case isSegment && rest == damagedExt:
			if _, err := q.rescue(base, limitBehind(found, base)); err != nil {
				return err
			}
		case isSegment && strings.HasPrefix(rest, quarantineExt):
			c := candidate{base: base, path: filepath.Join(q.dir, name)}
			f, err := q.fs.Open(c.path)
			if err != nil {
				return fmt.Errorf("look at quarantined segment: %w", err)
			}
			size, err := f.Size()
			_ = f.Close()
			if err != nil {
				return fmt.Errorf("look at quarantined segment: %w", err)
			}
			q.found.quarantined++
			q.found.raise(highest(base, size) + 1)
		case strings.Contains(name, quarantineExt):
			q.found.quarantined++
		}
	}
	return nil
}

// limitBehind is the limit that the first sound segment behind base sets.
func limitBehind(found []candidate, base uint64) uint64 {
	for _, c := range found {
		if c.base > base && c.state != record.HeadLost && c.head.Prev >= base {
			return c.head.Prev
		}
	}
	return math.MaxUint64
}

// highest is the highest offset that size bytes of a segment can hold.
func highest(base uint64, size int64) uint64 { return base + uint64(max(size, 0)/record.Overhead) }

// recoverSegment checks one segment and puts it in its place: kept, kept up to a torn end, rescued, or left out when it
// holds nothing.
func (q *Queue) recoverSegment(c candidate) error {
	seg, condition, err := q.examine(c)
	if err != nil {
		return err
	}
	q.found.written = max(q.found.written, c.head.Prev)
	if c.last && !c.head.End {
		// The log was not closed. However much of this segment was cut off, no offset it can have held is given out again.
		q.found.raise(highest(c.base, max(c.size, q.cfg.SegmentBytes, defaultSegment)) + 1)
	}
	switch condition {
	case hurt:
		if err := disk.Move(q.fs, c.path, c.path+damagedExt); err != nil {
			return err
		}
		saved, err := q.rescue(c.base, c.limit)
		q.segs = append(q.segs, saved...)
		return err
	case torn:
		q.found.torn++
		rest := max(c.size-seg.end, 0)
		q.log.Warn("queue passes over a torn end; nothing acknowledged was in it", "segment", filepath.Base(c.path),
			"bytes", rest, "last_offset", seg.last)
	}
	if c.last && c.size > 0 { // what a killed process wrote but never synced must not be served before it is safe
		if err := q.syncFile(c.path); err != nil {
			return err
		}
	}
	q.found.raise(max(c.base, seg.last+1))
	if seg.records() > 0 {
		q.segs = append(q.segs, seg)
	}
	return nil
}

func (q *Queue) syncFile(path string) error {
	f, err := q.fs.OpenWrite(path)
	if err != nil {
		return fmt.Errorf("open segment to sync: %w", err)
	}
	defer func() { _ = f.Close() }()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("fsync segment %s: %w", path, err)
	}
	return nil
}

// condition is what a segment's bytes look like.
type condition int

const (
	whole condition = iota
	torn            // good up to some point, nothing good behind it, and nobody says there should be
	hurt
)

// examine reads a segment from its first record to its last.
func (q *Queue) examine(c candidate) (*segment, condition, error) {
	seg := &segment{path: c.path, head: c.head, last: c.base - 1, end: record.HeadSize, made: time.UnixMilli(0)}
	seg.head.Base = c.base
	switch {
	case c.size == 0:
		return seg, whole, nil
	case c.size < record.HeadSize && c.last:
		return seg, torn, nil
	case c.state == record.HeadLost:
		return seg, hurt, nil
	}
	f, err := q.fs.Open(c.path)
	if err != nil {
		return nil, hurt, fmt.Errorf("open segment: %w", err)
	}
	defer func() { _ = f.Close() }()
	r := record.NewReader(f, c.head)
	for seg.last < c.limit {
		rec, ok, err := r.Next(seg.last+1, c.size)
		if err != nil {
			return nil, hurt, fmt.Errorf("read segment %s: %w", c.path, err)
		}
		if !ok {
			break
		}
		seg.last, seg.end, seg.newest = rec.Offset, r.Pos(), rec.Millis
		if err := q.learn(rec); err != nil {
			return nil, hurt, err
		}
	}
	q.out.newest = max(q.out.newest, seg.newest)
	if c.state == record.HeadScarred {
		return seg, hurt, nil
	}
	if seg.last >= c.limit {
		return seg, whole, nil
	}
	return q.judgeEnd(f, c, seg)
}

// judgeEnd says what the bytes behind the last good record are: nothing, a torn end, or damage. A batch is only begun when
// the one before it is synced: good records behind a hole are damage when a batch begins among them, and else the rest
// of a batch that a power cut left with a hole.
func (q *Queue) judgeEnd(f disk.File, c candidate, seg *segment) (*segment, condition, error) {
	zero, err := onlyZeros(f, seg.end, c.size)
	if err != nil {
		return nil, hurt, fmt.Errorf("read segment %s: %w", c.path, err)
	}
	if zero {
		return seg, whole, nil
	}
	data, err := disk.ReadFile(q.fs, c.path)
	if err != nil {
		return nil, hurt, fmt.Errorf("read segment %s: %w", c.path, err)
	}
	if !c.last {
		return seg, hurt, nil
	}
	for _, run := range record.Scan(data, c.head, c.limit) {
		if int64(run.Start) >= seg.end && run.Begins {
			return seg, hurt, nil
		}
	}
	return seg, torn, nil
}

// onlyZeros tells whether the file holds nothing but zeros from pos to end: room that was allocated and never written.
func onlyZeros(f disk.File, pos, end int64) (bool, error) {
	buf := make([]byte, min(256<<10, max(end-pos, 0)))
	for pos < end {
		b := buf[:min(int64(len(buf)), end-pos)]
		n, err := f.ReadAt(b, pos)
		if n < len(b) {
			return false, err
		}
		for _, x := range b {
			if x != 0 {
				return false, nil
			}
		}
		pos += int64(n)
	}
	return true, nil
}

// learn takes what a record tells of its producer.
func (q *Queue) learn(rec record.Record) error {
	if rec.Producer == "" {
		return nil
	}
	payload, err := q.unpack(rec)
	if err != nil {
		return fmt.Errorf("record %d: %w", rec.Offset, err)
	}
	q.mu.Lock() // a segment may be healed while producers append
	defer q.mu.Unlock()
	q.producers.add(rec.Producer, mark{seq: rec.Seq, offset: rec.Offset, sum: sumOf(payload)})
	return nil
}

func (q *Queue) loadProducers() error {
	path := filepath.Join(q.dir, producersFile)
	b, err := disk.ReadFile(q.fs, path)
	if errors.Is(err, os.ErrNotExist) {
		return nil // there is none before the first purge
	}
	if err != nil {
		return fmt.Errorf("read what producers sent: %w", err)
	}
	t, ok := decodeProducers(b)
	if !ok {
		q.log.Error("queue cannot read what producers of purged segments sent; a number sent again may be stored twice", "file", path)
		return q.setAside(path, path)
	}
	q.producers = t
	return nil
}

// start makes the active segment and removes segments that hold nothing.
func (q *Queue) start(names []string) error {
	next, prev := q.found.floor, q.found.written
	if n := len(q.segs); n > 0 {
		prev = max(prev, q.segs[n-1].last)
	}
	next = max(next, prev+1)
	seg, file, err := q.create(next, prev, false)
	if err != nil {
		return fmt.Errorf("begin a segment: %w; is there room and may files be made?", err)
	}
	q.segs = append(q.segs, seg)
	q.out.file, q.out.seg = file, seg
	// Nothing above what all consumers had done was ever purged. Without their places nobody knows what was.
	if done, _ := q.ackedByAll(); !q.found.placeLost && q.segs[0].head.Prev > done {
		q.found.missing = q.segs[0].head.Prev - done
	}
	kept := map[string]bool{}
	for _, s := range q.segs {
		kept[filepath.Base(s.path)] = true
	}
	for _, name := range names {
		if _, rest, ok := baseOf(name); ok && rest == "" && !kept[name] {
			if err := q.fs.Remove(filepath.Join(q.dir, name)); err != nil {
				return fmt.Errorf("remove empty segment: %w", err)
			}
		}
	}
	return q.fs.SyncDir(q.dir)
}
