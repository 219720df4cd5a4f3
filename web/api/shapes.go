package api

import (
	"slices"
	"time"

	"ticketmoa/modules/ticket"
)

// instant answers in Seoul time.
type instant time.Time

func (t instant) MarshalJSON() ([]byte, error) {
	return []byte(`"` + time.Time(t).In(ticket.Seoul).Format(time.RFC3339) + `"`), nil
}

func at(t *time.Time) *instant {
	if t == nil || t.IsZero() {
		return nil
	}
	i := instant(*t)
	return &i
}

func text[T ~string](s T) *T {
	if s == "" {
		return nil
	}
	return &s
}

func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

type period struct {
	Start   ticket.Date `json:"start"`
	End     ticket.Date `json:"end"`
	OpenRun bool        `json:"open_run"`
}

type openingPeriod struct {
	Start ticket.Date   `json:"start"`
	End   ticket.Date   `json:"end"`
	Dates []ticket.Date `json:"dates"`
}

type venue struct {
	ID       *string        `json:"id"`
	Name     *string        `json:"name"`
	Region   *ticket.Region `json:"region"`
	District *string        `json:"district"`
	Address  *string        `json:"address"`
	Lat      *float64       `json:"lat"`
	Lng      *float64       `json:"lng"`
}

type price struct {
	Grade string     `json:"grade"`
	Won   ticket.Won `json:"won"`
	Label *string    `json:"label"`
	From  string     `json:"from,omitempty"` // "image": read from a picture
}

type priceRange struct {
	Min ticket.Won `json:"min"`
	Max ticket.Won `json:"max"`

	From string `json:"from,omitempty"`
}

type castMember struct {
	Name     string  `json:"name"`
	Role     *string `json:"role"`
	ArtistID *string `json:"artist_id"`
	From     string  `json:"from,omitempty"` // "image": read from a picture
}

type discount struct {
	Name    string `json:"name"`
	Percent int    `json:"percent"`
	From    string `json:"from,omitempty"`
}

// runRound is one performance of a run, and who plays in it.
type runRound struct {
	Date ticket.Date  `json:"date"`
	Time string       `json:"time"`
	Cast []castMember `json:"cast"`
	From string       `json:"from,omitempty"`
}

type offer struct {
	ID         string         `json:"id"`
	Seller     ticket.Seller  `json:"seller"`
	SellerName *string        `json:"seller_name"`
	URL        string         `json:"url"`
	Title      string         `json:"title"`
	Status     *ticket.Status `json:"status"`
	Exclusive  bool           `json:"exclusive"`
	Prices     []price        `json:"prices"`
	OpensAt    *instant       `json:"opens_at"`
	CheckedAt  *instant       `json:"checked_at"`

	From map[string]string `json:"from,omitempty"` // {"opens_at": "image"}
}

type openingRef struct {
	ID      string        `json:"id"`
	Seller  ticket.Seller `json:"seller"`
	Round   *int          `json:"round"`
	Kind    string        `json:"kind"`
	OpensAt *instant      `json:"opens_at"`
	URL     string        `json:"url"`

	Presales []presale `json:"presales"`
}

type fixture struct {
	Home string `json:"home"`
	Away string `json:"away"`
}

type performance struct {
	ID                  string         `json:"id"`
	Title               string         `json:"title"`
	Genre               *ticket.Genre  `json:"genre"`
	Tags                []string       `json:"tags"`
	Status              *ticket.Status `json:"status"`
	Exclusive           bool           `json:"exclusive"`
	Period              period         `json:"period"`
	Venue               venue          `json:"venue"`
	RunningMinutes      *int           `json:"running_minutes"`
	IntermissionMinutes *int           `json:"intermission_minutes"`
	AgeText             *string        `json:"age_text"`
	MinAgeYears         *int           `json:"min_age_years"`
	Cast                []castMember   `json:"cast"`
	Fixture             *fixture       `json:"fixture"`
	PosterURL           *string        `json:"poster_url"`
	Synopsis            *string        `json:"synopsis"`
	TimesText           *string        `json:"times_text"`
	Price               *priceRange    `json:"price"`
	Offers              []offer        `json:"offers"`
	Openings            []openingRef   `json:"openings"`
	Conflicts           []conflict     `json:"conflicts"` // fields of which the sources say different things
	Discounts           []discount     `json:"discounts,omitempty"`
	Rounds              []runRound     `json:"rounds,omitempty"`

	// From names the fields that are known from pictures only: {"running_minutes": "image"}.
	From        map[string]string `json:"from,omitempty"`
	FirstSeenAt *instant          `json:"first_seen_at"`
	ChangedAt   *instant          `json:"changed_at"`
}

type conflict struct {
	Field  string         `json:"field"`
	Values []saidBySource `json:"values"`
}

type saidBySource struct {
	Source string         `json:"source"`
	Seller *ticket.Seller `json:"seller"`
	Value  string         `json:"value"`
	From   string         `json:"from,omitempty"`
}

func conflictsOf(all []ticket.Conflict) []conflict {
	out := []conflict{}
	for _, c := range all {
		one := conflict{Field: c.Field}
		for _, s := range c.Values {
			one.Values = append(one.Values, saidBySource{s.Source, text(s.Seller), s.Value, image(s.FromImage)})
		}
		out = append(out, one)
	}
	return out
}

// fromImage is the mark of a value that was read from a picture.
const fromImage = "image"

func image(is bool) string {
	if is {
		return fromImage
	}
	return ""
}

// imageFields marks the fields of a performance or offer that are no lists: lists bear their marks themselves.
func imageFields(names []string) map[string]string {
	var out map[string]string
	for _, n := range names {
		switch n {
		case ticket.ImagePrices, ticket.ImageCast, ticket.ImageDiscounts, ticket.ImageRounds:
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[n] = fromImage
	}
	return out
}

func castOf(all []ticket.CastMember, from string) []castMember {
	out := []castMember{}
	for _, m := range all {
		out = append(out, castMember{Name: m.Name, Role: text(m.Role), ArtistID: text(m.ArtistID), From: from})
	}
	return out
}

func performanceOf(p *ticket.Performance, now time.Time) performance {
	out := performance{
		ID: p.ID, Title: p.Title, Genre: text(p.Genre), Tags: list(p.Tags), Status: text(p.StatusAt(now)), Exclusive: p.Exclusive,
		Period: period{Start: p.Period.Start, End: p.Period.End, OpenRun: p.Period.OpenRun},
		Venue: venue{ID: text(p.VenueID), Name: text(p.Place.Name), Region: text(p.Place.Region), District: text(p.Place.District),
			Address: text(p.Place.Address), Lat: p.Place.Lat, Lng: p.Place.Lng},
		RunningMinutes: p.RunningMinutes, IntermissionMinutes: p.IntermissionMinutes, AgeText: text(p.AgeText), MinAgeYears: p.MinAgeYears,
		PosterURL: text(p.PosterURL), Synopsis: text(p.Synopsis), TimesText: text(p.TimesText),
		Cast: castOf(p.Cast, image(slices.Contains(p.FromImage, ticket.ImageCast))), From: imageFields(p.FromImage), Offers: []offer{}, Openings: []openingRef{}, Conflicts: conflictsOf(p.Conflicts), FirstSeenAt: at(&p.FirstSeenAt), ChangedAt: at(&p.ChangedAt),
	}
	if low, high, ok := p.PriceRange(); ok {
		out.Price = &priceRange{Min: low, Max: high, From: image(p.PicturedPrices())}
	}
	if p.Fixture != nil {
		out.Fixture = &fixture{Home: p.Fixture.Home, Away: p.Fixture.Away}
	}
	for _, d := range p.Discounts {
		out.Discounts = append(out.Discounts, discount{d.Name, d.Percent, image(slices.Contains(p.FromImage, ticket.ImageDiscounts))})
	}
	for _, r := range p.Rounds {
		from := image(slices.Contains(p.FromImage, ticket.ImageRounds))
		out.Rounds = append(out.Rounds, runRound{Date: r.Date, Time: r.Time, Cast: castOf(r.Cast, from), From: from})
	}
	for _, o := range p.Offers {
		out.Offers = append(out.Offers, offer{ID: o.ID, Seller: o.Seller, SellerName: text(o.SellerName), URL: o.URL, Title: o.Title,
			Status: text(p.OfferStatusAt(o, now)), Exclusive: o.Exclusive, Prices: pricesOf(o.Prices, image(slices.Contains(o.FromImage, ticket.ImagePrices))),
			OpensAt: at(o.OpensAt), CheckedAt: at(&o.CheckedAt), From: imageFields(o.FromImage)})
	}
	for _, o := range p.Openings {
		out.Openings = append(out.Openings, openingRef{ID: o.ID, Seller: o.Seller, Round: round(o.Round), Kind: o.Kind, OpensAt: at(o.OpensAt), URL: o.URL, Presales: presalesOf(o.Presales)})
	}
	return out
}

func pricesOf(prices []ticket.Price, from string) []price {
	out := []price{}
	for _, p := range prices {
		out = append(out, price{Grade: p.Grade, Won: p.Won, Label: text(p.Label), From: from})
	}
	return out
}

func round(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

type presale struct {
	Name     string   `json:"name"`
	StartsAt *instant `json:"starts_at"`
	EndsAt   *instant `json:"ends_at"`
}

type opening struct {
	ID                  string         `json:"id"`
	NoticeID            string         `json:"notice_id"`
	PerformanceID       *string        `json:"performance_id"`
	Seller              ticket.Seller  `json:"seller"`
	Title               string         `json:"title"`
	ShowTitle           string         `json:"show_title"`
	TitleRaw            string         `json:"title_raw"`
	Round               *int           `json:"round"`
	Kind                string         `json:"kind"`
	Genre               *ticket.Genre  `json:"genre"`
	OpensAt             *instant       `json:"opens_at"`
	RegisteredAt        *instant       `json:"registered_at"`
	URL                 string         `json:"url"`
	VenueName           *string        `json:"venue_name"`
	Region              *ticket.Region `json:"region"`
	Period              openingPeriod  `json:"period"`
	Prices              []price        `json:"prices"`
	RunningMinutes      *int           `json:"running_minutes"`
	IntermissionMinutes *int           `json:"intermission_minutes"`
	AgeText             *string        `json:"age_text"`
	MinAgeYears         *int           `json:"min_age_years"`
	TimesText           *string        `json:"times_text"`
	Exclusive           bool           `json:"exclusive"`
	Presales            []presale      `json:"presales"`
	ChangedAt           *instant       `json:"changed_at"`
}

func openingOf(o ticket.Opening) opening {
	c := o.Content
	out := opening{
		ID: o.ID, NoticeID: o.NoticeID, PerformanceID: text(o.PerformanceID), Seller: c.Seller, Title: c.Title, ShowTitle: c.ShowTitle,
		TitleRaw: c.TitleRaw, Round: round(c.Round), Kind: c.Kind, Genre: text(c.Genre), OpensAt: at(c.OpensAt), RegisteredAt: at(c.RegisteredAt),
		URL: c.URL, VenueName: text(c.Place.Name), Region: text(c.Place.Region),
		Period: openingPeriod{Start: c.Period.Start, End: c.Period.End, Dates: c.Period.Dates}, Prices: pricesOf(c.Prices, ""),
		RunningMinutes: c.RunningMinutes, IntermissionMinutes: c.IntermissionMinutes, AgeText: text(c.AgeText), MinAgeYears: c.MinAgeYears,
		TimesText: text(c.TimesText), Exclusive: c.Exclusive, Presales: presalesOf(c.Presales), ChangedAt: at(&o.ChangedAt),
	}
	return out
}

func presalesOf(list []ticket.Presale) []presale {
	out := []presale{}
	for _, p := range list {
		out = append(out, presale{Name: p.Name, StartsAt: at(p.StartsAt), EndsAt: at(p.EndsAt)})
	}
	return out
}
