package ticket

import "time"

// EventSchema is the version of Event as it lies in the bucket. It is part of every file's name.
const EventSchema = 1

// EventKind is what a person did or was told. The list is closed; each kind fills the fields named beside it.
type EventKind string

// The kinds of event. ID, Kind, ReceivedAt and Person are always there.
const (
	EventView                  EventKind = "view"                   // PerformanceID: its page was opened
	EventSearch                EventKind = "search"                 // Query, Results
	EventOfferClick            EventKind = "offer_click"            // PerformanceID, OfferID, Seller: left for a seller
	EventWish                  EventKind = "wish"                   // PerformanceID, On
	EventFollow                EventKind = "follow"                 // ArtistID, On
	EventSignUp                EventKind = "signup"                 // Method
	EventLogin                 EventKind = "login"                  // Method
	EventLogout                EventKind = "logout"                 //
	EventAlertSent             EventKind = "alert_sent"             // AlertID, Channel, PerformanceID
	EventAlertOpened           EventKind = "alert_opened"           // AlertID, Channel, PerformanceID
	EventRecommendationShown   EventKind = "recommendation_shown"   // PerformanceID, FromID, Position
	EventRecommendationClicked EventKind = "recommendation_clicked" // PerformanceID, FromID, Position
)

// EventKinds lists every kind. It returns a fresh slice.
func EventKinds() []EventKind {
	return []EventKind{EventView, EventSearch, EventOfferClick, EventWish, EventFollow, EventSignUp, EventLogin, EventLogout,
		EventAlertSent, EventAlertOpened, EventRecommendationShown, EventRecommendationClicked}
}

// AgeBand is a decade of life; "" is unknown.
type AgeBand string

// AgeBands lists the known bands, youngest first. It returns a fresh slice.
func AgeBands() []AgeBand { return []AgeBand{"10s", "20s", "30s", "40s", "50s", "60s"} } // "10s" is below 20, "60s" is 60 and above

// Gender is what a person told us; "" is unknown.
type Gender string

// The genders a person can tell.
const (
	Female Gender = "female"
	Male   Gender = "male"
)

// Viewer is who makes a request, as far as events may know: never a name, an e-mail address, a birthday or an address
// of the network.
type Viewer struct {
	Person   string  // pseudonym, stable for an account, for a day only for a visitor without one
	Account  bool    // signed in
	AgeBand  AgeBand // "" for a visitor without an account
	Gender   Gender
	Browser  string // family only: "chrome", "safari", "samsung", "firefox", "edge", "whale", "other"
	Device   string // "phone", "tablet", "desktop" or ""
	Bot      bool   // says that it is no person, or behaves so
	Prefetch bool   // the browser asks ahead of the person
}

// Event is one thing that happened, as it is logged, kept and counted. Genre, Region and Seller are the show's as they
// were at that moment. A field that does not belong to the kind is empty.
type Event struct {
	ID            string    `json:"id"` // the same id is one event, however often it comes
	Kind          EventKind `json:"kind"`
	ReceivedAt    time.Time `json:"received_at"`          // by the server's clock; decides the day
	OccurredAt    time.Time `json:"occurred_at,omitzero"` // by the page's own clock, when it reports itself; never trusted
	Person        string    `json:"person"`               // Viewer.Person
	Account       bool      `json:"account,omitempty"`    //
	AgeBand       AgeBand   `json:"age_band,omitempty"`   //
	Gender        Gender    `json:"gender,omitempty"`     //
	Browser       string    `json:"browser,omitempty"`    //
	Device        string    `json:"device,omitempty"`     //
	Bot           bool      `json:"bot,omitempty"`        // kept, never counted
	Prefetch      bool      `json:"prefetch,omitempty"`   // kept, never counted
	Page          string    `json:"page,omitempty"`       // the page it happened on: "home", "list", "detail", "rank", "api", …
	FromID        string    `json:"from_id,omitempty"`    // the performance that a recommendation stood beside
	Position      int       `json:"position,omitempty"`   // 1 is the first; 0 is unknown
	Query         string    `json:"query,omitempty"`      // what was searched for, with phone numbers, e-mail addresses and the like taken out
	Results       int       `json:"results,omitempty"`    // how many it found
	Method        string    `json:"method,omitempty"`     // "password", "kakao"
	Channel       string    `json:"channel,omitempty"`    // "app", "mail", "push"
	AlertID       string    `json:"alert_id,omitempty"`   //
	ArtistID      string    `json:"artist_id,omitempty"`  //
	On            bool      `json:"on,omitempty"`         // a wish or follow was set, not taken back
	OfferID       string    `json:"offer_id,omitempty"`   //
	Seller        Seller    `json:"seller,omitempty"`     //
	Genre         Genre     `json:"genre,omitempty"`      //
	Region        Region    `json:"region,omitempty"`     //
	PerformanceID string    `json:"performance_id,omitempty"`
}

// Counts tells whether rankings may count the event: a person did it.
func (e *Event) Counts() bool { return !e.Bot && !e.Prefetch }

// Day is the day in Seoul that the event belongs to.
func (e *Event) Day() Date { return DateOf(e.ReceivedAt) }
