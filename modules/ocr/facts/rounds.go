package facts

import (
	"fmt"
	"image"
	"regexp"
	"slices"
	"strings"
	"time"

	"ticketmoa/modules/ticket"
)

// The columns of a casting table before the parts.
var (
	dayWords     = []string{"날짜", "일자", "date", "공연일", "날짜요일", "일시"}
	weekdayWords = []string{"요일", "day"}
	clockWords   = []string{"시간", "time", "공연시간"}
)

// countWords stand above a column that only counts the rounds.
var countWords = []string{"회차", "회", "no", "순서"}

// dayColumn is the column of the days.
func dayColumn(head []Line) int {
	if slices.Contains(countWords, squeezed(head[0].Text)) {
		return 1
	}
	return 0
}

// tableHead tells whether a row is the head of a casting table: day, weekday, time, and the parts.
func tableHead(r row) bool {
	if len(r.cells) < 3 {
		return false
	}
	column := func(i int, words ...string) bool { return nearest(squeezed(r.cells[i].Text), words, 0.25) != "" }
	if slices.Contains(countWords, squeezed(r.cells[0].Text)) {
		return len(r.cells) > 3 && column(1, dayWords...) && (column(2, weekdayWords...) || column(2, clockWords...))
	}
	return (column(0, dayWords...) || squeezed(r.cells[0].Text) == "일") && (column(1, weekdayWords...) || column(1, clockWords...)) || column(1, weekdayWords...) && column(2, clockWords...)
}

// columnOf is the column of a table that one of the words stands above; -1 when none does.
func columnOf(head []Line, words []string) int {
	for i, c := range head[:min(len(head), 4)] {
		if nearest(squeezed(c.Text), words, 0.25) != "" {
			return i
		}
	}
	return -1
}

// tableColumns are where a table's head has what: the first part stands at parts. weekday and clock are -1 where there is no
// such column.
type tableColumns struct {
	day, weekday, clock, parts int
}

func columnsOf(head []Line) tableColumns {
	weekday, clock := columnOf(head, weekdayWords), columnOf(head, clockWords)
	return tableColumns{day: dayColumn(head), weekday: weekday, clock: clock, parts: 1 + max(0, weekday, clock)}
}

// slot is a performance in a casting table: what stands in its columns, and its day and weekday, which it may share with others.
type slot struct {
	row   row
	cells []string
	y     int    // twice the middle
	hour  string // "" where none can be read
	band  string // the month of a row that stands over others
}

// rounds reads the casting table: which player plays which part at which performance. A day is told by its digits, its
// weekday and its place behind the day above; a name by the players of its part.
func (p page) rounds(period ticket.Period, cast []Fact) []Fact {
	players := map[string][]string{}
	var parts []string
	for _, f := range cast {
		if f.Key == "" {
			continue
		}
		if len(players[f.Key]) == 0 {
			parts = append(parts, f.Key)
		}
		players[f.Key] = append(players[f.Key], f.Value)
	}
	var out []Fact
	for from := 0; from < len(p); from++ {
		if p[from].section != roundSection || !tableHead(p[from]) || period.Start == "" {
			continue
		}
		to := from + 1
		for to < len(p) && p[to].section == roundSection && !tableHead(p[to]) && !ends(p[to]) {
			to++
		}
		for _, t := range tables(p[from].cells, p[from+1:to]) {
			out = append(out, t.rounds(period, parts, players)...)
		}
	}
	return out
}

// ends tells whether a row cannot be of a table: words alone.
func ends(r row) bool {
	return len(r.cells) == 1 && len([]rune(squeezed(r.text()))) > 2 && !strings.ContainsAny(r.text(), "0123456789")
}

// castingTable is a casting table.
type castingTable struct {
	head []Line
	rows []row
}

// tables parts a table whose head begins anew further to the right in those that stand beside each other.
func tables(head []Line, rows []row) []castingTable {
	from := []int{0}
	for i := 3; i < len(head)-2; i++ {
		if nearest(squeezed(head[i].Text), dayWords, 0.25) != "" {
			from = append(from, i)
		}
	}
	if len(from) == 1 {
		return []castingTable{{head, rows}}
	}
	out := make([]castingTable, len(from))
	for n, i := range from {
		left, right, end := -1<<30, 1<<30, len(head)
		if n > 0 {
			left = (head[i-1].Rect.Max.X + head[i].Rect.Min.X) / 2
		}
		if n+1 < len(from) {
			end = from[n+1]
			right = (head[end-1].Rect.Max.X + head[end].Rect.Min.X) / 2
		}
		out[n].head = head[i:end]
		for _, r := range rows {
			if part := r.only(func(c Line) bool { return middleX(c.Rect) >= left && middleX(c.Rect) < right }); len(part.cells) > 0 {
				out[n].rows = append(out[n].rows, part)
			}
		}
	}
	return out
}

func (t castingTable) rounds(period ticket.Period, parts []string, players map[string][]string) []Fact {
	var out []Fact
	last, month := period.Start, 0
	at := columnsOf(t.head)
	if at.clock < 0 { // no hour, no performance
		return nil
	}
	for _, s := range slots(t.head, at, t.rows) {
		if s.band != "" {
			month = number(s.band)
			continue
		}
		day := s.day(at, last, month, period)
		if day == "" || len(s.hour) != 5 {
			continue
		}
		last = day
		for i := at.parts; i < len(t.head); i++ {
			part := nearest(squeezed(t.head[i].Text), parts, 0.34)
			if name := nearest(squeezed(s.cells[i]), players[part], 0.2); name != "" {
				out = append(out, Fact{Field: Round, Key: fmt.Sprintf("%s %s %s", day, s.hour, part), Value: name, Text: s.row.text(), Rect: s.row.rect})
			}
		}
	}
	return out
}

// reBand finds the month that stands over the days of a table.
var reBand = regexp.MustCompile(`^\s*(?:20\d\d\s*년\s*)?(\d{1,2})\s*월\s*$`)

// day reads the day of a performance.
func (s slot) day(at tableColumns, last ticket.Date, month int, period ticket.Period) ticket.Date {
	text, weekday := s.cells[at.day], ""
	if at.weekday >= 0 {
		weekday = s.cells[at.weekday]
	} else if m := reDay.FindStringSubmatch(text); m != nil {
		weekday, text = m[1], text[:strings.IndexByte(text, '(')]
	}
	if month > 0 && !strings.ContainsAny(text, "월/.") {
		text = fmt.Sprintf("%d/%s", month, text)
	}
	return dayOf(strings.ReplaceAll(text, "월", "/"), weekday, last, period)
}

// slots gives the rows of a table's performances, each with the day that stands beside it, or in the middle of the rows of that
// day: those follow each other in time.
func slots(head []Line, at tableColumns, rows []row) []slot {
	var all []slot
	for _, r := range rows {
		s := slot{row: r, cells: under(head, r), y: r.rect.Min.Y + r.rect.Max.Y}
		s.hour = times(strings.ReplaceAll(s.cells[at.clock], " ", ""))
		if m := reBand.FindStringSubmatch(r.text()); m != nil && len(r.cells) == 1 {
			s.band = m[1]
		}
		all = append(all, s)
	}
	// day is the nearest row, going by step, that names a day, as long as the hours on the way rise with the page.
	day := func(i, step int) int {
		last := all[i].hour
		for j := i + step; j >= 0 && j < len(all) && all[j].band == ""; j += step {
			h := all[j].hour
			if h != "" && (step < 0) != (h < last) || h == "" && all[j].cells[at.day] == "" {
				return -1
			}
			if all[j].cells[at.day] != "" {
				return j
			}
			last = h
		}
		return -1
	}
	found := map[int]int{}
	for i := range all {
		if all[i].cells[at.day] != "" || all[i].hour == "" {
			continue
		}
		up, down := day(i, -1), day(i, 1)
		switch near, far := max(up, 0), max(down, 0); {
		case up < 0 && down < 0:
		case up < 0:
			found[i] = down
		case down < 0:
			found[i] = up
		case 10*(all[i].y-all[near].y) < 8*(all[far].y-all[i].y):
			found[i] = up
		case 8*(all[i].y-all[near].y) > 10*(all[far].y-all[i].y):
			found[i] = down
		}
	}
	var out []slot
	for i, s := range all {
		if d, ok := found[i]; ok {
			for c := at.day; c < at.clock; c++ {
				s.cells[c] = all[d].cells[c]
			}
		}
		if s.band != "" || s.cells[at.day] != "" && s.hour != "" {
			out = append(out, s)
		}
	}
	return out
}

// under gives for each column of the head the text that stands below it.
func under(head []Line, r row) []string {
	out := make([]string, len(head))
	mid := func(r image.Rectangle) int { return (r.Min.X + r.Max.X) / 2 }
	for _, c := range r.cells {
		best := 0
		for i := range head {
			if d, e := mid(c.Rect)-mid(head[i].Rect), mid(c.Rect)-mid(head[best].Rect); max(d, -d) < max(e, -e) {
				best = i
			}
		}
		out[best] = strings.TrimSpace(out[best] + " " + c.Text)
	}
	return out
}

// reDayAlone finds a day without its month.
var reDayAlone = regexp.MustCompile(`^\s*\d{1,2}\s*일?\s*$`)

// weekdayOf is the day of the week a text names, in Korean or English.
func weekdayOf(text string) (time.Weekday, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if day, ok := weekdays[strings.TrimSuffix(text, "요일")]; ok {
		return day, true
	}
	for d := range time.Weekday(7) {
		if len(text) == 3 && strings.HasPrefix(strings.ToLower(d.String()), text) {
			return d, true
		}
	}
	return 0, false
}

// dayOf is the day a cell of a table names, not before last: the one that is written so, else the one whose digits are nearest to
// the text among those of its weekday, at most two and half of them away, within a month.
func dayOf(text, weekday string, last ticket.Date, period ticket.Period) ticket.Date {
	alone := reDayAlone.MatchString(text)
	text = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '/' || r == '.' {
			return r
		}
		return -1
	}, digits(text))
	text = strings.Trim(text, "./")
	day, sure := weekdayOf(weekday)
	best, found, twice := 3, ticket.Date(""), false
	for d := range 200 {
		date := last.AddDays(d)
		at := date.Time()
		if sure && at.Weekday() != day || period.End != "" && date > period.End.AddDays(31) {
			continue
		}
		written := fmt.Sprintf("%d/%d", at.Month(), at.Day())
		n := min(edits([]rune(text), []rune(written)), edits([]rune(text), []rune(at.Format("01/02"))), edits([]rune(text), []rune(at.Format("1.2"))), edits([]rune(text), []rune(at.Format("01.02"))))
		if alone { // the month stands elsewhere
			if n = 1; d < 31 && sure && text == fmt.Sprint(at.Day()) {
				n = 0
			}
		}
		switch {
		case n > 0 && (d > 31 || 2*n > len(text)):
		case n < best:
			best, found, twice = n, date, false
		case n == best && !sure:
			twice = true
		}
	}
	if twice || best == 2 && !sure {
		return ""
	}
	return found
}
