package ticketlink

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

// Categories of the product lists: concert, play, musical, classical and dance, 대학로, family (level 2), exhibitions (level 1).
var categories = []struct {
	id    string
	level string
}{{"10", "1"}, {"14", "2"}, {"15", "2"}, {"16", "2"}, {"18", "2"}, {"84", "2"}, {"85", "2"}, {"11", "1"}}

// Start asks for the first page of the opening notices and of every product list, and for the fixtures of every club.
func (source) Start(now time.Time) []sellers.Request {
	out := []sellers.Request{noticeList(1)}
	for _, c := range categories {
		out = append(out, productList(c.id, c.level, 1))
	}
	for _, team := range clubs {
		out = append(out, schedules(team, now))
	}
	return out
}

func noticeList(page int) sellers.Request {
	return sellers.Request{
		Kind: ticket.NoticeListPage,
		URL:  fmt.Sprintf("%s/help/getNoticeList?page=%d&noticeCategoryCode=TICKET_OPEN&title=&sortCode=OPEN_DATE", site, page),
		Header: map[string]string{
			"Accept": "application/json", "Referer": site + "/help/notice", "X-Requested-With": "XMLHttpRequest",
		},
	}
}

func productList(category, level string, page int) sellers.Request {
	return sellers.Request{
		Kind:   ticket.ListPage,
		URL:    fmt.Sprintf("%s/mapi/productList/show?page=%d&categoryId=%s&locationCode=&categoryLevel=%s", api, page, category, level),
		Header: map[string]string{"Accept": "application/json", "Referer": site + "/performance/" + category},
	}
}

func product(code string) sellers.Request {
	return sellers.Request{Kind: ticket.DetailPage, Code: code, URL: productURL(code), Browser: true, WaitFor: ".product_info_list"}
}

func noticeDetail(id string) sellers.Request {
	return sellers.Request{Kind: ticket.NoticePage, Code: id, URL: noticeURL(id), Header: map[string]string{"Referer": site + "/help/notice"}}
}

func productURL(code string) string { return site + "/product/" + code }
func noticeURL(id string) string    { return site + "/help/notice/" + id }

func dates(code string) sellers.Request {
	return sellers.Request{Kind: ticket.DatesPage, Code: code, URL: api + "/mapi/product/" + code + "/datesByUtc",
		Header: map[string]string{"Accept": "application/json", "Referer": productURL(code)}}
}

// Follow asks for what a list names and for its next page until a page names nothing, for the product of a notice, and for
// the single days of a product whose run has not begun. Later only the days still to come would be named.
func (s source) Follow(p *ticket.Page) ([]sellers.Request, error) {
	if p.Kind == ticket.DatesPage {
		return nil, nil
	}
	r, err := s.Parse(p)
	if err != nil {
		return nil, fmt.Errorf("follow %s: %w", p.URL, err)
	}
	if p.Kind == ticket.DetailPage {
		return followProduct(p, r), nil
	}
	var out []sellers.Request
	for _, show := range r.Shows {
		if show.Home == "" { // of a match the list says all there is
			out = append(out, product(show.Code).ListedShow(show))
		}
	}
	for _, n := range r.Notices {
		if p.Kind == ticket.NoticeListPage {
			out = append(out, noticeDetail(n.ID).ListedNotice(n))
		}
		if page.Scalar(n.ProductCode).Digits() != "" {
			out = append(out, product(n.ProductCode).Known())
		}
	}
	if p.Kind != ticket.NoticePage && len(out) > 0 {
		if next, ok := nextPage(p.URL); ok {
			out = append(out, next)
		}
	}
	return out, nil
}

var reDay = regexp.MustCompile(`(\d{4})[.-](\d{2})[.-](\d{2})`)

func followProduct(p *ticket.Page, r sellers.Result) []sellers.Request {
	for _, show := range r.Shows {
		m := reDay.FindStringSubmatch(show.PeriodText + show.StartText)
		if m != nil && ticket.Date(m[1]+"-"+m[2]+"-"+m[3]) > ticket.DateOf(p.FetchedAt) {
			return []sellers.Request{dates(show.Code)}
		}
	}
	return nil
}

// nextPage is the request for the page behind a list's own address.
func nextPage(raw string) (sellers.Request, bool) {
	u, err := url.Parse(raw)
	if err != nil {
		return sellers.Request{}, false
	}
	q := u.Query()
	n, err := strconv.Atoi(q.Get("page"))
	if err != nil || n < 1 || n >= 1000 || q.Get("teamId") != "" {
		return sellers.Request{}, false
	}
	if q.Get("categoryId") == "" {
		return noticeList(n + 1), true
	}
	return productList(q.Get("categoryId"), q.Get("categoryLevel"), n+1), true
}

// query is one value of an address's query.
func query(raw, name string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.Query().Get(name)
}
