package normalize

import (
	"regexp"
	"strings"
)

var (
	reRest     = regexp.MustCompile(`(?i)(?:인터미션|인터미숀|인터벌|중간\s*휴식|휴식\s*시간|휴식|쉬는\s*시간|intermission)\s*(?:시간)?\s*[:은]?\s*(?:약\s*)?(\d+)\s*분`)
	reRestTail = regexp.MustCompile(`(?i)(\d+)\s*분\s*(?:의|간)?\s*(?:인터미션|인터미숀|인터벌|중간\s*휴식|휴식|쉬는\s*시간|intermission)`)
	reNoRest   = regexp.MustCompile(`(?i)(?:인터미션|인터미숀|인터벌|휴식\s*시간|휴식|쉬는\s*시간|intermission)\s*[:은이]?\s*(?:없음|없이|없습니다|없는|無|x\b|no\b)|no\s*intermission`)
	reDuration = regexp.MustCompile(`(?i)(\d+)\s*시간\s*(?:(\d+)\s*분|(반))?|(\d+)\s*(?:분|min(?:ute)?s?\b)`)
	reMinutes  = regexp.MustCompile(`^약?\s*(\d{2,4})$`)
	reBrackets = regexp.MustCompile(`[(\[][^)\]]*[)\]]`)
	reClockIn  = regexp.MustCompile(`\d\s*:\s*\d{2}|\d\s*시(?:[^간]|$)`)
	reSpread   = regexp.MustCompile(`\d\s*(?:분|시간)?\s*~\s*\d`)
)

// Running reads how long a show takes, in minutes as the text states them (with the intermission, when the text counts
// it in), and the length of the intermission: 0 when the text says that there is none. Blank and undecided text gives nil.
func Running(raw string) (minutes, intermission *int, err error) {
	if err := conflict(raw); err != nil {
		return nil, nil, err
	}
	text := Text(raw)
	if undecided(text) {
		return nil, nil, nil
	}
	s := fold(text)
	if LooksLikeAge(s) || reClockIn.MatchString(s) || reSpread.MatchString(s) {
		return nil, nil, problem("no one running time in %q", clip(text))
	}
	total, ok := duration(s)
	if !ok {
		return nil, nil, problem("no one running time in %q", clip(text))
	}
	if total < 1 || total > 1440 {
		return nil, nil, problem("a running time of %d minutes is out of bounds: %q", total, clip(text))
	}
	if rest, ok := pause(s); ok {
		if rest >= total {
			return nil, nil, problem("the intermission is as long as the show: %q", clip(text))
		}
		intermission = &rest
	}
	return &total, intermission, nil
}

func pause(s string) (int, bool) {
	all := rests(s)
	switch {
	case reNoRest.MatchString(s):
		return 0, len(all) == 0
	case len(all) == 1:
		n := atoi(all[0][1])
		return n, n > 0
	}
	return 0, false
}

// rests finds the lengths of intermissions, each with the words that say so.
func rests(s string) [][]string {
	if all := reRest.FindAllStringSubmatch(s, -1); len(all) > 0 {
		return all
	}
	if reNoRest.MatchString(s) {
		return nil
	}
	return reRestTail.FindAllStringSubmatch(s, -1)
}

// duration is the one length of time outside of brackets and intermissions; in brackets when there is none outside.
func duration(s string) (int, bool) {
	if m := reMinutes.FindStringSubmatch(strings.TrimSpace(s)); m != nil {
		return atoi(m[1]), true
	}
	for _, t := range []string{reBrackets.ReplaceAllString(s, " "), s} {
		for _, r := range rests(t) {
			t = strings.Replace(t, r[0], " ", 1)
		}
		all := reDuration.FindAllStringSubmatch(t, -1)
		if len(all) > 1 {
			return 0, false
		}
		if len(all) == 1 {
			m := all[0]
			n := atoi(m[1])*60 + atoi(m[2]) + atoi(m[4])
			if m[3] != "" {
				n += 30
			}
			return n, true
		}
	}
	return 0, false
}

var (
	reMonths  = regexp.MustCompile(`(\d+)\s*개월`)
	reYears   = regexp.MustCompile(`(\d+)\s*(?:세|살)`)
	reUpTo    = regexp.MustCompile(`(\d+)\s*(?:세|살)\s*이하`)
	reAnyone  = regexp.MustCompile(`전체\s*(?:관람|연령|이용|입장)|전\s*연령|모든\s*연령|연령\s*(?:제한|무관)|누구나|제한\s*없음|^전체$`)
	reAdult   = regexp.MustCompile(`청소년\s*(?:관람|이용|입장)?\s*불가|청불|미성년자?\s*(?:관람|이용|입장|출입)?\s*불가|성인`)
	reWhoPays = regexp.MustCompile(`(?:만\s*)?\d+\s*(?:세|살|개월)\s*(?:미만|이하|이상|부터)[^,/()]*?(?:무료|유료|증빙|보호자|동반|티켓|구매|할인)[^,/()]*`)
	reNoChild = regexp.MustCompile(`미취학\s*(?:아동|어린이)?[은의]?\s*(?:관람|입장|동반)?\s*(?:불가|제한)|취학\s*(?:아동|어린이)`)
	reBan     = regexp.MustCompile(`불가|금지|제한`)
	reMinute  = regexp.MustCompile(`\d\s*(?:분|시간)`)
	reAgeWord = regexp.MustCompile(`\d\s*(?:세|살|개월)|관람가|관람\s*가능|관람\s*불가|전체\s*관람|연령|초등|중학생|고등학생|중고생|청소년|성인|미취학|취학|^전체$|누구나`)
	reSchool  = regexp.MustCompile(`(초등학생|초등학교|초등|중학생|중학교|고등학생|고등학교)[^,/()]*?(?:이상|부터|입장가|입장|관람가|이용가)`)
)

// Age reads who is let in: the text cleaned, and the lowest age in years when it can be told (24개월 is 2; the first year
// of primary school is 7, of middle school 13, of high school 16; 청소년관람불가 is 19; 전체관람가 is 0). Months that are no
// whole years are rounded up. Blank and undecided text gives nothing; a text that speaks of no age gives a Problem.
func Age(raw string) (text string, minYears *int, err error) {
	if err := conflict(raw); err != nil {
		return "", nil, err
	}
	text = Text(raw)
	if undecided(text) {
		return "", nil, nil
	}
	if !LooksLikeAge(text) && !reNoChild.MatchString(text) {
		return "", nil, problem("no age in %q", clip(text))
	}
	n, ok := lowest(fold(text))
	if !ok {
		return text, nil, nil
	}
	if n > 30 {
		return "", nil, problem("an age of %d years is out of bounds: %q", n, clip(text))
	}
	return text, &n, nil
}

func lowest(s string) (int, bool) {
	if reAnyone.MatchString(s) { // everyone is let in; ages beside it may only say who pays or comes with a parent
		rest := reWhoPays.ReplaceAllString(s, " ")
		return 0, !reMonths.MatchString(rest) && !reYears.MatchString(rest)
	}
	months := reMonths.FindStringSubmatchIndex(s)
	years := reYears.FindStringSubmatchIndex(s)
	if m := reUpTo.FindStringSubmatch(s); m != nil && years != nil && s[years[2]:years[3]] == m[1] {
		return atoi(m[1]) + 1, reBan.MatchString(s) // "5세 이하 입장불가" lets in 6; "12세 이하" alone says nothing of the lowest
	}
	switch {
	case months != nil && (years == nil || months[0] < years[0]):
		n := atoi(s[months[2]:months[3]])
		return (n + 11) / 12, n > 0
	case years != nil:
		return atoi(s[years[2]:years[3]]), true
	}
	if m := reSchool.FindStringSubmatch(s); m != nil {
		switch m[1][:len("초")] {
		case "초":
			return 7, true
		case "중":
			return 13, true
		}
		return 16, true
	}
	switch {
	case reAdult.MatchString(s):
		return 19, true
	case reNoChild.MatchString(s):
		return 7, true
	}
	return 0, false
}

// LooksLikeAge tells whether a text speaks of who is let in and not of a length of time.
func LooksLikeAge(raw string) bool {
	s := fold(Text(raw))
	return reAgeWord.MatchString(s) && (!reMinute.MatchString(s) || reYears.MatchString(s) || reMonths.MatchString(s))
}

// LooksLikeRunning tells whether a text speaks of a length of time and of no age.
func LooksLikeRunning(raw string) bool {
	s := fold(Text(raw))
	return !reAgeWord.MatchString(s) && !reClockIn.MatchString(s) && reDuration.MatchString(s)
}

// Untangle puts the texts of times of day, running time and age where they belong when a seller swapped them: a running
// time under 관람 등급, an age under 관람 시간, a running time under 공연 시간, hours under 관람 시간. What is in doubt stays.
func Untangle(times, running, age string) (timesOut, runningOut, ageOut string) {
	if LooksLikeAge(running) && (age == "" || LooksLikeRunning(age)) {
		running, age = age, running
	}
	if LooksLikeRunning(age) && running == "" {
		running, age = age, ""
	}
	if running == "" && LooksLikeRunning(times) {
		running, times = times, ""
	}
	if times == "" && running != "" && !LooksLikeRunning(running) && reClockIn.MatchString(fold(running)) {
		times, running = running, ""
	}
	return times, running, age
}
