package facts

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// alike are the letters engines read for digits.
var alike = map[rune]rune{'O': '0', 'o': '0', 'ㅇ': '0', 'Q': '0', 'D': '0', 'l': '1', 'I': '1', 'ㅣ': '1', '|': '1', '!': '1', ']': '1', 'S': '5', '$': '5', 'B': '8', 'Z': '2', 'z': '2'}

// digits puts right the letters among digits: those that stand between two, or between one and a mark of numbers. Dashes and
// marks of money become one of their kind.
func digits(s string) string {
	r := []rune(strings.Map(func(r rune) rune {
		switch r {
		case '–', '—', '−', '‐', '―', 'ー':
			return '-'
		case '～', '∼':
			return '~'
		case '：':
			return ':'
		case '￦':
			return '₩'
		}
		if r >= '０' && r <= '９' {
			return r - '０' + '0'
		}
		return r
	}, s))
	digit := func(i int) bool { return i >= 0 && i < len(r) && unicode.IsDigit(r[i]) }
	mark := func(i int) bool { return i >= 0 && i < len(r) && strings.ContainsRune(",.:/", r[i]) }
	for i := range r {
		d, ok := alike[r[i]]
		if !ok {
			continue
		}
		before, after := digit(i-1), digit(i+1)
		if before && after || (before || mark(i-1) && digit(i-2)) && (after || mark(i+1) && i+2 < len(r)) && (before || after) {
			r[i] = d
		}
	}
	return string(r)
}

var reClock = regexp.MustCompile(`(?i)(오전|오후|낮|밤|저녁|AM|PM|A\.M\.?|P\.M\.?)?\s*(\d{1,2})\s*(?:(?:[:;]\s*(\d{2})|시)(\s*(\d{1,2})\s*[분푼뿐문]|\s*반)?\s*(AM|PM)?|(AM|PM))`)

// reLostHour finds an hour of which the digits were read as something else: "오후 고시".
var reLostHour = regexp.MustCompile(`(?i)(오전|오후|낮|밤|저녁|AM|PM)\s*[^\d\s(/|,]{1,2}\s*[시:]|,\s*[^\d\s]시`)

// reNoClock finds words of a time of day at which no show begins.
var reNoClock = regexp.MustCompile(`입장|수령|마감|하우스|객석|배부|판매|로비|MD|도어|(?i:open|door)|오픈|고객|문의|점심|매표|(?:\d{1,2}:\d{2}|\d\s*시)\s*[~-]\s*(?:오전|오후|낮|밤|AM|PM)?\s*\d{1,2}\s*[:시]`)

// times lists the times of day a text names: "19:30,14:00". One to nine without a word for the half of the day are those of
// the afternoon. It is "" when one of them could not be read.
func times(text string) string {
	text = digits(text)
	if reLostHour.MatchString(text) || reNoClock.MatchString(text) {
		return ""
	}
	var out []string
	for _, m := range reClock.FindAllStringSubmatchIndex(text, -1) {
		group := func(n int) string {
			if m[2*n] < 0 {
				return ""
			}
			return text[m[2*n]:m[2*n+1]]
		}
		if strings.HasPrefix(strings.TrimSpace(text[m[1]:]), "간") { // 2시간 is a length
			continue
		}
		if m[4] > 0 && unicode.IsDigit(rune(text[m[4]-1])) {
			continue // the end of a longer number
		}
		hour, minute := number(group(2)), number(group(3))
		if group(3) == "" {
			switch rest := strings.TrimSpace(group(4)); {
			case rest == "반":
				minute = 30
			case rest != "":
				minute = number(group(5))
			}
		}
		half := strings.ToUpper(strings.ReplaceAll(group(1)+group(6)+group(7), ".", ""))
		switch {
		case half == "오전" || half == "AM":
			hour %= 12
		case hour >= 1 && hour < 12 && half != "" && half != "낮", hour >= 1 && hour <= 9 && half != "오전":
			hour += 12
		}
		if hour > 23 || minute > 59 {
			return ""
		}
		if t := fmt.Sprintf("%02d:%02d", hour, minute); !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return strings.Join(out, ",")
}

// onlyDigits is a text without all else.
func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

func number(s string) int {
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' || n > 100_000_000 {
			return n
		}
		n = 10*n + int(r-'0')
	}
	return n
}
