// Package demo simulates a group of seller sites on loopback for `ticketmoa demo`: NOL (Interpark), YES24, Ticketlink,
// Melon, KOPIS, and plain pages where other sellers' offers lead.
//
// What it guarantees: the sites answer in the paths and formats of the real ones, so that the parsers of modules/sellers
// read them unchanged; the same instant gives the same catalogue, byte for byte; its dates lie around that instant; with
// every hour that passes a few shows change their price and one gains an opening. Titles, people and texts are invented,
// the halls are real. It listens on loopback only and never asks anybody anything.
package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/interpark"
	"ticketmoa/modules/sellers/kopis"
	"ticketmoa/modules/sellers/melon"
	"ticketmoa/modules/sellers/ticketlink"
	"ticketmoa/modules/sellers/yes24"
	"ticketmoa/modules/ticket"
)

// Key is the service key the simulated KOPIS accepts; every other is refused as the real one refuses it.
const Key = "demo"

// answer is what a site says to a request.
type answer struct {
	status int
	kind   string // Content-Type
	body   []byte
}

// site answers a path and query, hours after the beginning of the simulation.
type site interface {
	answer(u *url.URL, hours int) answer
}

// Sim is the running simulation. It is safe for concurrent use.
type Sim struct {
	now     time.Time
	clock   func() time.Time
	log     *slog.Logger
	sites   map[string]site
	bases   map[string]string // site → base URL
	servers []*http.Server
	serving sync.WaitGroup
	closing sync.Once
}

// Names of the sites.
const (
	ticketlinkSite = "ticketlink"
	yes24Site      = "yes24"
	kopisSite      = "kopis"
	interparkSite  = "interpark"
	melonSite      = "melon"
	otherSite      = "others"
)

func siteNames() []string {
	return []string{ticketlinkSite, yes24Site, kopisSite, interparkSite, melonSite, otherSite}
}

// otherHosts are the hosts beyond the sites that an offer, a notice or a poster can name.
func otherHosts() []string {
	return []string{"tkglobal.melon.com", "timeticket.co.kr", "booking.naver.com", "image.toast.com", "tkfile.yes24.com", "ticketimage.interpark.com", "cdnticket.melon.co.kr"}
}

// Start lays the catalogue around now and listens on free ports of 127.0.0.1. Close it in the end.
func Start(ctx context.Context, now time.Time, log *slog.Logger) (*Sim, error) {
	begun := time.Now()
	return start(ctx, now, func() time.Time { return now.Add(time.Since(begun)) }, log)
}

func start(ctx context.Context, now time.Time, clock func() time.Time, log *slog.Logger) (*Sim, error) {
	cat := newCatalogue(now)
	pages, err := loadPages()
	if err != nil {
		return nil, err
	}
	s := &Sim{now: now, clock: clock, log: log, bases: map[string]string{}, sites: map[string]site{
		ticketlinkSite: &ticketlinkPages{cat, pages}, yes24Site: &yes24Pages{cat, pages, newPrinter()}, kopisSite: &kopisPages{cat, pages}, interparkSite: &interparkPages{cat, pages}, melonSite: &melonPages{cat, pages}, otherSite: &otherPages{pages},
	}}
	for _, name := range siteNames() {
		if err := s.listen(ctx, name); err != nil {
			s.Close()
			return nil, err
		}
	}
	return s, nil
}

func (s *Sim) listen(ctx context.Context, name string) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for the simulated %s on 127.0.0.1: %w", name, err)
	}
	srv := &http.Server{Handler: s.handler(s.sites[name]), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	s.servers = append(s.servers, srv)
	s.bases[name] = "http://" + l.Addr().String()
	s.serving.Go(func() {
		if err := srv.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("simulated site stopped", "site", name, "error", err)
		}
	})
	s.log.Debug("simulated site listens", "site", name, "url", s.bases[name])
	return nil
}

func (s *Sim) hours() int { return max(0, int(s.clock().Sub(s.now)/time.Hour)) }

// handler serves a site over HTTP. robots.txt of every host allows everything.
func (s *Sim) handler(of site) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answer{status: http.StatusOK, kind: "text/plain; charset=utf-8", body: []byte("User-agent: *\nAllow: /\n")}
		h := w.Header()
		if r.URL.Path != "/robots.txt" {
			a = s.ask(of, r, h)
		}
		h.Set("Content-Type", a.kind)
		h.Set("Cache-Control", "no-store")
		if of == s.sites[ticketlinkSite] { // the product page of www asks mapi, another origin
			h.Set("Access-Control-Allow-Origin", "*")
		}
		w.WriteHeader(a.status)
		if r.Method != http.MethodHead {
			_, _ = w.Write(a.body) // a client that left has nobody to tell
		}
	})
}

// ask gives a site a request with its form in the query. Melon wants to have seen whoever asks for its data before.
func (s *Sim) ask(of site, r *http.Request, h http.Header) answer {
	if of == s.sites[melonSite] {
		_, err := r.Cookie("JSESSIONID")
		if strings.Contains(r.URL.Path, "/ajax/") && err != nil {
			return answer{http.StatusInternalServerError, "text/plain; charset=utf-8", []byte("no session")}
		}
		h.Set("Set-Cookie", "JSESSIONID=demo; Path=/")
	}
	u := *r.URL
	if r.Method == http.MethodPost {
		r.Body = http.MaxBytesReader(nil, r.Body, 64<<10)
		if err := r.ParseForm(); err != nil {
			return answer{http.StatusBadRequest, "text/plain; charset=utf-8", []byte("not a form")}
		}
		u.RawQuery = r.Form.Encode()
	}
	return of.answer(&u, s.hours())
}

// Hosts gives for every host a source asks the base URL that answers in its stead; nil for a source that is not simulated.
func (s *Sim) Hosts(source string) map[string]string {
	src := s.sources()[source]
	if src == nil {
		return nil
	}
	out := map[string]string{}
	for _, host := range src.Info().Hosts {
		out[host] = s.bases[source]
	}
	if source == yes24Site {
		for _, host := range src.Info().StripHosts {
			out[host] = s.bases[source]
		}
	}
	return out
}

// OfferHosts gives for every host an offer, a notice or a poster can name the base URL that answers in its stead.
func (s *Sim) OfferHosts() map[string]string {
	out := map[string]string{
		"www.ticketlink.co.kr": s.bases[ticketlinkSite], "ticketlink.co.kr": s.bases[ticketlinkSite], "m.ticketlink.co.kr": s.bases[ticketlinkSite],
		"tickets.interpark.com": s.bases[interparkSite], "ticket.interpark.com": s.bases[interparkSite], "nol.yanolja.com": s.bases[interparkSite],
		"ticket.melon.com": s.bases[melonSite], "m.ticket.melon.com": s.bases[melonSite], "ticket.yes24.com": s.bases[yes24Site], "m.ticket.yes24.com": s.bases[yes24Site], "www.kopis.or.kr": s.bases[kopisSite],
	}
	for _, host := range otherHosts() {
		out[host] = s.bases[otherSite]
	}
	return out
}

func (s *Sim) sources() map[string]sellers.Source {
	return map[string]sellers.Source{ticketlinkSite: ticketlink.New(), yes24Site: yes24.New(), kopisSite: kopis.New(), interparkSite: interpark.New(), melonSite: melon.New()}
}

// Close stops listening, cuts connections off and returns once nothing runs any more. It may be called twice.
func (s *Sim) Close() {
	s.closing.Do(func() {
		for _, srv := range s.servers {
			if err := srv.Close(); err != nil {
				s.log.Warn("simulated site did not close cleanly", "error", err)
			}
		}
		s.serving.Wait()
	})
}

// Pages gives every page that needs no browser as a crawl at the catalogue's instant would fetch it, in a fixed order,
// each a second after the one before.
func (s *Sim) Pages() []ticket.Page {
	var out []ticket.Page
	for _, name := range []string{kopisSite, yes24Site, interparkSite, melonSite, ticketlinkSite} {
		src := s.sources()[name]
		todo := src.Start(s.now)
		seen := map[string]bool{}
		for len(todo) > 0 {
			r := todo[0]
			todo = todo[1:]
			key := r.URL + " " + string(r.Body)
			if seen[key] || r.Browser {
				continue
			}
			seen[key] = true
			p, ok := s.page(src, r)
			if !ok {
				continue
			}
			p.FetchedAt = ticket.Instant(s.now.Add(time.Duration(len(out)) * time.Second))
			out = append(out, p)
			if r.NoStore {
				out = out[:len(out)-1]
			}
			follow, err := src.Follow(&p)
			if err != nil {
				s.log.Error("a simulated page leads nowhere", "url", p.URL, "error", err)
			}
			todo = append(todo, follow...)
		}
	}
	return out
}

func (s *Sim) page(src sellers.Source, r sellers.Request) (ticket.Page, bool) {
	name := src.Info().Name
	raw := r.URL
	if keyed, ok := src.(sellers.Keyed); ok {
		raw = keyed.WithKey(raw, Key)
	}
	u, err := url.Parse(raw)
	if err != nil {
		s.log.Error("a source asks for what is no address", "url", r.URL, "error", err)
		return ticket.Page{}, false
	}
	if len(r.Body) > 0 {
		u.RawQuery += "&" + string(r.Body)
	}
	a := s.sites[name].answer(u, 0)
	return ticket.Page{Source: name, Kind: r.Kind, Code: r.Code, URL: r.URL, Status: a.status,
		Header: map[string]string{"Content-Type": a.kind}, Run: "demo", Body: a.body}, a.status == http.StatusOK
}
