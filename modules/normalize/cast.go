package normalize

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"ticketmoa/modules/ticket"
)

var (
	reCastTail  = regexp.MustCompile(`\s*(?:등|외|외\s*다수|그\s*외|외\s*\d+명|등\s*\d+명)\s*\.?$`)
	reCastRole  = regexp.MustCompile(`^([^:：|｜]{1,20})\s*[:：|｜]\s*(.+)$`)
	reCastLabel = regexp.MustCompile(`(?i)^(?:출연|출연진|출연자|출연\s*배우|캐스팅|캐스트|배우|cast|casting)$`)
)

// Surnames begin the names of nearly all Koreans; they tell three names in a row from one name of three words.
const Surnames = "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용"

// CastLine reads names out of one line: "조형균, 최재림 등" gives two, "시라노｜조형균 최재림" two in the role. What a name has in
// brackets behind it is kept beside it (Also), unless it is a part ("조성진(피아노)"): then that is the role. What cannot be a
// name is left out; a word for the whole cast ("출연 :") is no role.
func CastLine(raw string) []ticket.CastMember {
	s := Text(strings.ReplaceAll(raw, "\n", ", "))
	s = brackets.Replace(strings.NewReplacer("，", ",", "、", ",", "／", "/").Replace(s))
	var out []ticket.CastMember
	seen := map[string]int{}
	role := ""
	for _, part := range outsideBrackets(s) {
		part = strings.TrimLeft(part, " -–•·*※▶■")
		labelled := false
		if m := reCastRole.FindStringSubmatch(part); m != nil && balanced(m[1]) {
			role, part, labelled = strings.TrimSpace(m[1]), m[2], true
			if reCastLabel.MatchString(role) {
				role = ""
			}
		}
		for _, name := range namesIn(Text(reCastTail.ReplaceAllString(" "+strings.TrimSpace(part), "")), labelled) {
			m := performer(name)
			if role != "" {
				m.Role = role
			}
			if m.Name == "" || utf8.RuneCountInString(m.Name) > 40 || !hasLetter(m.Name) || undecided(m.Name) {
				continue
			}
			if at := seen[m.Role+"\x00"+m.Name]; at > 0 {
				if first := &out[at-1]; m.Also != "" && m.Also != first.Also {
					first.Also = strings.Trim(first.Also+ticket.AlsoMark+m.Also, ticket.AlsoMark)
				}
				continue
			}
			out = append(out, m)
			seen[m.Role+"\x00"+m.Name] = len(out)
		}
	}
	return out
}

// outsideBrackets splits a line at its commas, slashes and semicolons, those inside of brackets excepted.
func outsideBrackets(s string) []string {
	var out []string
	depth, from := 0, 0
	closes := strings.Count(s, ")") + strings.Count(s, "]")
	for i, r := range s {
		switch r {
		case '(', '[':
			if depth++; closes == 0 { // never closed: a slip, and no reason to swallow the rest
				depth = 0
			}
		case ')', ']':
			closes--
			depth = max(depth-1, 0)
		case ',', '/', ';':
			if depth == 0 {
				out, from = append(out, s[from:i]), i+1
			}
		}
	}
	return append(out, s[from:])
}

func balanced(s string) bool {
	return strings.Count(s, "(") == strings.Count(s, ")") && strings.Count(s, "[") == strings.Count(s, "]")
}

// namesIn takes what follows a role apart where it is Korean names with blanks between: each of three syllables, a
// surname first. Anything else is one name ("데이먼 브라운").
func namesIn(s string, labelled bool) []string {
	words := strings.Fields(s)
	if !labelled || len(words) < 2 {
		return []string{s}
	}
	for _, w := range words {
		first, _ := utf8.DecodeRuneInString(w)
		if utf8.RuneCountInString(w) != 3 || !strings.ContainsRune(Surnames, first) {
			return []string{s}
		}
	}
	return words
}
