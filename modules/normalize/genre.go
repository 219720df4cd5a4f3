package normalize

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"ticketmoa/modules/ticket"
)

// kind is what one word for a genre means. An empty genre with tags leaves the genre to the title.
type kind struct {
	genre ticket.Genre
	tags  []string
}

// genreWords are the words of all sources, lower case and without blanks.
func genreWords() map[string]kind {
	m := map[string]kind{
		"가족뮤지컬": {ticket.Musical, []string{ticket.TagFamily}}, "어린이뮤지컬": {ticket.Musical, []string{ticket.TagFamily}},
		"가족극": {ticket.Play, []string{ticket.TagFamily}}, "팬미팅": {ticket.Concert, []string{ticket.TagFanMeeting}},
		"팬클럽": {ticket.Concert, []string{ticket.TagFanMeeting}}, "팬클럽/팬미팅": {ticket.Concert, []string{ticket.TagFanMeeting}},
		"페스티벌": {ticket.Concert, []string{ticket.TagFestival}}, "해외뮤지션": {ticket.Concert, []string{ticket.TagForeignArtist}},
		"내한공연": {ticket.Concert, []string{ticket.TagForeignArtist}}, "내한": {ticket.Concert, []string{ticket.TagForeignArtist}},
		"콘서트/페스티벌": {ticket.Concert, nil}, "가족/어린이": {"", []string{ticket.TagFamily}},
		"아동/가족": {"", []string{ticket.TagFamily}}, "아동": {"", []string{ticket.TagFamily}}, "가족": {"", []string{ticket.TagFamily}}, "kids": {"", []string{ticket.TagFamily}},
		"어린이": {"", []string{ticket.TagFamily}}, "family": {"", []string{ticket.TagFamily}},
	}
	for genre, words := range map[ticket.Genre]string{
		ticket.Musical:     "뮤지컬 musical 라이선스 오리지널 창작 넌버벌 창작뮤지컬 라이선스뮤지컬 오리지널뮤지컬",
		ticket.Play:        "연극 play drama",
		ticket.Concert:     "콘서트 concert 대중음악 가요 국내뮤지션 라이브 인디 락/메탈 힙합 재즈 발라드 트로트",
		ticket.Classical:   "클래식 classic classical 서양음악(클래식) 서양음악 오페라 클래식/오페라 성악 교향곡",
		ticket.Dance:       "무용 dance 무용(서양/한국무용) 서양/한국무용 대중무용 발레 발레/무용 무용/발레 현대무용 한국무용",
		ticket.Traditional: "국악 한국음악(국악) 한국음악 전통예술",
		ticket.CircusMagic: "서커스/마술 서커스 마술 매직",
		ticket.Exhibition:  "전시 exhibition exhibit 전시회 미술 미술전",
		ticket.Sports:      "스포츠 sports 야구 축구 농구 배구 e스포츠 esports e-sports baseball soccer",
		ticket.OtherGenre:  "복합 기타",
	} {
		for w := range strings.FieldsSeq(words) {
			m[w] = kind{genre: genre}
		}
	}
	return m
}

// genreCodes are the codes sources use where they give no word, by source and code.
func genreCodes() map[string]string {
	return map[string]string{
		"yes24:15456": "콘서트", "yes24:15462": "국내뮤지션", "yes24:15463": "해외뮤지션", "yes24:15464": "페스티벌", "yes24:15457": "뮤지컬",
		"yes24:15465": "뮤지컬", "yes24:15466": "뮤지컬", "yes24:15467": "뮤지컬", "yes24:15468": "뮤지컬", "yes24:15458": "연극", "yes24:15469": "연극",
		"yes24:15470": "연극", "yes24:15471": "클래식", "yes24:15473": "무용", "yes24:15474": "국악", "yes24:15475": "전시", "yes24:999": "아동/가족",
		"yes24:9991": "가족뮤지컬", "yes24:9992": "가족극", "yes24:9993": "아동/가족",
		"ticketlink:14": "콘서트", "ticketlink:15": "연극", "ticketlink:16": "뮤지컬", "ticketlink:24": "전시", "ticketlink:85": "아동/가족", "ticketlink:137": "스포츠",
		"interpark:1": "콘서트", "interpark:2": "클래식", "interpark:7": "뮤지컬",
		"kopis:AAAA": "연극", "kopis:GGGA": "뮤지컬", "kopis:CCCA": "클래식", "kopis:CCCC": "국악", "kopis:CCCD": "콘서트", "kopis:BBBC": "무용",
		"kopis:BBBE": "무용", "kopis:EEEA": "복합", "kopis:EEEB": "서커스",
		"melon:GENRE_CON": "콘서트", "melon:GENRE_CON_ALL": "콘서트", "melon:GENRE_CON_VISIT_KOR": "해외뮤지션", "melon:GENRE_CON_IDOL": "콘서트",
		"melon:GENRE_FAN": "팬미팅", "melon:GENRE_FAN_ALL": "팬미팅", "melon:GENRE_CLA": "클래식", "melon:GENRE_CLA_ALL": "클래식",
		"melon:GENRE_EXH": "전시", "melon:GENRE_EXH_ALL": "전시",
	}
}

var (
	knownWords = genreWords()
	knownCodes = genreCodes()

	reSplit       = regexp.MustCompile(`\s+[-–]\s+|\s*[>,|·]\s*`)
	reRankTail    = regexp.MustCompile(`\s*(?:주간|월간|일간|데일리|\d+위).*$`)
	reEventWord   = regexp.MustCompile(`^(?:전시/행사|체험/행사|행사|축제/레저|레저|레저/캠핑|체험|워터파크|leisure|event|행사/축제|축제|전시/체험)$`)
	reFamilyName  = regexp.MustCompile(`가족\s*뮤지컬|어린이\s*뮤지컬|키즈\s*뮤지컬|가족극|어린이극|가족\s*공연|인형극|어린이\s*연극`)
	reNotMusical  = regexp.MustCompile(`뮤지컬\s*(?:배우|스타|갈라|콘서트|토크|OST)`)
	rePlay        = regexp.MustCompile(`(?:^|[^공])연극|낭독극|1인극|모노드라마`)
	reMagic       = regexp.MustCompile(`(?i)마술|매직\s*(?:쇼|콘서트)|magic\s*show|서커스|circus`)
	reFan         = regexp.MustCompile(`(?i)팬\s*미팅|팬콘|fan\s*-?\s*meeting|fan\s*-?\s*con\b|생일파티`)
	reFestival    = regexp.MustCompile(`(?i)페스티벌|festival|뮤직페스타`)
	reMusicFest   = regexp.MustCompile(`(?i)(?:록|락|재즈|뮤직|음악|포크|힙합|인디|music|rock|jazz|edm|지산|펜타포트)\s*(?:페스티벌|festival|페스타)`)
	reExhibition  = regexp.MustCompile(`(?i)특별전|사진전|원화전|기획전|개인전|회고전|전시회|전시$|^\s*전시\s|展|미디어\s*아트|exhibition`)
	reTraditional = regexp.MustCompile(`국악|판소리|창극|사물놀이|가야금|거문고|해금|대금\s*독주|산조|정가\s|종묘제례악|풍물`)
	reDanceName   = regexp.MustCompile(`(?i)발레|현대무용|한국무용|무용단|무용제|춤판|ballet`)
	reClassical   = regexp.MustCompile(`(?i)리사이틀|recital|독주회|독창회|연주회|오케스트라|orchestra|교향악|교향곡|필하모닉|philharmonic|심포니|symphony|협주곡|실내악|콰르텟|quartet|오페라(?:\s|$|[<〈《「『\[])|음악회|합창단|합창제|피아니스트|바이올린|첼로|클래식`)
	reConcert     = regexp.MustCompile(`(?i)콘서트|concert|단독\s*공연|내한\s*공연|전국투어|라이브\s*투어|world\s*tour|live\s*in\s|디너쇼`)
	reTalk        = regexp.MustCompile(`토크\s*콘서트|북\s*콘서트|강연`)
	reMusical     = regexp.MustCompile(`(?i)\bmusical\b`)
	reSports      = regexp.MustCompile(`(?i)챔피언십|토너먼트|e\s*-?스포츠|KBO|K리그|프로야구|프로축구|한국시리즈|포스트시즌|올스타전`)
)

// Genre says what kind of show it is: by the source's own word or code, and by the title only where that is silent or
// names two kinds at once. What neither says is "". The tags come from both.
func Genre(source, word, title string) (ticket.Genre, []string) {
	var genre ticket.Genre
	var tags []string
	event := false
	for _, w := range genreParts(source, word) {
		if reEventWord.MatchString(w) {
			event = true
			continue
		}
		k := knownWords[w]
		if k.genre != "" { // what stands behind is the finer word: "CLASSIC > 무용"
			genre = k.genre
		}
		tags = append(tags, k.tags...)
	}
	byTitle, titleTags := titleGenre(title)
	switch {
	case genre != "":
	case event && byTitle == "":
		genre = ticket.OtherGenre
	default:
		genre = byTitle
	}
	tags = append(tags, titleTags...)
	slices.Sort(tags)
	tags = slices.Compact(tags)
	if len(tags) == 0 {
		tags = nil
	}
	return genre, tags
}

// genreParts gives the words of a genre text as the table has them: "콘서트 주간 9위" → 콘서트; "콘서트 - 페스티벌" → both.
func genreParts(source, word string) []string {
	w := strings.TrimSpace(Text(word))
	if known, ok := knownCodes[source+":"+w]; ok {
		w = known
	}
	var out []string
	for _, p := range reSplit.Split(norm.NFKC.String(w), -1) {
		p = reRankTail.ReplaceAllString(p, "")
		if p = strings.ToLower(strings.Join(strings.Fields(p), "")); p != "" {
			out = append(out, p)
		}
	}
	return out
}

func titleGenre(title string) (ticket.Genre, []string) {
	s := norm.NFKC.String(Text(title))
	var tags []string
	if reFamilyName.MatchString(s) {
		tags = append(tags, ticket.TagFamily)
	}
	if reFestival.MatchString(s) {
		tags = append(tags, ticket.TagFestival)
	}
	if reFan.MatchString(s) {
		return ticket.Concert, append(tags, ticket.TagFanMeeting)
	}
	if strings.Contains(s, "내한") {
		tags = append(tags, ticket.TagForeignArtist)
	}
	return titleKind(s), tags
}

func titleKind(s string) ticket.Genre {
	plain := reNotMusical.ReplaceAllString(s, " 콘서트 ")
	switch {
	case strings.Contains(plain, "뮤지컬") || reMusical.MatchString(plain):
		return ticket.Musical
	case reTalk.MatchString(s):
		return ""
	case rePlay.MatchString(s):
		return ticket.Play
	case reMagic.MatchString(s):
		return ticket.CircusMagic
	case reExhibition.MatchString(s):
		return ticket.Exhibition
	case reTraditional.MatchString(s):
		return ticket.Traditional
	case reDanceName.MatchString(s):
		return ticket.Dance
	case reClassical.MatchString(s):
		return ticket.Classical
	case reConcert.MatchString(plain) || reMusicFest.MatchString(s):
		return ticket.Concert
	case reSports.MatchString(s):
		return ticket.Sports
	}
	return ""
}
