package layout

import (
	"fmt"
	"image"
	"math"
	"slices"
	"testing"

	"ticketmoa/modules/ocr/ocrtest"
)

// scene is a picture and where its lines of text are.
type scene struct {
	sheet ocrtest.Sheet
	want  []image.Rectangle
}

// near tells whether two boxes are the same but for a few pixels.
func near(a, b image.Rectangle, most int) bool {
	for _, d := range []int{a.Min.X - b.Min.X, a.Min.Y - b.Min.Y, a.Max.X - b.Max.X, a.Max.Y - b.Max.Y} {
		if max(d, -d) > most {
			return false
		}
	}
	return true
}

func (s scene) check(t *testing.T) {
	t.Helper()
	var got []image.Rectangle
	for _, l := range Lines(s.sheet.Gray) {
		got = append(got, l.Rect)
	}
	for _, w := range s.want {
		if !slices.ContainsFunc(got, func(g image.Rectangle) bool { return near(g, w, 4) }) {
			t.Errorf("no line at %v", w)
		}
	}
	for _, g := range got {
		if !slices.ContainsFunc(s.want, func(w image.Rectangle) bool { return near(g, w, 4) }) {
			t.Errorf("a line at %v that is none", g)
		}
	}
	if t.Failed() {
		t.Logf("lines: %v", got)
	}
}

// TestLines draws text as strips have it and asks where it stands: every line is found, and nothing else.
func TestLines(t *testing.T) {
	t.Parallel()
	face, small := ocrtest.Face(t, 30), ocrtest.Face(t, 20)
	tests := []struct {
		name string
		draw func() scene
	}{
		{"dark on light", func() (s scene) {
			s.sheet = ocrtest.Blank(860, 300, 250)
			s.want = append(s.want, s.sheet.Text(face, 60, 80, 20, "공연기간 2025년 12월 15일"), s.sheet.Text(face, 60, 160, 20, "공연장소 예술의전당"))
			return s
		}},
		{"light on dark", func() (s scene) {
			s.sheet = ocrtest.Blank(860, 300, 15)
			s.want = append(s.want, s.sheet.Text(face, 60, 80, 240, "티켓오픈 안내"), s.sheet.Text(face, 60, 160, 240, "러닝타임 150분"))
			return s
		}},
		{"both, one under the other", func() (s scene) {
			s.sheet = ocrtest.Blank(860, 400, 255)
			s.sheet.Fill(image.Rect(0, 200, 860, 400), 30)
			s.want = append(s.want, s.sheet.Text(face, 60, 100, 0, "밝은 곳의 글"), s.sheet.Text(face, 60, 310, 255, "어두운 곳의 글"))
			return s
		}},
		{"letters a little darker than their ground", func() (s scene) {
			s.sheet = ocrtest.Blank(860, 200, 200)
			s.want = append(s.want, s.sheet.Text(face, 60, 100, 140, "연한 글씨도 글씨"))
			return s
		}},
		{"cells of a table", func() (s scene) {
			s.sheet = ocrtest.Blank(860, 400, 255)
			for y := range 3 {
				for x := range 3 {
					cell := image.Rect(60+240*x, 60+80*y, 302+240*x, 142+80*y)
					s.sheet.Frame(cell, 2, 60)
					s.want = append(s.want, s.sheet.Text(small, cell.Min.X+60, cell.Min.Y+50, 20, []string{"날짜", "시간", "홍길동"}[x]))
				}
			}
			return s
		}},
		{"a pill", func() (s scene) {
			s.sheet = ocrtest.Blank(860, 240, 255)
			for r := range 30 { // round ends
				s.sheet.Fill(image.Rect(100-r, 70+(30-r)/3, 400+r, 130-(30-r)/3), 40)
			}
			s.want = append(s.want, s.sheet.Text(small, 180, 108, 255, "티켓 가격 안내"))
			return s
		}},
		{"circles with a share, names beside them", func() (s scene) {
			s.sheet = ocrtest.Blank(860, 320, 255)
			for i, tone := range []byte{40, 150} {
				middle := image.Pt(110, 80+120*i)
				for y := -43; y <= 43; y++ {
					x := int(math.Sqrt(float64(43*43 - y*y)))
					s.sheet.Fill(image.Rect(middle.X-x, middle.Y+y, middle.X+x, middle.Y+y+1), tone)
				}
				s.want = append(s.want, s.sheet.Text(small, middle.X-24, middle.Y+8, 255, "30%"), s.sheet.Text(face, 200, middle.Y+10, 20, "엄마 아빠랑 할인"))
			}
			return s
		}},
		{"a bar with a heading, text under it", func() (s scene) {
			s.sheet = ocrtest.Blank(860, 320, 255)
			s.sheet.Fill(image.Rect(0, 40, 860, 110), 25)
			s.want = append(s.want, s.sheet.Text(face, 340, 86, 255, "캐스팅 일정"), s.sheet.Text(face, 60, 200, 20, "VIP석 150,000원"))
			return s
		}},
		{"two columns", func() (s scene) {
			s.sheet = ocrtest.Blank(860, 400, 255)
			for i := range 4 {
				s.want = append(s.want, s.sheet.Text(small, 60, 80+70*i, 20, "왼쪽의 글 한 줄"), s.sheet.Text(small, 500, 80+70*i, 20, "오른쪽의 글 한 줄"))
			}
			return s
		}},
		{"rules between the lines", func() (s scene) {
			s.sheet = ocrtest.Blank(860, 300, 255)
			s.want = append(s.want, s.sheet.Text(face, 60, 80, 20, "위의 글"), s.sheet.Text(face, 60, 200, 20, "아래의 글"))
			s.sheet.Fill(image.Rect(40, 120, 820, 122), 60)
			return s
		}},
		{"a photograph beside text", func() (s scene) {
			s.sheet = ocrtest.Blank(860, 500, 255)
			s.sheet.Fill(image.Rect(40, 40, 340, 440), 90)
			s.sheet.Fill(image.Rect(120, 120, 260, 400), 170)
			s.want = append(s.want, s.sheet.Text(face, 420, 200, 20, "사진 옆의 글"))
			return s
		}},
		{"as large as a picture of 2400 pixels", func() (s scene) {
			s.sheet = ocrtest.Blank(2400, 500, 255)
			s.want = append(s.want, s.sheet.Text(ocrtest.Face(t, 90), 200, 300, 20, "큰 사진의 글"))
			return s
		}},
		{"as small as a picture of 300 pixels", func() (s scene) {
			s.sheet = ocrtest.Blank(300, 120, 255)
			s.want = append(s.want, s.sheet.Text(ocrtest.Face(t, 14), 20, 60, 20, "작은 사진의 글"))
			return s
		}},
		{"nothing", func() scene { return scene{sheet: ocrtest.Blank(860, 400, 255)} }},
		{"one tone into another", func() scene {
			s := scene{sheet: ocrtest.Blank(860, 400, 255)}
			for y := range 400 {
				s.sheet.Fill(image.Rect(0, y, 860, y+1), byte(y/2))
			}
			return s
		}},
		{"rules, frames and dirt alone", func() scene {
			s := scene{sheet: ocrtest.Blank(860, 600, 255)}
			s.sheet.Fill(image.Rect(40, 40, 820, 43), 0)
			s.sheet.Fill(image.Rect(40, 40, 43, 580), 0)
			s.sheet.Frame(image.Rect(100, 100, 760, 500), 3, 0)
			s.sheet.Fill(image.Rect(300, 300, 301, 301), 0)
			return s
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.draw().check(t)
		})
	}
}

// TestLinesOrder: from above to below, and in a row from left to right; the same answer each time.
func TestLinesOrder(t *testing.T) {
	t.Parallel()
	face := ocrtest.Face(t, 20)
	s := ocrtest.Blank(860, 500, 255)
	for i := range 6 {
		s.Text(face, 500, 60+70*i, 20, fmt.Sprintf("둘째 칸 %d", i))
		s.Text(face, 60, 60+70*i, 20, fmt.Sprintf("첫째 칸 %d", i))
	}
	first := Lines(s.Gray)
	for i := 1; i < len(first); i++ {
		a, b := first[i-1].Rect, first[i].Rect
		if a.Min.Y > b.Min.Y || a.Min.Y == b.Min.Y && a.Min.X > b.Min.X {
			t.Errorf("%v stands before %v", a, b)
		}
	}
	if again := Lines(s.Gray); len(first) != 12 || !slices.Equal(first, again) {
		t.Errorf("%d lines, then %d; want 12 and the same ones", len(first), len(again))
	}
}
