package layout

import (
	"cmp"
	"image"
	"slices"
)

// How wide a blank is that parts, by the height of the text beside it.
const (
	columnGap = 0.9
	rowGap    = 0.3
)

// cut parts boxes along the blank rows between them, each part along its blank columns, and so on until nothing parts:
// what remains is a line. The boxes are put in another order.
func cut(boxes []image.Rectangle, depth int) []image.Rectangle {
	if len(boxes) == 0 || depth > 12 {
		return whole(boxes)
	}
	rows := rowsOf(boxes)
	var out []image.Rectangle
	for _, row := range rows {
		cols := columnsOf(row)
		if len(cols) == 1 {
			out = append(out, whole(row)...)
			continue
		}
		for _, col := range cols {
			if len(rowsOf(col)) == 1 {
				out = append(out, whole(col)...)
			} else {
				out = append(out, cut(col, depth+1)...)
			}
		}
	}
	return out
}

// whole is the line that boxes make, if they make one.
func whole(boxes []image.Rectangle) []image.Rectangle {
	var r image.Rectangle
	for _, b := range boxes {
		r = r.Union(b)
	}
	if r.Dy() < 5 || r.Dy() > tallest || 4*r.Dx() < r.Dy() {
		return nil
	}
	return []image.Rectangle{r}
}

// rowsOf parts boxes along the blank rows between them. Parts of one letter that lie above each other stay together.
func rowsOf(boxes []image.Rectangle) [][]image.Rectangle {
	slices.SortFunc(boxes, func(a, b image.Rectangle) int {
		return cmp.Or(cmp.Compare(a.Min.Y, b.Min.Y), cmp.Compare(a.Min.X, b.Min.X))
	})
	var out [][]image.Rectangle
	from, end := 0, boxes[0].Max.Y
	for i := 1; i <= len(boxes); i++ {
		if i < len(boxes) && boxes[i].Min.Y <= end {
			end = max(end, boxes[i].Max.Y)
			continue
		}
		out = append(out, boxes[from:i:i])
		if i < len(boxes) {
			from, end = i, boxes[i].Max.Y
		}
	}
	return joinRows(out)
}

// joinRows puts together rows that are parts of the same letters: so near, and together no taller than a letter is wide.
func joinRows(rows [][]image.Rectangle) [][]image.Rectangle {
	out := rows[:0:0]
	for _, row := range rows {
		if len(out) > 0 && oneRow(out[len(out)-1], row) {
			last := &out[len(out)-1]
			*last = append(*last, row...)
			continue
		}
		out = append(out, row)
	}
	return out
}

// manyLetters are so many beside each other that no blank row cuts through all of them.
const manyLetters = 4

// oneRow tells whether b, which stands below a, holds the lower parts of a's letters.
func oneRow(a, b []image.Rectangle) bool {
	ra, rb := bounds(a), bounds(b)
	gap := float64(rb.Min.Y - ra.Max.Y)
	small, large := float64(min(ra.Dy(), rb.Dy())), float64(max(ra.Dy(), rb.Dy()))
	if min(ra.Max.X, rb.Max.X) <= max(ra.Min.X, rb.Min.X) || gap >= rowGap*large || small >= 0.55*large && gap >= 0.8*rowGap*small {
		return false
	}
	above, below := widths(a), widths(b)
	if len(above) >= manyLetters && len(below) >= manyLetters {
		return false
	}
	all := slices.Concat(above, below)
	slices.Sort(all)
	return float64(ra.Union(rb).Dy()) <= 1.4*float64(all[len(all)-1-len(all)/4])
}

// widths are those of the letters of a row: of boxes that stand above each other.
func widths(row []image.Rectangle) []int {
	row = slices.Clone(row)
	slices.SortFunc(row, func(a, b image.Rectangle) int { return cmp.Compare(a.Min.X, b.Min.X) })
	var out []int
	from, end := row[0].Min.X, row[0].Max.X
	for _, r := range row[1:] {
		if r.Min.X >= end {
			out, from = append(out, end-from), r.Min.X
		}
		end = max(end, r.Max.X)
	}
	return append(out, end-from)
}

// columnsOf parts a row along blank columns.
func columnsOf(boxes []image.Rectangle) [][]image.Rectangle {
	least := columnGap * textHeight(boxes)
	slices.SortFunc(boxes, func(a, b image.Rectangle) int {
		return cmp.Or(cmp.Compare(a.Min.X, b.Min.X), cmp.Compare(a.Min.Y, b.Min.Y))
	})
	var out [][]image.Rectangle
	from, end := 0, boxes[0].Max.X
	for i := 1; i <= len(boxes); i++ {
		if i < len(boxes) && float64(boxes[i].Min.X-end) < least {
			end = max(end, boxes[i].Max.X)
			continue
		}
		out = append(out, boxes[from:i:i])
		if i < len(boxes) {
			from, end = i, boxes[i].Max.X
		}
	}
	return out
}

// textHeight is how tall the text of a row is, which may hold several lines: a little more than most of its letters.
func textHeight(boxes []image.Rectangle) float64 {
	heights := make([]int, len(boxes))
	for i, b := range boxes {
		heights[i] = b.Dy()
	}
	slices.Sort(heights)
	return min(1.2*float64(heights[len(heights)*8/10]), float64(bounds(boxes).Dy()))
}

func bounds(boxes []image.Rectangle) image.Rectangle {
	var r image.Rectangle
	for _, b := range boxes {
		r = r.Union(b)
	}
	return r
}
