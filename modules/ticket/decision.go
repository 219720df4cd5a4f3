package ticket

import (
	"slices"
	"time"
)

// DecisionKind is what a person decided about listings.
type DecisionKind string

// The kinds of decisions.
const (
	SameShow   DecisionKind = "same"      // the listings of Left are one show
	OtherShows DecisionKind = "different" // no listing of Left is the same show as one of Right
)

// Decision is what a person decided about which listings are one show. It speaks of listings, never of performances, so it
// holds for whatever is made of them later: by the next crawl, a replay, another version of the matcher. The later of two
// that speak of the same pair counts.
type Decision struct {
	ID         string       `bson:"_id"`
	Kind       DecisionKind `bson:"kind"`
	Left       []string     `bson:"left"`            // keys of listings
	Right      []string     `bson:"right,omitempty"` // likewise; only of OtherShows
	Reason     string       `bson:"reason"`
	Author     string       `bson:"author"`
	At         time.Time    `bson:"at"`
	UndoneAt   *time.Time   `bson:"undone_at,omitempty"`
	UndoneBy   string       `bson:"undone_by,omitempty"`
	UndoReason string       `bson:"undo_reason,omitempty"`
	Applied    bool         `bson:"applied,omitempty"` // carried out; one that is not is carried out when the program starts again
}

// Keys are the keys of all listings it speaks of.
func (d *Decision) Keys() []string { return slices.Concat(d.Left, d.Right) }

// Between is what it says of two listings; "" when it does not speak of both.
func (d *Decision) Between(a, b string) DecisionKind {
	left, right := slices.Contains(d.Left, a), slices.Contains(d.Left, b)
	switch {
	case d.Kind == SameShow && left && right,
		d.Kind == OtherShows && left && slices.Contains(d.Right, b),
		d.Kind == OtherShows && right && slices.Contains(d.Right, a):
		return d.Kind
	}
	return ""
}

// Regrouped is what a change of groups touched.
type Regrouped struct {
	Moved   int // listings and openings that stand elsewhere than before
	Touched IDs // performances to project
	Merged  IDs // those of them that lost or won listings which stood elsewhere before
}

// IDs are ids, each once, in the order in which they were added.
type IDs struct {
	list []string
	has  map[string]bool
}

// Add adds ids; "" is none.
func (s *IDs) Add(ids ...string) {
	if s.has == nil {
		s.has = map[string]bool{}
	}
	for _, id := range ids {
		if id != "" && !s.has[id] {
			s.has[id] = true
			s.list = append(s.list, id)
		}
	}
}

// Has tells whether an id is among them.
func (s IDs) Has(id string) bool { return s.has[id] }

// All lists them.
func (s IDs) All() []string { return slices.Clone(s.list) }
