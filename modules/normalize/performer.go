package normalize

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"ticketmoa/modules/ticket"
)

// NameKey is what spellings of one performer's or company's name have in common: full-width forms folded, lower case,
// letters and digits only. It is "" for a text without any.
func NameKey(name string) string { return letters(lower(norm.NFKC.String(Text(name)))) }

// Spelling is a name as people read it: full-width and other compatibility forms folded.
func Spelling(name string) string { return Text(norm.NFKC.String(Text(name))) }

// Script is the script a name is written in.
type Script byte

// The scripts. A name with any Hangul in it is Hangul; OtherScript is Han, Kana, Cyrillic and the rest.
const (
	NoScript Script = iota
	Hangul
	Latin
	OtherScript
)

// ScriptOf tells which script a name or its key is written in.
func ScriptOf(name string) Script {
	out := NoScript
	for _, r := range name {
		switch {
		case unicode.Is(unicode.Hangul, r):
			return Hangul
		case unicode.Is(unicode.Latin, r) && out == NoScript:
			out = Latin
		case unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r):
			out = OtherScript
		}
	}
	return out
}

// PersonLike tells whether a name is built like that of one Korean: a surname and two syllables.
func PersonLike(name string) bool {
	first, _ := utf8.DecodeRuneInString(name)
	return utf8.RuneCountInString(name) == 3 && ScriptOf(name) == Hangul && strings.ContainsRune(Surnames, first)
}

// Cast cleans performers whom a source lists one by one: each name as CastLine would give it. Who has no name is left out.
func Cast(raw []ticket.CastMember) []ticket.CastMember {
	var out []ticket.CastMember
	for _, m := range raw {
		if p := performer(m.Name); p.Name != "" {
			if role := Text(m.Role); role != "" {
				p.Role = role
			}
			out = append(out, p)
		}
	}
	return out
}

// performer takes one written name apart: the name, the texts in the brackets behind it (Also), and the role when a
// bracket names one ("조성진(피아노)"). A bracket that a name begins with is part of it: "(여자)아이들".
func performer(raw string) ticket.CastMember {
	s := Text(brackets.Replace(raw))
	if rest := strings.TrimSpace(reSquare.ReplaceAllString(s, "")); rest != "" { // "[게스트]홍길동": no name begins so
		s = rest
	}
	s = round.Replace(s)
	var m ticket.CastMember
	var notes []string
	for {
		s = strings.TrimRight(reCastTail.ReplaceAllString(" "+s, ""), " ,.")
		rest, inner, ok := lastBracket(strings.TrimSpace(s))
		if !ok {
			s = rest
			break
		}
		notes = append(notesIn(inner), notes...)
		s = rest
	}
	m.Name = Text(middleBracket(leadingNote(s)))
	var also []string
	for _, n := range notes {
		switch role, known := noteRole(n); {
		case known && m.Role == "":
			m.Role = role
		case !known && NameKey(n) != NameKey(m.Name):
			also = append(also, n)
		}
	}
	m.Also = strings.Join(also, ticket.AlsoMark)
	return m
}

// brackets writes brackets in two ways, round writes the square ones round. What is no bracket of a name (〈…〉 of a title)
// stays.
var (
	brackets = strings.NewReplacer("（", "(", "）", ")", "［", "[", "］", "]", "【", "[", "】", "]", "〔", "[", "〕", "]", "｛", "(", "｝", ")", "{", "(", "}", ")")
	round    = strings.NewReplacer("[", "(", "]", ")")
)

// lastBracket takes the bracket off that a text ends with; ok is false when it ends with none, or is nothing but one.
func lastBracket(s string) (rest, inner string, ok bool) {
	if !strings.HasSuffix(s, ")") {
		if open := strings.LastIndexByte(s, '('); open > 0 && !strings.Contains(s[open:], ")") { // never closed
			return strings.TrimSpace(s[:open]), s[open+1:], true
		}
		return strings.TrimLeft(s, ")"), "", false
	}
	depth := 0
	for i := len(s) - 1; i >= 0; i-- {
		switch s[i] {
		case ')':
			depth++
		case '(':
			depth--
		}
		if depth == 0 {
			if i == 0 {
				return strings.TrimSpace(s[1 : len(s)-1]), "", false
			}
			return strings.TrimSpace(s[:i]), s[i+1 : len(s)-1], true
		}
	}
	return strings.TrimRight(s, ") "), "", false
}

// leadingNote drops a bracket in front that is a remark: one with a word for it, or one that stands apart.
func leadingNote(s string) string {
	if !strings.HasPrefix(s, "(") {
		return s
	}
	inner, rest, closed := strings.Cut(s[1:], ")")
	if !closed {
		return strings.TrimLeft(s, "(")
	}
	if NoName(inner) && ScriptOf(inner) == Hangul || strings.HasPrefix(rest, " ") {
		return strings.TrimSpace(rest)
	}
	return s
}

// middleBracket drops the brackets inside a name, which belong to a part of it only.
func middleBracket(s string) string {
	if len(s) < 2 || !strings.Contains(s[1:], "(") {
		return s
	}
	return s[:1] + reMiddle.ReplaceAllString(s[1:], " ")
}

var (
	reSquare   = regexp.MustCompile(`^\s*\[[^\[\]]*\]`)
	reNumbered = regexp.MustCompile(`^(?:day)?\d{1,4}(?:일|월|년|부|회차|년생|st|nd|rd|th)?$`)
	reLeading  = regexp.MustCompile(`^\([^()]+\)[^()\s,/;|&]+$`)
	reMiddle   = regexp.MustCompile(`\([^()]*\)?`)
	reOf       = regexp.MustCompile(`(?i)^(?:of|from|feat\.?|with|a\.?k\.?a\.?)\s+`)
	reActs     = regexp.MustCompile(`^(.{1,20}?)\s*[역役]$`)
	reCount    = regexp.MustCompile(`^(?:외|등|그외|총)?\d*(?:여)?(?:명|인|팀|기|대|세|차|회|위)?(?:등|외)?$`)
)

// notesIn lists what a bracket says: its parts, brackets in it undone.
func notesIn(inner string) []string {
	if reLeading.MatchString(inner) && leadingNote(inner) == inner { // "(G)I-DLE"
		return []string{inner}
	}
	var out []string
	for _, part := range strings.FieldsFunc(inner, func(r rune) bool { return strings.ContainsRune("(),/;|&、，／"+ticket.AlsoMark, r) }) {
		part = strings.TrimSpace(reOf.ReplaceAllString(strings.TrimSpace(part), ""))
		if key := NameKey(part); key != "" && utf8.RuneCountInString(part) <= 40 && (utf8.RuneCountInString(key) > 1 || ScriptOf(key) == Hangul) && ScriptOf(key) != NoScript {
			out = append(out, part)
		}
	}
	return out
}

// noteRole tells whether a bracket is a remark and neither another name nor a group; role is the part it names, if any.
func noteRole(note string) (role string, known bool) {
	if m := reActs.FindStringSubmatch(note); m != nil {
		return m[1], true
	}
	key := NameKey(note)
	if partWords[key] {
		return note, true
	}
	return "", remarkWords[key] || reCount.MatchString(key) || reNumbered.MatchString(key) || undecided(note)
}

// NoName tells whether what stands where a performer's name is expected is none: "등", "외 10명", "미정", "앙상블", "지휘".
func NoName(name string) bool {
	key := NameKey(name)
	return ScriptOf(key) == NoScript || utf8.RuneCountInString(name) > 40 || undecided(name) || reCount.MatchString(key) ||
		partWords[key] && key != "고수" || remarkWords[key] || crowdWords[key] || reCastLabel.MatchString(name) // 고수 is an actor too
}

func wordSet(lines ...string) map[string]bool {
	out := map[string]bool{}
	for _, line := range lines {
		for _, w := range strings.Fields(line) {
			out[NameKey(w)] = true
		}
	}
	return out
}

var (
	// partWords are what somebody does on a stage.
	partWords = wordSet("지휘 지휘자 연출 안무 작곡 편곡 음악감독 예술감독 해설 해설자 진행 사회 사회자 협연 협연자 독주 반주 반주자 낭독 낭송 내레이션 나레이션 연주 연주자 노래 무용수",
		"소프라노 메조소프라노 메조 알토 카운터테너 테너 바리톤 베이스바리톤 베이스 피아노 피아니스트 바이올린 바이올리니스트 비올라 비올리스트 첼로 첼리스트 더블베이스 콘트라베이스 하프 플루트 오보에 클라리넷 바순 호른 트럼펫 트롬본 튜바 색소폰 팀파니 타악 타악기 퍼커션 마림바 오르간 하프시코드 쳄발로 기타 클래식기타 아코디언 반도네온",
		"보컬 드럼 드러머 건반 키보드 신디사이저 랩 래퍼 코러스 디제이 가야금 거문고 해금 대금 소금 피리 아쟁 장구 북 꽹과리 징 판소리 소리 고수 정가 태평소 생황 양금",
		"Conductor Cond Piano Pf Pno Violin Vn Vln Viola Va Vla Cello Vc Vlc Contrabass Doublebass Cb Harp Flute Fl Oboe Ob Clarinet Cl Bassoon Fg Horn Hr Hn Trumpet Tp Tpt Trombone Trb Tuba Percussion Perc Timp Guitar Gt Gtr Bass Ba Drum Drums Dr Keyboard Kbd Vocal Vo Voc Sax Saxophone Sop Soprano Mezzosoprano Ten Tenor Bar Baritone Alto DJ Organ Rap Rapper Chorus Narration Narrator")
	// remarkWords say something about a performer that is neither name nor group nor part.
	remarkWords = wordSet("특별출연 우정출연 객원 게스트 스페셜게스트 신인 본명 예명 더블 더블캐스트 트리플 얼터 얼터네이트 언더 언더스터디 스윙 커버 원캐스트 솔로 남 여 아역 성인 리더 멤버 내한 초청 특별게스트 MC VJ LIVE SOLO GUEST SPECIALGUEST DJSET LIVESET BAND 밴드셋 TBA",
		"HOST OPENING OPENINGACT HEADLINER ACOUSTIC ACOUSTICSET FULLBAND BANDSET SPECIALMC MON TUE WED THU FRI SAT SUN 월 화 수 목 금 토 일 월요일 화요일 수요일 목요일 금요일 토요일 일요일 오전 오후 낮 밤 출연 공연 오프닝 헤드라이너",
		"한국 미국 영국 일본 중국 대만 독일 프랑스 이탈리아 스페인 러시아 캐나다 호주 스위스 오스트리아 체코 폴란드 헝가리 네덜란드 벨기에 스웨덴 노르웨이 덴마크 핀란드 브라질 아르헨티나 쿠바 멕시코 우크라이나 이스라엘 태국 홍콩",
		"KOREA KR KOR USA US UK JAPAN JP JPN CHINA CN TAIWAN TW GERMANY DE FRANCE FR ITALY IT SPAIN RUSSIA CANADA CA AUSTRALIA AU SWEDEN SE NORWAY NL NETHERLANDS BE")
	// crowdWords stand where names do and name nobody.
	crowdWords = wordSet("등 외 그외 외다수 다수 앙상블 앙상블외 미정 출연진 출연자 출연 배우 배우들 전출연진 전출연자 전원 단원 전단원 합창단 무용단 관현악단 오케스트라 밴드 스태프 스텝 아이들 어린이 시민 관객 없음 공연단 극단 라인업 ENSEMBLE CAST TBA TBD UNKNOWN NA VARIOUSARTISTS")
)
