package hangul

import (
	"slices"
	"testing"
	"unicode/utf8"
)

func TestChoseongAndJamo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, choseong, jamo string }{
		{"시라노", "ㅅㄹㄴ", "ㅅㅣㄹㅏㄴㅗ"}, {"값 A1!", "ㄱ A1!", "ㄱㅏㅄ A1!"}, {"", "", ""}, {"ㅅㄹㄴ", "ㅅㄹㄴ", "ㅅㄹㄴ"}, {"힣가", "ㅎㄱ", "ㅎㅣㅎㄱㅏ"}, {"과", "ㄱ", "ㄱㅘ"},
	} {
		if got := Choseong(c.in); got != c.choseong {
			t.Errorf("Choseong(%q) = %q", c.in, got)
		}
		if got := Jamo(c.in); got != c.jamo {
			t.Errorf("Jamo(%q) = %q", c.in, got)
		}
	}
	if !IsInitial('ㄲ') || IsInitial('ㅏ') || IsInitial('가') || !IsSyllable('가') || IsSyllable('ㄱ') {
		t.Error("letters are taken for what they are not")
	}
}

func TestBigrams(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		"시라노": {"시라", "라노"}, "뮤지컬 <CATS>": {"뮤지", "지컬", "ca", "at", "ts"}, "나 나": {"나"}, "": nil, "···": nil, "가가가": {"가가"},
	} {
		if got := Bigrams(in); !slices.Equal(got, want) {
			t.Errorf("Bigrams(%q) = %q", in, got)
		}
	}
}

func TestJosa(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ word, pair, want string }{
		{"시라노", "은/는", "시라노는"}, {"관객", "이/가", "관객이"}, {"서울", "으로/로", "서울로"}, {"부산", "으로/로", "부산으로"}, {"대구", "으로/로", "대구로"},
		{"2025", "은/는", "2025는"}, {"10", "을/를", "10을"}, {"7", "으로/로", "7로"}, {"3", "이/가", "3이"}, {"9", "이/가", "9가"}, {"4", "과/와", "4와"},
		{"CATS", "은/는", "CATS는"}, {"BTS", "이/가", "BTS가"}, {"Hamilton", "은/는", "Hamilton은"}, {"Wicked", "은/는", "Wicked는"}, {"KBL", "으로/로", "KBL로"},
		{"<시라노>", "을/를", "<시라노>를"}, {"", "은/는", "는"}, {"!", "은/는", "!는"}, {"물", "은", "물은"}, {"렌트)", "이/가", "렌트)가"}, {"concert", "으로/로", "concert로"}, {"Rent", "을/를", "Rent를"}, {"Cat", "이/가", "Cat이"},
	} {
		if got := Josa(c.word, c.pair); got != c.want {
			t.Errorf("Josa(%q, %q) = %q, want %q", c.word, c.pair, got, c.want)
		}
	}
}

func TestFromKeyboard(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"rkskek": "가나다", "tlfksh": "시라노", "abwlzjf": "뮤지컬", "dhkd": "왕", "rkqt": "값", "rkqtdl": "값이", "rkqtl": "갑시", "gksrmf": "한글", "Ehr": "똑",
		"dmldml": "의의", "hello world": "ㅗ디ㅣㅐ 재깅", "2025 zhstjxm": "2025 콘서트", "": "", "가나": "가나", "rrr": "ㄱㄱㄱ", "ekfrrhrl": "닭고기",
	} {
		if got := FromKeyboard(in); got != want {
			t.Errorf("FromKeyboard(%q) = %q, want %q", in, got, want)
		}
	}
	if got := FromKeyboard("KLJ"); got != "ㅏㅣㅓ" {
		t.Errorf("capitals: %q", got)
	}
}

func FuzzAll(f *testing.F) {
	for _, s := range []string{"시라노", "rkskek", "값 A1!", "\xff", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, got := range []string{Choseong(s), Jamo(s), FromKeyboard(s)} {
			if !utf8.ValidString(got) {
				t.Errorf("%q is not UTF-8", got)
			}
		}
		for _, g := range Bigrams(s) {
			if n := utf8.RuneCountInString(g); n < 1 || n > 2 {
				t.Errorf("bigram %q", g)
			}
		}
		if utf8.ValidString(s) && utf8.RuneCountInString(Choseong(s)) != utf8.RuneCountInString(s) {
			t.Errorf("Choseong changes the length of %q", s)
		}
		_ = Josa(s, "은/는")
	})
}
