package layout

import "image"

// The sizes the rules below go by, in pixels at a width of 600 to 1400.
const (
	tallest   = 110 // a letter; what is taller is a picture
	thinnest  = 7   // a rule is no thicker, its edges included
	ruleLen   = 40  // nor shorter
	speck     = 3   // a mark of this size is dirt
	frameSide = 20  // the shorter side of the smallest frame
)

// letters gives the boxes of the marks that are letters or parts of them: no rules, frames, photographs or dirt.
func letters(marks []mark) []image.Rectangle {
	gone := make([]bool, len(marks))
	for i := range marks {
		m := &marks[i]
		switch {
		case rule(m):
			gone[i] = true
		case framed(m):
			n, photo := inside(marks, m)
			if m.Dy() <= tallest && (n == 0 || n == 1 && m.Dx() < 2*m.Dy()) {
				break // a letter such as ㅁ
			}
			gone[i] = true
			if m.Dy() > tallest && photo { // with all that is seen on it
				empty(marks, gone, m)
			}
		case m.Dy() > tallest, m.Dx() > 300 && m.edges*6 < m.Dx()*m.Dy():
			gone[i] = true
			if m.edges*8 > m.Dx()*m.Dy() {
				empty(marks, gone, m)
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

// inside counts the marks within m, and tells whether they look like what is seen on a photograph: few, and large.
func inside(marks []mark, m *mark) (n int, large bool) {
	for i := range marks {
		if o := &marks[i]; o != m && o.In(m.Rectangle) {
			n += min(o.Dy()/(speck+1), 1)
			large = large || o.Dy() > 33
		}
	}
	return n, large && n < 12
}

func empty(marks []mark, gone []bool, m *mark) {
	for i := range marks {
		if o := &marks[i]; o != m && o.In(m.Rectangle) {
			gone[i] = true
		}
	}
}
