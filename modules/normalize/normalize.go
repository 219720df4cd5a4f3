// Package normalize turns what a source wrote into values: dates, opening instants, prices, running times, ages,
// titles, places, genres and links. It is pure: no IO, no clock, no state.
//
// What it guarantees: a value is returned only when the text says it. A text that is blank or says that something is
// still undecided (추후공지, 미정) gives the zero value and no error; a text that cannot be trusted gives the zero value
// and a *Problem with a reason. What is missing is never taken from the current day, only from the reference the caller
// hands in (the page's own date). What it never does: guess, or repair a contradiction by preferring one side.
package normalize

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"ticketmoa/modules/ticket"
)

// Problem says why a text gives no value. Reason names the value and is fit to be read by an operator.
type Problem struct{ Reason string } //nolint:errname // callers know it by this name

// Error is the reason.
func (p *Problem) Error() string { return p.Reason }

func problem(format string, args ...any) error { return &Problem{Reason: fmt.Sprintf(format, args...)} }

func conflict(s string) error {
	if strings.Contains(s, ticket.Several) {
		return problem("the page gives several values that differ: %q", clip(s))
	}
	return nil
}

// clip keeps reasons short.
func clip(s string) string {
	r := []rune(s)
	if len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}

// Text gives s in NFC without zero-width and control characters; every run of blanks (line ends and NBSP included)
// becomes one blank, and the ends are trimmed. Bytes that are not UTF-8 are dropped.
func Text(s string) string {
	if clean(s) {
		return s
	}
	s = norm.NFC.String(strings.ToValidUTF8(s, ""))
	var b strings.Builder
	b.Grow(len(s))
	blank := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || r == '\u2800' || r == '\u3164':
			blank = true
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Co, r) || r == '\ufffd' || r == '\u034f':
			continue
		default:
			if blank && b.Len() > 0 {
				b.WriteByte(' ')
			}
			blank = false
			b.WriteRune(r)
		}
	}
	// Dropping a character may bring two together that compose; a second pass makes the result stable.
	return norm.NFC.String(b.String())
}

// clean tells whether a text is what Text would make of it, for the plain texts that most are.
func clean(s string) bool {
	blank := true
	for _, r := range s {
		if r >= utf8.RuneSelf && (r < '가' || r > '힣') || r < ' ' || r == 0x7f || blank && r == ' ' {
			return false
		}
		blank = r == ' '
	}
	return s == "" || !blank
}

// lower is strings.ToLower, at once where nothing has a case.
func lower(s string) string {
	for _, r := range s {
		if r >= 'A' && r <= 'Z' || r >= utf8.RuneSelf && (r < '가' || r > '힣') {
			return strings.ToLower(s)
		}
	}
	return s
}

var foldPairs = strings.NewReplacer(
	"０", "0", "１", "1", "２", "2", "３", "3", "４", "4", "５", "5", "６", "6", "７", "7", "８", "8", "９", "9",
	"，", ",", "、", ",", "：", ":", "∶", ":", "；", ";", "／", "/", "∕", "/", "（", "(", "）", ")", "［", "[", "］", "]", "．", ".",
	"～", "~", "∼", "~", "〜", "~", "˜", "~", "⁓", "~", "–", "-", "—", "-", "−", "-", "‐", "-", "‑", "-", "―", "-", "－", "-", "‒", "-",
	"｜", "|", "ㅣ", "|", "│", "|", "∣", "|", "￨", "|", "￦", "₩", "％", "%", "➡", "→", "⇒", "→", "▶", "→", "->", "→", "=>", "→",
)

// fold writes the look-alikes of digits, dashes, tildes, bars and brackets as one character each, for reading only.
func fold(s string) string { return foldPairs.Replace(s) }

// undecided tells whether a text says that the fact is not known yet.
func undecided(s string) bool {
	k := s
	if strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r < utf8.RuneSelf && 'A' <= r && r <= 'Z' }) >= 0 {
		k = lower(strings.Join(strings.Fields(s), ""))
	}
	k = strings.Trim(k, ".-~*()[]!·:")
	if k == "" || k == "추후" || k == "tba" || k == "tbd" || k == "tobeannounced" || k == "comingsoon" || strings.HasPrefix(k, "9999") {
		return true
	}
	if !strings.Contains(k, "미정") && !strings.Contains(k, "추후") && !strings.Contains(k, "공지") && !strings.Contains(k, "별도") && !strings.Contains(k, "정보없음") {
		return false
	}
	for _, w := range []string{"미정", "추후공지", "추후공개", "추후안내", "추후오픈", "추후결정", "추후확정", "별도공지", "별도안내", "공지예정", "확정후공지", "정보없음"} {
		if strings.Contains(k, w) && !strings.ContainsAny(k, "0123456789") {
			return true
		}
	}
	return false
}
