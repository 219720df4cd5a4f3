package layout

import "image"

// mark is a stretch of edges that hang together: a letter, a part of one, a rule, a frame.
type mark struct {
	image.Rectangle
	edges int // pixels
	peak  byte
	rows  [2]int // the longest stretch of edge in its first and in its last three rows
	cols  [2]int // edge pixels in its first and in its last three columns
	runs  []run
}

const (
	faintest = 20 // difference of brightness that can be an edge
	// ringing is the part of a mark's strongest edge below which an edge of it is none: the shadows of JPEG around letters,
	// which join what stands apart.
	ringing = 0.3
)

// run is a stretch of edge pixels in a row.
type run struct {
	y, x0, x1 int32 // x1 behind the last
	up        int32 // another run of the same mark, by number; itself for the first
}

// maxRuns is how many runs are looked at: some four times as many as 25 megapixels of strips and photographs have. Of a
// picture that is all dots, a run would else take a hundred bytes for every fourth pixel.
const maxRuns = 1_000_000

// find gives the marks of g. Where it has seen maxRuns, what comes below is left. The marks keep no runs.
func find(g *image.Gray) []mark {
	e := edges(g)
	var out []mark
	seen := 0
	for _, coarse := range gather(label(e), e) {
		finer := stronger(coarse.runs, e, byte(ringing*float64(coarse.peak)))
		if seen += len(finer); seen > maxRuns {
			break
		}
		for _, m := range gather(finer, e) {
			for _, part := range opened(m, e) {
				part.runs = nil
				out = append(out, part)
			}
		}
	}
	return out
}

// opened parts a frame from the text it has grown together with, as in a small picture of poor quality: what stands apart
// when only its stronger edges count. Any other mark comes back as it is.
func opened(m mark, e *image.Gray) []mark {
	if m.Dy() > tallest || !framed(&m) {
		return []mark{m}
	}
	for _, part := range []float64{0.45, 0.6} {
		if parts := gather(stronger(m.runs, e, byte(part*float64(m.peak))), e); len(parts) > 3 {
			return parts
		}
	}
	return []mark{m}
}

// stronger gives of the runs what is at least floor, until it is too much.
func stronger(runs []run, e *image.Gray, floor byte) []run {
	out := make([]run, 0, len(runs))
	for _, r := range runs {
		if len(out) > maxRuns {
			break
		}
		row := e.Pix[int(r.y)*e.Stride:]
		for x := r.x0; x < r.x1; x++ {
			if row[x] < floor {
				continue
			}
			from := x
			for x < r.x1 && row[x] >= floor {
				x++
			}
			out = append(out, run{y: r.y, x0: from, x1: x, up: int32(len(out))})
		}
	}
	return out
}

// edges gives for each pixel how much the brightness differs among it and its eight neighbours.
func edges(g *image.Gray) *image.Gray {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	out := image.NewGray(image.Rect(0, 0, w, h))
	lo, hi := make([]byte, w), make([]byte, w)
	for y := range h {
		a, b, c := g.Pix[max(y-1, 0)*g.Stride:], g.Pix[y*g.Stride:], g.Pix[min(y+1, h-1)*g.Stride:]
		a, b, c = a[:w], b[:w], c[:w]
		for x := range w {
			lo[x], hi[x] = min(a[x], b[x], c[x]), max(a[x], b[x], c[x])
		}
		to := out.Pix[y*out.Stride:]
		for x := range w {
			l, r := max(x-1, 0), min(x+1, w-1)
			to[x] = max(hi[l], hi[x], hi[r]) - min(lo[l], lo[x], lo[r])
		}
	}
	return out
}

// label gives the runs of all that can be an edge, down to the row in which they are too many.
func label(e *image.Gray) []run {
	w, h := e.Rect.Dx(), e.Rect.Dy()
	var runs []run
	for y := 0; y < h && len(runs) < maxRuns; y++ {
		row := e.Pix[y*e.Stride : y*e.Stride+w]
		for x := 0; x < w; x++ {
			if row[x] < faintest {
				continue
			}
			from := x
			for x < w && row[x] >= faintest {
				x++
			}
			runs = append(runs, run{y: int32(y), x0: int32(from), x1: int32(x), up: int32(len(runs))})
		}
	}
	return runs
}

// gather joins runs that touch, corners included, to marks. The runs stand in the order of their rows.
func gather(runs []run, e *image.Gray) []mark {
	join(runs)
	number := make([]int32, len(runs)) // of the mark, plus one, by the run that stands for it
	var out []mark
	for i := range runs {
		root := top(runs, int32(i))
		if number[root] == 0 {
			out = append(out, mark{})
			number[root] = int32(len(out))
		}
		r, m := runs[i], &out[number[root]-1]
		m.Rectangle = m.Union(image.Rect(int(r.x0), int(r.y), int(r.x1), int(r.y)+1))
		m.edges += int(r.x1 - r.x0)
		for _, v := range e.Pix[int(r.y)*e.Stride+int(r.x0) : int(r.y)*e.Stride+int(r.x1)] {
			m.peak = max(m.peak, v)
		}
		m.runs = append(m.runs, r)
	}
	for i := range out {
		out[i].sides()
		for n := range out[i].runs {
			out[i].runs[n].up = int32(n)
		}
	}
	return out
}

// sides measures the edges along the four sides.
func (m *mark) sides() {
	for _, r := range m.runs {
		y, n := int(r.y), int(r.x1-r.x0)
		if y < m.Min.Y+3 {
			m.rows[0] = max(m.rows[0], n)
		}
		if y >= m.Max.Y-3 {
			m.rows[1] = max(m.rows[1], n)
		}
		m.cols[0] += max(min(int(r.x1), m.Min.X+3)-int(r.x0), 0)
		m.cols[1] += max(int(r.x1)-max(int(r.x0), m.Max.X-3), 0)
	}
}

// join makes one mark of runs that touch, corners included. The runs stand in the order of their rows.
func join(runs []run) {
	above, at := 0, 0 // the first run of the row above, and of this row
	for at < len(runs) {
		end := at
		for end < len(runs) && runs[end].y == runs[at].y {
			end++
		}
		if above < at && runs[above].y == runs[at].y-1 {
			for i, j := above, at; i < at && j < end; {
				if runs[i].x0 <= runs[j].x1 && runs[j].x0 <= runs[i].x1 {
					a, b := top(runs, int32(i)), top(runs, int32(j))
					runs[max(a, b)].up = min(a, b)
				}
				if runs[i].x1 < runs[j].x1 {
					i++
				} else {
					j++
				}
			}
		}
		above, at = at, end
	}
}

// top is the run that stands for the whole mark.
func top(runs []run, i int32) int32 {
	for runs[i].up != i {
		runs[i].up = runs[runs[i].up].up
		i = runs[i].up
	}
	return i
}
