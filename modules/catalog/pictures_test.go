package catalog

import (
	"context"
	"slices"
	"testing"

	"ticketmoa/modules/ticket"
)

// pages are a seller's page that shows a picture, and what the picture says.
func pages() (written, image ticket.Content) {
	ninety, hundred := 90, 100
	opens, other := at.Add(48*60*60*1e9), at.Add(72*60*60*1e9)
	written = ticket.Content{Seller: ticket.YES24, URL: "https://ticket.yes24.com/Perf/1", Title: "뮤지컬 〈항구의 시계공〉", TitleRaw: "뮤지컬 〈항구의 시계공〉", RunningMinutes: &ninety,
		Period: ticket.Period{Start: "2026-12-06", End: "2026-12-27"}, OpensAt: &opens, Strips: []string{"http://tkfile.yes24.com/1.jpg"}, Prices: []ticket.Price{{Grade: "R석", Won: 66000}}}
	image = ticket.Content{Seller: ticket.YES24, RunningMinutes: &hundred, OpensAt: &other, AgeText: "8세 이상", Cast: []ticket.CastMember{{Name: "조형균", Role: "시라노"}},
		Prices: []ticket.Price{{Grade: "R석", Won: 60000}, {Grade: "S석", Won: 40000}}, Discounts: []ticket.Discount{{Name: "재관람 할인", Percent: 20}}, StripText: "공연 정보", Strips: written.Strips}
	return written, image
}

// TestAPictureSaysWhatThePageDoesNot: what is written stands, in whatever order the pages come; the rest is marked.
func TestAPictureSaysWhatThePageDoesNot(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	written, image := pages()
	for _, order := range [][]ticket.View{
		{view(ticket.DetailPage, 0, written), view(ticket.PicturePage, 0, image)},
		{view(ticket.PicturePage, 0, image), view(ticket.DetailPage, 0, written)},
	} {
		c := newCatalog(t)
		var l ticket.Listing
		for _, v := range order {
			var err error
			l, _, err = c.SaveListing(ctx, "yes24", "1", 1, v)
			must(t, err)
		}
		got := l.Content
		if *got.RunningMinutes != 90 || len(got.Prices) != 1 || !got.OpensAt.Equal(*written.OpensAt) || got.AgeText != "8세 이상" || len(got.Cast) != 1 || len(got.Discounts) != 1 {
			t.Errorf("content %+v", got)
		}
		if want := []string{ticket.ImageAge, ticket.ImageCast, ticket.ImageDiscounts}; !slices.Equal(got.FromImage, want) {
			t.Errorf("marked %q, want %q", got.FromImage, want)
		}
	}
}

// TestAPictureThatIsGoneSaysNothing: when the page shows no picture any more, what it said goes with it.
func TestAPictureThatIsGoneSaysNothing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	written, image := pages()
	c := newCatalog(t)
	for _, v := range []ticket.View{view(ticket.DetailPage, 0, written), view(ticket.PicturePage, 0, image)} {
		_, _, err := c.SaveListing(ctx, "yes24", "1", 1, v)
		must(t, err)
	}
	written.Strips = nil
	l, changed, err := c.SaveListing(ctx, "yes24", "1", 1, view(ticket.DetailPage, 5, written))
	must(t, err)
	if !changed || l.Content.AgeText != "" || l.Content.Cast != nil || l.Content.FromImage != nil {
		t.Errorf("changed %v: %+v", changed, l.Content)
	}
}

// TestWhatIsWrittenAnywhereGoesBeforePictures: another seller's page is believed before a picture, and the difference between a
// page and its own picture is told.
func TestWhatIsWrittenAnywhereGoesBeforePictures(t *testing.T) {
	t.Parallel()
	written, image := pages()
	written.RunningMinutes = nil
	first := ticket.Listing{Key: "yes24:1", Source: "yes24", Code: "1", Views: []ticket.View{view(ticket.DetailPage, 0, written), view(ticket.PicturePage, 0, image)}}
	first.Content = overlay(first.Views)
	eighty := 80
	second := ticket.Listing{Key: "melon:2", Source: "melon", Code: "2", Views: []ticket.View{view(ticket.DetailPage, 0, ticket.Content{Seller: ticket.Melon, URL: "https://ticket.melon.com/2",
		Title: "항구의 시계공", TitleRaw: "항구의 시계공", RunningMinutes: &eighty})}}
	second.Content = overlay(second.Views)
	c := newCatalog(t)
	p, err := c.build(context.Background(), "x", []ticket.Listing{first, second})
	must(t, err)
	if *p.RunningMinutes != 80 || slices.Contains(p.FromImage, ticket.ImageRunning) || !slices.Contains(p.FromImage, ticket.ImageCast) || p.Cast[0].Name != "조형균" || p.StripText == "" {
		t.Errorf("%+v", p)
	}
	said := map[string][]ticket.Said{}
	for _, conflict := range p.Conflicts {
		said[conflict.Field] = conflict.Values
	}
	if got := said["running_minutes"]; len(got) != 2 || got[0].Value != "100" || !got[0].FromImage || got[1].Value != "80" || got[1].FromImage {
		t.Errorf("running minutes: %+v", got)
	}
	if got := said["prices"]; len(got) != 2 || got[0].Value != "R석 66000" || got[0].FromImage || got[1].Value != "R석 60000" || !got[1].FromImage {
		t.Errorf("prices: %+v", got)
	}
	if got := said["opens_at"]; len(got) != 2 {
		t.Errorf("opens_at: %+v", got)
	}
	// A picture that is the only one to know the prices marks the offer.
	written.Prices, written.OpensAt = nil, nil
	first.Views[0] = view(ticket.DetailPage, 0, written)
	first.Content = overlay(first.Views)
	p, err = c.build(context.Background(), "x", []ticket.Listing{first})
	must(t, err)
	if o := p.Offers[0]; !slices.Equal(o.FromImage, []string{ticket.ImageOpens, ticket.ImagePrices}) || len(o.Prices) != 2 || slices.Contains(p.FromImage, ticket.ImagePrices) {
		t.Errorf("offer %+v, performance marks %q", o, p.FromImage)
	}
}

// TestANoticeGoesBeforeAPicture: when a sale opens is the notice's to say, and the difference is told.
func TestANoticeGoesBeforeAPicture(t *testing.T) {
	t.Parallel()
	written, image := pages()
	written.OpensAt = nil
	l := ticket.Listing{Key: "yes24:1", Source: "yes24", Code: "1", Views: []ticket.View{view(ticket.DetailPage, 0, written), view(ticket.PicturePage, 0, image)}}
	l.Content = overlay(l.Views)
	said := at.Add(24 * 60 * 60 * 1e9)
	refs := []ticket.OpeningRef{{ID: "n", Seller: ticket.YES24, OpensAt: &said}}
	o := addOffers(nil, l)[0]
	if announce(&o, nil); !o.OpensAt.Equal(*image.OpensAt) || !slices.Contains(o.FromImage, ticket.ImageOpens) {
		t.Errorf("without a notice: %+v", o)
	}
	if announce(&o, refs); !o.OpensAt.Equal(said) || slices.Contains(o.FromImage, ticket.ImageOpens) {
		t.Errorf("with a notice: %+v", o)
	}
	if got := againstImage([]ticket.Listing{l}, refs); len(got) != 2 || got[1].Field != "opens_at" || got[1].Values[0].FromImage || !got[1].Values[1].FromImage {
		t.Errorf("conflicts %+v", got)
	}
}

// TestOtherPicturesSayNothingYet: what was read of pictures counts while the page that counts shows them. A page of a crawl that
// waits for its verdict brings pictures that wait with it, and those before go on to count.
func TestOtherPicturesSayNothingYet(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	written, image := pages()
	c := newCatalog(t)
	save := func(v ticket.View) ticket.Listing {
		t.Helper()
		l, _, err := c.SaveListing(ctx, "yes24", "1", 1, v)
		must(t, err)
		return l
	}
	save(view(ticket.DetailPage, 0, written))
	save(view(ticket.PicturePage, 0, image))
	next, other := written, image
	next.Strips, other.Strips = []string{"http://tkfile.yes24.com/2.jpg"}, []string{"http://tkfile.yes24.com/2.jpg"}
	other.AgeText = "19세 이상"
	waiting := view(ticket.DetailPage, 5, next)
	waiting.Run = "drifted"
	save(waiting)
	if l := save(view(ticket.PicturePage, 5, other)); l.Content.AgeText != "8세 이상" {
		t.Errorf("pictures of a page that waits count: %q", l.Content.AgeText)
	}
	if l := save(view(ticket.DetailPage, 9, next)); l.Content.AgeText != "19세 이상" {
		t.Errorf("pictures of the page that counts do not: %q", l.Content.AgeText)
	}
	for n := range 5 {
		more := other
		more.Strips = []string{string(rune('a' + n))}
		if l := save(view(ticket.PicturePage, 10+n, more)); len(l.Views) > 1+mostPictured {
			t.Errorf("%d views are kept", len(l.Views))
		}
	}
}

// TestNoMixtures: an interval belongs to its running time and years to their words.
func TestNoMixtures(t *testing.T) {
	t.Parallel()
	ninety, hundred, twenty, eight := 90, 100, 20, 8
	c := ticket.Content{RunningMinutes: &ninety, AgeText: "연령 문의"}
	if names := fill(&c, ticket.Content{RunningMinutes: &hundred, IntermissionMinutes: &twenty, AgeText: "8세 이상", MinAgeYears: &eight}); names != nil || c.IntermissionMinutes != nil || c.MinAgeYears != nil {
		t.Errorf("%q %+v", names, c)
	}
}
