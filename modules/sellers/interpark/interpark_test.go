package interpark

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/korean"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/sellerstest"
	"ticketmoa/modules/ticket"
)

func own(t testing.TB, kind ticket.PageKind, code, url, name string) *ticket.Page {
	t.Helper()
	return &ticket.Page{Kind: kind, Code: code, URL: url, Body: sellerstest.Own(t, name)}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	p := own(t, ticket.DetailPage, "26990001", summary("26990001").URL, "summary.json")
	s := parse(t, p).Shows[0]
	same(t, "summary", []field{{"code", s.Code, "26990001"}, {"title", s.Title, "뮤지컬 〈종이 등대〉 - 부산"}, {"genre", s.GenreText, "뮤지컬 > 창작"}, {"running", s.RunningText, "150분 (인터미션 20분)"}, {"age", s.AgeText, "만 7세이상"},
		{"period", period(t, s.StartText+" ~ "+s.EndText, ""), "2026-12-05~2027-01-31"}, {"times", s.TimesText, "화~금 7시 30분 / 토 2시, 7시 (월 공연 없음)"}, {"opens", opens(t, s.OpensText, time.Time{}), "2026-11-10 14:00"},
		{"venue", s.VenueText, "드림씨어터"}, {"venue code", s.VenueCode, "26000777"}, {"poster", s.PosterURL, "//ticketimage.interpark.com/Play/image/poster/26990001.jpg"}, {"badges", strings.Join(s.Badges, ","), "단독판매"},
		{"synopsis", s.Synopsis, "바다 끝의 등대지기가\n종이로 배를 접는다."}})
	follow, err := New().Follow(p)
	if err != nil || len(follow) != 2 || follow[0].Kind != ticket.PricePage || follow[1].Kind != ticket.FacilityPage || follow[1].URL != front+"/v1/Place/26000777" {
		t.Errorf("%+v %v", follow, err)
	}
}

func TestPricesByGradeAndDiscount(t *testing.T) {
	t.Parallel()
	s := parse(t, own(t, ticket.PricePage, "", front+"/v1/goods/26990001/prices/group", "prices.json")).Shows[0]
	if got, want := prices(t, s.Prices), "VIP석 150000, VIP석 조기예매 30% 105000, VIP석 장애인 50% 75000, A석 60000, 초대석 0"; got != want || s.Code != "26990001" {
		t.Errorf("%s: got %s, want %s", s.Code, got, want)
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	item := `{"goodsCode":"26990002","goodsName":"연극 〈막차〉","venueName":"두산아트센터 Space111","regionName":"서울","startDate":"20261201","endDate":"20261220","imageUrl":"//i/26990002_p.gif","weekRank":3,"subCategoryName":"대학로"},
		{"goodsCode":"L0009901","goodsName":"드라큘라 백작의 밤","startDate":"20261201","endDate":"20261220"},{"goodsCode":"bad code","goodsName":"x"}`
	for _, body := range []string{`[` + item + `]`, `{"list":[` + item + `]}`, `{"data":{"list":[` + item + `]}}`, `{"DRAMA":[` + item + `],"MUSICAL":[` + item + `]}`} {
		r := parse(t, &ticket.Page{Kind: ticket.ListPage, URL: goodsList("DRAMA", 1).URL, Body: []byte(body)})
		if len(r.Shows) != 2 || r.Shows[1].Code != "L0009901" {
			t.Fatalf("%s: %+v", body, r.Shows)
		}
		s := r.Shows[0]
		same(t, body, []field{{"title", s.Title, "연극 〈막차〉"}, {"genre", s.GenreText, "DRAMA > 대학로"}, {"venue", s.VenueText, "두산아트센터 Space111"}, {"region", s.RegionText, "서울"}, {"start", s.StartText, "20261201"}})
	}
	if r := parse(t, &ticket.Page{Kind: ticket.ListPage, URL: goodsList("DRAMA", 9).URL, Body: []byte(`{"list":[]}`)}); len(r.Shows) != 0 {
		t.Error("an empty list is the end")
	}
	nolItem := `{"items":[{"type":"PRODUCT_ITEM","data":{"id":"26990003","title":"겨울바다 콘서트","dateInfo":"26.12.23 ~ 26.12.25","locationDetails":["서울","올림픽홀"],"thumbnail":"https://i/x.jpg","action":{"web":"https://nol.yanolja.com/ticket/products/26990003"},"benefitBadges":[{"text":"단독판매"}]},
		"serverLogMeta":{"subGenreName":"콘서트","regionName":"서울","placeName":"올림픽공원 올림픽홀","saleStatus":"판매중"}},{"type":"BANNER","data":{"id":"1"}}],"paging":{"isLast":true,"total":1}}`
	r := parse(t, &ticket.Page{Kind: ticket.ListPage, Body: []byte(nolItem)})
	if len(r.Shows) != 1 {
		t.Fatalf("%+v", r.Shows)
	}
	s := r.Shows[0]
	same(t, "nol", []field{{"code", s.Code, "26990003"}, {"venue", s.VenueText, "올림픽공원 올림픽홀"}, {"period", period(t, s.PeriodText, ""), "2026-12-23~2026-12-25"}, {"badge", s.Badges[0], "단독판매"}})
}

// TestNoticeList reads the list as JSON, and as the JSON string that holds JSON which the route has been seen to answer.
func TestNoticeList(t *testing.T) {
	t.Parallel()
	body := `[{"noticeId":15501,"title":"뮤지컬 〈종이 등대〉","openDateStr":"2026-12-01 14:00:00","isGeneralLater":false,"venueName":"드림씨어터","goodsGenreStr":"뮤지컬","goodsRegionStr":"부산","openTypeStr":"3차티켓오픈","goodsSeatTypeStr":"단독판매","createdAt":"2026-11-20T09:00:00","goodsCode":"26990001",
		"groupMembers":[{"noticeId":15503,"title":"뮤지컬 〈종이 등대〉 - 대구","openDateStr":"2026-12-02 14:00:00"}]},
		{"noticeId":15502,"title":"겨울바다 팬미팅","openDateStr":"2026-12-03 20:00:00","isGeneralLater":true,"openTypeStr":"팬클럽 선예매","goodsCode":""}]`
	quoted := `"` + strings.NewReplacer(`"`, `\"`, "\n", "", "\t", "").Replace(body) + `"`
	for _, b := range []string{body, `{"data":` + body + `}`, quoted} {
		p := &ticket.Page{Kind: ticket.NoticeListPage, URL: noticeList(0).URL, Body: []byte(b)}
		r := parse(t, p)
		if len(r.Notices) != 3 {
			t.Fatalf("%d notices in %.40s", len(r.Notices), b)
		}
		first, later := r.Notices[0], r.Notices[2]
		same(t, "notice", []field{{"id", first.ID, "15501"}, {"product", first.ProductCode, "26990001"}, {"type", first.OpenTypeText, "3차티켓오픈"}, {"opens", opens(t, first.OpensText, time.Time{}), "2026-12-01 14:00"},
			{"later", opens(t, later.OpensText, time.Time{}), ""}, {"presale", later.Presales[0].Name + " " + later.Presales[0].Text, "팬클럽 선예매 2026-12-03 20:00:00"}})
		follow, err := New().Follow(p)
		if err != nil || len(follow) != 2 || follow[0].Code != "26990001" || !strings.Contains(follow[1].URL, "offset=3&") {
			t.Errorf("%+v %v", follow, err)
		}
	}
}

func TestUpcoming(t *testing.T) {
	t.Parallel()
	r := parse(t, own(t, ticket.NoticeListPage, "", nol+"/ticket/display/upcoming?genre=concert&sort=register", "upcoming.html"))
	if len(r.Notices) != 3 {
		t.Fatalf("%+v", r.Notices)
	}
	a, b, c := r.Notices[0], r.Notices[1], r.Notices[2]
	same(t, "upcoming", []field{{"id", a.ID, "15901"}, {"opens", opens(t, a.OpensText, time.Time{}), "2026-12-02 20:00"}, {"presale", a.Presales[0].Name + " " + opens(t, a.Presales[0].Text, time.Time{}), "팬클럽 선예매 2026-12-01 11:00"},
		{"period", period(t, a.PeriodText, ""), "2027-01-15~2027-01-17"}, {"genre", a.GenreText, "콘서트 - 발라드"}, {"badge", a.Badges[0], "단독판매"},
		{"second id", b.ID, "15901-2"}, {"second opens", opens(t, b.OpensText, time.Time{}), "2026-12-16 20:00"}, {"second type", b.OpenTypeText, "2차 티켓오픈"},
		{"undecided", opens(t, c.OpensText, time.Time{}), ""}, {"letters in codes", c.ProductCode, "L0009902"}})
	if len(a.Presales) != 1 || len(b.Presales) != 0 {
		t.Errorf("presales %v %v", a.Presales, b.Presales)
	}
}

func TestClubPage(t *testing.T) {
	t.Parallel()
	p := own(t, ticket.ListPage, "", nol+"/ticket/genre/sports/heroes", "heroes.html")
	r := parse(t, p)
	if len(r.Shows) != 1 {
		t.Fatalf("%+v", r.Shows)
	}
	checkMatch(t, r, [7]string{"26990311", "키움 히어로즈", "LG 트윈스", "고척스카이돔", "2027-03-31~2027-03-31", "18:30", "2027-03-24 14:00"}, "2027-03-24 12:00")
	if follow, err := New().Follow(p); err != nil || len(follow) != 0 {
		t.Errorf("%+v %v", follow, err)
	}
	if r := parse(t, &ticket.Page{Kind: ticket.ListPage, URL: nol + "/ticket/genre/sports/bears", Body: []byte(`<html><script>self.__next_f.push([1,"0:{}"])</script></html>`)}); len(r.Shows) != 0 {
		t.Error("a club without matches to come")
	}
}

// TestOldEncoding reads the old board in the charset its server wrote.
func TestOldEncoding(t *testing.T) {
	t.Parallel()
	body := `<html><head><meta http-equiv="Content-Type" content="text/html; charset=euc-kr"></head><body><div class="notice_detail"><div class="info"><h3>연극 빈 의자<span class="ico_type1">단독판매</span></h3><ul><li class="open"><strong>티켓오픈일</strong>2024년 1월 5일(금) 오후 6시</li></ul></div>
		<div class="desc"><div class="introduce"><div class="data">- 공연장소 : 두산아트센터<br>- 가격 : 전석 30,000원</div></div></div></div></body></html>`
	encoded, err := korean.EUCKR.NewEncoder().String(body)
	if err != nil {
		t.Fatal(err)
	}
	n := parse(t, &ticket.Page{Kind: ticket.NoticePage, Code: "50001", Body: []byte(encoded)}).Notices[0]
	same(t, "euc-kr", []field{{"title", n.Title, "연극 빈 의자"}, {"venue", n.BodyVenueText, "두산아트센터"}, {"price", n.PriceText, "전석 30,000원"}, {"badge", n.Badges[0], "단독판매"}})
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	src := New()
	start := src.Start(time.Now())
	if len(start) != 1+len(genres)+len(teams) || !strings.Contains(start[0].URL, "goodsGenre=ALL&goodsRegion=ALL") || !strings.Contains(start[0].URL, "sorting=OPEN_ASC") {
		t.Errorf("%+v", start)
	}
	for _, r := range start {
		if r.Browser {
			t.Errorf("%s needs no browser", r.URL)
		}
	}
	p := &ticket.Page{Kind: ticket.ListPage, URL: goodsList("MUSICAL", 2).URL, Body: []byte(`[{"goodsCode":"26990001","goodsName":"a"},{"goodsCode":"26990002","goodsName":"b"}]`)}
	follow, err := src.Follow(p)
	if err != nil || len(follow) != 3 || !follow[0].Fallback || follow[0].FallbackURL != "https://tickets.interpark.com/goods/26990001" || follow[2].URL != goodsList("MUSICAL", 3).URL {
		t.Errorf("%+v %v", follow, err)
	}
	p.Body = []byte(`[]`)
	if follow, err := src.Follow(p); err != nil || len(follow) != 0 {
		t.Errorf("behind the end: %+v %v", follow, err)
	}
	for _, r := range append(start, follow...) {
		if slices.ContainsFunc([]string{"reserve", "seat", "waiting", "booking", "poticket"}, func(w string) bool { return strings.Contains(strings.ToLower(r.URL), w) }) {
			t.Errorf("%s is a path of reservations", r.URL)
		}
	}
}

func FuzzParse(f *testing.F) {
	kinds := []ticket.PageKind{ticket.ListPage, ticket.NoticeListPage, ticket.NoticePage, ticket.DetailPage, ticket.PricePage, ticket.FacilityPage}
	for k, name := range map[byte]string{3: "summary.json", 4: "prices.json", 1: "upcoming.html", 0: "heroes.html"} {
		f.Add(k, sellerstest.Own(f, name))
	}
	f.Add(byte(0), []byte(`<div class="timeScheduleList"><div class="timeSchedule"><div class="scheduleDate"><i class="num num0"></i></div><div class="textInfoBox">a vs b (8.2)</div><div class="btns"><a onclick="CallWynsBooking('False','N','Y','N','24010659','','20240820','001')"></a></div></div></div>`))
	f.Add(byte(0), []byte(`<a class="TicketItem_ticketItem__x"><img src="/contents/_next/image?url=http%3A%2F%2Fi%2F24011096_p.gif"><li class="x_goodsName">t</li></a>`))
	f.Add(byte(2), []byte(`<div class="notice_detail"><div class="info"><h3>t</h3><li class="open"><strong>a</strong>b</li></div><div class="desc"><div class="introduce"><div class="data">- 가격 : 1원</div></div></div></div>`))
	f.Add(byte(1), []byte(`[{"noticeId":1,"title":"t","groupMembers":[{"noticeId":2}]}]`))
	f.Fuzz(func(t *testing.T, kind byte, b []byte) {
		p := &ticket.Page{Kind: kinds[int(kind)%len(kinds)], Code: "26990001", URL: goodsList("MUSICAL", 1).URL, Body: b}
		r, err := New().Parse(p)
		if err != nil {
			return
		}
		if _, err := New().Follow(p); err != nil {
			t.Error(err)
		}
		for _, s := range r.Shows {
			if s.Code == "" || !utf8.ValidString(s.Title+s.VenueText+s.PeriodText+s.TimesText+s.Synopsis) {
				t.Errorf("%+v", s)
			}
		}
		for _, n := range r.Notices {
			if n.ID == "" || !utf8.ValidString(n.Title+n.OpensText+n.PriceText) {
				t.Errorf("%+v", n)
			}
		}
	})
}

// TestOddAnswers: sums in other forms, flags that are no flags, an answer about the server itself, a list that holds no goods
// any more, and a text of objects that never end.
func TestOddAnswers(t *testing.T) {
	t.Parallel()
	parse := func(kind ticket.PageKind, code, body string) (sellers.Result, error) {
		return New().Parse(&ticket.Page{Kind: kind, Code: code, URL: "https://tickets.interpark.com/contents/api/x", Body: []byte(body)})
	}
	r, err := parse(ticket.PricePage, "26003199", `{"R석":{"기본가":[{"salesPrice":"150,000"},"?"]},"S석":{"기본가":[{"salesPrice":110000.0}]},"A석":{"기본가":[{"salesPrice":0}]}}`)
	if err != nil || len(r.Shows) != 1 || !reflect.DeepEqual(r.Shows[0].Prices, []sellers.RawPrice{{Grade: "R석", Text: "150,000원"}, {Grade: "S석", Text: "110000원"}, {Grade: "A석", Text: "무료"}}) {
		t.Errorf("%+v %v", r.Shows, err)
	}
	r, err = parse(ticket.NoticeListPage, "", `[{"noticeId":1,"title":"A","openDateStr":"2026-10-05 18:00:00","isGeneralLater":"N","groupMembers":{}},7,{"noticeId":2,"title":"B","openDateStr":"2026-10-05 18:00:00","isGeneralLater":true}]`)
	if err != nil || len(r.Notices) != 2 || r.Notices[0].OpensText != "2026-10-05 18:00:00" || r.Notices[1].OpensText != "추후공지" {
		t.Errorf("%+v %v", r.Notices, err)
	}
	if _, err := parse(ticket.DetailPage, "26003199", `{"common":{"message":"Internal Server Error"},"data":null}`); !errors.Is(err, sellers.ErrRefused) {
		t.Errorf("an error of the server: %v", err)
	}
	if _, err := parse(ticket.ListPage, "", `{"items":[{"kind":"product"}]}`); !errors.Is(err, sellers.ErrNotOurs) {
		t.Errorf("a list without goods: %v", err)
	}
	piece, _ := json.Marshal(strings.Repeat(`{"ticket_dates":`, 1<<16))
	if r, err := parse(ticket.NoticeListPage, "", `<script>self.__next_f.push([1,`+string(piece)+`])</script>`); len(r.Notices) != 0 {
		t.Errorf("%+v %v", r, err)
	}
}
