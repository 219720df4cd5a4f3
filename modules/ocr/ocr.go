// Package ocr reads the pictures in which sellers publish cast, prices, times and openings: the tall poster strips of a show's
// page. A picture goes through four steps, each a package below this one: picture checks and decodes it, layout finds its lines
// of text, engine reads them with Tesseract, facts finds what they say.
//
// Guarantees: a picture is read once for its content, whatever addresses it has and however often its page comes; what was
// read lies in the lake beside the picture. What a page's pictures say goes on as a page of its own (ticket.PicturePage), so
// that it is archived, replayed and laid under what the seller's page says like any other. A fact counts when two readings
// agree on it; what only one of them says is offered to a person beside the picture. Nothing of this delays the pages
// themselves: jobs wait in a queue of their own, and a full one takes no more until the page comes again. A picture that is
// broken, too large or makes Tesseract fail is set aside with its reason, and the next one is read.
package ocr

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"sync"
	"time"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/ocr/engine"
	"ticketmoa/modules/outbound"
	"ticketmoa/modules/queue"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// Jobs gives the jobs to work on; *queue.Consumer is one.
type Jobs interface {
	Work(ctx context.Context, handle queue.Handler, bury queue.Bury, cfg queue.WorkConfig, log *slog.Logger) error
	Backlog() uint64
}

// Log takes messages; queue.Patient waits where *queue.Queue refuses.
type Log interface {
	Append(ctx context.Context, payload []byte) (uint64, error)
}

// Fetcher asks for pictures; *outbound.Client is one.
type Fetcher interface {
	Do(ctx context.Context, r outbound.Request) (*outbound.Response, error)
}

// Lines reads pictures of lines; *engine.Engine is one.
type Lines interface {
	Read(ctx context.Context, languages string, lines []*image.Gray) ([]engine.Text, engine.Cost, error)
	Version() string
}

// Deps are what a Reader works with.
type Deps struct {
	Queue  Log // where Ask puts jobs
	Jobs   Jobs
	Pages  Log // where what was read goes on
	Fetch  Fetcher
	Bucket lake.Bucket
	Store  store.Store
	Engine Lines // nil: Tesseract is missing; nothing is asked for then
	Bury   queue.Bury
	Now    func() time.Time
}

// Config are the settings.
type Config struct {
	Share   float64       // of one processor that reading may take over time; 0 is 0.5
	Refresh time.Duration // a picture's address is asked again after this long; 0 is a week
}

// Stats are what was done since the start.
type Stats struct {
	Backlog  uint64 // jobs that wait
	Read     int64  // pictures read
	Known    int64  // pictures whose content had been read before
	Refused  int64  // pictures that cannot be read
	Dropped  int64  // jobs not taken because the queue was full
	CPU      time.Duration
	Pixels   int64
	LastFail string
}

// Reader reads pictures. Make one with New, call Run once; Ask may be called before.
type Reader struct {
	deps  Deps
	cfg   Config
	log   *slog.Logger
	seen  store.Collection // addresses, and the content that was found there
	shows store.Collection // what was said last of a show's pictures
	taken store.Collection // doubtful values that a person took for true

	mu    sync.Mutex
	stats Stats
}

// seenDoc is an address of a picture.
type seenDoc struct {
	ID        string    `bson:"_id"` // ID of the address
	URL       string    `bson:"url"`
	SHA256    string    `bson:"sha256,omitempty"`
	Refused   string    `bson:"refused,omitempty"` // why it is none that can be read
	FetchedAt time.Time `bson:"fetched_at"`
	Failed    int       `bson:"failed,omitempty"` // how often Tesseract failed on it
}

// showDoc is what was handed on of a show's pictures.
type showDoc struct {
	ID   string `bson:"_id"` // ticket.Key
	Said string `bson:"said"`
}

// New makes a Reader.
func New(ctx context.Context, deps Deps, cfg Config, log *slog.Logger) (*Reader, error) {
	if cfg.Share <= 0 {
		cfg.Share = 0.5
	}
	cfg.Refresh = cmp.Or(cfg.Refresh, 7*24*time.Hour)
	r := &Reader{deps: deps, cfg: cfg, log: log}
	var err error
	if r.seen, err = deps.Store.Collection(ctx, store.Spec{Name: "ocr_pictures", Fields: []store.Field{{Path: "sha256", Index: true}, {Path: "fetched_at"}}}); err != nil {
		return nil, fmt.Errorf("open the pictures: %w", err)
	}
	if r.shows, err = deps.Store.Collection(ctx, store.Spec{Name: "ocr_shows"}); err != nil {
		return nil, fmt.Errorf("open the pictures: %w", err)
	}
	if r.taken, err = deps.Store.Collection(ctx, store.Spec{Name: "ocr_accepted", Fields: []store.Field{{Path: "show", Index: true}}}); err != nil {
		return nil, fmt.Errorf("open the pictures: %w", err)
	}
	return r, nil
}

// job is the pictures of one page.
type job struct {
	Source    string    `json:"source"`
	Code      string    `json:"code"`
	URLs      []string  `json:"urls"`
	FetchedAt time.Time `json:"fetched_at"` // of the page
	Replay    bool      `json:"replay,omitempty"`
}

// Ask takes the pictures of a show's page to be read some time. It never waits for that, and a queue that takes none is no
// error of the page, which comes again. Pictures that are known are not asked for again, and what they said is not handed on again.
func (r *Reader) Ask(ctx context.Context, p *ticket.Page, code string, urls []string) error {
	if r.deps.Engine == nil || len(urls) == 0 {
		return nil
	}
	payload, err := json.Marshal(job{Source: p.Source, Code: code, URLs: urls, FetchedAt: p.FetchedAt, Replay: p.Replay})
	if err != nil {
		return fmt.Errorf("encode pictures of %s:%s: %w", p.Source, code, err)
	}
	switch _, err = r.deps.Queue.Append(ctx, payload); {
	case err == nil:
	case ctx.Err() != nil || errors.Is(err, queue.ErrClosed): // the program ends: the page is worked off another time
		return err
	default:
		r.count(func(s *Stats) { s.Dropped++ })
		r.log.Warn("pictures are not read: their queue takes none", "source", p.Source, "code", code, "error", err)
	}
	return nil
}

// Stats says how it stands.
func (r *Reader) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.stats
	s.Backlog = r.deps.Jobs.Backlog()
	return s
}

func (r *Reader) count(fn func(*Stats)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fn(&r.stats)
}

// jobTimeout bounds one try of one job: some twenty pictures, each with a time of its own.
const jobTimeout = 20 * time.Minute

// patience is how often a job is tried, with pauses that double: a host of pictures may be away for half an hour.
const patience = 11

// Run works on jobs until ctx ends. Without Tesseract it says so once and waits for the end.
func (r *Reader) Run(ctx context.Context) error {
	if r.deps.Engine == nil {
		<-ctx.Done()
		return nil
	}
	return r.deps.Jobs.Work(ctx, r.work, r.deps.Bury, queue.WorkConfig{Timeout: jobTimeout, Tries: patience, Pause: 2 * time.Second, MaxPause: 15 * time.Minute}, r.log)
}

// work brings one job to its end: every picture read or refused, and what they say handed on, unless it was before.
func (r *Reader) work(ctx context.Context, msg queue.Message) error {
	var j job
	if err := json.Unmarshal(msg.Payload, &j); err != nil || j.Source == "" || j.Code == "" || len(j.URLs) == 0 {
		r.log.Error("message is no job of pictures: dropped", "offset", msg.Offset, "error", err)
		return nil
	}
	body := Body{Version: bodyVersion, Code: j.Code}
	for _, url := range j.URLs {
		p, refused, err := r.one(ctx, j, url)
		switch {
		case errors.Is(err, errNotKept): // the page of the pictures is replayed itself, with what they said then
			return nil
		case err != nil:
			return fmt.Errorf("%s: %w", url, err)
		case refused != "":
			body.Refused = append(body.Refused, Refusal{URL: url, Reason: refused})
		default:
			body.Pictures = append(body.Pictures, p)
		}
	}
	return r.handOn(ctx, j, body)
}

// handOn gives what a show's pictures say to the ETL, unless that is what was given last.
func (r *Reader) handOn(ctx context.Context, j job, body Body) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode what was read: %w", err)
	}
	key, said := ticket.Key(j.Source, j.Code), ticket.ID(string(text))
	var last showDoc
	if err := r.shows.Get(ctx, key, &last); err != nil && !errors.Is(err, store.ErrNotFound) {
		return r.available(ctx, err)
	}
	if last.Said == said {
		return nil
	}
	p := ticket.Page{Source: j.Source, Kind: ticket.PicturePage, Code: j.Code, URL: j.URLs[0], FetchedAt: j.FetchedAt, Status: 200,
		Header: map[string]string{"Content-Type": "application/json"}, Body: text}
	payload, err := p.Encode()
	if err != nil {
		return err
	}
	if _, err := r.deps.Pages.Append(ctx, payload); err != nil {
		return err
	}
	return r.available(ctx, r.shows.Upsert(ctx, showDoc{ID: key, Said: said}))
}

// available marks an error as nobody's fault when the store does not answer.
func (r *Reader) available(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	if perr := r.deps.Store.Ping(ctx); perr != nil {
		return fmt.Errorf("%w: the store does not answer: %w", queue.ErrUnavailable, err)
	}
	return err
}
