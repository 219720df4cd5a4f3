// Package gram is text as search compares it, and where each piece of it stands.
//
// Folded text is lower-case letters and digits without blanks and marks. The first character of every run of Latin letters
// and digits is marked (upper case for letters, 0x10 to 0x19 for digits), so that "ive" is found in "IVE 콘서트" and
// not in "LIVE". A word, which is never marked, stands in a text when its letters do, one behind the other, and, if it
// begins with a Latin letter or digit, at the beginning of a run. A Table knows of every text where its pairs of syllables,
// the beginnings of its Latin runs and its initial consonants stand; what a Term is looked up by is a superset of where it
// stands, which Find then holds against the text, so that answers are exactly those of reading every text.
//
// It is pure and safe for concurrent use once built.
package gram

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"ticketmoa/modules/hangul"
)

// Separators within a text; no word stretches over one.
const (
	Part  = 0x00 // between two names of one text
	space = ' '  // between words, where they are kept apart
)

// Fold is the folded form of s. With spaced, words stay apart, as fits prose; without, a title is found however its
// spaces are set.
func Fold(s string, spaced bool) string {
	var room [roomLen]byte
	return string(Append(room[:0], s, spaced))
}

// roomLen is how long a name is at most that is folded without memory for the way.
const roomLen = 96

// Append appends the folded form of s to out, as a part of its own or the first of one.
func Append(out []byte, s string, spaced bool) []byte {
	f := folder{out: slices.Grow(out, len(s)), from: len(out), spaced: spaced}
	if needsComposing(s) {
		s = norm.NFC.String(s)
	}
	for _, r := range s {
		f.add(r)
	}
	return f.out
}

// Plain is the folded form of s as a word is written: without marks.
func Plain(s string) string {
	var room [roomLen]byte
	if strings.IndexByte(s, Part) >= 0 {
		s = strings.ReplaceAll(s, string(rune(Part)), " ")
	}
	b := Append(room[:0], s, false)
	for i, c := range b {
		b[i] = unmarked[c]
	}
	return string(b)
}

// needsComposing tells whether s holds letters written in parts, as some systems name files and copy text.
func needsComposing(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < 0xCC || c > 0xE1 {
			continue
		}
		if r, _ := utf8.DecodeRuneInString(s[i:]); r >= 0x0300 && r <= 0x036F || r >= 0x1100 && r <= 0x11FF {
			return true
		}
	}
	return false
}

type folder struct {
	out    []byte
	from   int // where it begins
	spaced bool
	run    bool // the last character belongs to a run of Latin letters and digits
	gap    bool // a blank is due before the next letter
}

func (f *folder) add(r rune) {
	switch {
	case r < utf8.RuneSelf:
		f.ascii(byte(r))
	case hangul.IsSyllable(r):
		f.letter(r)
	case r >= 0xFF01 && r <= 0xFF5E: // full width
		f.ascii(byte(r - 0xFEE0))
	case r == '’':
	case r >= 0x2150 && r <= 0x24FF: // Ⅱ, ①
		for _, p := range norm.NFKC.String(string(r)) {
			if p < utf8.RuneSelf {
				f.ascii(byte(p))
			}
		}
	case unicode.IsLetter(r) || unicode.IsDigit(r):
		f.foreign(r)
	case unicode.Is(unicode.Mn, r):
	default:
		f.cut()
	}
}

// foreign adds a letter that is neither Korean nor plain Latin; é counts as e.
func (f *folder) foreign(r rune) {
	if unicode.Is(unicode.Latin, r) {
		if base, _ := utf8.DecodeRuneInString(norm.NFD.String(string(r))); base < utf8.RuneSelf {
			f.ascii(byte(base))
			return
		}
	}
	f.letter(unicode.ToLower(r))
}

func (f *folder) letter(r rune) {
	f.blank()
	f.out = utf8.AppendRune(f.out, r)
	f.run = false
}

func (f *folder) ascii(c byte) {
	switch {
	case c >= 'A' && c <= 'Z':
		c += 'a' - 'A'
	case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
	case c == '\'' && f.run:
		return
	case c == Part:
		f.out, f.run, f.gap = append(f.out, Part), false, false
		return
	default:
		f.cut()
		return
	}
	f.blank()
	if !f.run {
		c = mark(c)
	}
	f.out, f.run = append(f.out, c), true
}

func (f *folder) cut() { f.run, f.gap = false, true }

func (f *folder) blank() {
	if f.gap && f.spaced && len(f.out) > f.from && f.out[len(f.out)-1] != Part {
		f.out = append(f.out, space)
	}
	f.gap = false
}

// mark is how a lower-case letter or digit is written at the beginning of a run.
func mark(c byte) byte {
	if c >= 'a' {
		return c - 'a' + 'A'
	}
	return c - '0' + 0x10
}

// unmarked undoes mark.
var unmarked = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
	}
	for c := byte('A'); c <= 'Z'; c++ {
		t[c] = c - 'A' + 'a'
	}
	for d := byte(0); d <= 9; d++ {
		t[0x10+d] = '0' + d
	}
	return t
}()

// Unmark is a character of a folded text as a word writes it.
func Unmark(r rune) string {
	if r < utf8.RuneSelf {
		return string(rune(unmarked[byte(r)]))
	}
	return string(r)
}

func isLatin(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

func isMarked(c byte) bool { return c != unmarked[c] }

// Words cuts a query at its blanks and folds each piece; pieces without a letter or digit are left out.
func Words(s string) []string {
	var out []string
	for w := range strings.FieldsSeq(s) {
		if p := Plain(w); p != "" {
			out = append(out, p)
		}
	}
	return out
}
