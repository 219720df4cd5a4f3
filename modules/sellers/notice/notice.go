// Package notice reads the labelled text of ticket-opening notices, which every seller writes alike: "공연기간 : …", headings,
// prices below their label. It is pure; it never takes a date or price from a line that speaks of something else than
// the show, and hands on a fact given twice and differently as contradicting.
package notice

import (
	"regexp"
	"slices"
	"strings"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

// found is one value of a field and how much the place it stood in can be trusted.
type found struct {
	text string
	rank int
}

// body gathers what a notice's text says, field by field.
type body struct {
	lines   []string
	found   map[field][]found
	round   bool // the notice opens one round of a run (3차): dates beside the opening may be those of the round
	opens   string
	general string   // when the sale for everybody opens; contradicting ones are joined
	unsure  []unsure // what stands under weak labels in a part headed by the opening
	notice  *sellers.RawNotice
}

// unsure is a value that counts only when its part of the notice speaks of the show after all.
type unsure struct {
	field field
	found found
}

var (
	reRoundTitle = regexp.MustCompile(`\d\s*차|마지막|추가|앵콜\s*티켓`)
	reDateHead   = regexp.MustCompile(`^[~～–-]?\s*(?:(?:19|20)\d{2}\s*[년./-]|\d{1,2}\s*월\s*\d|\d{1,2}\s*[./]\s*\d{1,2}\s*\.?\s*\(|['’]\d{2}\.)`)
	reDateAny    = regexp.MustCompile(`(?:19|20)\d{2}\s*[년./-]\s*\d{1,2}|\d{1,2}\s*월\s*\d{1,2}\s*일|\d{1,2}[./]\d{1,2}\s*\(`)
	reSum        = regexp.MustCompile(`\d\s*원|\d,\d{3}|\d\s*만|\d\s*천\s*원|무료`)
	reSeat       = regexp.MustCompile(`(?:석|존|권|구역|층|블록|테이블|스탠딩|일반|성인|청소년|어린이|어른|VIP|균일|[A-Z])\s*(?:\([^)]*\)\s*)?[-–:：]?\s*[₩\\]?\s*\d`)
	reNoPrice    = regexp.MustCompile(`할인|%|수수료|배송|예매\s*시|쿠폰|적립|환불|취소|차액`)
	reAgeLine    = regexp.MustCompile(`^(?:만\s*)?\d{1,2}\s*(?:세|개월)\s*이상\s*(?:관람|입장)?\s*(?:가|가능)?\s*(?:\([^)]*\))?\.?$|^전체\s*관람\s*가\.?$`)
	reRunLine    = regexp.MustCompile(`^(?:약\s*)?\d{2,3}\s*분\s*(?:공연)?\s*(?:\([^)]*\))?$`)
	rePresale    = regexp.MustCompile(`^([^:：]*(?:선\s*예매|사전\s*예매|팬클럽|멤버십|멤버쉽|프리\s*세일|선오픈)[^:：]{0,20}?)\s*[:：]\s*(.*\d.*)$`)
	rePresaleNot = regexp.MustCompile(`인증|할인|매수|방법|유의|대상|조건|문의|링크`)
	reTimeOfDay  = regexp.MustCompile(`\d\s*:\s*\d{2}|\d\s*시|(?i)\d\s*[ap]m`)
	reGeneral    = regexp.MustCompile(`^일반\s*(?:예매|판매|티켓|오픈)\s*(?:티켓\s*)?(?:오픈|시작|일시|일정|기간)*\s*(?:\([^)]*\)\s*)?(?:은|는|[:：])\s*(.*\d.*)$`)
	reDayMonth   = regexp.MustCompile(`\d{1,2}\s*[./월-]\s*\d{1,2}`)
	reDigits     = regexp.MustCompile(`\d+`)
	reMisc       = regexp.MustCompile(`(관람\s*연령|관람\s*등급|관람\s*시간|러닝\s*타임)\s*[:：]?\s*([^,()]*\d[^,()]*)`)
)

// Read fills a notice with what its text says about the show. A line that speaks of a round, an opening or a discount
// gives nothing; a fact given twice and differently is handed on as contradicting.
func Read(raw []string, n *sellers.RawNotice) {
	b := &body{found: map[field][]found{}, round: reRoundTitle.MatchString(n.Title), opens: n.OpensText, notice: n}
	for _, l := range raw {
		b.lines = append(b.lines, unglue(l)...)
	}
	b.walk()
	b.settle()
	n.GeneralText = b.general
	n.PeriodText = b.pick(period)
	n.TimesText = strings.ReplaceAll(b.pick(times), ticket.Several, " / ")
	n.PriceText = b.pick(price)
	n.RunningText = b.pick(running)
	n.AgeText = b.pick(age)
	if v := b.pick(place); !strings.Contains(v, ticket.Several) {
		n.BodyVenueText = v
	}
}

// unglue cuts a line before every label that lost its line end.
func unglue(line string) []string {
	var out []string
	for {
		m := reGlued.FindAllStringIndex(line, 2)
		i := -1
		for _, loc := range m {
			if loc[0] > 0 {
				i = loc[0]
				break
			}
		}
		if i < 0 {
			return append(out, line)
		}
		out = append(out, strings.TrimSpace(line[:i]))
		line = line[i:]
	}
}

func (b *body) walk() {
	where := opening
	for i := 0; i < len(b.lines); i++ {
		line := b.lines[i]
		l, value, ok := readLabel(line)
		if sec, head := heading(line); head && (!ok || l.field == noField || value == "" && l.field == other) {
			where = sec
			continue
		}
		b.presale(line, where)
		b.generalSale(line)
		switch {
		case !ok:
			b.loose(line, where)
		case l.field == noField || l.field == other:
			b.misc(line)
		default:
			value, i = b.extend(l, value, i)
			b.add(l, value, where)
		}
	}
}

// add ranks a value by its label and the part of the notice it stands in. Rank 0 is refused.
func (b *body) add(l label, value string, where section) {
	if value == "" || strings.Trim(value, "-~.() ") == "" {
		return
	}
	rank := 0
	switch where {
	case show:
		rank = 4
	case opening:
		rank = 3
	case sale:
		switch {
		case b.round && l.field == period: // may be the dates of the round
		case l.strength == strong:
			rank = 2
		default:
			b.unsure = append(b.unsure, unsure{l.field, found{value, 1}})
			return
		}
	case presales:
		if l.strength == strong && l.field != period {
			rank = 2
		}
	case offTopic:
		if l.strength == strong && l.field != price {
			rank = 1
		}
	}
	if rank == 0 || l.field == period && l.strength == weak && where != show && b.isOpening(value) {
		return
	}
	if l.strength == strong {
		rank += 10
	}
	b.found[l.field] = append(b.found[l.field], found{value, rank})
}

// settle takes in what stood under weak labels below a heading like "티켓오픈 안내", when there is a place or a price among
// it: then the heading stands over the whole notice and the part is the show's.
func (b *body) settle() {
	shows := false
	for _, u := range b.unsure {
		shows = shows || u.field == place || u.field == price
	}
	for _, u := range b.unsure {
		if shows && (u.field != period || !b.isOpening(u.found.text)) {
			b.found[u.field] = append(b.found[u.field], u.found)
		}
	}
}

// isOpening tells whether a date is the opening's own: "일시" under "2차 티켓 오픈".
func (b *body) isOpening(value string) bool {
	v, o := reDigits.FindAllString(value, 3), reDigits.FindAllString(b.opens, 3)
	if len(v) < 3 || len(o) < 3 {
		return false
	}
	for i := range v {
		if strings.TrimLeft(v[i], "0") != strings.TrimLeft(o[i], "0") {
			return false
		}
	}
	return true
}

// pick is the best value of a field; values of one rank that differ are joined as contradicting.
func (b *body) pick(f field) string {
	best := 0
	for _, v := range b.found[f] {
		best = max(best, v.rank)
	}
	var out, seen []string
	for _, v := range b.found[f] {
		if v.rank == best && !slices.Contains(seen, page.Squeeze(v.text)) {
			seen = append(seen, page.Squeeze(v.text))
			out = append(out, v.text)
		}
	}
	return strings.Join(out, ticket.Several)
}

// extend takes in the lines a value runs on to: prices below their label, further days of a run, a value below a bare label.
func (b *body) extend(l label, value string, i int) (string, int) {
	parts := []string{}
	if value != "" {
		parts = append(parts, value)
	}
	for i+1 < len(b.lines) && len(parts) < 24 {
		next := b.lines[i+1]
		if !b.goesOn(l.field, next, len(parts) == 0) {
			break
		}
		parts = append(parts, strings.TrimSpace(reBullet.ReplaceAllString(next, "")))
		i++
	}
	return strings.Join(parts, "\n"), i
}

func (b *body) goesOn(f field, line string, first bool) bool {
	if _, head := heading(line); head {
		return false
	}
	known, _, labelled := readLabel(line)
	switch f {
	case price:
		if labelled && known.field != noField || reNoPrice.MatchString(beforeRemark(line)) || len([]rune(line)) > 120 || strings.HasPrefix(line, "※") || strings.HasPrefix(line, "*") {
			return false
		}
		return reSum.MatchString(line) && (reSeat.MatchString(line) || first)
	case period:
		if labelled && known.field != noField || strings.HasPrefix(line, "※") || strings.HasPrefix(line, "*") || len([]rune(line)) > 60 {
			return false
		}
		bare := strings.TrimSpace(reBullet.ReplaceAllString(line, ""))
		return reDateHead.MatchString(bare) || strings.HasPrefix(line, "~") || first && reDateAny.MatchString(line) || !first && reDateAny.MatchString(line) && !reNoPrice.MatchString(line) && labelled
	case place, running, age, times:
		return first && (!labelled || known.field == noField) && len([]rune(line)) <= 60
	}
	return false
}

// beforeRemark is a price line without its remarks, where discounts may be spoken of.
func beforeRemark(line string) string {
	head, _, _ := strings.Cut(line, "(")
	return head
}

// loose reads lines that need no label: an age or a running time that is all a line says.
func (b *body) loose(line string, where section) {
	s := strings.TrimSpace(reBullet.ReplaceAllString(line, ""))
	if where == offTopic || where == presales {
		return
	}
	if reAgeLine.MatchString(s) {
		b.found[age] = append(b.found[age], found{s, 1})
	}
	if reRunLine.MatchString(s) {
		b.found[running] = append(b.found[running], found{s, 1})
	}
}

// misc reads "기타 정보 : (관람연령: 8세이상, 관람시간 2시간)".
func (b *body) misc(line string) {
	if !strings.Contains(page.Squeeze(line), "기타정보") {
		return
	}
	for _, m := range reMisc.FindAllStringSubmatch(line, -1) {
		if l := labels[page.Squeeze(m[1])]; l.field != noField {
			b.found[l.field] = append(b.found[l.field], found{strings.TrimSpace(m[2]), 2})
		}
	}
}

func (b *body) presale(line string, where section) {
	s := strings.TrimSpace(reBullet.ReplaceAllString(line, ""))
	m := rePresale.FindStringSubmatch(s)
	if m == nil || where == offTopic && rePresaleNot.MatchString(m[1]) || rePresaleNot.MatchString(m[1]) || len([]rune(m[1])) > 30 ||
		!reDateAny.MatchString(m[2]) || !reTimeOfDay.MatchString(m[2]) {
		return
	}
	b.notice.Presales = append(b.notice.Presales, sellers.RawPresale{Name: strings.TrimSpace(m[1]), Text: m[2]})
}

// generalSale reads "일반예매는 08/23 (금) 20:00 부터 진행됩니다".
func (b *body) generalSale(line string) {
	m := reGeneral.FindStringSubmatch(strings.TrimSpace(reBullet.ReplaceAllString(line, "")))
	if m == nil || !reDayMonth.MatchString(m[1]) || !reTimeOfDay.MatchString(m[1]) {
		return
	}
	when, _, _ := strings.Cut(m[1], "부터")
	when, _, _ = strings.Cut(when, "~")
	switch when = strings.TrimSpace(when); {
	case b.general == "" || page.Squeeze(b.general) == page.Squeeze(when):
		b.general = when
	default:
		b.general += ticket.Several + when
	}
}
