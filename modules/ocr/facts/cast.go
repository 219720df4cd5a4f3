package facts

import (
	"cmp"
	"fmt"
	"image"
	"regexp"
	"slices"
	"strings"

	"ticketmoa/modules/hangul"
	"ticketmoa/modules/normalize"
	"ticketmoa/modules/ticket"
)

// ensemble are the words of parts that many play.
var ensemble = []string{"앙상블", "스윙", "코러스", "댄서", "밴드"}

var reSplit = regexp.MustCompile(`[\s,·ㆍ/|]+`)

// cast finds who plays, in the rows under a heading of the cast: a part with names beside it, or a part with the photographs
// and names of its players under it.
func (p page) cast(known Known) []Fact {
	var rows []row
	for _, r := range p {
		if r.section == castSection && !strings.ContainsAny(r.text(), "※") {
			rows = append(rows, r)
		}
	}
	parts := p.parts()
	var out []Fact
	role := ""
	for i, r := range rows {
		if role, names := withNames(r, parts, role != ""); role != "" {
			out = append(out, players(role, names, r, known)...)
			continue
		}
		photographed := i+1 < len(rows) && rows[i+1].rect.Min.Y-r.rect.Max.Y > 4*r.rect.Dy()
		switch {
		case len(r.cells) == 1 && (photographed || slices.Contains(ensemble, nearest(squeezed(r.text()), ensemble, 0.2)) || role == "" && i+1 < len(rows)):
			role = partName(r.text())
		case role != "":
			var names []string
			for _, c := range r.cells {
				names = append(names, reSplit.Split(strings.TrimSpace(c.Text), -1)...)
			}
			out = append(out, players(role, names, r, known)...)
			if slices.Contains(ensemble, role) {
				role = ""
			}
		}
	}
	return out
}

// parts are the parts the casting table names.
func (p page) parts() []string {
	var out []string
	for _, r := range p {
		if r.section == roundSection && tableHead(r) {
			for _, c := range r.cells[min(len(r.cells), 3):] {
				out = append(out, strings.TrimSpace(c.Text))
			}
		}
	}
	return append(out, ensemble...)
}

func partName(text string) string {
	text = strings.Join(strings.Fields(strings.Trim(text, "-·ㆍ•:[]<> ")), " ")
	return cmp.Or(nearest(squeezed(text), ensemble, 0.2), text)
}

// withNames parts a row in a part and the names beside it. Under a part that stands above its names (pending) a row is names alone.
func withNames(r row, parts []string, pending bool) (string, []string) {
	words := reSplit.Split(strings.TrimSpace(r.text()), -1)
	best, at := 0.34, 0
	for n := 1; n <= min(3, len(words)-1); n++ { // a part the table names
		text := squeezed(strings.Join(words[:n], ""))
		for _, part := range parts {
			if d := distance(text, squeezed(part)); d < best {
				best, at = d, n
			}
		}
	}
	if at > 0 {
		return partName(strings.Join(words[:at], " ")), words[at:]
	}
	if left, right, ok := cutLabel(r.text()); ok {
		return strings.TrimSpace(left), reSplit.Split(right, -1)
	}
	if pending || len(words) < 2 || normalize.PersonLike(words[0]) {
		return "", nil
	}
	persons := 0
	for _, w := range words[1:] {
		if normalize.PersonLike(w) {
			persons++
		}
	}
	if 2*persons < len(words)-1 {
		return "", nil
	}
	return partName(words[0]), words[1:]
}

// players gives the names among words as the players of a part, with a known artist's for one that is nearly his.
func players(role string, words []string, r row, known Known) []Fact {
	var out []Fact
	for _, w := range words {
		name := squeezed(w)
		if n := len([]rune(name)); n < 2 || n > 5 || normalize.NoName(name) || strings.IndexFunc(name, func(r rune) bool { return !hangul.IsSyllable(r) }) >= 0 {
			continue
		}
		name = known.Artists.nearest(name)
		out = append(out, Fact{Field: Cast, Key: role, Value: name, Text: w, Rect: r.rect})
	}
	return out
}

// tableHead tells whether a row is the head of a casting table: day, weekday, time, and the parts.
func tableHead(r row) bool {
	if len(r.cells) < 3 {
		return false
	}
	day := nearest(squeezed(r.cells[0].Text), []string{"날짜", "일자", "date", "공연일"}, 0.25)
	clock := nearest(squeezed(r.cells[1].Text), []string{"요일", "시간", "time"}, 0.25)
	return day != "" || clock != ""
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
	var head []Line
	last := period.Start
	for _, r := range p {
		if r.section != roundSection {
			continue
		}
		if tableHead(r) {
			head = r.cells
			continue
		}
		if head == nil || last == "" || len(r.cells) < 3 {
			continue
		}
		cells := under(head, r)
		day := dayOf(cells[0], cells[columnOf(head, "요일")], last, period)
		clock := times(strings.ReplaceAll(cells[columnOf(head, "시간")], " ", ""))
		if day == "" || len(clock) != 5 {
			continue
		}
		last = day
		for i := 3; i < len(head); i++ {
			part := nearest(squeezed(head[i].Text), parts, 0.34)
			name := nearest(squeezed(cells[i]), players[part], 0.34)
			if name != "" {
				out = append(out, Fact{Field: Round, Key: fmt.Sprintf("%s %s %s", day, clock, part), Value: name, Text: r.text(), Rect: r.rect})
			}
		}
	}
	return out
}

// columnOf is the column of a table with a name; where the head does not say, where such a table has it.
func columnOf(head []Line, name string) int {
	for i, c := range head[:3] {
		if distance(squeezed(c.Text), name) < 0.25 {
			return i
		}
	}
	return map[string]int{"요일": 1, "시간": 2}[name]
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

// dayOf is the day a cell of a table names, not before last: the one whose digits are nearest to the text among those of its
// weekday, at most two away.
func dayOf(text, weekday string, last ticket.Date, period ticket.Period) ticket.Date {
	text = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '/' || r == '.' {
			return r
		}
		return -1
	}, digits(text))
	day, sure := weekdays[strings.TrimSpace(weekday)]
	best, found, twice := 3, ticket.Date(""), false
	for d := range 31 {
		date := last.AddDays(d)
		at := date.Time()
		if sure && at.Weekday() != day || period.End != "" && date > period.End.AddDays(31) {
			continue
		}
		written := fmt.Sprintf("%d/%d", at.Month(), at.Day())
		n := min(edits([]rune(text), []rune(written)), edits([]rune(text), []rune(at.Format("01/02"))), edits([]rune(text), []rune(at.Format("1.2"))))
		switch {
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
