package facts

import (
	"regexp"
	"slices"
	"strings"

	"ticketmoa/modules/hangul"
)

// ladder are the grades that bear a letter, from dear to cheap.
var ladder = []string{"OP", "VIP", "R", "S", "A", "B", "C"}

// shapes is what engines were seen to read for the letters of a grade.
var shapes = map[string][]string{
	"OP":  {"op", "0p", "야", "08", "0ㅋ", "0", "o", "야0", "60", "or", "oㅋ", "아", "어", "0f", "여", "야ㅋ", "oㄷ", "0「"},
	"VIP": {"vip", "v1p", "vlp", "vv1p", "vvip", "ip", "1p", "1", "ii", "\\\\", "\\1", "\\", "니8", "비", "18", "16", "vp", "\\16", "\\18", "v", "v1", "\\1p", "\\ip", "ㄴ8", "Ⅵp", "쁘"},
	"R":   {"r", "『", "「", "#", "요", "옥", "모", "ㅁ", "k", "?"},
	"S":   {"s", "5", "$", "6", "5s", "ㅎ"},
	"A":   {"a", "4", "^", "스", "수", "ㅅ", "&", "시", "사"},
	"B":   {"b", "8", "3", "ㅂ", "13"},
	"C":   {"c", "(", "ㄷ", "0", "〔"},
}

// namedGrades are grades with a name of their own.
var namedGrades = []string{"전석", "일반석", "지정석", "자유석", "스탠딩", "스탠딩석", "휠체어석", "시야제한석", "시야방해석", "보통석", "특석", "로얄석", "플로어석", "테이블석", "커플석", "가족석", "발코니석", "박스석", "합창석",
	"1층석", "2층석", "3층석", "4층석", "1층", "2층", "3층", "1층 지정석", "2층 지정석", "1층 스탠딩", "균일석", "일반", "성인", "청소년", "어린이", "유아", "대인", "소인", "SR석", "P석", "프리미엄석", "D석", "E석",
	"보조석", "입석", "1일권", "2일권", "3일권", "예매", "현매", "현장", "현장구매", "사전예매"}

// reOwnGrade finds grades that are words of their own, and none of the letters of the ladder misread.
var reOwnGrade = regexp.MustCompile(`^(?:\d인\s?|\d층\s?)?[가-힣]{2,8}(?:\s?\d일)?\s?(?:석|권)$|^\d일\s?권$`)

// gradeNames names grades, "" where it cannot. Those with a letter are read together, in the order such grades come in.
func gradeNames(texts []string) []string {
	names, floors := make([]string, len(texts)), map[int]string{}
	var lettered []int
	var marks []string
	for i, text := range texts {
		if text == "" {
			continue
		}
		if names[i] = named(text); names[i] != "" {
			continue
		}
		if text = strings.Join(strings.Fields(text), " "); reOwnGrade.MatchString(text) && !reNoSeat.MatchString(text) {
			names[i] = text
			continue
		}
		if floor := reFloor.FindString(text); floor != "" {
			floors[i], text = strings.Join(strings.Fields(floor), " ")+" ", text[len(floor):]
		}
		if first, rest, ok := strings.Cut(text, " "); ok && (len([]rune(first)) == 1 || len([]rune(first)) < 3 && !reSyllable.MatchString(first)) && strings.HasSuffix(squeezedMarks(rest), "석") { // a picture in front
			text = rest
		}
		if mark, ok := markOf(text); ok && !ownName(mark) {
			lettered, marks = append(lettered, i), append(marks, mark)
		}
	}
	for n, g := range climb(marks) {
		if g != "" {
			names[lettered[n]] = floors[lettered[n]] + g + "석"
		}
	}
	return names
}

// reNoSeat finds what is sold beside seats.
var reNoSeat = regexp.MustCompile(`식사|음료|캠핑|주차|물품|보관|셔틀|왕복|세트|상품`)

// reFloor finds the floor in front of a grade.
var reFloor = regexp.MustCompile(`^\d층\s+`)

// ownName tells whether a mark is a word, such as that of 블루석, and no letter that was read wrong.
func ownName(mark string) bool {
	n := 0
	for _, r := range mark {
		if hangul.IsSyllable(r) {
			n++
		}
	}
	return n > 1
}

// named is the grade with a name of its own that a text spells.
func named(text string) string {
	text = squeezed(text)
	if len([]rune(text)) < 2 {
		return ""
	}
	for _, g := range namedGrades {
		if text == squeezed(g) {
			return g
		}
	}
	if len([]rune(text)) < 3 {
		return ""
	}
	if g := nearest(text, namedGrades, 0.17); g != "" && sameDigits(g, text) && !strings.ContainsAny(text, "abcoprsvi") {
		return g
	}
	return ""
}

func sameDigits(a, b string) bool { return onlyDigits(a) == onlyDigits(b) }

// squeezedMarks is a text without blanks, in lower case, with 석 for what is read in its stead.
func squeezedMarks(text string) string {
	text = strings.ToLower(strings.Join(strings.Fields(text), ""))
	for _, w := range []string{"썩", "섞"} {
		if strings.HasSuffix(text, w) {
			return strings.TrimSuffix(text, w) + "석"
		}
	}
	return text
}

// markOf is what stands for the letters of a grade: what precedes 석, or the letters alone where 석 was lost.
func markOf(text string) (mark string, ok bool) {
	mark, ok = strings.CutSuffix(squeezedMarks(text), "석")
	if r := []rune(mark); len(r) > 1 && strings.Trim(mark, string(r[0])) == "" { // RrR, where the first is doubled
		mark = string(r[0])
	}
	if !ok {
		mark = strings.TrimSuffix(mark, "s")
		ok = mark == "vip" || mark == "op"
	}
	return mark, ok
}

// climb reads the marks of grades together: each is a step of the ladder above the next. It finds the steps that fit the marks
// best; a mark for which another way is nearly as good stays unnamed.
func climb(marks []string) []string {
	if len(marks) == 0 || len(marks) > len(ladder) {
		return make([]string, len(marks))
	}
	if exact(marks) {
		out := make([]string, len(marks))
		for i, m := range marks {
			out[i] = strings.ToUpper(m)
		}
		return out
	}
	best := 1e9
	var ways []way
	var walk func(steps []int, cost float64)
	walk = func(steps []int, cost float64) {
		if cost > best+margin {
			return
		}
		if len(steps) == len(marks) {
			best = min(best, cost)
			ways = append(ways, way{slices.Clone(steps), cost})
			return
		}
		from := 0
		if len(steps) > 0 {
			from = steps[len(steps)-1] + 1
		}
		for g := from; g <= len(ladder)-(len(marks)-len(steps)); g++ {
			skip := 0.0
			if len(steps) > 0 {
				skip = 0.35 * float64(g-from)
			}
			walk(append(steps, g), cost+skip+fit(marks[len(steps)], ladder[g]))
		}
	}
	walk(nil, 0)
	ways = slices.DeleteFunc(ways, func(w way) bool { return w.cost > best+margin })
	out := make([]string, len(marks))
	for i := range marks {
		if sure(ways, i) && (fit(marks[i], ladder[ways[0].steps[i]]) < unlike || !syllables(marks[i])) {
			out[i] = ladder[ways[0].steps[i]]
		}
	}
	if best > 0.6*float64(len(marks))+0.5 { // hardly a mark looked like its grade
		return make([]string, len(marks))
	}
	return out
}

// syllables tells whether a mark is Korean letters alone: such a one that looks like no grade is a name, not a misreading.
func syllables(mark string) bool {
	return strings.IndexFunc(mark, func(r rune) bool { return !hangul.IsSyllable(r) }) < 0
}

// exact tells whether all marks are written as grades are, each once: they may come in any order then.
func exact(marks []string) bool {
	for i, m := range marks {
		if !slices.Contains(ladder, strings.ToUpper(m)) || slices.Contains(marks[:i], m) {
			return false
		}
	}
	return true
}

// way is one way to read marks, and how little it fits them.
type way struct {
	steps []int
	cost  float64
}

// margin is how much better a way must fit than every other for its steps to be believed.
const margin = 0.25

// sure tells whether all ways that fit nearly as well give mark i the same step.
func sure(ways []way, i int) bool {
	for _, w := range ways {
		if w.steps[i] != ways[0].steps[i] {
			return false
		}
	}
	return len(ways) > 0
}

// fit is how little a mark looks like the grade: 0 when it is written so, beyond all bounds when it is written like another.
func fit(mark, grade string) float64 {
	switch mark {
	case strings.ToLower(grade):
		return 0
	case "": // the letter was lost: it may have been any
		return 0.5
	}
	if slices.Contains(shapes[grade], mark) {
		return 0.1
	}
	for _, g := range ladder {
		if mark == strings.ToLower(g) {
			return 100
		}
		if g != grade && slices.Contains(shapes[g], mark) {
			return 1.2
		}
	}
	return unlike
}

// unlike is how little a mark fits a grade when it looks like none that is known.
const unlike = 0.8
