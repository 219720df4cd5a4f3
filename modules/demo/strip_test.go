package demo

import (
	"bytes"
	"image/jpeg"
	"net/url"
	"testing"

	"ticketmoa/modules/sellers"
)

// checkPictured holds a page that says its facts in a picture against that: the page leaves them out, and the picture is there.
func checkPictured(t *testing.T, raw sellers.RawShow, cat *catalogue) {
	t.Helper()
	if len(raw.Prices)+len(raw.Cast) > 0 || raw.RunningText+raw.AgeText+raw.TimesText != "" || raw.Title == "" || raw.PeriodText == "" {
		t.Errorf("%s says more than its title, place and days beside its picture: %+v", raw.URL, raw)
	}
	u, err := url.Parse(raw.Strips[0])
	if err != nil || u.Host != "tkfile.yes24.com" {
		t.Fatalf("picture at %q: %v", raw.Strips[0], err)
	}
	tmpl, err := loadPages()
	if err != nil {
		t.Fatal(err)
	}
	a := (&yes24Pages{cat, tmpl, newPrinter()}).answer(u, 0)
	img, err := jpeg.Decode(bytes.NewReader(a.body))
	if err != nil || a.status != 200 || a.kind != "image/jpeg" {
		t.Fatalf("%s: %d %s %v", u, a.status, a.kind, err)
	}
	if b := img.Bounds(); b.Dx() != stripWidth || b.Dy() < 800 || b.Dy() > 2600 {
		t.Errorf("%s is %d by %d", u, b.Dx(), b.Dy())
	}
}

// TestStripsAreOfShowsNobodyElseSells: their facts stand nowhere but in the picture, and there are some of them.
func TestStripsAreOfShowsNobodyElseSells(t *testing.T) {
	t.Parallel()
	y := &yes24Pages{newCatalogue(noon), nil, newPrinter()}
	if y.printer == nil {
		t.Skip("this machine has no Korean font to draw with: apt-get install fonts-nanum")
	}
	n := 0
	for _, s := range y.cat.shows {
		if !y.pictured(s) {
			continue
		}
		n++
		if s.ticketlink+s.kopis+s.interpark+s.melon != "" {
			t.Errorf("%s is sold elsewhere", s.name)
		}
	}
	if n < 4 || n > 20 {
		t.Errorf("%d shows with a picture", n)
	}
	if bare := (&yes24Pages{y.cat, nil, nil}); bare.pictured(y.cat.shows[0]) {
		t.Error("without a font a show would have no facts at all")
	}
}
