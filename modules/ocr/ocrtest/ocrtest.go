// Package ocrtest draws pictures with text for the tests of ocr and the packages below it. Only tests import it.
package ocrtest

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"os"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// FontFile is the font that is drawn with.
const FontFile = "/usr/share/fonts/truetype/nanum/NanumGothic.ttf"

// Face is the font at a size in pixels, for one goroutine. Where it is not installed the test is skipped.
func Face(t testing.TB, size float64) font.Face {
	t.Helper()
	body, err := os.ReadFile(FontFile)
	if err != nil {
		t.Skipf("nothing to draw letters with: apt-get install fonts-nanum (%v)", err)
	}
	parsed, err := opentype.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: size, DPI: 72})
	if err != nil {
		t.Fatal(err)
	}
	return face
}

// Sheet is a picture to draw on.
type Sheet struct{ *image.Gray }

// Blank is a sheet of one tone.
func Blank(w, h int, tone byte) Sheet {
	s := Sheet{image.NewGray(image.Rect(0, 0, w, h))}
	s.Fill(s.Rect, tone)
	return s
}

// Fill gives a part of the sheet one tone.
func (s Sheet) Fill(r image.Rectangle, tone byte) {
	r = r.Intersect(s.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := s.Pix[y*s.Stride+r.Min.X : y*s.Stride+r.Max.X]
		for x := range row {
			row[x] = tone
		}
	}
}

// Frame draws the four sides of r, thick pixels wide, inside of it.
func (s Sheet) Frame(r image.Rectangle, thick int, tone byte) {
	s.Fill(image.Rect(r.Min.X, r.Min.Y, r.Max.X, r.Min.Y+thick), tone)
	s.Fill(image.Rect(r.Min.X, r.Max.Y-thick, r.Max.X, r.Max.Y), tone)
	s.Fill(image.Rect(r.Min.X, r.Min.Y, r.Min.X+thick, r.Max.Y), tone)
	s.Fill(image.Rect(r.Max.X-thick, r.Min.Y, r.Max.X, r.Max.Y), tone)
}

// Text writes text on a base line that begins at x, y, and tells where its ink is.
func (s Sheet) Text(face font.Face, x, y int, tone byte, text string) image.Rectangle {
	d := font.Drawer{Dst: s.Gray, Src: image.NewUniform(color.Gray{Y: tone}), Face: face, Dot: fixed.P(x, y)}
	r, _ := d.BoundString(text)
	d.DrawString(text)
	return image.Rect(r.Min.X.Floor(), r.Min.Y.Floor(), r.Max.X.Ceil(), r.Max.Y.Ceil())
}

// PNG is the sheet as a file.
func (s Sheet) PNG(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, s.Gray); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Strip is a white strip with one line of text under the other.
func Strip(t testing.TB, lines ...string) Sheet {
	t.Helper()
	face := Face(t, 30)
	s := Blank(860, 80*len(lines)+80, 255)
	for i, text := range lines {
		s.Text(face, 60, 80*(i+1), 20, text)
	}
	return s
}

// Chunk is a piece of a PNG file.
func Chunk(kind string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, kind...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// PNGHead is the beginning of a PNG that says it has w × h pixels of one byte each.
func PNGHead(w, h uint32) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	return append([]byte("\x89PNG\r\n\x1a\n"), Chunk("IHDR", append(head, 8, 0, 0, 0, 0))...)
}
