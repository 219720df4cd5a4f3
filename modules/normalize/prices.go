package normalize

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"ticketmoa/modules/ticket"
)

const (
	lowestPrice  = 100        // anything below is a typing slip, unless the text says that it is free
	highestPrice = 10_000_000 // nor does a ticket cost more than that
)

var (
	reAmount = regexp.MustCompile(`[₩\\]?\s?` +
		`(?:(\d+)\s*만\s*(?:(\d+)\s*천|(\d{1,3}(?:,?\d{3})?))?\s*원?` + // 12만원, 8만4천원, 1만5,000원
		`|(\d+)\s*천\s*원` + // 5천원
		`|([\d,]*\d)\s*(?:원|won|WON|Won|KRW|krw)` + // 66,000원, 50000원
		`|(\d[\d,]*,\d{3})` + // 66,000
		`|(무료))`)
	reGrouped  = regexp.MustCompile(`^\d{1,3}(?:,\d{3})+$|^\d+$`)
	reCurrency = regexp.MustCompile(`[$€¥£]|달러|USD|엔화`)
	reAfter    = regexp.MustCompile(`^\s*[(\[][^)\]]*[)\]]`)
	reNotOne   = regexp.MustCompile(`^(?:대|부터|\s*이상|\s*내외|\s*선)(?:[^가-힣]|$)`)
	reArrow    = regexp.MustCompile(`^\s*(?:[(\[][^)\]]*[)\]]\s*)?→`)
	reSameAll  = regexp.MustCompile(`전\s*좌?석|전\s*석|균일|동일`)
	reDiscount = regexp.MustCompile(`할인|%|수수료|배송|적립|쿠폰|차액|환불|취소|보증금|주차`)
	reRegular  = regexp.MustCompile(`^\(?정가\)?\s*[:：]?\s*|\s*[:：]?\s*\(?정가\)?$`)
	reWhen     = regexp.MustCompile(`^(?:평일|주말|주중|공휴일|휴일|[월화수목금토일]요일)[가-힣,·/ ]*$`)
	reWhenTail = regexp.MustCompile(`\S\s+(?:평일|주말|주중)$`)
	// Some write the bar between two prices as the letter that looks like it: "VIP석 180,000원 l R석 150,000원".
	reBarLetter = regexp.MustCompile(`(원|무료|\d{3})\s+[lI]\s+`)
	reLabelled  = regexp.MustCompile(`^(?:티켓\s*가격|가격|관람료|입장료|티켓가|정보)\s*[:：]\s*`)
)

// amount is one sum of money and where it stands in the text.
type amount struct {
	from, to int
	won      int64
	free     bool
	bad      string
}

// Prices reads what each grade of seat costs, in the order of the text. A sum without a grade is for every seat (전석).
// What stands behind an arrow or in brackets behind a sum, and lines about discounts and fees, are not prices. Blank and
// undecided text gives none. A sum of 0 without 무료, one out of bounds or badly written, several sums without grades, and
// one grade with two sums give a Problem: then no price of the text is trusted.
func Prices(raw string) ([]ticket.Price, error) {
	if err := conflict(raw); err != nil {
		return nil, err
	}
	if strings.Contains(raw, "</") {
		raw = stripTags(raw)
	}
	s := foldPrice(Text(strings.ReplaceAll(raw, "\n", " / ")))
	s = reBarLetter.ReplaceAllString(reLabelled.ReplaceAllString(s, ""), "$1 | ")
	if undecided(s) {
		return nil, nil
	}
	if reCurrency.MatchString(s) {
		return nil, problem("a currency other than won: %q", clip(s))
	}
	amounts := findAmounts(s)
	if len(amounts) == 0 {
		return nil, problem("no sum of money in %q", clip(s))
	}
	rows, err := grades(s, amounts)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, problem("only discounts or fees in %q", clip(s))
	}
	return settle(rows, s)
}

// foldPrice is fold but for characters a grade may hold: those stay as the source wrote them.
func foldPrice(s string) string {
	return strings.NewReplacer("０", "0", "１", "1", "２", "2", "３", "3", "４", "4", "５", "5", "６", "6", "７", "7", "８", "8", "９", "9",
		"，", ",", "：", ":", "／", "/", "（", "(", "）", ")", "｜", "|", "ㅣ", "|", "│", "|", "￦", "₩", "％", "%", "～", "~", "∼", "~",
		"–", "-", "—", "-", "−", "-", "➡", "→", "⇒", "→", "▶", "→", "->", "→", "=>", "→").Replace(s)
}

func findAmounts(s string) []amount {
	var out []amount
	for at := 0; at < len(s); {
		m := reAmount.FindStringSubmatchIndex(s[at:])
		if m == nil {
			break
		}
		a := readAmount(s[at:], m)
		a.from, a.to = at+m[0], at+m[1]
		switch before, _ := utf8.DecodeLastRuneInString(s[:a.from]); {
		case a.from == 0 || a.free || before > 127:
		case digitAt(s, a.from-1) && (s[a.from] != ' ' || a.won < 100_000), before == '.', before == ',' && digitAt(s, a.from):
			a.bad = "badly written sum"
		case before == '-' && digitAt(s, a.from) && (a.from == 1 || s[a.from-2] == ' '):
			a.bad = "negative sum"
		}
		out = append(out, a)
		at = a.to
		if r := reArrow.FindString(s[at:]); r != "" { // what the sum falls to is a discount
			at += len(r)
			if d := reAmount.FindStringIndex(s[at:]); d != nil && !strings.ContainsAny(s[at:at+d[0]], "/|") {
				at += d[1]
			}
			out[len(out)-1].to = at
		}
		if r := reAfter.FindString(s[at:]); r != "" {
			at += len(r)
		}
	}
	return out
}

func readAmount(s string, m []int) amount {
	part := func(i int) string {
		if m[2*i] < 0 {
			return ""
		}
		return s[m[2*i]:m[2*i+1]]
	}
	switch {
	case part(7) != "":
		return amount{free: true}
	case part(1) != "":
		rest := part(3)
		won := int64(atoi(part(1)))*10_000 + int64(atoi(part(2)))*1_000 + int64(atoi(strings.ReplaceAll(rest, ",", "")))
		return amount{won: won}
	case part(4) != "":
		return amount{won: int64(atoi(part(4))) * 1_000}
	}
	digits := part(5) + part(6)
	if !reGrouped.MatchString(digits) {
		return amount{bad: "badly written sum"}
	}
	return amount{won: int64(atoi(strings.ReplaceAll(digits, ",", "")))}
}

type priceRow struct {
	ticket.Price
	after string // the remark in brackets behind the sum
}

func grades(s string, amounts []amount) ([]priceRow, error) {
	var rows []priceRow
	from := 0
	for i, a := range amounts {
		lead := s[from:a.from]
		remark := reAfter.FindString(s[a.to:])
		from = a.to + len(remark)
		end := len(s)
		if i+1 < len(amounts) {
			end = amounts[i+1].from
		}
		switch {
		case reDiscount.MatchString(lead) || discountTail(s[from:end]):
			continue
		case a.bad != "":
			return nil, problem("%s in %q", a.bad, clip(s))
		case !a.free && (a.won < lowestPrice || a.won > highestPrice):
			return nil, problem("a price of %d won is out of bounds: %q", a.won, clip(s))
		}
		if reNotOne.MatchString(s[a.to:]) {
			return nil, problem("%q is not one price", clip(s))
		}
		if i > 0 && strings.Trim(lead, " ") == "~" || i+1 < len(amounts) && strings.HasPrefix(strings.TrimSpace(s[from:]), "~") {
			return nil, problem("a range of prices without grades: %q", clip(s))
		}
		row := priceRow{Price: ticket.Price{Won: ticket.Won(a.won)}, after: strings.TrimSpace(remark)}
		row.Grade, row.Label = grade(lead)
		if utf8.RuneCountInString(row.Grade) > 40 || strings.Contains(row.Grade, "~") && strings.Contains(row.Grade, "월") {
			return nil, problem("%q is no grade of seat", clip(row.Grade))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// discountTail tells whether the words right behind a sum, up to the next separator, make it a discount.
func discountTail(s string) bool {
	if i := strings.IndexAny(s, "/,|·"); i >= 0 {
		s = s[:i]
	}
	s = strings.TrimSpace(s)
	return strings.HasPrefix(s, "할인") || strings.HasPrefix(s, "이하")
}

func grade(lead string) (grade, label string) {
	g := strings.TrimFunc(lead, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("/,|·:-~•*※→=₩\\.;_●○■◎▷►☞", r)
	})
	for strings.HasPrefix(g, ")") || strings.HasSuffix(g, "(") || strings.HasSuffix(g, "[") {
		g = strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(g, ")"), "("), "["))
	}
	if t := reRegular.ReplaceAllString(g, ""); t != g {
		g, label = strings.TrimSpace(t), "정가"
	}
	return g, label
}

func settle(rows []priceRow, s string) ([]ticket.Price, error) {
	bare, when := 0, false
	for i := range rows {
		if rows[i].Grade == "" || rows[i].Grade == "전 좌석" || rows[i].Grade == "전좌석" {
			bare++
			rows[i].Grade = "전석"
		}
		when = when || reWhenTail.MatchString(rows[i].Grade)
	}
	if bare > 1 {
		return nil, problem("several prices without grades: %q", clip(s))
	}
	if len(rows) > 1 && bare == 1 && !reSameAll.MatchString(s) {
		return nil, problem("a price without a grade beside others: %q", clip(s))
	}
	if repeated(rows) {
		for i := range rows {
			rows[i].Grade += rows[i].after
		}
	}
	if repeated(rows) {
		return nil, problem("one grade with two prices: %q", clip(s))
	}
	out := make([]ticket.Price, 0, len(rows))
	for _, r := range rows {
		if when && reWhen.MatchString(r.Grade) {
			return nil, problem("%q belongs to a grade it does not name: %q", r.Grade, clip(s))
		}
		if strings.HasPrefix(r.Grade, "균일") && len(rows) > 1 {
			return nil, problem("one price for all (균일), and then several: %q", clip(s))
		}
		if !containsPrice(out, r.Price) {
			out = append(out, r.Price)
		}
	}
	return out, nil
}

// repeated tells whether a grade has two different prices.
func repeated(rows []priceRow) bool {
	seen := make(map[string]ticket.Won, len(rows))
	for _, r := range rows {
		if won, ok := seen[r.Grade]; ok && won != r.Won {
			return true
		}
		seen[r.Grade] = r.Won
	}
	return false
}

func containsPrice(list []ticket.Price, p ticket.Price) bool {
	for _, q := range list {
		if q == p {
			return true
		}
	}
	return false
}
