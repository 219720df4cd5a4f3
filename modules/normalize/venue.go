package normalize

import (
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"

	"ticketmoa/modules/ticket"
)

var (
	reMore      = regexp.MustCompile(`\s*\(?\s*자세히(?:\s*보기)?\s*\)?\s*$`)
	reCityBrack = regexp.MustCompile(`[\[(]([가-힣]{2,7})(?:\s+[가-힣]{2,4})?[\])]`)
	sellerNames = map[string]bool{"티켓링크": true, "인터파크": true, "예스24": true, "yes24": true, "멜론티켓": true, "nol티켓": true, "온라인": true}
)

// Place cleans the name of a venue. known is false when the text says that the venue is not decided yet, or names a
// seller in its stead; the text is kept as the name all the same.
func Place(raw string) (name string, known bool) {
	if name = Text(raw); strings.Contains(name, "자세히") {
		name = reMore.ReplaceAllString(name, "")
	}
	if name == "" {
		return "", false
	}
	return name, !undecided(name) && !sellerName(name) && hasLetter(name)
}

// sellerName tells whether a name is that of a seller, who stands where the venue is not decided.
func sellerName(name string) bool {
	if len(name) > 40 {
		return false
	}
	if !plain(name) {
		name = norm.NFKC.String(name)
	}
	return sellerNames[lower(strings.ReplaceAll(name, " ", ""))]
}

// VenueKey is the match key of a venue: letters and digits in lower case, with a region in brackets left out, so that
// "예술의전당 [서울] (CJ 토월극장)" and "예술의전당 CJ토월극장" are the same.
func VenueKey(name string) string {
	s := strings.ToLower(norm.NFKC.String(Text(name)))
	s = reMore.ReplaceAllString(s, "")
	s = reCityBrack.ReplaceAllStringFunc(s, func(m string) string {
		word, _, _ := strings.Cut(strings.Trim(m, "[]()"), " ")
		if places.provinces[word] != "" || len(places.cities[word]) > 0 || len(places.of[word]) > 0 {
			return " "
		}
		return m
	})
	return letters(s)
}

// VenueRegion tells where a hall stands by its name alone: from the table of big halls, or because the name holds a place
// ("청주예술의전당", "KBS홀 [부산]", an address). ok is false when the name does not tell. It is the answer of a Gazetteer
// without facilities.
func VenueRegion(name string) (region ticket.Region, district string, ok bool) {
	p, ok := bigHalls.Find(name)
	return p.Region, p.District, ok
}

var bigHalls = NewGazetteer(nil)

// City is where the city is that a title ends with (TitleParts.City): there even a common word ("전주") is the city. It is empty for
// a name that two have.
func City(name string) (ticket.Region, string) {
	if r, d, ok := oneCity(name); ok {
		return r, d
	}
	if rs := places.cities[name]; len(rs) == 1 && name != "광주" {
		return today(rs[0], places.full[name])
	}
	return "", ""
}

// oneCity is the city a word names when no other place and no common word does.
func oneCity(word string) (ticket.Region, string, bool) {
	if rs := places.of[word]; len(rs) == 1 && !strings.HasSuffix(word, "구") && word != "광주시" {
		return rs[0], word, true
	}
	if r := places.provinces[word]; r != "" && r != "광주" && len([]rune(word)) > 2 {
		return r, "", true
	}
	if doubtful[word] || word == "광주" {
		return "", "", false
	}
	rs := places.cities[word]
	if len(rs) != 1 && word != "제주" {
		return "", "", false
	}
	if d := places.full[word]; d != "" && word != "제주" {
		r, d := today(rs[0], d)
		return r, d, true
	}
	return rs[0], "", true
}
