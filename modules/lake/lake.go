// Package lake is the bucket: raw pages, events and aggregates as plain objects, in a folder by default and in S3 when
// one is configured.
//
// It guarantees: an object is either wholly there or not at all, and on the disk (or accepted by S3) when Put returns;
// of several PutNew for one key exactly one wins, also across processes; a page is visible only when body and metadata
// are both there; a body that does not match the hash in its key is refused.
//
// It never overwrites a page, never lists unfinished objects, and never follows a key out of its folder.
package lake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What can go wrong. All are wrapped with the key.
var (
	ErrNotFound = errors.New("no such object")
	ErrExists   = errors.New("object exists already")
	// ErrBadKey is a key that could not be kept everywhere.
	ErrBadKey = errors.New("not a key")
	// ErrDamaged is an object whose bytes are not what was stored.
	ErrDamaged = errors.New("object is damaged")
	// ErrTooLarge is a page above maxPage.
	ErrTooLarge = errors.New("page is too large")
	// ErrBadURL is a lake.url that cannot be read.
	ErrBadURL = errors.New("not a bucket address")
)

// Object is one listed object.
type Object struct {
	Key  string
	Size int64
}

// Bucket keeps objects under keys like "raw/source=yes24/date=2024-12-06/…". A key must not be the folder of another.
type Bucket interface {
	// Put writes an object, over an older one if there is one. It is durable when Put returns.
	Put(ctx context.Context, key string, body []byte) error
	// PutNew writes an object unless there is one. ErrExists.
	PutNew(ctx context.Context, key string, body []byte) error
	// Get reads an object. ErrNotFound; ErrDamaged when the bucket itself knows that these are not the bytes it was given.
	Get(ctx context.Context, key string) ([]byte, error)
	// List calls fn for every object whose key begins with prefix, keys ascending by their bytes. An error of fn ends it
	// and is returned.
	List(ctx context.Context, prefix string, fn func(Object) error) error
	// Delete removes an object. Deleting what is not there is fine.
	Delete(ctx context.Context, key string) error
}

// Open opens the bucket at url ("s3://bucket/prefix?endpoint=…&region=…&checksum=when_required"), or the folder when
// url is "".
func Open(ctx context.Context, url, folder string, log *slog.Logger) (Bucket, error) {
	if strings.TrimSpace(url) == "" {
		return NewFolder(folder)
	}
	cfg, err := ParseS3(url)
	if err != nil {
		return nil, err
	}
	return NewS3(ctx, cfg, log)
}

const (
	maxKey  = 900 // S3 takes 1024 with the prefix
	maxPart = 255 // what file systems take
)

// checkKey refuses keys that S3 or a file system would refuse or read as something else.
func checkKey(key string) error {
	if key == "" || len(key) > maxKey {
		return fmt.Errorf("%w: %d bytes long, 1 to %d are allowed", ErrBadKey, len(key), maxKey)
	}
	if err := checkText(key); err != nil {
		return err
	}
	for part := range strings.SplitSeq(key, "/") {
		if part == "" || part == "." || part == ".." || len(part) > maxPart {
			return fmt.Errorf("%w: %q has a part that is empty, dots or longer than %d bytes", ErrBadKey, key, maxPart)
		}
	}
	if first, _, _ := strings.Cut(key, "/"); first == tmpFolder {
		return fmt.Errorf("%w: %q lies in the folder of unfinished objects", ErrBadKey, key)
	}
	return nil
}

// checkPrefix is checkKey for the beginning of a key, which may end anywhere.
func checkPrefix(prefix string) error {
	trimmed := strings.TrimSuffix(prefix, "/")
	if trimmed == "" && prefix == "" {
		return nil
	}
	return checkKey(trimmed)
}

func checkText(key string) error {
	if !utf8.ValidString(key) {
		return fmt.Errorf("%w: %q is not UTF-8", ErrBadKey, key)
	}
	for _, r := range key {
		if r == '\\' || unicode.IsControl(r) {
			return fmt.Errorf("%w: %q holds a backslash or a control character", ErrBadKey, key)
		}
	}
	return nil
}
