package ticketlink

import (
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/sellers/sellerstest"
	"ticketmoa/modules/ticket"
)

// TestFixtures reads two matches: one on sale at once, one with a presale and an opening.
func TestFixtures(t *testing.T) {
	t.Parallel()
	src := New()
	p := own(t, ticket.ListPage, "schedules.json", schedules("59", time.Date(2027, 3, 20, 0, 0, 0, 0, ticket.Seoul)).URL)
	r, err := src.Parse(p)
	if err != nil || len(r.Shows) != 2 || len(r.Notices) != 1 {
		t.Fatalf("%v: %+v", err, r)
	}
	a, b := r.Shows[0], r.Shows[1]
	for _, f := range []struct{ name, got, want string }{
		{"code", a.Code, "match-990001"}, {"title", a.Title, "LG 트윈스 vs 두산 베어스"}, {"home", a.Home, "LG 트윈스"}, {"away", a.Away, "두산 베어스"}, {"venue", a.VenueText, "잠실야구장"},
		{"day", a.PeriodText, "2027.03.28"}, {"time", a.TimesText, "14:00"}, {"genre", a.GenreText, "스포츠"}, {"url", a.URL, "https://www.ticketlink.co.kr/sports/137/59"},
		{"sold out", b.StateText, "매진"}, {"short name", b.Away, "KT"}, {"evening", b.TimesText, "18:30"},
	} {
		if f.got != f.want {
			t.Errorf("%s: got %q, want %q", f.name, f.got, f.want)
		}
	}
	n := r.Notices[0]
	opens, err := normalize.Opens(n.OpensText, time.Time{})
	if err != nil || opens.In(ticket.Seoul).Format("2006-01-02 15:04") != "2027-03-23 11:00" || n.ProductCode != b.Code {
		t.Errorf("opens %v %v, product %s", opens, err, n.ProductCode)
	}
	start, _, err := normalize.Window(n.Presales[0].Text, time.Time{})
	if err != nil || start.In(ticket.Seoul).Format("2006-01-02 15:04") != "2027-03-23 10:00" {
		t.Errorf("presale %v %v", start, err)
	}
	if follow, err := src.Follow(p); err != nil || len(follow) != 0 {
		t.Errorf("a fixture leads on: %+v %v", follow, err)
	}
	for _, s := range r.Shows {
		if strings.Contains(s.URL, "reserve") {
			t.Errorf("%s is a path of reservations", s.URL)
		}
	}
}

// TestDaysOfAProduct: the single days are asked for while the run lies ahead; later the answer would be incomplete.
func TestDaysOfAProduct(t *testing.T) {
	t.Parallel()
	src := New()
	for at, want := range map[string]int{"2019-01-01": 1, "2030-01-01": 0} {
		p := own(t, ticket.DetailPage, "product.html", "https://www.ticketlink.co.kr/product/70001")
		p.FetchedAt = ticket.Date(at).Time()
		follow, err := src.Follow(p)
		if err != nil || len(follow) != want || want == 1 && !strings.HasSuffix(follow[0].URL, "/mapi/product/70001/datesByUtc") {
			t.Errorf("fetched %s: %+v %v", at, follow, err)
		}
	}
}

// TestNotPagesOfTicketlink: what other programs derived from its answers is refused, and reserve addresses lead nowhere.
func TestNotPagesOfTicketlink(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"kbo_live_2026.json", "kbo_sources_2026.json", "ticketlink_kbo_games_2025.json"} {
		p := sellerstest.Captured(t, ticket.ListPage, "", "", "sports", name)
		if r, err := New().Parse(p); err == nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestOddItems: an item of another shape costs itself only; a match that names its teams in its title only is one; days come
// in order, each once.
func TestOddItems(t *testing.T) {
	t.Parallel()
	r, err := New().Parse(&ticket.Page{Kind: ticket.ListPage, URL: api + "/mapi/productList/show?page=1", Body: []byte(
		`{"data":{"result":[{"productId":65001,"productName":"A","productFlagInfo":{"flagName":"x"}},"?",null,{"productId":65002,"productName":"B","productFlagInfo":[3,{"flagName":"단독판매"}]}]}}`)})
	if err != nil || len(r.Shows) != 2 || r.Shows[0].Title != "A" || len(r.Shows[1].Badges) == 0 {
		t.Errorf("%+v %v", r.Shows, err)
	}
	r, err = New().Parse(&ticket.Page{Kind: ticket.ListPage, URL: api + "/mapi/sports/schedules?teamId=59", Body: []byte(
		`{"data":{"schedules":[{"scheduleId":3,"scheduleDate":1790953200000,"productName":"LG 트윈스 vs KIA","venueName":"잠실","homeTeam":null},{"scheduleId":4,"scheduleDate":1790953200000,"productName":"팬 미팅"}]}}`)})
	if err != nil || len(r.Shows) != 1 || r.Shows[0].Home != "LG 트윈스" || r.Shows[0].Away != "KIA" {
		t.Errorf("%+v %v", r.Shows, err)
	}
	r, err = New().Parse(&ticket.Page{Kind: ticket.DatesPage, Code: "61752", Body: []byte(`{"data":[{"productDate":1790953200000},{"productDate":"x"},{"productDate":1790866800000},{"productDate":1790953200000}]}`)})
	if err != nil || len(r.Shows) != 1 || r.Shows[0].PeriodText != "2026.10.02, 2026.10.03" {
		t.Errorf("%+v %v", r.Shows, err)
	}
}
