package catalog

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// SaveListing lays what a page says (v) into the listing of a source's code. changed tells whether people would see a
// difference; a page older than the last one of its kind changes nothing.
func (c *Catalog) SaveListing(ctx context.Context, source, code string, parser int, v ticket.View) (stored ticket.Listing, changed bool, err error) {
	key := ticket.Key(source, code)
	var before []ticket.View
	err = retry(func() error {
		var old ticket.Listing
		gerr := c.listings.Get(ctx, key, &old)
		if gerr != nil && !errors.Is(gerr, store.ErrNotFound) {
			return gerr
		}
		next := old
		before = old.Views
		next.Key, next.Source, next.Code = key, source, code
		if v.Kind == ticket.PicturePage {
			next.Views = withPictures(old.Views, v)
		} else {
			next.Views = withView(old.Views, v, contentDrift)
		}
		if old.GoneAt != nil && v.FetchedAt.After(*old.GoneAt) {
			next.GoneAt = nil
		}
		next.FirstSeenAt = earlier(old.FirstSeenAt, v.FetchedAt)
		next.Run = cmp.Or(v.Run, old.Run)
		c.lay(&next, parser)
		if changed = next.ContentHash != old.ContentHash; changed {
			next.ChangedAt = v.FetchedAt
		}
		stored = next
		if hash(next) == hash(old) {
			return nil // the same page again: the version stays, so that a repeated write leaves no trace
		}
		next.Version = old.Version + 1
		stored = next
		if gerr != nil {
			return c.listings.Insert(ctx, next)
		}
		return c.listings.Replace(ctx, next, old.Version)
	})
	if err != nil {
		return stored, changed, err
	}
	c.places.note(stored.Content.Place.Name)
	if v.Kind == ticket.PicturePage {
		return stored, changed, nil // what a picture was read as has no history: it changes with the reader
	}
	if waits := viewOf(stored.Views, v.Kind).Next; waits != nil && waits.FetchedAt.Equal(v.FetchedAt) {
		return stored, changed, nil // its history begins when it is believed
	}
	return stored, changed, c.remember(ctx, key, viewOf(before, v.Kind), v)
}

// viewOf is the view of a kind of page; nil when there is none.
func viewOf(views []ticket.View, kind ticket.PageKind) *ticket.View {
	i := slices.IndexFunc(views, func(v ticket.View) bool { return v.Kind == kind })
	if i < 0 {
		return nil
	}
	return &views[i]
}

// lay works out what a listing says from its views.
func (c *Catalog) lay(l *ticket.Listing, parser int) {
	title := l.Content.TitleRaw
	l.Content = overlay(l.Views)
	l.Waiting = waitingFor(l.Views)
	if l.Content.TitleRaw != title {
		l.Title = ticket.TitleKeys{}
	}
	l.Title = todays(l.Title, l.Content.TitleRaw)
	l.ParserVersion = parser
	l.ContentHash = hash(l.Content)
	l.FetchedAt = newest(l.Views)
}

// trust orders the kinds of pages: what a detail page says goes before what a list says.
func trust(k ticket.PageKind) int {
	switch k {
	case ticket.DetailPage:
		return 0
	case ticket.NoticePage:
		return 1
	case ticket.PicturePage: // what was read from pictures goes behind all that is written
		return 3
	}
	return 2
}

// withView replaces the view of the same kind unless the stored one is newer, and keeps the order of trust. A page of a
// judged crawl that says something else than the view before it waits beside it instead; drift names what of it is suspicious.
func withView[C any](views []ticket.ViewOf[C], v ticket.ViewOf[C], drift func(old, next *C, at time.Time) []string) []ticket.ViewOf[C] {
	out := slices.Clone(views)
	i := slices.IndexFunc(out, func(o ticket.ViewOf[C]) bool { return o.Kind == v.Kind })
	switch {
	case i < 0:
		out = append(out, begun(views, v))
	case out[i].FetchedAt.After(v.FetchedAt):
	case v.Run == "": // nobody judges it; what waits and is newer still waits
		if n := out[i].Next; n != nil && n.FetchedAt.After(v.FetchedAt) {
			v.Next = n
		}
		out[i] = v
	default:
		out[i] = succeeded(out[i], v, drift)
	}
	slices.SortStableFunc(out, func(a, b ticket.ViewOf[C]) int {
		return cmp.Or(trust(a.Kind)-trust(b.Kind), cmp.Compare(a.Kind, b.Kind))
	})
	return out
}

// newest is when the newest page that counts was fetched: one that waits does not count yet.
func newest[C any](views []ticket.ViewOf[C]) time.Time {
	var out time.Time
	for _, v := range views {
		out = later(out, v.FetchedAt)
	}
	return out
}

// overlay lays the views over each other: the first that knows a field says what it is.
func overlay(views []ticket.View) ticket.Content {
	var out ticket.Content
	for _, v := range views {
		switch {
		case v.Kind != ticket.PicturePage:
			under(&out, v.Content)
		case out.FromImage == nil && shows(&out, v): // a page that shows other pictures now does not say what these said
			out.FromImage = fill(&out, v.Content)
		}
	}
	return out
}

// shows tells whether a page shows the pictures that a view is of.
func shows(page *ticket.Content, v ticket.View) bool {
	return len(v.Content.Strips) > 0 && !slices.ContainsFunc(v.Content.Strips, func(u string) bool { return !slices.Contains(page.Strips, u) })
}

// shown is the view of the pictures that a listing's page shows; nil when none of them was read.
func shown(l *ticket.Listing) *ticket.View {
	for i := range l.Views {
		if v := &l.Views[i]; v.Kind == ticket.PicturePage && shows(&l.Content, *v) {
			return v
		}
	}
	return nil
}

// mostPictured is how many readings a listing keeps of pictures its page shows, showed, or will show when a waiting page counts.
const mostPictured = 3

// withPictures is withView for what pictures were read as: a view for each set of pictures, the newest first.
func withPictures(views []ticket.View, v ticket.View) []ticket.View {
	out, mine := []ticket.View{}, []ticket.View{v}
	for _, o := range views {
		same := o.Kind == ticket.PicturePage && slices.Equal(o.Content.Strips, v.Content.Strips)
		switch {
		case o.Kind != ticket.PicturePage:
			out = append(out, o)
		case !same:
			mine = append(mine, o)
		case o.FetchedAt.After(v.FetchedAt):
			mine[0] = o
		}
	}
	slices.SortStableFunc(mine, func(a, b ticket.View) int {
		return cmp.Or(b.FetchedAt.Compare(a.FetchedAt), slices.Compare(a.Content.Strips, b.Content.Strips))
	})
	return append(out, mine[:min(len(mine), mostPictured)]...)
}

// imageFields are what pictures may say.
var imageFields = []field[ticket.Content]{
	{ticket.ImagePeriod, func(c *ticket.Content) bool { return c.Period.Known() }},
	{ticket.ImageVenue, func(c *ticket.Content) bool { return c.Place.Name != "" }},
	{ticket.ImageTimes, func(c *ticket.Content) bool { return c.TimesText != "" }},
	{ticket.ImageRunning, func(c *ticket.Content) bool { return c.RunningMinutes != nil }},
	{ticket.ImagePause, func(c *ticket.Content) bool { return c.IntermissionMinutes != nil }},
	{ticket.ImageAge, func(c *ticket.Content) bool { return c.AgeText != "" }},
	{ticket.ImageMinAge, func(c *ticket.Content) bool { return c.MinAgeYears != nil }},
	{ticket.ImageOpens, func(c *ticket.Content) bool { return c.OpensAt != nil }},
	{ticket.ImagePrices, func(c *ticket.Content) bool { return len(c.Prices) > 0 }},
	{ticket.ImageCast, func(c *ticket.Content) bool { return len(c.Cast) > 0 }},
	{ticket.ImageDiscounts, func(c *ticket.Content) bool { return len(c.Discounts) > 0 }},
	{ticket.ImageRounds, func(c *ticket.Content) bool { return len(c.Rounds) > 0 }},
}

// fill lays what pictures say under dst and names the fields that only they know.
func fill(dst *ticket.Content, image ticket.Content) (names []string) {
	if len(dst.Cast) > 0 { // parts alone do not make a picture's names better than written ones
		image.Cast = nil
	}
	if dst.RunningMinutes != nil { // its interval is that of another length
		image.IntermissionMinutes = nil
	}
	if dst.AgeText != "" || dst.MinAgeYears != nil {
		image.AgeText, image.MinAgeYears = "", nil
	}
	before := *dst
	under(dst, image)
	for _, f := range imageFields {
		if !f.known(&before) && f.known(dst) {
			names = append(names, f.name)
		}
	}
	return names
}

// pictured parts what a listing says in what is written and what only its pictures say.
func pictured(l *ticket.Listing) (written, image ticket.Content) {
	if len(l.Content.FromImage) == 0 {
		return l.Content, image
	}
	var rest []ticket.View
	for _, v := range l.Views {
		if v.Kind != ticket.PicturePage {
			rest = append(rest, v)
		}
	}
	if v := shown(l); v != nil {
		image = v.Content
	}
	return overlay(rest), image
}

// under fills what dst does not know with what src does.
func under(dst *ticket.Content, src ticket.Content) {
	if dst.Title == "" {
		dst.Title, dst.TitleRaw = src.Title, src.TitleRaw
	}
	dst.Period = withDates(dst.Period, src.Period)
	dst.Fixture = cmp.Or(dst.Fixture, src.Fixture)
	if dst.Place.Name == "" {
		dst.Place.Name, dst.Place.Code = src.Place.Name, src.Place.Code
	}
	if dst.Place.Region == "" {
		dst.Place.Region, dst.Place.District = src.Place.Region, src.Place.District
	}
	dst.URL = cmp.Or(dst.URL, src.URL)
	dst.Seller = cmp.Or(dst.Seller, src.Seller)
	dst.Genre = cmp.Or(dst.Genre, src.Genre)
	dst.Place.Address = cmp.Or(dst.Place.Address, src.Place.Address)
	dst.RunningMinutes = cmp.Or(dst.RunningMinutes, src.RunningMinutes)
	dst.IntermissionMinutes = cmp.Or(dst.IntermissionMinutes, src.IntermissionMinutes)
	dst.AgeText = cmp.Or(dst.AgeText, src.AgeText)
	dst.MinAgeYears = cmp.Or(dst.MinAgeYears, src.MinAgeYears)
	dst.TimesText = cmp.Or(dst.TimesText, src.TimesText)
	dst.PosterURL = cmp.Or(dst.PosterURL, src.PosterURL)
	dst.Synopsis = cmp.Or(dst.Synopsis, src.Synopsis)
	dst.OpensAt = cmp.Or(dst.OpensAt, src.OpensAt)
	dst.SaleState = cmp.Or(dst.SaleState, src.SaleState)
	dst.Exclusive = dst.Exclusive || src.Exclusive
	dst.Tags = orSlice(dst.Tags, src.Tags)
	dst.Prices = orSlice(dst.Prices, src.Prices)
	if len(dst.Cast) == 0 || (!withRoles(dst.Cast) && withRoles(src.Cast)) {
		dst.Cast = src.Cast
	}
	dst.Companies = orSlice(dst.Companies, src.Companies)
	dst.Strips = orSlice(dst.Strips, src.Strips)
	dst.StripText = cmp.Or(dst.StripText, src.StripText)
	dst.Discounts = orSlice(dst.Discounts, src.Discounts)
	dst.Rounds = orSlice(dst.Rounds, src.Rounds)
	dst.Links = orSlice(dst.Links, src.Links)
}

// withDates completes a run by the single days another page names, when those begin and end with it and leave days out.
func withDates(dst, src ticket.Period) ticket.Period {
	switch {
	case !dst.Known():
		return src
	case len(dst.Dates) == 0 && len(src.Dates) > 1 && src.Start == dst.Start && src.End == dst.End && len(src.Dates) <= src.Start.DaysUntil(src.End):
		dst.Dates = src.Dates
	}
	return dst
}

func withRoles(cast []ticket.CastMember) bool {
	return slices.ContainsFunc(cast, func(m ticket.CastMember) bool { return m.Role != "" })
}

func orSlice[T any](a, b []T) []T {
	if len(a) > 0 {
		return a
	}
	return b
}

// Members lists the listings of a performance.
func (c *Catalog) Members(ctx context.Context, performanceID string) ([]ticket.Listing, error) {
	var out []ticket.Listing
	err := c.listings.Find(ctx, store.Query{Where: []store.Cond{{Field: "performance_id", Op: store.Eq, Value: performanceID}}}, &out)
	return out, err
}
