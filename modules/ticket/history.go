package ticket

import "time"

// The fields that a history is kept of.
const (
	HistoryPrice  = "price"
	HistoryState  = "state"    // what the source says of the sale
	HistoryPeriod = "period"   // "2026-12-06 ~ 2027-02-23"
	HistoryOpens  = "opens_at" // an instant, RFC 3339 in Seoul
)

// HistoryRow is one value a source named, and from when to when. A value that was named without a break is one row.
type HistoryRow struct {
	Field string    `bson:"field"`
	Grade string    `bson:"grade,omitempty"` // of a price
	Label string    `bson:"label,omitempty"` // of a price
	Kind  PageKind  `bson:"kind"`            // of the pages that said so
	Value string    `bson:"value"`           // "" is that it is named no more: a price that is gone from the table, a sale that goes on
	Won   *Won      `bson:"won,omitempty"`   // of a price
	From  time.Time `bson:"from"`            // of the first page that said so
	Until time.Time `bson:"until"`           // of the last before another value, as far as it is known: a row without a successor holds until the listing was asked last
}

// Conflict is a field of which a show's sources say different things.
type Conflict struct {
	Field  string `bson:"field"` // "period", "start_time", "running_minutes", "min_age_years"; of a page and its own pictures also "prices", "opens_at"
	Values []Said `bson:"values"`
}

// Said is what one source says of a field, as people read it.
type Said struct {
	Source string `bson:"source"`
	Seller Seller `bson:"seller,omitempty"` // "" for a registry
	Value  string `bson:"value"`

	FromImage bool `bson:"from_image,omitempty"` // it was read from the source's pictures
}
