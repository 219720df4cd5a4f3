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

// fields are the fields of a kind: needed ones, and those it may have besides.
type fields struct{ needed, allowed [3]string }

// fieldsOf is the closed list of kinds with what belongs to each.
func fieldsOf(k ticket.EventKind) (f fields, known bool) {
	type names = [3]string
	show := names{"genre", "region"}
	switch k {
	case ticket.EventView:
		return fields{names{"performance_id"}, show}, true
	case ticket.EventSearch:
		return fields{names{"query"}, names{"results"}}, true
	case ticket.EventOfferClick:
		return fields{names{"performance_id", "offer_id", "seller"}, show}, true
	case ticket.EventWish:
		return fields{names{"performance_id"}, names{"genre", "region", "on"}}, true
	case ticket.EventFollow:
		return fields{names{"artist_id"}, names{"on"}}, true
	case ticket.EventSignUp, ticket.EventLogin:
		return fields{names{"method"}, names{}}, true
	case ticket.EventLogout:
		return fields{}, true
	case ticket.EventAlertSent, ticket.EventAlertOpened:
		return fields{names{"alert_id", "channel"}, names{"genre", "region", "performance_id"}}, true
	case ticket.EventRecommendationShown, ticket.EventRecommendationClicked:
		return fields{names{"performance_id", "from_id"}, names{"genre", "region", "position"}}, true
	}
	return fields{}, false
}

// field is one of the fields that only some kinds have.
type field struct {
	name  string
	there bool
	form  *form // nil when something else checks it
	text  string
}

func ownFields(e *ticket.Event) [14]field {
	ref := func(name, text string) field { return field{name, text != "", &refForm, text} }
	return [14]field{
		ref("performance_id", e.PerformanceID), ref("offer_id", e.OfferID), ref("from_id", e.FromID), ref("alert_id", e.AlertID), ref("artist_id", e.ArtistID),
		{"method", e.Method != "", &wordForm, e.Method}, {"channel", e.Channel != "", &wordForm, e.Channel},
		{"query", e.Query != "", nil, ""}, {"results", e.Results != 0, nil, ""}, {"position", e.Position != 0, nil, ""}, {"on", e.On, nil, ""},
		{"genre", e.Genre != "", nil, ""}, {"region", e.Region != "", nil, ""}, {"seller", e.Seller != "", nil, ""},
	}
}

// Check holds an event against the closed list of kinds and the fields that belong to its kind. ReceivedAt is not looked
// at: the recorder stamps it. ErrInvalid.
func Check(e *ticket.Event) error {
	f, known := fieldsOf(e.Kind)
	if !known {
		return invalid("kind", "%.20q is none of %v", e.Kind, ticket.EventKinds())
	}
	for _, own := range ownFields(e) {
		switch {
		case !own.there && slices.Contains(f.needed[:], own.name):
			return invalid(own.name, "is needed for the kind %s", e.Kind)
		case own.there && !slices.Contains(f.needed[:], own.name) && !slices.Contains(f.allowed[:], own.name):
			return invalid(own.name, "does not belong to the kind %s", e.Kind)
		case own.there && own.form != nil && !own.form.fits(own.text):
			return invalid(own.name, "%.40q does not match %s", own.text, own.form)
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
