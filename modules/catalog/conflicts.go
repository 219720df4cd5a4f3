package catalog

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"ticketmoa/modules/ticket"
)

// conflictFields are the fields whose difference between sources people are told of: what a value is compared by, and how it
// is shown. "" says nothing.
var conflictFields = []struct {
	name string
	of   func(*ticket.Content) string
}{
	{"period", func(c *ticket.Content) string { return showPeriod(c.Period) }},
	{"start_time", func(c *ticket.Content) string { return startTime(c.TimesText) }},
	{"running_minutes", func(c *ticket.Content) string { return number(c.RunningMinutes) }},
	{"min_age_years", func(c *ticket.Content) string { return number(c.MinAgeYears) }},
}

// conflicts lists the fields of which the sources of a show say different things, in a fixed order. Sources that name a gone
// listing are not asked.
func conflicts(members []ticket.Listing, openings []ticket.OpeningRef) []ticket.Conflict {
	var out []ticket.Conflict
	for _, f := range conflictFields {
		var said []ticket.Said
		differ := false
		say := func(l *ticket.Listing, c *ticket.Content, image bool) {
			v := f.of(c)
			if v == "" || l.GoneAt != nil {
				return
			}
			s := ticket.Said{Source: l.Source, Seller: l.Content.Seller, Value: v, FromImage: image}
			differ = differ || len(said) > 0 && said[0].Value != v
			if !slices.Contains(said, s) {
				said = append(said, s)
			}
		}
		for i := range members {
			l := &members[i]
			written, _ := pictured(l)
			say(l, &written, false)
			if v := shown(l); v != nil {
				say(l, &v.Content, true)
			}
		}
		if differ {
			out = append(out, ticket.Conflict{Field: f.name, Values: said})
		}
	}
	return append(out, againstImage(members, openings)...)
}

// againstImage lists what a seller's page and its own pictures say differently: prices by grade, and when the sale opens, which
// its notice may say. Between sellers those may differ.
func againstImage(members []ticket.Listing, openings []ticket.OpeningRef) []ticket.Conflict {
	var prices, opens []ticket.Said
	for i := range members {
		l := &members[i]
		v := shown(l)
		if v == nil || l.GoneAt != nil {
			continue
		}
		written, _ := pictured(l)
		by := func(value string, image bool) ticket.Said {
			return ticket.Said{Source: l.Source, Seller: l.Content.Seller, Value: value, FromImage: image}
		}
		for _, p := range v.Content.Prices {
			at := slices.IndexFunc(written.Prices, func(o ticket.Price) bool { return o.Grade == p.Grade && !o.Discount() })
			if at >= 0 && written.Prices[at].Won != p.Won {
				prices = append(prices, by(showPrice(written.Prices[at]), false), by(showPrice(p), true))
			}
		}
		if a, b := cmp.Or(written.OpensAt, announced(openings, l.Content.Seller)), v.Content.OpensAt; a != nil && b != nil && !a.Equal(*b) {
			opens = append(opens, by(showInstant(*a), false), by(showInstant(*b), true))
		}
	}
	var out []ticket.Conflict
	for _, c := range []ticket.Conflict{{Field: "prices", Values: prices}, {Field: "opens_at", Values: opens}} {
		if len(c.Values) > 0 {
			out = append(out, c)
		}
	}
	return out
}

func showPrice(p ticket.Price) string { return p.Grade + " " + strconv.FormatInt(int64(p.Won), 10) }

func showInstant(t time.Time) string { return t.In(ticket.Seoul).Format("2006-01-02 15:04") }

func number(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

var reClock = regexp.MustCompile(`(오전|오후|낮|저녁|밤)?\s*(\d{1,2})\s*(?::\s*(\d{2})|시\s*(?:(\d{1,2})\s*분|(반))?)`)

// startTime is the one time of day that a text names, "19:30"; "" when it names none or several. A text that cannot be
// compared for certain is left out: sellers write tables of times in many ways.
func startTime(text string) string {
	found := ""
	for _, m := range reClock.FindAllStringSubmatch(text, 8) {
		hour, _ := strconv.Atoi(m[2])
		minute, _ := strconv.Atoi(m[3] + m[4])
		if m[5] != "" {
			minute = 30
		}
		switch {
		case (m[1] == "오후" || m[1] == "저녁" || m[1] == "밤") && hour < 12:
			hour += 12
		case m[1] == "" && m[3] == "" && hour < 12: // "7시" may be either half of the day
			return ""
		}
		if hour > 23 || minute > 59 {
			return ""
		}
		at := strconv.Itoa(100 + hour)[1:] + ":" + strconv.Itoa(100 + minute)[1:]
		if found != "" && found != at {
			return ""
		}
		found = at
	}
	return strings.TrimSpace(found)
}
