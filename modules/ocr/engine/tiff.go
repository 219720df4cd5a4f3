package engine

import (
	"encoding/binary"
	"image"
)

// tiff writes pages as one uncompressed TIFF of 8 bits a pixel, which Tesseract reads page by page.
func tiff(pages []*image.Gray) []byte {
	const entries, ifd = 9, 2 + 9*12 + 4
	size := 8
	for _, p := range pages {
		size += p.Rect.Dx()*p.Rect.Dy() + 1 + ifd
	}
	out := make([]byte, 0, size)
	le := binary.LittleEndian
	out = append(out, "II*\x00\x00\x00\x00\x00"...)
	link := 4 // where the place of the next directory is to be written
	for _, p := range pages {
		w, h := p.Rect.Dx(), p.Rect.Dy()
		data := len(out)
		for y := range h {
			out = append(out, p.Pix[y*p.Stride:y*p.Stride+w]...)
		}
		if len(out)%2 == 1 {
			out = append(out, 0)
		}
		le.PutUint32(out[link:], uint32(len(out)))
		out = le.AppendUint16(out, entries)
		for _, e := range [entries][3]uint32{
			{256, 4, uint32(w)}, {257, 4, uint32(h)}, {258, 3, 8}, {259, 3, 1}, {262, 3, 1},
			{273, 4, uint32(data)}, {277, 3, 1}, {278, 4, uint32(h)}, {279, 4, uint32(w * h)},
		} { // width, height, bits, no compression, black is 0, place, samples, rows a strip, bytes
			out = le.AppendUint16(out, uint16(e[0]))
			out = le.AppendUint16(out, uint16(e[1]))
			out = le.AppendUint32(out, 1)
			out = le.AppendUint32(out, e[2])
		}
		link = len(out)
		out = append(out, 0, 0, 0, 0)
	}
	return out
}
