package normalize

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind int

const (
	tokDay tokenKind = iota
	tokClock
	tokRange
	tokList
	tokOpenRun
	tokUndecided
	tokRelative // 오늘, 내일, 모레
	tokWord     // text that is neither date nor time
	tokNumber   // a number that is neither
	tokMonth    // a month without a day
	tokInstant  // epoch milliseconds or a stamp with a zone
)

// day is a date as far as it is written; zero parts are missing. wd is the weekday written beside it, -1 for none.
type day struct{ y, m, d, wd int }

// clock is a time of day; why says why it cannot be one.
type clock struct {
	h, min int
	paren  bool
	why    string
}

type token struct {
	kind  tokenKind
	day   day
	clock clock
	text  string
	n     int64
}

var (
	reEpoch   = regexp.MustCompile(`^1\d{12}`)
	reZoned   = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})`)
	reStamp   = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?`)
	reYear    = regexp.MustCompile(`^(\d{4})\s*(?:년|[./-])\s*(\d{1,2})\s*(?:월|[./-])\s*(\d{1,2})(?:\s*일)?`)
	reYear2   = regexp.MustCompile(`^['’‘]?(\d{2})\s*(?:년|[./-])\s*(\d{1,2})\s*(?:월|[./-])\s*(\d{1,2})(?:\s*일)?`)
	reYearMon = regexp.MustCompile(`^(?:\d{4}\s*(?:년|[./-])\s*)?(\d{1,2})\s*월`)
	reMonth   = regexp.MustCompile(`^(\d{1,2})\s*(?:월|[./])\s*(\d{1,2})(?:\s*일)?`)
	reOnlyDay = regexp.MustCompile(`^(\d{1,2})\s*일`)
	reDayWk   = regexp.MustCompile(`^(\d{1,2})\s*\(\s*[월화수목금토일]\s*(?:요일)?\s*\)`)
	reClock   = regexp.MustCompile(`(?i)^(오전|오후|낮|밤|저녁|새벽|아침|am|pm|a\.m\.|p\.m\.)?\s*(\d{1,2})\s*(?::\s*(\d{2})(?::\d{2})?(?:\.\d+)?|시(?:\s*(\d{1,2})\s*분|\s*(반))?)\s*(am|pm|a\.m\.|p\.m\.)?`)
	reClockAP = regexp.MustCompile(`(?i)^(?:(am|pm)\s*(\d{1,2})|(\d{1,2})\s*(am|pm))`)
	reWeekIn  = regexp.MustCompile(`^\s*\.?\s*[(\[]\s*([월화수목금토일])\s*(?:요일)?\s*[)\]]`)
	reWeekTm  = regexp.MustCompile(`^\s*\.?\s*[(\[]\s*([월화수목금토일])\s*(?:요일)?\s*[,/·]?\s*((?:오전|오후|낮|저녁|밤)?\s*\d{1,2}\s*(?::|시))`)
	reWeekOut = regexp.MustCompile(`^\s*([월화수목금토일])요일`)
	reWeekEn  = regexp.MustCompile(`(?i)^\s*\.?\s*[(\[]?\s*(sun|mon|tue|wed|thu|fri|sat)(?:day|sday|s|nesday|rs|rsday|urday)?\b\.?\s*[)\]]?`)
	reParen   = regexp.MustCompile(`^[(\[][^)\]]*[)\]]`)
	reNumber  = regexp.MustCompile(`^\d+`)
)

var openRunWords = []string{"오픈런", "오픈 런", "open run", "openrun", "상시공연", "상시 공연", "상시", "상설공연", "상설 공연", "상설"}

// scan cuts a text into tokens. Notes behind * and ※ and what stands in brackets are left out.
func scan(raw string) []token {
	s := fold(Text(strings.ReplaceAll(strings.ReplaceAll(raw, "\r", ""), "\n", ", ")))
	var out []token
	for s != "" {
		tok, n, stop := next(s, out)
		if stop {
			return out
		}
		if tok != nil {
			out = append(out, *tok)
			if tok.kind == tokDay {
				wd, m := weekday(s[n:])
				out[len(out)-1].day.wd = wd
				n += m
			}
		}
		s = s[max(n, 1):] // whatever was read, the text gets shorter
	}
	return out
}

func next(s string, before []token) (tok *token, n int, stop bool) {
	r, size := utf8.DecodeRuneInString(s)
	low := strings.ToLower(s)
	switch {
	case r == ' ' || r == ')' || r == ']' || r == '.' || r == '\'' || r == ':':
		if r == '\'' && reYear2.MatchString(s) {
			break
		}
		return nil, size, false
	case r == '*' || r == '※' || strings.HasPrefix(s, "단,") || strings.HasPrefix(s, "단 "):
		return nil, size, len(before) > 0 || r != '*' && r != '※' // at the very beginning it is a bullet
	case r == '~' || r == '-':
		return &token{kind: tokRange}, size, false
	case strings.HasPrefix(s, "부터"):
		return &token{kind: tokRange}, len("부터"), false
	case strings.HasPrefix(s, "까지"):
		return nil, len("까지"), false
	case strings.ContainsRune(",/|·&+;→", r):
		return &token{kind: tokList, text: string(r)}, size, false
	}
	if tok, n := number(s, before); tok != nil {
		return tok, n, false
	}
	if r == '(' || r == '[' {
		return paren(s, before)
	}
	for _, w := range openRunWords {
		if strings.HasPrefix(low, w) {
			return &token{kind: tokOpenRun}, len(w), false
		}
	}
	if m := reWeekOut.FindString(s); m != "" {
		return nil, len(m), false
	}
	n = wordEnd(s)
	return classify(s[:n]), n, false
}

func wordEnd(s string) int {
	for i, r := range s {
		if i > 0 && !unicode.IsLetter(r) {
			return i
		}
	}
	return len(s)
}

func classify(w string) *token {
	switch {
	case w == "및" || w == "와" || w == "과" || w == "and":
		return &token{kind: tokList, text: w}
	case w == "to":
		return &token{kind: tokRange}
	case w == "오늘" || w == "내일" || w == "모레":
		return &token{kind: tokRelative, text: w}
	case w == "미정" || strings.HasPrefix(w, "추후") || strings.EqualFold(w, "tba") || strings.EqualFold(w, "tbd"):
		return &token{kind: tokUndecided}
	case w == "정오":
		return &token{kind: tokClock, clock: clock{h: 12}}
	case w == "자정":
		return &token{kind: tokClock, clock: clock{why: "자정 may be the beginning or the end of the day"}}
	case noise(w):
		return nil
	}
	return &token{kind: tokWord, text: w}
}

var noiseWords = map[string]bool{
	"공연": true, "예정": true, "매일": true, "총": true, "약": true, "회": true, "휴관": true, "일": true, "월": true, "화": true, "수": true,
	"목": true, "금": true, "토": true, "요일": true, "평일": true, "주말": true, "공휴일": true, "휴일": true, "T": true, "t": true,
	"KST": true, "kst": true, "시작": true, "하루": true, "단": true, "한국시간": true, "기준": true, "월요일": true, "화요일": true,
	"수요일": true, "목요일": true, "금요일": true, "토요일": true, "일요일": true,
}

func noise(w string) bool { return noiseWords[w] }

// paren reads what brackets hold only when it is a time of day; everything else in brackets is a remark.
func paren(s string, before []token) (*token, int, bool) {
	m := reParen.FindString(s)
	if m == "" {
		return nil, 1, false
	}
	inside := strings.Trim(m, "()[] ")
	if c, n := readClock(inside); n > 0 && strings.TrimSpace(inside[n:]) == "" && len(before) > 0 {
		c.paren = true
		return &token{kind: tokClock, clock: c}, len(m), false
	}
	return nil, len(m), false
}

func weekday(s string) (wd, n int) {
	const names = "일월화수목금토"
	index := func(w string) int { return strings.Index(names, w) / len("일") }
	if m := reWeekIn.FindStringSubmatch(s); m != nil {
		return index(m[1]), len(m[0])
	}
	if m := reWeekTm.FindStringSubmatch(s); m != nil {
		return index(m[1]), len(m[0]) - len(m[2])
	}
	if m := reWeekOut.FindStringSubmatch(s); m != nil {
		return index(m[1]), len(m[0])
	}
	if m := reWeekEn.FindStringSubmatch(s); m != nil {
		return strings.Index("sunmontuewedthufrisat", strings.ToLower(m[1])) / 3, len(m[0])
	}
	return -1, 0
}

// number reads whatever begins with a digit, or with a word for the half of the day.
func number(s string, before []token) (*token, int) {
	if m := reEpoch.FindString(s); m != "" && !digitAt(s, len(m)) {
		return &token{kind: tokInstant, n: int64(atoi(m))}, len(m)
	}
	if m := reZoned.FindString(s); m != "" {
		return &token{kind: tokInstant, text: m}, len(m)
	}
	if c, n := readClock(s); n > 0 {
		return &token{kind: tokClock, clock: c}, n
	}
	if r, _ := utf8.DecodeRuneInString(s); (r < '0' || r > '9') && !strings.ContainsRune("'’‘", r) {
		return nil, 0
	}
	if strings.HasPrefix(s, "9999") {
		return &token{kind: tokUndecided}, len(reStampTail.FindString(s))
	}
	if tok, n := wholeDay(s); tok != nil {
		return tok, n
	}
	return partDay(s, before)
}

var reStampTail = regexp.MustCompile(`^9999[\d./:\-T년월일 ]*`)

func wholeDay(s string) (*token, int) {
	if m := reStamp.FindStringSubmatch(s); m != nil && !digitAt(s, len(m[0])) {
		t := &token{kind: tokDay, day: day{y: atoi(m[1]), m: atoi(m[2]), d: atoi(m[3]), wd: -1}}
		if m[4] == "" {
			return t, len(m[0])
		}
		return t, 8 // the rest is read as a clock by compactClock
	}
	if m := reYear.FindStringSubmatch(s); m != nil && !digitAt(s, len(m[0])) {
		return &token{kind: tokDay, day: day{y: atoi(m[1]), m: atoi(m[2]), d: atoi(m[3]), wd: -1}}, len(m[0])
	}
	if m := reYear2.FindStringSubmatch(s); m != nil && !digitAt(s, len(m[0])) {
		return &token{kind: tokDay, day: day{y: 2000 + atoi(m[1]), m: atoi(m[2]), d: atoi(m[3]), wd: -1}}, len(m[0])
	}
	return nil, 0
}

var reUnit = regexp.MustCompile(`^\s*(?:시|분|:|회|만|천|원|%|차|개월|인|명|층|관|세|주)`)

func partDay(s string, before []token) (*token, int) {
	if m := reMonth.FindStringSubmatch(s); m != nil && !digitAt(s, len(m[0])) && !reUnit.MatchString(s[len(m[0]):]) {
		return &token{kind: tokDay, day: day{m: atoi(m[1]), d: atoi(m[2]), wd: -1}}, len(m[0])
	}
	if m := reYearMon.FindString(s); m != "" {
		return &token{kind: tokMonth, text: m}, len(m)
	}
	if m := reOnlyDay.FindStringSubmatch(s); m != nil && !hasAnyPrefix(s[len(m[0]):], "간", "차", "권", "째") {
		return &token{kind: tokDay, day: day{d: atoi(m[1]), wd: -1}}, len(m[0])
	}
	if m := reDayWk.FindStringSubmatch(s); m != nil {
		return &token{kind: tokDay, day: day{d: atoi(m[1]), wd: -1}}, len(m[1])
	}
	m := reNumber.FindString(s)
	if m == "" { // an apostrophe that begins no year
		return nil, 0
	}
	rest := strings.TrimLeft(s[len(m):], " ")
	if len(m) <= 2 && len(before) > 0 && (before[len(before)-1].kind == tokRange || before[len(before)-1].kind == tokList) &&
		(rest == "" || strings.ContainsAny(rest[:1], ",~-")) {
		return &token{kind: tokDay, day: day{d: atoi(m), wd: -1}}, len(m)
	}
	if len(m) == 4 || len(m) == 6 {
		if len(before) > 0 && before[len(before)-1].kind == tokDay {
			return &token{kind: tokClock, clock: plainClock(atoi(m[:2]), atoi(m[2:4]), 2)}, len(m)
		}
	}
	return &token{kind: tokNumber, text: m}, len(m)
}

// readClock reads a time of day at the beginning of s. n is 0 when there is none.
func readClock(s string) (c clock, n int) {
	if m := reClock.FindStringSubmatch(s); m != nil && !digitAt(s, len(m[0])) {
		minute := atoi(m[3] + m[4])
		if m[5] != "" {
			minute = 30
		}
		return halfDay(m[1]+m[6], m[2], minute), len(strings.TrimRight(m[0], " "))
	}
	if m := reClockAP.FindStringSubmatch(s); m != nil && !digitAt(s, len(m[0])) {
		return halfDay(m[1]+m[4], m[2]+m[3], 0), len(m[0])
	}
	return clock{}, 0
}

func halfDay(word, hour string, minute int) clock {
	h := atoi(hour)
	if minute > 59 || h > 23 {
		return clock{why: "no such time of day"}
	}
	bad := clock{why: "the time of day is ambiguous or contradicts itself"}
	switch strings.ToLower(strings.ReplaceAll(word, ".", "")) {
	case "":
		return plainClock(h, minute, len(hour))
	case "오후", "저녁", "pm":
		if h == 0 {
			return bad
		}
	case "낮":
		if h < 1 || h > 5 && h < 11 || h > 17 {
			return bad
		}
		if h == 11 {
			return clock{h: 11, min: minute}
		}
	case "밤":
		if h < 6 || h == 12 || h > 12 && h < 18 {
			return bad
		}
	default: // 오전, 아침, 새벽, am
		if h > 11 {
			return bad
		}
		return clock{h: h, min: minute}
	}
	if h < 12 {
		h += 12
	}
	return clock{h: h, min: minute}
}

// plainClock is a time without a word for the half of the day: "8시" may be either, "08:00" and "20시" may not.
func plainClock(h, minute, digits int) clock {
	switch {
	case h > 23 || minute > 59:
		return clock{why: "no such time of day"}
	case digits < 2:
		return clock{h: h, min: minute, why: "it does not say whether the hour is before or after noon"}
	}
	return clock{h: h, min: minute}
}

func digitAt(s string, i int) bool { return i < len(s) && s[i] >= '0' && s[i] <= '9' }

func hasAnyPrefix(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// atoi reads digits a pattern has already checked; too many of them give 0.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
