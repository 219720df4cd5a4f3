package events

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestRedact(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"레미제라블 010-1234-5678":        "레미제라블 [번호]",
		"01012345678":                "[번호]",
		"０１０－１２３４－５６７８":              "[번호]",
		"010\u200b1234\u200b5678":    "[번호]",
		"010 . 1234 . 5678 홍길동":      "[번호] 홍길동",
		"+82 10 1234 5678":           "[번호]",
		"(02) 123-4567":              "([번호]",
		"031-123-4567 문의":            "[번호] 문의",
		"٠١٠١٢٣٤٥٦٧٨":                "[번호]",
		"𝟘𝟙𝟘𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠":                "[번호]",
		"hong.gil-dong@naver.com 표":  "[이메일] 표",
		"hong＠naver．com":             "[이메일]",
		"hong @ naver . com":         "[이메일]",
		"900101-1234567":             "[번호]",
		"900101 - 2234567 캣츠":        "[번호] 캣츠",
		"9001011234567":              "[번호]",
		"4111 1111 1111 1111":        "[번호]",
		"4111-1111-1111-1111 오페라":    "[번호] 오페라",
		"3782 822463 10005":          "[번호]",
		"계좌 110123456789":            "계좌 [번호]",
		"  시라노\t\n 서울 ":              "시라노 서울",
		"010ㅡ1234ㅡ5678":              "[번호]",
		"010−1234−5678":              "[번호]",
		"010~1234~5678":              "[번호]",
		"010 -- 1234 -- 5678":        "[번호]",
		"0 1 0 1 2 3 4 5 6 7 8":      "[번호]",
		"⓪①⓪-①②③④-⑤⑥⑦⑧":              "[번호]",
		"900101ㅡ1234567":             "[번호]",
		"90.01.01 1234567":           "[번호]",
		"hong@naver,com":             "[이메일]",
		"hong@naver。com":             "[이메일]",
		"1 2 3 4 5 6 콘서트":            "1 2 3 4 5 6 콘서트",
		"2025, 2026, 2027":           "2025, 2026, 2027",
		"2026-12-25 호두까기":            "2026-12-25 호두까기",
		"2026.12.25 ~ 2026.12.31":    "2026.12.25 ~ 2026.12.31",
		"20261225":                   "20261225",
		"150,000원 R석":                "150,000원 R석",
		"1588-1234":                  "1588-1234",
		"ㅅㄹㄴ":                        "ㅅㄹㄴ",
		"@home 콘서트":                  "@home 콘서트",
		"2NE1 20th anniversary 1945": "2NE1 20th anniversary 1945",
		"":                           "",
	} {
		if got := Redact(in); got != want {
			t.Errorf("Redact(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzRedact looks for a text that keeps a number put into it, grows, or changes when redacted again.
func FuzzRedact(f *testing.F) {
	for _, s := range []string{"레미제라블", "a @ 010 1234 5678.co", "1 2 3", "900101-", "@", "\xff", strings.Repeat("가", 200)} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		got := Redact(before)
		if !utf8.ValidString(got) || len(got) > maxQuery || !plain(got) {
			t.Fatalf("Redact(%q) = %q", before, got)
		}
		if again := Redact(got); again != got {
			t.Fatalf("twice: %q, then %q", got, again)
		}
		if len(before) > 100 || len(after) > 100 {
			return
		}
		for _, secret := range []string{"010-9876-5432", "01098765432", "hong@naver.com", "900101-1234567", "4111 1111 1111 1111"} {
			if out := Redact(before + secret + after); strings.Contains(out, secret) {
				t.Fatalf("Redact(%q) = %q", before+secret+after, out)
			}
		}
	})
}
