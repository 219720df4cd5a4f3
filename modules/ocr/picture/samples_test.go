package picture

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"ticketmoa/modules/ocr/ocrtest"
)

// Made by cwebp out of pictures of 24 × 16 pixels: with loss, without loss, and with loss and transparency.
const (
	webpLossy = "UklGRsIAAABXRUJQVlA4ILYAAABwBACdASoYABAAPtFUo0uoJKMhsAgBABoJaQAL1gWwmh1xw+c6mS8W9u+doAD+9Fii7kmvTcOJPD0TS9zlrIwipKdZ5NWO4hGkwTSHSmOwpmB188TH" +
		"isirAEAfzumiL/w8vsHaO14fbkiTPJCv6gxRVrRXooY8zVDO61DqfGGfnU4+QEzDxPPU6Nym9sJvZdyBOsGAFIqMi2sHzq5S3WWMNvfNaa63H3auXfrVG1JkrndE+AAAAA=="
	webpLossless = "UklGRuwAAABXRUJQVlA4TN8AAAAvF8ADAM1kRP8DcGvbWhahN/jWwuG3IrBxDbUALUBDLcElpIwJKWGsAA3dDfkFh88oISIUuW3bdJ2USu9wkW53oBKtRI2CEZUKAmbDTJqN/h9z3Pzp" +
		"b5hJriMA4BqYUHAGZYJpwCxwFiAPpPDhWStQwZrngwrWPzwfAdZxwM0JfgqYiqkoZk6hghxNYCM4JM8geRY5pUjFqFwZlXtSua+Q+4pxxXVwyEdBKggg2OXLIYoiFQQqhUq2UhgWzHEdHLLI" +
		"IIssMkMRvMB8wZKJF5hLeDHxgu0XvHDIjnAOJwgCAA=="
	webpAlpha = "UklGRuIAAABXRUJQVlA4WAoAAAAQAAAAFwAADwAAQUxQSGAAAAANcFvbtmm9MVb0jOx9I1IBthEZ/Xdy+VFAREyAYx/b/8K1EgMHsxhWiAYZQ5RaLj2UqVbcQvOsE3eRlweAhttCmnJG" +
		"T1meIeaqrCdp7gFC3ip58wRQ3YEiHgrlPUDnAQRWUDggXAAAALAEAJ0BKhgAEAA+0VSjS6gkoyGwCAEAGglsAJ0yhHcmgAOtPMs7VvJfA6mN40AA/vDqZ/+KZa1M76Pnrm5PbEEf0vl1GNqQ" +
		"WI/rWym16rBLbAwGsnf27pB1xgAA"
)

func decoded(t testing.TB, text string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// grainy is a coloured picture that does not pack well: up to ten kilobytes.
func grainy() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 64, 48))
	r := rand.New(rand.NewPCG(3, 4))
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32())
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	return img
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gifOf(t testing.TB, img image.Image, frames int) []byte {
	t.Helper()
	p := image.NewPaletted(img.Bounds(), palette.Plan9)
	draw.Draw(p, p.Rect, img, image.Point{}, draw.Src)
	g := &gif.GIF{}
	for range frames {
		g.Image, g.Delay = append(g.Image, p), append(g.Delay, 5)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// samples are good pictures, one of each kind.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	gray := image.NewGray(image.Rect(0, 0, 64, 48))
	draw.Draw(gray, gray.Rect, grainy(), image.Point{}, draw.Src)
	deep := image.NewNRGBA64(image.Rect(0, 0, 20, 20))
	deep.Set(3, 3, color.White)
	return map[string][]byte{
		"jpeg": jpegOf(t, grainy()), "gray jpeg": jpegOf(t, gray), "png": pngOf(t, grainy()), "gray png": pngOf(t, gray), "deep png": pngOf(t, deep), "gif": gifOf(t, grainy(), 1),
		"webp": decoded(t, webpLossy), "lossless webp": decoded(t, webpLossless), "webp with alpha": decoded(t, webpAlpha),
	}
}

func segment(marker byte, body []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2)), body...)
}

// jpegHead is the beginning of a JPEG of so many pixels, gray; kind is 0xc0 for one scan, 0xc2 for several.
func jpegHead(kind byte, w, h uint16) []byte {
	sof := binary.BigEndian.AppendUint16([]byte{8}, h)
	sof = append(binary.BigEndian.AppendUint16(sof, w), 1, 1, 0x11, 0)
	out := append([]byte{0xff, 0xd8}, segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...))...)
	return append(out, segment(kind, sof)...)
}

// scanBomb is a JPEG of many scans. Each passes over all blocks of the picture and says of none of them anything.
func scanBomb(w, h uint16, scans int) []byte {
	out := jpegHead(0xc2, w, h)
	out = append(out, segment(0xc4, append(append([]byte{0x10, 1}, make([]byte, 15)...), 0xe0))...) // one code of one bit: 2^14 blocks or more are as they were
	blocks := (int(w) + 7) / 8 * ((int(h) + 7) / 8)
	var bits strings.Builder
	for ; blocks > 0; blocks -= 1<<15 - 1 {
		bits.WriteString("0" + strings.Repeat("1", 14))
	}
	text := bits.String() + strings.Repeat("1", 7)
	var data []byte
	for ; len(text) >= 8; text = text[8:] {
		b := byte(0)
		for _, c := range text[:8] {
			b = b<<1 | byte(c-'0')
		}
		if data = append(data, b); b == 0xff {
			data = append(data, 0)
		}
	}
	scan := append(segment(0xda, []byte{1, 1, 0, 1, 63, 0}), data...)
	return append(append(out, bytes.Repeat(scan, scans)...), 0xff, 0xd9)
}

// riff is a WebP of chunks.
func riff(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func chunk(kind string, body []byte) []byte {
	out := append(binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(body))), body...)
	if len(body)%2 == 1 {
		out = append(out, 0)
	}
	return out
}

// vp8x is the head of a WebP that has more than a picture.
func vp8x(flags byte, w, h int) []byte {
	return chunk("VP8X", []byte{flags, 0, 0, 0, byte(w - 1), byte((w - 1) >> 8), byte((w - 1) >> 16), byte(h - 1), byte((h - 1) >> 8), byte((h - 1) >> 16)})
}

// vp8l is the head of a picture without loss, with more bytes behind it.
func vp8l(w, h int, more []byte) []byte {
	return chunk("VP8L", append(binary.LittleEndian.AppendUint32([]byte{0x2f}, uint32(w-1)|uint32(h-1)<<14), more...))
}

// gifBomb is a GIF of many tiny frames.
func gifBomb(frames int) []byte {
	out := []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff")
	frame := []byte("!\xf9\x04\x00\x01\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00")
	return append(append(out, bytes.Repeat(frame, frames)...), ';')
}

func pngHead(w, h uint32) []byte { return ocrtest.PNGHead(w, h) }
