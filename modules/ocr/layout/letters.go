package layout

import (
	"cmp"
	"image"
	"iter"
	"slices"
)

// The sizes the rules below go by, in pixels at a width of 600 to 1400.
const (
	tallest   = 110 // a letter; what is taller is a picture
	thinnest  = 7   // a rule is no thicker, its edges included
	ruleLen   = 40  // nor shorter
	speck     = 3   // a mark of this size is dirt
	frameSide = 20  // the shorter side of the smallest frame
	ringSide  = 44  // and of the smallest circle
)

// letters gives the boxes of the marks that are letters or parts of them: no rules, frames, photographs or dirt.
func letters(marks []mark) []image.Rectangle {
	gone := make([]bool, len(marks))
	within := index(marks)
	for i := range marks {
		m := &marks[i]
		switch {
		case rule(m):
			gone[i] = true
		case framed(m):
			n, photo := inside(marks, within, i)
			if m.Dy() <= tallest && (n == 0 || n == 1 && m.Dx() < 2*m.Dy()) {
				break // a letter such as ㅁ
			}
			gone[i] = true
			if m.Dy() > tallest && photo { // with all that is seen on it
				empty(marks, within, gone, i)
			}
		case ring(m) && written(marks, within, i):
			gone[i] = true
		case m.Dy() > tallest, m.Dx() > 300 && m.edges*6 < m.Dx()*m.Dy():
			gone[i] = true
			if m.edges*8 > m.Dx()*m.Dy() {
				empty(marks, within, gone, i)
			}
		}
	}
	var out []image.Rectangle
	for i := range marks {
		m := &marks[i]
		if gone[i] || m.Dx() <= speck && m.Dy() <= speck || m.peak < 2*faintest && m.edges < 60 {
			continue
		}
		out = append(out, m.Inset(min(1, (min(m.Dx(), m.Dy())-1)/2))) // edges stand one pixel outside of what they surround
	}
	return out
}

func rule(m *mark) bool {
	w, h := m.Dx(), m.Dy()
	return h <= thinnest && w >= max(ruleLen, 8*h) || w <= thinnest && h >= max(ruleLen, 8*w)
}

// framed tells whether straight edges run along all four sides.
func framed(m *mark) bool {
	w, h := m.Dx(), m.Dy()
	return min(w, h) >= frameSide && 10*min(m.rows[0], m.rows[1]) >= 4*w && 10*min(m.cols[0], m.cols[1]) >= 3*h
}

// ring tells whether a mark may be a circle around something: as wide as tall, larger than letters of text, and thin.
func ring(m *mark) bool {
	w, h := m.Dx(), m.Dy()
	return min(w, h) >= ringSide && 8*w <= 9*h && 8*h <= 9*w && m.edges*6 < w*h
}

// written tells whether several marks stand within one, none taller than half of it, or one that is as wide as several: a letter
// has no such.
func written(marks []mark, within shelves, frame int) bool {
	n, all := 0, image.Rectangle{}
	for i := range within.of(marks, frame) {
		o := &marks[i]
		if o.Dy() <= speck || o.Dx() <= speck {
			continue
		}
		if 2*o.Dy() > marks[frame].Dy() {
			return false
		}
		n, all = n+1, all.Union(o.Rectangle)
		if 2*o.Dx() > 3*o.Dy() { // letters that touch
			n++
		}
	}
	return n > 1 && 3*all.Dx() > marks[frame].Dx()
}

// inside counts the marks within one, and tells whether they look like what is seen on a photograph: few, and large.
func inside(marks []mark, within shelves, frame int) (n int, large bool) {
	for i := range within.of(marks, frame) {
		o := &marks[i]
		n += min(o.Dy()/(speck+1), 1)
		large = large || o.Dy() > 33
	}
	return n, large && n < 12
}

func empty(marks []mark, within shelves, gone []bool, frame int) {
	for i := range within.of(marks, frame) {
		gone[i] = true
	}
}

// shelves are the numbers of marks by where they begin: a shelf for each stretch of rows, from left to right on it. A picture
// with a hundred thousand frames would cost minutes if each looked at every mark.
type shelves [][]int32

const shelf = 32 // rows

func index(marks []mark) shelves {
	var s shelves
	for i := range marks {
		at := marks[i].Min.Y / shelf
		for at >= len(s) {
			s = append(s, nil)
		}
		s[at] = append(s[at], int32(i))
	}
	for _, on := range s {
		slices.SortFunc(on, func(a, b int32) int { return cmp.Compare(marks[a].Min.X, marks[b].Min.X) })
	}
	return s
}

// of gives the numbers of the marks that lie within a mark, itself not among them.
func (s shelves) of(marks []mark, frame int) iter.Seq[int] {
	r := marks[frame].Rectangle
	return func(yield func(int) bool) {
		for at := r.Min.Y / shelf; at < len(s) && at*shelf < r.Max.Y; at++ {
			from, _ := slices.BinarySearchFunc(s[at], r.Min.X, func(i int32, x int) int { return cmp.Compare(marks[i].Min.X, x) })
			for _, i := range s[at][from:] {
				if marks[i].Min.X >= r.Max.X {
					break
				}
				if int(i) != frame && marks[i].In(r) && !yield(int(i)) {
					return
				}
			}
		}
	}
}
