package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"ticketmoa/modules/etl"
	"ticketmoa/modules/ocr"
	"ticketmoa/modules/ocr/engine"
	"ticketmoa/modules/ocr/picture"
	"ticketmoa/modules/outbound"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/admin"
)

// openPictures builds the reader of pictures, between the queue of pictures and the queue of pages. Without Tesseract it reads
// none, and takes none to read.
func (a *App) openPictures(ctx context.Context) error {
	consumer, err := a.pictureLog.Consumer("ocr")
	if err != nil {
		return fmt.Errorf("open the reader of the queue of pictures: %w", err)
	}
	deps := ocr.Deps{Queue: a.pictureLog, Jobs: consumer, Pages: a.patient(), Fetch: a.outbound, Bucket: a.bucket, Store: a.store, Now: a.now,
		Bury: newGraveyard(a.bucket, "pictures", a.cfg.Queue.DeadLetters).bury}
	if a.cfg.OCR.Enabled {
		eng, err := newEngine(ctx, a.cfg)
		switch {
		case err == nil:
			deps.Engine = eng
		case ctx.Err() != nil:
			return ctx.Err()
		default:
			a.noTesseract = err
		}
	}
	a.pictures, err = ocr.New(ctx, deps, ocr.Config{Share: a.cfg.OCR.Share, Refresh: a.cfg.OCR.Refresh}, a.log)
	return err
}

func newEngine(ctx context.Context, cfg *Config) (*engine.Engine, error) {
	return engine.New(ctx, engine.Config{Command: cfg.OCR.Tesseract, Data: cfg.OCR.Data})
}

// readPictures prints what files of pictures say, one JSON object a line. A file that cannot be read does not keep the others from
// it; its fault stands in its line and the error at the end.
func readPictures(ctx context.Context, cfg *Config, files []string, stdout io.Writer) error {
	if len(files) == 0 {
		return fmt.Errorf("%w: read: name at least one picture: ticketmoa read strip.jpg", errUsage)
	}
	eng, err := newEngine(ctx, cfg)
	if err != nil {
		return err
	}
	failed := 0
	for _, name := range files {
		line, err := readPicture(ctx, eng, name)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			failed++
			line = map[string]any{"file": name, "error": err.Error()}
		}
		if err := json.NewEncoder(stdout).Encode(line); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d pictures could not be read", failed, len(files))
	}
	return nil
}

func readPicture(ctx context.Context, eng *engine.Engine, name string) (any, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() > picture.MaxBytes:
		return nil, fmt.Errorf("it is no file of at most %d bytes", picture.MaxBytes)
	}
	body, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	reading, cost, err := ocr.ReadPicture(ctx, eng, body)
	if err != nil {
		return nil, err
	}
	return map[string]any{"file": name, "width": reading.Width, "height": reading.Height, "engine": reading.Engine, "cpu_seconds": math.Round(cost.CPU.Seconds()*100) / 100,
		"facts": ocr.FactsOf(&reading), "lines": reading.Lines}, nil
}

// strips joins the ETL with the reader of pictures.
type strips struct{ a *App }

// Ask implements etl.Strips.
func (s strips) Ask(ctx context.Context, p *ticket.Page, code string, urls []string) error {
	return s.a.pictures.Ask(ctx, p, code, urls)
}

// Parse implements etl.Strips, with the artists and halls of the catalogue as the names that are known.
func (s strips) Parse(ctx context.Context, p *ticket.Page) (sellers.Result, error) {
	var known ocr.Names
	for _, artist := range s.a.catalog.Artists() {
		known.Artists = append(known.Artists, artist.Name)
	}
	for _, venue := range s.a.catalog.Venues() {
		known.Venues = append(known.Venues, venue.Name)
	}
	return s.a.pictures.Parse(ctx, p, known)
}

// acceptPicture takes the value of a row of the quarantine for true and reads its page again. admin.ErrReplaying.
func (a *App) acceptPicture(ctx context.Context, row ticket.Withheld) (admin.Replay, error) {
	if err := a.pictures.Accept(ctx, row); err != nil {
		return admin.Replay{}, err
	}
	return a.askReread(ctx, etl.Filter{ID: row.ID})
}

// picturesState is what was read since the start.
func (a *App) picturesState() admin.PicturesState {
	s := a.pictures.Stats()
	out := admin.PicturesState{Waiting: s.Backlog, Read: s.Read, Known: s.Known, Refused: s.Refused, Dropped: s.Dropped, CPUSeconds: s.CPU.Seconds(), LastFailure: s.LastFail,
		Off: !a.cfg.OCR.Enabled}
	if s.Pixels > 0 {
		out.CPUPerMegapixel = s.CPU.Seconds() / (float64(s.Pixels) / 1e6)
	}
	return out
}

// pictureHosts adds the hosts of a source's pictures to the allow-list, with a pace of their own.
func (a *App) pictureHosts(rules map[string]outbound.Host, info sellers.Info, s SourceConfig) {
	for _, host := range info.StripHosts {
		host = strings.ToLower(host)
		if _, known := rules[host]; !known {
			rules[host] = outbound.Host{Replacement: s.Hosts[host], Rate: a.cfg.OCR.Rate, Concurrency: 1, Robots: s.Robots == "obey"}
		}
	}
}
