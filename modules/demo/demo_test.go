package demo

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is the instant most tests lay their catalogue around.
var noon = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)

func simAt(t *testing.T, now time.Time, clock func() time.Time) *Sim {
	t.Helper()
	s, err := start(context.Background(), now, clock, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func sim(t *testing.T) *Sim { return simAt(t, noon, func() time.Time { return noon }) }

// web asks the simulated sites by the addresses of the real ones.
type web struct {
	t      *testing.T
	s      *Sim
	client *http.Client
}

func browse(t *testing.T, s *Sim) *web {
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &web{t, s, &http.Client{Transport: tr, Jar: jar}}
}

func (w *web) get(src sellers.Source, r sellers.Request) *ticket.Page {
	w.t.Helper()
	raw := r.URL
	if k, ok := src.(sellers.Keyed); ok {
		raw = k.WithKey(raw, Key)
	}
	status, body, kind := w.send(w.s.Hosts(src.Info().Name), raw, r.Body)
	return &ticket.Page{Source: src.Info().Name, Kind: r.Kind, Code: r.Code, URL: r.URL, Status: status, Body: body, FetchedAt: noon,
		Header: map[string]string{"Content-Type": kind}}
}

func (w *web) at(hosts map[string]string, raw string) (status int, body []byte, kind string) {
	w.t.Helper()
	return w.send(hosts, raw, nil)
}

// send asks with GET, or with POST when there is a form.
func (w *web) send(hosts map[string]string, raw string, form []byte) (status int, body []byte, kind string) {
	w.t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		w.t.Fatal(err)
	}
	base, err := url.Parse(hosts[u.Hostname()])
	if err != nil || base.Host == "" {
		w.t.Fatalf("no simulated host for %s", raw)
	}
	u.Scheme, u.Host = base.Scheme, base.Host
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequest(method, u.String(), bytes.NewReader(form))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	res, err := w.client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res.StatusCode, body, res.Header.Get("Content-Type")
}

// rendered is a product page of Ticketlink as the script builds it, made of the same data.
func (w *web) rendered(s *show) *ticket.Page {
	return &ticket.Page{Source: ticketlinkSite, Kind: ticket.DetailPage, Code: s.ticketlink, URL: "https://www.ticketlink.co.kr/product/" + s.ticketlink, Body: renderProduct(w, s)}
}

// walk crawls a source to its end and gives its pages; pages that need a browser are given as their shell.
func (w *web) walk(src sellers.Source) []*ticket.Page {
	w.t.Helper()
	var out []*ticket.Page
	seen := map[string]bool{}
	todo := src.Start(noon)
	for len(todo) > 0 {
		r := todo[0]
		todo = todo[1:]
		if key := r.URL + " " + string(r.Body); seen[key] {
			continue
		} else {
			seen[key] = true
		}
		p := w.get(src, r)
		if p.Status != http.StatusOK {
			w.t.Errorf("%s answered %d", r.URL, p.Status)
		}
		if _, err := src.Parse(p); r.FallbackURL != "" && errors.Is(err, sellers.ErrUnrendered) {
			r.URL = r.FallbackURL
			p = w.get(src, r)
		}
		if !r.NoStore {
			out = append(out, p)
		}
		follow, err := src.Follow(p)
		if err != nil && !r.Browser {
			w.t.Errorf("follow %s: %v", r.URL, err)
		}
		todo = append(todo, follow...)
	}
	return out
}

// parsed is a page with what the real parser read in it.
type parsed struct {
	page *ticket.Page
	sellers.Result
}

// TestWalk crawls every source to its end over HTTP, reads every page with the real parser, and holds what came against
// the catalogue.
func TestWalk(t *testing.T) {
	t.Parallel()
	s := sim(t)
	w := browse(t, s)
	cat := newCatalogue(noon)
	read := map[string][]parsed{}
	for name, src := range s.sources() {
		for _, p := range w.walk(src) {
			if p.Kind == ticket.DetailPage && name == ticketlinkSite {
				if _, err := src.Parse(p); !errors.Is(err, sellers.ErrUnrendered) {
					t.Fatalf("%s before its script ran: %v, want ErrUnrendered", p.URL, err)
				}
				p = w.rendered(cat.at[name][p.Code])
			}
			r, err := src.Parse(p)
			if err != nil {
				t.Errorf("%s: %v", p.URL, err)
			}
			read[name] = append(read[name], parsed{p, r})
		}
	}
	t.Run("reaches everything", func(t *testing.T) { reaches(t, cat, read) })
	t.Run("says the facts", func(t *testing.T) { saysTheFacts(t, cat, read) })
	t.Run("overlaps", func(t *testing.T) { overlaps(t, cat, s, read) })
}

func reaches(t *testing.T, cat *catalogue, read map[string][]parsed) {
	for name, pages := range read {
		codes := map[ticket.PageKind]map[string]bool{ticket.DetailPage: {}, ticket.NoticePage: {}, ticket.FacilityPage: {}}
		for _, p := range pages {
			if codes[p.page.Kind] != nil {
				codes[p.page.Kind][p.page.Code] = true
			}
		}
		details, notices, facilities := len(codes[ticket.DetailPage]), len(codes[ticket.NoticePage]), len(codes[ticket.FacilityPage])
		if want := len(cat.noticesOf(name, 0)); name != interparkSite && notices != want || name != kopisSite && want == 0 { // NOL's list says all there is
			t.Errorf("%s: %d notices reached, want %d", name, notices, want)
		}
		if details != len(cat.at[name]) {
			t.Errorf("%s: %d products reached, want %d", name, details, len(cat.at[name]))
		}
		if name == kopisSite && facilities < 35 {
			t.Errorf("only %d facilities reached", facilities)
		}
		t.Logf("%s: %d products, %d notices, %d facilities", name, details, notices, facilities)
	}
}

func saysTheFacts(t *testing.T, cat *catalogue, read map[string][]parsed) {
	for name, pages := range read {
		for _, p := range pages {
			for _, raw := range p.Shows {
				switch {
				case raw.Home != "":
					checkMatch(t, raw, cat)
				case len(raw.Strips) > 0:
					checkPictured(t, raw, cat)
				case raw.Supplement:
					checkSupplement(t, p.page, raw, cat.at[name][raw.Code])
				default:
					checkShow(t, p.page, raw, cat.at[name][raw.Code])
				}
			}
			for _, raw := range p.Notices {
				checkNotice(t, p.page, raw, cat)
			}
			for _, f := range p.Facilities {
				if region, _ := normalize.Region(cmp.Or(f.AddressText, f.RegionText)); region == "" {
					t.Errorf("%s: no region in %q", f.Code, f.AddressText+f.RegionText)
				}
			}
		}
	}
}

func core(s *show) string {
	return normalize.Title(strings.TrimSpace(s.label + " <" + s.name + "> " + s.inner)).Core
}

func coreOf(s *show) string {
	if s.label != "" {
		return core(s)
	}
	return normalize.Title(strings.TrimSpace(s.name + " <" + s.inner + ">")).Core
}

func venueOf(s *show) string { return normalize.VenueKey(s.room.hall.name + s.room.name) }

func periodOf(t *testing.T, raw sellers.RawShow) ticket.Period {
	t.Helper()
	text := raw.PeriodText
	if text == "" {
		text = raw.StartText + " ~ " + raw.EndText
	}
	got, err := normalize.Period(text, ticket.DateOf(noon))
	if err != nil {
		t.Errorf("%s: period %q: %v", raw.Code, text, err)
	}
	return got
}

// joined is a performance as a plain key, title and venue, puts it together.
type joined struct {
	key     string
	run     ticket.Period
	sellers map[ticket.Seller]bool
	sources map[string]bool
}

// overlaps joins what the parsers read by the plain key and counts.
func overlaps(t *testing.T, cat *catalogue, s *Sim, read map[string][]parsed) {
	var all []*joined
	for name, src := range s.sources() {
		for _, p := range read[name] {
			if p.page.Kind != ticket.DetailPage {
				continue
			}
			raw := p.Shows[0]
			key, run := normalize.Title(raw.Title).Core+"|"+normalize.VenueKey(raw.VenueText), periodOf(t, raw)
			i := slices.IndexFunc(all, func(j *joined) bool { return j.key == key && j.run.Overlaps(run) })
			if i < 0 {
				i = len(all)
				all = append(all, &joined{key, run, map[ticket.Seller]bool{}, map[string]bool{}})
			}
			j := all[i]
			if j.sources[name] {
				t.Errorf("%s: a second show of %s was joined to %q", p.page.URL, name, j.key)
			}
			j.sources[name] = true
			if seller := src.Info().Seller; seller != "" {
				j.sellers[seller] = true
			}
			for _, l := range raw.Links {
				seller, code := normalize.LinkSeller(l.URL)
				if code == "" && seller != ticket.OtherSeller {
					t.Errorf("%s: no code in %q", p.page.URL, l.URL)
				}
				j.sellers[seller] = true
			}
		}
	}
	two := 0
	for _, j := range all {
		if len(j.sellers) >= 2 {
			two++
		}
	}
	t.Logf("%d performances, %d with two or more sellers", len(all), two)
	if len(all) != len(cat.shows) || len(all) < 320 || two < 90 {
		t.Errorf("%d performances of %d shows, %d with two or more sellers; want at least 320 and 90", len(all), len(cat.shows), two)
	}
}
