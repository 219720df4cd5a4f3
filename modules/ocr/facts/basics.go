package facts

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/ticket"
)

// longestValue is more bytes than any value has that runs over some lines. What is longer is prose.
const longestValue = 600

// basics finds the facts of which a strip has one each, and the openings.
func (p page) basics(known Known) []Fact {
	var out []Fact
	have := map[Field]bool{}
	put := func(q pair, field Field, key, value string) { // what is said twice and differently goes in the end
		if value != "" {
			have[field] = true
			out = append(out, Fact{Field: field, Key: key, Value: value, Text: q.value, Rect: q.rect})
		}
	}
	pairs := slices.DeleteFunc(p.pairs(), func(q pair) bool { return len(q.value) > longestValue })
	day := known.Day
	for _, q := range pairs { // what sells for a run opens near its first day
		if run := period(q.value, known.Day); day == "" && (q.field == Period || q.field == "" && strings.ContainsAny(q.value, "~-")) && q.section != openSection && run != "" {
			day, _ = ticket.ParseDate(run[:len("2006-01-02")])
		}
	}
	for _, q := range pairs {
		if q.section == openSection && (q.field == Period || q.field == Times) { // the day and hour of the sale
			if slices.Contains([]string{"일시", "일정", "날짜", "일자"}, q.label) {
				put(q, Opens, "", q.opens(day))
			}
			continue
		}
		switch q.field {
		case Period:
			put(q, Period, "", period(q.value, known.Day))
		case Price:
			out = append(out, priced(adjacent(tokens(Line{Rect: q.rect, Text: q.value})))...)
		case Times, Running:
			if v := running(q.value); v != "" {
				put(q, Running, "", v)
			} else if q.field == Times {
				put(q, Times, "", times(q.value))
			}
		case Venue:
			put(q, Venue, "", venue(q.value, known.Venues))
		case Cast:
			words := reSplit.Split(q.value, -1)
			if !slices.ContainsFunc(words, func(w string) bool { return !Personal(squeezed(w)) && !known.Artists.Has(squeezed(w)) }) {
				out = append(out, players("", words, row{rect: q.rect}, known)...)
			}
		case Age:
			put(q, Age, "", age(q.value))
		case Opens:
			put(q, Opens, opening(q.label), q.opens(day))
		}
	}
	for _, q := range pairs { // one day, and when it begins
		if v := times(q.value); q.field == Period && q.section != openSection && !have[Times] && v != "" {
			put(q, Times, "", v)
		}
	}
	unlabelled(pairs, have, day, put)
	for _, q := range pairs { // a hall that is known needs no label
		if hall := knownHall(q.value, known.Venues); q.field == "" && q.section == infoSection && !have[Venue] {
			put(q, Venue, "", hall)
		}
	}
	return append(out, p.sales(day)...)
}

// unlabelled finds what stands without a label that could be read, by what it says and where.
func unlabelled(pairs []pair, have map[Field]bool, day ticket.Date, put func(q pair, field Field, key, value string)) {
	told := have[Opens]
	for _, q := range pairs {
		if q.field != "" || reEvent.MatchString(q.value) || reEvent.MatchString(q.unread) {
			continue
		}
		switch {
		case q.section == openSection:
			if !told && q.mayBe(Opens) {
				put(q, Opens, "", q.opens(day))
			} else if reSale.MatchString(q.unread) && !reNoOpening.MatchString(q.unread) {
				put(q, Opens, strings.Join(strings.Fields(q.unread), " "), q.opens(day))
			}
		case q.section != infoSection:
		case !have[Running] && q.mayBe(Running) && running(q.value) != "":
			put(q, Running, "", running(q.value))
		case !have[Age] && q.mayBe(Age) && normalize.LooksLikeAge(q.value) && !reSum.MatchString(digits(q.value)):
			put(q, Age, "", age(q.value))
		case !have[Period] && q.mayBe(Period) && strings.ContainsAny(q.value, "~-") && period(q.value, "") != "":
			put(q, Period, "", period(q.value, ""))
		case !have[Times] && q.mayBe(Times) && strings.Contains(times(q.value), ","):
			put(q, Times, "", times(q.value))
		}
	}
}

// opening names what opens: a presale, or the round of a sale in several; "" is the sale to everybody.
func opening(label string) string {
	round := reRound.FindString(label)
	if rest := strings.TrimPrefix(label, round); rest == "선예매" || slices.Contains(presales, rest) {
		return strings.TrimSpace(round + " " + rest)
	}
	return round
}

var reRound = regexp.MustCompile(`^(?:\d차|최종|마지막)`)

// sales finds the openings of a table: rounds in its rows, and in its columns for whom.
func (p page) sales(day ticket.Date) []Fact {
	var out []Fact
	var head []Line
	for _, r := range p {
		if r.section != openSection {
			head = nil
			continue
		}
		if saleHead(r) {
			head = r.cells
			continue
		}
		if head == nil || !isRound(r) {
			continue
		}
		round := squeezed(r.cells[0].Text)
		for i, text := range under(head, r) {
			if f, name := label(head[i].Text); i > 0 && f == Opens {
				if at := opens(text, day); at != "" {
					out = append(out, Fact{Field: Opens, Key: opening(round + name), Value: at, Text: text, Rect: r.rect})
				}
			}
		}
	}
	return out
}

// isRound tells whether a row is that of a round of a sale.
func isRound(r row) bool {
	text := squeezed(r.cells[0].Text)
	return len(r.cells) > 1 && text != "" && reRound.FindString(text) == text
}

// saleHead tells whether a row is the head of a table of openings.
func saleHead(r row) bool {
	n := 0
	for _, c := range r.cells {
		if f, _ := label(c.Text); f == Opens {
			n++
		}
	}
	return len(r.cells) > 2 && (n > 1 || n == 1 && slices.Contains([]string{"구분", "차수", "회차"}, squeezed(r.cells[0].Text)))
}

// period reads a run, with the errors engines make in dates put right.
func period(text string, day ticket.Date) string {
	p, err := normalize.Period(dates(text), day)
	switch {
	case err != nil || !p.Known() || len(p.Dates) > 0 && !inARow(p.Dates):
		return ""
	case p.OpenRun:
		return string(p.Start) + "~"
	}
	return fmt.Sprintf("%s~%s", p.Start, p.LastDay())
}

// inARow tells whether days follow each other.
func inARow(days []ticket.Date) bool {
	for i, d := range days[1:] {
		if d != days[i].AddDays(1) {
			return false
		}
	}
	return true
}

// reSale finds words of what opens, where the name of a sale is its own: "블라인드 티켓".
var reSale = regexp.MustCompile(`티켓|예매|오픈|판매|얼리버드|^\d{1,2}월 ?공연$`)

// opens reads the instant a sale opens, from the whole value or the first cell of a table that has one.
func (q pair) opens(day ticket.Date) string {
	if reNoSale.MatchString(q.said) || reNoSale.MatchString(q.unread) || reNoSale.MatchString(q.value) {
		return ""
	}
	at := opens(q.value, day)
	if len(q.cells) < 2 {
		return at
	}
	for _, c := range q.cells {
		switch other := opens(c.Text, day); {
		case at == "":
			at = other
		case other != "" && other != at: // in two cities
			return ""
		}
	}
	return at
}

// reNoSale finds sales of something else than the tickets of all, and what goes before a sale.
var reNoSale = regexp.MustCompile(`인증|취소표|대기|재오픈|추가|잔여|MD|굿즈|스트리밍|생중계|예약판매|응모`)

// reOpened finds in brackets what the sale is of: the days whose tickets are sold.
var reOpened = regexp.MustCompile(`[(\[][^()\[\]]*(?:\d\s*[~-]|공연|회차)[^()\[\]]*[)\]]|오픈\s*!?`)

// opens reads the instant a sale opens.
func opens(text string, day ticket.Date) string {
	if reNoOpening.MatchString(text) {
		return ""
	}
	at, err := normalize.Opens(dates(reOpened.ReplaceAllString(text, " ")), day.Time())
	if err != nil || at == nil {
		return ""
	}
	return at.In(ticket.Seoul).Format("2006-01-02T15:04")
}

var (
	reMonth  = regexp.MustCompile(`(\d)\s*[월혈헐훨윌웜훌열]\s*(\d{1,2})\s*[일밀얼]`)
	reYear   = regexp.MustCompile(`(20\d\d)\s*[년넌녀닌]\s*`)
	reDashed = regexp.MustCompile(`(\d)\s*[=_]\s*(\d)`)
	reDotted = regexp.MustCompile(`(\d)\s*[.,]{1,2}\s*(\d)`)
	reDay    = regexp.MustCompile(`\(\s*([^()]{1,5})\s*[)}\]]`)
	weekdays = map[string]time.Weekday{"일": 0, "월": 1, "화": 2, "수": 3, "목": 4, "금": 5, "토": 6}
)

// dates puts right what engines read wrong in dates: letters for digits, 월 and 일 for their likes, commas for dots. What
// stands in brackets behind a day and is no day of the week is taken out: it says nothing then.
func dates(text string) string {
	text = digits(text)
	text = reMonth.ReplaceAllString(text, "${1}월 ${2}일")
	text = reYear.ReplaceAllString(text, "${1}년 ")
	text = reDashed.ReplaceAllString(reDashed.ReplaceAllString(text, "$1-$2"), "$1-$2")
	text = reDotted.ReplaceAllString(text, "$1.$2")
	text = reDotted.ReplaceAllString(text, "$1.$2") // a digit between two dots ends one and begins the next
	return reDay.ReplaceAllStringFunc(text, func(s string) string {
		in := strings.ToLower(squeezed(s))
		if _, ok := weekdayOf(in); ok {
			return "(" + in + ")"
		}
		return " "
	})
}

// reNoOpening finds words that make of an instant another one than that at which a sale to everybody, or the presale whose label
// stands in front, begins.
var reNoOpening = regexp.MustCompile(`선예매|마감|종료|까지|입금|취소|해외|글로벌|팬클럽|공연일|배송|당첨|추첨`)

// running reads how long it takes: minutes, and those of the interval behind a stroke when it is named.
func running(text string) string {
	text = minutesOf(digits(text))
	if strings.Contains(text, "세") || !reLength.MatchString(text) || reNoLength.MatchString(text) {
		return ""
	}
	minutes, pause, err := normalize.Running(text)
	switch {
	case err != nil || minutes == nil || !whole(text, pause != nil):
		return ""
	case pause == nil:
		return fmt.Sprintf("%d/", *minutes)
	}
	return fmt.Sprintf("%d/%d", *minutes, *pause)
}

// whole tells whether nothing of a length of time was lost: no letters stand before its number but such words as 약, and what
// stands behind it in brackets was understood.
func whole(text string, pause bool) bool {
	before := squeezed(text[:strings.IndexAny(text, "0123456789")])
	if before != "" && !slices.Contains([]string{"약", "총", "공연", "공연시간", "러닝타임", "소요시간", "총공연시간"}, before) {
		return false
	}
	return pause || !strings.ContainsAny(text, "([{") && len([]rune(squeezed(text))) < 12
}

var (
	// reNoLength finds words that make of a length of time another one than the show's.
	reNoLength = regexp.MustCompile(`간격|입장|마다|이내|이후|부터|까지|시작|주차|커튼콜|촬영|\d\s*[부회]|미포함|제외`)
	reLength   = regexp.MustCompile(`\d\s*(?:분|시간)`)
	reMinute   = regexp.MustCompile(`(\d{2,3})\s*[문푼뿐븐본]`)
	reHour     = regexp.MustCompile(`(\d)\s*[시사]\s*[간긴건]`)
	reNone     = regexp.MustCompile(`[없업엽]\s*음`)
)

// minutesOf puts right the words of a length of time.
func minutesOf(text string) string {
	text = reMinute.ReplaceAllString(text, "${1}분")
	text = reHour.ReplaceAllString(text, "${1}시간")
	text = reNone.ReplaceAllString(text, "없음")
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ()[]{}", r) })
	for _, w := range words {
		if len([]rune(w)) == 4 {
			if right := nearest(w, []string{"인터미션"}, 0.35); right != "" {
				text = strings.Replace(text, w, right, 1)
			}
		}
	}
	return text
}

// reYears finds ages: where there are two, each is of other seats.
var reYears = regexp.MustCompile(`\d\s*세`)

// reNoAge finds words of an age that lets somebody in under a condition, or is advised.
var reNoAge = regexp.MustCompile(`미만|동반|무료|권장|추천`)

// age reads who is let in, in years.
func age(text string) string {
	_, years, err := normalize.Age(digits(text))
	if err != nil || years == nil || reNoAge.MatchString(text) || len(reYears.FindAllString(digits(text), 2)) > 1 {
		return ""
	}
	return fmt.Sprint(*years)
}

// reNoVenue finds places within a house, several places, and what is no place.
var reNoVenue = regexp.MustCompile(`로비|부스|포토존|매표소|수령|온라인|생중계|참조|금지|[:/]|니다`)

// knownHall is the hall a text names letter for letter, if one is known; "" else.
func knownHall(text string, halls []string) string {
	key := squeezed(text)
	for _, h := range halls {
		if squeezed(h) == key && len([]rune(key)) > 3 {
			return h
		}
	}
	return ""
}

// venue is a hall's name: as it is known when it is near one that is, else as printed.
func venue(text string, halls []string) string {
	name, known := normalize.Place(text)
	if !known || len([]rune(name)) < 2 || reNoVenue.MatchString(text) {
		return ""
	}
	key := squeezed(name)
	near := slices.DeleteFunc(slices.Clone(halls), func(h string) bool {
		d := len([]rune(squeezed(h))) - len([]rune(key))
		return max(d, -d) > 1
	})
	if hall := nearest(key, near, 0.1); hall != "" && sameDigits(hall, name) {
		return hall
	}
	return name
}
