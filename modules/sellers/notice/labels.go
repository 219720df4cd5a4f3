package notice

import (
	"regexp"
	"strings"

	"ticketmoa/modules/sellers/page"
)

type field int

const (
	noField field = iota
	period
	times
	place
	price
	running
	age
	other // a label that ends the value before it
)

// strength of a label: "공연기간" can only mean the show, "일시" needs a place where the show is spoken of.
type strength int

const (
	weak strength = iota + 1
	strong
)

type label struct {
	field    field
	strength strength
}

func labelTable() map[string]label {
	m := map[string]label{}
	add := func(f field, s strength, names string) {
		for n := range strings.FieldsSeq(names) {
			m[n] = label{f, s}
		}
	}
	add(period, strong, "공연기간 공연일시 공연일정 공연일자 공연일 공연날짜 행사기간 행사일시 행사일정 행사일자 행사일 전시기간 전시일정 전시일시 "+
		"경기일시 경기일정 경기기간 대회기간 대회일시 축제기간 축제일시 페스티벌기간 상영기간 체험기간 운영기간 관람기간 팬미팅일시 콘서트일시 공연기간및시간 공연일시및시간 공연일시및장소 공연일시/장소 공연기간및장소")
	add(period, weak, "기간 일시 일정 날짜 일자 일시및장소 일시/장소")
	add(times, strong, "공연시간 행사시간 전시시간 공연시간안내 경기시간")
	add(times, weak, "시간")
	add(place, strong, "공연장소 공연장 행사장소 행사장 전시장소 전시장 경기장소 대회장소 개최장소 공연장위치 관람장소")
	add(place, weak, "장소")
	add(price, strong, "티켓가격 티켓가 티켓요금 티켓금액 관람료 관람요금 입장료 입장권가격 좌석가격 좌석등급및가격 공연가격 관람가격 입장권 공연요금 공연티켓가격 가격정보 티켓정가")
	add(price, weak, "가격 요금 금액 티켓")
	add(running, strong, "관람시간 러닝타임 런닝타임 공연러닝타임 소요시간 공연소요시간 상영시간 관람소요시간 runningtime 러닝타임(공연시간) 런닝타임(공연시간)")
	add(age, strong, "관람등급 관람연령 관람가 관람가능연령 입장연령 관람연령제한 관람제한 이용등급 이용연령 입장등급 관람나이 연령제한 관람가능등급 공연등급")
	add(age, weak, "연령 등급")
	add(other, strong, "공연명 부제 부제목 제목 행사명 캐스트 캐스팅 출연 출연진 출연자 문의 공연문의 문의전화 주최 주관 제작 후원 협찬 연출 기획 할인 할인정보 "+
		"예매 예매처 예매오픈 티켓오픈 오픈일시 티켓오픈일시 티켓오픈일정 판매시작 판매기간 예매기간 오픈기간 매수제한 기타정보 트위터 페이스북 홈페이지 게스트 사회 장르")
	return m
}

var (
	labels = labelTable()

	reBullet = regexp.MustCompile(`^(?:[^\p{L}\p{N}(~～'’]+|[①-⑳❶-❿]\s*|\d{1,2}[.)]\s+)+`)
	reLabel  = regexp.MustCompile(`^([^:：>|｜ㅣ]{1,24}?)\s*[\]】〉>]?\s*(?:[:：]|\s[>|｜ㅣ]\s|\s[-–]\s|[|｜ㅣ])\s*(.*)$`)
	reBare   = regexp.MustCompile(`^(공연\s?기간|공연\s?일시|공연\s?일정|공연\s?일자|행사\s?기간|행사\s?일시|전시\s?기간|공연\s?장소|티켓\s?가격|관람\s?등급|관람\s?연령|러닝\s?타임|런닝\s?타임|공연\s?시간)\s*[\]】〉>]?\s+(.+)$`)
	reRemark = regexp.MustCompile(`\([^)]*\)$`)
	// A label in the middle of a line, behind a bullet: the line end between them was lost.
	reGlued = regexp.MustCompile(`(?:[-–◎■▶●•]\s*(?:공연\s*(?:기간|일시|일정|일자|장소|시간)|티켓\s*가격|관람\s*(?:등급|연령|시간)|러닝\s*타임|런닝\s*타임)|` +
		`\s[/|ㅣ｜]\s*(?:공연\s*(?:기간|일시|장소|시간)|일시|장소|티켓\s*가격|가격|관람료|관람\s*(?:등급|연령)))\s*[:：]`)
)

// readLabel finds the label a line begins with. ok is false when it has none; a label nobody knows is noField.
func readLabel(line string) (l label, value string, ok bool) {
	s := reBullet.ReplaceAllString(line, "")
	m := reLabel.FindStringSubmatch(s)
	if m == nil {
		if b := reBare.FindStringSubmatch(s); b != nil {
			l = labels[page.Squeeze(b[1])]
			if l.field == place || strings.ContainsAny(b[2], "0123456789") || l.field == age {
				return l, strings.TrimSpace(b[2]), true
			}
		}
		name := strings.Trim(page.Squeeze(strings.TrimRight(s, "]】〉> ")), "<〈")
		if l, known := labels[name]; known && l.strength == strong && l.field != other {
			return l, "", true // the label stands alone, its value below it
		}
		return label{}, "", false
	}
	name := strings.ToLower(page.Squeeze(m[1]))
	l, known := labels[name]
	if !known {
		l = labels[reRemark.ReplaceAllString(name, "")]
	}
	return l, strings.TrimSpace(m[2]), true
}

// section is what a part of a notice speaks of.
type section int

const (
	opening section = iota // before any heading
	show
	sale
	presales
	offTopic
)

var (
	reShowHead    = regexp.MustCompile(`^(?:공연|행사|전시|경기|콘서트|팬미팅|대회|티켓|상품)?(?:정보|개요|안내|상세정보|상세|기본정보|일반정보)$`)
	reSaleHead    = regexp.MustCompile(`(?:티켓|예매|판매|선예매|오픈)[^:：]*(?:오픈|안내|일정|방법|공지|기간)|오픈$|오픈안내$|오픈일정$|오픈일$`)
	rePresaleHead = regexp.MustCompile(`선\s*예매|사전\s*예매|선오픈|팬클럽|멤버십|멤버쉽`)
	reOtherHead   = regexp.MustCompile(`^(?:할인|공연소개|공연내용|작품소개|작품설명|행사소개|전시소개|내용|소개|시놉시스|줄거리|캐스팅|출연진|출연자|라인업|기획사|주최|공지사항|유의사항|주의사항|예매유의|관람유의|기타사항|알립니다|아티스트|프로그램|제작진|언론|PRESS|SYNOPSIS|이벤트|교통|공연장정보|티켓수령|환불|취소)`)
)

// heading tells which part begins with a line; ok is false when the line is no heading.
func heading(line string) (section, bool) {
	s := reBullet.ReplaceAllString(line, "")
	s = strings.Trim(page.Squeeze(s), "[]【】<>〈〉()*◎■!~-")
	n := len([]rune(s))
	switch {
	case reOtherHead.MatchString(s) && (n <= 14 || glued(s)):
		return offTopic, true
	case n > 22 || strings.HasSuffix(s, "다.") || strings.HasSuffix(s, "니다") || strings.ContainsAny(s, ":："):
		return 0, false
	case reShowHead.MatchString(s):
		return show, true
	case rePresaleHead.MatchString(s):
		return presales, true
	case reSaleHead.MatchString(s) && !strings.ContainsAny(s, "."):
		return sale, true
	}
	return 0, false
}

// glued tells whether a heading has lost the line end behind it: "공연내용[SYNOPSIS]", "기획사정보- 기획 : …".
func glued(s string) bool {
	return hasPrefix(s, "할인정보", "공연소개", "공연내용", "캐스팅", "기획사정보", "공지사항", "시놉시스", "출연진", "출연자정보")
}

func hasPrefix(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}
