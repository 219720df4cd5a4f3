package normalize

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// TitleForms are the other ways in which sellers write a title.
type TitleForms struct {
	Forms   []string // shorter ones, letters and digits only, without the core itself: "드라큘라" of "드라큘라draculathemusical"
	Gist    string   // the core less the words that many titles share ("콘서트", "정기연주회"), blanks between what remains
	Numbers []string // seasons, editions, volumes and days, without years: "2" of "시즌2", "140" of "제140회", "3" of "III", "토요일"
}

// mostForms bounds what a title made of nothing but brackets gives.
const mostForms = 6

var (
	reQuoted      = regexp.MustCompile(`[<〈《「『\[“"‘](.{1,80}?)[>〉》」』\]”"’]`)
	reBracket     = regexp.MustCompile(`\([^()]*\)|\[[^\[\]]*\]|（[^（）]*）`)
	reDivide      = regexp.MustCompile(`\s*[:：,·|~]\s*|\s+[-–—]\s+|\s*[-–—]\s+`)
	reLatin       = regexp.MustCompile(`[a-z][a-z'’.]*`)
	reTitleNumber = regexp.MustCompile(`\d+`)
	reRoman       = regexp.MustCompile(`(?:^|[^a-z])(i{1,3}|iv|v|vi{1,3}|ix|x)(?:$|[^a-z])`)
	reAfterNumber = regexp.MustCompile(`^\s*(?:$|[-–—:：·<〈(])`) // behind a lone letter that is a number: "리사이틀 I - 봄"
	reWeekday     = regexp.MustCompile(`([월화수목금토일]요일)`)
	romanValue    = map[string]string{"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10"}
)

// Forms gives the other ways of writing a title (TitleParts.Show, with TitleParts.Core).
func Forms(show, titleCore string) TitleForms {
	var out TitleForms
	s := strings.ToLower(norm.NFKC.String(show))
	s, _ = cutCity(Text(s))
	add := func(text string, least int) {
		form := core(text)
		if form == "" || form == titleCore || slices.Contains(out.Forms, form) || len(out.Forms) >= mostForms || !strings.ContainsFunc(form, unicode.IsLetter) {
			return
		}
		if n := utf8.RuneCountInString(form); n < least || !strings.ContainsFunc(form, hangul) && n < 4 {
			return
		}
		out.Forms = append(out.Forms, form)
	}
	for _, m := range reQuoted.FindAllStringSubmatch(s, 3) {
		add(m[1], 2)
	}
	plainText := Text(reBracket.ReplaceAllString(s, " "))
	add(plainText, 1)
	if strings.ContainsFunc(plainText, hangul) {
		add(reLatin.ReplaceAllString(plainText, " "), 1)
	}
	for _, m := range reQuoted.FindAllStringSubmatch(s, 1) {
		add(reLatin.ReplaceAllString(m[1], " "), 2)
	}
	if parts := reDivide.Split(plainText, 4); len(parts) > 1 {
		add(parts[0], 2)
		add(parts[len(parts)-1], 2)
	}
	out.Gist = gist(titleCore, titleGeneric)
	out.Numbers = numbers(s)
	return out
}

func hangul(r rune) bool { return r >= '가' && r <= '힣' }

// numbers lists what numbers a title names, years left out.
func numbers(s string) []string {
	var out []string
	add := func(n string) {
		if !slices.Contains(out, n) && len(out) < 6 {
			out = append(out, n)
		}
	}
	for _, n := range reTitleNumber.FindAllString(s, 8) {
		n = strings.TrimLeft(n, "0")
		if n == "" || len(n) == 4 && (strings.HasPrefix(n, "19") || strings.HasPrefix(n, "20")) {
			continue
		}
		add(n)
	}
	for _, m := range reRoman.FindAllStringSubmatchIndex(s, 3) {
		roman := s[m[2]:m[3]]
		if roman != "i" && roman != "v" && roman != "x" || reAfterNumber.MatchString(s[m[3]:]) {
			add(romanValue[roman])
		}
	}
	if m := reWeekday.FindStringSubmatch(s); m != nil {
		add(m[1])
	}
	return out
}

// gist writes blanks for the words of a key that many share. A key of such words alone stays whole.
func gist(key string, generic *strings.Replacer) string {
	if g := strings.Join(strings.Fields(generic.Replace(key)), " "); g != "" {
		return g
	}
	return key
}

// blanked makes a replacer that writes a blank for every word; of two that begin alike the longer one counts.
func blanked(words ...string) *strings.Replacer {
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, w := range words {
		pairs = append(pairs, w, " ")
	}
	return strings.NewReplacer(pairs...)
}

// titleGeneric are words that titles of different shows share.
var titleGeneric = blanked("가족뮤지컬", "어린이뮤지컬", "창작뮤지컬", "뮤지컬", "연극", "음악극", "콘서트", "토크콘서트", "드림콘서트", "리사이틀", "독주회", "독창회", "연주회", "정기연주회", "정기공연", "특별공연", "기획공연",
	"초청공연", "공연", "음악회", "신년음악회", "송년음악회", "피아노", "바이올린", "첼로", "비올라", "플루트", "클라리넷", "오케스트라", "교향악단", "필하모닉", "심포니", "합창단", "앙상블", "트리오", "콰르텟", "발레", "오페라", "갈라", "무용",
	"내한", "내한공연", "투어", "라이브", "앵콜", "앙코르", "페스티벌", "축제", "크리스마스", "송년", "신년", "기념", "주년", "시즌", "단독", "전국", "시리즈", "특집", "인형극", "마술쇼", "매직쇼", "버블쇼",
	"concert", "recital", "tour", "live", "orchestra", "philharmonic", "symphony", "festival", "musical", "asia", "world", "korea", "inkorea", "inseoul", "seoul", "fanmeeting", "팬미팅", "팬콘서트", "전시", "특별전", "사진전")

// VenueForms are what a venue's name is compared by.
type VenueForms struct {
	Main  string   // the name without what stands in brackets, letters and digits only; "" for one that any place could bear
	Gist  string   // what it says beyond the words that many halls share, former names and the house around the hall included
	Halls []string // which hall of a house it is: "1관", "대극장"
}

// VenueForm takes a venue's name apart for comparing.
func VenueForm(name string) VenueForms {
	v := takeApart(name)
	var out VenueForms
	if !generic(v.key) {
		out.Main = v.key
	}
	keys := []string{v.key}
	for _, text := range v.inner {
		for _, n := range names(text) {
			if k := venueKeyOf(n); k != "" && !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
	}
	var gists []string
	for _, k := range keys {
		for _, h := range reHallMark.FindAllString(k, 3) {
			if h = hallName(h); !slices.Contains(out.Halls, h) {
				out.Halls = append(out.Halls, h)
			}
		}
		g := strings.TrimSpace(venueGeneric.Replace(k))
		switch {
		case utf8.RuneCountInString(g) >= 2:
			gists = append(gists, g)
		case g != "": // one letter is no name: "굿씨어터"
			gists = append(gists, k)
		}
	}
	if len(gists) == 0 {
		gists = keys
	}
	out.Gist = strings.Join(strings.Fields(strings.Join(gists, " ")), " ")
	return out
}

// hallName writes the one name for the ways a hall's size is told.
func hallName(h string) string {
	switch h {
	case "대공연장", "대강당":
		return "대극장"
	case "소공연장":
		return "소극장"
	}
	return h
}

var reHallMark = regexp.MustCompile(`\d{1,2}관|대극장|중극장|소극장|대공연장|소공연장|대강당|오페라극장|오페라하우스|콘서트홀|리사이틀홀|토월극장|챔버홀`)

var venueGeneric = blanked("문화예술회관", "문화예술의전당", "예술의전당", "문화예술", "문화회관", "문화센터", "아트센터", "아트홀", "회관", "대극장", "중극장", "소극장", "극장", "대공연장", "소공연장", "공연장", "대강당", "소강당", "강당",
	"홀", "관", "센터", "씨어터", "스테이지", "체육관", "전용관", "특설무대", "야외무대", "야외공연장", "시민회관", "구민회관", "군민회관", "청소년", "수련관", "문예회관", "라이브", "콘서트", "스튜디오", "스퀘어")
