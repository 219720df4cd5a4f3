// Package picture checks and decodes pictures that come from outside.
//
// Guarantees: only JPEG, PNG, WebP and GIF are decoded, told by their first bytes and never by a name or a header; size in
// bytes, pixels, sides, frames and scans is checked before any memory is taken for it; a decoder that panics is an error. It
// reads its bytes and nothing else: no file, no address that a picture names. Profiles and other attachments are passed over.
package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
)

// Why a picture is refused. The error wraps one of them and says the figures.
var (
	ErrFormat  = errors.New("no JPEG, PNG, WebP or GIF picture")
	ErrTooMany = errors.New("too large")
	ErrBroken  = errors.New("cannot be decoded")
)

// What is accepted.
const (
	MaxBytes  = 16 << 20
	MaxPixels = 25_000_000
	MaxSide   = 32_767
	MaxFrames = 50
	// MaxScanned is how many pixels the scans of a JPEG may have in all: each goes through the whole picture, for some 30
	// bytes of the file. It is some seconds of work; a picture of 25 megapixels may have 200 scans, and usually has ten.
	MaxScanned = 5_000_000_000
)

// Format is how a picture is encoded.
type Format string

// The formats.
const (
	JPEG Format = "jpeg"
	PNG  Format = "png"
	WebP Format = "webp"
	GIF  Format = "gif"
)

// Info is what a picture says of itself.
type Info struct {
	Format        Format
	Width, Height int // pixels
}

// Check tells what kind of picture b is, and whether it may be decoded: ErrFormat, ErrTooMany, ErrBroken.
func Check(b []byte) (info Info, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrBroken, p)
		}
	}()
	if len(b) > MaxBytes {
		return info, fmt.Errorf("%w: %d bytes, at most %d", ErrTooMany, len(b), MaxBytes)
	}
	var cfg image.Config
	info.Format = sniff(b)
	switch r := bytes.NewReader(b); info.Format {
	case JPEG:
		cfg, err = jpeg.DecodeConfig(r)
	case PNG:
		cfg, err = png.DecodeConfig(r)
	case WebP:
		cfg, err = webp.DecodeConfig(r)
	case GIF:
		cfg, err = gif.DecodeConfig(r)
	default:
		return info, ErrFormat
	}
	if err != nil {
		return info, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	info.Width, info.Height = cfg.Width, cfg.Height
	switch n := frames(info.Format, b); {
	case cfg.Width <= 0 || cfg.Height <= 0:
		return info, fmt.Errorf("%w: %d × %d pixels", ErrBroken, cfg.Width, cfg.Height)
	case cfg.Width > MaxSide || cfg.Height > MaxSide:
		return info, fmt.Errorf("%w: %d × %d pixels, at most %d a side", ErrTooMany, cfg.Width, cfg.Height, MaxSide)
	case cfg.Width*cfg.Height > MaxPixels:
		return info, fmt.Errorf("%w: %d × %d pixels, at most %d in all", ErrTooMany, cfg.Width, cfg.Height, MaxPixels)
	case n > MaxFrames:
		return info, fmt.Errorf("%w: %d frames, at most %d", ErrTooMany, n, MaxFrames)
	}
	if info.Format == JPEG {
		// Counted wherever it stands: a decoder that looks for something else may find it inside of an attachment.
		if n := bytes.Count(b, []byte("\xff\xda")); n*info.Width*info.Height > MaxScanned {
			return info, fmt.Errorf("%w: %d scans of %d × %d pixels, at most %d pixels in all", ErrTooMany, n, info.Width, info.Height, MaxScanned)
		}
	}
	return info, nil
}

func sniff(b []byte) Format {
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return JPEG
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return PNG
	case len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
		return WebP
	case bytes.HasPrefix(b, []byte("GIF87a")), bytes.HasPrefix(b, []byte("GIF89a")):
		return GIF
	}
	return ""
}

// Gray checks and decodes b to brightness, 0 black to 255 white. Of a GIF or PNG that moves it is the first frame, a WebP that
// moves is refused; what shines through is laid on white. ErrFormat, ErrTooMany, ErrBroken.
func Gray(b []byte) (out *image.Gray, err error) {
	defer func() { // a decoder, or a picture whose parts do not fit together
		if p := recover(); p != nil {
			out, err = nil, fmt.Errorf("%w: %v", ErrBroken, p)
		}
	}()
	info, err := Check(b)
	if err != nil {
		return nil, err
	}
	img, err := decode(info.Format, b)
	if err != nil {
		return nil, err
	}
	if img.Bounds().Empty() {
		return nil, fmt.Errorf("%w: its first frame is empty", ErrBroken)
	}
	return toGray(img), nil
}

func decode(f Format, b []byte) (img image.Image, err error) {
	switch r := bytes.NewReader(b); f {
	case JPEG:
		img, err = jpeg.Decode(r)
	case PNG:
		img, err = png.Decode(r)
	case WebP:
		img, err = webp.Decode(r)
	case GIF:
		img, err = gif.Decode(r)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return img, nil
}

// toGray takes the brightness a JPEG or WebP keeps as it is, and works it out for the rest.
func toGray(img image.Image) *image.Gray {
	switch src := img.(type) {
	case *image.Gray:
		return src
	case *image.YCbCr:
		b := src.Bounds()
		out := &image.Gray{Pix: src.Y[src.YOffset(b.Min.X, b.Min.Y):], Stride: src.YStride, Rect: image.Rect(0, 0, b.Dx(), b.Dy())}
		return out
	}
	b := img.Bounds()
	out := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(out, out.Rect, img, b.Min, draw.Over)
	return out
}

// frames counts the pictures of a GIF, without decoding them, and what an animated PNG says it has; 1 for the rest. It
// stops counting where the bytes make no sense: the decoder will say so.
func frames(f Format, b []byte) int {
	switch f {
	case GIF:
		return gifFrames(b)
	case PNG:
		for at := 8; at+12 <= len(b); {
			n := int(binary.BigEndian.Uint32(b[at:]))
			switch kind := string(b[at+4 : at+8]); {
			case kind == "acTL" && n >= 4:
				return int(binary.BigEndian.Uint32(b[at+8:]))
			case kind == "IDAT", n < 0, n > len(b)-at-12:
				return 1
			}
			at += 12 + n
		}
	}
	return 1
}

func gifFrames(b []byte) int {
	if len(b) < 13 {
		return 0
	}
	table := func(flags byte) int {
		if flags&0x80 == 0 {
			return 0
		}
		return 3 << (flags&7 + 1)
	}
	n := 0
	for at := 13 + table(b[10]); at < len(b); {
		switch b[at] {
		case '!': // an extension: its label, then blocks
			at += 2
		case ',': // a picture: place and size, its colours, the size of its codes, then blocks
			if at+10 > len(b) {
				return n
			}
			n++
			at += 10 + table(b[at+9]) + 1
		default:
			return n
		}
		for at < len(b) && b[at] != 0 {
			at += 1 + int(b[at])
		}
		at++
	}
	return n
}
