package search

import (
	"strings"
	"unicode"
)

// letterNames are Latin letters as Koreans say them.
var letterNames = strings.Fields("에이 비 씨 디 이 에프 지 에이치 아이 제이 케이 엘 엠 엔 오 피 큐 알 에스 티 유 브이 더블유 엑스 와이 지")

// spokenNames are names that are written in either script and not said letter by letter.
var spokenNames = strings.NewReplacer("YES24", "예스24", "예스24", "YES24", "KIA", "기아", "OLYMPIC", "올림픽")

// mostLetters is how many capitals in a row are said one by one: LG, CJ, KBS; longer ones are words.
const mostLetters = 4

// spoken is a name with what is written in capitals as it is said: 엘지아트센터 of "LG아트센터"; "" when nothing changes.
func spoken(name string) string {
	if !inCapitals(name) && !strings.Contains(name, "예스24") {
		return ""
	}
	out := spokenNames.Replace(name)
	var b strings.Builder
	for out := []rune(out); len(out) > 0; {
		n := 0
		for n < len(out) && out[n] >= 'A' && out[n] <= 'Z' {
			n++
		}
		if n >= 2 && n <= mostLetters && (n == len(out) || !isAlphanumeric(out[n])) {
			for _, r := range out[:n] {
				b.WriteString(letterNames[r-'A'])
			}
		} else {
			n = max(n, 1)
			b.WriteString(string(out[:n]))
		}
		out = out[n:]
	}
	if b.String() == name {
		return ""
	}
	return b.String()
}

// inCapitals tells whether two capitals stand side by side, as in everything else that is said otherwise.
func inCapitals(name string) bool {
	for i := 1; i < len(name); i++ {
		if isCapital(name[i-1]) && isCapital(name[i]) {
			return true
		}
	}
	return false
}

func isCapital(c byte) bool { return c >= 'A' && c <= 'Z' }

func isAlphanumeric(r rune) bool {
	return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r))
}
