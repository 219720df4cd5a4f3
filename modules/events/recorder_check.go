package events

import (
	"errors"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"ticketmoa/modules/ticket"
)

// ErrInvalid means that an event is not what its kind says it is. It wraps the field and what would be right.
var ErrInvalid = errors.New("not an event")

// The longest texts an event may carry.
const (
	maxQuery  = 400 // bytes
	maxNumber = 1_000_000
)

// set are some of the fields that only some kinds have, one bit each.
type set uint16

const (
	performanceID set = 1 << iota
	offerID
	fromID
	alertID
	artistID
	method
	channel
	query
	results
	position
	on
	genre
	region
	seller
)

// setNames are the names by bit, in the order in which fields are looked at.
var setNames = [...]string{"performance_id", "offer_id", "from_id", "alert_id", "artist_id", "method", "channel", "query", "results", "position", "on",
	"genre", "region", "seller"}

// fields are the fields of a kind: needed ones, and those it may have besides.
type fields struct{ needed, allowed set }

// fieldsOf is the closed list of kinds with what belongs to each.
func fieldsOf(k ticket.EventKind) (f fields, known bool) {
	switch k {
	case ticket.EventView:
		return fields{performanceID, genre | region}, true
	case ticket.EventSearch:
		return fields{query, results}, true
	case ticket.EventOfferClick:
		return fields{performanceID | offerID | seller, genre | region}, true
	case ticket.EventWish:
		return fields{performanceID, genre | region | on}, true
	case ticket.EventFollow:
		return fields{artistID, on}, true
	case ticket.EventSignUp, ticket.EventLogin:
		return fields{method, 0}, true
	case ticket.EventLogout:
		return fields{}, true
	case ticket.EventAlertSent, ticket.EventAlertOpened:
		return fields{alertID | channel, genre | region | performanceID}, true
	case ticket.EventRecommendationShown, ticket.EventRecommendationClicked:
		return fields{performanceID | fromID, genre | region | position}, true
	}
	return fields{}, false
}

// field is one of these fields as an event has it.
type field struct {
	there bool
	form  *form // nil when something else checks it
	text  string
}

// ownFields are the fields by bit.
func ownFields(e *ticket.Event) [len(setNames)]field {
	ref := func(text string) field { return field{text != "", &refForm, text} }
	return [len(setNames)]field{
		ref(e.PerformanceID), ref(e.OfferID), ref(e.FromID), ref(e.AlertID), ref(e.ArtistID),
		{e.Method != "", &wordForm, e.Method}, {e.Channel != "", &wordForm, e.Channel},
		{there: e.Query != ""}, {there: e.Results != 0}, {there: e.Position != 0}, {there: e.On}, {there: e.Genre != ""}, {there: e.Region != ""}, {there: e.Seller != ""},
	}
}

// Check holds an event against the closed list of kinds and the fields that belong to its kind. ReceivedAt is not looked
// at: the recorder stamps it. ErrInvalid.
func Check(e *ticket.Event) error {
	f, known := fieldsOf(e.Kind)
	if !known {
		return invalid("kind", "%.20q is none of %v", e.Kind, ticket.EventKinds())
	}
	for i, own := range ownFields(e) {
		bit := set(1) << i
		switch {
		case !own.there && f.needed&bit != 0:
			return invalid(setNames[i], "is needed for the kind %s", e.Kind)
		case own.there && (f.needed|f.allowed)&bit == 0:
			return invalid(setNames[i], "does not belong to the kind %s", e.Kind)
		case own.there && own.form != nil && !own.form.fits(own.text):
			return invalid(setNames[i], "%.40q does not match %s", own.text, own.form)
		}
	}
	if err := checkWho(e); err != nil {
		return err
	}
	return checkValues(e)
}

func checkWho(e *ticket.Event) error {
	switch {
	case e.ID != "" && !idForm.fits(e.ID):
		return invalid("id", "%.70q does not match %s", e.ID, &idForm)
	case !personForm.fits(e.Person):
		return invalid("person", "is no pseudonym: it must match %s", &personForm)
	case e.Account != (e.Person[0] == 'u'):
		return invalid("account", "is %v for a person of the kind %q", e.Account, e.Person[:2])
	case e.AgeBand != "" && !slices.Contains(ticket.AgeBands(), e.AgeBand):
		return invalid("age_band", "%.20q is none of %v", e.AgeBand, ticket.AgeBands())
	case e.Gender != "" && e.Gender != ticket.Female && e.Gender != ticket.Male:
		return invalid("gender", "%.20q is neither %s nor %s", e.Gender, ticket.Female, ticket.Male)
	case e.Browser != "" && !wordForm.fits(e.Browser):
		return invalid("browser", "%.20q is no family of browsers", e.Browser)
	case e.Device != "" && !wordForm.fits(e.Device):
		return invalid("device", "%.20q is no kind of device", e.Device)
	case !pageForm.fits(e.Page):
		return invalid("page", "%.30q does not match %s", e.Page, &pageForm)
	}
	return nil
}

func checkValues(e *ticket.Event) error {
	switch {
	case len(e.Query) > maxQuery || !plain(e.Query):
		return invalid("query", "must be plain text of at most %d bytes", maxQuery)
	case e.Results < 0 || e.Results > maxNumber*1000:
		return invalid("results", "%d is no number of results", e.Results)
	case e.Position < 0 || e.Position > maxNumber:
		return invalid("position", "%d is no position", e.Position)
	case e.Genre != "" && !slices.Contains(ticket.Genres(), e.Genre):
		return invalid("genre", "%.20q is none of %v", e.Genre, ticket.Genres())
	case e.Region != "" && !slices.Contains(ticket.Regions(), e.Region):
		return invalid("region", "%.20q is none of %v", e.Region, ticket.Regions())
	case e.Seller != "" && !slices.Contains(ticket.Sellers(), e.Seller):
		return invalid("seller", "%.20q is none of %v", e.Seller, ticket.Sellers())
	case !e.OccurredAt.IsZero() && (e.OccurredAt.Year() < 1970 || e.OccurredAt.Year() > 9998):
		return invalid("occurred_at", "the year %d cannot be kept", e.OccurredAt.Year())
	}
	return nil
}

func invalid(name, format string, args ...any) error {
	return fmt.Errorf("%w: %s: %s", ErrInvalid, name, fmt.Sprintf(format, args...))
}

// plain tells whether text is UTF-8 without control characters.
func plain(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) {
			return false
		}
	}
	return true
}
