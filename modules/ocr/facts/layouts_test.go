package facts

import (
	"image"
	"strconv"
	"strings"
	"testing"
)

// printed is a page of lines that stand close together. "|" parts the cells of a row, each 200 pixels wide; a row or cell may begin
// with its height and a colon ("30#출연진"), "^" moves it half a row up, and "-" alone is an empty row.
func printed(rows ...string) []Line {
	var out []Line
	y := 20
	for _, text := range rows {
		h, text := height(text, 20)
		if text == "-" {
			y += 60
			continue
		}
		top := y
		if up, ok := strings.CutPrefix(text, "^"); ok {
			text, top = up, y-4-h/2
		} else {
			y += h + 8
		}
		for i, cell := range strings.Split(text, "|") {
			h, cell := height(cell, h)
			if cell = strings.TrimSpace(cell); cell != "" {
				x := 40 + 200*i
				out = append(out, Line{Rect: image.Rect(x, top, x+max(h*len([]rune(cell))*4/5, 20), top+h), Text: cell})
			}
		}
	}
	return out
}

// height takes the height in front of a text off; without one it is usual.
func height(text string, usual int) (int, string) {
	if before, after, ok := strings.Cut(text, "#"); ok {
		if n, err := strconv.Atoi(before); err == nil {
			return n, after
		}
	}
	return usual, text
}

// TestLayouts: the same is said in many ways to set it.
func TestLayouts(t *testing.T) {
	t.Parallel()
	run := []string{"기간 : 2026.04.23(목) ~ 2026.04.26(일)"}
	for name, tc := range map[string]struct {
		rows []string
		want string
	}{
		"labels above values":                    {[]string{"공연정보", "공연기간", "2026.04.23(목) ~ 2026.04.26(일)", "-", "공연장소", "샤롯데씨어터", "-", "관람등급|좌석구분", "8세 이상|지정석"}, "period=2026-04-23~2026-04-26; venue=샤롯데씨어터; age=8"},
		"a value that runs on":                   {[]string{"공연정보", "공연시간|평일 19:30", "|토 14:00, 18:30", "공연장소|샤롯데씨어터"}, "times=19:30,14:00,18:30; venue=샤롯데씨어터"},
		"a remark below does not":                {[]string{"공연정보", "공연시간|평일 19:30", "|※ 14:00 공연 후 사인회"}, "times=19:30"},
		"labels of pictures":                     {[]string{"공연정보", "@|2026.04.23(목) ~ 2026.04.26(일)", "(8)|14세 이상 관람가"}, "period=2026-04-23~2026-04-26; age=14"},
		"a label beside the middle of its value": {[]string{"공연정보", "|평일 19:30 / 일·공휴일", "^공연시간", "|15:00 (월 공연 없음)", "관람연령|8세 이상"}, "times=19:30,15:00; age=8"},
		"an address below a hall":                {[]string{"공연정보", "장소|고려대학교 화정체육관", "|서울 성북구 안암로 145"}, "venue=고려대학교 화정체육관"},
		"labels in English":                      {[]string{"INFORMATION", "DATE|2026.08.29(SAT) - 08.30(SUN)", "TIME|SAT 6:00PM / SUN 4:00PM", "AGE|만 9세 이상 관람가"}, "period=2026-08-29~2026-08-30; times=18:00,16:00; age=9"},
		"an open run":                            {[]string{"공연정보", "공연기간|2026.01.02(금) ~ 오픈런"}, "period=2026-01-02~"},
		"days in a row":                          {[]string{"공연정보", "공연기간|2026년 12월 24일(목), 25일(금)"}, "period=2026-12-24~2026-12-25"},
		"days apart":                             {[]string{"공연정보", "공연기간|2026년 12월 24일(목), 26일(토)"}, ""},
		"opening hours are no hours":             {[]string{"공연정보", "관람시간|오전 10시 ~ 오후 7시", "공연시간|오후 1시 ~ 오후 10시"}, ""},
		"hours without minutes":                  {[]string{"공연정보", "공연시간|금 8PM / 토 3PM, 7PM"}, "times=20:00,15:00,19:00"},
		"no pause":                               {[]string{"공연정보", "소요시간|70분 (쉬는 시간 없음)"}, "running=70/0"},
		"rounds of a sale in a table":            {[]string{"티켓오픈 일정", "구분|오픈 일시|해당 회차", "1차 오픈|2026년 9월 8일(화) 오후 2시|11/24 ~ 12/13", "2차 오픈|2026년 10월 13일(화) 오후 2시|12/15 ~ 1/10"}, "opens 1차=2026-09-08T14:00; opens 2차=2026-10-13T14:00"},
		"a sale with a name of its own":          {[]string{"티켓 오픈", "블라인드 티켓|2026.03.10(화) 낮 12시"}, "opens 블라인드 티켓=2026-03-10T12:00"},
		"a month's sale":                         {[]string{"2월 티켓오픈", "2026년 1월 13일(화) 14시 오픈! (2/3 ~ 2/28 공연)"}, "opens=2026-01-13T14:00"},
		"a table of sales":                       {[]string{"티켓오픈", "구분|선예매|일반예매|대상 공연", "1차|2026.06.02 14시|2026.06.03 14시|8/15~"}, "opens 1차 선예매=2026-06-02T14:00; opens 1차=2026-06-03T14:00"},
		"rounds of sales":                        {[]string{"티켓오픈", "1차 선예매|2026년 7월 14일(화) 오후 2시|9/11 ~ 10/11 공연", "1차 일반예매|2026년 7월 15일(수) 오후 2시|9/11 ~ 10/11 공연"}, "opens 1차 선예매=2026-07-14T14:00; opens 1차=2026-07-15T14:00"},
		"the hour below the day":                 {[]string{"예매오픈", "팬클럽 선예매|일반예매", "26. 6. 23(화)|26. 6. 25(목)", "오후 7시|오후 8시"}, "opens 팬클럽선예매=2026-06-23T19:00; opens=2026-06-25T20:00"},
		"rounds of a sale by number":             {[]string{"티켓오픈", "구분|오픈 일시|회차", "1차|26.08.04 14시|9/18~", "2차|26.09.15 14시|10/20~"}, "opens 1차=2026-08-04T14:00; opens 2차=2026-09-15T14:00"},
		"a month's shows":                        {[]string{"예매오픈", "6월 공연|2026년 5월 26일(화) 오후 4시"}, "opens 6월 공연=2026-05-26T16:00"},
		"a sale without a year":                  {[]string{"티켓오픈", "티켓오픈 : 3월 24일(화) 오후 2시", "공연정보", run[0]}, "opens=2026-03-24T14:00; period=2026-04-23~2026-04-26"},
		"a sale among the prices":                {[]string{"티켓", "예매 오픈 2026. 2. 10(화) 2PM", "전석 3만원"}, "opens=2026-02-10T14:00; price 전석=30000"},
		"headings side by side":                  {[]string{"티켓 가격||할인 안내", "R석 70,000원||- 학생 할인 30%", "S석 50,000원||본인 1매"}, "price R석=70000; price S석=50000; discount 학생 할인=30"},
		"a heading nobody knows":                 {[]string{"30#공연정보", "관람연령|8세 이상", "30#출연진", "지휘|한도겸", "30#관객과의 만남", "마당|김철수", "30#티켓가격", "전석 5만원"}, "age=8; price 전석=50000; cast 지휘=한도겸"},
		"headings in two languages":              {[]string{"공연정보 INFO", "연령|8세 이상", "라인업  LINE-UP", "네 시의 살롱|정오의 브라스", "할인  0156000", "학생 할인 30%"}, "age=8; discount 학생 할인=30"},
		"headings behind numbers":                {[]string{"(2) 할인안내", "학생 할인 30%", "(3) 출연진", "마술사 : 문라온"}, "discount 학생 할인=30; cast 마술사=문라온"},
		"headings of which a part is lost":       {[]string{"30#공연정보", "연령|8세 이상", "30#유의사항", "연령|7세", "30#할인안내", "학생 할인 30%", "30#티켓가격 ㅠ×ㄷ7 얘티", "전석 5만원"}, "age=8; price 전석=50000; discount 학생 할인=30"},
		"headings to the left":                   {[]string{"24#공연개요|18#연령|18#8세 이상", "24#좌석가격|18#R석 5만원", "24#할인정보|18#할인명|18#할인율", "|학생 할인|30%"}, "age=8; price R석=50000; discount 학생 할인=30"},
		"headings that are labels":               {[]string{"30#공연정보", "17#공연일정", "2026.04.23(목) ~ 2026.04.26(일)", "-", "30#티켓가격", "전석 5만원", "30#유의사항"}, "period=2026-04-23~2026-04-26; price 전석=50000"},
		"a floor beside its grade":               {[]string{"가격", "1층|R석|120,000원", "2층|석|90,000원"}, "price 1층 R석=120000"},
		"what a pass lets in":                    {[]string{"티켓 안내", "금요일 1일권|17시 입장|77,000원", "3일권|한정 1,000매|219,000원"}, "price 금요일 1일권=77000; price 3일권=219000"},
		"prices for ages":                        {[]string{"관람 요금", "구분|요금|대상", "성인|18,000원|만 19세 이상", "청소년|15,000원|만 13세 ~ 18세"}, "price 성인=18000; price 청소년=15000"},
		"passes":                                 {[]string{"티켓 가격", "권종|가격", "1일권|88,000원", "청소년 1일권|66,000원", "4인 가족권|120,000원"}, "price 1일권=88000; price 청소년 1일권=66000; price 4인 가족권=120000"},
		"floors and grades":                      {[]string{"좌석등급", "구분|R석|S석", "1층|120,000원|90,000원", "2층|100,000원|70,000원"}, "price 1층 R석=120000; price 1층 S석=90000; price 2층 R석=100000; price 2층 S석=70000"},
		"floors and grades unread":               {[]string{"좌석등급", "구분", "1층|120,000원|90,000원", "2층|100,000원|70,000원"}, ""},
		"shares above names":                     {[]string{"할인안내", "40%|25%", "조기예매 할인|커플 할인", "7월 5일까지|2매 예매 시"}, "discount 조기예매 할인=40; discount 커플 할인=25"},
		"shares below names":                     {[]string{"할인안내", "여름방학 얼리버드 할인|3인 가족 할인", "50%|35%", "6월 14일까지|어른 1명"}, "discount 여름방학 얼리버드 할인=50; discount 3인 가족 할인=35"},
		"shares between two lines":               {[]string{"할인안내", "|엄마 아빠랑 할인", "^30%", "|성인 1인 포함 3매", "-", "|다자녀 할인", "^40%", "|다둥이카드 소지"}, "discount 엄마 아빠랑 할인=30; discount 다자녀 할인=40"},
		"shares in the first column":             {[]string{"할인안내", "할인율|할인명|대상", "30%|조기예매 할인|11월 30일까지", "20%|두 번째 방문|1인 4매"}, "discount 조기예매 할인=30; discount 두 번째 방문=20"},
		"a condition behind a name":              {[]string{"할인안내", "[40%] 예매 첫 주 할인 … 4월 2일 ~ 4월 8일 예매자", "20% 강릉시민 : 1인 2매까지"}, "discount 예매 첫 주 할인=40; discount 강릉시민=20"},
		"shares in front":                        {[]string{"할인안내", "[30%] 조기예매 할인", "[50%] 국가유공자 할인", "1매 할인 없음 3%"}, "discount 조기예매 할인=30; discount 국가유공자 할인=50"},
		"marks read as letters":                  {[]string{"할인안내", "를 완창 마니아 할인 30%", "더 다회권 소지자 할인 40%", "3. 첫 주 관람 할인 50%"}, "discount 완창 마니아 할인=30; discount 다회권 소지자 할인=40; discount 첫 주 관람 할인=50"},
		"a number of a kind of ticket":           {[]string{"할인안내", "대학생 할인 25% (학생증 소지 본인 한정)"}, "discount 대학생 할인=25"},
		"parts above names":                      {[]string{"출연진", "17#소프라노|테너", "22#은하정|고한별", "-", "17#바리톤", "22#차무영"}, "cast 소프라노=은하정; cast 테너=고한별; cast 바리톤=차무영"},
		"parts that end in 역":                    {[]string{"캐스트", "16#선우역|윤희 역", "21#박하진|정다솜"}, "cast 선우=박하진; cast 윤희=정다솜"},
		"more names under parts":                 {[]string{"출연배우", "16#책방지기|손님", "탁민서|소해인", "허윤재|구나영"}, "cast 책방지기=탁민서; cast 손님=소해인; cast 책방지기=허윤재; cast 손님=구나영"},
		"a part of two words":                    {[]string{"출연진", "장난감 의사 길은호·도재이", "태엽로봇 한바다"}, "cast 장난감 의사=길은호; cast 장난감 의사=도재이; cast 태엽로봇=한바다"},
		"prose among the players":                {[]string{"출연진", "마술사 : 문라온", "2016년 결성된 누보는 2019년 콩쿠르에서 우승하며 이름을 알렸다."}, "cast 마술사=문라온"},
		"names above parts":                      {[]string{"MEMBER", "24#하랑|이든", "17#리더|래퍼"}, "cast 리더=하랑; cast 래퍼=이든"},
		"orchestras are no players":              {[]string{"출연", "지휘 : 한도겸", "연주 : 은하수 심포니 오케스트라"}, "cast 지휘=한도겸"},
		"a part named twice":                     {[]string{"출연진", "황제|황제|왕비", "강무결|도진혁|서리안"}, "cast 황제=강무결; cast 황제=도진혁; cast 왕비=서리안"},
		"a part that many play":                  {[]string{"출연진", "손님들|육민아 팽동수", "검문관|반도현"}, "cast 손님들=육민아; cast 손님들=팽동수; cast 검문관=반도현"},
		"parts beside names":                     {[]string{"출연진", "정우|권이든 / 마동현", "미란|설아림 / 추예진"}, "cast 정우=권이든; cast 정우=마동현; cast 미란=설아림; cast 미란=추예진"},
		"names without parts":                    {[]string{"참여 작가", "남궁해 · 류보경 · 진하솔"}, "cast=남궁해; cast=류보경; cast=진하솔"},
		"players among the facts":                {[]string{"공연정보", "관람연령|7세 이상", "출연|서이안"}, "age=7; cast=서이안"},
		"players among the makers":               {[]string{"공연정보", "관람연령|7세 이상", "만드는 사람들", "안무|백시연", "출연|남기율 도은채"}, "age=7; cast=남기율; cast=도은채"},
		"specks in photographs":                  {[]string{"캐스팅", "엘리아", "80#^|an", "도서율|한가온"}, "cast 엘리아=도서율; cast 엘리아=한가온"},
		"sentences are no players":               {[]string{"30#출연진", "마술사 : 문라온", "30#안내 말씀", "화장실은 공연장 밖 1층에 있습니다.", "객석 내 음식물 반입이 금지됩니다."}, "cast 마술사=문라온"},
		"days that two rounds share": {append(run, "출연진", "정우|권이든 / 마동현", "출연 일정표", "일자|요일|시간|정우", "4월 23일|목|8시|권이든", "||3시|마동현", "^4월 25일|토", "||7시|권이든", "4월 26일|일|3시|마동현"),
			"period=2026-04-23~2026-04-26; cast 정우=권이든; cast 정우=마동현; round 2026-04-23 20:00 정우=권이든; round 2026-04-25 15:00 정우=마동현; round 2026-04-25 19:00 정우=권이든; round 2026-04-26 15:00 정우=마동현"},
		"a day beside the middle of its rounds": {append(run, "출연진", "정우|권이든 / 마동현", "출연 일정표", "일자|시간|정우", "4/24(금)|19:30|권이든", "|14:00|마동현", "4/25(토)|16:30|권이든", "|19:00|마동현", "|14:00|권이든", "4/26(일)|17:00|마동현"),
			"period=2026-04-23~2026-04-26; cast 정우=권이든; cast 정우=마동현; round 2026-04-24 19:30 정우=권이든; round 2026-04-25 14:00 정우=마동현; round 2026-04-25 16:30 정우=권이든; round 2026-04-25 19:00 정우=마동현; round 2026-04-26 14:00 정우=권이든; round 2026-04-26 17:00 정우=마동현"},
		"rounds that are counted": {append(run, "출연진", "정우|권이든 / 마동현", "회차별 출연진", "회차|공연일|시간|정우", "1|4월 23일(목)|20시|권이든", "2|4월 25일(토)|15시|마동현"),
			"period=2026-04-23~2026-04-26; cast 정우=권이든; cast 정우=마동현; round 2026-04-23 20:00 정우=권이든; round 2026-04-25 15:00 정우=마동현"},
		"days without months": {append(run, "출연진", "정우|권이든 / 마동현", "4월 캐스팅", "일|요일|시간|정우", "23|목|19:30|권이든", "25|토|14:00|마동현"),
			"period=2026-04-23~2026-04-26; cast 정우=권이든; cast 정우=마동현; round 2026-04-23 19:30 정우=권이든; round 2026-04-25 14:00 정우=마동현"},
		"two tables side by side": {append(run, "출연진", "정우|권이든 / 마동현", "4월 캐스팅", "날짜|시간|정우|날짜|시간|정우", "4/23(목)|19:30|권이든|4/25(토)|14:00|마동현"),
			"period=2026-04-23~2026-04-26; cast 정우=권이든; cast 정우=마동현; round 2026-04-23 19:30 정우=권이든; round 2026-04-25 14:00 정우=마동현"},
		"weekdays in English": {append(run, "출연진", "정우|권이든 / 마동현", "배우 일정표", "DATE|DAY|TIME|정우", "04.23|THU|PM 7:30|권이든", "04.25|SAT|PM 2:00|마동현"),
			"period=2026-04-23~2026-04-26; cast 정우=권이든; cast 정우=마동현; round 2026-04-23 19:30 정우=권이든; round 2026-04-25 14:00 정우=마동현"},
		"weekdays beside the days": {append(run, "출연진", "정우|권이든 / 마동현", "일자별 캐스팅", "일자|시간|정우", "4/23(목)|PM 7:30|권이든", "4/25(토)|PM 2:00|마동현"),
			"period=2026-04-23~2026-04-26; cast 정우=권이든; cast 정우=마동현; round 2026-04-23 19:30 정우=권이든; round 2026-04-25 14:00 정우=마동현"},
		"months over the days": {append(run, "출연진", "정우|권이든 / 마동현", "캐스팅 일정", "날짜|요일|시간|정우", "4월", "23일|목|19:30|권이든", "25일|토|14:00|마동현"),
			"period=2026-04-23~2026-04-26; cast 정우=권이든; cast 정우=마동현; round 2026-04-23 19:30 정우=권이든; round 2026-04-25 14:00 정우=마동현"},
		"a day beyond a month": {append([]string{"기간 : 2026.01.02(금) ~ 오픈런"}, "출연진", "정우|권이든 / 마동현", "2월 캐스팅표", "날짜|요일|시간|정우", "2/3|화|20:00|권이든"),
			"period=2026-01-02~; cast 정우=권이든; cast 정우=마동현; round 2026-02-03 20:00 정우=권이든"},
	} {
		if got := told(Read(printed(tc.rows...), Known{})); got != tc.want {
			t.Errorf("%s: it says  %s\nwant     %s", name, got, tc.want)
		}
	}
}

// TestBoth: a heading that one reading could make out counts for both.
func TestBoth(t *testing.T) {
	t.Parallel()
	first, second := printed("할인안내", "학생 할인 30%"), printed("힐린언네", "학생 할인 30%")
	if agreed, alone := Both(first, second, Known{}); told(agreed) != "discount 학생 할인=30" || len(alone) != 0 {
		t.Errorf("%s; alone %s", told(agreed), told(alone))
	}
	if agreed, _ := Both(second, first, Known{}); told(agreed) != "discount 학생 할인=30" {
		t.Errorf("the other way round: %s", told(agreed))
	}
}

// TestSumInTwoCells: a sum of which the first digit stands off is the whole sum.
func TestSumInTwoCells(t *testing.T) {
	t.Parallel()
	lines := append(printed("가격"), Line{Rect: image.Rect(40, 60, 80, 80), Text: "A석"}, Line{Rect: image.Rect(200, 62, 206, 78), Text: "1"}, Line{Rect: image.Rect(212, 60, 296, 80), Text: "54,000원"})
	if got := told(Read(lines, Known{})); got != "price A석=154000" {
		t.Error(got)
	}
}

// TestDoubtfulShare: a share that stands alone counts only where the engine is sure of it.
func TestDoubtfulShare(t *testing.T) {
	t.Parallel()
	lines := printed("할인", "30%|프리뷰 할인", "30%|장애인 할인")
	lines[1].Sure, lines[3].Sure = 0.97, 0.8
	if got := told(Read(lines, Known{})); got != "discount 프리뷰 할인=30" {
		t.Error(got)
	}
}
