package events

import "strings"

// form is what an id or a word may look like: bytes of a class, within a length, behind one of some marks.
type form struct {
	pattern string // the same, as people know it
	marks   []string
	class   *class
	least   int
	most    int
}

// class says of each byte whether it belongs.
type class [256]bool

func classOf(bytes string) (c class) {
	for i := range len(bytes) {
		c[bytes[i]] = true
	}
	return c
}

const (
	small  = "abcdefghijklmnopqrstuvwxyz_"
	plenty = small + "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
)

var (
	lower, letter, refer = classOf(small), classOf(plenty), classOf(plenty + ".:")

	idForm     = form{`^[A-Za-z0-9_-]{8,64}$`, nil, &letter, 8, 64}
	personForm = form{`^[au]:[A-Za-z0-9_-]{1,64}$`, []string{"a:", "u:"}, &letter, 1, 64}
	pageForm   = form{`^[a-z_]{0,20}$`, nil, &lower, 0, 20}
	refForm    = form{`^[A-Za-z0-9_.:-]{1,128}$`, nil, &refer, 1, 128}
	wordForm   = form{`^[a-z_]{1,20}$`, nil, &lower, 1, 20}
)

// String is the form as an expression.
func (f *form) String() string { return f.pattern }

// fits tells whether a text has the form. It is asked several times for each event, which an expression is too slow for.
func (f *form) fits(text string) bool {
	if f.marks != nil {
		marked := false
		for _, m := range f.marks {
			if rest, ok := strings.CutPrefix(text, m); ok {
				text, marked = rest, true
				break
			}
		}
		if !marked {
			return false
		}
	}
	if len(text) < f.least || len(text) > f.most {
		return false
	}
	for i := range len(text) {
		if !f.class[text[i]] {
			return false
		}
	}
	return true
}
