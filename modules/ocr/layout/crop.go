package layout

import (
	"image"

	"golang.org/x/image/draw"
)

// Crop is the line as a reader wants it: dark on light, from black to white, its ink height pixels tall, with margin pixels
// of ground around it. It is at most maxCrop wide.
func Crop(g *image.Gray, line Line, height, margin int) *image.Gray {
	r := line.Rect.Inset(-1).Intersect(g.Rect)
	lo, hi, dark := tones(g, r)
	k := float64(height) / float64(max(line.Rect.Dy(), 1))
	w, h := max(int(float64(r.Dx())*k+0.5), 1), max(int(float64(r.Dy())*k+0.5), 1)
	w = min(w, maxCrop)
	inner := image.NewGray(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(inner, inner.Rect, g, r, draw.Src, nil)
	var curve [256]byte
	for v := range curve {
		t := (v - lo) * 255 / max(hi-lo, 1)
		if dark {
			t = 255 - t
		}
		curve[v] = byte(min(max(t, 0), 255))
	}
	out := image.NewGray(image.Rect(0, 0, w+2*margin, h+2*margin))
	for i := range out.Pix {
		out.Pix[i] = 255
	}
	for y := range h {
		from, to := inner.Pix[y*inner.Stride:], out.Pix[(y+margin)*out.Stride+margin:]
		for x := range w {
			to[x] = curve[from[x]]
		}
	}
	return out
}

const maxCrop = 8000

// tones are the darkest and the lightest tone of r but for outliers, and whether its ground is the darker of the two.
func tones(g *image.Gray, r image.Rectangle) (lo, hi int, dark bool) {
	var count [256]int
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, v := range g.Pix[y*g.Stride+r.Min.X : y*g.Stride+r.Max.X] {
			count[v]++
		}
	}
	n := r.Dx() * r.Dy()
	lo, hi = 0, 255
	for sum := count[0]; lo < 255 && sum*200 <= n; {
		lo++
		sum += count[lo]
	}
	for sum := count[255]; hi > 0 && sum*200 <= n; {
		hi--
		sum += count[hi]
	}
	below := 0 // letters cover less than half of their line
	for v := 0; v <= (lo+hi)/2; v++ {
		below += count[v]
	}
	return lo, hi, 2*below > n
}
