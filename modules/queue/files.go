package queue

import (
	"fmt"
	"os"
	"path/filepath"
)

// disk makes changes durable. Data need fdatasync; a folder needs fsync, because fdatasync may leave new names out.
type disk struct {
	data   func(*os.File) error
	folder func(*os.File) error
}

func newDisk(sync func(*os.File) error) disk {
	if sync == nil {
		return disk{data: syncData, folder: (*os.File).Sync}
	}
	return disk{data: sync, folder: sync}
}

// write makes a file that is either wholly there or not at all: temp, fsync, rename, fsync of the folder.
func (d disk) write(path string, data []byte) error {
	tmp := path + tmpExt
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(data)
	if err == nil {
		err = d.data(f)
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		_ = os.Remove(tmp)
		return fmt.Errorf("write %s: %w", path, err)
	}
	return d.sync(filepath.Dir(path))
}

// rename moves a file inside its folder and makes that durable.
func (d disk) rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return fmt.Errorf("rename %s: %w", from, err)
	}
	return d.sync(filepath.Dir(to))
}

// sync makes the names in a folder durable.
func (d disk) sync(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open folder to sync: %w", err)
	}
	defer func() { _ = f.Close() }()
	if err := d.folder(f); err != nil {
		return fmt.Errorf("fsync folder %s: %w", dir, err)
	}
	return nil
}
