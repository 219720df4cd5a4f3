package facts

import (
	"fmt"
	"regexp"
	"strings"
)

// discountNames are the names discounts commonly bear, in the usual spelling.
var discountNames = []string{"마티네 할인", "재관람 할인", "장애인·국가유공자 할인", "장애인 할인", "국가유공자 할인", "경로우대 할인", "얼리버드", "얼리버드 할인", "조기예매 할인", "문화가 있는 날 할인", "학생 할인", "청소년 할인", "대학생 할인",
	"프리뷰 할인", "3인 이상 가족 할인", "가족 할인", "단체 할인(20인 이상)", "단체 할인", "예술인패스 소지자", "예술인패스 할인", "임산부 할인", "다자녀 할인", "다둥이 할인", "수험생 할인", "군인 할인", "경찰·소방 할인", "외국인 할인", "평일 할인",
	"주중 할인", "타임세일", "24세 이하 할인", "초·중·고 할인", "복지 할인", "싱글 할인", "커플 할인", "생일 할인", "재예매 할인", "굿모닝 할인", "지역주민 할인", "도민 할인", "시민 할인", "문화누리카드 할인", "유료회원 할인", "골드회원 할인"}

var rePercent = regexp.MustCompile(`^(.*?)\s*[:\-]?\s*(\d{1,3})\s*%`)

var (
	// reNoDiscount finds shares of something else than the price: fees, points, taxes.
	reNoDiscount = regexp.MustCompile(`취소|수수료|적립|포인트|캐시백|페이백|부가세|전까지|일전|환불|한정|최대|프로그램북|굿즈|MD|배송|수량`)
	// reForWhom finds words of which every discount bears one: that it is one, or who gets it.
	reForWhom = regexp.MustCompile(`할인|우대|얼리버드|조기예매|마티네|프리뷰|재관람|패스|소지자|장애인|유공자|학생|청소년|경로|다자녀|임산부|가족|단체|군인|회원|카드|문화가`)
)

// discounts finds for whom it costs how much less. A share that is no multiple of five is a misreading.
func (p page) discounts() []Fact {
	var out []Fact
	for _, r := range p {
		if r.section != discountSection && r.section != priceSection {
			continue
		}
		text := digits(r.text())
		m := rePercent.FindStringSubmatch(text)
		if m == nil || strings.Count(text, "%") > 1 || reNoDiscount.MatchString(text) {
			continue
		}
		name, share := discountName(m[1]), number(m[2])
		if name == "" || !reForWhom.MatchString(text) || share < 5 || share > 90 || share%5 != 0 {
			continue
		}
		out = append(out, Fact{Field: Discount, Key: name, Value: fmt.Sprint(share), Text: r.text(), Rect: r.rect})
	}
	return out
}

// discountName is a name without the dot in front of it, in its usual spelling when it is near one.
func discountName(text string) string {
	text = strings.TrimLeft(strings.TrimSpace(text), "·ㆍ•-*>》»▶▷◆■□○●『「|:;,.'\"$~_=※＊ ")
	if text = strings.Join(strings.Fields(text), " "); strings.Count(text, "(") != strings.Count(text, ")") {
		return ""
	}
	words := strings.Fields(text) // a bullet read as a letter stands alone
	if len(words) > 1 && len([]rune(words[0])) == 1 && !strings.ContainsAny(words[0], "0123456789") {
		if rest := strings.Join(words[1:], " "); nearest(squeezed(rest), discountNames, 0.13) != "" {
			text = rest
		}
	}
	if n := len([]rune(squeezed(text))); n < 2 || n > 30 {
		return ""
	}
	if usual := nearest(squeezed(text), discountNames, 0.13); usual != "" && sameDigits(usual, text) {
		return usual
	}
	return text
}
