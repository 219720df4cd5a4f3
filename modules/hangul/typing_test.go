package hangul

import "testing"

func TestTyped(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		typed   rune
		yes, no []string
	}{
		{'고', []string{"고", "곤", "과", "괜", "굉"}, []string{"구", "가", "꼬"}},
		{'펠', []string{"펠", "펢", "페라", "페리"}, []string{"펜", "페", "페가", "퍼라"}},
		{'값', []string{"값", "갑시"}, []string{"갑", "갑비", "가시"}},
		{'갑', []string{"갑", "값", "가방", "가뿐"}, []string{"간", "가사"}},
		{'ㄱ', []string{"가", "꽃", "긱"}, []string{"나"}},
	} {
		for want, list := range map[bool][]string{true: tc.yes, false: tc.no} {
			for _, s := range list {
				if got := reads(Typed(tc.typed), []rune(s)); got != want {
					t.Errorf("%c may become %s: %v, want %v", tc.typed, s, got, want)
				}
			}
		}
	}
	if Typed('a') != nil || Typed('ㅏ') != nil {
		t.Error("what begins no syllable becomes none")
	}
}

func reads(all [][]Span, s []rune) bool {
	for _, spans := range all {
		ok := len(spans) == len(s)
		for i := 0; ok && i < len(s); i++ {
			ok = spans[i].Has(s[i])
		}
		if ok {
			return true
		}
	}
	return false
}

func TestToKeyboard(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"ㅠㅅㄴ": "bts", "햣ㅣㄷ": "gitle", "과": "rhk", "값": "rkqt", "bts 2": "bts 2"} {
		if got := ToKeyboard(in); got != want {
			t.Errorf("ToKeyboard(%q) = %q, want %q", in, got, want)
		}
	}
	for _, s := range []string{"오페라의유령", "지킬앤하이드", "값", "꽃"} {
		if got := FromKeyboard(ToKeyboard(s)); got != s {
			t.Errorf("%q comes back as %q", s, got)
		}
	}
}

func TestApart(t *testing.T) {
	t.Parallel()
	if got := Apart("ㄳㅎ"); got != "ㄱㅅㅎ" {
		t.Error(got)
	}
}
