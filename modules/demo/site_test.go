package demo

import (
	"bytes"
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/kopis"
	"ticketmoa/modules/sellers/yes24"
	"ticketmoa/modules/ticket"
)

// productDOM is what product.js builds, written down once more so that the tests need no browser.
var productDOM = template.Must(template.New("").Parse(`<html><head><title>티켓링크</title></head><body><div id="root"><main>
<div class="product_detail_imgbox"><img class="product_detail_img" src="{{.productImagePath}}"></div>
<div class="product_flag"><div class="flag_area">{{range .flags}}<span class="flag">{{.}}</span>{{end}}</div></div><h1 class="product_title">{{.productName}}</h1>
<ul class="product_info_list type_col2">{{with .hallName}}<li class="product_info_item"><span class="product_info_title">장소</span><div class="product_info_desc">{{.}}</div></li>{{end}}
{{with .runningTime}}<li class="product_info_item"><span class="product_info_title">관람시간</span><div class="product_info_desc">{{.}}</div></li>{{end}}
<li class="product_info_item"><span class="product_info_title">기간</span><div class="product_info_desc">{{.period}}</div></li>
<li class="product_info_item"><span class="product_info_title">관람등급</span><div class="product_info_desc">{{.viewClass}}</div></li></ul>
<ul class="product_info_list type_col2"><li class="product_info_item"><span class="product_info_title">가격</span><div class="product_info_desc"><ul class="product_info_sublist">
{{range .prices}}<li class="product_info_subitem">{{index . 0}} <em class="text_emphasis">{{index . 1}}</em> 원</li>{{end}}</ul></div></li></ul>
{{range .cast}}<div class="product_casting_item"><span class="product_casting_role">{{index . 1}}</span><span class="product_casting_name">{{index . 0}}</span></div>{{end}}
</main></div></body></html>`))

func renderProduct(w *web, s *show) []byte {
	w.t.Helper()
	_, body, _ := w.at(w.s.Hosts(ticketlinkSite), "https://mapi.ticketlink.co.kr/mapi/product/"+s.ticketlink)
	var a struct{ Data map[string]any }
	if err := json.Unmarshal(body, &a); err != nil || a.Data == nil {
		w.t.Fatalf("product %s: %s %v", s.ticketlink, body, err)
	}
	var b bytes.Buffer
	if err := productDOM.Execute(&b, a.Data); err != nil {
		w.t.Fatal(err)
	}
	return b.Bytes()
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := sim(t)
	w := browse(t, s)
	for _, path := range []string{"/pblprfr?stdate=20261123&eddate=20261130&cpage=1&rows=10&service=wrong", "/pblprfr/PF900001", "/pblprfr?stdate=20261123&eddate=20270123&cpage=1&rows=10&service=demo"} {
		status, body, _ := w.at(s.Hosts(kopisSite), "http://www.kopis.or.kr/openApi/restful"+path)
		_, err := kopis.New().Parse(&ticket.Page{Kind: ticket.ListPage, Body: body})
		if status != http.StatusOK || !errors.Is(err, sellers.ErrRefused) {
			t.Errorf("%s: %d %v, want 200 and ErrRefused", path, status, err)
		}
	}
	for _, c := range []struct {
		src  sellers.Source
		r    sellers.Request
		want error
	}{
		{kopis.New(), sellers.Request{Kind: ticket.DetailPage, Code: "PF999999", URL: "http://www.kopis.or.kr/openApi/restful/pblprfr/PF999999"}, sellers.ErrGone},
		{yes24.New(), sellers.Request{Kind: ticket.DetailPage, Code: "1", URL: "https://ticket.yes24.com/Perf/1"}, sellers.ErrGone},
		{s.sources()[ticketlinkSite], sellers.Request{Kind: ticket.DetailPage, Code: "1", URL: "https://www.ticketlink.co.kr/product/1"}, sellers.ErrUnrendered},
	} {
		if _, err := c.src.Parse(w.get(c.src, c.r)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.r.URL, err, c.want)
		}
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	s := sim(t)
	w := browse(t, s)
	for name, src := range s.sources() {
		for _, host := range src.Info().Hosts {
			if status, body, _ := w.at(s.Hosts(name), "https://"+host+"/robots.txt"); status != http.StatusOK || !strings.Contains(string(body), "Allow: /") {
				t.Errorf("robots.txt of %s: %d %q", host, status, body)
			}
		}
	}
	if s.Hosts("fixtures") != nil {
		t.Error("a source that is not simulated has hosts")
	}
	for host, base := range s.OfferHosts() {
		if !strings.HasPrefix(base, "http://127.0.0.1:") {
			t.Errorf("%s leads to %s, beyond loopback", host, base)
		}
	}
	cat := newCatalogue(noon)
	for code, of := range cat.at[interparkSite] {
		for _, raw := range []string{"http://ticket.interpark.com/Ticket/Goods/GoodsInfo.asp?GoodsCode=", "https://tickets.interpark.com/contents/bridge/", "https://tickets.interpark.com/goods/"} {
			if status, body, _ := w.at(s.OfferHosts(), raw+code); status != http.StatusOK || !strings.Contains(string(body), template.HTMLEscapeString(of.nolTitle())) {
				t.Errorf("%s%s: %d %.300q", raw, code, status, body)
			}
		}
		break
	}
	for code, of := range cat.at[melonSite] {
		if status, body, _ := w.at(s.OfferHosts(), "http://ticket.melon.com/performance/index.htm?prodId="+code); status != http.StatusOK || !strings.Contains(string(body), template.HTMLEscapeString(of.melonTitle())) {
			t.Errorf("%s: %d %.300q", code, status, body)
		}
		break
	}
	if status, body, _ := w.at(s.OfferHosts(), "https://timeticket.co.kr/x"); status != http.StatusOK || !strings.Contains(string(body), "시뮬레이션 예매처") {
		t.Errorf("another seller: %d %q", status, body)
	}
	if status, _, _ := w.at(s.Hosts(yes24Site), "https://ticket.yes24.com/no/such"); status != http.StatusNotFound {
		t.Errorf("an unknown path answered %d", status)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	a, b := sim(t).Pages(), simAt(t, noon, func() time.Time { return noon.Add(50 * time.Hour) }).Pages()
	if !reflect.DeepEqual(a, b) {
		t.Error("the same instant gave two catalogues")
	}
	kinds := map[string]int{}
	for i, p := range a {
		kinds[p.Source+" "+string(p.Kind)]++
		if p.FetchedAt != ticket.Instant(noon.Add(time.Duration(i)*time.Second)) || p.Rendered || p.Header["Content-Type"] == "" {
			t.Fatalf("page %d: %+v", i, p.FetchedAt)
		}
	}
	for _, want := range []string{"kopis list", "kopis detail", "kopis facility", "yes24 list", "yes24 detail", "ticketlink list", "ticketlink notice_list", "ticketlink notice", "yes24 notice_list", "yes24 notice",
		"interpark list", "interpark notice_list", "interpark detail", "interpark price", "interpark facility", "melon list", "melon detail", "melon notice_list", "melon notice"} {
		if kinds[want] == 0 {
			t.Errorf("no %s among %v", want, kinds)
		}
	}
	if kinds["ticketlink detail"] != 0 {
		t.Errorf("pages that need a browser: %v", kinds)
	}
}

func TestHoursChangeThings(t *testing.T) {
	t.Parallel()
	cat := newCatalogue(noon)
	changed := func(hours int) (n int) {
		for _, s := range cat.shows {
			if !reflect.DeepEqual(s.pricesAt(hours), s.prices) {
				n++
			}
		}
		return n
	}
	if n := changed(0); n != 0 {
		t.Errorf("%d prices changed at once", n)
	}
	if n := changed(1); n < 1 || n > len(cat.shows)/15 {
		t.Errorf("%d of %d shows changed their price in an hour", n, len(cat.shows))
	}
	if before, after := len(cat.notices), len(cat.noticesAt(24)); after <= before || after > before+24 {
		t.Errorf("%d notices, %d a day later", before, after)
	}
}

// TestCatalogues builds catalogues around many days: none may lack what the demonstration promises.
func TestCatalogues(t *testing.T) {
	t.Parallel()
	for day := range 15 {
		now := noon.AddDate(0, 0, day*25).Add(time.Duration(day) * 37 * time.Minute)
		cat := newCatalogue(now)
		regions, free, bare, open := map[ticket.Region]bool{}, 0, 0, 0
		for _, s := range cat.shows {
			regions[s.room.hall.region] = true
			switch {
			case s.openRun:
				open++
			case len(s.prices) == 0:
				bare++
			case s.prices[0].Won == 0:
				free++
			}
			if s.end < cat.today || s.start > cat.today.AddDays(90) || s.end < s.start || !s.opens.Before(s.end.Time()) {
				t.Errorf("%s: %s runs from %s to %s, opens %s", cat.today, s.name, s.start, s.end, s.opens)
			}
		}
		upcoming := 0
		for _, n := range cat.notices {
			if n.opens.After(now) {
				upcoming++
			}
			if !n.registered.Before(now) || !n.registered.Before(n.opens) {
				t.Errorf("notice %s of %s: registered %s, opens %s", n.id, n.show.name, n.registered, n.opens)
			}
		}
		if len(regions) != 17 || free == 0 || bare == 0 || open == 0 || upcoming < 15 {
			t.Errorf("%s: %d regions, %d free, %d without price, %d open runs, %d openings to come", cat.today, len(regions), free, bare, open, upcoming)
		}
	}
}

// FuzzAnswer holds that no address makes a site panic or fail.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{"/product/1", "/mapi/product/", "/mapi/productList/show?page=-1&categoryId=10", "/help/getNoticeList?page=99999999999", "/help/notice/x",
		"/Perf/0", "/Pages/Perf/Detail/Detail.aspx?IdPerf=%00", "/New/Genre/Ajax/GenreList_Data.aspx?genre=15457&pCurPage=0&pPageSize=100000",
		"/openApi/restful/pblprfr?service=demo&stdate=20261123&eddate=99991231&rows=100&cpage=1", "/openApi/restful/prfplc/FC9?service=demo", "/openApi/restful/boxoffice?service=demo", "/openApi/restful/prfplc?cpage=0&service=demo", "/New/Notice/Ajax/axList.aspx?page=0", "/New/Notice/Ajax/axRead.aspx?bId=94001",
		"/contents/api/goods/genre?genre=MUSICAL&page=99", "/contents/api/open-notice/notice-list?offset=-5&goodsGenre=ALL&goodsRegion=ALL", "/v1/goods/99000001/summary", "/v1/goods//", "/v1/Place/", "/goods/x", "/ticket/genre/sports/bears",
		"/performance/ajax/prodList.json?perfGenreCode=GENRE_CON_ALL", "/performance/index.htm?prodId=", "/csoon/ajax/listTicketOpen.htm?pageIndex=-1", "/csoon/detail.htm?csoonId=96001", "/mapi/sports/schedules?teamId=59", "/mapi/product/x/datesByUtc", "/", "//", "?"} {
		f.Add(seed)
	}
	cat := newCatalogue(noon)
	tmpl, err := loadPages()
	if err != nil {
		f.Fatal(err)
	}
	sites := []site{&ticketlinkPages{cat, tmpl}, &yes24Pages{cat, tmpl, nil}, &kopisPages{cat, tmpl}, &interparkPages{cat, tmpl}, &melonPages{cat, tmpl}, &otherPages{tmpl}}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := url.Parse(raw)
		if err != nil {
			return
		}
		for _, s := range sites {
			if a := s.answer(u, 3); a.status >= 500 || a.kind == "" {
				t.Errorf("%q: %d %s", raw, a.status, a.body)
			}
		}
	})
}

// TestClose holds that nothing answers once Close returned, and that closing twice is harmless.
func TestClose(t *testing.T) {
	t.Parallel()
	s := sim(t)
	w := browse(t, s)
	base := s.Hosts(yes24Site)["ticket.yes24.com"]
	w.at(s.Hosts(yes24Site), "https://ticket.yes24.com/Perf/1")
	s.Close()
	s.Close()
	if res, err := w.client.Get(base); err == nil {
		res.Body.Close()
		t.Error("a closed site still answers")
	}
}

// TestDefect10NoIDIsCountedUp: every code a source asks for stood in the answer that led to it. The first system counted
// ids up from a number in its code, and asked for the same range every day.
func TestDefect10NoIDIsCountedUp(t *testing.T) {
	t.Parallel()
	s := sim(t)
	w := browse(t, s)
	for name, src := range s.sources() {
		asked := 0
		todo := src.Start(noon)
		for _, r := range todo {
			if r.Code != "" {
				t.Errorf("%s begins with the code %s", name, r.Code)
			}
		}
		seen := map[string]bool{}
		for len(todo) > 0 {
			r := todo[0]
			todo = todo[1:]
			if key := r.URL + string(r.Body); seen[key] {
				continue
			} else {
				seen[key] = true
			}
			p := w.get(src, r)
			follow, err := src.Follow(p)
			if err != nil {
				continue // a page that needs a browser
			}
			for _, f := range follow {
				if f.Code != "" && f.Code != r.Code && !bytes.Contains(p.Body, []byte(f.Code)) {
					t.Errorf("%s: %s does not name %s", name, r.URL, f.Code)
				}
				asked++
			}
			todo = append(todo, follow...)
		}
		if asked < 50 {
			t.Errorf("%s: only %d requests followed", name, asked)
		}
	}
}
