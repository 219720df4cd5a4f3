package layout

import (
	"image"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"ticketmoa/modules/ocr/ocrtest"
)

// busy is how much slower everything may be while other things run on the machine.
const busy = 10

// dots has a dot every step pixels.
func dots(w, h, step int) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, w, h))
	for y := 1; y < h; y += step {
		for x := 1; x < w; x += step {
			g.Pix[y*g.Stride+x] = 255
		}
	}
	return g
}

// noise has no tone that follows from the one beside it.
func noise(w, h int) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewPCG(1, 2))
	for i := 0; i+8 <= len(g.Pix); i += 8 {
		for k, v := 0, r.Uint64(); k < 8; k, v = k+1, v>>8 {
			g.Pix[i+k] = byte(v)
		}
	}
	return g
}

// frames is full of small frames with three dots in each.
func frames(w, h int) *image.Gray {
	s := ocrtest.Blank(w, h, 0)
	for y := 0; y+26 < h; y += 28 {
		for x := 0; x+26 < w; x += 28 {
			s.Frame(image.Rect(x, y, x+23, y+23), 1, 255)
			for _, p := range []image.Point{{8, 8}, {14, 8}, {8, 14}} {
				s.Pix[(y+p.Y)*s.Stride+x+p.X] = 255
			}
		}
	}
	return s.Gray
}

// nested has frames within frames, and dots between.
func nested(w, h int) *image.Gray {
	s := ocrtest.Sheet{Gray: dots(w, h, 8)}
	for i := 0; 2*i+30 < min(w, h); i += 8 {
		s.Fill(image.Rect(i, i, w-i, i+5), 0)
		s.Frame(image.Rect(i, i, w-i, h-i), 1, 255)
	}
	return s.Gray
}

// hatched has rows of dashes that touch nothing, thin as lines can be.
func hatched(w, h int) *image.Gray {
	s := ocrtest.Blank(w, h, 255)
	for y := 4; y+6 < h; y += 9 {
		for x := 4; x+4 < w-4; x += 8 {
			s.Fill(image.Rect(x, y, x+4, y+5), 0)
		}
	}
	return s.Gray
}

// TestHostilePictures makes pictures of the largest size that have as much of one thing as there is room for: there are never
// more than MaxLines lines, and neither time nor memory gets out of hand.
func TestHostilePictures(t *testing.T) {
	tests := []struct {
		name string
		make func(w, h int) *image.Gray
		w, h int
		mib  uint64        // of memory held at once
		most time.Duration // of the processor, when nothing else runs
	}{
		{"one tone", func(w, h int) *image.Gray { return image.NewGray(image.Rect(0, 0, w, h)) }, 1400, 17_857, 80, time.Second},
		{"noise", noise, 1400, 17_857, 120, 3 * time.Second},
		{"dots", func(w, h int) *image.Gray { return dots(w, h, 4) }, 1400, 17_857, 350, 3 * time.Second},
		{"dots, narrow", func(w, h int) *image.Gray { return dots(w, h, 2) }, 299, 32_767, 350, 3 * time.Second},
		{"dots, wide", func(w, h int) *image.Gray { return dots(w, h, 8) }, 32_767, 760, 350, 3 * time.Second},
		{"frames", frames, 1400, 17_857, 350, 3 * time.Second},
		{"frames in frames", nested, 1400, 4000, 350, 3 * time.Second},
		{"dashes", hatched, 1400, 17_857, 350, 3 * time.Second},
		{"a row of pixels", noise, 32_767, 1, 40, time.Second},
		{"a column of pixels", noise, 1, 32_767, 40, time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := tt.make(tt.w, max(tt.h/slow, 1))
			peak := watch(t)
			start := time.Now()
			lines := Lines(g)
			took := time.Since(start)
			mib := peak() >> 20
			t.Logf("%d lines, %s, %d MiB", len(lines), took.Round(time.Millisecond), mib)
			if len(lines) > MaxLines || mib > tt.mib || took > busy*tt.most {
				t.Errorf("%d lines, %s, %d MiB; at most %d, %s and %d", len(lines), took, mib, MaxLines, tt.most, tt.mib)
			}
			for _, l := range lines {
				if l.Rect.Empty() || !l.Rect.In(g.Rect) {
					t.Fatalf("a line at %v of a picture of %v", l.Rect, g.Rect)
				}
			}
		})
	}
}

// watch gives how much the heap has grown at most when it is called.
func watch(t *testing.T) func() uint64 {
	t.Helper()
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, peak := m.HeapAlloc, uint64(0)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-stopped
		return peak - min(before, peak)
	}
}

// TestFramesCostNoSquare is the control of the shelves: four times the frames take about four times as long. When each frame
// looked at every mark it was sixteen times.
func TestFramesCostNoSquare(t *testing.T) {
	took := func(h int) time.Duration {
		marks := find(frames(1400, h))
		best := time.Hour
		for range 3 {
			start := time.Now()
			letters(marks)
			best = min(best, time.Since(start))
		}
		return best
	}
	if a, b := took(2800/slow), took(4*2800/slow); b > 10*a+5*time.Millisecond {
		t.Errorf("%s, and for four times the frames %s", a, b)
	}
}

// TestManyRunsAreLeft: what lies above the place where there are too many is still read.
func TestManyRunsAreLeft(t *testing.T) {
	if slow > 1 {
		t.Skip("takes 25 megapixels")
	}
	face := ocrtest.Face(t, 30)
	s := ocrtest.Sheet{Gray: dots(1400, 17_857, 4)}
	s.Fill(image.Rect(0, 0, 1400, 300), 255)
	want := s.Text(face, 100, 150, 0, "그래도 읽히는 줄")
	for _, l := range Lines(s.Gray) {
		if near(l.Rect, want, 4) {
			return
		}
	}
	t.Errorf("no line at %v above the dots", want)
}

// TestSmallPictures: nothing is too small to be asked.
func TestSmallPictures(t *testing.T) {
	t.Parallel()
	for _, w := range []int{0, 1, 2, 3, 7, 150, 601, 1401} {
		for _, h := range []int{0, 1, 2, 3, 5, 11} {
			for _, g := range []*image.Gray{image.NewGray(image.Rect(0, 0, w, h)), noise(w, h), dots(w, h, 2)} {
				for _, l := range Lines(g) {
					if l.Rect.Empty() || !l.Rect.In(g.Rect) {
						t.Errorf("%d × %d: a line at %v", w, h, l.Rect)
					}
				}
			}
		}
	}
}

// TestCrop: whatever stands in a picture, what a reader gets is dark on light, as tall as asked, and never too wide.
func TestCrop(t *testing.T) {
	t.Parallel()
	face := ocrtest.Face(t, 30)
	for name, tones := range map[string][2]byte{"dark on light": {250, 20}, "light on dark": {15, 240}, "pale": {200, 150}, "dim": {40, 80}} {
		s := ocrtest.Blank(860, 120, tones[0])
		r := s.Text(face, 60, 80, tones[1], "공연기간 2025년")
		out := Crop(s.Gray, Line{r}, 40, 12)
		count := [256]int{}
		for _, v := range out.Pix {
			count[v]++
		}
		if h := out.Rect.Dy() - 2*12; h < 40 || h > 46 || count[255] < len(out.Pix)/2 || count[0] == 0 {
			t.Errorf("%s: %d tall, %d of %d white, %d black", name, h, count[255], len(out.Pix), count[0])
		}
		for x := range out.Rect.Dx() {
			if out.Pix[x] != 255 || out.Pix[(out.Rect.Dy()-1)*out.Stride+x] != 255 {
				t.Errorf("%s: the margin is not white", name)
				break
			}
		}
	}
}

// TestCropOfAnything: places that are no place of the picture, or hardly one.
func TestCropOfAnything(t *testing.T) {
	t.Parallel()
	for _, g := range []*image.Gray{noise(300, 200), noise(1, 1), noise(9000, 1), noise(1, 9000), image.NewGray(image.Rect(0, 0, 0, 0))} {
		for _, r := range []image.Rectangle{
			{}, g.Rect, image.Rect(0, 0, 1, 1), image.Rect(5, 5, 5, 5), image.Rect(0, 0, 300, 1), image.Rect(0, 0, 1, 200), image.Rect(-50, -50, 20, 20),
			image.Rect(290, 190, 900, 900), image.Rect(1000, 1000, 1100, 1100), image.Rect(-1<<30, -1<<30, 1<<30, 1<<30), {Min: image.Pt(50, 50), Max: image.Pt(10, 10)},
			image.Rect(0, 0, 32_767, 1),
		} {
			out := Crop(g, Line{r}, 40, 12)
			if w, h := out.Rect.Dx(), out.Rect.Dy(); w < 25 || h < 25 || w > maxCrop+24 || h > 3*40+24+2 {
				t.Errorf("%v of %v became %d × %d", r, g.Rect, w, h)
			}
		}
	}
}

func FuzzLines(f *testing.F) {
	f.Add(uint8(40), []byte("어떤 그림"))
	f.Add(uint8(1), []byte{0, 255, 0, 255, 0, 255})
	f.Add(uint8(0), []byte{})
	d := dots(60, 60, 3)
	f.Add(uint8(60), d.Pix)
	f.Add(uint8(84), frames(84, 60).Pix)
	f.Fuzz(func(t *testing.T, w uint8, pix []byte) {
		pix = pix[:min(len(pix), 3000)]
		h := 0
		if w > 0 {
			h = len(pix) / int(w)
		}
		g := &image.Gray{Pix: pix, Stride: int(w), Rect: image.Rect(0, 0, int(w), h)}
		for _, l := range Lines(g) {
			if l.Rect.Empty() || !l.Rect.In(g.Rect) {
				t.Fatalf("a line at %v of %v", l.Rect, g.Rect)
			}
			if out := Crop(g, l, 40, 12); out.Rect.Dx() > maxCrop+24 {
				t.Fatalf("a crop of %v", out.Rect)
			}
		}
	})
}
