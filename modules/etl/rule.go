package etl

import (
	"regexp"
	"strings"
)

// cut is what stands for the parts of a reason that differ from row to row.
const cut = "…"

var (
	quoted   = regexp.MustCompile(`"(?:[^"\\]|\\.)*(?:"|$)|'\\?[^' ]{1,10}'`) // a clipped reason may lack its last quote
	address  = regexp.MustCompile(`[a-z][a-z0-9+.-]*://\S+`)
	variable = regexp.MustCompile(`(^|[^\pL\pN])(?:0x[0-9a-f]+|[0-9][0-9.,:/TZ+-]*[0-9]|[0-9])(%?)`)
	cuts     = regexp.MustCompile(`…(?:[\s,;~-]*…)+`)
)

// ruleOf is a reason without the numbers, dates, addresses and quoted words in it, so that rows withheld for the same
// cause have the same rule. It is never empty.
func ruleOf(reason string) string {
	s := quoted.ReplaceAllString(reason, cut)
	s = address.ReplaceAllStringFunc(s, func(found string) string {
		return cut + found[len(strings.TrimRight(found, ":;,)")):]
	})
	s = variable.ReplaceAllString(s, "${1}"+cut+"${2}")
	s = cuts.ReplaceAllString(s, cut)
	s = strings.Join(strings.Fields(s), " ")
	for s != strings.TrimSuffix(s, ": "+cut) {
		s = strings.TrimSuffix(s, ": "+cut)
	}
	if s == "" {
		return cut
	}
	return clip(s, 200)
}

// addRule joins the rules of several faults in one row, each once.
func addRule(all, rule string) string {
	for r := range strings.SplitSeq(all, "; ") {
		if r == rule {
			return all
		}
	}
	return all + "; " + rule
}
