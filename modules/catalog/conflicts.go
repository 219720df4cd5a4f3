package catalog

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

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
func conflicts(members []ticket.Listing) []ticket.Conflict {
	var out []ticket.Conflict
	for _, f := range conflictFields {
		var said []ticket.Said
		differ := false
		for _, l := range members {
			v := f.of(&l.Content)
			if v == "" || l.GoneAt != nil {
				continue
			}
			s := ticket.Said{Source: l.Source, Seller: l.Content.Seller, Value: v}
			differ = differ || len(said) > 0 && said[0].Value != v
			if !slices.Contains(said, s) {
				said = append(said, s)
			}
		}
		if differ {
			out = append(out, ticket.Conflict{Field: f.name, Values: said})
		}
	}
	return out
}

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
