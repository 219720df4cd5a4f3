package yes24

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/sellerstest"
	"ticketmoa/modules/ticket"
)

const boardURL = "https://ticket.yes24.com/New/Notice/Ajax/axList.aspx?page=1"

func board(t testing.TB, url string) *ticket.Page {
	t.Helper()
	return &ticket.Page{Kind: ticket.NoticeListPage, URL: url, Body: sellerstest.Own(t, "notice_list.html")}
}

func read(t testing.TB) *ticket.Page {
	t.Helper()
	return &ticket.Page{Kind: ticket.NoticePage, Code: "90310", URL: "https://ticket.yes24.com/New/Notice/Ajax/axRead.aspx", Body: sellerstest.Own(t, "notice.html")}
}

func TestNoticeList(t *testing.T) {
	t.Parallel()
	r, err := New().Parse(board(t, boardURL))
	if err != nil || len(r.Notices) != 3 {
		t.Fatal(err, len(r.Notices))
	}
	n := r.Notices[0]
	if n.ID != "90310" || n.URL != "https://ticket.yes24.com/New/Notice/NoticeMain.aspx#id=90310" || n.Title != "연극 <달의 우체국> & 친구들 2차 티켓오픈 안내" ||
		n.OpensText != "2025.03.04(화) 14:00" || !slices.Equal(n.Badges, []string{"단독판매"}) {
		t.Errorf("%+v", n)
	}
	if !slices.Equal(n.Presales, []sellers.RawPresale{{Name: "팬클럽 선예매", Text: "2025.03.03(월) 20:00"}, {Name: "예스24 회원 선예매", Text: "2025.03.03(월) 오후 9:00"}}) {
		t.Errorf("%+v", n.Presales)
	}
	if n := r.Notices[1]; n.ID != "90309" || n.OpensText != "2025.03.05(수) 14:00" || n.Badges != nil || n.Presales != nil {
		t.Errorf("%+v", n)
	}
	if n := r.Notices[2]; n.ID != "90307" || n.OpensText != "" {
		t.Errorf("%+v", n)
	}
}

// TestPresalesOfTheCell: what opens early may be written on the cell itself.
func TestPresalesOfTheCell(t *testing.T) {
	t.Parallel()
	r, err := New().Parse(&ticket.Page{Kind: ticket.NoticeListPage, URL: boardURL, Body: []byte(`<table class='noti-tbl'><tr><td>티켓오픈</td><td><a href="#id=18001"><em>뮤지컬 〈등대〉</em></a></td><td presaleTit1='팬클럽' presaleTime1='2026.10.13(화) 15:00'>2026.10.14(수) 15:00</td><td>12</td></tr></table>`)})
	if err != nil || len(r.Notices) != 1 || r.Notices[0].OpensText != "2026.10.14(수) 15:00" || !slices.Equal(r.Notices[0].Presales, []sellers.RawPresale{{Name: "팬클럽", Text: "2026.10.13(화) 15:00"}}) {
		t.Errorf("%+v %v", r.Notices, err)
	}
}

func TestNotice(t *testing.T) {
	t.Parallel()
	r, err := New().Parse(read(t))
	if err != nil {
		t.Fatal(err)
	}
	n := r.Notices[0]
	for _, c := range []struct{ field, got, want string }{
		{"id", n.ID, "90310"}, {"url", n.URL, "https://ticket.yes24.com/New/Notice/NoticeMain.aspx#id=90310"},
		{"title", n.Title, "연극 <Moon Post> 2차 티켓오픈 안내"}, {"registered", n.RegisteredText, "2025-02-27"},
		{"opens", n.OpensText, "2025.03.04(화) 오후 2:00"}, {"type", n.OpenTypeText, "티켓오픈"},
		{"period", n.PeriodText, "2025년 4월 2일(수) ~ 5월 25일(일)"}, {"venue", n.BodyVenueText, "달빛소극장"}, {"price", n.PriceText, "전석 30,000원"},
		{"age", n.AgeText, "13세 이상"}, {"running", n.RunningText, "90분"}, {"poster", n.PosterURL, "http://image.example.com/p2.jpg"},
		{"product", n.ProductCode + " " + n.ProductURL, "70502 https://ticket.yes24.com/Perf/70502"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.field, c.got, c.want)
		}
	}
	if !slices.Equal(n.Badges, []string{"단독판매"}) || !slices.Equal(n.Presales, []sellers.RawPresale{{Name: "팬클럽 선예매", Text: "2025.03.03(월) 오후 8:00"}}) {
		t.Errorf("%q %+v", n.Badges, n.Presales)
	}
	if at, err := normalize.Opens(n.OpensText, time.Time{}); err != nil || at.In(ticket.Seoul).Format(time.DateTime) != "2025-03-04 14:00:00" {
		t.Error(at, err)
	}
	if title := normalize.Title(n.Title); title.Round != 2 {
		t.Errorf("%+v", title)
	}
}

func TestNoticeTitles(t *testing.T) {
	t.Parallel()
	whole := string(sellerstest.Own(t, "notice.html"))
	for name, body := range map[string]string{
		"the heading": strings.Replace(whole, "hdNotiTitle", "x", 1),
		"the box":     strings.Replace(strings.Replace(whole, "hdNotiTitle", "x", 1), "noti-view-tit", "y", 1),
	} {
		r, err := New().Parse(&ticket.Page{Kind: ticket.NoticePage, Code: "1", Body: []byte(body)})
		if err != nil || r.Notices[0].Title != "연극 <Moon Post> 2차 티켓오픈 안내" {
			t.Errorf("%s: %v %+v", name, err, r)
		}
	}
	two := strings.Replace(whole, "jsf_notice_NotifySMS(90310, 1);", "location.href='/Perf/70999'", 1)
	if r, err := New().Parse(&ticket.Page{Kind: ticket.NoticePage, Code: "1", Body: []byte(two)}); err != nil || r.Notices[0].ProductCode != "" {
		t.Errorf("two products: %v %+v", err, r)
	}
}

func TestNoticeDiscovery(t *testing.T) {
	t.Parallel()
	src := New()
	first := src.Start(time.Now())[0]
	if first.Kind != ticket.NoticeListPage || first.Method != "POST" || first.URL != boardURL || !strings.HasPrefix(first.Header["Content-Type"], "application/x-www-form-urlencoded") ||
		string(first.Body) != "page=1&size=40&genre=&province=&order=1&searchType=All&searchText=" {
		t.Errorf("%+v %s", first, first.Body)
	}
	reqs, err := src.Follow(board(t, boardURL))
	if err != nil || len(reqs) != 4 {
		t.Fatal(err, len(reqs))
	}
	if r := reqs[0]; r.Kind != ticket.NoticePage || r.Code != "90310" || r.Method != "POST" || r.URL != "https://ticket.yes24.com/New/Notice/Ajax/axRead.aspx" || string(r.Body) != "bId=90310&genre=&province=&order=1" {
		t.Errorf("%+v %s", r, r.Body)
	}
	if r := reqs[3]; r.URL != strings.Replace(boardURL, "page=1", "page=2", 1) || !strings.HasPrefix(string(r.Body), "page=2&") {
		t.Errorf("%+v %s", r, r.Body)
	}
	for name, url := range map[string]string{"beyond the total": strings.Replace(boardURL, "page=1", "page=2", 1), "at the bound": strings.Replace(boardURL, "page=1", "page=10", 1), "no page": "x"} {
		if reqs, err := src.Follow(board(t, url)); err != nil || len(reqs) != 3 {
			t.Errorf("%s: %v %d", name, err, len(reqs))
		}
	}
	reqs, err = src.Follow(read(t))
	if err != nil || len(reqs) != 1 || reqs[0].URL != "https://ticket.yes24.com/Perf/70502" || reqs[0].Kind != ticket.DetailPage || !reqs[0].Fallback {
		t.Errorf("%v %+v", err, reqs)
	}
}
