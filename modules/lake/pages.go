package lake

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"

	"ticketmoa/modules/ticket"
)

const (
	rawRoot     = "raw/"
	zstExt      = ".zst"
	metaExt     = ".meta.json"
	hashDigits  = 12
	clockFormat = "150405.000"
	maxPage     = 64 << 20 // of a body as fetched; bounds what a small compressed one may blow up to
	sniffBytes  = 512
)

var (
	plainName = regexp.MustCompile(`^[a-z0-9][a-z0-9_]{0,63}$`)
	rawName   = regexp.MustCompile(`^raw/source=([a-z0-9_]+)/date=(\d{4}-\d\d-\d\d)/([a-z_]+)-(\d{6}\.\d{3})-([0-9a-f]{12})-([0-9a-f]{12})\.(html|json|xml)\.zst$`)
	// Both are safe for use by many goroutines and costly to make.
	encoder = sync.OnceValues(func() (*zstd.Encoder, error) { return zstd.NewWriter(nil) })
	decoder = sync.OnceValues(func() (*zstd.Decoder, error) { return zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxPage)) })
)

// meta is the object beside a body: the page without its bytes, and what the bytes must be.
type meta struct {
	ticket.Page
	BodySize   int    `json:"body_size"`
	BodySHA256 string `json:"body_sha256"`
}

// RawKey is where a page lies: raw/source=<s>/date=<day in Seoul>/<kind>-<time in Seoul>-<URL hash>-<body hash>.<ext>.zst
// The same page always has the same key; another body, URL or fetch time has another.
func RawKey(p *ticket.Page) string {
	at := p.FetchedAt.In(ticket.Seoul)
	return fmt.Sprintf("%ssource=%s/date=%s/%s-%s-%s-%s.%s%s", rawRoot, p.Source, ticket.DateOf(at), p.Kind,
		at.Format(clockFormat), sum([]byte(p.URL))[:hashDigits], sum(p.Body)[:hashDigits], extension(p), zstExt)
}

// MetaKey is where the metadata of the page at a raw key lie.
func MetaKey(rawKey string) string { return strings.TrimSuffix(rawKey, zstExt) + metaExt }

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// extension believes the Content-Type when it names a kind we know, else the first bytes.
func extension(p *ticket.Page) string {
	for name, v := range p.Header {
		if !strings.EqualFold(name, "Content-Type") {
			continue
		}
		kind, _, err := mime.ParseMediaType(v)
		if err != nil {
			kind = strings.ToLower(v)
		}
		switch {
		case strings.Contains(kind, "html"):
			return "html"
		case strings.Contains(kind, "json"):
			return "json"
		case strings.Contains(kind, "xml"):
			return "xml"
		}
	}
	head := bytes.ToLower(p.Body[:min(len(p.Body), sniffBytes)])
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte("{")), bytes.HasPrefix(head, []byte("[")):
		return "json"
	case bytes.HasPrefix(head, []byte("<?xml")) && !bytes.Contains(head, []byte("<html")) && !bytes.Contains(head, []byte("<!doctype html")):
		return "xml"
	}
	return "html"
}

// StorePage keeps a page and returns its raw key. The body goes first: a crash before the metadata leaves a body that
// Pages does not show and that the next StorePage of the same page completes. Storing a page again changes nothing.
func StorePage(ctx context.Context, b Bucket, p *ticket.Page) (string, error) {
	key := RawKey(p)
	if !plainName.MatchString(p.Source) || !p.Kind.Known() || !rawName.MatchString(key) {
		return "", fmt.Errorf("%w: a page of source %q and kind %q", ErrBadKey, p.Source, p.Kind)
	}
	if len(p.Body) > maxPage {
		return "", fmt.Errorf("%w: %s has %d bytes, %d at most", ErrTooLarge, key, len(p.Body), maxPage)
	}
	enc, err := encoder()
	if err != nil {
		return "", fmt.Errorf("zstd: %w", err)
	}
	m := meta{Page: *p, BodySize: len(p.Body), BodySHA256: sum(p.Body)}
	m.Replay = false // says how it was read, not what it is
	head, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return "", fmt.Errorf("encode metadata of %s: %w", key, err)
	}
	if err := putOnce(ctx, b, key, enc.EncodeAll(p.Body, nil)); err != nil {
		return "", err
	}
	return key, putOnce(ctx, b, MetaKey(key), head)
}

func putOnce(ctx context.Context, b Bucket, key string, body []byte) error {
	if err := b.PutNew(ctx, key, body); err != nil && !errors.Is(err, ErrExists) {
		return err
	}
	return nil
}

// LoadPage reads a page back, marked as a replay. ErrNotFound when body or metadata are missing, ErrDamaged when the
// body is not the one that was stored.
func LoadPage(ctx context.Context, b Bucket, key string) (*ticket.Page, error) {
	name := rawName.FindStringSubmatch(key)
	if name == nil {
		return nil, fmt.Errorf("%w: %q is no raw page", ErrBadKey, key)
	}
	head, err := b.Get(ctx, MetaKey(key))
	if err != nil {
		return nil, fmt.Errorf("metadata of page: %w", err)
	}
	packed, err := b.Get(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("body of page: %w", err)
	}
	var m meta
	if err := json.Unmarshal(head, &m); err != nil {
		return nil, fmt.Errorf("%w: metadata of %s: %w", ErrDamaged, key, err)
	}
	dec, err := decoder()
	if err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	body, err := dec.DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrDamaged, key, err)
	}
	if h := sum(body); h[:hashDigits] != name[6] || h != m.BodySHA256 || len(body) > maxPage {
		return nil, fmt.Errorf("%w: %s: its %d bytes are not what was stored", ErrDamaged, key, len(body))
	}
	p := m.Page
	p.Body, p.Replay = body, true
	return &p, nil
}

// Pages calls fn with the raw key of every page fetched on the days from to to (in Seoul, both included; "" is open), in
// the order they were fetched. source "" is every source. A body without metadata is passed over. It holds the keys of
// one day in memory.
func Pages(ctx context.Context, b Bucket, source string, from, to ticket.Date, fn func(key string) error) error {
	sources := []string{rawRoot + "source=" + source + "/"}
	if source == "" {
		var err error
		if sources, err = groups(ctx, b, rawRoot); err != nil {
			return err
		}
	} else if !plainName.MatchString(source) {
		return fmt.Errorf("%w: source %q", ErrBadKey, source)
	}
	days := map[ticket.Date][]string{}
	for _, s := range sources {
		folders, err := groups(ctx, b, s)
		if err != nil {
			return err
		}
		for _, f := range folders {
			d, err := ticket.ParseDate(strings.TrimSuffix(strings.TrimPrefix(f, s+"date="), "/"))
			if err != nil || from != "" && d < from || to != "" && d > to {
				continue
			}
			days[d] = append(days[d], f)
		}
	}
	order := make([]ticket.Date, 0, len(days))
	for d := range days {
		order = append(order, d)
	}
	slices.Sort(order)
	for _, d := range order {
		if err := pagesOfDay(ctx, b, days[d], fn); err != nil {
			return err
		}
	}
	return nil
}

func pagesOfDay(ctx context.Context, b Bucket, folders []string, fn func(key string) error) error {
	type page struct{ at, key string }
	var pages []page
	for _, f := range folders {
		metas := map[string]bool{}
		var found []page
		err := b.List(ctx, f, func(o Object) error {
			if m := rawName.FindStringSubmatch(o.Key); m != nil {
				found = append(found, page{m[4], o.Key})
			} else if strings.HasSuffix(o.Key, metaExt) {
				metas[o.Key] = true
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, p := range found {
			if metas[MetaKey(p.key)] {
				pages = append(pages, p)
			}
		}
	}
	slices.SortFunc(pages, func(a, b page) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.key, b.key)) })
	for _, p := range pages {
		if err := fn(p.key); err != nil {
			return err
		}
	}
	return nil
}

// groups are the folders right below prefix. Both buckets know them without reading every key; for another one every
// key is read.
func groups(ctx context.Context, b Bucket, prefix string) ([]string, error) {
	if g, ok := b.(interface {
		groups(ctx context.Context, prefix string) ([]string, error)
	}); ok {
		return g.groups(ctx, prefix)
	}
	var out []string
	err := b.List(ctx, prefix, func(o Object) error {
		name, _, below := strings.Cut(strings.TrimPrefix(o.Key, prefix), "/")
		if g := prefix + name + "/"; below && !slices.Contains(out, g) {
			out = append(out, g)
		}
		return nil
	})
	return out, err
}
