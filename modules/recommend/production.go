package recommend

import (
	"strings"
	"unicode"

	"ticketmoa/modules/normalize"
)

// Production takes a title apart: the show's own name as people write it, without the city it plays in this time, and the
// key that all runs of one production share; "" for a title that names nothing.
func Production(title string) (name, core string) {
	t := normalize.Title(title)
	name = t.Show
	for _, dash := range []string{" - ", " – ", " ― ", "-"} { // "호두까기 인형 - 서울 강동", "캣츠-부산"
		at := strings.LastIndex(name, dash)
		if at > 0 && cities(name[at+len(dash):]) {
			name = strings.TrimSpace(name[:at])
			break
		}
	}
	if t.City != "" {
		for _, mark := range []string{"[" + t.City + "]", "(" + t.City + ")"} {
			name = strings.TrimSpace(strings.ReplaceAll(name, mark, ""))
		}
	}
	if name == t.Show {
		return name, t.Core
	}
	return name, normalize.Title(name).Core
}

// cities tells whether a text is names of places and nothing else.
func cities(text string) bool {
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",/·&", r) })
	for i, w := range words {
		region, _ := normalize.City(w)
		if region == "" && i == 0 {
			return false
		}
		if region == "" && len([]rune(w)) > 3 { // behind a city its part may stand: "서울 강동"
			return false
		}
	}
	return len(words) > 0
}
