package ocr

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"slices"
	"strings"
	"time"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/ocr/engine"
	"ticketmoa/modules/ocr/facts"
	"ticketmoa/modules/ocr/layout"
	"ticketmoa/modules/ocr/picture"
	"ticketmoa/modules/outbound"
	"ticketmoa/modules/queue"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// Version is that of finding and reading lines: a picture read by another is read anew when its page comes.
const Version = 2

// How lines are cropped for the two readings, in pixels.
const (
	firstHeight, secondHeight = 40, 34
	margin                    = 12
)

// Reading is what one picture was read as.
type Reading struct {
	SHA256 string     `json:"sha256"`
	Engine string     `json:"engine"`
	Width  int        `json:"width"`
	Height int        `json:"height"`
	Lines  []LineRead `json:"lines"`
}

// LineRead is a line of text in a picture.
type LineRead struct {
	Box   [4]int  `json:"box"` // left, top, width, height in pixels
	Text  string  `json:"text"`
	Sure  float64 `json:"sure"`            // how sure the engine is, 0 to 1
	Again string  `json:"again,omitempty"` // the second reading; "" where no fact could stand, or nothing was read
}

// Key is where the bucket keeps a picture, and ReadingKey where what it was read as.
func Key(sha string) string { return "pictures/" + sha[:2] + "/" + sha }

// ReadingKey is where the bucket keeps what a picture was read as.
func ReadingKey(sha string) string { return fmt.Sprintf("ocr/v%d/%s/%s.json", Version, sha[:2], sha) }

// one gives the reading of the picture at an address, or why there is none. An error is what another try may mend.
func (r *Reader) one(ctx context.Context, j job, url string) (out Read, refused string, err error) {
	doc, body, err := r.find(ctx, j, url)
	if err != nil || doc.Refused != "" {
		return out, doc.Refused, err
	}
	reading, err := r.kept(ctx, doc.SHA256)
	if err == nil {
		r.count(func(s *Stats) { s.Known++ })
		return Read{URL: url, Reading: reading}, "", nil
	}
	if !errors.Is(err, lake.ErrNotFound) {
		return out, "", fmt.Errorf("%w: %w", queue.ErrUnavailable, err)
	}
	if body == nil {
		body, err = r.deps.Bucket.Get(ctx, Key(doc.SHA256))
		switch {
		case errors.Is(err, lake.ErrNotFound), errors.Is(err, lake.ErrDamaged): // whoever took it away: waiting brings nothing back
			if doc, body, err = r.ask(ctx, url); err != nil || doc.Refused != "" {
				return out, doc.Refused, err
			}
		case err != nil:
			return out, "", fmt.Errorf("%w: the picture: %w", queue.ErrUnavailable, err)
		}
	}
	reading, cost, err := ReadPicture(ctx, r.deps.Engine, body)
	r.spent(ctx, reading, cost, err)
	switch {
	case err != nil && ctx.Err() != nil:
		return out, "", ctx.Err()
	case errors.Is(err, engine.ErrMissing):
		return out, "", fmt.Errorf("%w: %w", queue.ErrUnavailable, err)
	case errors.Is(err, engine.ErrFailed) && doc.Failed+1 < engineTries: // it may have been the machine
		doc.Failed++
		return out, "", errors.Join(err, r.available(ctx, r.seen.Upsert(ctx, doc)))
	case err != nil:
		doc.Refused = err.Error()
		r.count(func(s *Stats) { s.Refused++; s.LastFail = doc.Refused })
		return out, doc.Refused, r.available(ctx, r.seen.Upsert(ctx, doc))
	}
	text, err := json.Marshal(reading)
	if err != nil {
		return out, "", err
	}
	if err := r.deps.Bucket.Put(ctx, ReadingKey(doc.SHA256), text); err != nil {
		return out, "", fmt.Errorf("%w: keep what was read: %w", queue.ErrUnavailable, err)
	}
	return Read{URL: url, Reading: reading}, "", nil
}

// engineTries is how often Tesseract may fail on a picture before it is refused.
const engineTries = 2

// spent counts the cost of a reading, and then waits so long that reading keeps to its share of the processor.
func (r *Reader) spent(ctx context.Context, reading Reading, cost engine.Cost, err error) {
	r.count(func(s *Stats) {
		s.CPU += cost.CPU
		if err != nil {
			return
		}
		s.Read++
		s.Pixels += int64(reading.Width) * int64(reading.Height)
	})
	rest := time.NewTimer(time.Duration(float64(cost.CPU) * (1/min(r.cfg.Share, 1) - 1)))
	defer rest.Stop()
	select {
	case <-rest.C:
	case <-ctx.Done():
	}
}

// errNotKept means that a replayed page shows a picture of which nothing is known: a replay asks nobody for anything.
var errNotKept = errors.New("the picture was never kept")

// find tells what is at an address: what was found there, unless that was long ago; the bytes too when they were fetched now.
func (r *Reader) find(ctx context.Context, j job, url string) (doc seenDoc, body []byte, err error) {
	err = r.seen.Get(ctx, ticket.ID("picture", url), &doc)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return doc, nil, r.available(ctx, err)
	}
	if err == nil && (j.Replay || r.deps.Now().Sub(doc.FetchedAt) < r.cfg.Refresh) {
		return doc, nil, nil
	}
	if j.Replay {
		return doc, nil, errNotKept
	}
	return r.ask(ctx, url)
}

// ask fetches what is at an address, keeps it, and notes what it was.
func (r *Reader) ask(ctx context.Context, url string) (doc seenDoc, body []byte, err error) {
	doc = seenDoc{ID: ticket.ID("picture", url), URL: url, FetchedAt: ticket.Instant(r.deps.Now())}
	body, doc.Refused, err = r.fetch(ctx, url)
	if err != nil {
		return doc, nil, err
	}
	if doc.Refused == "" {
		sum := sha256.Sum256(body)
		doc.SHA256 = hex.EncodeToString(sum[:])
		if err := r.deps.Bucket.Put(ctx, Key(doc.SHA256), body); err != nil {
			return doc, nil, fmt.Errorf("%w: keep the picture: %w", queue.ErrUnavailable, err)
		}
	} else {
		r.count(func(s *Stats) { s.Refused++; s.LastFail = doc.Refused })
	}
	return doc, body, r.available(ctx, r.seen.Upsert(ctx, doc))
}

// fetch asks for a picture. refused says why what came is none, or why it must not be asked for.
func (r *Reader) fetch(ctx context.Context, url string) (body []byte, refused string, err error) {
	res, err := r.deps.Fetch.Do(ctx, outbound.Request{Method: "GET", URL: url})
	for _, never := range []error{outbound.ErrHostNotAllowed, outbound.ErrForbiddenByURL, outbound.ErrPrivateAddress, outbound.ErrTooLarge, outbound.ErrRedirects, outbound.ErrReservation} {
		if errors.Is(err, never) {
			return nil, err.Error(), nil
		}
	}
	switch {
	case errors.Is(err, outbound.ErrRobots) && !errors.Is(err, outbound.ErrNoRobots):
		return nil, err.Error(), nil
	case err != nil:
		return nil, "", err
	case res.Status >= 500 || res.Status == 429:
		return nil, "", outbound.StatusError{Status: res.Status}
	case res.Status != 200:
		return nil, outbound.StatusError{Status: res.Status}.Error(), nil
	}
	if _, err = picture.Check(res.Body); err != nil {
		refused = err.Error()
	}
	return res.Body, refused, nil
}

// kept is what a picture was read as before; lake.ErrNotFound.
func (r *Reader) kept(ctx context.Context, sha string) (out Reading, err error) {
	text, err := r.deps.Bucket.Get(ctx, ReadingKey(sha))
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(text, &out); err != nil {
		return out, lake.ErrNotFound // damaged: read it again
	}
	return out, nil
}

// The time a picture may take: so much, and more for each megapixel. It takes a second for each; but Tesseract gives way to
// all else, and on a busy machine that leaves it a tenth of a processor.
const (
	baseTime  = 60 * time.Second
	pixelTime = 20 * time.Second
)

// errPanic is a picture for which this program has a fault. The other pictures are read all the same.
var errPanic = errors.New("reading it went wrong")

// ReadPicture reads a picture twice: every line once, and those in which facts may stand once more in another way. Errors
// are picture's and engine's, or a panic's text.
func ReadPicture(ctx context.Context, eng Lines, body []byte) (out Reading, cost engine.Cost, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errPanic, p)
		}
	}()
	start := time.Now()
	g, err := picture.Gray(body)
	if err != nil {
		return out, cost, err
	}
	sum := sha256.Sum256(body)
	out = Reading{SHA256: hex.EncodeToString(sum[:]), Engine: eng.Version(), Width: g.Rect.Dx(), Height: g.Rect.Dy(), Lines: []LineRead{}}
	ctx, cancel := context.WithTimeout(ctx, baseTime+time.Duration(float64(pixelTime)*float64(g.Rect.Dx()*g.Rect.Dy())/1e6))
	defer cancel()
	lines := layout.Lines(g)
	own := time.Since(start)
	texts, cost, err := readLines(ctx, eng, engine.Both, g, lines, firstHeight, mostCropped)
	cost.CPU += own
	if err != nil {
		return out, cost, err
	}
	for i, l := range lines {
		out.Lines = append(out.Lines, LineRead{Box: [4]int{l.Rect.Min.X, l.Rect.Min.Y, l.Rect.Dx(), l.Rect.Dy()}, Text: texts[i].Text, Sure: round(texts[i].Sure)})
	}
	first := out.first()
	sure := facts.Repeated(first)
	for _, i := range sure {
		out.Lines[i].Again = out.Lines[i].Text
	}
	which := slices.DeleteFunc(facts.Worth(first), func(i int) bool { return slices.Contains(sure, i) })
	again := make([]layout.Line, len(which))
	for n, i := range which {
		again[n] = lines[i]
	}
	texts, more, err := readLines(ctx, eng, engine.Hangul, g, again, secondHeight, mostCropped)
	cost.CPU, cost.Peak = cost.CPU+more.CPU, max(cost.Peak, more.Peak)
	if err != nil {
		return out, cost, err
	}
	for n, i := range which {
		out.Lines[i].Again = texts[n].Text
	}
	return out, cost, nil
}

// mostCropped is how many pixels of lines are held at once. A strip has a tenth of it; of two thousand thin lines as wide as
// the picture all would be a gigabyte.
const mostCropped = 32 << 20

// readLines crops lines out of a picture and reads them, in several calls when they have more than most pixels.
func readLines(ctx context.Context, eng Lines, languages string, g *image.Gray, lines []layout.Line, height, most int) (texts []engine.Text, cost engine.Cost, err error) {
	for len(texts) < len(lines) {
		start := time.Now()
		var crops []*image.Gray
		for pixels := 0; len(texts)+len(crops) < len(lines) && pixels < most; {
			crop := layout.Crop(g, lines[len(texts)+len(crops)], height, margin)
			crops, pixels = append(crops, crop), pixels+len(crop.Pix)
		}
		own := time.Since(start)
		read, c, err := eng.Read(ctx, languages, crops)
		cost.CPU, cost.Peak = cost.CPU+own+c.CPU, max(cost.Peak, c.Peak)
		if err != nil {
			return nil, cost, err
		}
		if len(read) != len(crops) {
			return nil, cost, fmt.Errorf("%w: %d texts of %d lines", engine.ErrFailed, len(read), len(crops))
		}
		texts = append(texts, read...)
	}
	return texts, cost, nil
}

func round(x float64) float64 { return float64(int(x*1000+0.5)) / 1000 }

func (b LineRead) rect() image.Rectangle {
	return image.Rect(b.Box[0], b.Box[1], b.Box[0]+b.Box[2], b.Box[1]+b.Box[3])
}

// first is what was read the first time, second the other; a line that was read once only is not in it.
func (r *Reading) first() []facts.Line {
	out := make([]facts.Line, len(r.Lines))
	for i, l := range r.Lines {
		out[i] = facts.Line{Rect: l.rect(), Text: l.Text, Sure: l.Sure}
	}
	return out
}

func (r *Reading) second() []facts.Line {
	var out []facts.Line
	for _, l := range r.Lines {
		if l.Again != "" {
			out = append(out, facts.Line{Rect: l.rect(), Text: l.Again})
		}
	}
	return out
}

// Text is what the picture says, a row a line.
func (r *Reading) Text() string { return strings.TrimSpace(facts.Text(r.first())) }
