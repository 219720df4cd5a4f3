package normalize

import (
	"regexp"
	"strings"
	"time"

	"ticketmoa/modules/ticket"
)

// span is a run of days, or one day when both ends are the same.
type span struct{ from, to ticket.Date }

// decoys are words that stand beside dates that are not the run of a show.
var decoys = []string{"오픈회차", "오픈", "예매", "판매", "할인", "접수", "발표", "마감", "티켓", "공지", "라인업", "캐스팅", "환불", "취소", "응모", "당첨"}

// Period reads the run of a show. A missing end year is taken from the start (over new year when it must be), a missing
// year altogether is resolved against ref, the page's own date, to the nearest year that the weekday allows. Several
// single days become Dates. Times of day and remarks in brackets are ignored. Blank or undecided text gives the zero
// Period; text without a date, an end before its start, a day that does not exist or is not the weekday it names, and a
// date of something else (an opening, a discount) give a Problem.
func Period(raw string, ref ticket.Date) (ticket.Period, error) {
	if err := conflict(raw); err != nil {
		return ticket.Period{}, err
	}
	text := Text(raw)
	if undecided(text) {
		return ticket.Period{}, nil
	}
	if w := decoy(text); w != "" {
		return ticket.Period{}, problem("the text speaks of %q, so its dates are not the run of the show: %q", w, clip(text))
	}
	g, err := group(scan(raw), text)
	if err != nil {
		return ticket.Period{}, err
	}
	if len(g.days) == 0 {
		switch {
		case g.openRun:
			return ticket.Period{OpenRun: true}, nil
		case g.undecided:
			return ticket.Period{}, nil
		}
		return ticket.Period{}, problem("no date in %q", clip(text))
	}
	if g.listed() && reClosed.MatchString(reBrackets.ReplaceAllString(text, " ")) {
		return ticket.Period{}, problem("one of the dates may be a day without a show: %q", clip(text))
	}
	spans, err := g.resolve(ref, text)
	if err != nil {
		return ticket.Period{}, err
	}
	return g.period(spans, text)
}

// reUndecided are words that hold a decoy but speak of the run: its end is open or not decided yet.
var reUndecided = regexp.MustCompile(`오픈\s*런|추후\s*(?:공지|안내|공개)`)

// reClosed are words for days without a show; beside dates that a comma joins, one of those may be such a day.
var reClosed = regexp.MustCompile(`휴관|휴무|휴연|없음|제외|쉽니다|쉼|점검`)

// decoy is the first word outside of brackets and notes that says that the dates are those of something else.
func decoy(text string) string {
	t := reBrackets.ReplaceAllString(reUndecided.ReplaceAllString(fold(text), " "), " ")
	if i := strings.IndexAny(t, "*※"); i > 0 {
		t = t[:i]
	}
	for _, w := range decoys {
		if strings.Contains(t, w) {
			return w
		}
	}
	return ""
}

// groups are the dates of a text in order, each with how it is joined to the one before.
type groups struct {
	days      []day
	ranged    []bool // days[i] ends the range that days[i-1] begins
	openRun   bool
	undecided bool
}

func group(tokens []token, text string) (groups, error) {
	var g groups
	op := tokWord // nothing joins yet
	wordSince := ""
	for _, t := range tokens {
		switch t.kind {
		case tokDay:
			if len(g.days) > 0 {
				switch {
				case wordSince != "":
					return g, problem("%q stands between two dates in %q", wordSince, clip(text))
				case op != tokRange && op != tokList:
					return g, problem("nothing joins the dates in %q", clip(text))
				case op == tokRange && g.ranged[len(g.ranged)-1]:
					return g, problem("three dates in one range: %q", clip(text))
				}
			} else if t.day.m == 0 {
				return g, problem("a day without a month in %q", clip(text))
			}
			g.days = append(g.days, t.day)
			g.ranged = append(g.ranged, op == tokRange && len(g.days) > 1)
			op, wordSince = tokWord, ""
		case tokRange, tokList:
			op = t.kind
		case tokClock:
			if op == tokRange {
				op = tokWord // a range of hours
			}
		case tokMonth:
			return g, problem("a month without a day in %q", clip(text))
		case tokInstant:
			return g, problem("an instant is not a run of days: %q", clip(text))
		case tokOpenRun:
			g.openRun, op = true, tokWord
		case tokUndecided:
			g.undecided = true
			if op == tokRange {
				g.openRun, op = true, tokWord
			}
		case tokRelative, tokWord, tokNumber:
			wordSince = t.text
			if t.kind == tokNumber && len(g.days) == 0 {
				return g, problem("%q before the first date in %q", t.text, clip(text))
			}
		}
	}
	if op == tokRange && len(g.days) > 0 {
		return g, problem("the end is missing: %q", clip(text))
	}
	return g, nil
}

// listed tells whether dates stand side by side and not only as the two ends of a range.
func (g groups) listed() bool {
	for i := range g.ranged {
		if i > 0 && !g.ranged[i] {
			return true
		}
	}
	return false
}

// resolve gives every date its year and month and checks that it exists and is the weekday it names.
func (g groups) resolve(ref ticket.Date, text string) ([]span, error) {
	if err := g.years(ref, text); err != nil {
		return nil, err
	}
	var out []span
	for i, d := range g.days {
		date, err := d.date(text)
		if err != nil {
			return nil, err
		}
		switch {
		case g.ranged[i] && date < out[len(out)-1].from:
			return nil, problem("the end is before the start: %q", clip(text))
		case g.ranged[i]:
			out[len(out)-1].to = date
		default:
			out = append(out, span{date, date})
		}
	}
	return out, nil
}

func (g groups) years(ref ticket.Date, text string) error {
	first := -1
	for i := range g.days {
		if g.days[i].m == 0 {
			g.days[i].m = g.days[i-1].m
			if g.days[i].y == 0 && g.days[i].d < g.days[i-1].d {
				return problem("day %d comes after day %d of the same month: %q", g.days[i].d, g.days[i-1].d, clip(text))
			}
		}
		if first < 0 && g.days[i].y != 0 {
			first = i
		}
	}
	if first < 0 {
		y, err := g.days[0].nearest(ref, text)
		if err != nil {
			return err
		}
		g.days[0].y, first = y, 0
	}
	for i := first - 1; i >= 0; i-- {
		g.days[i].y = g.days[i+1].y
		if g.days[i].after(g.days[i+1]) {
			g.days[i].y--
		}
	}
	for i := first + 1; i < len(g.days); i++ {
		if g.days[i].y == 0 {
			g.days[i].y = g.days[i-1].y
			if g.days[i-1].after(g.days[i]) {
				g.days[i].y++
			}
		}
	}
	return nil
}

// after compares month and day only.
func (d day) after(e day) bool { return d.m > e.m || d.m == e.m && d.d > e.d }

// nearest is the year that brings a date without one closest to ref, and onto its weekday when it names one.
func (d day) nearest(ref ticket.Date, text string) (int, error) {
	if ref == "" {
		return 0, problem("no year, and no day to take it from: %q", clip(text))
	}
	best, second, year := 1<<30, 1<<30, 0
	for y := ref.Time().Year() - 1; y <= ref.Time().Year()+1; y++ {
		c := d
		c.y = y
		date, err := c.date(text)
		if err != nil {
			continue
		}
		dist := ref.DaysUntil(date)
		if dist < 0 {
			dist = -dist
		}
		if dist < best {
			best, second, year = dist, best, y
		} else if dist < second {
			second = dist
		}
	}
	switch {
	case year == 0 || best > 270:
		return 0, problem("no year near %s makes a day of that weekday: %q", ref, clip(text))
	case second-best < 60:
		return 0, problem("without a year it may be in %d or the year beside it: %q", year, clip(text))
	}
	return year, nil
}

func (d day) date(text string) (ticket.Date, error) {
	date, err := ticket.NewDate(d.y, time.Month(d.m), d.d)
	if err != nil || d.y < 1950 || d.y > 2150 {
		return "", problem("no such day as %d-%d-%d: %q", d.y, d.m, d.d, clip(text))
	}
	if d.wd >= 0 && int(date.Time().Weekday()) != d.wd {
		return "", problem("%s is not the weekday the text names: %q", date, clip(text))
	}
	return date, nil
}

func (g groups) period(spans []span, text string) (ticket.Period, error) {
	p := ticket.Period{Start: spans[0].from, End: spans[0].to}
	single := true
	for i, s := range spans {
		if i > 0 && s.from <= spans[i-1].to {
			if s == spans[i-1] && s.from == s.to {
				continue // the same day with another time
			}
			return ticket.Period{}, problem("the dates are not in order: %q", clip(text))
		}
		p.End = s.to
		single = single && s.from == s.to
		if len(p.Dates) == 0 || p.Dates[len(p.Dates)-1] != s.from {
			p.Dates = append(p.Dates, s.from)
		}
	}
	if !single || len(p.Dates) < 2 {
		p.Dates = nil
	}
	if p.Start.AddDays(40*366) < p.End {
		return ticket.Period{}, problem("a run of more than forty years: %q", clip(text))
	}
	if g.openRun {
		if p.Start == p.End || len(spans) > 1 {
			p.End, p.Dates = "", nil
		}
		p.OpenRun = true
	}
	return p, nil
}
