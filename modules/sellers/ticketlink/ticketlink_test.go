package ticketlink

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

func own(t testing.TB, kind ticket.PageKind, name, url string) *ticket.Page {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return &ticket.Page{Source: "ticketlink", Kind: kind, URL: url, Body: b}
}

func TestNotice(t *testing.T) {
	t.Parallel()
	r, err := New().Parse(own(t, ticket.NoticePage, "notice.html", "https://www.ticketlink.co.kr/help/notice/70110"))
	if err != nil {
		t.Fatal(err)
	}
	n := r.Notices[0]
	for _, c := range []struct{ field, got, want string }{
		{"id", n.ID, "70110"},
		{"title", strings.ReplaceAll(n.Title, "\u200b", ""), "[단독판매] 뮤지컬 <항구의 시계공> 2차 티켓오픈 안내"},
		{"opens", n.OpensText, "1741064400000"},
		{"registered", n.RegisteredText, "1740622500000"},
		{"venue", n.VenueText, "청주예술의전당 대공연장"},
		{"body venue", n.BodyVenueText, "청주예술의전당 대공연장"},
		{"period", n.PeriodText, "2025년 04월 01일(화) ~ 2025년 05월 25일(일)"},
		{"times", n.TimesText, "화-금 19시 30분 / 토 15시, 19시 / 일 14시 (월 공연 없음)"},
		{"price", n.PriceText, "VIP석(1층) 99,000원\nR석 77,000원\nS석 5만5천원"},
		{"running", n.RunningText, "만 7세 이상"}, // the seller swapped the two: that is for the normaliser to see
		{"age", n.AgeText, "110분 (인터미션 15분 포함)"},
		{"product", n.ProductURL + " " + n.ProductCode, "https://ticketlink.co.kr/product/70001 70001"},
		{"poster", n.PosterURL, "//image.example.com/poster/harbour.jpg"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.field, c.got, c.want)
		}
	}
	want := []sellers.RawPresale{{Name: "팬클럽 선예매", Text: "2025.03.03(월) 20:00 ~ 03.04(화) 12:00"}}
	if !slices.Equal(n.Presales, want) {
		t.Errorf("presales %+v", n.Presales)
	}
}

// body reads the text of a notice written as lines.
func bodyOf(t *testing.T, title, opens, text string) sellers.RawNotice {
	t.Helper()
	page := `<dl class="list_view"><dl class="th_info"><dd id="noticeTitle">` + title + `</dd><dd id="ticketOpenDatetime">` + opens +
		`</dd></dl><dd class="list_cont">` + strings.ReplaceAll(text, "\n", "<br>") + `</dd></dl>`
	r, err := New().Parse(&ticket.Page{Kind: ticket.NoticePage, Code: "1", Body: []byte(page)})
	if err != nil {
		t.Fatal(err)
	}
	return r.Notices[0]
}

func TestBodies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, title, text                  string
		period, place, price, running, age string
	}{
		{name: "labels of every spelling", text: "■ 공연개요\n• 공 연 일 시 : 2019. 3. 2(토) 18:00\n• 장　소 ： 별빛홀\n• 관 람 료 : 전석 3만원\n• 런닝타임 : 90분\n• 관람연령 : 8세 이상",
			period: "2019. 3. 2(토) 18:00", place: "별빛홀", price: "전석 3만원", running: "90분", age: "8세 이상"},
		{name: "values below bare labels", text: "[공연기간]\n2019년 3월 2일(토) ~ 3월 10일(일)\n[공연장소]\n별빛홀\n[티켓가격]\nR석 50,000원\nS석 40,000원\n[할인정보]\n조기예매 30,000원",
			period: "2019년 3월 2일(토) ~ 3월 10일(일)", place: "별빛홀", price: "R석 50,000원\nS석 40,000원"},
		{name: "single days on lines of their own", text: "공연일시 : 2019년 3월 2일(토) 18시\n2019년 3월 3일(일) 17시\n공연장소 : 별빛홀",
			period: "2019년 3월 2일(토) 18시\n2019년 3월 3일(일) 17시", place: "별빛홀"},
		{name: "the opening's own 일시", text: "2차 티켓 오픈\n일시 : 2019년 3월 4일 월요일 20:00\n예매방법 : 인터넷"},
		{name: "everything under the opening's heading", text: "별빛 음악회 예매오픈 안내\n일시 : 2019년 4월 6일(토) 18시\n장소 : 별빛홀\n가격 : 전석 30,000원",
			period: "2019년 4월 6일(토) 18시", place: "별빛홀", price: "전석 30,000원"},
		{name: "the presale's 일시", text: "[팬클럽 선예매 안내]\n일시 : 2019년 3월 2일(토) 20:00\n가격 : 무료"},
		{name: "a table", text: "<table><tr><td>공연기간</td><td>2019.3.2 ~ 3.9</td></tr><tr><td><p>공연장소</p></td><td><p>별빛홀</p></td></tr><tr><td>티켓가격</td><td>전석 30,000원</td></tr></table>",
			period: "2019.3.2 ~ 3.9", place: "별빛홀", price: "전석 30,000원"},
		{name: "several labels on a line", text: "일시 : 2019년 3월 2일(토) 17시 | 장소 : 별빛홀 | 가격 : 전석 30,000원", period: "2019년 3월 2일(토) 17시", place: "별빛홀", price: "전석 30,000원"},
		{name: "the dates of a round", title: "뮤지컬 2차 티켓오픈 안내", text: "[2차 티켓오픈 안내]\n- 공연기간 : 2019년 4월 2일 ~ 4월 20일\n- 2차 오픈 공연기간 : 2019년 4월 2일 ~ 4월 20일"},
		{name: "the round beside the run", title: "뮤지컬 2차 티켓오픈 안내", text: "[2차 티켓오픈 안내]\n- 공연기간 : 2019년 4월 2일 ~ 4월 20일\n[공연정보]\n공연기간 : 2019년 3월 2일 ~ 5월 20일",
			period: "2019년 3월 2일 ~ 5월 20일"},
		{name: "two cities in one notice", text: "[공연정보]\n공연일시 : 2019년 3월 2일(토)\n공연장소 : 별빛홀\n공연일시 : 2019년 3월 9일(토)\n공연장소 : 달빛홀",
			period: "2019년 3월 2일(토)‖2019년 3월 9일(토)"},
		{name: "discounts are no prices", text: "[공연정보]\n가격 : 전석 50,000원\n[할인정보]\n- 가격 : 재관람 30,000원\n학생할인 20,000원", price: "전석 50,000원"},
		{name: "decoys only", text: "- 티켓오픈 공연기간 : 2019년 3월 2일 ~ 3월 9일\n* 판매시작 : 공연 시간 1시간 전\n공연시간 정보\n오픈 기간 > 3월 2일(토) ~ 3월 9일(토)"},
		{name: "labels that lost their line end", text: "- 부제목 : 봄날의 음악- 공연일시 : 2019. 3. 2(토)- 공연장소 : 별빛홀 - 티켓가격 : 전석 10,000원",
			period: "2019. 3. 2(토)", place: "별빛홀", price: "전석 10,000원"},
		{name: "what else is in brackets", text: "공연정보\n공연 일시 : 2019년 3월 2일\n기타 정보 : (관람연령: 8세이상 관람 가, 관람시간 2시간)",
			period: "2019년 3월 2일", age: "8세이상 관람 가", running: "2시간"},
		{name: "ages and lengths alone on a line", text: "일시: 2019. 03. 02(토) PM 4:00\n장소: 별빛홀\n만 8세 이상 관람가\n100분 공연 (인터미션 없음)",
			period: "2019. 03. 02(토) PM 4:00", place: "별빛홀", age: "만 8세 이상 관람가", running: "100분 공연 (인터미션 없음)"},
	} {
		title := c.title
		if title == "" {
			title = "별빛 음악회 티켓오픈 안내"
		}
		n := bodyOf(t, title, "2019.03.04(월) 20:00", c.text)
		for _, f := range []struct{ field, got, want string }{
			{"period", n.PeriodText, c.period}, {"place", n.BodyVenueText, c.place}, {"price", n.PriceText, c.price}, {"running", n.RunningText, c.running}, {"age", n.AgeText, c.age},
		} {
			if f.got != f.want {
				t.Errorf("%s: %s: got %q, want %q", c.name, f.field, f.got, f.want)
			}
		}
	}
}

func TestProduct(t *testing.T) {
	t.Parallel()
	r, err := New().Parse(own(t, ticket.DetailPage, "product.html", ""))
	if err != nil {
		t.Fatal(err)
	}
	s := r.Shows[0]
	if s.Code != "70001" || s.Title != "뮤지컬 <항구의 시계공>" || s.PeriodText != "2025.04.01 - 2025.05.25" || s.RunningText != "110분 (인터미션: 15분)" ||
		!slices.Equal(s.Prices, []sellers.RawPrice{{Grade: "VIP석(1층)", Text: "99,000원"}, {Grade: "R석", Text: "77,000원"}}) ||
		!slices.Equal(s.Cast, []ticket.CastMember{{Name: "김바다", Role: "시계공"}}) || !slices.Equal(s.Badges, []string{"단독판매"}) {
		t.Errorf("%+v", s)
	}
	r, err = New().Parse(own(t, ticket.DetailPage, "product_jsonld.html", "https://www.ticketlink.co.kr/product/70001"))
	if err != nil {
		t.Fatal(err)
	}
	if s := r.Shows[0]; s.Title != "뮤지컬 〈항구의 시계공〉" || s.StartText != "2025-04-01" || s.EndText != "2025-05-25" || s.VenueText != "청주예술의전당 대공연장" {
		t.Errorf("%+v", s)
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	src := New()
	start := src.Start(time.Now())
	if len(start) != 14 || start[0].Kind != ticket.NoticeListPage || start[0].Header["Referer"] == "" {
		t.Fatalf("%d requests: %+v", len(start), start)
	}
	urls := func(p *ticket.Page) []string {
		t.Helper()
		reqs, err := src.Follow(p)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, r := range reqs {
			if r.Kind == ticket.DetailPage && (!r.Browser || r.WaitFor != ".product_info_list") {
				t.Errorf("a product page without a browser: %+v", r)
			}
			out = append(out, r.URL)
		}
		return out
	}
	got := urls(own(t, ticket.ListPage, "list.json", start[1].URL))
	want := []string{"https://www.ticketlink.co.kr/product/70001", "https://www.ticketlink.co.kr/product/70002",
		"https://mapi.ticketlink.co.kr/mapi/productList/show?page=2&categoryId=10&locationCode=&categoryLevel=1"}
	if !slices.Equal(got, want) {
		t.Errorf("list: %q", got)
	}
	got = urls(own(t, ticket.NoticeListPage, "notice_list.json", start[0].URL))
	want = []string{"https://www.ticketlink.co.kr/help/notice/70110", "https://www.ticketlink.co.kr/product/70001", "https://www.ticketlink.co.kr/help/notice/70111",
		"https://www.ticketlink.co.kr/help/getNoticeList?page=2&noticeCategoryCode=TICKET_OPEN&title=&sortCode=OPEN_DATE"}
	if !slices.Equal(got, want) {
		t.Errorf("notice list: %q", got)
	}
	if got = urls(own(t, ticket.NoticePage, "notice.html", "https://www.ticketlink.co.kr/help/notice/70110")); !slices.Equal(got, []string{"https://www.ticketlink.co.kr/product/70001"}) {
		t.Errorf("notice: %q", got)
	}
	if got = urls(&ticket.Page{Kind: ticket.ListPage, URL: start[1].URL, Body: []byte(`{"data":{"result":[]}}`)}); len(got) != 0 {
		t.Errorf("the last page leads on: %q", got)
	}
}

func TestNotOurs(t *testing.T) {
	t.Parallel()
	for _, kind := range ticket.PageKinds() {
		for _, body := range []string{"", "  ", "<html><title>다른 곳</title></html>", "{}", "[]", "null", `{"data":null}`, "\xff\xfe"} {
			if _, err := New().Parse(&ticket.Page{Kind: kind, Code: "1", Body: []byte(body)}); !errors.Is(err, sellers.ErrNotOurs) {
				t.Errorf("%s %q: %v", kind, body, err)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	kinds := ticket.PageKinds()
	for i, name := range []string{"list.json", "product.html", "notice.html", "notice_list.json", "product_jsonld.html"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(i, b)
	}
	f.Fuzz(func(t *testing.T, kind int, b []byte) {
		p := &ticket.Page{Kind: kinds[uint(kind)%uint(len(kinds))], Code: "1", URL: "https://www.ticketlink.co.kr/help/notice/1", Body: b}
		r, err := New().Parse(p)
		if err != nil {
			return
		}
		if _, err := New().Follow(p); err != nil {
			t.Error(err)
		}
		for _, n := range r.Notices {
			for _, s := range []string{n.ID, n.Title, n.PeriodText, n.PriceText, n.BodyVenueText, n.VenueText, n.AgeText, n.RunningText, n.TimesText, n.ProductURL} {
				if !utf8.ValidString(s) {
					t.Errorf("not UTF-8: %q", s)
				}
			}
		}
		for _, s := range r.Shows {
			if s.Code == "" || !utf8.ValidString(s.Title+s.VenueText+s.PeriodText+s.AgeText) {
				t.Errorf("%+v", s)
			}
		}
	})
}
