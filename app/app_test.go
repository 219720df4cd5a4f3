package app

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// client is a browser without JavaScript that does not follow redirects unless told.
type client struct {
	t    *testing.T
	base string
	http *http.Client
}

func newClient(t *testing.T, base string) *client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &client{t: t, base: base, http: &http.Client{Jar: jar, Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (c *client) do(method, path string, header map[string]string) answer {
	c.t.Helper()
	target := path
	if !strings.HasPrefix(path, "http") {
		target = c.base + path
	}
	req, err := http.NewRequest(method, target, nil)
	must(c.t, err)
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := c.http.Do(req)
	must(c.t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	must(c.t, err)
	return answer{res.StatusCode, res.Header, string(b)}
}

func (c *client) get(path string) answer { return c.do(http.MethodGet, path, nil) }

type apiShow struct {
	ID     string
	Title  string
	Venue  struct{ Region *string }
	Period struct{ Start, End *string }
	Offers []struct{ ID, Seller, URL string }
	Score  float64
}

type apiList struct {
	Data   []apiShow
	Facets map[string]map[string]int
	Page   struct {
		NextCursor *string `json:"next_cursor"`
		Total      int
	}
}

func (c *client) list(path string) apiList {
	c.t.Helper()
	a := c.get(path)
	if a.status != http.StatusOK {
		c.t.Fatalf("GET %s: %d %s", path, a.status, a.body)
	}
	var l apiList
	must(c.t, json.Unmarshal([]byte(a.body), &l))
	return l
}

// everything reads all pages of a list.
func (c *client) everything(path string) apiList {
	c.t.Helper()
	all := c.list(path + "&limit=100")
	for next := all.Page.NextCursor; next != nil; {
		l := c.list(path + "&limit=100&cursor=" + url.QueryEscape(*next))
		all.Data = append(all.Data, l.Data...)
		next = l.Page.NextCursor
	}
	return all
}

// TestTheWalk starts the shipped program as `demo`: simulated sellers are crawled for real, through Chromium where the
// machine has one, and what people and programs see at the end is held against what the walk promises.
func TestTheWalk(t *testing.T) {
	t.Parallel()
	base, out, stop := running(t, "demo")
	c := newClient(t, base)
	c.waitForShows()
	t.Run("sources", c.sources)
	t.Run("lists", c.lists)
	t.Run("filters", c.filters)
	t.Run("detail", c.detail)
	t.Run("entities", c.entities)
	t.Run("pictures", c.pictures)
	t.Run("errors", c.errors)
	t.Run("headers", c.headers)
	t.Run("admin", func(t *testing.T) { newClient(t, base).admin(t, out.String()) })
	if code := stop(); code != exitOK {
		t.Errorf("demo ended with %d", code)
	}
}

func (c *client) waitForShows() {
	c.t.Helper()
	if a := c.get("/healthz"); a.status != http.StatusOK {
		c.t.Fatalf("healthz %d", a.status)
	}
	for deadline := time.Now().Add(4 * time.Minute); ; time.Sleep(250 * time.Millisecond) {
		if c.list("/api/v1/performances?limit=1").Page.Total >= 300 && c.shared() >= 60 {
			break
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("after four minutes: %d performances, %d with two sellers", c.list("/api/v1/performances?limit=1").Page.Total, c.shared())
		}
	}
	if a := c.get("/readyz"); a.status != http.StatusOK {
		c.t.Errorf("readyz %d %s", a.status, a.body)
	}
}

// shared counts the performances with offers of two or more sellers.
func (c *client) shared() int {
	n := 0
	for _, p := range c.everything("/api/v1/performances?sort=newest").Data {
		sellers := map[string]bool{}
		for _, o := range p.Offers {
			sellers[o.Seller] = true
		}
		if len(sellers) >= 2 {
			n++
		}
	}
	return n
}

func (c *client) lists(t *testing.T) {
	seen := map[string]bool{}
	all := c.everything("/api/v1/performances?sort=closing")
	for _, p := range all.Data {
		if seen[p.ID] {
			t.Errorf("%s came twice", p.ID)
		}
		seen[p.ID] = true
		for _, o := range p.Offers {
			if u, err := url.Parse(o.URL); err != nil || u.Hostname() != "127.0.0.1" {
				t.Errorf("offer %s leaves this machine", o.URL)
			}
		}
	}
	openings := c.list("/api/v1/openings?x=1")
	if openings.Page.Total < 5 {
		t.Errorf("%d openings ahead", openings.Page.Total)
	}
	home := c.get("/").body
	for _, want := range []string{"이번 주말을 위한 공연", "곧 열리는 티켓", "새로 올라온 공연", "공연예술통합전산망"} {
		if !strings.Contains(home, want) {
			t.Errorf("home lacks %q", want)
		}
	}
	page := c.get("/search?page=2")
	if page.status != http.StatusOK || !strings.Contains(page.body, `rel="prev"`) || !strings.Contains(page.body, `rel="next"`) {
		t.Errorf("second page: %d", page.status)
	}
}

func (c *client) filters(t *testing.T) {
	for _, region := range []string{"서울", "수도권", "경상"} {
		l := c.list("/api/v1/performances?limit=100&region=" + url.QueryEscape(region))
		if l.Page.Total == 0 {
			t.Errorf("no show in %s", region)
		}
		for _, p := range l.Data {
			if p.Venue.Region == nil || region == "서울" && *p.Venue.Region != "서울" || region == "경상" && !strings.Contains("부산 대구 울산 경북 경남", *p.Venue.Region) {
				t.Errorf("%s in %v for %s", p.Title, p.Venue.Region, region)
			}
		}
	}
	musicals := c.list("/api/v1/performances?genre=musical&facets=genre,region&limit=100")
	if musicals.Page.Total == 0 || musicals.Facets["genre"]["musical"] != musicals.Page.Total {
		t.Errorf("facets %v, total %d", musicals.Facets, musicals.Page.Total)
	}
	today := time.Now().In(time.FixedZone("KST", 9*3600))
	from, to := today.AddDate(0, 0, 7).Format(time.DateOnly), today.AddDate(0, 0, 8).Format(time.DateOnly)
	for _, p := range c.list("/api/v1/performances?limit=100&from=" + from + "&to=" + to).Data {
		if p.Period.Start == nil || *p.Period.Start > to || p.Period.End != nil && *p.Period.End < from {
			t.Errorf("%s runs %v to %v, not in %s to %s", p.Title, p.Period.Start, p.Period.End, from, to)
		}
	}
	first := c.list("/api/v1/performances?limit=1").Data[0]
	if found := c.list("/api/v1/performances?q=" + url.QueryEscape(first.Title)); len(found.Data) == 0 || found.Data[0].ID != first.ID && !strings.Contains(found.Data[0].Title, first.Title) {
		t.Errorf("%q is not found by its title", first.Title)
	}
	if c.list("/api/v1/performances?q="+url.QueryEscape("쀍뷁쀍")).Page.Total != 0 {
		t.Error("nonsense is found")
	}
}

func (c *client) detail(t *testing.T) {
	var id, offer string
	for _, p := range c.everything("/api/v1/performances?status=on_sale").Data {
		if len(p.Offers) >= 2 {
			id, offer = p.ID, p.Offers[0].ID
			break
		}
	}
	page := c.get("/p/" + id)
	if page.status != http.StatusOK || strings.Count(page.body, `href="/out/`) < 2 || !strings.Contains(page.body, "예매처 비교") {
		t.Errorf("detail: %d, %d offers", page.status, strings.Count(page.body, `href="/out/`))
	}
	ld := regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`).FindStringSubmatch(page.body)
	if ld == nil || !json.Valid([]byte(ld[1])) {
		t.Errorf("JSON-LD is not JSON: %v", ld)
	}
	out := c.get("/out/" + offer)
	to, err := url.Parse(out.header.Get("Location"))
	if out.status != http.StatusFound || err != nil || to.Hostname() != "127.0.0.1" {
		t.Fatalf("out: %d %s", out.status, out.header.Get("Location"))
	}
	if seller := c.get(to.String()); seller.status != http.StatusOK {
		t.Errorf("the simulated seller answers %d", seller.status)
	}
	for deadline := time.Now().Add(4 * time.Minute); len(c.similarOfAny()) == 0; time.Sleep(time.Second) {
		if time.Now().After(deadline) {
			t.Fatal("no show has similar ones")
		}
	}
	if l := c.similarOfAny(); len(l) > 3 || l[0].Score <= 0 {
		t.Errorf("similar = %+v", l)
	}
}

func (c *client) similarOfAny() []apiShow {
	for _, p := range c.list("/api/v1/performances?limit=50&region=" + url.QueryEscape("서울")).Data {
		if l := c.list("/api/v1/performances/" + p.ID + "/similar").Data; len(l) > 0 {
			return l
		}
	}
	return nil
}

func (c *client) errors(t *testing.T) {
	for path, want := range map[string]int{
		"/api/v1/performances/nope": 404, "/api/v1/nope": 404, "/api/v1/performances?genre=opera": 400, "/api/v1/performances?limit=0": 400,
		"/api/v1/performances?limit=101": 400, "/api/v1/performances?from=2026-13-01": 400, "/api/v1/performances?from=2026-02-02&to=2026-02-01": 400,
		"/api/v1/performances?cursor=zzz": 400, "/api/v1/performances?region=" + url.QueryEscape("평양"): 400, "/api/v1/performances?q=%ff%fe": 400,
		"/api/v1/performances?price_max=-1": 400, "/api/v1/openings?from=tomorrow": 400, "/api/v1/performances/nope/similar": 404,
		"/api/v1/performances?q=" + strings.Repeat("a", 5000): 400, "/api/v1/performances/%00": 404, "/admin/api/v1/jobs": 401,
	} {
		a := c.get(path)
		var p struct {
			Type, Title, Detail string
			Status              int
		}
		if a.status != want || a.header.Get("Content-Type") != "application/problem+json" || json.Unmarshal([]byte(a.body), &p) != nil || p.Status != want || p.Detail == "" {
			t.Errorf("GET %.80s: %d %s %.200s, want %d", path, a.status, a.header.Get("Content-Type"), a.body, want)
		}
	}
	for path, want := range map[string]int{"/p/nope": 404, "/out/nope": 404, "/nope": 404, "/search?genre=opera": 400, "/admin": 401, "/admin/setup?token=wrong": 401, "/s/../app.go": 404} {
		if a := c.get(path); a.status != want || !strings.Contains(a.body, "<!doctype html>") {
			t.Errorf("GET %s: %d %.100s, want a page of %d", path, a.status, a.body, want)
		}
	}
	if a := c.do(http.MethodPost, "/search", nil); a.status != http.StatusMethodNotAllowed {
		t.Errorf("POST /search: %d", a.status)
	}
	xss := c.get("/search?q=" + url.QueryEscape(`"><script>alert(1)</script>`))
	if strings.Contains(xss.body, "<script>alert") {
		t.Error("a search word became a script")
	}
}

func (c *client) headers(t *testing.T) {
	for _, path := range []string{"/", "/search", "/openings", "/nope", "/api/v1/performances", "/api/v1/nope", "/healthz"} {
		a := c.get(path)
		if csp := a.header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: CSP %q", path, csp)
		}
		if a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("X-Request-Id") == "" {
			t.Errorf("%s: headers %v", path, a.header)
		}
		for _, m := range regexp.MustCompile(`(?:src|href)="(https?://[^"]*)"`).FindAllStringSubmatch(a.body, -1) {
			if strings.Contains(path, "openings") || path == "/" { // links to the sellers' notices
				if u, err := url.Parse(m[1]); err == nil && u.Hostname() == "127.0.0.1" {
					continue
				}
			}
			t.Errorf("%s names the foreign host %s", path, m[1])
		}
		if regexp.MustCompile(` style="| on[a-z]+="|<script(?: src="(?:https?:)?//|>)`).MatchString(a.body) {
			t.Errorf("%s holds an inline style, handler or script", path)
		}
		head := c.do(http.MethodHead, path, nil)
		if head.status != a.status || head.body != "" {
			t.Errorf("HEAD %s: %d %q", path, head.status, head.body)
		}
	}
	css := regexp.MustCompile(`href="(/s/[^"]*\.css)"`).FindStringSubmatch(c.get("/").body)
	if css == nil {
		t.Fatal("no style sheet")
	}
	if a := c.get(css[1]); a.status != http.StatusOK || !strings.Contains(a.header.Get("Cache-Control"), "immutable") {
		t.Errorf("style sheet: %d %s", a.status, a.header.Get("Cache-Control"))
	}
}

func (c *client) admin(t *testing.T, out string) {
	link := regexp.MustCompile(`http\S*/admin/setup\?token=\S+`).FindString(out)
	if link == "" {
		t.Fatalf("no setup link in %q", out)
	}
	if a := c.do(http.MethodHead, link, nil); a.status == http.StatusSeeOther {
		t.Errorf("HEAD on the setup link: %d; a preview must not use it up", a.status)
	}
	if a := c.get(link); a.status != http.StatusSeeOther {
		t.Fatalf("setup link: %d %s", a.status, a.body)
	}
	page := c.get("/admin")
	if page.status != http.StatusOK || !strings.Contains(page.body, "crawl:ticketlink") || !strings.Contains(page.body, "recommend") {
		t.Errorf("admin page: %d", page.status)
	}
	if a := newClient(t, c.base).get(link); a.status != http.StatusUnauthorized {
		t.Errorf("the setup link works twice: %d", a.status)
	}
	if a := c.do(http.MethodPost, "/admin/jobs/sweep/run", map[string]string{"Sec-Fetch-Site": "cross-site"}); a.status != http.StatusForbidden {
		t.Errorf("another site's page could run a job: %d", a.status)
	}
	if a := c.do(http.MethodPost, "/admin/jobs/sweep/run", map[string]string{"Sec-Fetch-Site": "same-origin"}); a.status != http.StatusSeeOther {
		t.Errorf("run now: %d %s", a.status, a.body)
	}
	if a := c.do(http.MethodPost, "/admin/api/v1/jobs/nobody/run", nil); a.status != http.StatusNotFound {
		t.Errorf("an unknown job: %d", a.status)
	}
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(c.get("/admin/api/v1/runs?job=sweep").body, `"outcome":"ok"`); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the run never appears in the history")
		}
	}
}
