package queue

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	damagedExt    = ".damaged"
	quarantineExt = ".quarantined"
	tornExt       = ".torn-"
	tmpExt        = ".tmp"
)

// findings is what open met in the folder.
type findings struct {
	quarantined int
	torn        int
	written     uint64 // the last offset that some segment says was in the log before it
	missing     uint64 // records before the first segment that no consumer was done with
	floor       uint64 // the next offset is at least this
}

func (f *findings) raise(next uint64) { f.floor = max(f.floor, next) }

// recover follows FORMAT.md, "What open does". It ends with an empty active segment.
func (q *Queue) recover() error {
	names, err := q.list()
	if err != nil {
		return err
	}
	if err := q.checkVersions(names); err != nil {
		return err // before anything is changed
	}
	q.found.floor = 1
	if names, err = q.tidy(names); err != nil {
		return err
	}
	var bases []uint64
	for _, name := range names {
		if base, rest, ok := baseOf(name); ok && rest == "" {
			bases = append(bases, base)
		}
	}
	slices.Sort(bases)
	var buf bytes.Buffer
	for i, base := range bases {
		if err := q.recoverSegment(base, i == len(bases)-1, &buf); err != nil {
			return err
		}
	}
	if err := q.loadCursors(names); err != nil {
		return err
	}
	return q.begin()
}

func (q *Queue) list() ([]string, error) {
	entries, err := os.ReadDir(q.dir)
	if err != nil {
		return nil, fmt.Errorf("list queue folder: %w", err)
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

func (q *Queue) checkVersions(names []string) error {
	for _, name := range names {
		base, rest, ok := baseOf(name)
		if !ok || rest != "" {
			continue
		}
		f, err := os.Open(filepath.Join(q.dir, name))
		if err != nil {
			return fmt.Errorf("open segment: %w", err)
		}
		head := make([]byte, headBytes)
		n, _ := f.ReadAt(head, 0)
		_ = f.Close()
		if _, _, err := readHead(head[:n], base); err != nil {
			return err
		}
	}
	return nil
}

// tidy removes half-made files, finishes the rescue of damaged segments and learns from what earlier runs set aside how
// high offsets have been. It returns what is in the folder then.
func (q *Queue) tidy(names []string) ([]string, error) {
	for _, name := range names {
		if strings.HasSuffix(name, tmpExt) {
			if err := os.Remove(filepath.Join(q.dir, name)); err != nil {
				return nil, fmt.Errorf("remove leftover: %w", err)
			}
		}
	}
	for _, name := range names {
		base, rest, isSegment := baseOf(name)
		switch {
		case isSegment && rest == damagedExt:
			if _, err := q.rescue(base); err != nil {
				return nil, err
			}
		case isSegment && strings.HasPrefix(rest, tornExt):
			if n, err := strconv.ParseUint(strings.TrimPrefix(rest, tornExt), 10, 64); err == nil {
				q.found.torn++
				q.found.raise(n)
			}
		case isSegment && strings.HasPrefix(rest, quarantineExt):
			info, err := os.Stat(filepath.Join(q.dir, name))
			if err != nil {
				return nil, fmt.Errorf("look at quarantined segment: %w", err)
			}
			q.found.quarantined++
			q.found.raise(highest(base, info.Size()) + 1)
		case strings.Contains(name, quarantineExt):
			q.found.quarantined++
		}
	}
	return q.list()
}

// highest is the highest offset that size bytes of a segment can hold.
func highest(base uint64, size int64) uint64 { return base + uint64(max(size, 0)/recordHead) }

// recoverSegment checks one segment and puts it in its place: kept, cut at a torn tail, rescued, or left out when it
// holds nothing.
func (q *Queue) recoverSegment(base uint64, isLast bool, buf *bytes.Buffer) error {
	path := filepath.Join(q.dir, segmentName(base))
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("open segment: %w", err)
	}
	defer func() { _ = f.Close() }()
	buf.Reset()
	if _, err := buf.ReadFrom(f); err != nil {
		return fmt.Errorf("read segment %s: %w", path, err)
	}
	seg, good, found, err := examine(buf.Bytes(), base)
	if err != nil {
		return err
	}
	seg.path = path
	q.found.written = max(q.found.written, seg.prev)
	switch {
	case found == whole:
	case found == torn && isLast:
		if err := q.cut(f, seg, buf.Bytes(), good); err != nil {
			return err
		}
	default:
		if err := q.disk.rename(path, path+damagedExt); err != nil {
			return err
		}
		saved, err := q.rescue(base)
		q.segs = append(q.segs, saved...)
		return err
	}
	if isLast { // what a killed process wrote but never synced must not be served before it is safe
		if err := q.disk.data(f); err != nil {
			return fmt.Errorf("fsync segment %s: %w", path, err)
		}
	}
	q.found.raise(max(base, seg.last+1))
	if seg.records() > 0 {
		q.segs = append(q.segs, &seg)
	}
	return nil
}

// condition is what a segment's bytes look like.
type condition int

const (
	whole condition = iota
	torn            // good up to some point, nothing good behind it
	hurt
)

// examine reads a segment. good is how many bytes of it are sound from the beginning on.
func examine(data []byte, base uint64) (seg segment, good int, found condition, err error) {
	seg, state, err := readHead(data, base)
	if err != nil {
		return seg, 0, hurt, err
	}
	seg.base, seg.last, seg.end = base, base-1, headBytes
	switch {
	case len(data) == 0:
		return seg, 0, whole, nil
	case len(data) < headBytes:
		return seg, 0, torn, nil
	case state == headLost:
		return seg, 0, hurt, nil
	}
	runs := scan(data, seg)
	good = headBytes
	if len(runs) > 0 && runs[0].first == base && runs[0].start == headBytes {
		seg.last, seg.end, good = runs[0].last, int64(runs[0].end), runs[0].end
		runs = runs[1:]
	}
	switch {
	case len(runs) > 0 || state == headScarred:
		return seg, good, hurt, nil
	case good < len(data):
		return seg, good, torn, nil
	}
	return seg, good, whole, nil
}

// cut takes off a torn tail. The copy comes first and its name says where offsets go on, so that a crash between the
// two ends the same.
func (q *Queue) cut(f *os.File, seg segment, data []byte, good int) error {
	tail := bytes.TrimRight(data[good:], "\x00")
	if len(tail) > 0 {
		next := seg.last + 2 + uint64(len(data)-good)/recordHead
		name := fmt.Sprintf("%s%s%d", seg.path, tornExt, next)
		if err := q.disk.write(name, data[good:]); err != nil {
			return err
		}
		q.found.torn++
		q.found.raise(next)
		q.log.Warn("queue cut a torn tail; no acknowledged record was in it",
			"segment", filepath.Base(seg.path), "bytes", len(data)-good, "last_offset", seg.last)
	}
	if err := f.Truncate(int64(good)); err != nil {
		return fmt.Errorf("cut torn tail: %w", err)
	}
	if err := q.disk.data(f); err != nil {
		return fmt.Errorf("fsync cut segment: %w", err)
	}
	return nil
}

// rescue writes the readable records of a damaged segment to new segments and sets the file aside. The damaged file
// keeps its interim name until all of them are safe.
func (q *Queue) rescue(base uint64) ([]*segment, error) {
	path := filepath.Join(q.dir, segmentName(base))
	data, err := os.ReadFile(path + damagedExt)
	if err != nil {
		return nil, fmt.Errorf("read damaged segment: %w", err)
	}
	old, state, err := readHead(data, base)
	if err != nil {
		return nil, err
	}
	var runs []run
	if state != headLost {
		runs = scan(data, old)
	}
	var saved []*segment
	records := uint64(0)
	for _, r := range runs {
		seg, err := q.rescueRun(data, old, r)
		if err != nil {
			return nil, err
		}
		saved = append(saved, seg)
		records += seg.records()
	}
	if err := q.setAside(path+damagedExt, path); err != nil {
		return nil, err
	}
	q.found.raise(highest(base, int64(len(data))) + 1)
	q.log.Error("queue set a damaged segment aside", "segment", filepath.Base(path), "records_saved", records)
	return saved, nil
}

// setAside renames a file for good, never over an earlier one.
func (q *Queue) setAside(from, base string) error {
	to := base + quarantineExt
	for n := 2; ; n++ {
		if _, err := os.Lstat(to); errors.Is(err, os.ErrNotExist) {
			break
		}
		to = fmt.Sprintf("%s%s-%d", base, quarantineExt, n)
	}
	q.found.quarantined++
	return q.disk.rename(from, to)
}

func (q *Queue) rescueRun(data []byte, old segment, r run) (*segment, error) {
	salt, err := randomSalt()
	if err != nil {
		return nil, err
	}
	seg := &segment{
		path: filepath.Join(q.dir, segmentName(r.first)), base: r.first, prev: r.first - 1, salt: salt, last: r.last,
	}
	if r.first == old.base {
		seg.prev = old.prev
	}
	out := seg.head()
	for pos := r.start; pos < r.end; {
		offset, payload, _ := readRecord(data[pos:], old.salt)
		out = appendRecord(out, salt, offset, payload)
		pos += recordHead + len(payload)
	}
	seg.end = int64(len(out))
	return seg, q.disk.write(seg.path, out)
}

// begin makes the active segment and removes segments that hold nothing.
func (q *Queue) begin() error {
	next, prev := q.found.floor, q.found.written
	if n := len(q.segs); n > 0 {
		prev = max(prev, q.segs[n-1].last)
	}
	next = max(next, prev+1)
	seg, file, err := q.create(next, prev)
	if err != nil {
		return err
	}
	q.segs, q.file = append(q.segs, seg), file
	if done, _ := q.ackedByAll(); q.segs[0].prev > done { // nothing above done was ever purged
		q.found.missing = q.segs[0].prev - done
	}
	names, err := q.list()
	if err != nil {
		return errors.Join(err, file.Close())
	}
	kept := map[string]bool{}
	for _, s := range q.segs {
		kept[filepath.Base(s.path)] = true
	}
	for _, name := range names {
		if _, rest, ok := baseOf(name); ok && rest == "" && !kept[name] {
			if err := os.Remove(filepath.Join(q.dir, name)); err != nil {
				return errors.Join(fmt.Errorf("remove empty segment: %w", err), file.Close())
			}
		}
	}
	return q.disk.sync(q.dir)
}
