package site

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"ticketmoa/modules/ticket"
)

// priceMove is a price that became another, at one seller.
type priceMove struct {
	Offer    ticket.Offer
	Grade    string
	Label    string
	Old, New *ticket.Won // New is nil when the seller names the grade no more, Old when it names it again
	At       time.Time
}

// Up tells whether the price rose.
func (m priceMove) Up() bool { return m.Old != nil && m.New != nil && *m.New > *m.Old }

// movesShown is how many changes of price a page tells of.
const movesShown = 12

// moves are the changes of price at a show's sellers, the latest first.
func moves(p *ticket.Performance, history map[string][]ticket.HistoryRow) []priceMove {
	var out []priceMove
	for _, o := range p.Offers {
		if o.Hearsay {
			continue
		}
		rows := history[o.ListingKey]
		for i := 1; i < len(rows); i++ {
			a, b := rows[i-1], rows[i]
			if a.Field == ticket.HistoryPrice && b.Field == a.Field && a.Grade == b.Grade && a.Label == b.Label {
				out = append(out, priceMove{Offer: o, Grade: b.Grade, Label: b.Label, Old: a.Won, New: b.Won, At: b.From})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b priceMove) int { return b.At.Compare(a.At) })
	return out[:min(len(out), movesShown)]
}

// difference is a field of which a show's sources say different things: each value once, with who says so.
type difference struct {
	Label  string
	Values []differing
}

type differing struct {
	Value string
	Who   []string
}

// differences groups what sources say by what they say, the value of most sources first.
func differences(all []ticket.Conflict) []difference {
	var out []difference
	for _, c := range all {
		d := difference{Label: conflictLabel(c.Field)}
		for _, s := range c.Values {
			value := conflictValue(c.Field, s.Value)
			i := slices.IndexFunc(d.Values, func(v differing) bool { return v.Value == value })
			if i < 0 {
				i = len(d.Values)
				d.Values = append(d.Values, differing{Value: value})
			}
			if who := saidBy(s); !slices.Contains(d.Values[i].Who, who) {
				d.Values[i].Who = append(d.Values[i].Who, who)
			}
		}
		slices.SortStableFunc(d.Values, func(a, b differing) int { return len(b.Who) - len(a.Who) })
		out = append(out, d)
	}
	return out
}

// conflictLabel is what a field is called of which sources say different things.
func conflictLabel(field string) string {
	switch field {
	case "period":
		return "기간"
	case "start_time":
		return "시작 시각"
	case "running_minutes":
		return "관람 시간"
	case "min_age_years":
		return "관람 연령"
	case "prices":
		return "가격"
	case "opens_at":
		return "오픈"
	}
	return field
}

// conflictValue is what a source says of such a field, for people.
func conflictValue(field, value string) string {
	n, err := strconv.Atoi(value)
	switch {
	case field == "running_minutes" && err == nil:
		return minutes(&n)
	case field == "prices":
		if grade, won, ok := cutLast(value, " "); ok {
			if n, err := strconv.ParseInt(won, 10, 64); err == nil {
				return grade + " " + Won(ticket.Won(n))
			}
		}
	case field == "min_age_years" && err == nil && n == 0:
		return "전체 관람가"
	case field == "min_age_years" && err == nil:
		return strconv.Itoa(n) + "세 이상"
	case field == "period":
		start, end, _ := strings.Cut(value, " ~")
		return showPeriod(ticket.Period{Start: ticket.Date(start), End: ticket.Date(strings.TrimSpace(end)), OpenRun: strings.TrimSpace(end) == ""})
	}
	return value
}

// saidBy names the source of a value.
func saidBy(s ticket.Said) string {
	if s.FromImage {
		s.FromImage = false
		return saidBy(s) + " 그림"
	}
	if s.Seller == "" {
		return strings.ToUpper(s.Source)
	}
	return SellerLabel(s.Seller)
}

// cutLast parts s at the last sep.
func cutLast(s, sep string) (before, after string, ok bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// clockOf is a time of day as people say it: "19:30" is 오후 7:30.
func clockOf(t string) string {
	hour, minute, ok := strings.Cut(t, ":")
	h, err := strconv.Atoi(hour)
	switch {
	case !ok || err != nil:
		return t
	case h < 12:
		return "오전 " + strconv.Itoa(h) + ":" + minute
	case h == 12:
		return "낮 12:" + minute
	}
	return "오후 " + strconv.Itoa(h-12) + ":" + minute
}
