// Package ticket holds the nouns that two or more modules share: what a source says (Listing, Opening), what we make of
// it (Performance, Offer, Change) and the raw Page it was read from. It does no IO and imports only the standard library.
//
// Conventions that hold for every type here:
//   - unknown is the zero value: "" or nil; it is stored as an absent field and answered as null, never guessed;
//   - an instant is a time.Time in UTC with millisecond precision; a civil day is a Date;
//   - money is Won, whole won; ids are opaque strings.
package ticket

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"
)

// Seoul is the zone people read times in. Korea has had no daylight saving since 1988, so a fixed zone is exact for
// every date a seller can name and needs no zone database.
var Seoul = time.FixedZone("Asia/Seoul", 9*60*60)

// Won is an amount of money in whole Korean won.
type Won int64

// Price is what one grade of seat costs.
type Price struct {
	Grade string `bson:"grade" json:"grade"`                     // "R석", "전석"
	Won   Won    `bson:"won" json:"won"`                         // 0 means free of charge
	Label string `bson:"label,omitempty" json:"label,omitempty"` // "정가", "조기예매"; "" when the source names none
}

// Discount is what some people pay less, in per cent.
type Discount struct {
	Name    string `bson:"name" json:"name"` // "재관람 할인"
	Percent int    `bson:"percent" json:"percent"`
}

// Round is one performance of a run, and who plays in it.
type Round struct {
	Date Date         `bson:"date" json:"date"`
	Time string       `bson:"time" json:"time"` // "19:30", in Seoul
	Cast []CastMember `bson:"cast" json:"cast"`
}

// The fields that pictures may say, as Content.FromImage names them.
const (
	ImagePeriod    = "period"
	ImageVenue     = "venue"
	ImageTimes     = "times_text"
	ImageRunning   = "running_minutes"
	ImageAge       = "age_text"
	ImageMinAge    = "min_age_years"
	ImagePause     = "intermission_minutes"
	ImageOpens     = "opens_at"
	ImagePrices    = "prices"
	ImageCast      = "cast"
	ImageDiscounts = "discounts"
	ImageRounds    = "rounds"
)

// Discount tells whether the price is asked only of some: early bookers, students, holders of a card.
func (p Price) Discount() bool { return p.Label != "" && p.Label != "정가" }

// Fixture is who plays in a match.
type Fixture struct {
	Home string `bson:"home" json:"home"`
	Away string `bson:"away" json:"away"`
}

// CastMember is one performer and, where the source names it, the part played.
type CastMember struct {
	Name     string `bson:"name" json:"name"`
	Role     string `bson:"role,omitempty" json:"role,omitempty"`
	Also     string `bson:"also,omitempty" json:"also,omitempty"`           // of a listing: what stands in brackets behind the name, several joined by AlsoMark
	ArtistID string `bson:"artist_id,omitempty" json:"artist_id,omitempty"` // of a performance: the artist, "" for a name that is none
}

// AlsoMark joins the texts of CastMember.Also.
const AlsoMark = "/"

// Period is the run of a show, both days inclusive.
type Period struct {
	Start   Date   `bson:"start,omitempty"`
	End     Date   `bson:"end,omitempty"`
	OpenRun bool   `bson:"open_run,omitempty"` // the source says that there is no end yet
	Dates   []Date `bson:"dates,omitempty"`    // the single days, when the source names days instead of a run
}

// Known tells whether at least the first day is known.
func (p Period) Known() bool { return p.Start != "" }

// Overlaps tells whether two known periods share a day. An open run never ends.
func (p Period) Overlaps(q Period) bool {
	return p.Known() && q.Known() && p.Start <= q.LastDay() && q.Start <= p.LastDay()
}

// LastDay is the last day of a known period: of an open run without an end, one that is after every day.
func (p Period) LastDay() Date {
	switch {
	case p.OpenRun && p.End == "":
		return "9999-12-31"
	case p.End == "":
		return p.Start
	}
	return p.End
}

// Place is where a show is, as far as one source knows it.
type Place struct {
	Name     string   `bson:"name,omitempty"`     // "예술의전당 CJ토월극장"
	Code     string   `bson:"code,omitempty"`     // the source's own code of the facility, when it has one
	Region   Region   `bson:"region,omitempty"`   // one of the 17 시도
	District string   `bson:"district,omitempty"` // 시군구
	Address  string   `bson:"address,omitempty"`
	Lat      *float64 `bson:"lat,omitempty"`
	Lng      *float64 `bson:"lng,omitempty"`
}

// Facility is a venue as a registry describes it, key source:code.
type Facility struct {
	Key       string    `bson:"_id"`
	Source    string    `bson:"source"`
	FetchedAt time.Time `bson:"fetched_at"`
	Place     Place     `bson:"place"`
	NameKey   string    `bson:"name_key"` // normalised name, for lookups by the sellers' venue strings
	Seats     int       `bson:"seats,omitempty"`
	Phone     string    `bson:"phone,omitempty"`
	Homepage  string    `bson:"homepage,omitempty"`
}

// Key makes the key of a listing, opening or facility: what one source calls one of its things.
func Key(source, code string) string { return source + ":" + code }

// SplitKey undoes Key. ok is false when key has no colon or an empty half.
func SplitKey(key string) (source, code string, ok bool) {
	source, code, ok = strings.Cut(key, ":")
	return source, code, ok && source != "" && code != ""
}

var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// ID derives an opaque, stable id of 16 characters from the parts that found a thing. The same parts always give the
// same id, so a replay of the same pages gives the same ids.
func ID(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return idEncoding.EncodeToString(sum[:10])
}
