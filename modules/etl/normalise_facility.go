package etl

import (
	"strconv"
	"strings"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

func (w *work) facility(f sellers.RawFacility) ticket.Facility {
	name, _ := normalize.Place(f.Name)
	out := ticket.Facility{Key: ticket.Key(w.page.Source, f.Code), Source: w.page.Source, FetchedAt: w.page.FetchedAt,
		NameKey: normalize.VenueKey(name), Phone: normalize.Text(f.Phone), Homepage: strings.TrimSpace(f.Homepage),
		Place: w.place(f.Name, f.Code, f.AddressText, f.RegionText)}
	out.Seats, _ = strconv.Atoi(strings.ReplaceAll(strings.TrimSpace(f.SeatsText), ",", "")) // a count that is no number is unknown
	out.Place.Lat, out.Place.Lng = coordinates(f.LatText, f.LngText)
	return out
}

// coordinates keeps a pair that lies in Korea; half a pair or one in the sea is unknown.
func coordinates(lat, lng string) (*float64, *float64) {
	a, errA := strconv.ParseFloat(strings.TrimSpace(lat), 64)
	o, errO := strconv.ParseFloat(strings.TrimSpace(lng), 64)
	if errA != nil || errO != nil || a < 32 || a > 39.5 || o < 124 || o > 132.5 {
		return nil, nil
	}
	return &a, &o
}
