package facts

import (
	"image"
	"testing"
)

// TestWhatIsNotMeant: what strips say of other things than the show's run, hours, sale, prices and discounts is no fact, however
// clearly it is read.
func TestWhatIsNotMeant(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		rows []string
		want map[Field]string // the one value the field has; "" none
	}{
		"a presale under the heading":      {[]string{"티켓오픈", "멜론티켓 선예매 : 2025.11.17(월) 14:00"}, map[Field]string{Opens: ""}},
		"a presale without a colon":        {[]string{"티켓오픈", "2025.11.17(월) 14:00 (팬클럽 선예매)"}, map[Field]string{Opens: ""}},
		"the end of the sale":              {[]string{"티켓오픈", "예매 마감 : 2025.12.19(금) 17:00"}, map[Field]string{Opens: ""}},
		"a bank transfer":                  {[]string{"티켓오픈", "무통장 입금 마감 : 2025.11.19(수) 23:59"}, map[Field]string{Opens: ""}},
		"the show under the heading":       {[]string{"예매안내", "공연 : 2025.12.20(토) 18:00"}, map[Field]string{Opens: ""}},
		"a sale by its day":                {[]string{"티켓오픈", "일시 : 2025년 11월 18일(화) 오후 2시"}, map[Field]string{Opens: "2025-11-18T14:00", Period: "", Times: ""}},
		"the sale itself":                  {[]string{"티켓오픈", "2025.11.18(화) 14:00"}, map[Field]string{Opens: "2025-11-18T14:00"}},
		"doors":                            {[]string{"공연정보", "입장시간 : 공연 30분 전"}, map[Field]string{Running: "", Times: ""}},
		"an interval alone":                {[]string{"공연정보", "인터미션 : 20분"}, map[Field]string{Running: ""}},
		"half a show":                      {[]string{"공연정보", "1부 : 50분", "2부 : 60분"}, map[Field]string{Running: ""}},
		"parking":                          {[]string{"공연정보", "주차 : 3시간"}, map[Field]string{Running: ""}},
		"an age with a companion":          {[]string{"공연정보", "관람연령 : 14세 미만 보호자 동반 시 관람 가능"}, map[Field]string{Age: ""}},
		"opening hours of a desk":          {[]string{"공연정보", "고객센터 : 10:00 ~ 18:00"}, map[Field]string{Times: ""}},
		"two runs":                         {[]string{"공연정보", "행사기간 : 2025.11.01 ~ 2025.11.15", "공연기간 : 2025.12.15 ~ 2025.12.24"}, map[Field]string{Period: ""}},
		"the days of the sale":             {[]string{"공연정보", "예매기간 : 2025.11.01 ~ 2025.12.19"}, map[Field]string{Period: ""}},
		"fees of cancelling":               {[]string{"할인안내", "취소수수료 안내", "공연 10일 전까지 : 티켓금액의 10%"}, map[Field]string{Discount: ""}},
		"points":                           {[]string{"할인안내", "NOL 카드 결제 시 포인트 5% 적립"}, map[Field]string{Discount: ""}},
		"two shares in a row":              {[]string{"할인안내", "장애인 할인 (중증 50%, 경증 30%)"}, map[Field]string{Discount: ""}},
		"a discount":                       {[]string{"할인안내", "재관람 할인 20%"}, map[Field]string{Discount: "20"}},
		"a fee among prices":               {[]string{"티켓가격", "R석 120,000원", "예매수수료", "전석 1,000원"}, map[Field]string{Price: "120000"}},
		"a deposit of a free show":         {[]string{"티켓가격", "노쇼 방지 예약금", "전석 10,000원"}, map[Field]string{Price: ""}},
		"what is taken off":                {[]string{"티켓가격", "R석 100,000원", "청소년 10,000원 할인"}, map[Field]string{Price: "100000"}},
		"a price for early ones":           {[]string{"티켓가격", "얼리버드 특가", "R석 84,000원"}, map[Field]string{Price: ""}},
		"a grade in another order":         {[]string{"티켓가격", "VIP석 170,000원 / OP석 170,000원"}, map[Field]string{Price: "170000"}},
		"a name that is no grade's letter": {[]string{"티켓가격", "VIP석 150,000원", "별석 150,000원"}, map[Field]string{Price: "150000"}},
	} {
		var lines []Line
		for i, text := range tc.rows {
			lines = append(lines, Line{Rect: image.Rect(40, 40+60*i, 40+14*len([]rune(text)), 62+60*i), Text: text})
		}
		got := map[Field]string{}
		for _, f := range Read(lines, Known{Day: "2025-11-01"}) {
			if v, twice := got[f.Field]; twice && v != f.Value {
				t.Errorf("%s: %s is %q and %q", name, f.Field, v, f.Value)
			}
			got[f.Field] = f.Value
		}
		for field, want := range tc.want {
			if got[field] != want {
				t.Errorf("%s: %s is %q, want %q", name, field, got[field], want)
			}
		}
	}
}
