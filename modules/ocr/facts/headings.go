package facts

import (
	"image"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// section is a part of a strip under a heading.
type section int

const (
	top section = iota // above the first heading
	openSection
	infoSection
	priceSection
	discountSection
	castSection
	roundSection
	noticeSection
	otherSection // under a heading that says nothing of these
)

// headings are the words over the parts of a strip.
var headings = map[section][]string{
	openSection: {"티켓오픈", "티켓오픈안내", "티켓오픈일정", "예매오픈", "예매안내", "예매일정", "예매오픈안내", "오픈안내", "오픈일정", "ticketopen", "open", "티켓예매", "선예매안내", "booking", "ticketing", "예매시작"},
	infoSection: {"공연개요", "공연정보", "공연안내", "공연상세", "상세정보", "기본정보", "행사개요", "전시개요", "전시정보", "information", "info", "performanceinfo", "공연상세정보", "공연소개",
		"showinfo", "overview"},
	priceSection:    {"price", "가격", "가격안내", "가격정보", "티켓가격", "티켓가격안내", "관람료", "입장료", "티켓정보", "좌석가격", "좌석등급", "ticketprice", "ticket", "좌석등급및가격", "가격정보안내", "티켓금액", "티켓안내", "seatprice"},
	discountSection: {"discount", "할인", "할인정보", "할인안내", "할인혜택", "할인율", "할인내용", "할인권종", "할인정책", "sale", "할인종류", "티켓할인"},
	castSection:     {"cast", "casting", "캐스팅", "캐스트", "출연진", "출연", "출연자", "출연배우", "배우소개", "캐스트소개", "아티스트", "lineup", "라인업", "artist", "출연진소개", "등장인물", "나오는사람들", "member", "members"},
	roundSection: {"캐스트일정", "캐스팅일정", "캐스트스케줄", "캐스팅스케줄", "캐스팅스케쥴", "캐스트스케쥴", "출연일정", "배우스케줄", "castingschedule", "castschedule", "schedule", "스케줄", "캐스팅표",
		"공연일정", "공연스케줄", "출연진일정", "배우일정", "캐스트캘린더", "캐스팅캘린더"},
	noticeSection: {"관람안내", "유의사항", "주의사항", "예매유의사항", "관람유의사항", "관람시유의사항", "예매시유의사항", "notice", "공지사항", "안내사항", "취소환불안내", "환불안내", "취소수수료", "취소수수료안내", "취소및환불규정", "티켓취소안내", "취소안내", "취소규정", "환불규정", "예매취소안내", "취소환불규정", "꼭읽어주세요", "꼭확인해주세요", "관람전확인해주세요", "확인해주세요", "꼭확인하세요", "알아두세요", "관람수칙", "관객안내",
		"시놉시스", "synopsis", "줄거리", "작품소개", "기획사정보", "오시는길", "예매처"},
	otherSection: {"제작진", "creative", "creativeteam", "만든사람들", "만드는사람들", "program", "프로그램"},
}

// reComposed finds headings that are put together of the words headings are made of: "예매 및 관람 유의사항", "2월 캐스팅표".
var reComposed = regexp.MustCompile(`^(?:\d{1,2}월|\d차)?(?:티켓|예매|오픈|판매|일정|시작|안내|정보|개요|상세|공연|전시|행사|작품|관람|가격|요금|금액|좌석|등급|이용|입장|할인|혜택|종류|내용|정책|및|` +
	`출연진|출연자|출연|배우|캐스트|캐스팅|스케줄|스케쥴|표|캘린더|달력|소개|회차별|회차|일자별|날짜별|요일별|멤버|아티스트|작가|참여|라인업|제작진|만드는|만든|사람들|유의|주의|사항|에티켓|환불|취소|규정|수수료|말씀|특전|프로그램|구매자|구역|값|나오는|친구들|관객|좌석별|입장권|주역|무용수)+$`)

// composed are what the words of a composed heading make of it, the first that is found.
var composed = []struct {
	words *regexp.Regexp
	is    section
}{
	{regexp.MustCompile(`유의|주의|에티켓|환불|취소|말씀|수수료|관람안내|관객`), noticeSection},
	{regexp.MustCompile(`(?:캐스트|캐스팅|출연|배우).*(?:일정|표|스케줄|스케쥴|캘린더|달력)|(?:회차|일자|날짜|요일)별`), roundSection},
	{regexp.MustCompile(`^\d{1,2}월(?:캐스팅|캐스트|출연배우|출연진|출연|배우)$`), roundSection},
	{regexp.MustCompile(`^나오는|출연|캐스트|캐스팅|라인업|배우|멤버|아티스트|작가|무용수`), castSection},
	{regexp.MustCompile(`할인`), discountSection},
	{regexp.MustCompile(`특전|프로그램|혜택|제작진|만드는|만든|소개`), otherSection},
	{regexp.MustCompile(`가격|요금|금액|등급|값$`), priceSection},
	{regexp.MustCompile(`오픈|예매|판매`), openSection},
	{regexp.MustCompile(`(?:공연|전시|행사|작품|상세).*(?:정보|개요|안내)|^개요$`), infoSection},
	{regexp.MustCompile(`^티켓$`), priceSection},
}

// heading tells whether a row is one by what it says. Headings with letters spaced out arrive as several cells; behind one may
// stand the same in other letters ("할인 DISCOUNT"), however that was read.
func heading(r row) (section, bool) {
	if len(r.cells) > 6 {
		return top, false
	}
	text := squeezed(r.text())
	n := len([]rune(text))
	plain := n >= 2 && n <= 20 && !strings.ContainsAny(r.text(), "%:,")
	if plain {
		if s, d := nearestHeading(text); d == 0 || s != top && !isLabel(text) && !strings.ContainsAny(text, "0123456789") {
			return s, true
		}
		if s := composedOf(text); s != top && !isLabel(text) {
			return s, true
		}
	}
	if m := reTail.FindStringSubmatch(r.text()); m != nil && !reValue.MatchString(m[2]) {
		return exactly(squeezed(m[1]))
	}
	if m := reMarked.FindStringSubmatch(r.text()); m != nil {
		return exactly(squeezed(m[1]))
	}
	return top, false
}

// exactly is the section whose heading a text is, letter for letter.
func exactly(text string) (section, bool) {
	if s, d := nearestHeading(text); d == 0 {
		return s, true
	}
	s := composedOf(text)
	return s, s != top && !isLabel(text)
}

// reMarked finds Korean words behind a number or mark: "(2) 할인안내".
var reMarked = regexp.MustCompile(`^[^가-힣A-Za-z]{1,5}([가-힣][가-힣 ]*)$`)

var (
	// reTail parts Korean words from what follows them in other letters.
	reTail = regexp.MustCompile(`^[^가-힣]{0,3}([가-힣][가-힣 ]*)\s+([^가-힣:|][^가-힣]{0,11})$`)
	// reValue finds what no translation of a heading looks like, however badly it was read.
	reValue = regexp.MustCompile(`%|\d[.,:/]\d|\b\d{4}\b|^\d$`)
)

// nearestHeading is the section whose heading a text spells, and how far it is from that; top when it spells none.
func nearestHeading(text string) (found section, best float64) {
	best = 0.2001
	for s, words := range headings {
		for _, w := range words {
			if d := distance(text, w); d < best || d == best && s < found {
				best, found = d, s
			}
		}
	}
	return found, best
}

// composedOf is the section of a heading put together of usual words; top when it is none.
func composedOf(text string) section {
	if reComposed.MatchString(text) {
		for _, c := range composed {
			if c.words.MatchString(text) {
				return c.is
			}
		}
	}
	return top
}

// isLabel tells whether a text is the label of a value, letter for letter.
func isLabel(text string) bool {
	for _, words := range labels {
		if slices.Contains(words, text) {
			return true
		}
	}
	return slices.Contains(presales, text)
}

// style is how the headings of a strip look: how tall they are, and where they begin and have their middle.
type style struct {
	height, left, middle int
}

// styleOf is how headings look that were found by their words, when they look alike and unlike the rest.
func styleOf(heads, rest []row) (s style, ok bool) {
	if len(heads) < 3 || len(rest) == 0 {
		return s, false
	}
	median := func(rows []row, of func(image.Rectangle) int) int {
		all := make([]int, len(rows))
		for i, r := range rows {
			all[i] = of(r.rect)
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	height := func(r image.Rectangle) int { return r.Dy() }
	s = style{median(heads, height), median(heads, func(r image.Rectangle) int { return r.Min.X }), median(heads, middleX)}
	return s, 4*s.height >= 5*median(rest, height)
}

// bears tells whether a row that says nothing known looks like a heading.
func (s style) bears(r row) bool {
	text := r.text()
	n := len([]rune(squeezed(text)))
	if n < 2 || n > 14 || len(r.cells) > 3 || strings.ContainsAny(text, "0123456789%:,₩/|.") || strings.HasSuffix(text, "석") || strings.HasSuffix(text, "권") {
		return false
	}
	if len(reSyllable.FindAllString(text, 2)) < 2 || isLabel(squeezed(text)) {
		return false
	}
	return s.fits(r)
}

// begun finds the heading that the first words of a row are, whatever the rest was read as.
func begun(r row) (section, bool) {
	words := strings.Fields(r.text())
	for n := min(len(words)-1, 4); n > 0; n-- {
		if s, ok := exactly(squeezed(strings.Join(words[:n], ""))); ok && len([]rune(strings.Join(words[n:], ""))) < 9 {
			return s, true
		}
	}
	return top, false
}

// fits tells whether a row is as tall and stands where headings do.
func (s style) fits(r row) bool {
	d := r.rect.Dy() - s.height
	left, middle := r.rect.Min.X-s.left, middleX(r.rect)-s.middle
	return 10*max(d, -d) <= s.height && (max(left, -left) <= s.height/3 || max(middle, -middle) <= s.height)
}

var reSyllable = regexp.MustCompile(`[가-힣]`)

// side is a heading that stands beside another, and the x from which on cells are under it.
type side struct {
	from    int
	section section
}

// sides parts a row of several headings beside each other, with the rows under them, in columns; nil for any other row.
func sides(r row, below []row) []side {
	if len(r.cells) < 2 {
		return nil
	}
	var out []side
	for i, c := range r.cells {
		if i > 0 && c.Rect.Min.X-r.cells[i-1].Rect.Max.X < 4*c.Rect.Dy() { // words of one heading
			return nil
		}
		s, ok := heading(row{cells: []Line{c}, rect: c.Rect})
		if !ok || slices.ContainsFunc(out, func(o side) bool { return o.section == s }) {
			return nil
		}
		from := c.Rect.Min.X - c.Rect.Dy()
		if len(out) > 0 && !slices.ContainsFunc(below[:min(len(below), 6)], func(b row) bool { // headings in the middle of their columns
			return slices.ContainsFunc(b.cells, func(l Line) bool { return max(l.Rect.Min.X-c.Rect.Min.X, c.Rect.Min.X-l.Rect.Min.X) <= c.Rect.Dy() })
		}) {
			from = (middleX(r.cells[len(out)-1].Rect) + middleX(c.Rect)) / 2
		}
		out = append(out, side{from, s})
	}
	out[0].from = -1 << 30
	return out
}

// parted gives the cells of a row to the headings above them.
func parted(r row, under []side) []row {
	var out []row
	for i, s := range under {
		part := r.only(func(c Line) bool {
			return c.Rect.Min.X >= s.from && (i+1 == len(under) || c.Rect.Min.X < under[i+1].from)
		})
		if part.section = s.section; len(part.cells) > 0 {
			out = append(out, part)
		}
	}
	return out
}

// heads are the headings of a strip, by where their rows begin.
type heads map[image.Rectangle]section

// headsOf finds the headings among rows: by what they say, and by how they look where nothing known is said.
func headsOf(rows []row) heads {
	out := heads{}
	var known, rest []row
	for _, r := range rows {
		if s, ok := heading(r); ok {
			out[r.cells[0].Rect] = s
			known = append(known, r)
		} else {
			rest = append(rest, r)
		}
	}
	for _, r := range rest { // an event beside the show, whatever it looks like
		if n := len([]rune(squeezed(r.text()))); n > 1 && n < 15 && len(r.cells) == 1 && reEvent.MatchString(r.text()) && !strings.ContainsAny(r.text(), "0123456789:") {
			out[r.cells[0].Rect] = noticeSection
		}
	}
	look, alike := styleOf(known, rest)
	for _, r := range known { // the same word is the label of a value where it is small
		if alike && isLabel(squeezed(r.text())) && 5*r.rect.Dy() < 4*look.height {
			delete(out, r.cells[0].Rect)
		}
	}
	for i, r := range rows {
		if _, ok := out[r.cells[0].Rect]; !ok && alike && look.fits(r) {
			if s, ok := begun(r); ok {
				out[r.cells[0].Rect] = s
				continue
			}
		}
		if _, ok := out[r.cells[0].Rect]; !ok && alike && i > 0 && look.bears(r) && !isLabel(squeezed(rows[i-1].text())) && r.rect.Min.Y > known[0].rect.Min.Y {
			out[r.cells[0].Rect] = otherSection
		}
	}
	return out
}

// reEvent finds words of what is beside the show, at hours and places of its own.
var reEvent = regexp.MustCompile(`사인회|관객과의|무대\s?인사|이벤트|MD|굿즈|부스|팝업|도슨트|강연|얼리버드 판매|응모|함께 |운영|스트리밍|생중계`)

// with adds the headings that only another reading of the strip could make out.
func (h heads) with(other heads) heads {
	out := maps.Clone(h)
	for at, s := range other {
		if had, ok := out[at]; !ok || had == otherSection {
			out[at] = s
		}
	}
	return out
}

// sheet puts lines in rows, in the sections their headings make. A heading itself does not appear.
func sheet(lines []Line) page {
	rows := inRows(lines)
	return sections(rows, headsOf(rows))
}

// sections gives rows to the headings above them.
func sections(rows []row, heads heads) page {
	var out page
	under := []side{{section: top}}
	for i, r := range rows {
		if beside := sides(r, rows[i+1:]); beside != nil {
			under = beside
			continue
		}
		if len(under) > 1 && r.rect.Min.X >= under[1].from-r.rect.Dy() || len(under) > 1 && len(r.cells) > 1 { // headings within the columns
			for _, part := range parted(r, under) {
				at := slices.IndexFunc(under, func(s side) bool { return s.section == part.section })
				if s, ok := heading(part); ok {
					under[at].section = s
					continue
				}
				out = append(out, part)
			}
			continue
		}
		if s, ok := heads[r.cells[0].Rect]; ok {
			under[0].section = s
			if len(under) > 1 && under[1].from < r.rect.Max.X {
				under = under[:1]
			}
			continue
		}
		if s, ok := leading(r); ok { // a heading to the left of what is under it
			under = []side{{section: s}}
			r = row{cells: r.cells[1:], rect: bounds(r.cells[1:])}
		}
		if len(under) == 1 && under[0].section != noticeSection && tableHead(r) { // whatever the heading says
			under = []side{{section: roundSection}}
		}
		if len(under) == 1 {
			r.section = under[0].section
			out = append(out, r)
			continue
		}
		out = append(out, parted(r, under)...)
	}
	return out
}

// leading tells whether the first cell of a row is a heading beside its section: in larger letters than the rest.
func leading(r row) (section, bool) {
	if len(r.cells) < 2 {
		return top, false
	}
	for _, c := range r.cells[1:] {
		if 20*r.cells[0].Rect.Dy() < 23*c.Rect.Dy() {
			return top, false
		}
	}
	return exactly(squeezed(r.cells[0].Text))
}
