package site

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"ticketmoa/modules/hangul"
	"ticketmoa/modules/match"
	"ticketmoa/modules/normalize"
	"ticketmoa/modules/search"
	"ticketmoa/modules/ticket"
)

// GenreLabel is a genre as people say it.
func GenreLabel(g ticket.Genre) string {
	switch g {
	case ticket.Musical:
		return "뮤지컬"
	case ticket.Play:
		return "연극"
	case ticket.Concert:
		return "콘서트"
	case ticket.Classical:
		return "클래식"
	case ticket.Dance:
		return "무용"
	case ticket.Traditional:
		return "국악"
	case ticket.CircusMagic:
		return "서커스·마술"
	case ticket.Exhibition:
		return "전시·행사"
	case ticket.Sports:
		return "스포츠"
	case ticket.OtherGenre:
		return "기타"
	}
	return ""
}

// SellerLabel is a seller as people know it.
func SellerLabel(s ticket.Seller) string {
	switch s {
	case ticket.Interpark:
		return "NOL 티켓"
	case ticket.YES24:
		return "예스24"
	case ticket.Ticketlink:
		return "티켓링크"
	case ticket.Melon:
		return "멜론티켓"
	}
	return "기타 예매처"
}

// StatusLabel is a status as people say it.
func StatusLabel(s ticket.Status) string {
	switch s {
	case ticket.Upcoming:
		return "판매예정"
	case ticket.OnSale:
		return "판매중"
	case ticket.SoldOut:
		return "매진"
	case ticket.Ended:
		return "종료"
	}
	return "정보 없음"
}

// WithheldLabel is a field of the quarantine as people say it.
func WithheldLabel(field string) string {
	switch field {
	case "", "record":
		return "전체"
	case "min_age_years":
		return "관람 연령"
	case "offers":
		return "예매처 링크"
	case "opens_at":
		return "오픈 시각"
	case "period":
		return "기간"
	case "presales":
		return "선예매"
	case "prices":
		return "가격"
	case "registered_at":
		return "등록일"
	case "running_minutes":
		return "관람 시간"
	case "url":
		return "주소"
	case "venue":
		return "장소"
	case "times_text":
		return "시간"
	case "discounts":
		return "할인"
	case "cast":
		return "출연"
	case "rounds":
		return "회차별 출연"
	case "picture":
		return "그림"
	}
	return field
}

func sortLabel(s search.Sort) string {
	switch s {
	case search.ByOpening:
		return "오픈 임박순"
	case search.ByClosing:
		return "종료 임박순"
	case search.ByPrice:
		return "낮은 가격순"
	case search.ByRelevance:
		return "정확도순"
	case search.ByPopular:
		return "인기순"
	}
	return "최신 등록순"
}

// fieldName is a parameter of a page as its form calls it.
func fieldName(parameter string) string {
	names := map[string]string{"q": "검색어", "from": "언제부터", "to": "언제까지", "price_max": "가격", "age": "함께 볼 나이", "sort": "정렬", "genre": "장르", "region": "지역", "seller": "예매처",
		"status": "상태", "exclusive": "단독판매", "page": "쪽", "limit": "한 쪽의 수", "day": "날짜", "gender": "성별", "initial": "초성"}
	return cmp.Or(names[parameter], parameter)
}

// readLabel says how words were read that stand nowhere as they were typed.
func readLabel(typed string, r *search.Reading) string {
	quoted, other := "“"+typed+"”", "“"+r.Text+"”"
	switch r.How {
	case search.AsInitials:
		return "초성 " + hangul.Josa(quoted, "으로/로") + " 찾았습니다."
	case search.AsTyped:
		return hangul.Josa(quoted, "으로/로") + " 시작하는 말을 찾았습니다."
	case search.AsKeyboard:
		return "한/영 자판을 바꿔 " + hangul.Josa(other, "으로/로") + " 찾았습니다."
	case search.AsFewer:
		return hangul.Josa(quoted, "을/를") + " 모두 담은 공연은 없어 " + hangul.Josa(other, "으로/로") + " 찾았습니다."
	}
	return quoted + " 그대로는 없어 " + hangul.Josa(other, "으로/로") + " 찾았습니다."
}

// Funcs are what templates may call.
func Funcs() template.FuncMap {
	return template.FuncMap{
		"read": readLabel, "fieldname": fieldName,
		"genre": GenreLabel, "seller": SellerLabel, "status": StatusLabel, "won": Won, "period": showPeriod,
		"size": showSize, "day": showDay, "moment": showMoment, "iso": func(t time.Time) string { return t.In(ticket.Seoul).Format(time.RFC3339) },
		"ago": ago, "prices": priceLine, "genres": ticket.Genres, "regions": ticket.Regions, "initial": initial,
		"minutes": minutes, "intermission": intermission, "offername": offerName, "join": strings.Join, "dday": dday,
		"upper": strings.ToUpper, "choices": func(legend, name string, all []Choice) Choices { return Choices{legend, name, all} },
		"today": ticket.DateOf, "count": count,
		"withheld": WithheldLabel, "frompicture": slices.Contains[[]string], "clock": clockOf,
		"score": func(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) },
		"part":  partLabel, "counted": countedLabel,
		"differences": differences,
		"tabs":        func(legend string, all []Link) Tabs { return Tabs{legend, all} },
	}
}

// Choices is one group of a filter form.
type Choices struct {
	Legend, Name string
	Choices      []Choice
}

// Link is one of several views of a page.
type Link struct {
	Label, Link string
	On          bool
}

// Tabs is a row of them.
type Tabs struct {
	Legend string
	Links  []Link
}

func itoa(n int) string { return strconv.Itoa(n) }

// Won writes an amount: 66,000원, 0 as 무료.
func Won(w ticket.Won) string {
	if w == 0 {
		return "무료"
	}
	return count(int(w)) + "원"
}

// count writes a number with its thousands apart.
func count(n int) string {
	digits := strconv.Itoa(n)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// AgeLabel is an age band as people say it.
func AgeLabel(a ticket.AgeBand) string {
	n := strings.TrimSuffix(string(a), "s")
	switch a {
	case "":
		return "전체"
	case "60s":
		return n + "대 이상"
	}
	return n + "대"
}

// GenderLabel is a gender as people say it.
func GenderLabel(g ticket.Gender) string {
	switch g {
	case ticket.Female:
		return "여성"
	case ticket.Male:
		return "남성"
	}
	return "전체"
}

func priceLine(p *ticket.Performance) string {
	low, high, ok := p.PriceRange()
	switch {
	case !ok:
		return "가격 미정"
	case high == 0:
		return "전석 무료"
	case low == high:
		return Won(low)
	}
	return Won(low) + "부터"
}

var weekdays = [...]string{"일", "월", "화", "수", "목", "금", "토"}

// showDay writes 2026. 12. 25.(금).
func showDay(d ticket.Date) string {
	if d == "" {
		return ""
	}
	t := d.Time()
	return fmt.Sprintf("%d. %d. %d.(%s)", t.Year(), t.Month(), t.Day(), weekdays[t.Weekday()])
}

func showPeriod(p ticket.Period) string {
	switch {
	case !p.Known():
		return "기간 미정"
	case p.OpenRun:
		return showDay(p.Start) + " ~ 오픈런"
	case p.End == "" || p.End == p.Start:
		return showDay(p.Start)
	}
	if start, end := p.Start.Time(), p.End.Time(); start.Year() == end.Year() {
		return fmt.Sprintf("%s ~ %d. %d.(%s)", showDay(p.Start), end.Month(), end.Day(), weekdays[end.Weekday()])
	}
	return showDay(p.Start) + " ~ " + showDay(p.End)
}

func showMoment(t time.Time) string {
	t = t.In(ticket.Seoul)
	return fmt.Sprintf("%d. %d.(%s) %02d:%02d", t.Month(), t.Day(), weekdays[t.Weekday()], t.Hour(), t.Minute())
}

// ago says how long ago an instant was.
func ago(t, now time.Time) string {
	d := now.Sub(t)
	switch {
	case d < time.Minute:
		return "방금"
	case d < time.Hour:
		return fmt.Sprintf("%d분 전", int(d/time.Minute))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d시간 전", int(d/time.Hour))
	}
	return fmt.Sprintf("%d일 전", int(d/(24*time.Hour)))
}

// dday counts the days to an instant: D-3, D-DAY.
func dday(t, now time.Time) string {
	n := ticket.DateOf(now).DaysUntil(ticket.DateOf(t))
	if n <= 0 {
		return "D-DAY"
	}
	return fmt.Sprintf("D-%d", n)
}

// initial is the first letter of a title, for the tile that stands where no poster is.
func initial(title string) string {
	for _, r := range cmp.Or(normalize.Title(title).Core, search.Fold(title)) {
		return string(r)
	}
	return "?"
}

func minutes(n *int) string {
	if n == nil {
		return ""
	}
	return itoa(*n) + "분"
}

func intermission(n *int) string {
	if *n == 0 {
		return "인터미션 없음"
	}
	return "인터미션 " + itoa(*n) + "분"
}

func offerName(o ticket.Offer) string {
	if o.Seller == ticket.OtherSeller && o.SellerName != "" {
		return o.SellerName
	}
	return SellerLabel(o.Seller)
}

// showSize is a number of bytes for people.
func showSize(n int64) string {
	const kilo = 1024
	size, unit := float64(n), "B"
	for _, next := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if size < kilo {
			break
		}
		size, unit = size/kilo, next
	}
	if unit == "B" {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", size, unit)
}

// countedLabel is what a collection's documents are called.
func countedLabel(collection string) string {
	if label, ok := map[string]string{"performances": "공연", "listings": "예매처별 항목", "openings": "티켓 오픈", "artists": "아티스트", "halls": "공연장", "venues": "등록된 시설", "changes": "변경 기록"}[collection]; ok {
		return label
	}
	return collection
}

// partLabel is what a part of a match's score is called.
func partLabel(name string) string {
	if label, ok := map[string]string{match.PartTitle: "제목", match.PartPeriod: "기간", match.PartVenue: "장소", match.PartRegion: "지역", match.PartCast: "출연", match.PartGenre: "장르",
		match.PartPrices: "가격", match.PartPrior: "바탕"}[name]; ok {
		return label
	}
	return name
}
