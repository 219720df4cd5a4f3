// Package match decides whether listings are the same show: blocking, an explained score for each pair, and groups in
// which no two contradict each other. It is pure: no IO, no clock.
//
// Guarantees: what it answers is a function of the shows and decisions it was given, never of the order in which they
// came; every group is explained by the scores of its pairs; a decision of a person goes before every score, and the later
// decision before the earlier. A show whose title or run is unknown stands alone rather than in the wrong place.
//
// The score of a pair is a sum of weights, each the (rounded) logarithm to base two of how much likelier an agreement is
// among listings of one show than among others, less a prior; from 0 on they are the same. Some differences are no matter
// of degree: runs without a common day, provinces, genres of another kind, two numbers of one registry keep shows apart
// whatever else agrees.
package match

import (
	"time"

	"ticketmoa/modules/ticket"
)

// Role is what kind of word a show is.
type Role uint8

// The roles.
const (
	Sells     Role = iota // a seller's listing
	Registers             // a registry's: two of its codes are two shows
	Announces             // a notice of an opening: it belongs to a listing's show and joins none
)

// Show is what one listing or notice says, reduced to what tells shows apart. Words are folded by the caller.
type Show struct {
	Key       string // of the listing, or id of the opening
	Source    string
	Role      Role
	Core      string   // letters and digits of the title
	Forms     []string // shorter forms of the title that sellers use for it
	Gist      string   // the core less the words that many titles share, blanks between what remains
	Numbers   []string // seasons, editions, volumes the title names
	Venue     string   // key of the venue's name; "" when unknown
	VenueMain string   // key of the name without what stands in brackets; "" for one that any place could bear
	VenueGist string   // the venue's name less the words that many venues share, blanks between what remains
	Halls     []string // which of the halls of a house: "1관", "대극장"
	City      string   // that the title ends with
	Region    ticket.Region
	Town      string // 시군구
	Period    ticket.Period
	Genre     ticket.Genre
	Cast      []string // sorted
	Wons      []ticket.Won
	Fixture   string    // of a match, who plays and when: two are the same only when it is
	Links     []string  // keys of listings that a registry, or a notice, says are of this show
	Seen      time.Time // when it was first seen: the earliest of a group founds it
}

// Names of the parts of a score, in the order in which Explain gives them.
const (
	PartTitle  = "title"
	PartPeriod = "period"
	PartVenue  = "venue"
	PartRegion = "region"
	PartCast   = "cast"
	PartGenre  = "genre"
	PartPrices = "prices"
	PartPrior  = "prior"
)

// Part is one part of a score.
type Part struct {
	Name   string  `json:"name"`
	Weight float64 `json:"weight"`
	Why    string  `json:"why"`
}

// Score is how like two shows are, and why.
type Score struct {
	Total float64 `json:"total"`
	Apart string  `json:"apart,omitempty"` // what keeps them apart whatever the total; "" when nothing does
	Parts []Part  `json:"parts"`
}

// Same tells whether two shows with this score are the same.
func (s Score) Same() bool { return s.Apart == "" && s.Total >= 0 }

// Compare gives the explained score of two shows. It is symmetric.
func Compare(a, b Show) Score {
	return explain(prepare(a), prepare(b))
}
