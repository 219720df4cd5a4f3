package events

import (
	"regexp"
	"strings"
	"testing"
)

func FuzzForms(f *testing.F) {
	for _, s := range []string{"", "a", "a:", "u:x", "a:0_-Z", "b:x", "abcdefgh", "home", "a.b:c-d", "A", "a\n", "가", "[", "`", "@", "{", strings.Repeat("a", 20), strings.Repeat("a", 21), strings.Repeat("a", 64),
		strings.Repeat("a", 65), "u:" + strings.Repeat("a", 64), "u:" + strings.Repeat("a", 65), strings.Repeat(".", 128), strings.Repeat(".", 129), "a\x00b", "\xff"} {
		f.Add(s)
	}
	forms := []*form{&idForm, &personForm, &pageForm, &refForm, &wordForm}
	f.Fuzz(func(t *testing.T, s string) {
		for _, one := range forms {
			if want := regexp.MustCompile(one.pattern).MatchString(s); one.fits(s) != want {
				t.Errorf("%q fits %s: %v", s, one, !want)
			}
		}
	})
}
