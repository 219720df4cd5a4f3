package ticket

import (
	"slices"
	"strings"
)

// Artist is a performer: a person or a group. Its id is opaque and stands for the name in a family of genres; ids of names
// that turned out to be another artist's lead on to that one.
type Artist struct {
	ID        string   `bson:"_id"`
	Name      string   `bson:"name"`
	Aliases   []string `bson:"aliases,omitempty"`   // its names in other scripts, in order
	Groups    []string `bson:"groups,omitempty"`    // whose member it is
	Genres    []Genre  `bson:"genres,omitempty"`    // of its performances, in display order
	Companies []string `bson:"companies,omitempty"` // that produced its performances or sent it, in order
	IsGroup   bool     `bson:"is_group,omitempty"`  // others name it as the group they belong to
	Nodes     []string `bson:"nodes"`               // family:key of every name it is known by, the one that gives the id first
}

// Venue is a house people go to: the facility of a registry where one is known by the name, else a name in a region. Its
// id is opaque; ids the place had before it was known better lead on to it.
type Venue struct {
	ID       string   `bson:"_id"`
	Name     string   `bson:"name"`
	Aliases  []string `bson:"aliases,omitempty"` // the other spellings seen, in order
	Region   Region   `bson:"region,omitempty"`
	District string   `bson:"district,omitempty"`
	Address  string   `bson:"address,omitempty"`
	Lat      *float64 `bson:"lat,omitempty"`
	Lng      *float64 `bson:"lng,omitempty"`
	Seats    int      `bson:"seats,omitempty"`
	Phone    string   `bson:"phone,omitempty"`
	Homepage string   `bson:"homepage,omitempty"`
	Facility string   `bson:"facility,omitempty"` // key of the facility it is; "" for a name in a region
	Former   []string `bson:"former,omitempty"`   // ids that lead here, in order
}

// RoleOf is what an artist does in the show, several parts in one text; "" when nobody says.
func (p *Performance) RoleOf(artistID string) string {
	var out []string
	for _, m := range p.Cast {
		if m.ArtistID == artistID && m.Role != "" && !slices.Contains(out, m.Role) {
			out = append(out, m.Role)
		}
	}
	return strings.Join(out, ", ")
}
