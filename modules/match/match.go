// Package match decides whether two listings are the same show. It is pure: what it says depends on the two listings
// alone.
//
// So far a match is a plain key: the same core of the title, the same venue, and overlapping runs. A listing whose title,
// venue or run is unknown matches nothing: it stands alone rather than in the wrong place.
package match

import (
	"slices"
	"strings"

	"ticketmoa/modules/ticket"
)

// Key is what listings of the same show have in common before their runs are compared; "" when core or venue is unknown.
func Key(titleCore, venueKey string) string {
	if titleCore == "" || venueKey == "" {
		return ""
	}
	return titleCore + "|" + venueKey
}

// Same tells whether two listings with these keys and runs are the same show.
func Same(keyA string, runA ticket.Period, keyB string, runB ticket.Period) bool {
	return keyA != "" && keyA == keyB && runA.Overlaps(runB)
}

// Choose picks the performance that a listing or opening with this key and run belongs to among placed listings, "" when
// none fits. Among several the one whose listing has the lowest key wins, so the answer does not depend on their order.
func Choose(key string, run ticket.Period, own string, placed []ticket.Listing) string {
	fits := slices.DeleteFunc(slices.Clone(placed), func(l ticket.Listing) bool {
		return l.Key == own || l.PerformanceID == "" || !Same(key, run, l.MatchKey, l.Content.Period)
	})
	if len(fits) == 0 {
		return ""
	}
	best := slices.MinFunc(fits, func(a, b ticket.Listing) int { return strings.Compare(a.Key, b.Key) })
	return best.PerformanceID
}
