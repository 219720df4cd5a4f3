package gram

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"ticketmoa/modules/hangul"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][2]string{ // dense, spaced; marks shown as they are
		"뮤지컬 〈시라노〉":     {"뮤지컬시라노", "뮤지컬 시라노"},
		"BTS 2026 콘서트":  {"Bts\x12026콘서트", "Bts \x12026 콘서트"},
		"Don't Stop":    {"DontStop", "Dont Stop"},
		"R&J":           {"RJ", "R J"},
		"ＢＴＳ Ⅱ":         {"BtsIi", "Bts Ii"},
		"Beyoncé":       {"Beyonce", "Beyonce"},
		"가\x00나 다":      {"가\x00나다", "가\x00나 다"},
		"\u1112\u1161ㅋ": {"하ㅋ", "하ㅋ"},
		"中島美嘉":          {"中島美嘉", "中島美嘉"},
		"  …!? ":        {"", ""},
		"제17회":          {"제\x117회", "제\x117회"},
	} {
		if got := [2]string{Fold(in, false), Fold(in, true)}; got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		word, text string
		want       Fit
	}{
		{"시라노", "뮤지컬 시라노", Within},
		{"시라노", "뮤지컬\x00시라노", Equals},
		{"시라", "뮤지컬\x00시라노", Begins},
		{"노뮤", "시라노\x00뮤지컬", Absent},
		{"ive", "LIVE", Absent},
		{"ive", "I'VE IVE", Begins},
		{"phantom", "The Phantom", Within},
		{"thephantom", "The Phantom", Equals},
		{"hantom", "The Phantom", Absent},
		{"2026", "BTS 2026", Within},
		{"26", "BTS 2026", Absent},
		{"콘서트bts", "콘서트 BTS", Equals},
		{"s콘", "BTS콘서트", Absent},
	} {
		if got := Word(tc.word).Fits(Fold(tc.text, false)); got != tc.want {
			t.Errorf("%q in %q: %v, want %v", tc.word, tc.text, got, tc.want)
		}
	}
}

// FuzzCandidates: a word that stands in a text is among the candidates, and those that are called exact hold it.
func FuzzCandidates(f *testing.F) {
	f.Add("뮤지컬 〈오페라의 유령〉 The Phantom 2026", "오페라의", "ㅇㅍㄹ")
	f.Add("BTS콘서트\x00中島", "bts콘", "ㅂ유")
	f.Fuzz(func(t *testing.T, text, word, letters string) {
		if len(text) > 1000 || !utf8.ValidString(text) || !utf8.ValidString(word) || !utf8.ValidString(letters) {
			return
		}
		text, word, letters = Fold(text, false), Plain(word), Plain(letters)
		texts := []string{text, "다른글", text + "\x00끝"}
		for range 200 { // so that pairs become common
			texts = append(texts, text)
		}
		b := NewBuilder(true, len(texts), 0)
		for _, s := range texts {
			b.Add(s)
		}
		tab := b.Table()
		var terms []*Term
		if word != "" {
			terms = append(terms, Word(word))
		}
		var spans []hangul.Span
		for _, r := range letters {
			if s, ok := hangul.ByInitial(r); ok {
				spans = append(spans, s)
			} else {
				spans = append(spans, hangul.Span{First: r, Last: r})
			}
		}
		if len(spans) > 0 {
			terms = append(terms, Pattern(spans))
		}
		for _, term := range terms {
			checkTerm(t, term, tab, texts)
		}
		if word != "" {
			checkProse(t, Word(word), texts)
		}
	})
}

// checkProse holds what a table without initials knows of a word against the texts.
func checkProse(t *testing.T, term *Term, texts []string) {
	t.Helper()
	b := NewBuilder(false, len(texts), 0)
	for _, s := range texts {
		b.Add(s)
	}
	tab := b.Table()
	list, exact := term.Candidates(tab, len(texts), &Scratch{}, nil)
	if !slices.IsSorted(list) || term.Most(tab) < len(list) {
		t.Errorf("candidates %v, at most %d", list, term.Most(tab))
	}
	for n, text := range texts {
		at, _ := term.Find(text)
		_, in := slices.BinarySearch(list, uint32(n))
		if at >= 0 && !in || exact && in && at < 0 {
			t.Errorf("%+v in the prose %q: found at %d, candidate %v, exact %v", term, text, at, in, exact)
		}
	}
}

// TestProse: in prose a syllable is found within rows, at their beginnings and ends, and alone; rows do not run together.
func TestProse(t *testing.T) {
	t.Parallel()
	var texts []string
	for _, s := range []string{"봄 여름", "새봄 나라", "봄나라", "한봄날 b봄", "여름", "나라 라디오", "나라디오", "가나 나다", "가나다", "봄 中봄"} {
		for range 80 { // so that pairs become common
			texts = append(texts, Fold(s, true))
		}
	}
	for _, w := range []string{"봄", "날", "라", "다", "나라", "나라디", "가나다", "새봄", "b봄", "中봄", "없"} {
		checkProse(t, Word(w), texts)
	}
}

func checkTerm(t *testing.T, term *Term, tab *Table, texts []string) {
	t.Helper()
	var s Scratch
	list, exact := term.Candidates(tab, len(texts), &s, nil)
	begin, known := term.Beginning(tab, len(texts), &s, nil)
	if !slices.IsSorted(list) {
		t.Errorf("candidates %v", list)
	}
	equal := term.Equal(tab, len(texts), &s, nil)
	candidate, beginner := map[uint32]bool{}, map[uint32]bool{}
	for _, n := range list {
		candidate[n] = true
	}
	for _, n := range begin {
		beginner[n] = true
	}
	for n, text := range texts {
		at, end := term.Find(text)
		in := candidate[uint32(n)]
		if at >= 0 && !in || exact && in && at < 0 {
			t.Errorf("%+v in %q: found at %d, candidate %v, exact %v", term, text, at, in, exact)
		}
		if at >= 0 && (end <= at || end > len(text) || strings.IndexByte(text[at:end], Part) >= 0) {
			t.Errorf("%+v in %q: from %d to %d", term, text, at, end)
		}
		if known && term.Fits(text) >= Begins && !beginner[uint32(n)] {
			t.Errorf("%+v begins a part of %q and is not known to", term, text)
		}
		if term.word != "" && term.Fits(text) == Equals && !slices.Contains(equal, uint32(n)) {
			t.Errorf("%+v is a part of %q and is not known to be", term, text)
		}
	}
}

// TestBlocks: a table of more texts than one block holds finds them in every block, in their order.
func TestBlocks(t *testing.T) {
	t.Parallel()
	words := []string{"가나다라", "나다", "다라마바", "마바 Sea", "ㅋㅋ 가", "바다가나다"}
	texts := make([]string, 2*blockSize+500)
	b := NewBuilder(true, len(texts), 0)
	for n := range texts {
		texts[n] = Fold(words[n*7%len(words)]+words[n/3%len(words)], false)
		b.Add(texts[n])
	}
	tab := b.Table()
	for _, term := range []*Term{Word("가나다"), Word("다라"), Word("바"), Word("sea"), Word("ㅋ"), Word("없다"), Pattern([]hangul.Span{{First: '가', Last: '나'}, {First: '나', Last: '나'}})} {
		checkTerm(t, term, tab, texts)
	}
}
