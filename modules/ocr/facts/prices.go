package facts

import (
	"cmp"
	"fmt"
	"image"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

var (
	// A sum: 160,000 with or without marks of money, or 6만 5천원.
	reSum   = regexp.MustCompile(`(?:[₩¥\\#W]{1,3}\s*)?(\d{1,3}(?:[,.]{1,2}\s?\d{3})+)\s*(?:원|won)?|(\d{1,3})\s*만\s*(?:(\d)\s*천)?\s*원?`)
	reMoney = regexp.MustCompile(`[₩¥\\#W]{1,3}\s*$`)
)

// token is a grade or a sum, and where it stands.
type token struct {
	text string
	won  int    // of a sum
	name string // of a grade whose name is known already
	rect image.Rectangle
}

// prices finds what each grade costs, in the rows under a heading of prices.
func (p page) prices() []Fact {
	var grades, sums []token // those in cells of their own
	var pairs [][2]token
	var head []Line // of a table: what stands above its columns
	other := false  // a smaller heading within the prices made what follows something else
	for _, r := range p {
		if r.section == priceSection && len(r.cells) == 1 && (reApart.MatchString(squeezed(r.text())) || reOnDays.MatchString(r.text())) { // prices of other days or cities
			return nil
		}
		switch {
		case r.section != priceSection && (r.section > infoSection || !priceRow(r)):
			continue
		case r.section == priceSection && reNoPrice.MatchString(r.text()):
			other = other || !reSum.MatchString(digits(r.text()))
			continue
		case other && r.section == priceSection:
			continue
		}
		if crossed, ok := crossing(head, r); ok {
			pairs = append(pairs, crossed...)
			continue
		}
		head = nil
		if !reSum.MatchString(digits(r.text())) && len(r.cells) > 2 {
			head = r.cells
		}
		g, s, in := r.priced()
		grades, sums, pairs = append(grades, g...), append(sums, s...), append(pairs, in...)
	}
	if len(sums) < 2*len(grades) || len(grades) == 0 { // else each grade has several
		pairs = append(pairs, partners(grades, sums)...)
	}
	slices.SortStableFunc(pairs, func(a, b [2]token) int { return inReading(a[0].rect, b[0].rect) })
	return priced(pairs)
}

// reApart finds what parts prices that hold on other days or in other cities.
var reApart = regexp.MustCompile(`^(?:평일|주말|주중|마티네|낮공연|밤공연|서울|부산|대구|인천|광주|대전|울산|수원|성남|고양|창원|전주|청주|제주|강릉|춘천|천안)(?:및?공휴일|공연|수?\d*)*$`)

// reOnDays finds prices of some days in a row.
var reOnDays = regexp.MustCompile(`^\s*\[?(?:평일|주말|주중)\]?\s.*\d{3}`)

// inReading puts what stands in a row before what stands below it, and from left to right.
func inReading(a, b image.Rectangle) int {
	if d := a.Min.Y + a.Max.Y - b.Min.Y - b.Max.Y; max(d, -d) > min(a.Dy(), b.Dy()) {
		return d
	}
	return cmp.Compare(a.Min.X, b.Min.X)
}

// priced parts a row in grades with the sum right behind them, and grades and sums that are alone.
func (r row) priced() (grades, sums []token, pairs [][2]token) {
	var all []token
	for _, c := range joined(r.cells) {
		ts := tokens(c)
		if len(ts) > 1 {
			pairs = append(pairs, adjacent(ts)...)
			continue
		}
		all = append(all, ts...)
	}
	sum := slices.IndexFunc(all, func(t token) bool { return t.won > 0 })
	if sum > 0 && !slices.ContainsFunc(all[sum+1:], func(t token) bool { return t.won > 0 }) && len(all) < 4 && all[0].won == 0 { // a table: grade, sum, remark
		if sum == 2 && rePlaced.MatchString(squeezed(all[0].text)) && strings.HasSuffix(squeezedMarks(all[1].text), "석") {
			if squeezed(all[1].text) == "석" { // of that floor, but which?
				return nil, nil, pairs
			}
			all[0].text += " " + all[1].text
		}
		return nil, nil, append(pairs, [2]token{all[0], all[sum]})
	}
	for _, t := range all {
		if t.won == 0 {
			grades = append(grades, t)
		} else {
			sums = append(sums, t)
		}
	}
	if len(grades) == 1 && len(sums) > 1 && all[0].won == 0 && !reBrokenSum.MatchString(all[0].text) { // a table whose columns could not be read
		return nil, nil, pairs
	}
	return grades, sums, pairs
}

// joined joins cells of a row that are one sum: "1" and "54,000원".
func joined(cells []Line) []Line {
	var out []Line
	for _, c := range cells {
		if n := len(out) - 1; n >= 0 && reDigits.MatchString(out[n].Text) && reSum.MatchString(digits(c.Text)) && c.Rect.Min.X-out[n].Rect.Max.X < 2*c.Rect.Dy() {
			out[n] = Line{Rect: out[n].Rect.Union(c.Rect), Text: strings.TrimSpace(out[n].Text) + strings.TrimSpace(c.Text)}
			continue
		}
		out = append(out, c)
	}
	return out
}

var reDigits = regexp.MustCompile(`^\s*[₩¥\\#W]{0,2}\s*\d{1,3}[,.]?\s*$`)

// reBrokenSum finds what was a sum before it was read.
var reBrokenSum = regexp.MustCompile(`원$|\d{2}|[,.]`)

// crossing pairs the sums of a row with what the row and the columns above them are called: "1층" and "R석" make "1층 R석".
func crossing(head []Line, r row) (pairs [][2]token, ok bool) {
	if len(head) != len(r.cells) || len(head) < 3 {
		return nil, false
	}
	first := tokens(r.cells[0])
	if len(first) != 1 || first[0].won > 0 || !rePlaced.MatchString(squeezed(first[0].text)) {
		return nil, false
	}
	texts := make([]string, len(head)-1)
	for i, c := range head[1:] {
		texts[i] = strings.TrimSpace(c.Text)
	}
	for i, name := range gradeNames(texts) {
		sum := tokens(r.cells[i+1])
		if len(sum) != 1 || sum[0].won == 0 {
			return nil, false
		}
		if name != "" {
			pairs = append(pairs, [2]token{{name: first[0].text + " " + name, text: first[0].text + " " + texts[i], rect: first[0].rect}, sum[0]})
		}
	}
	return pairs, true
}

// rePlaced finds what a row of such a table is called: a floor, a section, a day, an age.
var rePlaced = regexp.MustCompile(`^(?:\d층|[가-힣a-z]{1,3}구역|평일|주말|주중|주말공휴일|금토일|성인|청소년|어린이|대인|소인)$`)

// reNoPrice finds sums that are no price of a seat, and prices that not everybody pays.
var reNoPrice = regexp.MustCompile(`수수료|예약금|보증금|예치금|할인|특가|얼리버드|프로그램북|굿즈|MD|주차|배송|패키지|생중계|스트리밍|온라인|실황|셔틀|캠핑|음료|식사|디너`)

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
			won = number(onlyDigits(text[m[2]:m[3]]))
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

// priced names the grades of pairs.
func priced(pairs [][2]token) []Fact {
	texts := make([]string, len(pairs))
	for i, q := range pairs {
		texts[i] = q[0].text
		if q[0].name != "" {
			texts[i] = ""
		}
	}
	var out []Fact
	for i, name := range gradeNames(texts) {
		q := pairs[i]
		if name = cmp.Or(q[0].name, name); name != "" {
			out = append(out, Fact{Field: Price, Key: name, Value: fmt.Sprint(q[1].won), Text: q[0].text + " " + q[1].text, Rect: q[0].rect.Union(q[1].rect)})
		}
	}
	return out
}
