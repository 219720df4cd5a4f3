package ocr

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/ocr/engine"
	"ticketmoa/modules/ocr/ocrtest"
	"ticketmoa/modules/queue"
	"ticketmoa/modules/store"
)

const childEnv = "OCR_CHILD"

// child is what a process of the kill test is told to do.
type child struct {
	Dir   string
	Base  string // of the site
	Point string // where it kills itself; "" works until nothing waits
	Nth   int    // the how manyth time it comes there; of the timer, milliseconds
	Early bool   // the control: acknowledges before it hands on
}

// points are where a job can be cut off.
var points = []string{"timer", "reading", "kept", "timer", "handing on", "handed on", "timer", "read"}

// TestKillChild is no test: it is the process that the kill test kills.
func TestKillChild(t *testing.T) {
	told := os.Getenv(childEnv)
	if told == "" {
		t.Skip("is run by TestKilled")
	}
	var c child
	if err := json.Unmarshal([]byte(told), &c); err != nil {
		t.Fatal(err)
	}
	if err := c.run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// at kills the process at the wanted point.
func (c child) at() func(point string) {
	var mu sync.Mutex
	n := 0
	return func(point string) {
		mu.Lock()
		defer mu.Unlock()
		if point == c.Point {
			if n++; n == c.Nth {
				die()
			}
		}
	}
}

func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

func (c child) run(ctx context.Context) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	jobs, err := queue.Open(filepath.Join(c.Dir, "jobs"), queue.Config{}, log)
	if err != nil {
		return err
	}
	pages, err := queue.Open(filepath.Join(c.Dir, "pages"), queue.Config{}, log)
	if err != nil {
		return err
	}
	folder, err := lake.NewFolder(filepath.Join(c.Dir, "lake"))
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, "", filepath.Join(c.Dir, "store.db"), log)
	if err != nil {
		return err
	}
	eng, err := engine.New(ctx, engine.Config{})
	if err != nil {
		return err
	}
	consumer, err := jobs.Consumer("ocr")
	if err != nil {
		return err
	}
	at := c.at()
	deps := Deps{Queue: jobs, Jobs: consumer, Pages: mortalLog{pages, at}, Fetch: client(c.Base), Bucket: mortalBucket{folder, at}, Store: db, Engine: mortalEyes{eng, at}, Now: time.Now,
		Bury: func(context.Context, queue.DeadLetter) error { return errors.New("nothing is to be buried") }}
	if c.Early {
		deps.Jobs = early{consumer}
	}
	r, err := New(ctx, deps, Config{Share: 1}, log)
	if err != nil {
		return err
	}
	if c.Point == "timer" {
		time.AfterFunc(time.Duration(c.Nth)*time.Millisecond, die)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	for consumer.Backlog() > 0 && ctx.Err() == nil {
		time.Sleep(5 * time.Millisecond)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	cancel()
	return <-ended
}

type mortalEyes struct {
	Lines
	at func(string)
}

func (m mortalEyes) Read(ctx context.Context, languages string, lines []*image.Gray) ([]engine.Text, engine.Cost, error) {
	m.at("reading")
	texts, cost, err := m.Lines.Read(ctx, languages, lines)
	m.at("read")
	return texts, cost, err
}

type mortalBucket struct {
	lake.Bucket
	at func(string)
}

func (m mortalBucket) Put(ctx context.Context, key string, body []byte) error {
	err := m.Bucket.Put(ctx, key, body)
	m.at("kept")
	return err
}

type mortalLog struct {
	Log
	at func(string)
}

func (m mortalLog) Append(ctx context.Context, payload []byte) (uint64, error) {
	m.at("handing on")
	n, err := m.Log.Append(ctx, payload)
	m.at("handed on")
	return n, err
}

// early is the control: it acknowledges a job when it takes it.
type early struct{ *queue.Consumer }

func (e early) Work(ctx context.Context, handle queue.Handler, _ queue.Bury, _ queue.WorkConfig, _ *slog.Logger) error {
	for {
		m, err := e.Next(ctx)
		if err != nil {
			return nil //nolint:nilerr // the end
		}
		if err := e.Ack(m.Offset); err != nil {
			return err
		}
		if err := handle(ctx, m); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// killer runs children on one directory. What was asked for is known outside of it.
type killer struct {
	t        *testing.T
	dir      string
	site     *site
	pictures map[string][]string // by show, the hashes of its pictures
}

func newKiller(t *testing.T, shows int) *killer {
	t.Helper()
	tesseract(t)
	k := &killer{t: t, dir: t.TempDir(), site: newSite(t), pictures: map[string][]string{}}
	jobs, err := queue.Open(filepath.Join(k.dir, "jobs"), queue.Config{}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), "", filepath.Join(k.dir, "store.db"), quiet())
	if err != nil {
		t.Fatal(err)
	}
	consumer, err := jobs.Consumer("ocr")
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(t.Context(), Deps{Queue: jobs, Jobs: consumer, Store: db, Engine: &eyes{}, Now: time.Now}, Config{}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	for i := range shows {
		code, mine, same := strconv.Itoa(i), fmt.Sprintf("/%d.png", i), fmt.Sprintf("/shared-%d.png", i/2)
		k.site.serve(mine, ocrtest.Strip(t, "공연정보", fmt.Sprintf("러닝타임 : %d분", 90+i)).PNG(t))
		k.site.serve(same, ocrtest.Strip(t, "티켓가격", fmt.Sprintf("VIP석 %d0,000원", 11+i/2)).PNG(t))
		for _, path := range []string{mine, same} {
			_, body := k.site.files[path]()
			k.pictures[code] = append(k.pictures[code], shaOf(body))
		}
		if err := r.Ask(t.Context(), page(fetchedAt), code, urls(mine, same, "/none.png")); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(consumer.Close(), jobs.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
	return k
}

// round runs a child and tells whether it was killed.
func (k *killer) round(c child) bool {
	k.t.Helper()
	c.Dir, c.Base = k.dir, k.site.URL
	told, err := json.Marshal(c)
	if err != nil {
		k.t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestKillChild$", "-test.count=1")
	cmd.Env = append(os.Environ(), childEnv+"="+string(told))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGKILL {
		return true
	}
	if err != nil {
		k.t.Fatalf("child %+v: %v\n%s", c, err, out.String())
	}
	return false
}

// count compares what was handed on with what was asked for: shows of which nothing came, shows with more than one effect,
// pictures that are missing in their show or the bucket.
func (k *killer) count() (missing, double, unread, pages int) {
	k.t.Helper()
	q, err := queue.Open(filepath.Join(k.dir, "pages"), queue.Config{}, quiet())
	if err != nil {
		k.t.Fatal(err)
	}
	defer q.Close()
	c, err := q.Consumer("count")
	if err != nil {
		k.t.Fatal(err)
	}
	defer c.Close()
	all, err := drained(k.t.Context(), c)
	if err != nil {
		k.t.Fatal(err)
	}
	bucket, err := lake.NewFolder(filepath.Join(k.dir, "lake"))
	if err != nil {
		k.t.Fatal(err)
	}
	r := &Reader{deps: Deps{Bucket: bucket}}
	effects, read := map[string]map[string]bool{}, map[string][]string{}
	for _, p := range all {
		if effects[p.Code] == nil {
			effects[p.Code] = map[string]bool{}
		}
		effects[p.Code][lake.RawKey(p)] = true
		var body Body
		if err := json.Unmarshal(p.Body, &body); err != nil {
			k.t.Fatal(err)
		}
		for _, pic := range body.Pictures {
			if kept, err := r.kept(k.t.Context(), pic.SHA256); err == nil && kept.Text() == pic.Text() && pic.Text() != "" {
				read[p.Code] = append(read[p.Code], pic.SHA256)
			}
		}
	}
	for code, pictures := range k.pictures {
		switch len(effects[code]) {
		case 0:
			missing++
		case 1:
		default:
			double++
		}
		for _, sha := range pictures {
			if !slices.Contains(read[code], sha) {
				unread++
			}
		}
	}
	return missing, double, unread, len(all)
}

// TestKilled kills the reader with -9 at every step and at any moment: after the last start every show has exactly one effect,
// and what each picture was read as is kept.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	shows, rounds := 5, 10
	if n, err := strconv.Atoi(os.Getenv("DRILL")); err == nil && n > 1 {
		shows, rounds = n, 2*n
	}
	k := newKiller(t, shows)
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 5))
	kills := 0
	for i := range rounds {
		c := child{Point: points[i%len(points)], Nth: 1 + rng.IntN(2)}
		if c.Point == "timer" {
			c.Nth = 1 + rng.IntN(500)
		}
		if k.round(c) {
			kills++
		}
	}
	if k.round(child{}) {
		t.Fatal("the last one was killed")
	}
	missing, double, unread, pages := k.count()
	if missing > 0 || double > 0 || unread > 0 || kills < rounds/3 {
		t.Errorf("%d shows missing, %d with two effects, %d pictures not read, %d kills", missing, double, unread, kills)
	}
	t.Logf("%d shows, %d pages, %d of %d rounds killed", shows, pages, kills, rounds)
}

// TestKilledControl: a reader that acknowledges before it hands on loses shows.
func TestKilledControl(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	k := newKiller(t, 2)
	if !k.round(child{Point: "handing on", Nth: 1, Early: true}) {
		t.Fatal("not killed")
	}
	k.round(child{})
	if missing, _, _, _ := k.count(); missing == 0 {
		t.Error("nothing is missing: this test would not notice a loss")
	}
}
