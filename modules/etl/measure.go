package etl

import (
	"ticketmoa/modules/ticket"
)

// withheldFields are the fields that every page is counted for; "record" stands for records that were withheld whole.
var withheldFields = []string{"record", "title", "period", "prices", "opens_at", "min_age_years", "running_minutes", "state", "url", "offers", "presales", "registered_at", "poster_url"}

// measure counts for each field how many of the page's records had it withheld.
func (w *work) measure(m ticket.Measured) {
	records := max(int64(len(w.raw.Shows)+len(w.raw.Notices)+len(w.raw.Facilities)), 1)
	bad := map[string]int64{}
	for _, row := range w.withheld {
		if row.Field == "" {
			row.Field = "record"
		}
		bad[row.Field]++
	}
	for _, field := range withheldFields {
		what := string(w.page.Kind) + " " + field + " " + ticket.DriftWithheld
		s := m[what]
		s.Bad += min(bad[field], records)
		s.Of += records
		m[what] = s
	}
}
