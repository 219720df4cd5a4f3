package etl

import (
	"context"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

// strips are the addresses of a show's pictures, whole and of the real site, whatever stands in for it.
func (w *work) strips(s sellers.RawShow) (out []string) {
	for _, u := range s.Strips {
		if u = normalize.PosterURL(u, w.page.URL); u != "" {
			out = append(out, u)
		}
	}
	return out
}

// askPictures asks for the pictures of the page's shows to be read. What they say comes as a page of its own, later.
func (w *work) askPictures(ctx context.Context) error {
	if w.etl.deps.Strips == nil || w.page.Kind != ticket.DetailPage {
		return nil
	}
	for _, l := range w.listings {
		if len(l.content.Strips) == 0 {
			continue
		}
		if err := w.etl.deps.Strips.Ask(ctx, w.page, l.code, l.content.Strips); err != nil {
			return err
		}
	}
	return nil
}

// doubts withholds what was read and is not certain enough, each beside the place it was read from.
func (w *work) doubts() {
	for _, d := range w.raw.Doubts {
		w.withheld = append(w.withheld, ticket.Withheld{
			Source: w.page.Source, Kind: w.page.Kind, Code: d.Code, URL: w.page.URL, Field: d.Field, Part: d.Part, Reason: d.Reason, Raw: clip(d.Text, 500),
			Parsed: clip(d.Value, 500), RawKey: w.rawKey, Run: w.page.Run, FetchedAt: w.page.FetchedAt, Picture: d.Picture, Box: d.Box,
		})
	}
}
