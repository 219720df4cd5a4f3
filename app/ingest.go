package app

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ticketmoa/modules/etl"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

// batch puts pages on the queue under one run and waits until the ETL is done with them.
type batch struct {
	a          *App
	run        string
	sent       int64
	unreadable int64
	passed     int64           // pages of condemned crawls that were not read again
	condemned  bool            // read those, too
	verdicts   map[string]bool // by crawl: its pages are passed over
	out        io.Writer       // hears why nothing goes on
	told       bool
	extra      etl.Tally // what never came as far as the queue
}

func newBatch(a *App) *batch {
	return &batch{a: a, out: io.Discard, run: rand.Text(), verdicts: map[string]bool{}, extra: etl.Tally{Reasons: map[string]int64{}}}
}

func (b *batch) add(ctx context.Context, p *ticket.Page) error {
	p.Run = b.run
	payload, err := p.Encode()
	if err != nil {
		return err
	}
	if err := b.a.pages.Room(); err != nil && !b.told {
		b.told = true
		say(b.out, fmt.Sprintf("waiting for room: %v\n", err))
	}
	if _, err := b.a.patient().Append(ctx, payload); err != nil {
		return fmt.Errorf("put %s on the queue: %w", p.URL, err)
	}
	b.sent++
	return nil
}

// finish waits, then prints what became of the pages.
func (b *batch) finish(ctx context.Context, stdout io.Writer) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for b.a.etl.Done(b.run) < b.sent {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("stopped while %d pages wait; they are safe and will be worked on: %w", b.sent-b.a.etl.Done(b.run), ctx.Err())
		}
	}
	t := b.a.etl.Take(b.run)
	t.Pages += b.extra.Pages
	t.Quarantined += b.extra.Quarantined
	if t.Reasons == nil {
		t.Reasons = map[string]int64{}
	}
	for reason, n := range b.extra.Reasons {
		t.Reasons[reason] += n
	}
	printTally(stdout, t)
	if b.passed > 0 {
		say(stdout, fmt.Sprintf("%d pages of crawls that drifted are passed over: the parser is the one that read them then; --condemned reads them too\n", b.passed))
	}
	if b.unreadable > 0 {
		return fmt.Errorf("%d pages could not be read", b.unreadable)
	}
	return nil
}

// sidecar says what a captured page is, beside it as NAME.json.
type sidecar struct {
	URL       string    `json:"url"`
	Code      string    `json:"code"`
	FetchedAt time.Time `json:"fetched_at"`
	Type      string    `json:"content_type"`
}

// ingest feeds captured pages through the same way as a crawl's.
func (a *App) ingest(ctx context.Context, inv invocation, dir string, stdout io.Writer) error {
	src, known := a.sources[inv.options["source"]]
	kind := ticket.PageKind(inv.options["kind"])
	switch {
	case !known:
		return fmt.Errorf("%w: ingest --source: there is no source %q; known: %s", errUsage, inv.options["source"], strings.Join(slices.Sorted(maps.Keys(a.sources)), ", "))
	case !kind.Known():
		return fmt.Errorf("%w: ingest --kind: %q is not one of %v", errUsage, kind, ticket.PageKinds())
	case len(inv.args) == 0:
		return fmt.Errorf("%w: ingest needs files or folders", errUsage)
	}
	fetchedAt, err := parseFetchedAt(inv.options["fetched-at"])
	if err != nil {
		return err
	}
	var files []string
	var missing error
	for _, arg := range inv.args {
		found, err := filesBelow(absolute(dir, arg))
		missing = errors.Join(missing, err) // the others are read all the same
		files = append(files, found...)
		if err == nil && len(found) == 0 {
			missing = errors.Join(missing, fmt.Errorf("ingest: %s holds no files", arg))
		}
	}
	b := newBatch(a)
	b.out = stdout
	for _, file := range files {
		if err := a.ingestFile(ctx, b, src, kind, file, sidecar{URL: inv.options["url"], Code: inv.options["code"], FetchedAt: fetchedAt}); err != nil {
			return err
		}
	}
	return errors.Join(b.finish(ctx, stdout), missing)
}

func absolute(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

func parseFetchedAt(v string) (time.Time, error) {
	if v == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, v, ticket.Seoul); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%w: ingest --fetched-at: %q is not a time like 2024-11-25T10:00:00+09:00", errUsage, v)
}

// filesBelow lists a file, or every file below a folder, in the order of their names; sidecars and dot files are left out.
func filesBelow(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("ingest: %w", err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var out []string
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Type().IsRegular() && !strings.HasPrefix(d.Name(), ".") && !isSidecar(p) {
			out = append(out, p)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("ingest: %w", err)
	}
	slices.Sort(out)
	return out, nil
}

// isSidecar tells whether a .json file stands beside the page it speaks of.
func isSidecar(path string) bool {
	page, ok := strings.CutSuffix(path, ".json")
	if !ok {
		return false
	}
	if _, err := os.Stat(page); err == nil {
		return true
	}
	for _, ext := range []string{".html", ".htm", ".xml"} {
		if _, err := os.Stat(page + ext); err == nil {
			return true
		}
	}
	return false
}

func (a *App) ingestFile(ctx context.Context, b *batch, src sellers.Source, kind ticket.PageKind, file string, given sidecar) error {
	s, faulty := readSidecar(file, given)
	if s.Code == "" {
		s.Code, _, _ = strings.Cut(filepath.Base(file), ".")
	}
	if s.FetchedAt.IsZero() {
		if info, err := os.Stat(file); err == nil {
			s.FetchedAt = info.ModTime()
		}
	}
	p := &ticket.Page{Source: src.Info().Name, Kind: kind, Code: s.Code, URL: s.URL, FetchedAt: ticket.Instant(s.FetchedAt), Status: 200, Header: map[string]string{}}
	if s.Type != "" {
		p.Header["Content-Type"] = s.Type
	}
	if faulty == nil && (p.FetchedAt.After(a.now().Add(24*time.Hour)) || ticket.DateOf(p.FetchedAt) < earliestFetch) {
		// A page of the future would outrank every page to come.
		faulty = fmt.Errorf("it cannot have been fetched on %s", ticket.DateOf(p.FetchedAt))
	}
	if faulty == nil {
		p.Body, faulty = readRegular(file, a.cfg.Crawl.MaxBytes)
	}
	if faulty != nil {
		return a.refuse(ctx, b, p, file, faulty)
	}
	if p.Header["Content-Type"] == "" && len(src.Info().Hosts) == 0 && !utf8.Valid(p.Body) {
		p.Header["Content-Type"] = "text/csv; charset=euc-kr" // a file of the operator's own, as Korean spreadsheets save it
	}
	return b.add(ctx, p)
}

// earliestFetch is before the first ticket page of the web.
const earliestFetch = ticket.Date("1995-01-01")

// readRegular reads a file of at most limit bytes. A pipe or a device, which may never end, is not one.
func readRegular(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the file cannot be read: %w", errors.Unwrap(err))
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a regular file")
	case info.Size() > limit:
		return nil, fmt.Errorf("the page is larger than the limit of %d bytes: %d bytes", limit, info.Size())
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", errors.Unwrap(err))
	}
	return data, nil
}

// refuse notes a page that does not come as far as the queue.
func (a *App) refuse(ctx context.Context, b *batch, p *ticket.Page, file string, why error) error {
	b.extra.Pages++
	b.extra.Quarantined++
	b.extra.Reasons[filepath.Base(file)+": "+why.Error()]++
	return a.etl.Quarantine().Withhold(ctx, ticket.Withheld{Source: p.Source, Kind: p.Kind, Code: p.Code, URL: p.URL, Reason: why.Error(), FetchedAt: p.FetchedAt})
}

// readSidecar reads PAGE.json or the page's name with .json for its ending; what was given on the command line goes before it.
func readSidecar(file string, given sidecar) (sidecar, error) {
	var s sidecar
	for _, name := range []string{file + ".json", strings.TrimSuffix(file, filepath.Ext(file)) + ".json"} {
		if name == file {
			continue
		}
		data, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = json.Unmarshal(data, &s)
		}
		if err != nil {
			return s, fmt.Errorf("its sidecar %s cannot be read: %w", filepath.Base(name), err)
		}
		break
	}
	if given.URL != "" {
		s.URL = given.URL
	}
	if given.Code != "" {
		s.Code = given.Code
	}
	if !given.FetchedAt.IsZero() {
		s.FetchedAt = given.FetchedAt
	}
	return s, nil
}
