package ticket

// Share is how many of the things that were looked at were bad.
type Share struct {
	Bad int64 `bson:"bad" json:"bad"`
	Of  int64 `bson:"of" json:"of"`
}

// Add counts one more thing.
func (s Share) Add(bad bool) Share {
	s.Of++
	if bad {
		s.Bad++
	}
	return s
}

// Measured is what the pages of a crawl show, by what was looked at: "detail prices lost".
type Measured map[string]Share

// Count notes one thing looked at.
func (m Measured) Count(what string, bad bool) { m[what] = m[what].Add(bad) }

// The ways in which pages of a crawl can be bad, the last word of what Measured counts.
const (
	DriftLost     = "lost"     // known before, not named any more
	DriftTurned   = "turned"   // named before as something wholly else
	DriftMissing  = "missing"  // not named by a page that a source has shown for the first time, or by a list
	DriftWithheld = "withheld" // named in a way that cannot be read
)
