package lake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ticketmoa/modules/ticket"
)

const (
	eventRoot      = "events/date="
	manifestPrefix = "_manifest-" // Spark, Hive, Athena and a glob of *.parquet pass over what begins so
	manifestExt    = ".json"
)

var queueID = regexp.MustCompile(`^[0-9a-z]{1,64}$`)

// File is one event file that was committed.
type File struct {
	Key        string `json:"key"`
	First      uint64 `json:"first"` // offset in the queue of the batch's first and last record, of whatever day
	Last       uint64 `json:"last"`
	Rows       int64  `json:"rows"`
	Bytes      int64  `json:"bytes"`
	SHA256     string `json:"sha256"`
	Schema     int    `json:"schema"`
	Duplicates int64  `json:"duplicates,omitempty"` // records of the day left out because their event was there already
	Dead       int64  `json:"dead,omitempty"`       // records of the day that were no events; they lie under dead/
	Conflict   bool   `json:"conflict,omitempty"`   // another object lay at the planned key; it was kept and this one has a key of its own
}

// Manifest lists what one queue has brought to one day. Readers take event files from manifests only. It lies there as
// JSON with a checksum of its own.
type Manifest struct {
	Date  ticket.Date `json:"date"`
	Queue string      `json:"queue"`
	Files []File      `json:"files"` // by First
	// Empty are the batches that brought records of the day but no row; Key and SHA256 are empty.
	Empty []File `json:"empty,omitempty"`
	Rows  int64  `json:"rows"` // of all files
	Dead  int64  `json:"dead"` // of all files and empty batches
}

// Put enters a batch's file, or that it had none (Key ""), in place of what the same batch entered before.
func (m *Manifest) Put(f File) {
	same := func(o File) bool { return o.First == f.First && o.Last == f.Last }
	m.Files, m.Empty = slices.DeleteFunc(m.Files, same), slices.DeleteFunc(m.Empty, same)
	if f.Key == "" {
		m.Empty = append(m.Empty, f)
	} else {
		m.Files = append(m.Files, f)
	}
	m.Rows, m.Dead = 0, 0
	for _, list := range [][]File{m.Files, m.Empty} {
		slices.SortFunc(list, func(a, b File) int {
			if a.First < b.First {
				return -1
			}
			return 1
		})
		for _, f := range list {
			m.Rows += f.Rows
			m.Dead += f.Dead
		}
	}
}

// EventKey is where the file of a batch for a day lies: events/date=<day>/events-<queue>-<first>-<last>-v<schema>.parquet
func EventKey(day ticket.Date, queue string, first, last uint64, schema int) string {
	return fmt.Sprintf("%s%s/events-%s-%020d-%020d-v%d.parquet", eventRoot, day, queue, first, last, schema)
}

// EventFolder is where everything of a day lies, with a slash at its end.
func EventFolder(day ticket.Date) string { return eventRoot + string(day) + "/" }

// ManifestKey is where the manifest of a queue for a day lies.
func ManifestKey(day ticket.Date, queue string) string {
	return EventFolder(day) + manifestPrefix + queue + manifestExt
}

// Encode is the manifest as it lies in the bucket. ErrBadKey for a day or queue that cannot be part of a key.
func (m *Manifest) Encode() ([]byte, error) {
	if _, err := ticket.ParseDate(string(m.Date)); err != nil || !queueID.MatchString(m.Queue) {
		return nil, fmt.Errorf("%w: manifest of day %q and queue %q", ErrBadKey, m.Date, m.Queue)
	}
	b, err := json.MarshalIndent(struct {
		*Manifest
		Check string `json:"check"`
	}{m, noCheck}, "", " ")
	if err != nil {
		return nil, fmt.Errorf("encode manifest of %s: %w", m.Date, err)
	}
	b = append(b, '\n')
	copy(b[bytes.LastIndex(b, []byte(noCheck)):], Sum(b))
	return b, nil
}

// noCheck stands for the checksum of a manifest while it is computed: over all its bytes, so that none can change unseen.
const noCheck = "0000000000000000000000000000000000000000000000000000000000000000"

var checkForm = regexp.MustCompile(`"check": "([0-9a-f]{64})"\n}\n$`)

func checked(body []byte) bool {
	at := checkForm.FindSubmatchIndex(body)
	if at == nil {
		return false
	}
	plain := bytes.Clone(body)
	copy(plain[at[2]:at[3]], noCheck)
	return Sum(plain) == string(body[at[2]:at[3]])
}

// PutManifest writes a manifest over the one before.
func PutManifest(ctx context.Context, b Bucket, m Manifest) error {
	body, err := m.Encode()
	if err != nil {
		return err
	}
	return b.Put(ctx, ManifestKey(m.Date, m.Queue), body)
}

// ReadManifest reads the manifest of one queue. ErrNotFound, ErrDamaged.
func ReadManifest(ctx context.Context, b Bucket, day ticket.Date, queue string) (Manifest, error) {
	key := ManifestKey(day, queue)
	body, err := b.Get(ctx, key)
	if err != nil {
		return Manifest{}, err
	}
	if !checked(body) {
		return Manifest{}, fmt.Errorf("%w: %s: its %d bytes do not match its checksum", ErrDamaged, key, len(body))
	}
	var m Manifest
	if err := json.Unmarshal(body, &m); err != nil {
		return Manifest{}, fmt.Errorf("%w: %s: %w", ErrDamaged, key, err)
	}
	if m.Date != day || m.Queue != queue {
		return Manifest{}, fmt.Errorf("%w: %s speaks of %s and queue %s", ErrDamaged, key, m.Date, m.Queue)
	}
	for _, f := range m.Files {
		if !strings.HasPrefix(f.Key, EventFolder(day)) || checkKey(f.Key) != nil || f.Last < f.First || f.Rows < 0 {
			return Manifest{}, fmt.Errorf("%w: %s lists %q", ErrDamaged, key, f.Key)
		}
	}
	return m, nil
}

// Manifests reads the manifests of all queues for a day, by queue. A day without any has none. ErrDamaged.
func Manifests(ctx context.Context, b Bucket, day ticket.Date) ([]Manifest, error) {
	if _, err := ticket.ParseDate(string(day)); err != nil {
		return nil, fmt.Errorf("%w: day %q", ErrBadKey, day)
	}
	var queues []string
	err := b.List(ctx, EventFolder(day)+manifestPrefix, func(o Object) error {
		name := strings.TrimSuffix(strings.TrimPrefix(o.Key, EventFolder(day)+manifestPrefix), manifestExt)
		if strings.HasSuffix(o.Key, manifestExt) && queueID.MatchString(name) {
			queues = append(queues, name)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make([]Manifest, 0, len(queues))
	for _, q := range queues {
		m, err := ReadManifest(ctx, b, day, q)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// GetFile reads a file of a manifest and holds it against its checksum. ErrNotFound, ErrDamaged.
func GetFile(ctx context.Context, b Bucket, f File) ([]byte, error) {
	body, err := b.Get(ctx, f.Key)
	if err != nil {
		return nil, err
	}
	if int64(len(body)) != f.Bytes || Sum(body) != f.SHA256 {
		return nil, fmt.Errorf("%w: %s: its %d bytes are not what was committed", ErrDamaged, f.Key, len(body))
	}
	return body, nil
}

// Sum is the checksum of an object as manifests hold it.
func Sum(body []byte) string { return sum(body) }
