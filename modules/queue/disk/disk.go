// Package disk is the little of a file system that a queue needs, as an interface, so that a test can put one in its
// place that fails on demand or forgets what was not synced.
//
// OS is the real one. Its Sync is fdatasync, its SyncDir fsync (fdatasync may leave new names out), its Lock flock.
package disk

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"syscall"
)

// ErrLocked is a Lock that another owner holds.
var ErrLocked = errors.New("locked by another owner")

// FS is a file system. A new, renamed or removed name is durable only after SyncDir of its folder; bytes only after Sync
// of their file.
type FS interface {
	MkdirAll(dir string) error
	List(dir string) (names []string, err error)     // regular files only
	Create(path string) (File, error)                // empty, for reading and writing
	Open(path string) (File, error)                  // for reading
	OpenWrite(path string) (File, error)             // there already, for reading and writing
	Remove(path string) error                        // nil when it is not there
	Rename(from, to string) error                    //
	SyncDir(dir string) error                        //
	Lock(path string) (io.Closer, error)             // ErrLocked
	Free(dir string) (free, total uint64, err error) // bytes; total 0 when nobody can say
}

// File is an open file.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Size() (int64, error)
	Sync() error
	// Allocate makes sure that writes below size need no more room. Where the file system cannot, it does nothing.
	Allocate(size int64) error
	Truncate(size int64) error
}

// TmpExt ends the name of a file that is not finished.
const TmpExt = ".tmp"

// WriteFile makes a file that is either wholly there or not at all: temporary file, Sync, Rename, SyncDir.
func WriteFile(fs FS, path string, data []byte) error {
	tmp := path + TmpExt
	f, err := fs.Create(tmp)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.WriteAt(data, 0)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = fs.Rename(tmp, path)
	}
	if err != nil {
		_ = fs.Remove(tmp)
		return fmt.Errorf("write %s: %w", path, err)
	}
	return fs.SyncDir(filepath.Dir(path))
}

// Move renames a file inside its folder, durably.
func Move(fs FS, from, to string) error {
	if err := fs.Rename(from, to); err != nil {
		return fmt.Errorf("rename %s: %w", from, err)
	}
	return fs.SyncDir(filepath.Dir(to))
}

// ReadFile reads a whole file.
func ReadFile(fs FS, path string) ([]byte, error) {
	f, err := fs.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	data := make([]byte, size)
	n, err := f.ReadAt(data, 0)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return data[:n], err
}

// IsFull tells whether an error means that there is no room: a full disk or a quota.
func IsFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
