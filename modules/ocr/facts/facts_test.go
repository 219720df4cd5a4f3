package facts

import (
	"fmt"
	"image"
	"slices"
	"strings"
	"testing"
	"time"
)

// strip is a page of lines, 60 pixels apart. "|" parts the cells of a row.
func strip(rows ...string) []Line {
	var out []Line
	for y, text := range rows {
		x := 40
		for i, cell := range strings.Split(text, "|") {
			if cell = strings.TrimSpace(cell); cell != "" {
				out = append(out, Line{Rect: image.Rect(x+200*i, 60*y+20, x+200*i+max(16*len([]rune(cell)), 20), 60*y+40), Text: cell})
			}
		}
	}
	return out
}

// told is what facts say, in their order.
func told(all []Fact) string {
	out := make([]string, len(all))
	for i, f := range all {
		out[i] = strings.TrimSpace(fmt.Sprintf("%s %s", f.Field, f.Key)) + "=" + f.Value
	}
	return strings.Join(out, "; ")
}

// TestRead finds what strips say, and nothing they do not.
func TestRead(t *testing.T) {
	t.Parallel()
	table := []string{"캐스팅", "마리 : 김철수 이영희", "철이 : 박민수", "캐스팅 일정", "날짜|요일|시간|마리|철이"}
	tests := []struct {
		name string
		rows []string
		want string
	}{
		{"nothing", nil, ""},
		{"blanks", []string{" ", "\t"}, ""},
		{"basics", []string{"공연정보", "공연기간|2025.12.15(월) ~ 2025.12.24(수)", "공연장소|샤롯데씨어터", "러닝타임|150분 (인터미션 20분)", "관람연령|8세 이상"},
			"period=2025-12-15~2025-12-24; venue=샤롯데씨어터; running=150/20; age=8"},
		{"with colons", []string{"기간 : 2025.12.15(월) ~ 2025.12.24(수)", "시간 : 평일 19:30 / 주말 14:00", "장소 : 샤롯데씨어터"}, "period=2025-12-15~2025-12-24; times=19:30,14:00; venue=샤롯데씨어터"},
		{"only blanks between", []string{"공연정보", "공연 장소 샤롯데씨어터", "러닝 타임 150분"}, "venue=샤롯데씨어터; running=150/"},
		{"labels read wrong", []string{"공연정보", "관람언령 : 8세 이상", "러닝타엄 : 150분"}, "age=8; running=150/"},
		{"a weekday that is not the date's", []string{"공연정보", "공연기간 : 2025.12.15(화) ~ 2025.12.24(수)"}, ""},
		{"the opening", []string{"티켓오픈", "일반예매 : 2025.11.18(화) 15:00"}, "opens=2025-11-18T15:00"},
		{"an opening for members", []string{"티켓오픈", "선예매 : 2025.11.17(월) 14:00", "일반예매 : 2025.11.18(화) 14:00"}, "opens 선예매=2025-11-17T14:00; opens=2025-11-18T14:00"},
		{"the same said twice", []string{"공연정보", "러닝타임 : 150분", "관람시간 : 150분"}, "running=150/"},
		{"prices", []string{"티켓가격", "VIP석 150,000원", "R석 120,000원", "S석 90,000원"}, "price VIP석=150000; price R석=120000; price S석=90000"},
		{"prices in a table", []string{"티켓가격", "VIP석|R석|S석", "150,000원|120,000원|90,000원"}, "price VIP석=150000; price R석=120000; price S석=90000"},
		{"marks of grades read wrong", []string{"티켓가격", "\\1P석 150,000원", "「석 120,000원", "5석 90,000원"}, "price VIP석=150000; price R석=120000; price S석=90000"},
		{"grades with names of their own are no letters read wrong", []string{"티켓가격", "블루석 120,000원", "오렌지석 110,000원", "A석 90,000원", "그린석 50,000원"}, "price 블루석=120000; price 오렌지석=110000; price A석=90000; price 그린석=50000"},
		{"a grade with a name", []string{"티켓가격", "전석 50,000원"}, "price 전석=50000"},
		{"ten thousands", []string{"티켓가격", "R석 12만원", "S석 9만 5천원"}, "price R석=120000; price S석=95000"},
		{"sums that are none", []string{"티켓가격", "R석 120,050원", "S석 500원", "A석 9,000,000원"}, ""},
		{"one grade, two sums", []string{"티켓가격", "R석 120,000원", "R석 110,000원"}, ""},
		{"discounts", []string{"할인안내", "· 재관람 할인 20%", "- 장애인 할인 50%", "▶ 학샘 할인 : 30%"}, "discount 재관람 할인=20; discount 장애인 할인=50; discount 학생 할인=30"},
		{"discounts that are none", []string{"할인안내", "재관람 할인 23%", "전체 100%", "2%", "0%", "할인 %"}, ""},
		{"discounts under no heading", []string{"재관람 할인 20%"}, ""},
		{"cast beside its part", []string{"캐스팅", "마리 : 김철수 이영희", "철이 : 박민수"}, "cast 마리=김철수; cast 마리=이영희; cast 철이=박민수"},
		{"cast of many", []string{"캐스팅", "마리 : 김철수", "앙상블", "박민수, 이영희", "정다은 최지우"}, "cast 마리=김철수; cast 앙상블=박민수; cast 앙상블=이영희; cast=정다은; cast=최지우"},
		{"names that are none", []string{"캐스팅", "마리 : ABC 123 김 가나다라마바사"}, ""},
		{"a casting table", append(slices.Clone(table), "12/16|화|19:30|김철수|박민수", "12/17|수|14:00|이영희|박민수"), // needs a run
			"cast 마리=김철수; cast 마리=이영희; cast 철이=박민수"},
		{"a casting table with a run", append([]string{"공연기간 : 2025.12.15(월) ~ 2025.12.24(수)"}, append(slices.Clone(table), "12/16|화|19:30|김철수|박민수", "12/17|수|14:00|이영회|박민수", "12/18|금|19:30|김철수|박민수", "12/19|금|고시|김철수|박민수")...),
			"period=2025-12-15~2025-12-24; cast 마리=김철수; cast 마리=이영희; cast 철이=박민수; round 2025-12-16 19:30 마리=김철수; round 2025-12-16 19:30 철이=박민수; " +
				"round 2025-12-17 14:00 마리=이영희; round 2025-12-17 14:00 철이=박민수; round 2025-12-19 19:30 마리=김철수; round 2025-12-19 19:30 철이=박민수"},
		{"remarks", []string{"유의사항", "러닝타임 : 150분", "VIP석 150,000원", "8세 이상"}, ""},
		{"remarks end with a heading", []string{"유의사항", "러닝타임 : 150분", "공연정보", "관람연령 : 8세 이상"}, "age=8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := told(Read(strip(tt.rows...), Known{Day: day, Artists: NewLexicon([]string{"이영희"})})); got != tt.want {
				t.Errorf("it says  %s\nwant     %s", got, tt.want)
			}
		})
	}
}

// TestLadder: marks of grades are read together, each a step below the one before; what fits two ways has no name.
func TestLadder(t *testing.T) {
	t.Parallel()
	for marks, want := range map[string]string{
		"":                 "",
		"vip r s a":        "VIP R S A",
		"r s a b":          "R S A B",
		"r s":              "R S",
		"s":                "S",
		"\\1 「 5 4":        "VIP R S A",
		"op vip r s a b c": "OP VIP R S A B C",
		"s r":              "S R", // whatever their order
		"x y z":            "  ",
		"r s a b c d e f":  "       ",
		"vip vip":          " ",
		"r ??? a":          "R S A",
		"r 별 a":            "R  A",
	} {
		if got := strings.Join(climb(strings.Fields(marks)), " "); got != want {
			t.Errorf("%q: %q, want %q", marks, got, want)
		}
	}
}

func TestHeadings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]section{
		"티켓오픈 안내": openSection, "공연정보": infoSection, "P R I C E": priceSection, "티켓 가격": priceSection, "할인정보": discountSection, "CAST": castSection, "캐스팅 일정": roundSection,
		"유의사항": noticeSection, "관람 시 유의사항": noticeSection, "공연정브": infoSection, "티|켓|가|격": priceSection,
		"": top, "가": top, "공연장소": top, // a label, two strokes from 공연정보
		"2월 캐스팅표": roundSection, "예매 및 관람 안내": noticeSection, "회차별|캐스트": roundSection, "제작진 및 출연": castSection, "관람 요금": priceSection, "프로그램": otherSection, "출연 남기율": top, "티켓": priceSection,
		"홍길동": top, "티켓가격 150,000원": top, "공연정보 :": top, "할인 30%": top, "이 문장은 제목이라고 하기에는 너무 길다고 할 수 있다": top, "a|b|c|d|e|f|g": top,
	} {
		lines := strip(text)
		got, ok := top, false
		if rows := inRows(lines); len(rows) > 0 {
			got, ok = heading(rows[0])
		}
		if got != want || ok != (want != top) {
			t.Errorf("%q: %d, %t; want %d", text, got, ok, want)
		}
	}
}

func TestAgreed(t *testing.T) {
	t.Parallel()
	run := func(v string) Fact { return Fact{Field: Running, Value: v} }
	price := func(k, v string) Fact { return Fact{Field: Price, Key: k, Value: v} }
	player := func(k, v string) Fact { return Fact{Field: Cast, Key: k, Value: v} }
	tests := []struct {
		name          string
		first, second []Fact
		agreed, alone string
	}{
		{"nothing", nil, nil, "", ""},
		{"both", []Fact{run("150/")}, []Fact{run("150/")}, "running=150/", ""},
		{"the first alone", []Fact{run("150/")}, nil, "", "running=150/"},
		{"the second alone", nil, []Fact{run("150/")}, "", "running=150/"},
		{"differently: the first", []Fact{run("150/")}, []Fact{run("160/")}, "", "running=150/"},
		{"each its own", []Fact{price("R석", "1000")}, []Fact{price("S석", "1000")}, "", "price R석=1000; price S석=1000"},
		{"blanks of a name do not matter", []Fact{price("R 석", "1000")}, []Fact{price("R석", "1000")}, "price R 석=1000", ""},
		{"a player of one part", []Fact{player("마리", "김철수")}, []Fact{player("마리", "김철수")}, "cast 마리=김철수", ""},
		{"a player of two parts has none", []Fact{player("마리", "김철수")}, []Fact{player("머리", "김철수")}, "cast=김철수", ""},
	}
	for _, tt := range tests {
		agreed, alone := Agreed(tt.first, tt.second)
		if told(agreed) != tt.agreed || told(alone) != tt.alone {
			t.Errorf("%s: %q and %q, want %q and %q", tt.name, told(agreed), told(alone), tt.agreed, tt.alone)
		}
	}
}

// TestWorth: remarks are not read twice, all else is; each line once.
func TestWorth(t *testing.T) {
	t.Parallel()
	lines := strip("제목", "공연정보", "러닝타임|150분", "※ 사정에 따라", "유의사항", "취소는 전날까지")
	if got := Worth(lines); !slices.Equal(got, []int{0, 1, 2, 3, 5}) {
		t.Errorf("%v", got)
	}
	if text := Text(lines); text != "제목\n러닝타임 150분\n" {
		t.Errorf("%q", text)
	}
	if got := Worth(nil); len(got) != 0 {
		t.Errorf("of nothing %v", got)
	}
}

// TestManyLines: a strip full of names, sums and labels takes no square of time.
func TestManyLines(t *testing.T) {
	t.Parallel()
	artists := make([]string, 5000)
	for i := range artists {
		artists[i] = string([]rune{'김' + rune(i%40), '가' + rune(i%977), '나' + rune(i%1013)})
	}
	for name, rows := range map[string][]string{
		"names":  append([]string{"캐스팅"}, slices.Repeat([]string{"마리 : " + strings.Repeat("김철수 이영희 박민수 ", 8)}, 120)...),
		"sums":   append([]string{"티켓가격"}, slices.Repeat([]string{"R석|S석|A석|B석|", "120,000원|90,000원|60,000원|30,000원"}, 100)...),
		"labels": append([]string{"공연정보"}, slices.Repeat([]string{strings.Repeat("공연기간 관람연령 ", 20)}, 300)...),
		"digits": append([]string{"공연정보"}, slices.Repeat([]string{strings.Repeat("1O:3l ", 80)}, 300)...),
		"a row":  {"캐스팅", strings.Repeat("가|", 500)},
	} {
		start := time.Now()
		Read(strip(rows...), Known{Day: day, Artists: NewLexicon(artists)})
		if took := time.Since(start); took > time.Minute { // a square would take hours
			t.Errorf("%s: %s", name, took)
		} else {
			t.Logf("%s: %s", name, took.Round(time.Millisecond))
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("공연정보\n공연기간|2025.12.15(월) ~ 2025.12.24(수)\n러닝타임 : 150분 (인터미션 20분)\n8세 이상\n평일 19:30")
	f.Add("티켓가격\nVIP석|R석\n150,000원|12만 5천원\n할인안내\n· 재관람 할인 20%\n유의사항\n※")
	f.Add("기간 : 2025.12.15 ~ 12.24\n캐스팅\n마리 : 김철수\n앙상블\n박민수\n캐스팅 일정\n날짜|요일|시간|마리\n12/16|화|19:30|김철수")
	f.Add("티켓오픈\n선예매 11월 18일(화) 오후 3시\n오후 고시")
	f.Fuzz(func(t *testing.T, text string) {
		lines := strip(strings.Split(text[:min(len(text), 2000)], "\n")...)
		known := Known{Day: day, Artists: NewLexicon([]string{"김철수", "이영희"}), Venues: []string{"예술의전당"}}
		all := Read(lines, known)
		places := map[string]bool{}
		for _, f := range all {
			if f.Value == "" || places[f.place()] {
				t.Fatalf("%+v", f)
			}
			places[f.place()] = true
		}
		if agreed, alone := Agreed(all, all); len(agreed) != len(all) || len(alone) != 0 {
			t.Fatalf("of itself %d agreed, %d alone, %d in all", len(agreed), len(alone), len(all))
		}
		last := -1
		for _, i := range Worth(lines) {
			if i <= last || i >= len(lines) {
				t.Fatalf("line %d of %d after %d", i, len(lines), last)
			}
			last = i
		}
		Text(lines)
	})
}
