// Package layout finds the lines of text in a picture: where each stands, whatever colour it has, on whatever ground.
//
// It looks at edges alone, so that dark on light and light on dark are the same to it: edges join to marks, marks that are
// rules, frames and photographs go, and what remains is cut along the blanks between rows and columns. A line is one row of
// one column; the cells of a table are lines of their own. It is pure, and its answer depends on the picture only. Time and
// memory grow no faster than the pixels, whatever they show: for 25 megapixels some seconds, and at most some 300 MiB.
package layout

import (
	"cmp"
	"image"
	"slices"
)

// Line is a line of text, or a cell of a table.
type Line struct {
	Rect image.Rectangle // its ink, in pixels of the picture
}

// MaxLines is how many lines a picture is read for; what comes below is left.
const MaxLines = 2000

// Lines finds the lines of g, from above to below and from left to right.
func Lines(g *image.Gray) []Line {
	work, num, den := scaled(g)
	marks := find(work)
	boxes := letters(marks)
	var out []Line
	for _, r := range cut(boxes, 0) {
		r = image.Rect(r.Min.X*num/den, r.Min.Y*num/den, (r.Max.X*num+den-1)/den, (r.Max.Y*num+den-1)/den).Intersect(g.Rect)
		if !r.Empty() {
			out = append(out, Line{Rect: r})
		}
	}
	slices.SortStableFunc(out, func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.Rect.Min.Y, b.Rect.Min.Y), cmp.Compare(a.Rect.Min.X, b.Rect.Min.X))
	})
	return out[:min(len(out), MaxLines)]
}

// The width the rules below are made for, in pixels: narrower pictures are doubled, wider ones halved.
const (
	narrow = 600
	wide   = 1400
	most   = 25_000_000 // pixels; a picture that would have more when doubled stays as it is
)

// scaled gives the picture at a width the rules are made for. Coordinates in it times num/den are those of g.
func scaled(g *image.Gray) (work *image.Gray, num, den int) {
	num, den = 1, 1
	work = g
	for work.Rect.Dx() < narrow && work.Rect.Dx() > 0 && den < 4 && 4*work.Rect.Dx()*work.Rect.Dy() <= most {
		work, den = doubled(work), den*2
	}
	for work.Rect.Dx() > wide {
		work, num = halved(work), num*2
	}
	return work, num, den
}

// doubled is g at twice its size, with straight lines between the pixels.
func doubled(g *image.Gray) *image.Gray {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	out := image.NewGray(image.Rect(0, 0, 2*w, 2*h))
	row := func(y int) []byte { return g.Pix[y*g.Stride : y*g.Stride+w] }
	for y := range 2 * h {
		near := row(y / 2)
		far := row(min(max(y/2+y%2*2-1, 0), h-1))
		to := out.Pix[y*out.Stride:]
		for x := range w {
			a := 3*int(near[x]) + int(far[x])
			l, r := max(x-1, 0), min(x+1, w-1)
			to[2*x] = byte((3*a + 3*int(near[l]) + int(far[l]) + 8) / 16)
			to[2*x+1] = byte((3*a + 3*int(near[r]) + int(far[r]) + 8) / 16)
		}
	}
	return out
}

// halved is g at half its size.
func halved(g *image.Gray) *image.Gray {
	w, h := g.Rect.Dx()/2, g.Rect.Dy()/2
	out := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		a, b := g.Pix[2*y*g.Stride:], g.Pix[(2*y+1)*g.Stride:]
		for x := range w {
			out.Pix[y*out.Stride+x] = byte((int(a[2*x]) + int(a[2*x+1]) + int(b[2*x]) + int(b[2*x+1]) + 2) / 4)
		}
	}
	return out
}
