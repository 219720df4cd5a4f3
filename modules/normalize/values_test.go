package normalize

import (
	"fmt"
	"slices"
	"testing"
	"unicode/utf8"

	"ticketmoa/modules/ticket"
)

func TestText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"뮤지컬 <시라노>\u200b 3차": "뮤지컬 <시라노> 3차", "\u00a0 가\u00a0\u3000나 \n\t다 ": "가 나 다", "\u1100\u1161": "가", "가\x00나\x07": "가나", "a\xffb": "ab", "": "", "\ufeff〈가〉": "〈가〉",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) = %q", in, got)
		}
	}
}

func TestPrices(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"VIP석 132,000원/ R석 121,000원 / S석 99,000원": "VIP석=132000 R석=121000 S석=99000",
		"R석 121,000원  S석 110,000원":                "R석=121000 S석=110000",
		"A존 85,000원, B존 75,000원":                  "A존=85000 B존=75000",
		"1층 R석 66,000원 / 2층 S석 55,000원":           "1층 R석=66000 2층 S석=55000",
		"VIP석(1층) 66,000원 / R석(발코니층) 44,000원":     "VIP석(1층)=66000 R석(발코니층)=44000",
		"R석 12만원, S석 9만원, 시야방해R 8만4천원":            "R석=120000 S석=90000 시야방해R=84000",
		"VIP석 14만원, R석 11만원, S석 8만원, A석 5만원":      "VIP석=140000 R석=110000 S석=80000 A석=50000",
		"R석 77,000 / S석66,000":                    "R석=77000 S석=66000",
		"R석 70,000원 ｜ S석 50,000원":                 "R석=70000 S석=50000",
		"VIP석 180,000원 l R석 150,000원 I S석 9만원":    "VIP석=180000 R석=150000 S석=90000",
		"VIP 120,000원 / R 100,000원":               "VIP=120000 R=100000",
		"전석60,000원":                               "전석=60000",
		"50,000원":                                 "전석=50000",
		"33,000":                                  "전석=33000",
		"55,000원 (전 좌석 동일)":                       "전석=55000",
		"R석 150,000 원":                            "R석=150000",
		"R석 66,000원":                              "R석=66000",
		"전석 - 154,000원":                           "전석=154000",
		"R석 <span>66,000</span>원":                 "R석=66000",
		"R석|150,000|원":                            "R석=150000",
		"전석 30,000원":                              "전석=30000",
		"VIP석 160,000원 / R석 130,000원":             "VIP석=160000 R석=130000",
		"일반 30,000원":                              "일반=30000",
		"전석무료":                                    "전석=0",
		"주말 30,000원, 평일 25,000원":                  "주말=30000 평일=25000",
		"Special석  110,000원":                      "Special석=110000",
		"1일권 99,000원, 펫존 1일권 ＋ MD 148,000원":       "1일권=99000 펫존 1일권 ＋ MD=148000",
		"R석(1층) : 45,000원 / S석(2층) : 35,000원":     "R석(1층)=45000 S석(2층)=35000",
		"R석 정가 : 70,000원":                         "R석=70000(정가)",
		"3일권 260,000원 → 195,000원 (4월 27일 오후 2시 ~)\n2일권 220,000원 → 154,000원": "3일권=260000 2일권=220000",
		"R석 66,000원(조기예매 50,000원) / S석 55,000원":                             "R석=66000 S석=55000",
		"전석 20,000원 (36개월 미만 무료)":                                           "전석=20000",
		"성인 10,000원, 어린이 무료":                                                "성인=10000 어린이=0",
		"R석 99,000원(평일) / R석 110,000원(주말)":                                  "R석(평일)=99000 R석(주말)=110000",
		"Phase 2 158,000원 / Phase 1 137,000원":                               "Phase 2=158000 Phase 1=137000",
		"R석 1만5,000원":              "R석=15000",
		"R석 ￦110,000 / S석 ￦99,000": "R석=110000 S석=99000",
		"R석 66,000원, 학생할인 30,000원": "R석=66000",
		"":                         "",
		"추후공지":                     "",
		// what must not become a price
		"R석 0원": "!", "R석 -5,000원": "!", "20,000,000원": "!", "R석 50원": "!", "R석 1,00,000원": "!", "R석 110.000원": "!", "R석 1 50,000원": "!",
		"30,000원~50,000원": "!", "R석 $100": "!", "평일할인 : 16,000원 주말할인 : 17,000원": "!", "균일 어린이 15,000원 어른 10,000원": "!",
		"R석 평일 70,000원 / 주말 80,000원": "!", "66,000원 / 55,000원": "!", "R석 70,000원 / R석 60,000원": "!", "전석": "!", "전석 초대": "!", "20% 할인": "!",
		"R석 66,000원" + ticket.Several + "R석 77,000원": "!",
	} {
		prices, err := Prices(raw)
		got := ""
		for i, p := range prices {
			if i > 0 {
				got += " "
			}
			got += fmt.Sprintf("%s=%d", p.Grade, p.Won)
			if p.Label != "" {
				got += "(" + p.Label + ")"
			}
		}
		if want == "!" {
			if err == nil || prices != nil {
				t.Errorf("Prices(%q) = %q, want a problem", raw, got)
			}
		} else if err != nil || got != want {
			t.Errorf("Prices(%q) = %q, %v; want %q", raw, got, err, want)
		}
	}
}

func shown(p *int) string {
	if p == nil {
		return "-"
	}
	return fmt.Sprint(*p)
}

func TestRunning(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"160분 (인터미션: 20분)": "160 20", "165분 인터미션  20분": "165 20", "155분(인터미션 20분 포함)": "155 20", "약 140분 (인터미션 20분 포함)": "140 20", "90분(인터미션 없음)": "90 0",
		"120분(인터미션없음)": "120 0", "2시간 45분": "165 -", "2시간": "120 -", "1시간 반": "90 -", "50분": "50 -", "120": "120 -", "약 100분 예정": "100 -", "2시간 15분 (인터미션 포함)": "135 -",
		"100분 공연 (인터미션 없음)": "100 0", "총 130분 (1부 60분, 인터미션 10분, 2부 60분)": "130 10", "": "- -", "미정": "- -",
		"전체관람가": "!", "만 7세 이상": "!", "60~70분": "!", "1부 45분, 2부 50분": "!", "10:00~19:00": "!", "0분": "!", "1441분": "!", "20분 (인터미션 20분)": "!", "길다": "!",
	} {
		minutes, rest, err := Running(raw)
		got := shown(minutes) + " " + shown(rest)
		if want == "!" && (err == nil || minutes != nil || rest != nil) || want != "!" && (err != nil || got != want) {
			t.Errorf("Running(%q) = %s, %v; want %s", raw, got, err, want)
		}
	}
}

func TestAge(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"만 7세이상": "7", "만 10세이상": "10", "만 7세 이상": "7", "만7세 이상(미취학아동 입장불가)": "7", "8세 이상 관람가(미취학아동 입장불가)": "8", "8세이상 관람가능": "8", "24개월 이상": "2", "24개월 이상 관람가능": "2", "36개월 이상": "3", "30개월 이상": "3",
		"초등학생이상 관람가": "7", "초등학생이상관람가": "7", "초등학생 이상 입장": "7", "중학생 이상": "13", "고등학생 이상 관람가": "16", "전체관람가": "0", "전체 관람가": "0", "전연령 관람가": "0",
		"청소년관람불가": "19", "성인": "19", "만 15세 이상": "15", "14세 이상 (중학생 이상)": "14", "만 7세 (취학 아동) 이상 관람가": "7", "미취학아동입장불가": "7", "만 19세 이상 (청소년관람불가)": "19",
		"5세 이하 입장불가": "6", "전체관람가 (36개월 미만 무료)": "0", "전체 관람가 / 24개월 이상 티켓 구매": "0", "전체관람가 (단, 만 4세 미만 입장불가)": "-", "만 13세 이상 (만 12세 이하 보호자 동반 시 관람가능)": "13", "12세 이하": "-", "보호자와 관람가능": "-", "": "-", "추후공지": "-", "70분": "!", "2시간": "!", "오후 3시": "!", "만 99세 이상": "!",
	} {
		text, years, err := Age(raw)
		if want == "!" && (err == nil || text != "" || years != nil) || want != "!" && (err != nil || shown(years) != want) {
			t.Errorf("Age(%q) = %q %s %v; want %s", raw, text, shown(years), err, want)
		}
	}
	if text, _, _ := Age(" 8세  이상\u200b 관람가 "); text != "8세 이상 관람가" {
		t.Errorf("text %q", text)
	}
}

func TestUntangle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want [3]string }{
		{[3]string{"20시", "전체관람가", "70분"}, [3]string{"20시", "70분", "전체관람가"}},
		{[3]string{"20시", "만 2세 이상", "55분"}, [3]string{"20시", "55분", "만 2세 이상"}},
		{[3]string{"", "", "65분 (인터미션 없음)"}, [3]string{"", "65분 (인터미션 없음)", ""}},
		{[3]string{"100분", "", "8세 이상"}, [3]string{"", "100분", "8세 이상"}},
		{[3]string{"", "10:00~19:00", "전체관람가"}, [3]string{"10:00~19:00", "", "전체관람가"}},
		{[3]string{"20시", "120분", "만 7세 이상"}, [3]string{"20시", "120분", "만 7세 이상"}},
		{[3]string{"토 15시", "", ""}, [3]string{"토 15시", "", ""}},
		{[3]string{"", "8세 이상", "만 7세 이상"}, [3]string{"", "8세 이상", "만 7세 이상"}},
	} {
		a, b, d := Untangle(c.in[0], c.in[1], c.in[2])
		if got := [3]string{a, b, d}; got != c.want {
			t.Errorf("Untangle(%q) = %q", c.in, got)
		}
	}
}

func FuzzPrices(f *testing.F) {
	for _, s := range []string{"VIP석 132,000원/ R석 121,000원", "R석 12만원, S석 8만4천원", "전석무료", "55,000원 (전 좌석 동일)", "3일권 260,000원 → 195,000원 (", "R석 -5,000원", "1,000,"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		prices, err := Prices(raw)
		if err != nil && prices != nil {
			t.Errorf("a problem and a value: %v %v", prices, err)
		}
		for _, p := range prices {
			if p.Won < 0 || p.Won > highestPrice || p.Won > 0 && p.Won < lowestPrice || p.Grade == "" || !utf8.ValidString(p.Grade+p.Label) {
				t.Errorf("Prices(%q) holds %+v", raw, p)
			}
		}
	})
}

func FuzzRunning(f *testing.F) {
	for _, s := range []string{"160분 (인터미션: 20분)", "2시간 45분", "120", "1부 45분, 2부 50분"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		minutes, rest, err := Running(raw)
		if err != nil && (minutes != nil || rest != nil) || minutes != nil && (*minutes < 1 || *minutes > 1440) || rest != nil && (minutes == nil || *rest < 0 || *rest >= *minutes) {
			t.Errorf("Running(%q) = %s %s %v", raw, shown(minutes), shown(rest), err)
		}
		_, _, _ = Untangle(raw, raw, raw)
	})
}

func FuzzAge(f *testing.F) {
	for _, s := range []string{"만 7세 이상", "24개월 이상", "초등학생이상 관람가", "5세 이하 입장불가", "70분"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		text, years, err := Age(raw)
		if !utf8.ValidString(text) || years != nil && (*years < 0 || *years > 30) || err != nil && (text != "" || years != nil) {
			t.Errorf("Age(%q) = %q %s %v", raw, text, shown(years), err)
		}
	})
}

func TestGenre(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		source, word, title string
		genre               ticket.Genre
		tags                []string
	}{
		{"interpark", "CLASSIC > 무용", "", ticket.Dance, nil}, {"interpark", "KIDS > 뮤지컬", "", ticket.Musical, []string{ticket.TagFamily}}, {"melon", "콘서트/페스티벌", "강물", ticket.Concert, nil},
		{"melon", "GENRE_ART_ALL", "뮤지컬 〈등대〉", ticket.Musical, nil}, {"melon", "GENRE_ART_ALL", "등대", "", nil},
		{"kopis", "뮤지컬", "", ticket.Musical, nil}, {"kopis", "연극", "", ticket.Play, nil}, {"kopis", "대중음악", "", ticket.Concert, nil},
		{"kopis", "서양음악(클래식)", "", ticket.Classical, nil}, {"kopis", "한국음악(국악)", "", ticket.Traditional, nil}, {"kopis", "무용(서양/한국무용)", "", ticket.Dance, nil},
		{"kopis", "대중무용", "", ticket.Dance, nil}, {"kopis", "서커스/마술", "", ticket.CircusMagic, nil}, {"kopis", "복합", "뮤지컬 <가>", ticket.OtherGenre, nil}, {"kopis", "클래식", "", ticket.Classical, nil},
		{"yes24", "뮤지컬 > 창작", "", ticket.Musical, nil}, {"yes24", "15464", "", ticket.Concert, []string{ticket.TagFestival}}, {"yes24", "999", "뮤지컬 번개맨", ticket.Musical, []string{ticket.TagFamily}},
		{"yes24", "클래식/국악/무용 > 발레/무용", "", ticket.Dance, nil}, {"yes24", "전시/행사", "공룡애니멀쇼", ticket.OtherGenre, nil}, {"yes24", "전시/행사", "모네 특별전", ticket.Exhibition, nil},
		{"interpark", "콘서트 주간 9위", "", ticket.Concert, nil}, {"ticketlink", "클래식/무용", "조성진 피아노 리사이틀", ticket.Classical, nil}, {"ticketlink", "뮤지컬/연극", "연극 <라이어>", ticket.Play, nil},
		{"melon", "팬클럽/팬미팅", "", ticket.Concert, []string{ticket.TagFanMeeting}},
		{"", "", "뮤지컬 <시라노> 3차", ticket.Musical, nil}, {"", "", "가족뮤지컬 <감정표현>", ticket.Musical, []string{ticket.TagFamily}}, {"", "", "주니삼촌의 로봇매직콘서트 - 고양", ticket.CircusMagic, nil},
		{"", "", "2015 이준기 생일파티 팬미팅", ticket.Concert, []string{ticket.TagFanMeeting}}, {"", "", "2015 안산M밸리록페스티벌", ticket.Concert, []string{ticket.TagFestival}},
		{"", "", "뮤지컬배우 김별 단독 콘서트", ticket.Concert, nil}, {"", "", "국립발레단 <지젤>", ticket.Dance, nil},
		// never a guess: what no word decides stays unknown, above all not an exhibition
		{"", "", "공룡애니멀쇼 - 용인", "", nil}, {"", "", "<뽀로로와 댄스댄스>", "", nil}, {"", "", "최현우 19+I - 천안", "", nil}, {"", "", "홍대공연극장 개관", "", nil}, {"x", "처음 보는 말", "", "", nil}, {"", "", "", "", nil},
	} {
		genre, tags := Genre(c.source, c.word, c.title)
		if genre != c.genre || !slices.Equal(tags, c.tags) {
			t.Errorf("Genre(%q, %q, %q) = %q %q; want %q %q", c.source, c.word, c.title, genre, tags, c.genre, c.tags)
		}
	}
}
