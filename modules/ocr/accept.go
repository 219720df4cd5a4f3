package ocr

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"regexp"
	"time"

	"golang.org/x/image/draw"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/ocr/picture"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// ErrNoValue means that a row of the quarantine holds no value of a picture that could be accepted.
var ErrNoValue = errors.New("no value of a picture")

// acceptedDoc is a doubtful value that a person took for true: of one show, until its pictures say something else.
type acceptedDoc struct {
	ID    string    `bson:"_id"`
	Show  string    `bson:"show"` // ticket.Key
	Field string    `bson:"field"`
	Part  string    `bson:"part,omitempty"`
	Value string    `bson:"value"`
	At    time.Time `bson:"at"`
}

// Accept takes the value of a row of the quarantine for true from now on. It counts once the page is read again. ErrNoValue.
func (r *Reader) Accept(ctx context.Context, row ticket.Withheld) error {
	if row.Kind != ticket.PicturePage || row.Picture == "" || row.Parsed == "" || row.Code == "" {
		return fmt.Errorf("%w: %s %s", ErrNoValue, row.Kind, row.Field)
	}
	show := ticket.Key(row.Source, row.Code)
	return r.taken.Upsert(ctx, acceptedDoc{ID: ticket.ID(show, row.Field, row.Part, row.Parsed), Show: show, Field: row.Field, Part: row.Part, Value: row.Parsed,
		At: ticket.Instant(r.deps.Now())})
}

// Parse is the package's Parse with what people accepted of the show.
func (r *Reader) Parse(ctx context.Context, p *ticket.Page, known Names) (sellers.Result, error) {
	var docs []acceptedDoc
	if err := r.taken.Find(ctx, store.Query{Where: []store.Cond{{Field: "show", Op: store.Eq, Value: ticket.Key(p.Source, p.Code)}}}, &docs); err != nil {
		return sellers.Result{}, fmt.Errorf("values accepted of %s:%s: %w", p.Source, p.Code, err)
	}
	accepted := map[[3]string]bool{}
	for _, d := range docs {
		accepted[[3]string{d.Field, d.Part, d.Value}] = true
	}
	known.Accepted = func(field, part, value string) bool { return accepted[[3]string{field, part, value}] }
	return Parse(p, known)
}

var reSHA = regexp.MustCompile(`^[0-9a-f]{64}$`)

// What a crop is cut with: pixels around the place, and the largest side of what is shown.
const (
	around   = 24
	mostSide = 1600
)

// Crop is the part of a kept picture around box (left, top, width, height), as PNG. lake.ErrNotFound when there is no such
// picture, picture's errors when it cannot be decoded.
func (r *Reader) Crop(ctx context.Context, sha string, box [4]int) ([]byte, error) {
	if !reSHA.MatchString(sha) { // anything else would be another key of the bucket
		return nil, lake.ErrNotFound
	}
	for i := range box {
		box[i] = min(max(box[i], -picture.MaxSide), 2*picture.MaxSide) // sums of more could overflow
	}
	body, err := r.deps.Bucket.Get(ctx, Key(sha))
	if err != nil {
		return nil, err
	}
	g, err := picture.Gray(body)
	if err != nil {
		return nil, err
	}
	part := image.Rect(box[0], box[1], box[0]+min(max(box[2], 1), mostSide), box[1]+min(max(box[3], 1), mostSide)).Inset(-around).Intersect(g.Rect)
	if part.Empty() {
		return nil, lake.ErrNotFound
	}
	out := image.NewGray(image.Rect(0, 0, part.Dx(), part.Dy()))
	draw.Draw(out, out.Rect, g, part.Min, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, out); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
