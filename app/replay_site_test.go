package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"ticketmoa/modules/sellers/sellerstest"
	"ticketmoa/modules/ticket"
)

// asked is what a request to a replayed site is for.
type asked struct {
	kind ticket.PageKind // "" for everything else
	code string
	list int // which list, and which of its pages
	page int
}

// reply is what it is answered with.
type reply struct {
	status int
	mime   string
	body   string
}

// captures are the pages the sites are made from, the large ones without scripts, styles, menus and what stands below the show,
// which no parser reads: they are asked for some thousand times.
type captures struct{ yes24Item, yes24Detail, melonItem, melonDetail, kopisDetail, kopisError, notice string }

var reBallast = regexp.MustCompile(`(?s)<script(?: [^>]*)?>.*?</script>|<style[^>]*>.*?</style>|<!--.*?-->|<input type="hidden" name="__VIEWSTATE"[^>]*>`)

func lean(b []byte) string {
	return reBallast.ReplaceAllStringFunc(string(b), func(s string) string {
		if strings.Contains(s[:min(len(s), 60)], "ld+json") {
			return s
		}
		return ""
	})
}

// cut is the text before from, and what begins a little before that up to a little behind to.
func cut(t *testing.T, s, head, from, to string) string {
	t.Helper()
	h, i, j := strings.Index(s, head), strings.Index(s, from), strings.LastIndex(s, to)
	if h < 0 || i < h || j < i {
		t.Fatalf("the captured page has no %s, %s and %s in that order", head, from, to)
	}
	return s[:h] + s[max(h, i-400):min(len(s), j+1500)]
}

func readCaptures(t *testing.T) *captures {
	t.Helper()
	file := func(parts ...string) []byte { return sellerstest.File(t, append([]string{"captures"}, parts...)...) }
	c := &captures{yes24Item: string(file("yes24", "reduced_list_item_2026-09.html")), yes24Detail: cut(t, lean(file("yes24", "detail_51466_2024-11.html")), `<form name="mainForm"`, "rn-location", "TheaterAddress"),
		melonDetail: cut(t, lean(file("melon", "detail_rendered_2025-10.htm")), `<div id="header`, "box_consert_txt", "prodIdNum"), kopisDetail: string(file("kopis", "pblprfr_detail_PF249920_2024-09.xml")),
		kopisError: string(file("kopis", "error_key_not_registered_2026-08.xml")), notice: string(file("ticketlink", "notices", "60870.html"))}
	var list struct{ Data []json.RawMessage }
	must(t, json.Unmarshal(file("melon", "offerList_MAIN_B_CO_1_2025-11.json"), &list))
	c.melonItem = string(list.Data[0])
	return c
}

// replay is a running site made from captured pages. What it tells may be broken.
type replay struct {
	source string
	pages  *captures
	server *httptest.Server

	mu     sync.Mutex
	world  *replayed
	broken breakage
	asks   map[ticket.PageKind]int
}

// serveReplay serves a source's site until the test ends.
func serveReplay(t *testing.T, source string, w *replayed, pages *captures) *replay {
	t.Helper()
	s := &replay{source: source, pages: pages, world: w, asks: map[ticket.PageKind]int{}}
	s.server = httptest.NewServer(s)
	t.Cleanup(s.server.Close)
	return s
}

// breaks makes the site answer otherwise from now on; the zero breakage mends it.
func (s *replay) breaks(b breakage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = b
}

func (s *replay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm() // what cannot be read asks for nothing
	s.mu.Lock()
	world, broken := s.world, s.broken
	s.mu.Unlock()
	if broken.world != nil {
		world = broken.world(world.clone())
	}
	var a asked
	out := reply{http.StatusNotFound, "text/html; charset=utf-8", "<html><body>찾을 수 없는 페이지입니다.</body></html>"}
	if r.URL.Path != "/robots.txt" {
		a, out = sitesOfReplay[s.source](s.pages, world, r)
		if broken.hurt != nil {
			broken.hurt(s, world, a, &out)
		}
	}
	s.mu.Lock()
	s.asks[a.kind]++
	s.mu.Unlock()
	w.Header().Set("Content-Type", out.mime)
	if loc, moved := strings.CutPrefix(out.body, "Location: "); moved {
		w.Header().Set("Location", loc)
	}
	w.WriteHeader(out.status)
	_, _ = w.Write([]byte(out.body)) // the crawler tells of an answer cut off
}

var sitesOfReplay = map[string]func(*captures, *replayed, *http.Request) (asked, reply){
	"yes24": yes24Replay, "melon": melonReplay, "kopis": kopisReplay, "ticketlink": ticketlinkReplay}

func ok(mime, body string) reply { return reply{http.StatusOK, mime, body} }

func number(r *http.Request, name string) int {
	n, err := strconv.Atoi(r.Form.Get(name))
	if err != nil {
		return 1
	}
	return n
}

func cutPage[T any](all []T, page, size int) []T {
	from := min((page-1)*size, len(all))
	return all[from:min(from+size, len(all))]
}

func dots(d ticket.Date) string { return strings.ReplaceAll(string(d), "-", ".") }

// thousands writes 66000 as 66,000.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func (s *staged) cheap() int { return s.price * 2 / 3 / 1000 * 1000 }

func yes24Replay(c *captures, w *replayed, r *http.Request) (asked, reply) {
	switch {
	case strings.HasSuffix(r.URL.Path, "/GenreList_Data.aspx"):
		a := asked{kind: ticket.ListPage, list: number(r, "genre") - 15456, page: number(r, "pCurPage")}
		all := w.listed(a.list)
		if a.list < 0 || a.list >= genresOfReplay {
			all = nil
		}
		var b strings.Builder
		for _, s := range cutPage(all, a.page, 20) {
			b.WriteString(strings.NewReplacer("59771", s.code, "ELLEGARDEN ‘Bad For Education Tour II (2026)’", html.EscapeString(s.title), "<p class='list-b-tit1 v2'>ELLEGARDEN", "<p class='list-b-tit1 v2'>"+html.EscapeString(s.title),
				"2026.11.28 ~ 2026.11.29", dots(s.start)+" ~ "+dots(s.end), "YES24 LIVE", s.venue, "PerfBlog/x.jpg", "PerfBlog/"+s.code+".jpg").Replace(c.yes24Item))
		}
		fmt.Fprintf(&b, "<input type='hidden' id='ListTotalCnt' value='%d' />", len(all))
		return a, ok("text/html; charset=utf-8", b.String())
	case strings.HasPrefix(r.URL.Path, "/Perf/"):
		a := asked{kind: ticket.DetailPage, code: strings.TrimPrefix(r.URL.Path, "/Perf/")}
		s := w.find(a.code)
		if s == nil || s.gone {
			return a, reply{http.StatusNotFound, "text/html; charset=utf-8", "<html><body>yes24</body></html>"}
		}
		return a, ok("text/html; charset=utf-8", c.yes24(s))
	case strings.HasSuffix(r.URL.Path, "/axList.aspx"):
		return asked{kind: ticket.NoticeListPage, page: 1}, ok("text/html; charset=utf-8", "<table class='noti-tbl'><tbody></tbody></table>")
	}
	return asked{}, ok("text/html; charset=utf-8", "")
}

// yes24 is the captured page of 뮤지컬 [더 픽션] with another show's facts.
func (c *captures) yes24(s *staged) string {
	return strings.NewReplacer("서울 종로구 대학로12길 21 (동숭동) 예스24스테이지 1관", s.area+" "+s.venue, "1관 예스24스테이지 (동숭동) 21 대학로12길", s.venue, "51466", s.code, "뮤지컬 [더 픽션]", html.EscapeString(s.title),
		"2024.12.14", dots(s.start), "2025.03.09", dots(s.end), "2024-12-14", string(s.start), "2025-03-09", string(s.end), "예스24스테이지 1관", s.venue,
		"66,000", thousands(s.price), "44,000", thousands(s.cheap()), `"44000"`, strconv.Quote(strconv.Itoa(s.cheap())), "2024-11-25T15:00", s.opens).Replace(c.yes24Detail)
}

var melonGenres = []string{"GENRE_CON", "GENRE_ART", "GENRE_CLA"}

func melonReplay(c *captures, w *replayed, r *http.Request) (asked, reply) {
	switch r.URL.Path {
	case "/concert/index.htm":
		return asked{}, ok("text/html; charset=utf-8", "<html><title>멜론티켓</title></html>")
	case "/performance/ajax/prodList.json":
		a := asked{kind: ticket.ListPage, list: -1, page: 1}
		for i, g := range melonGenres {
			if r.Form.Get("perfGenreCode") == g+"_ALL" {
				a.list = i
			}
		}
		items := []map[string]any{}
		if a.list >= 0 {
			for _, s := range w.listed(a.list) {
				items = append(items, c.melonListed(&s))
			}
		}
		b, _ := json.Marshal(map[string]any{"result": 0, "data": items}) // plain values
		return a, ok("application/json;charset=UTF-8", string(b))
	case "/csoon/ajax/listTicketOpen.htm":
		return asked{kind: ticket.NoticeListPage}, ok("text/html; charset=utf-8", `<ul class="list_ticket_cont"></ul>`)
	case "/performance/index.htm":
		a := asked{kind: ticket.DetailPage, code: r.Form.Get("prodId")}
		s := w.find(a.code)
		if s == nil || s.gone {
			return a, ok("text/html; charset=utf-8", `<html><head><title>멜론티켓</title></head><script>alert("상품이 존재하지 않습니다.");</script></html>`)
		}
		return a, ok("text/html; charset=utf-8", c.melon(s))
	}
	return asked{}, ok("text/html; charset=utf-8", "")
}

func melonState(s *staged) string {
	if s.over {
		return "SS0300"
	}
	return "SS0200"
}

func (c *captures) melonListed(s *staged) map[string]any {
	var item map[string]any
	_ = json.Unmarshal([]byte(c.melonItem), &item) // it came out of a list
	for k, v := range map[string]any{"prodId": s.code, "landingRefValue": s.code, "title": s.title, "subTitle": s.title, "periodInfo": dots(s.start) + " - " + dots(s.end), "placeName": s.venue,
		"region_name": s.area, "stateFlg": melonState(s), "posterImg": "/resource/image/" + s.code + ".jpg"} {
		item[k] = v
	}
	return item
}

// melon is the captured page of 강예영's concert with another show's facts.
func (c *captures) melon(s *staged) string {
	return strings.NewReplacer("212072", s.code, "강예영 1st 정규앨범 콘서트: 우리는 여행하는 거니까", html.EscapeString(s.title), "2025.11.29 - 2025.11.29", dots(s.start)+" - "+dots(s.end),
		"CJ아지트 광흥창", s.venue, "서울 마포구 창전로 14 (신정동, CJ아지트)", s.area+" "+s.venue, "55,000원", thousands(s.price)+"원", "44,000원", thousands(s.cheap())+"원", "SS0200", melonState(s),
		"20251015180000", strings.NewReplacer("-", "", "T", "", ":", "").Replace(s.opens)+"00").Replace(c.melonDetail)
}

func kopisReplay(c *captures, w *replayed, r *http.Request) (asked, reply) {
	rest := strings.TrimPrefix(r.URL.Path, "/openApi/restful/")
	rows := func(list []staged) string {
		var b bytes.Buffer
		for _, s := range list {
			fmt.Fprintf(&b, "<db><mt20id>PF%s</mt20id><prfnm>%s</prfnm><prfpdfrom>%s</prfpdfrom><prfpdto>%s</prfpdto><fcltynm>%s</fcltynm><poster>http://www.kopis.or.kr/upload/pfmPoster/PF_%s.gif</poster><area>%s</area><genrenm>대중음악</genrenm><openrun>N</openrun><prfstate>%s</prfstate></db>",
				s.code, s.title, dots(s.start), dots(s.end), s.venue, s.code, s.area, kopisState(&s, w.day))
		}
		return b.String()
	}
	xml := func(s string) reply {
		return ok("application/xml;charset=UTF-8", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"+s)
	}
	code, detail := strings.CutPrefix(rest, "pblprfr/PF")
	switch {
	case detail:
		a := asked{kind: ticket.DetailPage, code: code}
		s := w.find(code)
		if s == nil || s.gone {
			return a, xml("<dbs></dbs>")
		}
		return a, xml(c.kopis(s, w.day))
	case rest == "pblprfr":
		a := asked{kind: ticket.ListPage, page: number(r, "cpage")}
		from, to, after := r.Form.Get("stdate"), r.Form.Get("eddate"), r.Form.Get("afterdate")
		flat := func(d ticket.Date) string { return strings.ReplaceAll(string(d), "-", "") }
		var in []staged
		for _, s := range w.listed(-1) {
			if flat(s.start) <= to && flat(s.end) >= from && flat(s.changed) >= after {
				in = append(in, s)
			}
		}
		return a, xml("<dbs>" + rows(cutPage(in, a.page, 100)) + "</dbs>")
	case rest == "boxoffice":
		var b bytes.Buffer
		for i, s := range cutPage(w.listed(-1), 1, 20) {
			fmt.Fprintf(&b, "<boxof><rnum>%d</rnum><mt20id>PF%s</mt20id><prfnm>%s</prfnm><prfpd>%s~%s</prfpd><prfplcnm>%s</prfplcnm><cate>대중음악</cate></boxof>", i+1, s.code, s.title, dots(s.start), dots(s.end), s.venue)
		}
		return asked{kind: ticket.ListPage, page: 1, list: 1}, xml("<boxofs>" + b.String() + "</boxofs>")
	}
	return asked{kind: ticket.FacilityPage}, xml("<dbs></dbs>")
}

func kopisState(s *staged, day ticket.Date) string {
	switch {
	case s.start > day:
		return "공연예정"
	case s.end < day:
		return "공연완료"
	}
	return "공연중"
}

// kopis is the captured record of 서울숲 재즈 페스티벌 with another show's facts.
func (c *captures) kopis(s *staged, day ticket.Date) string {
	return strings.NewReplacer("<mt10id>FC002042</mt10id>", "", "PF249920", "PF"+s.code, "서울숲 재즈 페스티벌", s.title, "2024.10.12", dots(s.start), "2024.10.13", dots(s.end), "서울숲공원 (가족마당)", s.venue,
		"99,000원", thousands(s.price)+"원", "109,000원", thousands(s.price)+"원", "148,000원", thousands(s.price)+"원", "79,000원", thousands(s.cheap())+"원", "서울특별시", s.area, "210218", "9"+s.code,
		"/Perf/50551", "/Perf/9"+s.code, "24011121", "240"+s.code, "공연예정", kopisState(s, day)).Replace(c.kopisDetail)
}

// ticketlinkReplay is the board of openings alone: its products are seen by Chromium only.
func ticketlinkReplay(c *captures, w *replayed, r *http.Request) (asked, reply) {
	if id, found := strings.CutPrefix(r.URL.Path, "/help/notice/"); found {
		a := asked{kind: ticket.NoticePage, code: id}
		s := w.find(id)
		if s == nil {
			return a, reply{http.StatusNotFound, "text/html; charset=utf-8", ""}
		}
		return a, ok("text/html; charset=utf-8", strings.NewReplacer("연극&lt;스타크로스드&gt;\u200b 2차 티켓오픈 안내", html.EscapeString(s.notice), "연극&lt;스타크로스드&gt;", html.EscapeString(s.title), "2024.11.29(금) 14:00", s.noticeAt,
			"2024.11.25(월) 16:56", s.reg, "예스24스테이지 3관", s.venue, "ticketlink.co.kr/product/", "ticketlink.co.kr/bridge/").Replace(c.notice))
	}
	switch r.URL.Path {
	case "/help/getNoticeList":
		a := asked{kind: ticket.NoticeListPage, page: number(r, "page")}
		items := []map[string]any{}
		for _, s := range cutPage(w.listed(-1), a.page, 20) {
			items = append(items, map[string]any{"noticeId": s.code, "title": s.notice, "ticketOpenDatetime": s.noticeAt, "noticeCategoryCode": "TICKET_OPEN", "productId": nil})
		}
		b, _ := json.Marshal(map[string]any{"result": map[string]any{"result": items}}) // plain values
		return a, ok("application/json;charset=UTF-8", string(b))
	case "/mapi/sports/schedules":
		return asked{kind: ticket.ListPage}, ok("application/json;charset=UTF-8", `{"data":{"schedules":[]}}`)
	}
	return asked{kind: ticket.ListPage}, ok("application/json;charset=UTF-8", `{"data":{"result":[]}}`)
}
