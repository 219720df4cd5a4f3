package facts

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"ticketmoa/modules/hangul"
)

// discountNames are the names discounts commonly bear, in the usual spelling.
var discountNames = []string{"마티네 할인", "재관람 할인", "장애인·국가유공자 할인", "장애인 할인", "국가유공자 할인", "경로우대 할인", "얼리버드", "얼리버드 할인", "조기예매 할인", "문화가 있는 날 할인", "학생 할인", "청소년 할인", "대학생 할인",
	"프리뷰 할인", "3인 이상 가족 할인", "가족 할인", "단체 할인(20인 이상)", "단체 할인", "예술인패스 소지자", "예술인패스 할인", "임산부 할인", "다자녀 할인", "다둥이 할인", "수험생 할인", "군인 할인", "경찰·소방 할인", "외국인 할인", "평일 할인",
	"주중 할인", "타임세일", "24세 이하 할인", "초·중·고 할인", "복지 할인", "싱글 할인", "커플 할인", "생일 할인", "재예매 할인", "굿모닝 할인", "지역주민 할인", "도민 할인", "시민 할인", "문화누리카드 할인", "유료회원 할인", "골드회원 할인"}

var rePercent = regexp.MustCompile(`^(.*?)\s*[:\-]?\s*(\d{1,3})\s*%`)

var (
	// reNoDiscount finds shares of something else than the price: fees, points, taxes.
	reNoDiscount = regexp.MustCompile(`취소|수수료|적립|포인트|캐시백|페이백|부가세|전까지|일전|환불|최대|프로그램북|굿즈|MD|배송|수량|주차|레스토랑|식당|카페|음료|OST|도록|음반|매진|잔여|청구|중복`)
	// reForWhom finds words of which every discount bears one: that it is one, or who gets it.
	reForWhom = regexp.MustCompile(`할인|우대|얼리버드|조기예매|마티네|프리뷰|재관람|패스|소지자|장애인|유공자|학생|청소년|경로|다자녀|임산부|가족|단체|군인|회원|카드|문화가`)
)

// discounts finds for whom it costs how much less. A share that is no multiple of five is a misreading.
func (p page) discounts() []Fact {
	var out []Fact
	marked := p.marked()
	for i, r := range p {
		if r.section != discountSection && r.section != priceSection {
			continue
		}
		if shares(r) {
			out = append(out, p.cards(i)...)
			continue
		}
		text := digits(r.text())
		name, share := r.discount(text)
		whom := reForWhom.MatchString(text) || r.section == discountSection && len(r.cells) > 1 && reShare.MatchString(digits(strings.TrimSpace(r.cells[0].Text))) || reShareFirst.MatchString(text)
		if reNoDiscount.MatchString(withoutBrackets(text)) || strings.Count(text, "%") > 1 || !whom {
			continue
		}
		if f, ok := discountOf(name, share, marked); ok {
			f.Text, f.Rect = r.text(), r.rect
			out = append(out, f)
		}
	}
	return out
}

// discount parts a row in for whom it is and how much; a table may have the share in its first column.
func (r row) discount(text string) (name, share string) {
	if len(r.cells) > 1 {
		if share, ok := shareIn(r.cells[0]); ok {
			return r.cells[1].Text, share
		}
	}
	return shareOf(text)
}

// shareOf parts a row in for whom it is and how much: "재관람 할인 20% (본인)", "[30%] 조기예매 할인".
func shareOf(text string) (name, share string) {
	if m := reShareFirst.FindStringSubmatch(text); m != nil {
		return m[2], m[1]
	}
	if m := rePercent.FindStringSubmatch(text); m != nil {
		return m[1], m[2]
	}
	return "", ""
}

// discountOf is the discount of a name and a share as they are written, where both can be.
func discountOf(name, share string, marked bool) (Fact, bool) {
	name = discountName(name, marked)
	n := number(share)
	return Fact{Field: Discount, Key: name, Value: fmt.Sprint(n)}, name != "" && n >= 5 && n <= 90 && n%5 == 0
}

// surely is how sure an engine must be of a share that stands alone: there is nothing beside it that would tell a 3 from a 5.
const surely = 0.85

// shareIn is the share a cell holds alone. A cell that the engine doubts holds none that counts.
func shareIn(c Line) (share string, ok bool) {
	m := reShare.FindStringSubmatch(digits(strings.TrimSpace(c.Text)))
	if m == nil {
		return "", false
	}
	if c.Sure > 0 && c.Sure < surely {
		return "", true
	}
	return m[1], true
}

// shares tells whether a row is shares alone, whose names stand below them.
func shares(r row) bool {
	for _, c := range r.cells {
		if _, ok := shareIn(c); !ok {
			return false
		}
	}
	return true
}

// cards pairs the shares of row i with the names right above or below them.
func (p page) cards(i int) []Fact {
	for _, j := range []int{i - 1, i + 1} {
		if j < 0 || j >= len(p) || p[j].section != p[i].section {
			continue
		}
		if out := p[i].given(p[j]); len(out) > 0 {
			return out
		}
	}
	return nil
}

// given gives shares the names of another row.
func (r row) given(names row) []Fact {
	var out []Fact
	for _, c := range r.cells {
		for _, l := range names.cells {
			level := l.Rect.Min.X >= c.Rect.Max.X && 2*l.Rect.Max.Y > 2*c.Rect.Min.Y-c.Rect.Dy() && 2*l.Rect.Min.Y < 2*c.Rect.Max.Y+c.Rect.Dy() // beside, and half a line up or down
			if !centred(c.Rect, l.Rect) && !flush(c.Rect, l.Rect) && (!level || len(r.cells) > 1) {
				continue
			}
			if max(l.Rect.Min.Y-c.Rect.Max.Y, c.Rect.Min.Y-l.Rect.Max.Y) > 2*c.Rect.Dy() || !reForWhom.MatchString(l.Text) || reNoDiscount.MatchString(withoutBrackets(l.Text)) {
				continue
			}
			share, _ := shareIn(c)
			if f, ok := discountOf(l.Text, share, false); ok {
				f.Text, f.Rect = c.Text+" "+l.Text, l.Rect
				out = append(out, f)
			}
			break
		}
	}
	return out
}

// withoutBrackets is a text without what stands in brackets behind a share: under which conditions it is given.
func withoutBrackets(text string) string {
	head, tail, ok := strings.Cut(text, "%")
	if !ok {
		return text
	}
	return head + "%" + reBrackets.ReplaceAllString(tail, " ")
}

// marked tells whether the discounts of a strip stand behind a mark that is read as a letter or sign alone.
func (p page) marked() bool {
	with, all := 0, 0
	for _, r := range p {
		if name, _ := shareOf(digits(r.text())); r.section == discountSection && name != "" {
			all++
			if _, ok := mark(strings.TrimSpace(r.text())); ok {
				with++
			}
		}
	}
	return with > 1 && 2*with > all
}

// mark parts a text in a single letter or sign, or a number in front of a list, and the rest.
func mark(text string) (rest string, ok bool) {
	first, rest, _ := strings.Cut(text, " ")
	n := len([]rune(first))
	return strings.TrimSpace(rest), rest != "" && (n == 1 || n == 2 && strings.HasSuffix(first, ".")) && !slices.Contains([]string{"만", "첫"}, first)
}

// discountName is a name without the dot in front of it, in its usual spelling when it is near one.
func discountName(text string, marked bool) string {
	text = strings.TrimLeftFunc(text, bullet)
	text = strings.Trim(reNumbered.ReplaceAllString(strings.Join(strings.Fields(text), " "), ""), "[] ")
	if m := reNamed.FindString(text); m != "" && len(m) < len(text) { // what follows is a condition
		text = strings.TrimRight(m, " :|…·")
	}
	if strings.Count(text, "(") != strings.Count(text, ")") {
		return ""
	}
	if rest, ok := mark(text); ok && (marked || nearest(squeezed(rest), discountNames, 0.13) != "") {
		text = strings.TrimLeftFunc(rest, bullet)
	}
	if n := len([]rune(squeezed(text))); n < 2 || n > 30 || squeezed(text) == "할인" {
		return ""
	}
	if usual := nearest(squeezed(text), discountNames, 0.13); usual != "" && sameDigits(usual, text) {
		return usual
	}
	return text
}

// UsualDiscount tells whether a name is one that discounts commonly bear.
func UsualDiscount(name string) bool { return slices.Contains(discountNames, name) }

// bullet tells whether no name begins with a letter or sign: it is a dot, a star, an arrow, or what they were read as.
func bullet(r rune) bool {
	return !hangul.IsSyllable(r) && r != '(' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
}

var (
	reNumbered   = regexp.MustCompile(`^\d{1,2}\s*[.)]\s*`)
	reShareFirst = regexp.MustCompile(`^[^\p{L}\d]{0,3}(\d{1,2})\s*%[^\p{L}\d]{0,2}\s*(\p{L}.*)$`)
	reShare      = regexp.MustCompile(`^(\d{1,2})\s*%$`)
	reNamed      = regexp.MustCompile(`^.*?(?:할인(?:\s?\([^()]*\))?(?:\s|$)|\S\s[:|…]\s)`)
	reBrackets   = regexp.MustCompile(`\([^()]*\)`)
)
