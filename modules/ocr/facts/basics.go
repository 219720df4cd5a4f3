package facts

import (
	"fmt"
	"image"
	"regexp"
	"slices"
	"strings"
	"time"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/ticket"
)

// labels are the words in front of a value. 관람시간 and 공연시간 say how long it takes on one strip and at what time it
// begins on the next: the value decides.
var labels = map[Field][]string{
	Period:  {"기간", "공연기간", "일정", "일시", "공연일시", "공연일정", "전시기간", "행사기간", "날짜", "공연날짜", "일자", "공연일", "공연일자"},
	Times:   {"시간", "공연시간", "관람시간", "시작시간"},
	Running: {"러닝타임", "소요시간", "runningtime", "런닝타임", "상연시간", "공연소요시간"},
	Venue:   {"장소", "공연장소", "공연장", "전시장소", "행사장소", "venue"},
	Age:     {"관람연령", "관람등급", "입장연령", "연령", "등급", "관람가능연령", "입장등급", "관람나이", "이용등급", "이용연령", "입장가능연령", "관람연령등급"},
	Price:   {"티켓가격", "가격", "관람료", "입장료", "티켓금액", "좌석가격", "티켓가", "가격정보"},
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
	unread  string // what stands where a label would, and is none that is known
}

// mayBe tells whether what stands in place of a label may be one of a field, read badly. A label of something else is none.
func (q pair) mayBe(f Field) bool {
	if q.unread == "" {
		return true
	}
	text := squeezed(q.unread)
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
	for i, r := range p {
		if r.section != top && r.section != openSection && r.section != infoSection {
			continue
		}
		if i+1 < len(p) && r.labels() {
			out = append(out, columns(r, p[i+1])...)
			continue
		}
		if left, right, ok := cutLabel(r.cells[0].Text); ok {
			rest := r
			rest.cells = append([]Line{{Rect: r.cells[0].Rect, Text: right}}, r.cells[1:]...)
			f, l := label(left)
			out = append(out, pair{field: f, label: l, value: rest.text(), rect: r.rect, section: r.section, unread: unread(l, left)})
			continue
		}
		if f, l := label(r.cells[0].Text); l != "" && len(r.cells) > 1 {
			rest := row{cells: r.cells[1:]}
			out = append(out, pair{field: f, label: l, value: rest.text(), rect: r.rect, section: r.section})
			continue
		}
		if f, l, value := spaced(r.text()); l != "" {
			out = append(out, pair{field: f, label: l, value: value, rect: r.rect, section: r.section})
			continue
		}
		q := pair{value: r.text(), rect: r.rect, section: r.section}
		if len(r.cells) > 1 {
			q.unread, q.value = r.cells[0].Text, row{cells: r.cells[1:]}.text()
		}
		out = append(out, q)
	}
	return out
}

// unread is a text that was taken for a label, unless it is one.
func unread(label, text string) string {
	if label != "" {
		return ""
	}
	return text
}

// labels tells whether every cell of a row is a label: their values stand below them.
func (r row) labels() bool {
	for _, c := range r.cells {
		if _, l := label(c.Text); l == "" {
			return false
		}
	}
	return true
}

// columns pairs labels with the values below them.
func columns(labels, values row) []pair {
	var out []pair
	for _, l := range labels.cells {
		f, name := label(l.Text)
		for _, v := range values.cells {
			if v.Rect.Min.Y-l.Rect.Max.Y > 2*l.Rect.Dy() || min(l.Rect.Max.X, v.Rect.Max.X) <= max(l.Rect.Min.X, v.Rect.Min.X) {
				continue
			}
			out = append(out, pair{field: f, label: name, value: v.Text, rect: v.Rect, section: labels.section})
			break
		}
	}
	return out
}

var reColon = regexp.MustCompile(`^([^:：|]{2,14}?)\s*[:：|]\s*(\S.*)$`)

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
		if f, l := label(strings.Join(words[:n], "")); l != "" {
			return f, l, strings.Join(words[n:], " ")
		}
	}
	return "", "", ""
}

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
	best, field, found := 0.13, Field(""), ""
	for f, words := range labels {
		for _, w := range words {
			if d := distance(text, w); d < best {
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

// basics finds the facts of which a strip has one each, and the openings.
func (p page) basics(known Known) []Fact {
	var out []Fact
	have := map[Field]bool{}
	put := func(q pair, field Field, key, value string) { // what is said twice and differently goes in the end
		if value != "" {
			have[field] = true
			out = append(out, Fact{Field: field, Key: key, Value: value, Text: q.value, Rect: q.rect})
		}
	}
	pairs := p.pairs()
	for _, q := range pairs {
		if q.section == openSection && (q.field == Period || q.field == Times) { // the day and hour of the sale
			if q.field == Period {
				put(q, Opens, "", opens(q.value, known.Day))
			}
			continue
		}
		switch q.field {
		case Period:
			put(q, Period, "", period(q.value, known.Day))
		case Price:
			out = append(out, priced(adjacent(tokens(Line{Rect: q.rect, Text: q.value})))...)
		case Times, Running:
			if v := running(q.value); v != "" {
				put(q, Running, "", v)
			} else if q.field == Times {
				put(q, Times, "", times(q.value))
			}
		case Venue:
			if !have[Venue] {
				put(q, Venue, "", venue(q.value, known.Venues))
			}
		case Age:
			put(q, Age, "", age(q.value))
		case Opens:
			put(q, Opens, opening(q.label), opens(q.value, known.Day))
		}
	}
	for _, q := range pairs { // one day, and when it begins
		if v := times(q.value); q.field == Period && q.section != openSection && !have[Times] && v != "" {
			put(q, Times, "", v)
		}
	}
	unlabelled(pairs, have, known, put)
	return out
}

// unlabelled finds what stands without a label that could be read, by what it says and where.
func unlabelled(pairs []pair, have map[Field]bool, known Known, put func(q pair, field Field, key, value string)) {
	for _, q := range pairs {
		if q.field != "" {
			continue
		}
		switch {
		case q.section == openSection:
			if !have[Opens] && q.mayBe(Opens) {
				put(q, Opens, "", opens(q.value, known.Day))
			}
		case q.section != infoSection:
		case !have[Running] && q.mayBe(Running) && running(q.value) != "":
			put(q, Running, "", running(q.value))
		case !have[Age] && q.mayBe(Age) && normalize.LooksLikeAge(q.value):
			put(q, Age, "", age(q.value))
		case !have[Period] && q.mayBe(Period) && strings.ContainsAny(q.value, "~-") && period(q.value, "") != "":
			put(q, Period, "", period(q.value, ""))
		case !have[Times] && q.mayBe(Times) && strings.Contains(times(q.value), ","):
			put(q, Times, "", times(q.value))
		}
	}
}

// opening names what opens: a presale, or the round of a sale in several; "" is the sale to everybody.
func opening(label string) string {
	if n := strings.Index(label, "차"); n > 0 && label[n-1] >= '0' && label[n-1] <= '9' {
		return label[:n] + "차"
	}
	if slices.Contains(presales, label) {
		return label
	}
	return ""
}

// period reads a run, with the errors engines make in dates put right.
func period(text string, day ticket.Date) string {
	p, err := normalize.Period(dates(text), day)
	if err != nil || !p.Known() || p.OpenRun || len(p.Dates) > 0 {
		return ""
	}
	return fmt.Sprintf("%s~%s", p.Start, p.LastDay())
}

// opens reads the instant a sale opens.
func opens(text string, day ticket.Date) string {
	if reNoOpening.MatchString(text) {
		return ""
	}
	at, err := normalize.Opens(dates(text), day.Time())
	if err != nil || at == nil {
		return ""
	}
	return at.In(ticket.Seoul).Format("2006-01-02T15:04")
}

var (
	reMonth   = regexp.MustCompile(`(\d)\s*[월혈헐훨윌웜훌열]\s*(\d{1,2})\s*[일밀얼]`)
	reYear    = regexp.MustCompile(`(20\d\d)\s*[년넌녀닌]\s*`)
	reDashed  = regexp.MustCompile(`(\d)\s*[=_]\s*(\d)`)
	reDotted  = regexp.MustCompile(`(\d)\s*[.,]{1,2}\s*(\d)`)
	reDay     = regexp.MustCompile(`\(\s*([^()]{1,5})\s*[)}\]]`)
	weekdays  = map[string]time.Weekday{"일": 0, "월": 1, "화": 2, "수": 3, "목": 4, "금": 5, "토": 6}
	englishes = map[string]bool{"mon": true, "tue": true, "wed": true, "thu": true, "fri": true, "sat": true, "sun": true}
)

// dates puts right what engines read wrong in dates: letters for digits, 월 and 일 for their likes, commas for dots. What
// stands in brackets behind a day and is no day of the week is taken out: it says nothing then.
func dates(text string) string {
	text = digits(text)
	text = reMonth.ReplaceAllString(text, "${1}월 ${2}일")
	text = reYear.ReplaceAllString(text, "${1}년 ")
	text = reDashed.ReplaceAllString(reDashed.ReplaceAllString(text, "$1-$2"), "$1-$2")
	text = reDotted.ReplaceAllString(text, "$1.$2")
	text = reDotted.ReplaceAllString(text, "$1.$2") // a digit between two dots ends one and begins the next
	return reDay.ReplaceAllStringFunc(text, func(s string) string {
		in := strings.ToLower(squeezed(s))
		if _, ok := weekdays[strings.TrimSuffix(in, "요일")]; ok || englishes[in] {
			return "(" + in + ")"
		}
		return " "
	})
}

// reNoOpening finds words that make of an instant another one than that at which a sale to everybody, or the presale whose label
// stands in front, begins.
var reNoOpening = regexp.MustCompile(`선예매|마감|종료|까지|입금|취소|해외|글로벌|팬클럽|공연일|배송|당첨|추첨`)

// running reads how long it takes: minutes, and those of the interval behind a stroke when it is named.
func running(text string) string {
	text = minutesOf(digits(text))
	if strings.Contains(text, "세") || !reLength.MatchString(text) || reNoLength.MatchString(text) {
		return ""
	}
	minutes, pause, err := normalize.Running(text)
	switch {
	case err != nil || minutes == nil || !whole(text, pause != nil):
		return ""
	case pause == nil:
		return fmt.Sprintf("%d/", *minutes)
	}
	return fmt.Sprintf("%d/%d", *minutes, *pause)
}

// whole tells whether nothing of a length of time was lost: no letters stand before its number but such words as 약, and what
// stands behind it in brackets was understood.
func whole(text string, pause bool) bool {
	before := squeezed(text[:strings.IndexAny(text, "0123456789")])
	if before != "" && !slices.Contains([]string{"약", "총", "공연", "공연시간", "러닝타임", "소요시간", "총공연시간"}, before) {
		return false
	}
	return pause || !strings.ContainsAny(text, "([{") && len([]rune(squeezed(text))) < 12
}

var (
	// reNoLength finds words that make of a length of time another one than the show's.
	reNoLength = regexp.MustCompile(`간격|입장|마다|이내|이후|부터|까지|시작|주차|커튼콜|촬영|\d\s*부`)
	reLength   = regexp.MustCompile(`\d\s*(?:분|시간)`)
	reMinute   = regexp.MustCompile(`(\d{2,3})\s*[문푼뿐븐본]`)
	reHour     = regexp.MustCompile(`(\d)\s*[시사]\s*[간긴건]`)
	reNone     = regexp.MustCompile(`[없업엽]\s*음`)
)

// minutesOf puts right the words of a length of time.
func minutesOf(text string) string {
	text = reMinute.ReplaceAllString(text, "${1}분")
	text = reHour.ReplaceAllString(text, "${1}시간")
	text = reNone.ReplaceAllString(text, "없음")
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ()[]{}", r) })
	for _, w := range words {
		if len([]rune(w)) == 4 {
			if right := nearest(w, []string{"인터미션"}, 0.35); right != "" {
				text = strings.Replace(text, w, right, 1)
			}
		}
	}
	return text
}

// reNoAge finds words of an age that lets somebody in under a condition, or is advised.
var reNoAge = regexp.MustCompile(`미만|동반|무료|권장|추천`)

// age reads who is let in, in years.
func age(text string) string {
	_, years, err := normalize.Age(digits(text))
	if err != nil || years == nil || reNoAge.MatchString(text) {
		return ""
	}
	return fmt.Sprint(*years)
}

// venue is a hall's name: as it is known when it is near one that is, else as printed.
func venue(text string, halls []string) string {
	name, known := normalize.Place(text)
	if !known || len([]rune(name)) < 2 {
		return ""
	}
	key := squeezed(name)
	near := slices.DeleteFunc(slices.Clone(halls), func(h string) bool {
		d := len([]rune(squeezed(h))) - len([]rune(key))
		return max(d, -d) > 1
	})
	if hall := nearest(key, near, 0.1); hall != "" && sameDigits(hall, name) {
		return hall
	}
	return name
}
