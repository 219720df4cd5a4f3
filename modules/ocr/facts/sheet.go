package facts

import (
	"cmp"
	"image"
	"slices"
	"strings"
	"unicode"

	"ticketmoa/modules/hangul"
)

// row is a line of cells beside each other.
type row struct {
	cells   []Line // from left to right
	section section
	rect    image.Rectangle
}

func (r row) text() string {
	parts := make([]string, len(r.cells))
	for i, c := range r.cells {
		parts[i] = strings.TrimSpace(c.Text)
	}
	return strings.Join(parts, " ")
}

// only is the row of some of its cells.
func (r row) only(keep func(Line) bool) row {
	out := row{section: r.section}
	for _, c := range r.cells {
		if keep(c) {
			out.cells = append(out.cells, c)
		}
	}
	out.rect = bounds(out.cells)
	return out
}

// bounds is the place of several cells.
func bounds(cells []Line) (r image.Rectangle) {
	for _, c := range cells {
		r = r.Union(c.Rect)
	}
	return r
}

func middleX(r image.Rectangle) int { return (r.Min.X + r.Max.X) / 2 }

// centred and flush tell whether another cell has its middle, or begins, where one does.
func centred(one, other image.Rectangle) bool {
	d := middleX(one) - middleX(other)
	return max(d, -d) <= one.Dy()
}

func flush(one, other image.Rectangle) bool {
	d := one.Min.X - other.Min.X
	return max(d, -d) <= one.Dy()/2
}

// page is a strip in rows, from above to below.
type page []row

// middots are the dots between names, as engines write them.
var middots = strings.NewReplacer("ㆍ", "·", "ᆞ", "·", "•", "·", "‧", "·", "∙", "·", "・", "·")

// inRows puts cells that stand beside each other in one row.
func inRows(lines []Line) []row {
	lines = slices.Clone(lines)
	for i := range lines {
		lines[i].Text = middots.Replace(lines[i].Text)
	}
	middle := func(r image.Rectangle) int { return r.Min.Y + r.Max.Y }
	slices.SortStableFunc(lines, func(a, b Line) int { return cmp.Compare(middle(a.Rect), middle(b.Rect)) })
	var rows []row
	for _, l := range lines {
		if strings.TrimSpace(l.Text) == "" {
			continue
		}
		if n := len(rows) - 1; n >= 0 && beside(rows[n], l.Rect) {
			rows[n].cells = append(rows[n].cells, l)
			rows[n].rect = rows[n].rect.Union(l.Rect)
			continue
		}
		rows = append(rows, row{cells: []Line{l}, rect: l.Rect})
	}
	for i := range rows {
		slices.SortStableFunc(rows[i].cells, func(a, b Line) int { return cmp.Compare(a.Rect.Min.X, b.Rect.Min.X) })
	}
	return rows
}

// beside tells whether the middle of a cell lies within the height of a row's last cell, and theirs within its.
func beside(r row, c image.Rectangle) bool {
	last := r.cells[len(r.cells)-1].Rect
	overlap := min(last.Max.Y, c.Max.Y) - max(last.Min.Y, c.Min.Y)
	return 2*overlap >= min(last.Dy(), c.Dy())
}

// squeezed is a text's letters and digits in lower case.
func squeezed(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// distance is how many of the letters (jamo) must change to make one text of the other, as a part of the longer: 0 to 1.
func distance(a, b string) float64 {
	if a == b {
		return 0
	}
	x, y := []rune(hangul.Jamo(a)), []rune(hangul.Jamo(b))
	n := max(len(x), len(y))
	if n == 0 {
		return 0
	}
	if d := len(x) - len(y); 2*max(d, -d) > n {
		return 1
	}
	return float64(edits(x, y)) / float64(n)
}

// edits is how many letters must be put, taken or changed to make b of a.
func edits(a, b []rune) int {
	line := make([]int, len(b)+1)
	for j := range line {
		line[j] = j
	}
	for i := range a {
		corner := line[0]
		line[0] = i + 1
		for j := range b {
			step := corner
			if a[i] != b[j] {
				step++
			}
			corner = line[j+1]
			line[j+1] = min(step, line[j]+1, line[j+1]+1)
		}
	}
	return line[len(b)]
}

// nearest is the word of a list that text is a spelling of: at most limit away (as distance measures), and nearer than any
// other. "" when there is none.
func nearest(text string, words []string, limit float64) string {
	best, found, twice := limit+1e-9, "", false
	for _, w := range words {
		d := distance(text, squeezed(w))
		switch {
		case d < best:
			best, found, twice = d, w, false
		case d == best && found != "" && w != found:
			twice = true
		}
	}
	if twice {
		return ""
	}
	return found
}
