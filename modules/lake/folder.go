package lake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

const tmpFolder = ".tmp"

// Folder is a bucket in a folder. One process writes to it at a time; any number may read.
type Folder struct {
	dir  string
	sync func(*os.File) error

	mu    sync.Mutex
	known map[string]bool // folders whose names this process has made durable
}

var _ Bucket = (*Folder)(nil)

// NewFolder opens a folder, makes it when there is none, and removes what an earlier process left unfinished.
func NewFolder(dir string) (*Folder, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open lake folder: %w", err)
	}
	if err := os.RemoveAll(filepath.Join(dir, tmpFolder)); err != nil {
		return nil, fmt.Errorf("clear unfinished objects: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(dir, tmpFolder), 0o750); err != nil {
		return nil, fmt.Errorf("make lake folder: %w", err)
	}
	return &Folder{dir: dir, sync: (*os.File).Sync, known: map[string]bool{dir: true}}, nil
}

func (f *Folder) path(key string) string { return filepath.Join(f.dir, filepath.FromSlash(key)) }

// Put implements Bucket.
func (f *Folder) Put(ctx context.Context, key string, body []byte) error {
	return f.write(ctx, key, body, os.Rename)
}

// PutNew implements Bucket. link() is what makes one of several writers the winner, also across processes.
func (f *Folder) PutNew(ctx context.Context, key string, body []byte) error {
	return f.write(ctx, key, body, func(tmp, path string) error {
		err := os.Link(tmp, path)
		if errors.Is(err, os.ErrExist) {
			return ErrExists
		}
		return err
	})
}

func (f *Folder) write(ctx context.Context, key string, body []byte, place func(tmp, path string) error) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	tmp, err := f.unfinished(body)
	if err != nil {
		return fmt.Errorf("put %s: %w", key, err)
	}
	defer func() { _ = os.Remove(tmp) }() // gone already after a rename
	path := f.path(key)
	if err := f.folder(filepath.Dir(path)); err != nil {
		return fmt.Errorf("put %s: %w", key, err)
	}
	if err := place(tmp, path); err != nil {
		return fmt.Errorf("put %s: %w", key, err)
	}
	if err := f.syncFolder(filepath.Dir(path)); err != nil {
		return fmt.Errorf("put %s: %w", key, err)
	}
	return nil
}

// unfinished writes the bytes to a synced file on the same file system.
func (f *Folder) unfinished(body []byte) (name string, err error) {
	tmp, err := os.CreateTemp(filepath.Join(f.dir, tmpFolder), "put-*")
	if err != nil {
		return "", err
	}
	_, err = tmp.Write(body)
	if err == nil {
		err = tmp.Chmod(0o640)
	}
	if err == nil {
		err = f.sync(tmp)
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		_ = os.Remove(tmp.Name())
	}
	return tmp.Name(), err
}

// folder makes a folder and those above it, each durable in its parent before anything is put into it.
func (f *Folder) folder(dir string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var missing []string
	for d := dir; !f.known[d]; d = filepath.Dir(d) {
		missing = append(missing, d)
	}
	for _, d := range slices.Backward(missing) {
		if err := os.Mkdir(d, 0o750); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
		if err := f.syncFolder(filepath.Dir(d)); err != nil {
			return err
		}
		f.known[d] = true
	}
	return nil
}

func (f *Folder) syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return f.sync(d)
}

// Get implements Bucket.
func (f *Folder) Get(ctx context.Context, key string) ([]byte, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	info, err := os.Lstat(f.path(key))
	if errors.Is(err, os.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, key)
	}
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", key, err)
	}
	body, err := os.ReadFile(f.path(key))
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", key, err)
	}
	return body, nil
}

// Delete implements Bucket.
func (f *Folder) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	err := os.Remove(f.path(key))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = f.syncFolder(filepath.Dir(f.path(key)))
	}
	if err != nil {
		return fmt.Errorf("delete %s: %w", key, err)
	}
	return nil
}

// List implements Bucket.
func (f *Folder) List(ctx context.Context, prefix string, fn func(Object) error) error {
	if err := checkPrefix(prefix); err != nil {
		return err
	}
	start := ""
	if i := strings.LastIndexByte(prefix, '/'); i >= 0 {
		start = prefix[:i+1]
	}
	return f.walk(ctx, start, prefix, fn)
}

// walk lists what is below dir ("" or with a slash at its end). Folders are compared with their slash, which is how their
// keys compare.
func (f *Folder) walk(ctx context.Context, dir, prefix string, fn func(Object) error) error {
	names, err := f.names(dir)
	if err != nil {
		return fmt.Errorf("list %s: %w", prefix, err)
	}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		key := dir + name
		below := strings.HasSuffix(name, "/")
		if !strings.HasPrefix(key, prefix) && (!below || !strings.HasPrefix(prefix, key)) {
			continue
		}
		if below {
			if err := f.walk(ctx, key, prefix, fn); err != nil {
				return err
			}
			continue
		}
		info, err := os.Lstat(f.path(key))
		if errors.Is(err, os.ErrNotExist) { // deleted meanwhile
			continue
		}
		if err != nil {
			return fmt.Errorf("list %s: %w", prefix, err)
		}
		if err := fn(Object{Key: key, Size: info.Size()}); err != nil {
			return err
		}
	}
	return nil
}

// names are the objects and, with a slash, the folders in dir, in the order of their keys.
func (f *Folder) names(dir string) ([]string, error) {
	entries, err := os.ReadDir(f.path(dir))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		switch {
		case dir == "" && e.Name() == tmpFolder:
		case e.IsDir():
			out = append(out, e.Name()+"/")
		case e.Type().IsRegular():
			out = append(out, e.Name())
		}
	}
	slices.Sort(out)
	return out, nil
}

// groups are the folders right below prefix, which ends with a slash.
func (f *Folder) groups(_ context.Context, prefix string) ([]string, error) {
	names, err := f.names(prefix)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", prefix, err)
	}
	var out []string
	for _, n := range names {
		if strings.HasSuffix(n, "/") {
			out = append(out, prefix+n)
		}
	}
	return out, nil
}
