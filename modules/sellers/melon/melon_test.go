package melon

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/sellerstest"
	"ticketmoa/modules/ticket"
)

const (
	prodListURL = "https://ticket.melon.com/performance/ajax/prodList.json?commCode=&sortType=HIT&perfGenreCode=GENRE_CON_ALL&perfThemeCode=&filterCode=FILTER_ALL&v=1"
	openListURL = "https://ticket.melon.com/csoon/ajax/listTicketOpen.htm?orderType=0&pageIndex=1&schGcode=GENRE_ALL&schText=&schDt="
)

func own(t testing.TB, kind ticket.PageKind, name, url string) *ticket.Page {
	t.Helper()
	return &ticket.Page{Source: "melon", Kind: kind, URL: url, Body: sellerstest.Own(t, name)}
}

func TestProductList(t *testing.T) {
	t.Parallel()
	r, err := New().Parse(own(t, ticket.ListPage, "prod_list.json", prodListURL))
	if err != nil || len(r.Shows) != 3 {
		t.Fatal(err, len(r.Shows))
	}
	s := r.Shows[0]
	for _, c := range []struct{ field, got, want string }{
		{"code", s.Code, "270001"}, {"title", s.Title, "뮤지컬 〈등대지기〉"}, {"genre", s.GenreText, "GENRE_CON_ALL"}, {"venue", s.VenueText, "별빛아트홀"}, {"region", s.RegionText, "서울"},
		{"period", s.PeriodText, "2025.04.01 - 2025.05.25"}, {"state", s.StateText, "판매예정"}, {"opens", s.OpensText, "20250304140000"}, {"times", s.TimesText, "화-금 19시 30분 / 토 15시, 19시"},
		{"synopsis", s.Synopsis, "바다가 부르는 노래\n두 번째 계절"}, {"poster", s.PosterURL, "https://cdnticket.melon.co.kr/resource/image/upload/product/2025/02/lighthouse.jpg"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.field, c.got, c.want)
		}
	}
	if !s.Partial || !slices.Equal(s.Prices, []sellers.RawPrice{{Grade: "VIP석", Text: "99000원"}, {Grade: "R석", Text: "77,000원"}}) {
		t.Errorf("%+v", s.Prices)
	}
	if at, err := normalize.Opens(s.OpensText, time.Time{}); err != nil || at.In(ticket.Seoul).Format(time.DateTime) != "2025-03-04 14:00:00" {
		t.Error(at, err)
	}
	s = r.Shows[1]
	if s.Code != "270002" || s.StateText != "판매종료" || s.OpensText != "20250310200000‖20250311200000" || s.Prices != nil || s.PosterURL != "https://cdnticket.melon.co.kr/resource/image/river.png" {
		t.Errorf("%+v", s)
	}
	if at, err := normalize.Opens(s.OpensText, time.Time{}); err == nil {
		t.Error("two openings are one: ", at)
	}
	if s = r.Shows[2]; s.StateText != "판매중" || s.OpensText != "20250320" || s.Prices != nil {
		t.Errorf("%+v", s)
	}
	r, err = New().Parse(own(t, ticket.ListPage, "banners.json", ""))
	if err != nil || len(r.Shows) != 2 || r.Shows[0].Title != "뮤지컬 〈등대지기〉" || r.Shows[0].RegionText != "서울" || r.Shows[1].Code != "270002" {
		t.Errorf("%v %+v", err, r.Shows)
	}
}

func TestProduct(t *testing.T) {
	t.Parallel()
	r, err := New().Parse(own(t, ticket.DetailPage, "detail.html", ""))
	if err != nil {
		t.Fatal(err)
	}
	s := r.Shows[0]
	if s.Code != "270001" || s.Title != "뮤지컬 〈등대지기〉" || s.GenreText != "뮤지컬/연극" || s.VenueText != "별빛아트홀" || s.VenueCode != "9001" || s.AddressText != "서울 종로구 별빛로 1" ||
		s.RunningText != "110분 (인터미션 15분)" || s.AgeText != "전체관람가" || s.TimesText != "화-금 19시 30분 / 토 15시, 19시" || s.StateText != "판매예정" || s.Synopsis != "등대를 지키는 사람의 이야기." ||
		s.PosterURL != "https://cdnticket.melon.co.kr/resource/image/lighthouse.jpg" || !slices.Equal(s.Badges, []string{"단독판매"}) ||
		!slices.Equal(s.Prices, []sellers.RawPrice{{Grade: "VIP석", Text: "99,000원"}, {Grade: "R석", Text: "77,000원"}}) || !slices.Equal(s.Cast, []ticket.CastMember{{Name: "김바다", Role: "등대지기"}}) {
		t.Errorf("%+v", s)
	}
	if s.OpensText != "" {
		t.Errorf("the presale's instant was taken for the opening: %q", s.OpensText)
	}
}

func TestNoticeList(t *testing.T) {
	t.Parallel()
	r, err := New().Parse(own(t, ticket.NoticeListPage, "notice_list.html", openListURL))
	if err != nil || len(r.Notices) != 3 {
		t.Fatal(err, len(r.Notices))
	}
	n := r.Notices[0]
	if n.ID != "19010" || n.URL != "https://ticket.melon.com/csoon/detail.htm?csoonId=19010" || n.Title != "뮤지컬 〈등대지기〉 2차 티켓 오픈 안내" || n.OpensText != "2025.03.04(화) 14:00" ||
		n.RegisteredText != "2025.02.27" || n.PosterURL != "https://cdnticket.melon.co.kr/resource/image/upload/ticketopen/a.jpg" || !slices.Equal(n.Badges, []string{"단독판매"}) {
		t.Errorf("%+v", n)
	}
	if n := r.Notices[1]; n.ID != "19009" || n.OpensText != "" || n.Badges != nil {
		t.Errorf("%+v", n)
	}
	if n := r.Notices[2]; n.OpensText != "2025.03.20(목)" {
		t.Errorf("the mark of an unknown time was handed on: %+v", n)
	}
}

func TestNotice(t *testing.T) {
	t.Parallel()
	r, err := New().Parse(own(t, ticket.NoticePage, "notice.html", "https://ticket.melon.com/csoon/detail.htm?csoonId=19010"))
	if err != nil {
		t.Fatal(err)
	}
	n := r.Notices[0]
	for _, c := range []struct{ field, got, want string }{
		{"id", n.ID, "19010"}, {"title", n.Title, "뮤지컬 〈등대지기〉 2차 티켓 오픈 안내"}, {"opens", n.OpensText, "2025년 03월 04일(화) 14:00"}, {"type", n.OpenTypeText, "티켓오픈"},
		{"registered", n.RegisteredText, "2025.02.27"}, {"period", n.PeriodText, "2025년 4월 1일(화) ~ 5월 25일(일)"}, {"venue", n.BodyVenueText, "별빛아트홀"},
		{"price", n.PriceText, "VIP석 99,000원 / R석 77,000원"}, {"running", n.RunningText, "110분"}, {"age", n.AgeText, "8세 이상"},
		{"poster", n.PosterURL, "https://cdnticket.melon.co.kr/resource/image/upload/ticketopen/a.jpg"},
		{"product", n.ProductCode + " " + n.ProductURL, "270001 https://ticket.melon.com/performance/index.htm?prodId=270001"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.field, c.got, c.want)
		}
	}
	if !slices.Equal(n.Badges, []string{"단독판매"}) || !slices.Equal(n.Presales, []sellers.RawPresale{{Name: "팬클럽 선예매", Text: "2025년 03월 03일(월) 20:00"}}) {
		t.Errorf("%q %+v", n.Badges, n.Presales)
	}
	if from, _, err := normalize.Window(n.Presales[0].Text, time.Time{}); err != nil || from.In(ticket.Seoul).Format(time.DateTime) != "2025-03-03 20:00:00" {
		t.Error(from, err)
	}
}

// Of a notice whose parts have other names than those known, as much is read as stands there.
func TestNoticeWithoutItsParts(t *testing.T) {
	t.Parallel()
	body := `<div class="section_ticketopen_view"><p class="tit">강물 콘서트 티켓 오픈 안내</p><div class="box_ticketopen_schedule"><span class="txt_date">티켓오픈 : 2025.03.10(월) 20:00</span></div>
<p>공연일시 : 2025년 6월 7일(토) 18시</p><p>공연장소 : 물결홀</p><a href="/performance/index.htm?prodId=270002">상세</a></div>`
	r, err := New().Parse(&ticket.Page{Kind: ticket.NoticePage, Code: "19009", Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	if n := r.Notices[0]; n.Title != "강물 콘서트 티켓 오픈 안내" || n.OpensText != "2025.03.10(월) 20:00" || n.OpenTypeText != "티켓오픈" || n.PeriodText != "2025년 6월 7일(토) 18시" || n.BodyVenueText != "물결홀" || n.ProductCode != "270002" {
		t.Errorf("%+v", n)
	}
	two := strings.Replace(body, "</div>", `<a href="/performance/index.htm?prodId=270003">상세</a></div>`, 2)
	if r, err := New().Parse(&ticket.Page{Kind: ticket.NoticePage, Code: "19009", Body: []byte(two)}); err != nil || r.Notices[0].ProductCode != "" {
		t.Errorf("two products: %v %+v", err, r)
	}
}

func TestOpening(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" : 2025년 03월 04일(화) 14:00": "2025년 03월 04일(화) 14:00", "2025.03.04(화)23:23": "2025.03.04(화)", "2025.03.04 23:23:00": "2025.03.04", "2025.03.04 20:23:23": "2025.03.04 20:23:23",
		"20250304232300": "20250304", "20250304202323": "20250304202323", "오픈일정 보기": "", "-": "", "": "",
	} {
		if got := opening(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	src := New()
	start := src.Start(time.Now())
	if len(start) != 1 || !start[0].NoStore || start[0].Session != "melon" || start[0].URL != "https://ticket.melon.com/concert/index.htm?genreType=GENRE_CON" {
		t.Fatalf("%+v", start)
	}
	urls := func(p *ticket.Page) []string {
		t.Helper()
		reqs, err := src.Follow(p)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, r := range reqs {
			if r.Session != "melon" || r.Header["Referer"] == "" || strings.Contains(r.URL, "/ajax/") != (r.Header["X-Requested-With"] != "") {
				t.Errorf("%+v", r)
			}
			if detail := r.Kind == ticket.DetailPage; detail != r.Fallback || detail != (r.WaitFor == ".box_consert_txt") || r.Browser || (r.Kind == ticket.DetailPage || r.Kind == ticket.NoticePage) != (r.Code != "") {
				t.Errorf("%+v", r)
			}
			out = append(out, r.URL)
		}
		return out
	}
	want := []string{openListURL}
	for _, g := range []string{"CON", "ART", "CLA", "EXH", "FAN"} {
		want = append(want, strings.Replace(prodListURL, "GENRE_CON_ALL", "GENRE_"+g+"_ALL", 1))
	}
	if got := urls(&ticket.Page{Kind: ticket.ListPage, URL: start[0].URL, Body: []byte("<html></html>")}); !slices.Equal(got, want) {
		t.Errorf("from the cookie: %q", got)
	}
	want = []string{"https://ticket.melon.com/performance/index.htm?prodId=270001", "https://ticket.melon.com/performance/index.htm?prodId=270002", "https://ticket.melon.com/performance/index.htm?prodId=270003"}
	if got := urls(own(t, ticket.ListPage, "prod_list.json", prodListURL)); !slices.Equal(got, want) {
		t.Errorf("product list: %q", got)
	}
	detail := "https://ticket.melon.com/csoon/detail.htm?csoonId="
	notices := []string{detail + "19010", detail + "19009", detail + "19008"}
	if got := urls(own(t, ticket.NoticeListPage, "notice_list.html", openListURL)); !slices.Equal(got, append(slices.Clone(notices), strings.Replace(openListURL, "pageIndex=1&", "pageIndex=11&", 1))) {
		t.Errorf("notice list: %q", got)
	}
	if got := urls(own(t, ticket.NoticeListPage, "notice_list.html", strings.Replace(openListURL, "pageIndex=1&", "pageIndex=991&", 1))); !slices.Equal(got, notices) {
		t.Errorf("the bound of the notice list: %q", got)
	}
	if got := urls(&ticket.Page{Kind: ticket.NoticeListPage, URL: openListURL, Body: []byte(`<ul class="list_ticket_cont"></ul>`)}); len(got) != 0 {
		t.Errorf("the last page leads on: %q", got)
	}
	if got := urls(own(t, ticket.NoticePage, "notice.html", notices[0])); !slices.Equal(got, want[:1]) {
		t.Errorf("notice: %q", got)
	}
	if got := urls(own(t, ticket.DetailPage, "detail.html", want[0])); len(got) != 0 {
		t.Errorf("detail: %q", got)
	}
}

func TestWhatHoldsNothing(t *testing.T) {
	t.Parallel()
	shell := `<html><head><title>멜론 티켓</title></head><body></body></html>`
	for _, c := range []struct {
		name, body string
		kind       ticket.PageKind
		want       error
	}{
		{"gone", `<html><head><title>멜론 티켓</title></head><script>alert("상품이 존재하지 않습니다.");</script></html>`, ticket.DetailPage, sellers.ErrGone},
		{"gone without a gate", `<html><title>멜론 티켓</title><script>var gate_val = "";</script></html>`, ticket.DetailPage, sellers.ErrGone},
		{"shell", shell, ticket.DetailPage, sellers.ErrUnrendered},
		{"shell", shell, ticket.NoticePage, sellers.ErrUnrendered},
		{"shell", shell, ticket.NoticeListPage, sellers.ErrUnrendered},
		{"HTML for JSON", shell, ticket.ListPage, sellers.ErrNotOurs},
		{"refused", `{"result":-100,"message":"x"}`, ticket.ListPage, sellers.ErrRefused},
		{"answers of others", `[{"url":"https://ticket.melon.com/x.json","data":{"data":[]}}]`, ticket.ListPage, sellers.ErrNotOurs},
		{"no such kind", shell, ticket.FacilityPage, sellers.ErrNotOurs},
	} {
		if _, err := New().Parse(&ticket.Page{Kind: c.kind, Code: "1", Body: []byte(c.body)}); !errors.Is(err, c.want) {
			t.Errorf("%s as %s: %v", c.name, c.kind, err)
		}
	}
	for _, kind := range ticket.PageKinds() {
		for _, body := range []string{"", "  ", "<html><title>다른 곳</title></html>", "{}", "[]", "null", `{"data":null}`, "\xff\xfe"} {
			if _, err := New().Parse(&ticket.Page{Kind: kind, Code: "1", Body: []byte(body)}); !errors.Is(err, sellers.ErrNotOurs) {
				t.Errorf("%s %q: %v", kind, body, err)
			}
		}
	}
	for _, body := range []string{`{"result":0,"data":[]}`, "\ufeff" + `{"result":0,"data":[]}`} {
		if r, err := New().Parse(&ticket.Page{Kind: ticket.ListPage, URL: prodListURL, Body: []byte(body)}); err != nil || len(r.Shows) != 0 {
			t.Error(r, err)
		}
	}
	if _, err := New().Parse(&ticket.Page{Kind: ticket.DetailPage, Body: []byte(`<div class="box_consert_txt"><p class="tit">이름뿐</p></div>`)}); !errors.Is(err, sellers.ErrNotOurs) {
		t.Errorf("a product without a code: %v", err)
	}
	for _, name := range []string{"yes24/detail_51466_2024-11.html", "ticketlink/product_52656_rendered_2024-11.html", "interpark/old_notice_view_49300.html"} {
		for _, kind := range ticket.PageKinds() {
			if _, err := New().Parse(&ticket.Page{Kind: kind, Code: "1", Body: sellerstest.File(t, "captures", name)}); !errors.Is(err, sellers.ErrNotOurs) {
				t.Errorf("%s as %s: %v", name, kind, err)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	kinds := ticket.PageKinds()
	for kind, names := range map[ticket.PageKind][]string{
		ticket.ListPage: {"prod_list.json", "banners.json"}, ticket.DetailPage: {"detail.html"}, ticket.NoticeListPage: {"notice_list.html"}, ticket.NoticePage: {"notice.html"},
	} {
		for _, name := range names {
			f.Add(slices.Index(kinds, kind), sellerstest.Own(f, name))
		}
	}
	f.Fuzz(func(t *testing.T, kind int, b []byte) {
		p := &ticket.Page{Kind: kinds[uint(kind)%uint(len(kinds))], URL: prodListURL, Body: b}
		switch p.Kind {
		case ticket.DetailPage, ticket.NoticePage:
			p.Code = "1"
		case ticket.NoticeListPage:
			p.URL = openListURL
		}
		sellerstest.Sound(t, New(), p, site+"/")
	})
}
