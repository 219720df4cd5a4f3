package app

import (
	"context"
	"fmt"
	"strings"

	"ticketmoa/modules/ocr"
	"ticketmoa/modules/ocr/engine"
	"ticketmoa/modules/outbound"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
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
		eng, err := engine.New(ctx, engine.Config{Command: a.cfg.OCR.Tesseract, Data: a.cfg.OCR.Data})
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

// strips joins the ETL with the reader of pictures.
type strips struct{ a *App }

// Ask implements etl.Strips.
func (s strips) Ask(ctx context.Context, p *ticket.Page, code string, urls []string) error {
	return s.a.pictures.Ask(ctx, p, code, urls)
}

// Parse implements etl.Strips, with the artists and halls of the catalogue as the names that are known.
func (s strips) Parse(p *ticket.Page) (sellers.Result, error) {
	var known ocr.Names
	for _, artist := range s.a.catalog.Artists() {
		known.Artists = append(known.Artists, artist.Name)
	}
	for _, venue := range s.a.catalog.Venues() {
		known.Venues = append(known.Venues, venue.Name)
	}
	return ocr.Parse(p, known)
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
