package normalize

import (
	"strings"
	"time"

	"ticketmoa/modules/ticket"
)

// moment is a day with a time on it, as far as it is written.
type moment struct {
	day      day
	relative int // days after the reference, -1 when the day is written out
	clocks   []clock
	instant  *time.Time
	ranged   bool // it ends what the moment before begins
}

// Opens reads the instant at which something opens, in Seoul unless the text names a zone. A missing year and 내일 are
// resolved against ref. Of a window the beginning is taken. Blank and undecided text gives nil and no error; a day
// without a time, a weekday that contradicts the date, an hour that may be before or after noon, and several different
// instants give a Problem.
func Opens(raw string, ref time.Time) (*time.Time, error) {
	start, _, err := Window(raw, ref)
	return start, err
}

// Window reads a window such as a presale: its beginning like Opens, and its end when the text gives one with a time.
func Window(raw string, ref time.Time) (start, end *time.Time, err error) {
	if err := conflict(raw); err != nil {
		return nil, nil, err
	}
	text := Text(raw)
	if undecided(text) {
		return nil, nil, nil
	}
	moments, later, err := collect(scan(raw), text)
	if err != nil || later {
		return nil, nil, err
	}
	if len(moments) == 0 {
		return nil, nil, problem("no date in %q", clip(text))
	}
	first, err := moments[0].at(ref, text)
	if err != nil {
		return nil, nil, err
	}
	for i := 1; i < len(moments); i++ {
		if !moments[i].ranged {
			return nil, nil, problem("several instants in %q", clip(text))
		}
		if last := moments[i]; len(last.clocks) > 0 || last.instant != nil {
			end, _ = last.inherit(moments[i-1]).at(*first, text) // an end that cannot be read stays unknown; the beginning stands
		}
	}
	if end != nil && !end.After(*first) {
		end = nil
	}
	return first, end, nil
}

// collect groups tokens into moments. later is true when the text says that the instant is still undecided.
func collect(tokens []token, text string) (out []moment, later bool, err error) {
	op := tokWord
	for _, t := range tokens {
		switch t.kind {
		case tokDay:
			out = append(out, moment{day: t.day, relative: -1, ranged: op == tokRange})
		case tokRelative:
			out = append(out, moment{relative: map[string]int{"오늘": 0, "내일": 1, "모레": 2}[t.text], ranged: op == tokRange})
		case tokInstant:
			at, err := instant(t, text)
			if err != nil {
				return nil, false, err
			}
			out = append(out, moment{relative: -1, instant: &at, ranged: op == tokRange})
		case tokClock:
			switch {
			case len(out) == 0:
				return nil, false, problem("a time before its day: %q", clip(text))
			case op == tokRange && len(out[len(out)-1].clocks) > 0:
				out = append(out, moment{day: day{wd: -1}, relative: -1, clocks: []clock{t.clock}, ranged: true})
			default:
				out[len(out)-1].clocks = append(out[len(out)-1].clocks, t.clock)
			}
		case tokRange:
			op = tokRange
			continue
		case tokMonth:
			return nil, false, problem("a month without a day in %q", clip(text))
		case tokUndecided, tokOpenRun:
			if len(out) == 0 {
				return nil, true, nil
			}
			return out, false, nil
		case tokList, tokWord, tokNumber:
		}
		if t.kind != tokWord {
			op = tokWord
		}
	}
	return out, false, nil
}

func instant(t token, text string) (time.Time, error) {
	at := time.UnixMilli(t.n)
	if t.text != "" {
		s := strings.Replace(t.text, " ", "T", 1)
		var err error
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05.999999999Z0700"} {
			if at, err = time.Parse(layout, s); err == nil {
				break
			}
		}
		if err != nil {
			return time.Time{}, problem("no such instant: %q", clip(text))
		}
	}
	if y := at.In(ticket.Seoul).Year(); y < 1990 || y > 2100 {
		return time.Time{}, problem("an instant out of all bounds: %q", clip(text))
	}
	return ticket.Instant(at), nil
}

// inherit takes the day of the moment before when only a time is written, and its month and year when those are missing.
func (m moment) inherit(before moment) moment {
	if m.instant != nil || m.relative >= 0 || before.relative >= 0 {
		return m
	}
	if m.day.d == 0 {
		m.day = before.day
		m.day.wd = -1
	}
	if m.day.m == 0 {
		m.day.m = before.day.m
	}
	return m
}

func (m moment) at(ref time.Time, text string) (*time.Time, error) {
	if m.instant != nil {
		return m.instant, nil
	}
	if len(m.clocks) == 0 {
		return nil, problem("no time of day in %q", clip(text))
	}
	c, err := agree(m.clocks, text)
	if err != nil {
		return nil, err
	}
	var date ticket.Date
	switch {
	case m.relative >= 0 && ref.IsZero():
		return nil, problem("no day to count from: %q", clip(text))
	case m.relative >= 0:
		date = ticket.DateOf(ref).AddDays(m.relative)
	default:
		d := m.day
		if d.m == 0 {
			return nil, problem("a day without a month in %q", clip(text))
		}
		if d.y == 0 {
			refDay := ticket.Date("")
			if !ref.IsZero() {
				refDay = ticket.DateOf(ref)
			}
			if d.y, err = d.nearest(refDay, text); err != nil {
				return nil, err
			}
		}
		if date, err = d.date(text); err != nil {
			return nil, err
		}
	}
	at := ticket.Instant(date.Time().Add(time.Duration(c.h)*time.Hour + time.Duration(c.min)*time.Minute))
	return &at, nil
}

// agree is the one time several writings name: "20:00(오후 8시)".
func agree(clocks []clock, text string) (clock, error) {
	c := clocks[0]
	for _, o := range clocks[1:] {
		if !o.paren && o.why == "" && c.why == "" && (o.h != c.h || o.min != c.min) {
			return c, problem("several times of day in %q", clip(text))
		}
		if o.paren && o.why == "" {
			if c.why == "" && (o.h != c.h || o.min != c.min) {
				return c, problem("the times of day contradict each other: %q", clip(text))
			}
			c = o
		}
	}
	if c.why != "" {
		return c, problem("%s: %q", c.why, clip(text))
	}
	return c, nil
}
