// Package sellers says what a source of ticket data is. A source lives in a folder of its own below this one and is
// pure: it says what to ask (Start), what follows from an answer (Follow) and what an answer holds (Parse). It never
// does IO, never looks at a clock and never guesses: what it cannot read it leaves empty for the ETL to withhold.
package sellers

import (
	"encoding/json"
	"errors"
	"time"

	"ticketmoa/modules/ticket"
)

// Why a page gives nothing. Wrap them with what was met, where.
var (
	// ErrNotOurs means the bytes are not a page of this source and kind.
	ErrNotOurs = errors.New("not a page of this source")
	// ErrUnrendered means the page is the source's empty shell: its content is built by JavaScript that did not run.
	ErrUnrendered = errors.New("page was not rendered")
	// ErrGone means the source says that it no longer has this.
	ErrGone = errors.New("the source no longer has this")
	// ErrRefused means the source answered with an error of its own (a bad key, too many calls).
	ErrRefused = errors.New("the source refused")
)

// Kind is what a source is to us.
type Kind string

// A seller sells tickets, so its listings become offers. A registry describes shows and points to sellers by URL.
const (
	SellerKind   Kind = "seller"
	RegistryKind Kind = "registry"
)

// Info describes a source.
type Info struct {
	Name        string        // "ticketlink": the name in settings, keys and the lake
	Title       string        // "티켓링크": the name people know
	Kind        Kind          // seller or registry
	Seller      ticket.Seller // what its offers are called; "" for a registry
	Version     int           // of the parser; raised when it reads the same page otherwise
	Hosts       []string      // every host it asks; the crawler asks no other
	StripHosts  []string      // hosts of the pictures its pages show beside their text
	OfferHosts  []string      // hosts an offer of this seller may lead to
	NeedsKey    bool          // it answers only with a key (sources.<name>.key)
	Home        string        // where an operator asks for the key; "" when there is none
	Attribution string        // text that must stand beside its data; "" for none
	Barred      bool          // its robots.txt or terms forbid crawling without the owner's permission
	Notice      string        // what an operator must know before switching it on (robots, terms), in Korean
}

// Request is one thing to ask of a source.
type Request struct {
	Kind    ticket.PageKind   `json:"kind" bson:"kind"`
	Code    string            `json:"code,omitempty" bson:"code,omitempty"`
	Method  string            `json:"method,omitempty" bson:"method,omitempty"` // "" is GET
	URL     string            `json:"url" bson:"url"`                           // of the real site, without secrets
	Header  map[string]string `json:"header,omitempty" bson:"header,omitempty"`
	Body    []byte            `json:"body,omitempty" bson:"body,omitempty"`
	Session string            `json:"session,omitempty" bson:"session,omitempty"` // requests of one session share cookies; "" keeps none
	Browser bool              `json:"browser,omitempty" bson:"browser,omitempty"` // needs Chromium
	WaitFor string            `json:"wait_for,omitempty" bson:"wait_for,omitempty"`
	// WaitFor is a CSS selector that stands in the page once it is rendered; "" waits for the load event.
	Fallback bool `json:"fallback,omitempty" bson:"fallback,omitempty"` // ask again with Chromium when Parse says ErrUnrendered
	// FallbackURL is what Chromium opens then: the page people see, where URL is a route of its data. "" is URL itself.
	FallbackURL string `json:"fallback_url,omitempty" bson:"fallback_url,omitempty"`
	// Mark fingerprints what a list says of the thing asked for. While it stays the same the thing is asked for
	// again only when what is kept of it has grown old. AnyMark: being known is enough. "" is asked for every time.
	Mark    string `json:"mark,omitempty" bson:"mark,omitempty"`
	NoStore bool   `json:"no_store,omitempty" bson:"no_store,omitempty"` // only for its cookies: the answer is not a page
}

// AnyMark is the mark of a request by somebody who knows nothing about the thing but that it exists.
const AnyMark = "*"

// Known is the request with AnyMark.
func (r Request) Known() Request {
	r.Mark = AnyMark
	return r
}

// ListedShow is the request marked with what a list says of a show. Its genre is left out: a show stands in the lists of
// several, and each would say something else.
func (r Request) ListedShow(s RawShow) Request {
	s.GenreText = ""
	r.Mark = markOf(s)
	return r
}

// ListedNotice is the request marked with what a list says of a notice.
func (r Request) ListedNotice(n RawNotice) Request {
	r.Mark = markOf(n)
	return r
}

func markOf(said any) string {
	b, err := json.Marshal(said)
	if err != nil {
		return "" // then it is asked for every time
	}
	return ticket.ID(string(b))
}

// Since is a source that can be asked for what changed only.
type Since interface {
	// StartSince says what to ask first when everything was asked at last, not long before now.
	StartSince(now, last time.Time) []Request
}

// Source is a place data comes from.
type Source interface {
	Info() Info
	// Start says what to ask first, on the day now in Seoul.
	Start(now time.Time) []Request
	// Follow says what an answer leads to. Asking twice is the crawler's to avoid.
	Follow(p *ticket.Page) ([]Request, error)
	// Parse reads what an answer holds. It returns one of the sentinels above, wrapped, when it holds nothing.
	Parse(p *ticket.Page) (Result, error)
}

// Keyed is a source whose requests must carry the operator's key. WithKey adds it just before the request leaves, so
// that a key is never queued, logged or stored.
type Keyed interface {
	WithKey(url, key string) string
}

// Result is everything one page holds, still in the source's own words.
type Result struct {
	Shows      []RawShow
	Notices    []RawNotice
	Facilities []RawFacility
	Doubts     []Doubt
}

// Doubt is a value that was read and is not certain enough: people are shown it beside what it was read from.
type Doubt struct {
	Code    string // of the show
	Field   string
	Part    string // of a field with many values, which: "VIP석"
	Text    string // what was read
	Value   string // what was made of it
	Reason  string
	Picture string // the content hash of the picture
	Box     []int  // left, top, width, height
}

// RawPrice is one price as written. Text keeps the amount with whatever stands around it.
type RawPrice struct {
	Grade string // "" when the whole text, grades and all, is in Text
	Text  string
	Label string
}

// RawShow is a show as one source writes it. "" means that the page does not say.
type RawShow struct {
	Code         string // the source's code; a show without one is withheld whole
	URL          string
	Title        string // with its decorations
	GenreText    string // the source's own word or code for the genre
	VenueText    string
	VenueCode    string
	AddressText  string
	RegionText   string // the source's own word for the region
	PeriodText   string
	StartText    string // used when the source gives the two days apart
	EndText      string
	OpenRunText  string // "Y" or a phrase when the source flags open runs
	Prices       []RawPrice
	Cast         []ticket.CastMember
	CastText     string // "홍길동, 김영희 등" when the source gives one line
	CompanyText  string // who produces it or sends the artists: "(주)신시컴퍼니, 오디컴퍼니"
	RunningText  string
	AgeText      string
	TimesText    string
	PosterURL    string
	Synopsis     string
	Strips       []string          `json:",omitempty"` // addresses of the pictures in which the page says the rest
	StripText    string            `json:",omitempty"` // what is written in them
	Discounts    []ticket.Discount `json:",omitempty"`
	Rounds       []ticket.Round    `json:",omitempty"`
	OpensText    string
	StateText    string // the source's own word for the sale state
	Badges       []string
	KidsText     string // "Y" when the source flags shows for children
	FestivalText string
	VisitText    string // "Y" when the source flags visiting artists (내한)
	Links        []RawLink
	AsOfText     string // the page's own date: what a date without a year is read against; "" is when it was fetched
	Home         string // of a match, the team that plays at home
	Away         string
	Partial      bool // from a list: holds some of the fields; never clears what a detail page said
	Ranked       bool // from a ranking, which says less than a list: kept apart, so that neither takes away what the other said
	Supplement   bool // holds facts about a code without its title: kept until a page with the title comes
}

// RawLink is a seller a registry names.
type RawLink struct {
	Name string
	URL  string
}

// RawNotice is a ticket-opening notice as one source writes it.
type RawNotice struct {
	ID             string
	URL            string
	Title          string
	OpensText      string
	GeneralText    string // when the sale for everybody opens, where the text says it in words of its own: OpensText may be the presale's
	OpenTypeText   string // the source's own word for what opens: "일반예매", "2차티켓오픈", "팬클럽 선예매"
	RegisteredText string
	AsOfText       string // the page's own date, for 내일 and dates without a year, where the notice has no RegisteredText
	VenueText      string // from the notice's head
	BodyVenueText  string // from its text
	PeriodText     string
	TimesText      string
	PriceText      string
	RunningText    string
	AgeText        string
	ProductURL     string
	ProductCode    string
	PosterURL      string
	GenreText      string
	RegionText     string
	Badges         []string
	Presales       []RawPresale
}

// RawPresale is a presale window as written: "선예매 : 2024.11.27(수) 20:00 ~ 11.28(목) 23:59".
type RawPresale struct {
	Name string
	Text string
}

// RawFacility is a venue as a registry writes it.
type RawFacility struct {
	Code        string
	Name        string
	AddressText string
	RegionText  string
	LatText     string
	LngText     string
	SeatsText   string
	Phone       string
	Homepage    string
	Halls       []string
}
