package facts

import (
	"cmp"
	"fmt"
	"image"
	"regexp"
	"slices"
	"strings"
	"unicode"

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
	"1층석", "2층석", "3층석", "4층석", "1층", "2층", "3층", "1층 지정석", "2층 지정석", "1층 스탠딩", "균일석", "일반", "성인", "청소년", "어린이", "유아", "대인", "소인", "SR석", "P석", "프리미엄석", "D석", "E석"}

var (
	// A sum: 160,000 with or without marks of money, or 6만 5천원.
	reSum   = regexp.MustCompile(`(?:[₩¥\\#W]{1,3}\s*)?(\d{1,3}(?:[,.]{1,2}\s?\d{3})+)\s*(?:원|won)?|(\d{1,3})\s*만\s*(?:(\d)\s*천)?\s*원?`)
	reMoney = regexp.MustCompile(`[₩¥\\#W]{1,3}\s*$`)
)

// token is a grade or a sum, and where it stands.
type token struct {
	text string
	won  int // of a sum
	rect image.Rectangle
}

// prices finds what each grade costs, in the rows under a heading of prices.
func (p page) prices() []Fact {
	var grades, sums []token // those in cells of their own
	var pairs [][2]token
	other := false // a smaller heading within the prices made what follows something else
	for _, r := range p {
		switch {
		case r.section != priceSection && (r.section > infoSection || !priceRow(r)):
			continue
		case r.section == priceSection && reNoPrice.MatchString(r.text()):
			other = other || !reSum.MatchString(digits(r.text()))
			continue
		case other && r.section == priceSection:
			continue
		}
		for _, c := range r.cells {
			ts := tokens(c)
			switch {
			case len(ts) == 1 && ts[0].won == 0:
				grades = append(grades, ts[0])
			case len(ts) == 1:
				sums = append(sums, ts[0])
			default:
				pairs = append(pairs, adjacent(ts)...)
			}
		}
	}
	pairs = append(pairs, partners(grades, sums)...)
	return priced(pairs)
}

// reNoPrice finds sums that are no price of a seat, and prices that not everybody pays.
var reNoPrice = regexp.MustCompile(`수수료|예약금|보증금|예치금|할인|특가|얼리버드|프로그램북|굿즈|MD|주차|배송|패키지|\d인\b`)

// adjacent pairs each grade with the sum right behind it.
func adjacent(ts []token) (pairs [][2]token) {
	for i := 0; i+1 < len(ts); i++ {
		if ts[i].won == 0 && ts[i+1].won > 0 {
			pairs = append(pairs, [2]token{ts[i], ts[i+1]})
		}
	}
	return pairs
}

// priceRow tells whether a row is one of prices although its heading could not be read: grades and sums, or grades alone.
func priceRow(r row) bool {
	for _, c := range r.cells {
		ts := tokens(c)
		if len(ts) == 0 || len(ts) == 1 && ts[0].won == 0 && !strings.HasSuffix(squeezedMarks(ts[0].text), "석") || len([]rune(c.Text)) > 40 {
			return false
		}
	}
	return true
}

// tokens lists the grades and the sums of a cell in their order.
func tokens(c Line) []token {
	text := digits(c.Text)
	var out []token
	grade := func(s string) {
		s = strings.TrimRight(reMoney.ReplaceAllString(strings.TrimSpace(s), ""), " :-")
		s = strings.Trim(strings.TrimSpace(s), "/|,·ㆍ•▶>*[]< :-")
		if strings.IndexFunc(s, unicode.IsLetter) >= 0 || strings.ContainsRune(s, '석') {
			out = append(out, token{text: strings.TrimSpace(s), rect: c.Rect})
		}
	}
	at := 0
	for _, m := range reSum.FindAllStringSubmatchIndex(text, -1) {
		var won int
		if m[2] >= 0 {
			won = number(strings.Map(func(r rune) rune {
				if unicode.IsDigit(r) {
					return r
				}
				return -1
			}, text[m[2]:m[3]]))
		} else {
			won = 10_000 * number(text[m[4]:m[5]])
			if m[6] >= 0 {
				won += 1000 * number(text[m[6]:m[7]])
			}
		}
		grade(text[at:m[0]])
		at = m[1]
		if won < 1000 || won > 2_000_000 || won%500 != 0 {
			won = 0
		}
		if won > 0 {
			out = append(out, token{won: won, text: text[m[0]:m[1]], rect: c.Rect})
		}
	}
	if at == 0 {
		grade(text)
	}
	return out
}

// partners gives each grade the sum that stands under it or to its right, and to no other grade nearer.
func partners(grades, sums []token) [][2]token {
	type link struct{ g, s, far int }
	var all []link
	for i, g := range grades {
		for j, s := range sums {
			dx := (g.rect.Min.X + g.rect.Max.X - s.rect.Min.X - s.rect.Max.X) / 2
			below := s.rect.Min.Y - g.rect.Max.Y
			right := s.rect.Min.X - g.rect.Max.X
			level := min(g.rect.Max.Y, s.rect.Max.Y) - max(g.rect.Min.Y, s.rect.Min.Y)
			switch {
			case below >= -2 && below < 4*g.rect.Dy() && max(dx, -dx) <= max(g.rect.Dx(), s.rect.Dx()):
				all = append(all, link{i, j, below + 2*max(dx, -dx)})
			case 2*level > min(g.rect.Dy(), s.rect.Dy()) && right >= 0:
				all = append(all, link{i, j, right})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b link) int { return cmp.Compare(a.far, b.far) })
	usedG, usedS := map[int]bool{}, map[int]bool{}
	var out [][2]token
	for _, l := range all {
		if !usedG[l.g] && !usedS[l.s] {
			usedG[l.g], usedS[l.s] = true, true
			out = append(out, [2]token{grades[l.g], sums[l.s]})
		}
	}
	slices.SortStableFunc(out, func(a, b [2]token) int {
		if d := a[0].rect.Min.Y - b[0].rect.Min.Y; max(d, -d) > a[0].rect.Dy() {
			return d
		}
		return cmp.Compare(a[0].rect.Min.X, b[0].rect.Min.X)
	})
	return out
}

// priced names the grades of pairs. Those with a letter are read together, in the order such grades come in.
func priced(pairs [][2]token) []Fact {
	names := make([]string, len(pairs))
	var lettered []int
	var marks []string
	for i, q := range pairs {
		text := q[0].text
		if name := named(text); name != "" {
			names[i] = name
			continue
		}
		if mark, ok := markOf(text); ok && !ownName(mark) {
			lettered, marks = append(lettered, i), append(marks, mark)
		}
	}
	for n, g := range climb(marks) {
		if g != "" {
			names[lettered[n]] = g + "석"
		}
	}
	var out []Fact
	for i, q := range pairs {
		if names[i] != "" {
			out = append(out, Fact{Field: Price, Key: names[i], Value: fmt.Sprint(q[1].won), Text: q[0].text + " " + q[1].text, Rect: q[0].rect.Union(q[1].rect)})
		}
	}
	return out
}

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

func sameDigits(a, b string) bool {
	only := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return r
			}
			return -1
		}, s)
	}
	return only(a) == only(b)
}

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
