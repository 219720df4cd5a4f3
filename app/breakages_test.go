package app

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/korean"

	"ticketmoa/modules/ticket"
)

// breakage is one way in which a site's pages stop being what they were.
type breakage struct {
	source, name string
	// world is what the site tells of instead; nil for the truth.
	world func(*replayed) *replayed
	// hurt changes an answer; nil leaves it.
	hurt func(s *replay, w *replayed, a asked, out *reply)
}

// on changes the text of one kind of page.
func on(kind ticket.PageKind, change func(string) string) func(*replay, *replayed, asked, *reply) {
	return func(_ *replay, _ *replayed, a asked, out *reply) {
		if a.kind == kind && out.status == http.StatusOK {
			out.body = change(out.body)
		}
	}
}

// words replaces words on one kind of page.
func words(kind ticket.PageKind, pairs ...string) func(*replay, *replayed, asked, *reply) {
	return on(kind, strings.NewReplacer(pairs...).Replace)
}

// without takes what matches out of one kind of page.
func without(kind ticket.PageKind, patterns ...string) func(*replay, *replayed, asked, *reply) {
	return on(kind, func(s string) string {
		for _, p := range patterns {
			s = regexp.MustCompile(p).ReplaceAllString(s, "")
		}
		return s
	})
}

// every answers every request so.
func every(status int, mime, body string) func(*replay, *replayed, asked, *reply) {
	return func(_ *replay, _ *replayed, _ asked, out *reply) { *out = reply{status, mime, body} }
}

// dated moves the days of every show.
func dated(move func(s *staged)) func(*replayed) *replayed {
	return func(w *replayed) *replayed {
		for i := range w.shows {
			move(&w.shows[i])
		}
		return w
	}
}

// days moves a run.
func days(n int) func(*staged) {
	return func(s *staged) { s.start, s.end = s.start.AddDays(n), s.end.AddDays(n) }
}

// hours moves the opening of sales.
func hours(n int) func(*staged) {
	return func(s *staged) {
		at, _ := time.Parse("2006-01-02T15:04", s.opens)        // the site's own way
		notice, _ := time.Parse("2006.01.02 15:04", s.noticeAt) // likewise
		s.opens, s.noticeAt = at.Add(time.Duration(n)*time.Hour).Format("2006-01-02T15:04"), notice.Add(time.Duration(n)*time.Hour).Format("2006.01.02 15:04")
	}
}

// half drops every other show of a list.
func half(w *replayed) *replayed {
	for i := range w.shows {
		w.shows[i].unlisted = w.shows[i].unlisted || i%2 == 0
	}
	return w
}

// none empties the lists.
func none(w *replayed) *replayed {
	for i := range w.shows {
		w.shows[i].unlisted = true
	}
	return w
}

// stale is the site as it was when the test began, two months before its first crawl.
func stale(old **replayed) func(*replayed) *replayed {
	return func(*replayed) *replayed { return (*old).clone() }
}

// odd hurts the pages of every other show only.
func odd(hurt func(*replay, *replayed, asked, *reply)) func(*replay, *replayed, asked, *reply) {
	return func(s *replay, w *replayed, a asked, out *reply) {
		if n, err := strconv.Atoi(a.code); err == nil && n%2 == 1 {
			hurt(s, w, a, out)
		}
	}
}

const (
	loginWall = `<!doctype html><html><head><title>로그인</title></head><body><form action="/login"><h1>로그인이 필요한 서비스입니다.</h1><input name="id"><input name="pw" type="password"></form></body></html>`
	robotWall = `<!doctype html><html><head><title>보안 문자</title></head><body><h1>자동화된 접근이 감지되었습니다.</h1><p>CAPTCHA를 풀어 주세요.</p></body></html>`
	errorPage = `<!doctype html><html><head><title>예스24</title></head><body><h1>일시적인 오류가 발생했습니다.</h1><p>잠시 후 다시 이용해 주세요. YES24</p></body></html>`
)

// renamed are the classes of YES24's product pages under other names, its structured data gone.
func renamed(s string) string {
	s = regexp.MustCompile(`(?s)<script type="application/ld\+json">.*?</script>`).ReplaceAllString(s, "")
	return strings.NewReplacer("rn-big-title", "pd-title", "ps-date", "pd-date", "ps-location", "pd-place", "rn-product-price1", "pd-price").Replace(s)
}

const structured = `(?s)<script type="application/ld\+json">.*?</script>`

var reKorean = regexp.MustCompile(`\p{Hangul}+`)

// mojibake is UTF-8 taken for Latin-1 and written as UTF-8 once more.
func mojibake(s string) string {
	out, err := charmap.Windows1252.NewDecoder().String(s)
	if err != nil {
		return s
	}
	return out
}

func eucKR(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		_, n := utf8.DecodeRuneInString(s)
		if out, err := korean.EUCKR.NewEncoder().String(s[:n]); err == nil {
			b.WriteString(out)
		}
		s = s[n:]
	}
	return b.String()
}

// breakagesOf is the table. old is the site two months ago.
func breakagesOf(source string, old **replayed) []breakage {
	list, page := ticket.ListPage, ticket.DetailPage
	all := map[string][]breakage{
		"yes24": {
			{name: "classes of the product page renamed", hurt: on(page, renamed)},
			{name: "the period's element gone", hurt: without(page, structured, `<span class="ps-date">[^<]*</span>`)},
			{name: "the venue's element gone", hurt: without(page, structured, `<span class="ps-location">[^<]*</span>`)},
			{name: "prices moved to another element", hurt: words(page, `id="divPrice"`, `id="divFee"`)},
			{name: "all prices 0", world: dated(func(s *staged) { s.price = 0 })},
			{name: "all prices a tenth", world: dated(func(s *staged) { s.price /= 10 })},
			{name: "empty lists", world: none},
			{name: "half of each list", world: half},
			{name: "dates a year back", world: dated(days(-365))},
			{name: "dates a day earlier: another time zone", world: dated(days(-1))},
			{name: "dates a day earlier on product pages only", hurt: func(s *replay, w *replayed, a asked, out *reply) {
				if show := w.find(a.code); a.kind == page && show != nil {
					off := *show
					days(-1)(&off)
					out.body = s.pages.yes24(&off)
				}
			}},
			{name: "openings nine hours earlier: another time zone", world: dated(hours(-9))},
			{name: "an English page", hurt: on(page, func(s string) string { return reKorean.ReplaceAllString(s, "English") })},
			{name: "a login wall", hurt: every(http.StatusOK, "text/html; charset=utf-8", loginWall)},
			{name: "a login wall before product pages", hurt: on(page, func(string) string { return loginWall })},
			{name: "a CAPTCHA", hurt: every(http.StatusOK, "text/html; charset=utf-8", robotWall)},
			{name: "403", hurt: every(http.StatusForbidden, "text/html", "<html>forbidden</html>")},
			{name: "an error page with status 200 for every product", hurt: on(page, func(string) string { return errorPage })},
			{name: "the shop's gone page for every product", hurt: on(page, func(string) string { return `<html><body>YES24 존재하지 않는 상품입니다.</body></html>` })},
			{name: "404 for every product", hurt: func(_ *replay, _ *replayed, a asked, out *reply) {
				if a.kind == page {
					out.status = http.StatusNotFound
				}
			}},
			{name: "the second page of a list is the first", hurt: func(s *replay, w *replayed, a asked, out *reply) {
				if a.kind == list && a.page > 1 {
					r, _ := http.NewRequest(http.MethodGet, "http://x/GenreList_Data.aspx?pCurPage=1&genre="+strconv.Itoa(a.list+15456), nil)
					_ = r.ParseForm()
					_, *out = yes24Replay(s.pages, w, r)
				}
			}},
			{name: "endless list dead behind its first page", hurt: func(_ *replay, _ *replayed, a asked, out *reply) {
				if a.kind == list && a.page > 1 {
					*out = reply{http.StatusNotFound, "text/html", ""}
				}
			}},
			{name: "EUC-KR without saying so", hurt: on(page, eucKR)},
			{name: "mojibake", hurt: on(page, mojibake)},
			{name: "mojibake in the lists", hurt: on(list, mojibake)},
			{name: "another layout on half of the pages", hurt: odd(on(page, renamed))},
			{name: "half of the pages without prices", hurt: odd(words(page, `id="divPrice"`, `id="divFee"`))},
			{name: "a cache of two months ago", world: stale(old)},
			{name: "titles and venues exchanged", hurt: words(page, "rn-big-title", "ps-location", "ps-location", "rn-big-title", `<span class="ps-location"`, `<p class="rn-big-title"`)},
			{name: "the site's name for every title", world: dated(func(s *staged) { s.title = "예스24 티켓 예매" })},
			{name: "every product page is the same show", hurt: func(s *replay, w *replayed, a asked, out *reply) {
				if show := w.find(a.code); a.kind == page && show != nil {
					same := w.shows[3]
					same.code = a.code
					out.body = s.pages.yes24(&same)
				}
			}},
		},
		"melon": {
			{name: "lists of another shape", hurt: words(list, `"data":`, `"items":`)},
			{name: "the code under another name", hurt: words(list, `"prodId":`, `"productNo":`)},
			{name: "empty lists", world: none},
			{name: "a list too short by half", world: half},
			{name: "every sale over", world: dated(func(s *staged) { s.over = true })},
			{name: "other words for the state of the sale", hurt: func(_ *replay, _ *replayed, a asked, out *reply) {
				out.body = strings.NewReplacer("SS0200", "SALE_ING_2", "SS0300", "SALE_END_2").Replace(out.body)
			}},
			{name: "prices under another heading", hurt: words(page, `<p class="tit_sub_ss_float">기본가</p>`, `<p class="tit_sub_ss_float">할인가</p>`)},
			{name: "openings nine hours earlier", world: dated(hours(-9))},
			{name: "redirected to a login", hurt: every(http.StatusFound, "text/html", "Location: https://accounts.example.com/login")},
			{name: "dates a year back in the lists only", hurt: on(list, func(s string) string {
				return regexp.MustCompile(`20\d\d\.`).ReplaceAllStringFunc(s, func(y string) string {
					n, _ := strconv.Atoi(y[:4])
					return strconv.Itoa(n-1) + "."
				})
			})},
		},
		"kopis": {
			{name: "the key is refused", hurt: func(s *replay, _ *replayed, _ asked, out *reply) { out.body = s.pages.kopisError }},
			{name: "empty answers", hurt: on(list, func(string) string { return "<dbs></dbs>" })},
			{name: "the title under another name", hurt: words(list, "prfnm>", "prfname>")},
			{name: "the title of records under another name", hurt: words(page, "prfnm>", "prfname>")},
			{name: "records without a row", hurt: on(page, func(string) string { return "<dbs></dbs>" })},
			{name: "prices without their sums", hurt: on(page, func(s string) string { return regexp.MustCompile(`[\d,]+원`).ReplaceAllString(s, "0원") })},
			{name: "first and last day exchanged", hurt: words(page, "prfpdfrom", "prfpdto", "prfpdto", "prfpdfrom")},
		},
		"ticketlink": {
			{name: "an empty board", world: none},
			{name: "openings nine hours earlier", world: dated(hours(-9))},
			{name: "the title's element renamed", hurt: words(ticket.NoticePage, `id="noticeTitle"`, `id="nTitle"`, `class="title"`, `class="head"`)},
			{name: "the opening's element gone", hurt: without(ticket.NoticePage, `<dd class="color_point fbold" id="ticketOpenDatetime">[^<]*</dd>`)},
			{name: "every notice is the same", hurt: func(s *replay, w *replayed, a asked, out *reply) {
				if a.kind == ticket.NoticePage {
					r, _ := http.NewRequest(http.MethodGet, "http://x/help/notice/"+w.shows[3].code, nil)
					_, *out = ticketlinkReplay(s.pages, w, r)
				}
			}},
		},
	}
	out := all[source]
	for i := range out {
		out[i].source = source
	}
	return out
}
