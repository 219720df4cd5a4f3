package facts

import (
	"image"
	"regexp"
	"slices"
	"strings"
)

// labels are the words in front of a value. 관람시간 and 공연시간 say how long it takes on one strip and at what time it
// begins on the next: the value decides.
var labels = map[Field][]string{
	Period:  {"기간", "공연기간", "일정", "일시", "공연일시", "공연일정", "전시기간", "행사기간", "전시일정", "행사일정", "행사일시", "날짜", "공연날짜", "일자", "공연일", "공연일자", "date"},
	Times:   {"시간", "공연시간", "관람시간", "시작시간", "공연시각", "time"},
	Running: {"러닝타임", "소요시간", "runningtime", "런닝타임", "상연시간", "공연소요시간", "상영시간", "연주시간", "길이"},
	Venue:   {"장소", "공연장소", "공연장", "전시장소", "행사장소", "전시장", "행사장", "극장", "venue", "place"},
	Age:     {"관람연령", "관람등급", "입장연령", "연령", "등급", "관람가능연령", "입장등급", "관람나이", "이용등급", "이용연령", "이용가능연령", "입장가능연령", "관람연령등급", "나이", "age", "rating"},
	Price:   {"티켓가격", "가격", "관람료", "입장료", "티켓금액", "좌석가격", "티켓가", "가격정보"},
	Cast:    {"출연", "출연진", "출연자", "출연배우", "캐스트", "아티스트"},
	Opens: {"티켓오픈", "예매오픈", "오픈", "오픈일시", "티켓오픈일", "티켓오픈일시", "예매오픈일시", "일반예매", "일반오픈", "티켓오픈일정", "1차티켓오픈", "2차티켓오픈", "3차티켓오픈", "4차티켓오픈",
		"마지막티켓오픈", "1차오픈", "2차오픈", "3차오픈", "예매시작", "예매일시"},
}

// presales are the words in front of when members may buy before others.
var presales = []string{"선예매", "팬클럽선예매", "멤버십선예매", "회원선예매", "유료회원선예매", "얼리버드오픈", "선오픈", "팬클럽예매", "팬클럽", "선예매오픈"}

// pair is a value and the label in front of it; the label is "" where it could not be made out.
type pair struct {
	field   Field
	label   string
	value   string
	rect    image.Rectangle
	section section
	said    string // the label as it was read
	unread  string // what stands where a label would, and is none that is known
	cells   []Line // of the value
}

// mayBe tells whether what stands in place of a label may be one of a field, read badly. A label of something else is none.
func (q pair) mayBe(f Field) bool {
	text := squeezed(q.unread)
	if len([]rune(text)) < 3 && !reSyllable.MatchString(text) { // a picture beside the value
		return true
	}
	for _, w := range labels[f] {
		if distance(text, w) <= 0.35 {
			return true
		}
	}
	return false
}

// pairs lists what could be a label and its value, in the rows of sections that have such.
func (p page) pairs() []pair {
	var out []pair
	inTable := false // of sales: those are read apart
	for i, r := range p {
		if inTable = r.section == openSection && (inTable && isRound(r) || saleHead(r) && i+1 < len(p) && isRound(p[i+1])); inTable {
			continue
		}
		switch {
		case r.section == top, r.section == openSection, r.section == infoSection, r.section == priceSection && r.opens():
		default:
			continue
		}
		if before, after, ok := p.astride(i); ok {
			f, l := label(r.cells[0].Text)
			value := before.text() + " " + after.text()
			out = slices.DeleteFunc(out, func(q pair) bool { return q.rect == before.rect })
			out = append(out, pair{field: f, label: l, value: value, rect: before.rect.Union(after.rect), section: r.section, cells: []Line{{Rect: before.rect, Text: value}}})
			continue
		}
		if i > 0 {
			if _, _, ok := p.astride(i - 1); ok { // the second line of the label above
				continue
			}
		}
		if i+1 < len(p) && r.section == p[i+1].section && r.over(p[i+1]) {
			out = append(out, columns(r, p[i+1], p[i+2:])...)
			continue
		}
		out = append(out, r.pair(p[i+1:]))
	}
	return out
}

// pair is the label and value of a row above others. The label is parted from the value by a colon, by a gap, or by a blank.
func (r row) pair(below []row) pair {
	q := pair{value: r.text(), rect: r.rect, section: r.section, cells: r.cells}
	if left, right, ok := cutLabel(r.cells[0].Text); ok {
		q.cells = append([]Line{{Rect: r.cells[0].Rect, Text: right}}, r.cells[1:]...)
		q.field, q.label = label(left)
		q.value, q.said, q.unread = row{cells: q.cells}.text(), left, unread(q.label, left)
		return q
	}
	if f, l := label(r.cells[0].Text); l != "" && len(r.cells) > 1 {
		q.field, q.label, q.said, q.cells = f, l, r.cells[0].Text, r.cells[1:]
		q.value = continued(f, row{cells: q.cells}.text(), q.cells[0].Rect, below)
		return q
	}
	if f, l, value := spaced(q.value); l != "" {
		q.field, q.label, q.said, q.value = f, l, strings.TrimSuffix(q.value, value), value
		return q
	}
	if len(r.cells) > 1 {
		q.unread, q.cells = r.cells[0].Text, r.cells[1:]
		q.value = row{cells: q.cells}.text()
	}
	return q
}

// astride gives the two lines of a value in whose middle a label stands alone, to the left.
func (p page) astride(i int) (before, after row, ok bool) {
	if i == 0 || i+1 >= len(p) || len(p[i].cells) != 1 || len(p[i-1].cells) != 1 || len(p[i+1].cells) != 1 {
		return before, after, false
	}
	before, after = p[i-1], p[i+1]
	if before.rect.Min.X <= p[i].rect.Max.X || !flush(before.rect, after.rect) || before.rect.Max.Y <= p[i].rect.Min.Y || after.rect.Min.Y >= p[i].rect.Max.Y {
		return before, after, false
	}
	_, l := label(p[i].cells[0].Text)
	return before, after, l != ""
}

// opens tells whether a row under another heading says when the sale begins.
func (r row) opens() bool {
	f, _ := label(r.cells[0].Text)
	if left, _, ok := cutLabel(r.cells[0].Text); ok {
		f, _ = label(left)
	} else if f == "" {
		f, _, _ = spaced(r.text())
	}
	return f == Opens
}

// continued adds to a value that stands at a place the lines right below that begin where it does: those it runs on in. Below a
// hall stands its address.
func continued(field Field, value string, at image.Rectangle, below []row) string {
	for _, r := range below {
		if field == Venue {
			break
		}
		c := r.cells[0]
		d, gap := c.Rect.Min.X-at.Min.X, c.Rect.Min.Y-at.Max.Y
		if len(r.cells) > 1 || 2*max(d, -d) > at.Dy() || gap < -2 || 10*gap > 11*at.Dy() || strings.HasPrefix(c.Text, "※") || strings.HasPrefix(c.Text, "*") {
			break
		}
		if _, l := label(c.Text); l != "" {
			break
		}
		if _, _, ok := cutLabel(c.Text); ok {
			break
		}
		value, at = value+" "+strings.TrimSpace(c.Text), c.Rect
	}
	return value
}

// unread is a text that was taken for a label, unless it is one.
func unread(label, text string) string {
	if label != "" {
		return ""
	}
	return text
}

// over tells whether a row is labels whose values stand in the next: cell under cell where there are several. One that is known
// is enough when the rest look like labels too.
func (r row) over(next row) bool {
	known := 0
	for _, c := range r.cells {
		if _, l := label(c.Text); l != "" {
			known++
		} else if n := len([]rune(squeezed(c.Text))); n < 2 || n > 6 || strings.ContainsAny(c.Text, ":0123456789") {
			return false
		}
	}
	if known == 0 || known < len(r.cells) && len(next.cells) != len(r.cells) {
		return false
	}
	if known == len(r.cells) {
		return true
	}
	for i, c := range next.cells { // what stands below a label must be such a value
		f, _ := label(r.cells[i].Text)
		if _, l := label(c.Text); l != "" || !above(r.cells[i].Rect, c.Rect) || f != "" && !f.reads(c.Text) {
			return false
		}
	}
	return true
}

// reads tells whether a text is surely a value of the field.
func (f Field) reads(text string) bool {
	switch f {
	case Period:
		return period(text, "2000-01-01") != ""
	case Times, Running:
		return times(text) != "" || running(text) != ""
	case Age:
		return age(text) != ""
	case Opens:
		return opens(text, "2000-01-01") != ""
	}
	return false
}

// above tells whether a value stands under a label.
func above(label, value image.Rectangle) bool {
	return value.Min.Y-label.Max.Y <= 2*label.Dy() && min(label.Max.X, value.Max.X) > max(label.Min.X, value.Min.X)
}

// columns pairs labels with the values below them.
func columns(labels, values row, below []row) []pair {
	var out []pair
	for _, l := range labels.cells {
		f, name := label(l.Text)
		for _, v := range values.cells {
			if !above(l.Rect, v.Rect) {
				continue
			}
			value := v.Text
			if len(values.cells) == 1 {
				value = continued(f, value, v.Rect, below)
			} else if f == Opens && len(below) > 0 && len(below[0].cells) == len(values.cells) { // the day, and below it the hour
				for _, hour := range below[0].cells {
					if above(v.Rect, hour.Rect) && opens(value, "2000-01-01") == "" {
						value += " " + strings.TrimSpace(hour.Text)
					}
				}
			}
			out = append(out, pair{field: f, label: name, value: value, rect: v.Rect, section: labels.section, said: l.Text, unread: unread(name, l.Text), cells: []Line{v}})
			break
		}
	}
	return out
}

var reColon = regexp.MustCompile(`^([^:：|ㅣ]{2,14}?)\s*[:：|ㅣ]\s*(\S.*)$`)

// cutLabel parts "기간 : 2025…" at its colon, which is none of a time of day.
func cutLabel(text string) (left, right string, ok bool) {
	m := reColon.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil || m[1][len(m[1])-1] >= '0' && m[1][len(m[1])-1] <= '9' {
		return "", "", false
	}
	return m[1], m[2], true
}

// spaced finds a label in front of a value that only blanks part from it.
func spaced(text string) (Field, string, string) {
	words := strings.Fields(text)
	for n := min(3, len(words)-1); n > 0; n-- {
		if f, l := label(strings.Join(words[:n], "")); l != "" && l != "공연장" && l != "극장" && f != Cast { // those begin sentences too
			return f, l, strings.Join(words[n:], " ")
		}
	}
	return "", "", ""
}

// reSaleLabel finds the names of sales: "1차 팬클럽 선예매".
var reSaleLabel = regexp.MustCompile(`^(?:\d차|최종|마지막)(?:팬클럽|회원|멤버십|유료회원|일반|사전)?(?:티켓)?(?:선예매|예매|오픈|선오픈|티켓)(?:오픈|시작|일시)?$`)

// longestLabel is more bytes than any label has, with errors. What is longer needs no comparing.
const longestLabel = 60

// label tells which field a text is the label of.
func label(text string) (Field, string) {
	if words := strings.Fields(text); len(words) > 1 && len([]rune(words[0])) == 1 { // a bullet that was read as a letter
		if f, l := label(strings.Join(words[1:], "")); l != "" {
			return f, l
		}
	}
	text = squeezed(text)
	if len(text) > longestLabel {
		return "", ""
	}
	if reSaleLabel.MatchString(text) {
		return Opens, text
	}
	best, field, found := 0.13, Field(""), ""
	for f, words := range labels {
		for _, w := range words {
			if d := distance(text, w); d < best || d == best && w < found { // whatever the order of the map
				best, field, found = d, f, w
			}
		}
	}
	for _, w := range presales {
		if d := distance(text, w); d < best {
			best, field, found = d, Opens, w
		}
	}
	return field, found
}
