package facts

import (
	"cmp"
	"fmt"
	"image"
	"regexp"
	"slices"
	"strings"

	"ticketmoa/modules/ticket"
)

// The columns of a casting table before the parts.
var (
	dayWords     = []string{"날짜", "일자", "date", "공연일"}
	weekdayWords = []string{"요일", "day"}
	clockWords   = []string{"시간", "time", "회차", "공연시간"}
)

// tableHead tells whether a row is the head of a casting table: day, weekday, time, and the parts.
func tableHead(r row) bool {
	if len(r.cells) < 3 {
		return false
	}
	column := func(i int, words ...string) bool { return nearest(squeezed(r.cells[i].Text), words, 0.25) != "" }
	return (column(0, dayWords...) || squeezed(r.cells[0].Text) == "일") && (column(1, weekdayWords...) || column(1, clockWords...)) || column(1, weekdayWords...) && column(2, clockWords...)
}

// columnOf is the column of a table that one of the words stands above; -1 when none does.
func columnOf(head []Line, words []string) int {
	for i, c := range head[:min(len(head), 3)] {
		if nearest(squeezed(c.Text), words, 0.25) != "" {
			return i
		}
	}
	return -1
}

// partsFrom is the first column of a table's head that is a part.
func partsFrom(head []Line) int {
	return 1 + max(0, columnOf(head, weekdayWords), columnOf(head, clockWords))
}

// slot is a performance in a casting table: what stands in its columns, and its day and weekday, which it may share with others.
type slot struct {
	row   row
	cells []string
	y     int // twice the middle
}

// rounds reads the casting table: which player plays which part at which performance. A day is told by its digits, its
// weekday and its place behind the day above; a name by the players of its part.
func (p page) rounds(period ticket.Period, cast []Fact) []Fact {
	players := map[string][]string{}
	var parts []string
	for _, f := range cast {
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
		head := p[from].cells
		to := from + 1
		for to < len(p) && p[to].section == roundSection && !tableHead(p[to]) {
			to++
		}
		last, month := period.Start, 0
		for _, s := range slots(head, p[from+1:to]) {
			if m := reBand.FindStringSubmatch(s.row.text()); m != nil && len(s.row.cells) == 1 {
				month = number(m[1])
				continue
			}
			day, clock := s.when(head, last, month, period)
			if day == "" || len(clock) != 5 {
				continue
			}
			last = day
			for i := partsFrom(head); i < len(head); i++ {
				part := nearest(squeezed(head[i].Text), parts, 0.34)
				if name := nearest(squeezed(s.cells[i]), players[part], 0.34); name != "" {
					out = append(out, Fact{Field: Round, Key: fmt.Sprintf("%s %s %s", day, clock, part), Value: name, Text: s.row.text(), Rect: s.row.rect})
				}
			}
		}
	}
	return out
}

// reBand finds the month that stands over the days of a table.
var reBand = regexp.MustCompile(`^\s*(?:20\d\d\s*년\s*)?(\d{1,2})\s*월\s*$`)

// when reads the day and the hour of a performance.
func (s slot) when(head []Line, last ticket.Date, month int, period ticket.Period) (day ticket.Date, clock string) {
	text, weekday := s.cells[0], ""
	if w := columnOf(head, weekdayWords); w >= 0 {
		weekday = s.cells[w]
	} else if m := reDay.FindStringSubmatch(text); m != nil {
		weekday, text = m[1], text[:strings.IndexByte(text, '(')]
	}
	if month > 0 && !strings.ContainsAny(text, "월/.") {
		text = fmt.Sprintf("%d/%s", month, text)
	}
	at := 2
	if c := columnOf(head, clockWords); c >= 0 {
		at = c
	}
	return dayOf(strings.ReplaceAll(text, "월", "/"), weekday, last, period), times(strings.ReplaceAll(s.cells[at], " ", ""))
}

// slots gives the rows of a table's performances, each with the day that stands beside it, or between it and the others of
// that day.
func slots(head []Line, rows []row) []slot {
	clock := max(columnOf(head, clockWords), 1)
	var all []slot
	var days []slot // cells of days that stand between rows
	for _, r := range rows {
		s := slot{row: r, cells: under(head, r), y: r.rect.Min.Y + r.rect.Max.Y}
		switch {
		case len(r.cells) == 1 && reBand.MatchString(r.text()), s.cells[clock] != "" && s.cells[0] != "":
			all = append(all, s)
		case s.cells[clock] != "" || len(r.cells) > 2:
			all = append(all, s)
		case s.cells[0] != "":
			days = append(days, s)
		}
	}
	for i := range all {
		if all[i].cells[0] != "" || len(all[i].row.cells) == 1 {
			continue
		}
		if d := nearestDay(all, i, days); d != nil {
			for c := range clock {
				all[i].cells[c] = d.cells[c]
			}
		}
	}
	return all
}

// nearestDay is the day of a row that has none beside it: the nearest of those between rows, when no other is as near.
func nearestDay(all []slot, i int, days []slot) *slot {
	pitch := 1 << 30 // between this row and the one next to it
	for _, j := range []int{i - 1, i + 1} {
		if j >= 0 && j < len(all) {
			pitch = min(pitch, max(all[j].y-all[i].y, all[i].y-all[j].y))
		}
	}
	off := func(d slot) int { return max(d.y-all[i].y, all[i].y-d.y) }
	near := slices.Clone(days)
	slices.SortStableFunc(near, func(a, b slot) int { return cmp.Compare(off(a), off(b)) })
	if len(near) == 0 || off(near[0]) > pitch || len(near) > 1 && 10*off(near[1]) < 13*off(near[0]) {
		return nil
	}
	return &near[0]
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

// dayOf is the day a cell of a table names, not before last: the one that is written so, else the one whose digits are nearest to
// the text among those of its weekday, at most two and half of them away, within a month.
func dayOf(text, weekday string, last ticket.Date, period ticket.Period) ticket.Date {
	text = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '/' || r == '.' {
			return r
		}
		return -1
	}, digits(text))
	day, sure := weekdays[strings.TrimSpace(weekday)]
	best, found, twice := 3, ticket.Date(""), false
	for d := range 200 {
		date := last.AddDays(d)
		at := date.Time()
		if sure && at.Weekday() != day || period.End != "" && date > period.End.AddDays(31) {
			continue
		}
		written := fmt.Sprintf("%d/%d", at.Month(), at.Day())
		n := min(edits([]rune(text), []rune(written)), edits([]rune(text), []rune(at.Format("01/02"))), edits([]rune(text), []rune(at.Format("1.2"))))
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
