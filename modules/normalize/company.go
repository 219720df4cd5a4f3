package normalize

import (
	"regexp"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

var (
	reLegalForm = regexp.MustCompile(`\((?:주|재|사|유|합)\)|주식회사|유한회사|재단법인|사단법인|농업회사법인|(?i:\b(?:co\.?,?\s*)?ltd\b\.?|\binc\b\.?)`)
	reHouse     = regexp.MustCompile(`(?:특별시|광역시|특별자치시|특별자치도|도청|시청|군청|구청|시|군|구|문화재단|예술재단|전당|회관|문화원|아트센터|예술관|예술회관|콘서트하우스|아트홀|조직위원회|집행위원회|위원회|교육청|박물관|미술관|도서관|대학교|공단|공사)$`)
)

// Companies lists the production companies and agencies a text names. Whoever only lends the house or the money (towns,
// halls, foundations of theirs, committees) is left out: artists who have nothing to do with each other stand there.
func Companies(text string) []string {
	var out []string
	seen := map[string]bool{"": true}
	for _, part := range outsideBrackets(round.Replace(brackets.Replace(norm.NFKC.String(Text(text))))) {
		name := Text(part)
		key := CompanyKey(name)
		if seen[key] || undecided(name) || utf8.RuneCountInString(name) > 60 || utf8.RuneCountInString(key) < 2 || reHouse.MatchString(key) {
			continue
		}
		seen[key] = true
		out = append(out, name)
	}
	return out
}

// CompanyKey is what spellings of one company's name have in common: the form of law and what stands in brackets left out.
func CompanyKey(name string) string {
	s := reLegalForm.ReplaceAllString(round.Replace(brackets.Replace(norm.NFKC.String(Text(name)))), " ")
	if key := NameKey(reMiddle.ReplaceAllString(s, " ")); key != "" {
		return key
	}
	return NameKey(s)
}
