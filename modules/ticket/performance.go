package ticket

import (
	"slices"
	"time"
)

// Performance is one show as people see it: a projection over its listings and openings, rebuilt whenever one changes.
type Performance struct {
	ID          string    `bson:"_id"` // derived from the key of the founding listing
	Version     int64     `bson:"version"`
	Founder     string    `bson:"founder"` // key of the founding listing
	FirstSeenAt time.Time `bson:"first_seen_at"`
	ChangedAt   time.Time `bson:"changed_at"`
	ContentHash string    `bson:"content_hash"`

	Title               string       `bson:"title"`
	Genre               Genre        `bson:"genre,omitempty"`
	Tags                []string     `bson:"tags,omitempty"`
	Exclusive           bool         `bson:"exclusive,omitempty"`
	Period              Period       `bson:"period"`
	VenueID             string       `bson:"venue_id,omitempty"`
	Place               Place        `bson:"place"`
	RunningMinutes      *int         `bson:"running_minutes,omitempty"`
	IntermissionMinutes *int         `bson:"intermission_minutes,omitempty"`
	AgeText             string       `bson:"age_text,omitempty"`
	MinAgeYears         *int         `bson:"min_age_years,omitempty"`
	Cast                []CastMember `bson:"cast,omitempty"`
	Fixture             *Fixture     `bson:"fixture,omitempty"`
	PosterURL           string       `bson:"poster_url,omitempty"`
	Synopsis            string       `bson:"synopsis,omitempty"`
	TimesText           string       `bson:"times_text,omitempty"`
	Prices              []Price      `bson:"prices,omitempty"` // what a registry says of prices, for when no offer has any
	Discounts           []Discount   `bson:"discounts,omitempty"`
	Rounds              []Round      `bson:"rounds,omitempty"`     // who plays when
	StripText           string       `bson:"strip_text,omitempty"` // what sellers' pictures say, as far as it could be read
	FromImage           []string     `bson:"from_image,omitempty"` // the fields above that were read from pictures (ImagePeriod …)
	Offers              []Offer      `bson:"offers,omitempty"`
	Openings            []OpeningRef `bson:"openings,omitempty"`
	Conflicts           []Conflict   `bson:"conflicts,omitempty"` // fields of which the sources say different things
	Sources             []string     `bson:"sources"`             // every source that describes it, in order
	Withdrawn           bool         `bson:"withdrawn,omitempty"` // no source names it any more: it counts as ended

	Pending []Change `bson:"pending,omitempty"` // changes of this version on their way to the feed
}

// Offer is one seller's way to a ticket.
type Offer struct {
	ID         string     `bson:"id"` // stable: derived from seller and code, or the URL
	Seller     Seller     `bson:"seller"`
	SellerName string     `bson:"seller_name,omitempty"`
	ListingKey string     `bson:"listing_key"` // the listing that says so
	URL        string     `bson:"url"`
	Title      string     `bson:"title"`
	SaleState  Status     `bson:"sale_state,omitempty"`
	Exclusive  bool       `bson:"exclusive,omitempty"`
	Prices     []Price    `bson:"prices,omitempty"`
	OpensAt    *time.Time `bson:"opens_at,omitempty"`
	Hearsay    bool       `bson:"hearsay,omitempty"`    // a registry says so, not the seller
	FromImage  []string   `bson:"from_image,omitempty"` // ImagePrices, ImageOpens: read from the seller's pictures
	CheckedAt  time.Time  `bson:"checked_at"`
}

// OpeningRef is an opening as its performance carries it.
type OpeningRef struct {
	ID      string     `bson:"id"`
	Seller  Seller     `bson:"seller"`
	Round   int        `bson:"round,omitempty"`
	Kind    string     `bson:"kind"`
	OpensAt *time.Time `bson:"opens_at,omitempty"`
	URL     string     `bson:"url"`

	Presales []Presale `bson:"presales,omitempty"`
}

// OfferStatusAt is where one of the show's offers stands at the instant now. A seller that only a registry names is not
// believed to sell before anybody's first opening.
func (p *Performance) OfferStatusAt(o Offer, now time.Time) Status {
	opens := o.OpensAt
	if opens == nil && o.Hearsay {
		opens = p.firstOpening()
	}
	switch {
	case p.Period.endedBy(now) || o.SaleState == Ended:
		return Ended
	case o.SaleState == SoldOut:
		return SoldOut
	case opens != nil && now.Before(*opens):
		return Upcoming
	}
	return OnSale
}

// firstOpening is the earliest opening anybody announced; nil when nobody did.
func (p *Performance) firstOpening() *time.Time {
	var first *time.Time
	consider := func(t *time.Time) {
		if t != nil && (first == nil || t.Before(*first)) {
			first = t
		}
	}
	for _, o := range p.Openings {
		consider(o.OpensAt)
	}
	for _, o := range p.Offers {
		consider(o.OpensAt)
	}
	return first
}

// StatusAt is where the show stands at the instant now: ended by its dates, else the best any seller offers, else
// upcoming when an opening is announced. "" when nobody says.
func (p *Performance) StatusAt(now time.Time) Status {
	if p.Period.endedBy(now) || p.Withdrawn {
		return Ended
	}
	best := Status("")
	for _, o := range p.Offers {
		if s := p.OfferStatusAt(o, now); statusRank(s) > statusRank(best) {
			best = s
		}
	}
	if best == "" || best == Ended {
		for _, o := range p.Openings {
			if o.OpensAt != nil && now.Before(*o.OpensAt) {
				return Upcoming
			}
		}
	}
	return best
}

func statusRank(s Status) int {
	switch s {
	case OnSale:
		return 4
	case Upcoming:
		return 3
	case SoldOut:
		return 2
	case Ended:
		return 1
	}
	return 0
}

func (p Period) endedBy(now time.Time) bool {
	return p.Known() && p.LastDay() < DateOf(now)
}

// NextBoundary is the next instant after now at which StatusAt may answer otherwise; the zero time when there is none.
func (p *Performance) NextBoundary(now time.Time) time.Time {
	var next time.Time
	consider := func(t time.Time) {
		if t.After(now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	if p.Period.Known() {
		if last := p.Period.LastDay(); last < "9999-01-01" {
			consider(last.AddDays(1).Time())
		}
	}
	for _, o := range p.Offers {
		if o.OpensAt != nil {
			consider(*o.OpensAt)
		}
	}
	for _, o := range p.Openings {
		if o.OpensAt != nil {
			consider(*o.OpensAt)
		}
	}
	return next
}

// PriceRange is the lowest and highest price of any offer, or what is said of prices where no offer has one; ok is false
// when no price is known.
func (p *Performance) PriceRange() (lowest, highest Won, ok bool) {
	for _, o := range p.Offers {
		l, h, known := RangeOf(o.Prices)
		switch {
		case known && ok:
			lowest, highest = min(lowest, l), max(highest, h)
		case known:
			lowest, highest, ok = l, h, true
		}
	}
	if !ok {
		return RangeOf(p.Prices)
	}
	return lowest, highest, ok
}

// PicturedPrices tells whether a price of PriceRange may have been read from a picture.
func (p *Performance) PicturedPrices() bool {
	return slices.Contains(p.FromImage, ImagePrices) || slices.ContainsFunc(p.Offers, func(o Offer) bool { return slices.Contains(o.FromImage, ImagePrices) })
}

// Pictured tells whether anything of the performance was read from a picture.
func (p *Performance) Pictured() bool {
	return len(p.FromImage) > 0 || slices.ContainsFunc(p.Offers, func(o Offer) bool { return len(o.FromImage) > 0 })
}

// RangeOf is the lowest and highest of some prices; ok is false when there is none. A discount that not everybody gets
// counts only where no other price is named.
func RangeOf(prices []Price) (lowest, highest Won, ok bool) {
	regular := slices.ContainsFunc(prices, func(p Price) bool { return !p.Discount() })
	for _, pr := range prices {
		switch {
		case regular && pr.Discount():
		case !ok:
			lowest, highest, ok = pr.Won, pr.Won, true
		default:
			lowest, highest = min(lowest, pr.Won), max(highest, pr.Won)
		}
	}
	return lowest, highest, ok
}

// Change is one real difference in what people see; the ordered feed of them keeps search, recommendations and alerts up to date.
type Change struct {
	ID       string    `bson:"_id"`    // Entity, EntityID and Version: writing it twice is writing it once
	Seq      int64     `bson:"seq"`    // place in the feed, rising
	Entity   string    `bson:"entity"` // "performance" or "opening"
	EntityID string    `bson:"entity_id"`
	Version  int64     `bson:"version"`
	Cause    Cause     `bson:"cause"`
	At       time.Time `bson:"at"`     // when the page that said so was fetched
	Source   string    `bson:"source"` // key of the listing or notice that said so
	Fields   []Diff    `bson:"fields"`
}

// Diff is one field before and after, as people would read it; "" for unknown.
type Diff struct {
	Field string `bson:"field"`
	Old   string `bson:"old,omitempty"`
	New   string `bson:"new,omitempty"`
}

// Withheld is a value or a whole record that could not be trusted: the row of the quarantine.
type Withheld struct {
	ID        string    `bson:"_id"` // of page, subject and field: the same fault twice is one row
	Source    string    `bson:"source"`
	Kind      PageKind  `bson:"kind"`
	Code      string    `bson:"code,omitempty"`
	URL       string    `bson:"url,omitempty"`
	Field     string    `bson:"field,omitempty"` // "" when the whole record is withheld
	Part      string    `bson:"part,omitempty"`  // of a field with many values, which: "VIP석"
	Reason    string    `bson:"reason"`
	Rule      string    `bson:"rule,omitempty"`   // the reason without what differs from row to row
	Raw       string    `bson:"raw,omitempty"`    // what the source wrote, at most 500 characters
	Parsed    string    `bson:"parsed,omitempty"` // the value that was made of it and refused; "" when none was made
	RawKey    string    `bson:"raw_key,omitempty"`
	Run       string    `bson:"run,omitempty"` // of the crawl or command that brought the page
	FetchedAt time.Time `bson:"fetched_at"`
	Picture   string    `bson:"picture,omitempty"` // the content hash of the picture it was read from
	Box       []int     `bson:"box,omitempty"`     // where it stands there: left, top, width and height in pixels
}

// Origin is what led to a write: the page that said so, and why that makes a difference.
type Origin struct {
	Cause  Cause
	At     time.Time // when the page was fetched
	Source string    // key of the listing or id of the opening
}
