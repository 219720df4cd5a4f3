package search

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/hangul"
	"ticketmoa/modules/normalize"
	"ticketmoa/modules/search/gram"
	"ticketmoa/modules/ticket"
)

// TestKoreanOracles are what public libraries for Korean search agree on.
func TestKoreanOracles(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		typed, title string
		found        bool
	}{
		{"ㄷㅂ", "두부", true},
		{"ㅎㄱ", "홍길동", true},
		{"ㅈㅁ있ㄴ", "재미있는", true},
		{"과", "광고주", true},
		{"ㄹ", "말", false},
		{"ㅇ녕하ㅅㅇ", "안녕하세요", true},
		{"ㅇㅍㄹㅇㅇㄹ", "오페라의 유령", true},
		{"ㄱㅅ", "깨소금", true}, // ㄲ typed ㄱ
		{"ㄳㅎ", "가수협회", true},
		{"오펠", "오페라", true},
		{"오페라의 유", "오페라의 유령", true},
		{"오페라의유령", "오페라의 유령", true},
		{"dhvpfk", "오페라", true},
		{"ㅗ므ㅣㄷㅅ", "Hamlet", true},
		{"시라노를", "시라노", true},
		{"시라누", "시라노", true},
		{"오페라의 유렁", "오페라의 유령", true},
		{"오페라유령", "오페라의 유령", true},                           // a syllable left out
		{"지킬앤드하이드", "지킬앤하이드", true},                          // one put in
		{"hamlat", "Hamlet", true},                           // a letter wrong
		{"조형균시라노", "조형균 시라노", true},                          // nothing wrong
		{"ive", "LIVE 콘서트", false},                           // not within a word
		{"ive", "IVE 콘서트", true},                             // but at its beginning
		{"ＢＴＳ", "BTS", true},                                 // full width
		{"시즌2", "시즌 Ⅱ", true},                                // Roman numerals
		{"beyonce", "Beyoncé", true},                         // without its accent
		{"한글", "\u1112\u1161\u11ab\u1100\u1173\u11af", true}, // letters written in parts
		{"dont stop", "Don't Stop", true},
		{"유령", "오페라의 유령", true},
		{"없던물건", "오페라의 유령", false},
		{"엘지아트센터", "LG아트센터 개관 공연", true},
		{"예스24 라이브홀", "YES24 라이브홀 10주년", true},
		{"yes24 라이브홀", "예스24 라이브홀 10주년", true},
		{"케이비에스", "KBS 교향악단", true},
		{"ㅋㅋ", "ㅋㅋ 코미디 쇼", true}, // letters that stand for themselves
		{"ㄱㄴㄷ 한글 체험전", "ㄱㄴㄷ 한글 체험전", true},
		{"떳다 ㅅㄱ", "떳다 ㅅㄱ [대학로]", true},
		{"ㄸㄷㅅㄱ", "떳다 ㅅㄱ [대학로]", false},
	} {
		x, _ := newIndex(t, &ticket.Performance{ID: "it", Title: tc.title})
		res, err := x.Search(Query{Text: tc.typed, Sort: ByRelevance, Limit: 3}, now)
		if err != nil || (res.Total == 1) != tc.found {
			t.Errorf("%q finds %q: %v, want %v (read as %+v, %v)", tc.typed, tc.title, res.Total == 1, tc.found, res.Read, err)
		}
	}
}

// The real titles of data sets that lie beside the checkout; none when they are not there.
func realTitles(t *testing.T) []string {
	t.Helper()
	sets := filepath.Join("..", "..", "..", "shared", "data", "sets")
	musicals, err := os.Open(filepath.Join(sets, "kopis_musicals_skn03", "p_d.csv"))
	if err != nil {
		t.Skipf("the real titles are not there: %v", err)
	}
	defer func() { must(t, musicals.Close()) }()
	rows, err := csv.NewReader(musicals).ReadAll()
	must(t, err)
	seen := map[string]bool{}
	var out []string
	add := func(title string) {
		if title != "" && !seen[title] {
			seen[title] = true
			out = append(out, title)
		}
	}
	for _, r := range rows[1:] {
		add(r[2])
	}
	raw, err := os.ReadFile(filepath.Join(sets, "kopis_culturepedia", "performance_370.json"))
	must(t, err)
	var fixtures []struct {
		Fields struct {
			Title string `json:"title"`
		} `json:"fields"`
	}
	must(t, json.Unmarshal(raw, &fixtures))
	for _, f := range fixtures {
		add(f.Fields.Title)
	}
	return out
}

// slipOf are the ways in which people write a name otherwise than it stands.
func slipsOf(name string, r *rand.Rand) map[string]string {
	letters := []rune(name)
	out := map[string]string{"exact": name, "spaceless": strings.ReplaceAll(name, " ", "")}
	korean := 0
	for _, l := range letters {
		if hangul.IsSyllable(l) {
			korean++
		}
	}
	plain := gram.Plain(name)
	if korean >= 4 && korean == len([]rune(plain)) {
		out["initials"] = hangul.Choseong(strings.ReplaceAll(name, " ", ""))
		out["keyboard"] = hangul.ToKeyboard(name)
	}
	if korean < 3 {
		return out
	}
	at := r.IntN(len(letters))
	for !hangul.IsSyllable(letters[at]) {
		at = r.IntN(len(letters))
	}
	wrong := slices.Clone(letters)
	wrong[at] = slip1(letters[at], r)
	out["one syllable wrong"] = string(wrong)
	if half := len(letters) - 1; korean >= 4 && hangul.IsSyllable(letters[half]) && hangul.IsSyllable(letters[half-1]) {
		// The last syllable is only begun: its consonant hangs on the syllable before, or stands alone.
		out["typing"] = string(letters[:half]) + hangul.Choseong(string(letters[half]))
	}
	return out
}

// slip1 is a syllable with one of its letters another.
func slip1(s rune, r *rand.Rand) rune {
	n := int(s - '가')
	i, m, f := n/588, n/28%21, n%28
	switch r.IntN(3) {
	case 0:
		i = (i + 1 + r.IntN(18)) % 19
	case 1:
		m = (m + 1 + r.IntN(20)) % 21
	default:
		f = (f + 1 + r.IntN(27)) % 28
	}
	return rune('가' + (i*21+m)*28 + f)
}

// TestKnownItem looks for hundreds of real shows the way people type, among all the real titles there are.
func TestKnownItem(t *testing.T) {
	t.Parallel()
	titles := realTitles(t)
	s := &shelf{docs: map[string]*ticket.Performance{}}
	for i, title := range titles {
		id := fmt.Sprintf("p%05d", i)
		s.docs[id] = &ticket.Performance{ID: id, Title: title, Period: ticket.Period{Start: "2026-12-01", End: "2026-12-31"}, FirstSeenAt: now.Add(-time.Duration(i) * time.Minute)}
	}
	x := New(s, errMissing, Config{}, func() time.Time { return now }, slog.New(slog.DiscardHandler))
	must(t, x.Load(t.Context()))
	r := rand.New(rand.NewPCG(20261126, 1))
	found, asked := map[string]int{}, map[string]int{}
	missed := map[string][]string{}
	for range 400 {
		title := titles[r.IntN(len(titles))]
		parts := normalize.Title(title)
		name, _, _ := strings.Cut(parts.Show, " [") // the city behind a title is not typed
		for kind, typed := range slipsOf(name, r) {
			asked[kind]++
			if knownItem(t, x, typed, parts.Core) {
				found[kind]++
			} else {
				missed[kind] = append(missed[kind], fmt.Sprintf("%s ← %s", title, typed))
			}
		}
	}
	for kind, least := range map[string]float64{"exact": .98, "spaceless": .98, "initials": .95, "one syllable wrong": .90, "keyboard": .95, "typing": .95} {
		share := float64(found[kind]) / float64(asked[kind])
		t.Logf("%-20s %d of %d: %.1f %%", kind, found[kind], asked[kind], 100*share)
		if share < least || asked[kind] < 100 {
			t.Errorf("%s: %.1f %% of %d, want %.0f %%; missed %q", kind, 100*share, asked[kind], 100*least, missed[kind][:min(12, len(missed[kind]))])
		}
	}
}

// knownItem tells whether one of the first three results is the show, wherever it is played.
func knownItem(t *testing.T, x *Index, typed, core string) bool {
	t.Helper()
	res, err := x.Search(Query{Text: typed, Sort: ByRelevance, Limit: 3}, now)
	must(t, err)
	return slices.ContainsFunc(res.Items, func(p *ticket.Performance) bool { return normalize.Title(p.Title).Core == core })
}
