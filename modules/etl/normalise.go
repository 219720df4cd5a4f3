package etl

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

// listing is a show of the page on its way: identity beside content.
type listing struct {
	code    string
	content ticket.Content
	kind    ticket.PageKind // whose view of the listing it is
	title   bool            // the page names the show; else its facts wait for a page that does
}

// opening is a notice of the page on its way.
type opening struct {
	notice     string
	productKey string
	content    ticket.OpeningContent
}

// normalise turns the source's words into values. What cannot be read is left unknown with a row that says why. What a page
// names twice counts as it stands first.
func (w *work) normalise() {
	w.doubts()
	shows, notices := map[string]bool{}, map[string]bool{}
	for _, s := range w.raw.Shows {
		if s.Code == "" || !shows[s.Code] {
			shows[s.Code] = true
			w.listings = append(w.listings, w.show(s))
		}
	}
	for _, n := range w.raw.Notices {
		if n.ID == "" || !notices[n.ID] {
			notices[n.ID] = true
			w.openings = append(w.openings, w.notice(n))
		}
	}
	for _, f := range w.raw.Facilities {
		w.venues = append(w.venues, w.facility(f))
	}
}

// day is the date a page without a year of its own is judged by.
func (w *work) day() ticket.Date { return ticket.DateOf(w.page.FetchedAt) }

func (w *work) show(s sellers.RawShow) listing {
	info := w.source.Info()
	title := normalize.Title(s.Title)
	out := listing{code: s.Code, kind: w.page.Kind, title: !s.Supplement}
	if s.Partial {
		out.kind = ticket.ListPage
	}
	if s.Ranked {
		out.kind = ticket.RankView
	}
	c := ticket.Content{
		Seller: info.Seller, Title: title.Show, TitleRaw: s.Title,
		Place:     w.place(s.VenueText, s.VenueCode, s.AddressText, s.RegionText),
		Period:    w.period(s),
		Fixture:   fixture(s),
		Synopsis:  normalize.Text(s.Synopsis),
		PosterURL: w.etl.rebased(normalize.PosterURL(s.PosterURL, w.page.URL)),
		Companies: normalize.Companies(s.CompanyText),
		Exclusive: title.Exclusive || slices.ContainsFunc(s.Badges, exclusive),
	}
	var known bool
	if c.SaleState, known = saleState(s.StateText); s.StateText != "" && !known {
		w.hold(s.Code, "state", s.StateText, errState)
	}
	if c.Fixture != nil {
		c.Title = c.Fixture.Home + " vs " + c.Fixture.Away
	}
	c.Genre, c.Tags = normalize.Genre(w.page.Source, s.GenreText, s.Title)
	c.Tags = withTags(c.Tags, s, c.Period)
	c.URL = s.URL
	if info.Kind == sellers.RegistryKind {
		c.URL = ""
	}
	c.Prices = w.prices(s.Code, s.Prices)
	a := w.audience(s.Code, s.TimesText, s.RunningText, s.AgeText)
	c.TimesText, c.RunningMinutes, c.IntermissionMinutes, c.AgeText, c.MinAgeYears = a.times, a.minutes, a.intermission, a.age, a.years
	c.StripText, c.Discounts, c.Rounds = s.StripText, s.Discounts, s.Rounds
	c.Strips = w.strips(s)
	c.Cast = normalize.Cast(s.Cast)
	if len(c.Cast) == 0 {
		c.Cast = normalize.CastLine(s.CastText)
	}
	if s.OpensText != "" {
		at, err := normalize.Opens(s.OpensText, w.asOf(s.AsOfText))
		if err != nil {
			w.hold(s.Code, "opens_at", s.OpensText, err)
		}
		c.OpensAt = at
	}
	for _, l := range s.Links {
		seller, code := normalize.LinkSeller(l.URL)
		c.Links = append(c.Links, ticket.Link{Seller: seller, SellerName: normalize.Text(l.Name), Code: code, URL: strings.TrimSpace(l.URL)})
	}
	out.content = c
	return out
}

func fixture(s sellers.RawShow) *ticket.Fixture {
	if s.Home == "" || s.Away == "" {
		return nil
	}
	return &ticket.Fixture{Home: normalize.Team(s.Home), Away: normalize.Team(s.Away)}
}

// asOf is the instant dates without a year are read against: the page's own, where it names one, else its fetch.
func (w *work) asOf(text string) time.Time {
	if text == "" {
		return w.page.FetchedAt
	}
	if at, err := normalize.Opens(text, time.Time{}); err == nil && at != nil {
		return *at
	}
	if p, err := normalize.Period(text, ""); err == nil && p.Known() {
		return p.Start.Time()
	}
	return w.page.FetchedAt
}

func exclusive(badge string) bool {
	return strings.Contains(badge, "단독판매") || strings.TrimSpace(badge) == "단독"
}

// saleState reads a source's own word for how the sale stands. known is false for one that no source was seen to use.
func saleState(word string) (state ticket.Status, known bool) {
	switch {
	case strings.Contains(word, "매진"), strings.Contains(word, "품절"):
		return ticket.SoldOut, true
	case strings.Contains(word, "판매종료"), strings.Contains(word, "판매마감"), strings.Contains(word, "판매완료"), strings.Contains(word, "공연완료"):
		return ticket.Ended, true
	}
	return "", reSelling.MatchString(word)
}

// reSelling are the words and codes for sales that go on or are to come.
var reSelling = regexp.MustCompile(`예정|판매중|예매중|공연중|예매\s*가능|판매\s*대기|예매\s*대기|예매하기|취소|^(?:ON_?SALE|SALE|SELLING|OPEN|READY|WAIT|WAITING|BEFORE|BEFORE_SALE|PREPARE|RESERVE)$`)

var errState = errors.New("this word for the state of the sale is not known")

func withTags(tags []string, s sellers.RawShow, p ticket.Period) []string {
	add := func(on bool, tag string) {
		if on && !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	add(s.KidsText == "Y", ticket.TagFamily)
	add(s.FestivalText == "Y", ticket.TagFestival)
	add(s.VisitText == "Y", ticket.TagForeignArtist)
	add(p.OpenRun, ticket.TagOpenRun)
	slices.Sort(tags)
	return tags
}

func (w *work) place(venue, code, address, region string) ticket.Place {
	name, _ := normalize.Place(venue)
	p := ticket.Place{Name: name, Code: code, Address: normalize.Text(address)}
	for _, text := range []string{address, region} {
		if r, district := normalize.Region(text); r != "" && p.Region == "" {
			p.Region, p.District = r, district
		}
	}
	return p
}

func (w *work) period(s sellers.RawShow) ticket.Period {
	text := s.PeriodText
	if text == "" && s.StartText != "" {
		text = s.StartText + " ~ " + cmp.Or(s.EndText, s.StartText)
	}
	if text == "" {
		return ticket.Period{}
	}
	p, err := normalize.Period(text, ticket.DateOf(w.asOf(s.AsOfText)))
	if err != nil {
		w.hold(s.Code, "period", text, err)
		return ticket.Period{}
	}
	if s.OpenRunText == "Y" {
		p.OpenRun = true
	}
	return p
}

func (w *work) prices(code string, raw []sellers.RawPrice) []ticket.Price {
	var out []ticket.Price
	for _, r := range raw {
		text := r.Text
		if r.Grade != "" {
			text = r.Grade + " " + r.Text
		}
		if strings.TrimSpace(text) == "" {
			continue
		}
		got, err := normalize.Prices(text)
		if err != nil {
			w.hold(code, "prices", text, err)
			return nil // a table with a hole is worse than none
		}
		for i := range got {
			if r.Grade != "" && len(got) == 1 {
				got[i].Grade = normalize.Text(r.Grade)
			}
			got[i].Label = cmp.Or(got[i].Label, normalize.Text(r.Label))
		}
		out = append(out, got...)
	}
	return out
}

// audience is what a page says of when, how long and for whom.
type audience struct {
	times                 string
	minutes, intermission *int
	age                   string
	years                 *int
}

// audience reads three fields that sellers sometimes write in each other's place.
func (w *work) audience(code, times, running, age string) (out audience) {
	times, running, age = normalize.Untangle(times, running, age)
	out.times = normalize.Text(times)
	var err error
	if out.minutes, out.intermission, err = normalize.Running(running); err != nil {
		w.hold(code, "running_minutes", running, err)
	}
	if out.age, out.years, err = normalize.Age(age); err != nil {
		w.hold(code, "min_age_years", age, err)
	}
	return out
}

func (w *work) notice(n sellers.RawNotice) opening {
	info := w.source.Info()
	ref := w.asOf(n.AsOfText)
	registered, day := w.registered(n)
	switch {
	case registered != nil:
		ref = *registered
	case day != "":
		ref = day.Time()
	}
	title := normalize.Title(n.Title)
	seller := info.Seller
	if seller == "" {
		seller, _ = normalize.LinkSeller(n.URL)
	}
	c := ticket.OpeningContent{
		Seller: seller, URL: n.URL, Kind: openingKind(n.OpenTypeText),
		Title: title.Clean, ShowTitle: title.Show, TitleRaw: n.Title, Round: cmp.Or(title.Round, roundOf(n.OpenTypeText)),
		Exclusive: title.Exclusive || slices.ContainsFunc(n.Badges, exclusive), RegisteredAt: registered,
		Place:     w.place(cmp.Or(n.BodyVenueText, n.VenueText), "", "", n.RegionText),
		PosterURL: normalize.PosterURL(n.PosterURL, w.page.URL),
		OpensAt:   w.instant(n.ID, "opens_at", n.OpensText, ref),
	}
	c.Genre, _ = normalize.Genre(w.page.Source, n.GenreText, n.Title)
	if c.Place.Region == "" {
		c.Place.Region, c.Place.District, _ = normalize.VenueRegion(c.Place.Name)
	}
	if c.Place.Region == "" && title.City != "" { // "뮤지컬 〈렌트〉 - 부산"
		c.Place.Region, c.Place.District = normalize.City(title.City)
	}
	if n.PeriodText != "" {
		var err error
		if c.Period, err = normalize.Period(n.PeriodText, ticket.DateOf(ref)); err != nil {
			w.hold(n.ID, "period", n.PeriodText, err)
		}
	}
	if strings.TrimSpace(n.PriceText) != "" {
		c.Prices = w.prices(n.ID, []sellers.RawPrice{{Text: n.PriceText}})
	}
	a := w.audience(n.ID, n.TimesText, n.RunningText, n.AgeText)
	c.TimesText, c.RunningMinutes, c.IntermissionMinutes, c.AgeText, c.MinAgeYears = a.times, a.minutes, a.intermission, a.age, a.years
	for _, p := range n.Presales {
		start, end, err := normalize.Window(p.Text, ref)
		if err != nil {
			w.hold(n.ID, "presales", p.Text, err)
		}
		c.Presales = withPresale(c.Presales, ticket.Presale{Name: normalize.Text(p.Name), StartsAt: start, EndsAt: end})
	}
	if c.Kind == ticket.GeneralSale {
		c.OpensAt, c.Kind = general(n.GeneralText, c, ref)
	}
	o := opening{notice: n.ID, content: c}
	if n.ProductCode != "" {
		o.productKey = ticket.Key(w.page.Source, n.ProductCode)
	}
	return o
}

// withPresale adds a presale. One that is told of twice, the second time with its end or its name, is one.
func withPresale(list []ticket.Presale, p ticket.Presale) []ticket.Presale {
	for i, o := range list {
		same := o.StartsAt != nil && p.StartsAt != nil && o.StartsAt.Equal(*p.StartsAt) &&
			(o.EndsAt == nil || p.EndsAt == nil || o.EndsAt.Equal(*p.EndsAt)) && (o.Name == p.Name || o.Name == "" || p.Name == "" || o.Name == "선예매" || p.Name == "선예매")
		if !same {
			continue
		}
		if o.Name == "" || o.Name == "선예매" && p.Name != "" {
			list[i].Name = p.Name
		}
		list[i].EndsAt = cmp.Or(o.EndsAt, p.EndsAt)
		return list
	}
	return append(list, p)
}

// general is what opens when. The head of a notice may give the instant of its presale: then the text's own word for the
// general sale counts, and without one the notice announces a presale only.
func general(text string, c ticket.OpeningContent, ref time.Time) (*time.Time, string) {
	early := func(p ticket.Presale) bool { return p.StartsAt != nil && p.StartsAt.Equal(*c.OpensAt) }
	if c.OpensAt == nil || !slices.ContainsFunc(c.Presales, early) {
		return c.OpensAt, ticket.GeneralSale
	}
	if at, err := normalize.Opens(text, ref); text != "" && err == nil && at != nil && at.After(*c.OpensAt) {
		return at, ticket.GeneralSale
	}
	return c.OpensAt, ticket.PresaleOnly
}

// registered is when a notice was put up: an instant, or only the day where the source names no more.
func (w *work) registered(n sellers.RawNotice) (at *time.Time, day ticket.Date) {
	if strings.TrimSpace(n.RegisteredText) == "" {
		return nil, ""
	}
	at, err := normalize.Opens(n.RegisteredText, w.asOf(n.AsOfText))
	if err == nil {
		return at, ""
	}
	if p, derr := normalize.Period(n.RegisteredText, w.day()); derr == nil && p.Known() && p.Start == p.End {
		return nil, p.Start
	}
	w.hold(n.ID, "registered_at", n.RegisteredText, err)
	return nil, ""
}

// openingKind tells a sale for everybody from one for members only, by the source's word for it.
func openingKind(word string) string {
	if rePresale.MatchString(word) {
		return ticket.PresaleOnly
	}
	return ticket.GeneralSale
}

// roundOf is the round a source's word names: "2차티켓오픈" is 2; 0 for none.
func roundOf(word string) int {
	m := reRound.FindStringSubmatch(word)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1]) // two digits
	return n
}

var (
	rePresale = regexp.MustCompile(`선\s*예매|사전\s*예매|선\s*오픈|팬클럽|멤버[십쉽]`)
	reRound   = regexp.MustCompile(`(\d{1,2})\s*차`)
)

func (w *work) instant(code, field, text string, ref time.Time) *time.Time {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	at, err := normalize.Opens(text, ref)
	if err != nil {
		w.hold(code, field, text, err)
	}
	return at
}
