package events

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// What stands where something was taken out.
const (
	mailTaken   = "[이메일]"
	numberTaken = "[번호]"
)

// gap is what people put between the groups of a number: anything but letters and digits, and the two letters that look like
// a dash.
const (
	gap   = `(?:[^\p{L}\p{N}]|[ㅡー]){0,4}`
	point = `[-.\s/]?`
)

var personal = [...]struct {
	form *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`[^\s@]+\s?@\s?[^\s@]+\s?[.,。]\s?[^\s@.]{2,}`), mailTaken},
	// Resident and foreigner numbers: a birthday, then 1 to 8 and six digits.
	{regexp.MustCompile(`\d{2}` + point + `(0[1-9]|1[0-2])` + point + `(0[1-9]|[12]\d|3[01])` + gap + `[1-8]\d{6}`), numberTaken},
	// Cards: four groups of four, or 4-6-5.
	{regexp.MustCompile(`\d{4}` + gap + `\d{4}` + gap + `\d{4}` + gap + `\d{4}`), numberTaken},
	{regexp.MustCompile(`3[47]\d{2}` + gap + `\d{6}` + gap + `\d{5}`), numberTaken},
	// Telephones: +82 10…, 010…, 02…, 031…, 070…, 050x….
	{regexp.MustCompile(`\+?82` + gap + `0?1\d` + gap + `\d{3,4}` + gap + `\d{4}`), numberTaken},
	{regexp.MustCompile(`\+82` + gap + `\d{1,3}` + gap + `\d{3,4}` + gap + `\d{4}`), numberTaken},
	{regexp.MustCompile(`01[016789]` + gap + `\d{3,4}` + gap + `\d{4}`), numberTaken},
	{regexp.MustCompile(`0(2|[3-6][1-5]|70|50\d|80)` + gap + `\d{3,4}` + gap + `\d{4}`), numberTaken},
	{regexp.MustCompile(`\d(?:\s\d){8,}`), numberTaken}, // digit by digit
	// Whatever else is that long is no show: accounts, passports of several countries, numbers written together.
	{regexp.MustCompile(`\d{9,}`), numberTaken},
}

// Redact takes telephone numbers, e-mail addresses, resident numbers, card numbers and other long numbers out of what
// somebody searched for, and brings it into one line of plain text without invisible characters. Days, years and prices
// stay. Redacting twice is redacting once.
func Redact(text string) string {
	if text == "" {
		return ""
	}
	text = width.Fold.String(strings.ToValidUTF8(text, ""))
	text = cut(strings.Join(strings.Fields(strings.Map(visible, text)), " "), 4*maxQuery)
	if !strings.Contains(text, "@") && digits(text) < fewestDigits {
		return cut(text, maxQuery) // nearly everything: no expression below finds anything in it
	}
	for before := ""; text != before; { // what is taken out may bring together what stood apart
		before = text
		for _, p := range personal {
			text = p.form.ReplaceAllLiteralString(text, p.with)
		}
	}
	return cut(text, maxQuery)
}

// fewestDigits is how many digits the shortest number has that an expression finds.
const fewestDigits = 9

func digits(text string) (n int) {
	for i := range len(text) {
		if '0' <= text[i] && text[i] <= '9' {
			n++
		}
	}
	return n
}

func cut(text string, most int) string {
	if len(text) > most {
		text = strings.TrimSpace(strings.ToValidUTF8(text[:most], ""))
	}
	return text
}

// visible drops what can hide between the digits of a number and turns every digit into an ASCII one.
func visible(r rune) rune {
	switch {
	case unicode.IsSpace(r) || unicode.IsControl(r):
		return ' '
	case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
		return -1
	case r >= '①' && r <= '⑨':
		return '1' + r - '①'
	case r == '⓪':
		return '0'
	case r > unicode.MaxASCII && unicode.IsDigit(r):
		return asciiDigit(r)
	}
	return r
}

const mathZero, mathNine = 0x1D7CE, 0x1D7FF // five sets of ten without a space between

// asciiDigit finds the value of a decimal digit: Unicode keeps each set of ten together, in order.
func asciiDigit(r rune) rune {
	if r >= mathZero && r <= mathNine {
		return '0' + (r-mathZero)%10
	}
	zero := r
	for unicode.IsDigit(zero-1) && r-zero < 9 {
		zero--
	}
	return '0' + (r - zero)
}
