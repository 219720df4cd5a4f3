package facts

import (
	"cmp"
	"image"
	"slices"
	"strings"
	"unicode"

	"ticketmoa/modules/hangul"
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
)

// headings are the words over the parts of a strip.
var headings = map[section][]string{
	openSection: {"티켓오픈", "티켓오픈안내", "티켓오픈일정", "예매오픈", "예매안내", "예매일정", "예매오픈안내", "오픈안내", "오픈일정", "ticketopen", "open", "티켓예매", "선예매안내"},
	infoSection: {"공연개요", "공연정보", "공연안내", "공연상세", "상세정보", "기본정보", "행사개요", "전시개요", "전시정보", "information", "info", "performanceinfo", "공연상세정보", "작품정보",
		"showinfo", "overview"},
	priceSection:    {"price", "가격", "가격안내", "가격정보", "티켓가격", "티켓가격안내", "관람료", "입장료", "티켓정보", "좌석가격", "좌석등급", "ticketprice", "ticket", "좌석등급및가격", "가격정보안내", "티켓금액"},
	discountSection: {"discount", "할인", "할인정보", "할인안내", "할인혜택", "할인율", "할인내용", "할인권종", "할인정책", "sale", "할인종류", "티켓할인"},
	castSection:     {"cast", "casting", "캐스팅", "캐스트", "출연진", "출연", "출연자", "출연배우", "배우소개", "캐스트소개", "아티스트", "lineup", "라인업", "artist", "출연진소개", "등장인물"},
	roundSection: {"캐스트일정", "캐스팅일정", "캐스트스케줄", "캐스팅스케줄", "캐스팅스케쥴", "캐스트스케쥴", "출연일정", "배우스케줄", "castingschedule", "castschedule", "schedule", "스케줄", "캐스팅표",
		"공연일정", "공연스케줄", "출연진일정", "배우일정", "캐스트캘린더", "캐스팅캘린더"},
	noticeSection: {"관람안내", "유의사항", "주의사항", "예매유의사항", "관람유의사항", "관람시유의사항", "예매시유의사항", "notice", "공지사항", "안내사항", "취소환불안내", "환불안내", "취소수수료", "취소수수료안내", "취소및환불규정", "티켓취소안내", "취소안내", "취소규정", "환불규정", "예매취소안내", "취소환불규정", "꼭읽어주세요", "꼭확인해주세요", "관람수칙",
		"시놉시스", "synopsis", "줄거리", "작품소개", "공연소개", "기획사정보", "제작진", "creative", "creativeteam", "만든사람들", "오시는길", "예매처"},
}

// row is a line of cells beside each other.
type row struct {
	cells   []Line // from left to right
	section section
	rect    image.Rectangle
}

func (r row) text() string {
	parts := make([]string, len(r.cells))
	for i, c := range r.cells {
		parts[i] = strings.TrimSpace(c.Text)
	}
	return strings.Join(parts, " ")
}

// page is a strip in rows, from above to below.
type page []row

// sheet puts lines in rows and finds the headings. Rows under a heading belong to its section; the heading itself does not
// appear.
func sheet(lines []Line) page {
	rows := inRows(lines)
	var out page
	now := top
	for _, r := range rows {
		if s, ok := heading(r); ok {
			now = s
			continue
		}
		r.section = now
		out = append(out, r)
	}
	return out
}

// inRows puts cells that stand beside each other in one row.
func inRows(lines []Line) []row {
	lines = slices.Clone(lines)
	middle := func(r image.Rectangle) int { return r.Min.Y + r.Max.Y }
	slices.SortStableFunc(lines, func(a, b Line) int { return cmp.Compare(middle(a.Rect), middle(b.Rect)) })
	var rows []row
	for _, l := range lines {
		if strings.TrimSpace(l.Text) == "" {
			continue
		}
		if n := len(rows) - 1; n >= 0 && beside(rows[n], l.Rect) {
			rows[n].cells = append(rows[n].cells, l)
			rows[n].rect = rows[n].rect.Union(l.Rect)
			continue
		}
		rows = append(rows, row{cells: []Line{l}, rect: l.Rect})
	}
	for i := range rows {
		slices.SortStableFunc(rows[i].cells, func(a, b Line) int { return cmp.Compare(a.Rect.Min.X, b.Rect.Min.X) })
	}
	return rows
}

// beside tells whether the middle of a cell lies within the height of a row's last cell, and theirs within its.
func beside(r row, c image.Rectangle) bool {
	last := r.cells[len(r.cells)-1].Rect
	overlap := min(last.Max.Y, c.Max.Y) - max(last.Min.Y, c.Min.Y)
	return 2*overlap >= min(last.Dy(), c.Dy())
}

// heading tells whether a row is one. Headings with letters spaced out arrive as several cells.
func heading(r row) (section, bool) {
	if len(r.cells) > 6 {
		return top, false
	}
	text := squeezed(r.text())
	if n := len([]rune(text)); n < 2 || n > 20 {
		return top, false
	}
	if strings.ContainsAny(r.text(), "%:,0123456789") {
		return top, false
	}
	best, found := 0.2001, top
	for s, words := range headings {
		for _, w := range words {
			if d := distance(text, w); d < best || d == best && s < found {
				best, found = d, s
			}
		}
	}
	return found, found != top
}

// squeezed is a text's letters and digits in lower case.
func squeezed(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// distance is how many of the letters (jamo) must change to make one text of the other, as a part of the longer: 0 to 1.
func distance(a, b string) float64 {
	if a == b {
		return 0
	}
	x, y := []rune(hangul.Jamo(a)), []rune(hangul.Jamo(b))
	n := max(len(x), len(y))
	if n == 0 {
		return 0
	}
	if d := len(x) - len(y); 2*max(d, -d) > n {
		return 1
	}
	return float64(edits(x, y)) / float64(n)
}

// edits is how many letters must be put, taken or changed to make b of a.
func edits(a, b []rune) int {
	line := make([]int, len(b)+1)
	for j := range line {
		line[j] = j
	}
	for i := range a {
		corner := line[0]
		line[0] = i + 1
		for j := range b {
			step := corner
			if a[i] != b[j] {
				step++
			}
			corner = line[j+1]
			line[j+1] = min(step, line[j]+1, line[j+1]+1)
		}
	}
	return line[len(b)]
}

// nearest is the word of a list that text is a spelling of: at most limit away (as distance measures), and nearer than any
// other. "" when there is none.
func nearest(text string, words []string, limit float64) string {
	best, found, twice := limit+1e-9, "", false
	for _, w := range words {
		d := distance(text, squeezed(w))
		switch {
		case d < best:
			best, found, twice = d, w, false
		case d == best && found != "" && w != found:
			twice = true
		}
	}
	if twice {
		return ""
	}
	return found
}
