package drill

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"

	"github.com/cockroachdb/pebble/v2/vfs"

	"ticketmoa/modules/queue/disk"
)

// memory is a file system in memory that knows what was synced.
type memory struct {
	fs       *vfs.MemFS
	careless string // a control: syncs of "files" or of "names" do nothing
}

func newMemory() *memory { return &memory{fs: vfs.NewCrashableMem()} }

// crash is the file system as a power cut at this moment would leave it: everything synced, and each unsynced block and
// name with the given chance.
func (m *memory) crash(percent int, seed uint64) *memory {
	return &memory{fs: m.fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: rand.New(rand.NewPCG(seed, 1))}), careless: m.careless}
}

func (m *memory) MkdirAll(dir string) error { return m.fs.MkdirAll(dir, 0o700) }

func (m *memory) List(dir string) ([]string, error) { return m.fs.List(dir) }

func (m *memory) Create(path string) (disk.File, error) {
	if err := m.Remove(path); err != nil {
		return nil, err
	}
	return m.OpenWrite(path)
}

func (m *memory) Open(path string) (disk.File, error) {
	f, err := m.fs.Open(path)
	if err != nil {
		return nil, err
	}
	return &memoryFile{f, m}, nil
}

func (m *memory) OpenWrite(path string) (disk.File, error) {
	f, err := m.fs.OpenReadWrite(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		return nil, err
	}
	return &memoryFile{f, m}, nil
}

func (m *memory) Remove(path string) error {
	if err := m.fs.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func (m *memory) Rename(from, to string) error { return m.fs.Rename(from, to) }

func (m *memory) SyncDir(dir string) error {
	if m.careless == "names" {
		return nil
	}
	f, err := m.fs.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (m *memory) Lock(path string) (io.Closer, error) { return m.fs.Lock(path) }

func (m *memory) Free(string) (free, total uint64, err error) { return 0, 0, nil }

type memoryFile struct {
	vfs.File
	m *memory
}

func (f *memoryFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (f *memoryFile) Sync() error {
	if f.m.careless == "files" {
		return nil
	}
	return f.File.Sync()
}

func (f *memoryFile) Allocate(int64) error { return nil }

func (f *memoryFile) Truncate(int64) error { return nil }
