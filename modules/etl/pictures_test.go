package etl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

// wall is a Strips that notes what it is asked for, and reads pages of pictures as JSON of a sellers.Result.
type wall struct {
	mu    sync.Mutex
	asked []string
	fail  error // of the next Ask
}

func (s *wall) Ask(_ context.Context, p *ticket.Page, code string, urls []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, fmt.Sprint(p.Source, ":", code, " ", strings.Join(urls, " ")))
	err := s.fail
	s.fail = nil
	return err
}

func (*wall) Parse(_ context.Context, p *ticket.Page) (r sellers.Result, err error) {
	if err := json.Unmarshal(p.Body, &r); err != nil {
		return r, fmt.Errorf("%w: %w", sellers.ErrNotOurs, err)
	}
	return r, nil
}

// TestPicturesAreAskedFor: of a page of one show, by addresses of the real site, after everything else of the page is kept; a
// list or a notice asks for none.
func TestPicturesAreAskedFor(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := show("1", "뮤지컬 <시라노>", hall, winter)
	r.feed("link", ticket.DetailPage, "1", shows(s))
	s.Strips = []string{"//img.example/a.jpg", "/b.jpg", "data:image/png;base64,AA", "javascript:1"}
	listed := s
	listed.Partial = true
	r.feed("link", ticket.ListPage, "", shows(listed))
	if len(r.strips.asked) > 0 {
		t.Fatalf("asked for %q", r.strips.asked)
	}
	r.strips.fail = errors.New("the disk is full") // the page is tried again
	r.feed("link", ticket.DetailPage, "1", shows(s))
	want := "link:1 https://img.example/a.jpg https://link.example/b.jpg"
	if got := r.strips.asked; !slices.Equal(got, []string{want, want}) {
		t.Errorf("asked for %q", got)
	}
	if p := r.performances(); len(p) != 1 || p[0].Title != "뮤지컬 <시라노>" {
		t.Errorf("performances %+v", p)
	}
}

// TestWhatPicturesSay: facts of a picture fill what the page leaves out and bear their mark; doubts are withheld one by one, each
// with its place in the picture, until a later reading has none.
func TestWhatPicturesSay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	said := sellers.Result{Shows: []sellers.RawShow{{Code: "1", Supplement: true, Strips: []string{"https://img.example/a.jpg"}, PeriodText: "2024-12-06 ~ 2025-02-23", RunningText: "160분 (인터미션 20분)", AgeText: "8세 이상",
		Prices: []sellers.RawPrice{{Grade: "R석", Text: "120000원"}}, Cast: []ticket.CastMember{{Name: "조형균", Role: "시라노"}},
		Discounts: []ticket.Discount{{Name: "재관람 할인", Percent: 20}}, Rounds: []ticket.Round{{Date: "2024-12-06", Time: "19:30", Cast: []ticket.CastMember{{Name: "조형균", Role: "시라노"}}}}}},
		Doubts: []sellers.Doubt{
			{Code: "1", Field: "prices", Part: "VIP석", Text: "ㄴ8석 150,000", Value: "150000", Reason: "only one says so", Picture: strings.Repeat("a", 64), Box: []int{1, 2, 30, 40}},
			{Code: "1", Field: "prices", Part: "S석", Text: "5석 90,000", Value: "90000", Reason: "only one says so", Picture: strings.Repeat("a", 64), Box: []int{1, 50, 30, 40}}}}
	r.feed("link", ticket.PicturePage, "1", said) // before the page that names the show
	if p := r.performances(); len(p) != 0 {
		t.Fatalf("a picture made %+v", p[0])
	}
	s := show("1", "뮤지컬 <시라노>", hall, "")
	s.Strips = []string{"//img.example/a.jpg"}
	r.feed("link", ticket.DetailPage, "1", shows(s))
	p := r.performances()[0]
	if p.Period.Start != "2024-12-06" || p.RunningMinutes == nil || *p.RunningMinutes != 160 || p.Offers[0].Prices[0].Won != 120000 || len(p.Discounts) != 1 || len(p.Rounds) != 1 {
		t.Errorf("performance %+v", p)
	}
	if want := []string{ticket.ImagePeriod, ticket.ImageRunning, ticket.ImagePause, ticket.ImageAge, ticket.ImageMinAge, ticket.ImageCast, ticket.ImageDiscounts, ticket.ImageRounds}; !slices.Equal(p.FromImage, want) {
		t.Errorf("marked %q, want %q", p.FromImage, want)
	}
	rows, _, err := r.etl.Quarantine().Rows(context.Background(), Filter{Kind: ticket.PicturePage}, 10, "")
	must(t, err)
	if len(rows) != 2 || rows[0].Part == rows[1].Part || len(rows[0].Box) != 4 || rows[0].Picture == "" || rows[0].RawKey == "" {
		t.Errorf("rows %+v", rows)
	}
	said.Doubts = said.Doubts[:1]
	r.feed("link", ticket.PicturePage, "1", said)
	if rows, _, err = r.etl.Quarantine().Rows(context.Background(), Filter{Kind: ticket.PicturePage}, 10, ""); err != nil || len(rows) != 1 || rows[0].Part != "VIP석" {
		t.Errorf("%v: rows %+v", err, rows)
	}
	if r.feed("link", ticket.PicturePage, "1", "not a reading"); !strings.Contains(r.reasons(), "not a page of this source") {
		t.Errorf("reasons %s", r.reasons())
	}
}
