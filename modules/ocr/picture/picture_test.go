package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/ocr/ocrtest"
)

// zeros is a PNG of so many black pixels, whole and a thousandth of their size.
func zeros(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	row := make([]byte, w+1)
	for range h {
		if _, err := z.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	out := append(pngHead(uint32(w), uint32(h)), ocrtest.Chunk("IDAT", b.Bytes())...)
	return append(out, ocrtest.Chunk("IEND", nil)...)
}

// TestRefused is I1 to I3: what must not be decoded is refused by its head, with a reason, and costs next to nothing.
func TestRefused(t *testing.T) {
	acTL := binary.BigEndian.AppendUint32(nil, 100_000)
	good := samples(t)
	tests := []struct {
		name string
		body []byte
		want error
	}{
		{"png of 50,000 × 50,000", append(pngHead(50_000, 50_000), ocrtest.Chunk("IDAT", []byte("x\x9c\x03\x00"))...), ErrTooMany},
		{"png of 30,000 × 30,000", pngHead(30_000, 30_000), ErrTooMany},
		{"png with a side of 40,000", pngHead(40_000, 10), ErrTooMany},
		{"png with the other side of 40,000", pngHead(10, 40_000), ErrTooMany},
		{"png with a side of 2^31 - 1", pngHead(1<<31-1, 1), ErrTooMany},
		{"png with sides that overflow", pngHead(1<<32-1, 1<<32-1), ErrBroken},
		{"png a row above 25 megapixels", pngHead(5000, 5001), ErrTooMany},
		{"png of no pixels", pngHead(0, 100), ErrBroken},
		{"png that moves, 100,000 frames", append(pngHead(10, 10), ocrtest.Chunk("acTL", append(acTL, 0, 0, 0, 0))...), ErrTooMany},
		{"png that moves, behind other chunks", append(append(pngHead(10, 10), ocrtest.Chunk("tEXt", make([]byte, 1000))...), ocrtest.Chunk("acTL", append(acTL, 0, 0, 0, 0))...), ErrTooMany},
		{"jpeg of 65,535 × 65,535", append(jpegHead(0xc0, 65_535, 65_535), segment(0xda, []byte{1, 1, 0, 0, 63, 0})...), ErrTooMany},
		{"jpeg of no lines", append(jpegHead(0xc0, 100, 0), segment(0xda, []byte{1, 1, 0, 0, 63, 0})...), ErrBroken},
		{"jpeg of 10,000 scans", scanBomb(5000, 5000, 10_000), ErrTooMany},
		{"jpeg of 201 scans", scanBomb(5000, 5000, 201), ErrTooMany},
		{"webp of 16,383 × 16,383 without loss", riff(vp8l(16_383, 16_383, make([]byte, 100))), ErrTooMany},
		{"webp of 16,383 × 16,383", riff(chunk("VP8 ", []byte("\x10\x00\x00\x9d\x01\x2a\xff\x3f\xff\x3f"+strings.Repeat("\x00", 100)))), ErrTooMany},
		{"webp with a canvas of 2^24", riff(vp8x(0, 1<<24, 100)), ErrTooMany},
		{"gif of 100,000 frames", gifBomb(100_000), ErrTooMany},
		{"gif of 51 frames", gifOf(t, image.NewGray(image.Rect(0, 0, 4, 4)), 51), ErrTooMany},
		{"gif of 65,535 × 65,535", []byte("GIF89a\xff\xff\xff\xff\x00\x00\x00"), ErrTooMany},
		{"16 MiB and a byte", append(bytes.Clone(good["png"]), make([]byte, 16<<20+1-len(good["png"]))...), ErrTooMany},
		{"empty", nil, ErrFormat},
		{"one byte", []byte{0xff}, ErrFormat},
		{"a page", []byte("<!DOCTYPE html><title>404</title>"), ErrFormat},
		{"a list of files", []byte("/etc/passwd\n/etc/shadow\n"), ErrFormat},
		{"an address", []byte("http://169.254.169.254/latest/meta-data/\n"), ErrFormat},
		{"svg that names a file", []byte(`<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg><text>&x;</text></svg>`), ErrFormat},
		{"svg that laughs", []byte(`<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><svg>&b;</svg>`), ErrFormat},
		{"tiff", []byte("II*\x00\x08\x00\x00\x00\x00\x00"), ErrFormat},
		{"tiff of the other kind", []byte("MM\x00*\x00\x00\x00\x08\x00\x00"), ErrFormat},
		{"ico", []byte("\x00\x00\x01\x00\x01\x00\x10\x10"), ErrFormat},
		{"heic", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"), ErrFormat},
		{"avif", []byte("\x00\x00\x00\x1cftypavif\x00\x00\x00\x00"), ErrFormat},
		{"psd", []byte("8BPS\x00\x01\x00\x00\x00\x00\x00\x00"), ErrFormat},
		{"bmp", []byte("BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00"), ErrFormat},
		{"pnm", []byte("P5\n100 100\n255\n"), ErrFormat},
		{"pdf", []byte("%PDF-1.7\n"), ErrFormat},
		{"jpeg 2000", []byte("\x00\x00\x00\x0cjP  \r\n\x87\n"), ErrFormat},
		{"jpeg xl", []byte("\xff\x0a\xff\x07"), ErrFormat},
		{"a script in front of a jpeg", append([]byte("<script>alert(1)</script>"), good["jpeg"]...), ErrFormat},
		{"a gif that is a script", []byte("GIF89a=1;alert(document.cookie)//" + strings.Repeat(" ", 100)), nil}, // refused, whatever its reason
		{"riff, but sound", []byte("RIFF\x24\x00\x00\x00WAVEfmt "), ErrFormat},
		{"riff, cut off", []byte("RIFF\x24\x00\x00\x00WEB"), ErrFormat},
		{"only a magic number of a png", []byte("\x89PNG\r\n\x1a\n"), ErrBroken},
		{"only a magic number of a jpeg", []byte("\xff\xd8\xff"), ErrBroken},
		{"only a magic number of a gif", []byte("GIF89a"), ErrBroken},
		{"only a magic number of a webp", []byte("RIFF\x04\x00\x00\x00WEBP"), ErrBroken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			info, err := Check(tt.body)
			runtime.ReadMemStats(&after)
			if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
				t.Errorf("took %d KiB to refuse", took>>10)
			}
			if tt.want == nil {
				if _, err = Gray(tt.body); err == nil {
					t.Errorf("it became a picture: %+v", info)
				}
				return
			}
			if !errors.Is(err, tt.want) {
				t.Fatalf("%+v, %v; want %v", info, err, tt.want)
			}
			if g, err := Gray(tt.body); g != nil || !errors.Is(err, tt.want) {
				t.Errorf("decoded: %v; want %v", err, tt.want)
			}
		})
	}
}

// TestTaken: pictures of every kind are decoded, and what is attached to them is passed over.
func TestTaken(t *testing.T) {
	good := samples(t)
	noise := make([]byte, 15<<20)
	r := rand.New(rand.NewPCG(7, 7))
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	jpegWith := func(marker byte) []byte {
		out := bytes.Clone(good["jpeg"][:2])
		for at := 0; at < len(noise); at += 65_000 {
			out = append(out, segment(marker, noise[at:min(at+65_000, len(noise))])...)
		}
		return append(out, good["jpeg"][2:]...)
	}
	tests := []struct {
		name   string
		body   []byte
		format Format
		w, h   int
	}{
		{"jpeg", good["jpeg"], JPEG, 64, 48},
		{"gray jpeg", good["gray jpeg"], JPEG, 64, 48},
		{"png", good["png"], PNG, 64, 48},
		{"png of 16 bits", good["deep png"], PNG, 20, 20},
		{"gif", good["gif"], GIF, 64, 48},
		{"gif of 50 frames", gifOf(t, grainy(), 50), GIF, 64, 48},
		{"webp", good["webp"], WebP, 24, 16},
		{"webp without loss", good["lossless webp"], WebP, 24, 16},
		{"webp with transparency", good["webp with alpha"], WebP, 24, 16},
		{"jpeg with 15 MiB of a profile", jpegWith(0xe2), JPEG, 64, 48},
		{"jpeg with 15 MiB of exif", jpegWith(0xe1), JPEG, 64, 48},
		{"png with 15 MiB of a profile", append(append(bytes.Clone(good["png"][:33]), ocrtest.Chunk("iCCP", noise)...), good["png"][33:]...), PNG, 64, 48},
		{"webp with 15 MiB of a profile", riff(vp8x(0x20, 24, 16), chunk("ICCP", noise), good["webp"][12:]), WebP, 24, 16},
		{"jpeg with a page behind it", append(bytes.Clone(good["jpeg"]), "<script>alert(1)</script>"...), JPEG, 64, 48},
		{"jpeg of several scans", scanBomb(800, 800, 200), JPEG, 800, 800},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			info, err := Check(tt.body)
			if err != nil || info != (Info{tt.format, tt.w, tt.h}) {
				t.Fatalf("%+v, %v; want %s of %d × %d", info, err, tt.format, tt.w, tt.h)
			}
			g, err := Gray(tt.body)
			if err != nil || g.Rect != image.Rect(0, 0, tt.w, tt.h) {
				t.Fatalf("%v, %v", g, err)
			}
		})
	}
}

// TestLargest decodes what is just small enough: it comes, soon enough and in bounded memory.
func TestLargest(t *testing.T) {
	if step > 1 {
		t.Skip("decodes 25 megapixels")
	}
	for name, body := range map[string][]byte{"png": zeros(t, 5000, 5000), "tall png": zeros(t, 762, 32_767), "jpeg of 200 scans": scanBomb(5000, 5000, 200)} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		g, err := Gray(body)
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		mib := (after.TotalAlloc - before.TotalAlloc) >> 20
		t.Logf("%s of %d bytes: %s, %d MiB", name, len(body), took.Round(time.Millisecond), mib)
		if err != nil || g.Rect.Dx()*g.Rect.Dy() < 24_900_000 || mib > 200 || took > time.Minute {
			t.Errorf("%s: %v, %s, %d MiB", name, err, took, mib)
		}
	}
}

// whole is what every decoded picture must be: bytes for all of its pixels, of a size that is allowed.
func whole(t *testing.T, g *image.Gray, err error) {
	t.Helper()
	switch {
	case err != nil && g != nil:
		t.Fatalf("a picture and %v", err)
	case err != nil:
		if !errors.Is(err, ErrBroken) && !errors.Is(err, ErrFormat) && !errors.Is(err, ErrTooMany) {
			t.Fatalf("%v is none of the package's errors", err)
		}
	default:
		w, h := g.Rect.Dx(), g.Rect.Dy()
		if g.Rect.Min != image.Pt(0, 0) || w <= 0 || h <= 0 || w > MaxSide || h > MaxSide || w*h > MaxPixels || len(g.Pix) < (h-1)*g.Stride+w || g.Stride < w {
			t.Fatalf("%v with %d bytes, %d a row", g.Rect, len(g.Pix), g.Stride)
		}
	}
}

// TestTruncated is I2: every sample cut off at every byte is an error or a picture.
func TestTruncated(t *testing.T) {
	t.Parallel()
	for name, body := range samples(t) {
		pictures := 0
		for n := 0; n < len(body); n += step {
			g, err := Gray(body[:n])
			whole(t, g, err)
			if err == nil {
				pictures++
			}
		}
		if pictures > len(body)/10 {
			t.Errorf("%s: %d of %d beginnings were taken for a whole picture", name, pictures, len(body))
		}
	}
}

// TestFlipped is I2 with one wrong bit, and with ten.
func TestFlipped(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for _, body := range samples(t) {
		for n := 0; n < len(body); n += 3 * step {
			bad := bytes.Clone(body)
			bad[n] ^= 1 << r.IntN(8)
			g, err := Gray(limited(bad))
			whole(t, g, err)
		}
		for range 500 / step {
			bad := bytes.Clone(body)
			for range 10 {
				bad[r.IntN(len(bad))] ^= 1 << r.IntN(8)
			}
			g, err := Gray(limited(bad))
			whole(t, g, err)
		}
	}
}

// limited is b unless it says that it is large: those are decoded in TestLargest.
func limited(b []byte) []byte {
	if info, err := Check(b); err == nil && info.Width*info.Height > 200_000 {
		return nil
	}
	return b
}

// TestMismatched: parts of a picture that do not fit together, each right by itself.
func TestMismatched(t *testing.T) {
	t.Parallel()
	good := samples(t)
	lossy, lossless := good["webp"][12:], good["lossless webp"][12:]
	outside := gifBomb(1)
	outside[bytes.IndexByte(outside, ',')+1] = 200
	empty := gifBomb(1)
	empty[bytes.IndexByte(empty, ',')+5] = 0
	for name, body := range map[string][]byte{
		"webp: the picture is larger than its canvas":             riff(vp8x(0, 10, 10), lossy),
		"webp: the one without loss is":                           riff(vp8x(0, 10, 10), lossless),
		"webp: a canvas of another size with transparency":        riff(vp8x(0x10, 10, 10), chunk("ALPH", append([]byte{0}, make([]byte, 100)...)), lossy),
		"webp: transparency that is too short":                    riff(vp8x(0x10, 24, 16), chunk("ALPH", []byte{0, 1, 2, 3}), lossy),
		"webp: transparency and no picture":                       riff(vp8x(0x10, 24, 16), chunk("ALPH", append([]byte{0}, make([]byte, 24*16)...))),
		"webp: two heads":                                         riff(vp8x(0, 24, 16), vp8x(0, 10, 10), lossy),
		"webp: it moves":                                          riff(vp8x(2, 24, 16), chunk("ANIM", make([]byte, 6)), chunk("ANMF", append(make([]byte, 16), lossy...))),
		"gif: a frame outside of the screen":                      outside,
		"gif: an empty frame":                                     empty,
		"gif: no frame":                                           []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"),
		"jpeg: two sizes":                                         append(jpegHead(0xc0, 10, 10), jpegHead(0xc0, 5000, 5000)[2:]...),
		"jpeg: arithmetic coding":                                 jpegHead(0xc9, 10, 10),
		"png: pixels of another picture":                          append(append(pngHead(90, 90), good["png"][33:]...), 0),
		"png: a length beyond its end":                            append(pngHead(9, 9), 0x7f, 0xff, 0xff, 0xff, 'I', 'D', 'A', 'T'),
		"png: a length that is negative as an int32":              append(pngHead(9, 9), 0xff, 0xff, 0xff, 0xff, 't', 'E', 'X', 't'),
		"png: more pixels than it says":                           append(append(pngHead(9, 9), good["gray png"][33:]...), 0),
		"jpeg: ends in a segment":                                 append(jpegHead(0xc0, 10, 10), 0xff, 0xe1, 0xff, 0xff, 1, 2),
		"webp: a chunk longer than the file":                      riff(vp8x(0, 24, 16), []byte("VP8 \xff\xff\xff\xff")),
		"webp: a chunk of 4 GiB that is passed over":              riff(vp8x(0, 24, 16), []byte("EXIF\xfe\xff\xff\xff"), lossy),
		"webp: nothing but a head":                                riff(vp8x(0, 24, 16)),
		"webp: 200,000 chunks of nothing":                         riff(vp8x(0, 24, 16), bytes.Repeat(chunk("JUNK", nil), 200_000)),
		"gif: 16 MiB of a comment":                                append([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00!\xfe"), bytes.Repeat(append([]byte{255}, make([]byte, 255)...), 60_000)...),
		"jpeg: 4,000,000 fill bytes":                              append(jpegHead(0xc0, 10, 10), bytes.Repeat([]byte{0xff}, 4_000_000)...),
		"png: 200,000 chunks of nothing in front of the pictures": append(pngHead(10, 10), bytes.Repeat(ocrtest.Chunk("tIME", nil), 200_000)...),
	} {
		g, err := Gray(body)
		if whole(t, g, err); err == nil {
			t.Errorf("%s: it became a picture of %v", name, g.Rect)
		}
	}
}

// TestTransparent: what shines through is laid on white, so that dark letters on nothing can be read.
func TestTransparent(t *testing.T) {
	t.Parallel()
	img := image.NewNRGBA(image.Rect(0, 0, 4, 1))
	img.SetNRGBA(0, 0, color.NRGBA{0, 0, 0, 255})
	img.SetNRGBA(1, 0, color.NRGBA{0, 0, 0, 0})
	img.SetNRGBA(2, 0, color.NRGBA{255, 255, 255, 255})
	img.SetNRGBA(3, 0, color.NRGBA{0, 0, 0, 128})
	g, err := Gray(pngOf(t, img))
	if err != nil {
		t.Fatal(err)
	}
	for x, want := range []byte{0, 255, 255, 127} {
		if got := g.Pix[x]; max(got, want)-min(got, want) > 1 {
			t.Errorf("pixel %d is %d, want %d", x, got, want)
		}
	}
}

func FuzzGray(f *testing.F) {
	for _, body := range samples(f) {
		f.Add(body)
	}
	f.Add(scanBomb(100, 100, 3))
	f.Add(gifBomb(3))
	f.Add(riff(vp8x(0x10, 24, 16), chunk("ALPH", append([]byte{0}, make([]byte, 24*16)...))))
	f.Fuzz(func(t *testing.T, body []byte) {
		g, err := Gray(limited(body[:min(len(body), 20_000)]))
		whole(t, g, err)
	})
}
