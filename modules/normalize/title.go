package normalize

import (
	"html"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// TitleParts is what a title says.
type TitleParts struct {
	Clean     string   // decorations removed, the round kept: "뮤지컬 <시라노> 3차"; otherwise the characters of the source
	Show      string   // the round taken off as well: "뮤지컬 <시라노>"
	Core      string   // match key: letters and digits of the show's own name, "시라노"
	City      string   // "서울", "청주"; "" when the title names none
	Round     int      // 3 for 3차; 0 for none
	Exclusive bool     // the seller says that nobody else sells it
	Badges    []string // decorations in brackets that were removed: "단독판매"
}

var (
	reTagNames = regexp.MustCompile(`(?i)</(b|strong|span|font|em|i|u|p|div|a|sub|sup|small|big|s)\s*>`)
	reBreak    = regexp.MustCompile(`(?i)<br\s*/?\s*>`)
	reBadge    = regexp.MustCompile(`[\[［(（【]\s*((?:(?i:nol|놀|nol티켓|인터파크|예스24|yes24|멜론|멜론티켓|티켓링크)\s*)?(?:단독\s*판매|단독|티켓\s*오픈|공지|예매\s*안내|선\s*예매|일반\s*예매|예매\s*대기|안심\s*예매|조기\s*예매|얼리버드|타임딜|오늘\s*할인|좌석\s*우위|HOT|NEW))\s*[\]］)）】]`)
	// At the very beginning sellers also set what a ticket costs or who may buy it.
	reLeadBadge = regexp.MustCompile(`^[\[［(（【]\s*([^\]］)）】]{0,20}(?:할인|특가|쿠폰|\d\s*%|타임\s*세일|마감\s*임박)[^\]］)）】]{0,12}|팬클럽|일반|일반\s*예매|문화가\s*있는\s*날)\s*[\]］)）】]\s*`)
	reArea      = regexp.MustCompile(`\s*[(\[]\s*([가-힣]{2,4})(?:\s+[가-힣]{2,5})?\s*(?:\(?\s*(?:앵콜|앙코르)\s*\)?)?\s*[)\]]$`)
	reOpening   = regexp.MustCompile(`\s*[-–:|]?\s*(?:(?:티켓|예매|일반\s*예매|선\s*예매|판매)\s*)+(?:오픈|시작)?\s*(?:일정|일시|일)?\s*(?:변경)?\s*(?:안내|공지|예정)?\s*[!.~]*(?:\s*\([^)]*\d[^)]*\))?$`)
	reOpenTail  = regexp.MustCompile(`\s+오픈\s*(?:안내|공지)$`)
	reOpenMid   = regexp.MustCompile(`\s*(?:티켓|예매)\s*오픈\s*(?:안내|공지)\s+`)
	reOpenWord  = regexp.MustCompile(`오픈|안내|공지|시작|예정`)
	reLineup    = regexp.MustCompile(`\s*(?:\d{1,2}차\s*)?라인업\s*(?:발표|공개|오픈)\s*(?:및|&|/)?\s*$`)
	reAndTail   = regexp.MustCompile(`\s+(?:및|&)$`)
	reOpenLead  = regexp.MustCompile(`^(?:티켓|예매)\s*오픈\s*(?:안내|공지)?\s*[-:|]\s*`)
	reRound     = regexp.MustCompile(`\s*[(\[]?\s*(?:제\s*)?(\d{1,2})\s*차\s*[)\]]?$`)
	reLast      = regexp.MustCompile(`\s+(?:마지막|최종|추가\s*회차|추가)$`)
	reYearLead  = regexp.MustCompile(`^(?:\[(?:19|20)\d{2}\]|(?:19|20)\d{2})년?(?:\s*[-~]\s*(?:19|20)?\d{2})?(?:\s+|$)`)
	reYearTail  = regexp.MustCompile(`\s+(?:\((?:19|20)\d{2}\)|\[(?:19|20)\d{2}\]|(?:19|20)\d{2})$`)
	reLeadMark  = regexp.MustCompile(`^\[[^\]]*\]\s*`)
	reLabel     = regexp.MustCompile(`^(?:(?:가족|어린이|창작|쇼|라이선스|오리지널|국민|코미디|로맨틱\s*코미디|체험|음악|내한|브로드웨이|댄스|넌버벌)?\s*(?:뮤지컬|연극|음악극|인형극|가족극|낭독극|콘서트|오페라|발레|전시|전시회|국악|창극|음악회|무용)|musical|concert|play)\s*([\s<〈《「『\["“'‘:,].*)$`)
	reQuote     = regexp.MustCompile(`^[<〈《「『]`)
)

// Title reads a title as a seller or a notice writes it.
func Title(raw string) TitleParts {
	var t TitleParts
	s := Text(stripTags(html.UnescapeString(raw)))
	for {
		before := s
		s = t.undecorate(s)
		if s == before {
			break
		}
	}
	t.Clean = s
	t.Show, t.Round = cutRound(s)
	_, t.City = cutCity(t.Show)
	t.Core = core(t.Show)
	return t
}

// cutRound takes the round off the end, or from before the city that ends a title.
func cutRound(s string) (show string, round int) {
	if m := reRound.FindStringSubmatchIndex(s); m != nil && m[0] > 0 {
		return strings.TrimSpace(s[:m[0]]), atoi(s[m[2]:m[3]])
	}
	if l := reLast.FindString(s); l != "" {
		return strings.TrimSpace(strings.TrimSuffix(s, l)), 0
	}
	if head, name := cutCity(s); name != "" && strings.HasPrefix(s, head) {
		if m := reRound.FindStringSubmatchIndex(head); m != nil && m[0] > 0 {
			return Text(head[:m[0]] + s[len(head):]), atoi(head[m[2]:m[3]])
		}
	}
	return s, 0
}

// stripTags removes markup only where an element is closed: "<A>" and "< HEAVEN >" are names of shows.
func stripTags(s string) string {
	s = reBreak.ReplaceAllString(s, " ")
	for _, m := range reTagNames.FindAllStringSubmatch(s, -1) {
		open := regexp.MustCompile(`(?i)<` + m[1] + `(?:\s+[a-z-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s<>]+))*\s*>`)
		if loc := open.FindStringIndex(s); loc != nil && loc[0] < strings.Index(s, m[0]) {
			s = s[:loc[0]] + s[loc[1]:]
			s = strings.Replace(s, m[0], "", 1)
		}
	}
	return s
}

func (t *TitleParts) undecorate(s string) string {
	for {
		m := reBadge.FindStringSubmatchIndex(s)
		if m == nil {
			break
		}
		badge := strings.TrimSpace(s[m[2]:m[3]])
		t.Badges = append(t.Badges, badge)
		t.Exclusive = t.Exclusive || strings.Contains(badge, "단독")
		s = Text(s[:m[0]] + " " + s[m[1]:])
	}
	if m := reLeadBadge.FindStringSubmatchIndex(s); m != nil && hasLetter(s[m[1]:]) {
		t.Badges = append(t.Badges, strings.TrimSpace(s[m[2]:m[3]]))
		s = Text(s[m[1]:])
	}
	if m := reOpening.FindStringIndex(s); m != nil && m[0] > 0 && reOpenWord.MatchString(s[m[0]:]) {
		s = reAndTail.ReplaceAllString(strings.TrimSpace(s[:m[0]]), "")
	}
	if m := reOpenTail.FindStringIndex(s); m != nil && m[0] > 0 {
		s = s[:m[0]]
	}
	if m := reOpenMid.FindStringIndex(s); m != nil && m[0] > 0 {
		s = s[:m[0]] + " " + s[m[1]:]
	}
	if m := reLineup.FindStringIndex(s); m != nil && m[0] > 0 {
		s = strings.TrimSpace(s[:m[0]])
	}
	if m := reOpenLead.FindString(s); len(m) < len(s) {
		s = s[len(m):]
	}
	return Text(s)
}

var (
	reCityTail = regexp.MustCompile(`(?i)\s*(?:[-–~_]\s*|\s+in\s+)([가-힣]{2,5}|[a-z]{4,10})\s*(?:공연|콘서트)?$`)
	reCityShow = regexp.MustCompile(`\s([가-힣]{2,4})\s*공연$`)
	reCityMark = regexp.MustCompile(`\s*[\[［(（]\s*([가-힣]{2,4})(?:\s+[가-힣]{2,4}|\s*공연)?\s*[\]］)）]\s*`)
	reCityLead = regexp.MustCompile(`^([가-힣]{2,4})\s+[-–]\s+`)
)

// romanCities are cities as posters write them in Latin letters.
var romanCities = map[string]string{
	"seoul": "서울", "busan": "부산", "daegu": "대구", "incheon": "인천", "gwangju": "광주", "daejeon": "대전", "ulsan": "울산", "sejong": "세종",
	"jeju": "제주", "suwon": "수원", "goyang": "고양", "seongnam": "성남", "yongin": "용인", "bucheon": "부천", "ansan": "안산", "anyang": "안양",
	"cheongju": "청주", "cheonan": "천안", "jeonju": "전주", "changwon": "창원", "pohang": "포항", "gimhae": "김해", "jinju": "진주",
	"gangneung": "강릉", "chuncheon": "춘천", "wonju": "원주", "yeosu": "여수", "suncheon": "순천", "gumi": "구미", "uiseong": "의성", "gyeongju": "경주",
}

// doubtful names of cities are words of their own too; they count only in brackets.
var doubtful = map[string]bool{"영광": true, "장수": true, "고성": true, "진도": true, "예산": true, "보은": true, "음성": true, "공주": true, "성주": true, "고령": true}

func city(word string) string {
	if c := romanCities[strings.ToLower(word)]; c != "" {
		return c
	}
	if len(places.cities[word]) > 0 || places.provinces[word] != "" && len([]rune(word)) == 2 {
		return word
	}
	return ""
}

// quarters are parts of a city that the registry sets behind a title like a city.
var quarters = map[string]bool{"대학로": true, "홍대": true, "명동": true, "능동": true, "신촌": true, "한남": true, "강남": true, "코엑스": true, "잠실": true, "여의도": true,
	"성수": true, "이태원": true, "압구정": true, "혜화": true, "동숭": true, "서면": true, "해운대": true, "센텀": true, "동성로": true, "명지": true, "검단": true, "청라": true, "송도": true, "일산": true, "분당": true, "판교": true, "동탄": true, "광교": true}

// area tells whether a word in brackets behind a title says where it is played.
func area(word string) bool {
	return quarters[word] || city(word) != "" || len(places.of[word+"구"]) > 0 || len(places.of[word]) > 0
}

// cutCity takes the city off a title and names it.
func cutCity(s string) (rest, name string) {
	for _, re := range []*regexp.Regexp{reCityTail, reCityShow, reCityLead, reCityMark} {
		for _, m := range re.FindAllStringSubmatchIndex(s, -1) {
			c := city(s[m[2]:m[3]])
			if c == "" || doubtful[c] && re != reCityMark {
				continue
			}
			if rest := Text(s[:m[0]] + " " + s[m[1]:]); letters(rest) != "" {
				return rest, c
			}
		}
	}
	return s, ""
}

func hasLetter(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }

// core is what remains of a title when everything that sellers write differently is gone.
func core(show string) string {
	s := strings.ToLower(norm.NFKC.String(show))
	s, _ = cutCity(Text(s))
	if m := reArea.FindStringSubmatchIndex(s); m != nil && area(s[m[2]:m[3]]) && hasLetter(beyondLabel(s[:m[0]])) {
		s = s[:m[0]]
	}
	for {
		t := s
		for _, re := range []*regexp.Regexp{reYearLead, reYearTail} {
			if cut := strings.TrimSpace(re.ReplaceAllString(t, "")); hasLetter(beyondLabel(cut)) {
				t = cut
			}
		}
		if m := reLeadMark.FindString(t); m != "" {
			if rest := t[len(m):]; reLabel.MatchString(rest) || reQuote.MatchString(rest) {
				t = rest
			}
		}
		if m := reLabel.FindStringSubmatch(t); m != nil && letters(m[1]) != "" {
			t = strings.TrimSpace(m[1])
		}
		if t == s {
			break
		}
		s = t
	}
	if k := letters(s); k != "" {
		return k
	}
	if k := letters(strings.ToLower(norm.NFKC.String(show))); k != "" {
		return k
	}
	return letters(show)
}

// beyondLabel gives what a title holds beside its genre word, so that a year is not cut off "연극 1984".
func beyondLabel(s string) string {
	if m := reLabel.FindStringSubmatch(s + " "); m != nil {
		return m[1]
	}
	return s
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}
