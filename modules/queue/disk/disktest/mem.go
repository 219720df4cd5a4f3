// Package disktest has file systems for tests: Mem, which is fast, and Faulty, which fails on demand.
package disktest

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"sort"
	"sync"

	"ticketmoa/modules/queue/disk"
)

// Mem is a file system in memory. It forgets nothing, synced or not.
type Mem struct {
	mu    sync.Mutex
	files map[string]*memFile
	locks map[string]bool
	free  uint64
	total uint64
}

// NewMem makes an empty one.
func NewMem() *Mem { return &Mem{files: map[string]*memFile{}, locks: map[string]bool{}} }

// Put makes a file with a copy of data.
func (m *Mem) Put(path string, data []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files[path] = &memFile{mem: m, data: bytes.Clone(data)}
}

// Get returns a copy of a file's bytes; nil when there is none.
func (m *Mem) Get(path string) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f := m.files[path]; f != nil {
		return append([]byte{}, f.data...)
	}
	return nil
}

// SetFree makes Free answer these.
func (m *Mem) SetFree(free, total uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.free, m.total = free, total
}

// MkdirAll does nothing: every folder exists.
func (m *Mem) MkdirAll(string) error { return nil }

// List implements disk.FS.
func (m *Mem) List(dir string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for path := range m.files {
		if filepath.Dir(path) == filepath.Clean(dir) {
			names = append(names, filepath.Base(path))
		}
	}
	sort.Strings(names)
	return names, nil
}

// Create implements disk.FS.
func (m *Mem) Create(path string) (disk.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := &memFile{mem: m}
	m.files[path] = f
	return f, nil
}

// Open implements disk.FS.
func (m *Mem) Open(path string) (disk.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f := m.files[path]; f != nil {
		return f, nil
	}
	return nil, &os.PathError{Op: "open", Path: path, Err: os.ErrNotExist}
}

// OpenWrite implements disk.FS.
func (m *Mem) OpenWrite(path string) (disk.File, error) { return m.Open(path) }

// Remove implements disk.FS.
func (m *Mem) Remove(path string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.files, path)
	return nil
}

// Rename implements disk.FS.
func (m *Mem) Rename(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.files[from]
	if f == nil {
		return &os.PathError{Op: "rename", Path: from, Err: os.ErrNotExist}
	}
	delete(m.files, from)
	m.files[to] = f
	return nil
}

// SyncDir implements disk.FS.
func (m *Mem) SyncDir(string) error { return nil }

// Lock implements disk.FS.
func (m *Mem) Lock(path string) (io.Closer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.locks[path] {
		return nil, disk.ErrLocked
	}
	m.locks[path] = true
	return memLock{m, path}, nil
}

type memLock struct {
	mem  *Mem
	path string
}

func (l memLock) Close() error {
	l.mem.mu.Lock()
	defer l.mem.mu.Unlock()
	delete(l.mem.locks, l.path)
	return nil
}

// Free implements disk.FS.
func (m *Mem) Free(string) (free, total uint64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.free, m.total, nil
}

type memFile struct {
	mem  *Mem
	data []byte
}

func (f *memFile) ReadAt(p []byte, off int64) (int, error) {
	f.mem.mu.Lock()
	defer f.mem.mu.Unlock()
	if off >= int64(len(f.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memFile) WriteAt(p []byte, off int64) (int, error) {
	f.mem.mu.Lock()
	defer f.mem.mu.Unlock()
	if grow := off + int64(len(p)) - int64(len(f.data)); grow > 0 {
		f.data = append(f.data, make([]byte, grow)...)
	}
	return copy(f.data[off:], p), nil
}

func (f *memFile) Close() error { return nil }

func (f *memFile) Size() (int64, error) {
	f.mem.mu.Lock()
	defer f.mem.mu.Unlock()
	return int64(len(f.data)), nil
}

func (f *memFile) Sync() error { return nil }

func (f *memFile) Allocate(int64) error { return nil }

func (f *memFile) Truncate(size int64) error {
	f.mem.mu.Lock()
	defer f.mem.mu.Unlock()
	if size < int64(len(f.data)) {
		f.data = f.data[:size]
	}
	return nil
}
