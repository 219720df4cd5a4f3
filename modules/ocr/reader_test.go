package ocr

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/ocr/engine"
	"ticketmoa/modules/ocr/layout"
	"ticketmoa/modules/ocr/ocrtest"
	"ticketmoa/modules/queue"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

// plate is a picture with a block on it that layout takes for a line. Each tone is another picture.
func plate(t testing.TB, tone byte) []byte {
	t.Helper()
	s := ocrtest.Blank(640, 100, 255)
	for x := range 6 {
		s.Fill(image.Rect(60+40*x, 40, 85+40*x, 65), tone)
	}
	return s.PNG(t)
}

func shaOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// TestReal takes pictures the whole way with the real engine: read once for their content under two addresses, handed on,
// and made into what the ETL takes.
func TestReal(t *testing.T) {
	b := newBench(t)
	b.eyes.real = tesseract(t)
	body := ocrtest.Strip(t, "공연정보", "러닝타임 : 150분", "관람연령 : 8세 이상", "티켓가격", "VIP석 150,000원", "R석 120,000원").PNG(t)
	b.site.serve("/a.png", body)
	b.site.serve("/copy.png", body)
	b.ask("1", "/a.png", "/copy.png")
	b.work()
	pages, bodies := b.handed()
	if len(pages) != 1 || len(bodies[0].Pictures) != 2 || len(bodies[0].Refused) != 0 || b.eyes.count() != 2 {
		t.Fatalf("%d pages, %+v, %d calls of the engine", len(pages), bodies, b.eyes.count())
	}
	if p := pages[0]; p.Kind != ticket.PicturePage || p.Source != "yes24" || p.Code != "1" || p.URL != "http://img.test/a.png" || !p.FetchedAt.Equal(fetchedAt) || p.Status != 200 {
		t.Errorf("%+v", p)
	}
	if s := b.reader.Stats(); s.Read != 1 || s.Known != 1 || s.Refused != 0 || s.Pixels == 0 || s.CPU == 0 {
		t.Errorf("%+v", s)
	}
	for _, key := range []string{Key(shaOf(body)), ReadingKey(shaOf(body))} {
		if _, err := b.bucket.Get(t.Context(), key); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
	res, err := b.reader.Parse(t.Context(), pages[0], Names{})
	if err != nil || len(res.Shows) != 1 {
		t.Fatalf("%+v, %v", res, err)
	}
	s := res.Shows[0]
	if !s.Supplement || s.Code != "1" || s.RunningText != "150분" || s.AgeText != "8세 이상" || len(s.Prices) != 2 || s.Prices[0] != (sellers.RawPrice{Grade: "VIP석", Text: "150000원"}) || !strings.Contains(s.StripText, "150,000") {
		t.Errorf("%+v", s)
	}
	if len(res.Doubts) != 0 {
		t.Errorf("doubts: %+v", res.Doubts)
	}
	b.now = b.now.Add(time.Hour)
	b.ask("1", "/a.png", "/copy.png") // the page came again
	b.ask("2", "/copy.png")           // another show has the same picture
	b.work()
	if pages, _ := b.handed(); len(pages) != 1 || pages[0].Code != "2" || b.eyes.count() != 2 || b.site.times("/a.png") != 1 || b.site.times("/copy.png") != 1 {
		t.Errorf("again: %d pages, %d calls of the engine", len(pages), b.eyes.count())
	}
}

// TestBadBesideGood: whatever stands beside a good picture, the good one is read and the others are set aside with a reason.
func TestBadBesideGood(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	good := plate(t, 0)
	b.site.serve("/good.png", good)
	b.site.serve("/text.jpg", []byte("/etc/passwd\n"))
	b.site.serve("/page.jpg", []byte("<html>not found</html>"))
	b.site.serve("/bomb.png", append(ocrtest.PNGHead(50_000, 50_000), ocrtest.Chunk("IDAT", []byte("x\x9c\x03\x00"))...))
	b.site.serve("/broken.png", good[:len(good)/2])
	b.site.serve("/large.png", make([]byte, 2<<20))
	b.site.serve("/empty.png", nil)
	b.site.answer("/gone.png", func() (int, []byte) { return 410, good })
	b.site.answer("/forbidden.png", func() (int, []byte) { return 403, good })
	b.ask("1", "/text.jpg", "/page.jpg", "/bomb.png", "/none.png", "/broken.png", "/good.png", "/large.png", "/empty.png", "/gone.png", "/forbidden.png")
	b.ok(b.reader.Ask(t.Context(), page(b.now), "2", []string{"http://elsewhere.test/a.png", "file:///etc/passwd", "http://img.test:22/", "", "http://img.test/good.png"}))
	b.work()
	want := map[string]string{
		"/text.jpg": "no JPEG, PNG, WebP or GIF", "/page.jpg": "no JPEG, PNG, WebP or GIF", "/bomb.png": "too large: 50000 × 50000", "/none.png": "404", "/broken.png": "cannot be decoded",
		"/large.png": "larger than the limit", "/empty.png": "no JPEG, PNG, WebP or GIF", "/gone.png": "410", "/forbidden.png": "403",
	}
	_, bodies := b.handed()
	if len(bodies) != 2 || len(b.buried) != 0 {
		t.Fatalf("%d pages, buried: %+v", len(bodies), b.buried)
	}
	if len(bodies[0].Pictures) != 1 || bodies[0].Pictures[0].URL != "http://img.test/good.png" || len(bodies[0].Pictures[0].Lines) == 0 || len(bodies[0].Refused) != len(want) {
		t.Errorf("%+v", bodies[0])
	}
	for _, r := range bodies[0].Refused {
		if reason := want[strings.TrimPrefix(r.URL, "http://img.test")]; reason == "" || !strings.Contains(r.Reason, reason) {
			t.Errorf("%s: %q; want %q", r.URL, r.Reason, reason)
		}
	}
	if r := bodies[1].Refused; len(bodies[1].Pictures) == 0 || len(r) < 3 || !strings.Contains(r[0].Reason, "not on the allow-list") || !strings.Contains(r[1].Reason, "only http and https") {
		t.Errorf("%+v", bodies[1])
	}
	if s := b.reader.Stats(); s.Read != 1 || s.LastFail == "" || s.Refused < int64(len(want)) {
		t.Errorf("%+v", s)
	}
	asked := b.site.times("/none.png")
	b.ask("1", "/none.png", "/bomb.png") // it is not asked for again so soon
	b.work()
	if b.site.times("/none.png") != asked || b.site.times("/bomb.png") != 1 {
		t.Error("what was refused was asked for again")
	}
	b.now = b.now.Add(8 * 24 * time.Hour) // but in a week
	b.site.serve("/none.png", plate(t, 30))
	b.ask("1", "/none.png")
	b.work()
	_, bodies = b.handed()
	if last := bodies[len(bodies)-1]; len(last.Pictures) != 1 || len(last.Refused) != 0 {
		t.Errorf("a week later: %+v", last)
	}
}

// TestTriedAgain: what another try may mend is no refusal.
func TestTriedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	good := plate(t, 0)
	var calls atomic.Int32
	b.site.answer("/busy.png", func() (int, []byte) {
		if calls.Add(1) == 1 {
			return 503, nil
		}
		return 200, good
	})
	b.ask("1", "/busy.png")
	b.work()
	if _, bodies := b.handed(); len(bodies) != 1 || len(bodies[0].Pictures) != 1 || len(bodies[0].Refused) != 0 || calls.Load() != 2 || len(b.buried) != 0 {
		t.Errorf("%+v after %d calls", bodies, calls.Load())
	}
}

// TestEngineFails: the picture is set aside, whether Tesseract or this program has the fault, and the next job goes on.
func TestEngineFails(t *testing.T) {
	for name, set := range map[string]struct {
		fail error
		boom bool
		says string
	}{
		"tesseract": {fmt.Errorf("%w: signal: killed", engine.ErrFailed), false, "tesseract failed: signal: killed"},
		"panic":     {nil, true, "a fault of this program"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.site.serve("/bad.png", plate(t, 0))
			b.site.serve("/good.png", plate(t, 50))
			b.eyes.set(set.fail, set.boom)
			b.ask("1", "/bad.png")
			b.work()
			b.eyes.set(nil, false)
			b.ask("2", "/good.png", "/bad.png")
			b.work()
			_, bodies := b.handed()
			if len(bodies) != 2 || len(b.buried) != 0 {
				t.Fatalf("%d pages, buried: %+v", len(bodies), b.buried)
			}
			for i, good := range []int{0, 1} {
				if len(bodies[i].Pictures) != good || len(bodies[i].Refused) != 1 || !strings.Contains(bodies[i].Refused[0].Reason, set.says) {
					t.Errorf("job %d: %+v", i+1, bodies[i])
				}
			}
			if s := b.reader.Stats(); s.Refused != 1 || s.Read != 1 || !strings.Contains(s.LastFail, set.says) {
				t.Errorf("%+v", s)
			}
		})
	}
}

// TestEngineGone: a Tesseract that is taken away refuses no picture. The job waits for it.
func TestEngineGone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.site.serve("/a.png", plate(t, 0))
	b.eyes.set(engine.ErrMissing, false)
	b.ask("1", "/a.png")
	waited := false
	b.work(func() bool {
		if !waited && b.eyes.count() > 1 { // it was tried twice
			waited = true
			if s := b.reader.Stats(); s.Backlog != 1 || s.Refused != 0 {
				t.Errorf("%+v", s)
			}
			b.eyes.set(nil, false)
		}
		return b.reader.Stats().Backlog == 0
	})
	if _, bodies := b.handed(); !waited || len(bodies) != 1 || len(bodies[0].Pictures) != 1 || len(b.buried) != 0 {
		t.Errorf("%+v, buried: %+v", bodies, b.buried)
	}
}

// TestNoEngine asks for nothing and waits for the end.
func TestNoEngine(t *testing.T) {
	b := newBench(t)
	b.reader.deps.Engine = nil
	b.ask("1", "/a.png")
	if s := b.reader.Stats(); s.Backlog != 0 {
		t.Errorf("%+v", s)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b.ok(b.reader.Run(ctx))
}

// full is a queue without room.
type full struct{ err error }

func (f full) Append(context.Context, []byte) (uint64, error) { return 0, f.err }

// TestQueueFull: the page goes on, the job is dropped and counted, whether there is no room or the disk fails. That the program
// ends is the caller's to hear of.
func TestQueueFull(t *testing.T) {
	b := newBench(t)
	b.reader.deps.Queue = full{fmt.Errorf("%w: 10 bytes", queue.ErrFull)}
	b.ask("1", "/a.png")
	b.ask("2", "/a.png")
	b.ask("3")
	if s := b.reader.Stats(); s.Dropped != 2 {
		t.Errorf("%+v", s)
	}
	b.reader.deps.Queue = full{fmt.Errorf("%w: no sync", queue.ErrPoisoned)}
	b.ask("4", "/a.png")
	if s := b.reader.Stats(); s.Dropped != 3 {
		t.Errorf("a disk that fails: %+v", s)
	}
	b.reader.deps.Queue = full{queue.ErrClosed}
	if err := b.reader.Ask(t.Context(), page(b.now), "1", urls("/a.png")); !errors.Is(err, queue.ErrClosed) {
		t.Error(err)
	}
}

// TestBadJobs: what is no job is dropped and holds nobody up.
func TestBadJobs(t *testing.T) {
	b := newBench(t)
	b.site.serve("/a.png", plate(t, 0))
	for _, text := range []string{"", "{", "[]", "null", `{"source":"yes24","code":"1"}`, `{"source":"yes24","urls":["http://img.test/a.png"]}`, `{"code":"1","urls":["x"]}`, "\x00\xff"} {
		if text == "" {
			text = " "
		}
		_, err := b.jobs.Append(t.Context(), []byte(text))
		b.ok(err)
	}
	b.ask("1", "/a.png")
	b.work()
	if pages, _ := b.handed(); len(pages) != 1 || len(b.buried) != 0 {
		t.Errorf("%d pages, buried: %+v", len(pages), b.buried)
	}
}

// TestBucketLoses: a picture or its reading that has gone, or is damaged, is had again.
func TestBucketLoses(t *testing.T) {
	good := plate(t, 0)
	for name, lose := range map[string]func(b *bench){
		"the reading":            func(b *bench) { b.ok(b.bucket.Delete(b.t.Context(), ReadingKey(shaOf(good)))) },
		"the reading is damaged": func(b *bench) { b.ok(b.bucket.Put(b.t.Context(), ReadingKey(shaOf(good)), []byte(`{"sha`))) },
		"both": func(b *bench) {
			b.ok(b.bucket.Delete(b.t.Context(), ReadingKey(shaOf(good))))
			b.ok(b.bucket.Delete(b.t.Context(), Key(shaOf(good))))
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.site.serve("/a.png", good)
			b.ask("1", "/a.png")
			b.work()
			lose(b)
			b.ask("2", "/a.png")
			b.work()
			if _, bodies := b.handed(); len(bodies) != 2 || len(bodies[1].Pictures) != 1 {
				t.Fatalf("%+v", bodies)
			}
			if _, err := b.reader.kept(t.Context(), shaOf(good)); err != nil {
				t.Error(err)
			}
		})
	}
}

// down is a bucket that does not answer for a while.
type down struct {
	lake.Bucket
	left atomic.Int32
}

func (d *down) Put(ctx context.Context, key string, body []byte) error {
	if d.left.Add(-1) >= 0 {
		return errors.New("the bucket does not answer")
	}
	return d.Bucket.Put(ctx, key, body)
}

// TestBucketDown: that is nobody's fault. The job waits, and is buried by no number of tries.
func TestBucketDown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	d := &down{Bucket: b.bucket}
	d.left.Store(2)
	b.reader.deps.Bucket = d
	b.site.serve("/a.png", plate(t, 0))
	b.ask("1", "/a.png")
	b.work()
	if _, bodies := b.handed(); len(bodies) != 1 || len(bodies[0].Pictures) != 1 || len(b.buried) != 0 {
		t.Errorf("%+v, buried: %+v", bodies, b.buried)
	}
}

// TestTwoShowsOfOnePage have the same pictures: their pages must not be taken for one by the lake.
func TestTwoShowsOfOnePage(t *testing.T) {
	b := newBench(t)
	b.site.serve("/a.png", plate(t, 0))
	b.ask("1", "/a.png")
	b.ask("2", "/a.png")
	b.work()
	pages, _ := b.handed()
	if len(pages) != 2 || lake.RawKey(pages[0]) == lake.RawKey(pages[1]) {
		t.Errorf("%d pages", len(pages))
	}
}

// TestManyLongLines: of a picture with very many pixels of lines not all are held at once, and all are read in their order.
func TestManyLongLines(t *testing.T) {
	t.Parallel()
	s := ocrtest.Blank(800, 300, 255)
	var lines []layout.Line
	for y := 4; y+6 < 300; y += 9 {
		lines = append(lines, layout.Line{Rect: image.Rect(4, y, 104, y+5)})
	}
	const most = 1 << 18
	e := &eyes{}
	texts, cost, err := readLines(t.Context(), e, engine.Both, s.Gray, lines, firstHeight, most)
	if err != nil || len(texts) != len(lines) || e.count() < 3 || e.count() >= len(lines) || e.most > most+(1000*100) || cost.CPU == 0 {
		t.Fatalf("%v: %d texts of %d lines in %d calls of at most %d pixels", err, len(texts), len(lines), e.count(), e.most)
	}
	e.set(engine.ErrFailed, false)
	if texts, _, err = readLines(t.Context(), e, engine.Both, s.Gray, lines, firstHeight, most); texts != nil || !errors.Is(err, engine.ErrFailed) {
		t.Errorf("%d texts, %v", len(texts), err)
	}
}

// TestTooFewTexts: an engine that gives fewer texts than lines has failed.
func TestTooFewTexts(t *testing.T) {
	t.Parallel()
	if _, _, err := ReadPicture(t.Context(), short{}, plate(t, 0)); !errors.Is(err, engine.ErrFailed) {
		t.Error(err)
	}
}

type short struct{}

func (short) Version() string { return "short" }

func (short) Read(context.Context, string, []*image.Gray) ([]engine.Text, engine.Cost, error) {
	return nil, engine.Cost{}, nil
}
