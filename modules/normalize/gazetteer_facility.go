package normalize

import "ticketmoa/modules/ticket"

// Locate is Find for a place of which the caller knows more than the name: its region and district choose between halls
// of one name, and a hall that stands elsewhere is no answer.
func (g *Gazetteer) Locate(p ticket.Place) (place ticket.Place, ok bool) {
	place, ok = g.locate(p)
	if place.Code != "" {
		_, place.Code, _ = ticket.SplitKey(place.Code)
	}
	return place, ok
}

// Facility is the key of the facility that Locate is certain about; ok is false when there is none.
func (g *Gazetteer) Facility(p ticket.Place) (key string, ok bool) {
	place, _ := g.locate(p)
	return place.Code, place.Code != ""
}
