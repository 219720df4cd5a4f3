package page

import (
	"encoding/json"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// Event is a schema.org Event as pages carry it in JSON-LD, so far as our sources fill it.
type Event struct {
	Type      Scalar `json:"@type"`
	Name      Scalar `json:"name"`
	StartDate Scalar `json:"startDate"`
	EndDate   Scalar `json:"endDate"`
	Image     Scalar `json:"image"`
	Location  struct {
		Name Scalar `json:"name"`
	} `json:"location"`
}

// FindEvent is the first Event with a name in a document's JSON-LD.
func FindEvent(doc *goquery.Document) (e Event, ok bool) {
	doc.Find(`script[type="application/ld+json"]`).EachWithBreak(func(_ int, n *goquery.Selection) bool {
		var one Event
		if json.Unmarshal([]byte(n.Text()), &one) == nil && one.Name != "" && strings.HasSuffix(string(one.Type), "Event") {
			e, ok = one, true
		}
		return !ok
	})
	return e, ok
}
