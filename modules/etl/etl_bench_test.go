package etl

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"ticketmoa/modules/catalog"
	"ticketmoa/modules/demo"
	"ticketmoa/modules/lake"
	"ticketmoa/modules/normalize"
	"ticketmoa/modules/queue"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/interpark"
	"ticketmoa/modules/sellers/kopis"
	"ticketmoa/modules/sellers/melon"
	"ticketmoa/modules/sellers/sellerstest"
	"ticketmoa/modules/sellers/ticketlink"
	"ticketmoa/modules/sellers/yes24"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func realSources() map[string]sellers.Source {
	return map[string]sellers.Source{"kopis": kopis.New(), "interpark": interpark.New(), "yes24": yes24.New(), "ticketlink": ticketlink.New(), "melon": melon.New()}
}

// BenchmarkListing is target P11: reading one real product page into a normalised, validated listing with its match key,
// beside a plain goquery parse of the same bytes.
func BenchmarkListing(b *testing.B) {
	for _, c := range []struct{ source, file, code string }{
		{"yes24", "yes24/detail_51466_2024-11.html", "51466"}, {"ticketlink", "ticketlink/product_52656_rendered_2024-11.html", "52656"},
		{"melon", "melon/detail_rendered_2025-10.htm", "212000"}, {"interpark", "interpark/goods_detail_24010728_2024-08.jsp.html", "24010728"},
	} {
		p := sellerstest.Captured(b, ticket.DetailPage, c.code, "", strings.Split(c.file, "/")...)
		p.Source, p.FetchedAt = c.source, time.Date(2024, 11, 25, 0, 0, 0, 0, time.UTC)
		e := &ETL{deps: Deps{Sources: realSources()}, cfg: Config{MaxPage: 8 << 20}, log: quiet()}
		b.Run(c.source, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w := &work{etl: e, page: p}
				if !w.admit() || !w.parse(b.Context()) {
					b.Fatal(w.withheld)
				}
				w.normalise()
				w.validate()
				l := w.listings[0].content
				t := normalize.Title(l.TitleRaw)
				if normalize.Forms(t.Show, t.Core).Gist == "" || normalize.VenueForm(l.Place.Name).Gist == "" {
					b.Fatal("nothing to match by")
				}
			}
		})
		b.Run(c.source+"_goquery", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := goquery.NewDocumentFromReader(bytes.NewReader(p.Body)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPages works off every page of the simulated sellers, from the queue to the performances, on real files.
func BenchmarkPages(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		ctx, dir := context.Background(), b.TempDir()
		sim, err := demo.Start(ctx, time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC), quiet())
		check(b, err)
		pages := sim.Pages()
		sim.Close()
		st, err := store.Open(ctx, "", filepath.Join(dir, "db"), quiet())
		check(b, err)
		q, err := queue.Open(filepath.Join(dir, "queue"), queue.Config{}, quiet())
		check(b, err)
		bucket, err := lake.Open(ctx, "", filepath.Join(dir, "lake"), quiet())
		check(b, err)
		consumer, err := q.Consumer("etl")
		check(b, err)
		cat, err := catalog.New(ctx, st, quiet())
		check(b, err)
		e, err := New(ctx, Deps{Pages: consumer, Bucket: bucket, Sources: realSources(), Catalog: cat, Store: st}, Config{}, quiet())
		check(b, err)
		for i := range pages {
			payload, err := pages[i].Encode()
			check(b, err)
			_, err = q.Append(ctx, payload)
			check(b, err)
		}
		work, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		begun := cpu()
		b.StartTimer()
		go func() { ended <- e.Run(work) }()
		for consumer.Backlog() > 0 {
			time.Sleep(5 * time.Millisecond)
		}
		b.StopTimer()
		b.ReportMetric(float64(len(pages))/(cpu()-begun).Seconds(), "pages/cpu-s")
		b.ReportMetric(float64(len(pages))/b.Elapsed().Seconds()*float64(b.N), "pages/s")
		stop()
		check(b, <-ended)
		check(b, q.Close())
		check(b, st.Close())
		b.StartTimer()
	}
}

func check(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
