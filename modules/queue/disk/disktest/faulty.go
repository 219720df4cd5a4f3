package disktest

import (
	"io"

	"ticketmoa/modules/queue/disk"
)

// Call is one call of a file system or file.
type Call struct {
	Op   string // "create", "open", "openwrite", "remove", "rename", "list", "syncdir", "lock", "mkdir", "read", "write", "sync", "allocate", "truncate", "size", "close"
	Path string
	Data []byte // of a write
}

// Faulty is a file system that asks Before each call, which then does not happen when it returns an error. Short, when
// set, says how many bytes of a failing write reach the file all the same.
type Faulty struct {
	disk.FS
	Before func(Call) error
	Short  func(Call) int
}

func (f *Faulty) before(op, path string) error {
	if f.Before == nil {
		return nil
	}
	return f.Before(Call{Op: op, Path: path})
}

// MkdirAll implements disk.FS, as do the others.
func (f *Faulty) MkdirAll(dir string) error {
	if err := f.before("mkdir", dir); err != nil {
		return err
	}
	return f.FS.MkdirAll(dir)
}

// List implements disk.FS.
func (f *Faulty) List(dir string) ([]string, error) {
	if err := f.before("list", dir); err != nil {
		return nil, err
	}
	return f.FS.List(dir)
}

// Create implements disk.FS.
func (f *Faulty) Create(path string) (disk.File, error) { return f.file("create", path, f.FS.Create) }

// Open implements disk.FS.
func (f *Faulty) Open(path string) (disk.File, error) { return f.file("open", path, f.FS.Open) }

// OpenWrite implements disk.FS.
func (f *Faulty) OpenWrite(path string) (disk.File, error) {
	return f.file("openwrite", path, f.FS.OpenWrite)
}

func (f *Faulty) file(op, path string, open func(string) (disk.File, error)) (disk.File, error) {
	if err := f.before(op, path); err != nil {
		return nil, err
	}
	file, err := open(path)
	if err != nil {
		return nil, err
	}
	return &faultyFile{File: file, fs: f, path: path}, nil
}

// Remove implements disk.FS.
func (f *Faulty) Remove(path string) error {
	if err := f.before("remove", path); err != nil {
		return err
	}
	return f.FS.Remove(path)
}

// Rename implements disk.FS.
func (f *Faulty) Rename(from, to string) error {
	if err := f.before("rename", from); err != nil {
		return err
	}
	return f.FS.Rename(from, to)
}

// SyncDir implements disk.FS.
func (f *Faulty) SyncDir(dir string) error {
	if err := f.before("syncdir", dir); err != nil {
		return err
	}
	return f.FS.SyncDir(dir)
}

// Lock implements disk.FS.
func (f *Faulty) Lock(path string) (io.Closer, error) {
	if err := f.before("lock", path); err != nil {
		return nil, err
	}
	return f.FS.Lock(path)
}

type faultyFile struct {
	disk.File
	fs   *Faulty
	path string
}

func (f *faultyFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.fs.before("read", f.path); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, off)
}

func (f *faultyFile) WriteAt(p []byte, off int64) (int, error) {
	if f.fs.Before != nil {
		c := Call{Op: "write", Path: f.path, Data: p}
		if err := f.fs.Before(c); err != nil {
			n := 0
			if f.fs.Short != nil {
				n, _ = f.File.WriteAt(p[:f.fs.Short(c)], off)
			}
			return n, err
		}
	}
	return f.File.WriteAt(p, off)
}

func (f *faultyFile) Size() (int64, error) {
	if err := f.fs.before("size", f.path); err != nil {
		return 0, err
	}
	return f.File.Size()
}

func (f *faultyFile) Sync() error {
	if err := f.fs.before("sync", f.path); err != nil {
		return err
	}
	return f.File.Sync()
}

func (f *faultyFile) Allocate(size int64) error {
	if err := f.fs.before("allocate", f.path); err != nil {
		return err
	}
	return f.File.Allocate(size)
}

func (f *faultyFile) Truncate(size int64) error {
	if err := f.fs.before("truncate", f.path); err != nil {
		return err
	}
	return f.File.Truncate(size)
}

func (f *faultyFile) Close() error {
	err := f.fs.before("close", f.path)
	if cerr := f.File.Close(); err == nil {
		err = cerr
	}
	return err
}
