package ticket

import "time"

// Listing is the truth: what one source says about one of its codes, normalised.
type Listing struct {
	Key           string    `bson:"_id"` // Key(Source, Code)
	Source        string    `bson:"source"`
	Code          string    `bson:"code"`
	Version       int64     `bson:"version"` // grows by one with every write; for compare-and-set
	ParserVersion int       `bson:"parser_version"`
	FetchedAt     time.Time `bson:"fetched_at"` // of the page it was read from; an older page never overwrites it
	ChangedAt     time.Time `bson:"changed_at"` // FetchedAt of the last page that said something new
	FirstSeenAt   time.Time `bson:"first_seen_at"`
	ContentHash   string    `bson:"content_hash"` // of Content; equal hashes mean that nothing changed

	Views   []View  `bson:"views"`   // what each kind of page said last, in the order of trust
	Content Content `bson:"content"` // the views laid over each other

	Title         TitleKeys  `bson:"title_keys"`               // of Content.TitleRaw
	PerformanceID string     `bson:"performance_id,omitempty"` // "" until matched
	Run           string     `bson:"run,omitempty"`            // the last judged crawl that brought a page of it
	Waiting       string     `bson:"waiting,omitempty"`        // the crawl whose verdict a view waits for
	GoneAt        *time.Time `bson:"gone_at,omitempty"`        // its source names it no more; soft: the next page brings it back
}

// TitleKeys is what a title is matched by, worked out once: letters and digits in lower case.
type TitleKeys struct {
	Core    string   `bson:"core,omitempty"`
	Forms   []string `bson:"forms,omitempty"`   // shorter ways of writing it
	Gist    string   `bson:"gist,omitempty"`    // the core less the words that many titles share
	Numbers []string `bson:"numbers,omitempty"` // seasons, editions, volumes
	City    string   `bson:"city,omitempty"`    // the city it ends with
	Made    int      `bson:"made,omitempty"`    // the version of the rules it was worked out by
}

// ViewOf is what one kind of page of a source said last. Keeping the kinds apart makes the order in which pages arrive
// irrelevant: a list never clears what a detail page said, whichever came later.
type ViewOf[C any] struct {
	Kind      PageKind  `bson:"kind"`
	FetchedAt time.Time `bson:"fetched_at"`
	RawKey    string    `bson:"raw_key"`
	Content   C         `bson:"content"`

	Run   string     `bson:"run,omitempty"`   // the crawl that brought it, when somebody judges that crawl
	First bool       `bson:"first,omitempty"` // that crawl was the first to bring this kind of page
	Drift []string   `bson:"drift,omitempty"` // what it took away or turned over of the view before it
	Next  *NextOf[C] `bson:"next,omitempty"`  // a newer one that waits
}

// NextOf is a page of a crawl that says something else than the view: it waits until its crawl is found to be good.
type NextOf[C any] struct {
	FetchedAt time.Time `bson:"fetched_at"`
	RawKey    string    `bson:"raw_key"`
	Content   C         `bson:"content"`
	Run       string    `bson:"run"`
	First     bool      `bson:"first,omitempty"` // there was no page of this kind before
	Drift     []string  `bson:"drift,omitempty"` // what it takes away or turns over
	Runs      int       `bson:"runs"`            // how many crawls in a row said so
}

// View is a view of a listing, OpeningView one of an opening.
type (
	View        = ViewOf[Content]
	OpeningView = ViewOf[OpeningContent]
)

// Content is everything a source says about a show; it decides whether a page changed anything.
type Content struct {
	URL                 string       `bson:"url,omitempty"` // where the seller sells it; "" for a registry
	Seller              Seller       `bson:"seller,omitempty"`
	Title               string       `bson:"title"`     // cleaned, as people would write it
	TitleRaw            string       `bson:"title_raw"` // as the source wrote it
	Genre               Genre        `bson:"genre,omitempty"`
	Tags                []string     `bson:"tags,omitempty"`
	Place               Place        `bson:"place"`
	Period              Period       `bson:"period"`
	Prices              []Price      `bson:"prices,omitempty"`
	Cast                []CastMember `bson:"cast,omitempty"`
	Companies           []string     `bson:"companies,omitempty"` // who produces it or sends the artists
	RunningMinutes      *int         `bson:"running_minutes,omitempty"`
	IntermissionMinutes *int         `bson:"intermission_minutes,omitempty"`
	AgeText             string       `bson:"age_text,omitempty"`
	MinAgeYears         *int         `bson:"min_age_years,omitempty"`
	TimesText           string       `bson:"times_text,omitempty"`
	PosterURL           string       `bson:"poster_url,omitempty"`
	Synopsis            string       `bson:"synopsis,omitempty"`
	OpensAt             *time.Time   `bson:"opens_at,omitempty"`
	SaleState           Status       `bson:"sale_state,omitempty"` // only what the source says outright: sold_out or ended
	Exclusive           bool         `bson:"exclusive,omitempty"`
	Fixture             *Fixture     `bson:"fixture,omitempty"`    // of a match, who plays
	Links               []Link       `bson:"links,omitempty"`      // where a registry says tickets are sold
	Strips              []string     `bson:"strips,omitempty"`     // addresses of the pictures in which the page says the rest
	StripText           string       `bson:"strip_text,omitempty"` // what is written in them, with the errors of reading
	Discounts           []Discount   `bson:"discounts,omitempty"`
	Rounds              []Round      `bson:"rounds,omitempty"`
	FromImage           []string     `bson:"from_image,omitempty"` // of a listing: the fields that only its pictures say (ImageFields)
}

// Link is a seller a registry points to.
type Link struct {
	Seller     Seller `bson:"seller"`
	SellerName string `bson:"seller_name,omitempty"` // as the registry names it
	Code       string `bson:"code,omitempty"`        // the seller's own code, "" when the URL does not show it
	URL        string `bson:"url"`
}

// Opening is the moment a seller starts to sell, announced in a notice; an entity of its own that may precede the show's page.
type Opening struct {
	ID            string    `bson:"_id"` // ID of source and notice
	Source        string    `bson:"source"`
	NoticeID      string    `bson:"notice_id"`
	Version       int64     `bson:"version"`
	ParserVersion int       `bson:"parser_version"`
	FetchedAt     time.Time `bson:"fetched_at"`
	ChangedAt     time.Time `bson:"changed_at"`
	FirstSeenAt   time.Time `bson:"first_seen_at"`
	ContentHash   string    `bson:"content_hash"`

	Views   []OpeningView  `bson:"views"`
	Content OpeningContent `bson:"content"`

	Title         TitleKeys `bson:"title_keys"`            // of Content.TitleRaw
	ProductKey    string    `bson:"product_key,omitempty"` // key of the listing the notice leads to
	PerformanceID string    `bson:"performance_id,omitempty"`
	Run           string    `bson:"run,omitempty"`
	Waiting       string    `bson:"waiting,omitempty"`
	Pending       []Change  `bson:"pending,omitempty"` // changes of this version on their way to the feed
}

// OpeningContent is what the notice says.
type OpeningContent struct {
	Seller              Seller     `bson:"seller"`
	URL                 string     `bson:"url"`
	Title               string     `bson:"title"`      // cleaned, the round kept: "뮤지컬 <시라노> 3차"
	ShowTitle           string     `bson:"show_title"` // the round taken off
	TitleRaw            string     `bson:"title_raw"`
	Round               int        `bson:"round,omitempty"` // 3 for 3차; 0 when the notice names none
	Kind                string     `bson:"kind"`            // GeneralSale or PresaleOnly
	Genre               Genre      `bson:"genre,omitempty"`
	OpensAt             *time.Time `bson:"opens_at,omitempty"`
	RegisteredAt        *time.Time `bson:"registered_at,omitempty"`
	Place               Place      `bson:"place"`
	Period              Period     `bson:"period"`
	Prices              []Price    `bson:"prices,omitempty"`
	RunningMinutes      *int       `bson:"running_minutes,omitempty"`
	IntermissionMinutes *int       `bson:"intermission_minutes,omitempty"`
	AgeText             string     `bson:"age_text,omitempty"`
	MinAgeYears         *int       `bson:"min_age_years,omitempty"`
	TimesText           string     `bson:"times_text,omitempty"`
	Exclusive           bool       `bson:"exclusive,omitempty"`
	Presales            []Presale  `bson:"presales,omitempty"`
	PosterURL           string     `bson:"poster_url,omitempty"`
}

// The kinds of openings.
const (
	GeneralSale = "general"
	PresaleOnly = "presale" // what opens is for members of a club or a card only
)

// Presale is a window before the general opening (선예매, 팬클럽).
type Presale struct {
	Name     string     `bson:"name" json:"name"`
	StartsAt *time.Time `bson:"starts_at,omitempty" json:"starts_at"`
	EndsAt   *time.Time `bson:"ends_at,omitempty" json:"ends_at"`
}
